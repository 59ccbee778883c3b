// The loops of a run, one for each lane that its process has. Lanes that other processes have when
// it begins may become free: it takes them over, under the list of the campaign, as at its start.

import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import { placeOfLane, recordOfLane } from "../../domain/campaign/campaign.ts";
import { LedgerError } from "../../domain/campaign/fault.ts";
import { plural } from "../../domain/common/numbers.ts";
import type { Hold, LockLedger } from "../../domain/ledger/ledger.ts";
import { frozenChanges } from "../../domain/manifest/manifest.ts";
import type { Clock } from "../../domain/sending/pace.ts";
import { stopped } from "../../domain/sending/run-end.ts";
import type { ReadinessLedger, RunEnd, RunLedger } from "../../domain/sending/run-ports.ts";
import type { LaneEnd, LaneLeft } from "../../domain/sending/side-by-side.ts";
import {
  endOfLanes,
  endOfLefts,
  endsWithLane,
  sumOfRemaining,
} from "../../domain/sending/side-by-side.ts";
import type { TakeOver } from "../../domain/sending/take-over.ts";
import { takeOver } from "../../domain/sending/take-over.ts";
import type { Remaining } from "../../domain/sending/turn.ts";
import { mayPass } from "../failures.ts";
import { holderWords, holdNow, LOOK_MS } from "./holding.ts";
import type { Lane, RunContext, SendingOptions } from "./lane-run.ts";

/** What the loops need of the ledger. */
type LoopsLedger = LockLedger &
  Pick<RunLedger, "findCampaign" | "remaining"> &
  Pick<ReadinessLedger, "recoverClaims" | "pace">;

/** A lane as far as the loops look at it. */
export type LoopLane = Pick<Lane, "name" | "limit" | "progress">;

/** What a run gives its loops. */
export interface LoopsRun<L extends LoopLane> {
  options: Pick<SendingOptions, "campaign" | "hold" | "takesOver" | "clock" | "limit"> & {
    ledger: LoopsLedger;
  };
  /** Aborted: claim no more. */
  stop: AbortSignal;
  /** Lanes that were just taken, as their loops have them. @param limit that they share */
  lanesOf(found: readonly TakeOver[], limit: number | null): Promise<L[]>;
  /** Runs the loop of a lane. @param stop aborted: claim no more */
  send(lane: L, stop: AbortSignal): Promise<RunEnd>;
  /** Prints a line for people. */
  say(line: string): void;
  doneWith: RunContext["doneWith"];
}

interface Loops {
  run: LoopsRun<LoopLane>;
  /** Every lane that it had so far. */
  lanes: LoopLane[];
  atWork: Map<string, Promise<void>>;
  ends: LaneEnd[];
  /** Lanes that other processes have, or had, and that people may wait for. */
  wanted: Set<string>;
  /** Of these, lanes of other campaigns on which people wait. */
  known: Set<string>;
  inDoubt: number;
  failures: unknown[];
  /** Aborted by a bug of one loop, which ends the others in order. */
  broken: AbortController;
}

/**
 * Runs a loop for each lane, and gives each lane back when its loop has ended.
 * @param lanes which the caller holds; those that are taken over are added
 * @returns how each loop ended, and how many were in doubt on lanes that were taken over
 */
export async function sendByLanes<L extends LoopLane>(
  lanes: L[],
  run: LoopsRun<L>,
): Promise<Pick<Loops, "ends" | "inDoubt">> {
  const { campaign, hold } = run.options;
  const broken = new AbortController();
  const loops: Loops = {
    ...{ lanes, ends: [], inDoubt: 0, failures: [], broken },
    run: { ...run, stop: AbortSignal.any([run.stop, broken.signal]) },
    atWork: new Map(),
    wanted: new Set(campaign.lanes.filter((lane) => !hold.lanes.includes(lane))),
    known: new Set(),
  };
  for (const lane of [...lanes]) begin(loops, lane, hold);
  while (isStaying(loops)) {
    await nextLook(loops);
    if (isStaying(loops)) await takeFreeLanes(loops);
  }
  await Promise.all(loops.atWork.values());
  if (loops.failures.length > 0) throw loops.failures[0];
  const place = ({ lane }: LaneEnd): number => campaign.lanes.indexOf(lane);
  return { ends: loops.ends.toSorted((a, b) => place(a) - place(b)), inDoubt: loops.inDoubt };
}

