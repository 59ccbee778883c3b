// Receipts that are applied in one round leave the same rows as each applied by itself, on either
// engine: a round looks dispatches up and writes them in sets.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Next } from "../../src/domain/campaign/attempt.ts";
import { callbackKey } from "../../src/domain/campaign/dispatch.ts";
import type { Ledger } from "../../src/domain/ledger/ledger.ts";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import { openPostgresLedger } from "../../src/ledger/postgres/postgres-ledger.ts";
import { accepted, answerTo, send, T0, turn } from "../ledger/conformance/builders.ts";
import { inboundBody, statusBody } from "../ledger/conformance/receipts.ts";
import { sharedPostgres } from "../support/postgres.ts";

const LANE = "106540352242922";
/** Everything that receipts may change. */
const TABLES = [
  ...["campaign", "dispatch", "attempt", "campaign_stop", "streak_halt", "refused_region"],
  ...["suppression", "alias", "alias_user", "consent", "opt_out", "tap", "click", "went_back"],
  ...["reach", "reached", "webhook_body", "parked_receipt", "receipt_count"],
];
/** People of a run: their rows are accepted twice, unknown, claimed, failed, held and pending. */
const PEOPLE = 7;

interface Opened {
  ledger: Ledger;
  rowsOf(table: string): Promise<object[]>;
  close(): Promise<void>;
}

async function openOnSqlite(): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), "rounds-"));
  const file = join(folder, "ledger.sqlite");
  const ledger = await openSqliteLedger(file, { now: () => T0 });
  const db = new Sqlite(file, { readonly: true });
  return {
    ledger,
    rowsOf: async (table) => db.prepare(`select * from ${table}`).all() as object[],
    async close() {
      db.close();
      await ledger.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function openOnPostgres(): Promise<Opened> {
  const server = await sharedPostgres();
  const schema = await server.schema();
  const url = `${server.url()}?schema=${schema}`;
  const ledger = await openPostgresLedger(url, { allowUnsafe: true, now: () => T0 });
  const client = new pg.Client(url);
  await client.connect();
  return {
    ledger,
    rowsOf: async (table) => (await client.query(`select * from ${schema}.${table}`)).rows,
    async close() {
      await client.end();
      await ledger.close();
    },
  };
}

const report = fc.record({
  row: fc.integer({ min: 1, max: PEOPLE }),
  status: fc.constantFrom("sent", "delivered", "read", "played", "failed"),
  code: fc.constantFrom(131026, 131043, 131049, 131050, 132015, 130497),
  /** Of an attempt that was never made, now and then. */
  attempt: fc.constantFrom(1, 1, 1, 1, 1, 1, 2),
  hasKey: fc.constantFrom(true, true, true, false),
  isNamed: fc.boolean(),
  /** Another id than the answer brought. */
  isOtherMessage: fc.constantFrom(false, false, false, true),
  isOtherNumber: fc.constantFrom(false, false, false, true),
  hasUser: fc.constantFrom(false, false, true),
  second: fc.nat(3),
});
const deed = fc.record({
  row: fc.integer({ min: 1, max: PEOPLE }),
  does: fc.constantFrom("write", "stop", "tap", "optOut"),
  second: fc.nat(3),
});
type Report = typeof report extends fc.Arbitrary<infer T> ? T : never;
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never;

const personOf = (run: number, row: number): number => (run - 1) * 10 + row;
const digitsOf = (run: number, row: number): string => String(447_700_100_000 + personOf(run, row));
const messageOf = (run: number, row: number): string => `wamid.${run}.${row}`;

/** The body of a webhook, of one event. */
function bodyOf(ledger: Ledger, campaign: number, event: Report | Deed): string {
  const { row, second } = event;
  const at = T0 + 2_000 + second * 1_000;
  const id = messageOf(campaign, row);
  const from = digitsOf(campaign, row);
  if ("does" in event) {
    const context = { context: { id } };
    const inbound = { id: `${id}.${event.does}.${second}`, from };
    switch (event.does) {
      case "write":
        return inboundBody({ ...inbound, type: "text", text: { body: "Hello" } }, at, LANE);
      case "stop":
        return inboundBody({ ...inbound, type: "text", text: { body: "STOP" } }, at, LANE);
      case "tap":
      case "optOut": {
        const text = event.does === "tap" ? "Yes" : "Stop promotions";
        const button = { button: { text, payload: text } };
        return inboundBody({ ...inbound, ...context, type: "button", ...button }, at, LANE);
      }
    }
  }
  const { status, code, attempt, hasKey, isNamed, isOtherMessage, isOtherNumber, hasUser } = event;
  const other = `44770020${String(personOf(campaign, row)).padStart(4, "0")}`;
  return statusBody({
    ...{ status, at, number: LANE },
    id: isOtherMessage ? `${id}.other` : id,
    ...(status === "failed" ? { code } : { category: "marketing" }),
    ...(hasKey && { key: callbackKey({ ledger: ledger.id, campaign, row, attempt }) }),
    ...(isNamed && { waId: isOtherNumber ? other : from }),
    ...(hasUser && { userId: `GB.${personOf(campaign, row)}` }),
  });
}

/** Several bodies as one. */
function joined(bodies: readonly string[]): string {
  const [first, ...others] = bodies.map((body) => JSON.parse(body) as { entry: object[] });
  const entry = [first, ...others].flatMap((body) => body?.entry ?? []);
  return JSON.stringify({ ...first, entry });
}

const ANSWERS: readonly ((run: number, row: number) => Next | undefined)[] = [
  (run, row) => accepted(row, { messageId: messageOf(run, row) }),
  (run, row) => accepted(row, { messageId: messageOf(run, row) }),
  () => ({ to: "unknown", message: "No answer." }),
  () => undefined,
  () => ({ to: "failed", code: "131026", message: "Undeliverable" }),
  () => ({ to: "held", until: T0 + 3_600_000, reason: "marketing_limit" }),
];

/** A campaign whose dispatches stand in every way; the same in each ledger. */
async function begin(ledger: Ledger, run: number): Promise<number> {
  const name = `run-${run}`;
  const frozen = { template: "t" };
  const draft = { name, lane: LANE, frozen, columns: ["phone", "v"], now: T0 };
  const { id } = await ledger.createCampaign(draft);
  const rows = Array.from({ length: PEOPLE }, (_, index) => {
    const person = digitsOf(run, index + 1);
    return { ...send(index + 1), phone: `+${person}`, person };
  });
  await ledger.plan(id, rows, T0);
  await ledger.finishPlanning(id, {
    recipients: { size: 100, modifiedMs: T0, sha256: "ab".repeat(32) },
    ...{ frozen, columns: ["phone", "v"], rows: PEOPLE, now: T0 },
  });
  // What earlier runs found out stops this one.
  await ledger.askStop(id, null, T0);
  await ledger.overrideWentBack(LANE, T0);
  const claims = { claim: PEOPLE - 1, peopleMax: 1_000 };
  const { claimed } = await ledger.turn(turn(id, claims));
  const record = claimed.flatMap((claim) => {
    const next = ANSWERS[claim.row - 1]?.(run, claim.row);
    return next === undefined ? [] : [answerTo(claim, next)];
  });
  await ledger.turn(turn(id, { record }));
  return id;
}

/** All rows, as text: in a fixed order, and without the ledger's id. */
async function dump({ ledger, rowsOf }: Opened): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const table of TABLES) {
    const rows = (await rowsOf(table)).map((row) => JSON.stringify(row));
    found[table] = rows.map((row) => row.replaceAll(ledger.id, "LEDGER")).sort();
  }
  return found;
}

