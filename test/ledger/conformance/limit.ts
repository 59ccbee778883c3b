// What every ledger must do about the daily limit. Part of the suite in ledger.conformance.ts.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Claim, Next } from "../../../src/domain/campaign/attempt.ts";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import type { Turn } from "../../../src/domain/sending/turn.ts";
import { accepted, answerTo, phoneOf, planned, send, sendUser, T0, turn } from "./builders.ts";
import { receive, statusBody } from "./receipts.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** People count for a day and a minute. */
const WINDOW = DAY + 60_000;
/** Later than everything else that happens on the same ledger, whose people would count too. */
const BASE = T0 + 1_000_000 * DAY;
/** Longer than any history takes by its own clock. */
const STORY = 200 * DAY;
const TTL = { ttlSeconds: 43_200 };
const FAILED: Next = { to: "failed", code: "131026", message: "Undeliverable" };
const UNKNOWN: Next = { to: "unknown", message: "Cut." };

let stories = 0;

/** An instant, and a name for a portfolio or a number, that no other test has. */
export function story(): { at: number; business: string } {
  stories += 1;
  return { at: BASE + stories * STORY, business: `business-${stories}` };
}

/** Adds the tests; the ledger is made before the first of them runs. */
export function describeDailyLimit(open: () => Ledger, histories: number): void {
  async function campaignOf(people: number[], lane: string, portfolio: string | null) {
    const rows = people.map((person, at) => send(at + 1, person));
    const id = await planned(open(), rows, lane);
    if (portfolio !== null) await open().keepFacts(id, { portfolio, ...TTL }, BASE);
    return { id, sender: { lane, portfolio } };
  }

  const claim = (id: number, changes: Partial<Turn>) =>
    open().turn(turn(id, { claim: 10, ...changes }));
  const rowsOf = ({ claimed }: { claimed: Claim[] }) => claimed.map(({ row }) => row);

  describe("the daily limit", () => {
    it("gives out no person too many, and says when the next may be", async () => {
      const { at, business } = story();
      const { id, sender } = await campaignOf([1, 2, 3, 4, 5], `${business}-1`, business);
      const first = await claim(id, { now: at, claim: 2, peopleMax: 3 });
      expect(first).toMatchObject({ full: null, drained: false });
      const record = first.claimed.map((one) => answerTo(one, accepted(one.row)));
      const second = await claim(id, { now: at + 5, record, peopleMax: 3 });
      expect(rowsOf(second)).toEqual([3]);
      expect(second).toMatchObject({ full: { people: 3, freeAt: at + WINDOW }, drained: false });
      expect(await open().dailyLimit(sender, at + 6)).toEqual({
        people: 3,
        limit: 3,
        freeAt: at + WINDOW,
      });
      const early = await claim(id, { now: at + WINDOW - 1, peopleMax: 3 });
      expect(early).toMatchObject({ claimed: [], full: { people: 3 } });
      const next = await claim(id, { now: at + WINDOW, peopleMax: 3 });
      expect(rowsOf(next)).toEqual([4, 5]);
      expect(next).toMatchObject({ full: null, drained: true });
      expect(await open().reached(sender, at + WINDOW)).toBe(3);
    });

    it("counts a person once, in whatever campaign and from whatever number", async () => {
      const { at, business } = story();
      const one = await campaignOf([1, 2, 3], `${business}-1`, business);
      const other = await campaignOf([3, 2, 7, 1], `${business}-2`, business);
      await claim(one.id, { now: at });
      const result = await claim(other.id, { now: at + HOUR, peopleMax: 3 });
      expect(rowsOf(result)).toEqual([1, 2]);
      expect(result.full).toEqual({ by: "daily_limit", people: 3, freeAt: at + WINDOW });
      // The two whom both reached count from the second time on.
      expect(await open().reached(one.sender, at + WINDOW)).toBe(2);
      expect(await open().reached(one.sender, at + HOUR + WINDOW)).toBe(0);
    });

    it("counts what was sent before anybody asked for a limit", async () => {
      const { at, business } = story();
      const { id, sender } = await campaignOf([1, 2, 3, 4], `${business}-1`, business);
      await claim(id, { now: at, claim: 2 });
      expect(await open().dailyLimit(sender, at)).toBeNull();
      expect(await open().reached(sender, at)).toBe(2);
      const result = await claim(id, { now: at + 1, peopleMax: 3 });
      expect(rowsOf(result)).toEqual([3]);
    });

    it("frees who was refused or never posted to, and not who is unknown", async () => {
      const { at, business } = story();
      const { id } = await campaignOf([1, 2, 3, 4, 5, 6], `${business}-1`, business);
      const { claimed } = await claim(id, { now: at, peopleMax: 3 });
      const [a, b, c] = claimed as [Claim, Claim, Claim];
      const record = [answerTo(a, FAILED), answerTo(b, UNKNOWN)];
      const second = await claim(id, { now: at + 1, record, peopleMax: 3 });
      expect(rowsOf(second)).toEqual([4]);
      const release = [{ row: c.row, attempt: c.attempt }];
      const third = await claim(id, { now: at + 2, release, claim: 1, peopleMax: 3 });
      expect(rowsOf(third)).toEqual([3]);
      // The operator's word to send it again does not say that it did not come the first time.
      await open().resolveUnknown(id, "resend", at + 3);
      const fourth = await claim(id, { now: at + 4, peopleMax: 3 });
      expect(rowsOf(fourth)).toEqual([2]);
      expect(fourth.full).toMatchObject({ people: 3 });
    });

    it("frees whose message failed by a receipt", async () => {
      const { at, business } = story();
      const lane = `${business}-1`;
      const { id, sender } = await campaignOf([1, 2], lane, business);
      const { claimed } = await claim(id, { now: at, claim: 1, peopleMax: 1 });
      const record = claimed.map((one) => answerTo(one, accepted(1, { messageId: "w-limit" })));
      await claim(id, { now: at, record, claim: 0 });
      const reported = {
        status: "failed",
        id: "w-limit",
        person: 1,
        code: 131026,
        number: lane,
        at,
      };
      await receive(open(), [statusBody(reported)], at + 1);
      expect(await open().reached(sender, at + 1)).toBe(0);
      expect(rowsOf(await claim(id, { now: at + 2, peopleMax: 1 }))).toEqual([2]);
    });

    it("keeps businesses apart, and counts a number of nobody knows whom with each", async () => {
      const { at, business } = story();
      const other = `${business}-other`;
      const mine = await campaignOf([1, 2], `${business}-1`, business);
      const theirs = await campaignOf([1, 2, 3], `${business}-2`, other);
      const unknown = await campaignOf([4], `${business}-3`, null);
      await claim(theirs.id, { now: at });
      expect(await open().reached(mine.sender, at)).toBe(0);
      await claim(unknown.id, { now: at });
      const result = await claim(mine.id, { now: at, peopleMax: 2 });
      expect(rowsOf(result)).toEqual([1]);
      // Once it is known whose the number is, it counts there alone.
      await open().keepFacts(unknown.id, { portfolio: other, ...TTL }, at);
      expect(await open().reached(theirs.sender, at)).toBe(4);
      expect(rowsOf(await claim(mine.id, { now: at, peopleMax: 2 }))).toEqual([2]);
    });

    it("counts the sandbox apart, and by itself", async () => {
      const { at, business } = story();
      const toy = await campaignOf([1, 2, 3], "sandbox", null);
      const real = await campaignOf([4], `${business}-1`, null);
      expect(rowsOf(await claim(toy.id, { now: at, peopleMax: 2 }))).toEqual([1, 2]);
      expect(await open().reached(toy.sender, at)).toBe(2);
      expect(await open().reached(real.sender, at)).toBe(0);
      expect(rowsOf(await claim(real.id, { now: at, peopleMax: 1 }))).toEqual([1]);
    });

    it("counts a user id as a person", async () => {
      const { at, business } = story();
      const [a, b] = [`GB.${stories}a`, `GB.${stories}b`];
      const rows = [sendUser(1, a), sendUser(2, b), send(3, 1)];
      const one = await planned(open(), rows, `${business}-1`);
      const two = await planned(open(), [sendUser(1, b), send(2, 1)], `${business}-2`);
      for (const id of [one, two]) await open().keepFacts(id, { portfolio: business, ...TTL }, at);
      const first = await claim(one, { now: at, peopleMax: 2 });
      expect(rowsOf(first)).toEqual([1, 2]);
      expect(rowsOf(await claim(two, { now: at, peopleMax: 2 }))).toEqual([1]);
      // The first of them is free again; the other one was written to twice.
      const record = first.claimed.map((each) => answerTo(each, FAILED));
      const next = await claim(one, { now: at + 1, record, peopleMax: 2 });
      expect(rowsOf(next)).toEqual([3]);
      expect(await open().reached({ lane: `${business}-1`, portfolio: business }, at + 1)).toBe(2);
    });

    it("tells whose a new campaign of a known number is", async () => {
      const { at, business } = story();
      await campaignOf([1], `${business}-1`, business);
      const { id } = await campaignOf([2], `${business}-1`, null);
      await open().keepFacts(id, { portfolio: null, ...TTL }, at);
      const found = (await open().listCampaigns()).find((one) => one.id === id);
      expect(found?.portfolio).toBe(business);
    });

    it("counts again when the clock is set back", async () => {
      const { at, business } = story();
      const { id } = await campaignOf([1, 2, 3, 4], `${business}-1`, business);
      await claim(id, { now: at, claim: 1, peopleMax: 2 });
      await claim(id, { now: at + 2 * DAY, claim: 1, peopleMax: 2 });
      const result = await claim(id, { now: at + 1, peopleMax: 2 });
      expect(rowsOf(result)).toEqual([]);
      expect(result.full).toMatchObject({ people: 2 });
    });

    it("forgets a limit that nobody asked for in two days", async () => {
      const { at, business } = story();
      const { id, sender } = await campaignOf([1, 2, 3], `${business}-1`, business);
      await claim(id, { now: at, claim: 1, peopleMax: 2 });
      const later = at + 49 * HOUR;
      expect(await open().dailyLimit(sender, later - 2 * HOUR)).not.toBeNull();
      expect(await open().dailyLimit(sender, later)).toBeNull();
      await claim(id, { now: later, claim: 1 });
      expect(await open().reached(sender, later)).toBe(1);
      const result = await claim(id, { now: later, peopleMax: 1 });
      expect(result).toMatchObject({ claimed: [], full: { people: 1 } });
    });

    it("does what a simple count does, in any history", async () => {
      const run = (portfolios: (number | null)[], steps: Step[]) => live(open(), portfolios, steps);
      const portfolio = fc.constantFrom(null, 0, 1);
      const three = fc.tuple(portfolio, portfolio, portfolio);
      const history = fc.array(step, { minLength: 5, maxLength: 40 });
      await fc.assert(fc.asyncProperty(three, history, run), { numRuns: histories });
      expect(await open().violations()).toEqual([]);
    });
  });
}

