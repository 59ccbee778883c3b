// Keeps how far a campaign's ramp is: whom it has claimed, which step it is at, and what became of
// the messages that are settled. Decides nothing about what that means.

import { assert } from "../../domain/common/errors.ts";
import type { RampState } from "../../domain/limits/ramp.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import { anySql } from "../looks.ts";
import type { Candidate } from "./candidates.ts";
import { ATTEMPTS } from "./candidates.ts";
import type { Gate } from "./gates.ts";

/** The gate of a ramp, for one turn. */
interface RampGate extends Gate {
  /** All steps are through: everybody else is sent to now. */
  isThrough: boolean;
}

interface RampRow {
  step: number;
  people: number;
  since: number;
}

/** Messages for Meta's limit per person, whatever became of them. */
const IS_CAPPED = "(d.capped > 0 or d.error_code = '131049')";
/** A receipt of any kind. */
const IS_REPORTED = `(
  d.sent_at is not null or d.delivered_at is not null or d.read_at is not null
  or (d.status = 'failed' and d.message_id is not null)
)`;
const HAS_OPTED_OUT = anySql(`from opt_out o
  where o.campaign_id = d.campaign_id and o.row_number = d.row_number`);

/** The verbs of the contract, and the gate of the claim; they run inside a transaction. */
export function makeRamp() {
  const sql = prepare();

  function* rowOf(campaign: number): Verb<RampRow> {
    return (yield* sql.row.get(campaign)) ?? { step: 0, people: 0, since: 0 };
  }

  return {
    /**
     * Lets as many new people through in this turn as the step has room for; who was claimed before
     * may be claimed again.
     * @param sizes people up to the end of each step
     */
    *open(campaign: number, sizes: readonly number[]): Verb<RampGate> {
      const { step, people: before } = yield* rowOf(campaign);
      const size = sizes[step];
      let people = before;
      return {
        isThrough: size === undefined,
        // biome-ignore lint/correctness/useYield: the other gates ask the ledger
        *room(candidates) {
          let free = (size ?? Number.POSITIVE_INFINITY) - people;
          for (const [at, candidate] of candidates.entries()) {
            if (!isNew(candidate)) continue;
            if (free <= 0) return at;
            free -= 1;
          }
          return candidates.length;
        },
        *take(candidates) {
          const added = candidates.filter(isNew).length;
          people += added;
          if (added > 0) yield* sql.count.run({ campaign, added });
        },
        // biome-ignore lint/correctness/useYield: as above
        *full() {
          return { by: "ramp", step, people, freeAt: null };
        },
      };
    },

    /** People who were claimed for the first time, and handed back without a post. */
    *giveBack(campaign: number, people: number): Verb<void> {
      if (people > 0) yield* sql.giveBack.run({ campaign, people });
    },

    *rampState(campaign: number, settledBefore: number): Verb<RampState> {
      const { step, people, since } = yield* rowOf(campaign);
      const upTo = Math.round(settledBefore);
      const counts = yield* sql.counts.get({ campaign, since, upTo });
      assert(counts !== undefined, "an aggregate has one row");
      const lastClaimAt = (yield* sql.lastClaim.get(campaign)) ?? null;
      return { step, people, lastClaimAt, counts };
    },

    *moveRamp(campaign: number, from: number, to: number, since: number): Verb<boolean> {
      const at = Math.round(since);
      return (yield* sql.move.run({ campaign, from, to, since: at })).changes > 0;
    },
  };
}

export type Ramp = ReturnType<typeof makeRamp>;

const isNew = (candidate: Candidate): boolean => candidate[ATTEMPTS] === 0;

function prepare() {
  return {
    row: statement<[number], RampRow>(
      "select step, people, since from campaign_ramp where campaign_id = ?",
    ),
    count: statement(`
      insert into campaign_ramp (campaign_id, people) values (@campaign, @added)
      on conflict (campaign_id) do update set people = campaign_ramp.people + excluded.people
    `),
    giveBack: statement(`
      update campaign_ramp set people = max(0, people - cast(@people as bigint))
      where campaign_id = @campaign
    `),
    move: statement(`
      insert into campaign_ramp (campaign_id, step, people, since)
      values (@campaign, @to, 0, @since)
      on conflict (campaign_id) do update set step = excluded.step, since = excluded.since
      where campaign_ramp.step = @from
    `),
    lastClaim: statement<[number], number | null>(`
      select max(claimed_at) from dispatch indexed by dispatch_by_claim
      where campaign_id = ? and (bucket > 0 or zone > 0) and claimed_at is not null
    `).pluck(),
    counts: statement<[{ campaign: number; since: number; upTo: number }], RampState["counts"]>(`
      select count(*) as settled,
        count(*) filter (where d.status = 'failed' and not ${IS_CAPPED}) as failed,
        count(*) filter (where ${IS_CAPPED}) as capped,
        count(*) filter (where d.status = 'accepted'
          and d.message_status = 'held_for_quality_assessment') as held,
        count(*) filter (where ${HAS_OPTED_OUT}) as opted_out,
        count(*) filter (where d.message_id is not null or d.status = 'unknown') as taken,
        count(*) filter (where ${IS_REPORTED}) as reported
      from dispatch d indexed by dispatch_by_claim
      where d.campaign_id = @campaign and (d.bucket > 0 or d.zone > 0) and d.claimed_at > @since
        and d.claimed_at <= @upTo and d.attempts > 0
        and d.status not in ('pending', 'claimed', 'skipped')
    `),
  };
}
