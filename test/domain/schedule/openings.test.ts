import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openingsOf } from "../../../src/domain/schedule/openings.ts";
import type { DayHours, Opening } from "../../../src/domain/schedule/schedule.ts";

type Hours = DayHours & { time_zone: string };

function openingAt(hours: Hours | undefined, ends: number | null, now: number): Opening {
  const clock = hours?.time_zone ?? "UTC";
  return openingsOf({ hours: hours ?? null, clock, starts: null, ends, closed: [] }, null)(now);
}

const at = (iso: string) => Date.parse(iso);
const day = { from: "09:00", to: "20:00", time_zone: "America/Sao_Paulo" };

describe("hours", () => {
  it.each([
    [
      "in the middle of the day",
      day,
      "2026-03-02T15:00:00Z",
      { kind: "open", until: at("2026-03-02T23:00:00Z") },
    ],
    [
      "before opening",
      day,
      "2026-03-02T11:59:59Z",
      { kind: "closed", opensAt: at("2026-03-02T12:00:00Z") },
    ],
    [
      "at the closing instant",
      day,
      "2026-03-02T23:00:00Z",
      { kind: "closed", opensAt: at("2026-03-03T12:00:00Z") },
    ],
    [
      "over a weekend",
      { ...day, days: ["mon", "fri"] },
      "2026-03-06T23:30:00Z",
      { kind: "closed", opensAt: at("2026-03-09T12:00:00Z") },
    ],
    [
      "hours that cross midnight",
      { from: "22:00", to: "02:00", time_zone: "UTC" },
      "2026-03-02T01:00:00Z",
      { kind: "open", until: at("2026-03-02T02:00:00Z") },
    ],
    [
      "an opening that a change of clocks skips",
      { from: "02:30", to: "20:00", time_zone: "Europe/Berlin" },
      "2026-03-29T00:30:00Z",
      { kind: "closed", opensAt: at("2026-03-29T01:00:00Z") },
    ],
    [
      "hours that a change of clocks skips",
      { from: "02:00", to: "03:00", time_zone: "Europe/Berlin" },
      "2027-03-28T12:00:00Z",
      { kind: "closed", opensAt: at("2027-03-29T00:00:00Z") },
    ],
    [
      "the instant at which they are skipped",
      { from: "02:30", to: "03:00", time_zone: "Europe/Berlin" },
      "2027-03-28T01:00:00Z",
      { kind: "closed", opensAt: at("2027-03-29T00:30:00Z") },
    ],
    [
      "the day before they are skipped",
      { from: "02:00", to: "03:00", time_zone: "Europe/Berlin" },
      "2027-03-27T12:00:00Z",
      { kind: "closed", opensAt: at("2027-03-29T00:00:00Z") },
    ],
    [
      "an hour after midnight that is skipped",
      { from: "00:00", to: "01:00", time_zone: "America/Santiago" },
      "2027-09-05T15:00:00Z",
      { kind: "closed", opensAt: at("2027-09-06T03:00:00Z") },
    ],
    [
      "the only day of the week that is skipped",
      { from: "02:00", to: "03:00", time_zone: "Europe/Berlin", days: ["sun"] },
      "2027-03-24T12:00:00Z",
      { kind: "closed", opensAt: at("2027-04-04T00:00:00Z") },
    ],
    [
      "a closing that a change of clocks skips",
      { from: "01:00", to: "02:30", time_zone: "Europe/Berlin" },
      "2027-03-28T00:59:59Z",
      { kind: "open", until: at("2027-03-28T01:00:00Z") },
    ],
    [
      "an hour that comes twice opens once",
      { from: "02:00", to: "02:30", time_zone: "Europe/Berlin" },
      "2027-10-31T01:10:00Z",
      { kind: "closed", opensAt: at("2027-11-01T01:00:00Z") },
    ],
  ])("%s", (_name, hours, now, expected) => {
    expect(openingAt(hours, null, at(now))).toEqual(expected);
  });

  it("ends with the campaign", () => {
    const ends = at("2026-03-02T16:00:00Z");
    expect(openingAt(day, ends, ends - 1)).toEqual({ kind: "open", until: ends });
    expect(openingAt(day, ends, ends)).toEqual({ kind: "over" });
    expect(openingAt(undefined, ends, ends + 1)).toEqual({ kind: "over" });
    // Closed, and the next opening lies behind the end.
    expect(openingAt(day, at("2026-03-03T05:00:00Z"), at("2026-03-02T23:30:00Z"))).toEqual({
      kind: "over",
    });
  });

  it("is always open without hours and end", () => {
    expect(openingAt(undefined, null, 0)).toEqual({
      kind: "open",
      until: Number.POSITIVE_INFINITY,
    });
  });
});

