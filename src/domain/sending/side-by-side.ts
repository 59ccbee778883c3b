// One campaign over several sending numbers: a loop for each lane, side by side. What they have in
// common, and what their ends make of the campaign. Pure.

import type { StopReason } from "../campaign/campaign.ts";
import type { RunEnd, RunProgress } from "./run-ports.ts";
import { startRunProgress } from "./run-ports.ts";

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
  "hours",
  "held",
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
