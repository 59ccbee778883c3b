// `campaign check`: everything short of sending that needs no account. It plans into a scratch ledger, so that the counts are
// exactly those of a run, and leaves the real one as it is.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExitCode } from "../errors.ts";
import { EXIT } from "../errors.ts";
import type { CampaignRecord, Ledger, LedgerTally } from "../ledger.ts";
import { frozenOf, laneOf } from "../manifest.ts";
import { planRows } from "../plan.ts";
import { openSqliteLedger } from "../sqlite/ledger.ts";
import { withoutOptimisation } from "../tally.ts";
import { systemClock } from "../timing/clock.ts";
import { suppressionPages } from "./optouts.ts";
import { importOptOutFiles, refuseChanges, refuseEnded, rowsOf } from "./planning.ts";
import { printProblems } from "./problems.ts";
import type { CommandContext } from "./program.ts";
import { count, duration, plural, readingLine, startProgress } from "./progress.ts";
import { writeRejects } from "./rejects.ts";
import type { Source } from "./source.ts";
import { openSource } from "./source.ts";
import { plainReason, SANDBOX_WORDS } from "./summary.ts";
import { loadManifest, readLedger } from "./wiring.ts";

/** The `--json` document of `check`. Keys may be added. */
interface CheckResult {
  campaign: string;
  sandbox: boolean;
  rows: number;
  /** How many would be sent to. */
  send: number;
  reasons: Record<string, number>;
  regions: Record<string, number>;
  /** Sent to, in regions where Meta gives no delivery optimisation. */
  without_optimisation: number;
  messages_per_second: number;
  /** At the rate alone. */
  seconds: number;
  /** What the ledger has of the campaign; null before its first run. */
  already: {
    counts: LedgerTally["counts"];
    /** Planned and not sent yet. */
    waiting: number;
    /** Rows that a run would plan: added to the file, or mended. */
    new_rows: number;
  } | null;
}

