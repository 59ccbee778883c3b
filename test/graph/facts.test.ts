import { describe, expect, it } from "vitest";

import { readTemplate, readToken } from "../../src/graph/facts.ts";

const AT = Date.UTC(2026, 10, 28, 20, 0, 0);
const NODE = { id: "1", name: "offer", language: "pt_BR" };

describe("instants that Graph returns", () => {
  it.each([AT, AT / 1_000, String(AT), String(AT / 1_000), "2026-11-28T20:00:00+0000"])(
    "%j of a template",
    (time) => {
      const node = { ...NODE, last_updated_time: time, created_time: time };
      expect(readTemplate(node, [])).toMatchObject({ changedAt: AT, createdAt: AT });
    },
  );

  it.each([AT, AT / 1_000, String(AT / 1_000)])("%j of a token", (time) => {
    expect(readToken({ data: { expires_at: time } }).expiresAt).toBe(AT);
  });

  it.each<[unknown, unknown]>([
    [0, "never"],
    ["0", "never"],
    [undefined, null],
    ["soon", null],
  ])("a token's expiry %j: %j", (time, expected) => {
    expect(readToken({ data: { expires_at: time } }).expiresAt).toBe(expected);
  });
});

describe("the max price of a template", () => {
  const asked = ["optimization_spec"];
  it.each<[unknown, readonly string[], object | null | undefined]>([
    [{ bid_strategy: "LOWEST_COST_WITH_BID_CAP", bid_amount: 5000 }, asked, { bidAmount: 5000 }],
    [undefined, asked, null],
    // A server that does not know the field says nothing of the template.
    [undefined, [], undefined],
    [{ bid_amount: "much" }, asked, undefined],
  ])("of %j", (optimization_spec, fields, expected) => {
    expect(readTemplate({ ...NODE, optimization_spec }, fields)?.maxPrice).toEqual(expected);
  });
});
