// Statements that are asked ahead: fewer round trips, and the same transaction.

import pg from "pg";
import { afterEach, describe, expect, it, vi } from "vitest";
import { callbackKey } from "../../src/domain/campaign/dispatch.ts";
import { ahead, setStatement, statement } from "../../src/ledger/engine.ts";
import type { PlacedLedger } from "../../src/ledger/placed-ledger.ts";
import { readPostgresUrl } from "../../src/ledger/postgres/place.ts";
import { openPostgresLedger } from "../../src/ledger/postgres/postgres-ledger.ts";
import type { PostgresConnection } from "../../src/ledger/postgres/server.ts";
import { connectPostgres } from "../../src/ledger/postgres/server.ts";
import type { PostgresEngine } from "../../src/ledger/postgres/transactions.ts";
import { makePostgresEngine } from "../../src/ledger/postgres/transactions.ts";
import {
  accepted,
  answerTo,
  personKey,
  phoneOf,
  planned,
  send,
  T0,
  turn,
} from "../ledger/conformance/builders.ts";
import { statusBody } from "../ledger/conformance/receipts.ts";
import { ledgerUrl, sharedPostgres } from "../support/postgres.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const close of closing.splice(0)) await close();
});

/** Counts how often a client that waits for nothing sends something. */
function countTrips(): { trips(): number } {
  let trips = 0;
  const waiting = new Map<unknown, number>();
  const { query } = pg.Client.prototype as { query: (...args: unknown[]) => unknown };
  vi.spyOn(pg.Client.prototype, "query").mockImplementation(function (
    this: unknown,
    ...args: unknown[]
  ) {
    const before = waiting.get(this) ?? 0;
    if (before === 0) trips += 1;
    waiting.set(this, before + 1);
    const answered = query.apply(this, args) as Promise<unknown>;
    const end = () => waiting.set(this, (waiting.get(this) ?? 0) - 1);
    answered.then(end, end);
    return answered as never;
  });
  return { trips: () => trips };
}

async function openLedger(): Promise<PlacedLedger> {
  const url = await ledgerUrl(await sharedPostgres());
  const ledger = await openPostgresLedger(url, { allowUnsafe: true });
  closing.push(() => ledger.close());
  return ledger;
}

it("turns the ledger in six round trips, however many people are in it", async () => {
  const ledger = await openLedger();
  const people = Array.from({ length: 60 }, (_, index) => send(index + 1));
  const id = await planned(ledger, people);
  const { claimed } = await ledger.turn(turn(id, { claim: 30 }));
  const record = claimed.map((claim) => answerTo(claim, accepted(claim.row)));
  const counted = countTrips();
  // A lane's last claim is noted once a minute: in the first turn, and not in this one.
  const next = await ledger.turn(turn(id, { record, claim: 30 }));
  expect(next.claimed).toHaveLength(30);
  expect(counted.trips()).toBe(6);
});

it("keeps and applies receipts in as many round trips, however many they are", async () => {
  const ledger = await openLedger();
  const people = Array.from({ length: 60 }, (_, index) => send(index + 1));
  const id = await planned(ledger, people);
  const { claimed } = await ledger.turn(turn(id, { claim: 60 }));
  const record = claimed.map((claim) =>
    answerTo(claim, accepted(claim.row, { messageId: `wamid.${claim.row}` })),
  );
  await ledger.turn(turn(id, { record }));
  const bodyOf = (status: "sent" | "delivered") => (row: number) => ({
    source: "webhook",
    receivedAt: T0,
    body: statusBody({
      status,
      id: `wamid.${row}`,
      key: callbackKey({ ledger: ledger.id, campaign: id, row, attempt: 1 }),
    }),
  });
  const rows = claimed.map(({ row }) => row);
  const counted = countTrips();
  const tripsOf = async (work: () => Promise<unknown>): Promise<number> => {
    const before = counted.trips();
    await work();
    return counted.trips() - before;
  };
  const applied = (bodies: number) => async () =>
    expect(await ledger.processWebhookBodies({ limit: 1_000, now: T0 })).toMatchObject({ bodies });

  // The first receipt of a campaign is noted.
  await ledger.storeWebhookBodies([bodyOf("sent")(1)]);
  await applied(1)();
  expect(await tripsOf(() => ledger.storeWebhookBodies(rows.slice(1, 3).map(bodyOf("sent"))))).toBe(
    3,
  );
  const ofTwo = await tripsOf(applied(2));
  expect(await tripsOf(() => ledger.storeWebhookBodies(rows.map(bodyOf("delivered"))))).toBe(3);
  expect(await tripsOf(applied(60))).toBe(ofTwo);
  expect(ofTwo).toBeLessThanOrEqual(10);
});

