// Which columns of an opt-out list say who opted out, by their names. Reads no cell.

import { marketKey } from "../common/name-key.ts";

/** Where a list says who opted out, as indexes into the cells. */
export interface OptOutColumns {
  /** Columns of numbers and ids: every cell of them that is not empty must name a person. */
  named: readonly number[];
  /** Columns that may have a number. */
  likely: readonly number[];
  /** Columns of user ids; they are among `named`. */
  userIds: readonly number[];
  /** The country of the line's number; undefined without. */
  country: number | undefined;
  reason: number | undefined;
}

const PHONES = [
  ..."phone, phone number, number, wa id, whatsapp, whatsapp id, whatsapp number, msisdn".split(
    ", ",
  ),
  ..."mobile, mobile phone, mobile number, cell, cellphone, cell phone, cel, to, from, sender".split(
    ", ",
  ),
  ..."recipient, telephone, tel, jid, telefone, celular, fone, numero, telefono, movil".split(", "),
  ..."telefon, handy, mobil, rufnummer, nummer, portable, cellulare, numero de telefone".split(
    ", ",
  ),
];
const USER_IDS = ["user id", "bsuid", "business scoped user id"];
const REASONS = ["reason", "motivo", "grund", "raison"];
const COUNTRIES = "country, country code, region, default region, pais, pays, land, paese".split(
  ", ",
);

/** A word that says that there may be a number in the column … */
const LIKELY =
  /phone|mobil|movil|celular|cell|whats|fone|telef|\btel\b|\bcel\b|\bwa\b|msisdn|handy/;
/** … unless another one says what of the number it is. */
const ABOUT =
  /\b(?:type|tipo|status|verified|carrier|operator|label|name|phone number id|valid|date)\b/;

/**
 * The columns of a header.
 * @returns null when none of them can have a number or an id
 */
export function optOutColumns(header: readonly string[]): OptOutColumns | null {
  const names = header.map((name) => marketKey(name.replace(/([a-z])([A-Z])/g, "$1 $2")));
  const where = (is: (name: string) => boolean) =>
    names.flatMap((name, at) => (is(name) ? [at] : []));
  const userIds = where((name) => USER_IDS.some((known) => isSame(known, name)));
  const phones = where((name) => PHONES.some((known) => isSame(known, name)));
  const likely = where((name) => LIKELY.test(name) && !ABOUT.test(name));
  if (userIds.length + phones.length + likely.length === 0) return null;
  return {
    named: [...phones, ...userIds],
    likely: likely.filter((at) => !phones.includes(at)),
    userIds,
    country: where((name) => COUNTRIES.some((known) => isSame(known, name)))[0],
    reason: where((name) => REASONS.includes(name))[0],
  };
}

/** `wa_id`, `waId` and `waid` are one name. */
function isSame(known: string, name: string): boolean {
  return known.replaceAll(" ", "") === name.replaceAll(" ", "");
}
