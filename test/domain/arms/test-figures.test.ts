// The figures of a test: counts before the decision, rates and intervals after it, and never a
// winner early.

import { describe, expect, it } from "vitest";
import type { TestRule } from "../../../src/domain/arms/decide-test.ts";
import { decideByHand, decideTest } from "../../../src/domain/arms/decide-test.ts";
import {
  differenceText,
  testFigures,
  testFiguresRecord,
  testHeading,
  testSentences,
} from "../../../src/domain/arms/test-figures.ts";
import type { ArmCounts, TestState } from "../../../src/domain/arms/test-state.ts";
import { markupText } from "../../../src/domain/common/html.ts";
import { testTable } from "../../../src/domain/page/test-table.ts";

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 30, 12);
const RULE: TestRule = {
  ...{ name: "cta", metric: "clicked", waitMs: 24 * HOUR, rest: null },
  arms: ["a", "b", "c"].map((name) => ({ name, share: 0.1 })),
};

function stateOf(clicked: number[], people: number[], changes: Partial<TestState> = {}): TestState {
  const arms = RULE.arms.map(({ name }, at): ArmCounts => {
    const counts = {
      people: people[at] ?? 0,
      open: 0,
      delivered: 4_000,
      read: 2_000,
      replied: 0,
      converted: 0,
    };
    return { ...counts, arm: at + 1, name, clicked: clicked[at] ?? 0 };
  });
  return {
    arms,
    lastClaimAt: NOW - 30 * HOUR,
    rest: 35_010,
    looks: [],
    importedAt: null,
    decision: null,
    ...changes,
  };
}

const when = (at: number) => new Date(at).toISOString().slice(11, 16);

/** The figures once it is decided, seen an hour later with other counts. */
function decidedFigures(clicked: number[], people = [4_391, 4_362, 4_400]) {
  const state = stateOf(clicked, people);
  const decision = decideTest(RULE, state, { at: NOW - HOUR, now: NOW });
  const later = stateOf(
    clicked.map((number) => number + 50),
    people,
  );
  // As the ledger gives it back.
  const kept = JSON.parse(JSON.stringify(decision));
  return testFigures(RULE, { ...later, rest: 0, decision: kept }, NOW + HOUR);
}

describe("a test that is not decided", () => {
  it.each([
    ["waits", { lastClaimAt: NOW - HOUR }, "Test cta: decides 11:00"],
    ["is due", {}, "Test cta: the next run decides"],
    [
      "sends",
      { arms: stateOf([1], [2]).arms.map((arm) => ({ ...arm, open: 1_000 })) },
      /being sent/,
    ],
  ] as const)("has counts and no winner while it %s", (_, changes, heading) => {
    const state = stateOf([206, 258, 210], [4_391, 4_362, 4_400], changes as Partial<TestState>);
    const figures = testFigures(RULE, state, NOW);
    expect(testHeading(figures, when)).toMatch(heading);
    expect(figures).toMatchObject({ winner: null, result: null });
    for (const arm of figures.arms) {
      expect(arm).toMatchObject({ rate: null, interval: null, difference: null, isWinner: false });
    }
    const page = markupText(testTable(figures, when));
    expect(page).not.toMatch(/<svg|%/);
    expect(page).toContain("no winner before");
    expect(testSentences(figures, when).join(" ")).toContain("35,010 wait for what wins.");
  });
});

describe("a test that is decided", () => {
  it("has the figures that it was decided by, and no later ones", () => {
    const figures = decidedFigures([206, 300, 210]);
    expect(figures).toMatchObject({ winner: "b", result: "winner", restArm: "b" });
    const [a, b, c] = figures.arms;
    expect(a).toMatchObject({ people: 4_391, number: 206, difference: null, isWinner: false });
    expect(b).toMatchObject({ people: 4_362, number: 300, isWinner: true });
    // Wilson's interval of 206 of 4,391.
    expect(a?.interval?.low).toBeCloseTo(0.04105, 4);
    expect(a?.interval?.high).toBeCloseTo(0.05358, 4);
    expect(differenceText(b as never)).toMatch(/^\+2\.2 \(1\.\d to 3\.\d\)$/);
    expect(differenceText(c as never)).toMatch(/^\+0\.1 \(−\d\.\d to \d\.\d\)$/);
    expect(testHeading(figures, when)).toBe("Test cta: b won");
    const said = testSentences(figures, when).join(" ");
    expect(said).toMatch(
      /^Decided 12:00, for good, .* b wins: .* The split is sound \(p = 0\.\d\d\)\.$/,
    );
    const page = markupText(testTable(figures, when));
    expect(page.match(/role="img"/g)).toHaveLength(3);
    expect(page.match(/class="f-accent"/g)).toHaveLength(1);
    expect(page).toContain('aria-label="4.7%, 95% interval 4.1 to 5.4"');
    expect(page).toContain("Against a");
    expect(testFiguresRecord(figures)).toMatchObject({
      ...{ name: "cta", metric: "clicked", result: "winner", winner: "b", rest_gets: "b" },
      ...{ decided_at: "2026-11-30T12:00:00.000Z", decides_at: null },
      arms: [{ arm: "a", people: 4_391, clicked: 206 }, { arm: "b" }, { arm: "c" }],
    });
  });

  it("says that it cannot tell, or that the split is broken", () => {
    const unsure = decidedFigures([206, 210, 208]);
    expect(testHeading(unsure, when)).toBe("Test cta: cannot tell");
    expect(unsure).toMatchObject({ winner: null, restArm: "a" });
    expect(markupText(testTable(unsure, when))).not.toContain('class="f-accent"');
    const broken = decidedFigures([206, 300, 210], [4_391, 5_362, 4_400]);
    expect(testHeading(broken, when)).toBe("Test cta: the split is broken");
    expect(testSentences(broken, when).join(" ")).toContain("The split is broken (p < 0.001)");
  });

  it("names no winner of one that a person decided", () => {
    const state = stateOf([206, 300, 210], [4_391, 4_362, 4_400]);
    const shares = RULE.arms.map(({ share }) => share);
    const decision = decideByHand({ metric: "clicked", shares, arm: 3 }, state, NOW);
    expect(decision.sentence).toBe("Decided by hand: c goes to the other 35,010 people.");
    const figures = testFigures(RULE, { ...state, decision }, NOW + HOUR);
    expect(testHeading(figures, when)).toBe("Test cta: c goes on, by hand");
    expect(figures).toMatchObject({ winner: null, result: "by_hand", restArm: "c" });
    expect(figures.arms.map(({ number, difference }) => [number, difference])).toEqual([
      [206, null],
      [300, null],
      [210, null],
    ]);
  });

  it("draws no axis where an arm has nobody", () => {
    const figures = decidedFigures([0, 0, 0], [0, 0, 0]);
    expect(figures.splitP).toBeNull();
    expect(markupText(testTable(figures, when))).not.toContain("NaN");
  });
});
