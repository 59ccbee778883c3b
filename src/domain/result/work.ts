// Which campaigns of a ledger a worker goes on with: when each may be run, and which is next on
// each lane. No I/O, no clock.

import type { CampaignRecord } from "../campaign/campaign.ts";
import type { RunEnd } from "../sending/run-ports.ts";
import type { CampaignFacts } from "./campaign-standing.ts";
import { standingOf } from "./campaign-standing.ts";

/** After a run that stopped, its campaign is left alone for so long, in milliseconds. */
const AGAIN_MS = 30_000;
/** … and at least for so long. */
const AGAIN_MS_MIN = 1_000;

/** When a worker may run a campaign. */
export type WorkTime =
  | { kind: "now" }
  /** Not before an instant: hours, held recipients, the daily limit. */
  | { kind: "later"; at: number }
  /** A person decides first: it is paused, halted, or stopped where `--limit` wanted it. */
  | { kind: "person" }
  /** It is over, was purged, or was never planned completely. */
  | { kind: "never" };

/** When a worker may run a campaign that no runner holds. */
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
    case "sending":
      return { kind: "now" };
  }
}

/** A campaign as a worker sees it. */
export interface WorkCandidate {
  /** Its run holds all of its lanes. */
  campaign: Pick<CampaignRecord, "id" | "lanes">;
  time: WorkTime;
  /** Left alone until then, after a run here that could not go on; null: not at all. */
  notBefore: number | null;
}

/**
 * The campaigns to run next: on each free lane the oldest one that may be run. One that waits for
 * the last of its lanes keeps younger ones from the others.
 * @param candidates in any order; a campaign with a smaller id is older
 * @param taken lanes that are at work
 */
export function nextOnLanes<C extends WorkCandidate>(
  candidates: readonly C[],
  taken: ReadonlySet<string>,
  now: number,
): C[] {
  const next: C[] = [];
  const wanted = new Set(taken);
  for (const candidate of candidates.toSorted((a, b) => a.campaign.id - b.campaign.id)) {
    const { campaign, time, notBefore } = candidate;
    const { lanes } = campaign;
    if (time.kind !== "now" || (notBefore !== null && notBefore > now)) continue;
    if (lanes.every((lane) => !wanted.has(lane))) next.push(candidate);
    for (const lane of lanes) wanted.add(lane);
  }
  return next;
}

/**
 * Until when a campaign is left alone whose run has ended, whatever the ledger says of it: a run
 * that cannot go on must not be begun again at once. Null: not at all.
 */
export function restUntil(end: RunEnd, now: number): number | null {
  if (end.kind !== "stopped" || end.why === "paused") return null;
  const latest = now + AGAIN_MS;
  return end.goOnAt === null ? latest : Math.min(latest, Math.max(end.goOnAt, now + AGAIN_MS_MIN));
}
