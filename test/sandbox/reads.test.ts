// What is reported of the number, the account, the templates and the token.

import { afterEach, describe, expect, it } from "vitest";

import type { Loose, Running } from "./posting.ts";
import { start } from "./posting.ts";

const PHONE = "100000000000001";
const ACCOUNT = "100000000000002";
const LIST = `${ACCOUNT}/message_templates`;
const BODY = [{ type: "BODY", text: "Hello." }];

let sandbox: Running | undefined;

afterEach(async () => {
  await sandbox?.end();
  sandbox = undefined;
});

async function play(keys: unknown = {}): Promise<Running> {
  sandbox = await start(keys);
  return sandbox;
}

describe("a field", () => {
  const cases: [keys: Loose, path: string, field: string, value: unknown][] = [
    [{}, PHONE, "status", "CONNECTED"],
    [{ phone_status: "FLAGGED" }, PHONE, "status", "FLAGGED"],
    [{ quality_rating: "RED" }, PHONE, "quality_rating", "RED"],
    [{}, PHONE, "throughput", { level: "STANDARD" }],
    [{ throughput: 1_000 }, PHONE, "throughput", { level: "HIGH" }],
    [{ throughput_level: "NOT_APPLICABLE" }, PHONE, "throughput", { level: "NOT_APPLICABLE" }],
    [{ messaging_limit: "TIER_2K" }, PHONE, "whatsapp_business_manager_messaging_limit", "TIER_2K"],
    [{ verified_name: "Flores" }, PHONE, "verified_name", "Flores"],
    [{ name_status: "DECLINED" }, PHONE, "name_status", "DECLINED"],
    [{}, ACCOUNT, "marketing_messages_onboarding_status", "ONBOARDED"],
    [
      { onboarding_status: "ELIGIBLE" },
      ACCOUNT,
      "marketing_messages_onboarding_status",
      "ELIGIBLE",
    ],
    [
      { disable_marketing_messages_on_cloud_api: true },
      ACCOUNT,
      "disable_marketing_messages_on_cloud_api",
      true,
    ],
    [{}, ACCOUNT, "primary_funding_id", "100000000000003"],
    [{ funding: false }, ACCOUNT, "primary_funding_id", undefined],
    [{}, ACCOUNT, "currency", "USD"],
    [{}, "1000000000000", "message_send_ttl_seconds", 86_400],
    [{}, "1000000000000", "quality_score", { score: "GREEN" }],
    [{}, "1000000000000", "previous_category", undefined],
  ];
  it.each(cases)("with %j of %s: %s is %j", async (keys, path, field, value) => {
    const { get } = await play(keys);
    const { json } = await get(`${path}?fields=${field}`);
    expect(json).toEqual({ id: path, ...(value !== undefined && { [field]: value }) });
  });

  it("of the owner says whether the terms are signed", async () => {
    const { get } = await play({ terms_signed: false });
    const { json } = await get(`${ACCOUNT}?fields=owner_business_info`);
    expect(json.owner_business_info.marketing_messages_onboarding_status).toEqual({
      status: "NOT_STARTED",
    });
  });

  it("of a template has every key of Graph and none of ours", async () => {
    const reported = {
      name: "reported",
      language: "en",
      components: BODY,
      previous_category: "UTILITY",
      correct_category: "UTILITY",
      rejected_reason: "NONE",
      quality_score: { score: "RED", date: 1 },
      message_send_ttl_seconds: null,
      optimization_spec: { bid_amount: 5 },
    };
    const own = { syncing: true, held_share: 0, last_updated_seconds_ago: 60 };
    const { get } = await play({ templates: [{ ...reported, ...own, id: "77" }] });
    const fields = [...Object.keys(reported), "last_updated_time"].join(",");
    const { json } = await get(`77?fields=${fields}`);
    expect(json).toEqual({ id: "77", ...reported, last_updated_time: expect.any(String) });
    const age = Date.now() - Date.parse(json.last_updated_time);
    expect(age).toBeGreaterThan(59_000);
    expect(age).toBeLessThan(90_000);
    expect(json.last_updated_time).toMatch(/\+0000$/);
    expect(Object.keys((await get("77")).json).sort()).toEqual(
      ["category", "components", "id", "language", "name", "parameter_format", "status"].sort(),
    );
  });
});

