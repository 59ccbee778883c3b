// `campaign run`: checks, plans what is not planned, sends what remains, and prints how it ended.

import { systemClock } from "../../clock/clock.ts";
import type { StopReason } from "../../domain/campaign/campaign.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { lanesOf } from "../../domain/manifest/manifest.ts";
import type { RunEnd } from "../../domain/sending/run-ports.ts";
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
import { refuseOwnFiles } from "../files/own-files.ts";
import type { PinFlags } from "../files/pinned-list.ts";
import { pinList } from "../files/pinned-list.ts";
import { areStreamsOne, beQuiet, print, printJson, say, timed } from "../print/print.ts";
import { printRunEnd } from "../print/run-end.ts";
import { printSummary, SANDBOX_WORDS } from "../print/summary.ts";
import { timesOf } from "../print/times.ts";
import { writeMetricsFile } from "../process/campaign-metrics.ts";
import { startNotices } from "../process/notices.ts";

/** A run that waits looks at the clock this often, and begins again no sooner than this. */
const WAIT_LOOK_MS = 60_000;
const WAIT_LEAST_MS = 1_000;

export interface RunFlags extends RunWishes, PinFlags {
  json?: boolean;
  quiet?: boolean;
  /**
   * Wait for other runs of the campaign or its numbers, and take over what they leave; and for
   * hours, for holds and for the limit.
   */
  wait?: boolean;
  /** Where metrics are written when the run has ended. */
  metricsFile?: string;
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
  refuseOwnFiles([{ option: "--metrics-file", file: flags.metricsFile }], context.options, loaded);
  const done = async (code: ExitCode, ledger?: OpenedLedger) => {
    const end = { command: "run", campaign: manifest.campaign, code } as const;
    if (flags.metricsFile !== undefined) await writeMetricsFile(flags.metricsFile, ledger, end);
    return code;
  };
  if (manifest.account === "sandbox") saySandbox(flags);
  try {
    refuseTtlFlag(loaded, flags);
    await pinList(loaded, flags, context.stop);
    const ledger = await openToRun(loaded, flags, context);
    const notices = startNotices(ledger, context.stop);
    try {
      const { stop } = context;
      const planOnly = flags.planOnly === true;
      const lanes = planOnly ? [] : lanesOf(manifest);
      const who = { campaign: manifest.campaign, lanes };
      const wanted = { ...who, clock: systemClock, wait: flags.wait === true, stop };
      const takesOver = flags.wait === true ? "until_through" : "never";
      const wishes = { ...flags, planOnly, takesOver } as const;
      const begins = (open: number) => notices.begins(loaded, open);
      const what = { ledger, flags: wishes, context: { ...context, begins } };
      const once = async () => {
        const ended = await holding(ledger, wanted, (hold) => runHeld(loaded, hold, what));
        notices.ends(loaded, ended);
        return ended;
      };
      let ended = await once();
      for (;;) {
        const goOnAt = flags.wait ? goesOnAt(ended.end) : null;
        if (goOnAt === null || !(await waitUntil(goOnAt, ended, { loaded, stop }))) break;
        ended = await once();
      }
      await printEnd(ended, { ledger, loaded }, flags);
      return await done(exitCodeOf(ended.end), ledger);
    } finally {
      await notices.settle();
      await ledger.close();
    }
  } catch (error) {
    // Said here, so that what is said of the sandbox stays the last line.
    return await done(fail(error));
  } finally {
    if (manifest.account === "sandbox") saySandbox(flags);
  }
}

/** What a run that was asked to wait stays for; a person's pause and a fault end it. */
const WAITED_FOR: readonly StopReason[] = ["hours", "held", "daily_limit", "numbers_left", "test"];

/** When a run that waits goes on by itself; null when it does not. */
function goesOnAt(end: RunEnd): number | null {
  return end.kind === "stopped" && WAITED_FOR.includes(end.why) ? end.goOnAt : null;
}

/** Waits, and holds neither campaign nor number. Returns false when it was interrupted. */
async function waitUntil(
  at: number,
  { end }: Ended,
  { loaded, stop }: { loaded: LoadedManifest; stop: AbortSignal },
): Promise<boolean> {
  const why = end.kind === "stopped" ? end.sentence.replace(/^Stopped: /, "") : "";
  say(timed(`Waiting until ${timesOf(loaded).named(at)}: ${why}`));
  do {
    // A clock may be set, and a computer may sleep.
    const restMs = Math.max(WAIT_LEAST_MS, at - systemClock.now());
    await systemClock.sleep(Math.min(restMs, WAIT_LOOK_MS), stop);
  } while (!stop.aborted && systemClock.now() < at);
  return !stop.aborted;
}

/** First and last line, on whichever stream a person or a log reads. */
function saySandbox(flags: RunFlags): void {
  say(SANDBOX_WORDS);
  if (!flags.json && !process.stdout.isTTY && !areStreamsOne()) print(SANDBOX_WORDS);
}

/** What comes after a run that only planned. */
function plannedWords({ proposed }: Ended, file: string): string {
  if (proposed === undefined) {
    return "Planned. A worker sends it (campaign work), and so does the same command without --plan-only.";
  }
  return `Planned, and nothing is sent before a person starts it: on the live page, or with campaign run ${file} --plan ${proposed}`;
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
    say(plannedWords(ended, loaded.file));
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
