// When a run must stop, wait or feel its way: a small state fed with every outcome. Pure; instants are arguments.

import type { Halt } from "./ledger.ts";
import type { Outcome } from "./outcome.ts";
import { BAD_VALUE, TEMPLATE_SYNC_MS, TEMPLATE_SYNCING } from "./outcome.ts";

/** The same wrong request from this many recipients in a row means that the campaign is wrong, not the recipients. */
export const SAME_FIX_MAX = 10;
/** A code nobody knows, this many times in a row. */
const UNKNOWN_CODE_MAX = 10;
/** Any other failure of a recipient with the same code, this many times in a row. */
export const SAME_FAILURE_MAX = 100;
/** Attempts in a row whose answer was lost or not clear; those that are lost while the run waits count as the one before. */
export const NO_ANSWER_MAX = 10;
/** So many lost answers in a row make the run wait before it tries one more. */
const NO_ANSWER_PAUSE_AFTER = 3;
/** Waits between probes while the network is gone, or answers are lost. */
const PROBE_BASE_MS = 500;
const PROBE_MAX_MS = 15_000;
/** A network that stays away this long ends the run; the same command goes on later. */
export const OFFLINE_MAX_MS = 10 * 60_000;

/**
 * What the run may do now.
 * - `probe`: one request at a time, until an answer shows that the way is clear. Every run begins like this, so that a wrong
 *   token or a paused template costs one attempt and not a whole window of requests in flight.
 * - `open`: as fast as the pace allows.
 */
export interface Watch {
  mode: "probe" | "open";
  /** Nothing is posted before this instant of the monotonic clock. */
  notBefore: number;
  halt: Halt | null;
  /** Set when the run should end without a halt: the network stayed away. */
  offline: string | null;
  /** Why the run waits, for the progress line; null when it does not. */
  waiting: string | null;
  /** Same code in a row without an accepted message in between. */
  streak: { code: string; count: number };
  noAnswer: number;
  /** Monotonic instant at which the network was first seen to be gone; null when it is there. */
  offlineSince: number | null;
  offlineTries: number;
  /** The halt that ended the run before this one: its first repetition halts at once. */
  before: string | null;
  /** True once the campaign had a message accepted: its template cannot be still syncing then. */
  accepted: boolean;
}

/**
 * The state at the start of a run.
 * @param before the code of the halt that the campaign is in, if any
 * @param accepted true when the campaign had a message accepted in an earlier run
 */
export function startWatch(before: string | null, accepted: boolean): Watch {
  return {
    mode: "probe",
    notBefore: 0,
    halt: null,
    offline: null,
    waiting: null,
    streak: { code: "", count: 0 },
    noAnswer: 0,
    offlineSince: null,
    offlineTries: 0,
    before,
    accepted,
  };
}

/**
 * Takes one outcome into account. Changes `watch`.
 * @param now monotonic milliseconds
 */
export function observe(watch: Watch, outcome: Outcome, now: number): void {
  if (watch.halt !== null) return;
  switch (outcome.kind) {
    case "accepted":
      clear(watch);
      watch.streak = { code: "", count: 0 };
      watch.before = null;
      watch.accepted = true;
      return;
    case "not_sent":
      observeOffline(watch, outcome, now);
      return;
    case "unknown":
      observeNoAnswer(watch, outcome.cause, now);
      return;
    case "refused":
      observeRefusal(watch, outcome, now);
      return;
  }
}

/** The way to Meta is clear again: an answer came. */
function clear(watch: Watch): void {
  watch.mode = "open";
  watch.noAnswer = 0;
  watch.offlineSince = null;
  watch.offlineTries = 0;
  watch.waiting = null;
}

function observeOffline(
  watch: Watch,
  outcome: Extract<Outcome, { kind: "not_sent" }>,
  now: number,
): void {
  if (outcome.fatal) {
    watch.halt = {
      code: "connection",
      sentence: `No safe connection to Meta is possible: ${outcome.cause}. Check account.base_url, certificates and proxies.`,
    };
    return;
  }
  watch.mode = "probe";
  watch.offlineSince ??= now;
  if (now - watch.offlineSince >= OFFLINE_MAX_MS) {
    watch.offline = `the network has been away for ${Math.round(OFFLINE_MAX_MS / 60_000)} minutes (${outcome.cause})`;
    return;
  }
  // Many requests in flight fail together when the network goes; together they are one event.
  if (now < watch.notBefore) return;
  watch.notBefore = now + Math.min(PROBE_BASE_MS * 2 ** watch.offlineTries, PROBE_MAX_MS);
  watch.offlineTries = Math.min(watch.offlineTries + 1, 10);
  watch.waiting = `no network (${outcome.cause}), trying again`;
}

