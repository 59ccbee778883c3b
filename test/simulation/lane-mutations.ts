// Rules of several lanes and several runners broken: what one runner on one lane never shows.

import Database from "better-sqlite3";

import type { RunnerLedger } from "./faulty-ledger.ts";
import { LEASE_MS } from "./leases.ts";
import type { Mutation } from "./mutations.ts";
import type { World } from "./world.ts";

const OF_LANES = { isOfLanes: true } as const;
/** A runner that was silent for so long is taken for dead, in milliseconds. */
const SILENT_MS = 300;

/** A runner that has lost one of its lanes writes on all of them while it has another. */
function fenceOfCampaign(): Mutation {
  return { ...OF_LANES, leases: { isFenced: (lost, held) => lost > 0 && lost === held } };
}

/** A lane is taken before its lease has run out. */
function earlyTakeOver(): Mutation {
  const isFree = (until: number, now: number): boolean => until <= now + LEASE_MS - SILENT_MS;
  return { ...OF_LANES, leases: { isFree } };
}

/** The renewal of a lease does not look whose it is by now. */
function renewalTakesBack(): Mutation {
  return { ...OF_LANES, leases: { isRenewedBy: () => true } };
}

/** Who takes one lane over gives up the claims of all. */
function recoverAllLanes(): Mutation {
  return {
    ...OF_LANES,
    ledger: (inner) => ({
      ...inner,
      recoverClaims: (campaign, now) => inner.recoverClaims(campaign, now),
    }),
  };
}

/** Who is claimed goes by another number, too. */
function moveClaimed(): Mutation {
  return {
    ...OF_LANES,
    async move(campaign, from, to, { ledger, lanes }) {
      const db = new Database(ledger.address);
      try {
        const change = db.prepare(`
          update dispatch set lane_place = ? where campaign_id = ? and lane_place = ?
            and status in ('pending', 'claimed')
        `);
        return change.run(lanes.indexOf(to), campaign, lanes.indexOf(from)).changes;
      } finally {
        db.close();
      }
    },
  };
}

/** A lane that halts stops the campaign. */
function haltOfAll(): Mutation {
  return {
    ...OF_LANES,
    ledger: (inner) => ({
      ...inner,
      async setLaneState(campaign, lane, state, halt, now, ...last) {
        await inner.setLaneState(campaign, lane, state, halt, now, ...last);
        if (halt === null) return;
        await inner.askStop(campaign, { kind: "halted", ...halt, at: now }, now);
      },
    }),
  };
}

/** A lane with nobody left sends to the people of the others. */
function claimsOfOthers(): Mutation {
  return {
    ...OF_LANES,
    ledger: (inner: RunnerLedger, { world }: { world: World }) => ({
      ...inner,
      async turn(turn) {
        const result = await inner.turn(turn);
        if (!result.drained || turn.claim === 0) return result;
        const lane = ((turn.lane ?? 0) + 1) % world.lanes.length;
        return inner.turn({ ...turn, lane, record: [], release: [] });
      },
    }),
  };
}

/** Who takes a lane over goes on at the pace of the first one. */
function paceOfFirstLane(): Mutation {
  return {
    ...OF_LANES,
    ledger: (inner, { world }) => ({
      ...inner,
      pace: () => inner.pace(world.lanes[0] as string),
    }),
  };
}

/** By name; each call makes one for one world. */
export const LANE_MUTATIONS: Readonly<Record<string, () => Mutation>> = {
  "fence-of-campaign": fenceOfCampaign,
  "early-take-over": earlyTakeOver,
  "renewal-takes-back": renewalTakesBack,
  "recover-all-lanes": recoverAllLanes,
  "move-claimed": moveClaimed,
  "halt-of-all": haltOfAll,
  "claims-of-others": claimsOfOthers,
  "pace-of-first-lane": paceOfFirstLane,
};
