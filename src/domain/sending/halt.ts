// When a run must stop, wait or feel its way: a small state fed with every outcome. Pure; instants
// are arguments.

import type { Halt } from "../campaign/campaign.ts";
import { duration } from "../common/numbers.ts";
import type { CodeRule } from "./error-codes.ts";
import { TEMPLATE_SYNC_MS, TEMPLATE_SYNCING, THROUGHPUT_LIMIT } from "./error-codes.ts";
import type { Outcome } from "./outcome.ts";
import { mayBeSyncing } from "./outcome.ts";
import type { Streak } from "./streak.ts";
import { lengthened, passSentence, streakMax } from "./streak.ts";

/**
 * Attempts in a row whose answer was lost or not clear; those that are lost while the run waits
 * count as the one before.
 */
export const NO_ANSWER_MAX = 10;
/** So many lost answers in a row make the run wait before it tries one more. */
const NO_ANSWER_PAUSE_AFTER = 3;
/** Waits between probes while the network is gone, or answers are lost. */
const PROBE_BASE_MS = 500;
const PROBE_MAX_MS = 15_000;
/** A network that stays away this long ends the run; the same command goes on later. */
export const OFFLINE_MAX_MS = 10 * 60_000;
/** So does Meta when it refuses everybody for now: for its speed, or for maintenance. */
export const REFUSED_MAX_MS = 15 * 60_000;
/** A template that syncs takes 10 minutes: the third refusal after as many pauses ends the run. */
const SYNC_MAX_MS = 3 * TEMPLATE_SYNC_MS;
/**
 * The first pause of a lane that is throttled; doubled with every refusal while nothing is
 * accepted.
 */
const THROTTLED_BASE_MS = 1_000;
/** Refusals for speed within this time are one event: many requests are in flight. */
const THROTTLED_EVENT_MS = 1_000;
/** Graph counts its call limits over an hour. */
const HOUR_MS = 3_600_000;

/**
 * What the run may do now.
 * - `probe`: one request at a time, until an answer shows that the way is clear. Every run begins
 *   like this, so that a wrong token or a paused template costs one attempt and not a whole window
 *   of requests in flight.
 * - `open`: as fast as the pace allows.
 */
export interface RunGate {
  mode: "probe" | "open";
  /** Nothing is posted before this instant of the monotonic clock. */
  notBefore: number;
  halt: Halt | null;
  /**
   * Set when the run should end without a halt: the network stayed away, or Meta refused everybody
   * for now.
   */
  giveUp: GiveUp | null;
  /** Why the run waits, for the progress line; null when it does not. */
  waiting: string | null;
  /** Meta's word that the lane is too fast, until the pace is back; null otherwise. */
  limited: string | null;
  /** The same code in a row without an accepted message in between. */
  streak: Streak | undefined;
  noAnswer: number;
  /** Monotonic instant at which the network was first seen to be gone; null when it is there. */
  offlineSince: number | null;
  offlineTries: number;
  /** The time in which Meta refused everybody for now; null when it does not. */
  refused: RefusalStreak | null;
  /** The halt that ended the run before this one: lost answers halt again at the first. */
  before: string | null;
  /** Code → how often the campaign halted because the code came many times in a row. */
  streakHalts: Readonly<Record<string, number>>;
  /** True once the campaign had a message accepted: its template cannot be still syncing then. */
  accepted: boolean;
  /** See RunOptions. */
  leavesToOthers: boolean;
}

/** A run that ends by itself and goes on with the same command. */
interface GiveUp {
  why: "offline" | "refused_for_now";
  /** Clause after "Stopped: ". */
  sentence: string;
  /** How long the next run should wait; null when that is not known. */
  afterMs: number | null;
}

interface RefusalStreak {
  /** Monotonic instants: of the first refusal, and of the last that counted. */
  since: number;
  countedAt: number;
  /** Refusals that counted, apart from the first. */
  tries: number;
}

/**
 * The state at the start of a run.
 * @param before the code of the halt that the campaign is in, if any
 * @param accepted true when the campaign had a message accepted in an earlier run
 * @param streakHalts see CampaignRecord
 * @param leavesToOthers see RunOptions
 */
export function startWatch(
  before: string | null,
  accepted: boolean,
  {
    streakHalts = {},
    leavesToOthers = false,
  }: Partial<Pick<RunGate, "streakHalts" | "leavesToOthers">> = {},
): RunGate {
  return {
    mode: "probe",
    notBefore: 0,
    halt: null,
    giveUp: null,
    waiting: null,
    limited: null,
    streak: undefined,
    noAnswer: 0,
    offlineSince: null,
    offlineTries: 0,
    refused: null,
    before,
    streakHalts,
    accepted,
    leavesToOthers,
  };
}

