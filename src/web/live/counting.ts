// Looks at campaigns for everybody who watches, together: once a second what is cheap, and the counts of all rows only so often that
// they cost a twentieth of one core at most. Looks at nothing while nobody watches.

import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { Ledger } from "../../domain/ledger/ledger.ts";
import type { LedgerTally } from "../../domain/result/counts.ts";
import type { Clock } from "../../domain/sending/pace.ts";
import type { Remaining } from "../../domain/sending/turn.ts";
import type { Sample } from "./pace.ts";
import { ratePerSecond, timeLeftMs, withSample } from "./pace.ts";

/** Between two looks. */
const TICK_MS = 1_000;
/** A look that is not older than this is as good as new. */
const FRESH_MS = 900;
/** Part of the time that counting rows may take; a million of them take most of a second. */
const COUNTING_PART = 0.05;
/** What may be saved up of it … */
const CREDIT_MAX_MS = 250;
/** … and borrowed, so that no campaign stays uncounted for long. */
const BORROWED_MAX_MS = 3_000;
/** Counts that cost no more than this are taken when a person looks at the one campaign, whatever was saved up. */
const CHEAP_MS = 30;
/** A campaign that does not move is asked this often whether its runner is still there. */
const PROBE_MS = 3_000;

/** How a campaign stands, as far as it was seen. */
export interface Look {
  campaign: CampaignRecord;
  /** Null while the rows were never counted. */
  tally: LedgerTally | null;
  /** Wall clock; null with `tally`. */
  talliedAt: number | null;
  left: Remaining | null;
  /** True when a runner holds the campaign. */
  isRunning: boolean;
  /** Dispatches a second over the last seconds; null while it cannot be known. */
  rate: number | null;
  timeLeftMs: number | null;
}

/** What is asked of the ledger. */
export type Counted = Pick<Ledger, "listCampaigns" | "findCampaign" | "tally" | "remaining"> & {
  /** Whether a process holds the campaign at this moment. */
  isRunning(campaign: CampaignRecord): Promise<boolean>;
};

interface Known {
  tally: LedgerTally | null;
  talliedAt: number | null;
  /** The rest in monotonic ms; −Infinity for never. */
  countedAt: number;
  countCostMs: number;
  left: Remaining | null;
  leftAt: number;
  leftCostMs: number;
  samples: Sample[];
  probedAt: number;
  isRunning: boolean;
}

export interface Counting {
  /** How one campaign stands now. Waits for its counts at most `waitMs`. */
  look(name: string, waitMs: number): Promise<Look | undefined>;
  /** The same of all campaigns, newest first. */
  looks(waitMs: number): Promise<Look[]>;
  /** Calls `onLook` after every look at a campaign (null: at all) until the returned function is called. */
  watch(name: string | null, onLook: () => void): () => void;
  close(): void;
}

/**
 * Begins to look, once a person watches.
 * @param onError reported when a look failed; the next one is taken all the same
 */
