// What SQLite's ledger alone does when people are erased: their bytes are gone from its files,
// whatever interrupts it, and nobody beside it is held up.

import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Claim } from "../../src/domain/campaign/attempt.ts";
import type { PlannedRow } from "../../src/domain/campaign/row.ts";
import { personOf } from "../../src/domain/recipient/person.ts";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import type { PlacedLedger } from "../../src/ledger/placed-ledger.ts";
import {
  accepted,
  answerTo,
  personKey,
  phoneOf,
  planned,
  send,
  sendUser,
  skip,
  T0,
  turn,
} from "./conformance/builders.ts";
import { forgetAll, purgeAll, purgeRestAll } from "./conformance/erasure.ts";
import { receive, statusBody } from "./conformance/receipts.ts";

const NUMBER = "106540352242922";
const DAY = 86_400_000;
const LATER = T0 + 200 * DAY;

let folder: string;
let ledger: PlacedLedger;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ledger-erasure-"));
  ledger = await openSqliteLedger(join(folder, "ledger.sqlite"), { busyTimeoutMs: 300 });
});
afterEach(async () => {
  await ledger.close();
  await rm(folder, { recursive: true });
});

/** Nobody's number: an area code that Brazil does not have. */
const digitsOf = (person: number): string => `5520${987_650_000 + person}`;

const keyOf = (person: number): string => personOf(digitsOf(person));

function rowOf(row: number, person = row): PlannedRow {
  const digits = digitsOf(person);
  return { ...send(row), phone: `+${digits}`, person: keyOf(person) };
}

/** A finished campaign of so many people, with everything that is kept of a recipient somewhere. */
async function campaignOf(people: number, first = 1): Promise<number> {
  const rows = Array.from({ length: people }, (_, index): PlannedRow => {
    const person = first + index;
    const values = JSON.stringify([`Maria-${person}-secreta`]);
    return { ...rowOf(index + 1, person), verdict: { kind: "send", values } };
  });
  const last = people + 1;
  const cells = JSON.stringify([`Maria-${first}-secreta`, digitsOf(first)]);
  const id = await planned(ledger, [...rows, { ...skip(last, "invalid_number"), cells }], NUMBER);
  const { claimed } = await ledger.turn(turn(id, { claim: people }));
  const record = claimed.map((one) => {
    const waId = (one.phone as string).slice(1);
    const messageId = `wamid.${Buffer.from(waId).toString("base64")}${id}`;
    return answerTo(one, accepted(one.row, { messageId, waId, userId: `BR.77${waId}` }), {
      phone: one.phone as string,
    });
  });
  await ledger.turn(turn(id, { record }));
  const reported = { status: "read", id: "unknown-to-us", waId: digitsOf(first) };
  await receive(ledger, [statusBody(reported)]);
  await ledger.setState(id, "finished", null, T0);
  return id;
}

/**
 * As SQLite keeps an integer of this size: the least of its lengths that hold it, which are 6 bytes
 * here.
 */
function integerOf(digits: string): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(digits));
  return bytes.subarray(2);
}

/**
 * Which of these people's traces stand anywhere in the ledger's files: as text, as base64, and as
 * SQLite keeps integers.
 */
function tracesOf(people: readonly number[]): string[] {
  const files = ["", "-wal", "-shm"].map((end) => `${ledger.place}${end}`);
  const bytes = Buffer.concat(files.filter(existsSync).map((file) => readFileSync(file)));
  return people.flatMap((person) => {
    const digits = digitsOf(person);
    const patterns: [string, Buffer][] = [
      ["digits", Buffer.from(digits)],
      ["base64", Buffer.from(Buffer.from(digits).toString("base64"))],
      ["phone", integerOf(digits)],
      ["person", integerOf(keyOf(person))],
      ["name", Buffer.from(`Maria-${person}-`)],
      ["user id", Buffer.from(`BR.77${digits}`)],
    ];
    return patterns.flatMap(([kind, pattern]) =>
      bytes.includes(pattern) ? [`${kind} of ${person}`] : [],
    );
  });
}

