// `campaign run`: checks, plans what is not planned, sends what remains, and prints how it ended.

import { systemClock } from "../../clock/clock.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { lanesOf } from "../../domain/manifest/manifest.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import { holding } from "../campaign/holding.ts";
import { exitCodeOf, resultOf } from "../campaign/run-result.ts";
import type { Ended, RunWishes } from "../campaign/running.ts";
import { runHeld } from "../campaign/running.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { loadManifest } from "../campaign/wiring.ts";
import { refuseTtlFlag } from "../check/findings.ts";
import { openToRun } from "../check/ledger-guard.ts";
import type { CommandContext } from "../context.ts";
import { fail } from "../failures.ts";
import { areStreamsOne, beQuiet, print, printJson, say } from "../print/print.ts";
import { printRunEnd } from "../print/run-end.ts";
import { printSummary, SANDBOX_WORDS } from "../print/summary.ts";
import { timesOf } from "../print/times.ts";

export interface RunFlags extends RunWishes {
  json?: boolean;
  quiet?: boolean;
  /** Wait for another run of the campaign or the number. */
  wait?: boolean;
  /** Plan, and send nothing. */
  plan?: boolean;
}

/** Runs the command; gives its exit code. */
export async function run(
  file: string,
  flags: RunFlags,
  context: CommandContext,
): Promise<ExitCode> {
  if (flags.quiet) beQuiet();
  const loaded = await loadManifest(file);
  const { manifest } = loaded;
  if (manifest.account === "sandbox") saySandbox(flags);
  try {
    refuseTtlFlag(loaded, flags);
    const ledger = await openToRun(loaded, flags, context);
    try {
      const { stop } = context;
      const planOnly = flags.plan === true;
      const lanes = planOnly ? [] : lanesOf(manifest);
      const who = { campaign: manifest.campaign, lanes };
      const wanted = { ...who, clock: systemClock, wait: flags.wait === true, stop };
      const wishes = { ...flags, planOnly };
      const ended = await holding(ledger, wanted, () => runHeld(loaded, ledger, wishes, context));
      await printEnd(ended, { ledger, loaded }, flags);
      return exitCodeOf(ended.end);
    } finally {
      await ledger.close();
    }
  } catch (error) {
    // Said here, so that what is said of the sandbox stays the last line.
    return fail(error);
  } finally {
    if (manifest.account === "sandbox") saySandbox(flags);
  }
}

/** First and last line, on whichever stream a person or a log reads. */
function saySandbox(flags: RunFlags): void {
  say(SANDBOX_WORDS);
  if (!flags.json && !process.stdout.isTTY && !areStreamsOne()) print(SANDBOX_WORDS);
}

async function printEnd(
  ended: Ended,
  { ledger, loaded }: { ledger: OpenedLedger; loaded: LoadedManifest },
  flags: RunFlags,
): Promise<void> {
  const { view, document } = await resultOf(ended, { ledger, loaded });
  if (flags.json) printJson(document);
  if (ended.isPlanned) {
    if (!flags.json && view !== undefined) printSummary(view, timesOf(loaded));
    say("Planned. A worker sends it (campaign work), and so does the same command without --plan.");
    return;
  }
  printRunEnd(ended.end, {
    campaign: loaded.manifest.campaign,
    manifest: loaded.file,
    view,
    times: timesOf(loaded),
    file: ledger.place,
    isIdle: ended.isIdle,
    isJson: flags.json === true,
  });
}
