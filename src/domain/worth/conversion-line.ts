// Reads a line of a file of orders. Never guesses: what may be another person's, another instant or
// another amount is named with its column, and the line is left for a person to fix.

import { DAY_MS, dayOf, wallClock } from "../common/wall-clock.ts";
import { MILLION } from "../limits/budget.ts";
import { personOf } from "../recipient/person.ts";
import { INTERNATIONAL, readPhone } from "../recipient/phone.ts";
import { regionNamed } from "../recipient/region-name.ts";
import { readUserId } from "../recipient/user-id.ts";
import type { Conversion } from "./conversion.ts";
import type { ConversionColumns } from "./conversion-columns.ts";

/** What holds for every line. */
export interface ConversionOptions {
  /** Whose national form numbers have; undefined: they begin with their country code. */
  region: string | undefined;
  /** Of instants without one, IANA; undefined: such an instant is not read. */
  zone: string | undefined;
  /** Of values without a column of currencies. */
  currency: string | undefined;
}

/** A line that is read, or names nobody, or what is wrong with which of its cells. */
export type ConversionReading =
  | { kind: "nobody" }
  | { kind: "read"; conversion: Conversion }
  | { kind: "unread"; column: number; message: string; hint: string };

type Part<T> = { value: T } | { column: number; message: string; hint: string };

const ORDER_MAX = 200;
const EARLIEST = Date.UTC(2009, 0);

/**
 * Reads a line.
 * @param now instant: an order after it is a mistake
 */
export function readConversion(
  cells: readonly string[],
  columns: ConversionColumns,
  { options, now }: { options: ConversionOptions; now: number },
): ConversionReading {
  const { phones, userIds, recipientIds } = columns;
  const names = [...phones, ...userIds, ...recipientIds];
  if (names.every((place) => cellOf(cells, place) === "")) return { kind: "nobody" };
  const orderId = orderIn(cells, columns);
  const who = whoIn(cells, columns, options);
  const at = instantIn(cells, columns, { zone: options.zone, now });
  const amount = amountIn(cells, columns, options);
  for (const part of [orderId, who, at, amount]) {
    if (!("value" in part)) return { kind: "unread", ...part };
  }
  const read = <T>(part: Part<T>) => (part as { value: T }).value;
  return {
    kind: "read",
    conversion: { orderId: read(orderId), ...read(who), at: read(at), ...read(amount) },
  };
}

const cellOf = (cells: readonly string[], at: number | undefined): string =>
  at === undefined ? "" : (cells[at] ?? "").trim();

function orderIn(cells: readonly string[], { orderId: column }: ConversionColumns): Part<string> {
  const value = cellOf(cells, column);
  if (value === "") {
    return { column, message: "it is empty", hint: "Give each order its id." };
  }
  if (value.length > ORDER_MAX) {
    const message = `it is longer than ${ORDER_MAX} characters`;
    return { column, message, hint: "Look whether the columns are in their places." };
  }
  return { value };
}

function whoIn(
  cells: readonly string[],
  columns: ConversionColumns,
  { region }: ConversionOptions,
): Part<Pick<Conversion, "person" | "userId" | "recipientId">> {
  const { phones, userIds, recipientIds, country } = columns;
  const home = regionNamed(cellOf(cells, country)) ?? region ?? INTERNATIONAL;
  const filled = (places: readonly number[]) => places.find((at) => cellOf(cells, at) !== "");
  const [phone, user, recipient] = [filled(phones), filled(userIds), filled(recipientIds)];
  const found = { person: null as string | null, userId: null as string | null };
  if (phone !== undefined) {
    const read = readPhone(cellOf(cells, phone), home);
    if (read.kind !== "phone") {
      const hint = "Write the number with + and country code, or give --region.";
      return { column: phone, message: "it is no phone number that can be read", hint };
    }
    found.person = personOf(read.e164);
  }
  if (user !== undefined) {
    const read = readUserId(cellOf(cells, user));
    if (read.kind !== "user_id") {
      const hint = "Write the user id as Meta gives it, such as BR.13491208655302741918.";
      return { column: user, message: read.detail, hint };
    }
    found.userId = read.id;
  }
  const recipientId = recipient === undefined ? null : cellOf(cells, recipient);
  return { value: { ...found, recipientId } };
}

