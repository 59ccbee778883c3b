// Which days of Meta's analytics are a campaign's.

import { describe, expect, it } from "vitest";
import type { AskedDays } from "../../../src/domain/insights/days.ts";
import {
  dayAfter,
  daysOf,
  daysToAsk,
  secondsOf,
  touches,
} from "../../../src/domain/insights/days.ts";

/** 20 Nov 2026, 01:30 to 02:30 UTC: still the 19th in São Paulo. */
const SPAN = { first: Date.UTC(2026, 10, 20, 1, 30), last: Date.UTC(2026, 10, 20, 2, 30) };
const SAO_PAULO = "America/Sao_Paulo";
const at = (month: number, day: number) => Date.UTC(2026, month - 1, day, 12);

describe("days of a campaign", () => {
  it("are asked for with a day more at both ends, and cut to the zone's once it is known", () => {
    const now = at(12, 20);
    expect(daysToAsk(SPAN, {}, now)).toEqual({ since: "2026-11-19", until: "2026-11-29" });
    const zone = { since: "2026-11-19", until: "2026-11-27", isWhole: true };
    expect(daysOf(SPAN, {}, now, SAO_PAULO)).toEqual(zone);
    expect(daysOf(SPAN, {}, now, null)).toEqual({
      ...zone,
      since: "2026-11-20",
      until: "2026-11-28",
    });
  });

  const cut: [
    what: string,
    now: number,
    asked: AskedDays,
    since: string,
    until: string,
    whole: boolean,
  ][] = [
    ["end today", at(11, 22), {}, "2026-11-20", "2026-11-22", true],
    [
      "begin as late as Meta has them",
      at(2, 20) + 365 * 86_400_000,
      {},
      "2026-11-22",
      "2026-11-28",
      false,
    ],
    [
      "are those that were asked for",
      at(12, 20),
      { since: "2026-11-21" },
      "2026-11-21",
      "2026-11-28",
      false,
    ],
    [
      "may be more",
      at(12, 20),
      { since: "2026-11-01", until: "2026-12-09" },
      "2026-11-01",
      "2026-12-09",
      true,
    ],
    ["may end early", at(12, 20), { until: "2026-11-23" }, "2026-11-20", "2026-11-23", false],
  ];
  it.each(cut)("%s", (_, now, asked, since, until, isWhole) => {
    expect(daysOf(SPAN, asked, now, "UTC")).toEqual({ since, until, isWhole });
  });

  it("touch another campaign's while what that sent may still be counted", () => {
    const days = { since: "2026-11-19", until: "2026-11-27" };
    const on = (day: number) => ({ first: at(11, day), last: at(11, day) });
    expect([10, 11, 20, 27, 28].map((day) => touches(on(day), days, SAO_PAULO))).toEqual([
      ...[false, true, true, true, false],
    ]);
  });

  it("are dates and seconds", () => {
    expect([dayAfter("2026-12-31"), secondsOf("2026-11-20")]).toEqual([
      "2027-01-01",
      1_795_132_800,
    ]);
  });
});
