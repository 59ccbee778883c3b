// What every ledger must do with recipients by user id, with and without a number beside it: each
// person once, nobody who opted out under either, receipts that name either. Part of the suite in
// ledger.conformance.ts.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Claim, Next } from "../../../src/domain/campaign/attempt.ts";
import { callbackKey } from "../../../src/domain/campaign/dispatch.ts";
import type { PlannedRow } from "../../../src/domain/campaign/row.ts";
import type { Suppression } from "../../../src/domain/campaign/suppression.ts";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import type { OutcomeRow } from "../../../src/domain/result/outcome-row.ts";
import {
  accepted,
  answerTo,
  personKey,
  phoneOf,
  planned,
  send,
  sendUser,
  skip,
  statuses,
  T0,
  turn,
} from "./builders.ts";
import { receive, statusBody } from "./receipts.ts";

const NUMBER = "106540352242922";
const FAILED: Next = { to: "failed", code: "131050", message: "Stopped" };

function stop(person: number | null, userId: string | null = null): Suppression {
  const phone = person === null ? null : phoneOf(person);
  const key = person === null ? null : personKey(person);
  return { phone, person: key, userId, reason: "asked", source: "manual" };
}

/** Adds the tests; the ledger is made before the first of them runs. */
export function describeUserIds(open: () => Ledger, lists: number): void {
  const claim = async (id: number, count = 20, now = T0): Promise<Claim[]> =>
    (await open().turn(turn(id, { claim: count, now }))).claimed;
  const end = (id: number, claims: Claim[], next: Next) =>
    open().turn(
      turn(id, { record: claims.map((one) => answerTo(one, next, { phone: one.phone })) }),
    );
  const rowOf = async (id: number, row = 1): Promise<OutcomeRow> =>
    (await open().outcomes(id, row - 1, 1)).rows[0] as OutcomeRow;
  /** Has the ledger know that a number and a user id are one person's. */
  const introduce = (userId: string, person: number) =>
    planned(open(), [sendUser(1, userId, person)]);

  describe("user ids in planning", () => {
    it("are claimed where there is no number, and beside a number it is the number", async () => {
      const rows = [sendUser(1, "BR.401"), sendUser(2, "BR.402", 402), send(3, 403)];
      const id = await planned(open(), rows);
      const own = { attempt: 1, region: "GB", holds: 0, capped: 0 };
      expect(await claim(id)).toEqual([
        { ...own, row: 1, phone: null, userId: "BR.401", values: '["v1"]' },
        { ...own, row: 2, phone: phoneOf(402), userId: null, values: '["v2"]' },
        { ...own, row: 3, phone: phoneOf(403), userId: null, values: '["v3"]' },
      ]);
      expect(await rowOf(id, 1)).toMatchObject({ phone: null, user_id: "BR.401" });
      expect(await rowOf(id, 2)).toMatchObject({ phone: phoneOf(402), user_id: "BR.402" });
      expect(await rowOf(id, 3)).toMatchObject({ user_id: null });
    });

    const lists: [string, PlannedRow[], number[]][] = [
      ["an id twice", [sendUser(1, "BR.411"), sendUser(2, "BR.411")], [1]],
      ["an id, then its number", [sendUser(1, "BR.412"), sendUser(2, "BR.412", 412)], [1]],
      ["a number, then its id", [sendUser(1, "BR.413", 413), sendUser(2, "BR.413")], [1]],
      ["two numbers of one id", [sendUser(1, "BR.414", 414), sendUser(2, "BR.414", 415)], [1]],
      ["two ids of one number", [sendUser(1, "BR.416", 416), sendUser(2, "BR.417", 416)], [1]],
      [
        "a bare number, its id beside it, and the bare id",
        [send(1, 418), sendUser(2, "BR.418", 418), sendUser(3, "BR.418")],
        [1],
      ],
      [
        "a bare id, its number beside it, and the bare number",
        [sendUser(1, "BR.419"), sendUser(2, "BR.419", 419), send(3, 419)],
        [1],
      ],
      ["two ids that nothing joins", [sendUser(1, "BR.420"), sendUser(2, "BR.421")], [1, 2]],
      [
        "an id whose earlier row is skipped",
        [{ ...skip(1, "missing_value"), userId: "BR.422" }, sendUser(2, "BR.422")],
        [2],
      ],
    ];
    for (const [title, rows, expected] of lists) {
      it(`take a person once: ${title}`, async () => {
        const id = await planned(open(), rows);
        expect((await claim(id)).map((one) => one.row)).toEqual(expected);
        const { rows: duplicates } = await open().rejects(id, ["duplicate"], 0, 10);
        expect(duplicates).toHaveLength(rows.length - Math.max(...expected));
        for (const one of duplicates) expect(one.detail).toContain("row 1.");
      });
    }

    for (const turned of [false, true]) {
      const order = turned ? "the id first" : "the number first";
      it(`take a person once whose names an earlier campaign reported: ${order}`, async () => {
        const person = turned ? 431 : 432;
        const userId = `BR.${person}`;
        await introduce(userId, person);
        const rows = turned
          ? [sendUser(1, userId), send(2, person)]
          : [send(1, person), sendUser(2, userId)];
        const id = await planned(open(), rows);
        expect(await statuses(open(), id)).toEqual({ 1: "pending", 2: "skipped/duplicate" });
      });
    }

    it("learn nothing from a row whose cells cannot be distinguished", async () => {
      await planned(open(), [{ ...skip(1, "ragged_row", 433), userId: "BR.433" }]);
      const id = await planned(open(), [send(1, 433), sendUser(2, "BR.433")]);
      expect(await statuses(open(), id)).toEqual({ 1: "pending", 2: "pending" });
    });

    it("are planned again: turned round, and with a number that was added", async () => {
      const id = await planned(open(), [sendUser(1, "BR.441"), sendUser(2, "BR.442")]);
      await open().plan(id, [sendUser(1, "BR.442"), sendUser(2, "BR.441")], T0);
      expect(await statuses(open(), id)).toEqual({ 1: "pending", 2: "pending" });
      await open().plan(id, [sendUser(1, "BR.442", 442), sendUser(2, "BR.442")], T0);
      expect(await statuses(open(), id)).toEqual({ 1: "pending", 2: "skipped/duplicate" });
      expect(await claim(id)).toMatchObject([{ phone: phoneOf(442), userId: null }]);
    });

    it("keep a hold for the same id, and drop it for another", async () => {
      const until = T0 + 86_400_000;
      const id = await planned(open(), [sendUser(1, "BR.443"), sendUser(2, "BR.444")]);
      await end(id, await claim(id), { to: "held", until, reason: "131049" });
      await open().plan(id, [sendUser(1, "BR.443", 443), sendUser(2, "BR.445")], T0);
      expect(await statuses(open(), id)).toEqual({ 1: "held/131049", 2: "pending" });
    });

    it("go in by fifties as well as one by one", async () => {
      const rows = Array.from({ length: 130 }, (_, at) =>
        at % 3 === 0 ? send(at + 1, 600 + at) : sendUser(at + 1, `BR.6${at % 110}`),
      );
      const id = await planned(open(), rows);
      const seen = await statuses(open(), id);
      expect(Object.keys(seen)).toHaveLength(130);
      const ids = new Set(rows.flatMap((row) => row.userId ?? []));
      const people = rows.filter((row) => row.person !== null).length + ids.size;
      expect(Object.values(seen).filter((one) => one === "pending")).toHaveLength(people);
    });
  });

  describe("user ids and suppression", () => {
    const ways: [string, string, number | null, (userId: string, person: number) => Suppression][] =
      [
        ["the id, by id", "BR.451", null, (userId) => stop(null, userId)],
        ["the id, by its number", "BR.452", null, (_, person) => stop(person)],
        ["the number, by the id beside it", "BR.453", 453, (userId) => stop(null, userId)],
        ["the number, by number", "BR.454", 454, (_, person) => stop(person)],
      ];
    for (const [title, userId, number, entryOf] of ways) {
      const person = Number(userId.slice(3));
      it(`stop ${title}, in planning, in the claim, and no more when taken off`, async () => {
        await introduce(userId, person);
        const rows = [sendUser(1, userId, number), sendUser(2, `${userId}9`)];
        const before = await planned(open(), rows);
        await open().suppress([entryOf(userId, person)], T0);
        const after = await planned(open(), rows);
        const expected = { 1: "skipped/opted_out", 2: "pending" };
        expect(await statuses(open(), after)).toEqual(expected);
        const { claimed, suppressed } = await open().turn(turn(before, { claim: 5 }));
        expect([claimed.map((one) => one.row), suppressed]).toEqual([[2], 1]);
        // Taken off by the other name than the one that stands on the list.
        const byId = entryOf(userId, person).userId === null;
        const key = byId ? { userId } : { person: personKey(person) };
        expect(await open().unsuppress([key])).toBe(1);
        await open().plan(before, rows, T0);
        expect((await claim(before)).map((one) => one.row)).toEqual([1]);
      });
    }

    it("reach those behind a row that shows who they are, in the same list", async () => {
      await open().suppress([stop(null, "BR.881"), stop(882)], T0);
      const rows = [
        send(1, 883),
        sendUser(2, "BR.880"),
        ...[sendUser(3, "BR.881", 881), send(4, 881)],
        ...[sendUser(5, "BR.882", 882), sendUser(6, "BR.882")],
      ];
      const id = await planned(open(), rows);
      const stopped = "skipped/opted_out";
      const sent = "pending";
      expect(await statuses(open(), id)).toEqual({
        ...{ 1: sent, 2: sent, 3: stopped, 4: stopped, 5: stopped, 6: stopped },
      });
      await open().unsuppress([{ userId: "BR.881" }, { person: personKey(882) }]);
    });

    it("reach over another number and another id of the same account", async () => {
      const first = await planned(open(), [sendUser(1, "BR.461", 461)]);
      await end(first, await claim(first), accepted(1, { waId: personKey(462), userId: "BR.463" }));
      await open().suppress([stop(462)], T0);
      const byNumber = await planned(open(), [sendUser(1, "BR.461"), sendUser(2, "BR.463")]);
      expect((await open().tally(byNumber)).reasons).toEqual({ opted_out: 2 });
      await open().unsuppress([{ userId: "BR.461" }]);
      await open().suppress([stop(null, "BR.463")], T0);
      const byId = await planned(open(), [sendUser(1, "BR.461"), send(2, 462)]);
      expect((await open().tally(byId)).reasons).toEqual({ opted_out: 2 });
    });

    it("come from an answer to an id, and stop it everywhere", async () => {
      const one = await planned(open(), [sendUser(1, "BR.471")]);
      const two = await planned(open(), [sendUser(1, "BR.471"), sendUser(2, "BR.472", 472)]);
      const record = (await claim(one)).map((each) =>
        answerTo(each, FAILED, { phone: null, suppress: { reason: "131050" } }),
      );
      await open().turn(turn(one, { record }));
      expect((await claim(two)).map((each) => each.row)).toEqual([2]);
      const listed = (await open().suppressions(0, 10_000)).find(
        (each) => each.userId === "BR.471",
      );
      expect(listed).toMatchObject({ phone: null, person: null, source: "reply" });
    });
  });

  describe("a number and a user id that turn out to be one person's while they wait", () => {
    it("are sent to once: the answer to the number names the id", async () => {
      const id = await planned(open(), [
        send(1, 481),
        sendUser(2, "BR.481"),
        sendUser(3, "BR.482"),
      ]);
      await end(id, await claim(id, 1), accepted(1, { userId: "BR.481" }));
      expect((await claim(id)).map((one) => one.row)).toEqual([3]);
      expect(await rowOf(id, 2)).toMatchObject({ status: "skipped", reason: "duplicate" });
      expect((await rowOf(id, 2)).error_message).toContain("row 1.");
    });

    it("are sent to once: the receipt of the id names the number, and is the later row", async () => {
      const id = await planned(open(), [send(1, 483), sendUser(2, "BR.483")], NUMBER);
      const claims = await claim(id);
      await open().turn(turn(id, { release: [{ row: 1, attempt: 1 }] }));
      await end(id, claims.slice(1), accepted(2, { messageId: "w483", userId: "BR.483" }));
      const reported = { status: "sent", id: "w483", person: 483, userId: "BR.483" };
      await receive(open(), [statusBody(reported)]);
      expect(await claim(id)).toEqual([]);
      expect((await rowOf(id, 1)).error_message).toContain("row 2.");
    });

    it("are sent to once when both wait, by the earlier row", async () => {
      const id = await planned(open(), [sendUser(1, "BR.484"), send(2, 484)]);
      await introduce("BR.484", 484);
      expect((await claim(id)).map((one) => one.row)).toEqual([1]);
      expect(await statuses(open(), id)).toEqual({ 1: "claimed", 2: "skipped/duplicate" });
    });
  });

  describe("receipts of messages to a user id", () => {
    async function sent(userId: string, messageId: string): Promise<number> {
      const id = await planned(open(), [sendUser(1, userId)], NUMBER);
      await end(id, await claim(id), accepted(1, { messageId, userId }));
      return id;
    }

    it("find it by the id that they name", async () => {
      const id = await sent("BR.491", "w491");
      const reported = { id: "w491", userId: "BR.491" };
      const all = ["delivered", "read"].map((status) => statusBody({ ...reported, status }));
      expect((await receive(open(), all)).counts).toEqual({
        delivered: { applied: 1 },
        read: { applied: 1 },
      });
      expect(await rowOf(id)).toMatchObject({ status: "read", user_id: "BR.491", phone: null });
      const other = statusBody({ status: "sent", id: "w491.other", userId: "BR.491" });
      expect((await receive(open(), [other])).counts).toEqual({ sent: { unmatched: 1 } });
    });

    it("find it by a number that is known behind the id, and tell of one that is not", async () => {
      const id = await sent("BR.492", "w492");
      const named = { id: "w492", person: 492, userId: "BR.492" };
      await receive(open(), [statusBody({ ...named, status: "sent" })]);
      await receive(open(), [statusBody({ id: "w492", person: 492, status: "delivered" })]);
      expect((await rowOf(id)).status).toBe("delivered");
      await open().suppress([stop(492)], T0);
      const later = await planned(open(), [sendUser(1, "BR.492")]);
      expect(await statuses(open(), later)).toEqual({ 1: "skipped/opted_out" });
    });

    it("settle one in doubt by id and time, and wait where two may be meant", async () => {
      const lost = async () => {
        const id = await planned(open(), [sendUser(1, "BR.493")], NUMBER);
        await claim(id);
        await open().recoverClaims(id, T0);
        return id;
      };
      const one = await lost();
      const reported = { status: "delivered", userId: "BR.493" };
      expect(await receive(open(), [statusBody({ ...reported, id: "w1" })])).toMatchObject({
        settled: 1,
      });
      expect(await rowOf(one)).toMatchObject({ status: "delivered", message_id: "w1" });
      await lost();
      const last = await lost();
      const { counts } = await receive(open(), [statusBody({ ...reported, id: "w2" })]);
      expect(counts).toEqual({ delivered: { parked: 1 } });
      await open().resolveUnknown(last, "give-up", T0);
      expect(await receive(open(), [])).toMatchObject({ settled: 1 });
    });

    it("do not take a row that names number and id for two", async () => {
      const id = await planned(open(), [sendUser(1, "BR.494", 494)], NUMBER);
      await claim(id);
      await open().recoverClaims(id, T0);
      const reported = { status: "sent", id: "w494", person: 494, userId: "BR.494" };
      expect(await receive(open(), [statusBody(reported)])).toMatchObject({ settled: 1 });
    });

    it("go to nobody else when the row was planned again for another id", async () => {
      const id = await planned(open(), [sendUser(1, "BR.495")], NUMBER);
      await end(id, await claim(id), { to: "held", until: T0 + 86_400_000, reason: "131049" });
      await open().plan(id, [sendUser(1, "BR.496")], T0);
      const key = callbackKey({ ledger: open().id, campaign: id, row: 1, attempt: 1 });
      const reported = { status: "delivered", id: "w495", key };
      const { counts } = await receive(open(), [statusBody({ ...reported, userId: "BR.495" })]);
      expect(counts).toEqual({ delivered: { unmatched: 1 } });
      expect((await rowOf(id)).status).toBe("pending");
    });

    it("put the id on the list that stopped, also when only our key tells whose it is", async () => {
      const id = await sent("BR.497", "w497");
      const key = callbackKey({ ledger: open().id, campaign: id, row: 1, attempt: 1 });
      const reported = statusBody({ status: "failed", id: "w497", key, code: 131050 });
      expect(await receive(open(), [reported])).toMatchObject({ optOuts: 1 });
      const later = await planned(open(), [sendUser(1, "BR.497")]);
      expect(await statuses(open(), later)).toEqual({ 1: "skipped/opted_out" });
    });
  });

  it("plans and claims any mixed list as its model does: each person once, nobody stopped", async () => {
    await fc.assert(
      fc.asyncProperty(mixed, (world) => live(open(), world)),
      { numRuns: lists },
    );
    expect(await open().violations()).toEqual([]);
  });
}