const DATE_TIME =
  /^(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?\s?(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/i;
/** Seconds or milliseconds since 1970, of this century. */
const EPOCH = /^(\d{10})(\d{3})?$/;

function instantIn(
  cells: readonly string[],
  { at: column }: ConversionColumns,
  { zone, now }: { zone: string | undefined; now: number },
): Part<number> {
  const text = cellOf(cells, column);
  const wrong = (message: string, hint: string) => ({ column, message, hint });
  const epoch = EPOCH.exec(text);
  const value =
    epoch === null ? instantOf(text, zone) : Number(epoch[1]) * 1_000 + Number(epoch[2] ?? 0);
  if (value === "no_zone") {
    return wrong(
      "it has no time zone",
      "Give --time-zone with the shop's zone, or write 2026-11-27T09:30:00-03:00.",
    );
  }
  if (value === null) {
    return wrong("it is no instant", "Write date and time, such as 2026-11-27T09:30:00Z.");
  }
  if (value < EARLIEST || value > now) {
    const message = value > now ? "it is in the future" : "it is before WhatsApp";
    return wrong(message, "Look whether the date, and its zone, are right.");
  }
  return { value };
}

/** Null: none. */
function instantOf(text: string, zone: string | undefined): number | "no_zone" | null {
  const [, date = "", hours = "", minutes = "", seconds = "0", own] = DATE_TIME.exec(text) ?? [];
  if (date === "") return null;
  const day = dayOf(date);
  const isReal = Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) < 60;
  if (!isReal || new Date(day * DAY_MS).toISOString().slice(0, date.length) !== date) return null;
  if (own === undefined) {
    if (zone === undefined) return "no_zone";
    return wallClock(zone).firstAt(day, `${hours}:${minutes}`) + Number(seconds) * 1_000;
  }
  const inUtc =
    day * DAY_MS + Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds) * 1_000;
  const [, sign, ahead = "0", more = "0"] = /^([+-])(\d\d):?(\d\d)?$/.exec(own) ?? [];
  const offset = (Number(ahead) * 60 + Number(more)) * 60_000;
  return sign === "-" ? inUtc + offset : inUtc - offset;
}

function amountIn(
  cells: readonly string[],
  { value: column, currency: named }: ConversionColumns,
  options: ConversionOptions,
): Part<Pick<Conversion, "value" | "currency">> {
  if (column === undefined) return { value: { value: null, currency: null } };
  const amount = readAmount(cellOf(cells, column));
  if (amount === null) {
    const hint =
      "Write digits and two decimals, such as 1234.50; 0 for an order that was taken back.";
    return { column, message: "it is no amount that can be read", hint };
  }
  const currency = (cellOf(cells, named) || (options.currency ?? "")).toUpperCase();
  if (!/^[A-Z]{3}$/.test(currency)) {
    const message = currency === "" ? "its currency is not known" : "it is no currency";
    const hint = "Give a column `currency` with codes such as BRL, or --currency.";
    return { column: currency === "" ? column : (named ?? column), message, hint };
  }
  return { value: { value: Math.round(amount * MILLION), currency } };
}

/** With thousands separators only where the decimals show which sign is which. */
function readAmount(text: string): number | null {
  if (/^\d{1,12}(\.\d{1,6})?$/.test(text)) return Number(text);
  if (/^\d{1,12},\d{1,2}$/.test(text)) return Number(text.replace(",", "."));
  if (/^\d{1,3}(,\d{3})+\.\d{1,2}$/.test(text)) return Number(text.replaceAll(",", ""));
  if (/^\d{1,3}(\.\d{3})+,\d{1,2}$/.test(text)) {
    return Number(text.replaceAll(".", "").replace(",", "."));
  }
  return null;
}