describe("health_status", () => {
  const cases: [keys: Loose, path: string, can: string, entities: string[]][] = [
    [{}, PHONE, "AVAILABLE", []],
    [{ health: { phone_number: "LIMITED" } }, PHONE, "LIMITED", ["PHONE_NUMBER"]],
    [{ health: { phone_number: "BLOCKED" } }, ACCOUNT, "AVAILABLE", []],
    [
      { health: { waba: "BLOCKED", business: "LIMITED" } },
      ACCOUNT,
      "BLOCKED",
      ["WABA", "BUSINESS"],
    ],
    [{ health: { app: "LIMITED" } }, "1000000000000", "LIMITED", ["APP"]],
    [
      { templates: [{ name: "a", language: "en", components: BODY, status: "PAUSED" }] },
      "1000000000000",
      "BLOCKED",
      ["MESSAGE_TEMPLATE"],
    ],
  ];
  it.each(cases)("with %j of %s is %s", async (keys, path, can, sick) => {
    const { get } = await play(keys);
    const { health_status: health } = (await get(`${path}?fields=health_status`)).json;
    expect(health.can_send_message).toBe(can);
    const seen = health.entities.filter((one: Loose) => one.can_send_message !== "AVAILABLE");
    expect(seen.map((one: Loose) => one.entity_type)).toEqual(sick);
    for (const one of seen) {
      expect(one).toHaveProperty(one.can_send_message === "BLOCKED" ? "errors" : "additional_info");
    }
  });
});

