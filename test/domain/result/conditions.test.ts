import { describe, expect, it } from "vitest";

import type { Condition, ConditionFacts } from "../../../src/domain/result/conditions.ts";
import {
  cappedOf,
  conditionRecord,
  conditionSentence,
  conditionsOf,
} from "../../../src/domain/result/conditions.ts";
import { hoursNow } from "../../../src/domain/schedule/hours-now.ts";
import { conditionFacts, NO_CONDITIONS } from "../../support/conditions.ts";

/** A Monday, 06:00 UTC. */
const NOW = Date.UTC(2026, 10, 30, 6);
const HOUR = 3_600_000;
const when = (at: number) => new Date(at).toISOString().slice(0, 16);

type Changes = Parameters<typeof conditionFacts>[1];
const NONE = { hours: null, cap: null, ramp: null };

function conditionsWith(changes: Changes, kind: ConditionFacts["standing"]["kind"] = "waiting") {
  return conditionsOf(conditionFacts({ kind }, { now: NOW, ...changes }), when);
}

function only(all: readonly Condition[]): [string, number, number | null] {
  expect(all).toHaveLength(1);
  const [one] = all as [Condition];
  return [conditionSentence(one), one.people, one.until];
}

describe("hours", () => {
  const daily = { hours: { from: "09:00", to: "20:00" } };
  const found = (schedule: object, waiting: Parameters<typeof hoursNow>[1]) => ({
    ...NONE,
    hours: hoursNow({ ...NO_CONDITIONS.schedule, ...schedule }, waiting, NOW),
  });

  it("of one clock hold everybody back until they open", () => {
    const hours = found({ ...daily, clock: "Europe/Berlin" }, { pending: 4_120, zones: [] });
    expect(only(conditionsWith({ found: hours }))).toEqual([
      "Hours: 4,120 people wait until 2026-11-30T08:00.",
      4_120,
      Date.UTC(2026, 10, 30, 8),
    ]);
  });

  it("that are open hold nobody back, and say until when", () => {
    const hours = found({ ...daily, clock: "Asia/Tokyo" }, { pending: 4_120, zones: [] });
    expect(only(conditionsWith({ found: hours }))).toEqual([
      "Hours: open until 2026-11-30T11:00.",
      0,
      null,
    ]);
  });

  it("by everybody's own clock hold back those whose clock is outside", () => {
    const zones = [
      { zone: 1, clocks: "JP Asia/Tokyo", pending: 10, held: 0 },
      { zone: 2, clocks: "BR America/Sao_Paulo", pending: 30, held: 1 },
      { zone: 3, clocks: "US America/New_York", pending: 2, held: 0 },
    ];
    const hours = found({ ...daily, clock: null }, { pending: 42, zones });
    expect(only(conditionsWith({ found: hours }))).toEqual([
      "Hours: 32 people wait for 09:00 to 20:00 by their own clock, the first until 2026-11-30T12:00: 09:00 in BR.",
      32,
      Date.UTC(2026, 10, 30, 12),
    ]);
  });

  it("are a schedule where only a beginning is set, and are over after the end", () => {
    const starts = Date.UTC(2026, 11, 1, 8);
    expect(only(conditionsWith({ found: found({ starts }, { pending: 7, zones: [] }) }))).toEqual([
      "Schedule: 7 people wait until 2026-12-01T08:00.",
      7,
      starts,
    ]);
    const over = found({ ends: NOW - HOUR }, { pending: 7, zones: [] });
    expect(only(conditionsWith({ found: over }))[0]).toBe(
      "Schedule: the end has passed; 7 people wait.",
    );
    expect(hoursNow(NO_CONDITIONS.schedule, { pending: 7, zones: [] }, NOW)).toBeNull();
  });
});

describe("a frequency cap", () => {
  const cap = { most: 2, windowMs: 7 * 24 * HOUR, gapMs: null, over: "hold" as const };
  const holds = [
    { reason: "frequency_cap", number: 12, nextAt: NOW + HOUR, lastAt: NOW + 2 * HOUR },
  ];
  const reasons = { frequency_cap: 3_422, "131049": 4 };

  it("tells whom it skipped from those who wait", () => {
    const tally = { reasons, holds, failures: { "131049": 4 } };
    expect(cappedOf(tally)).toEqual({ skipped: 3_410, held: 12, nextAt: NOW + HOUR });
    expect(only(conditionsWith({ tally, found: { ...NONE, cap } }))).toEqual([
      "Frequency cap (2 in 7d): 3,410 skipped, 12 people wait, the first until 2026-11-30T07:00.",
      3_422,
      NOW + HOUR,
    ]);
  });

  it("leaves its mark on a campaign that ended, and whose cap was taken away", () => {
    const tally = { reasons: { frequency_cap: 5 } };
    expect(only(conditionsWith({ tally }, "finished"))).toEqual([
      "Frequency cap: 5 skipped.",
      5,
      null,
    ]);
    expect(only(conditionsWith({ found: { ...NONE, cap } }))[0]).toContain("nobody is over it");
  });
});

