import { describe, expect, it } from "vitest";
import type { CsvRow, Recipient } from "../../../src/domain/recipient/recipient.ts";
import { readRecipient } from "../../../src/domain/recipient/recipient.ts";
import type { RenderedValues } from "../../../src/domain/recipient/screen.ts";
import { screen, screenPerson, toPlannedRow } from "../../../src/domain/recipient/screen.ts";

const RENDERED: RenderedValues = { kind: "rendered", values: '["Ana","SPRING10"]' };
const MISSING: RenderedValues = { kind: "missing", names: ["coupon"] };
const STRICT = { usTerritories: true };

function recipient(phone: string, damage: CsvRow["damage"] = null): Recipient {
  const cells = ["Ana", phone];
  return readRecipient({ row: 3, line: 5, cells, raw: cells, damage }, { phoneColumn: 1 });
}

function withId(phone: string, userId: string, damage: CsvRow["damage"] = null): Recipient {
  const cells = [phone, userId];
  const row = { row: 3, line: 5, cells, raw: cells, damage };
  return readRecipient(row, { phoneColumn: 0, userIdColumn: 1 });
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

  it.each([
    ["", "BR.1349873120", RENDERED, "send"],
    ["", "BR.1349873120", MISSING, "missing_value"],
    ["n/a", "CA.1349873120", RENDERED, "send"],
    ["", "US.1349873120", RENDERED, "us_number"],
    ["", "US.1349873120", MISSING, "us_number"],
    ["", "PR.1349873120", RENDERED, "us_territory"],
    ["", "CU.1349873120", RENDERED, "blocked_region"],
    ["", "VE.1349873120", RENDERED, "blocked_region"],
    ["", "RU.1349873120", RENDERED, "send"],
    ["", "", RENDERED, "invalid_number"],
    ["", "1349873120", RENDERED, "invalid_user_id"],
    ["", "br.1349873120", RENDERED, "invalid_user_id"],
    ["", "US.ENT.1349873120", RENDERED, "invalid_user_id"],
    // By the number where there is one.
    ["+5511987654321", "US.1349873120", RENDERED, "send"],
    ["+12125550123", "BR.1349873120", RENDERED, "us_number"],
    ["+5352345678", "BR.1349873120", RENDERED, "blocked_region"],
    ["+5511987654321", "1349873120", RENDERED, "invalid_user_id"],
    ["11987654321", "BR.1349873120", RENDERED, "invalid_number"],
  ])("%j with user id %j, %j: %s", (phone, userId, values, expected) => {
    const verdict = screen(withId(phone, userId), STRICT, values);
    expect(verdict.kind === "send" ? "send" : verdict.reason).toBe(expected);
    if (verdict.kind !== "skip") return;
    expect(verdict.detail).toMatch(/^[A-Z].*\.$/);
    if (expected !== "invalid_user_id") expect(verdict.detail).not.toContain("1349873120");
  });

  it("needs a user id where no column has numbers", () => {
    const row = { row: 1, line: 2, cells: [""], raw: [""], damage: null };
    const empty = readRecipient(row, { phoneColumn: undefined, userIdColumn: 0 });
    expect(screen(empty, STRICT, RENDERED)).toMatchObject({ reason: "invalid_user_id" });
  });

  it("tells how a row goes by the user id whose number cannot be read", () => {
    const verdict = screen(withId("11987654321", "BR.1"), STRICT, RENDERED);
    expect(verdict).toMatchObject({ detail: expect.stringContaining("empty it to send by") });
  });

  it("keeps user ids of territories where the setting is off, and never those of the US", () => {
    const lax = { usTerritories: false };
    expect(screen(withId("", "PR.1"), lax, RENDERED).kind).toBe("send");
    expect(screen(withId("", "US.1"), lax, RENDERED)).toMatchObject({ reason: "us_number" });
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
      userId: null,
      recipientId: null,
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

  it.each([
    ["", "CA.1", { phone: null, person: null, userId: "CA.1", region: "CA" }],
    ["+5511987654321", "CA.1", { phone: "+5511987654321", userId: "CA.1", region: "BR" }],
    ["+80012345678", "CA.1", { phone: "+80012345678", userId: "CA.1", region: null }],
    ["", "nonsense", { phone: null, person: null, userId: null, region: null }],
    ["12345", "CA.1", { phone: null, person: null, userId: "CA.1", region: null }],
  ])("takes number, user id and country of %j, %j", (phone, userId, expected) => {
    const one = withId(phone, userId);
    expect(toPlannedRow(one, screen(one, STRICT, RENDERED))).toMatchObject(expected);
  });
});
