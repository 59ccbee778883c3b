import { describe, expect, it } from "vitest";
import { readManifest } from "../../../src/domain/manifest/manifest.ts";
import { scheduleOf } from "../../../src/domain/schedule/of-manifest.ts";
import { openingsOf } from "../../../src/domain/schedule/openings.ts";
import { plannedRate, spreadRate } from "../../../src/domain/schedule/spread.ts";

const HOUR = 3_600_000;
const NINE = Date.parse("2027-01-13T12:00Z");
const HOURS = 'hours: { from: "09:00", to: "20:00", time_zone: America/Sao_Paulo }\n';

function course(rate: string, hours = HOURS) {
  const base = "campaign: a\naccount: sandbox\nrecipients: { file: a.csv }\n";
  const text = `${base}template: { name: a, language: pt_BR }\nrate: { ${rate} }\n${hours}`;
  const read = readManifest(text, { file: "a.yaml" });
  if ("problems" in read) throw new Error(JSON.stringify(read.problems));
  const { manifest } = read;
  const opening = openingsOf(scheduleOf(manifest, []), null);
  return {
    manifest,
    opening,
    at: (now: number, left: number, firstAt: number | null = NINE) =>
      spreadRate(manifest, left, { now, firstAt, opening }),
  };
}

describe("a campaign that is spread", () => {
  it("goes evenly over the open time that is left", () => {
    const { at } = course("spread: 12h");
    expect(at(NINE, 43_200, null)).toBe(1);
    // Six hours later, as many as planned are left: the same.
    expect(at(NINE + 6 * HOUR, 21_600)).toBe(1);
    // Stopped for three hours: a little faster.
    expect(at(NINE + 9 * HOUR, 21_600)).toBe(2);
    // The night does not count: eleven hours of the first day are over, and one is left.
    expect(at(NINE + 24 * HOUR, 3_600)).toBe(1);
    expect(at(NINE + 26 * HOUR, 3_600)).toBe(Number.POSITIVE_INFINITY);
    expect(at(NINE, 1)).toBe(0.1);
  });

  it("goes until a time of the day", () => {
    const { at } = course('until: "18:00"');
    expect(at(NINE, 32_400)).toBe(1);
    expect(at(NINE - 2 * HOUR, 32_400)).toBe(1);
    expect(at(NINE + 9 * HOUR, 5)).toBe(Number.POSITIVE_INFINITY);
    expect(course("messages_per_second: 5").at(NINE, 9)).toBe(Number.POSITIVE_INFINITY);
  });

  it("is planned at that rate, and never above its own", () => {
    const { manifest, opening } = course("spread: 1h, messages_per_second: 2");
    expect(plannedRate(manifest, 3_600, { now: NINE, opening })).toBe(1);
    expect(plannedRate(manifest, 36_000, { now: NINE, opening })).toBe(2);
  });

  it("is refused where it means nothing", () => {
    expect(() => course('until: "18:00", spread: 1h')).toThrow(/does not go with `rate.spread`/);
    expect(() => course('until: "18:00"', "")).toThrow(/needs the one clock/);
  });
});
