// Keeps who wants no more claims of a campaign: a person, an event of the account, or both. The
// turn obeys; nothing is claimed or recorded here.

import type { LaneStop, Stop } from "../../domain/campaign/campaign.ts";
import { wentBackStop } from "../../domain/receipts/went-back.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import type { LostAttempts } from "../inbox/lost-attempts.ts";
import { placedLaneSql } from "../lanes.ts";

/** `campaign_stop.lane_place` of what stops the whole campaign. */
export const WHOLE = -1;

interface StopRow extends Omit<Stop, "by"> {
  by: string | null;
}

/** The stops of campaigns; those that write need a transaction around them. */
export function makeStops(lostAttempts: LostAttempts) {
  const laneOf = statement<[number], string>("select lane from campaign where id = ?").pluck();
  const columns = "kind, code, sentence, stopped_at as at, stopped_by as by";
  // A halt, also a ramp's, comes before a pause: it needs more than a person's leave. A plan that
  // nobody started comes between the two.
  const of = statement<[{ campaign: number; lane: number }], StopRow>(`
    select ${columns} from campaign_stop
    where campaign_id = @campaign and lane_place in (${WHOLE}, @lane)
    order by kind = 'paused', kind = 'plan', kind, lane_place limit 1
  `);
  const ofLanes = statement<[number], StopRow & { lane: string }>(`
    select ${placedLaneSql("campaign", "campaign_stop.lane_place")} as lane, ${columns}
    from campaign_stop join campaign on campaign.id = campaign_stop.campaign_id
    where campaign_id = ? and lane_place <> ${WHOLE} order by lane_place
  `);
  // Of two of a kind the later one counts: a template that was paused may be disabled by now.
  const ask = statement(`
    insert into campaign_stop
      (campaign_id, kind, code, sentence, stopped_at, stopped_by, lane_place)
    values (@campaign, @kind, @code, @sentence, @at, @by, @lane)
    on conflict (campaign_id, kind, lane_place) do update set code = excluded.code,
      sentence = excluded.sentence, stopped_at = excluded.stopped_at,
      stopped_by = excluded.stopped_by
    where excluded.stopped_at >= campaign_stop.stopped_at
  `);
  const lift = statement(
    "delete from campaign_stop where campaign_id = ? and kind = ? and stopped_at <= ?",
  );
  // What the check saw until then is overtaken: an event that is reported late stops nothing.
  const check = statement(
    "update campaign set checked_at = max(coalesce(checked_at, 0), ?) where id = ?",
  );
  const liftAll = statement("delete from campaign_stop where campaign_id = ?");

  return {
    /**
     * What stops the whole campaign, or one lane of it. A ledger that went back stops every
     * campaign, whatever else does.
     */
    *of(campaign: number, lane = WHOLE): Verb<Stop | null> {
      const proof = yield* lostAttempts.wentBack((yield* laneOf.get(campaign)) ?? "");
      if (proof !== null) return wentBackStop(proof);
      const found = yield* of.get({ campaign, lane });
      return found === undefined ? null : toStop(found);
    },

    /** What stops single lanes of the campaign. */
    *ofLanes(campaign: number): Verb<LaneStop[]> {
      const rows = yield* ofLanes.all(campaign);
      return rows.map(({ lane, ...row }) => ({ lane, stop: toStop(row) }));
    },

    /**
     * Stops the campaign, or one lane of it; null lifts every stop.
     * @param lane its place
     */
    *askStop(campaign: number, stop: Stop | null, lane = WHOLE): Verb<void> {
      if (stop === null) yield* liftAll.run(campaign);
      else {
        const at = Math.round(stop.at);
        yield* ask.run({ campaign, ...stop, at, by: stop.by ?? null, lane });
      }
    },

    /** Returns whether there was such a stop, from then or before. */
    *liftStop(campaign: number, kind: Stop["kind"], upTo: number): Verb<boolean> {
      const until = Math.round(upTo);
      if (kind === "halted") yield* check.run(until, campaign);
      return (yield* lift.run(campaign, kind, until)).changes > 0;
    },
  };
}

function toStop({ by, ...stop }: StopRow): Stop {
  return by === null ? stop : { ...stop, by };
}

export type Stops = ReturnType<typeof makeStops>;
