// Plays a row of the matrix: one campaign, in which an event happens at one moment after the other.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { campaign, claimedAtMost, sandboxEvents } from "../../support/harness.ts";
import { LATENCY } from "../ground.ts";
import type { RunEnded, Verdict } from "../machines.ts";
import { judge, until } from "../machines.ts";
import type { Cluster, ClusterOptions, Machine, Moment } from "./cluster.ts";
import { MOMENTS, makeCluster } from "./cluster.ts";
import type { MatrixEvent, Scene } from "./events.ts";

/** Messages between two events. */
const BETWEEN = 15;
const LOOK_MS = 10;
/** How long Graph takes for an answer while a machine starts, so that the campaign is not through. */
const SLOW = { min: 6_000, max: 6_000 };
/** What a person decides once the receipts are imported: they, too, prove that messages are missing. */
const DESPITE = ["database_failed_over", "ledger_went_back"];

/** What an event at a moment led to. */
export interface CellResult {
  moment: Moment;
  /** Until another run had the lane, from the event on; null where the same one kept it. */
  takeoverMs: number | null;
  /** Until Graph got the next message, from the event on. */
  resumedMs: number;
  /** Dispatches that became unknown, without those that a late answer or a receipt has settled. */
  unknown: number;
  /** How late this process itself was meanwhile, for want of processor time. */
  lateMs: number;
}

export interface RowResult extends Verdict {
  cells: CellResult[];
  ends: RunEnded[];
  /** What a cell may have of unknown ones. */
  bound: number;
  /** How late this process itself was in the whole row, for want of processor time. */
  lateMs: number;
}

/** Lives through the event at these moments, lets the campaign end, and judges it. */
export async function play(
  event: MatrixEvent,
  moments: readonly Moment[],
  options: ClusterOptions,
): Promise<RowResult> {
  const cluster = await makeCluster(options);
  const cells: CellResult[] = [];
  const lateness = watchLateness();
  try {
    for (const moment of moments) {
      cells.push(await playCell(event, moment, options, cluster));
    }
    await cluster.allEnded();
    const lateMs = lateness();
    const verdict = await judge(options, cluster.schema);
    return { cells, ends: cluster.ends, bound: claimedAtMost(options), lateMs, ...verdict };
  } finally {
    lateness();
    await cluster.close();
  }
}

async function playCell(
  event: MatrixEvent,
  moment: Moment,
  options: ClusterOptions,
  cluster: Cluster,
): Promise<CellResult> {
  const { accepted } = cluster;
  const standby = event.hasStandby ? await options.server.follow() : undefined;
  const sent = async (messages: number) => {
    const due = accepted() + messages;
    await until(async () => accepted() >= due || requireOpen(cluster));
  };
  let pid: number | undefined;
  let struckAt = performance.now();
  let takenAt: number | undefined;
  const taken = async () => {
    while (takenAt === undefined) {
      requireOpen(cluster);
      const now = (await cluster.lane())?.pid;
      if (now !== undefined && now !== pid) takenAt = performance.now();
      else await sleep(LOOK_MS);
    }
  };
  const struck = () => {
    struckAt = performance.now();
  };
  const scene = { options, cluster, taken, struck, sent, standby };
  const owner = await standStill(event, moment, scene);
  pid = owner.run.child.pid;
  const before = await cluster.unknown();
  const lateness = watchLateness();
  await event.strike({ ...scene, owner });
  if (event.goesOn === "no machine, until a person decides") await decide(cluster, options);
  else if (event.goesOn === "another machine") await taken();
  await sent(1);
  const resumedMs = performance.now() - struckAt;
  // Nobody has the lane once the campaign is through.
  const now = await until(async () => (await cluster.lane()) ?? (cluster.isOver() && { pid }));
  if (now.pid !== pid) takenAt ??= performance.now();
  const takeoverMs = takenAt === undefined ? null : takenAt - struckAt;
  const unknown = (await cluster.unknown()) - before;
  return { moment, takeoverMs, resumedMs, unknown, lateMs: lateness() };
}

/** @throws when the last run has ended before the last event */
function requireOpen({ isOver, ends }: Cluster): false {
  if (!isOver()) return false;
  throw new Error(`every run ended before the event:\n${JSON.stringify(ends, null, 1)}`);
}

/** Who has the lane, once a machine has it. @throws when the last run has ended */
function laneOf(cluster: Cluster): Promise<{ machine: Machine; pid: number }> {
  return until(async () => (await cluster.lane()) ?? requireOpen(cluster));
}

