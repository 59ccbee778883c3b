// The result of a check as text.

import { relative } from "node:path";
import type { AccountFacts } from "../../domain/account/facts.ts";
import { count, plural } from "../../domain/common/numbers.ts";
import { policyTexts, setAsideTexts } from "../../domain/manifest/under-policy.ts";
import { checkedSentence } from "../../domain/preflight/checked.ts";
import { plainReason } from "../../domain/result/labels.ts";
import { geographyNotes } from "../../domain/result/summary.ts";
import type { LoadedEstimate } from "../campaign/estimate.ts";
import { estimateText } from "../campaign/estimate.ts";
import { capLine } from "../check/caps.ts";
import type { CheckResult } from "../check/check-result.ts";
import { unreadLines } from "../check/unread.ts";
import { aligned, left, right } from "./columns.ts";
import { SANDBOX_WORDS } from "./summary.ts";

/** The sending numbers of a campaign that has several. */
function numberLines(numbers: NonNullable<CheckResult["numbers"]>): string[] {
  const figures = aligned([
    ["number", "a second"],
    ...numbers.map((one) => [one.phone_number_id, String(one.messages_per_second)]),
  ]);
  const words = numbers.map(({ regions, blocked_by }) => {
    const held = blocked_by === null ? "" : `; sends nothing: ${blocked_by}`;
    return `${regions.join(", ") || "–"}${held}`;
  });
  return [
    ...["regions", ...words].map((rest, at) => `${figures[at]}  ${rest}`),
    "More numbers give speed, not reach: the 24-hour limit belongs to the business portfolio, and all its numbers share it.",
  ];
}

/** Which policy the campaign is under, and what of it counts. */
function policyLine({
  file,
  rules,
  set_aside: setAside,
}: NonNullable<CheckResult["policy"]>): string {
  const texts = [...policyTexts(rules), ...setAsideTexts(setAside)];
  const shown = relative(process.cwd(), file) || file;
  return `policy ${shown}: ${texts.length === 0 ? "sets nothing for this campaign" : texts.join("; ")}`;
}

/** Of a campaign that was sent to in part what is left is the answer. */
function leftText({ already, send, left }: CheckResult): string {
  if (already === null || left === send) return `${count(send)} to send`;
  return `${count(left)} left to send of ${count(send)}`;
}

/**
 * What `check` prints without `--json`.
 * @param seen.isOfSome a run would send from some of the numbers only
 * @param seen.rejects the file that unreadable rows were written to
 */
export function textOf(
  result: CheckResult,
  estimated: LoadedEstimate,
  {
    facts,
    isOfSome,
    rejects,
  }: { facts: AccountFacts; isOfSome: boolean; rejects: string | undefined },
): string {
  const lines = [
    `${result.campaign}: ${plural(result.rows, "row")}, ${leftText(result)}, ${count(result.rows - result.send)} skipped`,
  ];
  if (result.policy !== null) lines.push(policyLine(result.policy));
  if (result.already !== null) {
    const counts = Object.entries(result.already.counts).map(
      ([status, n]) => `${count(n)} ${status}`,
    );
    lines.push(
      `the ledger has it already: ${counts.join(", ")}; a run goes on with ${count(result.already.waiting)} waiting and ${plural(result.already.new_rows, "new row")}`,
    );
  }
  for (const [reason, number] of Object.entries(result.reasons).sort((a, b) => b[1] - a[1])) {
    lines.push(`  ${right(count(number), 9)}  ${left(reason, 15)} ${plainReason(reason)}`);
    if (reason === "invalid_number") lines.push(...unreadLines(result.unread));
  }
  if (result.cap !== null) lines.push(capLine(result.cap, result.left));
  lines.push(estimateText(estimated));
  if (result.ramp !== undefined) lines.push(`ramp: ${result.ramp.words}`);
  if (result.numbers !== undefined) lines.push(...numberLines(result.numbers));
  lines.push(...geographyNotes(result));
  const blockers = result.findings.filter(({ level }) => level === "blocker").length;
  const warnings = result.findings.length - blockers;
  lines.push(checkedSentence(facts, { blockers, warnings, isOfSome }));
  if (rejects !== undefined) lines.push(`rows to fix are in ${rejects}`);
  if (result.sandbox) lines.push(SANDBOX_WORDS);
  return lines.join("\n");
}
