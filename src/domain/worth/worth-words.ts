// What a campaign was worth, in words and as `--json` has it.

import { count, money } from "../common/numbers.ts";
import type { Interval } from "../common/proportion.ts";
import { pointsText } from "../statistics/decision-text.ts";
import type { Worth, WorthComparison } from "./worth.ts";

/** An instant in words. */
type When = (at: number) => string;

const IMPORT = "`campaign conversions import FILE`";

/** `Worth: about 350 more orders`; what is waited for, as long as orders count. */
export function worthHeading({ state, until, groups, comparisons }: Worth, when: When): string {
  if (state === "none") return "Worth: no orders are imported yet";
  if (state === "early") return "Worth: the last orders are not imported yet";
  if (state === "counting") {
    return until === null
      ? "Worth: orders count while it is sent"
      : `Worth: orders count until ${when(until)}`;
  }
  const [lead] = comparisons;
  if (lead === undefined) {
    return groups.some(({ kind }) => kind === "hold_out") ? "Worth: cannot tell" : "Orders";
  }
  if (lead.orders === null || (lead.orders.low <= 0 && lead.orders.high >= 0)) {
    return "Worth: cannot tell";
  }
  const number = Math.round(Math.abs(lead.orders.orders));
  return `Worth: about ${count(number)} ${lead.orders.orders > 0 ? "more" : "fewer"} people ordered`;
}

/** What is known of it beside the table, a sentence each. */
export function worthSentences(worth: Worth, when: When): string[] {
  return [
    ...worth.comparisons.slice(0, 1).flatMap((one) => comparedSentences(one, worth)),
    ...stateSentences(worth, when),
  ];
}

/** `+0.8 points (0.2 to 1.2) over the hold-out: …` and what they brought and cost. */
export function comparedSentences(one: WorthComparison, worth: Worth): string[] {
  const { orders, revenue, perOrder, cost } = one;
  const points = pointsText(one.difference, one.interval, " points");
  const over = `${one.name}: ${points} over the hold-out`;
  if (orders === null) return [`${over}; too few people to say more.`];
  const more = `${over}, which is ${count(Math.round(orders.orders))} people who ordered (${range(orders, count)}).`;
  const unit = worth.currency ?? "";
  const brought =
    worth.currency === null
      ? []
      : revenue === null
        ? [`Too few orders to say what they brought in ${unit}.`]
        : [`They brought ${money(revenue.amount)} ${unit} (${range(revenue, money)}).`];
  const paid = worth.costCurrency ?? "";
  const each =
    cost === null
      ? []
      : perOrder === null
        ? [`The messages cost ${money(cost)} ${paid}; no order came of them beyond doubt.`]
        : [`Each cost ${money(perOrder.cost)} ${paid} (${range(perOrder, money)}).`];
  return [more, ...brought, ...each];
}

function range({ low, high }: Interval, words: (value: number) => string): string {
  const signed = (value: number) => (value < 0 ? `−${words(Math.abs(value))}` : words(value));
  return `${signed(low)} to ${signed(high)}`;
}

function stateSentences({ state, until, imported, groups }: Worth, when: When): string[] {
  const hasHoldOut = groups.some(({ kind }) => kind === "hold_out");
  const file =
    imported === null ? "" : `Orders of ${imported.file}, imported ${when(imported.at)}.`;
  if (state === "none") {
    return [`Import what people ordered: ${IMPORT}.`];
  }
  if (state === "early" && until !== null) {
    return [`Orders count until ${when(until)}: import them again (${IMPORT}).`, file];
  }
  if (state === "counting") return [file, "There is no result before."];
  return hasHoldOut
    ? [file, "By assignment: everybody counts in the group that chance put them in."]
    : [file, "Without a hold-out nobody knows which of them came of the message."];
}

/** The same as `report --json` has it. */
export function worthRecord(worth: Worth): Record<string, unknown> {
  const instant = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  const { imported } = worth;
  return {
    state: worth.state,
    ...{ from: instant(worth.from), until: instant(worth.until) },
    window_seconds: worth.windowMs / 1_000,
    imported: imported === null ? null : { file: imported.file, at: instant(imported.at) },
    ...{ currency: worth.currency, cost_currency: worth.costCurrency },
    groups: worth.groups.map((group) => ({
      ...{ group: group.name, kind: group.kind, people: group.people, ordered: group.ordered },
      rate: group.interval === null ? null : group.ordered / group.people,
      interval: group.interval,
      revenue: group.revenue.map(({ currency, orders, sum }) => ({ currency, orders, sum })),
      cost: group.cost,
    })),
    against_hold_out: worth.comparisons.map((one) => ({
      ...{ group: one.name, difference: one.difference, interval: one.interval },
      ...{ people_who_ordered: one.orders, revenue: one.revenue },
      ...{ cost: one.cost, cost_per_order: one.perOrder },
    })),
  };
}
