// The sequential test of a ramp, by simulated campaigns: how often a sound one is halted, and how
// soon a bad one is. docs/ramp.md shows the table.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ALPHA, evidenceAbove, isEnough } from "../../../src/domain/limits/sequential.ts";
import { makeChance } from "../../support/chance.ts";

const DOCUMENT = new URL("../../../docs/ramp.md", import.meta.url);
const SEEDS = 10_000;
/** Three standard deviations of a share of 1 % among so many. */
const CHANCE = 0.003;
const MESSAGES = 5_000;
const LIMIT = 0.02;

/** The messages after which a campaign of a true share is halted; null when it is not. */
function haltedAfter(share: number, seed: number): number | null {
  const { uniform } = makeChance(seed);
  let events = 0;
  for (let trials = 1; trials <= MESSAGES; trials += 1) {
    if (uniform() < share) events += 1;
    // Between events the evidence only falls, so that these are all the looks that count.
    else continue;
    if (isEnough(evidenceAbove(LIMIT, events, trials))) return trials;
  }
  return null;
}

/** What campaigns of a true share do. */
function play(share: number): { halted: number; median: number | null } {
  const after = Array.from({ length: SEEDS }, (_, seed) => haltedAfter(share, seed * 7_919 + 1));
  const found = after.filter((at) => at !== null).toSorted((one, other) => one - other);
  return { halted: found.length / SEEDS, median: found[Math.floor(found.length / 2)] ?? null };
}

const SHARES = [0.01, 0.016, 0.02, 0.03, 0.04, 0.1];
const percent = (share: number): string => `${Number((100 * share).toFixed(1))} %`;

describe("evidence", () => {
  const results = SHARES.map((share) => ({ share, ...play(share) }));

  it.each(results.filter(({ share }) => share <= LIMIT))(
    "halts a sound campaign of $share in at most 1 %, looked at after every message",
    ({ halted }) => expect(halted).toBeLessThanOrEqual(ALPHA + CHANCE),
  );

  it.each([
    { share: 0.04, within: 900 },
    { share: 0.1, within: 90 },
  ])("halts a bad one of $share, half within $within", ({ share, within }) => {
    const found = results.find((one) => one.share === share);
    expect(found?.halted).toBeGreaterThan(0.99);
    expect(found?.median).toBeLessThan(within);
  });

  it("is what docs/ramp.md shows", () => {
    const rows = results.map(({ share, halted, median }) => {
      const after = halted < 0.5 || median === null ? "–" : String(median);
      return `| ${percent(share)} | ${percent(halted)} | ${after} |`;
    });
    expect(readFileSync(DOCUMENT, "utf8")).toContain(rows.join("\n"));
  });
});
