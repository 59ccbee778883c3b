// A list that changes between two runs: sorted, filtered, extended, repaired. Nobody twice, nobody
// lost, also with kills between.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import type { PlacedLedger } from "../../src/ledger/placed-ledger.ts";
import type { ListRow, TestCampaign } from "../domain/planning/replan.builders.ts";
import { campaignOf, Killed } from "../domain/planning/replan.builders.ts";
import { runsOf } from "../support/arbitraries.ts";
import { answerTo, personKey, phoneOf, T0, turn } from "./conformance/builders.ts";

let folder: string;
let ledger: PlacedLedger;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ledger-replan-"));
  ledger = await openSqliteLedger(join(folder, "ledger.sqlite"));
});
afterAll(async () => {
  expect(await ledger.violations()).toEqual([]);
  await ledger.close();
  await rm(folder, { recursive: true });
});

const people = (...persons: number[]): ListRow[] =>
  persons.map((person) => ({ person, value: `v${person}` }));

const NONE = {
  ...{ added: 0, back: 0, moved: 0, repaired: 0, changed: 0, settledChanged: 0, examples: [] },
  gone: { waiting: 0, skipped: 0, settled: 0 },
};

describe("a list that was sorted after part of it was posted", () => {
  it("goes on, and each row has its outcome at its new place", async () => {
    const campaign = await campaignOf(ledger, people(5, 1, 4, 2, 3));
    await campaign.post(2);
    const changes = await campaign.change(people(1, 2, 3, 4, 5));
    expect(changes).toEqual({ ...NONE, rows: 5, waiting: 3, moved: 5 });
    expect(await campaign.shown()).toEqual([
      "1 001 accepted",
      "2 002 pending",
      "3 003 pending",
      "4 004 pending",
      "5 005 accepted",
    ]);
    await campaign.post(9);
    expect([...campaign.posts.values()]).toEqual([1, 1, 1, 1, 1]);
  });

  it("changes nothing where nothing but the file's bytes is otherwise", async () => {
    const list: ListRow[] = [...people(1, 2, 1), { value: "x" }, { value: "x" }];
    const campaign = await campaignOf(ledger, list);
    const before = await campaign.shown();
    expect(await campaign.change(list)).toEqual({ ...NONE, rows: 5, waiting: 2 });
    expect(await campaign.shown()).toEqual(before);
  });
});

describe("rows that are gone", () => {
  it("are skipped before they are posted, stay posted after it, and are planned again when back", async () => {
    const campaign = await campaignOf(ledger, people(1, 2, 3, 4));
    await campaign.post(1);
    const changes = await campaign.change(people(3, 4));
    expect(changes.gone).toEqual({ waiting: 1, skipped: 0, settled: 1 });
    expect(await campaign.shown()).toEqual([
      "1 003 pending",
      "2 004 pending",
      "- 001 accepted",
      "- 002 removed",
    ]);
    expect(await campaign.change(people(4, 2, 1, 3))).toMatchObject({ back: 1, added: 0 });
    await campaign.post(9);
    expect(await campaign.shown()).toEqual([
      "1 004 accepted",
      "2 002 accepted",
      "3 001 accepted",
      "4 003 accepted",
    ]);
    expect([...campaign.posts.values()]).toEqual([1, 1, 1, 1]);
  });

  it("are in doubt when they are back, where an attempt from before may have reached them", async () => {
    const campaign = await campaignOf(ledger, people(1, 2));
    const { claimed } = await ledger.turn(turn(campaign.id, { claim: 1 }));
    const record = claimed.map((one) => answerTo(one, { to: "unknown", message: "Cut." }));
    await ledger.turn(turn(campaign.id, { record }));
    await ledger.resolveUnknown(campaign.id, "resend", T0);
    await campaign.change(people(2));
    await campaign.change(people(1, 2));
    // Its receipt may have come, and had no effect, while the row was gone.
    expect(await campaign.shown()).toEqual(["1 001 unknown", "2 002 pending"]);
  });

  it("leave their person to another row of theirs", async () => {
    const campaign = await campaignOf(ledger, [
      { person: 1, value: "first" },
      { person: 1, value: "second" },
      { person: 2 },
    ]);
    const changes = await campaign.change([{ person: 2 }, { person: 1, value: "second" }]);
    expect(await campaign.shown()).toEqual(["1 002 pending", "2 001 pending", "- 001 removed"]);
    // Another value than was planned: it is for a person to say that it is meant.
    expect(changes).toMatchObject({ changed: 1, examples: [{ row: 2, line: 3 }] });
  });

  it("open a finished campaign again when others come", async () => {
    const campaign = await campaignOf(ledger, people(1));
    await campaign.post(1);
    await ledger.setState(campaign.id, "finished", null, T0);
    await campaign.change(people(2));
    expect((await ledger.findCampaign(campaign.name))?.state).toBe("stopped");
    expect(await campaign.shown()).toEqual(["1 002 pending", "- 001 accepted"]);
  });
});

