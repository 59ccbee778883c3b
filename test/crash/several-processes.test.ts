// One campaign of two numbers that several processes send, on either engine. Each that is killed is
// followed by another one: nobody twice, nobody lost, by the sandbox's own log.

import { afterAll, describe, expect, it } from "vitest";

import type { Running, TestSandbox } from "../support/harness.ts";
import { claimedAtMost, makeFolder, start } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";
import type { PostgresServer } from "../support/postgres.ts";
import { ledgerUrl, startPostgres } from "../support/postgres.ts";
import {
  ENV,
  FIRST,
  reachedBy,
  SECOND,
  startAccount,
  takenBy,
  writeCampaign,
  writeOther,
} from "../support/several-numbers.ts";

/** Of each number: so many that a run at the slow pace is at work for minutes, whatever happens. */
const MANY = 450;
const FEW = 40;
const SLOW = 5;
const FAST = 400;
const LEASE_MS = 2_000;
/** Requests in flight, at most, of a number. */
const IN_FLIGHT = 16;

type Env = Record<string, string>;

let server: PostgresServer | undefined;
afterAll(() => server?.end());

async function onServer(): Promise<Env> {
  server ??= await startPostgres();
  const url = new URL(await ledgerUrl(server));
  url.searchParams.set("lease_ms", String(LEASE_MS));
  return { CAMPAIGN_LEDGER: url.href };
}

interface Scene {
  folder: string;
  sandbox: TestSandbox;
  env: Env;
  begin(...args: string[]): Running;
  /** Lets the runs that begin from now on end soon. */
  speedUp(): void;
  /** Until a number has reached so many more of the campaign's people. */
  untilMore(running: Running, lane: string, more: number): Promise<void>;
  kill(running: Running): Promise<void>;
}

/** The first number is busy with another campaign. */
async function withScene(
  { place, people }: { place: () => Promise<Env>; people: number },
  play: (scene: Scene) => Promise<number>,
): Promise<void> {
  const { folder, remove } = makeFolder();
  const sandbox = await startAccount(folder);
  try {
    const write = (rate: number) =>
      writeCampaign(folder, sandbox.url, {
        ...{ brazilians: people, mexicans: people, rates: [rate, rate] },
      });
    write(SLOW);
    const env = { ...ENV, ...(await place()) };
    const reached = (lane: string) => reachedBy(sandbox.log)[lane] ?? 0;
    const kills = await play({
      ...{ folder, sandbox, env },
      begin: (...args) => start(args, { cwd: folder, env }),
      speedUp: () => write(FAST),
      async untilMore(running, lane, more) {
        const from = reached(lane);
        await running.until(() => reached(lane) >= from + more);
      },
      async kill(running) {
        running.child.kill("SIGKILL");
        await running.ended;
      },
    });

    const taken = Object.values(takenBy(sandbox.log)).flat();
    expect(taken).toHaveLength(new Set(taken).size);
    const status = await campaign(["status", "campaign.yaml", "--json"], { cwd: folder, env });
    const { state, counts } = JSON.parse(status.stdout);
    expect([state, counts.accepted + (counts.unknown ?? 0)]).toEqual(["finished", 2 * people]);
    // Who was not taken is one whose answer is not known.
    const ours = reached(FIRST) + reached(SECOND);
    expect(ours).toBeGreaterThanOrEqual(counts.accepted);
    const perKill = 2 * claimedAtMost({ rate: FAST, inFlight: IN_FLIGHT });
    expect(counts.unknown ?? 0).toBeLessThanOrEqual(kills * perKill);
    const doctor = await campaign(["doctor"], { cwd: folder, env });
    expect(doctor.code, doctor.stdout + doctor.stderr).toBe(0);
  } finally {
    await sandbox.kill();
    remove();
  }
}

const PLACES: [string, () => Promise<Env>][] = [
  ["a file", async () => ({})],
  ["a server", onServer],
];