describe("a ramp", () => {
  const rule = { steps: [200, 2_000, { share: 0.1 }], settle: HOUR / 2, halt_above: {} };
  const counts = {
    ...{ settled: 1_204, taken: 1_204, reported: 1_204 },
    ...{ failed: 4, opted_out: 0, capped: 0, held: 0 },
  };
  const ramp = (state: object) => ({
    ...NONE,
    ramp: {
      rule: { ...rule, after_step: "continue" as const },
      state: { step: 1, people: 2_000, lastClaimAt: NOW - 1_000, counts, ...state },
    },
  });
  const tally = { counts: { pending: 46_000 }, reached: { toSend: 48_000 } };

  it("holds back who is not of the step, until its messages are settled", () => {
    expect(only(conditionsWith({ tally, found: ramp({}) }))).toEqual([
      "Ramp: step 2 of 3, 2,000 of 2,000 people; 1,204 settled, 4 failed; 46,000 people wait for the next step, until 2026-11-30T06:29 at the latest.",
      46_000,
      NOW - 1_000 + HOUR / 2,
    ]);
    const under = ramp({ people: 1_500 });
    expect(
      only(conditionsWith({ tally: { ...tally, counts: { pending: 46_500 } }, found: under })),
    ).toEqual([
      "Ramp: step 2 of 3, 1,500 of 2,000 people; 1,204 settled, 4 failed; 46,000 people wait for the next step.",
      46_000,
      null,
    ]);
  });

  it("holds nobody back once it is through", () => {
    expect(only(conditionsWith({ tally, found: ramp({ step: 3 }) }))).toEqual([
      "Ramp: all 3 steps are through; its limits still hold.",
      0,
      null,
    ]);
  });
});

describe("a budget", () => {
  const budget = { most: 500_000_000, currency: "USD" };
  const money = (waiting: object[]) => ({
    waiting: waiting as ConditionFacts["tally"]["money"]["waiting"],
    ...{ planned: 900_000_000, reserved: 12_300_000, besides: [] },
    delivered: [
      { currency: null, messages: 2, planned: 100_000_000, cost: 0 },
      { currency: "USD", messages: 5, planned: 500_000_000, cost: 300_000_000 },
    ],
  });

  it("says for how many it does not do", () => {
    const one = [{ region: "BR", price: 100_000, people: 2_081 }];
    expect(only(conditionsWith({ budget, tally: { money: money(one) } }))).toEqual([
      "Budget: 400.00 of 500.00 USD delivered, 12.30 set aside for messages on their way; 1,204 people do not fit.",
      1_204,
      null,
    ]);
    const mixed = [...one, { region: "DE", price: 200_000, people: 100 }];
    expect(only(conditionsWith({ budget, tally: { money: money(mixed) } }))[0]).toContain(
      "; about 1,",
    );
    const unknown = [{ region: "XK", price: null, people: 3 }];
    expect(only(conditionsWith({ budget, tally: { money: money(unknown) } }))[1]).toBe(3);
    expect(only(conditionsWith({ budget, tally: { money: money(one) } }, "finished"))[1]).toBe(0);
  });
});

describe("a daily limit, and holds", () => {
  it("hold back who has no room today", () => {
    const tally = { counts: { pending: 900, held: 100 } };
    const full = { limit: 250, people: 250, freeAt: NOW + HOUR };
    expect(only(conditionsWith({ dailyLimit: full, tally }))).toEqual([
      "Daily limit: 250 of 250 people used (rolling 24 h); 1,000 people wait for room, the first until 2026-11-30T07:00.",
      1_000,
      NOW + HOUR,
    ]);
    const some = { limit: 2_000, people: 1_500, freeAt: NOW + HOUR };
    expect(only(conditionsWith({ dailyLimit: some, tally }))[1]).toBe(500);
    expect(conditionsWith({ dailyLimit: some, tally }, "finished")).toEqual([]);
  });

  it("name the first try of those whom Meta refused for now", () => {
    const holds = [
      { reason: "131049", number: 40, nextAt: NOW + 2 * HOUR, lastAt: NOW + 9 * HOUR },
      { reason: "130472", number: 7, nextAt: NOW + HOUR, lastAt: NOW + HOUR },
    ];
    const [held] = conditionsWith({ tally: { holds } });
    expect(conditionRecord(held as Condition)).toEqual({
      condition: "holds",
      people: 47,
      until: "2026-11-30T07:00:00.000Z",
      sentence: "Held: 47 people wait for another try, the first until 2026-11-30T07:00.",
    });
  });
});

it("stand in the order of a manifest, each by itself", () => {
  const dailyLimit = { limit: 1, people: 1, freeAt: null };
  const budget = { most: 1, currency: "USD" };
  const names = conditionsWith({ budget, dailyLimit, tally: { counts: { pending: 1 } } });
  expect(names.map(({ condition }) => condition)).toEqual(["budget", "daily_limit"]);
  expect(conditionsWith({})).toEqual([]);
});