const PEOPLE = 8;
const FIRST = 700;
/** Each campaign has everybody, in another order. */
const ORDERS = [1, 3, 5].map((by) => Array.from({ length: PEOPLE }, (_, at) => (at * by) % PEOPLE));

const campaignIndex = fc.nat(2);
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("turn" as const),
      campaign: campaignIndex,
      claim: fc.integer({ min: 0, max: 4 }),
      limit: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
      ends: fc.array(
        fc.constantFrom("accepted", "failed", "pending", "unknown", "release", "wait"),
        { maxLength: PEOPLE },
      ),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("sleep" as const), hours: fc.nat(60) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("recover", "resend", "retry", "receipt", "learn"),
      campaign: campaignIndex,
      which: fc.nat(PEOPLE),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Message {
  row: number;
  person: number;
  status: "pending" | "claimed" | "accepted" | "failed" | "unknown";
  attempts: number;
  claimedAt: number;
  /** An attempt ended without an answer. */
  wasLost: boolean;
  messageId: string;
}

interface Sending {
  id: number;
  lane: string;
  portfolio: string | null;
  messages: Message[];
  flying: Claim[];
}

async function live(ledger: Ledger, portfolios: (number | null)[], steps: Step[]): Promise<void> {
  const { at, business } = story();
  const world: { now: number; all: Sending[]; business: string } = { now: at, all: [], business };
  for (const [index, portfolio] of portfolios.entries()) {
    const order = ORDERS[index] as number[];
    const people = order.map((person) => FIRST + person);
    const lane = `${business}-${index}`;
    const rows = people.map((person, row) => send(row + 1, person));
    const id = await planned(ledger, rows, lane);
    const named = portfolio === null ? null : `${business}-${portfolio}`;
    if (named !== null) await ledger.keepFacts(id, { portfolio: named, ...TTL }, at);
    const messages = people.map((person, row): Message => {
      const rest = { attempts: 0, claimedAt: 0, wasLost: false, messageId: "" };
      return { row: row + 1, person, status: "pending", ...rest };
    });
    world.all.push({ id, lane, portfolio: named, messages, flying: [] });
  }
  for (const one of steps) {
    // Two commands are never at the same instant, or a receipt could not be reported from its
    // repetition.
    world.now += 1_000;
    await carryOut(ledger, world, one);
    for (const { lane, portfolio } of world.all) {
      const people = countOf(world.all, portfolio, world.now).size;
      const sender = { lane, portfolio };
      expect(await ledger.reached(sender, world.now), JSON.stringify(one)).toBe(people);
      const limit = await ledger.dailyLimit(sender, world.now);
      if (limit !== null) expect(limit.people).toBe(people);
    }
  }
}

