// Carries out what is decided about many dispatches at once: the operator's decisions, the end of a
// campaign, and what an unclean stop left behind. Each needs a transaction around it.

import { assert } from "../../domain/common/errors.ts";
import { COUNTRY_REFUSED } from "../../domain/sending/error-codes.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import { laneSql, lanesOfSql } from "../lanes.ts";
import type { Campaigns } from "./campaigns.ts";
import type { Canceller } from "./cancel.ts";
import type { Refusals } from "./refusals.ts";
import type { Tallies } from "./tallies.ts";

const LOST = "The program ended before Meta's answer was written down.";
const LOST_DETAIL = JSON.stringify({ message: LOST });

/** No place of a lane: of every lane of the campaign. */
const ANY_LANE = -1;

/**
 * The verbs of the contract that settle many dispatches; each returns how many it
 * changed.
 */
export function makeDecisions(parts: {
  campaigns: Campaigns;
  canceller: Canceller;
  refusals: Refusals;
  tallies: Tallies;
}) {
  const { campaigns, canceller, refusals, tallies } = parts;
  const sql = prepare();

  function* reopen(campaign: number, waiting: number, now: number): Verb<number> {
    if (waiting > 0) yield* campaigns.reopen(campaign, now);
    return yield* tallies.changed(campaign, waiting);
  }

  return {
    *recoverClaims(campaign: number, now: number, lane?: number): Verb<number> {
      const of = { campaign, lane: lane ?? ANY_LANE };
      const at = Math.round(now);
      // The pace is written down with outcomes: requests without one may have begun until now.
      yield* sql.usedUntil.run({ ...of, now: at });
      yield* sql.lostAttempts.run({ ...of, now: at, detail: LOST_DETAIL });
      const { changes } = yield* sql.lostClaims.run({ ...of, message: LOST });
      return yield* tallies.changed(campaign, changes);
    },

    *endCampaign(campaign: number, now: number): Verb<number> {
      const held = (yield* sql.endHeld.run({ campaign, now: Math.round(now) })).changes;
      return (yield* tallies.changed(campaign, held)) + (yield* canceller.cancelPending(campaign));
    },

    *retry(campaign: number, codes: string[], now: number): Verb<number> {
      // The operator ended it, so nothing of it may begin to wait again.
      if (yield* canceller.isCancelled(campaign)) return 0;
      const { changes } = yield* sql.retry.run({ campaign, codes: JSON.stringify(codes) });
      const released = codes.includes(String(COUNTRY_REFUSED)) ? yield* refusals.lift(campaign) : 0;
      return yield* reopen(campaign, changes + released, now);
    },

    *resolveUnknown(campaign: number, decision: "resend" | "give-up", now: number): Verb<number> {
      if (decision === "resend") {
        if (yield* canceller.isCancelled(campaign)) return 0;
        return yield* reopen(campaign, (yield* sql.resend.run({ campaign })).changes, now);
      }
      return yield* tallies.changed(
        campaign,
        (yield* sql.giveUp.run({ campaign, now: Math.round(now) })).changes,
      );
    },

    *moveLane(campaign: number, from: string, to: string): Verb<number> {
      const [source, target] = [
        yield* sql.placeOf.get({ campaign, lane: from }),
        yield* sql.placeOf.get({ campaign, lane: to }),
      ];
      assert(source !== undefined && target !== undefined, "both are lanes of the campaign");
      const { changes } = yield* sql.moveLane.run({ campaign, source, target });
      return yield* tallies.changed(campaign, changes);
    },

    *cancel(campaign: number, now: number, by?: string): Verb<number> {
      const cancelled =
        (yield* canceller.cancelPending(campaign)) + (yield* canceller.cancelHeld(campaign));
      yield* sql.cancelCampaign.run({ campaign, now: Math.round(now), by: by ?? null });
      return cancelled;
    },
  };
}

function prepare() {
  // What the next attempt will write again; every earlier attempt keeps its own in the table of
  // attempts.
  const startOver = `
    status = 'pending', holds = 0, capped = 0, message_id = null, message_status = null, accepted_at = null,
    sent_at = null, delivered_at = null, read_at = null, failed_at = null, error_code = null,
    error_message = null, path = null, pricing_type = null, pricing_category = null, cost = null,
    cost_currency = null
  `;
  const ofLane = (place: string): string => `cast(@lane as bigint) in (${ANY_LANE}, ${place})`;
  const ofCampaign = (status: string): string => `campaign_id = @campaign and status = '${status}'`;
  // There is nobody to send to any more, and nothing to be decided.
  const isThere = "erased_at is null";
  return {
    lostAttempts: statement(`
      insert into attempt
        (campaign_id, row_number, attempt, stale, ended_at, outcome, next_status, next_detail)
      select campaign_id, row_number, attempts, 0, @now, 'unknown', 'unknown', @detail
      from dispatch indexed by dispatch_claimed
      where ${ofCampaign("claimed")} and ${ofLane("lane_place")}
    `),
    lostClaims: statement(`
      update dispatch indexed by dispatch_claimed
      set status = 'unknown', error_code = null, error_message = @message
      where ${ofCampaign("claimed")} and ${ofLane("lane_place")}
    `),
    usedUntil: statement(`
      insert into lane (lane, used_until)
      select mine.lane, @now from ${lanesOfSql("@campaign")} as mine
      where ${ofLane("mine.place")} and exists (
        select 1 from campaign as same
        cross join dispatch as d indexed by dispatch_claimed on d.campaign_id = same.id
        where d.status = 'claimed' and ${laneSql("d", "same")} = mine.lane
      )
      on conflict (lane) do update
      set used_until = max(lane.used_until, excluded.used_until)
    `),
    endHeld: statement(`
      update dispatch indexed by dispatch_held set status = 'failed', failed_at = @now, reason = null, held_until = null,
        error_code = 'campaign_over',
        error_message = 'The campaign ended while this message was held.'
      where ${ofCampaign("held")}
    `),
    retry: statement(`
      update dispatch set ${startOver}
      where ${ofCampaign("failed")} and ${isThere}
        and error_code in (select value from json_each(@codes))
    `),
    resend: statement(`
      update dispatch set ${startOver} where ${ofCampaign("unknown")} and ${isThere}
    `),
    giveUp: statement(`
      update dispatch set status = 'failed', failed_at = @now, error_code = 'given_up',
        error_message = 'It is not known whether this message was sent; the operator gave it up.'
      where ${ofCampaign("unknown")} and ${isThere}
    `),
    placeOf: statement<[{ campaign: number; lane: string }], number>(
      `select place from ${lanesOfSql("@campaign")} as mine where lane = @lane`,
    ).pluck(),
    moveLane: statement(`
      update dispatch indexed by dispatch_pending set lane_place = @target
      where campaign_id = @campaign and lane_place = @source and status = 'pending'
    `),
    cancelCampaign: statement(`
      update campaign set state = 'cancelled', halt_code = null, halt_sentence = null,
        changed_at = @now, cancelled_by = @by, last_stop = null
      where id = @campaign and state <> 'cancelled'
    `),
  };
}
