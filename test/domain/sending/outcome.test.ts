import { describe, expect, it } from "vitest";

import type { Exchange } from "../../../src/domain/sending/outcome.ts";
import { mayBeSyncing, readExchange } from "../../../src/domain/sending/outcome.ts";

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
    ["a code as text", answered(400, '{"error":{"code":"131026"}}'), "refused", 131026],
    [
      "an opt-out with its code as text",
      answered(400, '{"error":{"code":"131050"}}'),
      "refused",
      131050,
    ],
    ["a code that is no code", answered(400, '{"error":{"code":"x1"}}'), "unknown", null],
    ["a code that is null", answered(400, '{"error":{"code":null}}'), "unknown", null],
    ["an error as text", answered(401, '{"error":"no"}'), "unknown", null],
    ["200 with an error and no message", metaError(200, 131026), "refused", 131026],
    ["200 with a server's fault and no message", metaError(200, 131000), "unknown", 131000],
    [
      "200 with a message and an error",
      answered(200, JSON.stringify({ ...JSON.parse(ACCEPTED), error: { code: 1 } })),
      "accepted",
      null,
    ],
    ["202 with a message id", answered(202, ACCEPTED), "accepted", null],
    ["204 without a body", answered(204, ""), "unknown", null],
    ["429 without a code", answered(429, '{"error":{"message":"slow"}}'), "refused", null],
    ["429 with a code nobody knows", metaError(429, 429), "refused", 429],
    ["429 with a code that would be ambiguous", metaError(429, 131000), "refused", 131000],
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

describe("what an answer asks for", () => {
  const actionOf = (exchange: Exchange, region: string | null = "BR") => {
    const outcome = readExchange(exchange, region);
    return outcome.kind === "refused" ? outcome.rule.action : outcome.kind;
  };

  it.each([4, 17, 32, 341, 613, 80007, 80008, 80004, 130429])("code %i throttles", (code) => {
    for (const status of [400, 403, 429, 500, 200]) {
      expect(actionOf(metaError(status, code)), `HTTP ${status}`).toBe("throttle");
    }
    expect(actionOf(answered(400, JSON.stringify({ error: { code: String(code) } })))).toBe(
      "throttle",
    );
  });

  it.each([0, 3, 10, 12, 33, 102, 104, 190, 200, 299, 368, 2500, 2635, 131031, 131042])(
    "code %i halts the number, whatever the status",
    (code) => {
      for (const status of [400, 401, 429, 500]) {
        expect(actionOf(metaError(status, code)), `HTTP ${status}`).toBe("halt_lane");
      }
    },
  );

  it.each<[number, number, string]>([
    [429, 613, "throttle"],
    [429, 429, "throttle"],
    [429, 131026, "throttle"],
    [429, 131048, "halt_lane"],
    [429, 131056, "hold"],
    [429, 131050, "suppress"],
  ])("HTTP %i with code %i: %s", (status, code, action) => {
    expect(actionOf(metaError(status, code))).toBe(action);
  });

  it("tells the faults apart that share code 100", () => {
    const proof = "API calls from the server require an appsecret_proof argument";
    const agreement = "You need to sign the testing legal agreement before sending out messages.";
    expect(actionOf(metaError(400, 100, { message: proof }))).toBe("halt_lane");
    expect(actionOf(metaError(400, 100, { message: agreement }))).toBe("halt_campaign");
    expect(actionOf(metaError(400, 100, { error_data: { details: agreement } }))).toBe(
      "halt_campaign",
    );
    expect(actionOf(metaError(400, 100, { error_subcode: 33 }))).toBe("halt_lane");
    expect(actionOf(metaError(400, 100, { error_subcode: "33" }))).toBe("halt_lane");
    expect(actionOf(metaError(400, 100))).toBe("fix");
    expect(actionOf(metaError(400, 100, { error_subcode: 2494010 }))).toBe("fix");
  });

  it("holds back a country only where one is known", () => {
    expect(actionOf(metaError(403, 130497), "IN")).toBe("refuse_country");
    expect(actionOf(metaError(403, 130497), null)).toBe("fix");
  });

  it("keeps how long Meta asks to be left alone", () => {
    const exchange = { ...metaError(400, 4), waitMs: 90_000 };
    expect(readExchange(exchange as Exchange, "BR")).toMatchObject({ waitMs: 90_000 });
    expect(readExchange(metaError(400, 4), "BR")).toMatchObject({ waitMs: null });
  });

  it("quotes an answer that is not Meta's, and says that it is none", () => {
    const said = '{"error":"marketing_opt_in_required"}';
    expect(readExchange(answered(403, said), "BR")).toMatchObject({
      kind: "unknown",
      isForeign: true,
      cause: `HTTP 403 without an error of Meta's: ${said}`,
      answer: { httpStatus: 403, code: null, message: said },
    });
    const long = readExchange(answered(502, `<p>\n${"x".repeat(900)}</p>`), "BR");
    expect(long.answer.message).toHaveLength(200);
    expect(readExchange(answered(500, ""), "BR")).toMatchObject({
      cause: "HTTP 500 without an error of Meta's",
    });
    expect(readExchange(metaError(500, 131000), "BR")).toMatchObject({ isForeign: false });
    expect(readExchange({ kind: "lost", cause: "x", httpStatus: null }, "BR")).toMatchObject({
      isForeign: false,
    });
  });

  it.each([
    ["Parameter value is not valid", true],
    ["One or more parameter values are invalid.", true],
    ["The ad sync is incomplete: wait 10 minutes.", true],
    ["The template's header is still syncing", true],
    ["Button at index 0 of type Url requires a parameter", false],
    [
      "body: number of localizable_params (0) does not match the expected number of params (1)",
      false,
    ],
    ["The header's image could not be used", false],
  ])("131009 with %j may mean a sync: %s", (details, expected) => {
    const outcome = readExchange(metaError(400, 131009, { error_data: { details } }), "BR");
    if (outcome.kind !== "refused") throw new Error(outcome.kind);
    expect(mayBeSyncing(outcome, false)).toBe(expected);
    expect(mayBeSyncing(outcome, true)).toBe(false);
  });
});
