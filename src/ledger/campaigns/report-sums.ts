// Adds the groups of a campaign's rows up to the counts of its report. No SQL, no words.

import type { Status } from "../../domain/campaign/dispatch.ts";
import type {
  CountryCount,
  FailureCount,
  HoldCount,
  PathCount,
  ReasonCount,
  ReportData,
} from "../../domain/result/report-data.ts";
import { isBillable } from "../../domain/result/report-data.ts";
import { isSentTo } from "./reports.ts";

/** Longest message of Meta's that is shown, in characters. */
const EXAMPLE_MAX = 240;
/** A phone number has at least so many digits; what is masked of a message. */
const LONG_DIGITS = /\d(?:[\d ().-]{5,}\d)/g;

/** Rows that have all of this in common. */
export interface SumGroup {
  status: Status;
  why: string | null;
  region: string | null;
  path: string | null;
  pricingType: string | null;
  messageStatus: string | null;
  isPosted: 0 | 1;
  isAccepted: 0 | 1;
  isSent: 0 | 1;
  count: number;
  heldFrom: number | null;
  heldTo: number | null;
  oldestAt: number | null;
  example: string | null;
}

/** Adds a group to those that have the same in common. */
export function addGroup(groups: Map<string, SumGroup>, group: SumGroup): void {
  const { status, why, region, path, pricingType, messageStatus } = group;
  const { isPosted, isAccepted, isSent } = group;
  const key = JSON.stringify([
    ...[status, why, region, path, pricingType, messageStatus, isPosted, isAccepted, isSent],
  ]);
  const sum = groups.get(key);
  if (sum === undefined) {
    groups.set(key, { ...group });
    return;
  }
  sum.count += group.count;
  sum.heldFrom = least([sum, group], "heldFrom");
  sum.heldTo = most([sum, group], "heldTo");
  sum.oldestAt = least([sum, group], "oldestAt");
  sum.example ??= group.example;
}

/** The parts of a report that follow from its groups; clicks are not among them. */
export function countsOf(
  groups: readonly SumGroup[],
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
  const of = (status: Status): SumGroup[] => groups.filter((group) => group.status === status);
  const waiting = of("accepted");
  return {
    rows: sumOf(groups),
    counts: sumsBy(groups, ({ status }) => status) as ReportData["counts"],
    steps: funnelOf(groups),
    skipped: reasonsOf(of("skipped")),
    failed: failuresOf(of("failed")),
    held: holdsOf(of("held")),
    messageStatuses: messageStatusesOf(groups),
    withoutReceipt: { number: sumOf(waiting), oldestAt: least(waiting, "oldestAt") },
    countries: countriesOf(groups.filter(({ status }) => status !== "skipped")),
    paths: pathsOf(groups),
  };
}

function isDelivered({ status }: SumGroup): boolean {
  return status === "delivered" || status === "read";
}

/** A receipt of delivery proves that Meta took the message, also where its answer was lost. */
function isTaken(group: SumGroup): boolean {
  return group.isAccepted === 1 || isDelivered(group);
}

function funnelOf(groups: readonly SumGroup[]): Omit<ReportData["funnel"], "clicked"> {
  const those = (test: (group: SumGroup) => boolean): number => sumOf(groups.filter(test));
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

function reasonsOf(groups: readonly SumGroup[]): ReasonCount[] {
  const sums = sumsBy(groups, ({ why }) => why);
  return mostFirst(Object.entries(sums).map(([reason, number]) => ({ reason, number })));
}

function failuresOf(groups: readonly SumGroup[]): FailureCount[] {
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
function exampleOf(groups: readonly SumGroup[]): string | null {
  const text = groups.find(({ example }) => example !== null)?.example ?? null;
  return text === null ? null : text.slice(0, EXAMPLE_MAX).replace(LONG_DIGITS, "…");
}

function holdsOf(groups: readonly SumGroup[]): HoldCount[] {
  return mostFirst(
    gathered(groups, ({ why }) => why).map(([reason, those]) => ({
      reason,
      number: sumOf(those),
      nextAt: least(those, "heldFrom") as number,
      lastAt: most(those, "heldTo") as number,
    })),
  );
}

function messageStatusesOf(groups: readonly SumGroup[]): ReasonCount[] {
  const reported = groups.filter(
    ({ messageStatus, isAccepted }) =>
      isAccepted === 1 && messageStatus !== null && messageStatus !== "accepted",
  );
  const sums = sumsBy(reported, ({ messageStatus }) => messageStatus);
  return mostFirst(Object.entries(sums).map(([reason, number]) => ({ reason, number })));
}

function countriesOf(groups: readonly SumGroup[]): CountryCount[] {
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

function pathsOf(groups: readonly SumGroup[]): PathCount[] {
  const reported = groups.filter(({ path, pricingType }) => path !== null || pricingType !== null);
  const key = ({ path, pricingType }: SumGroup): string => JSON.stringify([path, pricingType]);
  return mostFirst(
    gathered(reported, key).map(([, those]) => ({
      path: (those[0] as SumGroup).path,
      pricingType: (those[0] as SumGroup).pricingType,
      number: sumOf(those),
      delivered: sumOf(those.filter(isDelivered)),
      read: sumOf(those.filter(({ status }) => status === "read")),
      failed: sumOf(those.filter(({ status }) => status === "failed")),
    })),
  );
}

function sumOf(groups: readonly SumGroup[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}

function sumsBy(
  groups: readonly SumGroup[],
  keyOf: (group: SumGroup) => string | null,
): Record<string, number> {
  return Object.fromEntries(gathered(groups, keyOf).map(([key, those]) => [key, sumOf(those)]));
}

/** Groups with the same key together; those without one are left out. */
function gathered(
  groups: readonly SumGroup[],
  keyOf: (group: SumGroup) => string | null,
): [string, SumGroup[]][] {
  const found = new Map<string, SumGroup[]>();
  for (const group of groups) {
    const key = keyOf(group);
    if (key === null) continue;
    const those = found.get(key);
    if (those === undefined) found.set(key, [group]);
    else those.push(group);
  }
  return [...found];
}

function mostFirst<T extends { number: number }>(counts: T[]): T[] {
  return counts.sort((a, b) => b.number - a.number);
}

function least(groups: readonly SumGroup[], key: "heldFrom" | "oldestAt"): number | null {
  const known = groups.flatMap((group) => group[key] ?? []);
  return known.length === 0 ? null : Math.min(...known);
}

function most(groups: readonly SumGroup[], key: "heldTo"): number | null {
  const known = groups.flatMap((group) => group[key] ?? []);
  return known.length === 0 ? null : Math.max(...known);
}