describe.each([
  ["SQLite", openOnSqlite, 40],
  ["PostgreSQL", openOnPostgres, 8],
])("a round on %s", (_, open, runs) => {
  let whole: Opened;
  let single: Opened;
  beforeAll(async () => {
    whole = await open();
    single = await open();
  });
  afterAll(async () => {
    await whole.close();
    await single.close();
  });
  const options = { now: T0 + 10_000, stopWords: ["Stop promotions"] };

  it("leaves the rows that its receipts leave one by one, in whatever order they come", async () => {
    let run = 0;
    const bodies = fc.array(
      fc.array(fc.oneof({ weight: 4, arbitrary: report }, deed), { minLength: 1, maxLength: 3 }),
      {
        minLength: 1,
        maxLength: 12,
      },
    );
    const property = fc.asyncProperty(bodies, async (chosen) => {
      run += 1;
      const totals: object[] = [];
      for (const { ledger } of [whole, single]) {
        const id = await begin(ledger, run);
        expect(id).toBe(run);
        const deliveries = chosen.map((events) => ({
          body: joined(events.map((event) => bodyOf(ledger, id, event))),
          ...{ receivedAt: T0 + 9_000, source: "webhook" },
        }));
        if (ledger === whole.ledger) {
          await ledger.storeWebhookBodies(deliveries);
          await ledger.processWebhookBodies({ ...options, limit: 1_000 });
        } else {
          for (const delivery of deliveries) {
            await ledger.storeWebhookBodies([delivery]);
            await ledger.processWebhookBodies({ ...options, limit: 1 });
          }
        }
        totals.push(await ledger.receiptTotals());
      }
      expect(totals[0]).toEqual(totals[1]);
      expect(await dump(whole)).toEqual(await dump(single));
    });
    // A failing run is not made smaller: what earlier ones left counts.
    await fc.assert(property, { numRuns: runs, endOnFailure: true });
    expect(await whole.ledger.violations()).toEqual([]);
    const { counts } = await whole.ledger.receiptTotals();
    expect(Object.keys(counts)).toEqual(
      expect.arrayContaining(["sent", "delivered", "read", "failed", "message", "tap"]),
    );
  });
});
