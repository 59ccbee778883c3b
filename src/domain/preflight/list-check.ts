// Judges a list as a whole, once it is planned: whether anybody of it can be sent to, whether most
// of it can be read, and what is the likely cause if not. Reads no file.

import type { SkipReason } from "../campaign/dispatch.ts";
import { columnName } from "../common/columns.ts";
import { count, percent, plural } from "../common/numbers.ts";
import type { Path } from "../document/document-schema.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { homeOf, isWord, whoColumns } from "../manifest/manifest.ts";
import { isLiquid } from "../message/liquid.ts";
import { slotsOf } from "../message/template-components.ts";
import { INTERNATIONAL, readPhone } from "../recipient/phone.ts";
import { regionNamed } from "../recipient/region-name.ts";
import { isUserId } from "../recipient/user-id.ts";
import type { Finding } from "./finding.ts";
import { finding, listed } from "./finding.ts";
import { overMessages } from "./test-checks.ts";

/** What the plan of a campaign says of its list. */
export interface ListFacts {
  rows: number;
  /** Rows that were not skipped, whatever became of them since. */
  people: number;
  /** Skipped rows by reason. */
  reasons: Readonly<Record<string, number>>;
  /** The header. */
  columns: readonly string[];
  /** Cells of some rows; only needed where `needsSample` says so. */
  sample: readonly (readonly string[])[];
}

/** Reasons for which it is not known who a row means. */
const UNREADABLE: readonly SkipReason[] = [
  "invalid_number",
  "invalid_user_id",
  "ragged_row",
  "cut_off_row",
];
/** A list is mostly unreadable when more than this share of its rows is, and at least so many. */
const UNREADABLE_SHARE = 0.2;
const UNREADABLE_LEAST = 3;

/**
 * Tells whether `judgeList` looks at rows: where so few of a list can be used that something is
 * wrong with all of it.
 */
export function needsSample(list: Omit<ListFacts, "sample">): boolean {
  return isForNobody(list) || isMostlyUnreadable(list);
}

/** What is wrong with the list as a whole. */
export function judgeList(manifest: Manifest, list: ListFacts): Finding[] {
  const { rows, reasons } = list;
  const seen = { rows, reasons };
  const { path, cause, todo } = likelyCause(manifest, list);
  const words = { rows: plural(rows, "row"), cause, todo };
  if (isForNobody(list)) {
    const most = Object.entries(reasons).sort((a, b) => b[1] - a[1]);
    const skipped = listed(most.map(([reason, number]) => `${count(number)} ${reason}`));
    return [finding("nobody_to_send", path, seen, { ...words, skipped })];
  }
  if (!isMostlyUnreadable(list)) return [];
  const unread = unreadable(list);
  const share = percent(unread, rows);
  return [finding("mostly_unreadable", path, seen, { ...words, unread: count(unread), share })];
}

/** Values without braces that are a column's name: everybody would get the name. */
export function judgeLiterals(manifest: Manifest, columns: readonly string[]): Finding[] {
  const names = new Map(columns.map((column) => [column.toLowerCase(), column]));
  return overMessages(manifest, (message) => literalsOf(message.manifest, names));
}

function literalsOf({ template }: Manifest, names: ReadonlyMap<string, string>): Finding[] {
  return slotsOf(template).flatMap(({ kind, template: text, path }) => {
    if (kind === "file" || isLiquid(text)) return [];
    const bare = text.replace(/^[\s{[<%$*]+|[\s}\]>%*]+$/g, "");
    const column = names.get(columnName(bare).toLowerCase());
    if (column === undefined || column === "") return [];
    const liquid = isWord(column) ? `{{ ${column} }}` : `{{ row["${column}"] }}`;
    return [finding("literal_is_a_column", path, text, { text, column, liquid })];
  });
}

function isForNobody({ rows, people }: Pick<ListFacts, "rows" | "people">): boolean {
  return rows > 0 && people === 0;
}

function isMostlyUnreadable(list: Pick<ListFacts, "rows" | "reasons">): boolean {
  const unread = unreadable(list);
  return unread >= UNREADABLE_LEAST && unread > list.rows * UNREADABLE_SHARE;
}

function unreadable({ reasons }: Pick<ListFacts, "reasons">): number {
  return UNREADABLE.reduce((sum, reason) => sum + (reasons[reason] ?? 0), 0);
}

interface Cause {
  path: Path;
  /** A sentence with a blank before it; empty when nothing was found. */
  cause: string;
  todo: string;
}