export function makeCounting(options: {
  ledger: Counted;
  clock: Clock;
  onError(error: unknown): void;
}): Counting {
  const { ledger, clock } = options;
  const known = new Map<number, Known>();
  const watchers = new Map<() => void, string | null>();
  let stopTimer: (() => void) | undefined;
  let credit = makeCredit(clock);
  // One look at a time: a request that comes meanwhile waits for it, and finds everything fresh.
  let queue: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = queue.then(work);
    queue = done.catch(() => {});
    return done;
  }

  function knownOf(campaign: CampaignRecord): Known {
    const found = known.get(campaign.id) ?? makeKnown();
    known.set(campaign.id, found);
    return found;
  }

  /** @param isAlone whether a person looks at this one, and not at the list of all */
  async function refresh(campaign: CampaignRecord, isAlone: boolean): Promise<void> {
    const it = knownOf(campaign);
    await lookAtRest(it, campaign);
    await lookForRunner(it, campaign);
    const mayBorrow = it.tally === null || (isAlone && it.countCostMs <= CHEAP_MS);
    if (clock.monotonic() - it.countedAt < FRESH_MS || !credit.isThere(mayBorrow)) return;
    const from = clock.monotonic();
    it.tally = await ledger.tally(campaign.id);
    it.countedAt = clock.monotonic();
    it.talliedAt = clock.now();
    it.countCostMs = it.countedAt - from;
    credit.spend(it.countCostMs);
  }

  /** Pending, claimed and held have small indexes of their own. */
  async function lookAtRest(it: Known, campaign: CampaignRecord): Promise<void> {
    const from = clock.monotonic();
    if (from - it.leftAt < Math.max(FRESH_MS, it.leftCostMs / COUNTING_PART)) return;
    it.left = await ledger.remaining(campaign.id);
    it.leftAt = clock.monotonic();
    it.leftCostMs = it.leftAt - from;
    const left = it.left.pending + it.left.claimed;
    it.samples = withSample(it.samples, { at: it.leftAt, left });
  }

  async function lookForRunner(it: Known, campaign: CampaignRecord): Promise<void> {
    const mayRun = campaign.state === "running" || campaign.state === "planning";
    if (!mayRun) {
      it.isRunning = false;
      return;
    }
    const now = clock.monotonic();
    // What moves has a runner; asking takes its lock for a moment, and is kept for what stands still.
    const [before, last] = it.samples.slice(-2);
    const moves = last !== undefined && before !== undefined && last.left < before.left;
    if (it.isRunning && (moves || now - it.probedAt < PROBE_MS)) return;
    if (!it.isRunning && now - it.probedAt < FRESH_MS) return;
    it.probedAt = now;
    it.isRunning = await ledger.isRunning(campaign);
  }

  function lookOf(campaign: CampaignRecord): Look {
    const { tally, talliedAt, left, isRunning, samples } = knownOf(campaign);
    const moving = isRunning ? samples : [];
    return {
      campaign,
      tally,
      talliedAt,
      left,
      isRunning,
      rate: ratePerSecond(moving),
      timeLeftMs: timeLeftMs(moving),
    };
  }

  async function refreshAll(names: ReadonlySet<string> | null): Promise<void> {
    const all = await ledger.listCampaigns();
    const ids = new Set(all.map(({ id }) => id));
    for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
    const wanted = all.filter(({ name }) => names === null || names.has(name));
    // Who was counted longest ago comes first: what is saved up may not do for everybody.
    wanted.sort((a, b) => knownOf(a).countedAt - knownOf(b).countedAt);
    for (const campaign of wanted) await refresh(campaign, names !== null);
  }

  async function tick(): Promise<void> {
    const from = clock.monotonic();
    const names = [...watchers.values()];
    const wanted = names.includes(null) ? null : new Set(names as string[]);
    try {
      await inTurn(() => refreshAll(wanted));
      for (const onLook of [...watchers.keys()]) onLook();
    } catch (error) {
      options.onError(error);
    }
    schedule(Math.max(0, TICK_MS - (clock.monotonic() - from)));
  }

  function schedule(delayMs: number): void {
    stopTimer = watchers.size === 0 ? undefined : clock.timer(delayMs, () => void tick());
  }

  return {
    async look(name, waitMs) {
      const campaign = await ledger.findCampaign(name);
      if (campaign === undefined) return undefined;
      await atMost(
        inTurn(() => refresh(campaign, true)),
        waitMs,
        options,
      );
      return lookOf(campaign);
    },

    async looks(waitMs) {
      await atMost(
        inTurn(() => refreshAll(null)),
        waitMs,
        options,
      );
      const all = await ledger.listCampaigns();
      return all.reverse().map(lookOf);
    },

    watch(name, onLook) {
      watchers.set(onLook, name);
      if (stopTimer === undefined) schedule(TICK_MS);
      return () => {
        watchers.delete(onLook);
        if (watchers.size > 0) return;
        stopTimer?.();
        stopTimer = undefined;
        credit = makeCredit(clock);
      };
    },

    close() {
      watchers.clear();
      stopTimer?.();
      stopTimer = undefined;
    },
  };
}

/** Waits for a look, and not for ever: what is known by then is shown, and the look goes on. */
async function atMost(
  look: Promise<void>,
  waitMs: number,
  { clock, onError }: { clock: Clock; onError(error: unknown): void },
): Promise<void> {
  let isOver = false;
  const over = new AbortController();
  const slow = clock.sleep(waitMs, over.signal).then(() => {
    isOver = true;
  });
  const done = look.catch((error: unknown) => {
    if (!isOver) throw error;
    onError(error);
  });
  try {
    await Promise.race([done, slow]);
  } finally {
    over.abort();
  }
}

/** Time that may be spent on counting: it comes by itself, and is spent before it is there. */
function makeCredit(clock: Clock) {
  let savedMs = CREDIT_MAX_MS;
  let at = clock.monotonic();
  return {
    isThere(mayBorrow: boolean): boolean {
      const now = clock.monotonic();
      savedMs = Math.min(CREDIT_MAX_MS, savedMs + (now - at) * COUNTING_PART);
      at = now;
      return savedMs > (mayBorrow ? -BORROWED_MAX_MS : 0);
    },
    spend(ms: number): void {
      savedMs -= ms;
    },
  };
}

function makeKnown(): Known {
  const never = Number.NEGATIVE_INFINITY;
  return {
    tally: null,
    talliedAt: null,
    countedAt: never,
    countCostMs: 0,
    left: null,
    leftAt: never,
    leftCostMs: 0,
    samples: [],
    probedAt: never,
    isRunning: false,
  };
}
