// The loop of a run with `account: sandbox`: a receiver on this machine that the simulator reports
// to what became of every message, as Meta would, and what applies that while the campaign runs.
// Nothing of it is needed for a real account, whose webhooks come to `campaign webhooks`.

import { randomBytes } from "node:crypto";
import { count, plural } from "../../domain/common/numbers.ts";
import type { InboxLedger } from "../../domain/receipts/inbox-ports.ts";
import type { Clock } from "../../domain/sending/pace.ts";
import type { Sandbox } from "../../sandbox/server/server.ts";
import { startReceiver } from "../../web/webhooks/receiver.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { stopWords } from "../campaign/wiring.ts";
import type { Log } from "../print/log.ts";
import { say } from "../print/print.ts";
import { startProgress } from "../print/progress.ts";
import { withoutSecrets } from "../print/redact.ts";
import type { Applying } from "../process/applying.ts";
import { startApplying } from "../process/applying.ts";
import { reportsAnything, startInnerSandbox } from "./inner-sandbox.ts";

/** Reports that are due within this time are waited for, in milliseconds … */
const SOON_MS = 10_000;
/** … but never longer than this. */
const WAIT_MS_MAX = 60_000;
const LOOK_MS = 20;
/** A wait that is longer is announced, in milliseconds. */
const SAY_MS = 250;
const SECRET_BYTES = 24;

export interface SandboxLoop {
  sandbox: Sandbox;
  /**
   * Waits until what the sandbox is about to report is reported and applied, and says what came of
   * it; a signal ends the wait at once.
   */
  settle(stop: AbortSignal): Promise<void>;
  /** Ends the sandbox, applies what it has reported, and ends. */
  close(): Promise<void>;
}

/**
 * Starts the sandbox of a run, with a receiver of its own and secrets that nobody else knows;
 * without one where the scenario has nothing to report.
 * @param logFile the sandbox's; what an earlier run left pending in it is reported now
 */
export async function startSandboxLoop(
  loaded: LoadedManifest,
  ledger: Pick<InboxLedger, "storeWebhookBodies" | "processWebhookBodies">,
  { clock, log, logFile }: { clock: Clock; log: Log; logFile: string },
): Promise<SandboxLoop> {
  if (!reportsAnything(loaded)) {
    const sandbox = await startInnerSandbox(loaded, logFile);
    return { sandbox, settle: async () => {}, close: sandbox.close };
  }
  const appSecret = randomBytes(SECRET_BYTES).toString("base64url");
  const verifyToken = randomBytes(SECRET_BYTES).toString("base64url");
  const sums = { optOuts: 0, settled: 0 };
  const applying = startApplying(ledger, {
    clock,
    stopWords: stopWords(),
    onApplied(applied) {
      sums.optOuts += applied.optOuts;
      sums.settled += applied.settled;
    },
    onError: (error) => log.warn({ err: error }, "receipts could not be applied; tried again"),
  });
  const receiver = await startReceiver({
    host: "127.0.0.1",
    port: 0,
    appSecrets: [appSecret],
    verifyTokens: [verifyToken],
    store: (bodies) => ledger.storeWebhookBodies(bodies.map(withoutSecrets)),
    onStored: applying.wake,
    notice: (notice) => log.info(notice, "receiver of the sandbox"),
  });
  const url = `${receiver.url}/webhooks`;
  const endReceiving = async () => {
    await receiver.close();
    await applying.close();
  };
  let sandbox: Sandbox;
  try {
    const webhooks = { url, app_secret: appSecret, verify_token: verifyToken };
    sandbox = await startInnerSandbox(loaded, logFile, webhooks);
  } catch (error) {
    await endReceiving();
    throw error;
  }
  return {
    sandbox,
    async settle(stop) {
      await waitUntilReported(sandbox, { clock, stop });
      await applyAll(applying, { clock, stop });
      printSums(sums);
    },
    async close() {
      await sandbox.close();
      await endReceiving();
    },
  };
}

/** A ledger that cannot be written to must not keep the run from its end. */
async function applyAll(
  applying: Applying,
  { clock, stop }: { clock: Clock; stop: AbortSignal },
): Promise<void> {
  applying.wake();
  const isOver = new AbortController();
  const signal = AbortSignal.any([stop, isOver.signal]);
  await Promise.race([applying.settled(), clock.sleep(WAIT_MS_MAX, signal)]);
  isOver.abort();
}

function printSums({ optOuts, settled }: { optOuts: number; settled: number }): void {
  const words = [
    optOuts > 0 ? plural(optOuts, "opt-out") : "",
    settled > 0 ? `${plural(settled, "recipient")} no longer unknown` : "",
  ].filter((part) => part !== "");
  if (words.length > 0) say(`Webhooks reported ${words.join(", ")}.`);
}

async function waitUntilReported(
  sandbox: Sandbox,
  { clock, stop }: { clock: Clock; stop: AbortSignal },
): Promise<void> {
  const from = clock.monotonic();
  let isSaid = false;
  let left = sandbox.pending(SOON_MS);
  const line = startProgress(() => (isSaid ? `receipts: ${count(left)} to come` : ""));
  try {
    for (; left > 0 && !stop.aborted; left = sandbox.pending(SOON_MS)) {
      const waitedMs = clock.monotonic() - from;
      if (waitedMs > WAIT_MS_MAX) break;
      if (!isSaid && waitedMs > SAY_MS) {
        isSaid = true;
        line.say("Everything is posted; the last receipts are on their way.");
      }
      await clock.sleep(LOOK_MS);
    }
  } finally {
    line.end();
  }
  if (left > 0 || sandbox.pending(Number.POSITIVE_INFINITY) > 0) {
    say("Some receipts come later: the sandbox reports them in the next run.");
  }
}
