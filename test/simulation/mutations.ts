// The loop with one of its rules broken, made around its ports: the simulation is worth something
// only if it finds each of them.

import type { Claim } from "../../src/domain/campaign/attempt.ts";
import { LedgerError } from "../../src/domain/campaign/fault.ts";
import type { CommitTurn, RunnerLedger, WatchedLedger } from "./faulty-ledger.ts";
import { LANE_MUTATIONS } from "./lane-mutations.ts";
import type { LeaseRules } from "./leases.ts";
import type { World } from "./world.ts";

interface MutationContext {
  world: World;
  /** The ledger without faults, as the oracle sees it. */
  watched: WatchedLedger;
  /** True when a verb of this runner failed. */
  hasFailed(): boolean;
}

/** What is broken. */
export interface Mutation {
  /** Stands between the loop and its ledger, for one runner. */
  ledger?(inner: RunnerLedger, context: MutationContext): RunnerLedger;
  /** Carries out a turn in place of the real ledger. */
  commit?(world: World): CommitTurn;
  /** Called once a runner has ended, in whatever way. */
  ended?(world: World, watched: WatchedLedger): Promise<void>;
  /** Other rules of the leases. */
  leases?: Partial<LeaseRules>;
  /** Moves people from lane to lane in place of the real ledger. */
  move?(campaign: number, from: string, to: string, world: World): Promise<number>;
  /** It shows with several lanes or machines alone. */
  isOfLanes?: true;
}

/** No mutation: the loop as it is. */
export const NONE: Mutation = {};

/** Hands back what the ledger has as claimed, or some of it. */
async function free(
  { campaign, oracle, time }: World,
  watched: WatchedLedger,
  claims: Iterable<{ row: number; attempt: number }> = [...oracle.claimed].map(
    ([row, { attempt }]) => ({ row, attempt }),
  ),
): Promise<number> {
  const release = [...claims].map(({ row, attempt }) => ({ row, attempt }));
  if (release.length === 0) return 0;
  await watched.turn({ campaign, now: time.wall(), record: [], release, claim: 0 });
  return release.length;
}

/**
 * Posts what is claimed while the claim is not committed yet: that happens with the next turn, and
 * a killed process has none.
 */
function postBeforeClaim(): Mutation {
  /** Of each runner. */
  const uncommitted = new Map<WatchedLedger, Claim[]>();
  return {
    ledger: (inner, { watched }) => ({
      ...inner,
      async turn(turn) {
        uncommitted.delete(watched);
        const result = await inner.turn(turn);
        uncommitted.set(watched, result.claimed);
        return result;
      },
    }),
    async ended(world, watched) {
      const rolledBack = (uncommitted.get(watched) ?? []).filter(
        ({ row, attempt }) => world.oracle.claimed.get(row)?.attempt === attempt,
      );
      uncommitted.delete(watched);
      await free(world, watched, rolledBack);
    },
  };
}

/** The claims of a dead run are sent again. */
function noStaleClaims(): Mutation {
  return {
    ledger: (inner, { world, watched }) => ({
      ...inner,
      recoverClaims: () => free(world, watched),
    }),
  };
}

/**
 * After a turn that failed the loop starts over with what the ledger has as claimed, as if nothing
 * of it were on its way.
 */
function lostCommitForgotten(): Mutation {
  return {
    ledger: (inner, { world, watched }) => ({
      ...inner,
      async turn(turn) {
        try {
          return await inner.turn(turn);
        } catch (error) {
          const isUnanswered = [...world.oracle.claimed.values()].some(
            (claim) => claim.isUnanswered,
          );
          if (error instanceof LedgerError && isUnanswered) await free(world, watched);
          throw error;
        }
      },
    }),
  };
}

/** An attempt whose answer was lost is made again. */
function retryUnknown(): Mutation {
  return {
    ledger: (inner) => ({
      ...inner,
      turn: (turn) => {
        const record = turn.record.map((attempt) =>
          attempt.next.to === "unknown"
            ? { ...attempt, next: { to: "pending" } as const }
            : attempt,
        );
        return inner.turn({ ...turn, record });
      },
    }),
  };
}

/** The claim does not look at the opt-out list. */
function noOptOutCheck(): Mutation {
  return {
    commit: ({ ledger, oracle, time }) => {
      return async (turn) => {
        const persons = [...oracle.optedOut].map((phone) => ({ person: phone.slice(1) }));
        await ledger.unsuppress(persons);
        const result = await ledger.turn(turn);
        await ledger.suppress(persons.map(entryOf), time.wall());
        return result;
      };
    },
  };
}

function entryOf({ person }: { person: string }) {
  return { phone: `+${person}`, person, userId: null, reason: "asked", source: "manual" };
}

/** A new runner does not know what the lane used before it. */
function noPace(): Mutation {
  return { ledger: (inner) => ({ ...inner, pace: async () => undefined }) };
}

/** Claims that were not posted are not handed back. */
function noRelease(): Mutation {
  return {
    ledger: (inner) => ({ ...inner, turn: (turn) => inner.turn({ ...turn, release: [] }) }),
  };
}

/** A run ends without looking who still waits. */
function blindFinish(): Mutation {
  const nobody = { pending: 0, claimed: 0, held: 0, nextDueAt: null };
  return {
    ledger: (inner) => ({
      ...inner,
      remaining: async (...of) => ({ ...(await inner.remaining(...of)), ...nobody }),
    }),
  };
}

/** Who has lost the lane turns the ledger all the same. */
function noFence(): Mutation {
  return { ledger: (inner, { watched }) => ({ ...inner, turn: watched.turn }) };
}

/** A claim is posted however old it is. */
function noStaleCheck(): Mutation {
  return { ledger: (inner) => ({ ...inner, claimWaitMs: Number.POSITIVE_INFINITY }) };
}

/** Only the first claim of a run asks how large the ramp's step is. */
function noRamp(): Mutation {
  return {
    commit: ({ ledger }) => {
      let turns = 0;
      return ({ rampSizes, ...turn }) => {
        turns += turn.claim > 0 ? 1 : 0;
        const isAsked = rampSizes !== undefined && turns <= 1;
        return ledger.turn(isAsked ? { ...turn, rampSizes } : turn);
      };
    },
  };
}

/** By name; each call makes one for one world. */
export const MUTATIONS: Readonly<Record<string, () => Mutation>> = {
  "post-before-claim": postBeforeClaim,
  "no-stale-claims": noStaleClaims,
  "lost-commit-forgotten": lostCommitForgotten,
  "retry-unknown": retryUnknown,
  "no-opt-out-check": noOptOutCheck,
  "no-pace": noPace,
  "no-release": noRelease,
  "blind-finish": blindFinish,
  "no-fence": noFence,
  "no-stale-check": noStaleCheck,
  "no-ramp": noRamp,
  ...LANE_MUTATIONS,
};
