// Receipts under kill -9 at every point of keeping and applying them: nothing that was kept is
// lost, nothing is applied twice.

import { describe, expect, it } from "vitest";

import { makeChance } from "../support/chance.ts";
import { attemptReceipts, RECEIPT_POINTS } from "./receipts.ts";

const TRIAL_MS = 60_000;
const SEED = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
const CHAINS: string[][] = [
  ["keep.before_commit:1", "keep.after_commit:1", "apply.before_commit:1", "apply.after_commit:1"],
  ["apply.after_commit:2", "keep.before_commit:3", "apply.before_commit:4", "keep.after_commit:2"],
];

describe(`an import of receipts (seed ${SEED})`, () => {
  it.concurrent.each(CHAINS)(
    "killed at %s, %s, %s, %s",
    { timeout: TRIAL_MS },
    async (...chain) => {
      const strikes = chain.map((text) => {
        const [at, nth] = text.split(":") as [string, string];
        return { at, nth: Number(nth) };
      });
      const judgement = await attemptReceipts({ chance: makeChance(SEED), strikes });
      expect(judgement.broken).toEqual([]);
      // A point that is not passed any more must be noticed: its name or its statement has changed.
      expect(judgement.kills).toBe(strikes.length);
    },
  );

  it("every point is in a chain", () => {
    const struck = new Set(CHAINS.flat().map((at) => at.split(":")[0]));
    expect(RECEIPT_POINTS.filter((point) => !struck.has(point.name))).toEqual([]);
  });
});