interface Who {
  person: number | null;
  userId: string | null;
}

interface Mixed {
  /** Numbers and ids that an earlier campaign reported to be one person's. */
  known: { person: number; userId: string }[];
  stops: Who[];
  rows: Who[];
  /** The same rows planned again. */
  again: Who[];
}

const PEOPLE = 5;
const person = fc.integer({ min: 0, max: PEOPLE - 1 });
const userId = person.map((one) => `GB.m${one}`);
const both = fc.record({ person, userId });
const who: fc.Arbitrary<Who> = fc.oneof(
  { weight: 3, arbitrary: person.map((one) => ({ person: one, userId: null })) },
  { weight: 3, arbitrary: userId.map((one) => ({ person: null, userId: one })) },
  { weight: 2, arbitrary: both },
);
const list = fc.array(who, { minLength: 1, maxLength: 8 });
const mixed: fc.Arbitrary<Mixed> = fc.record({
  known: fc.array(both, { maxLength: 2 }),
  stops: fc.array(fc.oneof(person.map(named), userId.map(named)), { maxLength: 2 }),
  rows: list,
  again: list,
});

function named(name: number | string): Who {
  const isPerson = typeof name === "number";
  return { person: isPerson ? name : null, userId: isPerson ? null : name };
}

let worlds = 0;

