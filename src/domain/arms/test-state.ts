// When a test is decided, and whom that is waited for. Counts nobody.

import type { AuditEntry } from "../campaign/audit.ts";
import type { TestMetric } from "./split.ts";

/** People of an arm, and what became of their messages. */
export interface ArmCounts extends Record<TestMetric, number> {
  /** From 1. */
  arm: number;
  name: string;
  /** Everybody who was assigned and not skipped by planning. */
  people: number;
  /** Those of them whose message was not tried yet, or is on its way to Meta. */
  open: number;
}

/** What came of a test, for good. */
export interface TestDecision {
  /** Instant. */
  decidedAt: number;
  /** The arm that won, from 1; null: none did. */
  winner: number | null;
  /** The arm that the rest gets, from 1. */
  rest: number;
  /** One sentence. */
  sentence: string;
  /** The figures that it was decided by, for people and for `--json`. */
  evidence: Record<string, unknown>;
}

/** How far the test of a campaign is. */
export interface TestState {
  /** In their order. */
  arms: ArmCounts[];
  /** When the last person of an arm got their first message; null: nobody did. */
  lastClaimAt: number | null;
  /** People in no arm who wait. */
  rest: number;
  /** The shares of its people at each look before the end, as they were taken. */
  looks: number[];
  /** When orders were imported last; null: never. */
  importedAt: number | null;
  decision: TestDecision | null;
}

/** What the ledger keeps of tests. */
export interface TestLedger {
  /**
   * How far the test of a campaign is; undefined: it has none.
   * @param at what people did after this instant does not count
   */
  testState(campaign: number, at: number): Promise<TestState | undefined>;
  /**
   * Counts of the arms, of those alone whose message was claimed until an instant: who got theirs
   * long enough ago.
   */
  testLook(campaign: number, before: number, at: number): Promise<ArmCounts[]>;
  /**
   * Writes down that a test was looked at before its end. @param place from 1; one look stands at
   * each
   */
  keepTestLook(campaign: number, place: number, share: number, now: number): Promise<void>;
  /**
   * One transaction: writes down what a test came to, and in the audit. Returns false, and changes
   * nothing, when it is decided already.
   */
  decideTest(campaign: number, decision: TestDecision, audit: AuditEntry): Promise<boolean>;
}

/** What is to be done about a test. */
export type TestCourse =
  /** People of its arms are still to be sent to. */
  | { kind: "sending"; open: number }
  /** Their answers are waited for. */
  | { kind: "waiting"; until: number }
  /** Orders decide, and those until an instant are not imported. */
  | { kind: "unread"; at: number }
  /** It is to be decided, by what is known up to an instant. */
  | { kind: "due"; at: number }
  | { kind: "decided"; decision: TestDecision };

/**
 * How a test goes on. Its end is set by the arms' last message, so that who looks more often does
 * not see more.
 * @param rule `waitMs`: how long after that message
 */
export function courseOf(
  { arms, lastClaimAt, decision, importedAt }: TestState,
  { waitMs, metric }: { waitMs: number; metric: TestMetric },
  now: number,
): TestCourse {
  if (decision !== null) return { kind: "decided", decision };
  const open = arms.reduce((sum, arm) => sum + arm.open, 0);
  if (open > 0) return { kind: "sending", open };
  const until = lastClaimAt === null ? now : lastClaimAt + waitMs;
  if (until > now) return { kind: "waiting", until };
  const isUnread = metric === "converted" && (importedAt ?? 0) < until;
  return { kind: isUnread ? "unread" : "due", at: until };
}
