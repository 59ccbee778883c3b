// What SQLite's ledger alone does with receipts: what it keeps of a body, how it looks a person up,
// an older file.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import type { PlacedLedger } from "../../src/ledger/placed-ledger.ts";
import { accepted, answerTo, phoneOf, planned, send, T0, turn } from "./conformance/builders.ts";
import { receive, statusBody } from "./conformance/receipts.ts";

const NUMBER = "106540352242922";

let folder: string;
let ledger: PlacedLedger;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ledger-receipts-"));
  ledger = await openSqliteLedger(join(folder, "ledger.sqlite"));
});
afterEach(async () => {
  await ledger.close();
  await rm(folder, { recursive: true });
});

async function sentTo(person: number, messageId: string): Promise<number> {
  const id = await planned(ledger, [send(1, person)], NUMBER);
  const { claimed } = await ledger.turn(turn(id, { claim: 1 }));
  const record = claimed.map((one) => answerTo(one, accepted(1, { messageId })));
  await ledger.turn(turn(id, { record }));
  return id;
}

function query<T>(sql: string): T[] {
  const db = new Sqlite(ledger.place, { readonly: true });
  try {
    return db.prepare(sql).pluck().all() as T[];
  } finally {
    db.close();
  }
}

it("forgets a body that has nothing more to tell, and keeps the others", async () => {
  await sentTo(1, "w1");
  const reported = statusBody({ status: "sent", id: "w1", person: 1 });
  const others = ["not JSON", statusBody({ status: "sent", id: "w2", person: 1 })];
  await receive(ledger, [reported, ...others, reported]);
  expect(query("select body from webhook_body order by id")).toEqual([null, ...others, null]);
  expect(await ledger.violations()).toEqual([]);
});

it("keeps the price of a message beside its path, and drops both when it is sent again", async () => {
  const id = await sentTo(2, "w1");
  const reported = { id: "w1", person: 2, category: "marketing" };
  await receive(ledger, [statusBody({ ...reported, status: "sent" })]);
  const prices = "select path || ' ' || pricing_category || ' ' || pricing_type from dispatch";
  expect(query(prices)).toEqual(["marketing marketing regular"]);
  await receive(ledger, [statusBody({ ...reported, status: "failed", code: 131026 })]);
  expect(query(prices)).toEqual(["marketing marketing regular"]);
  await ledger.retry(id, ["131026"], T0);
  expect(query(prices)).toEqual([null]);
});

it("tells receipts of a number from which nothing is sent apart, save of a message that is known", async () => {
  await sentTo(3, "w3");
  const reported = { status: "sent", id: "w3", person: 3 };
  const result = await receive(ledger, [
    statusBody({ ...reported, id: "w3.other", number: "9" }),
    statusBody({ ...reported, number: "9" }),
    statusBody({ ...reported, number: NUMBER }),
  ]);
  expect(result.counts.sent).toEqual({ other_number: 1, applied: 1, repeated: 1 });
});

it("settles by recipient and time only what the same number sent", async () => {
  const id = await planned(ledger, [send(1, 4)], NUMBER);
  await planned(ledger, [send(1, 5)], "77");
  await ledger.turn(turn(id, { claim: 1 }));
  await ledger.recoverClaims(id, T0);
  const reported = { status: "sent", id: "w4", person: 4 };
  const other = await receive(ledger, [statusBody({ ...reported, number: "77" })]);
  expect(other).toMatchObject({ settled: 0, counts: { sent: { unmatched: 1 } } });
  expect(await receive(ledger, [statusBody(reported)])).toMatchObject({ settled: 1 });
});

it("keeps who tapped which button under which message, each tap once", async () => {
  const id = await sentTo(6, "w6");
  const from = phoneOf(6).slice(1);
  const button = { payload: "more", text: "Tell me more" };
  const message = {
    id: "in1",
    from,
    type: "button",
    button,
    context: { id: "w6" },
    timestamp: "9",
  };
  const changes = [{ field: "messages", value: { messages: [message] } }];
  const body = JSON.stringify({ object: "whatsapp_business_account", entry: [{ changes }] });
  expect((await receive(ledger, [body, body])).counts).toEqual({
    tap: { applied: 1, repeated: 1 },
  });
  expect(query("select campaign_id || '/' || row_number || ' ' || label from tap")).toEqual([
    `${id}/1 Tell me more`,
  ]);
});

it("looks a person up by an index in every campaign, and by none in a whole table", () => {
  const db = new Sqlite(ledger.place, { readonly: true });
  try {
    const plan = db
      .prepare(
        `explain query plan select 1 from campaign c cross join dispatch d
        on d.campaign_id = c.id and d.person = 5 and d.value_list is not null
        where d.message_id = 'w' order by c.id desc limit 1`,
      )
      .all() as { detail: string }[];
    expect(plan.map((step) => step.detail).join("; ")).not.toContain("SCAN d");
  } finally {
    db.close();
  }
});

it("finds a message in every part of a long list", async () => {
  const far = 200_000;
  const id = await planned(ledger, [send(1, 5), send(70_000, 6), send(far, 7)], NUMBER);
  const { claimed } = await ledger.turn(turn(id, { claim: 3 }));
  const record = claimed.map((one) => answerTo(one, accepted(1, { messageId: `far.${one.row}` })));
  await ledger.turn(turn(id, { record }));
  const bodies = [1, 70_000, far].map((row) => statusBody({ status: "read", id: `far.${row}` }));
  expect((await receive(ledger, bodies)).counts).toEqual({ read: { applied: 3 } });
});

it("looks a message up by the index, and goes through no campaign", async () => {
  await sentTo(8, "w8");
  const plan = query<string>(`explain query plan
    select 1 from attempt indexed by attempt_message
    where campaign_id = 1 and (row_number >> 16) = 0 and message_id = 'w8'`);
  expect(plan).toHaveLength(1);
});

it("reads of a backlog of batches what a round applies, and no more", async () => {
  const body = JSON.parse(statusBody({ status: "read", id: "w9" })) as { entry: object[] };
  const batch = JSON.stringify({ ...body, entry: Array(200).fill(body.entry[0]) });
  const bodies = Array(30).fill({ body: batch, receivedAt: T0, source: "webhook" });
  await ledger.storeWebhookBodies(bodies);
  const parse = vi.spyOn(JSON, "parse");
  try {
    const round = { limit: 300, now: T0 + 1_000 };
    expect(await ledger.processWebhookBodies(round)).toMatchObject({ bodies: 2, more: true });
    expect(parse.mock.calls.filter(([text]) => text === batch)).toHaveLength(2);
  } finally {
    parse.mockRestore();
  }
});
