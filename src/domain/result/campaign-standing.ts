// How a campaign stands: one answer, for every face. No I/O, no clock.

import { actorWords } from "../campaign/audit.ts";
import type {
  CampaignRecord,
  DailyLimit,
  Halt,
  LastStop,
  StopReason,
} from "../campaign/campaign.ts";
import type { Status } from "../campaign/dispatch.ts";
import { count, plural } from "../common/numbers.ts";
import { isKnownCode, ruleFor } from "../sending/error-codes.ts";
import type { Remaining } from "../sending/turn.ts";

/** How an instant reads; the zone is named once where it is used. */
export type When = (at: number) => string;

/** What the answer follows from. */
export interface CampaignFacts {
  campaign: CampaignRecord;
  /** True when a runner holds the campaign at this moment. */
  isRunning: boolean;
  left: Pick<Remaining, "pending" | "claimed" | "held" | "nextDueAt">;
  now: number;
  /** Left out where the rows were not counted. */
  counts?: Partial<Record<Status, number>>;
  dailyLimit?: DailyLimit | null;
  /** Another campaign that has the sending number. */
  numberUsedBy?: { campaign: string; since: number } | null;
}

export type StandingKind =
  | "planning"
  | "planned"
  | "sending"
  | "pausing"
  | "waiting"
  | "paused"
  | "stopped"
  | "halted"
  | "finished"
  | "cancelled";

/** Why a campaign waits, or why its last run stopped. */
type StandingReason =
  | Exclude<StopReason, "paused">
  /** Another campaign has the sending number. */
  | "number_in_use"
  /** A person starts its plan. */
  | "plan"
  /** Nothing stands in the way of a run. */
  | "ready"
  /** The last run ended without writing its end down. */
  | "killed"
  | "planning";

export interface CampaignStanding {
  kind: StandingKind;
  /** Of `waiting` and `stopped`, and `plan` of `planned`; null for the others. */
  why: StandingReason | null;
  /** Since when it stands so. */
  since: number;
  /** When a run has something to do again; null when that is now, or never. */
  until: number | null;
  /** Who paused or cancelled it, as in the audit table. */
  by: string | null;
  halt: Pick<Halt, "code" | "sentence"> | null;
  /** Recipients that a run may still send to. */
  left: number;
  held: number;
  unknown: number;
  cancelled: number;
  dailyLimit: DailyLimit | null;
  numberUsedBy: { campaign: string; since: number } | null;
  /** The digest of the plan that waits for a person; null where none does. */
  plan: string | null;
}

/** The word of the `--json` summary. */
export type PublicState = "finished" | "stopped" | "halted" | "cancelled" | "running";

/** How the campaign stands. */
export function standingOf(facts: CampaignFacts): CampaignStanding {
  const { campaign, left, counts = {}, dailyLimit = null, numberUsedBy = null } = facts;
  const common = {
    why: null,
    since: campaign.changedAt,
    until: null,
    by: null,
    halt: null,
    left: left.pending + left.claimed + left.held,
    held: left.held,
    unknown: counts.unknown ?? 0,
    cancelled: counts.cancelled ?? 0,
    dailyLimit,
    numberUsedBy,
    plan: null,
  };
  return { ...common, ...kindOf(facts, common.left) };
}

type Kind = Pick<CampaignStanding, "kind"> & Partial<CampaignStanding>;

function kindOf(facts: CampaignFacts, open: number): Kind {
  const { campaign, isRunning } = facts;
  const { state, stop, halt } = campaign;
  if (state === "cancelled") return { kind: "cancelled", by: campaign.cancelledBy };
  if (state === "finished" && open === 0) return { kind: "finished" };
  if (stop?.kind === "halted" || stop?.kind === "ramp") {
    return { kind: "halted", halt: stop, since: stop.at };
  }
  if (stop?.kind === "paused") {
    return { kind: isRunning ? "pausing" : "paused", since: stop.at, by: stop.by ?? null };
  }
  if (stop?.kind === "plan") {
    return { kind: "planned", why: "plan", since: stop.at, plan: campaign.plan?.digest ?? null };
  }
  if (isRunning) return { kind: state === "planning" ? "planning" : "sending" };
  switch (state) {
    case "halted":
      return { kind: "halted", halt };
    case "planning":
      return { kind: "stopped", why: "planning" };
    case "running":
      return { kind: "stopped", why: "killed" };
    case "ready":
      return { kind: "planned" };
    case "stopped":
    case "finished":
      return open === 0 ? { kind: "finished" } : waitOf(facts, campaign.lastStop);
  }
}