/** Gives the machine that has the lane once it stands still at the moment, while others wait. */
async function standStill(
  event: MatrixEvent,
  moment: Moment,
  scene: Omit<Scene, "owner">,
): Promise<Machine> {
  const { cluster, sent } = scene;
  const { machines } = cluster;
  const [first] = machines;
  if (first?.isIdle()) {
    // It plans, and begins again together with the others.
    cluster.begin(first, "--limit", "1");
    await first.run.ended;
    for (const machine of machines) if (machine !== first) cluster.begin(machine);
  }
  await sent(BETWEEN);
  const waiting = await waitingMachines(scene);
  await event.prepare?.(scene);
  if (moment === MOMENTS[0]) return standAtFirstClaim(scene, waiting);
  for (;;) {
    const { machine, pid } = await laneOf(cluster);
    machine.arm(moment);
    const isReached = await until(async () => {
      if (machine.hasReached()) return "yes";
      requireOpen(cluster);
      return (await cluster.lane())?.pid !== pid && "no";
    });
    if (isReached === "yes") return machine;
    machine.disarm();
  }
}

/** Gives the machines that wait for the lane; until there is one, Graph is slow. */
async function waitingMachines({
  cluster,
  options: { ground },
}: Omit<Scene, "owner">): Promise<Machine[]> {
  const { machines } = cluster;
  const found = () => machines.filter((machine) => machine.isWaiting());
  if (found().length > 0) return found();
  await ground.sandbox.patch({ latency_ms: SLOW });
  await until(async () => found().length > 0 || requireOpen(cluster));
  await ground.sandbox.patch({ latency_ms: LATENCY });
  return found();
}

/**
 * Only the first claim of a run has no outcomes that are committed with it: the run at work is
 * stopped as by Ctrl-C, and one of those that waited stands still.
 */
async function standAtFirstClaim(
  scene: Omit<Scene, "owner">,
  waiting: Machine[],
): Promise<Machine> {
  const { cluster } = scene;
  const { machine, pid: stopped } = await laneOf(cluster);
  for (const other of waiting) other.arm(MOMENTS[0]);
  machine.run.child.kill("SIGINT");
  const found = await until(async () => {
    const owner = waiting.find((other) => other.hasReached());
    if (owner !== undefined) return { owner };
    requireOpen(cluster);
    // A machine that did not wait, such as the one that was stopped, was the first to have the lane.
    const lane = await cluster.lane();
    const isOther = lane && lane.pid !== stopped && !waiting.includes(lane.machine);
    return isOther && { owner };
  });
  for (const other of waiting) if (other !== found.owner) other.disarm();
  return found.owner ?? standAtFirstClaim(scene, await waitingMachines(scene));
}

/** Every run has stopped: what the webhooks reported is imported, and a person lets one go on. */
async function decide(cluster: Cluster, { ground }: ClusterOptions): Promise<void> {
  const { machines, accepted } = cluster;
  await cluster.allEnded();
  const [first, ...others] = machines;
  if (first === undefined) return;
  const reported = await until(async () => reportedBodies(ground.sandbox.log));
  writeFileSync(join(first.folder, "bodies.jsonl"), reported);
  const env = { CAMPAIGN_LEDGER: cluster.address };
  const args = ["receipts", "import", "bodies.jsonl"];
  const imported = await campaign(args, { cwd: first.folder, env });
  if (imported.code !== 0) throw new Error(imported.stderr);
  const before = accepted();
  cluster.begin(first, ...DESPITE.flatMap((finding) => ["--despite", finding]));
  await first.run.until(() => accepted() > before);
  for (const other of others) cluster.begin(other);
}

/** The webhook bodies of a sandbox, one a line; undefined until each message has one. */
function reportedBodies(log: string): string | undefined {
  const events = sandboxEvents(log);
  const receipts = events.filter(({ event }) => event === "receipt");
  const known = new Set(receipts.map(({ id }) => id));
  if (events.some(({ event, id }) => event === "accepted" && !known.has(id))) return undefined;
  return receipts.map(({ body }) => `${JSON.stringify(body)}\n`).join("");
}

/** How much later than it was due a timer came at most, in milliseconds. */
function watchLateness(): () => number {
  let due = performance.now() + LOOK_MS;
  let most = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    most = Math.max(most, now - due);
    due = now + LOOK_MS;
  }, LOOK_MS);
  return () => {
    clearInterval(timer);
    return most;
  };
}