async function live(ledger: Ledger, world: Mixed): Promise<void> {
  // Names of this history alone: what is known of a person is known for ever.
  worlds += 1;
  const tag = String(worlds);
  const own = (one: Who): Who => ({
    person: one.person === null ? null : one.person + PEOPLE * worlds,
    userId: one.userId === null ? null : `${one.userId}x${tag}`,
  });
  const known: Who[] = world.known.map(own);
  const stops = world.stops.map(own);
  const rowOf = (one: Who, at: number): PlannedRow => ({
    ...send(at + 1),
    userId: one.userId,
    ...numberOf(one),
  });
  await planned(ledger, known.map(rowOf));
  await ledger.suppress(stops.map(suppressionOf), T0);
  const model = makeModel(known, stops);
  const rows = world.rows.map(own);
  const id = await planned(ledger, rows.map(rowOf));
  const first = rows.map((one) => model.plan(one));
  const seen = await statuses(ledger, id);
  expect(Object.values(seen).map((one) => one === "pending")).toEqual(first);

  const again = world.again.slice(0, rows.length).map(own);
  const now = [...again, ...rows.slice(again.length)];
  await ledger.plan(id, now.map(rowOf), T0);
  for (const one of now) model.learn(one);
  const claimed: Who[] = [];
  for (;;) {
    const result = await ledger.turn(turn(id, { claim: 2 }));
    claimed.push(...result.claimed.map((one) => now[one.row - 1] as Who));
    if (result.drained) break;
  }
  for (const [at, one] of claimed.entries()) {
    expect(model.isStopped(one), "nobody who opted out").toBe(false);
    for (const other of claimed.slice(0, at)) {
      expect(model.isSame(one, other), "each person once").toBe(false);
    }
  }
  for (const one of now) {
    const group = model.groupOf(one, now);
    const isFair =
      group.some((other) => claimed.includes(other)) || group.some((x) => model.isStopped(x));
    expect(isFair, "nobody left out without a reason").toBe(true);
  }
}

