// Deliveries as Meta documents them, one file a shape in test/receipts/; and whatever else may
// come.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WebhookEvent } from "../../../src/domain/receipts/receipt.ts";
import { RECEIPT_STATUSES } from "../../../src/domain/receipts/receipt.ts";
import { readCost } from "../../../src/domain/receipts/reported-cost.ts";
import { isWebhookBody, readWebhookBody } from "../../../src/domain/receipts/webhook.ts";

const FOLDER = join(import.meta.dirname, "bodies");

interface Shape {
  about: string;
  delivery: Record<string, unknown>;
  events: Record<string, unknown>[];
}

const shapes = readdirSync(FOLDER).map((name): [string, Shape] => [
  name,
  JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as Shape,
]);

function eventsOf(body: unknown): WebhookEvent[] {
  const reading = readWebhookBody(JSON.stringify(body));
  if ("fault" in reading) throw new Error(reading.fault);
  return reading.events;
}

describe("a documented delivery", () => {
  it.each(shapes)("%s", (_, shape) => {
    expect(shape.about).not.toBe("");
    const events = eventsOf(shape.delivery);
    expect(events).toMatchObject(shape.events);
    expect(events).toHaveLength(shape.events.length);
    expect(isWebhookBody(shape.delivery)).toBe(true);
  });

  it("of every kind and every status is in the table", () => {
    const all = shapes.flatMap(([, shape]) => eventsOf(shape.delivery));
    const kinds = new Set(all.map((event) => event.kind));
    expect([...kinds].sort()).toEqual([
      ...["account", "click", "error", "identity", "limit", "message", "other", "preference"],
      ...["status", "template"],
    ]);
    const statuses = all.flatMap((event) => (event.kind === "status" ? [event.status] : []));
    expect(new Set(statuses)).toEqual(new Set(RECEIPT_STATUSES));
  });
});

/** `pricing.cost` as it may come, and what is read of it. */
const COSTS: [unknown, unknown][] = [
  [
    { amount: 0.0473, currency: "USD" },
    { amount: 47_300, currency: "USD" },
  ],
  [
    { amount: 0.1 + 0.2, currency: "usd" },
    { amount: 300_000, currency: "USD" },
  ],
  [
    { amount: 0.04730049, currency: "USD" },
    { amount: 47_301, currency: "USD" },
  ],
  [
    { amount: 612, currency: "IDR" },
    { amount: 612_000_000, currency: "IDR" },
  ],
  [
    { amount: 0, currency: "EUR" },
    { amount: 0, currency: "EUR" },
  ],
  [
    { amount: -0, currency: "EUR" },
    { amount: 0, currency: "EUR" },
  ],
  [{ amount: "0.0473", currency: "USD" }, null],
  [{ amount: -0.05, currency: "USD" }, null],
  [{ amount: 1e12, currency: "USD" }, null],
  [{ amount: null, currency: "USD" }, null],
  [{ amount: 0.05 }, null],
  [{ amount: 0.05, currency: "" }, null],
  [{ amount: 0.05, currency: "US$" }, null],
  [{ amount: 0.05, currency: 840 }, null],
  [{ currency: "USD" }, null],
  [[{ amount: 0.05, currency: "USD" }], null],
  [0.05, null],
  ["0.05 USD", null],
  [null, null],
];

describe("the cost of a message", () => {
  it.each(COSTS)("%j is read as %j, and the receipt is kept", (cost, read) => {
    const status = { id: "wamid.1", status: "delivered", timestamp: "1795000000" };
    const pricing = { billable: true, category: "marketing_lite", type: "regular", cost };
    const changes = [{ field: "messages", value: { statuses: [{ ...status, pricing }] } }];
    const [event] = eventsOf({ object: "whatsapp_business_account", entry: [{ changes }] });
    expect(event).toMatchObject({ kind: "status", status: "delivered" });
    expect(event).toMatchObject({ pricing: { category: "marketing_lite", cost: read } });
  });

  it("is none where its number is beyond all", () => {
    expect(readCost({ amount: Number.POSITIVE_INFINITY, currency: "USD" })).toBeNull();
    expect(readCost({ amount: Number.NaN, currency: "USD" })).toBeNull();
  });

  it("may come without anything else of the price", () => {
    const cost = { amount: 0.05, currency: "USD" };
    const statuses = [{ id: "wamid.1", status: "read", pricing: { cost } }];
    const changes = [{ field: "messages", value: { statuses } }];
    const [event] = eventsOf({ object: "whatsapp_business_account", entry: [{ changes }] });
    const read = { amount: 50_000, currency: "USD" };
    expect(event).toMatchObject({ pricing: { category: null, type: null, cost: read } });
  });
});

