// Opt-out lists as CSV files: read into the ledger's suppressions, generously, since a person who is missed is worse than one
// who is left out without need.

import { basename, relative } from "node:path";

import { openCsv } from "../csv/file.ts";
import type { Problem } from "../errors.ts";
import { OperatorError } from "../errors.ts";
import type { Ledger, Suppression, SuppressionRecord } from "../ledger.ts";
import { personOf } from "../person.ts";
import { readPhone } from "../phone.ts";
import { isPhoneRegion } from "../phone-plans.ts";
import type { CsvRow } from "../recipient.ts";
import { systemClock } from "../timing/clock.ts";
import { isUserId } from "../user-id.ts";

/** Names of columns that hold a number or WhatsApp id, in lower case with only letters and digits. */
const PHONE_COLUMNS = new Set([
  "phone",
  "phonenumber",
  "number",
  "waid",
  "whatsapp",
  "whatsappid",
  "msisdn",
  "mobile",
  "to",
  "telefone",
  "celular",
  "telefono",
  "numero",
]);
const USER_COLUMNS = new Set(["userid", "bsuid"]);
const REASON_COLUMNS = new Set(["reason", "motivo"]);

/** Brazil without the ninth digit, Mexico with 1, Argentina with 9. */
const OLD_WHATSAPP_ID = /^\+?(55\d{10}|521\d{10}|549\d{10})$/;

/** Lines that are named when they cannot be read. */
const UNREAD_SHOWN = 10;
const IMPORT_BATCH = 5000;

export interface OptOutImport {
  entries: number;
  /** How many the ledger did not have. */
  added: number;
  /** Lines that hold no number and no id. */
  unread: Problem[];
  unreadCount: number;
  /** False when a stop came first. What was read until then is on the list. */
  isWhole: boolean;
}

/** Suppressions read from the ledger at a time. */
const PAGE = 2000;

/** The whole suppression list, a page at a time. */
export async function* suppressionPages(ledger: Ledger): AsyncGenerator<SuppressionRecord[]> {
  let after = 0;
  for (;;) {
    const page = await ledger.suppressions(after, PAGE);
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    after = last.id;
    // A signal is only heard between two pages.
    await systemClock.sleep(0);
  }
}

/** Throws when `--region` names no country: every national number would be unreadable, and nobody told why. */
export function requireRegion(region: string | undefined): void {
  if (region === undefined || isPhoneRegion(region)) return;
  throw new OperatorError({
    message: `--region ${region} is no country with phone numbers`,
    hint: "Give its two letters of ISO 3166-1 in capitals, such as BR.",
  });
}

/**
 * Reads one entry as people write it.
 * @returns every person it may mean; empty when it means none
 */
export function readSuppressed(
  text: string,
  options: { region?: string | undefined; reason: string; source: string },
): Suppression[] {
  const trimmed = text.trim();
  const { reason, source } = options;
  if (isUserId(trimmed)) return [{ phone: null, person: null, userId: trimmed, reason, source }];
  const readings = [readPhone(trimmed, options.region)];
  // A WhatsApp id is the number without `+`: bare digits are read as one too. Where both readings fit, both are kept out.
  if (/^[1-9]\d{6,14}$/.test(trimmed)) readings.push(readPhone(`+${trimmed}`));
  const phones = new Set<string>();
  for (const reading of readings) if (reading.kind === "phone") phones.add(reading.e164);
  // Forms of ids that the numbering plans call impossible; WhatsApp knows people by them all the same.
  if (phones.size === 0 && OLD_WHATSAPP_ID.test(trimmed))
    phones.add(`+${trimmed.replace("+", "")}`);
  return [...phones].map((phone) => ({
    phone,
    person: personOf(phone),
    userId: null,
    reason,
    source,
  }));
}

/**
 * Adds everybody of a CSV to the suppressions, until `stop`. Lines that cannot be read are returned, not guessed.
 * @throws OperatorError when the file cannot be read, or has no column of numbers or ids
 */
export async function importOptOuts(
  ledger: Ledger,
  file: { path: string; region: string | undefined },
  { now, stop }: { now: () => number; stop: AbortSignal },
): Promise<OptOutImport> {
  const shownAs = relative(process.cwd(), file.path) || file.path;
  const csv = await openCsv(file.path, { shownAs, mayBeEmpty: true });
  const columns = findColumns(csv.columns, shownAs, csv.headerLine, file.region);
  const result: OptOutImport = { entries: 0, added: 0, unread: [], unreadCount: 0, isWhole: true };
  const source = basename(file.path);
  let batch: Suppression[] = [];
  const take = (cells: string[], line: number) => {
    const reason = (columns.reason === -1 ? "" : cells[columns.reason]) || "opt-out file";
    const found = columns.who.flatMap((at) =>
      readSuppressed(cells[at] ?? "", { region: file.region, reason, source }),
    );
    if (found.length === 0) {
      result.unreadCount += 1;
      if (result.unread.length < UNREAD_SHOWN) {
        result.unread.push({
          file: shownAs,
          line,
          message: "no number or id can be read in this line; nobody was suppressed by it",
        });
      }
      return;
    }
    result.entries += 1;
    batch.push(...found);
  };
  const flush = async () => {
    if (batch.length > 0) result.added += await ledger.suppress(batch, now());
    batch = [];
  };
  // A file of bare numbers has no header: its first line is an entry like the others.
  if (columns.headless) take(csv.columns, csv.headerLine);
  for await (const rows of csv.rows()) {
    for (const row of rows as CsvRow[]) take(row.cells, row.line);
    if (batch.length < IMPORT_BATCH) continue;
    await flush();
    if (stop.aborted) return { ...result, isWhole: false };
  }
  await flush();
  return result;
}

function findColumns(
  columns: string[],
  file: string,
  line: number,
  region: string | undefined,
): { who: number[]; reason: number; headless: boolean } {
  const names = columns.map((column) => column.toLowerCase().replace(/[^a-z0-9]/g, ""));
  const who = names.flatMap((name, at) =>
    PHONE_COLUMNS.has(name) || USER_COLUMNS.has(name) ? [at] : [],
  );
  const reason = names.findIndex((name) => REASON_COLUMNS.has(name));
  if (who.length > 0) return { who, reason, headless: false };
  const first = columns.findIndex(
    (cell) => readSuppressed(cell, { region, reason: "", source: "" }).length > 0,
  );
  if (first !== -1) return { who: [first], reason: -1, headless: true };
  throw new OperatorError({
    file,
    line,
    message: `no column of numbers: the columns are ${columns.map((column) => `“${column}”`).join(", ")}`,
    hint: "Name the column phone, wa_id or user_id.",
  });
}
