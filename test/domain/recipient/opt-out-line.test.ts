import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { optOutColumns } from "../../../src/domain/recipient/opt-out-columns.ts";
import { readOptOut } from "../../../src/domain/recipient/opt-out-line.ts";
import { readOptOutRow } from "../../../src/domain/recipient/opt-out-row.ts";
import { personOf } from "../../../src/domain/recipient/person.ts";
import { readPhone } from "../../../src/domain/recipient/phone.ts";
import { runsOf } from "../../support/arbitraries.ts";

describe("readOptOut", () => {
  it.each<[string, string | undefined, string[]]>([
    ["+5531987650001", undefined, ["+5531987650001"]],
    ["49 151 12345678", "DE", ["+494915112345678", "+4915112345678"]],
    ["49-170-1234567", "DE", ["+49491701234567", "+491701234567"]],
    ["4915112345678", "DE", ["+494915112345678", "+4915112345678"]],
    ["62 811-234-567", "ID", ["+6262811234567", "+62811234567"]],
    ["+494915112345678", undefined, ["+494915112345678", "+4915112345678"]],
    ["494915112345678", "DE", ["+494915112345678", "+4915112345678"]],
    ["(31) 98765-0001 / 98765-0002", "BR", ["+5531987650001", "+5531987650002"]],
    ["+55 31 98765-0001, 98765-0002", undefined, ["+5531987650001", "+5531987650002"]],
    ["31 98765-0001 ou 98765-0002", "BR", ["+5531987650001", "+5531987650002"]],
    ["+55 31 98765-0001, 2026-01-31", undefined, ["+5531987650001"]],
    ["1 55 1234 5678", "MX", ["+525512345678", "+15512345678"]],
    ["+55 31 98765-0001 / +55 31 98765-0002", undefined, ["+5531987650001", "+5531987650002"]],
    ["+5531987650001 +5531987650002", undefined, ["+5531987650001", "+5531987650002"]],
    ["+5531987650001+5531987650002", undefined, ["+5531987650001", "+5531987650002"]],
    ["5531987650001 5531987650002", "BR", ["+5531987650001", "+5531987650002"]],
    ["31 98765-0001 31 98765-0002", "BR", ["+5531987650001", "+5531987650002"]],
    ["(31) 98765-0001 (31) 98765-0002", "BR", ["+5531987650001", "+5531987650002"]],
    ["31 98765-0001/0002", "BR", ["+5531987650001", "+5531987650002"]],
    ["Ana 31 98765-0001; Bia 31 98765-0002 ::: x", "BR", ["+5531987650001", "+5531987650002"]],
    ["31 98765-0001 ou 31 98765-0002", "BR", ["+5531987650001", "+5531987650002"]],
    ["+55 31 98765-0003 ext 2", undefined, ["+5531987650003"]],
    ["tel:+55-31-98765-0003;ext=2", undefined, ["+5531987650003"]],
    ["+55 31 98765-0003 #12", undefined, ["+5531987650003"]],
    ["p:+5531987650004", undefined, ["+5531987650004"]],
    ['="+5531987650005"', undefined, ["+5531987650005"]],
    ["+5531987650006 (Ana)", undefined, ["+5531987650006"]],
    ["Ana <+5531987650006>, 2024-05-01", undefined, ["+5531987650006"]],
    ["31 98765-0001 (2024-05-01)", "BR", ["+5531987650001"]],
    ["91+ 9876543210", "IN", ["+919876543210"]],
    ["1) 31 98765-0001", "BR", ["+5531987650001"]],
    ["12. (31) 98765-0001", "BR", ["+5531987650001"]],
    ["091 98765 43210", "IN", ["+919876543210"]],
    ["3187650001", "BR", ["+5531987650001"]],
    ["31 9876-5000", "BR", ["+5531998765000"]],
    ["(212) 555-0123", "BR", ["+552125550123", "+12125550123"]],
    ["0692 11 22 33", "FR", ["+262692112233"]],
    ["0549 882555", "SM", ["+3780549882555"]],
    ["22507120011", undefined, ["+2250707120011"]],
    ["22997120008", undefined, ["+2290197120008"]],
    ["553187650002", "BR", ["+5531987650002"]],
    ["https://wa.me/5531987650001?text=Sair", undefined, ["+5531987650001"]],
    ["5531987650001@s.whatsapp.net", undefined, ["+5531987650001"]],
    ["5,531,987,650,001", "BR", ["+5531987650001"]],
    ["447911123456", "BR", ["+447911123456"]],
    // No plan has it; WhatsApp may know a person by it all the same.
    ["999888777666", undefined, ["+999888777666"]],
  ])("%j (%s) means %j", (text, region, phones) => {
    const reading = readOptOut(text, region);
    expect(reading.isUnderstood).toBe(true);
    expect(new Set(reading.phones)).toEqual(new Set(phones));
  });

  it.each<[string, string | undefined]>([
    ["(11) 98765-4321", undefined],
    ["011 98765-4321", undefined],
    ["98765-4321", "BR"],
    ["95123-4567", "BR"],
    ["987654321", "BR"],
    ["919812000000", "IN"],
    ["9.19812E+11", "IN"],
    ["+55 31", undefined],
    ["2024-05-01", undefined],
    ["Total: 25", "BR"],
    ["Av.Brasil 123", "BR"],
    ["Ana Souza", "BR"],
    ["n/a", "BR"],
    ["", "BR"],
  ])("%j (%s) names nobody who can be known", (text, region) => {
    expect(readOptOut(text, region).isUnderstood).toBe(false);
  });

  it("finds user ids alone and within a text", () => {
    expect(readOptOut("BR.1349873120").userIds).toEqual(["BR.1349873120"]);
    expect(readOptOut("Ana BR.1349873120, +5531987650001")).toMatchObject({
      userIds: ["BR.1349873120"],
      phones: ["+5531987650001"],
    });
  });

  it("says when all that it has is digits of no plan", () => {
    expect(readOptOut("11987654321")).toMatchObject({ isUnderstood: true, isUnplanned: true });
    expect(readOptOut("11987654321", "BR")).toMatchObject({ isUnplanned: false });
  });

  const region = fc.constantFrom("BR", "MX", "IN", "DE", "ID", "GB", "FR", "CO", "AR", undefined);
  const around = fc.constantFrom("", "Ana ", "p:", "Tel.: ", '="', "(", "* ");

  it("means everybody whom the reading of recipients would send to", () => {
    const text = fc.oneof(
      fc.stringMatching(/^[0-9]{8,14}$/),
      fc.stringMatching(/^\+?[0-9]{2,3} ?\(?[0-9]{2,3}\)?[ .-]?[0-9]{3,5}[ .-]?[0-9]{3,4}$/),
      fc.stringMatching(/^\(?0?[0-9]{2,3}\)?[ -][0-9]{4,5}[ -]?[0-9]{4}$/),
    );
    fc.assert(
      fc.property(text, region, around, (number, home, before) => {
        const sent = readPhone(number, home);
        if (sent.kind === "unreadable") return;
        const people = readOptOut(before + number, home).phones.map(personOf);
        expect([before + number, people]).toEqual([
          before + number,
          expect.arrayContaining([personOf(sent.e164)]),
        ]);
      }),
      { numRuns: runsOf(20_000) },
    );
  });

  it("never throws", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), region, (text, home) => {
        const { phones } = readOptOut(text, home);
        for (const phone of phones) expect(phone).toMatch(/^\+[1-9]\d{0,14}$/);
      }),
      { numRuns: runsOf(5_000) },
    );
  });
});

