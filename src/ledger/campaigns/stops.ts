// Keeps who wants no more claims of a campaign: a person, an event of the account, or both. The
// turn obeys; nothing is claimed or recorded here.

import type { Database } from "better-sqlite3";
import type { Stop } from "../../domain/campaign/campaign.ts";
import { wentBackStop } from "../../domain/receipts/went-back.ts";
import type { LostAttempts } from "../inbox/lost-attempts.ts";

/** The stops of campaigns; those that write need a transaction around them. */
export function makeStops(db: Database, lostAttempts: LostAttempts) {
  const laneOf = db.prepare<[number], string>("select lane from campaign where id = ?").pluck();
  // A halt comes before a pause: it needs more than a person's leave.
  const of = db.prepare<[number], Omit<Stop, "by"> & { by: string | null }>(`
    select kind, code, sentence, stopped_at as at, stopped_by as by from campaign_stop
    where campaign_id = ? order by kind = 'halted' desc limit 1
  `);
  // Of two of a kind the later one counts: a template that was paused may be disabled by now.
  const ask = db.prepare(`
    insert into campaign_stop (campaign_id, kind, code, sentence, stopped_at, stopped_by)
    values (@campaign, @kind, @code, @sentence, @at, @by)
    on conflict (campaign_id, kind) do update set code = excluded.code,
      sentence = excluded.sentence, stopped_at = excluded.stopped_at,
      stopped_by = excluded.stopped_by
    where excluded.stopped_at >= campaign_stop.stopped_at
  `);
  const lift = db.prepare(
    "delete from campaign_stop where campaign_id = ? and kind = ? and stopped_at <= ?",
  );
  // What the check saw until then is overtaken: an event that is reported late stops nothing.
  const check = db.prepare(
    "update campaign set checked_at = max(coalesce(checked_at, 0), ?) where id = ?",
  );
  const liftAll = db.prepare("delete from campaign_stop where campaign_id = ?");

  return {
    /** A ledger that went back stops every campaign, whatever else does. */
    of(campaign: number): Stop | null {
      const proof = lostAttempts.wentBack(laneOf.get(campaign) ?? "");
      if (proof !== null) return wentBackStop(proof);
      const found = of.get(campaign);
      if (found === undefined) return null;
      const { by, ...stop } = found;
      return by === null ? stop : { ...stop, by };
    },

    askStop(campaign: number, stop: Stop | null): void {
      if (stop === null) liftAll.run(campaign);
      else ask.run({ campaign, ...stop, at: Math.round(stop.at), by: stop.by ?? null });
    },

    /** Returns whether there was such a stop, from then or before. */
    liftStop(campaign: number, kind: Stop["kind"], upTo: number): boolean {
      const until = Math.round(upTo);
      if (kind === "halted") check.run(until, campaign);
      return lift.run(campaign, kind, until).changes > 0;
    },
  };
}

export type Stops = ReturnType<typeof makeStops>;
