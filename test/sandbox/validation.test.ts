// Every way in which a message is refused, over a real socket, with the code that Meta gives.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CATALOGUE, NAMED_MESSAGE, templateMessage, textOf } from "./catalogue.ts";
import type { Loose, Running } from "./posting.ts";
import { message, ORDINARY, start } from "./posting.ts";

/** What differs from a valid message: values by their path in it; `undefined` removes one. */
type Changes = Record<string, unknown>;
type Case = [code: number, what: string, changes: Changes, base?: Loose];

const QUIET = {
  throughput: null,
  pair_limit: false,
  receipt_delay_ms: null,
  media: { known_ids: ["123"] },
};
const parts = "template.components";
const first = `${parts}.1.parameters.0`;
const image = `${parts}.0.parameters.0.image`;
const button = `${parts}.2`;
const money = (changes: Loose): Loose => ({
  type: "currency",
  currency: { fallback_value: "R$ 9", code: "BRL", amount_1000: 9_000, ...changes },
});

let sandbox: Running;

beforeAll(async () => {
  sandbox = await start({ ...QUIET });
  expect((await sandbox.patch({ templates: CATALOGUE })).status).toBe(200);
});

afterAll(() => sandbox.end());

function changed(base: Loose, changes: Changes): Loose {
  const body = structuredClone(base);
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split(".");
    const last = keys.pop() as string;
    const parent = keys.reduce((node, key) => node[key], body);
    if (value !== undefined) parent[last] = value;
    else if (Array.isArray(parent)) parent.splice(Number(last), 1);
    else delete parent[last];
  }
  return body;
}

describe("accepts", () => {
  const cases: [what: string, changes: Changes, base?: Loose][] = [
    ["the documented message", {}],
    ["STRICT", { product_policy: "STRICT" }],
    ["activity sharing", { message_activity_sharing: false }],
    ["512 characters of callback data", { biz_opaque_callback_data: "k".repeat(512) }],
    ["the language policy", { "template.language.policy": "deterministic" }],
    ["recipient beside to", { recipient: "not looked at" }],
    ["a header by media id", { [image]: { id: "123" } }],
    ["components in any order", { [parts]: message().template.components.reverse() }],
    ["a currency", { [first]: money({}) }],
    [
      "a date",
      { [first]: { type: "date_time", date_time: { fallback_value: "1/2", year: 2027 } } },
    ],
    ["four spaces in a row", { [`${first}.text`]: "a    b" }],
    ["an index that is a number", { [`${button}.index`]: 0 }],
    ["a sub_type in capitals", { [`${button}.sub_type`]: "URL" }],
    ["named parameters in any order", {}, NAMED_MESSAGE],
    ["a quick reply without payload", { [`${parts}.2`]: undefined }, NAMED_MESSAGE],
    ["a template without parameters", {}, templateMessage("plain", "en_US")],
    ["1,024 characters", {}, templateMessage("long", "en", [textOf("b".repeat(24))])],
  ];
  it.each(cases)("%s", async (_, changes, base = message()) => {
    const answer = await sandbox.post(changed(base, changes));
    expect(answer.text).toContain('"messages":[{"id":"wamid.');
    expect(answer.status).toBe(200);
  });

  it("with the documented reply and nothing else", async () => {
    const { json, headers } = await sandbox.post(message("+55 (31) 91234-5678"));
    const waId = expect.stringMatching(/^55319?12345678$/);
    const id = expect.stringMatching(/^wamid\.\S+$/);
    expect(json).toEqual({
      messaging_product: "whatsapp",
      contacts: [{ input: "+55 (31) 91234-5678", wa_id: waId }],
      messages: [{ id, message_status: "accepted" }],
    });
    expect(headers["content-type"]).toBe("application/json; charset=UTF-8");
    expect(headers["x-business-use-case-usage"]).toContain(sandbox.wabaId);
  });

  it("a business-scoped user id, and gives it back", async () => {
    const { json } = await sandbox.post(changed(message(), { to: undefined, recipient: "BR.abc" }));
    expect(json.contacts).toEqual([{ input: "BR.abc", user_id: "BR.abc" }]);
  });
});

