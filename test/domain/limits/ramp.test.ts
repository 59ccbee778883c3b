import { describe, expect, it } from "vitest";
import type { RampRule, RampState } from "../../../src/domain/limits/ramp.ts";
import { judgeRamp, stepSizes } from "../../../src/domain/limits/ramp.ts";

const NOW = Date.UTC(2030, 3, 1, 12);
const SETTLE = 30 * 60_000;
const RULE: RampRule = {
  steps: [200, 2_000],
  settle: SETTLE,
  halt_above: { failed: 0.2, opted_out: 0.01 },
  after_step: "continue",
};
const NONE = { failed: 0, opted_out: 0, capped: 0, held: 0 };
const reported = (number: number) => ({ settled: number, taken: number, reported: number });

function verdictOf(
  counts: Partial<RampState["counts"]>,
  { people = 100, agoMs = 1_000, step = 0, isAssessed = false } = {},
) {
  const state: RampState = {
    ...{ step, people, lastClaimAt: NOW - agoMs },
    counts: { ...NONE, settled: 0, taken: 0, reported: 0, ...counts },
  };
  return judgeRamp(RULE, state, { sizes: [200, 2_000], isAssessed, now: NOW });
}

describe("judgeRamp", () => {
  const through = { people: 200 };
  const settled = { people: 200, agoMs: SETTLE };

  it.each([
    ["nothing is known yet", {}, {}, "go"],
    ["some are settled", reported(90), {}, "go"],
    ["the step is through, and its messages settle", reported(90), through, "settle"],
    ["it is settled", reported(200), settled, "next"],
    ["it is sound for sure before that", reported(2_000), { ...through, people: 2_000 }, "next"],
    ["all steps are through", reported(500), { step: 2, people: 5_000 }, "go"],
    ["and evidence is old", reported(10_000), { step: 2, people: 50_000 }, "renew"],
    ["too many failed", { ...reported(100), failed: 50 }, {}, "halt"],
    ["and after the last step", { ...reported(100), failed: 50 }, { step: 2 }, "halt"],
    ["too many opted out", { ...reported(100), opted_out: 9 }, {}, "halt"],
    ["hardly more than may", { ...reported(100), opted_out: 2 }, {}, "go"],
    ["Meta holds many to assess them", { ...reported(100), held: 60 }, {}, "held"],
    ["and is through with that", { ...reported(100), held: 60 }, { isAssessed: true }, "go"],
    ["no receipt for many", { settled: 100, taken: 100 }, {}, "blind"],
    ["no receipt for a few", { settled: 99, taken: 99 }, {}, "go"],
    ["no receipt for a whole step", { settled: 3, taken: 3 }, settled, "blind"],
    // Nothing was taken, so no receipt can come.
    ["a whole step was refused", { settled: 2, taken: 0, failed: 2 }, settled, "next"],
    ["many were refused for now", { settled: 120, taken: 0, capped: 20 }, {}, "go"],
  ])("%s", (_what, counts, at, kind) => {
    expect(verdictOf(counts, at).kind).toBe(kind);
  });

  it("says until when messages settle, and on what evidence it halts", () => {
    expect(verdictOf({}, through)).toEqual({ kind: "settle", until: NOW - 1_000 + SETTLE });
    expect(verdictOf({ ...reported(1_960), opted_out: 41 })).toEqual({
      kind: "halt",
      sentence: expect.stringMatching(
        /^41 of 1,960 settled messages opted out \(2\.1%, limit 1%\); a sound campaign shows this once in [\d,]+\. /,
      ),
    });
    expect(verdictOf({ settled: 500, taken: 400 })).toMatchObject({
      sentence: expect.stringContaining("for any of 400 messages older than 30 min"),
    });
  });
});

describe("stepSizes", () => {
  it.each([
    [[200, 2_000], 48_000, [200, 2_000]],
    [[200, { share: 0.1 }], 48_000, [200, 4_800]],
    [[{ share: 0.001 }], 1_001, [2]],
    // Never fewer than before, and never more than there are.
    [[500, { share: 0.01 }], 1_000, [500, 500]],
    [[200, 2_000], 300, [200, 300]],
  ])("%j of %d", (steps, all, sizes) => {
    expect(stepSizes({ steps }, all)).toEqual(sizes);
  });
});
