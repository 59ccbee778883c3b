// What every ledger must do with a campaign that has a budget. Part of the suite in conformance.ts.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Claim, Next } from "../../../src/domain/campaign/attempt.ts";
import { callbackKey } from "../../../src/domain/campaign/dispatch.ts";
import type { Ledger } from "../../../src/domain/ledger/ledger.ts";
import { countAgainMs } from "../../../src/domain/limits/budget.ts";
import type { Turn } from "../../../src/domain/sending/turn.ts";
import { accepted, answerTo, finish, send, T0, turn } from "./builders.ts";
import { receive, statusBody } from "./receipts.ts";

const FAILED: Next = { to: "failed", code: "131026", message: "Undeliverable" };
const UNKNOWN: Next = { to: "unknown", message: "Cut." };
/** Millionths of a dollar. */
const PRICES: Readonly<Record<string, number>> = { GB: 52_900, BR: 62_500, ID: 41_100 };
const REGIONS = Object.keys(PRICES);
const PEOPLE = 12;
const AGAIN_MS = countAgainMs(PEOPLE);

let campaigns = 0;

/** The region of a row, and what its message costs. */
const regionOf = (row: number): string => REGIONS[row % REGIONS.length] as string;
const priceOf = (row: number): number => PRICES[regionOf(row)] as number;
const costOf = (rows: readonly number[]): number =>
  rows.reduce((sum, row) => sum + priceOf(row), 0);

