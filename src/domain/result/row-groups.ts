// Adds the groups of a campaign's rows up: to its tally, and to the counts of its report. No words.

import type { Status } from "../campaign/dispatch.ts";
import type { MoneyTally } from "../cost/money.ts";
import { COSTING, isBillable } from "../limits/budget.ts";
import type { HoldCount, LedgerTally } from "./counts.ts";
import type {
  CountryCount,
  FailureCount,
  PathCount,
  ReasonCount,
  ReportData,
} from "./report-data.ts";

/** Longest message of Meta's that is shown, in characters. */
const EXAMPLE_MAX = 240;
/** A phone number has at least so many digits; what is masked of a message. */
const LONG_DIGITS = /\d(?:[\d ().-]{5,}\d)/g;

/** Rows that have all of this in common. */
export interface RowGroup {
  status: Status;
  why: string | null;
  region: string | null;
  path: string | null;
  pricingType: string | null;
  messageStatus: string | null;
  /** Millionths of the budget's currency; null without one. */
  price: number | null;
  /** Currency of the costs that receipts reported, and their sum; null: none. */
  costCurrency: string | null;
  cost: number | null;
  isPosted: 0 | 1;
  isAccepted: 0 | 1;
  isSent: 0 | 1;
  count: number;
  heldFrom: number | null;
  heldTo: number | null;
  oldestAt: number | null;
  example: string | null;
  /** The first claim that still counts, and the last answer that took a message. */
  firstClaimAt: number | null;
  lastAcceptedAt: number | null;
}

/** Adds a group to those that have the same in common. */
export function addGroup(groups: Map<string, RowGroup>, group: RowGroup): void {
  const { status, why, region, path, pricingType, messageStatus, price, costCurrency } = group;
  const { isPosted, isAccepted, isSent } = group;
  const key = JSON.stringify([
    ...[status, why, region, path, pricingType, messageStatus, price, costCurrency],
    ...[isPosted, isAccepted, isSent],
  ]);
  const sum = groups.get(key);
  if (sum === undefined) {
    groups.set(key, { ...group });
    return;
  }
  sum.count += group.count;
  if (group.cost !== null) sum.cost = (sum.cost ?? 0) + group.cost;
  sum.heldFrom = least([sum, group], "heldFrom");
  sum.heldTo = most([sum, group], "heldTo");
  sum.oldestAt = least([sum, group], "oldestAt");
  sum.firstClaimAt = least([sum, group], "firstClaimAt");
  sum.lastAcceptedAt = most([sum, group], "lastAcceptedAt");
  sum.example ??= group.example;
}

/** The instants between which a campaign was sent. */
export type SendingSpan = Pick<LedgerTally["reached"], "firstClaimAt" | "lastAcceptedAt">;

/** When the first of the rows was claimed, and when Meta took the last message. */
export function spanOf(groups: readonly RowGroup[]): SendingSpan {
  return {
    firstClaimAt: least(groups, "firstClaimAt"),
    lastAcceptedAt: most(groups, "lastAcceptedAt"),
  };
}

/**
 * The parts of a tally that follow from its groups; clicks, opt-outs, zones and the time of sending
 * are not among them.
 */
export function tallyOf(groups: readonly RowGroup[]): Omit<
  LedgerTally,
  "optOuts" | "reached" | "money" | "zones"
> & {
  money: Omit<MoneyTally, "besides">;
  reached: Omit<LedgerTally["reached"], "clicked" | "sendingMs">;
} {
  const of = (status: Status): RowGroup[] => groups.filter((group) => group.status === status);
  const { toSend, sentTo, accepted, delivered, read } = funnelOf(groups);
  return {
    rows: sumOf(groups),
    counts: sumsBy(groups, ({ status }) => status),
    reasons: sumsBy(groups, ({ why }) => why),
    failures: sumsBy(of("failed"), ({ why }) => why),
    messageStatuses: sumsBy(groups, messageStatusOf),
    withoutReceipt: sumsBy(of("accepted"), messageStatusOf),
    regions: sumsBy(groups, ({ region }) => region),
    holds: holdsOf(of("held")),
    money: moneyOf(groups),
    reached: { toSend, sentTo, accepted, delivered, read, ...spanOf(groups) },
  };
}