describe("several rows of one person", () => {
  const first = { person: 1, value: "a" };
  const second = { person: 1, value: "b" };

  it("keep one message, which becomes that of the row that comes first", async () => {
    const campaign = await campaignOf(ledger, [first, second, { person: 2 }]);
    const changes = await campaign.change([{ person: 2 }, second, first]);
    // The same rows in another order are no other values.
    expect(changes).toMatchObject({ changed: 0, added: 0 });
    expect(await campaign.shown()).toEqual(["1 002 pending", "2 001 pending", "3 001 duplicate"]);
    expect((await ledger.messageOf(campaign.id, 2))?.values).toBe('["b"]');
    const { rows } = await ledger.outcomes(campaign.id, 2, 1);
    expect(rows[0]?.error_message).toBe("The same person as row 2.");
  });

  it("stay duplicates of the one that was posted", async () => {
    const campaign = await campaignOf(ledger, [first, second]);
    await campaign.post(1);
    await campaign.change([second, { person: 1, value: "c" }, first]);
    await campaign.post(9);
    expect(await campaign.shown()).toEqual([
      "1 001 accepted",
      "2 001 duplicate",
      "3 001 duplicate",
    ]);
    expect(campaign.posts).toEqual(new Map([[phoneOf(1), 1]]));
  });

  it("are one person's too by names that were learned since", async () => {
    const campaign = await campaignOf(ledger, [{ userId: "GB.77" }, { person: 5 }]);
    await campaign.post(1);
    await campaign.change([{ person: 5 }, { person: 7, userId: "GB.77" }]);
    await campaign.change([{ person: 7 }, { person: 5 }]);
    await campaign.post(9);
    expect(campaign.posts).toEqual(
      new Map([
        ["GB.77", 1],
        [phoneOf(5), 1],
      ]),
    );
  });
});

describe("rows that cannot be read", () => {
  it("are known by their content, as many times as it stands there", async () => {
    const x = { value: "x" };
    const campaign = await campaignOf(ledger, [x, { person: 1 }, x, { value: "y" }]);
    const changes = await campaign.change([{ value: "y" }, x, { person: 1 }, x, x]);
    expect(changes).toMatchObject({ added: 1, repaired: 0, gone: { skipped: 0 } });
    expect((await campaign.shown()).length).toBe(5);
  });

  it.each([
    ["in their place", [{ person: 1 }, { person: 2 }, { person: 3 }]],
    ["and moved", [{ person: 3 }, { person: 2 }, { person: 1 }]],
  ])("are planned when they are repaired %s", async (_, list) => {
    const campaign = await campaignOf(ledger, [{ person: 1 }, { value: "x" }, { person: 3 }]);
    const changes = await campaign.change(list);
    expect(changes).toMatchObject({ repaired: 1, added: 0, gone: { skipped: 0 } });
    expect((await campaign.shown()).map((row) => row.slice(2))).toEqual(
      list.map(({ person }) => `00${person} pending`),
    );
  });
});

