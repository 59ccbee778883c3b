// Every way in which a message is refused, over a real socket, with the code that Meta gives.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Loose, Running } from "./posting.ts";
import { componentsOf, message, ORDINARY, start } from "./posting.ts";

const QUIET = { throughput: null, pair_limit: false, receipt_delay_ms: null };

const NAMED = {
  name: "named_sale",
  language: "en_US",
  parameter_format: "NAMED",
  components: [
    { type: "HEADER", format: "TEXT", text: "For {{first_name}}" },
    { type: "BODY", text: "Hi {{first_name}}, {{coupon}} is yours, {{first_name}}." },
    {
      type: "BUTTONS",
      buttons: [
        { type: "QUICK_REPLY", text: "Stop" },
        { type: "COPY_CODE", example: "CODE" },
        { type: "URL", text: "Shop", url: "https://example.com/" },
      ],
    },
  ],
};
const PLAIN = { name: "plain", language: "en_US", components: [{ type: "BODY", text: "Hello." }] };
const LONG = {
  name: "long",
  language: "en",
  components: [{ type: "BODY", text: `${"a".repeat(1_000)}{{1}}` }],
};

let sandbox: Running;

beforeAll(async () => {
  sandbox = await start({ ...QUIET });
  const templates = [
    NAMED,
    PLAIN,
    LONG,
    ...["PAUSED", "DISABLED", "PENDING", "REJECTED"].map((status) => ({
      ...PLAIN,
      name: status.toLowerCase(),
      status,
    })),
    { ...PLAIN, name: "receipt", category: "UTILITY" },
    { ...PLAIN, name: "fresh", syncing: true },
    {
      name: "place",
      language: "en",
      components: [
        { type: "HEADER", format: "LOCATION" },
        { type: "BODY", text: "x" },
      ],
    },
  ];
  expect((await sandbox.patch({ templates })).status).toBe(200);
});

afterAll(() => sandbox.end());

function withTemplate(changes: Record<string, unknown>): Loose {
  const base = message();
  return { ...base, template: { ...base.template, ...changes } };
}

function withComponents(change: (components: Loose[]) => unknown): Loose {
  const components = componentsOf();
  const changed = change(components);
  return withTemplate({ components: Array.isArray(changed) ? changed : components });
}

function named(components?: unknown[], name = "named_sale"): Loose {
  const language = { code: name === "long" ? "en" : "en_US" };
  const template = { name, language, ...(components && { components }) };
  return message(ORDINARY, { template });
}

const text = (value: unknown, parameter_name?: string): unknown => ({
  type: "text",
  text: value,
  ...(parameter_name && { parameter_name }),
});
const NAMED_PARTS = [
  { type: "header", parameters: [text("Ana", "first_name")] },
  { type: "body", parameters: [text("C1", "coupon"), text("Ana", "first_name")] },
  {
    type: "button",
    sub_type: "QUICK_REPLY",
    index: 0,
    parameters: [{ type: "payload", payload: "stop" }],
  },
  {
    type: "button",
    sub_type: "copy_code",
    index: "1",
    parameters: [{ type: "coupon_code", coupon_code: "C1" }],
  },
];
const without = (index: number): unknown[] => NAMED_PARTS.filter((_, place) => place !== index);
const instead = (index: number, part: unknown): unknown[] =>
  NAMED_PARTS.map((one, place) => (place === index ? part : one));

