import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readRecipient, rowHash } from "../../../src/domain/recipient/recipient.ts";
import { runsOf } from "../../support/arbitraries.ts";

describe("rowHash", () => {
  it("never changes: ledgers keep it", () => {
    expect(rowHash([])).toBe(3338908027751811);
    expect(rowHash(["C1001", "João", "+5511987654321"])).toBe(270059028434747);
    expect(rowHash(["漢字 🎉", ""])).toBe(2525572306230660);
  });

  it("knows where cells end", () => {
    const hashes = [["a", "bc"], ["ab", "c"], ["abc"], ["abc", ""], ["", "abc"]].map(rowHash);
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it("is a whole number of at most 52 bits, and differs for different rows", () => {
    const seen = new Map<number, string>();
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 6 }), { maxLength: 4 }), (cells) => {
        const hash = rowHash(cells);
        expect(Number.isInteger(hash) && hash >= 0 && hash < 2 ** 52).toBe(true);
        const text = JSON.stringify(cells);
        expect(seen.get(hash) ?? text).toBe(text);
        seen.set(hash, text);
      }),
      { numRuns: runsOf(5_000) },
    );
  });
});

describe("the id of a row", () => {
  const read = (id: string | undefined, damage: "ragged_row" | null = null) => {
    const cells = ["+5511987654321", ...(id === undefined ? [] : [id])];
    const row = { row: 1, line: 2, cells, raw: cells, damage };
    return readRecipient(row, { phoneColumn: 0, idColumn: 1 }).recipientId;
  };

  it.each([
    ["C-1001", "C-1001"],
    ["00017", "00017"],
    [" two\n words ", "two words"],
    ["", null],
    ["  ", null],
    [undefined, null],
  ])("of %j is %j", (cell, id) => {
    expect(read(cell)).toBe(id);
  });

  it("is not taken from a row whose cells may stand under other columns", () => {
    expect(read("C-1001", "ragged_row")).toBeNull();
  });
});

describe("readRecipient", () => {
  const cells = ["C1", "Ana", "(11) 98765-4321"];

  it("reads the phone, the person, and the hash of the raw cells", () => {
    const raw = ["C1", " Ana", "(11) 98765-4321"];
    const row = { row: 7, line: 9, cells, raw, damage: null };
    expect(readRecipient(row, { phoneColumn: 2, home: "BR" })).toEqual({
      ...row,
      hash: rowHash(raw),
      recipientId: null,
      phone: { kind: "phone", e164: "+5511987654321", region: "BR" },
      userId: null,
      person: "551187654321",
    });
  });

  const ID = { kind: "user_id", id: "BR.1349873120", region: "BR" };
  const PHONE = { kind: "phone", e164: "+5511987654321" };
  it.each([
    ["+5511987654321", "BR.1349873120", PHONE, ID],
    ["+5511987654321", "", PHONE, null],
    ["", "BR.1349873120", null, ID],
    ["n/a", "BR.1349873120", null, ID],
    ["–", "BR.1349873120", null, ID],
    ["n/a", "", { kind: "unreadable" }, null],
    ["", "", { kind: "unreadable" }, null],
    ["987654321", "BR.1349873120", { kind: "unreadable" }, ID],
    ["٩٨٧", "BR.1349873120", { kind: "unreadable" }, ID],
    ["+5511987654321", "1349873120", PHONE, { kind: "unreadable" }],
    ["n/a", "1349873120", null, { kind: "unreadable" }],
  ])("reads number and user id: %j, %j", (number, id, phone, userId) => {
    const row = { row: 1, line: 2, cells: [number, id], raw: [number, id], damage: null };
    const recipient = readRecipient(row, { phoneColumn: 0, userIdColumn: 1 });
    if (phone === null) expect(recipient.phone).toBeNull();
    else expect(recipient.phone).toMatchObject(phone);
    if (userId === null) expect(recipient.userId).toBeNull();
    else expect(recipient.userId).toMatchObject(userId);
    expect(recipient.person).toBe(phone === PHONE ? "551187654321" : null);
  });

  it("reads no number where no column has any", () => {
    const row = { row: 1, line: 2, cells: ["BR.1"], raw: ["BR.1"], damage: null };
    const who = { phoneColumn: undefined, userIdColumn: 0 };
    expect(readRecipient(row, who)).toMatchObject({ phone: null, userId: { id: "BR.1" } });
    const empty = readRecipient({ ...row, cells: [""] }, who);
    expect(empty).toMatchObject({ phone: null, userId: null, person: null });
  });

  it("has no person without a phone", () => {
    const row = { row: 1, line: 2, cells, raw: cells, damage: null };
    expect(readRecipient(row, { phoneColumn: 2 })).toMatchObject({
      person: null,
      phone: { kind: "unreadable" },
    });
  });

  const unknown = { kind: "unreadable", cause: "unknown_region" };
  it.each([
    // A row's own country wins over that of the list.
    ["(416) 555-0123", "Canada", "BR", { e164: "+14165550123", region: "CA" }],
    ["07911 123456", "GBR", undefined, { e164: "+447911123456" }],
    ["11 98765-4321", "br", undefined, { e164: "+5511987654321" }],
    ["(212) 555-0123", "US", "BR", { e164: "+12125550123", region: "US" }],
    ["11 98765-4321", "", "BR", { e164: "+5511987654321" }],
    ["11 98765-4321", "", undefined, { cause: "no_country_code" }],
    ["11 98765-4321", "Brazill", "BR", unknown],
    ["+55 11 98765-4321", "Brazill", "BR", { e164: "+5511987654321" }],
    ["11 98765-4321 ramal 2", "Brazill", "BR", { cause: "extension" }],
    // Not of the country beside it.
    ["06 12 34 56 78", "ES", "FR", { cause: "not_in_plan" }],
    ["06 12 34 56 78", "DE", "FR", { cause: "foreign_habit" }],
  ])("reads %j beside the country %j (list: %s)", (number, country, home, wanted) => {
    const row = { row: 1, line: 2, cells: [number, country], raw: [number, country], damage: null };
    const who = { phoneColumn: 0, regionColumn: 1, home };
    expect(readRecipient(row, who).phone).toMatchObject(wanted);
  });

  it("names the cell that is no country, in one line and at most forty characters", () => {
    const country = `\u{1F1E7}\n${"x".repeat(60)}`;
    const cells = ["11 98765-4321", country];
    const row = { row: 1, line: 2, cells, raw: cells, damage: null };
    const { phone } = readRecipient(row, { phoneColumn: 0, regionColumn: 1, home: "BR" });
    const detail = phone?.kind === "unreadable" ? phone.detail : "";
    expect(detail).toMatch(/"\u{1F1E7}\\nx{38}" beside it is no country that is known/u);
  });
});
