// How a statement asks by which of its numbers a campaign sends. Most campaigns have one, which
// stands in the campaign's own row; the others of a campaign stand in `campaign_lane`.

import { anySql } from "./looks.ts";

/**
 * SQL: the lane of a dispatch, which is the id of its sending number.
 * @param d the dispatch's table
 * @param c its campaign's table
 */
export function laneSql(d: string, c: string): string {
  return placedLaneSql(c, `${d}.lane_place`);
}

/**
 * SQL: the campaign sends from a number.
 * @param c the campaign's table
 * @param lane the number's id
 */
export function sendsFromSql(c: string, lane: string): string {
  return `(${c}.lane = ${lane} or ${anySql(
    `from campaign_lane as one where one.campaign_id = ${c}.id and one.lane = ${lane}`,
  )})`;
}

/**
 * SQL: the places and lanes of a campaign, the first one included, as a table.
 * @param campaign its id
 */
export function lanesOfSql(campaign: string): string {
  return `(
    select 0 as place, lane from campaign where id = ${campaign}
    union all
    select place, lane from campaign_lane where campaign_id = ${campaign}
  )`;
}

/**
 * SQL: the lane at a place of a campaign; null when the campaign has none there.
 * @param c the campaign's table
 */
export function placedLaneSql(c: string, place: string): string {
  return `iif(${place} = 0, ${c}.lane, (
    select one.lane from campaign_lane as one
    where one.campaign_id = ${c}.id and one.place = ${place}
  ))`;
}
