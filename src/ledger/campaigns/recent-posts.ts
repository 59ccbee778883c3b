// Requests of late, for the rate on the live page. Reads the rows that a run posted last and no
// others.

import type { TimeSeries } from "../../domain/common/time-buckets.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import { lanesOfSql } from "../lanes.ts";
import { anySql } from "../looks.ts";

/**
 * Rows that are read: some 20 ms. A run claims in the order of the rows, so these were posted last;
 * where it does not, an index knows.
 */
const ROWS = 20_000;
const SECOND_MS = 1_000;
const BY_CLAIM = `from dispatch indexed by dispatch_by_claim
  where campaign_id = @campaign and (bucket > 0 or zone > 0) and claimed_at is not null`;

/** The verb of the contract. */
export function makeRecentPosts() {
  const next = statement<[{ campaign: number }], number | null>(`
      select min(first) from (
        select (
          select min(row_number) from dispatch indexed by dispatch_pending
          where campaign_id = @campaign and lane_place = mine.place and zone = 0 and bucket = 0
            and status = 'pending'
        ) as first
        from ${lanesOfSql("@campaign")} as mine
      ) as firsts
    `).pluck();
  const last = statement<[number], number | null>(
    "select max(row_number) from dispatch where campaign_id = ?",
  ).pluck();
  const posts = statement<[{ campaign: number; to: number }], { at: number; count: number }>(`
    select started_at / ${SECOND_MS} * ${SECOND_MS} as at, count(*) as count from attempt
    where campaign_id = @campaign and row_number between cast(@to as bigint) - ${ROWS} and @to
      and stale = 0 and started_at is not null
    group by 1 order by 1
  `);

  const isInOrder = statement<[{ campaign: number }], 0 | 1>(
    `select not ${anySql(`${BY_CLAIM} order by claimed_at`)}`,
  ).pluck();
  const lastClaimed = statement<[{ campaign: number }], { at: number; count: number }>(`
    select started_at / ${SECOND_MS} * ${SECOND_MS} as at, count(*) as count from (
      select campaign_id, row_number ${BY_CLAIM} order by claimed_at desc limit ${ROWS}
    ) as posted
    cross join attempt using (campaign_id, row_number)
    where stale = 0 and started_at is not null
    group by 1 order by 1
  `);

  return function* (campaign: number): Verb<TimeSeries> {
    if ((yield* isInOrder.get({ campaign })) === 0) {
      return { bucketMs: SECOND_MS, buckets: yield* lastClaimed.all({ campaign }) };
    }
    const to = (yield* next.get({ campaign })) ?? (yield* last.get(campaign)) ?? 0;
    return { bucketMs: SECOND_MS, buckets: yield* posts.all({ campaign, to }) };
  };
}