describe("accepts", () => {
  const cases: [string, () => unknown][] = [
    ["the documented message", () => message()],
    [
      "every optional field",
      () =>
        message(ORDINARY, {
          product_policy: "STRICT",
          message_activity_sharing: false,
          biz_opaque_callback_data: "k".repeat(512),
        }),
    ],
    [
      "the language policy",
      () => withTemplate({ language: { code: "pt_BR", policy: "deterministic" } }),
    ],
    [
      "a header by media id",
      () =>
        withComponents((parts) => {
          parts[0].parameters[0].image = { id: "123" };
        }),
    ],
    ["components in any order", () => withComponents((parts) => parts.reverse())],
    [
      "currency and date parameters",
      () =>
        withComponents((parts) => {
          parts[1].parameters[1] = {
            type: "currency",
            currency: { fallback_value: "R$ 9", code: "BRL", amount_1000: 9000 },
          };
        }),
    ],
    [
      "four spaces in a row",
      () =>
        withComponents((parts) => {
          parts[1].parameters[0].text = "a    b";
        }),
    ],
    ["named parameters in any order", () => named(NAMED_PARTS)],
    ["quick replies without a payload", () => named(without(2))],
    ["no components for a template without parameters", () => named(undefined, "plain")],
    [
      "a body of exactly 1,024 characters",
      () => named([{ type: "body", parameters: [text("b".repeat(24))] }], "long"),
    ],
    ["recipient beside to", () => message(ORDINARY, { recipient: "not looked at" })],
  ];
  it.each(cases)("%s", async (_, body) => {
    const answer = await sandbox.post(body());
    expect(answer.text).toContain('"messages":[{"id":"wamid.');
    expect(answer.status).toBe(200);
  });

  it("the documented reply and nothing else", async () => {
    const { json, headers } = await sandbox.post(message("+55 (31) 91234-5678"));
    expect(json).toEqual({
      messaging_product: "whatsapp",
      contacts: [
        { input: "+55 (31) 91234-5678", wa_id: expect.stringMatching(/^55319?12345678$/) },
      ],
      messages: [{ id: expect.stringMatching(/^wamid\.\S+$/), message_status: "accepted" }],
    });
    expect(headers["content-type"]).toBe("application/json; charset=UTF-8");
    expect(headers["x-business-use-case-usage"]).toContain(sandbox.wabaId);
  });

  it("a business-scoped user id, and gives it back", async () => {
    const { json } = await sandbox.post(
      message(ORDINARY, { to: undefined, recipient: "BR.abc123" }),
    );
    expect(json.contacts).toEqual([{ input: "BR.abc123", user_id: "BR.abc123" }]);
  });
});

