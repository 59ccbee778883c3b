// Opt-out lists as CSV files, read into the ledger's suppressions; and people named on the command
// line.

import { basename } from "node:path";
import { openCsv } from "../../csv/file.ts";
import type { SuppressionLedger } from "../../domain/campaign/list-ports.ts";
import type { Suppression } from "../../domain/campaign/suppression.ts";
import type { Problem } from "../../domain/common/errors.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import { plural } from "../../domain/common/numbers.ts";
import type { Path } from "../../domain/document/document-schema.ts";
import type { Finding } from "../../domain/preflight/finding.ts";
import { finding } from "../../domain/preflight/finding.ts";
import type { OptOutColumns } from "../../domain/recipient/opt-out-columns.ts";
import { optOutColumns } from "../../domain/recipient/opt-out-columns.ts";
import { readOptOut } from "../../domain/recipient/opt-out-line.ts";
import { readOptOutRow } from "../../domain/recipient/opt-out-row.ts";
import { personOf } from "../../domain/recipient/person.ts";
import { INTERNATIONAL, readPhone } from "../../domain/recipient/phone.ts";
import { isPhoneRegion } from "../../domain/recipient/phone-regions.ts";
import { shownPath } from "../files/shown-path.ts";

/** Lines that are named when they cannot be read. */
const UNREAD_SHOWN = 10;
const IMPORT_BATCH = 5000;
export interface OptOutImport {
  /** Lines that name a person. */
  entries: number;
  /** How many people the ledger did not have. */
  added: number;
  /** Lines that do not name a person for certain, the first few. */
  unread: Problem[];
  unreadCount: number;
  /** Lines that are kept as WhatsApp ids, and that no numbering plan has. */
  unplannedCount: number;
  /** False when a stop came first. What was read until then is on the list. */
  isWhole: boolean;
}

/**
 * Throws when `--region` names no country: every national number would be unreadable, without a
 * reason given.
 */
export function requireRegion(region: string | undefined): void {
  if (region === undefined || isPhoneRegion(region)) return;
  throw new OperatorError({
    message: `--region ${region} is no country with phone numbers`,
    hint: "Give its two letters of ISO 3166-1 in capitals, such as BR.",
  });
}

interface Entry {
  region?: string | undefined;
  reason: string;
  source: string;
}

/**
 * Reads what a person writes to put a person on the list, generously.
 * @returns every person that it may mean; empty when none can be identified
 */
export function readSuppressed(text: string, { region, ...entry }: Entry): Suppression[] {
  const { phones, userIds, isUnderstood } = readOptOut(text.trim(), region);
  return isUnderstood ? suppressionsOf(phones, userIds, entry) : [];
}

/**
 * Reads the one person whom a text means, where more than one would be wrong.
 * @returns several, or none, when it is not clear who that is
 */
export function readNamed(text: string, region: string | undefined): Suppression[] {
  const entry = { reason: "", source: "" };
  const phone = readPhone(text.trim(), region ?? INTERNATIONAL);
  if (phone.kind === "phone") return suppressionsOf([phone.e164], [], entry);
  return readSuppressed(text, { region, ...entry });
}

/** That a text may be two people's number, where one person is wanted. */
export function twoPeople(text: string): Problem {
  const hint = "Write the number with + and country code.";
  return { message: `"${text}" may be two people's numbers`, hint };
}

function suppressionsOf(
  phones: readonly string[],
  userIds: readonly string[],
  entry: { reason: string; source: string },
): Suppression[] {
  const people = new Map(phones.map((phone) => [personOf(phone), phone]));
  return [
    ...[...people].map(([person, phone]) => ({ phone, person, userId: null, ...entry })),
    ...userIds.map((userId) => ({ phone: null, person: null, userId, ...entry })),
  ];
}

/**
 * Adds everybody of a CSV to the suppressions, until `stop`. Lines that do not name a person for
 * certain are returned; what they may mean is added all the same.
 * @param file.region whose national form is meant; a column with the country wins over it
 * @throws OperatorError when the file cannot be read, or has no column of numbers or ids
 */