describe("refuses the body", () => {
  const cases: Case[] = [
    [100, "an unknown property", { ttl: 5 }],
    [100, "message_send_ttl_seconds", { message_send_ttl_seconds: 43_200 }],
    [100, "no messaging_product", { messaging_product: undefined }],
    [100, "another messaging_product", { messaging_product: "sms" }],
    [100, "no recipient_type", { recipient_type: undefined }],
    [100, "a group", { recipient_type: "group" }],
    [100, "a text message", { type: "text" }],
    [100, "no type", { type: undefined }],
    [100, "neither to nor recipient", { to: undefined }],
    [100, "a number as to", { to: 5_520_912_345_678 }],
    [100, "a phone number as recipient", { to: undefined, recipient: ORDINARY }],
    [131009, "letters as to", { to: "+55 abc" }],
    [131009, "an empty to", { to: "" }],
    [100, "another policy", { product_policy: "strict" }],
    [100, "text as activity sharing", { message_activity_sharing: "true" }],
    [100, "callback data that is too long", { biz_opaque_callback_data: "k".repeat(513) }],
    [100, "callback data that is not text", { biz_opaque_callback_data: 5 }],
    [100, "no template", { template: undefined }],
    [100, "a template that is text", { template: "spring_sale" }],
    [100, "no template name", { "template.name": undefined }],
    [100, "no language", { "template.language": undefined }],
    [100, "a language that is text", { "template.language": "pt_BR" }],
    [100, "a language without code", { "template.language": {} }],
    [100, "another language policy", { "template.language.policy": "fallback" }],
    [100, "an unknown key in the template", { "template.ttl": 5 }],
    [100, "an unknown key in the language", { "template.language.locale": 1 }],
    [100, "components that are no list", { [parts]: {} }],
    [100, "a component that is text", { [parts]: ["body"] }],
    [132001, "an unknown template", { "template.name": "winter_sale" }],
    [132001, "an unknown language", { "template.language.code": "pt_PT" }],
    [132001, "a pending template", {}, templateMessage("pending", "en_US")],
    [132001, "a rejected template", {}, templateMessage("rejected", "en_US")],
    [132015, "a paused template", {}, templateMessage("paused", "en_US")],
    [132016, "a disabled template", {}, templateMessage("disabled", "en_US")],
    [131055, "a utility template", {}, templateMessage("receipt", "en_US")],
    [134101, "a syncing template", {}, templateMessage("fresh", "en_US")],
    [131021, "the sender itself", { to: "+55 20 5555-0100" }],
    [131021, "special: recipient is sender", { to: "+46701740620" }],
    [131030, "special: not in the allowed list", { to: "+46701740621" }],
    [100, "special: invalid parameter", { to: "+46701740622" }],
    [131049, "special: 131049 in the reply", { to: "+46701740625" }],
    [130999, "special: an unheard-of code", { to: "+46701740626" }],
  ];
  it.each(cases)("with %d: %s", refuses);

  it.each(["{", "[]", "null", '"text"', ""])("with 100: %j", async (text) => {
    const answer = await sandbox.post(text);
    expect([answer.status, answer.json?.error?.code]).toEqual([400, 100]);
  });
});

