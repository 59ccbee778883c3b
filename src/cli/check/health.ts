// What `doctor` finds of one thing: a verdict, what was found, and what to do about it.

/** What was looked at, and what was seen. */
export type Check = {
  check: string;
  /** One sentence: what was seen. */
  found: string;
} & (
  | { verdict: "ok"; advice: null }
  /** One sentence: what to do. `warn`: sending works, and yet; `bad`: do not send before. */
  | { verdict: "warn"; advice: string }
  | { verdict: "bad"; advice: string }
);

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