/** Adds the tests; the ledger is made before the first of them runs. */
export function describeBudget(open: () => Ledger, histories: number): void {
  async function campaignOf(most: number | null, people = PEOPLE) {
    campaigns += 1;
    const lane = `2099100000${campaigns}`;
    const draft = { name: `budget-${campaigns}`, lane, frozen: {}, columns: ["phone"], now: T0 };
    const { id } = await open().createCampaign(draft);
    const rows = Array.from({ length: people }, (_, at) => {
      return { ...send(at + 1), region: regionOf(at + 1) };
    });
    const rules = most === null ? {} : { prices: PRICES };
    await open().plan(id, rows, T0, rules);
    await finish(open(), id, people);
    if (most !== null) await open().keepBudget(id, { most, currency: "USD" });
    return { id, lane };
  }
  const claim = (id: number, changes: Partial<Turn> = {}) =>
    open().turn(turn(id, { claim: PEOPLE, ...changes }));
  const rowsOf = ({ claimed }: { claimed: Claim[] }) => claimed.map(({ row }) => row);

  describe("the budget", () => {
    it("gives out no message that it does not allow, to the millionth", async () => {
      const most = costOf([1, 2, 3]);
      const { id } = await campaignOf(most);
      const first = await claim(id, { claim: 2 });
      expect(first).toMatchObject({ full: null });
      const second = await claim(id);
      expect(rowsOf(second)).toEqual([3]);
      const full = { by: "budget", most, currency: "USD", spent: most, isUnpriced: false };
      expect(second.full).toEqual({ ...full, freeAt: T0 + AGAIN_MS });
      await open().keepBudget(id, { most: most + priceOf(4) - 1, currency: "USD" });
      expect(rowsOf(await claim(id))).toEqual([]);
      await open().keepBudget(id, { most: most + priceOf(4), currency: "USD" });
      expect(rowsOf(await claim(id))).toEqual([4]);
      const later = await claim(id, { now: T0 + AGAIN_MS });
      expect(later).toMatchObject({ claimed: [], full: { by: "budget", freeAt: null } });
      expect((await open().findCampaign(`budget-${campaigns}`))?.budget).toEqual({
        most: most + priceOf(4),
        currency: "USD",
      });
    });

    it("frees at once what was refused or never posted, and not what is unknown", async () => {
      const { id } = await campaignOf(costOf([1, 2, 3]));
      const { claimed } = await claim(id);
      const [a, b, c] = claimed as [Claim, Claim, Claim];
      const record = [answerTo(a, FAILED), answerTo(b, UNKNOWN)];
      const second = await claim(id, { record, release: [{ row: c.row, attempt: c.attempt }] });
      // Row 3 again, and row 4, which costs as much as row 1.
      expect(rowsOf(second)).toEqual([3, 4]);
      // The operator's word to send it again does not say that it did not come the first time.
      await open().resolveUnknown(id, "resend", T0);
      const third = await claim(id, { now: T0 + AGAIN_MS });
      expect(third).toMatchObject({ claimed: [], full: { by: "budget", freeAt: null } });
      expect((await open().tally(id)).money).toMatchObject({ reserved: costOf([3, 4]) });
    });

    it("frees by counting again what failed or was free by a receipt", async () => {
      const { id, lane } = await campaignOf(costOf([1, 2]));
      const { claimed } = await claim(id);
      const record = claimed.map((one) =>
        answerTo(one, accepted(one.row, { messageId: `b${campaigns}-${one.row}` })),
      );
      expect(await claim(id, { record })).toMatchObject({ claimed: [] });
      const about = (row: number) => ({ id: `b${campaigns}-${row}`, person: row, number: lane });
      const failed = statusBody({ ...about(1), status: "failed", code: 131026 });
      const delivered = statusBody({ ...about(2), status: "delivered", category: "marketing" });
      await receive(open(), [failed, delivered.replace("regular", "free_entry_point")]);
      expect(await claim(id, { now: T0 })).toMatchObject({ claimed: [] });
      const again = await claim(id, { now: T0 + AGAIN_MS });
      expect(rowsOf(again)).toEqual([3]);
      // It came after all.
      await receive(open(), [statusBody({ ...about(1), status: "delivered" })]);
      const now = T0 + 3 * AGAIN_MS;
      expect(await claim(id, { now })).toMatchObject({ claimed: [], full: { by: "budget" } });
    });

    it("lets nothing through whose price is not known", async () => {
      const { id } = await campaignOf(null);
      await open().keepBudget(id, { most: 1_000_000, currency: "USD" });
      const { claimed, full } = await claim(id);
      expect(claimed).toEqual([]);
      expect(full).toMatchObject({ by: "budget", isUnpriced: true, freeAt: null });
      const { waiting } = (await open().tally(id)).money;
      expect(waiting.map(({ price }) => price)).toEqual(REGIONS.map(() => null));
    });

    it("counts what was sent before there was one", async () => {
      const { id } = await campaignOf(null, 4);
      const { claimed } = await claim(id, { claim: 2 });
      await claim(id, { claim: 0, record: claimed.map((one) => answerTo(one, accepted(one.row))) });
      const most = costOf([1, 2, 3]);
      await open().keepBudget(id, { most, currency: "USD" }, PRICES);
      const rows = [3, 4].map((row) => ({ ...send(row), region: regionOf(row) }));
      const again = rows.map((row) => ({ number: row.row, row }));
      await open().replan(id, again, T0, { prices: PRICES });
      await finish(open(), id, 4);
      expect(rowsOf(await claim(id))).toEqual([3]);
      await open().keepBudget(id, null);
      expect(rowsOf(await claim(id))).toEqual([4]);
    });

    it(
      "is never exceeded by what Meta took, whatever comes of it",
      { timeout: Math.max(60_000, 1000 * histories) },
      () =>
        fc.assert(
          fc.asyncProperty(story(), ({ most, steps }) =>
            play(open(), () => campaignOf(most), steps),
          ),
          { numRuns: Math.ceil(histories) },
        ),
    );
  });
}

/** A message as Meta has it. */
interface Sent {
  row: number;
  attempt: number;
  id: string;
  /** Reported as failed, so that it is not billed. */
  hasFailed: boolean;
  isDelivered: boolean;
  /** By its receipts, in millionths of a dollar. */
  cost: number | null;
}

type End = "accepted" | "failed" | "lost" | "lost_and_taken" | "release" | "wait";

type ReportedStatus = "failed" | "delivered" | "read" | "sent";

type Step =
  | { do: "turn"; claim: number; ends: End[]; laterMs: number }
  /** The program is killed; Meta may have taken what was claimed. */
  | { do: "kill"; taken: boolean[] }
  | { do: "receipt"; which: number; status: ReportedStatus; cost: number | null }
  | { do: "resend" | "give_up" | "retry" }
  | { do: "raise"; by: number };

