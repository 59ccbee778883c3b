// What the pages show of campaigns, looked at once for everyone who watches. Counting all rows
// takes a second or two for a million, so a count is repeated only after twenty times as long as it
// took; everything else is asked by the second.

import type { CampaignRecord, DailyLimit } from "../../domain/campaign/campaign.ts";
import type { TimeSeries } from "../../domain/common/time-buckets.ts";
import type { KeptInsights } from "../../domain/insights/insight.ts";
import type { Ledger } from "../../domain/ledger/ledger.ts";
import type { Engagement } from "../../domain/receipts/engagement.ts";
import type { CampaignStanding } from "../../domain/result/campaign-standing.ts";
import { standingOf } from "../../domain/result/campaign-standing.ts";
import type { ConditionFacts } from "../../domain/result/conditions.ts";
import type { LedgerTally } from "../../domain/result/counts.ts";
import type { ReportSettings } from "../../domain/result/report-data.ts";
import { rulesNow } from "../../domain/result/rules-now.ts";
import type { Clock } from "../../domain/sending/pace.ts";
import type { Remaining } from "../../domain/sending/turn.ts";
import type { WorthCounts } from "../../domain/worth/conversion.ts";
import type { Sample } from "./pace.ts";
import { ratePerSecond, timeLeftMs, withSample } from "./pace.ts";

const TICK_MS = 1_000;
/** Counting takes a twentieth of the time at most. */
const COUNT_PAUSE = 19;
/** A campaign that is counted as fast as this is counted whenever a person looks at it. */
const CHEAP_MS = 30;
/** A runner that was there is asked for again after this; asking takes its lock for a moment. */
const PROBE_MS = 3_000;

/** How a campaign stands, as far as it was seen. */
export interface Look {
  campaign: CampaignRecord;
  standing: CampaignStanding;
  left: Remaining;
  /** Null while the rows were never counted. */
  tally: LedgerTally | null;
  /** Wall clock; null with `tally`. */
  talliedAt: number | null;
  /** What Meta counted, and what people did, as of the last count; null where nobody looked. */
  insights: CountedInsights | null;
  /** What its people ordered, as of the last count. */
  worth: WorthCounts | null;
  dailyLimit: DailyLimit | null;
  /** What its manifest says today; null when it cannot be read. */
  settings: ReportSettings | null;
  /** Dispatches a second over the last seconds; null while it cannot be known. */
  rate: number | null;
  timeLeftMs: number | null;
  /** Requests of late, by the second; null where it was not asked for. */
  posts: TimeSeries | null;
  /** What its conditions follow from; null where it was not asked for, or never counted. */
  conditions: ConditionFacts | null;
}

/** What Meta counted, and the clicks that webhooks reported. */
interface CountedInsights {
  kept: KeptInsights;
  engagement: Engagement;
}

/** What is asked of the ledger. */
export type LookedAt = Pick<
  Ledger,
  | "listCampaigns"
  | "findCampaign"
  | "tally"
  | "remaining"
  | "rampState"
  | "testState"
  | "dailyLimit"
  | "recentPosts"
  | "insightsOf"
  | "engagement"
  | "worthOf"
> & {
  /** Whether a process holds the campaign at this moment. */
  isRunning(campaign: CampaignRecord): Promise<boolean>;
};

export interface Looks {
  /** One campaign, as it stands now. Waits for its counts at most `waitMs`. */
  look(name: string, waitMs: number): Promise<Look | undefined>;
  /** All campaigns, newest first. */
  looks(waitMs: number): Promise<Look[]>;
  /** Calls `onLook` once a second until the returned function is called. */
  watch(onLook: () => void): () => void;
  close(): void;
}

interface Known {
  tally: LedgerTally | null;
  talliedAt: number | null;
  insights: CountedInsights | null;
  worth: WorthCounts | null;
  countMs: number;
  counting: Promise<void> | null;
  samples: Sample[];
  isRunning: boolean;
  /** Monotonic. */
  probedAt: number;
}

