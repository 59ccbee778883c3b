import { describe, expect, it } from "vitest";
import type { CsvRow, Recipient } from "../src/recipient.ts";
import { readRecipient } from "../src/recipient.ts";
import type { RenderedValues } from "../src/screen.ts";
import { screen, screenPerson, toPlannedRow } from "../src/screen.ts";

const RENDERED: RenderedValues = { kind: "rendered", values: '["Ana","SPRING10"]' };
const MISSING: RenderedValues = { kind: "missing", names: ["coupon"] };
const STRICT = { usTerritories: true };

function recipient(phone: string, damage: CsvRow["damage"] = null): Recipient {
  const cells = ["Ana", phone];
  return readRecipient({ row: 3, line: 5, cells, raw: cells, damage }, { phoneColumn: 1 });
}

describe("screen", () => {
  it.each([
    ["+5511987654321", RENDERED, "send"],
    ["+5511987654321", MISSING, "missing_value"],
    ["11987654321", RENDERED, "invalid_number"],
    ["11987654321", MISSING, "invalid_number"],
    ["+12125550123", RENDERED, "us_number"],
    ["+14165550123", RENDERED, "send"],
    ["+18765550123", RENDERED, "send"],
    ["+17875550123", RENDERED, "us_territory"],
    ["+18005550199", RENDERED, "us_undecidable"],
    ["+80012345678", RENDERED, "send"],
    ["+5352345678", RENDERED, "blocked_region"],
    ["+5352345678", MISSING, "blocked_region"],
    ["+79781234567", RENDERED, "blocked_region"],
    ["+447700900123", RENDERED, "send"],
  ])("%s, %j: %s", (phone, values, expected) => {
    const verdict = screen(recipient(phone), STRICT, values);
    expect(verdict.kind === "send" ? "send" : verdict.reason).toBe(expected);
    if (verdict.kind === "skip") expect(verdict.detail).toMatch(/^[A-Z].*\.$/);
  });

  it("keeps territories and undecidable numbers where the setting is off, and never US numbers", () => {
    const lax = { usTerritories: false };
    expect(screen(recipient("+17875550123"), lax, RENDERED).kind).toBe("send");
    expect(screen(recipient("+18005550199"), lax, RENDERED).kind).toBe("send");
    expect(screen(recipient("+12125550123"), lax, RENDERED)).toMatchObject({ reason: "us_number" });
  });

  it.each(["ragged_row", "cut_off_row"] as const)("puts %s before everything else", (damage) => {
    expect(screen(recipient("nonsense", damage), STRICT, MISSING)).toMatchObject({
      kind: "skip",
      reason: damage,
    });
  });

  it("names every missing variable", () => {
    const verdict = screen(recipient("+5511987654321"), STRICT, {
      kind: "missing",
      names: ["coupon", "city"],
    });
    expect(verdict).toMatchObject({ detail: expect.stringContaining('"coupon", "city"') });
  });
});

describe("toPlannedRow", () => {
  it("keeps the cells of a skipped row only", () => {
    const bad = recipient("11987654321");
    const skipped = screenPerson(bad, STRICT);
    expect(skipped).not.toBeNull();
    expect(toPlannedRow(bad, skipped as NonNullable<typeof skipped>)).toEqual({
      row: 3,
      line: 5,
      hash: bad.hash,
      phone: null,
      person: null,
      region: null,
      verdict: skipped,
      cells: '["Ana","11987654321"]',
    });
    const good = recipient("+5511987654321");
    expect(toPlannedRow(good, screen(good, STRICT, RENDERED))).toMatchObject({
      phone: "+5511987654321",
      person: "551187654321",
      region: "BR",
      verdict: { kind: "send", values: '["Ana","SPRING10"]' },
      cells: "[]",
    });
  });
});
