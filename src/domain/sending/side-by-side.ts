// One campaign over several sending numbers: a loop for each lane, side by side. What they have in
// common, and what their ends make of the campaign. Pure.

import type { CampaignState, Halt, LaneState, LastStop, StopReason } from "../campaign/campaign.ts";
import type { ZoneLedger } from "../campaign/zone-ports.ts";
import { plural } from "../common/numbers.ts";
import type { LanesLedger, RunEnd, RunLedger, RunProgress } from "./run-ports.ts";
import { startRunProgress } from "./run-ports.ts";
import type { Remaining, Turn, TurnResult } from "./turn.ts";

/** How the loop of one lane ended. */
export interface LaneEnd {
  lane: string;
  end: RunEnd;
}

/** What is said of several stopped lanes: the first of these that one of them gave. */
const REASONS: readonly StopReason[] = [
  "interrupted",
  "lane_taken",
  "ledger_unreachable",
  "ledger_busy",
  "paused",
  "offline",
  "refused_for_now",
  "limit",
  "budget",
  "ramp_blind",
  "ramp_held",
  "ramp",
  "daily_limit",
  "test",
  "hours",
  "held",
  "numbers_left",
];

/**
 * How the campaign ended. A lane that halted needs a person, whatever the others did; one that
 * stopped goes on with the same command.
 * @param ends of every lane, at least one
 */
export function endOfLanes(ends: readonly LaneEnd[]): RunEnd {
  const halted = ends.flatMap(({ lane, end }) => (end.kind === "halted" ? [{ lane, ...end }] : []));
  const [first] = halted;
  if (first !== undefined) {
    const { code, isStreak } = first.halt;
    const isOne = halted.length === ends.length && halted.every(({ halt }) => halt.code === code);
    const sentences = halted.map(({ lane, halt }) => `Number ${lane}: ${halt.sentence}`);
    const sentence = isOne ? first.halt.sentence : sentences.join(" ");
    return { kind: "halted", halt: { code, sentence, ...(isStreak === true && { isStreak }) } };
  }
  const stopped = ends.flatMap(({ end }) => (end.kind === "stopped" ? [end] : []));
  const why = REASONS.find((reason) => stopped.some((end) => end.why === reason));
  const said = stopped.find((end) => end.why === why);
  if (said === undefined) return { kind: "finished" };
  // The same command has something to do when the first of them can go on.
  const isLater = stopped.every(({ goOnAt }) => goOnAt !== null);
  const goOnAt = isLater ? Math.min(...stopped.map((end) => end.goOnAt as number)) : said.goOnAt;
  return { ...said, goOnAt };
}

/** Each lane has people of its own, who may be held, or whose hours are over. */
const OF_LANE: readonly StopReason[] = ["held", "hours", "refused_for_now", "test"];

/** Whether a loop's end concerns its lane alone, so that its run may go on with other lanes. */
export function endsWithLane(end: RunEnd): boolean {
  return end.kind !== "stopped" || OF_LANE.includes(end.why);
}

/** A lane on which people are left. */
export interface LaneLeft {
  lane: string;
  left: Pick<Remaining, "pending" | "claimed" | "held" | "nextDueAt">;
  /** Who has it, in words; null when nobody has. */
  heldBy: string | null;
}

/** The end of a run that is through with every lane that it had. @param lefts of all lanes */
export function endOfLefts(lefts: readonly LaneLeft[]): RunEnd {
  if (lefts.length === 0) return { kind: "finished" };
  const sentences = lefts.map(({ lane, left, heldBy }) => {
    const open = plural(left.pending + left.claimed + left.held, "recipient");
    const who = heldBy === null ? "no process sends from it" : `it is held by ${heldBy}`;
    return `Number ${lane} has ${open} left: ${who}.`;
  });
  const dues = lefts.map(({ left, heldBy }) =>
    heldBy === null && left.pending + left.claimed === 0 ? left.nextDueAt : null,
  );
  const due = dues.filter((one) => one !== null);
  const goOnAt = due.length === lefts.length ? Math.min(...due) : null;
  return { kind: "stopped", why: "numbers_left", sentence: sentences.join(" "), goOnAt };
}

/**
 * The state of a campaign by those of its lanes, whichever processes send on them.
 * @param lanes every one, at least one
 */
