// Which columns of a file of orders say what, by their names. Reads no cell.

import { marketKey } from "../common/name-key.ts";
import { optOutColumns } from "../recipient/opt-out-columns.ts";

/** Where a file says what, as indexes into the cells. */
export interface ConversionColumns {
  orderId: number;
  at: number;
  phones: readonly number[];
  userIds: readonly number[];
  recipientIds: readonly number[];
  value: number | undefined;
  currency: number | undefined;
  country: number | undefined;
}

/** What a file lacks. */
export interface MissingColumn {
  /** `an order id`. */
  what: string;
  /** What it may be called. */
  names: string;
}

const names = (text: string): string[] => text.split(", ");
const ORDER = names(
  "order id, order, order number, order no, orderid, transaction id, conversion id, pedido, id do pedido, numero do pedido",
);
const AT = names(
  "at, ordered at, order date, created at, paid at, time, timestamp, date, datetime, instant, data, fecha, datum",
);
const VALUE = names(
  "value, amount, total, revenue, order value, order total, total price, valor, importe, betrag",
);
const CURRENCY = names("currency, currency code, moeda, moneda, wahrung");
const RECIPIENT = names(
  "recipient id, customer id, customer, client id, contact id, row id, external id",
);

/** The columns of a header, or what it lacks. */
export function conversionColumns(header: readonly string[]): ConversionColumns | MissingColumn {
  const keys = header.map((name) => marketKey(name.replace(/([a-z])([A-Z])/g, "$1 $2")));
  const where = (known: readonly string[]) =>
    known.map((name) => keys.indexOf(name)).find((at) => at >= 0);
  const orderId = where(ORDER);
  if (orderId === undefined) return { what: "an order id", names: "order_id" };
  const at = where(AT);
  if (at === undefined) return { what: "the instant of an order", names: "ordered_at" };
  const own = [orderId, at, where(VALUE), where(CURRENCY)];
  const recipientIds = keys.flatMap((key, place) => (RECIPIENT.includes(key) ? [place] : []));
  // An order's number is no phone number.
  const rest = header.map((name, place) =>
    own.includes(place) || recipientIds.includes(place) ? "" : name,
  );
  const who = optOutColumns(rest);
  const userIds = who?.userIds ?? [];
  const phones = [...(who?.named ?? []), ...(who?.likely ?? [])].filter(
    (place) => !userIds.includes(place),
  );
  if (phones.length + userIds.length + recipientIds.length === 0) {
    return { what: "a person", names: "phone, user_id or recipient_id" };
  }
  return {
    ...{ orderId, at, phones, userIds, recipientIds, country: who?.country },
    ...{ value: where(VALUE), currency: where(CURRENCY) },
  };
}