/** Runs the command; gives its exit code. */
export async function check(
  file: string,
  flags: { json?: boolean; rejects?: string },
  context: CommandContext,
): Promise<ExitCode> {
  const loaded = loadManifest(file);
  const source = await openSource(loaded);
  printProblems(source.csv.warnings, "warning: ");
  const already = await compareWithLedger(source, context);
  const folder = mkdtempSync(join(tmpdir(), "campaign-check-"));
  try {
    const scratch = await openSqliteLedger(join(folder, "scratch.sqlite"));
    try {
      const { campaign, tally } = await rehearse(source, scratch, context);
      if (flags.rejects !== undefined)
        await writeRejects(scratch, campaign, { csv: flags.rejects });
      const result = resultOf(source, tally, already);
      if (flags.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
      else process.stdout.write(`${textOf(result, flags.rejects)}\n`);
    } finally {
      await scratch.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return EXIT.done;
}

/**
 * What the ledger has of the campaign; null when it has none.
 * @throws OperatorError when `run` would refuse the manifest or the CSV as it is now
 */
async function compareWithLedger(
  source: Source,
  context: CommandContext,
): Promise<CheckResult["already"]> {
  const { manifest } = source.loaded;
  const ledger = await readLedger(context.options);
  try {
    const campaign = await ledger?.findCampaign(manifest.campaign);
    if (ledger === undefined || campaign === undefined || campaign.recipients === null) {
      refuseEnded(source.loaded, systemClock.now());
      return null;
    }
    refuseChanges(source.loaded, campaign, frozenOf(manifest), false);
    // Planning that writes nothing: rows that changed are refused, rows that were added are counted.
    const { planned } = await planRows({
      ledger: { knownRows: ledger.knownRows, plan: async () => {} },
      campaign,
      rows: rowsOf(source, campaign),
      anew: false,
      file: source.shownAs,
      now: systemClock.now,
      onProgress: () => {},
    });
    const { pending, held } = await ledger.remaining(campaign.id);
    const { counts } = await ledger.tally(campaign.id);
    return { counts, waiting: pending + held, new_rows: planned };
  } finally {
    await ledger?.close();
  }
}

async function rehearse(
  source: Source,
  scratch: Ledger,
  context: CommandContext,
): Promise<{ campaign: CampaignRecord; tally: LedgerTally }> {
  const { manifest } = source.loaded;
  await copySuppressions(scratch, context);
  await importOptOutFiles(source.loaded, scratch, systemClock);
  const campaign = await scratch.createCampaign({
    name: manifest.campaign,
    lane: laneOf(manifest),
    frozen: frozenOf(manifest),
    columns: source.csv.columns,
    now: systemClock.now(),
  });
  const reading = readingLine("checking", source.csv.fingerprint.size, systemClock);
  const line = startProgress(reading.text);
  try {
    await planRows({
      ledger: scratch,
      campaign,
      rows: rowsOf(source, campaign),
      anew: true,
      file: source.shownAs,
      now: systemClock.now,
      onProgress: reading.at,
    });
  } finally {
    line.end();
  }
  return { campaign, tally: await scratch.tally(campaign.id) };
}

async function copySuppressions(scratch: Ledger, context: CommandContext): Promise<void> {
  const ledger = await readLedger(context.options);
  if (ledger === undefined) return;
  try {
    for await (const page of suppressionPages(ledger)) {
      await scratch.suppress(page, systemClock.now());
    }
  } finally {
    await ledger.close();
  }
}

function resultOf(
  source: Source,
  tally: LedgerTally,
  already: CheckResult["already"],
): CheckResult {
  const { manifest } = source.loaded;
  const send = tally.counts.pending ?? 0;
  return {
    campaign: manifest.campaign,
    sandbox: manifest.account === "sandbox",
    rows: tally.rows,
    send,
    reasons: tally.reasons,
    regions: tally.regions,
    without_optimisation: withoutOptimisation(tally.regions),
    messages_per_second: manifest.rate.messages_per_second,
    seconds: Math.ceil(send / manifest.rate.messages_per_second),
    already,
  };
}

/** Countries that are listed. */
const REGIONS_SHOWN = 10;

function textOf(result: CheckResult, rejectsFile: string | undefined): string {
  const lines = [
    `${result.campaign}: ${plural(result.rows, "row")}, ${count(result.send)} to send, ${count(result.rows - result.send)} skipped`,
  ];
  if (result.already !== null) {
    const counts = Object.entries(result.already.counts).map(
      ([status, n]) => `${count(n)} ${status}`,
    );
    lines.push(
      `the ledger has it already: ${counts.join(", ")}; a run goes on with ${count(result.already.waiting)} waiting and ${plural(result.already.new_rows, "new row")}`,
    );
  }
  for (const [reason, number] of Object.entries(result.reasons).sort((a, b) => b[1] - a[1])) {
    lines.push(`  ${count(number).padStart(9)}  ${reason.padEnd(15)} ${plainReason(reason)}`);
  }
  const regions = Object.entries(result.regions).sort((a, b) => b[1] - a[1]);
  const shown = regions
    .slice(0, REGIONS_SHOWN)
    .map(([region, number]) => `${region} ${count(number)}`);
  const more = regions.length - REGIONS_SHOWN;
  lines.push(
    `to ${plural(regions.length, "country", "countries")}: ${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`,
  );
  if (result.without_optimisation > 0) {
    lines.push(
      `${count(result.without_optimisation)} of them where Meta gives no delivery optimisation or click reports`,
    );
  }
  lines.push(`about ${duration(result.seconds * 1000)} at ${result.messages_per_second} a second`);
  if (rejectsFile !== undefined) lines.push(`rows to mend are in ${rejectsFile}`);
  if (result.sandbox) lines.push(SANDBOX_WORDS);
  return lines.join("\n");
}