function numberOf({ person: one }: Who): Pick<PlannedRow, "phone" | "person"> {
  if (one === null) return { phone: null, person: null };
  const digits = `4477009${String(10_000 + one).slice(-5)}`;
  return { phone: `+${digits}`, person: digits };
}

function suppressionOf(one: Who): Suppression {
  return { ...numberOf(one), userId: one.userId, reason: "asked", source: "manual" };
}

/** Who is whom, and who goes, in the simplest words. */
function makeModel(known: Who[], stops: Who[]) {
  const pairs = [...known];
  /** Every name of the person, over any number of pairs. */
  const namesOf = (...names: (number | string | null)[]): Set<number | string> => {
    const found = new Set(names.filter((name) => name !== null));
    for (let size = -1; size !== found.size; ) {
      size = found.size;
      for (const { person: a, userId: b } of pairs) {
        if (a === null || b === null || !(found.has(a) || found.has(b))) continue;
        found.add(a);
        found.add(b);
      }
    }
    return found;
  };
  const isPair = (a: number, b: string) => namesOf(a).has(b);
  const sent: Who[] = [];

  const model = {
    isStopped(one: Who): boolean {
      const names = namesOf(one.person, one.userId);
      return stops.some(
        (stop) => names.has(stop.person as number) || names.has(stop.userId as string),
      );
    },
    isSame: (one: Who, other: Who): boolean =>
      (one.person !== null && one.person === other.person) ||
      (one.userId !== null && one.userId === other.userId) ||
      (one.person !== null && other.userId !== null && isPair(one.person, other.userId)) ||
      (one.userId !== null && other.person !== null && isPair(other.person, one.userId)),
    learn(one: Who): void {
      if (one.person !== null && one.userId !== null) pairs.push(one);
    },
    /** Whether planning has the row sent to. */
    plan(one: Who): boolean {
      model.learn(one);
      if (model.isStopped(one) || sent.some((other) => model.isSame(one, other))) return false;
      sent.push(one);
      return true;
    },
    /** Everybody who is the same person over any number of steps. */
    groupOf(one: Who, all: Who[]): Who[] {
      const group = [one];
      for (let at = 0; at < group.length; at += 1) {
        for (const other of all) {
          if (!group.includes(other) && model.isSame(group[at] as Who, other)) group.push(other);
        }
      }
      return group;
    },
  };
  return model;
}
