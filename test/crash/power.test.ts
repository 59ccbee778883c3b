// The promises when the power goes: the ledger's files are put back as they were at their last
// sync, with any part of what was being written. And the counter-proof: without waiting for the
// disk the same cut makes the campaign post twice.

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { makeChance } from "../support/chance.ts";
import { startGround } from "./ground.ts";
import { attempt } from "./trial.ts";

const TRIAL_MS = 120_000;
const SEED = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
const SMALL = { people: 40, rate: 200, inFlight: 8, needs: "little" as const };

let ground: Awaited<ReturnType<typeof startGround>>;
beforeAll(async () => {
  ground = await startGround();
});
afterAll(async () => {
  await ground.close();
});

describe(`the power goes (seed ${SEED})`, () => {
  it.concurrent.each([
    { kept: 0, at: ["claim.after_commit:2", "outcome.after_commit:2", "request.after_write:3"] },
    { kept: 0.5, at: ["plan.after_commit:1", "claim.after_commit:3", "outcome.after_commit:3"] },
    { kept: 0.9, at: ["migrate.after_commit:1", "plan_end.after_commit:1", "answer.arrived:6"] },
  ])("with $kept of the last writes kept, at $at", { timeout: TRIAL_MS }, async ({ kept, at }) => {
    const strikes = at.map((text) => {
      const [point, nth] = text.split(":") as [string, string];
      return { at: point, nth: Number(nth) };
    });
    const judgement = await attempt({
      ground,
      chance: makeChance(SEED),
      ...SMALL,
      people: 60,
      strikes,
      power: { kept },
    });
    expect(judgement.kills).toBe(strikes.length);
    expect(judgement.broken).toEqual([]);
  });

  it("and with commits that do not wait for the disk, people get it twice", {
    timeout: TRIAL_MS,
  }, async () => {
    const judgement = await attempt({
      ground,
      chance: makeChance(SEED),
      ...SMALL,
      strikes: [{ at: "outcome.after_commit", nth: 5 }],
      power: { kept: 0, weak: true },
    });
    expect(judgement.kills).toBe(1);
    expect(judgement.twice).toBeGreaterThan(0);
  });
});
