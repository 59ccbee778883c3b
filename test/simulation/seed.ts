// Lives through one seed: a campaign is planned, runners end in every way, and at last one finishes
// in calm weather.

import type { Stop } from "../../src/domain/campaign/campaign.ts";
import type { PlannedRow } from "../../src/domain/campaign/row.ts";
import type { PlacedLedger } from "../../src/ledger/placed-ledger.ts";
import { SimulatedGraph } from "./graph.ts";
import { Watch } from "./lane-watch.ts";
import { LeaseTable, RULES } from "./leases.ts";
import type { Mutation } from "./mutations.ts";
import { NONE } from "./mutations.ts";
import { Oracle } from "./oracle.ts";
import { makeReceiver } from "./receiver.ts";
import type { Life, RunnerEnd } from "./runner.ts";
import { live } from "./runner.ts";
import type { Ending, Happening, Machine, Person, Scenario } from "./scenario.ts";
import { CALM, scenarioOf } from "./scenario.ts";
import { Time } from "./time.ts";
import type { World } from "./world.ts";

const HOUR_MS = 3_600_000;
/** Runners in calm weather, of which the last one has to finish. */
const CALM_RUNNERS_MAX = 40;

/** What came of a seed. */
export interface SeedResult {
  /** Promises that were broken; none when all is well. */
  broken: string[];
  /** Fault → how often it was injected. */
  injected: ReadonlyMap<string, number>;
  runners: number;
  /** Messages that Graph took. */
  taken: number;
  /** Events in order; empty unless they were asked for. */
  story: string[];
}

/** Lives through a seed on a ledger that may have had others. */
export async function liveSeed(
  ledger: PlacedLedger,
  seed: number,
  { mutation = NONE, hasStory = false }: { mutation?: Mutation; hasStory?: boolean } = {},
): Promise<SeedResult> {
  const { scenario, chance } = scenarioOf(seed);
  const time = new Time();
  const watch = new Watch();
  const injected = new Map<string, number>();
  const story: string[] = [];
  const tell = (event: () => string): void => {
    if (hasStory) story.push(`${time.now.toFixed(2).padStart(12)}  ${event()}`);
  };
  const inject = (fault: string, about = ""): void => {
    injected.set(fault, (injected.get(fault) ?? 0) + 1);
    tell(() => `fault: ${fault} ${about}`);
  };
  const leases = new LeaseTable(time, { ...RULES, ...mutation.leases }, inject);
  tell(() => JSON.stringify({ ...scenario, people: scenario.people.length }));
  const lanes = scenario.rates.map((_, place) => `1${place}${seed}`);
  const shared = { time, chance, ledger, watch, inject, tell, lanes, leases, mutation };
  const worlds = [await makeWorld(shared, `seed ${seed}`, scenario)];
  if (scenario.others.length > 0) {
    const second = { ...scenario, people: scenario.others, happenings: [] };
    worlds.push(await makeWorld(shared, `seed ${seed}, second`, second));
  }
  let runners = 0;
  const begin: Begin = (world, ending) => {
    runners += 1;
    return live(world, { id: runners, ending, mutation });
  };
  const seedLife = async (): Promise<void> => {
    const machines = scenario.machines.map((machine) => useMachine(machine, worlds, begin));
    const ends = (await Promise.all(machines)).flat();
    // Those that were stopped wake up first.
    await Promise.all(ends);
    tell(() => "from now on nothing goes wrong");
    for (const world of worlds) world.isCalm = true;
    for (const world of worlds) await finish(world, begin);
  };
  if (!(await time.drive(seedLife()))) watch.broken.push("a run waits for ever");
  const taken = worlds.reduce((sum, { graph }) => sum + graph.log.length, 0);
  return { broken: watch.broken, injected, runners, taken, story };
}

type Begin = (world: World, ending: Ending) => Life;

/** One runner after the other, each as soon as the one before is gone or stands still. */
async function useMachine(
  { startMs, endings }: Machine,
  worlds: readonly World[],
  begin: Begin,
): Promise<Promise<RunnerEnd>[]> {
  const { time, chance } = worlds[0] as World;
  const ends: Promise<RunnerEnd>[] = [];
  if (startMs > 0) await time.pass(startMs, null);
  for (const ending of endings) {
    const { end, left } = begin(chance.oneOf(worlds), ending);
    ends.push(end);
    await Promise.race([end, left]);
    await time.pass(ending.pauseMs, null);
  }
  return ends;
}

/** What the campaigns of a number share. */
type Shared = Pick<World, "time" | "chance" | "ledger" | "lanes" | "inject" | "tell" | "leases"> & {
  watch: Watch;
  mutation: Mutation;
};

async function makeWorld(
  { watch, mutation, ...shared }: Shared,
  name: string,
  scenario: Scenario,
): Promise<World> {
  const { time, chance, ledger, inject, lanes } = shared;
  const oracle = new Oracle(scenario, watch, lanes);
  const receiver = makeReceiver(() => world);
  const graph = new SimulatedGraph(scenario.people, chance, {
    taken(message) {
      oracle.taken(message, graph);
      receiver.taken(message);
    },
    shows: (how, code) => inject(`person ${how}: ${code}`),
  });
  const campaign = await plan(ledger, { name, lanes, scenario, now: time.wall() });
  const world: World = { ...shared, scenario, oracle, graph, campaign, name, isCalm: false };
  oracle.planned(await placesOf(world));
  for (const happening of scenario.happenings) {
    time.after(happening.at, () => void happen(world, happening, mutation));
  }
  return world;
}

interface Planning {
  name: string;
  lanes: readonly string[];
  scenario: Scenario;
  now: number;
}

