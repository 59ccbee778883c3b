// Keeps what a campaign may cost within its budget, as a card payment is reserved: a claim sets the
// message's price aside in its own transaction, and money that nothing is owed for is free again.
//
// `campaign_budget.spent` is never less than what the messages of the campaign may cost. A claim
// adds to it, an answer that reached nobody gives back; a receipt that reports a message's cost
// puts that in place of its price, and one that makes it cost nothing leaves it as it is. When the
// money seems used up it is counted again from the dispatches, which reads the whole campaign: as
// seldom as `countAgainMs` says, and never at a start.

import { assert } from "../../domain/common/errors.ts";
import type { Budget, MessageMoney } from "../../domain/limits/budget.ts";
import { affordable, COSTING, countAgainMs, mayCost } from "../../domain/limits/budget.ts";
import type { DispatchPlace } from "../../domain/receipts/match.ts";
import { reachedNobody } from "../../domain/sending/daily-limit.ts";
import type { Turn } from "../../domain/sending/turn.ts";
import type { Verb } from "../engine.ts";
import { ahead, setStatement, statement } from "../engine.ts";
import { PRICE } from "./candidates.ts";
import type { Gate } from "./gates.ts";

/** SQL: the dispatch `d` is of a message that costs its price, or may. */
const COSTS = `d.status in (${COSTING.map((status) => `'${status}'`).join(", ")})`;
/** SQL: Meta delivers the message of the dispatch `d` for free. */
export const IS_FREE = "substr(coalesce(d.pricing_type, ''), 1, 5) = 'free_'";
/**
 * SQL: the attempt `a` may have a message besides the one that the dispatch `d` has: it was
 * delivered, or nobody knows whether it was. The operator's word to send again does not say that it
 * was not.
 */
export const IS_BESIDES = `a.stale = 0
    and (a.arrived = 1 or (a.outcome = 'unknown' and a.message_id is null))
    and not (d.status = 'unknown' and a.attempt = d.attempts)
    and (a.message_id is null or d.message_id is null or a.message_id <> d.message_id)`;

/**
 * SQL: what the messages of a campaign may cost, in millionths; the rule for one of them is
 * `mayCost`.
 * @param campaign an expression for its id
 * @param currency one for the currency of its budget
 */
export function costSql(campaign: string, currency: string): string {
  const price = "coalesce(d.price, 0)";
  return `(
    select cast(coalesce(sum(
      case
        when not ${COSTS} then 0
        when d.cost_currency = ${currency} then d.cost
        when ${IS_FREE} then 0
        else ${price}
      end + case when d.attempts > iif(${COSTS}, 1, 0) then (
        select coalesce(sum(iif(a.cost_currency = ${currency}, a.cost, ${price})), 0)
        from attempt a
        where a.campaign_id = d.campaign_id and a.row_number = d.row_number and ${IS_BESIDES}
      ) else 0 end
    ), 0) as bigint)
    from dispatch d where d.campaign_id = ${campaign} and d.attempts > 0
  )`;
}

/** A message of a campaign whose cost a receipt changed. */
export interface MoneyChange extends DispatchPlace {
  before: MessageMoney;
  after: MessageMoney;
}

interface BudgetRow {
  most: number;
  currency: string;
  spent: number;
  /** Null: to be counted before it is used. */
  countedAt: number | null;
  /** Of the campaign. */
  rows: number;
}