describe("rows that were fixed by hand", () => {
  const list = [{ value: "x" }, { person: 1 }, { value: "y" }];
  const fixed = { 1: { person: 7, value: "x" }, 3: { person: 8, value: "y" } };

  it("stay fixed when the list changes elsewhere, and moves them", async () => {
    const campaign = await campaignOf(ledger, list);
    await campaign.fix(fixed);
    expect(await campaign.shown()).toEqual(["1 007 pending", "2 001 pending", "3 008 pending"]);
    const changes = await campaign.change([{ person: 2 }, ...list]);
    expect(changes).toMatchObject({ added: 1, changed: 0, gone: { waiting: 0, skipped: 0 } });
    expect(await campaign.shown()).toEqual([
      "1 002 pending",
      "2 007 pending",
      "3 001 pending",
      "4 008 pending",
    ]);
    await campaign.post(10);
    const again = await campaign.change([...list.toReversed(), { person: 2 }]);
    expect(again).toMatchObject({ added: 0, settledChanged: 0, gone: { settled: 0 } });
    expect([...campaign.posts.values()]).toEqual([1, 1, 1, 1]);
  });

  it("are the same people's when the list is fixed later, too", async () => {
    const campaign = await campaignOf(ledger, list);
    await campaign.fix(fixed);
    await campaign.post(2);
    await campaign.change([{ person: 7, value: "x" }, { person: 1 }, { person: 8, value: "y" }]);
    await campaign.post(10);
    expect([...campaign.posts.values()]).toEqual([1, 1, 1]);
    expect(await campaign.shown()).toHaveLength(3);
  });

  it("are rejects again when the list has another row of theirs", async () => {
    const campaign = await campaignOf(ledger, list);
    await campaign.fix({ 1: fixed[1] });
    const changes = await campaign.change([{ value: "z" }, { person: 1 }, { value: "y" }]);
    expect(changes).toMatchObject({ added: 1, gone: { waiting: 1 } });
  });
});

describe("other values", () => {
  it("are reported of who waits, and written down", async () => {
    const campaign = await campaignOf(ledger, people(1, 2, 3));
    await campaign.post(1);
    const list = [{ person: 3, value: "new" }, ...people(2), { person: 1, value: "new" }];
    const changes = await campaign.change(list, { how: "again" });
    expect(changes).toMatchObject({
      ...{ changed: 1, settledChanged: 1, examples: [{ row: 1, line: 2 }] },
    });
    expect((await ledger.messageOf(campaign.id, 1))?.values).toBe('["new"]');
    expect((await ledger.messageOf(campaign.id, 3))?.values).toBe('["v1"]');
  });

  it("are none where only cells changed that no value reads", async () => {
    const list = people(1, 2);
    const campaign = await campaignOf(ledger, list);
    const noted = list.map((row) => ({ ...row, id: "a new column" }));
    expect(await campaign.change(noted)).toMatchObject({ changed: 0, repaired: 0 });
    expect(await campaign.change(noted)).toEqual({ ...NONE, rows: 2, waiting: 2 });
  });
});

describe("with a column of ids", () => {
  const named = (id: string, person: number): ListRow => ({ id, person, value: `v${id}` });
  const useIds = { useIds: true };

  it("a row is its id's: another number of who waits is another value, of who was posted it is none", async () => {
    const campaign = await campaignOf(ledger, [named("a", 1), named("b", 2), named("c", 3)]);
    await campaign.post(1);
    const list = [named("c", 3), named("a", 11), named("b", 12)];
    const changes = await campaign.change(list, useIds);
    expect(changes).toMatchObject({ changed: 1, settledChanged: 1, added: 0 });
    await campaign.post(9);
    expect(await campaign.shown()).toEqual(["1 003 accepted", "2 001 accepted", "3 012 accepted"]);
    expect([...campaign.posts.keys()]).toEqual([phoneOf(1), phoneOf(12), phoneOf(3)]);
  });

  it("two rows may change their numbers with each other", async () => {
    const campaign = await campaignOf(ledger, [named("a", 1), named("b", 2)]);
    await campaign.change([named("a", 2), named("b", 1)], useIds);
    expect(await campaign.shown()).toEqual(["1 002 pending", "2 001 pending"]);
  });

  it("a person who was posted to is not posted to under another id", async () => {
    const campaign = await campaignOf(ledger, [named("a", 1)]);
    await campaign.post(1);
    await campaign.change([named("b", 1), named("a", 1)], useIds);
    await campaign.change([named("c", 1)], useIds);
    await campaign.post(9);
    expect(campaign.posts).toEqual(new Map([[phoneOf(1), 1]]));
  });

  it("ids that come to a list later are taken over, and other ids too", async () => {
    const plain = people(1, 2, 3);
    const campaign = await campaignOf(ledger, plain);
    await campaign.post(1);
    const withIds = plain.map((row, at) => ({ ...row, id: `a${at}` }));
    expect(await campaign.change(withIds, useIds)).toMatchObject({ changed: 0, added: 0 });
    const others = withIds.map((row, at) => ({ ...row, id: `b${at}` }));
    const changes = await campaign.change(others, useIds);
    expect(changes).toMatchObject({ changed: 0, added: 0, gone: { waiting: 0, settled: 0 } });
    const { rows } = await ledger.outcomes(campaign.id, 0, 9);
    expect(rows.map((row) => row.recipient_id)).toEqual(["b0", "b1", "b2"]);
    await campaign.change([named("b2", 9)], useIds);
    expect((await campaign.shown())[0]).toBe("1 009 pending");
  });
});

