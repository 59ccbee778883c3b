// What can be changed and uploaded, how often, and what the log keeps of it.

import { afterEach, describe, expect, it } from "vitest";

import type { ManagementEvent } from "../../src/sandbox/server/log-events.ts";
import type { Answered, Loose, Running } from "./posting.ts";
import { message, start } from "./posting.ts";

const ACCOUNT = "100000000000002";
const TEMPLATE = "1000000000000";
const MEDIA = "100000000000001/media";
const SWITCH = "disable_marketing_messages_on_cloud_api";

let sandbox: Running | undefined;

afterEach(async () => {
  await sandbox?.end();
  sandbox = undefined;
});

async function play(keys: unknown = {}, options = {}): Promise<Running> {
  sandbox = await start(keys, options);
  return sandbox;
}

function managed({ events }: Running): ManagementEvent[] {
  return events().flatMap((event) => (event.event === "management" ? [event] : []));
}

const ttl = (seconds: unknown): Loose => ({ message_send_ttl_seconds: seconds });

describe("a template's TTL", () => {
  it("is set, reported, and stands in the log", async () => {
    const running = await play();
    const answer = await running.change(TEMPLATE, ttl(43_200));
    expect([answer.status, answer.json]).toEqual([200, { success: true }]);
    const fields = "message_send_ttl_seconds,last_updated_time";
    const { json } = await running.get(`${TEMPLATE}?fields=${fields}`);
    expect(json.message_send_ttl_seconds).toBe(43_200);
    expect(Date.now() - Date.parse(json.last_updated_time)).toBeLessThan(60_000);
    expect(managed(running)).toMatchObject([
      { method: "POST", path: TEMPLATE, http: 200, code: null, body: ttl(43_200) },
      { method: "GET", path: TEMPLATE, fields, http: 200, code: null, body: null },
    ]);
    expect((await running.post(message())).status).toBe(200);
  });

  it("can be posted as a form, and in the address", async () => {
    const { call, get } = await play();
    const headers = { authorization: "Bearer sandbox-token" };
    const form = { ...headers, "content-type": "application/x-www-form-urlencoded" };
    const body = "message_send_ttl_seconds=50000";
    expect((await call("POST", `/v25.0/${TEMPLATE}`, body, form)).status).toBe(200);
    const path = `/v25.0/${TEMPLATE}?message_send_ttl_seconds=60000`;
    expect((await call("POST", path, undefined, headers)).status).toBe(200);
    const { json } = await get(`${TEMPLATE}?fields=message_send_ttl_seconds`);
    expect(json.message_send_ttl_seconds).toBe(60_000);
  });

  const cases: [category: string, body: Loose, http: number][] = [
    ["MARKETING", ttl(43_200), 200],
    ["MARKETING", ttl(2_592_000), 200],
    ["MARKETING", ttl(43_199), 400],
    ["MARKETING", ttl(2_592_001), 400],
    ["MARKETING", ttl(-1), 400],
    ["MARKETING", ttl(50_000.5), 400],
    ["MARKETING", ttl("12h"), 400],
    ["MARKETING", ttl(null), 400],
    ["MARKETING", {}, 400],
    ["MARKETING", { ...ttl(43_200), ttl: 1 }, 400],
    ["MARKETING", [], 400],
    ["UTILITY", ttl(-1), 200],
    ["UTILITY", ttl(43_201), 400],
    ["AUTHENTICATION", ttl(900), 200],
    ["AUTHENTICATION", ttl(901), 400],
  ];
  it.each(cases)("of a %s template with %j gets HTTP %d", async (category, body, http) => {
    const { change, get, patch } = await play();
    await patch({ templates: [{ name: "spring_sale", language: "pt_BR", category }] });
    const answer = await change(TEMPLATE, body);
    expect([answer.status, answer.json.error?.code]).toEqual([
      http,
      http === 200 ? undefined : 100,
    ]);
    const { json } = await get(`${TEMPLATE}?fields=message_send_ttl_seconds`);
    const wanted = http === 200 ? body.message_send_ttl_seconds : 86_400;
    expect(json.message_send_ttl_seconds).toBe(wanted);
  });

  it("cannot be set of a template that is being reviewed", async () => {
    const { change, patch } = await play();
    await patch({ templates: [{ name: "spring_sale", language: "pt_BR", status: "PENDING" }] });
    expect((await change(TEMPLATE, ttl(43_200))).json.error.code).toBe(100);
  });

  it.each([
    [{ per_hour: 2 }, 100],
    [{ per_day: 2, refusal_code: 80008 }, 80008],
  ])("with %j can be set twice", async (template_edits, code) => {
    const { change } = await play({ template_edits });
    // What is refused is no edit.
    await change(TEMPLATE, ttl(1));
    const codes = [];
    for (const seconds of [43_200, 43_201, 43_202]) {
      codes.push((await change(TEMPLATE, ttl(seconds))).json.error?.code ?? 200);
    }
    expect(codes).toEqual([200, 200, code]);
  });

  it("of no template is refused", async () => {
    const { change } = await play();
    expect((await change("99", ttl(43_200))).json.error).toMatchObject({ error_subcode: 33 });
    const edge = await change(`${TEMPLATE}/archive`, {});
    expect(edge.json.error).toMatchObject({ error_subcode: 33 });
  });
});

