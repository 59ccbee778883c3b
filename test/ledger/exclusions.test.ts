// Who is left out for another campaign's sake: by every state of its message, by every name of the
// person, and when it happens later.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Claim, Next } from "../../src/domain/campaign/attempt.ts";
import type { PlannedRow } from "../../src/domain/campaign/row.ts";
import { reachedElsewhereSql } from "../../src/ledger/campaigns/exclusions.ts";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import type { PlacedLedger } from "../../src/ledger/placed-ledger.ts";
import {
  accepted,
  answerTo,
  personKey,
  planned,
  send,
  sendUser,
  statuses,
  T0,
  turn,
} from "./conformance/builders.ts";

let folder: string;
let ledger: PlacedLedger;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ledger-exclusions-"));
  ledger = await openSqliteLedger(join(folder, "ledger.sqlite"));
});
afterAll(async () => {
  expect(await ledger.violations()).toEqual([]);
  await ledger.close();
  await rm(folder, { recursive: true });
});

async function nameOf(id: number): Promise<string> {
  const found = (await ledger.listCampaigns()).find((one) => one.id === id);
  return found?.name ?? "";
}

async function claim(id: number, many = 99): Promise<Claim[]> {
  return (await ledger.turn(turn(id, { claim: many }))).claimed;
}

async function settle(id: number, next: Next): Promise<void> {
  const record = (await claim(id)).map((one) => answerTo(one, next));
  await ledger.turn(turn(id, { record }));
}

/** A campaign that leaves the other one out before a row of it is planned. */
async function later(other: number, rows: PlannedRow[]): Promise<number> {
  const id = await planned(ledger, []);
  await ledger.keepExclusions(id, [await nameOf(other)]);
  await ledger.plan(id, rows, T0);
  return id;
}

const REACHED = "skipped/reached_by_campaign";

it("is looked for in the indexes of the other campaign, by each of the person's names", () => {
  const db = new Sqlite(ledger.place, { readonly: true });
  const plan = db
    .prepare<[], { detail: string }>(
      `explain query plan select ${reachedElsewhereSql("1", "5511987654321", "'BR.1'")}`,
    )
    .all();
  db.close();
  const looks = plan.filter(({ detail }) => /\bd\b/.test(detail)).map(({ detail }) => detail);
  expect(looks).toEqual([
    "SEARCH d USING INDEX dispatch_person (campaign_id=? AND person=?)",
    "SEARCH d USING INDEX dispatch_row_user (campaign_id=? AND row_user_id=?)",
    "SEARCH d USING INDEX dispatch_skipped_person (person=? AND campaign_id=?)",
  ]);
});

describe("a person of another campaign", () => {
  const refused: Next = { to: "failed", code: "131026", message: "Undeliverable" };
  const states: [string, (id: number) => Promise<unknown>, string][] = [
    ["pending", async () => {}, "pending"],
    ["claimed", (id) => claim(id), REACHED],
    ["accepted", (id) => settle(id, accepted(1)), REACHED],
    ["unknown", (id) => settle(id, { to: "unknown", message: "Cut." }), REACHED],
    [
      "unknown, and given up",
      async (id) => {
        await settle(id, { to: "unknown", message: "Cut." });
        await ledger.resolveUnknown(id, "give-up", T0);
      },
      REACHED,
    ],
    ["held", (id) => settle(id, { to: "held", until: T0 + 9, reason: "131049" }), REACHED],
    ["to be tried again", (id) => settle(id, { to: "pending" }), REACHED],
    ["refused for good", (id) => settle(id, refused), "pending"],
    ["cancelled", (id) => ledger.cancel(id, T0), "pending"],
  ];
  it.each(states)("%s", async (_, before, expected) => {
    const other = await planned(ledger, [send(1, 10)]);
    await before(other);
    const id = await later(other, [send(1, 10), send(2, 11)]);
    expect(await statuses(ledger, id)).toEqual({ 1: expected, 2: "pending" });
    const people = [10, 11].map((one) => ({ person: personKey(one), userId: null }));
    const asked = await ledger.reachedByCampaigns([await nameOf(other)], people);
    expect(asked).toEqual([expected === REACHED, false]);
  });

  it("is left out when they are reached after the planning, one by one and in blocks", async () => {
    const rows = Array.from({ length: 200 }, (_, at) => send(at + 1));
    const other = await planned(ledger, rows);
    const id = await later(other, rows);
    await ledger.turn(turn(other, { claim: 150 }));
    const { claimed, suppressed } = await ledger.turn(turn(id, { claim: 40 }));
    expect(suppressed).toBe(150);
    expect(claimed.map(({ row }) => row)).toEqual(Array.from({ length: 40 }, (_, at) => 151 + at));
    expect((await ledger.tally(id)).reasons).toEqual({ reached_by_campaign: 150 });
  });

  it("is left out under every name of theirs", async () => {
    const other = await planned(ledger, [
      sendUser(1, "GB.500"),
      send(2, 501),
      sendUser(3, "GB.502"),
    ]);
    await settle(other, accepted(1));
    // Reported together since: a number of each user id, and two numbers of one account.
    await planned(ledger, [sendUser(1, "GB.500", 510), sendUser(2, "GB.511", 501)]);
    const id = await later(other, [
      send(1, 510),
      sendUser(2, "GB.511"),
      sendUser(3, "GB.502", 512),
      send(4, 513),
    ]);
    expect(await statuses(ledger, id)).toEqual({
      1: REACHED,
      2: REACHED,
      3: REACHED,
      4: "pending",
    });
  });

  it("is planned when the other campaign is not named any more", async () => {
    const other = await planned(ledger, [send(1, 520)]);
    await settle(other, accepted(1));
    const id = await later(other, [send(1, 520)]);
    await ledger.keepExclusions(id, []);
    await ledger.plan(id, [send(1, 520)], T0);
    expect(await statuses(ledger, id)).toEqual({ 1: "pending" });
  });
});