/** What the causes are looked for in. */
interface Sampled {
  manifest: Manifest;
  list: ListFacts;
  /** The column of numbers, or that of user ids, and its path in the manifest. */
  column: string;
  path: Path;
  /** Its cells that are not empty. */
  cells: readonly string[];
  /** The cells of another column, by its place. */
  cellsOf(at: number): string[];
}

/** A cause must explain so many of the cells. */
const EXPLAINED = 0.5;

/** What most probably is wrong, and what to do about it. */
function likelyCause(manifest: Manifest, list: ListFacts): Cause {
  const { columns, sample } = list;
  const { phone, userId } = whoColumns(manifest, columns);
  const column = columnName(phone ?? userId ?? "");
  const path = ["recipients", phone === undefined ? "user_id" : "phone"];
  const cellsOf = (at: number) =>
    sample.map((cells) => (cells[at] ?? "").trim()).filter((cell) => cell !== "");
  const cells = cellsOf(columns.indexOf(column));
  const sampled = { manifest, list, column, path, cells, cellsOf };
  for (const cause of [tooLong, userIds, rounded, anotherColumn, noRegion]) {
    const found = cause(sampled);
    if (found !== undefined) return found;
  }
  const todo = "Look at the rows with `campaign rejects`, or `check --rejects FILE`.";
  return { path, cause: "", todo };
}

function tooLong({ list }: Sampled): Cause | undefined {
  const { ragged_row: ragged = 0, cut_off_row: cut = 0 } = list.reasons;
  if ((ragged + cut) * 2 <= unreadable(list)) return undefined;
  const cause = " Most of them have more cells than the header.";
  const todo =
    "Look at the delimiter (`recipients.delimiter`), the quotes and the header of the file.";
  return { path: ["recipients", "file"], cause, todo };
}

function userIds({ cells, column, path }: Sampled): Cause | undefined {
  if (share(cells, isUserId) < EXPLAINED) return undefined;
  const cause = ` Column \`${column}\` holds user ids, not numbers.`;
  return { path, cause, todo: `Set \`recipients.user_id: ${column}\`.` };
}

function rounded({ cells, column, path }: Sampled): Cause | undefined {
  // 5.51199E+12, or with a comma.
  if (share(cells, (cell) => /^\d(?:[.,]\d+)?E\+?\d+$/i.test(cell)) < EXPLAINED) return undefined;
  const cause = ` A spreadsheet has rounded the numbers of column \`${column}\` (5.51199E+12).`;
  const todo = "Make the column text in the spreadsheet, and export the list again.";
  return { path, cause, todo };
}

function anotherColumn(sampled: Sampled): Cause | undefined {
  const { manifest, list, column, path, cells, cellsOf } = sampled;
  const home = homeOf(manifest);
  const reads = (cell: string) => readPhone(cell, home).kind === "phone";
  const least = Math.max(EXPLAINED, 2 * share(cells, reads));
  const better = list.columns.find(
    (name, at) => name !== "" && name !== column && share(cellsOf(at), reads) >= least,
  );
  if (better === undefined) return undefined;
  const cause = ` Column \`${better}\` looks like the numbers, and \`${column}\` does not.`;
  return { path, cause, todo: `Set \`recipients.phone: ${better}\`.` };
}

/** Numbers without a plus, and nothing that says whose they are. */
function noRegion({ manifest, list, cells, cellsOf }: Sampled): Cause | undefined {
  const { region } = manifest.recipients;
  const isPlain = (cell: string) => !cell.includes("+") && /(?:\d\D*){6}/.test(cell);
  if (homeOf(manifest) !== undefined || region !== undefined) return undefined;
  if (share(cells, isPlain) < EXPLAINED) return undefined;
  const path = ["recipients"];
  const isId = (cell: string) => readPhone(cell, INTERNATIONAL).kind === "phone";
  if (share(cells, isId) >= EXPLAINED) {
    const cause = " The numbers have no plus, and begin with a country code, as WhatsApp ids do.";
    return { path, cause, todo: "Set `recipients.numbers: international`." };
  }
  const cause = " The numbers have no plus and no country code.";
  const isCountry = (cell: string) => regionNamed(cell) !== null;
  const country = list.columns.find((_, at) => share(cellsOf(at), isCountry) >= EXPLAINED);
  const todo =
    country === undefined
      ? "Set `recipients.default_region` to the country whose national form is meant, such as BR."
      : `Set \`recipients.region: ${country}\`, the column with each one's country.`;
  return { path, cause, todo };
}

function share(cells: readonly string[], is: (cell: string) => boolean): number {
  return cells.length === 0 ? 0 : cells.filter(is).length / cells.length;
}