describe("the account's switch", () => {
  it.each([
    [true, true],
    ["true", true],
    [false, false],
    ["false", false],
  ])("is set to %j", async (value, is) => {
    const running = await play({ [SWITCH]: !is });
    const answer = await running.change(ACCOUNT, { [SWITCH]: value });
    expect([answer.status, answer.json]).toEqual([200, { id: ACCOUNT }]);
    expect((await running.get(`${ACCOUNT}?fields=${SWITCH}`)).json[SWITCH]).toBe(is);
    expect(managed(running)[0]).toMatchObject({ path: ACCOUNT, body: { [SWITCH]: value } });
  });

  it("blocks the fallback of an account that is not onboarded", async () => {
    const { change, post } = await play({ onboarding_status: "ELIGIBLE" });
    expect((await post(message())).status).toBe(200);
    await change(ACCOUNT, { [SWITCH]: true });
    expect((await post(message())).json.error.code).toBe(131063);
  });

  it.each([{}, { [SWITCH]: "on" }, { [SWITCH]: 1 }, { [SWITCH]: true, name: "x" }])(
    "refuses %j",
    async (body) => {
      const { change, get } = await play();
      expect((await change(ACCOUNT, body)).json.error.code).toBe(100);
      expect((await get(`${ACCOUNT}?fields=${SWITCH}`)).json[SWITCH]).toBe(false);
    },
  );
});

describe("a paused template", () => {
  it("can be unpaused once", async () => {
    const { change, post, patch } = await play();
    await patch({ templates: [{ name: "spring_sale", language: "pt_BR", status: "PAUSED" }] });
    expect((await post(message())).json.error.code).toBe(132015);
    expect((await change(`${TEMPLATE}/unpause`)).json).toEqual({ success: true });
    expect((await post(message())).status).toBe(200);
    expect((await change(`${TEMPLATE}/unpause`)).json.error.code).toBe(100);
  });
});

