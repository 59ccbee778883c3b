// Puts the receiver of webhooks together with the ledger: what it keeps in, what applies it, what
// /health and /metrics tell, what goes into the log. Shared by the commands that receive.

import { systemClock } from "../../clock/clock.ts";
import { LedgerError } from "../../domain/campaign/fault.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import { openLedgerAt } from "../../ledger/open.ts";
import type { ReceiverNotice, ReceiverOptions } from "../../web/webhooks/options.ts";
import { startReceiver } from "../../web/webhooks/receiver.ts";
import { ledgerAddress, sayLedger, stopWords, usePort } from "../campaign/wiring.ts";
import { agreeToMake } from "../check/new-ledger.ts";
import type { CommandContext } from "../context.ts";
import type { Log } from "../print/log.ts";
import { withoutSecrets } from "../print/redact.ts";
import type { Applying } from "./applying.ts";
import type { LedgerWork } from "./ledger-work.ts";
import { startLedgerWork } from "./ledger-work.ts";

/**
 * How long a verb waits for another process's transaction, blocking this one, in milliseconds:
 * short, since no answer goes out meanwhile. What takes longer is tried again.
 */
const BUSY_MS = 250;
/** How long opening is tried, since a runner that plans keeps the ledger busy, in milliseconds. */
const OPEN_MS_MAX = 10_000;
/**
 * Opens the ledger for a process that answers others, so it never stands still for long, and names
 * it.
 * @throws LedgerError as opening does, `busy` only after a while
 */
export async function openPatientLedger(context: CommandContext): Promise<OpenedLedger> {
  const file = ledgerAddress(context.options);
  const isThere = await sayLedger(file);
  const make = await agreeToMake(file, context, { isThere });
  const until = systemClock.monotonic() + OPEN_MS_MAX;
  for (;;) {
    try {
      return await openLedgerAt(file, { busyTimeoutMs: BUSY_MS, make });
    } catch (error) {
      const isBusy = error instanceof LedgerError && error.fault === "busy";
      if (!isBusy || systemClock.monotonic() > until) throw error;
    }
  }
}

export interface Receiving {
  url: string;
  applying: Applying;
  /**
   * Takes no more, answers what is in flight, ends after the piece that is being applied. The
   * ledger stays open.
   */
  close(): Promise<void>;
}

/**
 * Starts the receiver on a ledger, and applies what it keeps, beginning with what was kept and not
 * applied before.
 * @throws OperatorError when the port cannot be used, or the file of stop words cannot be read
 */
export async function startReceiving(
  ledger: OpenedLedger,
  options: Pick<ReceiverOptions, "host" | "port" | "appSecrets" | "register" | "allowHosts"> & {
    verifyToken: string;
    log: Log;
    onApplied?: Parameters<typeof startLedgerWork>[1]["onApplied"];
  },
): Promise<Receiving> {
  const { log, onApplied, verifyToken, ...where } = options;
  const words = stopWords();
  let work: LedgerWork | undefined;
  const receiver = await usePort(where.port, () =>
    startReceiver({
      ...where,
      verifyTokens: [verifyToken],
      store: (bodies) => ledger.storeWebhookBodies(bodies.map(withoutSecrets)),
      onStored: () => work?.applying.wake(),
      health: async () => (await work?.health()) ?? [],
      metrics: async () => (await work?.metrics()) ?? [],
      notice: (notice) => writeNotice(log, notice),
    }),
  );
  const begun = startLedgerWork(ledger, { log, stopWords: words, onApplied });
  work = begun;
  return {
    url: receiver.url,
    applying: begun.applying,
    async close() {
      await receiver.close();
      await begun.close();
      const { answers } = receiver.figures();
      log.info({ answers }, "closed");
    },
  };
}

const REFUSALS: Readonly<Record<string, string>> = {
  forged:
    "deliveries were refused: their signature is not of WHATSAPP_APP_SECRET; is it the secret of the app that delivers?",
  unsigned: "deliveries were refused: they came without X-Hub-Signature-256",
};

/** Writes down what the receiver reports. */
export function writeNotice(log: Log, notice: ReceiverNotice): void {
  switch (notice.kind) {
    case "refused": {
      const { answer, count } = notice;
      log.warn({ answer, count }, REFUSALS[answer] ?? "deliveries were refused");
      return;
    }
    case "not_keeping":
      log.error(
        { err: notice.error, ...ofPlace(notice) },
        "the ledger cannot keep deliveries; they are answered 503",
      );
      return;
    case "keeping_again":
      log.info(
        { refused: notice.refused, ...ofPlace(notice) },
        "the ledger keeps deliveries again",
      );
      return;
    case "error":
      log.error({ err: notice.error }, "a bug in campaign; please report it");
      return;
  }
}

/** Of several workspaces the one. */
function ofPlace({ to }: { to: string }): { workspace?: string } {
  return to === "" ? {} : { workspace: to };
}
