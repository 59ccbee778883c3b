// What concerns every message: limits, policies, the account's state, latency; and changing them.

import { afterEach, describe, expect, it } from "vitest";
import type { Loose, Running } from "./posting.ts";
import { message, ORDINARY, start } from "./posting.ts";

let sandbox: Running | undefined;

afterEach(async () => {
  await sandbox?.end();
  sandbox = undefined;
});

async function play(keys: unknown): Promise<Running> {
  sandbox = await start(keys);
  return sandbox;
}

const person = (index: number): string => `+55209${10_000_000 + index}`;

describe("the path", () => {
  const notOnboarded = { onboarding_status: "ELIGIBLE" };
  const unsigned = { terms_signed: false };
  const disabled = { disable_marketing_messages_on_cloud_api: true };

  it.each([
    [{}, undefined, "marketing_lite"],
    [{}, "STRICT", "marketing_lite"],
    [disabled, undefined, "marketing_lite"],
    [notOnboarded, undefined, "marketing"],
    [notOnboarded, "CLOUD_API_FALLBACK", "marketing"],
    [unsigned, undefined, "marketing"],
  ])("of %j with %s is %s", async (keys, product_policy, path) => {
    const { post, events } = await play(keys);
    expect((await post(message(ORDINARY, { product_policy }))).status).toBe(200);
    expect(events().at(-1)).toMatchObject({ event: "accepted", path });
  });

  it.each([
    [{ ...notOnboarded, ...disabled }, undefined, 131063, 400],
    [{ ...unsigned, ...disabled }, undefined, 131063, 400],
    [notOnboarded, "STRICT", 134102, 500],
    [{ ...unsigned, ...disabled }, "STRICT", 134102, 500],
  ])("of %j with %s is none: %d", async (keys, product_policy, code, http) => {
    const { post } = await play(keys);
    const answer = await post(message(ORDINARY, { product_policy }));
    expect([answer.status, answer.json.error.code]).toEqual([http, code]);
  });
});

describe("a state that concerns all", () => {
  it.each([
    [190, 401],
    [131042, 400],
    [131031, 403],
    [368, 403],
    [131048, 400],
    [4, 400],
    [999_999, 400],
  ])("refuses with %d and HTTP %d, and is over when it is over", async (code, http) => {
    const { post, patch } = await play({ account_state: { refuse_all: code } });
    const answer = await post(message());
    expect([answer.status, answer.json.error.code]).toEqual([http, code]);
    await patch({ account_state: { refuse_all: null } });
    expect((await post(message())).status).toBe(200);
  });
});

describe("switches", () => {
  it("can give 134100 for a template that is not marketing", async () => {
    const { post, patch } = await play({ non_marketing_code: 134100 });
    await patch({ templates: [{ name: "spring_sale", language: "pt_BR", category: "UTILITY" }] });
    expect((await post(message())).json.error.code).toBe(134100);
  });

  it("can refuse callback data", async () => {
    const { post } = await play({ accept_callback_key: false });
    const answer = await post(message(ORDINARY, { biz_opaque_callback_data: "k" }));
    expect(answer.json.error).toMatchObject({ code: 100 });
    expect(answer.json.error.message).toContain("biz_opaque_callback_data");
    expect((await post(message())).status).toBe(200);
  });

  it("can leave message_status out of what is not paced", async () => {
    const { post } = await play({ message_status: "when_paced" });
    expect((await post(message())).json.messages[0]).not.toHaveProperty("message_status");
    expect((await post(message("+46701740607"))).json.messages[0].message_status).toBe(
      "held_for_quality_assessment",
    );
  });

  it("can hold messages", async () => {
    const { post, events } = await play({ held_share: 1 });
    expect((await post(message())).json.messages[0].message_status).toBe(
      "held_for_quality_assessment",
    );
    expect(events().at(-1)).toMatchObject({ message_status: "held_for_quality_assessment" });
  });

  it("has another country, token and id", async () => {
    const { post, events } = await play({
      business_country_code: "44",
      access_token: "other-token",
      phone_number_id: "7",
    });
    expect((await post(message("7700 900123"))).status).toBe(200);
    expect(events().at(-1)).toMatchObject({ to: "+447700900123" });
  });
});