/** Budgets of campaigns; its functions run inside the caller's transaction. */
export function makeBudgets() {
  const sql = prepare();

  return {
    /** The budget that the campaign has from now on; null: none. */
    *keepBudget(campaign: number, budget: Budget | null): Verb<void> {
      if (budget === null) yield* sql.drop.run(campaign);
      else yield* sql.keep.run({ campaign, ...budget });
    },

    /**
     * Gives rows of an earlier time, when the campaign had no budget, their prices.
     * @param prices region → millionths
     */
    *priceEarlier(campaign: number, prices: Readonly<Record<string, number>>): Verb<void> {
      const regions = yield* sql.unpricedRegions.all(campaign);
      const priced = regions.flatMap((region) => {
        const price = prices[region];
        return price === undefined ? [] : [[price, campaign, region]];
      });
      if (priced.length === 0) return;
      for (const one of priced) yield* sql.priceRegion.run(...one);
      yield* sql.countLater.run(campaign);
    },

    /**
     * The prices of claims that a turn hands back, and of attempts that reached nobody, are free.
     * @param isMoved of each record, whether it moved its dispatch
     * @param isReleased of each release, whether its dispatch waits again
     */
    *free(
      { campaign, record, release }: Turn,
      isMoved: readonly boolean[],
      isReleased: readonly boolean[],
    ): Verb<void> {
      const refused = record.filter((one, at) => isMoved[at] === true && reachedNobody(one));
      const returned = release.filter((_, at) => isReleased[at] === true);
      const rows = [...refused, ...returned];
      if (rows.length === 0) return;
      const found = yield* sql.price.getEach(rows.map(({ row }) => [campaign, row]));
      const sum = found.reduce((all, priced) => all + (priced?.[0] ?? 0), 0);
      yield* sql.add.run(-sum, campaign);
    },

    /**
     * What the campaign's messages may cost changed otherwise than by a claim: it is counted before
     * the next one.
     */
    *countLater(campaign: number): Verb<void> {
      yield* sql.countLater.run(campaign);
    },

    /** Receipts changed what messages cost. */
    *settle(changes: readonly MoneyChange[]): Verb<void> {
      if (changes.length === 0 || (yield* sql.any.get()) === 0) return;
      const found = yield* sql.price.getEach(changes.map(({ campaign, row }) => [campaign, row]));
      const sums = new Map<number, number>();
      for (const [at, { campaign, before, after }] of changes.entries()) {
        const [price, currency] = found[at] ?? [null, null];
        if (currency === null) continue;
        const more = mayCost(after, price, currency) - mayCost(before, price, currency);
        sums.set(campaign, (sums.get(campaign) ?? 0) + more);
      }
      for (const [campaign, sum] of sums) if (sum !== 0) yield* sql.add.run(sum, campaign);
    },

    /** The gate of a turn of a campaign that has a budget. */
    *open(campaign: number, now: number): Verb<Gate> {
      const found = yield* sql.get.get(campaign);
      assert(found !== undefined, "the campaign has a budget");
      const { most, currency, rows } = found;
      const againMs = countAgainMs(rows);
      let { spent, countedAt } = found;
      let isUnpriced = false;
      let isCounted = false;
      const count = function* (): Verb<void> {
        spent = (yield* sql.count.get(campaign)) as number;
        countedAt = now;
        isCounted = true;
        yield* ahead(sql.counted.run(spent, countedAt, campaign));
      };
      if (countedAt === null) yield* count();
      return {
        *room(candidates) {
          const prices = candidates.map((candidate) => candidate[PRICE]);
          let room = affordable(prices, most - spent);
          isUnpriced = prices[room] === null;
          if (room === prices.length || isUnpriced) return room;
          if (Math.abs(now - (countedAt ?? 0)) < againMs) return room;
          yield* count();
          room = affordable(prices, most - spent);
          isUnpriced = prices[room] === null;
          return room;
        },
        *take(candidates) {
          if (candidates.length === 0) return;
          for (const candidate of candidates) spent += candidate[PRICE] ?? 0;
          yield* ahead(sql.spend.run(spent, campaign));
        },
        // biome-ignore lint/correctness/useYield: a gate is a verb, and this one asks nothing
        *full() {
          const isSure = isUnpriced || isCounted;
          const freeAt = isSure ? null : (countedAt ?? now) + againMs;
          return { by: "budget", most, currency, spent, isUnpriced, freeAt };
        },
      };
    },
  };
}

export type Budgets = ReturnType<typeof makeBudgets>;

function prepare() {
  return {
    any: statement<[], number>("select exists (select 1 from campaign_budget)").pluck(),
    get: statement<[number], BudgetRow>(
      `select b.most, b.currency, b.spent, b.counted_at as "countedAt", c.rows
      from campaign_budget b join campaign c on c.id = b.campaign_id where b.campaign_id = ?`,
    ),
    keep: statement<[{ campaign: number } & Budget]>(`
      insert into campaign_budget (campaign_id, most, currency, spent)
      values (@campaign, @most, @currency, 0)
      on conflict (campaign_id) do update set most = excluded.most, currency = excluded.currency,
        counted_at = iif(campaign_budget.currency = excluded.currency,
          campaign_budget.counted_at, null)
    `),
    drop: statement("delete from campaign_budget where campaign_id = ?"),
    // Of a campaign that never claimed no row need be read.
    count: statement<[number], number>(
      `select case when c.last_claim_at is null then 0 else ${costSql("c.id", "b.currency")} end
      from campaign c join campaign_budget b on b.campaign_id = c.id where c.id = ?`,
    ).pluck(),
    counted: statement(
      "update campaign_budget set spent = ?, counted_at = ? where campaign_id = ?",
    ),
    countLater: statement("update campaign_budget set counted_at = null where campaign_id = ?"),
    spend: statement("update campaign_budget set spent = ? where campaign_id = ?"),
    add: statement("update campaign_budget set spent = max(0, spent + ?) where campaign_id = ?"),
    price: setStatement<
      [campaign: number, row: number],
      [price: number | null, currency: string | null]
    >(
      `select d.price, b.currency
      from dispatch d left join campaign_budget b on b.campaign_id = d.campaign_id
      where d.campaign_id = ? and d.row_number = ?`,
      "bigint bigint",
    ),
    unpricedRegions: statement<[number], string>(
      `select distinct region from dispatch
      where campaign_id = ? and price is null and attempts > 0 and region is not null`,
    ).pluck(),
    priceRegion: statement(`
      update dispatch set price = ?
      where campaign_id = ? and region = ? and price is null and attempts > 0
    `),
  };
}
