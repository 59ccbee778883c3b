// What every ledger must do about the audit table, purging and forgetting. Part of the suite in
// ledger.conformance.ts.

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Claim, Next } from "../../../src/domain/campaign/attempt.ts";
import { callbackKey } from "../../../src/domain/campaign/dispatch.ts";
import type { PlannedRow } from "../../../src/domain/campaign/row.ts";
import type { Forgetting, PersonKey } from "../../../src/domain/ledger/erasure.ts";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import type { LedgerTally } from "../../../src/domain/result/counts.ts";
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
import type { LedgerUnderTest } from "./conformance.ts";
import { receive, statusBody } from "./receipts.ts";

const DAY = 86_400_000;
/** When all that happens here is long over. */
const LATER = T0 + 200 * DAY;
/** From which `statusBody` tells. */
const LANE = "106540352242922";

/** Forgets a person to the end. */
export async function forgetAll(ledger: Ledger, who: PersonKey, now = T0): Promise<Forgetting> {
  const first = await ledger.forget(who, null, now);
  for (let place = first.next; place !== null; ) {
    const step = await ledger.forget(who, place, now);
    first.bodies += step.bodies;
    first.dispatches += step.dispatches;
    place = step.next;
  }
  return first;
}

/**
 * Purges a campaign to the end; gives how many rows were erased, or undefined when it may not be.
 */
export async function purgeAll(
  ledger: Ledger,
  campaign: number,
  before: number,
  now: number,
): Promise<number | undefined> {
  let erased = 0;
  for (;;) {
    const step = await ledger.purgeCampaign(campaign, before, now);
    if (step === undefined) return undefined;
    erased += step.erased;
    if (step.left === 0) return erased;
  }
}

/** Purges what belongs to no campaign. */
export async function purgeRestAll(ledger: Ledger, before: number): Promise<number> {
  let erased = 0;
  for (let step = await ledger.purgeRest(null, before); ; ) {
    erased += step.erased;
    if (step.next === null) return erased;
    step = await ledger.purgeRest(step.next, before);
  }
}

/**
 * Adds the tests, on a ledger of their own: they erase people, and other tests have the same ones.
 */