describe("the throughput limit", () => {
  it("refuses with 130429 what comes beyond it, and lets it in later", async () => {
    const { post, events } = await play({ throughput: 20, pair_limit: false });
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => post(message(person(index)))),
    );
    const [begin = 0] = events().flatMap(({ event, at }) => (event === "accepted" ? [at] : []));
    const inFirstSecond = events().filter(({ at }) => at >= begin && at < begin + 1_000);
    // Twenty a second with the slack for jitter; on a busy machine some posts may come later.
    const accepted = inFirstSecond.filter(({ event }) => event === "accepted");
    expect(accepted).toHaveLength(Math.min(21, inFirstSecond.length));
    const refused = answers.find((answer) => answer.status !== 200);
    expect([refused?.status, refused?.json.error.code]).toEqual([400, 130429]);
    expect(answers.at(-1)?.headers["x-business-use-case-usage"]).toContain('"call_count":100');
    await until(() => Date.now() - begin > 1_050);
    expect((await post(message(person(99)))).status).toBe(200);
  });

  it("can have HTTP 429, as others have seen", async () => {
    const { post } = await play({ throughput: 1, throttle_http_status: 429 });
    const answers = await Promise.all([0, 1, 2].map((index) => post(message(person(index)))));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 200, 429]);
  });
});

describe("the pair limit", () => {
  it("refuses the 46th message at once to one person with 131056, and nobody else's", async () => {
    const { post } = await play({ throughput: null });
    const answers = [];
    for (let index = 0; index < 46; index += 1) answers.push(await post(message()));
    expect(answers.slice(0, 45).every((answer) => answer.status === 200)).toBe(true);
    expect(answers[45]?.json.error.code).toBe(131056);
    expect((await post(message(person(1)))).status).toBe(200);
  });

  it("can be off", async () => {
    const { post } = await play({ throughput: null, pair_limit: false });
    for (let index = 0; index < 46; index += 1) expect((await post(message())).status).toBe(200);
  });

  it("has a special number that is refused twice", async () => {
    const { post } = await play({});
    const codes = [];
    for (let index = 0; index < 4; index += 1) {
      codes.push((await post(message("+46701740623"))).json.error?.code ?? 200);
    }
    expect(codes).toEqual([131056, 131056, 200, 200]);
  });

  it("and a special number that meets the throughput limit once", async () => {
    const { post } = await play({});
    expect((await post(message("+46701740624"))).json.error.code).toBe(130429);
    expect((await post(message("+46701740624"))).status).toBe(200);
  });
});

describe("latency", () => {
  it("delays the answer and not the acceptance", async () => {
    const { post, events } = await play({ latency_ms: { min: 300, max: 320 } });
    const start = performance.now();
    let isAnswered = false;
    const answer = post(message()).then(() => {
      isAnswered = true;
    });
    await until(() => events().some((event) => event.event === "accepted"));
    expect(isAnswered).toBe(false);
    await answer;
    expect(performance.now() - start).toBeGreaterThanOrEqual(299);
  });
});