describe.each(PLACES)("a campaign of two numbers with its ledger in %s", (_, place) => {
  it("is gone on with by whichever run is left, on every number", async () => {
    await withScene({ place, people: MANY }, async (scene) => {
      const { folder, sandbox, begin, untilMore, kill } = scene;
      const other = begin(writeOther(folder, sandbox.url), "--yes");
      await other.until(() => (takenBy(sandbox.log)[FIRST] ?? []).length > 0);
      const one = begin("campaign.yaml");
      await untilMore(one, SECOND, 5);
      other.child.kill("SIGTERM");
      await other.ended;
      const two = begin("campaign.yaml", "--wait");
      await untilMore(two, FIRST, 5);
      expect(reachedBy(sandbox.log)[SECOND]).toBeGreaterThan(5);

      // While it sends from its own number it takes over the one of the run that is killed.
      await kill(one);
      await two.saw(new RegExp(`Number ${SECOND} is free: this run takes it over`));
      await untilMore(two, SECOND, 5);
      // A third one finds both in use, and has them once the second one is killed.
      const busy = await begin("campaign.yaml").ended;
      expect(busy.code).toBe(75);
      const lanes = `the lanes ${FIRST}, ${SECOND} are held by process ${two.child.pid} on `;
      expect(busy.stderr).toContain(lanes);
      const three = begin("campaign.yaml", "--wait");
      await three.saw(/^Waiting: the lanes/m);
      await kill(two);
      await untilMore(three, FIRST, 5);
      await untilMore(three, SECOND, 5);
      await kill(three);
      // The next line of cron.
      scene.speedUp();
      const last = await begin("campaign.yaml", "--wait").ended;
      expect(last.code, last.stderr).toBe(0);
      return 3;
    });
  });

  it("stays with a run that waits until the last number is through, by whichever process", async () => {
    await withScene({ place, people: FEW }, async (scene) => {
      const { folder, sandbox, begin, untilMore, kill } = scene;
      const other = begin(writeOther(folder, sandbox.url), "--yes");
      await other.until(() => (takenBy(sandbox.log)[FIRST] ?? []).length > 0);
      const one = begin("campaign.yaml", "--wait", "--json");
      await untilMore(one, SECOND, 5);
      await kill(other);
      await untilMore(one, FIRST, 5);
      const ended = await one.ended;
      expect(ended.code, ended.stderr).toBe(0);
      expect(JSON.parse(ended.stdout)).toMatchObject({
        state: "finished",
        counts: { accepted: 2 * FEW },
      });
      return 0;
    });
  });

  it("is gone on with by workers, one of which is killed", async () => {
    await withScene({ place, people: MANY }, async (scene) => {
      const { folder, sandbox, env, begin, untilMore, kill } = scene;
      const other = writeOther(folder, sandbox.url);
      for (const manifest of [other, "campaign.yaml"]) {
        const planned = await campaign([manifest, "--plan-only"], { cwd: folder, env });
        expect(planned.code, planned.stderr).toBe(0);
      }
      // The older campaign has the first number, and the younger one what is left.
      const one = begin("work");
      await one.until(() => (takenBy(sandbox.log)[FIRST] ?? []).length > 0);
      await untilMore(one, SECOND, 5);
      const two = begin("work");
      await two.saw(/^Working on its campaigns/m);
      const cancelled = await campaign(["cancel", other, "--yes"], { cwd: folder, env });
      expect(cancelled.code, cancelled.stderr).toBe(0);
      // Whichever of the two looks first has it.
      await untilMore(one, FIRST, 5);
      await kill(one);
      await untilMore(two, FIRST, 5);
      await untilMore(two, SECOND, 5);
      two.child.kill("SIGTERM");
      expect((await two.ended).code).toBe(0);
      scene.speedUp();
      const last = await begin("work", "--once").ended;
      expect(last.code, last.stderr).toBe(0);
      return 1;
    });
  });
});