/**
 * Takes one outcome into account. Changes `watch`.
 * @param now monotonic milliseconds
 */
export function observe(watch: RunGate, outcome: Outcome, now: number): void {
  if (watch.halt !== null) return;
  switch (outcome.kind) {
    case "accepted":
      clear(watch);
      watch.streak = undefined;
      watch.before = null;
      watch.accepted = true;
      return;
    case "not_sent":
      observeOffline(watch, outcome, now);
      return;
    case "unknown":
      observeNoAnswer(watch, outcome, now);
      return;
    case "refused":
      observeRefusal(watch, outcome, now);
      return;
  }
}

/** The way to Meta is clear again: an answer about one message came. */
function clear(watch: RunGate): void {
  watch.mode = "open";
  watch.refused = null;
  watch.waiting = null;
  answered(watch);
}

/** The network is there: an answer came, whatever it says. */
function answered(watch: RunGate): void {
  watch.noAnswer = 0;
  watch.offlineSince = null;
  watch.offlineTries = 0;
}

function observeOffline(
  watch: RunGate,
  outcome: Extract<Outcome, { kind: "not_sent" }>,
  now: number,
): void {
  if (outcome.fatal) {
    const sentence = `No safe connection to Meta is possible: ${outcome.cause}. Check account.base_url, certificates and proxies`;
    // Certificates and proxies are of one machine: the others go on.
    if (watch.leavesToOthers) watch.giveUp = { why: "offline", sentence, afterMs: null };
    else watch.halt = { code: "connection", sentence: `${sentence}.` };
    return;
  }
  watch.mode = "probe";
  watch.offlineSince ??= now;
  if (now - watch.offlineSince >= OFFLINE_MAX_MS) {
    const sentence = `the network has been away for ${duration(OFFLINE_MAX_MS)} (${outcome.cause})`;
    watch.giveUp = { why: "offline", sentence, afterMs: null };
    return;
  }
  // Many requests in flight fail together when the network goes; together they are one event.
  if (now < watch.notBefore) return;
  watch.notBefore = now + Math.min(PROBE_BASE_MS * 2 ** watch.offlineTries, PROBE_MAX_MS);
  watch.offlineTries = Math.min(watch.offlineTries + 1, 10);
  watch.waiting = `no network (${outcome.cause}), trying again`;
}

