// Keeps what is known of messages that were delivered while their dispatch has another one, or is
// sent to again: the person got them, and they cost money. Its functions run inside the caller's
// transaction.

import type { TimedReceipt } from "../../domain/receipts/match.ts";
import type { ReceiptStatus } from "../../domain/receipts/receipt.ts";
import { costOf } from "../../domain/receipts/receipt-policy.ts";
import { dearerCost } from "../../domain/receipts/reported-cost.ts";
import type { Tallies } from "../campaigns/tallies.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import type { MatchedDispatch, RoundDispatches } from "./round-dispatches.ts";

const DELIVERED: readonly ReceiptStatus[] = ["delivered", "read", "played"];

interface ArrivalRow {
  arrived: 0 | 1;
  isInDoubt: 0 | 1;
  cost: number | null;
  costCurrency: string | null;
}

/** The memory of such messages. */
export function makeArrivals({ tallies }: { tallies: Tallies }) {
  const find = statement<[campaign: number, row: number, attempt: number], ArrivalRow>(`
    select arrived, outcome = 'unknown' and message_id is null as "isInDoubt", cost,
      cost_currency as "costCurrency"
    from attempt where campaign_id = ? and row_number = ? and attempt = ? and stale = 0
  `);
  const keep = statement(`
    update attempt set arrived = 1, cost = ?, cost_currency = ?
    where campaign_id = ? and row_number = ? and attempt = ? and stale = 0
  `);

  return {
    /** Takes a receipt of such a message; one that reports no delivery, or nothing new, is none. */
    *add(
      receipt: TimedReceipt,
      { campaign, row }: MatchedDispatch,
      attempt: number,
      dispatches: RoundDispatches,
    ): Verb<void> {
      if (!DELIVERED.includes(receipt.status)) return;
      const known = yield* find.get(campaign, row, attempt);
      if (known === undefined) return;
      const cost = dearerCost(costOf(known), receipt.pricing?.cost ?? null);
      const after = { cost: cost?.amount ?? null, costCurrency: cost?.currency ?? null };
      const isSame = known.cost === after.cost && known.costCurrency === after.costCurrency;
      if (known.arrived === 1 && isSame) return;
      yield* keep.run(after.cost, after.costCurrency, campaign, row, attempt);
      yield* tallies.changed(campaign, 1);
      const wasCounted = known.arrived === 1 || known.isInDoubt === 1;
      dispatches.recost({
        ...{ campaign, row },
        before: { ...known, status: wasCounted ? "delivered" : "failed", pricingType: null },
        after: { ...after, status: "delivered", pricingType: null },
      });
    },
  };
}

export type Arrivals = ReturnType<typeof makeArrivals>;
