// The recipients of a manifest: its CSV opened, its columns checked, its rows ready to be planned.

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { CsvFile } from "../../csv/file.ts";
import type { PlannedRow } from "../../domain/campaign/row.ts";
import { columnIndex, columnName } from "../../domain/common/columns.ts";
import type { Problem } from "../../domain/common/errors.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import { compileMessages, messagesOf } from "../../domain/manifest/arms-of-manifest.ts";
import { isByRecipient } from "../../domain/manifest/clocks-of-all.ts";
import {
  columnProblems,
  columnsNamed,
  homeOf,
  whoColumns,
} from "../../domain/manifest/manifest.ts";
import type { CompiledMessages } from "../../domain/message/messages.ts";
import type { TemplateDefinition } from "../../domain/message/template.ts";
import type { RowKey } from "../../domain/planning/match-rows.ts";
import type { RowsToPlan } from "../../domain/planning/plan.ts";
import { isPhoneRegion } from "../../domain/recipient/phone-regions.ts";
import type { CsvRow, ReadingRules } from "../../domain/recipient/recipient.ts";
import { readRecipient } from "../../domain/recipient/recipient.ts";
import { regionNamed } from "../../domain/recipient/region-name.ts";
import { screen, screenPerson, toPlannedRow } from "../../domain/recipient/screen.ts";
import { readClock, zoneOfPerson } from "../../domain/schedule/person-zone.ts";
import { mediaProblems } from "../account/media.ts";
import { isWorkbook, openList } from "../files/list-file.ts";
import { notPinned, pinnedPath } from "../files/pinned-list.ts";
import { shownPath } from "../files/shown-path.ts";
import type { LoadedManifest } from "./wiring.ts";

/**
 * Rows planned in one transaction. Persons come in random order, so that every transaction touches
 * most pages of their index: few large ones are twice as fast as many small ones.
 */
export const PLAN_BATCH = 5_000;

/** Where CSVs are kept that were made of workbooks and JSON, within the project. */
const LISTS_FOLDER = join("data", "lists");

/** A manifest together with its opened CSV. */
export interface Source {
  loaded: LoadedManifest;
  message: CompiledMessages;
  csv: CsvFile;
  /** Path of the CSV. */
  path: string;
  /** The same for messages: relative to the working directory. */
  shownAs: string;
  /** The columns that identify the person of a row, and how they are read. */
  who: ReadingRules;
  /** Its rows have zones. `column`: that of their own clocks. */
  zoned: { column: number | undefined } | undefined;
  /** Columns that the template's values read. */
  used: { column: string; index: number }[];
  /** Those of the row that is rendered. */
  cells: Record<string, string>;
}

/**
 * Where the CSV is, also that of a list which is no file, and how messages name it: relative to the
 * working directory.
 */
export function recipientsPath(loaded: LoadedManifest): { path: string; shownAs: string } {
  const path = pinnedPath(loaded) ?? resolve(loaded.folder, loaded.manifest.recipients.file);
  return { path, shownAs: shownPath(path) };
}

/**
 * Opens the list of a manifest, whatever kind of file it is.
 * @throws OperatorError for what is wrong with it as a whole
 */
export async function listOf(loaded: LoadedManifest): Promise<CsvFile> {
  const { recipients } = loaded.manifest;
  const { path, shownAs } = recipientsPath(loaded);
  if (pinnedPath(loaded) === path && !existsSync(path)) throw notPinned(loaded);
  const options = {
    shownAs,
    delimiter: recipients.delimiter,
    encoding: recipients.encoding,
    encodingKey: "recipients.encoding",
    wanted: columnsNamed(loaded.manifest),
    sheet: recipients.sheet,
  };
  return openList(path, options, join(loaded.project.root, LISTS_FOLDER));
}

/**
 * The delimiter of a manifest's CSV, for a file of its rejects that the same spreadsheet opens.
 * @returns a comma when the CSV is not there any more, or cannot be read
 */
export async function delimiterOfList(loaded: LoadedManifest): Promise<string> {
  try {
    return (await listOf(loaded)).delimiter;
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return ",";
  }
}

/**
 * Opens the CSV of a manifest and checks that the columns it speaks of are there.
 * @throws OperatorError with every problem at once
 */
