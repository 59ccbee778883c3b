// The simulation in small: some hundred seeds break no promise, and each mutation of the loop is
// found.

import { describe, expect, it } from "vitest";

import { MUTATIONS } from "./mutations.ts";
import { simulate, tellSeed } from "./simulate.ts";

/** With three lanes, three machines and lanes that are taken over. */
const SEED = 9;

/** Where the search for a mutation begins that few seeds find; the others are found soon. */
const FROM: Readonly<Record<string, number>> = {
  "post-before-claim": 165,
  "lost-commit-forgotten": 135,
  "no-pace": 50,
  "renewal-takes-back": 210,
  "pace-of-first-lane": 430,
};

describe("the real loop in a simulated world", () => {
  it("breaks no promise", async () => {
    const { failed } = await simulate({ from: 1, seeds: 150 });
    expect(failed).toBeUndefined();
  });

  it("lives the same life again with the same seed", async () => {
    const [once, again] = [await tellSeed(SEED), await tellSeed(SEED)];
    expect(again.story.length).toBeGreaterThan(50);
    // The ledger's id is in every key.
    const tale = ({ story }: { story: string[] }) =>
      story.map((line) => line.replace(/mm1\.\w+/g, ""));
    expect(tale(again)).toEqual(tale(once));
  });

  it.each(Object.entries(MUTATIONS))("finds the mutation %s", async (name, mutation) => {
    const from = FROM[name] ?? 1;
    const { failed } = await simulate({ from, seeds: 2_000, mutation });
    expect(failed?.broken).not.toEqual([]);
    expect(failed).toBeDefined();
  });
});