describe("optOutColumns", () => {
  it.each([
    [["phone"], { named: [0] }],
    [["name", "WA ID", "Reason"], { named: [1], reason: 2 }],
    [["wa_id"], { named: [0] }],
    [["waId"], { named: [0] }],
    [["Número"], { named: [0] }],
    [["Celular", "País"], { named: [0], country: 1 }],
    [["user_id", "phone_number"], { named: [1, 0], userIds: [0] }],
    [["Name", "Phone 1 - Value", "Phone 1 - Type"], { named: [], likely: [1] }],
    [["WhatsApp do cliente"], { likely: [0] }],
    [["to"], { named: [0] }],
  ])("%j: %j", (header, wanted) => {
    expect(optOutColumns(header)).toMatchObject(wanted);
  });

  it.each([[["name", "email"]], [["phone_number_id"]], [[""]]])("%j: none", (header) => {
    expect(optOutColumns(header)).toBeNull();
  });
});

describe("readOptOutRow", () => {
  const header = ["name", "phone", "user_id", "country", "note"];
  const columns = optOutColumns(header);
  if (columns === null) throw new Error("the header has columns");
  const read = (cells: string[]) =>
    readOptOutRow(cells, columns, { width: header.length, region: "BR" });

  it.each([
    [["Ana", "31 98765-0001", "", "", ""], "read", ["+5531987650001"]],
    // Its own country wins over that of the list.
    [["Ana", "07911 123456", "", "UK", ""], "read", ["+447911123456"]],
    [["Ana", "", "BR.1", "", ""], "read", []],
    // Only what is a number for sure counts elsewhere.
    [
      ["+5531987650002", "31 98765-0001", "", "", "4521"],
      "read",
      ["+5531987650002", "+5531987650001"],
    ],
    [["Ana", "", "", "", "asked from +55 31 98765-0003"], "read", ["+5531987650003"]],
    [["31987650004", "31 98765-0001", "", "", ""], "read", ["+5531987650001"]],
    // Cells behind the last column may be anything that was moved there.
    [["Souza", "Ana", "", "", "", "31 98765-0005"], "read", ["+5531987650005"]],
    [["Ana", "n/a", "BR.1", "", ""], "read", []],
    [["Ana", "9.8E+10", "BR.1", "", ""], "unread_cell", []],
    [["Ana", "31 98765-0001", "134987", "", ""], "unread_cell", ["+5531987650001"]],
    [["Ana", "", "", "", ""], "unread", []],
    [["Ana", "98765-0001", "", "", ""], "unread", ["+987650001"]],
    [["", "", "", "", ""], "blank", []],
    [["# end of list", "", "", "", ""], "blank", []],
    [["# 25 people", "", "", "", ""], "unread", []],
  ] as const)("%j: %s", (cells, verdict, phones) => {
    expect(read([...cells])).toMatchObject({ verdict, phones });
  });
});
