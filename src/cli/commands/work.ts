// `campaign work`: runs every campaign of the ledger that is due, on every lane that is free, until
// it is stopped.

import { systemClock } from "../../clock/clock.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT } from "../../domain/common/errors.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import { isLedgerAt, placeOf } from "../../ledger/open.ts";
import { ledgerAddress, noLedger } from "../campaign/wiring.ts";
import { openSound } from "../check/sound.ts";
import type { CommandContext } from "../context.ts";
import { fail, mayPass } from "../failures.ts";
import { refuseOwnFiles } from "../files/own-files.ts";
import { beQuiet, isJson, printJson, say } from "../print/print.ts";
import { writeMetricsFile } from "../process/campaign-metrics.ts";
import { printWorkEvents } from "../work/work-events.ts";
import { work as runWorker } from "../work/worker.ts";

/** A ledger that is away when the worker begins is looked for this often, in milliseconds. */
const LOOK_MS = 2_000;

interface WorkFlags {
  once?: boolean;
  json?: boolean;
  quiet?: boolean;
  /** Where metrics are written when it has ended. */
  metricsFile?: string;
}

/** Runs the command; gives its exit code. */
export async function work(flags: WorkFlags, context: CommandContext): Promise<ExitCode> {
  if (flags.quiet) beQuiet();
  const once = flags.once === true;
  refuseOwnFiles([{ option: "--metrics-file", file: flags.metricsFile }], context.options);
  const ledger = await openLedger(ledgerAddress(context.options), { once, stop: context.stop });
  if (ledger === null) return EXIT.done;
  const done = async (code: ExitCode) => {
    const { metricsFile } = flags;
    const end = { command: "work", campaign: null, code } as const;
    if (metricsFile !== undefined) await writeMetricsFile(metricsFile, ledger, end);
    return code;
  };
  try {
    if (isJson())
      printJson({ event: "work", at: now(), ledger: ledger.place, pid: process.pid }, 0);
    say(`ledger: ${ledger.place}`);
    if (!once) say("Working on its campaigns, now and as they fall due. Ctrl-C ends it.");
    return await done(await runWorker({ ledger, events: printWorkEvents(ledger), once, context }));
  } catch (error) {
    return await done(fail(error));
  } finally {
    await ledger.close();
  }
}

/**
 * A service may begin before its database.
 * @returns null after a stop
 * @throws OperatorError when there is no ledger
 */
async function openLedger(
  address: string,
  { once, stop }: { once: boolean; stop: AbortSignal },
): Promise<OpenedLedger | null> {
  let said = "";
  while (!stop.aborted) {
    try {
      if (!(await isLedgerAt(address))) throw noLedger(placeOf(address));
      return await openSound(address, "never");
    } catch (error) {
      if (once || !mayPass(error)) throw error;
      if (error.message !== said) say(`Waiting for the ledger. ${error.message}`);
      said = error.message;
      await systemClock.sleep(LOOK_MS, stop);
    }
  }
  return null;
}

function now(): string {
  return new Date(systemClock.now()).toISOString();
}
