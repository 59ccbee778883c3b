// Orders of people, as a shop has them, and what the ledger keeps of them to say what a campaign
// was worth.

import { money } from "../common/numbers.ts";
import { inUnits } from "../limits/budget.ts";

/** An order of a person. At least one of the three names is known. */
export interface Conversion {
  /** Of the shop: what is imported again under one id is the same order. */
  orderId: string;
  /** Digits of the number. */
  person: string | null;
  /** A business-scoped user id. */
  userId: string | null;
  /** What the list of a campaign calls the person, by its `recipients.id`. */
  recipientId: string | null;
  /** When it was ordered, ms. */
  at: number;
  /** Millionths of the currency's unit; null with the currency: not known. */
  value: number | null;
  /** ISO 4217. */
  currency: string | null;
}

/** What became of orders that were imported. */
export interface KeptConversions {
  added: number;
  /** Known by their id, and different: what came last counts. */
  changed: number;
  /** Known as they are. */
  known: number;
  /** Of people who were erased: left out. */
  forgotten: number;
}

/** An import that read its file to the end. */
export interface ConversionImport {
  /** Instant. */
  at: number;
  /** The file's name, without its folder. */
  file: string;
}

/** People who were assigned alike, and what they ordered while orders count. */
export interface GroupCounts {
  /** `arm`: of the test; `rest`: sent to without one. */
  kind: "hold_out" | "arm" | "rest";
  /** The arm's name; null otherwise. */
  name: string | null;
  people: number;
  /** Of them, those with an order. */
  ordered: number;
  /** By currency: sums over people, in its unit. */
  revenue: RevenueSum[];
  costs: GroupCost[];
}

/** Revenue of a group in one currency. */
export interface RevenueSum {
  /** ISO 4217. */
  currency: string;
  orders: number;
  /** Σ of each person's revenue, and Σ of its square. */
  sum: number;
  squares: number;
}

/** Delivered messages of a group that are billed, of one region and one currency of receipts. */
export interface GroupCost {
  region: string | null;
  /** What receipts reported, in millionths; null: nothing. */
  currency: string | null;
  cost: number;
  /** At the prices that were planned, in millionths of the budget's currency. */
  planned: number;
  messages: number;
}

/** What the ledger counts for the worth of a campaign. */
export interface WorthCounts {
  /** When its first message was claimed, and when the last person got their first; null: none. */
  from: number | null;
  last: number | null;
  /** So long after that orders count, in ms. */
  windowMs: number;
  /** People who are still to be sent to. */
  open: number;
  /** The last import; null: there was none. */
  imported: ConversionImport | null;
  /** The hold-out first, then the arms in their order, then the rest; without empty ones. */
  groups: GroupCounts[];
}

/** Orders of people. */
export interface ConversionLedger {
  /** Adds orders, or corrects those that are known by their id. No id stands twice in a batch. */
  keepConversions(entries: readonly Conversion[]): Promise<KeptConversions>;
  /** A file was imported to its end: orders until then are known. */
  keepConversionImport(done: ConversionImport): Promise<void>;
  /** What the people of a campaign ordered; null where nothing can be said. */
  worthOf(campaign: number): Promise<WorthCounts | null>;
}

/** One order of a person of a campaign, as it was matched to a row. */
export interface MatchedOrder {
  orderId: string;
  row: number;
  /** From 1; 0: none. */
  arm: number;
  isOut: boolean;
  value: number | null;
  currency: string | null;
}

/** How long after a campaign's last message orders count, unless its manifest says otherwise. */
export const WINDOW_MS = 7 * 86_400_000;

/** An order under several names of one person counts once, for the first of their rows. */
export function onceEach(matches: readonly MatchedOrder[]): MatchedOrder[] {
  const first = new Map<string, MatchedOrder>();
  for (const match of matches) {
    const known = first.get(match.orderId);
    if (known === undefined || match.row < known.row) first.set(match.orderId, match);
  }
  return [...first.values()];
}

/** Adds the orders of one group up, a person at a time. */
export function revenueOf(orders: readonly MatchedOrder[]): RevenueSum[] {
  const people = new Map<string, Map<number, { orders: number; sum: number }>>();
  for (const { row, value, currency } of orders) {
    if (value === null || currency === null) continue;
    const rows = people.get(currency) ?? new Map<number, { orders: number; sum: number }>();
    const known = rows.get(row) ?? { orders: 0, sum: 0 };
    rows.set(row, { orders: known.orders + 1, sum: known.sum + inUnits(value) });
    people.set(currency, rows);
  }
  const sums = [...people].map(([currency, rows]) => {
    const all = [...rows.values()];
    const total = (of: (one: { orders: number; sum: number }) => number) =>
      all.reduce((sum, one) => sum + of(one), 0);
    return {
      ...{ currency, orders: total((one) => one.orders), sum: total((one) => one.sum) },
      squares: total((one) => one.sum * one.sum),
    };
  });
  return sums.sort((a, b) => b.orders - a.orders || (a.currency < b.currency ? -1 : 1));
}

/** What a group brought: `1,234.00 BRL`, most orders first; empty without orders. */
export function revenueText(revenue: readonly RevenueSum[]): string {
  return revenue.map(({ currency, sum }) => `${money(sum)} ${currency}`).join(", ");
}
