// The promises at every named point: the program is killed there, started again, and judged by the
// server's log. A short version; `npm run torture` climbs every ladder to its end.

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { makeChance } from "../support/chance.ts";
import { startGround } from "./ground.ts";
import type { Strike } from "./points.ts";
import { POINTS } from "./points.ts";
import type { Judgement, TrialOptions } from "./trial.ts";
import { attempt } from "./trial.ts";

const TRIAL_MS = 120_000;
const PACE = { rate: 200, inFlight: 8 };

let ground: Awaited<ReturnType<typeof startGround>>;
beforeAll(async () => {
  ground = await startGround();
});
afterAll(async () => {
  await ground.close();
});

/**
 * Chains of points: each is struck in the run that goes on from the one before it, in one campaign.
 */
const CHAINS: { name: string; needs: TrialOptions["needs"]; people: number; at: string[] }[] = [
  {
    name: "while the ledger is made",
    needs: "little",
    people: 10,
    at: [
      "open.before:1",
      "open.after:1",
      "migrate.before_commit:1",
      "migrate.after_commit:1",
      "lock.taken:1",
      "lock.taken:2",
    ],
  },
  {
    name: "while opt-outs are imported",
    needs: "long_optouts",
    people: 10,
    at: ["import.before_commit:1", "import.after_commit:1", "import.before_commit:2"],
  },
  {
    name: "in planning",
    needs: "little",
    people: 20,
    at: [
      "create.before_commit:1",
      "create.after_commit:1",
      "plan.before_commit:1",
      "plan_end.before_commit:1",
      "fold.before:1",
    ],
  },
  {
    name: "between the batches of a planning",
    needs: "long_list",
    people: 10,
    at: ["plan.after_commit:1", "plan.before_commit:2"],
  },
  {
    name: "at the end of planning",
    needs: "little",
    people: 20,
    at: ["plan_end.after_commit:1", "state.before_commit:1", "state.after_commit:1"],
  },
  {
    name: "after planning, at the end of sending",
    needs: "little",
    people: 20,
    at: ["fold.after:1", "state.before_commit:2", "state.after_commit:2", "close.before:1"],
  },
  {
    name: "around a claim, and while a claim is recovered",
    needs: "little",
    people: 60,
    at: [
      "claim.before_commit:1",
      "claim.after_commit:1",
      "recover.before_commit:1",
      "recover.after_commit:1",
      "claim.before_commit:3",
      "claim.after_commit:3",
    ],
  },
  {
    name: "around a request",
    needs: "little",
    people: 90,
    at: [
      "request.before_write:1",
      "request.half_written:1",
      "request.after_write:1",
      "request.half_written:7",
      "request.after_write:9",
    ],
  },
  {
    name: "around an outcome",
    needs: "little",
    people: 90,
    at: [
      "answer.arrived:1",
      "outcome.before_commit:1",
      "outcome.after_commit:1",
      "answer.arrived:9",
      "outcome.before_commit:3",
      "outcome.after_commit:4",
    ],
  },
];

function strikeOf(text: string): Strike {
  const [at, nth] = text.split(":") as [string, string];
  return { at, nth: Number(nth) };
}

describe("killed at a point", () => {
  it.concurrent.each(CHAINS)("$name", { timeout: TRIAL_MS }, async (chain) => {
    const strikes = chain.at.map(strikeOf);
    const { needs, people } = chain;
    const chance = makeChance(1);
    const judgement = await attempt({ ground, chance, ...PACE, needs, people, strikes });
    // A point that is not passed any more must be noticed: its name or its statement has changed.
    expect(judgement.kills, `struck at ${chain.at.join(", ")}`).toBe(strikes.length);
    expectKept(judgement);
  });

  it("every point is in a chain", () => {
    const struck = new Set(CHAINS.flatMap((chain) => chain.at.map((at) => at.split(":")[0])));
    const missing = POINTS.map((point) => point.name).filter((name) => !struck.has(name));
    // After the ledger is closed nothing of the program is left to strike at but its exit.
    expect(missing).toEqual(["close.after"]);
  });
});

function expectKept(judgement: Judgement): void {
  expect(judgement.broken).toEqual([]);
  expect(judgement.twice, "nobody twice").toBe(0);
  expect(judgement.lost, "nobody lost").toBe(0);
  expect(judgement.unknown).toBeLessThanOrEqual(judgement.bound);
}
