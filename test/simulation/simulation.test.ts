// The simulation in small: some hundred seeds break no promise, and each mutation of the loop is
// found.

import { describe, expect, it } from "vitest";

import { MUTATIONS } from "./mutations.ts";
import { simulate, tellSeed } from "./simulate.ts";

describe("the real loop in a simulated world", () => {
  it("breaks no promise", async () => {
    const { failed } = await simulate({ from: 1, seeds: 200 });
    expect(failed).toBeUndefined();
  });

  it("lives the same life again with the same seed", async () => {
    const [once, again] = [await tellSeed(7), await tellSeed(7)];
    expect(again.story.length).toBeGreaterThan(50);
    // The ledger's id is in every key.
    const tale = ({ story }: { story: string[] }) =>
      story.map((line) => line.replace(/mm1\.\w+/g, ""));
    expect(tale(again)).toEqual(tale(once));
  });

  it.each(Object.entries(MUTATIONS))("finds the mutation %s", async (_name, mutation) => {
    const { failed } = await simulate({ from: 1, seeds: 2_000, mutation });
    expect(failed?.broken).not.toEqual([]);
    expect(failed).toBeDefined();
  });
});