export async function importOptOuts(
  ledger: Pick<SuppressionLedger, "suppress">,
  file: { path: string; region: string | undefined },
  { now, stop }: { now: () => number; stop: AbortSignal },
): Promise<OptOutImport> {
  const shownAs = shownPath(file.path);
  const csv = await openCsv(file.path, { shownAs, mayBeEmpty: true, onlyAscii: true });
  const { columns, isHeader } = layoutOf(csv.columns, file.region, {
    shownAs,
    line: csv.headerLine,
  });
  const result: OptOutImport = {
    entries: 0,
    added: 0,
    unread: [],
    unreadCount: 0,
    unplannedCount: 0,
    isWhole: true,
  };
  const width = csv.columns.length;
  const list = new ListReader(result, { shownAs, columns, region: file.region, width });
  const flush = async () => {
    const batch = list.taken();
    if (batch.length > 0) result.added += await ledger.suppress(batch, now());
  };
  // A file of bare numbers has no header: its first line is an entry like the others.
  if (!isHeader) list.take(csv.columns, csv.headerLine);
  for await (const rows of csv.rows()) {
    for (const row of rows) list.take(row.raw, row.line);
    if (list.size < IMPORT_BATCH) continue;
    await flush();
    if (stop.aborted) return { ...result, isWhole: false };
  }
  await flush();
  return result;
}

/**
 * What an import stands against sending with. @param path of the list in the manifest; null: none
 */
export function optOutFindings(
  { unread, unreadCount, unplannedCount }: OptOutImport,
  file: string,
  path: Path | null,
): Finding[] {
  const findings: Finding[] = [];
  if (unreadCount > 0) {
    const lines = unread.map(({ line }) => line);
    const words = { lines: plural(unreadCount, "line"), file };
    findings.push(finding("unreadable_optouts", path, { file, count: unreadCount, lines }, words));
  }
  if (unplannedCount > 0) {
    const words = { lines: plural(unplannedCount, "line"), file };
    findings.push(finding("unknown_optouts", path, { file, count: unplannedCount }, words));
  }
  return findings;
}

/** A list as its lines are read. */
interface OpenList {
  shownAs: string;
  columns: OptOutColumns;
  region: string | undefined;
  /** Columns of its header. */
  width: number;
}

/** Takes the lines of one list. */
class ListReader {
  readonly #result: OptOutImport;
  readonly #list: OpenList;
  #batch: Suppression[] = [];

  constructor(result: OptOutImport, list: OpenList) {
    this.#result = result;
    this.#list = list;
  }

  /** People who wait to be added. */
  get size(): number {
    return this.#batch.length;
  }

  taken(): Suppression[] {
    const batch = this.#batch;
    this.#batch = [];
    return batch;
  }

  take(cells: readonly string[], line: number): void {
    const { shownAs, columns } = this.#list;
    const row = readOptOutRow(cells, columns, this.#list);
    if (row.verdict === "blank") return;
    const reason = cells[columns.reason ?? -1]?.trim() || "opt-out file";
    this.#batch.push(
      ...suppressionsOf(row.phones, row.userIds, { reason, source: basename(shownAs) }),
    );
    const isRead = row.verdict === "read";
    if (row.verdict !== "unread") this.#result.entries += 1;
    if (isRead && row.isUnplanned) this.#result.unplannedCount += 1;
    if (isRead) return;
    this.#result.unreadCount += 1;
    if (this.#result.unread.length >= UNREAD_SHOWN) return;
    const [message, hint] =
      row.verdict === "unread"
        ? [
            "it is not clear whom this line names",
            "Write one number with + and country code in it.",
          ]
        : ["a number or id in this line cannot be read", "Write it with + and country code."];
    this.#result.unread.push({ file: shownAs, line, message, hint });
  }
}

/** The columns of a list, by its header, or by its first line where that is an entry. */
function layoutOf(
  first: readonly string[],
  region: string | undefined,
  { shownAs, line }: { shownAs: string; line: number },
): { columns: OptOutColumns; isHeader: boolean } {
  const entries = first.flatMap((cell, at) => (readOptOut(cell, region).isUnderstood ? [at] : []));
  if (entries.length > 0) {
    const none = { likely: [], userIds: [], country: undefined, reason: undefined };
    return { columns: { named: entries, ...none }, isHeader: false };
  }
  const columns = optOutColumns(first);
  if (columns !== null) return { columns, isHeader: true };
  if (first.every((cell) => cell === "")) {
    throw new OperatorError({
      file: shownAs,
      message: "the list is empty, and has no header either",
      hint: "If nobody has opted out yet, write a line `phone` into it.",
    });
  }
  throw new OperatorError({
    file: shownAs,
    line,
    message: `no column of numbers: the columns are ${first.map((column) => `"${column}"`).join(", ")}`,
    hint: "Name the column phone, wa_id or user_id.",
  });
}