it("plans, and takes opt-outs, in hardly more round trips where there are opt-outs", async () => {
  const ledger = await openLedger();
  const { trips } = countTrips();
  const people = rows(1, 600).map((row) => send(row));
  const planning = async (name: string): Promise<number> => {
    const before = trips();
    await planned(ledger, people, name);
    return trips() - before;
  };
  const optOut = (person: number) => ({
    ...{ phone: phoneOf(person), person: personKey(person), userId: null },
    ...{ reason: "asked", source: "manual" },
  });

  const without = await planning("without");
  const before = trips();
  expect(await ledger.suppress([1, 2, 1, ...rows(3, 500)].map(optOut), T0)).toBe(500);
  expect(await ledger.suppress(rows(1, 501).map(optOut), T0)).toBe(1);
  expect(trips() - before).toBeLessThanOrEqual(12);
  // 500 people are looked up at once.
  expect(await planning("with")).toBeLessThanOrEqual(without + 2);
});

function rows(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

describe("what was asked ahead", () => {
  const insert = statement<[string]>("insert into lane (lane, used_until) values (?, 1)");
  const insertAll = setStatement<[string]>(
    "insert into lane (lane, used_until) values (?, 1)",
    "text",
  );
  const count = statement<[], number>("select count(*) from lane").pluck();

  async function engine(): Promise<PostgresEngine> {
    const place = readPostgresUrl(await ledgerUrl(await sharedPostgres()));
    const options = { make: true, readOnly: false, allowUnsafe: true, now: T0 };
    const { pool } = (await connectPostgres(place, options)) as PostgresConnection;
    closing.push(() => pool.end());
    return makePostgresEngine(pool, place.shown);
  }
  const lanesOf = ({ read }: PostgresEngine) =>
    read(function* () {
      return yield* count.get();
    });

  it("is done in its place, and answered when that is asked for", async () => {
    const writing = await engine();
    const seen = await writing.write(function* () {
      const before = yield* ahead(count.get());
      yield* ahead(insert.run("a"));
      const made = yield* ahead(insert.run("b"));
      const after = yield* ahead(count.get());
      yield* ahead(insertAll.insertEach([["c"], ["d"]]));
      return [yield* before, (yield* made).changes, yield* after];
    });
    expect(seen).toEqual([0, 1, 2]);
    expect(await lanesOf(writing)).toBe(4);
  });

  it("undoes the whole verb when it fails, and is what the verb throws", async () => {
    const writing = await engine();
    const failing = writing.write(function* () {
      yield* insert.run("a");
      yield* ahead(insert.run("a"));
      yield* ahead(insert.run("b"));
      return yield* count.get();
    });
    await expect(failing).rejects.toMatchObject({ code: "23505" });
    expect(await lanesOf(writing)).toBe(0);
  });

  it("fails the verb when its answer is not as it must be", async () => {
    const writing = await engine();
    const failing = writing.write(function* () {
      yield* ahead(insert.run("a"), ({ changes }) => expect(changes).toBe(2));
      return yield* count.get();
    });
    await expect(failing).rejects.toThrow("expected 1 to be 2");
    expect(await lanesOf(writing)).toBe(0);
  });

  it("keeps a verb that ends before its answer from being committed", async () => {
    const writing = await engine();
    const failing = writing.write(function* () {
      yield* insert.run("a");
      yield* ahead(insert.run("a"));
    });
    await expect(failing).rejects.toMatchObject({ code: "23505" });
    const throwing = writing.write(function* () {
      yield* ahead(insert.run("b"));
      throw new Error("of the verb's own");
    });
    await expect(throwing).rejects.toThrow("of the verb's own");
    expect(await lanesOf(writing)).toBe(0);
  });
});
