// Attempts that a receipt proves and this ledger never made: its file is older than what was sent.
// Its functions run inside the caller's transaction.

import type { Candidate } from "../../domain/receipts/match.ts";
import type { WentBack } from "../../domain/receipts/went-back.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";

const LOST =
  "A receipt reported this attempt, which the ledger does not have: it is an older copy.";
const LOST_DETAIL = JSON.stringify({ message: LOST });

/** SQL: a lane of the same kind as `lane`: a simulator's receipts stop no real campaign. */
const SAME_KIND = "(went_back.lane = 'sandbox') = (@lane = 'sandbox')";

/** The statements that add a lost attempt, and count the receipts that prove one. */
export function makeLostAttempts() {
  const sql = {
    attempt: statement(`
      insert into attempt
        (campaign_id, row_number, attempt, stale, ended_at, outcome, next_status, next_detail)
      values (@campaign, @row, @attempt, 0, @at, 'unknown', 'unknown', @detail)
    `),
    // As for an attempt that begins: what earlier ones reported stands in the table of attempts.
    dispatch: statement(`
      update dispatch set status = 'unknown', attempts = @attempt, claimed_at = @at, reason = null,
        held_until = null, message_id = null, message_status = null, accepted_at = null,
        sent_at = null, delivered_at = null, read_at = null, failed_at = null, error_code = null,
        error_message = @message, path = null, pricing_type = null, pricing_category = null,
        cost = null, cost_currency = null
      where campaign_id = @campaign and row_number = @row
    `),
    // The daily limit reads the campaigns that claimed of late.
    claimed: statement(`
      update campaign set last_claim_at = max(coalesce(last_claim_at, @at), @at)
      where id = @campaign
    `),
    // Overridden: receipts of that time go on coming. A message sent since then comes from another
    // copy that is at work.
    prove: statement(`
      insert into went_back (lane, since, receipts) values (@lane, @now, 1)
      on conflict (lane) do update set
        receipts = iif(went_back.overridden_at < @sentAt, 1, went_back.receipts + 1),
        since = iif(went_back.overridden_at < @sentAt, @now, went_back.since),
        overridden_at = iif(went_back.overridden_at < @sentAt, null, went_back.overridden_at)
    `),
    proof: statement<[{ lane: string }], { since: number | null; receipts: number }>(`
      select min(since) as since, coalesce(sum(receipts), 0) as receipts from went_back
      where overridden_at is null and ${SAME_KIND}
    `),
    override: statement(`update went_back set overridden_at = @now where ${SAME_KIND}`),
  };

  return {
    /**
     * Adds the attempts up to this one, their answers lost; the dispatch is `unknown` then. @param
     * at instant, of the receipt
     */
    *add({ campaign, row, attempts }: Candidate, attempt: number, at: number): Verb<void> {
      const values = { campaign, row, at: Math.round(at), message: LOST };
      for (let next = attempts + 1; next <= attempt; next += 1) {
        yield* sql.attempt.run({ ...values, attempt: next, detail: LOST_DETAIL });
      }
      yield* sql.dispatch.run({ ...values, attempt });
      yield* sql.claimed.run({ campaign, at: values.at });
    },

    /**
     * Counts a receipt as proof that the ledger went back.
     * @param sentAt instant at which the message was sent, where the receipt reports that; else
     * null
     */
    *prove(lane: string, sentAt: number | null, now: number): Verb<void> {
      yield* sql.prove.run({ lane, sentAt, now: Math.round(now) });
    },

    /** What stops the campaigns of a lane: proof from any real number stops every real number. */
    *wentBack(lane: string): Verb<WentBack | null> {
      const { since, receipts } = (yield* sql.proof.get({ lane })) as {
        since: number | null;
        receipts: number;
      };
      return since === null ? null : { since, receipts };
    },

    /** A person decided to go on all the same. */
    *overrideWentBack(lane: string, now: number): Verb<void> {
      yield* sql.override.run({ lane, now: Math.round(now) });
    },
  };
}

export type LostAttempts = ReturnType<typeof makeLostAttempts>;
