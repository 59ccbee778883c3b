// Accounts and templates in a wrong state: what sends get.

import { afterEach, describe, expect, it } from "vitest";

import type { Loose, Running } from "./posting.ts";
import { message, ORDINARY, start } from "./posting.ts";

const QUIET = { pair_limit: false, throughput: null, receipt_delay_ms: null };
const NAMED = { name: "spring_sale", language: "pt_BR" };
const USER = { to: undefined, recipient: "BR.abc" };

let sandbox: Running | undefined;

afterEach(async () => {
  await sandbox?.end();
  sandbox = undefined;
});

/** The default scenario with other keys, and other keys of its template. */
async function play(keys: Loose, template: Loose = {}): Promise<Running> {
  sandbox = await start({ ...QUIET, ...keys });
  const patched = await sandbox.patch({ templates: [{ ...NAMED, ...template }] });
  expect(patched.status).toBe(200);
  return sandbox;
}

describe("a send", () => {
  const maxPrice = { optimization_spec: { bid_strategy: "LOWEST_COST_WITH_BID_CAP" } };
  const bid = { bid_spec: { per_message_bid_multiplier: 1.5 } };
  const cases: [keys: Loose, template: Loose, changes: Loose, code: number, http: number][] = [
    [{ phone_status: "PENDING" }, {}, {}, 133010, 400],
    [{ phone_status: "DISCONNECTED" }, {}, {}, 133010, 400],
    [{ phone_status: "DELETED" }, {}, {}, 33, 400],
    [{ phone_status: "BANNED" }, {}, {}, 131031, 403],
    [{ phone_status: "RATE_LIMITED" }, {}, {}, 131048, 400],
    [{ health: { phone_number: "BLOCKED" } }, {}, {}, 131031, 403],
    [{ health: { business: "BLOCKED" } }, {}, {}, 131031, 403],
    [{ funding: false }, {}, {}, 131042, 400],
    [{ token: { scopes: ["whatsapp_business_management"] } }, {}, {}, 10, 403],
    [{ token: { expires_in_seconds: 0 } }, {}, {}, 190, 401],
    [{ account_state: { refuse_all: 368 }, funding: false }, {}, {}, 368, 403],
    [{}, { status: "PAUSED" }, {}, 132015, 400],
    [{}, { status: "DISABLED" }, {}, 132016, 400],
    [{}, { status: "IN_APPEAL" }, {}, 132001, 404],
    [{}, { category: "UTILITY" }, {}, 131055, 400],
    [{ non_marketing_code: 134100 }, { category: "UTILITY" }, {}, 134100, 400],
    [{}, { syncing: true }, {}, 134101, 400],
    [{}, { sync: {} }, {}, 134101, 400],
    [{}, { sync: { code: 131009 } }, {}, 131009, 400],
    [{}, { sync: { from: "first_send" } }, {}, 134101, 400],
    [{}, maxPrice, USER, 131062, 400],
    [{ onboarding_status: "ELIGIBLE" }, maxPrice, {}, 131061, 400],
    [{}, {}, bid, 100, 400],
    [{}, maxPrice, { bid_spec: { per_message_bid_multiplier: 0 } }, 100, 400],
    [{}, maxPrice, { bid_spec: { per_message_bid_multiplier: "1" } }, 100, 400],
    [{}, maxPrice, { bid_spec: { bid: 1 } }, 100, 400],
    [{}, maxPrice, { bid_spec: 2 }, 100, 400],
    [{}, {}, { message_send_ttl_seconds: 43_200 }, 100, 400],
  ];
  it.each(cases)("with %j, %j and %j gets %d", async (keys, template, changes, code, http) => {
    const { post, events } = await play(keys, template);
    const answer = await post(message(ORDINARY, changes));
    expect([answer.status, answer.json.error?.code]).toEqual([http, code]);
    expect(events().at(-1)).toMatchObject({ event: "refused", code });
  });

  const good: [keys: Loose, template: Loose, changes: Loose][] = [
    [{ phone_status: "FLAGGED" }, {}, {}],
    [{ quality_rating: "RED" }, {}, {}],
    [{ name_status: "DECLINED" }, {}, {}],
    [{ health: { phone_number: "LIMITED", waba: "LIMITED" } }, {}, {}],
    [{ token: { expires_in_seconds: 3_600 } }, {}, {}],
    [{ token: { scopes: ["whatsapp_business_messaging"] } }, {}, {}],
    [{}, { correct_category: "UTILITY" }, {}],
    [{}, { quality_score: { score: "RED" } }, {}],
    [{}, { sync: { seconds: 0 } }, {}],
    [{}, maxPrice, bid],
    [{}, maxPrice, { bid_spec: {} }],
    [{}, maxPrice, {}],
    // Of the two, `to` wins.
    [{}, maxPrice, { recipient: "BR.abc" }],
    [{}, {}, USER],
  ];
  it.each(good)("with %j, %j and %j is accepted", async (keys, template, changes) => {
    const { post } = await play(keys, template);
    const answer = await post(message(ORDINARY, changes));
    expect([answer.text, answer.status]).toEqual([expect.stringContaining("wamid."), 200]);
  });
});