/**
 * Changes of clocks, forward and back, at midnight and by half an hour too; each the day of the
 * change in its zone.
 */
const CHANGES: [zone: string, day: string][] = [
  ["Europe/Berlin", "2027-03-28"],
  ["Europe/Berlin", "2027-10-31"],
  ["America/Santiago", "2027-09-05"],
  ["America/Santiago", "2027-04-03"],
  ["America/New_York", "2027-03-14"],
  ["America/New_York", "2027-11-07"],
  ["Africa/Cairo", "2027-04-30"],
  ["Africa/Cairo", "2027-10-28"],
  ["Asia/Beirut", "2027-03-28"],
  ["Atlantic/Azores", "2027-10-31"],
  ["Australia/Lord_Howe", "2027-04-04"],
  ["Australia/Lord_Howe", "2027-10-03"],
  ["America/Sao_Paulo", "2027-03-28"],
  ["Asia/Kolkata", "2027-03-28"],
];
const STEP = 15 * 60_000;
const DAY = 24 * 60 * 60_000;

/**
 * Instants around a day, and what the clocks of a zone show at each, by Intl alone: `2027-03-28
 * 14:00`.
 */
function clocksAround(zone: string, day: string): { instants: number[]; shown: string[] } {
  const format = new Intl.DateTimeFormat("sv", {
    timeZone: zone,
    dateStyle: "short",
    timeStyle: "short",
  });
  const from = at(`${day}T00:00Z`) - 3 * DAY;
  const instants = Array.from({ length: (6 * DAY) / STEP }, (_, index) => from + index * STEP);
  return { instants, shown: instants.map((instant) => format.format(instant)) };
}

/** The instants at which hours are open, found by looking at the clocks one after the other. */
function openInstants(hours: Hours, { instants, shown }: ReturnType<typeof clocksAround>) {
  const dates = [...new Set(shown.map((text) => text.slice(0, 10)))];
  const open = new Set<number>();
  for (const [index, date] of dates.entries()) {
    const closingDate = hours.to <= hours.from ? dates[index + 1] : date;
    const opens = shown.findIndex((text) => text >= `${date} ${hours.from}`);
    const closes = shown.findIndex((text) => text >= `${closingDate} ${hours.to}`);
    if (opens === -1 || closes === -1) continue;
    for (const instant of instants.slice(opens, closes)) open.add(instant);
  }
  return open;
}

describe("hours on days when the clocks change", () => {
  const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom("00", "15", "30", "45"))
    .map(([hour, minute]) => `${String(hour).padStart(2, "0")}:${minute}`);
  const early = fc.constantFrom("00:00", "00:30", "01:00", "01:30", "02:00", "02:30", "03:00");

  it("is open exactly while the clocks say so, and never for a whole day", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...CHANGES),
        fc.oneof(time, early),
        fc.oneof(time, early, fc.constant("24:00")),
        ([zone, day], from, to) => {
          fc.pre(from !== to);
          const hours = { from, to, time_zone: zone };
          const clocks = clocksAround(zone, day);
          const open = openInstants(hours, clocks);
          const openings = new Set<number>();
          for (const instant of clocks.instants.slice(DAY / STEP, -DAY / STEP)) {
            const opening = openingAt(hours, null, instant);
            if ((opening.kind === "open") !== open.has(instant)) {
              throw new Error(`${from}-${to} ${zone}, ${new Date(instant).toISOString()}`);
            }
            if (opening.kind === "closed" && opening.opensAt !== null) {
              openings.add(opening.opensAt);
            }
          }
          for (const opensAt of openings) {
            expect(openingAt(hours, null, opensAt).kind).toBe("open");
            expect(openingAt(hours, null, opensAt - 1).kind).toBe("closed");
          }
        },
      ),
      { numRuns: 12 },
    );
  });

  it("is open for several clocks exactly while all of them say so", () => {
    const spring = CHANGES.filter(([, day]) => day.startsWith("2027-03"));
    const around = new Map(spring.map(([zone]) => [zone, clocksAround(zone, "2027-03-28")]));
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom(...around.keys()), { minLength: 2, maxLength: 3 }),
        fc.oneof(time, early),
        fc.oneof(time, early, fc.constant("24:00")),
        (zones, from, to) => {
          fc.pre(from !== to);
          const hours = { from, to, time_zone: "" };
          const open = zones.map((zone) =>
            openInstants(hours, around.get(zone) as ReturnType<typeof clocksAround>),
          );
          const schedule = { hours, clock: null, starts: null, ends: null, closed: [] };
          const openings = openingsOf(schedule, `- ${zones.join(",")}`);
          const { instants } = around.get(zones[0] as string) as ReturnType<typeof clocksAround>;
          for (const instant of instants.slice(DAY / STEP, -2 * (DAY / STEP))) {
            const opening = openings(instant);
            if ((opening.kind === "open") !== open.every((one) => one.has(instant))) {
              throw new Error(`${from}-${to} ${zones}, ${new Date(instant).toISOString()}`);
            }
            if (opening.kind === "closed" && opening.opensAt !== null) {
              expect(openingsOf(schedule, `- ${zones.join(",")}`)(opening.opensAt).kind).toBe(
                "open",
              );
            }
          }
        },
      ),
      { numRuns: 10 },
    );
  });
});