function story(): fc.Arbitrary<{ most: number; steps: Step[] }> {
  const ends: End[] = ["accepted", "failed", "lost", "lost_and_taken", "release", "wait"];
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant("turn" as const),
        claim: fc.integer({ min: 0, max: 6 }),
        ends: fc.array(fc.constantFrom(...ends), { minLength: PEOPLE, maxLength: PEOPLE }),
        laterMs: fc.constantFrom(0, AGAIN_MS, 1_000),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("kill" as const),
        taken: fc.array(fc.boolean(), { minLength: PEOPLE, maxLength: PEOPLE }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("receipt" as const),
        which: fc.nat(100),
        status: fc.constantFrom<ReportedStatus>("failed", "delivered", "read", "sent"),
        // Also above every price that was planned.
        cost: fc.option(fc.integer({ min: 0, max: 90_000 })),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constantFrom("resend" as const, "give_up", "retry") }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant("raise" as const), by: fc.nat(100_000) }),
    },
  );
  const most = fc.integer({ min: 0, max: costOf([1, 2, 3, 4, 5, 6, 7]) });
  return fc.record({ most, steps: fc.array(step, { minLength: 5, maxLength: 30 }) });
}

async function play(
  ledger: Ledger,
  begin: () => Promise<{ id: number; lane: string }>,
  steps: readonly Step[],
): Promise<void> {
  const { id, lane } = await begin();
  const { budget } = (await ledger.findCampaign(`budget-${campaigns}`)) ?? {};
  let most = budget?.most ?? 0;
  let now = T0;
  let flying: Claim[] = [];
  /** Of a run that was killed; their answers come all the same. */
  const late: Claim[] = [];
  const sent: Sent[] = [];
  const take = ({ row, attempt }: Claim): Sent => {
    const one = {
      row,
      attempt,
      id: `s${id}-${row}-${attempt}`,
      hasFailed: false,
      isDelivered: false,
      cost: null,
    };
    sent.push(one);
    return one;
  };
  for (const step of steps) {
    switch (step.do) {
      case "turn": {
        now += step.laterMs;
        const record = late.splice(0).map((one) => answerTo(one, FAILED));
        const release = [];
        for (const [at, one] of flying.splice(0).entries()) {
          const how = step.ends[at] ?? "wait";
          if (how === "wait") flying.push(one);
          else if (how === "release") release.push({ row: one.row, attempt: one.attempt });
          else if (how === "failed") record.push(answerTo(one, FAILED));
          else if (how === "lost") record.push(answerTo(one, UNKNOWN));
          else {
            const { id: messageId } = take(one);
            const next = how === "accepted" ? accepted(one.row, { messageId }) : UNKNOWN;
            record.push(answerTo(one, next));
          }
        }
        const { claimed } = await ledger.turn(
          turn(id, { now, record, release, claim: step.claim }),
        );
        flying.push(...claimed);
        const billed = sent.filter(({ hasFailed }) => !hasFailed);
        const bill = billed.reduce((sum, { row, cost }) => sum + (cost ?? priceOf(row)), 0);
        const all = bill + costOf(flying.map(({ row }) => row));
        if (claimed.length > 0) expect(all).toBeLessThanOrEqual(most);
        break;
      }
      case "kill":
        for (const [at, one] of flying.entries()) {
          if (step.taken[at] === true) take(one);
          else late.push(one);
        }
        flying = [];
        await ledger.recoverClaims(id, now);
        break;
      case "receipt": {
        const one = sent[step.which % Math.max(1, sent.length)];
        if (one === undefined) break;
        const { row, attempt } = one;
        const key = callbackKey({ ledger: ledger.id, campaign: id, row, attempt });
        const about = { id: one.id, person: row, number: lane, key, at: now };
        const { status } = step;
        const code = status === "failed" ? { code: 131026 } : {};
        const cost =
          step.cost === null ? {} : { cost: { amount: step.cost / 1e6, currency: "USD" } };
        await receive(ledger, [statusBody({ ...about, status, ...code, ...cost })], now);
        // What is reported to have failed may be delivered all the same, if not the other way round.
        const isDelivered = status === "delivered" || status === "read";
        one.isDelivered ||= isDelivered;
        if (isDelivered && step.cost !== null) one.cost = Math.max(one.cost ?? 0, step.cost);
        one.hasFailed = !one.isDelivered && (one.hasFailed || status === "failed");
        break;
      }
      case "resend":
        await ledger.resolveUnknown(id, "resend", now);
        break;
      case "give_up":
        await ledger.resolveUnknown(id, "give-up", now);
        break;
      case "retry":
        await ledger.retry(id, ["131026", "given_up"], now);
        break;
      case "raise":
        most += step.by;
        await ledger.keepBudget(id, { most, currency: "USD" });
        break;
    }
  }
  const broken = await ledger.violations();
  expect(broken).toEqual([]);
}
