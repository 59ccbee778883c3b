// What every ledger must do with a campaign that goes to some people first. Part of the suite in
// conformance.ts.

import { describe, expect, it } from "vitest";
import type { Claim } from "../../../src/domain/campaign/attempt.ts";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import type { Turn } from "../../../src/domain/sending/turn.ts";
import { accepted, answerTo, finish, personKey, phoneOf, send, T0, turn } from "./builders.ts";
import { receive, statusBody } from "./receipts.ts";

const SIZES = [3, 5, 8];
const ROWS = 8;
let stories = 0;

/** Adds the tests; the ledger is made before the first of them runs. */
export function describeRamp(open: () => Ledger): void {
  async function campaignOf(people = ROWS): Promise<number> {
    stories += 1;
    const draft = { lane: `2199${stories}`, frozen: {}, columns: ["phone"], now: T0 };
    const { id } = await open().createCampaign({ name: `ramp-${Math.random()}`, ...draft });
    const first = 200_000 + stories * 100;
    const rows = Array.from({ length: people }, (_, at) => send(at + 1, first + at));
    await open().plan(id, rows, T0, { isShuffled: true });
    await finish(open(), id, people);
    return id;
  }
  const claimUpTo = (id: number, more: Partial<Turn>) =>
    open().turn(turn(id, { rampSizes: SIZES, ...more }));

  describe("a ramp", () => {
    it("gives out as many people as its step has, until it is taken on", async () => {
      const id = await campaignOf();
      const first = await claimUpTo(id, { claim: 2 });
      expect(first).toMatchObject({ full: null, drained: false });
      const second = await claimUpTo(id, { claim: 10 });
      expect(second.claimed).toHaveLength(1);
      expect(second).toMatchObject({
        full: { by: "ramp", step: 0, people: 3, freeAt: null },
        drained: false,
      });
      expect((await claimUpTo(id, { claim: 10 })).claimed).toEqual([]);
      expect(await open().moveRamp(id, 0, 1, T0)).toBe(true);
      // Another process has seen the same.
      expect(await open().moveRamp(id, 0, 1, T0)).toBe(false);
      expect((await claimUpTo(id, { claim: 10 })).claimed).toHaveLength(2);
      await open().moveRamp(id, 1, 2, T0);
      expect(await claimUpTo(id, { claim: 10 })).toMatchObject({ full: null, drained: true });
    });

    it("goes in a random order in its steps, and in the order of the list after them", async () => {
      const people = 90;
      const id = await campaignOf(people);
      const at = { rampSizes: [10], campaign: id };
      const rowsOf = (claims: readonly Claim[]) => claims.map(({ row }) => row);
      const steps = rowsOf((await claimUpTo(id, { ...at, claim: 20 })).claimed);
      expect(steps).toHaveLength(10);
      expect(steps).not.toEqual(steps.toSorted((a, b) => a - b));
      await open().moveRamp(id, 0, 1, T0);
      const { claimed } = await claimUpTo(id, { ...at, claim: 30 });
      const rest = Array.from({ length: people }, (_, place) => place + 1);
      const ahead = rest.filter((row) => !steps.includes(row));
      expect(rowsOf(claimed)).toEqual(ahead.slice(0, 30));
      const next = await claimUpTo(id, { ...at, claim: 30 });
      expect(rowsOf(next.claimed)).toEqual(ahead.slice(30, 60));
      // Who is handed back or throttled meanwhile is left behind, and comes in the end.
      const [one, other] = claimed as [Claim, Claim];
      const release = [{ row: one.row, attempt: one.attempt }];
      const record = [answerTo(other, { to: "pending" })];
      const third = await claimUpTo(id, { ...at, release, record, claim: 10 });
      expect(rowsOf(third.claimed)).toEqual(ahead.slice(60, 70));
      const got: Claim[] = [];
      for (;;) {
        const { claimed: more, drained } = await claimUpTo(id, { ...at, claim: 40 });
        got.push(...more);
        if (drained) break;
      }
      expect(rowsOf(got).toSorted((a, b) => a - b)).toEqual([
        ...[one.row, other.row, ...ahead.slice(70)],
      ]);
    });

    it("gives out no more than was asked for behind people who opted out", async () => {
      const id = await campaignOf(60);
      const first = 200_000 + stories * 100;
      const why = { userId: null, reason: "asked", source: "test" };
      const out = Array.from({ length: 40 }, (_, at) => {
        return { phone: phoneOf(first + at), person: personKey(first + at), ...why };
      });
      await open().suppress(out, T0);
      const claimed: Claim[] = [];
      for (let isDrained = false; !isDrained; ) {
        const more = await claimUpTo(id, { claim: 1, rampSizes: [60] });
        expect(more.claimed.length).toBeLessThanOrEqual(1);
        claimed.push(...more.claimed);
        isDrained = more.drained;
      }
      expect(claimed).toHaveLength(20);
    });

    it("counts who is handed back no more, and who is claimed again once", async () => {
      const id = await campaignOf();
      const { claimed } = await claimUpTo(id, { claim: 3 });
      const [one, other] = claimed as [Claim, Claim, Claim];
      const record = [answerTo(other, { to: "held", until: T0 + 10, reason: "131056" })];
      const release = [{ row: one.row, attempt: one.attempt }];
      const next = await claimUpTo(id, { record, release, claim: 10, now: T0 + 20 });
      expect(next.claimed.map(({ row }) => row).toSorted()).toEqual(
        [one.row, other.row].toSorted(),
      );
      expect(next.full).toMatchObject({ people: 3 });
    });

    it("counts what became of messages that are old enough, and were claimed since", async () => {
      const id = await campaignOf();
      expect(await open().rampState(id, T0)).toMatchObject({
        step: 0,
        people: 0,
        lastClaimAt: null,
        counts: { settled: 0, taken: 0, reported: 0 },
      });
      const { claimed } = await claimUpTo(id, { claim: 3, now: T0 + 1 });
      const [read, refused, capped] = claimed as [Claim, Claim, Claim];
      const held = { to: "held", until: T0 + 90_000_000, reason: "131049" } as const;
      const answer = accepted(read.row);
      const record = [
        answerTo(read, answer),
        answerTo(refused, { to: "failed", code: "131026", message: "Unreachable." }),
        answerTo(capped, { ...held, counts: "capped" }),
      ];
      await claimUpTo(id, { record, now: T0 + 2 });
      const before = await open().rampState(id, T0 + 1);
      expect(before).toMatchObject({ people: 3, lastClaimAt: T0 + 1 });
      expect(before.counts).toEqual({
        ...{ settled: 3, failed: 1, capped: 1, held: 0, opted_out: 0, taken: 1, reported: 0 },
      });
      const { messageId } = answer as { messageId: string };
      await receive(open(), [statusBody({ id: messageId, status: "delivered" })]);
      expect((await open().rampState(id, T0 + 1)).counts).toMatchObject({ reported: 1 });
      expect((await open().rampState(id, T0)).counts).toMatchObject({ settled: 0 });
      await open().moveRamp(id, 0, 0, T0 + 1);
      expect((await open().rampState(id, T0 + 9)).counts).toMatchObject({ settled: 0, failed: 0 });
    });
  });
}
