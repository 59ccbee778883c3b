import { describe, expect, it } from "vitest";

import type { Exchange } from "../src/outcome.ts";
import { CODE_RULES, isKnownCode, readExchange, ruleFor } from "../src/outcome.ts";

const metaError = (httpStatus: number, code: number, more: object = {}): Exchange => ({
  kind: "answered",
  httpStatus,
  truncated: false,
  body: JSON.stringify({
    error: { message: `(#${code}) x`, type: "OAuthException", code, fbtrace_id: "AbC", ...more },
  }),
});
const answered = (httpStatus: number, body: string, truncated = false): Exchange => ({
  kind: "answered",
  httpStatus,
  body,
  truncated,
});
const ACCEPTED = JSON.stringify({
  messaging_product: "whatsapp",
  contacts: [{ input: "+5511987654321", wa_id: "551187654321" }],
  messages: [{ id: "wamid.X", message_status: "accepted" }],
});

describe("readExchange", () => {
  const cases: [string, Exchange, string, number | null][] = [
    ["a message id", answered(200, ACCEPTED), "accepted", null],
    ["200 with garbage", answered(200, "<html>"), "unknown", null],
    ["200 without an id", answered(200, '{"messages":[]}'), "unknown", null],
    ["200 with an empty id", answered(200, '{"messages":[{"id":""}]}'), "unknown", null],
    ["200, body cut at our limit", answered(200, ACCEPTED, true), "unknown", null],
    ["never begun", { kind: "not_started", cause: "ECONNREFUSED", fatal: false }, "not_sent", null],
    [
      "begun, no answer",
      { kind: "lost", cause: "UND_ERR_SOCKET", httpStatus: null },
      "unknown",
      null,
    ],
    [
      "200 head, body lost",
      { kind: "lost", cause: "ECONNRESET", httpStatus: 200 },
      "unknown",
      null,
    ],
    ["400 with a code of the table", metaError(400, 131021), "refused", 131021],
    ["400 with a code nobody knows", metaError(400, 999999), "refused", 999999],
    ["500 with a code nobody knows", metaError(500, 999999), "unknown", 999999],
    ["500 whose code is a known refusal", metaError(500, 134102), "refused", 134102],
    ["500 with an ambiguous code", metaError(500, 131000), "unknown", 131000],
    ["400 with an ambiguous code", metaError(400, 1), "unknown", 1],
    ["503 with an ambiguous code", metaError(503, 131016), "unknown", 131016],
    ["500 without a body of Meta's", answered(500, "oops"), "unknown", null],
    ["403 of a proxy", answered(403, "<html>no</html>"), "unknown", null],
    ["429 of a proxy", answered(429, "<html>slow down</html>"), "refused", null],
    ["302", answered(302, ""), "unknown", null],
    ["a code that is no number", answered(400, '{"error":{"code":"100"}}'), "unknown", null],
    ["an array", answered(400, "[]"), "unknown", null],
  ];
  it.each(cases)("%s", (_name, exchange, kind, code) => {
    const outcome = readExchange(exchange, "BR");
    expect(outcome.kind).toBe(kind);
    expect(outcome.answer.code).toBe(code);
  });

  it("keeps what Meta said", () => {
    const exchange = metaError(400, 132012, {
      error_subcode: 2494073,
      error_data: { messaging_product: "whatsapp", details: "format of body is wrong" },
    });
    expect(readExchange(exchange, "BR").answer).toEqual({
      httpStatus: 400,
      code: 132012,
      subcode: 2494073,
      message: "(#132012) x",
      details: "format of body is wrong",
      fbtraceId: "AbC",
    });
    const plain = metaError(400, 100, { error_data: "just text" });
    expect(readExchange(plain, "BR").answer.details).toBe("just text");
  });

  it("reads the id, the status and the WhatsApp id of an accepted message", () => {
    expect(readExchange(answered(200, ACCEPTED), "BR")).toMatchObject({
      messageId: "wamid.X",
      messageStatus: "accepted",
      waId: "551187654321",
      userId: null,
    });
  });
});

describe("the table of codes", () => {
  it("has every code once, with a sentence each", () => {
    const codes = CODE_RULES.map((rule) => rule.code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const rule of CODE_RULES) {
      expect(rule.meaning, String(rule.code)).not.toMatch(/\.$/);
      expect(rule.todo, String(rule.code)).toMatch(/\.$/);
    }
  });

  it("holds 131049 for a day, and gives up on a US number", () => {
    expect(ruleFor(131049, "BR")).toMatchObject({ action: "hold", waitMs: 86_400_000 });
    expect(ruleFor(131049, null).action).toBe("hold");
    expect(ruleFor(131049, "US").action).toBe("fail");
  });

  it("knows the whole range of missing permissions", () => {
    for (const code of [200, 250, 299]) {
      expect(ruleFor(code, "BR").action).toBe("halt_lane");
      expect(isKnownCode(code)).toBe(true);
    }
    expect(isKnownCode(300)).toBe(false);
    expect(ruleFor(300, "BR").action).toBe("fail");
  });
});