function begin(loops: Loops, lane: LoopLane, held: Hold): void {
  const { run } = loops;
  const isOne = run.options.campaign.lanes.length === 1;
  const work = async (): Promise<void> => {
    try {
      loops.ends.push({ lane: lane.name, end: await run.send(lane, run.stop) });
    } catch (error) {
      loops.failures.push(error);
      loops.broken.abort();
    }
    // The one lane of a campaign is given back with the run, which may wait for receipts.
    if (!isOne) await held.releaseLanes([lane.name]);
    loops.atWork.delete(lane.name);
    run.doneWith?.(lane.name);
  };
  loops.atWork.set(lane.name, work());
}

/** Whether lanes may still be taken over. */
function isStaying({ run, atWork, ends, wanted }: Loops): boolean {
  const { takesOver, clock } = run.options;
  // Of its own numbers one has something to do again: its people are not left waiting for another.
  const isDue = ({ end }: LaneEnd) =>
    end.kind === "stopped" && end.goOnAt !== null && end.goOnAt <= clock.now();
  if (atWork.size === 0 && ends.some(isDue)) return false;
  if (run.stop.aborted || wanted.size === 0 || !ends.every(({ end }) => endsWithLane(end))) {
    return false;
  }
  return takesOver === "until_through" || (takesOver === "while_sending" && atWork.size > 0);
}

/** A while, or until a loop ends. */
async function nextLook({ run, atWork }: Loops): Promise<void> {
  const woken = new AbortController();
  const signal = AbortSignal.any([run.stop, woken.signal]);
  await Promise.race([run.options.clock.sleep(LOOK_MS, signal), ...atWork.values()]);
  woken.abort();
}

async function takeFreeLanes(loops: Loops): Promise<void> {
  try {
    const free = await freeLanes(loops);
    if (free.length > 0) await take(loops, free);
  } catch (error) {
    // A ledger that is away for a moment is asked again; of other faults the loops have the word.
    if (mayPass(error) && error.fault !== "lease_lost") return;
    loops.wanted.clear();
    if (error instanceof LedgerError) return;
    loops.failures.push(error);
    loops.broken.abort();
  }
}

/** The wanted lanes that nobody has and on which people wait; none while the list is held. */
async function freeLanes(loops: Loops): Promise<string[]> {
  const { run, wanted, known, atWork } = loops;
  const { ledger, campaign } = run.options;
  const lanes = [...wanted];
  // Taking one is no way to ask: the lock of a file is waited for, which holds up those who send.
  const taken = await ledger.heldBy({ campaign: campaign.name, lanes });
  if (taken.some(({ of }) => of === "list")) return [];
  const free: string[] = [];
  for (const lane of lanes) {
    const holder = taken.find(({ name }) => name === lane);
    // A lane that is held is asked about once, and only to know whether it is worth waiting for.
    const isOfOther = holder !== undefined && holder.by?.campaign !== campaign.name;
    if (holder !== undefined && (!isOfOther || known.has(lane) || atWork.size > 0)) continue;
    const { pending, claimed, held } = await ledger.remaining(
      ...[campaign.id, placeOfLane(campaign, lane)],
    );
    if (pending + claimed + held === 0) giveUp(loops, lane);
    else if (holder === undefined) free.push(lane);
    else known.add(lane);
  }
  return free;
}

/** This run does not send from a lane. */
function giveUp({ wanted, run }: Loops, lane: string): void {
  wanted.delete(lane);
  run.doneWith?.(lane);
}

async function take(loops: Loops, free: readonly string[]): Promise<void> {
  const { run, lanes, wanted } = loops;
  const { options, say } = run;
  const { ledger, campaign, clock } = options;
  const limit = limitLeft(loops);
  if (limit !== null && limit <= 0) return wanted.clear();
  const held = await holdNow(ledger, { campaign: campaign.name, lanes: free, clock });
  if (held.kind === "busy") return;
  try {
    const record = await ledger.findCampaign(campaign.name);
    // While this run had no lane another one may have planned the campaign otherwise.
    if (record === undefined || !isSamePlan(record, campaign)) return wanted.clear();
    const left = held.lanes.filter((lane) => recordOfLane(record, lane).state === "halted");
    for (const lane of left) giveUp(loops, lane);
    await held.releaseLanes(left);
    const mine = held.lanes.filter((lane) => !left.includes(lane));
    const found = await takeOverAll(mine, options, say);
    loops.inDoubt += found.reduce((sum, one) => sum + one.inDoubt, 0);
    for (const lane of await run.lanesOf(found, limit)) {
      wanted.delete(lane.name);
      lanes.push(lane);
      const open = plural(lane.progress.open, "recipient");
      say(`Number ${lane.name} is free: this run takes it over, with ${open}.`);
      begin(loops, lane, held);
    }
  } finally {
    await held.releaseList();
    const idle = held.lanes.filter((lane) => !loops.atWork.has(lane));
    await held.releaseLanes(idle);
  }
}