function observeNoAnswer(
  watch: RunGate,
  { cause, isForeign }: Extract<Outcome, { kind: "unknown" }>,
  now: number,
): void {
  // Many requests in flight are lost together when a connection or a server goes; together they are
  // one event, and what the run waits for is an answer to the one that it sends after them.
  if (watch.noAnswer >= NO_ANSWER_PAUSE_AFTER && now < watch.notBefore) return;
  watch.noAnswer += 1;
  watch.offlineSince = null;
  if (watch.noAnswer >= NO_ANSWER_MAX || watch.before === "no_clear_answer") {
    const look = isForeign
      ? "See what answers at account.base_url, and what stands between it and this machine"
      : "See whether Meta is up";
    watch.halt = {
      code: "no_clear_answer",
      sentence:
        `${watch.noAnswer} ${watch.noAnswer === 1 ? "attempt" : "attempts in a row"} had no clear answer ` +
        `(last: ${cause}). Their recipients are \`unknown\` and not sent to again. ${look}, then run the same command.`,
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

type RefusedOutcome = Extract<Outcome, { kind: "refused" }>;

function observeRefusal(watch: RunGate, outcome: RefusedOutcome, now: number): void {
  const { rule } = outcome;
  switch (rule.action) {
    case "halt_campaign":
    case "halt_lane":
      watch.halt = { code: String(rule.code), sentence: sentenceOf(outcome) };
      return;
    case "throttle":
      answered(watch);
      throttled(watch, outcome, now);
      return;
    case "wait":
      answered(watch);
      waitFor(watch, rule.meaning, { forMs: rule.waitMs ?? 0, maxMs: REFUSED_MAX_MS }, now);
      return;
    default:
      break;
  }
  // A template that is still syncing refuses everybody: wait for it instead of asking for each.
  const isFirst = isFirstOfSync(watch, outcome);
  if (rule.code === TEMPLATE_SYNCING || isFirst) {
    answered(watch);
    if (isFirst) watch.streak = lengthened(watch.streak, rule);
    const what = "the template may still be syncing";
    waitFor(watch, what, { forMs: TEMPLATE_SYNC_MS, maxMs: SYNC_MAX_MS }, now);
    return;
  }
  clear(watch);
  if (rule.action !== "hold") observeFailure(watch, outcome);
}

/** The second time it is the value, and no sync. */
function isFirstOfSync(watch: RunGate, outcome: RefusedOutcome): boolean {
  const isFirst = watch.streak?.code !== String(outcome.rule.code);
  return isFirst && mayBeSyncing(outcome, watch.accepted);
}

/** Counts what may be everybody's. */
function observeFailure(watch: RunGate, outcome: RefusedOutcome): void {
  const { rule, answer } = outcome;
  const code = String(rule.code);
  const halts = watch.streakHalts[code] ?? 0;
  const max = streakMax(rule, "reply", halts);
  watch.streak = lengthened(watch.streak, rule);
  if (max === Number.POSITIVE_INFINITY) return;
  // The same wrong request again and again: do not speed up before a message was accepted, unless a
  // person knows of it.
  if (halts === 0) watch.mode = "probe";
  const count = watch.streak?.count ?? 0;
  if (count < max) return;
  const words = answer.details ?? answer.message ?? rule.meaning;
  watch.halt = {
    code,
    isStreak: true,
    sentence: `Code ${code} came ${count} times in a row: ${clause(words)}. ${rule.todo} ${passSentence(rule, "reply", halts)}`,
  };
}

/**
 * Meta refuses for speed. The pace deals with that as long as messages are accepted in between;
 * while none is, pauses grow, or are as long as Meta asks for.
 */
function throttled(watch: RunGate, outcome: RefusedOutcome, now: number): void {
  const { rule, answer, waitMs: askedMs } = outcome;
  const limit = `Meta limits the rate (${codeOf(answer)})`;
  const refused = watch.refused ?? { since: now, countedAt: Number.NEGATIVE_INFINITY, tries: -1 };
  watch.refused = refused;
  watch.limited = limit;
  const leftMs = refused.since + REFUSED_MAX_MS - now;
  if (leftMs <= 0 || (askedMs !== null && askedMs > leftMs)) {
    watch.giveUp = throttledTooLong(limit, rule, { askedMs, forMs: now - refused.since });
    return;
  }
  const isOfCrowd = now < watch.notBefore || now - refused.countedAt < THROTTLED_EVENT_MS;
  if (isOfCrowd && askedMs === null) return;
  if (!isOfCrowd) {
    refused.tries += 1;
    refused.countedAt = now;
  }
  const grown = refused.tries === 0 ? 0 : THROTTLED_BASE_MS * 2 ** (refused.tries - 1);
  const ownMs = Math.min(grown, rule.waitMs ?? THROTTLED_BASE_MS, leftMs);
  const pauseMs = askedMs === null ? ownMs : Math.max(askedMs, ownMs);
  if (pauseMs === 0 || now + pauseMs <= watch.notBefore) return;
  watch.mode = "probe";
  watch.notBefore = now + pauseMs;
  watch.waiting = `${limit}, trying again in ${duration(pauseMs)}`;
}

function throttledTooLong(
  limit: string,
  rule: CodeRule,
  { askedMs, forMs }: { askedMs: number | null; forMs: number },
): GiveUp {
  const ownMs = rule.code === THROUGHPUT_LIMIT ? REFUSED_MAX_MS : HOUR_MS;
  const asks = askedMs === null ? "" : `, and asks for a pause of ${duration(askedMs)}`;
  const since = forMs < 60_000 ? "" : `; it has accepted no message for ${duration(forMs)}`;
  return {
    why: "refused_for_now",
    sentence: `${limit}${asks}${since}`,
    afterMs: askedMs ?? ownMs,
  };
}

/** Waits for what passes by itself, and ends the run when it does not. */
function waitFor(
  watch: RunGate,
  what: string,
  { forMs, maxMs }: { forMs: number; maxMs: number },
  now: number,
): void {
  watch.mode = "probe";
  const refused = watch.refused ?? { since: now, countedAt: now, tries: 0 };
  watch.refused = refused;
  if (now - refused.since >= maxMs) {
    const sentence = `${what}, for ${duration(maxMs)} by now`;
    watch.giveUp = { why: "refused_for_now", sentence, afterMs: Math.max(forMs, REFUSED_MAX_MS) };
    return;
  }
  // Those that were in flight beside the first one were refused with it.
  if (now < watch.notBefore) return;
  watch.notBefore = now + forMs;
  watch.waiting = `${what}, trying again in ${duration(forMs)}`;
}

function sentenceOf({ rule, answer }: RefusedOutcome): string {
  const words = answer.details ?? answer.message;
  const quoted = words === null ? "" : ` Meta says: "${clause(words)}".`;
  return `Code ${rule.code}: ${rule.meaning}.${quoted} ${rule.todo}`;
}

function codeOf({ code, httpStatus }: RefusedOutcome["answer"]): string {
  return code === null ? `HTTP ${httpStatus}` : `code ${code}`;
}

function clause(text: string): string {
  return text.replace(/[.\s]+$/, "");
}
