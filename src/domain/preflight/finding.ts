// What the check before sending can find: each finding's id, level and sentences, as a table. It
// judges nothing; preflight.ts does. docs/findings.md is written from this table.

import { assert } from "../common/errors.ts";
import type { Path } from "../document/document-schema.ts";
import type { FindingLevel } from "./finding-rule.ts";
import { FINDINGS } from "./finding-table.ts";

/** Something that the check saw. */
export interface Finding {
  id: FindingId;
  level: FindingLevel;
  /** What of the manifest is to blame or to change; null when it is nothing in the manifest. */
  path: Path | null;
  /** One sentence: what is wrong. */
  wrong: string;
  /** One or two sentences: what to do. */
  todo: string;
  /** The value seen, as JSON. */
  seen: unknown;
  /** Of several sending numbers: the lane that it is about alone. */
  lane?: string;
}

export type FindingId = keyof typeof FINDINGS;

/** Findings about the ledger, in which Meta has no part. */
export type LedgerFindingId =
  | "new_ledger"
  | "other_ledger"
  | "ledger_went_back"
  | "database_failed_over"
  | "asynchronous_standby"
  | "witness_unread";

/** Findings about the lists of recipients and opt-outs, and the values read from them. */
export type ListFindingId =
  | "unreadable_optouts"
  | "unknown_optouts"
  | "nobody_to_send"
  | "mostly_unreadable"
  | "literal_is_a_column"
  | "unknown_campaign"
  | "purged_campaign"
  | "many_removed"
  | "empty_ids"
  | "repeated_ids";

/** Findings about the schedule, which `check` alone makes. */
export type ScheduleFindingId =
  | "no_hours"
  | "unusual_hours"
  | "ttl_outlasts_hours"
  | "unknown_clocks"
  | "never_open"
  | "unread_clocks";

/** What `check` alone says of what Meta counts. */
export type InsightFindingId = "insights_off";

/** Findings about a budget and the prices of those who wait. */
export type MoneyFindingId =
  | "unpriced_market"
  | "price_rose"
  | "budget_too_small"
  | "no_reach_estimate";

/** Findings about a test and the people of the list. */
export type TestFindingId = "cloud_arm_same" | "test_too_small";

/** Tells whether a text is the id of a finding. */
export function isFindingId(text: string): text is FindingId {
  return Object.hasOwn(FINDINGS, text);
}

/** Makes a finding of the table's sentences; `words` fills every `{word}` in them. */
export function finding(
  id: FindingId,
  path: Path | null,
  seen: unknown,
  words: Record<string, string | number> = {},
): Finding {
  const { level, wrong, todo } = FINDINGS[id];
  const fill = (text: string): string =>
    text.replace(/\{(\w+)\}/g, (_, word: string) => {
      const value = words[word];
      assert(value !== undefined, `${id} needs the word ${word}`);
      return String(value);
    });
  return { id, level, path, wrong: fill(wrong), todo: fill(todo), seen };
}

/** Blockers first; within a level in the order found. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  const of = (level: FindingLevel) => findings.filter((finding) => finding.level === level);
  return [...of("blocker"), ...of("warning")];
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
}

/** A sentence as a part of another one. */
export function clause(text: string): string {
  return text.trim().replace(/\.+$/, "");
}

/** An instant in ms as ISO 8601 UTC text, for what was seen. */
export function isoText(at: number): string {
  return new Date(at).toISOString();
}
