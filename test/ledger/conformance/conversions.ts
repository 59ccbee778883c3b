// What every ledger must do with orders: each once, of whichever name, counted in the group of
// their person. Part of the suite in conformance.ts.

import { describe, expect, it } from "vitest";
import { armOf, holdOutOf } from "../../../src/domain/arms/split.ts";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import type { Conversion } from "../../../src/domain/worth/conversion.ts";
import { accepted, answerTo, personKey, phoneOf, send, sendUser, T0, turn } from "./builders.ts";

const SPLIT = { name: "orders", shares: [0.5] };
const HOLD_OUT = { salt: "orders", share: 0.5, detail: "Kept out." };
const FIRST = 800_000;
const WINDOW = 60_000;
let stories = 0;

const order = (orderId: string, changes: Partial<Conversion>): Conversion => ({
  ...{ orderId, person: null, userId: null, recipientId: null, at: T0 + 5 },
  ...{ value: 10_000_000, currency: "BRL" },
  ...changes,
});

/** Adds the tests; the ledger is made before the first of them runs. */
export function describeConversions(open: () => Ledger): void {
  /** People of one kind each: in the hold-out, in the arm, in neither. */
  function peopleOf(): { out: number[]; arm: number[]; rest: number[] } {
    stories += 1;
    const all = Array.from({ length: 60 }, (_, at) => FIRST + stories * 1_000 + at);
    const isOut = (one: number) => holdOutOf([HOLD_OUT], personKey(one)) !== undefined;
    const isArm = (one: number) => !isOut(one) && armOf(SPLIT, personKey(one)) > 0;
    return {
      out: all.filter(isOut).slice(0, 5),
      arm: all.filter(isArm).slice(0, 5),
      rest: all.filter((one) => !isOut(one) && !isArm(one)).slice(0, 5),
    };
  }

  async function campaignOf() {
    const { out, arm, rest } = peopleOf();
    const frozen = {
      ...{ "template.name": "offer", "template.language": "pt_BR", "test.metric": "converted" },
      "test.arms": [{ name: "a", share: 0.5 }],
      "conversions.window": WINDOW,
    };
    const draft = { name: `orders-${stories}`, lane: `4499${stories}`, frozen, columns: ["phone"] };
    const { id } = await open().createCampaign({ ...draft, now: T0 });
    const rows = [...out, ...arm, ...rest].map((person, at) => ({
      ...send(at + 1, person),
      recipientId: `customer-${stories}-${at + 1}`,
    }));
    await open().plan(id, rows, T0, { isShuffled: true, split: SPLIT, holdOuts: [HOLD_OUT] });
    await open().finishPlanning(id, {
      ...{ frozen, columns: ["phone"], rows: rows.length, now: T0 },
      recipients: { size: 1, modifiedMs: T0, sha256: "ab".repeat(32) },
    });
    return { id, out, arm, rest, name: draft.name };
  }

  async function sendAll(id: number): Promise<void> {
    for (;;) {
      const { claimed, drained } = await open().turn(turn(id, { claim: 9, now: T0 + 1 }));
      const record = claimed.map((claim) => answerTo(claim, accepted(claim.row + stories * 1_000)));
      await open().turn(turn(id, { record, now: T0 + 1 }));
      if (drained) return;
    }
  }

  async function decided(id: number, name: string): Promise<void> {
    const decision = { decidedAt: T0 + 9, winner: null, rest: 1, sentence: "a.", evidence: {} };
    const entry = { at: T0, actor: "test", action: "test_decided", subject: name, detail: {} };
    await open().decideTest(id, decision, entry);
  }

  describe("orders", () => {
    it("are kept once by their id, and corrected by what comes last", async () => {
      const entries = [
        order("once-1", { person: "5511900000001" }),
        order("once-2", { userId: "BR.x1" }),
      ];
      const none = { added: 0, changed: 0, known: 0, forgotten: 0 };
      expect(await open().keepConversions(entries)).toEqual({ ...none, added: 2 });
      expect(await open().keepConversions(entries)).toEqual({ ...none, known: 2 });
      const refunded = order("once-1", { person: "5511900000001", value: 0 });
      const more = order("once-3", { recipientId: "7", value: null, currency: null });
      expect(await open().keepConversions([refunded, more])).toEqual({
        ...none,
        added: 1,
        changed: 1,
      });
      expect(await open().keepConversions([])).toEqual(none);
    });

    it("count in the group of their person, under every name, while the window is open", async () => {
      const { id, out, arm, rest, name } = await campaignOf();
      expect(await open().worthOf(id)).toMatchObject({ from: null, last: null, open: 10 });
      await sendAll(id);
      const [held, other, ...kept] = out as [number, number];
      expect(kept.length).toBe(3);
      const of = (one: number) => personKey(one);
      await open().keepConversions([
        order(`g${stories}-1`, { person: of(held) }),
        order(`g${stories}-2`, { person: of(held), value: 5_000_000 }),
        order(`g${stories}-3`, { recipientId: `customer-${stories}-2` }),
        order(`g${stories}-4`, { person: of(arm[0] as number) }),
        // Before the first message, after the window, and of a stranger.
        order(`g${stories}-5`, { person: of(other), at: T0 }),
        order(`g${stories}-6`, { person: of(arm[1] as number), at: T0 + 2 + WINDOW }),
        order(`g${stories}-7`, { person: "4915200000001" }),
        order(`g${stories}-8`, {
          person: of(arm[1] as number),
          at: T0 + 1 + WINDOW,
          currency: "USD",
        }),
      ]);
      await open().keepConversionImport({ at: T0 + 77, file: "orders.csv" });
      await decided(id, name);
      const worth = await open().worthOf(id);
      expect(worth).toMatchObject({ from: T0 + 1, last: T0 + 1, windowMs: WINDOW, open: 5 });
      expect(worth?.imported).toEqual({ at: T0 + 77, file: "orders.csv" });
      expect(worth?.groups.map(({ kind, people, ordered }) => [kind, people, ordered])).toEqual([
        ["hold_out", 5, 2],
        ["arm", 5, 2],
        ["rest", 5, 0],
      ]);
      expect(worth?.groups[0]?.revenue).toEqual([
        { currency: "BRL", orders: 3, sum: 25, squares: 15 * 15 + 10 * 10 },
      ]);
      expect(worth?.groups[1]?.name).toBe("a");
      expect(worth?.groups[1]?.revenue.map(({ currency }) => currency)).toEqual(["BRL", "USD"]);
      const state = await open().testState(id, T0 + WINDOW);
      expect(state).toMatchObject({ importedAt: T0 + 77, arms: [{ people: 5, converted: 1 }] });
      expect((await open().report(id, T0)).worth).toEqual(worth);
      expect(rest.length).toBe(5);
    });

    it("count people who opt out before their message, as those do who are kept out", async () => {
      const { id, out, rest, name } = await campaignOf();
      const entry = (one: number) => ({
        ...{ phone: phoneOf(one), person: personKey(one), userId: null },
        ...{ reason: "asked", source: "test" },
      });
      const [kept, sent] = [out[0] as number, rest[0] as number];
      await open().suppress([kept, sent].map(entry), T0);
      await sendAll(id);
      await decided(id, name);
      await sendAll(id);
      await open().keepConversions([order(`s${stories}-1`, { person: personKey(sent) })]);
      const worth = await open().worthOf(id);
      expect(worth?.groups.map(({ kind, people, ordered }) => [kind, people, ordered])).toEqual([
        ["hold_out", 5, 0],
        ["arm", 5, 0],
        ["rest", 5, 1],
      ]);
      const counted = (await open().tally(id)).reasons.opted_out;
      expect(counted).toBe(1);
    });

    it("are those of one person by a user id that leads to their number", async () => {
      stories += 1;
      const userId = `BR.order${stories}`;
      const draft = {
        name: `orders-${stories}`,
        lane: `4499${stories}`,
        frozen: {},
        columns: ["p"],
      };
      const { id } = await open().createCampaign({ ...draft, now: T0 });
      const person = FIRST + stories * 1_000;
      // A row of both names says that they are one person's.
      await open().plan(id, [sendUser(1, userId, person)], T0);
      await open().finishPlanning(id, {
        ...{ frozen: {}, columns: ["p"], rows: 1, now: T0 },
        recipients: { size: 1, modifiedMs: T0, sha256: "ab".repeat(32) },
      });
      expect(await open().worthOf(id)).toBeNull();
      await sendAll(id);
      await open().keepConversions([
        order(`u${stories}-1`, { userId }),
        order(`u${stories}-2`, { person: personKey(person) }),
      ]);
      expect(await open().worthOf(id)).toMatchObject({
        groups: [{ kind: "rest", people: 1, ordered: 1, revenue: [{ orders: 2, sum: 20 }] }],
      });
    });

    it("go with the person who is forgotten, and do not come back", async () => {
      const { id, arm } = await campaignOf();
      await sendAll(id);
      const [first, second] = arm as [number, number];
      const entries = [
        order(`f${stories}-1`, { person: personKey(first) }),
        order(`f${stories}-2`, { recipientId: `customer-${stories}-6` }),
        order(`f${stories}-3`, { person: personKey(second) }),
      ];
      expect(await open().keepConversions(entries)).toMatchObject({ added: 3 });
      const ordered = async () =>
        (await open().worthOf(id))?.groups.find(({ kind }) => kind === "arm")?.ordered;
      expect(await ordered()).toBe(2);
      let after: number | null = null;
      do {
        const step = await open().forget({ person: personKey(first) }, after, T0 + 3);
        after = step.next;
      } while (after !== null);
      expect(await ordered()).toBe(1);
      expect(await open().keepConversions(entries)).toMatchObject({ forgotten: 1, known: 1 });
      expect(await ordered()).toBe(1);
    });
  });
}
