// The result of a check as a document and as text.

import { systemClock } from "../../clock/clock.ts";
import type { AccountFacts } from "../../domain/account/facts.ts";
import { count, plural } from "../../domain/common/numbers.ts";
import { regionsLeft } from "../../domain/cost/people-left.ts";
import { checkedSentence, notChecked } from "../../domain/preflight/checked.ts";
import type { Finding } from "../../domain/preflight/finding.ts";
import { hasOptimisation, hasReporting } from "../../domain/recipient/geography.ts";
import type { Unread } from "../../domain/recipient/unread.ts";
import type { LedgerTally } from "../../domain/result/counts.ts";
import { plainReason } from "../../domain/result/labels.ts";
import { geographyNotes, peopleWithout } from "../../domain/result/summary.ts";
import { dailyLimitOf } from "../../domain/sending/daily-limit.ts";
import type { LoadedEstimate } from "../campaign/estimate.ts";
import { estimateFor, estimateText } from "../campaign/estimate.ts";
import type { Source } from "../campaign/source.ts";
import type { Already, CheckCommandFlags, CheckResult, Seen } from "../check/check-result.ts";
import { findingRecords } from "../check/findings.ts";
import { unreadLines } from "../check/unread.ts";
import { SANDBOX_WORDS } from "./summary.ts";

/** How many a run would send to. */
export function leftOf({ tally, already }: Seen): number {
  return already === null ? (tally.counts.pending ?? 0) : already.waiting + already.new_rows;
}

export function estimateOf(
  { loaded }: Source,
  seen: Seen,
  flags: CheckCommandFlags,
): Promise<LoadedEstimate> {
  const { facts, reached, tally, already, regions } = seen;
  const limit = dailyLimitOf(loaded.manifest, facts.number);
  const left = leftOf(seen);
  const inLedger = regions ?? { waiting: {}, planned: {} };
  const byRegion =
    already === null ? tally.regions : regionsLeft({ ...inLedger, today: tally.regions }, left);
  return estimateFor(
    loaded,
    { toSend: left, byRegion },
    {
      dailyLimit: limit?.people ?? null,
      ...(limit !== null && { dailyLimitFrom: limit.from }),
      reached,
      left,
      rateCard: flags.rateCard,
      startAt: systemClock.now(),
    },
  );
}

/** True when a person was sent to and nobody is left. */
export function isOver(seen: Seen): boolean {
  const { skipped: _, ...others } = seen.already?.counts ?? {};
  return Object.keys(others).length > 0 && leftOf(seen) === 0;
}

export function resultOf(
  source: Source,
  seen: {
    ledger: string;
    tally: LedgerTally;
    unread: Unread[];
    already: Already | null;
    estimated: LoadedEstimate;
    findings: readonly Finding[];
    facts: AccountFacts;
  },
): CheckResult {
  const { loaded } = source;
  const { manifest } = loaded;
  const { ledger, tally, unread, already, estimated, findings, facts } = seen;
  const send = tally.counts.pending ?? 0;
  const left = already === null ? send : already.waiting + already.new_rows;
  return {
    campaign: manifest.campaign,
    ledger,
    sandbox: manifest.account === "sandbox",
    rows: tally.rows,
    send,
    left,
    reasons: tally.reasons,
    unread,
    regions: tally.regions,
    without_optimisation: peopleWithout(hasOptimisation, tally.regions),
    without_reporting: peopleWithout(hasReporting, tally.regions),
    messages_per_second: manifest.rate.messages_per_second,
    seconds: Math.ceil(left / manifest.rate.messages_per_second),
    already,
    estimate: estimated.estimate,
    findings: findingRecords(findings, loaded),
    not_checked: notChecked(facts),
  };
}

/** Of a campaign that was sent to in part what is left is the answer. */
function leftText({ already, send, left }: CheckResult): string {
  if (already === null || left === send) return `${count(send)} to send`;
  return `${count(left)} left to send of ${count(send)}`;
}

export function textOf(
  result: CheckResult,
  estimated: LoadedEstimate,
  { facts, rejects }: { facts: AccountFacts; rejects: string | undefined },
): string {
  const lines = [
    `${result.campaign}: ${plural(result.rows, "row")}, ${leftText(result)}, ${count(result.rows - result.send)} skipped`,
  ];
  if (result.already !== null) {
    const counts = Object.entries(result.already.counts).map(
      ([status, n]) => `${count(n)} ${status}`,
    );
    lines.push(
      `the ledger has it already: ${counts.join(", ")}; a run goes on with ${count(result.already.waiting)} waiting and ${plural(result.already.new_rows, "new row")}`,
    );
  }
  for (const [reason, number] of Object.entries(result.reasons).sort((a, b) => b[1] - a[1])) {
    lines.push(`  ${count(number).padStart(9)}  ${reason.padEnd(15)} ${plainReason(reason)}`);
    if (reason === "invalid_number") lines.push(...unreadLines(result.unread));
  }
  lines.push(estimateText(estimated));
  lines.push(...geographyNotes(result));
  const blockers = result.findings.filter(({ level }) => level === "blocker").length;
  const warnings = result.findings.length - blockers;
  lines.push(checkedSentence(facts, { blockers, warnings }));
  if (rejects !== undefined) lines.push(`rows to fix are in ${rejects}`);
  if (result.sandbox) lines.push(SANDBOX_WORDS);
  return lines.join("\n");
}