/** What is left of a limit of the whole run; null when there is none. */
function limitLeft({ run, lanes, atWork }: Loops): number | null {
  const { limit } = run.options;
  if (limit === null) return null;
  const givenOut = lanes.map(({ name, limit: own, progress }) =>
    atWork.has(name) && own !== null ? own : progress.posted,
  );
  return limit - givenOut.reduce((sum, one) => sum + one, 0);
}

function isSamePlan(now: CampaignRecord, before: CampaignRecord): boolean {
  const isWhole = now.recipients !== null && now.replanning === null;
  return isWhole && frozenChanges(before.frozen, now.frozen).length === 0;
}

/** Takes lanes over from the runs before; the caller holds them. @param say prints a line */
export async function takeOverAll(
  lanes: readonly string[],
  { ledger, campaign, clock }: LoopsRun<LoopLane>["options"],
  say: (line: string) => void,
): Promise<TakeOver[]> {
  const found: TakeOver[] = [];
  for (const lane of lanes) {
    found.push(await takeOver(ledger, campaign, { lane, now: clock.now() }));
  }
  sayInDoubt(
    found.reduce((sum, { inDoubt }) => sum + inDoubt, 0),
    say,
  );
  return found;
}

/**
 * How the run ended over its lanes. It is through only when the whole campaign is, whichever
 * process sends the rest.
 */
export async function endOfRun(
  ends: readonly LaneEnd[],
  { ledger, campaign }: Pick<LoopsRun<LoopLane>["options"], "ledger" | "campaign">,
): Promise<RunEnd> {
  const end = endOfLanes(ends);
  const { id, name, lanes } = campaign;
  if (lanes.length === 1 || end.kind !== "finished") return end;
  try {
    if ((await ledger.findCampaign(name))?.state === "cancelled") return end;
    const lefts: LaneLeft[] = [];
    for (const [place, lane] of lanes.entries()) {
      const left = await ledger.remaining(id, place);
      if (left.pending + left.claimed + left.held > 0) lefts.push({ lane, left, heldBy: null });
    }
    const taken = await ledger.heldBy({ campaign: name, lanes: lefts.map(({ lane }) => lane) });
    for (const one of taken) {
      const left = lefts.find(({ lane }) => one.of === "lane" && lane === one.name);
      if (left !== undefined) left.heldBy = holderWords(one);
    }
    return endOfLefts(lefts);
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    if (error.fault !== "busy" && error.fault !== "unreachable") throw error;
    return stopped(`ledger_${error.fault}`, error.message, null);
  }
}

/** Of a campaign that sends nothing: a run may have been killed before a person stopped it. */
export async function settleClaims(
  campaign: CampaignRecord,
  {
    ledger,
    hold,
    clock,
  }: {
    ledger: Pick<ReadinessLedger, "recoverClaims">;
    hold: Pick<Hold, "lanes">;
    clock: Pick<Clock, "now">;
  },
  say: (line: string) => void,
): Promise<void> {
  let inDoubt = 0;
  for (const lane of hold.lanes) {
    const place = placeOfLane(campaign, lane);
    inDoubt += await ledger.recoverClaims(campaign.id, clock.now(), place);
  }
  sayInDoubt(inDoubt, say);
}

/** What waits on some lanes of a campaign. */
export async function remainingOn(
  ledger: Pick<RunLedger, "remaining">,
  campaign: CampaignRecord,
  lanes: readonly string[],
): Promise<Remaining> {
  if (lanes.length === campaign.lanes.length) return ledger.remaining(campaign.id);
  const lefts: Remaining[] = [];
  for (const lane of lanes) {
    lefts.push(await ledger.remaining(campaign.id, placeOfLane(campaign, lane)));
  }
  return sumOfRemaining(lefts);
}

/** How many wait on lanes that were taken over. */
export function openOf(found: readonly TakeOver[]): number {
  return found.reduce((sum, { left }) => sum + left.pending + left.held, 0);
}

/** One line about those whom a run that ended uncleanly left in doubt; nothing about none. */
function sayInDoubt(inDoubt: number, say: (line: string) => void): void {
  if (inDoubt === 0) return;
  say(
    `${plural(inDoubt, "recipient")} of a run that ended uncleanly ${inDoubt === 1 ? "is" : "are"} in doubt (unknown), and not sent to again.`,
  );
}
