// Whom a row of an opt-out list names, and whether it can be known. Knows no file and no ledger.

import type { OptOutColumns } from "./opt-out-columns.ts";
import type { OptOutReading } from "./opt-out-line.ts";
import { readOptOut } from "./opt-out-line.ts";
import { regionNamed } from "./region-name.ts";

export interface OptOutRow {
  phones: string[];
  userIds: string[];
  /**
   * `read`; `unread`: nobody can be known; `unread_cell`: a person can be known, and a cell that
   * should name a person does not; `blank`: nothing stands there.
   */
  verdict: "read" | "unread" | "unread_cell" | "blank";
  /** True when all that was found are digits that no numbering plan has. */
  isUnplanned: boolean;
}

/** A number that says by itself that it is one: a plus, 00, a link, an id. */
const EXPLICIT = /[+@＋]|(?<!\d)00|wa\.me|whatsapp|[A-Z]{2}\./iu;

/**
 * Reads a row: every number and id of its columns, and elsewhere those that are one for sure.
 * @param cells as they were read, ragged ones at the end included
 * @param region whose national form is meant, unless the row has a country of its own
 */
export function readOptOutRow(
  cells: readonly string[],
  columns: OptOutColumns,
  { width, region }: { width: number; region: string | undefined },
): OptOutRow {
  const country = columns.country === undefined ? "" : (cells[columns.country] ?? "");
  const home = regionNamed(country) ?? region;
  const found: OptOutReading[] = [];
  let isCellUnread = false;
  cells.forEach((cell, at) => {
    const isNamed = columns.named.includes(at);
    const isWho = isNamed || columns.likely.includes(at) || at >= width;
    if (cell === "" || (!isWho && !EXPLICIT.test(cell))) return;
    const reading = readOptOut(cell, isWho ? home : undefined, { explicit: !isWho });
    found.push(reading);
    if (isNamed && !reading.isUnderstood) isCellUnread ||= /\p{Nd}/u.test(cell);
  });
  const isRead = found.some((reading) => reading.isUnderstood);
  const phones = [...new Set(found.flatMap((reading) => reading.phones))];
  const userIds = [...new Set(found.flatMap((reading) => reading.userIds))];
  return {
    phones,
    userIds,
    verdict: isRead ? (isCellUnread ? "unread_cell" : "read") : isBlank(cells) ? "blank" : "unread",
    isUnplanned: userIds.length === 0 && found.every((reading) => reading.isUnplanned),
  };
}

/** Nothing, or a comment that names nobody. */
function isBlank(cells: readonly string[]): boolean {
  const text = cells.join(" ").trim();
  return text === "" || (text.startsWith("#") && !/\p{Nd}/u.test(text));
}