describe("a delivery that is otherwise", () => {
  it.each(["", "{", "<html>", "\u0000", '{"a":1', "undefined"])("%j is not JSON", (text) => {
    expect(readWebhookBody(text)).toEqual({ fault: expect.stringMatching(/./) });
  });

  it.each([
    ["a number", 5],
    ["a list", [{ object: "whatsapp_business_account" }]],
    ["nothing", null],
    ["an object without a product", {}],
  ])("%s is another product's", (_, body) => {
    expect(eventsOf(body)).toMatchObject([{ kind: "other" }]);
    expect(isWebhookBody(body)).toBe(false);
  });

  it("of a thousand updates has a thousand events, in order", () => {
    const statuses = Array.from({ length: 1_000 }, (_, at) => ({ id: `w${at}`, status: "sent" }));
    const value = { statuses };
    const changes = [{ field: "messages", value }];
    const events = eventsOf({ object: "whatsapp_business_account", entry: [{ changes }] });
    expect(events.map((event) => event.kind === "status" && event.messageId)).toEqual(
      statuses.map((one) => one.id),
    );
  });

  it.each([
    ["seconds as text", "1795341600", 1_795_341_600_000],
    ["seconds", 1_795_341_600, 1_795_341_600_000],
    ["milliseconds", 1_795_341_600_123, 1_795_341_600_123],
    ["milliseconds as text", "1795341600123", 1_795_341_600_123],
    ["a fraction as text", "1795341600.5", 1_795_341_600_500],
    ["a fraction", 1_795_341_600.25, 1_795_341_600_250],
    ["microseconds", 1_795_341_600_123_456, 1_795_341_600_123],
    ["nanoseconds as text", "1795341600123456789", 1_795_341_600_123],
    ["ISO 8601", "2026-11-22T10:00:00Z", 1_795_341_600_000],
    ["ISO 8601 with an offset", "2026-11-22T07:00:00.250-0300", 1_795_341_600_250],
    ["ISO 8601 without a zone", "2026-11-22 10:00:00", 1_795_341_600_000],
    ["0 as text", "0", null],
    ["a day", "2026-11-22", null],
    ["a date that is none", "2026-13-45T10:00:00Z", null],
    ["nothing", undefined, null],
    ["words", "yesterday", null],
    ["a negative", -5, null],
    ["beyond time", 1e300, null],
  ])("reads an instant from %s", (_, timestamp, expected) => {
    const changes = [{ value: { statuses: [{ id: "w", status: "sent", timestamp }] } }];
    const [event] = eventsOf({ object: "whatsapp_business_account", entry: [{ changes }] });
    expect(event?.at).toBe(expected);
  });

  /** As gateways write them. */
  it.each<[string, object, object]>([
    [
      "one object in place of a list",
      {
        user_preferences: { wa_id: "5511970000001", category: "marketing_messages", value: "stop" },
      },
      { kind: "preference", value: "stop", waId: "5511970000001" },
    ],
    [
      "capitals",
      { user_preferences: [{ wa_id: "1", category: "MARKETING_MESSAGES", value: "STOP" }] },
      { kind: "preference", value: "stop" },
    ],
    [
      "spaces around words, and in a number",
      {
        user_preferences: [
          { wa_id: "+55 (11) 97000-0001", category: " marketing_messages", value: "stop " },
        ],
      },
      { kind: "preference", value: "stop", waId: "5511970000001" },
    ],
    [
      "spaces around a code",
      { statuses: [{ id: "w", status: " failed", errors: [{ code: " 131042 " }] }] },
      { kind: "status", status: "failed", errors: [{ code: 131042 }] },
    ],
    [
      "a preference without its category",
      { user_preferences: [{ wa_id: "1", category: null, value: "resume" }] },
      { kind: "preference", value: "resume" },
    ],
    [
      "an edit without the message around it",
      { messages: [{ type: "edit", edit: { original_message_id: "w", text: { body: "STOP" } } }] },
      { kind: "message", text: "STOP" },
    ],
    [
      "errors as one object",
      { statuses: { id: "w", status: "failed", errors: { code: "131042" } } },
      { kind: "status", errors: [{ code: 131_042 }] },
    ],
    [
      "an error without a list, and a status in capitals",
      { statuses: [{ id: "w", status: "FAILED", error: { code: 131_026 } }] },
      { kind: "status", status: "failed", errors: [{ code: 131_026 }] },
    ],
    [
      "the contact as one object",
      {
        contacts: { wa_id: "5511970000001", user_id: "BR.1" },
        statuses: [{ id: "w", status: "sent" }],
      },
      { kind: "status", waId: "5511970000001", userId: "BR.1" },
    ],
  ])("reads %s", (_, value, event) => {
    const changes = [{ value }];
    expect(eventsOf({ object: "whatsapp_business_account", entry: [{ changes }] })).toMatchObject([
      event,
    ]);
  });

  it("never throws, and gives events only, whatever the JSON", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const reading = readWebhookBody(text);
        expect("events" in reading).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  /** A documented delivery in which any part is replaced, doubled or gone. */
  const spoilt = fc
    .record({
      shape: fc.constantFrom(...shapes.map(([, shape]) => shape.delivery)),
      at: fc.nat(60),
      what: fc.oneof(fc.jsonValue(), fc.constant(undefined), fc.constant([[], {}, null, "", 0])),
    })
    .map(({ shape, at, what }) => {
      let left = at;
      return JSON.stringify(shape, (_key, value: unknown) => {
        left -= 1;
        return left === 0 ? what : value;
      });
    })
    .filter((text) => text !== undefined);

  it("never throws when any part of a documented one is something else", () => {
    fc.assert(
      fc.property(spoilt, (text) => {
        const reading = readWebhookBody(text);
        if ("fault" in reading) throw new Error(reading.fault);
        for (const event of reading.events) {
          expect(event.at === null || Number.isSafeInteger(event.at)).toBe(true);
          if (!("waId" in event)) continue;
          expect(event.waId === null || /^[1-9]\d{4,14}$/.test(event.waId)).toBe(true);
          expect(event.userId).not.toBe("");
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
