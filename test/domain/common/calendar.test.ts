// Instants as people read them, in the zone that is asked for.

import { expect, it } from "vitest";
import { calendarOf, instant, stamp } from "../../../src/domain/common/calendar.ts";

const NOW = Date.parse("2026-11-28T23:30:00Z");

it.each([
  ["2026-11-29T13:40:00Z", "UTC", "tomorrow 13:40"],
  // In Berlin it is the 29th already.
  ["2026-11-29T13:40:00Z", "Europe/Berlin", "today 14:40"],
  ["2026-11-27T10:02:00Z", "Europe/Berlin", "27 Nov, 11:02"],
  ["2026-11-28T10:02:00Z", "Europe/Berlin", "yesterday 11:02"],
  ["2027-01-02T10:02:00Z", "America/Sao_Paulo", "2 Jan 2027, 07:02"],
])("%s in %s is %s", (at, zone, text) => {
  expect(instant(Date.parse(at), calendarOf(zone), NOW)).toBe(text);
});

it("has the whole date where it is not known when it is read", () => {
  expect(instant(NOW, calendarOf("UTC"), null)).toBe("28 Nov 2026, 23:30");
});

it("knows the next day on the day that has 25 hours", () => {
  const now = Date.parse("2026-10-24T22:30:00Z");
  const calendar = calendarOf("Europe/Berlin");
  expect(instant(Date.parse("2026-10-25T22:45:00Z"), calendar, now)).toBe("today 23:45");
  expect(instant(Date.parse("2026-10-25T23:15:00Z"), calendar, now)).toBe("tomorrow 00:15");
});

it("names its zone where it stands alone", () => {
  expect(stamp(NOW)).toBe("28 Nov 2026, 23:30 UTC");
  expect(stamp(NOW, "Etc/UTC")).toBe("28 Nov 2026, 23:30 UTC");
  expect(stamp(NOW, "Europe/Berlin")).toBe("29 Nov 2026, 00:30 (Europe/Berlin)");
  expect(stamp(NOW, "Nowhere/Else")).toBe("28 Nov 2026, 23:30 UTC");
});
