// Says what a check looked at, and what it could not look at. What was not looked at is never
// called free of faults.

import type { AccountFacts, UnreadFact } from "../account/facts.ts";
import { plural } from "../common/numbers.ts";
import { clause, listed } from "./finding.ts";

/**
 * The parts that a campaign depends on; the token's own page is not shown to every partner, and no
 * part of its own.
 */
const PARTS = ["number", "waba", "template"] as const;
const NAMES: Readonly<Record<UnreadFact["part"], string>> = {
  number: "number",
  waba: "account",
  template: "template",
  token: "token",
};

/** Parts that could not be looked at for the same reason. */
export interface NotChecked {
  parts: string[];
  /** One clause. */
  why: string;
}

/** What a check could not look at; empty when it looked at everything. */
export function notChecked(facts: Pick<AccountFacts, "unread">): NotChecked[] {
  const groups = new Map<string, string[]>();
  for (const part of PARTS) {
    const [first, ...more] = facts.unread.filter((entry) => entry.part === part);
    if (first === undefined) continue;
    // Of several numbers, each has an answer of its own.
    for (const unread of first.phoneNumberId === undefined ? [first] : [first, ...more]) {
      const why = clause(unread.sentence);
      groups.set(why, [...(groups.get(why) ?? []), nameOf(unread)]);
    }
  }
  return [...groups].map(([why, parts]) => ({ parts, why }));
}

function nameOf({ part, phoneNumberId }: UnreadFact): string {
  return phoneNumberId === undefined ? NAMES[part] : `number ${phoneNumberId}`;
}

/**
 * What a check came to, for a person: one or two sentences.
 * @param found.isOfSome every blocker is one of a number alone, and another number may send
 */
export function checkedSentence(
  facts: Pick<AccountFacts, "unread" | "numbers">,
  { blockers, warnings, isOfSome }: { blockers: number; warnings: number; isOfSome: boolean },
): string {
  const missed = notChecked(facts);
  const seen = seenParts(facts, new Set(missed.flatMap(({ parts }) => parts)));
  const then = isOfSome
    ? "a run would send from the other numbers only"
    : "a run would send nothing";
  const found =
    blockers > 0
      ? `${plural(blockers, "blocker")} and ${plural(warnings, "warning")}; ${then}`
      : warnings > 0
        ? `${plural(warnings, "warning")}, nothing that stands in the way`
        : "nothing found that stands in the way";
  const sentences = missed.map(({ parts, why }) => `NOT CHECKED: ${listed(parts)}: ${why}`);
  if (seen.length > 0) sentences.unshift(`${listed(seen)}: ${found}`);
  else if (blockers > 0) sentences.unshift(found);
  return sentences.join(". ");
}

function seenParts(
  { numbers }: Pick<AccountFacts, "numbers">,
  missed: ReadonlySet<string>,
): string[] {
  const parts = PARTS.map((part) => NAMES[part]).filter((name) => !missed.has(name));
  if (numbers.length === 1) return parts;
  const read = numbers.filter(({ phoneNumberId }) => !missed.has(`number ${phoneNumberId}`)).length;
  const [, ...others] = parts;
  if (read === 0) return others;
  return [read === numbers.length ? "numbers" : "other numbers", ...others];
}
