import { describe, expect, it } from "vitest";
import { BASES, figuresOf, shareRecord } from "../../../src/domain/result/figures.ts";

const COUNTED = {
  rows: 100,
  counts: {
    ...{ skipped: 10, pending: 5, cancelled: 3, claimed: 1, held: 4, accepted: 6, sent: 7 },
    ...{ delivered: 20, read: 30, failed: 8, unknown: 2, expired: 4 },
  },
  reached: { sentTo: 80, delivered: 50, read: 30, clicked: 9 },
  optOuts: { people: 2 },
};

describe("the figures of a campaign", () => {
  const figures = figuresOf(COUNTED);

  it("have one base each", () => {
    const bases = { rows: 100, sent_to: 80, delivered: 50 };
    for (const [name, { of }] of Object.entries(figures)) {
      expect([name, of]).toEqual([name, bases[BASES[name as keyof typeof BASES]]]);
    }
  });

  it("count as settled who was delivered to or failed, and as without a receipt who has neither", () => {
    expect(figures.settled.number).toBe(80 - 6 - 7 - 4 - 4 - 2 - 1);
    expect(figures.no_receipt.number).toBe(6 + 7);
  });

  it("have no per cent of nobody", () => {
    expect(shareRecord({ number: 0, of: 0 })).toEqual({ number: 0, of: 0, percent: null });
    expect(shareRecord({ number: 1, of: 3 }).percent).toBe(33.333);
  });
});
