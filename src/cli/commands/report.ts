// `campaign report`: the result of a campaign: to read, as a page, as one JSON document, and row by
// row.

import { stat } from "node:fs/promises";
import { systemClock } from "../../clock/clock.ts";
import { delimiterNamed } from "../../csv/delimiter.ts";
import type { CsvStyle } from "../../csv/export.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT, interrupted, OperatorError } from "../../domain/common/errors.ts";
import { plural } from "../../domain/common/numbers.ts";
import type { ConditionRules, ReportData } from "../../domain/result/report-data.ts";
import { reportSettings } from "../../domain/result/report-data.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import { reportPage } from "../../report/page.ts";
import { reportRecord } from "../../report/record.ts";
import type { CampaignView } from "../campaign/campaign-summary.ts";
import { viewOf } from "../campaign/campaign-summary.ts";
import { manifestCard } from "../campaign/estimate.ts";
import { delimiterOfList } from "../campaign/source.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { campaignOf, loadManifest, readLedger } from "../campaign/wiring.ts";
import type { CommandContext } from "../context.ts";
import type { ExportTarget } from "../files/exporting.ts";
import { exportOutcomes } from "../files/exporting.ts";
import { isStdout, requireOneStdout, writeOutput } from "../files/output.ts";
import { openOwnColumns } from "../files/own-columns.ts";
import type { OutputTarget } from "../files/own-files.ts";
import { refuseOwnFiles } from "../files/own-files.ts";
import { writeRejects } from "../files/rejects-file.ts";
import { conditionRules } from "../files/schedule-files.ts";
import { print, printJson, say } from "../print/print.ts";
import { printProblems } from "../print/problems.ts";
import { printReport } from "../print/report-text.ts";
import { SANDBOX_WORDS } from "../print/summary.ts";
import { timesOf } from "../print/times.ts";

export interface ReportFlags {
  html?: string;
  csv?: string;
  xlsx?: string;
  jsonl?: string;
  rejects?: string;
  /** Columns of the list in the rows, separated by commas, or `all`. */
  columns?: string;
  json?: boolean;
  delimiter?: string;
  plain?: boolean;
}

const KILOBYTE = 1_000;
const MEGABYTE = 1_000_000;

/** Runs the command; gives its exit code. */
export async function report(
  file: string,
  flags: ReportFlags,
  context: CommandContext,
): Promise<ExitCode> {
  requireOneStdout({ ...flags });
  const loaded = await loadManifest(file, { tokenUnused: true });
  refuseOwnFiles(targetsOf(flags), context.options, loaded);
  const ledger = await readLedger(context.options, loaded);
  try {
    const campaign = await campaignOf(ledger, loaded, context.options);
    return await reportOn(
      { ledger: ledger as OpenedLedger, campaign, loaded },
      flags,
      context.stop,
    );
  } finally {
    await ledger?.close();
  }
}

function targetsOf({ html, csv, xlsx, jsonl, rejects }: ReportFlags): OutputTarget[] {
  return Object.entries({ html, csv, xlsx, jsonl, rejects }).map(([name, file]) => ({
    option: `--${name}`,
    file,
  }));
}

interface Reported {
  ledger: OpenedLedger;
  campaign: CampaignRecord;
  loaded: LoadedManifest;
}

async function reportOn(about: Reported, flags: ReportFlags, stop: AbortSignal): Promise<ExitCode> {
  const { ledger, campaign } = about;
  if (!(await exportRows(about, flags, stop))) throw interrupted("what was not whole is not there");
  if (flags.rejects !== undefined) {
    const delimiter = await delimiterOfList(about.loaded);
    const rows = await writeRejects(ledger, campaign, { csv: flags.rejects, delimiter }, stop);
    await saySize(flags.rejects, plural(rows, "row"));
  }
  const read = readOnce(about);
  if (flags.html !== undefined) {
    const { view, data } = await read();
    if (stop.aborted) throw interrupted("what was not whole is not there");
    await writeOutput(flags.html, (out) => out.write(reportPage(data, view)));
    await saySize(flags.html, "the report page");
  }
  if (stop.aborted) throw interrupted("what was not whole is not there");
  if (flags.json) {
    const { view, data } = await read();
    printJson({
      ...view.summary,
      ledger: ledger.place,
      report: reportRecord(data, view.conditions),
    });
  } else if (isToRead(flags)) {
    const { loaded } = about;
    const { view, data } = await read();
    printReport(view, data, { file: loaded.file, times: timesOf(loaded) });
    if (campaign.lane === "sandbox") print(SANDBOX_WORDS);
  }
  return EXIT.done;
}

