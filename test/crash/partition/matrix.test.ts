// Everything that can happen to the machine that sends, or to the database: played with machines in
// network namespaces of their own, judged by the log of the Graph server, and drawn in
// docs/machine-faults.md. Each event happens at every other moment, and the next one at the others;
// MATRIX=whole plays all, as the page has them.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeFolder } from "../../support/harness.ts";
import type { PostgresServer } from "../../support/postgres.ts";
import { startPostgres } from "../../support/postgres.ts";
import { startGround } from "../ground.ts";
import type { Moment } from "./cluster.ts";
import { MOMENTS } from "./cluster.ts";
import type { MatrixEvent } from "./events.ts";
import { EVENTS } from "./events.ts";
import type { Network } from "./network.ts";
import { makeNetwork, whyNoNetwork } from "./network.ts";
import type { RowResult } from "./play.ts";
import { play } from "./play.ts";
import { renderMatrix, withoutFigures } from "./render.ts";

const DRAWS = process.env.UPDATE_DOCS === "1";
const IS_WHOLE = DRAWS || process.env.MATRIX === "whole";
const NO_NETWORK = whyNoNetwork();
const DOCUMENT = new URL("../../../docs/machine-faults.md", import.meta.url).pathname;
const MACHINES = 3;
/** Rows that are played at the same time, each on machines of its own. */
const AT_ONCE = 4;
const RATE = 50;
/** More than are sent until the last event of a row, also where a machine is slow to begin. */
const PACE = { rate: RATE, inFlight: 16, people: 600 };
/** Of posts that a second may have more, by the network's jitter. */
const JITTER = 1.02;
/** The ordinary lease is tried by hand: MATRIX_LEASE_MS=10000. */
const LEASE_MS = Number(process.env.MATRIX_LEASE_MS ?? 2_000);
/** How much longer than the lease a takeover may take. */
const BEYOND_MS = 1_000;
/** Of a busy computer: a machine is as late as this process, or so many times that. */
const LATE_TIMES = 3;
/** The last line of a run that finds its lane with another one. */
const TAKEN_OVER = "has taken the lane over";
/** Exit codes that a run may have: through, refused, halted, to be called again; none when killed. */
const EXPECTED: readonly (number | null)[] = [0, 75, null];
const REFUSED: readonly (number | null)[] = [2, 3];

const { folder, remove } = makeFolder();
const results = new Map<string, Promise<RowResult>>();
let networks: Network[] = [];
let shared: PostgresServer | undefined;

/** The moments at which an event is played here. */
function momentsOf(event: MatrixEvent): readonly Moment[] {
  const all = event.moments ?? MOMENTS;
  const first = EVENTS.indexOf(event) % 2;
  return IS_WHOLE || all.length < 2 ? all : all.filter((_, at) => at % 2 === first);
}

/** Plays a row on the machines of a network, which are free. */
async function playOn(network: Network, event: MatrixEvent): Promise<RowResult> {
  const own = join(folder, String(EVENTS.indexOf(event)));
  mkdirSync(own);
  const ground = await startGround(event.hasStandby ? 1 : null);
  const server = event.ownServer ? await startServer([network]) : (shared as PostgresServer);
  try {
    const setting = { server, network, ground, folder: own, leaseMs: LEASE_MS };
    return await play(event, momentsOf(event), { ...setting, ...PACE });
  } finally {
    await ground.close();
    if (event.ownServer) await server.end();
  }
}

function startServer(reaching: readonly Network[]): Promise<PostgresServer> {
  const hosts = ["127.0.0.1", ...reaching.map(({ databaseHost }) => databaseHost)];
  return startPostgres({
    clients: reaching.map(({ range }) => range),
    settings: { listen_addresses: hosts.join(",") },
  });
}

describe.skipIf(NO_NETWORK !== undefined)("three machines with one list", () => {
  beforeAll(async () => {
    for (let at = 0; at < AT_ONCE; at += 1) networks.push(await makeNetwork(folder, MACHINES));
    shared = await startServer(networks);
    const free = [...networks];
    const queue = EVENTS.toSorted((a, b) => (b.lasts ?? 0) - (a.lasts ?? 0));
    const begins = new Map<string, (result: Promise<RowResult>) => void>();
    for (const { name } of EVENTS) {
      const result = new Promise<RowResult>((resolve) => begins.set(name, resolve));
      // Each is reported by its own test.
      result.catch(() => {});
      results.set(name, result);
    }
    const worker = async (network: Network) => {
      for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
        const result = playOn(network, event);
        begins.get(event.name)?.(result);
        await result.catch(() => {});
      }
    };
    for (const network of free) void worker(network);
  });
  afterAll(async () => {
    await Promise.allSettled(results.values());
    await shared?.end();
    for (const network of networks) await network.end();
    networks = [];
    remove();
  });

  it.each(EVENTS.map((event) => [event.name, event] as const))("%s", async (name, event) => {
    const result = (await results.get(name)) as RowResult;
    const shown = JSON.stringify(result, null, 1);
    expect(result, shown).toMatchObject({ twice: 0, lost: 0, violations: [], state: "finished" });
    // Requests that the network to Graph held back arrive together with later ones.
    const heldBack = event.goesOn === "the same machine" ? PACE.inFlight : 0;
    // What arrives within a second left within a second and as long as the busy computer held it.
    const within = 1 + result.lateMs / 1_000;
    expect(result.fastest, shown).toBeLessThanOrEqual(RATE * JITTER * within + heldBack);
    for (const { takeoverMs, unknown, lateMs } of result.cells) {
      expect(unknown, shown).toBeLessThanOrEqual(result.bound);
      if (event.goesOn === "another machine") {
        const reachMs = LEASE_MS + BEYOND_MS + LATE_TIMES * lateMs;
        expect(takeoverMs, shown).toBeLessThanOrEqual(reachMs);
      }
      // A machine that got no processor time for so long may have lost its lane besides.
      const hasTime = LATE_TIMES * lateMs < LEASE_MS;
      if (event.goesOn === "the same machine" && hasTime) expect(takeoverMs, shown).toBeNull();
    }
    // What was stopped or cut off says who goes on, each time.
    const taken = result.ends.filter(({ last }) => last.includes(TAKEN_OVER));
    if (event.isTakenOver) expect(taken, shown).toHaveLength(result.cells.length);
    const codes = event.hasStandby ? [...EXPECTED, ...REFUSED] : EXPECTED;
    for (const { code } of result.ends) expect(codes, shown).toContain(code);
  });

  it("is drawn in docs/machine-faults.md", async () => {
    const played = EVENTS.map(async (event) => {
      const { cells } = (await results.get(event.name)) as RowResult;
      return { event, cells };
    });
    const drawn = renderMatrix(await Promise.all(played), LEASE_MS);
    if (DRAWS) writeFileSync(DOCUMENT, drawn);
    expect(withoutFigures(readFileSync(DOCUMENT, "utf8"))).toBe(withoutFigures(drawn));
  });
});

it.skipIf(NO_NETWORK === undefined)(`the machines cannot be made here: ${NO_NETWORK}`, () => {});