it("leaves no byte of anybody in the files after a purge", async () => {
  const people = Array.from({ length: 120 }, (_, index) => index + 1);
  const id = await campaignOf(people.length);
  expect(tracesOf([7])).toHaveLength(6);
  expect(await purgeAll(ledger, id, LATER, LATER)).toBe(121);
  await purgeRestAll(ledger, LATER);
  expect(await ledger.compact()).toBe(true);
  expect(tracesOf(people)).toEqual([]);
  expect((await ledger.tally(id)).counts).toEqual({ accepted: 120, skipped: 1 });
  expect(await ledger.violations()).toEqual([]);
});

it("leaves no byte of a forgotten person, and every byte of the others", async () => {
  await campaignOf(50);
  await campaignOf(50);
  const person = { phone: `+${digitsOf(7)}`, person: keyOf(7), userId: null };
  await ledger.suppress([{ ...person, reason: "asked", source: "manual" }], T0);
  await forgetAll(ledger, { person: keyOf(7) });
  expect(await ledger.compact()).toBe(true);
  expect(tracesOf([7])).toEqual([]);
  expect(tracesOf([8])).toHaveLength(6);
  // A process that plans them again, or imports them as an opt-out, writes nothing down.
  await planned(ledger, [rowOf(1, 7), rowOf(2, 9)], NUMBER);
  await ledger.suppress([{ ...person, reason: "asked", source: "list.csv" }], T0);
  const stop = statusBody({ status: "failed", id: "w", waId: digitsOf(7), code: 131050 });
  expect((await receive(ledger, [stop])).counts).toEqual({ failed: { repeated: 1 } });
  expect(tracesOf([7]).filter((trace) => !trace.startsWith("digits"))).toEqual([]);
  // The webhook itself was kept until it was applied; it is gone with the next rewriting.
  await forgetAll(ledger, { person: keyOf(7) });
  expect(await ledger.compact()).toBe(true);
  expect(tracesOf([7])).toEqual([]);
});

it("leaves no byte of a forgotten person in a row that another person has now", async () => {
  const id = await planned(ledger, [rowOf(1)], NUMBER);
  const [one] = (await ledger.turn(turn(id, { claim: 1 }))).claimed;
  const waId = digitsOf(1);
  const messageId = `wamid.${Buffer.from(waId).toString("base64")}`;
  const next = accepted(1, { messageId, waId, userId: `BR.77${waId}` });
  await ledger.turn(turn(id, { record: [answerTo(one as Claim, next)] }));
  await receive(ledger, [statusBody({ status: "failed", id: messageId, waId, code: 131049 })]);
  await ledger.plan(id, [rowOf(1, 2)], T0);
  await forgetAll(ledger, { person: keyOf(1) });
  expect(await ledger.compact()).toBe(true);
  expect(tracesOf([1])).toEqual([]);
  const { claimed } = await ledger.turn(turn(id, { claim: 1 }));
  expect(claimed).toMatchObject([{ phone: `+${digitsOf(2)}`, attempt: 2 }]);
});

it("says so while a person reads what was erased, and is done when they are", async () => {
  const id = await campaignOf(20);
  const reader = new Sqlite(ledger.place, { readonly: true });
  reader.exec("begin");
  expect(reader.prepare("select count(*) from dispatch").pluck().get()).toBe(21);
  await purgeAll(ledger, id, LATER, LATER);
  await purgeRestAll(ledger, LATER);
  expect(await ledger.compact()).toBe(false);
  expect(tracesOf([1, 2, 3])).not.toEqual([]);
  reader.exec("commit");
  expect(await ledger.compact()).toBe(true);
  reader.close();
  expect(tracesOf([1, 2, 3])).toEqual([]);
});

