import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { RunEnd } from "../../../src/domain/sending/run-ports.ts";
import { startRunProgress } from "../../../src/domain/sending/run-ports.ts";
import {
  endOfLanes,
  endOfLefts,
  endsWithLane,
  shareLimit,
  sumOfProgress,
  sumOfRemaining,
} from "../../../src/domain/sending/side-by-side.ts";

const FINISHED: RunEnd = { kind: "finished" };
const halted = (code: string): RunEnd => ({
  kind: "halted",
  halt: { code, sentence: `It is ${code}.` },
});
const stopped = (
  why: Extract<RunEnd, { kind: "stopped" }>["why"],
  goOnAt: number | null = null,
): RunEnd => ({ kind: "stopped", why, sentence: `${why}.`, goOnAt });
const endOf = (...ends: RunEnd[]): RunEnd =>
  endOfLanes(ends.map((end, at) => ({ lane: `10${at}`, end })));

describe("the end of a campaign over several numbers", () => {
  it.each<[string, RunEnd[], RunEnd]>([
    ["all finished", [FINISHED, FINISHED], FINISHED],
    [
      "one halted, the others done",
      [FINISHED, halted("131031")],
      { kind: "halted", halt: { code: "131031", sentence: "Number 101: It is 131031." } },
    ],
    ["all halted for one reason", [halted("190"), halted("190")], halted("190")],
    [
      "two halted, each for its own",
      [halted("131031"), stopped("hours"), halted("190")],
      {
        kind: "halted",
        halt: {
          code: "131031",
          sentence: "Number 100: It is 131031. Number 102: It is 190.",
        },
      },
    ],
    ["one stopped", [FINISHED, stopped("held", 70)], stopped("held", 70)],
    [
      "the reason that a person needs first, the earliest instant",
      [stopped("held", 50), stopped("daily_limit", 90)],
      stopped("daily_limit", 50),
    ],
    [
      "one may go on at any time",
      [stopped("held", 50), stopped("interrupted")],
      stopped("interrupted"),
    ],
  ])("%s", (_, ends, whole) => {
    expect(endOf(...ends)).toEqual(whole);
  });
});

describe("the end of a run that had some of the numbers", () => {
  const NONE = { pending: 0, claimed: 0, held: 0, nextDueAt: null, accepted: false };
  const left = (lane: string, more: object, heldBy: string | null = null) => ({
    ...{ lane, heldBy },
    left: { ...NONE, ...more },
  });

  it("says how many are left on which number, and who has it", () => {
    expect(endOfLefts([])).toEqual(FINISHED);
    const { sentence, ...end } = endOfLefts([
      left("101", { pending: 4, claimed: 1 }, "process 7 on b"),
      left("102", { held: 1, nextDueAt: 70 }),
    ]) as Extract<RunEnd, { kind: "stopped" }>;
    expect(end).toEqual({ kind: "stopped", why: "numbers_left", goOnAt: null });
    expect(sentence).toBe(
      "Number 101 has 5 recipients left: it is held by process 7 on b. Number 102 has 1 recipient left: no process sends from it.",
    );
  });

  it("knows when to go on where only held people are left, and nobody has them", () => {
    const due = (at: number) => ({ held: 1, nextDueAt: at });
    expect(endOfLefts([left("101", due(90)), left("102", due(70))])).toMatchObject({ goOnAt: 70 });
    const others = [left("101", due(90)), left("102", due(70), "process 7 on b")];
    expect(endOfLefts(others)).toMatchObject({ goOnAt: null });
  });

  it("comes with what ends more than a lane", () => {
    expect([FINISHED, halted("131031"), stopped("held"), stopped("hours")]).toSatisfy(
      (ends: RunEnd[]) => ends.every(endsWithLane),
    );
    for (const why of ["interrupted", "paused", "daily_limit", "limit", "lane_taken"] as const) {
      expect(endsWithLane(stopped(why)), why).toBe(false);
    }
  });

  it("adds up what waits on some lanes", () => {
    const one = { ...NONE, pending: 3, held: 1, nextDueAt: 90 };
    const other = { ...NONE, claimed: 2, held: 2, nextDueAt: 70, accepted: true };
    const sum = { pending: 3, claimed: 2, held: 3, nextDueAt: 70, accepted: true };
    expect(sumOfRemaining([one, other])).toEqual(sum);
    expect(sumOfRemaining([])).toEqual(NONE);
  });
});

describe("a limit that lanes share", () => {
  it("is given out whole, to nobody more than wait", () => {
    fc.assert(
      fc.property(
        fc.nat(10_000),
        fc.array(fc.nat(5_000), { minLength: 1, maxLength: 8 }),
        (limit, open) => {
          const shares = shareLimit(limit, open);
          const all = open.reduce((sum, one) => sum + one, 0);
          expect(shares.reduce((sum, one) => sum + one, 0)).toBe(Math.min(limit, all));
          expect(shares.every((share, at) => share <= (open[at] as number))).toBe(true);
        },
      ),
    );
  });
});

describe("the figures of several lanes", () => {
  it("are summed, and wait when all wait", () => {
    const one = { ...startRunProgress(10), posted: 4, accepted: 3, failed: 1, waiting: "held" };
    const other = { ...startRunProgress(5), posted: 2, accepted: 2, limited: "slower" };
    expect(sumOfProgress([one, other])).toMatchObject({
      ...{ open: 15, posted: 6, accepted: 5, failed: 1 },
      ...{ waiting: null, limited: "slower" },
    });
    expect(sumOfProgress([one, { ...other, waiting: "hours" }]).waiting).toBe("held");
  });
});
