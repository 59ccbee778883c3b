// Reading and changing an account over real sockets: what is asked, how often, and what is made of
// every kind of answer.

import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, describe, expect, it } from "vitest";

import type { TemplateEdit } from "../../src/domain/account/facts.ts";
import type { Account, AccountOptions } from "../../src/graph/account.ts";
import { openAccount } from "../../src/graph/account.ts";
import { GraphError } from "../../src/graph/calls.ts";

const TOKEN = "EAAtesttoken1234567890";
const NUMBER = "106540352242922";
const WABA = "102290129340398";
const NOW = Date.parse("2026-03-01T12:00:00Z");

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

/** Status (200 when left out), body and headers of an answer; a function to do it by hand. */
type Reply =
  | { http?: number; json?: unknown; text?: string; headers?: Record<string, string> }
  | ((res: ServerResponse) => void);

interface Peer {
  url: string;
  asked: Asked[];
  /** Paths after the version, in order. */
  paths(): string[];
  account: Account;
  waits: number[];
}

async function peer(
  reply: (asked: Asked, nth: number) => Reply | undefined,
  more: Partial<AccountOptions> = {},
): Promise<Peer> {
  const asked: Asked[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      const url = new URL(req.url ?? "/", "http://server");
      const path = url.pathname.replace(/^\/v25\.0\//, "");
      const { method = "", headers } = req;
      const body = Buffer.concat(chunks);
      const one: Asked = { method, path, query: url.searchParams, headers, body };
      asked.push(one);
      const answer = reply(one, asked.filter((other) => other.path === path).length);
      if (typeof answer === "function") return answer(res);
      const { http = 200, json = {}, text = JSON.stringify(json) } = answer ?? { http: 404 };
      const more = answer?.headers;
      res.writeHead(http, { "content-type": "application/json", ...more }).end(text);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const waits: number[] = [];
  const account = openAccount({
    baseUrl: url,
    version: "v25.0",
    accessToken: TOKEN,
    phoneNumberId: NUMBER,
    wabaId: WABA,
    answerMs: 2_000,
    sleep: async (delayMs) => void waits.push(delayMs),
    ...more,
  });
  open.push(() => account.close());
  return { url, asked, paths: () => asked.map(({ path }) => path), account, waits };
}

const error = (code: number, message = "No.", extra: object = {}) => ({
  error: { message: `(#${code}) ${message}`, type: "OAuthException", code, ...extra },
});

const NUMBER_NODE = {
  id: NUMBER,
  display_phone_number: "+55 20 5555-0100",
  verified_name: "Flores",
  status: "CONNECTED",
  quality_rating: "GREEN",
  throughput: { level: "STANDARD" },
  whatsapp_business_manager_messaging_limit: "TIER_2K",
  health_status: {
    can_send_message: "LIMITED",
    entities: [
      {
        entity_type: "PHONE_NUMBER",
        id: NUMBER,
        can_send_message: "LIMITED",
        additional_info: ["Name in review."],
      },
      { entity_type: "WABA", id: WABA, can_send_message: "AVAILABLE" },
      {
        entity_type: "BUSINESS",
        id: "9",
        can_send_message: "BLOCKED",
        errors: [
          { error_code: 141006, error_description: "Unpaid.", possible_solution: "Pay it." },
        ],
      },
    ],
  },
};
const WABA_NODE = {
  id: WABA,
  name: "Flores",
  currency: "BRL",
  marketing_messages_onboarding_status: "ONBOARDED",
  disable_marketing_messages_on_cloud_api: false,
  is_enabled_for_insights: true,
  primary_funding_id: "42",
  owner_business_info: {
    id: "9",
    name: "Flores SA",
    marketing_messages_onboarding_status: { status: "TERM_OF_SERVICE_SIGNED", time: 1 },
  },
  health_status: { can_send_message: "AVAILABLE", entities: [] },
};
const TEMPLATE = {
  id: "7001",
  name: "offer",
  language: "pt-BR",
  status: "APPROVED",
  category: "MARKETING",
  parameter_format: "POSITIONAL",
  components: [
    { type: "BODY", text: "Oi {{1}}" },
    { type: "BUTTONS", buttons: [{ type: "URL", text: "Ver", url: "https://example.com/" }] },
  ],
  quality_score: { score: "GREEN", date: 1 },
  message_send_ttl_seconds: 86_400,
  previous_category: "UTILITY",
  rejected_reason: "NONE",
  last_updated_time: "2026-03-01T09:30:00+0000",
};
const TOKEN_DATA = {
  is_valid: true,
  expires_at: 1_775_000_000,
  scopes: ["whatsapp_business_messaging", "whatsapp_business_management"],
};

/** A healthy account; what `parts` has instead. */
function healthy(parts: Record<string, Reply> = {}): (asked: Asked) => Reply | undefined {
  const replies: Record<string, Reply> = {
    [NUMBER]: { json: NUMBER_NODE },
    [WABA]: { json: WABA_NODE },
    [`${WABA}/message_templates`]: {
      json: {
        data: [
          TEMPLATE,
          { ...TEMPLATE, id: "7002", language: "en_US", status: "PAUSED" },
          { ...TEMPLATE, id: "7003", name: "offer_old" },
        ],
        paging: { cursors: { before: "a", after: "b" } },
      },
    },
    debug_token: { json: { data: TOKEN_DATA } },
    ...parts,
  };
  return ({ path }) => replies[path];
}

const what = { templates: [{ name: "offer", language: "pt_BR" }], now: NOW };

describe("the facts", () => {
  it("are read in four calls with the token in the header", async () => {
    const { account, asked, paths } = await peer(healthy());
    const facts = await account.readFacts(what);
    expect(paths().sort()).toEqual(
      [WABA, `${WABA}/message_templates`, NUMBER, "debug_token"].sort(),
    );
    expect(facts.unread).toEqual([]);
    expect(facts.readAt).toBe(NOW);
    expect(facts.number).toEqual({
      id: NUMBER,
      displayPhoneNumber: "+55 20 5555-0100",
      verifiedName: "Flores",
      status: "CONNECTED",
      qualityRating: "GREEN",
      throughputLevel: "STANDARD",
      messagingLimit: "TIER_2K",
      health: {
        canSend: "LIMITED",
        problems: [
          {
            entity: "PHONE_NUMBER",
            canSend: "LIMITED",
            code: null,
            description: "Name in review.",
            solution: null,
          },
          {
            entity: "BUSINESS",
            canSend: "BLOCKED",
            code: 141006,
            description: "Unpaid.",
            solution: "Pay it.",
          },
        ],
      },
    });
    expect(facts.waba).toEqual({
      id: WABA,
      name: "Flores",
      currency: "BRL",
      onboardingStatus: "ONBOARDED",
      ownerBusinessId: "9",
      termsStatus: "TERM_OF_SERVICE_SIGNED",
      cloudMarketingDisabled: false,
      funding: "present",
      insightsOn: true,
      health: { canSend: "AVAILABLE", problems: [] },
    });
    expect(facts.template).toEqual({
      id: "7001",
      definition: {
        name: "offer",
        language: "pt_BR",
        category: "MARKETING",
        status: "APPROVED",
        parameter_format: "POSITIONAL",
        components: TEMPLATE.components,
        message_send_ttl_seconds: 86_400,
      },
      quality: "GREEN",
      rejectedReason: null,
      maxPrice: null,
      creative: {},
      previousCategory: "UTILITY",
      correctCategory: null,
      createdAt: null,
      changedAt: Date.parse("2026-03-01T09:30:00Z"),
    });
    expect(facts.languages).toEqual([
      { language: "pt_BR", status: "APPROVED" },
      { language: "en_US", status: "PAUSED" },
    ]);
    expect(facts.token).toEqual({
      isValid: true,
      expiresAt: 1_775_000_000_000,
      scopes: TOKEN_DATA.scopes,
    });
    for (const { headers, method } of asked) {
      expect([method, headers.authorization]).toEqual(["GET", `Bearer ${TOKEN}`]);
    }
    const list = asked.find(({ path }) => path.endsWith("message_templates"));
    expect(list?.query.get("name")).toBe("offer");
    expect(list?.query.get("fields")).toContain("message_send_ttl_seconds");
  });

  it("have every number, with one more call for each, and one's refusal is its own", async () => {
    const [second, third] = ["106540352242923", "106540352242924"];
    const { account, paths } = await peer(
      healthy({
        [second as string]: {
          http: 400,
          json: error(100, "No such object.", { error_subcode: 33 }),
        },
        [third as string]: { json: { ...NUMBER_NODE, id: third, quality_rating: "RED" } },
      }),
      { phoneNumberIds: [NUMBER, second as string, third as string] },
    );
    const facts = await account.readFacts(what);
    expect(paths().length).toBe(6);
    expect(facts.number?.id).toBe(NUMBER);
    expect(facts.numbers).toMatchObject([
      { phoneNumberId: NUMBER, facts: { id: NUMBER, qualityRating: "GREEN" } },
      { phoneNumberId: second, facts: null },
      { phoneNumberId: third, facts: { id: third, qualityRating: "RED" } },
    ]);
    expect(facts.unread).toMatchObject([{ part: "number", phoneNumberId: second, code: 100 }]);
  });

  it("know that the token is taken from any number", async () => {
    const closed = { http: 401, json: error(190, "Bad token.") };
    const replies = {
      [NUMBER]: closed,
      [WABA]: closed,
      [`${WABA}/message_templates`]: closed,
      debug_token: closed,
    };
    const second = "106540352242923";
    const one = await peer(healthy(replies));
    expect((await one.account.readFacts(what)).token).toMatchObject({ isValid: false });
    const both = await peer(healthy({ ...replies, [second]: { json: NUMBER_NODE } }), {
      phoneNumberIds: [NUMBER, second],
    });
    expect((await both.account.readFacts(what)).token).toBeNull();
  });

  it("are null where a server says little", async () => {
    const { account } = await peer(
      healthy({
        [NUMBER]: { json: { id: NUMBER } },
        [WABA]: { json: { id: WABA, name: 5, owner_business_info: [] } },
        [`${WABA}/message_templates`]: {
          json: { data: [{ id: 7001, name: "offer", language: "pt_BR" }, null, { id: "1" }] },
        },
        debug_token: { json: {} },
      }),
    );
    const { number, waba, template, token, unread } = await account.readFacts(what);
    expect(number).toMatchObject({ status: null, messagingLimit: null, health: null });
    // Nothing else came either: that there is no payment method is not what it says.
    expect(waba).toMatchObject({
      name: "5",
      onboardingStatus: null,
      ownerBusinessId: null,
      termsStatus: null,
      funding: null,
    });
    expect(waba?.cloudMarketingDisabled).toBeNull();
    expect(template?.definition).toEqual({
      name: "offer",
      language: "pt_BR",
      status: "UNKNOWN",
      category: "UNKNOWN",
      parameter_format: "POSITIONAL",
      components: [],
    });
    expect(token).toEqual({ isValid: null, expiresAt: null, scopes: null });
    expect(unread).toEqual([]);
  });

  it.each<[string, object, object]>([
    ["no funding", { ...WABA_NODE, primary_funding_id: undefined }, { funding: "absent" }],
    [
      "terms as text",
      {
        ...WABA_NODE,
        owner_business_info: { marketing_messages_onboarding_status: "REQUEST_SENT" },
      },
      { termsStatus: "REQUEST_SENT" },
    ],
    [
      "the flag",
      { ...WABA_NODE, disable_marketing_messages_on_cloud_api: true },
      { cloudMarketingDisabled: true },
    ],
  ])("tell of an account: %s", async (_, json, expected) => {
    const { account } = await peer(healthy({ [WABA]: { json } }));
    expect(await account.readWaba()).toMatchObject(expected);
  });

  it.each<[string, object, object]>([
    ["Meta's default TTL", { message_send_ttl_seconds: null }, { message_send_ttl_seconds: null }],
    ["a TTL as text", { message_send_ttl_seconds: "43200" }, { message_send_ttl_seconds: 43_200 }],
    [
      "named parameters that nobody announces",
      { parameter_format: undefined, components: [{ type: "body", text: "Oi {{first_name}}" }] },
      { parameter_format: "NAMED", components: [{ type: "BODY", text: "Oi {{first_name}}" }] },
    ],
    [
      "components that are none",
      { components: [null, 3, { text: "no type" }, { type: "BUTTONS", buttons: [null, {}] }] },
      { components: [{ type: "BUTTONS", buttons: [] }] },
    ],
  ])("tell of a template: %s", async (_, keys, expected) => {
    const json = { data: [{ ...TEMPLATE, ...keys }] };
    const { account } = await peer(healthy({ [`${WABA}/message_templates`]: { json } }));
    const [template] = await account.listTemplates("offer");
    expect(template?.definition).toMatchObject(expected);
  });

  it("say that a token never ends", async () => {
    const json = { data: { ...TOKEN_DATA, expires_at: 0 } };
    const { account } = await peer(healthy({ debug_token: { json } }));
    expect((await account.readFacts(what)).token?.expiresAt).toBe("never");
  });

  it("name the languages when the one that is wanted is not there", async () => {
    const { account } = await peer(healthy());
    const { template, languages } = await account.readFacts({
      ...what,
      templates: [{ name: "offer", language: "es_MX" }],
    });
    expect([template, languages?.length]).toEqual([null, 2]);
  });
});

describe("a list in pages", () => {
  const page = (nth: number, next: boolean) => ({
    json: {
      data: [{ ...TEMPLATE, id: `${nth}`, language: `l${nth}` }],
      paging: {
        cursors: { after: `c${nth}` },
        ...(next && { next: "https://elsewhere.example/?access_token=x" }),
      },
    },
  });

  it("is followed by its cursors, never by an address, to its end", async () => {
    const { account, asked } = await peer((_, nth) => page(nth, nth < 3));
    expect((await account.listTemplates("offer")).map(({ id }) => id)).toEqual(["1", "2", "3"]);
    expect(asked.map(({ query }) => query.get("after"))).toEqual([null, "c1", "c2"]);
  });

  it("ends at a bound, and then a missing language is not called missing", async () => {
    const { account, asked } = await peer(({ path }, nth) =>
      path.endsWith("message_templates") ? page(nth, true) : healthy()({ path } as Asked),
    );
    const facts = await account.readFacts(what);
    expect(asked.filter(({ path }) => path.endsWith("message_templates"))).toHaveLength(10);
    expect([facts.template, facts.languages]).toEqual([null, null]);
    expect(facts.unread).toMatchObject([{ part: "template", code: null }]);
  });

  it("that goes round in circles is left", async () => {
    const { account, asked } = await peer(() => page(1, true));
    await account.listTemplates("offer");
    expect(asked).toHaveLength(2);
  });
});

describe("a refused field", () => {
  const refuse = (fields: string[]) => (asked: Asked) => {
    if (asked.path !== WABA) return healthy()(asked);
    const bad = (asked.query.get("fields") ?? "").split(",").find((one) => fields.includes(one));
    const message = `Tried accessing nonexisting field (${bad}) on node type (WABA)`;
    if (bad !== undefined) return { http: 400, json: error(100, message) };
    return { json: { ...WABA_NODE, primary_funding_id: undefined } };
  };

  it("costs itself and nothing else", async () => {
    const { account, asked } = await peer(refuse(["primary_funding_id", "health_status"]));
    const { waba, unread } = await account.readFacts(what);
    // It was not asked for in the end, so that it is missing says nothing.
    expect(waba).toMatchObject({ onboardingStatus: "ONBOARDED", funding: null });
    expect(unread).toEqual([]);
    expect(asked.filter(({ path }) => path === WABA)).toHaveLength(3);
  });

  it.each([
    ["without its name", error(100, "Invalid fields.")],
    ["for want of permission", error(10, "Permission denied.")],
    ["for want of permission (200)", error(200, "Requires business_management.")],
  ])("%s leaves what is sure to be there", async (_, json) => {
    const { account, asked } = await peer((one) =>
      one.path === NUMBER && one.query.get("fields")?.includes("health_status")
        ? { http: 400, json }
        : healthy()(one),
    );
    const { number, unread } = await account.readFacts(what);
    expect(number?.verifiedName).toBe("Flores");
    expect(unread).toEqual([]);
    expect(asked.filter(({ path }) => path === NUMBER)).toHaveLength(2);
  });

  it("of an object that is not there is not asked for again", async () => {
    const json = error(100, "Unsupported get request.", { error_subcode: 33 });
    const { account, asked } = await peer(healthy({ [NUMBER]: { http: 400, json } }));
    expect((await account.readFacts(what)).unread).toMatchObject([{ part: "number", code: 100 }]);
    expect(asked.filter(({ path }) => path === NUMBER)).toHaveLength(1);
  });
});

describe("a refused part", () => {
  it("costs nothing else", async () => {
    const { account } = await peer(
      healthy({
        [WABA]: { http: 403, json: error(200, "Permission missing") },
        debug_token: { http: 400, json: error(100, "You must be a developer of the app.") },
      }),
    );
    const facts = await account.readFacts(what);
    expect(facts.unread).toEqual([
      {
        part: "waba",
        code: 200,
        sentence: "Meta refused with code 200: Permission missing.",
        passes: false,
      },
      {
        part: "token",
        code: 100,
        sentence: "Meta refused with code 100: You must be a developer of the app.",
        passes: false,
      },
    ]);
    expect([facts.waba, facts.token]).toEqual([null, null]);
    expect(facts.number?.status).toBe("CONNECTED");
    expect(facts.template?.id).toBe("7001");
  });

  it("is the account where its id is not given", async () => {
    const { account, paths } = await peer(healthy(), { wabaId: undefined });
    const facts = await account.readFacts(what);
    expect(paths().sort()).toEqual([NUMBER, "debug_token"].sort());
    expect(facts.unread.map(({ part }) => part)).toEqual(["waba", "template"]);
  });

  it("by 190 everywhere is a token that is not valid, and is never quoted", async () => {
    const json = { error: { message: `Malformed access token ${TOKEN}`, code: 190 } };
    const { account } = await peer(() => ({ http: 401, json }));
    const facts = await account.readFacts(what);
    expect(facts.token).toEqual({ isValid: false, expiresAt: null, scopes: null });
    expect(facts.unread.map(({ part, code }) => [part, code])).toEqual([
      ["number", 190],
      ["waba", 190],
      ["template", 190],
    ]);
    expect(JSON.stringify(facts)).not.toContain(TOKEN);
  });

  it("by 190 for one question is only that question's", async () => {
    const { account } = await peer(healthy({ debug_token: { http: 401, json: error(190) } }));
    const facts = await account.readFacts(what);
    expect(facts.token).toBeNull();
    expect(facts.unread).toMatchObject([{ part: "token", code: 190 }]);
  });
});

describe("a GET", () => {
  const good: Reply = { json: WABA_NODE };
  const usage = (minutes: number) => ({
    "x-business-use-case-usage": JSON.stringify({
      [WABA]: [{ type: "x", call_count: 100, estimated_time_to_regain_access: minutes }],
    }),
  });

  it.each<[string, Reply, number[]]>([
    ["a cut connection", (res) => void res.socket?.destroy(), [500]],
    ["half an answer", (res) => void res.write('{"id":', () => res.socket?.destroy()), [500]],
    ["an empty 500", { http: 500, text: "" }, [500]],
    ["a page in HTML", { http: 502, text: "<html>" }, [500]],
    ["no JSON", { text: "\u0000" }, [500]],
    ["code 2", { http: 503, json: error(2) }, [500]],
    [
      "what Meta calls transient",
      { http: 400, json: error(5, "Wait.", { is_transient: true }) },
      [500],
    ],
    ["throttling", { http: 400, json: error(80008) }, [500]],
    ["a code of Graph's limiter as text", { http: 400, json: { error: { code: "17" } } }, [500]],
    ["a 429 with a code nobody knows", { http: 429, json: error(429) }, [500]],
    ["maintenance", { http: 500, json: error(131057) }, [500]],
    ["throttling with a time", { http: 400, json: error(4), headers: usage(1) }, [60_000]],
    ["Retry-After", { http: 429, text: "slow", headers: { "retry-after": "3" } }, [3_000]],
  ])("is made again after %s", async (_, bad, expected) => {
    const { account, asked, waits } = await peer((_one, nth) => (nth === 1 ? bad : good));
    expect((await account.readWaba()).name).toBe("Flores");
    expect([asked.length, waits]).toEqual([2, expected]);
  });

  it("says before each wait why, and for how long", async () => {
    const said: [string, number][] = [];
    const slow: Reply = { http: 429, text: "slow", headers: { "retry-after": "30" } };
    const { account } = await peer((_one, nth) => (nth === 1 ? slow : good), {
      onWait: (sentence, forMs) => said.push([sentence, forMs]),
    });
    await account.readWaba();
    const sentence =
      "Meta's limit of calls is reached (HTTP 429); it can be asked again in about 1 min.";
    expect(said).toEqual([[sentence, 30_000]]);
  });

  it("is given up after three times, waiting longer each time", async () => {
    const { account, asked, waits } = await peer(() => ({ http: 500, text: "" }));
    await expect(account.readWaba()).rejects.toMatchObject({ fault: "failed", code: null });
    expect([asked.length, waits]).toEqual([3, [500, 1_000]]);
  });

  it("does not wait for an hour, and says how long it would have been", async () => {
    const { account, asked, waits } = await peer(() => ({
      http: 400,
      json: error(80007),
      headers: usage(45),
    }));
    await expect(account.readWaba()).rejects.toThrow(
      "Meta's limit of calls is reached (code 80007); it can be asked again in about 45 min.",
    );
    expect([asked.length, waits]).toEqual([1, []]);
  });

  it.each<[string, Reply]>([
    ["a refusal", { http: 403, json: error(10) }],
    ["a refusal with HTTP 500", { http: 500, json: error(3) }],
    ["a page in HTML that is no fault", { http: 404, text: "<html>" }],
    ["another address", { http: 302, text: "", headers: { location: "/elsewhere" } }],
  ])("is not made again after %s", async (_, bad) => {
    const { account, waits } = await peer(() => bad);
    await expect(account.readWaba()).rejects.toMatchObject({ fault: "refused" });
    expect(waits).toEqual([]);
  });

  it("has a deadline", async () => {
    const { account, url } = await peer(() => (res) => void res.write("{"), { answerMs: 60 });
    await expect(account.readWaba()).rejects.toThrow(`${url} did not answer in time.`);
  });

  it("does not read an endless answer to its end", async () => {
    const chunk = Buffer.alloc(65_536, " ");
    const { account, asked } = await peer(() => (res) => {
      const more = () => {
        while (!res.destroyed && res.write(chunk));
      };
      res.on("drain", more);
      more();
    });
    await expect(account.readWaba()).rejects.toThrow("too large");
    expect(asked).toHaveLength(1);
  });

  it("ends when it is asked to stop", async () => {
    const stop = new AbortController();
    const { account, asked } = await peer(() => () => stop.abort(), { signal: stop.signal });
    const facts = await account.readFacts(what);
    expect(facts.unread).toHaveLength(4);
    expect(asked.length).toBeLessThanOrEqual(4);
  });

  it("that reaches nobody is no refusal", async () => {
    const { account } = await peer(() => good, { baseUrl: "http://127.0.0.1:9" });
    const facts = await account.readFacts(what);
    expect(facts.unread[0]).toEqual({
      part: "number",
      code: null,
      sentence: "http://127.0.0.1:9 refused the connection.",
      passes: true,
    });
  });

  it("keeps the path of the address", async () => {
    const { url, asked } = await peer(() => good);
    const account = openAccount({
      baseUrl: `${url}/proxy/`,
      version: "v25.0",
      accessToken: TOKEN,
      phoneNumberId: NUMBER,
      wabaId: WABA,
    });
    open.push(() => account.close());
    await account.readWaba();
    expect(asked[0]?.path).toBe(`/proxy/v25.0/${WABA}`);
  });
});

describe("a change", () => {
  it("of the TTL posts the template's new one", async () => {
    const { account, asked } = await peer(() => ({ json: { success: true } }));
    await account.editTemplate("7001", { ttlSeconds: 43_200 });
    expect(asked).toMatchObject([{ method: "POST", path: "7001" }]);
    expect(asked[0]?.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(String(asked[0]?.body))).toEqual({ message_send_ttl_seconds: 43_200 });
  });

  it.each<[string, TemplateEdit, object]>([
    [
      "max price",
      { maxPrice: { bidAmount: 6_000 } },
      {
        optimization_spec: { bid_strategy: "LOWEST_COST_WITH_BID_CAP", bid_amount: 6_000 },
      },
    ],
    [
      "creative optimisations",
      { creative: { image_touchups: "OPT_OUT" } },
      {
        degrees_of_freedom_spec: {
          creative_features_spec: { image_touchups: { enroll_status: "OPT_OUT" } },
        },
      },
    ],
  ])("of the %s posts what Meta documents", async (_, edit, body) => {
    const { account, asked } = await peer(() => ({ json: { success: true } }));
    await account.editTemplate("7001", edit);
    expect(asked).toMatchObject([{ method: "POST", path: "7001" }]);
    expect(JSON.parse(String(asked[0]?.body))).toEqual(body);
  });

  it.each([true, false])("of the switch posts %s to the account", async (disabled) => {
    const { account, asked } = await peer(() => ({ json: { id: WABA } }));
    await account.setCloudMarketing(disabled);
    expect(asked).toMatchObject([{ method: "POST", path: WABA }]);
    const body = { disable_marketing_messages_on_cloud_api: disabled };
    expect(JSON.parse(String(asked[0]?.body))).toEqual(body);
  });

  it.each<[string, Reply, object]>([
    ["a cut connection", (res) => void res.socket?.destroy(), { fault: "failed", code: null }],
    ["a 500", { http: 500, text: "" }, { fault: "failed", code: null }],
    ["code 2", { http: 503, json: error(2) }, { fault: "failed", code: 2 }],
    ["throttling", { http: 400, json: error(80007) }, { fault: "throttled", code: 80007 }],
    ["a refusal", { http: 400, json: error(100, "Bad TTL") }, { fault: "refused", code: 100 }],
  ])("is made once, whatever comes: %s", async (_, bad, expected) => {
    const { account, asked, waits } = await peer(() => bad);
    const failure = await account
      .editTemplate("7001", { ttlSeconds: 43_200 })
      .catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(GraphError);
    expect(failure).toMatchObject(expected);
    const isDoubtful = /is not known: read it again/.test((failure as GraphError).message);
    expect(isDoubtful).toBe((failure as GraphError).fault === "failed");
    expect([asked.length, waits]).toEqual([1, []]);
  });
});

describe("a question about", () => {
  it("reach names a country and a week, and gives the estimates", async () => {
    const json = {
      waba_currency: "BRL",
      estimates: [
        {
          bid_amount: 400,
          users: 1_000,
          deliveries_lower_bound: 500,
          deliveries_upper_bound: 570,
          cost_lower_bound: 389.74,
          cost_upper_bound: 390.74,
        },
      ],
    };
    const { account, asked } = await peer(() => ({ json }));
    expect(await account.readReach("BR")).toEqual({
      currency: "BRL",
      estimates: [{ bidAmount: 400, users: 1_000, deliveries: [500, 570], cost: [389.74, 390.74] }],
    });
    expect(asked).toMatchObject([{ method: "GET", path: `${WABA}/reachestimate` }]);
    expect(Object.fromEntries(asked[0]?.query ?? [])).toEqual({
      targeting_spec: '{"geo_locations":{"countries":["BR"]}}',
      date_interval: "L7D",
    });
  });

  it("the account's creative optimisations reads the account's shape", async () => {
    const spec = { data: [{ creative_features_spec: [{ image_touchups: "OPT_IN" }] }] };
    const json = { id: WABA, degrees_of_freedom_spec: spec };
    const { account, asked } = await peer(() => ({ json }));
    expect(await account.readCreative()).toEqual({ image_touchups: "OPT_IN" });
    expect(asked[0]?.query.get("fields")).toBe("degrees_of_freedom_spec");
  });
});

describe("an upload", () => {
  async function formOf(asked: Asked | undefined): Promise<FormData> {
    const headers = { "content-type": String(asked?.headers["content-type"]) };
    return new Response(new Uint8Array(asked?.body ?? []), { headers }).formData();
  }

  it("posts a form with the file, and gives its id", async () => {
    const { account, asked } = await peer(() => ({ json: { id: "4490709327384033" } }));
    const bytes = Buffer.from("\u0000\r\n--not the boundary\u00ff", "latin1");
    const id = await account.uploadMedia({ bytes, mime: "image/jpeg", filename: 'a "b"\r\n.jpg' });
    expect(id).toBe("4490709327384033");
    expect(asked).toMatchObject([{ method: "POST", path: `${NUMBER}/media` }]);
    const form = await formOf(asked[0]);
    expect([form.get("messaging_product"), form.get("type")]).toEqual(["whatsapp", "image/jpeg"]);
    const file = form.get("file") as File;
    expect(file.type).toBe("image/jpeg");
    expect(Buffer.from(await file.arrayBuffer())).toEqual(bytes);
  });

  it("is for the number that is named", async () => {
    const { account, paths } = await peer(() => ({ json: { id: "1" } }));
    const upload = { bytes: Buffer.from("x"), mime: "image/png", filename: "x.png" };
    await account.uploadMedia(upload, "106540352242923");
    expect(paths()).toEqual(["106540352242923/media"]);
  });

  it("streams a file of known size", async () => {
    const { account, asked } = await peer(() => ({ json: { id: "1" } }));
    const stream = (async function* () {
      for (let chunk = 0; chunk < 40; chunk += 1) yield Buffer.alloc(65_536, chunk);
    })();
    const size = 40 * 65_536;
    await account.uploadMedia({ stream, size, mime: "video/mp4", filename: "v.mp4" });
    expect(asked[0]?.headers["content-length"]).toBe(String(asked[0]?.body.length));
    expect(((await formOf(asked[0])).get("file") as File).size).toBe(size);
  });

  it("of a file that is shorter than it was said to be fails", async () => {
    const { account } = await peer(() => ({ json: { id: "1" } }));
    const stream = (async function* () {
      yield Buffer.from("short");
    })();
    const upload = { stream, size: 50, mime: "video/mp4", filename: "v.mp4" };
    await expect(account.uploadMedia(upload)).rejects.toBeInstanceOf(GraphError);
  });

  it.each<[string, Reply, object]>([
    ["without an id", { json: {} }, { fault: "failed" }],
    ["refused", { http: 400, json: error(131053) }, { fault: "refused", code: 131053 }],
  ])("%s fails", async (_, bad, expected) => {
    const { account } = await peer(() => bad);
    const upload = { bytes: Buffer.from("x"), mime: "image/png", filename: "x.png" };
    await expect(account.uploadMedia(upload)).rejects.toMatchObject(expected);
  });
});
