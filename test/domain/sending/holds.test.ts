import { describe, expect, it } from "vitest";
import { CAPPED_TRIES } from "../../../src/domain/campaign/campaign.ts";
import { CODE_RULES, ruleFor } from "../../../src/domain/sending/error-codes.ts";
import { holdOf } from "../../../src/domain/sending/holds.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * The pauses of a recipient who is always refused with the code, until they are given up; at most
 * so many.
 */
function pauses(
  code: number,
  by: "reply" | "receipt",
  { tries = CAPPED_TRIES, most = 20 } = {},
): number[] {
  const counts = { holds: 0, capped: 0 };
  const found: number[] = [];
  while (found.length < most) {
    const hold = holdOf(ruleFor(code, "BR"), counts, by, tries);
    if (hold.kind !== "wait") return found;
    found.push(hold.forMs);
    if (hold.counts !== null) counts[hold.counts] += 1;
  }
  return found;
}

describe("how long a recipient is held, and how often", () => {
  it.each(["reply", "receipt"] as const)(
    "131049 by %s: a day longer each time, three tries",
    (by) => {
      expect(pauses(131049, by)).toEqual([DAY, 2 * DAY]);
      expect(pauses(131049, by, { tries: 1 })).toEqual([]);
      expect(pauses(131049, by, { tries: 5 })).toEqual([DAY, 2 * DAY, 3 * DAY, 4 * DAY]);
    },
  );

  it.each(["reply", "receipt"] as const)(
    "131056 by %s: powers of four, an hour at most, eight tries",
    (by) => {
      expect(pauses(131056, by)).toEqual([1_000, 4_000, 16_000, 64_000, 256_000, 1_024_000, HOUR]);
    },
  );

  it("by receipt, what was too fast or in maintenance waits longer each time, and not for ever", () => {
    expect(pauses(130429, "receipt")).toEqual([1, 2, 4, 8, 16, 32, 60].map((min) => min * 60_000));
    expect(pauses(131057, "receipt")).toHaveLength(7);
    expect(pauses(134101, "receipt")).toEqual(Array(7).fill(600_000));
  });

  it("in a reply, a template that syncs is no fault of the row's, however often", () => {
    expect(pauses(134101, "reply")).toEqual(Array(20).fill(600_000));
  });

  it("by receipt, what concerns everybody waits a minute, and counts for nothing", () => {
    for (const { code } of CODE_RULES.filter(({ action }) => action.startsWith("halt"))) {
      expect(pauses(code, "receipt"), String(code)).toEqual(Array(20).fill(60_000));
      expect(pauses(code, "reply")).toEqual([]);
    }
  });

  it("keeps the counts of the two kinds apart", () => {
    const rule = ruleFor(131049, "BR");
    expect(holdOf(rule, { holds: 7, capped: 0 }, "reply", 3)).toMatchObject({ forMs: DAY });
    const pair = ruleFor(131056, "BR");
    expect(holdOf(pair, { holds: 0, capped: 2 }, "reply", 3)).toMatchObject({ forMs: 1_000 });
  });

  it("asks nothing of a code that holds nobody", () => {
    for (const { code } of CODE_RULES.filter(
      ({ action }) => action === "fail" || action === "fix",
    )) {
      expect(pauses(code, "receipt")).toEqual([]);
    }
    expect(pauses(131000, "receipt")).toEqual([]);
  });
});
