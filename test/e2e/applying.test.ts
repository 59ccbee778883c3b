// What applies deliveries in the background: on a real ledger, and with a clock of the test's where
// time matters.

import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Applying } from "../../src/cli/process/applying.ts";
import { startApplying } from "../../src/cli/process/applying.ts";
import { systemClock } from "../../src/clock/clock.ts";
import { callbackKey } from "../../src/domain/campaign/dispatch.ts";
import { LedgerError } from "../../src/domain/campaign/fault.ts";
import type { Applied } from "../../src/domain/receipts/processing.ts";
import type { Clock } from "../../src/domain/sending/pace.ts";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import type { PlacedLedger } from "../../src/ledger/placed-ledger.ts";
import {
  accepted,
  answerTo,
  planned,
  send,
  statuses,
  T0,
  turn,
} from "../ledger/conformance/builders.ts";
import { statusBody } from "../ledger/conformance/receipts.ts";
import { makeFolder } from "../support/harness.ts";

const NUMBER = "106540352242922";

let ledger: PlacedLedger;
let applying: Applying | undefined;
let remove = () => {};

beforeEach(async () => {
  const place = makeFolder();
  remove = place.remove;
  ledger = await openSqliteLedger(join(place.folder, "ledger.sqlite"));
});

afterEach(async () => {
  await applying?.close();
  applying = undefined;
  await ledger.close();
  remove();
});

const keep = (...bodies: string[]) =>
  ledger.storeWebhookBodies(bodies.map((body) => ({ body, receivedAt: T0, source: "webhook" })));

const fail = (error: unknown) => {
  throw error;
};

/** A campaign of one row, whose message was claimed and not answered yet, and its receipt. */
async function claimedOne() {
  const id = await planned(ledger, [send(1)], NUMBER);
  const { claimed } = await ledger.turn(turn(id, { claim: 1 }));
  const key = callbackKey({ ledger: ledger.id, campaign: id, row: 1, attempt: 1 });
  return { id, claim: claimed[0] as (typeof claimed)[0], key };
}

/** A clock whose timers fire by hand, and whose pauses are none and are written down. */
function handClock() {
  const timers: (() => void)[] = [];
  const pauses: number[] = [];
  let monotonic = 0;
  const clock: Clock = {
    now: () => T0,
    monotonic: () => monotonic,
    sleep: (delayMs) => {
      pauses.push(delayMs);
      return new Promise((resolve) => setImmediate(resolve));
    },
    timer(_, wake) {
      timers.push(wake);
      return () => {};
    },
  };
  const pass = (ms: number) => {
    monotonic += ms;
  };
  return { clock, timers, pauses, pass };
}