describe("people who were forgotten", () => {
  it("are not planned again, and keep their row, emptied or not", async () => {
    const campaign = await campaignOf(ledger, people(801, 802, 803));
    await campaign.post(1);
    for (const person of [801, 802]) {
      const who = { person: personKey(person) };
      let { next } = await ledger.forget(who, null, T0 + 1);
      while (next !== null) ({ next } = await ledger.forget(who, next, T0 + 1));
    }
    for (const list of [people(803, 802, 801), [...people(803), { value: "" }, { value: "" }]]) {
      const changes = await campaign.change(list);
      expect(changes).toMatchObject({ added: 0 });
      await campaign.post(1);
    }
    expect([...campaign.posts.keys()]).toEqual([phoneOf(801), phoneOf(803)]);
  });
});

describe("any edits between runs", () => {
  const row = fc.oneof(
    { weight: 5, arbitrary: fc.record({ person: fc.integer({ min: 1, max: 8 }) }) },
    { weight: 2, arbitrary: fc.record({ value: fc.constantFrom("x", "y") }) },
    { weight: 1, arbitrary: fc.record({ userId: fc.constantFrom("GB.1", "GB.2") }) },
    {
      weight: 2,
      arbitrary: fc.record({
        person: fc.integer({ min: 1, max: 8 }),
        value: fc.constantFrom("a", "b"),
        id: fc.constantFrom("i", "k", "l", "m"),
      }),
    },
  );
  const run = fc.record({
    list: fc.array(row, { maxLength: 12 }) as fc.Arbitrary<ListRow[]>,
    post: fc.integer({ min: 0, max: 4 }),
    killAfter: fc.option(fc.integer({ min: 0, max: 6 })),
    how: fc.constantFrom("changes" as const, "again" as const),
  });

  it.each([false, true])("nobody is posted to twice or lost, ids in use: %s", async (useIds) => {
    await fc.assert(
      fc.asyncProperty(fc.array(run, { minLength: 2, maxLength: 6 }), async ([begin, ...runs]) => {
        const first = begin as (typeof runs)[number];
        const campaign = await campaignOf(ledger, first.list);
        await campaign.post(first.post);
        for (const { list, post, killAfter, how } of runs) {
          if (killAfter !== null) await killed(campaign, list, { killAfter, how, useIds });
          await campaign.change(list, { how, useIds });
          await expectWhole(campaign, list, useIds);
          await campaign.post(post);
        }
      }),
      { numRuns: runsOf(60) },
    );
  });

  async function killed(
    campaign: TestCampaign,
    list: readonly ListRow[],
    options: { killAfter: number; how: "changes" | "again"; useIds: boolean },
  ): Promise<void> {
    try {
      await campaign.change(list, options);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  }

  async function expectWhole(
    campaign: TestCampaign,
    list: readonly ListRow[],
    useIds: boolean,
  ): Promise<void> {
    expect([...campaign.posts.values()].every((posts) => posts === 1)).toBe(true);
    const { rows } = await ledger.outcomes(campaign.id, 0, 10_000);
    const there = rows.filter((one) => one.row_number !== null);
    expect(there.map((one) => one.row_number)).toEqual(list.map((_, at) => at + 1));
    const { counts, rows: all } = await ledger.tally(campaign.id);
    expect(Object.values(counts).reduce((sum, number) => sum + number, 0)).toBe(all);
    expect(all).toBe(rows.length);
    // Who is in the list waits, unless a message was posted; who is not in it does not wait.
    const names = list.map(({ person, userId }) =>
      person === undefined ? userId : phoneOf(person),
    );
    const wanted = new Set(names.filter((name) => name !== undefined));
    const waiting = rows.flatMap((one) =>
      one.status === "pending" ? [one.phone ?? one.user_id ?? ""] : [],
    );
    expect(new Set(waiting).size).toBe(waiting.length);
    for (const name of waiting) expect(wanted.has(name) && !campaign.posts.has(name)).toBe(true);
    if (useIds) return;
    for (const name of wanted)
      expect(waiting.includes(name) || campaign.posts.has(name)).toBe(true);
  }
});