/**
 * What the messages cost by the prices that their rows were planned with, and by their receipts.
 * Besides the messages that rows have there may be others.
 */
export function moneyOf(groups: readonly RowGroup[]): Omit<MoneyTally, "besides"> {
  const waiting = groups.filter(({ status }) => status === "pending" || status === "held");
  const costing = groups.filter(
    ({ status, pricingType, costCurrency }) =>
      COSTING.includes(status) && (isBillable(pricingType) || costCurrency !== null),
  );
  const sum = (those: readonly RowGroup[]): number =>
    those.reduce((all, { price, count }) => all + (price ?? 0) * count, 0);
  const byPrice = gathered(waiting, ({ region, price }) => JSON.stringify([region, price]));
  return {
    waiting: byPrice.map(([, those]) => {
      const { region, price } = those[0] as RowGroup;
      return { region, price, people: sumOf(those) };
    }),
    planned: sum(groups.filter(({ status }) => status !== "skipped")),
    reserved: sum(costing.filter((group) => !isDelivered(group))),
    delivered: gathered(costing.filter(isDelivered), ({ costCurrency }) => costCurrency ?? "").map(
      ([currency, those]) => ({
        currency: currency === "" ? null : currency,
        messages: sumOf(those),
        cost: those.reduce((all, { cost }) => all + (cost ?? 0), 0),
        planned: sum(those.filter(({ pricingType }) => isBillable(pricingType))),
      }),
    ),
  };
}

/** The parts of a report that follow from its groups; clicks are not among them. */
export function countsOf(
  groups: readonly RowGroup[],
): Pick<
  ReportData,
  | "rows"
  | "counts"
  | "skipped"
  | "failed"
  | "held"
  | "messageStatuses"
  | "withoutReceipt"
  | "countries"
  | "paths"
> & { steps: Omit<ReportData["funnel"], "clicked"> } {
  const of = (status: Status): RowGroup[] => groups.filter((group) => group.status === status);
  const waiting = of("accepted");
  return {
    rows: sumOf(groups),
    counts: sumsBy(groups, ({ status }) => status),
    steps: funnelOf(groups),
    skipped: reasonsOf(of("skipped"), ({ why }) => why),
    failed: failuresOf(of("failed")),
    held: holdsOf(of("held")),
    messageStatuses: messageStatusesOf(groups),
    withoutReceipt: { number: sumOf(waiting), oldestAt: least(waiting, "oldestAt") },
    countries: countriesOf(groups.filter(({ status }) => status !== "skipped")),
    paths: pathsOf(groups),
  };
}

/** Whether a request was made, or perhaps made, and none is waited for. */
function isSentTo({ status, isPosted }: RowGroup): boolean {
  return isPosted === 1 && status !== "skipped" && status !== "pending" && status !== "cancelled";
}

function isDelivered({ status }: RowGroup): boolean {
  return status === "delivered" || status === "read";
}

/** A receipt of delivery proves that Meta took the message, also where its answer was lost. */
function isTaken(group: RowGroup): boolean {
  return group.isAccepted === 1 || isDelivered(group);
}

function funnelOf(groups: readonly RowGroup[]): Omit<ReportData["funnel"], "clicked"> {
  const those = (test: (group: RowGroup) => boolean): number => sumOf(groups.filter(test));
  return {
    rows: sumOf(groups),
    toSend: those(({ status }) => status !== "skipped"),
    sentTo: those(isSentTo),
    posted: those(({ status, isPosted }) => status !== "skipped" && isPosted === 1),
    accepted: those(isTaken),
    sent: those((group) => isTaken(group) && (group.isSent === 1 || isDelivered(group))),
    delivered: those(isDelivered),
    read: those(({ status }) => status === "read"),
  };
}

function reasonsOf(
  groups: readonly RowGroup[],
  keyOf: (group: RowGroup) => string | null,
): ReasonCount[] {
  const sums = sumsBy(groups, keyOf);
  return mostFirst(Object.entries(sums).map(([reason, number]) => ({ reason, number })));
}

