// Puts the receiver of webhooks together with the ledger: what it keeps in, what applies it, what
// /health and /metrics tell, what goes into the log. Shared by the commands that receive.

import { systemClock } from "../../clock/clock.ts";
import { LedgerError } from "../../domain/campaign/fault.ts";
import type { ReceiptTotals } from "../../domain/receipts/processing.ts";
import { lostSentence } from "../../domain/receipts/went-back.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import { openLedgerAt } from "../../ledger/open.ts";
import type { Metric } from "../../web/webhooks/metrics.ts";
import type { ReceiverNotice, ReceiverOptions } from "../../web/webhooks/options.ts";
import { startReceiver } from "../../web/webhooks/receiver.ts";
import { ledgerAddress, sayLedger, stopWords, usePort } from "../campaign/wiring.ts";
import { agreeToMake } from "../check/new-ledger.ts";
import type { CommandContext } from "../context.ts";
import type { Log } from "../print/log.ts";
import { withoutSecrets } from "../print/redact.ts";
import type { Applying } from "./applying.ts";
import { startApplying } from "./applying.ts";
import { expireMessages } from "./expiring.ts";

/**
 * How long a verb waits for another process's transaction, blocking this one, in milliseconds:
 * short, since no answer goes out meanwhile. What takes longer is tried again.
 */
const BUSY_MS = 250;
/** How long opening is tried, since a runner that plans keeps the ledger busy, in milliseconds. */
const OPEN_MS_MAX = 10_000;
/** Deliveries that have waited for so long are a reason to look, in milliseconds. */
const BEHIND_MS_MAX = 60_000;
/** How often it is looked for messages whose TTL has passed, in milliseconds. */
const EXPIRY_MS = 60_000;

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

/** For /health, which strangers may read: without the path. */
const GONE =
  "the ledger's file was deleted, moved or replaced: put the same file back with its -wal file, and start this again";

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
  options: Pick<
    ReceiverOptions,
    "host" | "port" | "appSecrets" | "verifyToken" | "register" | "allowHosts"
  > & {
    log: Log;
    onApplied?: Parameters<typeof startApplying>[1]["onApplied"];
  },
): Promise<Receiving> {
  const { log, onApplied, ...where } = options;
  const words = stopWords();
  let applyingSays: string | null = null;
  const applied = { optOuts: 0, lifted: 0, settled: 0 };
  let applying: Applying | undefined;
  const receiver = await usePort(where.port, () =>
    startReceiver({
      ...where,
      store: (bodies) => ledger.storeWebhookBodies(bodies.map(withoutSecrets)),
      onStored: () => applying?.wake(),
      health: async () => {
        if (await isGone(ledger)) return [GONE];
        return [...(applyingSays === null ? [] : [applyingSays]), ...behind(applying)];
      },
      metrics: async () => [
        ...ledgerMetrics(await ledger.receiptTotals()),
        ...appliedMetrics(applied),
        await campaignMetric(ledger),
      ],
      notice: (notice) => writeNotice(log, notice),
    }),
  );
  applying = startApplying(ledger, {
    clock: systemClock,
    stopWords: words,
    onApplied(done) {
      if (applyingSays !== null) log.info("deliveries are applied again");
      applyingSays = null;
      applied.optOuts += done.optOuts;
      applied.lifted += done.lifted;
      applied.settled += done.settled;
      if (done.lost > 0) log.error({ receipts: done.lost }, lostSentence(done.lost));
      if (done.bodies > 0) log.debug(done, "applied");
      onApplied?.(done);
    },
    onError(error) {
      // A runner that has the ledger for a moment is nothing to look at.
      if (error instanceof LedgerError && error.fault === "busy") return log.debug("ledger busy");
      applyingSays ??= `nothing could be applied since ${new Date(systemClock.now()).toISOString()}`;
      log.error({ err: error }, "what was kept could not be applied; it stays kept");
    },
  });
  const expiring = startExpiring(ledger, log);
  const isApplying = applying;
  return {
    url: receiver.url,
    applying: isApplying,
    async close() {
      await receiver.close();
      await Promise.all([isApplying.close(), expiring.close()]);
      const { answers } = receiver.figures();
      log.info({ answers }, "closed");
    },
  };
}

