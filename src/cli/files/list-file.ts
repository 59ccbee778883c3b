// Opens a list of recipients, whatever kind of file it is. A workbook and JSON Lines are read once
// and kept as CSV in the project's data folder: every later reading, by any thread, is of the same
// rows and as fast as a CSV's.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, unlink } from "node:fs/promises";
import { basename, extname, join } from "node:path";

import { csvLine } from "../../csv/export.ts";
import type { CsvFile, CsvOptions } from "../../csv/file.ts";
import { openCsv } from "../../csv/file.ts";
import { fingerprintFile, statFingerprint } from "../../csv/fingerprint.ts";
import { writeOutput } from "./output.ts";

/** How a kind of file becomes rows of a CSV: its header, then each row. */
interface Kind {
  rows(path: string, options: ListOptions): AsyncIterable<readonly string[]>;
  /** Lines of the CSV above the first line of the file. */
  linesAdded: number;
}

/** What is asked of a list. */
export interface ListOptions extends CsvOptions {
  /** Of a workbook; left out, the first that is not hidden. */
  sheet?: string | undefined;
}

const KINDS: Readonly<Record<string, Kind>> = {
  ".xlsx": { rows: workbookRows, linesAdded: 0 },
  ".jsonl": { rows: objectRows, linesAdded: 1 },
  ".ndjson": { rows: objectRows, linesAdded: 1 },
};

const AS_IT_IS = { delimiter: ",", plain: true };
const HASH_LENGTH = 16;

/** Whether a list is a workbook, by its name. */
export function isWorkbook(path: string): boolean {
  return extname(path).toLowerCase() === ".xlsx";
}

/**
 * Opens a list. Size and time of change are the file's own, also where its rows were kept as CSV.
 * @param folder where CSVs are kept that were made of other files
 * @throws OperatorError as `openCsv` does, and for a workbook or JSON that cannot be read
 */
export async function openList(
  path: string,
  options: ListOptions,
  folder: string,
): Promise<CsvFile> {
  const kind = KINDS[extname(path).toLowerCase()];
  if (kind === undefined) return openCsv(path, options);
  const fingerprint = await statFingerprint(path, options.shownAs);
  const kept = await keptAsCsv(path, { kind, options, folder });
  const { shownAs, wanted, mayBeEmpty } = options;
  const { linesAdded } = kind;
  const csv = await openCsv(kept, {
    ...{ shownAs, delimiter: ",", encoding: "utf-8", linesAdded },
    ...(wanted !== undefined && { wanted }),
    ...(mayBeEmpty !== undefined && { mayBeEmpty }),
  });
  const scale = fingerprint.size / Math.max(1, csv.fingerprint.size);
  return {
    ...csv,
    fingerprint,
    rows(wishes = {}) {
      const { onRead } = wishes;
      if (onRead === undefined) return csv.rows(wishes);
      return csv.rows({ ...wishes, onRead: (bytes) => onRead(Math.floor(bytes * scale)) });
    },
  };
}

/** The CSV of a file as it is now; made when there is none yet. Those of older contents go. */
async function keptAsCsv(
  path: string,
  { kind, options, folder }: { kind: Kind; options: ListOptions; folder: string },
): Promise<string> {
  const { sha256 } = await fingerprintFile(path, options.shownAs);
  const source = hashOf(`${path}\n${options.sheet ?? ""}`);
  const prefix = `${basename(path)}.${source}.`;
  const kept = join(folder, `${prefix}${sha256.slice(0, HASH_LENGTH)}.csv`);
  if (existsSync(kept)) return kept;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeOutput(kept, async (out) => {
    for await (const cells of kind.rows(path, options)) {
      await out.write(csvLine(cells, AS_IT_IS));
    }
  });
  for (const name of await readdir(folder)) {
    const isOlder = name.startsWith(prefix) && name.endsWith(".csv") && name !== basename(kept);
    // Another process may be as far.
    if (isOlder) await unlink(join(folder, name)).catch(() => {});
  }
  return kept;
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, HASH_LENGTH);
}

async function* workbookRows(
  path: string,
  { shownAs, sheet }: ListOptions,
): AsyncGenerator<readonly string[]> {
  const { readSheetRows } = await import("../../csv/workbook.ts");
  yield* (await readSheetRows(path, { shownAs, sheet })).rows;
}

async function* objectRows(path: string, { shownAs }: ListOptions): AsyncGenerator<string[]> {
  const { jsonRows } = await import("../../csv/json-rows.ts");
  yield* jsonRows(path, shownAs);
}
