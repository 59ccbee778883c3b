import { describe, expect, it } from "vitest";

import { waitAsked } from "../../src/graph/wait-asked.ts";

const usage = (...minutes: unknown[]) =>
  JSON.stringify({
    "102290129340398": minutes.map((estimated_time_to_regain_access) => ({
      type: "whatsapp",
      call_count: 100,
      estimated_time_to_regain_access,
    })),
  });

describe("how long an answer asks to be left alone", () => {
  it.each<[string, Record<string, string>, number | null]>([
    ["nothing", {}, null],
    ["seconds", { "retry-after": "37" }, 37_000],
    ["a fraction of a second", { "retry-after": "0.5" }, 500],
    ["more seconds than there are", { "retry-after": "9".repeat(400) }, 365 * 86_400_000],
    ["seconds beyond any date", { "retry-after": "9".repeat(17) }, 365 * 86_400_000],
    ["no seconds at all", { "retry-after": "0" }, null],
    ["a word", { "retry-after": "soon" }, null],
    [
      "a date, by the clock of the server",
      { "retry-after": "Sat, 28 Nov 2026 20:02:00 GMT", date: "Sat, 28 Nov 2026 20:00:30 GMT" },
      90_000,
    ],
    ["a date without a clock", { "retry-after": "Sat, 28 Nov 2026 20:02:00 GMT" }, null],
    [
      "a date that has passed",
      { "retry-after": "Sat, 28 Nov 2026 20:00:00 GMT", date: "Sat, 28 Nov 2026 20:00:30 GMT" },
      null,
    ],
    ["minutes of a use case", { "x-business-use-case-usage": usage(37) }, 37 * 60_000],
    ["the longest of several", { "x-business-use-case-usage": usage(0, 12, 3) }, 12 * 60_000],
    ["minutes as text", { "x-business-use-case-usage": usage("5") }, 300_000],
    ["minutes beyond any date", { "x-business-use-case-usage": usage(1e300) }, 365 * 86_400_000],
    ["no minutes yet", { "x-business-use-case-usage": usage(0, null) }, null],
    [
      "both: Meta's own word",
      { "x-business-use-case-usage": usage(2), "retry-after": "5" },
      120_000,
    ],
    ["garbage", { "x-business-use-case-usage": "{", "retry-after": "5" }, 5_000],
    ["another shape", { "x-business-use-case-usage": '{"a":null,"b":[null,7]}' }, null],
    ["an app's usage, which has no time", { "x-app-usage": '{"call_count":100}' }, null],
  ])("%s", (_, headers, expected) => {
    expect(waitAsked(headers)).toBe(expected);
  });
});