describe("an uploaded file", () => {
  it("is used by its id until its life is over", async () => {
    const running = await play();
    const answer = await upload(running);
    expect([answer.status, Object.keys(answer.json)]).toEqual([200, ["id"]]);
    const { id } = answer.json;
    expect(managed(running)).toMatchObject([
      {
        method: "POST",
        path: MEDIA,
        body: { type: "image/jpeg", bytes: 4, filename: "a.jpg", id },
      },
    ]);
    expect((await running.post(withImage(id))).status).toBe(200);
    expect((await running.get(id)).json).toMatchObject({ id, messaging_product: "whatsapp" });
    await running.patch({ media: { lifetime_seconds: 0 } });
    expect((await running.post(withImage(id))).json.error.code).toBe(100);
    expect((await running.get(id)).json.error.error_subcode).toBe(33);
    await running.patch({ media: { refusal_code: 131053 } });
    expect((await running.post(withImage(id))).json.error.code).toBe(131053);
  });

  it("is known after a restart, and never by a sandbox of another seed", async () => {
    const first = await start();
    const { id } = (await upload(first)).json;
    await first.end();
    const second = await play();
    expect((await second.post(withImage(id))).status).toBe(200);
    await second.patch({ seed: "other" });
    expect((await second.post(withImage(id))).json.error.code).toBe(100);
  });

  it("has an id of its own, whenever it comes", async () => {
    const running = await play();
    const answers = await Promise.all(Array.from({ length: 20 }, () => upload(running)));
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(20);
  });

  it("of another kind than the header is refused", async () => {
    const running = await play();
    const { id } = (await upload(running, { type: "video/mp4" })).json;
    expect((await running.post(withImage(id))).json.error.code).toBe(131053);
  });

  const cases: [what: string, form: Form, code: number][] = [
    ["no product", { product: undefined }, 100],
    ["another product", { product: "sms" }, 100],
    ["no file", { bytes: undefined }, 100],
    ["a type that is not taken", { type: "image/gif" }, 100],
    ["an empty file", { bytes: Buffer.alloc(0) }, 131053],
    ["a picture of more than 5 MiB", { bytes: Buffer.alloc(5_242_881) }, 131053],
  ];
  it.each(cases)("with %s is refused", async (_, form, code) => {
    const running = await play();
    const answer = await upload(running, form);
    expect([answer.status, answer.json.error.code]).toEqual([400, code]);
    expect(managed(running)[0]).toMatchObject({ code });
  });

  it("may be larger than a message", async () => {
    const running = await play();
    const bytes = Buffer.alloc(8_000_000, "\r\n--");
    expect((await upload(running, { type: "video/mp4", bytes })).status).toBe(200);
    expect(managed(running)[0]?.body).toMatchObject({ bytes: 8_000_000 });
  });

  it("cannot be posted as JSON, or cut off", async () => {
    const { change, call } = await play();
    expect((await change(MEDIA, { messaging_product: "whatsapp" })).json.error.code).toBe(100);
    const headers = {
      authorization: "Bearer sandbox-token",
      "content-type": `multipart/form-data; boundary=${BOUND}`,
    };
    for (const body of [
      "",
      `--${BOUND}`,
      `--${BOUND}\r\n\r\n`,
      `--${BOUND}\r\nContent-Disposition: form-data; name="a"`,
    ]) {
      const answer = await call("POST", `/v25.0/${MEDIA}`, body, headers);
      expect([body, answer.json.error?.code]).toEqual([body, 100]);
    }
  });
});

describe("the limit of management calls", () => {
  it("counts calls on the account, and says when to come again", async () => {
    const running = await play({ management: { calls_per_hour: 4 } });
    const { get, change, post } = running;
    const usages = [];
    for (const path of [ACCOUNT, `${ACCOUNT}/message_templates`, `${ACCOUNT}/phone_numbers`]) {
      const { headers } = await get(path);
      usages.push(JSON.parse(`${headers["x-app-usage"]}`).call_count);
    }
    expect(usages).toEqual([25, 50, 75]);
    expect((await change(ACCOUNT, { [SWITCH]: false })).status).toBe(200);
    const refused = await get(ACCOUNT);
    expect(refused.status).toBe(400);
    expect(refused.json.error).toMatchObject({ code: 80007, is_transient: true });
    const usage = JSON.parse(`${refused.headers["x-business-use-case-usage"]}`)[ACCOUNT][0];
    expect(usage.call_count).toBe(100);
    expect(usage.estimated_time_to_regain_access).toBeGreaterThan(58);
    // Neither the number, nor a template by its id, nor messages are on Meta's list.
    expect((await get("100000000000001")).status).toBe(200);
    expect((await get(TEMPLATE)).status).toBe(200);
    expect((await post(message())).status).toBe(200);
    expect(managed(running)).toHaveLength(7);
  });

  it.each([
    [80008, 400, 400],
    [4, 429, 429],
  ])("can have code %d and HTTP %d", async (refusal_code, throttle_http_status, http) => {
    const management = { calls_per_hour: 0, refusal_code };
    const { get } = await play({ management, throttle_http_status });
    const answer = await get(ACCOUNT);
    expect([answer.status, answer.json.error.code]).toEqual([http, refusal_code]);
  });
});