describe("a schedule", () => {
  const base = { hours: null, clock: null, starts: null, ends: null, closed: [] };
  const hours = { from: "09:00", to: "20:00" };

  it("starts and ends by everybody's own clock", () => {
    const schedule = { ...base, hours, starts: "2026-12-01T10:00", ends: "2026-12-02T12:00" };
    const tokyo = openingsOf(schedule, "JP Asia/Tokyo");
    expect(tokyo(at("2026-11-20T03:00Z"))).toEqual({
      kind: "closed",
      opensAt: at("2026-12-01T10:00+09:00"),
    });
    expect(tokyo(at("2026-12-02T09:30+09:00"))).toEqual({
      kind: "open",
      until: at("2026-12-02T12:00+09:00"),
    });
    expect(tokyo(at("2026-12-02T12:00+09:00"))).toEqual({ kind: "over" });
    // They are open together for an hour a day, from 09:00 in Kaliningrad: Kamchatka ends before.
    const both = "RU Asia/Kamchatka,Europe/Kaliningrad";
    expect(openingsOf(schedule, both)(at("2026-12-01T00:00Z"))).toEqual({ kind: "over" });
    expect(openingsOf({ ...schedule, ends: null }, both)(at("2026-12-01T00:00Z"))).toEqual({
      kind: "closed",
      opensAt: at("2026-12-02T09:00+02:00"),
    });
  });

  it("leaves out dates, and those of a region to its people", () => {
    const closed = [
      { date: "2026-12-25", region: null },
      { date: "2026-12-26", region: "GB" },
    ];
    const schedule = { ...base, hours, closed };
    const christmas = at("2026-12-25T12:00Z");
    expect(openingsOf(schedule, "GB Europe/London")(christmas)).toEqual({
      kind: "closed",
      opensAt: at("2026-12-27T09:00Z"),
    });
    expect(openingsOf(schedule, "PT Europe/Lisbon")(christmas)).toEqual({
      kind: "closed",
      opensAt: at("2026-12-26T09:00Z"),
    });
    // Hours that begin the evening before go on.
    const night = { ...schedule, hours: { from: "22:00", to: "02:00" } };
    expect(openingsOf(night, "PT Europe/Lisbon")(at("2026-12-25T01:00Z")).kind).toBe("open");
    expect(openingsOf(night, "PT Europe/Lisbon")(at("2026-12-25T23:00Z")).kind).toBe("closed");
  });

  it("is for people of whom nothing is known open only when it is open everywhere", () => {
    expect(openingsOf({ ...base, hours }, "-")(at("2026-12-01T12:00Z"))).toEqual({
      kind: "closed",
      opensAt: null,
    });
    const weekdays = { from: "00:00", to: "24:00", days: ["mon", "tue", "wed", "thu", "fri"] };
    expect(openingsOf({ ...base, hours: weekdays }, "-")(at("2026-12-05T12:00Z"))).toEqual({
      kind: "closed",
      opensAt: at("2026-12-07T00:00-11:00"),
    });
  });

  it("keeps what it found until it changes", () => {
    const openings = openingsOf({ ...base, hours, clock: "UTC" }, null);
    const noon = openings(at("2026-12-01T12:00Z"));
    expect(openings(at("2026-12-01T19:59Z"))).toBe(noon);
    expect(openings(at("2026-12-01T20:00Z"))).not.toBe(noon);
  });
});