/**
 * Reads the campaign for all outputs of the command, when the first of them asks: it goes through
 * every row.
 */
function readOnce(about: Reported): () => Promise<{ view: CampaignView; data: ReportData }> {
  let reading: Promise<{ view: CampaignView; data: ReportData }> | undefined;
  const read = async () => {
    const rules = await conditionRules(about.loaded);
    const view = await viewOf(about.ledger, about.campaign, { rules });
    return { view, data: await dataOf(about, rules) };
  };
  return () => {
    reading ??= read();
    return reading;
  };
}

async function exportRows(
  { ledger, campaign, loaded }: Reported,
  flags: ReportFlags,
  stop: AbortSignal,
): Promise<boolean> {
  const targets = (["csv", "xlsx", "jsonl"] as const).flatMap((kind): ExportTarget[] => {
    const file = flags[kind];
    return file === undefined ? [] : [{ kind, file }];
  });
  if (targets.length === 0) return refuseColumns(flags);
  const { columns } = flags;
  const style: CsvStyle = {
    delimiter: await signOf(loaded, flags),
    plain: flags.plain === true,
  };
  const own = columns === undefined ? null : await openOwnColumns(loaded, campaign, columns);
  const exported = await exportOutcomes(ledger, campaign, { targets, style, own, stop });
  if (exported.kind === "interrupted") return false;
  for (const { file } of targets) await saySize(file, plural(exported.rows, "row"));
  return true;
}

/** The list's own sign, for the same spreadsheet; programs get a comma. */
async function signOf(loaded: LoadedManifest, flags: ReportFlags): Promise<string> {
  if (flags.delimiter !== undefined) return delimiterNamed(flags.delimiter);
  return flags.plain === true ? "," : await delimiterOfList(loaded);
}

/** Columns of the list stand in rows only. Returns true where none are asked for. */
function refuseColumns({ columns }: ReportFlags): true {
  if (columns === undefined) return true;
  throw new OperatorError({
    id: "usage",
    message: "--columns puts columns of the list into rows, and no rows are written",
    hint: "Give --csv, --xlsx or --jsonl with it.",
  });
}

/** What the report page shows, with the manifest of today. */
async function dataOf(
  { ledger, campaign, loaded }: Reported,
  rules: ConditionRules,
): Promise<ReportData> {
  const data = await ledger.report(campaign.id, systemClock.now());
  let rateCard = null;
  try {
    rateCard = await manifestCard(loaded);
  } catch (error) {
    // The campaign is over, and its result must not hang on a price list.
    if (!(error instanceof OperatorError)) throw error;
    printProblems(error.problems, "warning: ");
  }
  return { ...data, settings: reportSettings(loaded.manifest, loaded.file, { rules, rateCard }) };
}

/** Without anything else to do it is printed to be read. */
function isToRead({ html, csv, xlsx, jsonl, rejects, json }: ReportFlags): boolean {
  return !json && [html, csv, xlsx, jsonl, rejects].every((file) => file === undefined);
}

/** `38 kB`, `1.2 MB`. */
function sizeWords(bytes: number): string {
  return bytes < MEGABYTE
    ? `${Math.ceil(bytes / KILOBYTE)} kB`
    : `${(bytes / MEGABYTE).toFixed(1)} MB`;
}

async function saySize(file: string, what: string): Promise<void> {
  if (isStdout(file)) return;
  // A pipe or a device has no size.
  const size = await stat(file).then(
    (known) => (known.isFile() ? ` (${sizeWords(known.size)})` : ""),
    () => "",
  );
  say(`${what} in ${file}${size}.`);
}
