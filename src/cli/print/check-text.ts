// The result of a check as text.

import type { AccountFacts } from "../../domain/account/facts.ts";
import { count, plural } from "../../domain/common/numbers.ts";
import type { RampRule } from "../../domain/limits/ramp.ts";
import { rampHalts, rampSteps } from "../../domain/limits/ramp.ts";
import { policyTexts, setAsideTexts } from "../../domain/manifest/under-policy.ts";
import { checkedSentence } from "../../domain/preflight/checked.ts";
import { plainReason } from "../../domain/result/labels.ts";
import { geographyNotes } from "../../domain/result/summary.ts";
import type { LoadedEstimate } from "../campaign/estimate.ts";
import { capLine } from "../check/caps.ts";
import type { CheckResult } from "../check/check-result.ts";
import { maxPriceLines } from "../check/reach.ts";
import { unreadLines } from "../check/unread.ts";
import { shownPath } from "../files/shown-path.ts";
import { aligned, left, right } from "./columns.ts";
import { budgetLines, costLines, countryLines, paceLines, whenLines } from "./estimate-text.ts";
import { SANDBOX_WORDS } from "./summary.ts";
import { toned } from "./tone.ts";

/** Reasons that are explained; the rest is named. */
const REASONS_SHOWN = 6;

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
  const shown = shownPath(file);
  return `policy ${shown}: ${texts.length === 0 ? "sets nothing for this campaign" : texts.join("; ")}`;
}

/** `by the language of their row: 1,204 pt_BR, 12 es`. */
function languageLine(languages: NonNullable<CheckResult["languages"]>): string {
  const people = Object.entries(languages).map(
    ([language, number]) => `${count(number)} ${language}`,
  );
  return `by the language of their row: ${people.join(", ") || "nobody"}`;
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
    ramp,
  }: {
    facts: AccountFacts;
    isOfSome: boolean;
    rejects: string | undefined;
    ramp: RampRule | undefined;
  },
): string {
  const blockers = result.findings.filter(({ level }) => level === "blocker").length;
  const warnings = result.findings.length - blockers;
  const { estimate } = estimated;
  const lines = [
    `${toned(result.campaign, "heading")}: ${plural(result.rows, "row")}, ${leftText(result)}, ${count(result.rows - result.send)} skipped`,
    ...alreadyLines(result),
    ...part("who", [
      ...reasonLines(result),
      // With prices they stand with the cost.
      ...(estimate.cost === null ? countryLines(estimate) : []),
      ...(result.languages === undefined ? [] : [languageLine(result.languages)]),
      ...geographyNotes(result),
    ]),
    ...part("when", whenLines(estimated)),
    ...part("how fast", [
      ...paceLines(estimated),
      ...(ramp === undefined ? [] : [`ramp: ${rampSteps(ramp, result.send)}`]),
      ...(result.test === undefined ? [] : [`test ${result.test.name}: ${result.test.words}`]),
      ...(result.numbers === undefined ? [] : numberLines(result.numbers)),
    ]),
    ...part("what it costs", [
      ...costLines(estimate, { isPriceAsked: isPriceAsked(result) }),
      ...(result.max_price === null ? [] : maxPriceLines(result.max_price)),
    ]),
    ...part("what could stop it", [
      ...(result.cap === null ? [] : [capLine(result.cap, result.left)]),
      ...(ramp === undefined ? [] : [`ramp: ${rampHalts(ramp)}`]),
      ...budgetLines(estimate),
      ...(result.policy === null ? [] : [policyLine(result.policy)]),
      checkedSentence(facts, { blockers, warnings, isOfSome }),
    ]),
  ];
  if (result.plan !== null) lines.push(`plan: ${result.plan}`);
  if (rejects !== undefined) lines.push(`rows to fix are in ${rejects}`);
  if (result.sandbox) lines.push(SANDBOX_WORDS);
  return lines.join("\n");
}

/** Lines under a heading; tables are indented already. */
function part(name: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return [
    toned(`${name}:`, "heading"),
    ...lines.map((line) => (line.startsWith("  ") ? line : `  ${line}`)),
  ];
}

function alreadyLines({ already }: CheckResult): string[] {
  if (already === null) return [];
  const counts = Object.entries(already.counts).map(([status, n]) => `${count(n)} ${status}`);
  return [
    `the ledger has it already: ${counts.join(", ")}; a run goes on with ${count(already.waiting)} waiting and ${plural(already.new_rows, "new row")}`,
  ];
}

/** Who is skipped, and why. */
function reasonLines({ reasons, unread }: CheckResult): string[] {
  const all = Object.entries(reasons).sort((a, b) => b[1] - a[1]);
  const line = (number: number, words: string) => `  ${right(count(number), 9)}  ${words}`;
  // A remainder of one is as short as its name.
  const most = all.length === REASONS_SHOWN + 1 ? all.length : REASONS_SHOWN;
  const rest = all.slice(most);
  const lines = all
    .slice(0, most)
    .flatMap(([reason, number]) => [
      line(number, `${left(reason, 15)} ${plainReason(reason)}`),
      ...(reason === "invalid_number" ? unreadLines(unread) : []),
    ]);
  if (rest.length === 0) return lines;
  const others = rest.reduce((sum, [, number]) => sum + number, 0);
  const names = rest.map(([reason]) => reason).join(", ");
  return [...lines, line(others, `${left("others", 15)} ${names}`)];
}

/** Whose price is missing stands with the finding about it. */
function isPriceAsked({ findings }: CheckResult): boolean {
  return findings.some(({ id }) => id === "unpriced_market");
}
