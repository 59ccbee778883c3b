// What every ledger must do about the frequency cap. Part of the suite in ledger.conformance.ts.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Claim, Next } from "../../../src/domain/campaign/attempt.ts";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import type { TurnCap } from "../../../src/domain/limits/cap.ts";
import type { Turn } from "../../../src/domain/sending/turn.ts";
import {
  accepted,
  answerTo,
  finish,
  personKey,
  planned,
  send,
  sendUser,
  statuses,
  turn,
} from "./builders.ts";
import { story } from "./limit.ts";
import { receive, statusBody } from "./receipts.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const FAILED: Next = { to: "failed", code: "131026", message: "Undeliverable" };
const UNKNOWN: Next = { to: "unknown", message: "Cut." };
const ONE_A_WEEK: TurnCap = {
  most: 1,
  windowMs: 7 * DAY,
  gapMs: null,
  over: "skip",
  endsAt: null,
};

/** Adds the tests; the ledger is made before the first of them runs. */
export function describeFrequencyCap(open: () => Ledger, histories: number): void {
  const campaignOf = (people: number[], lane = "cap") =>
    planned(
      open(),
      people.map((person, at) => send(at + 1, person)),
      lane,
    );
  const claim = (id: number, changes: Partial<Turn>) =>
    open().turn(turn(id, { claim: 10, ...changes }));
  const rowsOf = ({ claimed }: { claimed: Claim[] }) => claimed.map(({ row }) => row);
  const detailOf = async (id: number, row: number) => {
    const { rows } = await open().outcomes(id, 0, 1_000);
    return rows.find((one) => one.row_number === row)?.error_message;
  };

  describe("the frequency cap", () => {
    it("skips who had as many messages, and names the campaign and the date", async () => {
      const { at } = story();
      const first = await campaignOf([801, 802]);
      const second = await campaignOf([801, 802, 803]);
      await claim(first, { now: at, claim: 1 });
      const result = await claim(second, { now: at + 7 * DAY - 1, cap: ONE_A_WEEK });
      expect(rowsOf(result)).toEqual([2, 3]);
      expect(result).toMatchObject({ suppressed: 1, held: 0, drained: true });
      expect(await statuses(open(), second)).toMatchObject({ 1: "skipped/frequency_cap" });
      const name = (await open().listCampaigns()).find(({ id }) => id === first)?.name;
      const minute = (instant: number) =>
        `${new Date(instant).toISOString().slice(0, 16).replace("T", " ")} UTC`;
      expect(await detailOf(second, 1)).toBe(
        `The frequency cap (1 in 7d) is used up: campaign "${name}" messaged this person on ${minute(at)}. Free from ${minute(at + 7 * DAY)} on.`,
      );
      const later = await campaignOf([801]);
      const free = await claim(later, { now: at + 7 * DAY, cap: ONE_A_WEEK });
      expect(rowsOf(free)).toEqual([1]);
    });

    it("does not count a message that tried a campaign out, which no list has", async () => {
      const { at } = story();
      const ledger = open();
      const names = { name: `cap-${at}#test-1`, testOf: `cap-${at}` };
      const draft = { ...names, lane: "cap", frozen: {}, columns: ["phone", "v"], now: at };
      const test = (await ledger.createCampaign(draft)).id;
      await ledger.plan(test, [send(1, 890)], at);
      await finish(ledger, test, 1);
      expect(rowsOf(await claim(test, { now: at }))).toEqual([1]);
      const campaign = await campaignOf([890]);
      expect(rowsOf(await claim(campaign, { now: at + 1, cap: ONE_A_WEEK }))).toEqual([1]);
      const idsOf = (list: { id: number }[]) => list.map(({ id }) => id);
      expect(idsOf(await ledger.listTests(`cap-${at}`))).toEqual([test]);
      expect(idsOf(await ledger.listTests())).toContain(test);
      expect(idsOf(await ledger.listCampaigns())).not.toContain(test);
      expect(idsOf(await ledger.listOpenCampaigns())).not.toContain(test);
      expect((await ledger.outcomes(test, 0, 1)).rows).toHaveLength(1);
    });

    it("holds until free, looks again then, and skips who is not free before the end", async () => {
      const { at } = story();
      const hold = { ...ONE_A_WEEK, over: "hold" as const };
      const ids = [await campaignOf([804, 805]), await campaignOf([804, 805])];
      const [first, second] = ids as [number, number];
      await claim(first, { now: at, claim: 1 });
      const ends = await claim(second, {
        now: at + 1,
        claim: 1,
        cap: { ...hold, endsAt: at + DAY },
      });
      // The first is skipped, and the other one has had nothing.
      expect([rowsOf(ends), ends.suppressed, ends.held]).toEqual([[2], 1, 0]);
      expect(await detailOf(second, 1)).toMatch(/after the campaign's end\.$/);
      const third = await campaignOf([804]);
      const held = await claim(third, { now: at + 2, cap: hold });
      expect(held).toMatchObject({ claimed: [], suppressed: 0, held: 1, drained: true });
      expect(await statuses(open(), third)).toEqual({ 1: "held/frequency_cap" });
      expect((await open().remaining(third)).nextDueAt).toBe(at + 7 * DAY);
      const other = await campaignOf([804]);
      expect(rowsOf(await claim(other, { now: at + 6 * DAY }))).toEqual([1]);
      const again = await claim(third, { now: at + 7 * DAY, cap: hold });
      expect(again).toMatchObject({ claimed: [], held: 1 });
      expect((await open().remaining(third)).nextDueAt).toBe(at + 13 * DAY);
      expect(rowsOf(await claim(third, { now: at + 13 * DAY, cap: hold }))).toEqual([1]);
    });

    it("keeps a gap, also where the window has room", async () => {
      const { at } = story();
      const cap = { ...ONE_A_WEEK, most: 3, gapMs: DAY };
      const ids: number[] = [];
      for (let n = 0; n < 5; n += 1) ids.push(await campaignOf([806]));
      const claims = async (n: number, now: number) =>
        (await claim(ids[n] as number, { now, cap })).claimed.length;
      expect(await claims(0, at)).toBe(1);
      expect(await claims(1, at + DAY - 1)).toBe(0);
      expect(await claims(2, at + DAY)).toBe(1);
      expect(await claims(3, at + 2 * DAY)).toBe(1);
      expect(await claims(4, at + 3 * DAY)).toBe(0);
    });

    it("counts what may have reached, and not what failed", async () => {
      const { at } = story();
      const first = await campaignOf([811, 812, 813, 814]);
      const second = await campaignOf([811, 812, 813, 814]);
      const { claimed } = await claim(first, { now: at });
      const [a, b, c, d] = claimed as [Claim, Claim, Claim, Claim];
      const record = [
        answerTo(a, FAILED),
        answerTo(b, UNKNOWN),
        answerTo(c, accepted(3, { messageId: `w-cap-${at}` })),
      ];
      const release = [{ row: d.row, attempt: d.attempt }];
      await claim(first, { now: at + 1, record, release, claim: 0 });
      const failed = { id: `w-cap-${at}`, person: 813, code: 131026, number: "cap", at: at + 2 };
      await receive(open(), [statusBody({ status: "failed", ...failed })], at + 2);
      // The operator's word to send it again does not say that it did not come the first time.
      await open().resolveUnknown(first, "resend", at + 3);
      const result = await claim(second, { now: at + 4, cap: ONE_A_WEEK });
      expect(rowsOf(result)).toEqual([1, 3, 4]);
      const third = await campaignOf([812]);
      await claim(first, { now: at + 5, claim: 0 });
      await open().cancel(first, at + 6);
      expect(rowsOf(await claim(third, { now: at + 7, cap: ONE_A_WEEK }))).toEqual([]);
    });

    it("counts what was given up, and what was unknown and expired not", async () => {
      const { at } = story();
      const first = await campaignOf([815]);
      const { claimed } = await claim(first, { now: at });
      const record = claimed.map((one) => answerTo(one, UNKNOWN));
      await claim(first, { now: at + 1, record, claim: 0 });
      await open().resolveUnknown(first, "give-up", at + 2);
      const second = await campaignOf([815]);
      expect(rowsOf(await claim(second, { now: at + 3, cap: ONE_A_WEEK }))).toEqual([]);
    });

    it("knows a person by every name", async () => {
      const { at } = story();
      const [a, b] = [`GB.${at}a`, `GB.${at}b`];
      const names = [sendUser(1, a), sendUser(2, b, 816), send(3, 817)];
      const first = await planned(open(), names, "cap");
      const record = (await claim(first, { now: at })).claimed.map((one) =>
        answerTo(one, accepted(one.row, one.row === 3 ? { waId: personKey(818) } : {})),
      );
      await claim(first, { now: at + 1, record, claim: 0 });
      const rows = [sendUser(1, a), send(2, 816), send(3, 818), send(4, 819)];
      const second = await planned(open(), rows, "cap");
      expect(rowsOf(await claim(second, { now: at + 2, cap: ONE_A_WEEK }))).toEqual([4]);
    });

    it("counts a message once, under however many names", async () => {
      const { at } = story();
      const first = await planned(open(), [sendUser(1, `GB.${at}c`, 820)], "cap");
      await claim(first, { now: at });
      const second = await planned(open(), [sendUser(1, `GB.${at}c`, 820)], "cap");
      const cap = { ...ONE_A_WEEK, most: 2 };
      expect(rowsOf(await claim(second, { now: at + 1, cap }))).toEqual([1]);
    });

    it("keeps the sandbox's messages apart from real ones", async () => {
      const { at } = story();
      const [toy, real] = [await campaignOf([821], "sandbox"), await campaignOf([821])];
      await claim(toy, { now: at });
      expect(rowsOf(await claim(real, { now: at + 1, cap: ONE_A_WEEK }))).toEqual([1]);
      const other = await campaignOf([821], "sandbox");
      expect(rowsOf(await claim(other, { now: at + 2, cap: ONE_A_WEEK }))).toEqual([]);
    });

    it("passes many at once who are over it, and goes on behind them", async () => {
      const { at } = story();
      const people = Array.from({ length: 300 }, (_, index) => 2_000 + index);
      const first = await campaignOf(people.slice(0, 290));
      const second = await campaignOf(people);
      await claim(first, { now: at, claim: 1_000 });
      const result = await claim(second, { now: at + 1, claim: 4, cap: ONE_A_WEEK });
      expect(rowsOf(result)).toEqual([291, 292, 293, 294]);
      expect(result.suppressed).toBe(290);
      expect((await open().remaining(second)).pending).toBe(6);
    });

    it("tells before when people are free, except of whom the campaign dealt with already", async () => {
      const { at } = story();
      const [first, second] = [await campaignOf([831, 832, 833]), await campaignOf([831, 832])];
      await claim(first, { now: at, claim: 2 });
      const names = (await open().listCampaigns()).map(({ id, name }) => ({ id, name }));
      const nameOf = (id: number) => names.find((one) => one.id === id)?.name ?? "new";
      const ask = (campaign: string, isSandbox = false) =>
        open().cappedUntil(
          { campaign, isSandbox },
          { cap: ONE_A_WEEK, now: at + 1 },
          [831, 832, 833].map((person) => ({ person: Number(personKey(person)), userId: null })),
        );
      expect(await ask("new")).toEqual([at + 7 * DAY, at + 7 * DAY, null]);
      expect(await ask("new", true)).toEqual([null, null, null]);
      await claim(second, { now: at + 1, claim: 1 });
      expect(await ask(nameOf(second))).toEqual([null, at + 7 * DAY, null]);
    });

    it("does what a plain count does, in any history", async () => {
      const run = (cap: TurnCap, steps: Step[]) => live(open(), cap, steps);
      const history = fc.array(step, { minLength: 5, maxLength: 40 });
      await fc.assert(fc.asyncProperty(anyCap, history, run), { numRuns: histories });
      expect(await open().violations()).toEqual([]);
    });
  });
}

const PEOPLE = [841, 842, 843, 844, 845, 846];
/** Each campaign has everybody, in another order. */
const ORDERS = [1, 5].map((by) => PEOPLE.map((_, at) => PEOPLE[(at * by) % 6] as number));

const hours = fc.integer({ min: 1, max: 100 }).map((n) => n * HOUR);
const anyCap = fc.record<TurnCap>({
  most: fc.integer({ min: 1, max: 3 }),
  windowMs: hours,
  gapMs: fc.option(hours),
  over: fc.constantFrom("skip", "hold"),
  endsAt: fc.constant(null),
});

const ENDS: Record<string, (row: number) => Next> = {
  accepted: (row) => accepted(row),
  failed: () => FAILED,
  pending: () => ({ to: "pending" }),
  unknown: () => UNKNOWN,
};
const turnStep = fc.record({
  do: fc.constant("turn" as const),
  campaign: fc.nat(3),
  claim: fc.integer({ min: 0, max: 4 }),
  isCapped: fc.boolean(),
  ends: fc.array(fc.constantFrom(...Object.keys(ENDS)), { minLength: 4, maxLength: 4 }),
});
const step = fc.oneof(
  { weight: 8, arbitrary: turnStep },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("sleep" as const), hours: fc.nat(60) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("decide" as const),
      decision: fc.constantFrom("resend" as const, "give-up" as const, "retry" as const),
      campaign: fc.nat(3),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type TurnStep = Extract<Step, { do: "turn" }>;

interface Message {
  row: number;
  person: number;
  status: string;
  dueAt: number;
  claimedAt: number;
  attempts: number;
  /** Numbers of the attempts whose answer was lost. */
  lost: number[];
  isGivenUp: boolean;
}

interface Sending {
  id: number;
  messages: Message[];
}

/** Plays a history on the ledger and on a plain list of messages, and compares them. */
async function live(ledger: Ledger, cap: TurnCap, steps: Step[]): Promise<void> {
  let now = story().at;
  const all: Sending[] = [];
  for (let index = 0; index < 4; index += 1) {
    const order = ORDERS[index % 2] as number[];
    const id = await planned(
      ledger,
      order.map((person, at) => send(at + 1, person)),
      "cap",
    );
    const messages = order.map(
      (person, at): Message => ({
        ...{ row: at + 1, person, status: "pending", dueAt: 0, claimedAt: 0, attempts: 0 },
        ...{ lost: [], isGivenUp: false },
      }),
    );
    all.push({ id, messages });
  }
  for (const one of steps) {
    now += 1_000;
    if (one.do === "sleep") {
      now += one.hours * HOUR;
      continue;
    }
    const sending = all[one.campaign] as Sending;
    const others = all.filter((other) => other !== sending).flatMap(({ messages }) => messages);
    if (one.do === "turn") await take(ledger, sending, { one, now, cap, others });
    else await decide(ledger, sending, { decision: one.decision, now });
    const found = await statuses(ledger, sending.id);
    const { messages } = sending;
    expect(
      messages.map(({ row }) => found[row]?.split("/")[0]),
      JSON.stringify({ cap, one }),
    ).toEqual(messages.map(({ status }) => status));
  }
}

async function decide(
  ledger: Ledger,
  { id, messages }: Sending,
  { decision, now }: { decision: "resend" | "give-up" | "retry"; now: number },
): Promise<void> {
  const from = decision === "retry" ? "failed" : "unknown";
  if (decision === "retry") await ledger.retry(id, ["131026", "given_up"], now);
  else await ledger.resolveUnknown(id, decision, now);
  for (const message of messages) {
    if (message.status !== from) continue;
    message.status = decision === "give-up" ? "failed" : "pending";
    message.isGivenUp = decision === "give-up";
  }
}

async function take(
  ledger: Ledger,
  { id, messages }: Sending,
  world: { one: TurnStep; now: number; cap: TurnCap; others: Message[] },
): Promise<void> {
  const { one, now, cap, others } = world;
  const given = one.isCapped ? { cap } : {};
  const { claimed } = await ledger.turn(turn(id, { now, claim: one.claim, ...given }));
  const due = messages.filter(({ status, dueAt }) => status === "held" && dueAt <= now);
  due.sort((a, b) => a.dueAt - b.dueAt || a.row - b.row);
  const pending = messages.filter(({ status }) => status === "pending");
  const expected: number[] = [];
  for (const message of [...due, ...pending]) {
    if (expected.length === one.claim) break;
    const free = one.isCapped ? freeFor(message.person, { now, cap, others }) : now;
    if (free > now) {
      message.status = cap.over === "hold" ? "held" : "skipped";
      message.dueAt = free;
      continue;
    }
    Object.assign(message, { status: "claimed", claimedAt: now, isGivenUp: false });
    message.attempts += 1;
    expected.push(message.row);
  }
  const rows = claimed.map(({ row }) => row);
  expect(rows.sort(), JSON.stringify({ cap, one })).toEqual(expected.sort());
  const record = claimed.map((claim, at) => {
    const message = messages[claim.row - 1] as Message;
    message.status = one.ends[at] as string;
    if (message.status === "unknown") message.lost.push(message.attempts);
    return answerTo(claim, (ENDS[message.status] as (row: number) => Next)(claim.row));
  });
  await ledger.turn(turn(id, { now: now + 1, record }));
}

/** When a person may get another message, found by counting at every instant that matters. */
function freeFor(
  person: number,
  { now, cap, others }: { now: number; cap: TurnCap; others: Message[] },
): number {
  const times = others
    .filter((one) => one.person === person && counts(one))
    .map(({ claimedAt }) => claimedAt);
  const isFree = (at: number) => {
    const within = (ms: number) => times.filter((time) => time > at - ms).length;
    return within(cap.windowMs) < cap.most && (cap.gapMs === null || within(cap.gapMs) === 0);
  };
  const instants = times.flatMap((time) => [time + cap.windowMs, time + (cap.gapMs ?? 0)]);
  const later = instants.filter((at) => at > now).sort((a, b) => a - b);
  return [now, ...later].find(isFree) as number;
}

function counts({ status, lost, attempts, isGivenUp }: Message): boolean {
  if (["claimed", "accepted", "unknown"].includes(status)) return true;
  return lost.some((attempt) => attempt < attempts || status !== "failed" || isGivenUp);
}