/** Asks the ledger for something; any other fault is thrown. */
async function isGone(ledger: OpenedLedger): Promise<boolean> {
  try {
    await ledger.pace("");
    return false;
  } catch (error) {
    if (error instanceof LedgerError && error.fault === "gone") return true;
    throw error;
  }
}

function behind(applying: Applying | undefined): string[] {
  const since = applying?.behindSince() ?? null;
  if (since === null || systemClock.now() - since < BEHIND_MS_MAX) return [];
  return [`deliveries wait to be applied without a break since ${new Date(since).toISOString()}`];
}

/**
 * Messages of which nothing is reported until their TTL has passed expire here, too, where no run
 * is begun for days.
 */
function startExpiring(ledger: OpenedLedger, log: Log): { close(): Promise<void> } {
  const end = new AbortController();
  const work = async () => {
    while (!end.signal.aborted) {
      await systemClock.sleep(EXPIRY_MS, end.signal);
      if (end.signal.aborted) return;
      try {
        const expired = await expireMessages(ledger, end.signal);
        if (expired > 0) log.info({ expired }, "messages expired: their TTL has passed");
      } catch (error) {
        log.warn({ err: error }, "it could not be looked for expired messages");
      }
    }
  };
  const worked = work();
  return {
    async close() {
      end.abort();
      await worked;
    },
  };
}

const REFUSALS: Readonly<Record<string, string>> = {
  forged:
    "deliveries were refused: their signature is not of WHATSAPP_APP_SECRET; is it the secret of the app that delivers?",
  unsigned: "deliveries were refused: they came without X-Hub-Signature-256",
};

function writeNotice(log: Log, notice: ReceiverNotice): void {
  switch (notice.kind) {
    case "refused": {
      const { answer, count } = notice;
      log.warn({ answer, count }, REFUSALS[answer] ?? "deliveries were refused");
      return;
    }
    case "not_keeping":
      log.error({ err: notice.error }, "the ledger cannot keep deliveries; they are answered 503");
      return;
    case "keeping_again":
      log.info({ refused: notice.refused }, "the ledger keeps deliveries again");
      return;
    case "error":
      log.error({ err: notice.error }, "a bug in campaign; please report it");
      return;
  }
}

function ledgerMetrics({ bodies, waiting, parked, counts }: ReceiptTotals): Metric[] {
  const events = Object.entries(counts).flatMap(([event, effects]) =>
    Object.entries(effects)
      // Parked events are waiting, and their number falls again.
      .filter(([effect]) => effect !== "parked")
      .map(([effect, value]) => ({ labels: { event, effect }, value })),
  );
  return [
    {
      name: "campaign_deliveries_total",
      help: "Deliveries that the ledger ever kept.",
      type: "counter",
      samples: [{ value: bodies }],
    },
    {
      name: "campaign_deliveries_waiting",
      help: "Deliveries that are kept and not applied yet.",
      type: "gauge",
      samples: [{ value: waiting }],
    },
    {
      name: "campaign_receipts_parked",
      help: "Receipts that wait for a runner's own answer, or until only one message can be meant.",
      type: "gauge",
      samples: [{ value: parked }],
    },
    {
      name: "campaign_events_total",
      help: "Events of deliveries by kind and by what became of them.",
      type: "counter",
      samples: events,
    },
  ];
}

function appliedMetrics(applied: { optOuts: number; lifted: number; settled: number }): Metric[] {
  const metric = (name: string, help: string, value: number): Metric => ({
    name,
    help,
    type: "counter",
    samples: [{ value }],
  });
  return [
    metric(
      "campaign_opt_outs_total",
      "People put on the opt-out list by webhooks since this process began.",
      applied.optOuts,
    ),
    metric(
      "campaign_opt_outs_lifted_total",
      "People taken off it by their own switch since this process began.",
      applied.lifted,
    ),
    metric(
      "campaign_unknown_settled_total",
      "Messages in doubt that a receipt settled since this process began.",
      applied.settled,
    ),
  ];
}

async function campaignMetric(ledger: OpenedLedger): Promise<Metric> {
  const states = new Map<string, number>();
  for (const { state } of await ledger.listCampaigns()) {
    states.set(state, (states.get(state) ?? 0) + 1);
  }
  return {
    name: "campaign_campaigns",
    help: "Campaigns of the ledger by state.",
    type: "gauge",
    samples: [...states].map(([state, value]) => ({ labels: { state }, value })),
  };
}
