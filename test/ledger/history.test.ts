// The history of one person: found whole, and never by going through a campaign.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
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

let folder: string;
let ledger: PlacedLedger;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "campaign-history-"));
  ledger = await openSqliteLedger(join(folder, "ledger.sqlite"), { now: () => T0 });
});
afterEach(async () => {
  await ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

async function postAll(campaign: number, waId: string | null = null): Promise<void> {
  const { claimed } = await ledger.turn(turn(campaign, { claim: 100 }));
  const record = claimed.map((claim) =>
    answerTo(claim, accepted(claim.row, { messageId: `wamid.${claim.row}`, waId }), {
      phone: claim.phone,
    }),
  );
  await ledger.turn(turn(campaign, { record }));
}

describe("the history of a person", () => {
  it("has skipped rows as well, the newest campaign first, and nobody else's", async () => {
    const first = await planned(ledger, [send(1), send(2)]);
    await postAll(first);
    await planned(ledger, [skip(1, "opted_out", 2), skip(2, "us_number", 1)]);
    const { dispatches } = await ledger.historyOf({ phone: phoneOf(1) });
    expect(dispatches.map(({ row, status, reason }) => ({ row, status, reason }))).toEqual([
      { row: 2, status: "skipped", reason: "us_number" },
      { row: 1, status: "accepted", reason: null },
    ]);
    expect(dispatches[1]?.attempts).toMatchObject([
      { attempt: 1, outcome: "accepted", messageId: "wamid.1", httpStatus: 200 },
    ]);
  });

  it("finds a person by every form of the number, and by the ids behind it", async () => {
    const short = "+551170000001";
    const long = "+5511970000001";
    const row = { ...send(1), phone: long, person: "551170000001", userId: "BR.99" };
    await planned(ledger, [row]);
    for (const who of [{ phone: short }, { phone: long }, { userId: "BR.99" }]) {
      expect((await ledger.historyOf(who)).dispatches, JSON.stringify(who)).toHaveLength(1);
    }
    expect((await ledger.historyOf({ phone: long })).userIds).toEqual(["BR.99"]);
  });

  it("has rows that were sent to a user id, and those that were skipped", async () => {
    const skipped = { ...skip(2, "us_number"), userId: "US.5" };
    await planned(ledger, [sendUser(1, "GB.5"), skipped]);
    expect((await ledger.historyOf({ userId: "GB.5" })).dispatches).toHaveLength(1);
    expect((await ledger.historyOf({ userId: "US.5" })).dispatches).toHaveLength(1);
  });

  it("has the suppressions of any of their names", async () => {
    await planned(ledger, [{ ...send(1), userId: "GB.5" }]);
    const entry = { phone: null, person: null, userId: "GB.5", reason: "asked", source: "manual" };
    await ledger.suppress([entry], T0);
    const { suppressions } = await ledger.historyOf({ phone: phoneOf(1) });
    expect(suppressions).toMatchObject([{ userId: "GB.5", reason: "asked", isForgotten: false }]);
  });

  it("says that a person was forgotten, by the name that is asked for alone", async () => {
    await planned(ledger, [send(1)]);
    expect((await ledger.historyOf({ phone: phoneOf(1) })).isForgotten).toBe(false);
    const who = { person: personKey(1) };
    let after: number | null = null;
    do after = (await ledger.forget(who, after, T0)).next;
    while (after !== null);
    const history = await ledger.historyOf({ phone: phoneOf(1) });
    expect(history).toMatchObject({ isForgotten: true, dispatches: [], suppressions: [] });
    expect((await ledger.historyOf({ phone: phoneOf(2) })).isForgotten).toBe(false);
  });

  it("is empty for whom nobody knows, and for what is no number", async () => {
    await planned(ledger, [send(1)]);
    for (const phone of [phoneOf(99), "+", "", "+0"]) {
      const { dispatches, suppressions } = await ledger.historyOf({ phone });
      expect([dispatches, suppressions]).toEqual([[], []]);
    }
  });

  it("looks into indexes and reads through no table of dispatches", async () => {
    await planned(ledger, [send(1)]);
    const db = new Database(join(folder, "ledger.sqlite"), { readonly: true });
    const plans = [
      `select 1 from campaign c cross join dispatch d
        on d.campaign_id = c.id and d.person = ? and d.value_list is not null`,
      `select 1 from dispatch d indexed by dispatch_skipped_person
        cross join campaign c on c.id = d.campaign_id where d.person = ? and d.value_list is null`,
      `select 1 from dispatch d indexed by dispatch_skipped_user
        cross join campaign c on c.id = d.campaign_id where d.row_user_id = ? and d.value_list is null`,
    ].flatMap((sql) =>
      db.prepare<[number], { detail: string }>(`explain query plan ${sql}`).all(1),
    );
    db.close();
    const dispatches = plans.filter(({ detail }) => / d /.test(`${detail} `));
    expect(dispatches.length).toBeGreaterThanOrEqual(3);
    for (const { detail } of dispatches) expect(detail).toMatch(/^SEARCH d USING .*INDEX/);
  });
});

describe("the message of a row", () => {
  it("is that of the first row that is sent to, when none is asked for", async () => {
    const campaign = await planned(ledger, [skip(1, "us_number"), send(2, 2, `["two"]`)]);
    expect(await ledger.messageOf(campaign, null)).toEqual({
      row: 2,
      phone: phoneOf(2),
      userId: null,
      status: "pending",
      reason: null,
      values: `["two"]`,
      arm: 0,
      definitions: null,
    });
    expect(await ledger.messageOf(campaign, 1)).toMatchObject({ row: 1, values: null });
    expect(await ledger.messageOf(campaign, 3)).toBeUndefined();
  });

  it("comes with the template that the last run was reported", async () => {
    const campaign = await planned(ledger, [send(1)]);
    const definition = { name: "offer", components: [] } as never;
    const facts = { portfolio: null, ttlSeconds: 60 };
    await ledger.keepFacts(campaign, { ...facts, definitions: [definition] }, T0);
    await ledger.keepFacts(campaign, facts, T0);
    const message = await ledger.messageOf(campaign, 1);
    expect(JSON.parse(message?.definitions ?? "")).toEqual([definition]);
  });
});

describe("the search of suppressions", () => {
  it("finds parts of numbers however they are written, and text as it is", async () => {
    const people = [1, 2].map((person) => ({
      phone: phoneOf(person),
      person: personKey(person),
      userId: null,
      reason: person === 1 ? "50% off" : "letter_of_may",
      source: "manual",
    }));
    await ledger.suppress(people, T0);
    const found = async (text: string) =>
      (await ledger.searchSuppressions(text, null, 10)).map(({ phone }) => phone);
    expect(await found("")).toEqual([phoneOf(2), phoneOf(1)]);
    expect(await found("900-001")).toEqual([phoneOf(1)]);
    expect(await found("%")).toEqual([phoneOf(1)]);
    expect(await found("_")).toEqual([phoneOf(2)]);
    expect(await found("LETTER")).toEqual([phoneOf(2)]);
    expect(await ledger.countSuppressions("7700")).toBe(2);
    const [newest] = await ledger.searchSuppressions("", null, 1);
    expect(await ledger.searchSuppressions("", newest?.id ?? 0, 10)).toMatchObject([
      { phone: phoneOf(1) },
    ]);
  });
});
