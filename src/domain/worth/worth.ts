// What a campaign was worth: who ordered, by assignment, in each arm and in the hold-out; the
// orders and the revenue that would not have come without it, and what one of these orders cost.
//
// All groups are counted over the same time, from the campaign's first message to the end of the
// window after its last: the hold-out has no message of its own from which a time could count.

import type { Interval } from "../common/proportion.ts";
import { wilson } from "../common/proportion.ts";
import { estimateCost } from "../cost/estimate.ts";
import type { RateCard } from "../cost/rate-card.ts";
import { inUnits } from "../limits/budget.ts";
import type { Incremental, OrderCost } from "../statistics/incremental.ts";
import { costPerOrder, incrementalOrders } from "../statistics/incremental.ts";
import type { MeanDifference } from "../statistics/means.ts";
import { welch } from "../statistics/means.ts";
import { newcombe } from "../statistics/two-shares.ts";
import type { ConversionImport, GroupCounts, RevenueSum, WorthCounts } from "./conversion.ts";

/** A group in figures. */
interface WorthGroup {
  /** `hold-out`, an arm's name, `rest`, or `messaged`: all who are not in the hold-out. */
  name: string;
  kind: GroupCounts["kind"] | "messaged";
  people: number;
  ordered: number;
  /** Of `ordered` to `people`, 95 %; null while orders count, or without people. */
  interval: Interval | null;
  revenue: RevenueSum[];
  /** What its messages cost; null: not known. */
  cost: number | null;
}

/** A group against the hold-out. */
export interface WorthComparison {
  name: string;
  /** Of the shares, 0 to 1. */
  difference: number;
  interval: Interval;
  /** People who ordered because of the messages; null: too few people to say. */
  orders: Incremental | null;
  /** The revenue that came with them, in `currency`; null: too few orders to say. */
  revenue: (Interval & { amount: number }) | null;
  cost: number | null;
  /** Null: not known, or no order came of it beyond doubt. */
  perOrder: OrderCost | null;
}

/** The worth of a campaign. */
export interface Worth {
  /**
   * `none`: no import; `early`: the last one came before the end; `counting`: orders still count.
   */
  state: "none" | "counting" | "early" | "final";
  from: number | null;
  /** Orders until then count; null: not known while people are sent to. */
  until: number | null;
  windowMs: number;
  imported: ConversionImport | null;
  /** Of revenue: that of most orders; null without. */
  currency: string | null;
  /** Of costs. */
  costCurrency: string | null;
  groups: WorthGroup[];
  /** Against the hold-out, all messaged first; empty without one, and before the end. */
  comparisons: WorthComparison[];
}

/** What prices are known besides receipts. */
export interface WorthPrices {
  /** Of planned prices; null without a budget. */
  budget: string | null;
  rateCard: RateCard | null;
}

/** The figures of a campaign. @param now instant */
export function worthOf(counts: WorthCounts, prices: WorthPrices, now: number): Worth {
  const { from, last, windowMs, open, imported } = counts;
  const until = open > 0 || last === null ? null : last + windowMs;
  const state = stateOf(until, imported, now);
  const costCurrency = costCurrencyOf(counts.groups, prices);
  const sent = counts.groups.filter(({ kind }) => kind !== "hold_out");
  const heldOut = counts.groups.find(({ kind }) => kind === "hold_out");
  const all = sent.length > 1 ? [joined(sent)] : [];
  const shown = [...(heldOut === undefined ? [] : [heldOut]), ...all, ...sent];
  const isFinal = state === "final";
  const groups = shown.map((group): WorthGroup => {
    const { people, ordered, revenue } = group;
    const kind =
      all.includes(group) || (sent.length === 1 && group.kind === "rest") ? "messaged" : group.kind;
    const name = {
      hold_out: "hold-out",
      arm: group.name ?? "",
      rest: "rest",
      messaged: "messaged",
    };
    return {
      ...{ kind, name: name[kind], people, ordered, revenue },
      interval: isFinal ? wilson(ordered, people) : null,
      cost: costOf(group, costCurrency, prices),
    };
  });
  const currency = currencyOf(groups);
  const base = groups.find(({ kind }) => kind === "hold_out");
  const comparisons =
    base === undefined || !isFinal
      ? []
      : groups.flatMap((group) => (group === base ? [] : compared(base, group, currency)));
  return {
    ...{ state, from, until, windowMs, imported, currency, costCurrency, groups, comparisons },
  };
}

