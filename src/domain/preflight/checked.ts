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
    const unread = facts.unread.find((entry) => entry.part === part);
    if (unread === undefined) continue;
    const why = clause(unread.sentence);
    groups.set(why, [...(groups.get(why) ?? []), NAMES[part]]);
  }
  return [...groups].map(([why, parts]) => ({ parts, why }));
}

/** What a check came to, for a person: one or two sentences. */
export function checkedSentence(
  facts: Pick<AccountFacts, "unread">,
  { blockers, warnings }: { blockers: number; warnings: number },
): string {
  const missed = notChecked(facts);
  const missedParts = missed.flatMap(({ parts }) => parts);
  const seen = PARTS.map((part) => NAMES[part]).filter((name) => !missedParts.includes(name));
  const found =
    blockers > 0
      ? `${plural(blockers, "blocker")} and ${plural(warnings, "warning")}; a run would send nothing`
      : warnings > 0
        ? `${plural(warnings, "warning")}, nothing that stands in the way`
        : "nothing found that stands in the way";
  const sentences = missed.map(({ parts, why }) => `NOT CHECKED: ${listed(parts)}: ${why}`);
  if (seen.length > 0) sentences.unshift(`${listed(seen)}: ${found}`);
  else if (blockers > 0) sentences.unshift(found);
  return sentences.join(". ");
}