/** Why nothing is sent now, and until when. */
function waitOf(facts: CampaignFacts, last: LastStop | null): Kind {
  const { left, now, dailyLimit = null, numberUsedBy = null } = facts;
  const isAhead = (at: number | null): at is number => at !== null && at > now;
  const waiting = (why: StandingReason, until: number | null = null): Kind => ({
    kind: "waiting",
    why,
    until,
  });
  const freeAt = dailyLimit === null ? null : dailyLimit.freeAt;
  const isFull = dailyLimit !== null && dailyLimit.people >= dailyLimit.limit;
  const ready = waiting(numberUsedBy === null ? "ready" : "number_in_use");
  if (last?.why === "hours" && isAhead(last.goOnAt)) return waiting("hours", last.goOnAt);
  if (left.pending + left.claimed === 0 && isAhead(left.nextDueAt)) {
    return waiting("held", left.nextDueAt);
  }
  if (isFull && isAhead(freeAt)) return waiting("daily_limit", freeAt);
  switch (last?.why) {
    case "daily_limit":
    case "refused_for_now":
    case "ramp":
    case "ramp_held":
    case "test":
      return isAhead(last.goOnAt) ? waiting(last.why, last.goOnAt) : ready;
    case "limit":
      return numberUsedBy === null ? { kind: "stopped", why: "limit" } : ready;
    case "interrupted":
    case "budget":
    case "offline":
    case "ledger_busy":
    case "ledger_unreachable":
    case "ramp_blind":
      return { kind: "stopped", why: last.why };
    // A pause that was lifted, hours that have begun, and people who are due or were queued again.
    default:
      return ready;
  }
}

/** The word of the `--json` summary. */
export function publicState({ kind }: CampaignStanding): PublicState {
  switch (kind) {
    case "sending":
    case "planning":
    case "pausing":
      return "running";
    case "halted":
    case "finished":
    case "cancelled":
      return kind;
    default:
      return "stopped";
  }
}

/** Whether a person must act before anything goes on. */
export function needsPerson({ kind, why }: CampaignStanding): boolean {
  return kind === "halted" || why === "plan" || (kind === "stopped" && why !== "limit");
}

/** Whether nothing is left to be done by a run. */
export function isEnded({ kind }: CampaignStanding): boolean {
  return kind === "finished" || kind === "cancelled";
}

/** The state in words, as a heading: `Waiting until tomorrow 14:40 · 47 held`. */
export function standingWords(standing: CampaignStanding, when: When): string {
  const { kind, why, since, by } = standing;
  const actor = by === null ? "" : ` ${actorWords(by)}`;
  switch (kind) {
    case "planning":
      return "Planning the list";
    case "planned":
      return why === "plan" ? "Planned, waits for a person to start it" : "Planned, not started";
    case "sending":
      return "Sending";
    case "pausing":
      return `Pausing${actor}`;
    case "waiting":
      return waitingWords(standing, when);
    case "paused":
      return `Paused${actor}, ${when(since)}`;
    case "stopped":
      return stoppedWords(standing, when);
    case "halted":
      return haltedWords(standing);
    case "finished":
      return `Finished ${when(since)}`;
    case "cancelled":
      return `Cancelled ${when(since)}${actor}`;
  }
}

function waitingWords({ why, until, left, held }: CampaignStanding, when: When): string {
  const then = until === null ? "" : ` until ${when(until)}`;
  switch (why) {
    case "hours":
      return `Outside hours${then}`;
    case "daily_limit":
      return `Daily limit used${then}`;
    case "refused_for_now":
      return `Meta limits the rate${then}`;
    case "ramp":
      return `A step of the ramp settles${then}`;
    case "test":
      return `The test waits for answers${then}`;
    case "ramp_held":
      return `Meta assesses the template${then}`;
    case "number_in_use":
      return "Waiting for the sending number";
    case "held":
      return `Waiting${then} · ${count(held)} held`;
    default:
      return `Ready to go on · ${count(left)} left`;
  }
}

function stoppedWords({ why, since }: CampaignStanding, when: When): string {
  switch (why) {
    case "interrupted":
      return `Stopped: the run was interrupted, ${when(since)}`;
    case "limit":
      return `Stopped at --limit, ${when(since)}`;
    case "budget":
      return `Stopped: the budget is used up, ${when(since)}`;
    case "offline":
      return `Stopped: no connection to Meta, ${when(since)}`;
    case "ledger_busy":
      return `Stopped: another program kept the ledger busy, ${when(since)}`;
    case "ledger_unreachable":
      return `Stopped: the ledger's server could not be reached, ${when(since)}`;
    case "ramp_blind":
      return `Stopped: no receipt came for the ramp, ${when(since)}`;
    case "planning":
      return "Stopped while planning the list";
    default:
      return "Stopped: the run ended without notice";
  }
}

