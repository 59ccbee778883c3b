// A recipient: one row of the CSV, read and normalised. Never touches a file, and never says
// whether to send.

import { personOf } from "./person.ts";
import type { PhoneReading } from "./phone.ts";
import { readPhone } from "./phone.ts";
import { regionNamed } from "./region-name.ts";
import type { UserIdReading } from "./user-id.ts";
import { readUserId } from "./user-id.ts";

/** What is wrong with the shape of a row, so that its cells cannot be distinguished for sure. */
export type RowDamage = "ragged_row" | "cut_off_row";

/** One data row as it stands in the file. */
export interface CsvRow {
  /** 1-based number of the data row: the header and blank lines do not count. */
  row: number;
  /** 1-based line of the file on which the row begins. */
  line: number;
  /** As many as there are columns; white space around them is cut off, missing ones are empty. */
  cells: string[];
  /**
   * The cells as read, with their white space, as many as there were; the same array as `cells`
   * when equal.
   */
  raw: string[];
  damage: RowDamage | null;
}

export interface Recipient {
  row: number;
  line: number;
  /** Fingerprint of the raw cells, see `rowHash`. */
  hash: number;
  cells: string[];
  raw: string[];
  damage: RowDamage | null;
  /** Null when the row has a user id instead, or no column of numbers is read. */
  phone: PhoneReading | null;
  /** The business-scoped user id; null when the row gives none. */
  userId: UserIdReading | null;
  /**
   * What names the row for good; null when it has no such cell, or cannot be distinguished from its
   * neighbours.
   */
  recipientId: string | null;
  /** See `personOf`; null when the phone could not be read. */
  person: string | null;
}

/**
 * How the rows of a list are read: which columns say who a recipient is, as indexes into the cells
 * (see `columnIndex`); at least one.
 */
export interface ReadingRules {
  phoneColumn: number | undefined;
  userIdColumn?: number | undefined;
  /** The country of the number, row by row. */
  regionColumn?: number | undefined;
  /** What names the row for good. */
  idColumn?: number | undefined;
  /** What a number without a plus is, see `readPhone`; a row's own country goes before it. */
  home?: string | undefined;
}

/** Reads a row. A cell without any digit, such as `n/a`, is no number where there is a user id. */
export function readRecipient(row: CsvRow, rules: ReadingRules): Recipient {
  const { phoneColumn, userIdColumn, regionColumn, home } = rules;
  const id = userIdColumn === undefined ? "" : (row.cells[userIdColumn] ?? "");
  const userId = id === "" ? null : readUserId(id);
  const number = phoneColumn === undefined ? "" : (row.cells[phoneColumn] ?? "");
  const hasPhone = phoneColumn !== undefined && (userId === null || /\p{Nd}/u.test(number));
  const country = regionColumn === undefined ? "" : (row.cells[regionColumn] ?? "");
  const phone = hasPhone ? readNumber(number, country, home) : null;
  return {
    row: row.row,
    line: row.line,
    hash: rowHash(row.raw),
    cells: row.cells,
    raw: row.raw,
    damage: row.damage,
    phone,
    userId,
    recipientId: row.damage === null ? recipientIdOf(row, rules.idColumn) : null,
    person: phone?.kind === "phone" ? personOf(phone.e164) : null,
  };
}

/**
 * Line breaks and runs of white space in an id are one blank: it is one line wherever it is shown.
 */
function recipientIdOf(row: CsvRow, column: number | undefined): string | null {
  const cell = column === undefined ? undefined : row.cells[column];
  return cell?.replace(/\s+/g, " ").trim() || null;
}

/** Country cells that were read: a list has few different ones. */
const regions = new Map<string, string | null>();
const REGIONS_KEPT = 1_000;
const COUNTRY_SHOWN = 40;

function readNumber(number: string, country: string, home: string | undefined): PhoneReading {
  if (country === "") return readPhone(number, home);
  const region = regionOf(country);
  const reading = readPhone(number, region ?? undefined);
  if (region !== null || reading.kind === "phone" || reading.cause !== "no_country_code") {
    return reading;
  }
  const detail =
    `it has no country code, and ${JSON.stringify([...country].slice(0, COUNTRY_SHOWN).join(""))} beside it is ` +
    "no country that is known: write its two letters of ISO 3166-1, such as BR";
  return { kind: "unreadable", cause: "unknown_region", detail };
}

function regionOf(country: string): string | null {
  const known = regions.get(country);
  if (known !== undefined) return known;
  if (regions.size === REGIONS_KEPT) regions.clear();
  const region = regionNamed(country);
  regions.set(country, region);
  return region;
}

/**
 * A 52-bit fingerprint of a row's cells, the same for ever: ledgers keep it, so it may not change.
 * Not cryptographic. It is cyrb53 (two multiplicative 32-bit hashes side by side), cut to 52 bits,
 * with each cell's length mixed in before the cell, so that `a,bc` and `ab,c` differ.
 */
export function rowHash(cells: readonly string[]): number {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (const cell of cells) {
    a = Math.imul(a ^ cell.length, 2654435761);
    b = Math.imul(b ^ cell.length, 1597334677);
    for (let at = 0; at < cell.length; at++) {
      const unit = cell.charCodeAt(at);
      a = Math.imul(a ^ unit, 2654435761);
      b = Math.imul(b ^ unit, 1597334677);
    }
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (1048575 & b) + (a >>> 0);
}
