// An age in words, and a webhook's body without a person.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAge, withoutPerson } from "../../../src/domain/ledger/erasure.ts";
import { statusBody } from "../../ledger/conformance/receipts.ts";

const DAY = 86_400_000;

describe("an age", () => {
  it.each([
    ["90d", 90 * DAY],
    ["1d", DAY],
    ["12w", 84 * DAY],
    [" 2 W ", 14 * DAY],
    ["36500d", 36_500 * DAY],
    ["36501d", undefined],
    ["0d", undefined],
    ["90", undefined],
    ["90h", undefined],
    ["-1d", undefined],
    ["1.5d", undefined],
    ["", undefined],
  ])("%j", (text, age) => {
    expect(parseAge(text)).toBe(age);
  });
});

const THEIRS = "447700900001";
const OTHERS = "447700900002";
const isTheirs = (text: string) => text.replace(/\D/g, "") === THEIRS || text === "GB.1";

const whole = (value: object) =>
  JSON.stringify({
    object: "whatsapp_business_account",
    entry: [{ id: "1", changes: [{ field: "messages", value }] }],
  });

describe("a webhook's body without a person", () => {
  it("stays as it is when they are not in it", () => {
    const body = statusBody({ status: "read", id: "w", waId: OTHERS });
    expect(withoutPerson(body, isTheirs)).toBe(body);
  });

  it.each([
    ["a receipt", statusBody({ status: "read", id: "w", waId: THEIRS })],
    ["a receipt by user id", statusBody({ status: "read", id: "w", userId: "GB.1" })],
    [
      "what they wrote, with their name",
      whole({
        metadata: { phone_number_id: "106540352242922" },
        contacts: [{ profile: { name: "Ana" }, wa_id: THEIRS }],
        messages: [{ from: THEIRS, text: { body: "hello" } }],
      }),
    ],
    ["a number outside of any list", JSON.stringify({ note: { of: THEIRS } })],
    ["their number as an integer", JSON.stringify([Number(THEIRS)])],
    ["their number as a key", JSON.stringify([{ [THEIRS]: 1 }])],
    ["a text that is no JSON", `from ${THEIRS}, hello`],
  ])("is nothing when it tells of them alone: %s", (_, body) => {
    expect(withoutPerson(body, isTheirs)).toBeNull();
  });

  it("keeps what it tells of others", () => {
    const one = { from: OTHERS, text: { body: "hello" } };
    const body = whole({
      contacts: [{ wa_id: THEIRS }, { wa_id: OTHERS }],
      messages: [one, { from: THEIRS }, { from: OTHERS, text: { body: "I am +44 7700 900001!" } }],
    });
    const rest = whole({ contacts: [{ wa_id: OTHERS }], messages: [one] });
    expect(withoutPerson(body, isTheirs)).toBe(rest);
  });

  it("never names them, whatever it was", () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom(THEIRS, OTHERS, `+${THEIRS}`, Number(THEIRS), "GB.1", "x", null, true),
        fc.array(tie("any"), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom("a", "entry", "messages", THEIRS), tie("any")),
      ),
    })).any;
    fc.assert(
      fc.property(value, (one) => {
        const rest = withoutPerson(JSON.stringify(one) ?? "null", isTheirs);
        expect(rest ?? "").not.toMatch(/447700900001|GB\.1/);
      }),
    );
  });
});
