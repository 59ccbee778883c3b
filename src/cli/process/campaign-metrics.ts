// The campaigns of a ledger as metrics: for /metrics, and for a file that cron's runs leave behind.
// Nothing here goes through a campaign's rows: who waits is counted in an index, and all others as
// they were counted last.

import { systemClock } from "../../clock/clock.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { CampaignLedger } from "../../domain/campaign/campaign-ports.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import { countAgainMs } from "../../domain/limits/budget.ts";
import type { LedgerTally } from "../../domain/result/counts.ts";
import type { ResultLedger } from "../../domain/result/result-ports.ts";
import type { RunLedger } from "../../domain/sending/run-ports.ts";
import type { Remaining } from "../../domain/sending/turn.ts";
import type { Metric } from "../../web/webhooks/metrics.ts";
import { metricsText } from "../../web/webhooks/metrics.ts";
import { writeOutput } from "../files/output.ts";
import { warn } from "../print/print.ts";

/** A campaign that is over is shown for so long, in milliseconds. */
const SHOWN_MS = 7 * 24 * 60 * 60 * 1000;
/** Each campaign is a label: more than these are no dashboard any more. */
const SHOWN_MAX = 200;
const SECOND_MS = 1_000;

/** What the metrics are read from. */
export type MetricsLedger = Pick<CampaignLedger, "listCampaigns"> &
  Pick<RunLedger, "remaining"> &
  Pick<ResultLedger, "keptTally">;

interface Seen {
  campaign: CampaignRecord;
  left: Remaining;
  /** As it was counted last; null where that is not known. */
  counts: LedgerTally["counts"] | null;
}

/** Gives the metrics of a ledger's campaigns, each time they are asked for. */
export function makeCampaignMetrics(ledger: MetricsLedger): () => Promise<Metric[]> {
  const kept = new Map<number, { at: number; left: Remaining; counts: Seen["counts"] }>();
  return async () => {
    const now = systemClock.now();
    const all = await ledger.listCampaigns();
    const seen: Seen[] = [];
    for (const campaign of shownOf(all, now)) {
      const { id, rows } = campaign;
      let one = kept.get(id);
      if (one === undefined || now - one.at >= countAgainMs(rows)) {
        const tally = await ledger.keptTally(id);
        const counts = tally?.counts ?? one?.counts ?? null;
        one = { at: now, left: await ledger.remaining(id), counts };
        kept.set(id, one);
      }
      seen.push({ campaign, left: one.left, counts: one.counts });
    }
    return [statesMetric(all), ...campaignGauges(seen)];
  };
}

/** Those that are not over, and those that were until a week ago; the newest of many. */
function shownOf(all: readonly CampaignRecord[], now: number): CampaignRecord[] {
  const isOver = ({ state }: CampaignRecord) => state === "finished" || state === "cancelled";
  return all
    .filter((one) => one.erasedAt === null && (!isOver(one) || now - one.changedAt < SHOWN_MS))
    .toSorted((a, b) => b.changedAt - a.changedAt)
    .slice(0, SHOWN_MAX);
}

function statesMetric(all: readonly CampaignRecord[]): Metric {
  const states = new Map<string, number>();
  for (const { state } of all) states.set(state, (states.get(state) ?? 0) + 1);
  return {
    name: "campaign_campaigns",
    help: "Campaigns of the ledger by state.",
    type: "gauge",
    samples: [...states].map(([state, value]) => ({ labels: { state }, value })),
  };
}

function campaignGauges(seen: readonly Seen[]): Metric[] {
  const gauge = (name: string, help: string, samples: Metric["samples"]): Metric => ({
    ...{ name, help, type: "gauge", samples },
  });
  const each = (
    samplesOf: (one: Seen) => { labels?: Record<string, string>; value: number }[],
  ): Metric["samples"] =>
    seen.flatMap((one) =>
      samplesOf(one).map(({ labels, value }) => ({
        labels: { campaign: one.campaign.name, ...labels },
        value,
      })),
    );
  return [
    gauge(
      "campaign_state",
      "1 with the state of each campaign that is not over, or was not a week ago.",
      each(({ campaign }) => [{ labels: { state: campaign.state }, value: 1 }]),
    ),
    gauge(
      "campaign_rows",
      "Rows of its list that were planned.",
      each(({ campaign }) => [{ value: campaign.rows }]),
    ),
    gauge(
      "campaign_waiting",
      "People who wait: pending, claimed, held.",
      each(({ left: { pending, claimed, held } }) =>
        Object.entries({ pending, claimed, held }).map(([status, value]) => ({
          ...{ labels: { status }, value },
        })),
      ),
    ),
    gauge(
      "campaign_people",
      "Rows by status, as they were counted last; not there before the first count.",
      each(({ counts }) =>
        Object.entries(counts ?? {}).map(([status, value]) => ({ labels: { status }, value })),
      ),
    ),
    gauge(
      "campaign_stopped",
      "1 while it is paused, halted by an event, halted by its ramp, or its plan waits; by which.",
      each(({ campaign: { stop } }) =>
        (["paused", "halted", "ramp", "plan"] as const).map((kind) => ({
          ...{ labels: { by: kind }, value: stop?.kind === kind ? 1 : 0 },
        })),
      ),
    ),
    gauge(
      "campaign_changed_timestamp_seconds",
      "When its state changed last.",
      each(({ campaign }) => [{ value: campaign.changedAt / SECOND_MS }]),
    ),
  ];
}

/** How a command ended. */
interface CommandEnd {
  command: "run" | "work";
  /** Of a run. */
  campaign: string | null;
  code: number;
}

/**
 * Writes the campaigns of a ledger, and how the command ended, for the textfile collector of
 * Prometheus' node exporter. The file has its name only once it is whole. A file that cannot be
 * written is said, and changes no exit code.
 * @param ledger undefined where it could not be opened
 */
export async function writeMetricsFile(
  file: string,
  ledger: MetricsLedger | undefined,
  end: CommandEnd,
): Promise<void> {
  try {
    const all = ledger === undefined ? [] : await makeCampaignMetrics(ledger)();
    const text = metricsText([...all, ...endMetrics(end)]);
    await writeOutput(file, (out) => out.write(text));
  } catch (error) {
    const why = error instanceof OperatorError ? error.message : "the ledger did not answer";
    warn(`--metrics-file: ${why}`);
  }
}

function endMetrics({ command, campaign, code }: CommandEnd): Metric[] {
  const labels = { command, ...(campaign !== null && { campaign }) };
  const at = systemClock.now() / SECOND_MS;
  return [
    {
      name: "campaign_command_exit_code",
      help: "How the last command that wrote this file ended: 0, 1, 2, 3 or 75.",
      type: "gauge",
      samples: [{ labels, value: code }],
    },
    {
      name: "campaign_command_ended_timestamp_seconds",
      help: "When it ended.",
      type: "gauge",
      samples: [{ labels, value: at }],
    },
  ];
}