export async function openSource(loaded: LoadedManifest): Promise<Source> {
  const csv = await listOf(loaded);
  const { path, shownAs } = recipientsPath(loaded);
  const message = compileMessages(messagesOf(loaded.manifest), loaded);
  const { columns } = csv;
  const problems: Problem[] = columnProblems(loaded.manifest, loaded.at, columns);
  problems.push(...mediaProblems(loaded), ...regionProblems(loaded), ...kindProblems(loaded));
  const at = new Map<string, number>();
  const { phone, userId, region, id, clock } = whoColumns(loaded.manifest, columns);
  for (const column of new Set([phone, userId, region, id, clock, ...message.columns])) {
    if (column === undefined) continue;
    const found = columnIndex(columns, column);
    if (found.kind === "found") at.set(column, found.index);
    // A column that is not there is reported above, at its place in the manifest.
    else if (columns.includes(columnName(column))) {
      problems.push({ ...found.problem, file: shownAs, line: csv.headerLine });
    }
  }
  if (problems.length > 0) throw new OperatorError(problems);
  const indexOf = (column: string | undefined) => (column === undefined ? column : at.get(column));
  const who = {
    phoneColumn: indexOf(phone),
    userIdColumn: indexOf(userId),
    regionColumn: indexOf(region),
    idColumn: indexOf(id),
    home: homeOf(loaded.manifest),
  };
  const used = message.columns.map((column) => ({ column, index: at.get(column) as number }));
  const zoned = isByRecipient(loaded.manifest) ? { column: indexOf(clock) } : undefined;
  return { loaded, message, csv, path, shownAs, who, zoned, used, cells: {} };
}

/** Keys of the manifest that mean nothing for the kind of file that its list is. */
function kindProblems({ manifest, at }: LoadedManifest): Problem[] {
  const { file, sheet } = manifest.recipients;
  if (sheet === undefined || isWorkbook(file)) return [];
  const message = `\`recipients.sheet\`: ${file} is no workbook (.xlsx), so it has no sheets`;
  return [{ message, hint: "Take the key out.", ...at(["recipients", "sheet"]) }];
}

/** A region that has no phone numbers leaves every national number unreadable. */
function regionProblems({ manifest, at }: LoadedManifest): Problem[] {
  const { default_region: region } = manifest.recipients;
  if (region === undefined || isPhoneRegion(region)) return [];
  const message = `\`recipients.default_region\`: ${region} is no country with phone numbers`;
  const named = regionNamed(region);
  const hint =
    named === null ? "Give its two letters of ISO 3166-1." : `Did you mean \`${named}\`?`;
  return [{ message, hint, ...at(["recipients", "default_region"]) }];
}

/**
 * The same with the templates as Meta has them, whose own words then count against the limits of a
 * text.
 */
export function withDefinitions(
  source: Source,
  definitions: readonly TemplateDefinition[],
): Source {
  const loaded = { ...source.loaded, definitions };
  return {
    ...source,
    loaded,
    message: compileMessages(messagesOf(loaded.manifest), { definitions }),
  };
}

/** Reads, screens and renders one row. */
export function planRow(source: Source, row: CsvRow): PlannedRow {
  const recipient = readRecipient(row, source.who);
  const rules = { usTerritories: source.loaded.manifest.suppress.us_territories };
  // Rendering is dear: not for rows that are skipped anyway.
  const skipped = screenPerson(recipient, rules);
  if (skipped !== null) return toPlannedRow(recipient, skipped);
  const verdict = screen(recipient, rules, source.message.render(cellsOf(source, row)));
  const planned = toPlannedRow(recipient, verdict);
  if (source.zoned !== undefined) planned.zone = zoneOfRow(planned, row, source.zoned.column);
  return planned;
}

function zoneOfRow({ region, phone }: PlannedRow, row: CsvRow, column: number | undefined): string {
  const own = column === undefined ? null : readClock(row.cells[column] ?? "");
  return zoneOfPerson({ own, region, phone });
}

/** What a row is known by when the CSV is planned again. */
function keyOf(source: Source, row: CsvRow): RowKey {
  const { hash, person, userId, recipientId, damage } = readRecipient(row, source.who);
  const id = userId?.kind === "user_id" ? userId.id : null;
  return { hash, person, userId: id, recipientId, isDamaged: damage !== null };
}

/**
 * The cells by column, only those that the template reads: until the next row, since an object of
 * its own for each costs as much as a third of its rendering.
 */
function cellsOf({ used, cells }: Source, row: CsvRow): Readonly<Record<string, string>> {
  for (const { column, index } of used) cells[column] = row.cells[index] ?? "";
  return cells;
}

/** The rows in batches, each row to be read further only when planning needs it. */
export async function* rowsToPlan(source: Source): AsyncGenerator<RowsToPlan> {
  let bytes = 0;
  const onRead = (now: number) => {
    bytes = now;
  };
  for await (const batch of source.csv.rows({ batch: PLAN_BATCH, onRead })) {
    const at = (index: number) => batch[index] as CsvRow;
    yield {
      first: at(0).row,
      size: batch.length,
      bytes,
      line: (index) => at(index).line,
      key: (index) => keyOf(source, at(index)),
      plan: (index) => planRow(source, at(index)),
    };
  }
}
