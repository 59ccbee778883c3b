// What `doctor` finds of one thing: a verdict, what was found, and what to do about it.

/** `bad`: do not send before it is fixed. `warn`: sending works, and yet. */
type CheckLevel = "ok" | "warn" | "bad";

/** What was looked at, and what was seen. */
export interface Check {
  check: string;
  verdict: CheckLevel;
  /** One sentence: what was seen. */
  found: string;
  /** One sentence: what to do; null when all is well. */
  advice: string | null;
}

/** All is well. */
export function ok(check: string, found: string): Check {
  return { check, verdict: "ok", found, advice: null };
}

/** Sending works, and yet. */
export function warn(check: string, found: string, advice: string): Check {
  return { check, verdict: "warn", found, advice };
}

/** Do not send before it is fixed. */
export function bad(check: string, found: string, advice: string): Check {
  return { check, verdict: "bad", found, advice };
}