describe("a server with other fields", () => {
  it("refuses a field that the node does not have, in Graph's words", async () => {
    const { get } = await play();
    for (const path of [PHONE, ACCOUNT, LIST, `${ACCOUNT}/phone_numbers`, "1000000000000"]) {
      const answer = await get(`${path}?fields=id,ttl`);
      expect(answer.status).toBe(400);
      expect(answer.json.error).toMatchObject({ code: 100, type: "OAuthException" });
      expect(answer.json.error.message).toMatch(
        /^\(#100\) Tried accessing nonexistent field \(ttl\) on node type \(WhatsApp\w+\)$/,
      );
      expect(answer.json.error).not.toHaveProperty("error_data");
    }
  });

  it("can leave it out", async () => {
    const { get } = await play({ refuse_unknown_fields: false });
    expect((await get(`${PHONE}?fields=status,ttl`)).json).toEqual({
      id: PHONE,
      status: "CONNECTED",
    });
  });

  it("can lack one that Graph has", async () => {
    const { get } = await play({ nonexistent_fields: ["throughput"] });
    expect((await get(`${PHONE}?fields=throughput`)).json.error.code).toBe(100);
    expect((await get(`${PHONE}?fields=status`)).status).toBe(200);
  });

  it("takes the names of fields that have fields of their own", async () => {
    const { get } = await play();
    const { json } = await get(`${ACCOUNT}?fields=phone_numbers.limit(3){id,status},name,currency`);
    expect(json).toEqual({ id: ACCOUNT, name: "Sandbox", currency: "USD" });
  });

  it("can return less", async () => {
    const { get } = await play({ returns_less: true });
    const phone = await get(`${PHONE}?fields=verified_name,status,health_status`);
    expect(phone.json).toEqual({ id: PHONE, verified_name: "Sandbox" });
    const account = await get(`${ACCOUNT}?fields=primary_funding_id,name`);
    expect(account.json).toEqual({ id: ACCOUNT, name: "Sandbox" });
    const list = (await get(`${LIST}?fields=name,message_send_ttl_seconds`)).json;
    expect(list).toEqual({ data: [{ id: "1000000000000", name: "spring_sale" }] });
    expect((await get("debug_token?input_token=sandbox-token")).status).toBe(400);
  });
});

describe("the list of templates", () => {
  const many = Array.from({ length: 60 }, (_, index) => ({
    name: `t_${index}`,
    language: index % 2 === 0 ? "en" : "pt_BR",
    components: BODY,
    ...(index === 7 && { status: "PAUSED", quality_score: { score: "RED" } }),
    ...(index === 8 && { category: "UTILITY" }),
  }));

  it("comes in pages, to the end, each template once", async () => {
    const { get, call } = await play({ templates: many });
    const names: string[] = [];
    let path = `${LIST}?fields=name&limit=25`;
    let pages = 0;
    for (let next: string | undefined = path; next !== undefined; pages += 1) {
      const { json } = await get(path);
      names.push(...json.data.map((one: Loose) => one.name));
      expect(Object.keys(json.paging.cursors)).toEqual(["before", "after"]);
      next = json.paging.next;
      path = `${LIST}?fields=name&limit=25&after=${json.paging.cursors.after}`;
      if (next === undefined) break;
      // The address that Graph gives leads to the same page, and says no token.
      const url = new URL(next);
      expect(next).not.toContain("sandbox-token");
      const headers = { authorization: "Bearer sandbox-token" };
      const same = await call("GET", url.pathname + url.search, undefined, headers);
      expect(same.json.data).toEqual((await get(path)).json.data);
    }
    expect(pages).toBe(2);
    expect(names).toEqual(many.map(({ name }) => name));
  });

  it("has 25 on a page that was not asked for, or what the scenario says", async () => {
    const { get, patch } = await play({ templates: many });
    expect((await get(LIST)).json.data).toHaveLength(25);
    await patch({ management: { page_size: 2 } });
    expect((await get(LIST)).json.data).toHaveLength(2);
  });

  it.each([
    ["name=t_5", 11],
    ["name=t_5&language=en", 5],
    ["status=PAUSED", 1],
    ["status=paused", 1],
    ["category=UTILITY", 1],
    ["quality_score=RED", 1],
    ["name=none", 0],
  ])("filters by %s: %d", async (query, count) => {
    const { get } = await play({ templates: many });
    expect((await get(`${LIST}?limit=100&${query}`)).json.data).toHaveLength(count);
  });

  it.each(["after=x", "after=abcZD", "limit=0", "limit=x", "limit=2000"])(
    "refuses %s",
    async (query) => {
      const { get } = await play({ templates: many });
      const answer = await get(`${LIST}?${query}`);
      expect([answer.status, answer.json.error.code]).toEqual([400, 100]);
    },
  );

  it("ends behind its end", async () => {
    const { get } = await play();
    const { json } = await get(LIST);
    const after = await get(`${LIST}?after=${json.paging.cursors.after}`);
    expect(after.json).toEqual({ data: [] });
  });
});

describe("the token", () => {
  const ask = "debug_token?input_token=sandbox-token";

  it("never expires and has both permissions", async () => {
    const { get } = await play();
    expect((await get(ask)).json.data).toMatchObject({
      is_valid: true,
      expires_at: 0,
      type: "SYSTEM_USER",
      scopes: ["whatsapp_business_management", "whatsapp_business_messaging"],
    });
  });

  it("can be asked of without a version, and with itself in the address", async () => {
    const { call } = await play();
    const path = "/debug_token?input_token=sandbox-token&access_token=sandbox-token";
    expect((await call("GET", path)).json.data.is_valid).toBe(true);
  });

  it("can expire at an instant", async () => {
    const { get } = await play({ token: { expires_in_seconds: 3_600 } });
    const seconds = (await get(ask)).json.data.expires_at - Date.now() / 1_000;
    expect(seconds).toBeGreaterThan(3_500);
    expect(seconds).toBeLessThanOrEqual(3_600);
  });

  it("opens nothing when it is over", async () => {
    const { get, patch } = await play();
    await patch({ token: { expires_in_seconds: 0 } });
    for (const path of [PHONE, ACCOUNT, LIST, ask]) {
      const answer = await get(path);
      expect(answer.status).toBe(401);
      expect(answer.json.error).toMatchObject({ code: 190, error_subcode: 463 });
    }
  });

  it("is not valid when it is another", async () => {
    const { get } = await play();
    const { json } = await get("debug_token?input_token=other");
    expect(json.data).toMatchObject({ is_valid: false, scopes: [], error: { code: 190 } });
    expect((await get("debug_token")).json.error.code).toBe(100);
  });

  it.each([
    [["whatsapp_business_messaging"], [200, 403, 403, 403]],
    [["whatsapp_business_management"], [200, 200, 200, 200]],
    [[], [403, 403, 403, 403]],
  ])("with %j opens %j", async (scopes, http) => {
    const { get } = await play({ token: { scopes } });
    const seen = [];
    for (const path of [PHONE, ACCOUNT, LIST, "1000000000000"]) seen.push((await get(path)).status);
    expect(seen).toEqual(http);
  });
});