function stateOf(
  until: number | null,
  imported: ConversionImport | null,
  now: number,
): Worth["state"] {
  if (until === null || now < until) return imported === null ? "none" : "counting";
  if (imported === null) return "none";
  return imported.at < until ? "early" : "final";
}

function compared(base: WorthGroup, group: WorthGroup, currency: string | null): WorthComparison[] {
  const [a, b] = [base, group].map(({ ordered, people }) => ({ number: ordered, of: people }));
  if (a === undefined || b === undefined) return [];
  const interval = newcombe(a, b);
  if (interval === null) return [];
  const orders = incrementalOrders(a, b);
  const revenue = currency === null ? null : welch(sumsOf(base, currency), sumsOf(group, currency));
  const { name, cost, people } = group;
  return [
    {
      ...{ name, interval, orders, cost, difference: b.number / b.of - a.number / a.of },
      revenue: revenue === null ? null : times(revenue, people),
      perOrder: cost === null ? null : costPerOrder(cost, orders),
    },
  ];
}

function sumsOf({ people, revenue }: WorthGroup, currency: string) {
  const found = revenue.find((one) => one.currency === currency);
  return { people, sum: found?.sum ?? 0, squares: found?.squares ?? 0 };
}

function times({ difference, low, high }: MeanDifference, people: number) {
  return { amount: people * difference, low: people * low, high: people * high };
}

/** All who were to be messaged, as one group. */
function joined(groups: readonly GroupCounts[]): GroupCounts {
  const sum = (of: (group: GroupCounts) => number) =>
    groups.reduce((total, group) => total + of(group), 0);
  const revenue = new Map<string, RevenueSum>();
  for (const one of groups.flatMap((group) => group.revenue)) {
    const { currency } = one;
    const known = revenue.get(currency) ?? { currency, orders: 0, sum: 0, squares: 0 };
    revenue.set(currency, {
      ...{ currency, orders: known.orders + one.orders, sum: known.sum + one.sum },
      squares: known.squares + one.squares,
    });
  }
  return {
    ...{ kind: "rest", name: null, revenue: [...revenue.values()] },
    people: sum(({ people }) => people),
    ordered: sum(({ ordered }) => ordered),
    costs: groups.flatMap(({ costs }) => costs),
  };
}

/** The currency in which most orders are. */
function currencyOf(groups: readonly WorthGroup[]): string | null {
  const orders = new Map<string, number>();
  for (const { currency, orders: number } of groups.flatMap(({ revenue }) => revenue)) {
    orders.set(currency, (orders.get(currency) ?? 0) + number);
  }
  return [...orders].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

/** Receipts are surer than planned prices, and these than a list of them. */
function costCurrencyOf(groups: readonly GroupCounts[], prices: WorthPrices): string | null {
  const reported = groups.flatMap(({ costs }) => costs).find(({ currency }) => currency !== null);
  return prices.budget ?? reported?.currency ?? prices.rateCard?.currency ?? null;
}

function costOf(
  { kind, costs }: GroupCounts,
  currency: string | null,
  { budget, rateCard }: WorthPrices,
): number | null {
  if (currency === null || kind === "hold_out") return null;
  let cost = 0;
  for (const one of costs) {
    if (one.currency === currency) cost += inUnits(one.cost);
    else if (budget === currency) cost += inUnits(one.planned);
    else if (rateCard?.currency === currency) {
      const byRegion = one.region === null ? {} : { [one.region]: one.messages };
      cost +=
        estimateCost({ toSend: one.messages, byRegion }, rateCard).cost?.total_if_all_delivered ??
        0;
    }
  }
  return cost;
}