function observeNoAnswer(watch: Watch, cause: string, now: number): void {
  // Many requests in flight are lost together when a connection or a server goes; together they are one event, and what
  // the run waits for is an answer to the one that it sends after them.
  if (watch.noAnswer >= NO_ANSWER_PAUSE_AFTER && now < watch.notBefore) return;
  watch.noAnswer += 1;
  watch.offlineSince = null;
  if (watch.noAnswer >= NO_ANSWER_MAX || watch.before === "no_clear_answer") {
    watch.halt = {
      code: "no_clear_answer",
      sentence:
        `${watch.noAnswer} ${watch.noAnswer === 1 ? "attempt" : "attempts in a row"} had no clear answer ` +
        `(last: ${cause}). Their recipients are \`unknown\` and not sent to again. See whether Meta is up, then run the same command.`,
    };
    return;
  }
  if (watch.noAnswer >= NO_ANSWER_PAUSE_AFTER) {
    watch.mode = "probe";
    const waitMs = Math.min(
      PROBE_BASE_MS * 2 ** (watch.noAnswer - NO_ANSWER_PAUSE_AFTER),
      PROBE_MAX_MS,
    );
    watch.notBefore = Math.max(watch.notBefore, now + waitMs);
    watch.waiting = `${watch.noAnswer} lost answers in a row (${cause}), trying one at a time`;
  }
}

function observeRefusal(
  watch: Watch,
  outcome: Extract<Outcome, { kind: "refused" }>,
  now: number,
): void {
  const { rule, answer } = outcome;
  const code = String(rule.code);
  switch (rule.action) {
    case "halt_campaign":
    case "halt_lane":
      watch.halt = { code, sentence: sentenceOf(outcome) };
      return;
    case "throttle":
      // Its own answer is the pace's business; it also proves that the network is there.
      clear(watch);
      return;
    case "wait":
      clear(watch);
      watch.mode = "probe";
      watch.notBefore = now + (rule.waitMs ?? 0);
      watch.waiting = `${rule.meaning}, trying again in ${Math.round((rule.waitMs ?? 0) / 1000)} s`;
      return;
    case "expire":
      clear(watch);
      return;
    case "hold":
      clear(watch);
      if (rule.code === TEMPLATE_SYNCING) awaitSync(watch, now);
      return;
    case "fix":
      clear(watch);
      count(watch, code);
      // Before the first accepted message this code may mean a template that is still syncing.
      if (rule.code === BAD_VALUE && !watch.accepted && watch.streak.count === 1) {
        awaitSync(watch, now);
        return;
      }
      break;
    case "fail":
    case "suppress":
    case "ambiguous":
      clear(watch);
      count(watch, code);
      break;
  }
  // The same wrong request again and again: do not speed up before a message was accepted.
  if (rule.action === "fix" && watch.streak.count > 0) watch.mode = "probe";
  const max = sameFailuresMax(outcome);
  if (watch.streak.count >= max || watch.before === code) {
    const times = watch.streak.count === 1 ? "again" : `${watch.streak.count} times in a row`;
    watch.halt = {
      code,
      sentence: `Code ${code} came ${times}: ${answer.details ?? answer.message ?? rule.meaning}. ${rule.todo}`,
    };
  }
}

/** A template that is still syncing refuses everybody: wait for it instead of asking for each. */
function awaitSync(watch: Watch, now: number): void {
  watch.mode = "probe";
  watch.notBefore = now + TEMPLATE_SYNC_MS;
  watch.waiting = `the template may still be syncing, trying again in ${TEMPLATE_SYNC_MS / 60_000} min`;
}

function count(watch: Watch, code: string): void {
  watch.streak =
    watch.streak.code === code ? { code, count: watch.streak.count + 1 } : { code, count: 1 };
}

/** So many failures with the same code in a row mean that it is not about the recipients. */
export function sameFailuresMax({
  rule,
  known,
}: {
  rule: { action: string };
  known: boolean;
}): number {
  if (!known) return UNKNOWN_CODE_MAX;
  return rule.action === "fix" ? SAME_FIX_MAX : SAME_FAILURE_MAX;
}

function sentenceOf({ rule, answer }: Extract<Outcome, { kind: "refused" }>): string {
  const said = answer.details ?? answer.message;
  const quoted = said === null ? "" : ` Meta says: “${said.replace(/[.\s]+$/, "")}”.`;
  return `Code ${rule.code}: ${rule.meaning}.${quoted} ${rule.todo}`;
}