export function describeErasure(make: () => Promise<LedgerUnderTest>, histories: number): void {
  let under: LedgerUnderTest;
  const open = (): Ledger => under.ledger;
  beforeAll(async () => {
    under = await make();
  });
  afterAll(async () => {
    expect(await open().violations()).toEqual([]);
    await under.dispose();
  });
  const claim = async (id: number, count = 10, now = T0): Promise<Claim[]> =>
    (await open().turn(turn(id, { claim: count, now }))).claimed;
  const rowsOf = async (id: number): Promise<OutcomeRow[]> =>
    (await open().outcomes(id, 0, 1_000)).rows;

  /**
   * Everything ended: one accepted and later reported of, one failed, one unknown, some skipped.
   */
  async function ended(first: number, name: string): Promise<number> {
    const rows: PlannedRow[] = [
      ...[1, 2, 3, 4].map((row) => send(row, first + row)),
      skip(5, "invalid_number"),
      skip(6, "us_number", first + 6),
      sendUser(7, `GB.${first}`),
    ];
    const id = await planned(open(), rows, LANE);
    const claims = await claim(id);
    const [one, two, three, four, user] = claims as [Claim, Claim, Claim, Claim, Claim];
    const record = [
      answerTo(one, accepted(1, { messageId: `${name}-1`, waId: personKey(first + 1) })),
      answerTo(two, { to: "failed", code: "131026", message: `No ${phoneOf(first + 2)}` }),
      answerTo(three, { to: "unknown", message: "Cut." }),
      answerTo(four, accepted(4, { messageId: `${name}-4`, waId: personKey(first + 40) })),
      answerTo(user, accepted(7, { messageId: `${name}-7`, userId: `GB.${first}` })),
    ];
    await open().turn(turn(id, { record }));
    await receive(open(), [
      statusBody({ status: "read", id: `${name}-1`, person: first + 1, category: "marketing" }),
    ]);
    await open().setState(id, "finished", null, T0);
    return id;
  }

  describe("the audit table", () => {
    it("is reported newest first, a page at a time, and keeps entries as they were", async () => {
      const entry = { at: T0, actor: "command: anna", action: "cancel", subject: "spring" };
      await open().writeAudit({ ...entry, detail: { waiting: 3 } });
      await open().writeAudit({ ...entry, at: T0 - 5, actor: "live page", detail: {} });
      const [second, first] = await open().audits(null, 2);
      expect(first).toEqual({ id: first?.id, ...entry, detail: { waiting: 3 } });
      expect(second).toMatchObject({ at: T0 - 5, actor: "live page" });
      expect(await open().audits(second?.id as number, 1)).toEqual([first]);
      expect(await open().audits(first?.id as number, 5)).toEqual([]);
      const nobody = { ...entry, actor: "", detail: {} };
      await expect(open().writeAudit(nobody)).rejects.toThrow();
    });
  });

  describe("a purge", () => {
    it("takes what people gave, and leaves every count as it was", async () => {
      const id = await ended(400, "p400");
      const before: LedgerTally = await open().tally(id);
      const rows = await rowsOf(id);
      expect(await purgeAll(open(), id, LATER - 90 * DAY, LATER)).toBe(7);
      expect(await open().tally(id)).toEqual(before);
      const nothing = { phone: null, user_id: null, message_id: null, error_message: null };
      expect(await rowsOf(id)).toEqual(rows.map((row) => ({ ...row, ...nothing })));
      const { rows: rejects } = await open().rejects(id, ["invalid_number", "us_number"], 0, 10);
      expect(rejects.map(({ detail, cells }) => [detail, cells])).toEqual([
        ["", []],
        ["", []],
      ]);
      expect((await open().listCampaigns()).find((one) => one.id === id)?.erasedAt).toBe(LATER);
      // It was done, so that it is not among what can be done.
      expect(await open().purgeCampaign(id, LATER, LATER)).toBeUndefined();
      expect(await open().violations()).toEqual([]);
    });

    it("closes the campaign for good", async () => {
      const id = await ended(410, "p410");
      await purgeAll(open(), id, LATER - 90 * DAY, LATER);
      const before = await statuses(open(), id);
      expect(await open().retry(id, ["131026"], LATER)).toBe(0);
      expect(await open().resolveUnknown(id, "resend", LATER)).toBe(0);
      expect(await open().resolveUnknown(id, "give-up", LATER)).toBe(0);
      await expect(open().plan(id, [send(8, 418)], LATER)).rejects.toThrow(/purged/);
      expect(await claim(id, 10, LATER)).toEqual([]);
      // A receipt that comes after all does not bring the number back.
      const key = callbackKey({ ledger: open().id, campaign: id, row: 4, attempt: 1 });
      const late = { status: "delivered", id: "p410-4", person: 414, key };
      expect((await receive(open(), [statusBody(late)], LATER)).counts).toEqual({
        delivered: { repeated: 1 },
      });
      expect(await statuses(open(), id)).toEqual(before);
      expect((await rowsOf(id)).every((row) => row.phone === null)).toBe(true);
    });

    it("leaves alone what is open, what is young, and what receipts may still change", async () => {
      const find = async (id: number, before: number, now: number) =>
        (await open().purgeable(before, now)).find((one) => one.campaign === id);
      const opened = await planned(open(), [send(1, 421)], LANE);
      expect((await find(opened, LATER, LATER))?.obstacle).toEqual({ kind: "open" });
      expect(await open().purgeCampaign(opened, LATER, LATER)).toBeUndefined();
      const flying = await planned(open(), [send(1, 422), send(2, 423)], LANE);
      await claim(flying, 1);
      await open().cancel(flying, T0);
      expect((await find(flying, LATER, LATER))?.obstacle).toEqual({ kind: "open" });
      const young = await ended(430, "p430");
      expect(await find(young, T0 - 1, T0 + DAY)).toBeUndefined();
      expect(await find(young, T0, T0 + DAY)).toMatchObject({
        rows: 7,
        erasedRows: 0,
        obstacle: { kind: "receipts", until: T0 + 31 * DAY },
      });
      expect(await open().purgeCampaign(young, T0, T0 + DAY)).toBeUndefined();
      expect((await find(young, T0, T0 + 31 * DAY))?.obstacle).toBeNull();
    });

    it("goes on where it was interrupted, whatever it is asked then", async () => {
      const rows = Array.from({ length: 2_500 }, (_, index) => skip(index + 1, "invalid_number"));
      const id = await planned(open(), rows, LANE);
      await open().setState(id, "finished", null, T0);
      expect(await open().purgeCampaign(id, T0, LATER)).toEqual({ erased: 2_000, left: 500 });
      expect(await open().violations()).toEqual([]);
      const [half] = (await open().purgeable(0, LATER)).filter((one) => one.campaign === id);
      expect(half).toMatchObject({ rows: 2_500, erasedRows: 2_000, obstacle: null });
      expect(await open().purgeCampaign(id, 0, LATER)).toEqual({ erased: 500, left: 0 });
      expect(await open().violations()).toEqual([]);
    });

    it("makes nobody wait again whose row it has yet to come to", async () => {
      const gone = Array.from({ length: 2_000 }, (_, index) => skip(index + 1, "invalid_number"));
      const id = await planned(open(), [...gone, send(2_001, 451), send(2_002, 452)], LANE);
      const [one, two] = (await claim(id)) as [Claim, Claim];
      const record = [
        answerTo(one, accepted(1, { messageId: "p451" })),
        answerTo(two, accepted(2, { messageId: "p452" })),
      ];
      await open().turn(turn(id, { record }));
      await open().setState(id, "finished", null, T0);
      expect(await open().purgeCampaign(id, T0, LATER)).toEqual({ erased: 2_000, left: 2 });
      const late = { status: "failed", id: "p451", person: 451, code: 131049 };
      await receive(open(), [statusBody(late)], LATER);
      expect(await open().purgeCampaign(id, 0, LATER)).toEqual({ erased: 2, left: 0 });
      expect((await rowsOf(id)).length).toBe(1_000);
      expect(await open().violations()).toEqual([]);
    });

    it("takes bodies and other names that nobody needs, and never a suppression", async () => {
      const id = await ended(440, "p440");
      const stop = { phone: phoneOf(480), person: personKey(480), userId: null };
      await open().suppress([{ ...stop, reason: "asked", source: "manual" }], T0);
      const before = await open().suppressions(0, 10_000);
      // One of a person who is not in any campaign.
      await receive(open(), [statusBody({ status: "read", id: "w", person: 499 })]);
      await purgeAll(open(), id, T0 + DAY, LATER);
      expect(await purgeRestAll(open(), T0 + DAY)).toBeGreaterThan(0);
      expect(await open().suppressions(0, 10_000)).toEqual(before);
      expect(await purgeRestAll(open(), T0 + DAY)).toBe(0);
      const later = await planned(open(), [send(1, 480)], LANE);
      expect(await statuses(open(), later)).toEqual({ 1: "skipped/opted_out" });
      expect(await open().violations()).toEqual([]);
    });
  });

  describe("forgetting", () => {
    const who = (person: number): PersonKey => ({ person: personKey(person) });

    it("erases a person from every campaign, and knows them again all the same", async () => {
      const past = await ended(500, "f500");
      const waits = await planned(open(), [send(1, 501), send(2, 502), send(3, 501)], LANE);
      expect(await open().tracesOf(who(501))).toMatchObject({
        dispatches: 3,
        waiting: 1,
        isSuppressed: false,
        isForgotten: false,
      });
      const done = await forgetAll(open(), who(501));
      expect(done).toMatchObject({ busy: [], dispatches: 3, skipped: 1 });
      expect(done.tag).toMatch(/^[0-9a-f]{8}$/);
      expect((await rowsOf(past))[0]).toMatchObject({ phone: null, status: "read" });
      expect((await rowsOf(past))[1]).toMatchObject({ phone: phoneOf(502) });
      expect(await statuses(open(), waits)).toEqual({
        1: "skipped/opted_out",
        2: "pending",
        3: "skipped/duplicate",
      });
      expect((await claim(waits)).map(({ row }) => row)).toEqual([2]);
      // Planned again: nothing of the row is kept but why nothing is sent.
      const next = await planned(open(), [send(1, 501), send(2, 503), skip(3, "us_number", 501)]);
      const [first, second, third] = await rowsOf(next);
      expect(first).toMatchObject({ phone: null, status: "skipped", reason: "opted_out" });
      expect(second).toMatchObject({ phone: phoneOf(503), status: "pending" });
      expect(third).toMatchObject({ phone: null, status: "skipped", reason: "us_number" });
      expect((await open().rejects(next, ["opted_out"], 0, 9)).rows[0]?.cells).toEqual([]);
      expect(await forgetAll(open(), who(501))).toMatchObject({ dispatches: 0, skipped: 0 });
      expect(await open().violations()).toEqual([]);
    });

    it("finds them under every name, and by every name afterwards", async () => {
      const id = await planned(open(), [send(1, 511), sendUser(2, "GB.511511")], LANE);
      const [one] = await claim(id, 1);
      const reported = { messageId: "f511", waId: personKey(512), userId: "GB.511511" };
      await open().turn(turn(id, { record: [answerTo(one as Claim, accepted(1, reported))] }));
      const skipped = await planned(open(), [skip(1, "us_number", 512)], LANE);
      expect((await forgetAll(open(), { userId: "GB.511511" })).dispatches).toBe(3);
      expect((await rowsOf(skipped))[0]?.phone).toBeNull();
      const rows = [send(1, 511), send(2, 512), sendUser(3, "GB.511511"), sendUser(4, "GB.9", 511)];
      const next = await planned(open(), rows, LANE);
      const optedOut = "skipped/opted_out";
      expect(await statuses(open(), next)).toEqual({
        1: optedOut,
        2: optedOut,
        3: optedOut,
        4: optedOut,
      });
      // The row said that this is one more name of theirs.
      const last = await planned(open(), [sendUser(1, "GB.9")], LANE);
      expect(await statuses(open(), last)).toEqual({ 1: optedOut });
    });

    it("leaves nothing in a row of theirs of the person who had it before", async () => {
      const id = await planned(open(), [send(1, 515)], LANE);
      const [one] = await claim(id);
      const refused = { to: "held", until: T0 + DAY, reason: "131049" } as const;
      await open().turn(turn(id, { record: [answerTo(one as Claim, refused)] }));
      await forgetAll(open(), who(516));
      await open().plan(id, [send(1, 516)], T0);
      expect(await statuses(open(), id)).toEqual({ 1: "skipped/opted_out" });
      expect(await open().violations()).toEqual([]);
    });

    it("keeps nothing of an answer that comes when they are erased", async () => {
      const id = await planned(open(), [send(1, 517)], LANE);
      const [one] = await claim(id);
      await open().recoverClaims(id, T0);
      await forgetAll(open(), who(517));
      const reported = { messageId: "f517", waId: personKey(517) };
      const late = turn(id, { record: [answerTo(one as Claim, accepted(1, reported))] });
      expect(await open().turn(late)).toMatchObject({ stale: 1 });
      expect(await open().violations()).toEqual([]);
    });

    it("stops a message whose recipient turns out to be them only when it is claimed", async () => {
      const id = await planned(open(), [sendUser(1, "GB.521"), send(2, 522)], LANE);
      await forgetAll(open(), who(521));
      // Nobody knew until now that these two are one person.
      const entry = { phone: phoneOf(521), person: personKey(521), userId: "GB.521" };
      expect(await open().suppress([{ ...entry, reason: "asked", source: "manual" }], T0)).toBe(0);
      expect((await claim(id)).map(({ row }) => row)).toEqual([2]);
      expect((await statuses(open(), id))[1]).toBe("skipped/opted_out");
    });

    it("takes the place of a suppression, which is found and taken off by number", async () => {
      const entry = { phone: phoneOf(531), person: personKey(531), userId: "GB.531" };
      const asked = { ...entry, reason: "asked by Ana", source: "list.csv" };
      await open().suppress([asked], T0);
      expect(await open().tracesOf(who(531))).toMatchObject({ isSuppressed: true });
      const known = (await open().suppressions(0, 10_000)).length;
      await forgetAll(open(), { userId: "GB.531" });
      const list = await open().suppressions(0, 10_000);
      expect(list).toHaveLength(known);
      expect(list.at(-1)).toMatchObject({
        phone: null,
        person: null,
        userId: null,
        reason: "forgotten",
        isForgotten: true,
      });
      expect(await open().suppress([asked], T0)).toBe(0);
      expect(await open().suppressions(0, 10_000)).toEqual(list);
      expect(await open().tracesOf(who(531))).toMatchObject({ isForgotten: true, dispatches: 0 });
      expect(await open().unsuppress([{ person: personKey(531) }])).toBe(1);
      expect(await open().unsuppress([{ userId: "GB.531" }])).toBe(0);
      const next = await planned(open(), [send(1, 531)], LANE);
      expect(await statuses(open(), next)).toEqual({ 1: "pending" });
    });

    it("waits for the answer to a message that is on its way", async () => {
      const id = await planned(open(), [send(1, 541)], LANE);
      const [one] = await claim(id);
      const name = (await open().listCampaigns()).find((each) => each.id === id)?.name;
      expect(await open().forget(who(541), null, T0)).toMatchObject({
        busy: [name],
        dispatches: 0,
      });
      expect((await rowsOf(id))[0]?.phone).toBe(phoneOf(541));
      await open().turn(turn(id, { record: [answerTo(one as Claim, accepted(1))] }));
      expect(await forgetAll(open(), who(541))).toMatchObject({ busy: [], dispatches: 1 });
    });

    it("hears nothing of them any more, and keeps nothing that is reported", async () => {
      const id = await planned(open(), [send(1, 551)], LANE);
      const [one] = await claim(id);
      await open().turn(
        turn(id, { record: [answerTo(one as Claim, accepted(1, { messageId: "f551" }))] }),
      );
      await receive(open(), [statusBody({ status: "read", id: "other", person: 551 })]);
      expect(await forgetAll(open(), who(551))).toMatchObject({ dispatches: 1, bodies: 1 });
      const key = callbackKey({ ledger: open().id, campaign: id, row: 1, attempt: 1 });
      const bodies = [
        statusBody({ status: "delivered", id: "f551", person: 551, key }),
        statusBody({ status: "read", id: "f551", person: 551 }),
        statusBody({ status: "failed", id: "f551", person: 551, code: 131049, key }),
      ];
      expect((await receive(open(), bodies)).counts).toEqual({
        delivered: { repeated: 1 },
        read: { repeated: 1 },
        failed: { repeated: 1 },
      });
      expect((await rowsOf(id))[0]).toMatchObject({ status: "accepted", phone: null });
      expect((await forgetAll(open(), who(551))).bodies).toBe(0);
      expect(await open().violations()).toEqual([]);
    });

    it("still counts whom messages reached on the day", async () => {
      const now = T0 + 10 * DAY;
      const sender = { lane: "erasure-limit", portfolio: "erasure-business" };
      const id = await planned(open(), [send(1, 561), send(2, 562), send(3, 563)], sender.lane);
      await open().keepFacts(id, { portfolio: sender.portfolio, ttlSeconds: 86_400 }, now);
      await open().turn(turn(id, { now, claim: 2, peopleMax: 2 }));
      await open().recoverClaims(id, now);
      await forgetAll(open(), who(561), now);
      expect(await open().reached(sender, now)).toBe(2);
      expect((await open().turn(turn(id, { now, claim: 1, peopleMax: 2 }))).full).not.toBeNull();
      expect(await open().violations()).toEqual([]);
    });
  });

  it("keeps every count and every invariant, in any history", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 8, maxLength: 30 }), async (commands) => {
        const own = await make();
        try {
          await live(own.ledger, commands);
        } finally {
          await own.dispose();
        }
      }),
      { numRuns: histories },
    );
  });
}

