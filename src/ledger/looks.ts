// How a look into an index is written, so that it is one in every engine.

/**
 * SQL: one of the queries finds a row. Of `exists` PostgreSQL may make a table in memory of all the
 * rows that there are, for every claim again, or go through a table for the first that fits; a row
 * that is asked for as a value is looked up.
 * @param queries from `from` on. Where many rows fit, an order says by which index the first is
 *   found
 */
export function anySql(...queries: readonly string[]): string {
  const looks = queries.map((query) => `(select 1 ${query} limit 1) is not null`);
  return `(${looks.join(" or ")})`;
}

/**
 * SQL: a dispatch of the campaign waits for its turn.
 * @param lane the place of a lane: of this one alone
 */
export function anyPendingSql(campaign: string, lane?: string): string {
  const ofLane = lane === undefined ? "" : `and lane_place = ${lane}`;
  return anySql(`from dispatch indexed by dispatch_pending
    where campaign_id = ${campaign} ${ofLane} and status = 'pending'
    order by lane_place, zone, bucket, row_number`);
}

/**
 * SQL: a dispatch of the campaign is held.
 * @param lane the place of a lane: of this one alone
 */
export function anyHeldSql(campaign: string, lane?: string): string {
  const ofLane = lane === undefined ? "" : `and lane_place = ${lane}`;
  return anySql(`from dispatch indexed by dispatch_held
    where campaign_id = ${campaign} ${ofLane} and status = 'held' order by lane_place, held_until`);
}

/** SQL: a dispatch of a lane of the campaign is held until an instant, or before it. */
export function anyDueSql(campaign: string, lane: string, until: string): string {
  return anySql(`from dispatch indexed by dispatch_held
    where campaign_id = ${campaign} and lane_place = ${lane} and status = 'held'
      and held_until <= ${until}
    order by held_until`);
}

/**
 * SQL: a dispatch of the campaign is claimed.
 * @param lane the place of a lane: of this one alone
 */
export function anyClaimedSql(campaign: string, lane?: string): string {
  const ofLane = lane === undefined ? "" : `and lane_place = ${lane}`;
  return anySql(`from dispatch indexed by dispatch_claimed
    where campaign_id = ${campaign} ${ofLane} and status = 'claimed' order by row_number`);
}

/** SQL: a row of the campaign that may be sent to gave a user id. */
export function anyUserIdSql(campaign: string): string {
  return anySql(`from dispatch indexed by dispatch_row_user
    where campaign_id = ${campaign} and value_list is not null and row_user_id is not null
    order by row_user_id`);
}

/** SQL: nobody has posted to the person of the dispatch yet, and its campaign will. */
export function neverSentSql(dispatch = "dispatch"): string {
  return `(${dispatch}.status in ('pending', 'claimed')
    or (${dispatch}.status = 'held' and ${dispatch}.attempts = 0))`;
}

/**
 * SQL: when the last of these dispatches got its first message. A later try of who was refused for
 * now sets no other end.
 */
export const LAST_FIRST_CLAIM =
  "coalesce(max(claimed_at) filter (where attempts = 1), max(claimed_at))";

/** SQL: the language of a row's values, where each row gives its own: they begin with it. */
export const LANGUAGE_OF_VALUES = `substr(value_list, 3, instr(substr(value_list, 3), '"') - 1)`;
