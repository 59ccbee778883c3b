import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { routeBody } from "../../../src/domain/receipts/route-body.ts";

const change = (phoneNumber: string | null, status: string) => ({
  field: "messages",
  value: {
    ...(phoneNumber !== null && { metadata: { phone_number_id: phoneNumber } }),
    statuses: [{ id: status, status: "delivered" }],
  },
});

const ownersOf = ({ phoneNumber, waba }: { phoneNumber: string | null; waba: string | null }) => {
  const byNumber: Record<string, string[]> = {
    "11": ["acme"],
    "22": ["brut"],
    "33": ["acme", "brut"],
  };
  const byWaba: Record<string, string[]> = { "1": ["acme"], "2": ["brut"] };
  return byNumber[phoneNumber ?? ""] ?? byWaba[waba ?? ""] ?? [];
};

const body = (entry: unknown) => JSON.stringify({ object: "whatsapp_business_account", entry });

describe("a body of several accounts", () => {
  it("goes as it is to whom all of it is for", () => {
    const text = `${body([{ id: "1", changes: [change("11", "a"), change("11", "b")] }])} `;
    expect(routeBody(text, ownersOf)).toEqual([{ owner: "acme", body: text }]);
    const both = body([{ id: "9", changes: [change("33", "a")] }]);
    expect(routeBody(both, ownersOf)).toEqual([
      { owner: "acme", body: both },
      { owner: "brut", body: both },
    ]);
  });

  it("is parted, and each gets nothing of the others'", () => {
    const text = body([
      { id: "1", time: 5, changes: [change("11", "a"), change("22", "b")] },
      { id: "2", changes: [change("99", "c")] },
      { id: "9", changes: [change("99", "d")] },
      { id: "1", time: 6 },
    ]);
    const parts = routeBody(text, ownersOf);
    expect(parts.map(({ owner, body: part }) => [owner, JSON.parse(part).entry])).toEqual([
      [
        "acme",
        [
          { id: "1", time: 5, changes: [change("11", "a")] },
          { id: "1", time: 6 },
        ],
      ],
      [
        "brut",
        [
          { id: "1", time: 5, changes: [change("22", "b")] },
          { id: "2", changes: [change("99", "c")] },
        ],
      ],
      [null, [{ id: "9", changes: [change("99", "d")] }]],
    ]);
  });

  it("is nobody's where it cannot be read, and is kept whole", () => {
    for (const text of ["", "no json", "[]", "null", "{}", '{"entry":7}', body([]), body([4])]) {
      expect(routeBody(text, ownersOf)).toEqual([{ owner: null, body: text }]);
    }
  });

  it("loses no change of any account", () => {
    const changes = fc.array(fc.tuple(fc.constantFrom("11", "22", "33", "99", null), fc.uuid()), {
      maxLength: 5,
    });
    const entries = fc.array(fc.tuple(fc.constantFrom("1", "2", "9"), changes), { minLength: 1 });
    fc.assert(
      fc.property(entries, (given) => {
        const text = body(
          given.map(([id, all]) => ({
            id,
            changes: all.map(([number, one]) => change(number, one)),
          })),
        );
        const parts = routeBody(text, ownersOf);
        for (const [, all] of given) {
          for (const [, one] of all)
            expect(parts.some((part) => part.body.includes(one))).toBe(true);
        }
      }),
    );
  });
});