/** @param options.settingsOf what the manifest of a campaign says today */
export function makeLooks(options: {
  ledger: LookedAt;
  clock: Clock;
  settingsOf(campaign: CampaignRecord): Promise<ReportSettings | null>;
  onError(error: unknown): void;
}): Looks {
  const { ledger, clock, settingsOf, onError } = options;
  const known = new Map<number, Known>();
  const watchers = new Set<() => void>();
  const fresh = new Map<string, { at: number; value: Promise<unknown> }>();
  let stopTimer: (() => void) | undefined;
  // One count at a time, and none before this.
  let queue: Promise<void> = Promise.resolve();
  let nextCountAt = Number.NEGATIVE_INFINITY;

  function knownOf({ id }: CampaignRecord): Known {
    const found = known.get(id) ?? {
      ...{ tally: null, talliedAt: null, insights: null, worth: null, countMs: 0 },
      ...{ counting: null, samples: [] },
      ...{ isRunning: false, probedAt: Number.NEGATIVE_INFINITY },
    };
    known.set(id, found);
    return found;
  }

  /** One answer for all who watch in the same second. */
  function shared<T>(key: string, waitMs: number, ask: () => Promise<T>): Promise<T> {
    const last = fresh.get(key);
    const now = clock.monotonic();
    if (waitMs === 0 && last !== undefined && now - last.at < TICK_MS / 2) {
      return last.value as Promise<T>;
    }
    const value = ask();
    fresh.set(key, { at: now, value });
    value.catch(() => fresh.delete(key));
    return value;
  }

  function count(campaign: CampaignRecord): Promise<void> {
    const it = knownOf(campaign);
    it.counting ??= queue.then(async () => {
      const from = clock.monotonic();
      try {
        it.tally = await ledger.tally(campaign.id);
        it.talliedAt = clock.now();
        const kept = await ledger.insightsOf(campaign.id);
        it.worth = await ledger.worthOf(campaign.id);
        it.insights = kept && { kept, engagement: await ledger.engagement(campaign.id) };
      } finally {
        const to = clock.monotonic();
        it.countMs = to - from;
        it.counting = null;
        nextCountAt = Math.max(nextCountAt, to) + it.countMs * COUNT_PAUSE;
      }
    });
    queue = it.counting.catch(() => {});
    return it.counting;
  }

  async function probe(campaign: CampaignRecord, it: Known): Promise<void> {
    const mayRun = campaign.state === "running" || campaign.state === "planning";
    if (!mayRun) {
      it.isRunning = false;
      return;
    }
    const now = clock.monotonic();
    const [before, last] = it.samples.slice(-2);
    const moves = last !== undefined && before !== undefined && last.left < before.left;
    if (it.isRunning && (moves || now - it.probedAt < PROBE_MS)) return;
    it.probedAt = now;
    it.isRunning = await ledger.isRunning(campaign);
  }

  /** @param isAlone whether a person looks at this one, and not at the list of all */
  async function lookAt(campaign: CampaignRecord, isAlone: boolean, waitMs: number): Promise<Look> {
    const it = knownOf(campaign);
    const left = await ledger.remaining(campaign.id);
    const sample = { at: clock.monotonic(), left: left.pending + left.claimed };
    it.samples = withSample(it.samples, sample);
    await probe(campaign, it);
    const now = clock.now();
    const dailyLimit = await ledger.dailyLimit(campaign, now);
    const posts = isAlone ? await ledger.recentPosts(campaign.id) : null;
    const settings = await settingsOf(campaign);
    const isDue = clock.monotonic() >= nextCountAt;
    if (it.tally === null || isDue || (isAlone && it.countMs <= CHEAP_MS)) {
      const counted = count(campaign);
      counted.catch((error: unknown) => onError(error));
      await atMost(counted, it.countMs <= CHEAP_MS ? Math.max(waitMs, 2 * CHEAP_MS) : waitMs);
    }
    const { tally, talliedAt, insights, worth, isRunning } = it;
    const counts = tally?.counts ?? {};
    const moving = isRunning ? it.samples : [];
    const standing = standingOf({ campaign, isRunning, left, now, counts, dailyLimit });
    const look = {
      campaign,
      left,
      tally,
      talliedAt,
      insights,
      worth,
      dailyLimit,
      settings,
      posts,
      standing,
    };
    return {
      ...look,
      conditions: isAlone ? await conditionsIn(look, now) : null,
      rate: ratePerSecond(moving),
      timeLeftMs: timeLeftMs(moving),
    };
  }

  /** Who waits is known by the second, what became of the others as of the last count. */
  async function conditionsIn(
    look: Pick<Look, "campaign" | "left" | "tally" | "dailyLimit" | "settings" | "standing">,
    now: number,
  ): Promise<ConditionFacts | null> {
    const { campaign, left, settings, standing, dailyLimit } = look;
    if (look.tally === null) return null;
    const { pending, held } = left;
    const tally = { ...look.tally, counts: { ...look.tally.counts, pending, held } };
    const about = { campaign: campaign.id, standing, tally, now };
    const found = await rulesNow(settings?.rules ?? null, ledger, about);
    return { now, standing, tally, budget: campaign.budget, dailyLimit, found };
  }

  /** Waits for a count, and not for ever: what is known by then is shown, and the count goes on. */
  async function atMost(counted: Promise<void>, waitMs: number): Promise<void> {
    const over = new AbortController();
    const slow = clock.sleep(waitMs, over.signal);
    try {
      await Promise.race([counted, slow]);
    } finally {
      over.abort();
    }
  }

  async function lookAtAll(waitMs: number): Promise<Look[]> {
    const all = await ledger.listCampaigns();
    const ids = new Set(all.map(({ id }) => id));
    for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
    const until = clock.monotonic() + waitMs;
    const looks: Look[] = [];
    for (const campaign of all.reverse()) {
      looks.push(await lookAt(campaign, false, Math.max(0, until - clock.monotonic())));
    }
    const now = clock.now();
    return looks.map((look) => ({ ...look, standing: withNumberUsed(look, looks, now) }));
  }

  function tick(): void {
    for (const onLook of [...watchers]) onLook();
    schedule();
  }

  function schedule(): void {
    stopTimer = watchers.size === 0 ? undefined : clock.timer(TICK_MS, tick);
  }

  return {
    async look(name, waitMs) {
      const campaign = await ledger.findCampaign(name);
      if (campaign === undefined) return undefined;
      return await shared(`campaign ${campaign.id}`, waitMs, () => lookAt(campaign, true, waitMs));
    },

    looks: (waitMs) => shared("all", waitMs, () => lookAtAll(waitMs)),

    watch(onLook) {
      watchers.add(onLook);
      if (stopTimer === undefined) schedule();
      return () => {
        watchers.delete(onLook);
        if (watchers.size > 0) return;
        stopTimer?.();
        stopTimer = undefined;
      };
    },

    close() {
      watchers.clear();
      stopTimer?.();
      stopTimer = undefined;
    },
  };
}

/** A campaign that waits while another one runs on its sending number says so. */
function withNumberUsed(look: Look, all: readonly Look[], now: number): CampaignStanding {
  const { campaign, standing, left, tally, dailyLimit } = look;
  if (standing.kind !== "waiting" && standing.kind !== "stopped") return standing;
  const other = all.find(
    (one) => one.campaign.lane === campaign.lane && one.standing.kind === "sending",
  );
  if (other === undefined) return standing;
  const numberUsedBy = { campaign: other.campaign.name, since: other.campaign.changedAt };
  const counts = tally?.counts ?? {};
  return standingOf({ campaign, isRunning: false, left, now, counts, dailyLimit, numberUsedBy });
}