describe("/_sandbox", () => {
  it("shows the scenario without its token, the counters and the special numbers", async () => {
    const { post, call } = await play({ faults: [{ on: { nth: 3 }, do: "html_403" }] });
    await post(message());
    await post(message("+46701740620"));
    await post(message(person(5)));
    const { json, text } = await call("GET", "/_sandbox");
    expect(json.counters).toEqual({
      requests: 3,
      accepted: 1,
      refused: { 131021: 1 },
      faults: { html_403: 1 },
      receipts: 0,
      deliveries: 0,
      management: 0,
    });
    expect(json.scenario.throughput).toBe(80);
    expect(json.special_numbers.length).toBeGreaterThan(20);
    expect(text).not.toContain("sandbox-token");
  });

  it("changes one template and leaves the others", async () => {
    const { post, patch } = await play({});
    await patch({ templates: [{ name: "spring_sale", language: "pt_BR", status: "PAUSED" }] });
    expect((await post(message())).json.error.code).toBe(132015);
    await patch({ templates: [{ name: "spring_sale", language: "pt_BR", status: "APPROVED" }] });
    expect((await post(message())).status).toBe(200);
  });

  it("merges objects, and keeps what is not named", async () => {
    const { patch } = await play({ shares: { opted_out: 0.25 } });
    const { json } = await patch({ shares: { unreachable: 0.5 } });
    expect(json.scenario.shares).toMatchObject({ opted_out: 0.25, unreachable: 0.5 });
  });

  it("refuses what is wrong, names it, and changes nothing", async () => {
    const { patch, call } = await play({});
    for (const body of [{ throughput: 0 }, { nonsense: 1 }, [], "x"]) {
      const answer = await patch(body);
      expect(answer.status).toBe(400);
      expect(answer.json.problems).not.toEqual([]);
    }
    expect((await call("PATCH", "/_sandbox", "{")).status).toBe(400);
    expect((await call("POST", "/_sandbox", "{}")).status).toBe(405);
    expect((await call("GET", "/_sandbox")).json.scenario.throughput).toBe(80);
  });

  it("lets faults that were not changed go on counting", async () => {
    const { post, patch } = await play({ faults: [{ on: { nth: 2 }, do: "html_403" }] });
    await post(message());
    await patch({ throughput: 100 });
    expect((await post(message())).status).toBe(403);
  });
});

describe("GET", () => {
  const authorization = { authorization: "Bearer sandbox-token" };

  it("the phone number's fields", async () => {
    const { call } = await play({ quality_rating: "RED" });
    const path = "/v25.0/100000000000001?fields=status,quality_rating,throughput";
    expect((await call("GET", path, undefined, authorization)).json).toEqual({
      id: "100000000000001",
      status: "CONNECTED",
      quality_rating: "RED",
      throughput: { level: "STANDARD" },
    });
    expect((await call("GET", path)).status).toBe(401);
  });

  it("the account's fields", async () => {
    const { call } = await play({ onboarding_status: "ELIGIBLE" });
    const fields = "marketing_messages_onboarding_status,disable_marketing_messages_on_cloud_api";
    const path = `/v25.0/100000000000002?fields=${fields}`;
    expect((await call("GET", path, undefined, authorization)).json).toEqual({
      id: "100000000000002",
      marketing_messages_onboarding_status: "ELIGIBLE",
      disable_marketing_messages_on_cloud_api: false,
    });
  });

  it("the templates, filtered, without our own keys", async () => {
    const { call, patch } = await play({});
    await patch({
      templates: [{ name: "other", language: "en", components: [], status: "PAUSED" }],
    });
    const path = "/v25.0/100000000000002/message_templates";
    const all = (await call("GET", path, undefined, authorization)).json;
    expect(all.data.map((one: Loose) => one.name)).toEqual(["spring_sale", "other"]);
    expect(all.data[0]).not.toHaveProperty("syncing");
    // One page: there are cursors, and no address of a next one.
    expect(Object.keys(all.paging)).toEqual(["cursors"]);
    const some = await call(
      "GET",
      `${path}?name=spring&status=approved&fields=name,message_send_ttl_seconds`,
      undefined,
      authorization,
    );
    expect(some.json.data).toEqual([
      { id: "1000000000000", name: "spring_sale", message_send_ttl_seconds: 86_400 },
    ]);
  });
});

async function until(isTrue: () => boolean): Promise<void> {
  for (let waited = 0; !isTrue(); waited += 1) {
    if (waited > 400) throw new Error("waited for 2 s");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