function failuresOf(groups: readonly RowGroup[]): FailureCount[] {
  return mostFirst(
    gathered(groups, ({ why }) => why).map(([code, those]) => ({
      code,
      number: sumOf(those),
      afterAcceptance: sumOf(those.filter(({ isAccepted }) => isAccepted === 1)),
      example: exampleOf(those),
    })),
  );
}

/** What Meta said is about one person, and may name them by number. */
function exampleOf(groups: readonly RowGroup[]): string | null {
  const text = groups.find(({ example }) => example !== null)?.example ?? null;
  return text === null ? null : text.slice(0, EXAMPLE_MAX).replace(LONG_DIGITS, "…");
}

function holdsOf(groups: readonly RowGroup[]): HoldCount[] {
  return mostFirst(
    gathered(groups, ({ why }) => why).map(([reason, those]) => ({
      reason,
      number: sumOf(those),
      nextAt: least(those, "heldFrom") as number,
      lastAt: most(those, "heldTo") as number,
    })),
  );
}

/** Meta's word on a message that it took. */
function messageStatusOf({ messageStatus, isAccepted }: RowGroup): string | null {
  return isAccepted === 1 ? messageStatus : null;
}

function messageStatusesOf(groups: readonly RowGroup[]): ReasonCount[] {
  return reasonsOf(groups, messageStatusOf).filter(({ reason }) => reason !== "accepted");
}

function countriesOf(groups: readonly RowGroup[]): CountryCount[] {
  const countries = gathered(groups, ({ region }) => region ?? "").map(([region, those]) => ({
    region: region === "" ? null : region,
    toSend: sumOf(those),
    sentTo: sumOf(those.filter(isSentTo)),
    accepted: sumOf(those.filter(isTaken)),
    delivered: sumOf(those.filter(isDelivered)),
    read: sumOf(those.filter(({ status }) => status === "read")),
    failed: sumOf(those.filter(({ status }) => status === "failed")),
    billable: sumOf(those.filter((group) => isDelivered(group) && isBillable(group.pricingType))),
  }));
  return countries.sort((a, b) => b.toSend - a.toSend);
}

function pathsOf(groups: readonly RowGroup[]): PathCount[] {
  const reported = groups.filter(({ path, pricingType }) => path !== null || pricingType !== null);
  const key = ({ path, pricingType }: RowGroup): string => JSON.stringify([path, pricingType]);
  return mostFirst(
    gathered(reported, key).map(([, those]) => ({
      path: (those[0] as RowGroup).path,
      pricingType: (those[0] as RowGroup).pricingType,
      number: sumOf(those),
      delivered: sumOf(those.filter(isDelivered)),
      read: sumOf(those.filter(({ status }) => status === "read")),
      failed: sumOf(those.filter(({ status }) => status === "failed")),
    })),
  );
}

function sumOf(groups: readonly RowGroup[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}

function sumsBy<K extends string>(
  groups: readonly RowGroup[],
  keyOf: (group: RowGroup) => K | null,
): Record<K, number> {
  const sums = gathered(groups, keyOf).map(([key, those]) => [key, sumOf(those)]);
  return Object.fromEntries(sums) as Record<K, number>;
}

/** Groups with the same key together, in the order of the keys; those without one are left out. */
function gathered(
  groups: readonly RowGroup[],
  keyOf: (group: RowGroup) => string | null,
): [string, RowGroup[]][] {
  const found = new Map<string, RowGroup[]>();
  for (const group of groups) {
    const key = keyOf(group);
    if (key === null) continue;
    const those = found.get(key);
    if (those === undefined) found.set(key, [group]);
    else those.push(group);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

function mostFirst<T extends { number: number }>(counts: T[]): T[] {
  return counts.sort((a, b) => b.number - a.number);
}

type InstantKey = "heldFrom" | "heldTo" | "oldestAt" | "firstClaimAt" | "lastAcceptedAt";

function least(groups: readonly RowGroup[], key: InstantKey): number | null {
  const known = groups.flatMap((group) => group[key] ?? []);
  return known.length === 0 ? null : Math.min(...known);
}

function most(groups: readonly RowGroup[], key: InstantKey): number | null {
  const known = groups.flatMap((group) => group[key] ?? []);
  return known.length === 0 ? null : Math.max(...known);
}