export function stateOfLanes(lanes: readonly LaneState[]): {
  state: CampaignState;
  halt: Halt | null;
  lastStop: LastStop | null;
} {
  const end = endOfLanes(lanes.map(endOfState));
  const halt = lanes.find((one) => one.halt !== null)?.halt ?? null;
  if (lanes.some(({ state }) => state === "running")) {
    return { state: "running", halt, lastStop: null };
  }
  if (end.kind === "halted") return { state: "halted", halt: end.halt, lastStop: null };
  if (end.kind === "finished") return { state: "finished", halt: null, lastStop: null };
  const isStopped = lanes.some(({ lastStop }) => lastStop !== null);
  const lastStop = isStopped ? { why: end.why, goOnAt: end.goOnAt } : null;
  return { state: "stopped", halt: null, lastStop };
}

function endOfState({ lane, state, halt, lastStop }: LaneState): LaneEnd {
  if (state === "halted" && halt !== null) return { lane, end: { kind: "halted", halt } };
  if (state !== "stopped") return { lane, end: { kind: "finished" } };
  // One that no run has begun with waits like any other.
  const { why, goOnAt } = lastStop ?? { why: "numbers_left", goOnAt: null };
  return { lane, end: { kind: "stopped", why, sentence: "", goOnAt } };
}

/** What is left on several lanes. */
export function sumOfRemaining(lefts: readonly Remaining[]): Remaining {
  const sum = (of: "pending" | "claimed" | "held") => lefts.reduce((all, one) => all + one[of], 0);
  const dues = lefts.flatMap(({ nextDueAt }) => (nextDueAt === null ? [] : [nextDueAt]));
  return {
    ...{ pending: sum("pending"), claimed: sum("claimed"), held: sum("held") },
    nextDueAt: dues.length === 0 ? null : Math.min(...dues),
    accepted: lefts.some(({ accepted }) => accepted),
  };
}

/**
 * Shares a limit of messages among lanes: together they post exactly so many, or everybody when
 * there are fewer.
 * @param open how many wait on each lane
 */
export function shareLimit(limit: number, open: readonly number[]): number[] {
  const all = open.reduce((sum, one) => sum + one, 0);
  if (all <= limit) return [...open];
  const shares = open.map((one) => Math.floor((limit * one) / all));
  let left = limit - shares.reduce((sum, one) => sum + one, 0);
  for (const [index, share] of shares.entries()) {
    const more = Math.min(left, (open[index] as number) - share);
    shares[index] = share + more;
    left -= more;
  }
  return shares;
}

/** The figures of all lanes as those of one run. It waits when every lane does. */
export function sumOfProgress(lanes: readonly RunProgress[]): RunProgress {
  const sum = startRunProgress(0);
  for (const lane of lanes) {
    sum.open += lane.open;
    sum.posted += lane.posted;
    sum.accepted += lane.accepted;
    sum.failed += lane.failed;
    sum.held += lane.held;
    sum.unknown += lane.unknown;
    sum.suppressed += lane.suppressed;
    sum.skipping ||= lane.skipping;
    sum.limited ??= lane.limited;
  }
  const isWaiting = lanes.every(({ waiting }) => waiting !== null);
  sum.waiting = isWaiting ? (lanes[0]?.waiting ?? null) : null;
  return sum;
}

/**
 * The ledger as the loop of one of several numbers has it: it sees its part of the campaign.
 * @param place of its lane
 */
export function ofLane<L extends RunLedger & ZoneLedger & Pick<LanesLedger, "setLaneState">>(
  ledger: L,
  place: number,
): L {
  return {
    ...ledger,
    setState: (campaign, state, ...how) =>
      ledger.setLaneState(campaign, place, state as LaneState["state"], ...how),
    remaining: (campaign, _lane, which) => ledger.remaining(campaign, place, which),
    waitingZones: (campaign, _lane, which) => ledger.waitingZones(campaign, place, which),
  };
}

/** Turns of the lane at a place. */
export function ofPlace(turn: RunLedger["turn"], lane: number): RunLedger["turn"] {
  return lane === 0 ? turn : (one) => turn({ ...one, lane });
}

/** Turns that are asked for while others are made are made together, in one transaction. */
export function inGroups(turnAll: LanesLedger["turnAll"]): RunLedger["turn"] {
  let waiting: { turn: Turn; resolve(result: TurnResult): void; reject(error: unknown): void }[] =
    [];
  let isAtWork = false;
  const work = async (): Promise<void> => {
    isAtWork = true;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      try {
        const results = await turnAll(group.map(({ turn }) => turn));
        for (const [at, { resolve }] of group.entries()) resolve(results[at] as TurnResult);
      } catch (error) {
        // Nothing of any of them was written: each loop tries its own again.
        for (const { reject } of group) reject(error);
      }
    }
    isAtWork = false;
  };
  return (turn) =>
    new Promise((resolve, reject) => {
      waiting.push({ turn, resolve, reject });
      if (!isAtWork) void work();
    });
}