/** What happened, by code, where no code of Meta's says it. */
const HALTS: Readonly<Record<string, string>> = {
  connection: "no safe connection to Meta",
  no_clear_answer: "answers are lost or not clear",
  ledger_gone: "the ledger's file is gone",
  ledger_disk_full: "the disk is full",
  ledger_corrupt: "the ledger is damaged",
  ledger_went_back: "the ledger is an older copy",
  database_failed_over: "the ledger is on another server",
  ramp: "what became of its messages is over a limit of its ramp",
};

function haltedWords({ halt }: CampaignStanding): string {
  const code = halt?.code ?? "";
  if (/^\d{1,9}$/.test(code) && isKnownCode(Number(code))) {
    return `Halted by Meta: ${ruleFor(Number(code), null).meaning}`;
  }
  return Object.hasOwn(HALTS, code) ? `Halted: ${HALTS[code]}` : "Halted";
}

/** Whether a run is at work. */
export function isAtWork({ kind }: Pick<CampaignStanding, "kind">): boolean {
  return kind === "sending" || kind === "pausing";
}

/**
 * What else is worth knowing of the state, and what happens next; null when the heading says it
 * all.
 */
export function standingDetail(standing: CampaignStanding, when: When): string | null {
  const { kind, why, left, unknown, cancelled, halt, plan } = standing;
  switch (kind) {
    case "planned":
      return why === "plan" ? planSentence(left, plan) : "Nothing was sent yet.";
    case "planning":
    case "sending":
      return null;
    case "pausing":
      return "The run finishes the requests in flight.";
    case "waiting":
      return waitingDetail(standing, when);
    case "paused":
      return `${plural(left, "recipient is", "recipients are")} left. Once the pause is lifted a worker goes on at once; without one, start a run.`;
    case "stopped":
      return `${left > 0 ? `${plural(left, "recipient is", "recipients are")} left. ` : ""}The same command goes on; nobody gets the message twice.`;
    case "halted":
      return halt?.sentence ?? null;
    case "finished":
      return unknown === 0 ? `Every ${FINAL}` : unknownSentence(unknown);
    case "cancelled":
      return cancelled === 0 ? null : cancelledSentence(cancelled);
  }
}

function planSentence(left: number, plan: string | null): string {
  const digest = plan === null ? "" : ` Its plan is ${plan}.`;
  return `${plural(left, "recipient waits", "recipients wait")}.${digest}`;
}

const FINAL = "recipient has a final status.";

function cancelledSentence(cancelled: number): string {
  return `${plural(cancelled, "recipient was", "recipients were")} not sent to.`;
}

/** What recipients are whose answer was lost. */
export function unknownSentence(unknown: number): string {
  return `${plural(unknown, "recipient is", "recipients are")} unknown: the answer was lost, and nobody is sent to again by itself.`;
}

/** How a run that had nothing left to do leaves its campaign. */
export function doneWords({ kind, unknown, cancelled }: CampaignStanding): string {
  const over = unknown > 0 ? "Nothing is left to send." : `Finished: every ${FINAL}`;
  const done = kind === "cancelled" ? "Cancelled." : over;
  return cancelled === 0 ? done : `${done} ${cancelledSentence(cancelled)}`;
}

function waitingDetail(standing: CampaignStanding, when: When): string {
  const { why, dailyLimit, numberUsedBy } = standing;
  switch (why) {
    case "number_in_use":
      return numberUsedBy === null
        ? "Another campaign has it."
        : `Campaign "${numberUsedBy.campaign}" has it since ${when(numberUsedBy.since)}.`;
    case "daily_limit": {
      const used =
        dailyLimit === null
          ? ""
          : `${count(dailyLimit.people)} of ${plural(dailyLimit.limit, "person", "people")} in the last 24 h. `;
      return `${used}A run after that goes on.`;
    }
    case "ready":
      return "A run sends to them.";
    default:
      return "Nothing is sent before; a run after that sends to them.";
  }
}

/** What a person may change about a campaign now. */
export interface Choices {
  /** Start the plan that waits. */
  start: boolean;
  pause: boolean;
  unpause: boolean;
  cancel: boolean;
}

/** A halt by Meta's side cannot be lifted by leave: a later run looks whether it is over. */
export function choicesOf(standing: CampaignStanding): Choices {
  const { kind } = standing;
  const isOver = isEnded(standing);
  const isPaused = kind === "paused" || kind === "pausing";
  const waitsForStart = standing.plan !== null;
  return {
    start: waitsForStart,
    pause: !isOver && !isPaused && !waitsForStart && kind !== "halted",
    unpause: isPaused,
    cancel: !isOver,
  };
}