describe("an ad sync", () => {
  it("begins again when it is said again, and ends", async () => {
    const { post, patch } = await play({}, { sync: { seconds: 0.3 } });
    expect((await post(message())).json.error.code).toBe(134101);
    await until(async () => (await post(message())).status === 200);
    await patch({ templates: [{ ...NAMED, sync: { seconds: 500 } }] });
    expect((await post(message())).json.error.code).toBe(134101);
    // Another change leaves it alone.
    await patch({ templates: [{ ...NAMED, sync: { seconds: 0 } }], funding: true });
    expect((await post(message())).status).toBe(200);
  });

  it("of a dormant template begins with the first message", async () => {
    const { post } = await play({}, { sync: { seconds: 0.2, from: "first_send" } });
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect((await post(message())).json.error.code).toBe(134101);
    await until(async () => (await post(message())).status === 200);
  });
});

describe("a template that is paced", () => {
  it("has messages held, and the others' are not", async () => {
    const plain = { name: "plain", language: "en", components: [{ type: "BODY", text: "Hi." }] };
    const { post, patch } = await play({}, { held_share: 1 });
    await patch({ templates: [plain] });
    const template = { name: "plain", language: { code: "en" } };
    const held = await post(message());
    expect(held.json.messages[0].message_status).toBe("held_for_quality_assessment");
    const free = await post(message(ORDINARY, { template }));
    expect(free.json.messages[0].message_status).toBe("accepted");
  });

  it("can lose what was held: 132015 by receipt", async () => {
    const { post, events } = await play(
      { receipt_delay_ms: 1 },
      { held_share: 1, held_dropped: true },
    );
    expect((await post(message())).status).toBe(200);
    await until(() => Promise.resolve(events().some(({ event }) => event === "receipt")));
    expect(events().at(-1)).toMatchObject({ event: "receipt", status: "failed", code: 132015 });
  });
});

describe("the portfolio's limit", () => {
  const person = (index: number): string => `+55209${10_000_000 + index}`;

  async function reach({ post }: Running, count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      expect((await post(message(person(index)))).status).toBe(200);
    }
  }

  it("refuses a person more, and nobody who was reached", async () => {
    const over = { messaging_limit: "TIER_50", over_messaging_limit: { code: 131048 } };
    const running = await play(over);
    await reach(running, 50);
    expect((await running.post(message(person(50)))).json.error.code).toBe(131048);
    expect((await running.post(message(person(49)))).status).toBe(200);
    expect((await running.post(message(ORDINARY, USER))).json.error.code).toBe(131048);
    await running.patch({ messaging_limit: "TIER_250" });
    expect((await running.post(message(person(50)))).status).toBe(200);
  });

  it("can be known by a receipt", async () => {
    const running = await play({
      messaging_limit: "TIER_50",
      over_messaging_limit: { code: 131048, told_by: "receipt" },
      receipt_delay_ms: 1,
    });
    await reach(running, 51);
    const failed = (): Loose[] => running.events().filter((one: Loose) => one.status === "failed");
    await until(() => Promise.resolve(failed().length > 0));
    expect(failed()).toMatchObject([{ code: 131048 }]);
  });

  it("does nothing by itself, since Meta names no code", async () => {
    await reach(await play({ messaging_limit: "TIER_50" }), 51);
  });
});

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await isTrue()); waited += 1) {
    if (waited > 400) throw new Error("waited for 2 s");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
