import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openingsOf } from "../../../src/domain/schedule/openings.ts";
import { longestOpening, simulate } from "../../../src/domain/schedule/simulate.ts";

const HOUR = 3_600_000;
const MONDAY = Date.parse("2030-04-01T00:00Z");
const schedule = {
  hours: { from: "09:00", to: "20:00" },
  ...{ clock: null, starts: null, ends: null, closed: [] },
};
const ZONES = ["JP Asia/Tokyo", "PT Europe/Lisbon", "BR America/Sao_Paulo", "IN Asia/Kolkata"];

describe("simulate", () => {
  it("serves those first whose hours close first, as far as the rate goes", () => {
    // At noon in Lisbon Tokyo has closed an hour before; Sao Paulo opens an hour later.
    const groups = ["PT Europe/Lisbon", "BR America/Sao_Paulo", "JP Asia/Tokyo"].map((zone) => ({
      people: 3600 * 3,
      opening: openingsOf(schedule, zone),
    }));
    const startAt = Date.parse("2030-04-01T12:00+01:00");
    const found = simulate(groups, {
      ...{ messagesPerSecond: 1, dailyLimit: null, reached: 0 },
      startAt,
    });
    const ends = found.groups.map(({ lastAt }) => Math.ceil(((lastAt ?? 0) - startAt) / HOUR));
    expect(ends).toEqual([3, 6, 16]);
    expect(found.groups.map(({ left }) => left)).toEqual([0, 0, 0]);
  });

  it("waits while the steps of a ramp settle, and not after the last one", () => {
    const group = { people: 100, opening: openingsOf({ ...schedule, hours: null }, null) };
    const speed = { messagesPerSecond: 1, dailyLimit: null, reached: 0, startAt: MONDAY };
    const pauses = [10, 50, 100].map((after) => ({ after, ms: HOUR }));
    const { endAt, lastAt, groups } = simulate([group], { ...speed, pauses });
    expect(lastAt).toBe(MONDAY + 2 * HOUR + 99_000);
    expect(endAt).toBe(MONDAY + 2 * HOUR + 100_000);
    expect(groups).toEqual([{ left: 0, firstAt: MONDAY, lastAt }]);
    // What settles before the end of the hours goes on when they begin again.
    const daily = { people: 100, opening: openingsOf(schedule, "PT Europe/Lisbon") };
    const late = { ...speed, startAt: Date.parse("2030-04-01T19:30+01:00"), pauses };
    expect(simulate([daily], late).lastAt).toBe(
      Date.parse("2030-04-02T09:00+01:00") + HOUR + 89_000,
    );
  });

  it("names whom the end leaves out", () => {
    const short = { ...schedule, starts: MONDAY + 7 * HOUR, ends: MONDAY + 18 * HOUR };
    const groups = ["- +14:00", "PT Europe/Lisbon"].map((zone) => ({
      people: 10,
      opening: openingsOf(short, zone),
    }));
    const speed = { messagesPerSecond: 1, dailyLimit: null, reached: 0, startAt: MONDAY };
    const [kiribati, portugal] = simulate(groups, speed).groups;
    expect(kiribati).toEqual({ left: 10, firstAt: null, lastAt: null });
    expect(portugal?.left).toBe(0);
  });

  it("sends to everybody in their own hours, and never faster than the rate and the limit", () => {
    const group = fc.record({ people: fc.nat(40), zone: fc.constantFrom(...ZONES) });
    fc.assert(
      fc.property(
        fc.array(group, { minLength: 1, maxLength: 4 }),
        fc.option(fc.integer({ min: 1, max: 30 })),
        fc.constantFrom(1, 1 / 60, 1 / 3600),
        fc.nat(47),
        (all, dailyLimit, messagesPerSecond, hour) => {
          const startAt = MONDAY + hour * HOUR;
          const groups = all.map(({ people, zone }) => ({
            people,
            opening: openingsOf(schedule, zone),
          }));
          const people = all.reduce((sum, one) => sum + one.people, 0);
          const speed = { messagesPerSecond, dailyLimit, reached: 0, startAt };
          const found = simulate(groups, speed);
          for (const [at, { left, firstAt, lastAt }] of found.groups.entries()) {
            expect(left).toBe(0);
            for (const sent of [firstAt, lastAt]) {
              if (sent !== null) expect(groups[at]?.opening(sent + 0.001).kind).toBe("open");
            }
          }
          if (people === 0) return;
          const least = ((people - 1) * 1000) / messagesPerSecond;
          const days = dailyLimit === null ? 0 : Math.ceil(people / dailyLimit) - 1;
          expect(found.lastAt - startAt).toBeGreaterThan(Math.max(least, days * 24 * HOUR) - 1);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("longestOpening", () => {
  it("is short where several clocks are possible", () => {
    const of = (zone: string) =>
      longestOpening({ opening: openingsOf(schedule, zone) }, MONDAY, 48 * HOUR) / HOUR;
    expect(of("PT Europe/Lisbon")).toBe(11);
    expect(of("RU Asia/Kamchatka,Europe/Kaliningrad")).toBe(1);
    expect(of("-")).toBe(0);
  });
});