it("goes on in another process where it was cut off, between any two steps", async () => {
  const person = { person: keyOf(3) };
  for (let steps = 0; steps < 4; steps += 1) {
    const id = await campaignOf(10);
    let place: number | null = null;
    for (let step = 0; step < steps; step += 1) {
      ({ next: place } = await ledger.forget(person, place, T0));
      if (place === null) break;
    }
    await ledger.close();
    ledger = await openSqliteLedger(ledger.place);
    await forgetAll(ledger, person);
    expect((await ledger.outcomes(id, 2, 1)).rows[0]).toMatchObject({ phone: null, user_id: null });
    expect(await ledger.violations()).toEqual([]);
  }
  expect(await ledger.compact()).toBe(true);
  expect(tracesOf([3])).toEqual([]);
});

it("holds up nobody who sends meanwhile, and nobody gets anything twice", async () => {
  const old = await planned(
    ledger,
    Array.from({ length: 6_001 }, (_, index) => skip(index + 1, "invalid_number")),
    NUMBER,
  );
  await ledger.setState(old, "finished", null, T0);
  const running = await planned(
    ledger,
    Array.from({ length: 400 }, (_, index) => rowOf(index + 1)),
    NUMBER,
  );
  const runner = await openSqliteLedger(ledger.place);
  const posted: number[] = [];
  let steps = 0;
  for (let left = 1; left > 0 || posted.length < 400; ) {
    const step = left > 0 ? ledger.purgeCampaign(old, LATER, LATER) : undefined;
    const { claimed } = await runner.turn(turn(running, { now: LATER, claim: 50 }));
    posted.push(...claimed.map((one) => one.row));
    const record = claimed.map((one) => answerTo(one, accepted(one.row)));
    await runner.turn(turn(running, { now: LATER, record }));
    const done = await step;
    if (done !== undefined) steps += 1;
    left = done?.left ?? 0;
  }
  expect(steps).toBe(4);
  expect(new Set(posted).size).toBe(posted.length);
  expect(posted).toHaveLength(400);
  expect((await runner.tally(running)).counts).toEqual({ accepted: 400 });
  await runner.close();
  expect(await ledger.violations()).toEqual([]);
});

it("tells another ledger whom it forgot, so that it knows them too", async () => {
  expect(await ledger.forgottenPeople()).toBeNull();
  await forgetAll(ledger, { person: keyOf(1) });
  const people = await ledger.forgottenPeople();
  expect(people?.people).toHaveLength(1);
  const other = await openSqliteLedger(join(folder, "other.sqlite"));
  await other.keepForgotten(people as NonNullable<typeof people>, T0);
  const again = await planned(other, [rowOf(1), rowOf(2)], NUMBER);
  expect((await other.tally(again)).counts).toEqual({ skipped: 1, pending: 1 });
  await other.close();
});

it("leaves a person alone in a process that has only ever claimed", async () => {
  const id = await planned(ledger, [send(1), sendUser(2, "BR.2"), send(3)], NUMBER);
  await forgetAll(ledger, { person: keyOf(99) });
  // Names that were learned to be theirs since; no row is reported of it.
  const entry = { phone: phoneOf(1), person: personKey(1), userId: "BR.2" };
  await ledger.suppress(
    [{ phone: `+${digitsOf(99)}`, person: keyOf(99), userId: "BR.2" }].map((one) => ({
      ...one,
      reason: "asked",
      source: "manual",
    })),
    T0,
  );
  await ledger.suppress([{ ...entry, reason: "asked", source: "manual" }], T0);
  const runner = await openSqliteLedger(ledger.place);
  const { claimed } = await runner.turn(turn(id, { claim: 5 }));
  expect(claimed.map(({ row }) => row)).toEqual([3]);
  await runner.close();
});

/**
 * As WhatsApp makes ids: base64 of bytes among which the number stands, in each of the three ways
 * of falling into characters.
 */
function wamidOf(person: number, before: number): string {
  const bytes = [0x1d, 0x06, digitsOf(person).length, ...Array<number>(before).fill(0x15)];
  const tail = Buffer.from([0x15, 0x02, 0x00, 0x11, 0x18, person % 256]);
  return `wamid.${Buffer.concat([Buffer.from(bytes), Buffer.from(digitsOf(person)), tail]).toString("base64")}`;
}

