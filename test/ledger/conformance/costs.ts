// What every ledger must do with the costs that receipts report. Part of the suite in
// conformance.ts.

import { describe, expect, it } from "vitest";
import type { Claim } from "../../../src/domain/campaign/attempt.ts";
import { callbackKey } from "../../../src/domain/campaign/dispatch.ts";
import { costRecords } from "../../../src/domain/cost/money.ts";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import { countAgainMs } from "../../../src/domain/limits/budget.ts";
import { accepted, answerTo, finish, send, T0, turn } from "./builders.ts";
import type { StatusOptions } from "./receipts.ts";
import { receive, statusBody } from "./receipts.ts";

/** Millionths of a dollar. */
const PRICE = 50_000;
const PEOPLE = 10;
const AGAIN_MS = countAgainMs(PEOPLE);

let campaigns = 0;

/** Adds the tests; the ledger is made before the first of them runs. */
export function describeCosts(open: () => Ledger): void {
  async function begin(budget: { most: number; currency: string } | null = null) {
    campaigns += 1;
    const lane = `2098100000${campaigns}`;
    const name = `costs-${campaigns}`;
    const draft = { name, lane, frozen: {}, columns: ["phone"], now: T0 };
    const { id } = await open().createCampaign(draft);
    const rows = Array.from({ length: PEOPLE }, (_, at) => ({ ...send(at + 1), region: "BR" }));
    await open().plan(id, rows, T0, budget === null ? {} : { prices: { BR: PRICE } });
    await finish(open(), id, PEOPLE);
    if (budget !== null) await open().keepBudget(id, budget);
    const idOf = ({ row, attempt }: Claim): string => `c${id}-${row}-${attempt}`;
    const claim = async (count: number, now = T0): Promise<Claim[]> =>
      (await open().turn(turn(id, { claim: count, now }))).claimed;
    const accept = (claims: readonly Claim[]) => {
      const record = claims.map((one) => answerTo(one, accepted(1, { messageId: idOf(one) })));
      return open().turn(turn(id, { record }));
    };
    const body = (
      one: Claim,
      status: string,
      cost?: StatusOptions["cost"],
      more: Partial<StatusOptions> = {},
    ): string => {
      const { row, attempt } = one;
      const key = callbackKey({ ledger: open().id, campaign: id, row, attempt });
      const about = { id: idOf(one), person: row, number: lane, key };
      return statusBody({ ...about, status, ...(cost && { cost }), ...more });
    };
    return {
      ...{ id, claim, accept, body },
      resend: () => open().resolveUnknown(id, "resend", T0),
      kill: () => open().recoverClaims(id, T0),
      outcome: async (row: number) => {
        const [found] = (await open().outcomes(id, row - 1, 1)).rows;
        return [found?.cost, found?.currency];
      },
      sums: async () => {
        const { money } = await open().tally(id);
        const report = await open().report(id, T0);
        expect(report.money).toEqual(money);
        return costRecords(money);
      },
    };
  }
  const usd = (amount: unknown) => ({ amount, currency: "USD" });

  describe("the cost of a message", () => {
    it("is kept once, whatever of its receipts come again or later", async () => {
      const { claim, accept, body, outcome, sums } = await begin();
      const claims = await claim(3);
      await accept(claims);
      const [a, b, c] = claims as [Claim, Claim, Claim];
      await receive(open(), [body(a, "delivered", usd(0.0473)), body(b, "read", usd(0.041))]);
      expect(await outcome(1)).toEqual([0.0473, "USD"]);
      const both = [{ currency: "USD", amount: 0.0883, messages: 2 }];
      expect(await sums()).toEqual(both);
      await receive(open(), [
        ...[body(a, "read", usd(0.0473)), body(a, "delivered", usd(0.0473))],
        ...[body(b, "delivered", usd(0.041)), body(b, "read", usd(0.01))],
      ]);
      expect(await sums()).toEqual(both);
      // The higher one counts, whichever comes first.
      await receive(open(), [body(b, "delivered", usd(0.05))]);
      expect(await outcome(2)).toEqual([0.05, "USD"]);
      await receive(open(), [
        body(c, "delivered"),
        body(c, "read", { amount: 7, currency: "BRL" }),
      ]);
      expect(await sums()).toEqual([
        { currency: "USD", amount: 0.0973, messages: 2 },
        { currency: "BRL", amount: 7, messages: 1 },
      ]);
    });

    it.each<[string, StatusOptions["cost"] & object]>([
      ["a text", usd("0.05")],
      ["negative", usd(-0.05)],
      ["huge", usd(1e15)],
      ["without a currency", { amount: 0.05 }],
    ])("that is %s is none, and its receipt counts", async (_, cost) => {
      const { claim, accept, body, outcome, sums } = await begin();
      const [a] = (await claim(1)) as [Claim];
      await accept([a]);
      const { counts } = await receive(open(), [body(a, "delivered", cost)]);
      expect(counts).toEqual({ delivered: { applied: 1 } });
      expect(await outcome(1)).toEqual([null, null]);
      expect(await sums()).toEqual([]);
    });

    it("is kept of a receipt that waited for the runner", async () => {
      const { claim, accept, body, outcome } = await begin();
      const [a] = (await claim(1)) as [Claim];
      const early = await receive(open(), [body(a, "delivered", usd(0.0473))]);
      expect(early.counts).toEqual({ delivered: { parked: 1 } });
      expect(await outcome(1)).toEqual([null, null]);
      await accept([a]);
      await open().processWebhookBodies({ limit: 10, now: T0 });
      expect(await outcome(1)).toEqual([0.0473, "USD"]);
    });

    it("counts beside that of the message that was sent in its place", async () => {
      const { claim, accept, body, outcome, sums, kill, resend } = await begin();
      const [a] = (await claim(1)) as [Claim];
      await kill();
      await resend();
      const [again] = (await claim(1)) as [Claim];
      await accept([again]);
      const late = [body(a, "delivered", usd(0.04)), body(a, "read", usd(0.04))];
      expect((await receive(open(), late)).counts).toMatchObject({ read: { superseded: 1 } });
      expect(await outcome(1)).toEqual([null, null]);
      expect(await sums()).toEqual([{ currency: "USD", amount: 0.04, messages: 1 }]);
      await receive(open(), [body(again, "read", usd(0.05))]);
      expect(await outcome(1)).toEqual([0.05, "USD"]);
      expect(await sums()).toEqual([{ currency: "USD", amount: 0.09, messages: 2 }]);
      expect(await open().violations()).toEqual([]);
    });
  });

  describe("a budget, by the costs of receipts,", () => {
    it("has at once what a message costs less than its price", async () => {
      const { id, claim, accept, body } = await begin({ most: 2 * PRICE, currency: "USD" });
      const claims = await claim(PEOPLE);
      expect(claims).toHaveLength(2);
      await accept(claims);
      const [a, b] = claims as [Claim, Claim];
      await receive(open(), [
        body(a, "delivered", usd(0.025)),
        body(b, "delivered", usd(0.024999)),
      ]);
      // A millionth is left beyond one message.
      expect(await claim(PEOPLE)).toHaveLength(1);
      const { money } = await open().tally(id);
      expect(money.delivered).toEqual([
        { currency: "USD", messages: 2, planned: 2 * PRICE, cost: 49_999 },
      ]);
      expect(await open().violations()).toEqual([]);
    });

    it("counts a cost above the price in full, and gives out nothing more", async () => {
      const { id, claim, accept, body } = await begin({ most: 3 * PRICE, currency: "USD" });
      const [a] = (await claim(1)) as [Claim];
      await accept([a]);
      await receive(open(), [body(a, "delivered", usd(0.100001))]);
      for (const now of [T0, T0 + AGAIN_MS]) expect(await claim(PEOPLE, now)).toEqual([]);
      await receive(open(), [body(a, "read", usd(9))]);
      const after = await open().turn(turn(id, { claim: 1, now: T0 + 2 * AGAIN_MS }));
      expect(after).toMatchObject({ claimed: [], full: { by: "budget", spent: 9_000_000 } });
      await open().keepBudget(id, { most: 9_000_000 + PRICE, currency: "USD" });
      expect(await claim(PEOPLE, T0 + 2 * AGAIN_MS)).toHaveLength(1);
    });

    it("counts both messages when the one that failed is delivered after all", async () => {
      const { id, claim, accept, body } = await begin({ most: 2 * PRICE, currency: "USD" });
      const [a] = (await claim(1)) as [Claim];
      await accept([a]);
      await receive(open(), [body(a, "failed", undefined, { code: 131026 })]);
      await open().retry(id, ["131026"], T0);
      const [again] = (await claim(1)) as [Claim];
      expect([again.row, again.attempt]).toEqual([a.row, 2]);
      // It waits for the runner's answer to the second one, and costs money all the same.
      await receive(open(), [body(a, "delivered", usd(0.05))]);
      expect(await claim(PEOPLE, T0 + AGAIN_MS)).toEqual([]);
      await accept([again]);
      await open().processWebhookBodies({ limit: 10, now: T0 });
      expect(await claim(PEOPLE, T0 + 3 * AGAIN_MS)).toEqual([]);
      expect(await open().violations()).toEqual([]);
    });

    it("counts both messages of a row that was lost twice, when the first is delivered", async () => {
      const { claim, body, kill, resend } = await begin({ most: 2 * PRICE, currency: "USD" });
      const [a] = (await claim(1)) as [Claim];
      await kill();
      await resend();
      const [again] = (await claim(1)) as [Claim];
      await kill();
      await receive(open(), [body(a, "delivered", usd(0.05))]);
      expect(await claim(PEOPLE, T0 + AGAIN_MS)).toEqual([]);
      await receive(open(), [body(again, "delivered", usd(0.04))]);
      expect(await claim(PEOPLE, T0 + 3 * AGAIN_MS)).toEqual([]);
      expect(await open().violations()).toEqual([]);
    });

    it("goes by the planned price of a cost in another currency", async () => {
      const { claim, accept, body } = await begin({ most: 2 * PRICE, currency: "USD" });
      const [a] = (await claim(1)) as [Claim];
      await accept([a]);
      await receive(open(), [body(a, "delivered", { amount: 0.001, currency: "BRL" })]);
      expect(await claim(PEOPLE, T0 + AGAIN_MS)).toHaveLength(1);
    });

    it("counts what was sent before it too", async () => {
      const { id, claim, accept, body } = await begin();
      const [a] = (await claim(1)) as [Claim];
      await accept([a]);
      await receive(open(), [body(a, "delivered", usd(0.03))]);
      const prices = { BR: PRICE };
      await open().keepBudget(id, { most: 30_000, currency: "USD" }, prices);
      const { full } = await open().turn(turn(id, { claim: 1 }));
      expect(full).toMatchObject({ by: "budget", spent: 30_000 });
    });
  });
}
