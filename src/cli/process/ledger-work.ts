// What a server does with one ledger: it applies what was kept of webhooks, expires messages, and
// tells /health and /metrics how that goes.

import { systemClock } from "../../clock/clock.ts";
import { LedgerError } from "../../domain/campaign/fault.ts";
import type { ReceiptTotals } from "../../domain/receipts/processing.ts";
import { lostSentence } from "../../domain/receipts/went-back.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import type { Metric } from "../../web/webhooks/metrics.ts";
import type { Log } from "../print/log.ts";
import type { Applying } from "./applying.ts";
import { startApplying } from "./applying.ts";
import { makeCampaignMetrics } from "./campaign-metrics.ts";
import { expireMessages } from "./expiring.ts";

/** Deliveries that have waited for so long are a reason to look, in milliseconds. */
const BEHIND_MS_MAX = 60_000;
/** How often it is looked for messages whose TTL has passed, in milliseconds. */
const EXPIRY_MS = 60_000;

/** For /health, which strangers may read: without the path. */
const GONE =
  "the ledger's file was deleted, moved or replaced: put the same file back with its -wal file, and start this again";

export interface LedgerWork {
  applying: Applying;
  /** Why not all is well, in sentences; empty when all is. */
  health(): Promise<string[]>;
  metrics(): Promise<Metric[]>;
  /** Ends after the piece that is being applied. The ledger stays open. */
  close(): Promise<void>;
}

/** Begins with what was kept and not applied before. */
export function startLedgerWork(
  ledger: OpenedLedger,
  options: {
    log: Log;
    stopWords: readonly string[];
    onApplied?: Parameters<typeof startApplying>[1]["onApplied"];
  },
): LedgerWork {
  const { log, stopWords, onApplied } = options;
  let applyingSays: string | null = null;
  const applied = { optOuts: 0, lifted: 0, settled: 0 };
  const applying = startApplying(ledger, {
    clock: systemClock,
    stopWords,
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
  const campaigns = makeCampaignMetrics(ledger);
  return {
    applying,
    health: async () => {
      if (await isGone(ledger)) return [GONE];
      return [...(applyingSays === null ? [] : [applyingSays]), ...behind(applying)];
    },
    metrics: async () => [
      ...ledgerMetrics(await ledger.receiptTotals()),
      ...appliedMetrics(applied),
      ...(await campaigns()),
    ],
    async close() {
      await Promise.all([applying.close(), expiring.close()]);
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

function behind(applying: Applying): string[] {
  const since = applying.behindSince();
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
