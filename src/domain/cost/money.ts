// What a campaign's messages were to cost, and cost: sums by currency, in whole millionths of its
// unit, so that they are exact. No I/O.

import { count, money as inWords, percent, plural } from "../common/numbers.ts";
import type { Budget, PricedPeople } from "../limits/budget.ts";
import { inUnits } from "../limits/budget.ts";

/**
 * What the messages of a campaign cost, in millionths. Planned prices are in the currency of its
 * budget, and 0 where there is none.
 */
export interface MoneyTally {
  /** Who waits. */
  waiting: PricedPeople[];
  /** If everybody who is not skipped were delivered to. */
  planned: number;
  /** Set aside for messages on their way, and for those that may have been sent. */
  reserved: number;
  /** Delivered messages that are billed, by the currency of their receipts; null: none reported. */
  delivered: (Omit<CurrencySum, "currency"> & { currency: string | null; planned: number })[];
  /** The same of messages that were delivered while their row has another one. */
  besides: CurrencySum[];
}

/** What messages cost by their receipts. */
export interface CurrencySum {
  /** ISO 4217. */
  currency: string;
  messages: number;
  /** Millionths of the currency's unit. */
  cost: number;
}

/** What receipts reported, as `--json` has it: in the currency's unit. */
export interface CostRecord {
  currency: string;
  amount: number;
  messages: number;
}

/** The costs of messages by their receipts, summed up by currency; most messages first. */
export function costsByReceipts({ delivered, besides }: MoneyTally): CurrencySum[] {
  const sums = new Map<string, CurrencySum>();
  for (const { currency, messages, cost } of [...delivered, ...besides]) {
    if (currency === null) continue;
    const sum = sums.get(currency) ?? { currency, messages: 0, cost: 0 };
    sums.set(currency, { currency, messages: sum.messages + messages, cost: sum.cost + cost });
  }
  return [...sums.values()].sort(
    (a, b) => b.messages - a.messages || (a.currency < b.currency ? -1 : 1),
  );
}

/** The same as `--json` has it. */
export function costRecords(money: MoneyTally): CostRecord[] {
  return costsByReceipts(money).map(({ currency, cost, messages }) => ({
    currency,
    amount: inUnits(cost),
    messages,
  }));
}

/**
 * What delivered messages cost a budget, in millionths: by their receipts where these are in its
 * currency, else by the prices that were planned.
 */
export function settledIn({ delivered, besides }: MoneyTally, currency: string): number {
  const own = delivered.map((one) => (one.currency === currency ? one.cost : one.planned));
  const others = besides.map((one) => (one.currency === currency ? one.cost : 0));
  return [...own, ...others].reduce((sum, amount) => sum + amount, 0);
}

/** What is spent of a budget, or set aside, in millionths. */
export function usedIn(money: MoneyTally, currency: string): number {
  return money.reserved + settledIn(money, currency);
}

/** A figure on the way from the plan to the bill. */
export interface MoneyStep {
  /** `reserved`: set aside for messages on their way, or of which nobody knows. */
  name: "estimated" | "reserved" | "settled" | "by_receipts" | "by_meta";
  /** Millionths. */
  amount: number;
}

/** What Meta's analytics count that the template cost, in millionths. */
export interface MetaCost {
  currency: string;
  amount: number;
}

/** What the messages of one currency were to cost, and cost. */
export interface MoneyCourse {
  currency: string;
  /** Those that are known, in their order. */
  steps: MoneyStep[];
  /** Messages whose cost receipts reported. */
  messages: number;
  /**
   * What these cost less what was planned for them, and that, in millionths; null: nothing was
   * planned for them in this currency.
   */
  difference: { amount: number; of: number } | null;
}

/**
 * The way from the plan to the bill, a currency each: first that of the budget. Empty for a
 * campaign without a budget of which no receipt reported a cost.
 */
export function moneyCourses(
  money: MoneyTally,
  budget: Budget | null,
  counted: MetaCost | null = null,
): MoneyCourse[] {
  const reported = costsByReceipts(money);
  const own = budget?.currency ?? null;
  const others = [...reported, ...(counted === null ? [] : [counted])].map((one) => one.currency);
  const currencies = new Set([...(own === null ? [] : [own]), ...others]);
  return [...currencies].map((currency) => {
    const sum = reported.find((one) => one.currency === currency);
    const byPlan = currency === own ? plannedSteps(money, currency) : [];
    const byReceipts: MoneyStep[] =
      sum === undefined ? [] : [{ name: "by_receipts", amount: sum.cost }];
    const those = money.delivered.find((one) => one.currency === currency);
    const isPlanned = currency === own && those !== undefined && those.planned > 0;
    return {
      currency,
      steps: [...byPlan, ...byReceipts, ...metaSteps(counted, currency)],
      messages: sum?.messages ?? 0,
      difference: isPlanned ? { amount: those.cost - those.planned, of: those.planned } : null,
    };
  });
}

function metaSteps(counted: MetaCost | null, currency: string): MoneyStep[] {
  return counted?.currency === currency ? [{ name: "by_meta", amount: counted.amount }] : [];
}

function plannedSteps(money: MoneyTally, currency: string): MoneyStep[] {
  return [
    { name: "estimated", amount: money.planned },
    { name: "reserved", amount: money.reserved },
    { name: "settled", amount: settledIn(money, currency) },
  ];
}

/** A course as `--json` has it, in the currency's unit; null: not known. */
export function courseRecord({ currency, steps, messages, difference }: MoneyCourse) {
  const of = (name: MoneyStep["name"]): number | null => {
    const step = steps.find((one) => one.name === name);
    return step === undefined ? null : inUnits(step.amount);
  };
  return {
    currency,
    estimated: of("estimated"),
    reserved: of("reserved"),
    settled: of("settled"),
    by_receipts: of("by_receipts"),
    by_meta: of("by_meta"),
    messages,
    difference: difference === null ? null : inUnits(difference.amount),
  };
}

const STEP_WORDS: Readonly<Record<MoneyStep["name"], string>> = {
  estimated: "estimated",
  reserved: "reserved",
  settled: "settled",
  by_receipts: "by Meta's receipts",
  by_meta: "by Meta's analytics",
};

/** A course in one line: `USD: estimated 1.25 → reserved 0.00 → settled 0.98`. */
export function courseText({ currency, steps, messages, difference }: MoneyCourse): string {
  const figures = steps.map(
    ({ name, amount }) => `${STEP_WORDS[name]} ${inWords(inUnits(amount))}`,
  );
  const line = `${currency}: ${figures.join(" → ")}`;
  if (messages === 0) return line;
  return `${line} (${plural(messages, "message")}${differenceWords(difference)})`;
}

function differenceWords(difference: MoneyCourse["difference"]): string {
  if (difference === null) return "";
  const { amount, of } = difference;
  if (amount === 0) return ", as planned for them";
  const size = Math.abs(amount);
  const share = size > of ? `${count((100 * size) / of)}%` : percent(size, of);
  const words = `${inWords(inUnits(size))} or ${share} ${amount < 0 ? "less" : "more"}`;
  return `, ${words} than planned for them`;
}
