// The report's data against what is in the tables.

import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { AttemptRecord, Claim, Next } from "../../src/domain/campaign/attempt.ts";
import { totalOf } from "../../src/domain/common/time-buckets.ts";
import { figuresOf } from "../../src/domain/result/figures.ts";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import type { PlacedLedger } from "../../src/ledger/placed-ledger.ts";
import { reportPage } from "../../src/report/page.ts";
import {
  accepted,
  answerTo,
  planned,
  send,
  skip,
  T0,
  turn,
} from "../ledger/conformance/builders.ts";
import { inboundBody, receive, statusBody } from "../ledger/conformance/receipts.ts";
import { makeFolder } from "../support/harness.ts";
import { fillLedger, shownFor } from "./builders.ts";

const NUMBER = "106540352242922";

let folder: { folder: string; remove(): void };
let file: string;
let ledger: PlacedLedger;
beforeEach(async () => {
  folder = makeFolder();
  file = join(folder.folder, "ledger.sqlite");
  ledger = await openSqliteLedger(file);
});
afterEach(async () => {
  await ledger.close();
  folder.remove();
});

const ROWS = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((row) => send(row));

/** Nine people, sent to in one turn; rows 5 to 9 are accepted with the message ids m5 to m9. */
async function sendAll(): Promise<number> {
  const skipped = [
    skip(10, "us_number", 10),
    skip(11, "us_number", 11),
    skip(12, "invalid_number"),
  ];
  const id = await planned(ledger, [...ROWS, ...skipped], NUMBER);
  const { claimed } = await ledger.turn(turn(id, { claim: 8 }));
  const next = (row: number): Next => {
    if (row <= 2) return { to: "failed", code: "131026", message: "Undeliverable: +447700900001" };
    if (row === 3) return { to: "held", until: T0 + 86_400_000, reason: "131049" };
    if (row === 4) return { to: "unknown", message: "The answer was lost." };
    return accepted(row, { messageId: `m${row}` });
  };
  const record = claimed.map((one: Claim): AttemptRecord => answerTo(one, next(one.row)));
  await ledger.turn(turn(id, { record }));
  return id;
}

it("counts what a person counts by hand", async () => {
  const id = await sendAll();
  const reported = (row: number, status: string, after: number, more: object = {}) =>
    statusBody({ id: `m${row}`, person: row, status, at: T0 + after, ...more });
  await receive(ledger, [
    reported(5, "sent", 2_000, { category: "marketing_lite" }),
    reported(5, "delivered", 7_000),
    reported(5, "read", 67_000),
    // Read, and nobody ever said that it was delivered.
    reported(6, "read", 30_000, { category: "marketing" }),
    reported(7, "sent", 3_000),
    reported(7, "failed", 9_000, { code: 131026 }),
  ]);
  const button = { type: "button", button: { payload: "x", text: "More" }, context: { id: "m5" } };
  await receive(ledger, [inboundBody({ id: "in1", from: "447700900005", ...button })]);
  const db = new Sqlite(file);
  db.exec(`
    insert into click (identity, action, campaign_id, row_number, clicked_at)
    values ('c1', 'link_click', ${id}, 5, 1), ('c2', 'link_click', ${id}, 6, 1),
      ('c3', 'link_click', ${id}, 6, 2), ('c4', 'link_click', ${id}, null, 1),
      ('c5', 'landing_page_view', ${id}, 4, 1), ('c6', 'other', ${id}, 4, 1)
  `);
  db.close();
  const data = await ledger.report(id, T0 + 90_000);

  expect(data).toMatchObject({
    at: T0 + 90_000,
    rows: 12,
    counts: { skipped: 3, pending: 1, failed: 3, held: 1, unknown: 1, accepted: 1, read: 2 },
    funnel: {
      rows: 12,
      toSend: 9,
      sentTo: 8,
      posted: 8,
      accepted: 4,
      sent: 3,
      delivered: 2,
      read: 2,
      clicked: 2,
    },
    skipped: [
      { reason: "us_number", number: 2 },
      { reason: "invalid_number", number: 1 },
    ],
    held: [{ reason: "131049", number: 1, nextAt: T0 + 86_400_000, lastAt: T0 + 86_400_000 }],
    withoutReceipt: { number: 1, oldestAt: T0 + 1_150 },
    firstPostAt: T0 + 1_000,
    lastPostAt: T0 + 1_000,
    requests: 8,
    taps: [{ label: "More", number: 1 }],
    opened: 2,
    clicks: 4,
    settings: null,
  });
  const tally = await ledger.tally(id);
  const figures = figuresOf({ ...data, reached: data.funnel });
  expect(figures).toEqual(figuresOf(tally));
  expect(figures).toMatchObject({
    sent_to: { number: 8, of: 12 },
    delivered: { number: 2, of: 8 },
    clicked: { number: 2, of: 2 },
    settled: { number: 5, of: 8 },
    no_receipt: { number: 1, of: 8 },
  });
  expect(data.failed).toEqual([
    { code: "131026", number: 3, afterAcceptance: 1, example: expect.any(String) },
  ]);
  expect(data.countries).toEqual([
    {
      region: "GB",
      toSend: 9,
      sentTo: 8,
      accepted: 4,
      delivered: 2,
      read: 2,
      failed: 3,
      billable: 2,
    },
  ]);
  expect(data.paths.map(({ path, number, read }) => [path, number, read]).sort()).toEqual([
    ["marketing", 1, 1],
    ["marketing_lite", 1, 1],
  ]);
  // One was reported as delivered 5.85 s after acceptance, and read a minute later; the other is in
  // neither.
  expect(data.waits.toDelivery).toMatchObject({ number: 1, p50: 6_000 });
  expect(data.waits.toReading).toMatchObject({ number: 1, p50: 60_000 });
  expect(data.series.delivered.buckets).toEqual([
    { at: T0 + 7_000, count: 1 },
    { at: T0 + 30_000, count: 1 },
  ]);
  expect(data.series.read.buckets.map(({ at }) => at - T0)).toEqual([30_000, 67_000]);
  expect(data.campaign.receiptsSince).toBe(T0 + 3_000);
});

