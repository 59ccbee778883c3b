// Gathers what speaks for and against messages whose answer was lost: whether receipts come at all,
// and what their neighbours got. Decides nothing.

import type { Doubts } from "../../domain/receipts/doubts.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";

/** Neighbours were claimed in the same minute of the clock, or in the one before or after it. */
const MINUTE_MS = 60_000;

interface DoubtRow {
  unknown: number;
  oldestAt: number | null;
  newestAt: number | null;
}

/** The verb of the contract; reads the whole campaign twice. */
export function makeDoubts(): (campaign: number) => Verb<Doubts | null> {
  const unknown = statement<[number], DoubtRow>(`
    select count(*) as unknown, min(claimed_at) as "oldestAt", max(claimed_at) as "newestAt"
    from dispatch where campaign_id = ? and status = 'unknown'
  `);
  const since = statement<[number], number | null>(
    "select receipts_since from campaign where id = ?",
  ).pluck();
  // A message id stands where Meta took the message; a refusal by reply has none.
  const neighbours = statement<
    [{ campaign: number }],
    { neighbours: number; neighboursReported: number }
  >(`
    with minute (at) as materialized (
      select distinct claimed_at / ${MINUTE_MS} + near.value
      from dispatch join (select -1 as value union all select 0 union all select 1) as near on true
      where campaign_id = @campaign and status = 'unknown'
    )
    select count(*) as neighbours,
      count(coalesce(sent_at, delivered_at, read_at, failed_at)) as "neighboursReported"
    from dispatch
    where campaign_id = @campaign and message_id is not null and status <> 'unknown'
      and claimed_at / ${MINUTE_MS} in (select at from minute)
  `);
  return function* (campaign): Verb<Doubts | null> {
    const { unknown: number, oldestAt, newestAt } = (yield* unknown.get(campaign)) as DoubtRow;
    if (number === 0) return null;
    const reported = yield* neighbours.get({ campaign });
    return {
      unknown: number,
      oldestAt: oldestAt as number,
      newestAt: newestAt as number,
      receiptsSince: (yield* since.get(campaign)) ?? null,
      neighbours: reported?.neighbours ?? 0,
      neighboursReported: reported?.neighboursReported ?? 0,
    };
  };
}
