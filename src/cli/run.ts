// `campaign run`: checks, plans what is not planned, sends what remains, and says how it ended.

import type { ExitCode } from "../errors.ts";
import { EXIT } from "../errors.ts";
import type { Ledger } from "../ledger.ts";
import { LedgerError } from "../ledger.ts";
import { laneOf } from "../manifest.ts";
import type { RunEnd } from "../run.ts";
import type { Summary } from "../tally.ts";
import { summarise } from "../tally.ts";
import { systemClock } from "../timing/clock.ts";
import { bringUpToDate } from "./planning.ts";
import type { CommandContext } from "./program.ts";
import { plural } from "./progress.ts";
import { send } from "./sending.ts";
import { printSummary, SANDBOX_WORDS } from "./summary.ts";
import type { LoadedManifest } from "./wiring.ts";
import { holding, loadManifest, openLedger } from "./wiring.ts";

export interface RunFlags {
  json?: boolean;
  limit?: number;
  yes?: boolean;
  replan?: boolean;
}

const clock = systemClock;

/** Runs the command; gives its exit code. */
export async function run(
  file: string,
  flags: RunFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const loaded = loadManifest(file);
  const { manifest } = loaded;
  if (manifest.account === "sandbox") saySandbox(flags);
  const ledger = await openLedger(context.options);
  try {
    const who = { campaign: manifest.campaign, lane: laneOf(manifest), now: clock.now() };
    const end = await holding(ledger, who, () => runHeld(loaded, ledger, flags, context));
    await printEnd(end, ledger, loaded, flags);
    return exitCodeOf(end);
  } finally {
    await ledger.close();
    if (manifest.account === "sandbox") saySandbox(flags);
  }
}

/** First and last line, on whichever stream a person or a log reads. */
function saySandbox(flags: RunFlags): void {
  process.stderr.write(`${SANDBOX_WORDS}\n`);
  if (!flags.json && !process.stdout.isTTY) process.stdout.write(`${SANDBOX_WORDS}\n`);
}

async function runHeld(
  loaded: LoadedManifest,
  ledger: Ledger,
  flags: RunFlags,
  context: CommandContext,
): Promise<RunEnd> {
  const { stop } = context;
  const replan = flags.replan === true;
  const campaign = await bringUpToDate(loaded, { ledger, clock, replan, stop });
  if (campaign === "interrupted") {
    const sentence = "Interrupted while planning.";
    return { kind: "stopped", why: "interrupted", sentence, goOnAt: null };
  }
  if (campaign.state === "cancelled") {
    process.stderr.write(
      `Campaign “${campaign.name}” was cancelled: it sends to nobody any more.\n`,
    );
    return { kind: "finished" };
  }
  const limit = flags.limit ?? null;
  return send(loaded, { ledger, campaign, clock, limit, yes: flags.yes === true }, context);
}

async function printEnd(
  end: RunEnd,
  ledger: Ledger,
  loaded: LoadedManifest,
  flags: RunFlags,
): Promise<void> {
  const summary = await summaryAtEnd(end, ledger, loaded);
  if (summary !== undefined) {
    if (flags.json) process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
    else printSummary(summary);
  }
  process.stderr.write(`${endSentence(end, summary)}\n`);
}

async function summaryAtEnd(
  end: RunEnd,
  ledger: Ledger,
  loaded: LoadedManifest,
): Promise<Summary | undefined> {
  try {
    const campaign = await ledger.findCampaign(loaded.manifest.campaign);
    if (campaign === undefined) return undefined;
    const goOnAt = end.kind === "stopped" ? end.goOnAt : null;
    const tally = await ledger.tally(campaign.id);
    const summary = summarise(campaign, tally, { running: false, goOnAt });
    // A ledger that stopped the run could not write the end down; what is said is how it ended.
    const halt = end.kind === "halted" ? end.halt : null;
    return { ...summary, state: end.kind, halt };
  } catch (error) {
    if (error instanceof LedgerError) return undefined;
    throw error;
  }
}

function endSentence(end: RunEnd, summary: Summary | undefined): string {
  const unknown = summary?.counts.unknown ?? 0;
  const doubt =
    unknown === 0
      ? ""
      : ` ${plural(unknown, "recipient")} unknown: the answer was lost, and nobody of them is sent to again. \`campaign resolve\` decides on them.`;
  switch (end.kind) {
    case "finished": {
      const cancelled = summary?.counts.cancelled ?? 0;
      const early =
        cancelled === 0 ? "" : ` ${plural(cancelled, "recipient")} cancelled before it was sent.`;
      return `Finished: every recipient has an end.${early}${doubt}`;
    }
    case "halted":
      return `Halted. ${end.halt.sentence}${doubt}`;
    case "stopped": {
      const when =
        end.goOnAt === null
          ? ""
          : ` It has something to do again at ${new Date(end.goOnAt).toISOString()}.`;
      return `${end.sentence} The same command goes on where this stopped.${when}${doubt}`;
    }
  }
}

function exitCodeOf(end: RunEnd): ExitCode {
  switch (end.kind) {
    case "finished":
      return EXIT.done;
    case "halted":
      return EXIT.halted;
    case "stopped":
      return EXIT.stopped;
  }
}