/**
 * Person → last instant at which a message may have reached them, of whom count for a portfolio.
 */
function countOf(all: Sending[], portfolio: string | null, now: number): Map<number, number> {
  const people = new Map<number, number>();
  for (const sending of all) {
    const isSame =
      sending.portfolio === portfolio || sending.portfolio === null || portfolio === null;
    if (!isSame) continue;
    for (const { person, status, claimedAt, wasLost } of sending.messages) {
      const mayHave = wasLost || ["claimed", "accepted", "unknown"].includes(status);
      if (!mayHave || claimedAt <= now - WINDOW) continue;
      people.set(person, Math.max(people.get(person) ?? 0, claimedAt));
    }
  }
  return people;
}

async function carryOut(
  ledger: Ledger,
  world: { now: number; all: Sending[]; business: string },
  each: Step,
): Promise<void> {
  if (each.do === "sleep") {
    world.now += each.hours * HOUR;
    return;
  }
  const sending = world.all[each.campaign] as Sending;
  const { now } = world;
  const { id, messages } = sending;
  const move = (from: Message["status"], to: Message["status"]) => {
    for (const one of messages) if (one.status === from) one.status = to;
  };
  switch (each.do) {
    case "turn":
      return takeTurn(ledger, world, sending, each);
    case "recover":
      await ledger.recoverClaims(id, now);
      for (const one of messages) one.wasLost ||= one.status === "claimed";
      sending.flying = [];
      return move("claimed", "unknown");
    case "resend":
      await ledger.resolveUnknown(id, "resend", now);
      return move("unknown", "pending");
    case "retry":
      await ledger.retry(id, ["131026"], now);
      return move("failed", "pending");
    case "receipt": {
      const taken = messages.filter(({ status }) => status === "accepted");
      const reported = taken[each.which % Math.max(1, taken.length)];
      if (reported === undefined) return;
      const { person, messageId } = reported;
      const about = { id: messageId, person, number: sending.lane, at: now };
      await receive(ledger, [statusBody({ ...about, status: "failed", code: 131026 })], now);
      reported.status = "failed";
      return;
    }
    case "learn":
      sending.portfolio ??= `${world.business}-${each.which % 2}`;
      return ledger.keepFacts(id, { portfolio: sending.portfolio, ...TTL }, now);
  }
}

