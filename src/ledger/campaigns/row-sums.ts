// Groups the rows of a campaign by what they have in common, in pieces so short that nobody waits
// for one, and grouping all of them at once takes no less time. What the groups add up to is
// decided in domain/result/row-groups.ts.

import type { CurrencySum } from "../../domain/cost/money.ts";
import type { RowGroup, SendingSpan } from "../../domain/result/row-groups.ts";
import { addGroup } from "../../domain/result/row-groups.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import { IS_BESIDES } from "../sending/budget.ts";

/** Rows of a piece: some 20 ms. */
export const PIECE_ROWS = 10_000;

const MINUTE_MS = 60_000;

/** Rows of a campaign, the first and the last included. */
export interface RowRange {
  campaign: number;
  from: number;
  to: number;
}

/** SQL: the rows of a piece. */
export const IN_PIECE = "campaign_id = @campaign and row_number between @from and @to";

/** Reads what the rows of a campaign have in common. */
export function makeRowSums() {
  const lastRow = statement<[number], number | null>(
    "select max(row_number) from dispatch where campaign_id = ?",
  ).pluck();
  const groups = statement<[RowRange], RowGroup>(`
    select status,
      case when status in ('skipped', 'held') then reason when status = 'failed' then error_code end
        as why,
      iif(status = 'skipped', null, region) as region, path, pricing_type as "pricingType",
      message_status as "messageStatus", price, cost_currency as "costCurrency", attempts > 0 as "isPosted",
      accepted_at is not null as "isAccepted", sent_at is not null as "isSent",
      count(*) as count, cast(sum(cost) as bigint) as cost, min(held_until) as "heldFrom", max(held_until) as "heldTo",
      min(accepted_at) as "oldestAt",
      min(iif(status = 'failed', error_message, null)) as example,
      min(claimed_at) as "firstClaimAt", max(accepted_at) as "lastAcceptedAt"
    from dispatch where ${IN_PIECE} group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
  `);
  const busyMinutes = statement<[number], number>(
    `select count(distinct accepted_at / ${MINUTE_MS}) from dispatch
      where campaign_id = ? and accepted_at is not null`,
  ).pluck();

  const besides = statement<[number], CurrencySum>(`
    select a.cost_currency as currency, count(*) as messages, cast(sum(a.cost) as bigint) as cost
    from attempt a
    join dispatch d on d.campaign_id = a.campaign_id and d.row_number = a.row_number
    where a.campaign_id = ? and a.arrived = 1 and a.cost is not null and ${IS_BESIDES}
    group by a.cost_currency order by a.cost_currency
  `);

  const last = function* (campaign: number): Verb<number> {
    return (yield* lastRow.get(campaign)) ?? 0;
  };

  return {
    /** The last row of a campaign; 0 without any. */
    lastRow: last,

    /** The groups of a piece. */
    *ofPiece(piece: RowRange): Verb<RowGroup[]> {
      return yield* groups.all(piece);
    },

    /** The groups of all rows; needs one snapshot of the ledger around it. */
    *ofCampaign(campaign: number): Verb<RowGroup[]> {
      const sums = new Map<string, RowGroup>();
      const rows = yield* last(campaign);
      for (let from = 1; from <= rows; from += PIECE_ROWS) {
        const piece = { campaign, from, to: from + PIECE_ROWS - 1 };
        for (const group of yield* groups.all(piece)) addGroup(sums, group);
      }
      return [...sums.values()];
    },

    /** What messages cost that were delivered while their row has another one. */
    *besides(campaign: number): Verb<CurrencySum[]> {
      return yield* besides.all(campaign);
    },

    /** See `ReachTally.sendingMs`. The rows are read again only where a pause may lie between. */
    *sendingTime(campaign: number, { firstClaimAt, lastAcceptedAt }: SendingSpan): Verb<number> {
      if (firstClaimAt === null || lastAcceptedAt === null) return 0;
      const span = Math.max(0, lastAcceptedAt - firstClaimAt);
      const minutes = Math.floor(lastAcceptedAt / MINUTE_MS) - Math.floor(firstClaimAt / MINUTE_MS);
      if (minutes < 2) return span;
      const busy = (yield* busyMinutes.get(campaign)) ?? 0;
      return Math.max(0, span - Math.max(0, minutes + 1 - busy) * MINUTE_MS);
    },
  };
}

export type RowSums = ReturnType<typeof makeRowSums>;