it("says that no receipt ever came", async () => {
  const id = await sendAll();
  const data = await ledger.report(id, T0);
  expect(data.campaign.receiptsSince).toBeNull();
  expect(data.funnel).toMatchObject({ accepted: 4, sent: 0, delivered: 0, read: 0 });
  // What Meta says of one person may name them by number; nobody stands in a report.
  expect(data.failed[0]?.example).toBe("Undeliverable: +…");
});

it("has the decisions on this campaign, in order, and no others", async () => {
  const id = await planned(ledger, [], NUMBER);
  const { name } = (await ledger.report(id, T0)).campaign;
  const entry = { actor: "command: ana", subject: name };
  await ledger.writeAudit({ ...entry, at: T0, action: "pause", detail: {} });
  await ledger.writeAudit({ ...entry, at: T0 + 1, action: "pause", detail: {}, subject: "other" });
  await ledger.writeAudit({ ...entry, at: T0 + 2, action: "retry", detail: { queued: 3 } });
  expect((await ledger.report(id, T0)).decisions).toEqual([
    { at: T0, actor: "command: ana", action: "pause", detail: {} },
    { at: T0 + 2, actor: "command: ana", action: "retry", detail: { queued: 3 } },
  ]);
});

it("is of an empty campaign, too", async () => {
  const id = await planned(ledger, [], NUMBER);
  const data = await ledger.report(id, T0);
  expect(data).toMatchObject({ rows: 0, counts: {}, requests: 0, firstPostAt: null });
  expect(reportPage(data, shownFor(data))).toContain("There is nobody to send to.");
});

it("adds up over pieces, as the public view does, in little time and on a small page", async () => {
  await ledger.close();
  const other = join(folder.folder, "many.sqlite");
  const id = await fillLedger(other, 25_000);
  ledger = await openSqliteLedger(other, { readOnly: true });
  const begin = performance.now();
  const data = await ledger.report(id, Date.UTC(2026, 10, 22));
  const page = reportPage(data, shownFor(data));
  expect(performance.now() - begin).toBeLessThan(30_000);
  expect(Buffer.byteLength(page)).toBeLessThan(200 * 1024);

  const db = new Sqlite(other, { readonly: true });
  const one = (sql: string): unknown => db.prepare(sql).pluck().get();
  expect(data.rows).toBe(25_000);
  expect(Object.values(data.counts).reduce((sum, number) => sum + number, 0)).toBe(25_000);
  for (const [status, number] of Object.entries(data.counts)) {
    expect(one(`select count(*) from outcomes where status = '${status}'`)).toBe(number);
  }
  const { rows, toSend, posted, accepted: taken, sent, delivered, read } = data.funnel;
  const steps = [rows, toSend, posted, taken, sent, delivered, read];
  expect(steps).toEqual([...steps].sort((a, b) => b - a));
  expect(taken).toBe(one("select count(*) from outcomes where accepted_at is not null"));
  expect(sent).toBe(one("select count(*) from outcomes where sent_at is not null"));
  expect(totalOf(data.series.read)).toBe(read);
  expect(totalOf(data.series.posted)).toBe(data.requests);
  for (const kind of ["toDelivery", "toReading"] as const) {
    const bars = data.waits[kind].histogram.reduce((sum, { number }) => sum + number, 0);
    expect(bars).toBe(data.waits[kind].number);
  }
  const half = one(`
    select delivered_at - accepted_at from dispatch where delivered_at is not null order by 1
    limit 1 offset (select count(*) / 2 from dispatch where delivered_at is not null)
  `) as number;
  expect(Math.abs((data.waits.toDelivery.p50 as number) - half)).toBeLessThanOrEqual(5_000);
  db.close();
});

it("reads while a person writes, in pieces that let others work", async () => {
  await ledger.close();
  const id = await fillLedger(file, 25_000);
  ledger = await openSqliteLedger(file);
  const reader = await openSqliteLedger(file, { readOnly: true });
  let turns = 0;
  let isDone = false;
  const report = reader.report(id, T0).then((data) => {
    isDone = true;
    return data;
  });
  while (!isDone) {
    await new Promise((later) => setImmediate(later));
    if (isDone) break;
    await ledger.setState(id, "running", null, T0 + turns);
    turns += 1;
  }
  expect((await report).rows).toBe(25_000);
  expect(turns).toBeGreaterThanOrEqual(2);
  await reader.close();
});