const PEOPLE = 5;
const person = fc.integer({ min: 1, max: PEOPLE });

type Command =
  | { do: "plan"; people: number[] }
  | { do: "turn"; claim: number; ends: string[] }
  | { do: "receipt"; who: number; status: string }
  | { do: "suppress" | "unsuppress" | "forget"; who: number }
  | { do: "finish" | "cancel" | "recover" | "retry" | "purge" };

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    do: fc.constant("plan" as const),
    people: fc.array(person, { minLength: 1, maxLength: 6 }),
  }),
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("turn" as const),
      claim: fc.integer({ min: 0, max: 4 }),
      ends: fc.array(fc.constantFrom("accepted", "held", "failed", "unknown"), { maxLength: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("receipt" as const),
      who: person,
      status: fc.constantFrom("sent", "read", "failed"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom("suppress", "unsuppress", "forget"), who: person }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom("finish", "cancel", "recover", "retry", "purge") }),
  },
);

/** One campaign after the other; of the last one messages are sent. */
async function live(ledger: Ledger, commands: readonly Command[]): Promise<void> {
  const all: number[] = [];
  const left = new Set<number>();
  let flying: Claim[] = [];
  let now = T0;
  for (const each of commands) {
    now += 40 * DAY;
    const id = all.at(-1);
    if (each.do === "plan") {
      const rows = each.people.map((who, index) => send(index + 1, who));
      // A runner has one campaign, and ends before the next begins.
      if (id !== undefined) await ledger.recoverClaims(id, now);
      flying = [];
      all.push(await planned(ledger, rows, LANE));
      continue;
    }
    if (id === undefined) continue;
    const before = await tallies(ledger, all);
    if (each.do === "turn") {
      const record = flying
        .slice(0, each.ends.length)
        .map((claim, index) =>
          answerTo(claim, nextOf(each.ends[index] as string, `${id}-${claim.row}-${now}`, now)),
        );
      flying = flying.slice(each.ends.length);
      const { claimed } = await ledger.turn(turn(id, { now, record, claim: each.claim }));
      for (const { phone } of claimed) {
        expect([...left].map(phoneOf)).not.toContain(phone);
      }
      flying.push(...claimed);
    } else if (each.do === "receipt") {
      const reported = statusBody({
        status: each.status,
        id: `x-${now}`,
        person: each.who,
        at: now,
      });
      await receive(ledger, [reported], now);
    } else if (each.do === "suppress" || each.do === "unsuppress") {
      const key = { phone: phoneOf(each.who), person: personKey(each.who), userId: null };
      if (each.do === "unsuppress") {
        left.delete(each.who);
        await ledger.unsuppress([{ person: key.person }]);
      } else {
        left.add(each.who);
        await ledger.suppress([{ ...key, reason: "asked", source: "manual" }], now);
      }
    } else if (each.do === "forget") {
      const { busy } = await forgetAll(ledger, { person: personKey(each.who) }, now);
      const known = (await ledger.tracesOf({ person: personKey(each.who) })).dispatches;
      if (busy.length === 0) {
        left.add(each.who);
        expect(known).toBe(0);
      }
    } else if (each.do === "purge") {
      for (const one of all) await purgeAll(ledger, one, now - DAY, now);
      await purgeRestAll(ledger, now - DAY);
      expect(await tallies(ledger, all)).toEqual(before);
    } else await decide(ledger, id, each.do, now);
    const rows = (await tallies(ledger, all)).map((tally) => tally.rows);
    expect(rows).toEqual(before.map((tally) => tally.rows));
    expect(await ledger.violations()).toEqual([]);
  }
}

const tallies = (ledger: Ledger, all: readonly number[]): Promise<LedgerTally[]> =>
  Promise.all(all.map((id) => ledger.tally(id)));

function nextOf(how: string, messageId: string, now: number): Next {
  if (how === "accepted") return accepted(1, { messageId });
  if (how === "held") return { to: "held", until: now + DAY, reason: "wait" };
  if (how === "failed") return { to: "failed", code: "131026", message: "Undeliverable" };
  return { to: "unknown", message: "Cut." };
}

async function decide(
  ledger: Ledger,
  id: number,
  what: "finish" | "cancel" | "recover" | "retry",
  now: number,
): Promise<void> {
  const { pending, claimed, held } = await ledger.remaining(id);
  if (what === "finish") {
    if (pending + claimed + held === 0) await ledger.setState(id, "finished", null, now);
  } else if (what === "cancel") await ledger.cancel(id, now);
  else if (what === "recover") await ledger.recoverClaims(id, now);
  else {
    if ((await ledger.retry(id, ["131026"], now)) > 0) {
      await ledger.setState(id, "stopped", null, now);
    }
  }
}
