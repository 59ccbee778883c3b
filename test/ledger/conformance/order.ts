// What every ledger must do with a campaign whose rows go in a random order. Part of the suite in
// conformance.ts.

import { describe, expect, it } from "vitest";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import { bucketOf } from "../../../src/domain/limits/bucket.ts";
import { accepted, answerTo, finish, personKey, phoneOf, send, T0, turn } from "./builders.ts";

const ROWS = 200;

/** Adds the tests; the ledger is made before the first of them runs. */
export function describeOrder(open: () => Ledger): void {
  describe("a random order", () => {
    it("claims each row once, by the bucket of its person, however many a turn takes", async () => {
      const name = `shuffled-${Math.random()}`;
      const draft = { name, lane: "20990000000001", frozen: {}, columns: ["phone"], now: T0 };
      const { id } = await open().createCampaign(draft);
      const rows = Array.from({ length: ROWS }, (_, at) => send(at + 1, 100_000 + at));
      await open().plan(id, rows, T0, { isShuffled: true });
      await finish(open(), id, ROWS);
      const optedOut = { ...{ phone: phoneOf(100_007), person: personKey(100_007) }, userId: null };
      await open().suppress([{ ...optedOut, reason: "asked", source: "test" }], T0);
      const claimed: number[] = [];
      for (let size = 1; ; size += 1) {
        const result = await open().turn(turn(id, { claim: size }));
        const record = result.claimed.map((claim) => answerTo(claim, accepted(claim.row)));
        await open().turn(turn(id, { record }));
        claimed.push(...result.claimed.map(({ row }) => row));
        if (result.drained) break;
      }
      const bucket = (row: number) => bucketOf(name, rows[row - 1]?.person ?? "");
      const inOrder = rows
        .map(({ row }) => row)
        .filter((row) => row !== 8)
        .toSorted((one, other) => bucket(one) - bucket(other));
      expect(claimed).toEqual(inOrder);
      const { buckets } = await open().recentPosts(id);
      expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(ROWS - 1);
      expect(inOrder).not.toEqual(inOrder.toSorted((one, other) => one - other));
    });
  });
}
