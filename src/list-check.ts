// Judges a list as a whole, once it is planned: whether anybody of it can be sent to, whether most of it can be read, and what is
// the likely cause if not. Reads no file.

import { count, plural } from "./count.ts";
import type { SkipReason } from "./dispatch.ts";
import type { Finding } from "./finding.ts";
import { finding, listed } from "./finding.ts";
import type { Manifest } from "./manifest.ts";
import { homeOf, isWord, whoColumns } from "./manifest.ts";
import { readPhone } from "./phone.ts";
import { columnName } from "./recipient.ts";
import { slotsOf } from "./template-components.ts";
import { isUserId } from "./user-id.ts";
import { isLiquid } from "./value.ts";

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

/** Tells whether `judgeList` looks at rows: where so few of a list can be used that something is wrong with all of it. */
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
  const share = `${Math.round((unread / rows) * 100)} %`;
  return [finding("mostly_unreadable", path, seen, { ...words, unread: count(unread), share })];
}

/** Values without braces that are a column's name: everybody would get the name. */
export function judgeLiterals({ template }: Manifest, columns: readonly string[]): Finding[] {
  const names = new Map(columns.map((column) => [column.toLowerCase(), column]));
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
  path: Finding["path"];
  /** A sentence with a blank before it; empty when nothing was found. */
  cause: string;
  todo: string;
}

const FIX_ROWS = "Look at the rows with `campaign rejects`, or `check --rejects FILE`.";
/** A cause must explain so many of the cells. */
const EXPLAINED = 0.5;

/** What most probably is wrong, and what to do about it. */
function likelyCause(manifest: Manifest, list: ListFacts): Cause {
  const { recipients } = manifest;
  const { columns, sample, reasons } = list;
  const { phone, userId } = whoColumns(manifest, columns);
  const column = phone ?? userId ?? "";
  const path = ["recipients", phone === undefined ? "user_id" : "phone"];
  const cellsOf = (at: number) =>
    sample.map((cells) => (cells[at] ?? "").trim()).filter((cell) => cell !== "");
  const cells = cellsOf(columns.indexOf(columnName(column)));
  const home = homeOf(manifest);
  const reads = (cell: string) => readPhone(cell, home).kind === "phone";
  const ragged = (reasons.ragged_row ?? 0) + (reasons.cut_off_row ?? 0);
  if (ragged * 2 > unreadable(list)) {
    const cause = " Most of them have more cells than the header.";
    const todo =
      "Look at the delimiter (`recipients.delimiter`), the quotes and the header of the file.";
    return { path: ["recipients", "file"], cause, todo };
  }
  if (share(cells, isUserId) >= EXPLAINED) {
    const cause = ` Column \`${column}\` holds user ids, not numbers.`;
    return { path, cause, todo: `Set \`recipients.user_id: ${column}\`.` };
  }
  if (share(cells, isRounded) >= EXPLAINED) {
    const cause = ` A spreadsheet has rounded the numbers of column \`${column}\` (5.51199E+12).`;
    return {
      path,
      cause,
      todo: "Make the column text in the spreadsheet, and export the list again.",
    };
  }
  const others = columns
    .map((name, at) => ({ name, share: share(cellsOf(at), reads) }))
    .filter((one) => one.name !== "" && one.name !== columnName(column))
    .sort((a, b) => b.share - a.share);
  const [better] = others;
  if (better !== undefined && better.share >= EXPLAINED && better.share > share(cells, reads) * 2) {
    const cause = ` Column \`${better.name}\` looks like the numbers, and \`${column}\` does not.`;
    return { path, cause, todo: `Set \`recipients.phone: ${better.name}\`.` };
  }
  if (
    home === undefined &&
    recipients.region === undefined &&
    share(cells, (cell) => !cell.includes("+") && /\d{6}/.test(cell.replace(/\D/g, ""))) >=
      EXPLAINED
  ) {
    const isInternational =
      share(cells, (cell) => readPhone(`+${cell.replace(/\D/g, "")}`).kind === "phone") >=
      EXPLAINED;
    const cause = ` The numbers have no plus${isInternational ? ", and begin with a country code, as WhatsApp ids do" : ""}.`;
    const todo = isInternational
      ? "Set `recipients.numbers: international`."
      : "Set `recipients.default_region` to the country whose national form is meant, such as BR.";
    return { path: ["recipients"], cause, todo };
  }
  return { path, cause: "", todo: FIX_ROWS };
}

function share(cells: readonly string[], is: (cell: string) => boolean): number {
  return cells.length === 0 ? 0 : cells.filter(is).length / cells.length;
}

/** 5.51199E+12, or with a comma. */
function isRounded(cell: string): boolean {
  return /^\d(?:[.,]\d+)?E\+?\d+$/i.test(cell);
}
