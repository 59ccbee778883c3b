import { describe, expect, it } from "vitest";
import { exclusionCircle, exclusionFindings } from "../../../src/domain/preflight/exclusions.ts";

const known = (name: string, excludes: string[] = [], erasedAt: number | null = null) => ({
  ...{ name, excludes, erasedAt },
});

describe("campaigns that are left out", () => {
  const all = [known("black-friday"), known("spring"), known("old", [], 5)];

  it.each([
    [["spring"], []],
    [[], []],
    [["springg"], [["unknown_campaign", 'Did you mean "spring"?']]],
    [["x9"], [["unknown_campaign", "no such campaign."]]],
    [["old", "spring"], [["purged_campaign", "whom it reached is erased"]]],
  ])("%j", (names, expected) => {
    const found = exclusionFindings(names, all);
    expect(found.map(({ id }) => id)).toEqual(expected.map(([id]) => id));
    for (const [at, [, words]] of expected.entries()) expect(found[at]?.wrong).toContain(words);
  });

  it.each([
    [[known("b")], ["b"], undefined],
    [[known("b", ["a"])], ["b"], ["a", "b", "a"]],
    [[known("b", ["c"]), known("c", ["d"]), known("d", ["a"])], ["b"], ["a", "b", "c", "d", "a"]],
    [[known("b", ["c"]), known("c", ["b"])], ["b"], undefined],
    [[known("b", ["d"]), known("c", ["d"]), known("d")], ["b", "c"], undefined],
    [[], ["unknown"], undefined],
  ])("a circle of %j", (others, names, circle) => {
    expect(exclusionCircle("a", names, others)).toEqual(circle);
  });
});
