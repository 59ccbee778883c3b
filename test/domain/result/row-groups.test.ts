// What the groups of a campaign's rows add up to.

import { describe, expect, it } from "vitest";
import type { RowGroup } from "../../../src/domain/result/row-groups.ts";
import { addGroup, countsOf, spanOf, tallyOf } from "../../../src/domain/result/row-groups.ts";

const T0 = 1_700_000_000_000;

function group(given: Partial<RowGroup>): RowGroup {
  return {
    ...{ status: "pending", why: null, region: "BR", path: null, pricingType: null },
    ...{
      messageStatus: null,
      price: null,
      costCurrency: null,
      cost: null,
      isPosted: 0,
      isAccepted: 0,
      isSent: 0,
      count: 1,
    },
    ...{ heldFrom: null, heldTo: null, oldestAt: null, example: null },
    ...{ firstClaimAt: null, lastAcceptedAt: null },
    ...given,
  };
}

const taken = { isPosted: 1, isAccepted: 1, messageStatus: "accepted" } as const;
const GROUPS = [
  group({ status: "skipped", why: "us_number", region: null, count: 3 }),
  group({ status: "pending", count: 2 }),
  group({ status: "accepted", ...taken, messageStatus: "held_for_quality_assessment", count: 4 }),
  group({ status: "delivered", ...taken, count: 5, firstClaimAt: T0, lastAcceptedAt: T0 + 9 }),
  group({ status: "read", ...taken, isSent: 1, region: "MX", count: 6, lastAcceptedAt: T0 + 7 }),
  group({ status: "failed", why: "131026", isPosted: 1, count: 7, firstClaimAt: T0 + 5 }),
  // Refused by a receipt: what Meta reported of its message does not count any more.
  group({ status: "held", why: "131049", isPosted: 1, messageStatus: "accepted", heldFrom: T0 }),
];

describe("the tally", () => {
  const tally = tallyOf(GROUPS);

  it("counts each row once", () => {
    expect(tally.rows).toBe(28);
    expect(Object.values(tally.counts).reduce((sum, number) => sum + number, 0)).toBe(28);
    expect(tally.reasons).toEqual({ "131026": 7, "131049": 1, us_number: 3 });
    expect(tally.failures).toEqual({ "131026": 7 });
    expect(tally.regions).toEqual({ BR: 19, MX: 6 });
  });

  it("counts Meta's word of messages that it took", () => {
    expect(tally.messageStatuses).toEqual({ accepted: 11, held_for_quality_assessment: 4 });
    expect(tally.withoutReceipt).toEqual({ held_for_quality_assessment: 4 });
  });

  it("counts everybody at every step that they reached", () => {
    const steps = { toSend: 25, sentTo: 23, accepted: 15, delivered: 11, read: 6 };
    expect(tally.reached).toEqual({ ...steps, firstClaimAt: T0, lastAcceptedAt: T0 + 9 });
  });

  it("is what the report counts", () => {
    const { rows, counts, steps, messageStatuses } = countsOf(GROUPS);
    expect({ rows, counts }).toEqual({ rows: tally.rows, counts: tally.counts });
    expect(tally.reached).toMatchObject({
      ...{ toSend: steps.toSend, sentTo: steps.sentTo, accepted: steps.accepted },
      ...{ delivered: steps.delivered, read: steps.read },
    });
    expect(messageStatuses).toEqual([{ reason: "held_for_quality_assessment", number: 4 }]);
  });
});

it("is the same however the rows were cut", () => {
  const sums = new Map<string, RowGroup>();
  for (const given of [...GROUPS].reverse()) {
    addGroup(sums, { ...given, count: given.count - 1 });
    addGroup(sums, { ...given, count: 1 });
  }
  expect(tallyOf([...sums.values()])).toEqual(tallyOf(GROUPS));
  expect(spanOf([])).toEqual({ firstClaimAt: null, lastAcceptedAt: null });
});
