// What of the check's findings stops a run, and what only keeps one of several numbers from
// sending.

import type { AccountFacts } from "../account/facts.ts";
import type { Finding, FindingId } from "./finding.ts";

/**
 * What the first message, which goes alone, proves at no cost: a management call may be refused by
 * a proxy that lets messages through, and a run that is refused for good halts with Meta's own
 * word.
 */
const PROVEN_BY_SENDING: readonly FindingId[] = ["token_invalid", "number_not_found"];

/** A number that must not send while the others go on. */
export interface BlockedLane {
  lane: string;
  code: FindingId;
  /** What is wrong and what to do. */
  sentence: string;
}

/** True for a blocker that a run does not leave to its first message. */
export function isInTheWay(finding: Finding, { numbers }: Pick<AccountFacts, "numbers">): boolean {
  if (finding.level !== "blocker") return false;
  if (!PROVEN_BY_SENDING.includes(finding.id)) return true;
  // A server that shows one number of several, and not another, does not hide them all.
  return finding.lane !== undefined && numbers.some(({ facts }) => facts !== null);
}

/**
 * The blockers that a run leaves to its first message. Who has a token of its own machine, and
 * others beside it that may go on, had better not: that message would halt the campaign for all.
 */
export function leftToFirstMessage(
  findings: readonly Finding[],
  facts: Pick<AccountFacts, "numbers">,
): Finding[] {
  return findings.filter(
    (finding) => PROVEN_BY_SENDING.includes(finding.id) && !isInTheWay(finding, facts),
  );
}

/** The numbers that have a blocker of their own, each with its first; none where there is one. */
export function blockedLanes(
  findings: readonly Finding[],
  facts: Pick<AccountFacts, "numbers">,
): BlockedLane[] {
  const blocked = new Map<string, BlockedLane>();
  for (const finding of findings) {
    const { lane, id, wrong, todo } = finding;
    if (lane === undefined || blocked.has(lane) || !isInTheWay(finding, facts)) continue;
    blocked.set(lane, { lane, code: id, sentence: `${wrong} ${todo}` });
  }
  return [...blocked.values()];
}

/** True when blockers keep some numbers from sending, and others send all the same. */
export function isOfSome(
  findings: readonly Finding[],
  facts: Pick<AccountFacts, "numbers">,
): boolean {
  return blockedLanes(findings, facts).length > 0 && blockersOfRun(findings, facts).length === 0;
}

/**
 * Every blocker of a run that must not begin: one concerns more than a number, or every number has
 * one. Empty when some number may send.
 */
export function blockersOfRun(
  findings: readonly Finding[],
  facts: Pick<AccountFacts, "numbers">,
): Finding[] {
  const blockers = findings.filter((finding) => isInTheWay(finding, facts));
  const isOfAll = blockers.some(({ lane }) => lane === undefined);
  const isEveryNumber = blockedLanes(findings, facts).length === facts.numbers.length;
  return isOfAll || isEveryNumber ? blockers : [];
}
