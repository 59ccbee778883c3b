// The promises under kill -9 at random instants. The seed is printed, and can be set: CRASH_SEED=…;
// CRASH_KILLS=… for more.

import { afterAll, beforeAll, expect, it } from "vitest";

import { makeChance } from "../support/chance.ts";
import { startGround } from "./ground.ts";
import { attempt } from "./trial.ts";

const SEED = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
const KILLS = Number(process.env.CRASH_KILLS ?? 4);
const TRIAL_MS = 20_000 + KILLS * 10_000;
/** A run starts, waits out the second of the run before it, and sends for about two seconds. */
const KILL_MS = { least: 300, most: 2_400 };

let ground: Awaited<ReturnType<typeof startGround>>;
beforeAll(async () => {
  ground = await startGround();
});
afterAll(async () => {
  await ground.close();
});

it(`killed at random instants: nobody twice, nobody lost (seed ${SEED})`, {
  timeout: TRIAL_MS,
}, async () => {
  const chance = makeChance(SEED);
  const { least, most } = KILL_MS;
  const strikes = Array.from({ length: KILLS }, () => ({ afterMs: chance.whole(least, most) }));
  const judgement = await attempt({
    ground,
    chance,
    people: 600,
    rate: 300,
    inFlight: 32,
    needs: "little",
    strikes,
  });
  expect(judgement.broken).toEqual([]);
  expect(judgement.kills).toBeGreaterThan(0);
  const { kills, runs, unknown, bound } = judgement;
  process.stdout.write(
    `crash: seed ${SEED}, ${kills} kills, ${runs} runs, ${unknown} unknown of at most ${bound}\n`,
  );
});