describe("applying", () => {
  it("begins with what an earlier process kept, and goes on when it is woken", async () => {
    const { id, claim, key } = await claimedOne();
    const answer = answerTo(claim, accepted(1, { messageId: "w1" }));
    await ledger.turn(turn(id, { record: [answer] }));
    await keep(statusBody({ status: "sent", id: "w1", key }));
    applying = startApplying(ledger, { clock: systemClock, onError: fail });
    await applying.settled();
    expect(await statuses(ledger, id)).toEqual({ 1: "sent" });
    expect(applying.behindSince()).toBeNull();

    await keep(statusBody({ status: "read", id: "w1", key }));
    applying.wake();
    expect(applying.behindSince()).not.toBeNull();
    await applying.settled();
    expect(await statuses(ledger, id)).toEqual({ 1: "read" });
  });

  it("is behind by what waits, however much comes after it", async () => {
    const { clock } = handClock();
    let now = T0;
    let pieces = 0;
    const passing = { ...clock, now: () => now };
    const flooded = {
      ...ledger,
      // More is kept before each piece ends, and each piece applies all there was.
      processWebhookBodies: async (): Promise<Applied> => {
        pieces += 1;
        now += 1_000;
        if (pieces < 200) applying?.wake();
        return {
          bodies: 1,
          counts: {},
          settled: 0,
          lost: 0,
          optOuts: 0,
          lifted: 0,
          failed: {},
          held: {},
          more: false,
        };
      },
    };
    applying = startApplying(flooded, { clock: passing, onError: fail });
    applying.wake();
    while (pieces < 100) await new Promise((resolve) => setImmediate(resolve));
    expect(now - (applying.behindSince() ?? now)).toBeLessThanOrEqual(1_000);
    while (pieces < 200) await new Promise((resolve) => setImmediate(resolve));
    await applying.settled();
    expect(applying.behindSince()).toBeNull();
  });

  it("tries again what is parked, though nothing comes", async () => {
    const { id, claim, key } = await claimedOne();
    const { clock, timers } = handClock();
    const done: Applied[] = [];
    await keep(statusBody({ status: "delivered", id: "w1", key }));
    applying = startApplying(ledger, {
      clock,
      onError: fail,
      onApplied: (applied) => done.push(applied),
    });
    await applying.settled();
    expect(await ledger.receiptTotals()).toMatchObject({ parked: 1, waiting: 0 });
    const answer = answerTo(claim, accepted(1, { messageId: "w1" }));
    await ledger.turn(turn(id, { record: [answer] }));
    timers.at(-1)?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await statuses(ledger, id)).toEqual({ 1: "delivered" });
    expect(done.at(-1)?.counts).toEqual({ delivered: { parked: -1, applied: 1 } });
  });

  it("uses stop words that it is given", async () => {
    const message = { id: "m1", from: "447700900001", type: "text", text: { body: "Genug!" } };
    const value = { messages: [message], metadata: { phone_number_id: NUMBER } };
    const entry = [{ changes: [{ field: "messages", value }] }];
    await keep(JSON.stringify({ object: "whatsapp_business_account", entry }));
    applying = startApplying(ledger, { clock: systemClock, stopWords: ["genug"], onError: fail });
    await applying.settled();
    expect(await ledger.suppressions(0, 10)).toHaveLength(1);
  });

  it("goes on after an error, later each time, and loses nothing", async () => {
    const { clock, pauses } = handClock();
    const errors: unknown[] = [];
    let failures = 11;
    await keep(statusBody({ status: "sent", id: "w1", person: 1 }));
    const moody = {
      ...ledger,
      processWebhookBodies: (options: Parameters<typeof ledger.processWebhookBodies>[0]) => {
        failures -= 1;
        if (failures >= 0) return Promise.reject(new LedgerError("io", "The disk said no."));
        return ledger.processWebhookBodies(options);
      },
    };
    applying = startApplying(moody, { clock, onError: (error) => errors.push(error) });
    await applying.settled();
    expect(errors).toHaveLength(11);
    expect(pauses).toEqual([50, 100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000]);
    expect(await ledger.receiptTotals()).toMatchObject({ bodies: 1, waiting: 0 });
  });

  /** Applies so many pieces, each of which takes a time that follows from its events. */
  async function pieces(number: number, tookMs: (limit: number, nth: number) => number) {
    const { clock, pauses, pass } = handClock();
    const limits: number[] = [];
    const slow = {
      ...ledger,
      processWebhookBodies: async ({ limit }: { limit: number }): Promise<Applied> => {
        limits.push(limit);
        pass(tookMs(limit, limits.length - 1));
        const none = { settled: 0, lost: 0, optOuts: 0, lifted: 0 };
        const more = limits.length < number;
        return { bodies: 1, ...none, counts: {}, failed: {}, held: {}, more };
      },
    };
    applying = startApplying(slow, { clock, onError: fail });
    await applying.settled();
    return { limits, pauses };
  }

  it("makes pieces of about 10 ms, and waits as long as each took", async () => {
    const microsecondsEach = [50, 50, 50, 50, 500, 500, 10_000, 10_000];
    const { limits, pauses } = await pieces(
      microsecondsEach.length,
      (limit, nth) => (limit * (microsecondsEach[nth] as number)) / 1_000,
    );
    expect(limits).toEqual([100, 200, 200, 200, 200, 20, 20, 20]);
    expect(pauses.slice(0, 5)).toEqual([5, 10, 10, 10, 100]);
  });

  it("makes longer ones where a transaction takes long whatever is in it", async () => {
    const { limits } = await pieces(12, (limit) => 100 + limit / 10);
    // Of a second, less than half goes to what is the same for each.
    expect(limits.at(-1)).toBeGreaterThan(1_000);
    expect(limits.at(-1)).toBeLessThan(1_500);
  });

  it("ends after the piece that it is at, and the caller that waits is let go", async () => {
    await keep(
      ...Array.from({ length: 3_000 }, (_, at) =>
        statusBody({ status: "sent", id: `w${at}`, waId: "447700900001" }),
      ),
    );
    applying = startApplying(ledger, { clock: systemClock, onError: fail });
    const settled = applying.settled();
    await applying.close();
    await settled;
    const { waiting } = await ledger.receiptTotals();
    expect(waiting).toBeGreaterThan(0);
    expect(waiting).toBeLessThan(3_000);
  });
});
