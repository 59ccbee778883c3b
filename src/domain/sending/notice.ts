// What is posted to the operator's own address when a campaign's state changes, and which change is
// one: the ledger keeps the last one as text, so that cron's calls do not repeat it.

import type { CampaignState, StopReason } from "../campaign/campaign.ts";
import type { NOTICE_EVENTS } from "../manifest/manifest-notify.ts";
import type { RunEnd } from "./run-ports.ts";

type NoticeEvent = (typeof NOTICE_EVENTS)[number];

/** A change of a campaign's state. */
export interface NoticeChange {
  event: NoticeEvent;
  /** Of `waiting` the reason to stop, of `halted` the code of the halt; else null. */
  reason: string | null;
}

/** Other processes go on with the campaign, and their end is its end. */
const NOT_THE_CAMPAIGNS: readonly StopReason[] = ["numbers_left", "lane_taken"];
/** What passes by itself: the run after it goes on, and is no new start. */
const PASSING: readonly StopReason[] = [
  ...(["held", "daily_limit", "hours", "ramp", "ramp_held"] as const),
  ...(["offline", "refused_for_now", "ledger_busy", "ledger_unreachable"] as const),
];

/** What a change is kept as: `started`, `waiting:hours`, `halted:131031`, … */
export function changeText({ event, reason }: NoticeChange): string {
  return reason === null ? event : `${event}:${reason}`;
}

/**
 * The change that a run makes which begins to send.
 * @param before what is kept
 * @returns null when it goes on with what it waited for
 */
export function changeAtBegin(before: string | null): NoticeChange | null {
  if (PASSING.some((reason) => before === changeText({ event: "waiting", reason }))) return null;
  return newChange({ event: "started", reason: null }, before);
}

/**
 * The change that the end of a run makes.
 * @param before what is kept
 * @returns null when it is the kept one, or other processes go on with the campaign
 */
export function changeAtEnd(end: RunEnd, before: string | null): NoticeChange | null {
  switch (end.kind) {
    case "finished":
      return newChange({ event: "finished", reason: null }, before);
    case "halted":
      return newChange({ event: "halted", reason: end.halt.code }, before);
    case "stopped":
      if (NOT_THE_CAMPAIGNS.includes(end.why)) return null;
      return newChange({ event: "waiting", reason: end.why }, before);
  }
}

function newChange(change: NoticeChange, before: string | null): NoticeChange | null {
  return changeText(change) === before ? null : change;
}

/** What a notice says of a campaign. */
export interface NoticeFacts {
  /** The same in every try. */
  id: string;
  /** Instant. */
  at: number;
  campaign: string;
  isSandbox: boolean;
  change: NoticeChange;
  state: CampaignState;
  /** One sentence or more for a person, without numbers of people. */
  sentence: string;
  rows: number;
  counts: Readonly<Record<string, number>>;
  /** Of a run that ended; null at its begin. */
  exitCode: number | null;
  /** Instant from which it has something to do again, as far as that is known. */
  nextTry: number | null;
}

/** The JSON body of a notice. `text` is for chats, which read that key. */
export function noticeBody(facts: NoticeFacts): string {
  const { id, at, campaign, isSandbox, change, state, sentence, nextTry } = facts;
  return JSON.stringify({
    id,
    event: change.event,
    campaign,
    at: instant(at),
    reason: change.reason,
    state,
    exit_code: facts.exitCode,
    next_try: nextTry === null ? null : instant(nextTry),
    rows: facts.rows,
    counts: facts.counts,
    sandbox: isSandbox,
    sentence,
    text: `${isSandbox ? "[sandbox] " : ""}${campaign}: ${sentence}`,
  });
}

function instant(at: number): string {
  return new Date(at).toISOString();
}