async function takeTurn(
  ledger: Ledger,
  world: { now: number; all: Sending[] },
  sending: Sending,
  each: Extract<Step, { do: "turn" }>,
): Promise<void> {
  const { now, all } = world;
  const { id, portfolio, messages, lane } = sending;
  const record = [];
  const release = [];
  for (const [index, claim] of sending.flying.splice(0).entries()) {
    const message = messages[claim.row - 1] as Message;
    const how = each.ends[index] ?? "wait";
    if (how === "wait") sending.flying.push(claim);
    else if (how === "release") {
      release.push({ row: claim.row, attempt: claim.attempt });
      message.attempts -= 1;
      message.status = "pending";
    } else {
      const messageId = `${lane}-${claim.row}-${claim.attempt}`;
      record.push(answerTo(claim, nextOf(how, messageId), { endedAt: now }));
      message.status = how;
      message.wasLost ||= how === "unknown";
      message.messageId = messageId;
    }
  }
  const peopleMax = each.limit;
  const result = await ledger.turn(
    turn(id, {
      now,
      record,
      release,
      claim: each.claim,
      ...(peopleMax !== undefined && { peopleMax }),
    }),
  );
  const people = countOf(all, portfolio, now);
  const waiting = messages.filter(({ status }) => status === "pending").slice(0, each.claim);
  const expected: Message[] = [];
  for (const message of waiting) {
    if (!people.has(message.person) && people.size >= (peopleMax ?? PEOPLE)) break;
    people.set(message.person, now);
    expected.push(message);
  }
  const isFull = expected.length < waiting.length;
  const freeAt = Math.min(...people.values()) + WINDOW;
  const full = { by: "daily_limit", people: people.size, freeAt };
  expect(result.full).toEqual(isFull ? full : null);
  expect(result.claimed.map(({ row, phone }) => [row, phone])).toEqual(
    expected.map(({ row, person }) => [row, phoneOf(person)]),
  );
  for (const message of expected) {
    Object.assign(message, { status: "claimed", claimedAt: now, attempts: message.attempts + 1 });
  }
  sending.flying.push(...result.claimed);
}

function nextOf(how: "accepted" | "failed" | "pending" | "unknown", messageId: string): Next {
  if (how === "accepted") return accepted(0, { messageId });
  if (how === "failed") return FAILED;
  return how === "unknown" ? UNKNOWN : { to: "pending" };
}
