// What the figures about messages in doubt are taken to mean.

import { describe, expect, it } from "vitest";
import type { Doubts } from "../../../src/domain/receipts/doubts.ts";
import { doubtRecord, doubtSentence, verdictOf } from "../../../src/domain/receipts/doubts.ts";

const NOW = Date.UTC(2026, 10, 22, 15, 0, 0);
const HOUR = 3_600_000;

const clear: Doubts = {
  unknown: 3,
  oldestAt: NOW - 5 * HOUR,
  newestAt: NOW - 5 * HOUR + 60_000,
  receiptsSince: NOW - 5 * HOUR,
  neighbours: 120,
  neighboursReported: 118,
};

describe("messages in doubt", () => {
  it.each([
    ["whose neighbours nearly all have a receipt", {}, "probably_not_sent"],
    ["of a moment ago", { newestAt: NOW - 60_000 }, "too_early"],
    ["of a campaign that nobody receives for", { receiptsSince: null }, "no_receipts"],
    ["whose neighbours have few receipts", { neighboursReported: 60 }, "not_known"],
    ["with few neighbours", { neighbours: 4, neighboursReported: 4 }, "not_known"],
    ["with no neighbour", { neighbours: 0, neighboursReported: 0 }, "not_known"],
  ])("%s", (_, change, verdict) => {
    expect(verdictOf({ ...clear, ...change }, NOW)).toBe(verdict);
    expect(doubtSentence({ ...clear, ...change }, NOW)).toMatch(/^3 recipients are unknown/);
  });

  it("are reported with the evidence", () => {
    expect(doubtSentence(clear, NOW)).toBe(
      "3 recipients are unknown, posted 5 h to 4 h 59 min ago. Of 120 other messages of the same minutes 118 have a receipt, and these have none: probably never sent.",
    );
    const one = { ...clear, unknown: 1, oldestAt: NOW - 90_000, newestAt: NOW - 30_000 };
    expect(doubtSentence(one, NOW)).toBe(
      "1 recipient is unknown, posted 1 min 30 s to 30 s ago. Of 120 other messages of the same minutes 118 have a receipt; receipts may still come: wait for an hour.",
    );
    expect(doubtRecord(clear, NOW)).toMatchObject({
      unknown: 3,
      oldest_at: "2026-11-22T10:00:00.000Z",
      newest_at: "2026-11-22T10:01:00.000Z",
      neighbours: 120,
      neighbours_told: 118,
      verdict: "probably_not_sent",
    });
  });
});