async function plan(ledger: PlacedLedger, planning: Planning): Promise<number> {
  const { name, lanes, scenario, now } = planning;
  const [lane, ...moreLanes] = lanes as [string, ...string[]];
  const draft = { name, lane, moreLanes, frozen: {}, columns: [], now };
  const { id } = await ledger.createCampaign(draft);
  const isShuffled = scenario.ramp !== null;
  const rules = scenario.rates.map((messagesPerSecond, place) => {
    return { lane: lanes[place] as string, messagesPerSecond, regions: [] };
  });
  const ofLanes = rules.length > 1 && { lanes: rules };
  await ledger.plan(id, scenario.people.map(rowOf), now, { isShuffled, ...ofLanes });
  const recipients = { size: 0, modifiedMs: 0, sha256: "" };
  const rows = scenario.people.length;
  await ledger.finishPlanning(id, { frozen: {}, recipients, columns: [], rows, now });
  await ledger.keepFacts(id, { portfolio: lane, ttlSeconds: 30 * 86_400 }, now);
  return id;
}

/** Which lane each row has, and how it stands. */
async function placesOf({
  ledger,
  campaign,
  scenario,
}: Pick<World, "ledger" | "campaign" | "scenario">) {
  const { rows } = await ledger.outcomes(campaign, 0, scenario.people.length + 1);
  return rows.map(({ row_number, status, lane }) => ({ row: row_number ?? 0, status, lane }));
}

function rowOf({ row, phone, region }: Person): PlannedRow {
  return {
    ...{ row, line: row + 1, hash: row, phone, person: phone.slice(1), region },
    ...{ userId: null, recipientId: null, cells: "[]" },
    verdict: { kind: "send", values: "[]" },
  };
}

/** Something happens to the campaign from outside of its runners. */
async function happen(world: World, happening: Happening, mutation: Mutation): Promise<void> {
  const { ledger, campaign, time, oracle, isCalm } = world;
  if (isCalm) return;
  const now = time.wall();
  world.inject(happening.kind);
  switch (happening.kind) {
    case "opt-out": {
      const { phone, row } = happening.person;
      const entry = { phone, person: phone.slice(1), userId: null };
      await ledger.suppress([{ ...entry, reason: "asked", source: "manual" }], now);
      oracle.optsOut(phone);
      return world.tell(() => `row ${row} opts out`);
    }
    case "pause":
    case "halt": {
      const kind = happening.kind === "pause" ? "paused" : "halted";
      const stop: Stop = { kind, code: kind, sentence: "Stopped from outside.", at: now };
      await ledger.askStop(campaign, stop, now);
      time.after(happening.forMs, () => void ledger.askStop(campaign, null, time.wall()));
      return;
    }
    case "cancel":
      await ledger.cancel(campaign, now);
      return oracle.cancelled();
    case "move": {
      const from = world.lanes[happening.from] as string;
      const to = world.lanes[happening.to] as string;
      const before = await placesOf(world);
      const moved = await (mutation.move ?? ledger.moveLane)(campaign, from, to, world);
      oracle.moved(before, await placesOf(world), [from, to]);
      return world.tell(() => `${moved} people of ${from} go by ${to}`);
    }
    case "clock":
      time.offset += happening.byMs;
      oracle.jumped();
      return world.tell(() => `the wall clock jumps by ${happening.byMs} ms`);
  }
}

/** Runs until the campaign is finished and every receipt has come. */
async function finish(world: World, begin: Begin): Promise<void> {
  const { ledger, campaign, time, oracle, graph, scenario } = world;
  for (let runners = 1; runners <= CALM_RUNNERS_MAX; runners += 1) {
    await ledger.askStop(campaign, null, time.wall());
    const end = await begin(world, CALM).end;
    for (const lane of world.lanes) {
      if ((await ledger.wentBack(lane)) === null) continue;
      oracle.fail("a receipt proves an attempt that the ledger does not have");
    }
    if (oracle.isBroken) return;
    if (isBlind(end)) await takeOn(world);
    await time.pass(pauseAfter(end, time.wall()), null);
    if (end.kind !== "finished" && end.kind !== "idle") continue;
    // What is on its way arrives, and receipts come.
    await time.pass(2 * HOUR_MS, null);
    const { pending, held, claimed } = await ledger.remaining(campaign);
    if (pending + held + claimed > 0) continue;
    const { rows } = await ledger.outcomes(campaign, 0, scenario.people.length + 1);
    const state = (await ledger.findCampaign(world.name))?.state;
    // A number that halted keeps its campaign halted until a run has it, people or not.
    if (state === "halted") continue;
    const right = oracle.isCancelled ? "cancelled" : "finished";
    if (state !== right) oracle.fail(`the campaign is ${right}, and the ledger has ${state}`);
    oracle.finished(graph, rows);
    return;
  }
  oracle.fail(`the campaign does not finish in ${CALM_RUNNERS_MAX} runs without a fault`);
}

/** Of nobody of the step is it known whether they were reached, and no receipt will say. */
function isBlind(end: RunnerEnd): boolean {
  return end.kind === "stopped" && end.why === "ramp_blind";
}

/** A person takes the ramp on. */
async function takeOn({ ledger, campaign, oracle, time }: World): Promise<void> {
  const { step } = await ledger.rampState(campaign, time.wall());
  if (await ledger.moveRamp(campaign, step, step + 1, time.wall())) oracle.stepped(step + 1);
}

function pauseAfter(end: RunnerEnd, now: number): number {
  if (end.kind === "stopped" && end.goOnAt !== null) return Math.max(0, end.goOnAt - now) + 1;
  return end.kind === "finished" ? 1 : 60_000;
}
