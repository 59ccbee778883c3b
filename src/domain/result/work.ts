// Which campaigns of a ledger a worker goes on with: when each may be run, and which is next on
// each lane. No I/O, no clock.

import type { CampaignRecord, StopReason } from "../campaign/campaign.ts";
import type { RunEnd } from "../sending/run-ports.ts";
import type { CampaignFacts } from "./campaign-standing.ts";
import { standingOf } from "./campaign-standing.ts";

/** After a run that stopped, its campaign is left alone for so long, in milliseconds. */
const AGAIN_MS = 30_000;
/** … and at least for so long. */
const AGAIN_MS_MIN = 1_000;

/** Ends of which the ledger itself says when the campaign may be run again. */
const AT_ONCE: readonly StopReason[] = ["paused", "numbers_left"];

/** When a worker may run a campaign, or a lane of it. */
export type WorkTime =
  | { kind: "now" }
  /** Not before an instant: hours, held recipients, the daily limit. */
  | { kind: "later"; at: number }
  /** A person decides first: it is paused, halted, or stopped where `--limit` wanted it. */
  | { kind: "person" }
  /** It is over, was purged, or was never planned completely. */
  | { kind: "never" };

/** When a worker may run a campaign, or one of its lanes (`recordOfLane`), that nobody holds. */
export function workTime(facts: Omit<CampaignFacts, "isRunning">): WorkTime {
  const { campaign } = facts;
  if (campaign.recipients === null || campaign.erasedAt !== null) return { kind: "never" };
  const { kind, why, until } = standingOf({ ...facts, isRunning: false });
  switch (kind) {
    case "finished":
    case "cancelled":
    case "planning":
      return { kind: "never" };
    case "paused":
    case "pausing":
    case "halted":
      return { kind: "person" };
    case "stopped":
      return { kind: why === "limit" ? "person" : "now" };
    case "waiting":
      return until === null ? { kind: "now" } : { kind: "later", at: until };
    case "planned":
      return { kind: why === "plan" ? "person" : "now" };
    case "sending":
      return { kind: "now" };
  }
}

/** A campaign as a worker sees it. */
export interface WorkCandidate {
  campaign: Pick<CampaignRecord, "id">;
  /** Those of its lanes on which it may be run now. */
  lanes: readonly string[];
  /** Left alone until then, after a run here that could not go on; null: not at all. */
  notBefore: number | null;
}

/**
 * The campaigns to run next: on each free lane the oldest one that may be run there.
 * @param candidates in any order; a campaign with a smaller id is older
 * @param taken lanes that are at work, or that a run which is at work takes over
 * @returns each with the lanes that it gets
 */
export function nextOnLanes<C extends WorkCandidate>(
  candidates: readonly C[],
  taken: ReadonlySet<string>,
  now: number,
): C[] {
  const next: C[] = [];
  const wanted = new Set(taken);
  for (const candidate of candidates.toSorted((a, b) => a.campaign.id - b.campaign.id)) {
    const { notBefore } = candidate;
    if (notBefore !== null && notBefore > now) continue;
    const lanes = candidate.lanes.filter((lane) => !wanted.has(lane));
    if (lanes.length > 0) next.push({ ...candidate, lanes });
    for (const lane of lanes) wanted.add(lane);
  }
  return next;
}

/**
 * Until when a campaign is left alone whose run has ended, whatever the ledger says of it: a run
 * that cannot go on must not be begun again at once. Null: not at all.
 */
export function restUntil(end: RunEnd, now: number): number | null {
  if (end.kind !== "stopped" || AT_ONCE.includes(end.why)) return null;
  const latest = now + AGAIN_MS;
  return end.goOnAt === null ? latest : Math.min(latest, Math.max(end.goOnAt, now + AGAIN_MS_MIN));
}
