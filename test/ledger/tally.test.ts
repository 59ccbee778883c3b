// A tally that was kept is thrown away by whatever changes a row, and is the same as one that is
// counted again.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Claim } from "../../src/domain/campaign/attempt.ts";
import type { ExpiryPlace, Ledger } from "../../src/domain/ledger/ledger.ts";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import { accepted, answerTo, planned, send, skip, T0, turn } from "./conformance/builders.ts";

const FAILED = { to: "failed", code: "131026", message: "m" } as const;
const HELD = { to: "held", until: T0 + 1_000, reason: "131049" } as const;
const UNKNOWN = { to: "unknown", message: "m" } as const;

let folder: string;
let file: string;
let ledger: Ledger;
let raw: Database.Database;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tally-"));
  file = join(folder, "ledger.sqlite");
  ledger = await openSqliteLedger(file);
  raw = new Database(file);
});

afterAll(async () => {
  raw.close();
  await ledger.close();
  rmSync(folder, { recursive: true });
});

function keptOf(id: number): string | null {
  return (
    raw
      .prepare<[number], string | null>("select tally from campaign where id = ?")
      .pluck()
      .get(id) ?? null
  );
}

/** A campaign of six: two claimed, one of each other end, and one skipped. */
async function ended(): Promise<number> {
  const id = await planned(ledger, [
    send(1),
    send(2),
    send(3),
    send(4),
    send(5),
    skip(6, "us_number"),
  ]);
  const { claimed } = await ledger.turn(turn(id, { claim: 5 }));
  const [one, two, three] = claimed as [Claim, Claim, Claim];
  const record = [answerTo(one, accepted(1)), answerTo(two, FAILED), answerTo(three, HELD)];
  await ledger.turn(turn(id, { record }));
  await ledger.setState(id, "stopped", null, T0);
  return id;
}

async function countedAgain(id: number): Promise<unknown> {
  raw.prepare("update campaign set tally = null where id = ?").run(id);
  return ledger.tally(id);
}

const claim4 = { row: 4, attempt: 1 };

describe("a kept tally", () => {
  it.each<[string, (id: number) => Promise<unknown>]>([
    ["a claim", (id) => ledger.turn(turn(id, { claim: 1, now: T0 + 2_000 }))],
    ["an answer", (id) => ledger.turn(turn(id, { record: [answerTo(claim4, accepted(4))] }))],
    [
      "an answer that is none",
      (id) => ledger.turn(turn(id, { record: [answerTo(claim4, UNKNOWN)] })),
    ],
    ["a release", (id) => ledger.turn(turn(id, { release: [claim4] }))],
    ["a killed run", (id) => ledger.recoverClaims(id, T0)],
    ["a retry", (id) => ledger.retry(id, ["131026"], T0)],
    ["an end", (id) => ledger.endCampaign(id, T0)],
    [
      "an expiry",
      async (id) => {
        raw.prepare("update campaign set expiry_at = 0, receipts_since = 0 where id = ?").run(id);
        for (let place: ExpiryPlace | null = null; ; ) {
          const { next } = await ledger.expire(place, T0 + 60 * 86_400_000);
          if (next === null) return;
          place = next;
        }
      },
    ],
    ["a cancellation", (id) => ledger.cancel(id, T0)],
    ["a planning", (id) => ledger.plan(id, [send(7)], T0)],
    ["a removal", (id) => ledger.removeRows(id, [3])],
  ])("is thrown away by %s", async (_, change) => {
    const id = await ended();
    const before = await ledger.tally(id);
    expect(keptOf(id)).toMatch(/^\{/);
    await change(id);
    expect(keptOf(id)).toBeNull();
    const after = await ledger.tally(id);
    expect(after).not.toEqual(before);
    expect(after).toEqual(await countedAgain(id));
  });

  it("is what is read, by a reader that may not write, too", async () => {
    const id = await ended();
    const tally = await ledger.tally(id);
    raw
      .prepare("update campaign set tally = json_set(tally, '$.tally.rows', 99) where id = ?")
      .run(id);
    const reader = await openSqliteLedger(file, { readOnly: true });
    expect(await reader.tally(id)).toEqual({ ...tally, rows: 99 });
    raw.prepare("update campaign set tally = json_set(tally, '$.version', 0) where id = ?").run(id);
    expect(await reader.tally(id)).toEqual(tally);
    await reader.close();
  });

  it("is not kept of a campaign at work, nor where the ledger cannot be written just now", async () => {
    const id = await ended();
    await ledger.setState(id, "running", null, T0);
    await ledger.tally(id);
    expect(keptOf(id)).toBeNull();
    await ledger.setState(id, "finished", null, T0);
    const impatient = await openSqliteLedger(file, { busyTimeoutMs: 0 });
    raw.exec("begin immediate");
    expect((await impatient.tally(id)).rows).toBe(6);
    raw.exec("rollback");
    expect(keptOf(id)).toBeNull();
    await impatient.close();
  });

  it("is not kept when a row changed while it was counted", async () => {
    const id = await ended();
    raw.prepare("update campaign set tally = 'counting by another' where id = ?").run(id);
    await ledger.retry(id, ["131026"], T0);
    expect(keptOf(id)).toBeNull();
    raw.prepare("update campaign set tally = 'counting by another' where id = ?").run(id);
    expect((await ledger.tally(id)).rows).toBe(6);
    expect(keptOf(id)).toMatch(/^\{/);
  });
});