describe("refuses", () => {
  const cases: [number, number, string, () => unknown][] = [
    [100, 400, "a body that is not JSON", () => "{"],
    [100, 400, "a body that is not an object", () => []],
    [100, 400, "an unknown property", () => message(ORDINARY, { ttl: 5 })],
    [
      100,
      400,
      "message_send_ttl_seconds",
      () => message(ORDINARY, { message_send_ttl_seconds: 43_200 }),
    ],
    [100, 400, "no messaging_product", () => message(ORDINARY, { messaging_product: undefined })],
    [100, 400, "another messaging_product", () => message(ORDINARY, { messaging_product: "sms" })],
    [100, 400, "no recipient_type", () => message(ORDINARY, { recipient_type: undefined })],
    [100, 400, "a group", () => message(ORDINARY, { recipient_type: "group" })],
    [100, 400, "a text message", () => message(ORDINARY, { type: "text" })],
    [100, 400, "no type", () => message(ORDINARY, { type: undefined })],
    [100, 400, "neither to nor recipient", () => message(ORDINARY, { to: undefined })],
    [100, 400, "a number as to", () => message(ORDINARY, { to: 5_520_912_345_678 })],
    [
      100,
      400,
      "a phone number as recipient",
      () => message(ORDINARY, { to: undefined, recipient: ORDINARY }),
    ],
    [131009, 400, "letters as to", () => message("+55 abc")],
    [131009, 400, "an empty to", () => message("")],
    [100, 400, "another policy", () => message(ORDINARY, { product_policy: "strict" })],
    [
      100,
      400,
      "text as activity sharing",
      () => message(ORDINARY, { message_activity_sharing: "true" }),
    ],
    [
      100,
      400,
      "callback data that is too long",
      () => message(ORDINARY, { biz_opaque_callback_data: "k".repeat(513) }),
    ],
    [
      100,
      400,
      "callback data that is not text",
      () => message(ORDINARY, { biz_opaque_callback_data: 5 }),
    ],
    [100, 400, "no template", () => message(ORDINARY, { template: undefined })],
    [100, 400, "a template that is text", () => message(ORDINARY, { template: "spring_sale" })],
    [100, 400, "no template name", () => withTemplate({ name: undefined })],
    [100, 400, "no language", () => withTemplate({ language: undefined })],
    [100, 400, "a language that is text", () => withTemplate({ language: "pt_BR" })],
    [100, 400, "a language without code", () => withTemplate({ language: {} })],
    [
      100,
      400,
      "another language policy",
      () => withTemplate({ language: { code: "pt_BR", policy: "fallback" } }),
    ],
    [100, 400, "an unknown key in the template", () => withTemplate({ ttl: 5 })],
    [
      100,
      400,
      "an unknown key in the language",
      () => withTemplate({ language: { code: "pt_BR", locale: 1 } }),
    ],
    [100, 400, "components that are no list", () => withTemplate({ components: {} })],
    [100, 400, "a component that is text", () => withTemplate({ components: ["body"] })],
    [132001, 404, "an unknown template", () => withTemplate({ name: "winter_sale" })],
    [132001, 404, "an unknown language", () => withTemplate({ language: { code: "pt_PT" } })],
    [132001, 404, "a pending template", () => named(undefined, "pending")],
    [132001, 404, "a rejected template", () => named(undefined, "rejected")],
    [132015, 400, "a paused template", () => named(undefined, "paused")],
    [132016, 400, "a disabled template", () => named(undefined, "disabled")],
    [131055, 400, "a utility template", () => named(undefined, "receipt")],
    [134101, 400, "a syncing template", () => named(undefined, "fresh")],
    [132000, 400, "no components at all", () => withComponents((parts) => [parts[0]])],
    [
      132000,
      400,
      "a body parameter too few",
      () =>
        withComponents((parts) => {
          parts[1].parameters.pop();
        }),
    ],
    [
      132000,
      400,
      "a body parameter too many",
      () =>
        withComponents((parts) => {
          parts[1].parameters.push(text("x"));
        }),
    ],
    [
      132000,
      400,
      "parameters for a template without any",
      () => named([{ type: "body", parameters: [text("x")] }], "plain"),
    ],
    [
      132000,
      400,
      "a header that the template lacks",
      () => named([{ type: "header", parameters: [text("x")] }], "plain"),
    ],
    [100, 400, "a component twice", () => withComponents((parts) => [...parts, parts[1]])],
    [100, 400, "a button twice", () => withComponents((parts) => [...parts, parts[2]])],
    [
      100,
      400,
      "an unknown component",
      () => withComponents((parts) => [...parts, { type: "footer" }]),
    ],
    [
      100,
      400,
      "components in capitals",
      () =>
        withComponents((parts) => {
          parts[1].type = "BODY";
        }),
    ],
    [
      100,
      400,
      "an unknown key in a component",
      () =>
        withComponents((parts) => {
          parts[1].index = "0";
        }),
    ],
    [
      100,
      400,
      "parameters that are no list",
      () =>
        withComponents((parts) => {
          parts[1].parameters = {};
        }),
    ],
    [
      100,
      400,
      "a parameter that is text",
      () =>
        withComponents((parts) => {
          parts[1].parameters[0] = "Ana";
        }),
    ],
    [
      100,
      400,
      "an unknown key in a parameter",
      () =>
        withComponents((parts) => {
          parts[1].parameters[0].value = 1;
        }),
    ],
    [
      131008,
      400,
      "a parameter without type",
      () =>
        withComponents((parts) => {
          parts[1].parameters[0] = { text: "x" };
        }),
    ],
    [
      131008,
      400,
      "an empty value",
      () =>
        withComponents((parts) => {
          parts[1].parameters[0].text = "";
        }),
    ],
    [
      131008,
      400,
      "a number as value",
      () =>
        withComponents((parts) => {
          parts[1].parameters[0].text = 5;
        }),
    ],
    [
      132012,
      400,
      "an image in the body",
      () =>
        withComponents((parts) => {
          parts[1].parameters[0] = parts[0].parameters[0];
        }),
    ],
    [
      132018,
      400,
      "a line break in a value",
      () =>
        withComponents((parts) => {
          parts[1].parameters[0].text = "a\nb";
        }),
    ],
    [
      132018,
      400,
      "a tab in a value",
      () =>
        withComponents((parts) => {
          parts[1].parameters[0].text = "a\tb";
        }),
    ],
    [
      132018,
      400,
      "five spaces in a value",
      () =>
        withComponents((parts) => {
          parts[1].parameters[0].text = "a     b";
        }),
    ],
    [
      132005,
      400,
      "a body that is too long",
      () => named([{ type: "body", parameters: [text("b".repeat(25))] }], "long"),
    ],
    [
      132005,
      400,
      "a header that is too long",
      () => named(instead(0, { type: "header", parameters: [text("b".repeat(57), "first_name")] })),
    ],
    [
      132005,
      400,
      "a URL that is too long",
      () =>
        withComponents((parts) => {
          parts[2].parameters[0].text = "u".repeat(2_000);
        }),
    ],
    [132012, 400, "no header", () => withComponents((parts) => parts.slice(1))],
    [
      132012,
      400,
      "a video for an image",
      () =>
        withComponents((parts) => {
          parts[0].parameters[0] = { type: "video", video: { id: "1" } };
        }),
    ],
    [
      132012,
      400,
      "text for an image",
      () =>
        withComponents((parts) => {
          parts[0].parameters[0] = text("x");
        }),
    ],
    [
      132000,
      400,
      "two images",
      () =>
        withComponents((parts) => {
          parts[0].parameters.push(parts[0].parameters[0]);
        }),
    ],
    [
      131008,
      400,
      "an image without media",
      () =>
        withComponents((parts) => {
          parts[0].parameters[0] = { type: "image" };
        }),
    ],
    [
      100,
      400,
      "an image by link and id",
      () =>
        withComponents((parts) => {
          parts[0].parameters[0].image.id = "1";
        }),
    ],
    [
      100,
      400,
      "an image by nothing",
      () =>
        withComponents((parts) => {
          parts[0].parameters[0].image = {};
        }),
    ],
    [
      100,
      400,
      "an image by a path",
      () =>
        withComponents((parts) => {
          parts[0].parameters[0].image.link = "/a.jpg";
        }),
    ],
    [
      100,
      400,
      "an image by a made-up id",
      () =>
        withComponents((parts) => {
          parts[0].parameters[0].image = { id: "a" };
        }),
    ],
    [
      100,
      400,
      "an unknown key in a medium",
      () =>
        withComponents((parts) => {
          parts[0].parameters[0].image.url = "x";
        }),
    ],
    [
      132012,
      400,
      "text for a location",
      () =>
        message(ORDINARY, {
          template: {
            name: "place",
            language: { code: "en" },
            components: [{ type: "header", parameters: [text("x")] }],
          },
        }),
    ],
    [131008, 400, "no value for a URL button", () => withComponents((parts) => parts.slice(0, 2))],
    [131008, 400, "no value for a copy-code button", () => named(without(3))],
    [
      132012,
      400,
      "a button that the template lacks",
      () =>
        withComponents((parts) => {
          parts[2].index = "1";
        }),
    ],
    [
      132012,
      400,
      "another kind of button",
      () =>
        withComponents((parts) => {
          parts[2].sub_type = "quick_reply";
        }),
    ],
    [
      132012,
      400,
      "a button without a kind",
      () =>
        withComponents((parts) => {
          delete parts[2].sub_type;
        }),
    ],
    [
      100,
      400,
      "a button without index",
      () =>
        withComponents((parts) => {
          delete parts[2].index;
        }),
    ],
    [
      100,
      400,
      "a button with index 10",
      () =>
        withComponents((parts) => {
          parts[2].index = "10";
        }),
    ],
    [
      132000,
      400,
      "two values for a URL",
      () =>
        withComponents((parts) => {
          parts[2].parameters.push(text("x"));
        }),
    ],
    [
      132000,
      400,
      "a value for a fixed URL",
      () =>
        named([
          ...NAMED_PARTS,
          { type: "button", sub_type: "url", index: "2", parameters: [text("x")] },
        ]),
    ],
    [
      132012,
      400,
      "text for a copy code",
      () =>
        named(
          instead(3, {
            type: "button",
            sub_type: "copy_code",
            index: "1",
            parameters: [text("C1")],
          }),
        ),
    ],
    [
      132018,
      400,
      "a copy code that is too long",
      () =>
        named(
          instead(3, {
            type: "button",
            sub_type: "copy_code",
            index: "1",
            parameters: [{ type: "coupon_code", coupon_code: "C".repeat(16) }],
          }),
        ),
    ],
    [
      131008,
      400,
      "an empty payload",
      () =>
        named(
          instead(2, {
            type: "button",
            sub_type: "quick_reply",
            index: "0",
            parameters: [{ type: "payload", payload: "" }],
          }),
        ),
    ],
    [
      100,
      400,
      "a named parameter without name",
      () => named(instead(1, { type: "body", parameters: [text("a"), text("b")] })),
    ],
    [
      132012,
      400,
      "a name that the template lacks",
      () =>
        named(
          instead(1, { type: "body", parameters: [text("a", "first_name"), text("b", "voucher")] }),
        ),
    ],
    [
      132012,
      400,
      "a name twice",
      () =>
        named(instead(1, { type: "body", parameters: [text("a", "coupon"), text("b", "coupon")] })),
    ],
    [
      132012,
      400,
      "names for positional parameters",
      () =>
        withComponents((parts) => {
          parts[1].parameters[0].parameter_name = "1";
        }),
    ],
    [131021, 400, "the sender itself", () => message("+55 20 5555-0100")],
    [131021, 400, "special: recipient is sender", () => message("+46701740620")],
    [131030, 400, "special: not in the allowed list", () => message("+46701740621")],
    [100, 400, "special: invalid parameter", () => message("+46701740622")],
    [131049, 400, "special: 131049 in the reply", () => message("+46701740625")],
    [130999, 400, "special: an unheard-of code", () => message("+46701740626")],
  ];
  it.each(cases)("with %d and HTTP %d: %s", async (code, http, _, body) => {
    const answer = await sandbox.post(body());
    expect(answer.json?.error?.code, answer.text).toBe(code);
    expect(answer.status).toBe(http);
    const last = sandbox.events().at(-1);
    expect(last).toMatchObject({ event: "refused", code, http });
  });

  it("with Meta's envelope", async () => {
    const { json } = await sandbox.post(
      withComponents((parts) => {
        parts[1].parameters.pop();
      }),
    );
    expect(json).toEqual({
      error: {
        message: "(#132000) Number of parameters does not match the expected number of params",
        type: "OAuthException",
        code: 132000,
        error_data: {
          messaging_product: "whatsapp",
          details:
            "body: number of localizable_params (1) does not match the expected number of params (2)",
        },
        fbtrace_id: expect.stringMatching(/^A\S+$/),
      },
    });
  });

  it.each([
    ["no token", {}],
    ["a wrong token", { authorization: "Bearer other" }],
    ["another scheme", { authorization: "Basic sandbox-token" }],
    ["a token with more behind it", { authorization: "Bearer sandbox-token2" }],
  ])("with 190 and HTTP 401: %s", async (_, headers: Record<string, string>) => {
    const body = JSON.stringify(message());
    const path = `/v25.0/${sandbox.phoneNumberId}/marketing_messages`;
    const answer = await sandbox.call("POST", path, body, {
      "content-type": "application/json",
      ...headers,
    });
    expect(answer.status).toBe(401);
    expect(answer.json.error).toMatchObject({ code: 190, type: "OAuthException" });
    expect(answer.json.error).not.toHaveProperty("error_data");
  });

  it("another phone number with 100, subcode 33", async () => {
    const answer = await sandbox.post(message(), { id: "999" });
    expect(answer.status).toBe(400);
    expect(answer.json.error).toMatchObject({ code: 100, error_subcode: 33 });
    expect(answer.json.error.message).toMatch(
      /^Unsupported post request\. Object with ID '999' does not exist/,
    );
  });

  it("a body that is not announced as JSON as if it were empty", async () => {
    const answer = await sandbox.post(message(), { headers: { "content-type": "text/plain" } });
    expect(answer.json.error).toMatchObject({
      code: 100,
      message: "(#100) The parameter messaging_product is required.",
    });
  });

  it.each([
    ["GET", "/", 404],
    ["GET", "/v25.0/999", 400],
    ["GET", "/nonsense", 404],
    ["POST", "/v25.0/100000000000001/messages", 400],
    ["POST", "/100000000000001/marketing_messages", 400],
    ["DELETE", "/v25.0/100000000000001", 400],
  ])("%s %s as Graph does", async (method, path, http) => {
    const answer = await sandbox.call(method, path, undefined, {
      authorization: "Bearer sandbox-token",
    });
    expect(answer.status).toBe(http);
    expect(answer.json.error).toMatchObject({ code: 100, error_subcode: 33 });
  });

  it("a body of more than 1 MiB by hanging up", async () => {
    await expect(sandbox.post("x".repeat(2_000_000))).rejects.toThrow();
  });
});

describe("the log", () => {
  it("has the whole body on one line, and what was understood of it", async () => {
    const body = message("(20) 91234-5678", {
      biz_opaque_callback_data: "mm1.a.1.2.3",
      product_policy: "STRICT",
    });
    const answer = await sandbox.post(JSON.stringify(body, undefined, 2));
    expect(sandbox.events().at(-1)).toMatchObject({
      event: "accepted",
      to: "+5520912345678",
      raw_to: "(20) 91234-5678",
      key: "mm1.a.1.2.3",
      template: "spring_sale",
      language: "pt_BR",
      policy: "STRICT",
      path: "marketing_lite",
      id: answer.json.messages[0].id,
      wa_id: "5520912345678",
      body,
    });
  });

  it("has a message without + as sent to the number that Meta makes of it", async () => {
    await sandbox.post(message("46701740605"));
    expect(sandbox.events().at(-1)).toMatchObject({ event: "accepted", to: "+5546701740605" });
  });
});