describe("refuses the components", () => {
  const copyCode = { type: "coupon_code", coupon_code: "C".repeat(21) };
  const extra = { type: "button", sub_type: "url", index: "2", parameters: [textOf("x")] };
  const body = `${parts}.1.parameters`;
  const cases: Case[] = [
    [132000, "no body", { [`${parts}.1`]: undefined }],
    [132000, "a body parameter too few", { [first]: undefined }],
    [132000, "a body parameter too many", { [`${body}.2`]: textOf("x") }],
    [132000, "parameters without any", {}, templateMessage("plain", "en_US", [textOf("x")])],
    [132000, "a header of none", { "template.name": "plain", "template.language.code": "en_US" }],
    [100, "a component twice", { [`${parts}.3`]: { type: "body", parameters: [] } }],
    [100, "a button twice", { [`${parts}.3`]: { type: "button", index: "0" } }],
    [100, "an unknown component", { [`${parts}.3`]: { type: "footer" } }],
    [100, "components in capitals", { [`${parts}.1.type`]: "BODY" }],
    [100, "an unknown key in a component", { [`${parts}.1.index`]: "0" }],
    [100, "parameters that are no list", { [body]: {} }],
    [100, "a parameter that is text", { [first]: "Ana" }],
    [100, "an unknown key in a parameter", { [`${first}.value`]: 1 }],
    [131008, "a parameter without type", { [`${first}.type`]: undefined }],
    [131008, "an empty value", { [`${first}.text`]: "" }],
    [131008, "a number as value", { [`${first}.text`]: 5 }],
    [132012, "an image in the body", { [`${first}.type`]: "image" }],
    [131008, "a currency without its code", { [first]: money({ code: undefined }) }],
    [131008, "a currency without a text", { [first]: money({ fallback_value: undefined }) }],
    [100, "a currency whose amount is text", { [first]: money({ amount_1000: "9000" }) }],
    [100, "a currency with an unknown key", { [first]: money({ amount: 9 }) }],
    [131008, "a date without any", { [first]: { type: "date_time" } }],
    [132012, "a currency in a URL", { [`${button}.parameters.0`]: money({}) }],
    [132018, "a line break in a value", { [`${first}.text`]: "a\nb" }],
    [132018, "a carriage return in a value", { [`${first}.text`]: "a\rb" }],
    [132018, "a tab in a value", { [`${first}.text`]: "a\tb" }],
    [132018, "five spaces in a value", { [`${first}.text`]: "a     b" }],
    [132005, "1,025 characters", {}, templateMessage("long", "en", [textOf("b".repeat(25))])],
    [132005, "a URL that is too long", { [`${button}.parameters.0.text`]: "u".repeat(2_000) }],
    [132005, "a long header", { [`${parts}.0.parameters.0.text`]: "b".repeat(57) }, NAMED_MESSAGE],
    [132012, "no header", { [`${parts}.0`]: undefined }],
    [132012, "a video for an image", { [`${parts}.0.parameters.0.type`]: "video" }],
    [132012, "text for an image", { [`${parts}.0.parameters.0`]: textOf("x") }],
    [132000, "two images", { [`${parts}.0.parameters.1`]: { type: "image" } }],
    [131008, "an image without media", { [image]: undefined }],
    [100, "an image by link and id", { [`${image}.id`]: "1" }],
    [100, "an image by nothing", { [image]: {} }],
    [100, "an image by a path", { [`${image}.link`]: "/a.jpg" }],
    [100, "an image by a made-up id", { [image]: { id: "a" } }],
    [100, "an unknown key in a medium", { [`${image}.url`]: "x" }],
    [132012, "an image for a location", { "template.name": "place" }],
    [131008, "no value for a URL button", { [button]: undefined }],
    [132012, "a button that the template lacks", { [`${button}.index`]: "1" }],
    [132012, "another kind of button", { [`${button}.sub_type`]: "quick_reply" }],
    [132012, "a button without a kind", { [`${button}.sub_type`]: undefined }],
    [100, "a button without index", { [`${button}.index`]: undefined }],
    [100, "a button with index 10", { [`${button}.index`]: "10" }],
    [132000, "two values for a URL", { [`${button}.parameters.1`]: textOf("x") }],
    [132000, "a value for a fixed URL", { [`${parts}.4`]: extra }, NAMED_MESSAGE],
    [131008, "no copy code", { [`${parts}.3`]: undefined }, NAMED_MESSAGE],
    [132012, "text as copy code", { [`${parts}.3.parameters.0`]: textOf("x") }, NAMED_MESSAGE],
    [132018, "a long copy code", { [`${parts}.3.parameters.0`]: copyCode }, NAMED_MESSAGE],
    [131008, "an empty payload", { [`${button}.parameters.0.payload`]: "" }, NAMED_MESSAGE],
    [100, "no parameter name", { [`${first}.parameter_name`]: undefined }, NAMED_MESSAGE],
    [132012, "an unknown name", { [`${first}.parameter_name`]: "voucher" }, NAMED_MESSAGE],
    [132012, "a name twice", { [`${first}.parameter_name`]: "first_name" }, NAMED_MESSAGE],
    [132012, "names for positional ones", { [`${first}.parameter_name`]: "1" }],
  ];
  it.each(cases)("with %d: %s", refuses);

  it("with Meta's envelope", async () => {
    const { json } = await sandbox.post(changed(message(), { [first]: undefined }));
    expect(json).toEqual({
      error: {
        message: "(#132000) Number of parameters does not match the expected number of params",
        type: "OAuthException",
        code: 132000,
        error_data: {
          messaging_product: "whatsapp",
          details:
            "body: number of localizable_params (1)" +
            " does not match the expected number of params (2)",
        },
        fbtrace_id: expect.stringMatching(/^A\S+$/),
      },
    });
  });
});

async function refuses(code: number, _: string, changes: Changes, base = message()): Promise<void> {
  const answer = await sandbox.post(changed(base, changes));
  expect(answer.json?.error?.code, answer.text).toBe(code);
  // Of these codes only 132001 has another status (Meta, error codes page, 2025-12).
  const http = code === 132001 ? 404 : 400;
  expect(answer.status).toBe(http);
  expect(sandbox.events().at(-1)).toMatchObject({ event: "refused", code, http });
}