describe("a management call", () => {
  it("meets faults of its own, and messages do not", async () => {
    const running = await play({
      management_faults: [
        { on: { nth: 1 }, do: "error_503_meta" },
        { on: { nth: 2 }, do: "drop_before_reading" },
        { on: { nth: 3 }, do: "drop_after_accepting" },
      ],
    });
    expect((await running.post(message())).status).toBe(200);
    expect((await running.get(ACCOUNT)).status).toBe(503);
    await expect(running.get(ACCOUNT)).rejects.toThrow();
    await expect(running.change(TEMPLATE, ttl(50_000))).rejects.toThrow();
    // The third was carried out, and only its answer was lost.
    const { json } = await running.get(`${TEMPLATE}?fields=message_send_ttl_seconds`);
    expect(json.message_send_ttl_seconds).toBe(50_000);
    expect(managed(running).map(({ fault, http }) => [fault, http])).toEqual([
      ["error_503_meta", null],
      ["drop_before_reading", null],
      ["drop_after_accepting", 200],
      [undefined, 200],
    ]);
    const { counters } = (await running.call("GET", "/_sandbox")).json;
    expect(counters).toMatchObject({ requests: 1, management: 4 });
  });

  it("is written down without the token that it carried", async () => {
    const running = await play();
    await running.get("debug_token?input_token=sandbox-token&access_token=sandbox-token");
    await running.change(`${TEMPLATE}?access_token=sandbox-token`, ttl(50_000));
    expect(JSON.stringify(running.events())).not.toContain("sandbox-token");
    expect(managed(running)).toHaveLength(2);
  });

  it.each(["PUT", "DELETE", "HEAD"])("cannot be a %s", async (method) => {
    const { call } = await play();
    const headers = { authorization: "Bearer sandbox-token" };
    expect((await call(method, `/v25.0/${ACCOUNT}`, undefined, headers)).status).toBe(400);
  });
});

/** Not shorter than Node reads. */
const BOUND = "-----------------------------bound";

interface Form {
  product?: string | undefined;
  type?: string;
  bytes?: Buffer | undefined;
}

function upload({ call }: Running, given: Form = {}): Promise<Answered> {
  const form = { product: "whatsapp", type: "image/jpeg", bytes: Buffer.from("file"), ...given };
  const parts: Buffer[] = [];
  const add = (head: string, body: Buffer): void => {
    const start = Buffer.from(`--${BOUND}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`);
    parts.push(start, body, Buffer.from("\r\n"));
  };
  if (form.product !== undefined) add('name="messaging_product"', Buffer.from(form.product));
  if (form.bytes !== undefined) {
    add(`name="file"; filename="a.jpg"\r\nContent-Type: ${form.type}`, form.bytes);
  }
  const body = Buffer.concat([...parts, Buffer.from(`--${BOUND}--\r\n`)]);
  return call("POST", `/v25.0/${MEDIA}`, body, {
    authorization: "Bearer sandbox-token",
    "content-type": `multipart/form-data; boundary=${BOUND}`,
  });
}

function withImage(id: string): Loose {
  const body = message();
  body.template.components[0].parameters[0].image = { id };
  return body;
}
