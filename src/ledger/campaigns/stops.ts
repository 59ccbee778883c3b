// Keeps who wants no more claims of a campaign: a person, an event of the account, or both. The
// turn obeys; nothing is claimed or recorded here.

import type { Stop } from "../../domain/campaign/campaign.ts";
import { wentBackStop } from "../../domain/receipts/went-back.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import type { LostAttempts } from "../inbox/lost-attempts.ts";

/** The stops of campaigns; those that write need a transaction around them. */
export function makeStops(lostAttempts: LostAttempts) {
  const laneOf = statement<[number], string>("select lane from campaign where id = ?").pluck();
  // A halt comes before a pause: it needs more than a person's leave.
  const of = statement<[number], Omit<Stop, "by"> & { by: string | null }>(`
    select kind, code, sentence, stopped_at as at, stopped_by as by from campaign_stop
    where campaign_id = ? order by kind = 'halted' desc limit 1
  `);
  // Of two of a kind the later one counts: a template that was paused may be disabled by now.
  const ask = statement(`
    insert into campaign_stop (campaign_id, kind, code, sentence, stopped_at, stopped_by)
    values (@campaign, @kind, @code, @sentence, @at, @by)
    on conflict (campaign_id, kind) do update set code = excluded.code,
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
    /** A ledger that went back stops every campaign, whatever else does. */
    *of(campaign: number): Verb<Stop | null> {
      const proof = yield* lostAttempts.wentBack((yield* laneOf.get(campaign)) ?? "");
      if (proof !== null) return wentBackStop(proof);
      const found = yield* of.get(campaign);
      if (found === undefined) return null;
      const { by, ...stop } = found;
      return by === null ? stop : { ...stop, by };
    },

    *askStop(campaign: number, stop: Stop | null): Verb<void> {
      if (stop === null) yield* liftAll.run(campaign);
      else yield* ask.run({ campaign, ...stop, at: Math.round(stop.at), by: stop.by ?? null });
    },

    /** Returns whether there was such a stop, from then or before. */
    *liftStop(campaign: number, kind: Stop["kind"], upTo: number): Verb<boolean> {
      const until = Math.round(upTo);
      if (kind === "halted") yield* check.run(until, campaign);
      return (yield* lift.run(campaign, kind, until)).changes > 0;
    },
  };
}

export type Stops = ReturnType<typeof makeStops>;