/** The number in base64, however it falls into its characters. */
function base64Traces(people: readonly number[]): string[] {
  const files = ["", "-wal", "-shm"].map((end) => `${ledger.place}${end}`);
  const text = Buffer.concat(files.filter(existsSync).map((file) => readFileSync(file))).toString(
    "latin1",
  );
  return people.flatMap((person) => {
    const ids = text.match(/wamid\.[A-Za-z0-9+/=_-]+/g) ?? [];
    const decoded = ids.map((id) => Buffer.from(id.slice(6), "base64").toString("latin1"));
    return decoded.filter((one) => one.includes(digitsOf(person)));
  });
}

it("finds bodies that name a person by the id of a message and by nothing else", async () => {
  const id = await planned(ledger, [rowOf(1), rowOf(2)], NUMBER);
  const { claimed } = await ledger.turn(turn(id, { claim: 2 }));
  // One id that tells a number, and one that tells nothing; the other person's begins with the same
  // characters.
  const opaque = ["wamid.opaque-1", "wamid.opaque-12"];
  const record = claimed.map((one, at) =>
    answerTo(one, accepted(one.row, { messageId: opaque[at] as string })),
  );
  await ledger.turn(turn(id, { record }));
  const of = (message: string) => [
    { statuses: [{ id: message, status: "read", timestamp: "1795890000", recipient_id: "1" }] },
    { statuses: [{ id: message, status: "deleted", timestamp: "1795890000" }] },
    { messages: [{ type: "reaction", reaction: { message_id: message, emoji: "x" } }] },
    { messages: [{ type: "text", context: { id: message }, text: { body: "hello" } }] },
    { user_actions: [{ action_type: "x", message_id: message, timestamp: "1795890000" }] },
    { user_actions: [{ marketing_messages_link_click_data: { click_id: `click-${message}` } }] },
    { other: { note: `about ${message}, it seems` } },
  ];
  const bodyOf = (value: object) =>
    JSON.stringify({
      object: "whatsapp_business_account",
      entry: [{ id: "1", changes: [{ field: "messages", value }] }],
    });
  const theirs = [opaque[0] as string, wamidOf(1, 0), wamidOf(1, 1), wamidOf(1, 2)].flatMap(of);
  const others = [opaque[1] as string, wamidOf(2, 0), wamidOf(2, 1), wamidOf(2, 2)].flatMap(of);
  await receive(ledger, [...theirs, ...others].map(bodyOf));
  // A body with both of them keeps what is the other's.
  const both = [wamidOf(1, 0), wamidOf(2, 0)].map((message) => ({ id: message, status: "x" }));
  await receive(ledger, [bodyOf({ statuses: both }), `not JSON ${wamidOf(1, 1)}`]);
  const before = bodiesOf(ledger);
  expect(base64Traces([1]).length).toBeGreaterThan(10);
  expect(await forgetAll(ledger, { person: keyOf(1) })).toMatchObject({ dispatches: 1 });
  expect(await ledger.compact()).toBe(true);
  expect(base64Traces([1])).toEqual([]);
  expect(tracesOf([1])).toEqual([]);
  const after = bodiesOf(ledger);
  expect(after.filter((body) => /opaque-1(?!2)/.test(body))).toEqual([]);
  const kept = before.filter((body) => others.some((one) => body === bodyOf(one)));
  expect(after).toEqual(expect.arrayContaining(kept));
  expect(after).toContain(bodyOf({ statuses: [both[1]] }));
  expect(await ledger.violations()).toEqual([]);
  // What comes later of such a message is kept without it.
  await receive(ledger, theirs.slice(7).map(bodyOf));
  await forgetAll(ledger, { person: keyOf(99) });
  expect(await ledger.compact()).toBe(true);
  expect(base64Traces([1])).toEqual([]);
});

function bodiesOf({ place: file }: PlacedLedger): string[] {
  const db = new Sqlite(file, { readonly: true });
  try {
    return db
      .prepare<[], string>("select body from webhook_body where body is not null")
      .pluck()
      .all();
  } finally {
    db.close();
  }
}
