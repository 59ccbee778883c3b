import { describe, expect, it } from "vitest";

import { openingAt } from "../../src/timing/hours.ts";

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
      { kind: "closed", opensAt: at("2026-03-29T01:30:00Z") },
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
