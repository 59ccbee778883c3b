import { afterEach, describe, expect, it } from "vitest";

import type { Running } from "./posting.ts";
import { message, start } from "./posting.ts";

let sandbox: Running | undefined;

afterEach(async () => {
  await sandbox?.end();
  sandbox = undefined;
});

/** Bodies that were reported, of everything that is no receipt. */
async function toldAfter(keys: object, act: (running: Running) => Promise<unknown>, count: number) {
  const bodies: string[] = [];
  let enough = (): void => {};
  const reported = new Promise<void>((resolve) => {
    enough = resolve;
  });
  sandbox = await start(
    { receipt_delay_ms: 5, ...keys },
    {
      deliver(body) {
        if (!body.includes('"statuses"')) bodies.push(body);
        if (bodies.length === count) enough();
      },
    },
  );
  await act(sandbox);
  await reported;
  return bodies.map((body) => JSON.parse(body).entry[0]);
}

const QUICK_REPLIES = {
  name: "quick",
  language: "en_US",
  components: [
    { type: "BODY", text: "Hi" },
    {
      type: "BUTTONS",
      buttons: [
        { type: "QUICK_REPLY", text: "More" },
        { type: "QUICK_REPLY", text: "Stop promotions" },
      ],
    },
  ],
};

describe("people with a message", () => {
  it("follow its link", async () => {
    const [{ changes }] = await toldAfter({}, (one) => one.post(message("+46701740650")), 1);
    expect(changes[0].field).toBe("messages");
    expect(changes[0].value.user_actions).toMatchObject([
      {
        action_type: "marketing_messages_link_click",
        timestamp: expect.any(Number),
        marketing_messages_link_click_data: { click_component: "cta" },
      },
    ]);
  });

  it("tap its last quick reply, with the payload that was posted", async () => {
    const components = [
      {
        type: "button",
        sub_type: "quick_reply",
        index: "1",
        parameters: [{ type: "payload", payload: "no more" }],
      },
    ];
    let id = "";
    const [{ changes }] = await toldAfter(
      { templates: [QUICK_REPLIES], shares: { read: 1, tap: 1 } },
      async (one) => {
        const template = { name: "quick", language: { code: "en_US" }, components };
        id = (await one.post(message(undefined, { template }))).json.messages[0].id;
      },
      1,
    );
    expect(changes[0].value.messages[0]).toMatchObject({
      type: "button",
      button: { text: "Stop promotions", payload: "no more" },
      context: { id, from: "552055550100" },
    });
  });

  it("write a stop word, stop marketing messages, and take them again", async () => {
    const entries = await toldAfter(
      {},
      async (one) => {
        await one.post(message("+46701740652"));
        await one.post(message("+46701740654"));
      },
      3,
    );
    const values = entries.map(({ changes }) => changes[0]);
    expect(values[0].value.messages[0]).toMatchObject({
      from: "46701740652",
      type: "text",
      text: { body: "SAIR" },
    });
    expect(
      values.slice(1).map(({ field, value }) => [field, value.user_preferences[0]]),
    ).toMatchObject([
      ["user_preferences", { wa_id: "46701740654", value: "stop", category: "marketing_messages" }],
      ["user_preferences", { wa_id: "46701740654", value: "resume" }],
    ]);
  });

  it("act in the shares of the scenario, and only who has read it writes", async () => {
    sandbox = await start({
      receipt_delay_ms: 1,
      pair_limit: false,
      throughput: null,
      shares: { read: 0.5, click: 1, stop: 0.3 },
    });
    for (let at = 0; at < 40; at += 1) await sandbox.post(message(`+55209${20_000_000 + at}`));
    while (sandbox.pending(60_000) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const events = sandbox.events();
    const of = (what: string): number =>
      events.filter(
        (one) =>
          (one.event === "receipt" ? one.status : one.event === "notice" ? one.act : "") === what,
      ).length;
    expect(of("click")).toBe(of("read"));
    expect(of("read")).toBeLessThan(40);
    expect(of("stop")).toBeGreaterThan(2);
    expect(of("stop")).toBeLessThan(25);
    expect(of("tap")).toBe(0);
  });
});

describe("people who write by themselves", () => {
  it("do so after so many messages, under WhatsApp's own id", async () => {
    const inbound = [
      { from: "+5531912345678", after_messages: 2, preference: "stop" },
      { from: "BR.123", after_messages: 1, text: "SAIR" },
    ];
    const entries = await toldAfter(
      { inbound, brazil_short_ids: 1, receipt_delay_ms: null },
      async (one) => {
        await one.post(message("+46701740605"));
        await one.post(message("+46701740606"));
      },
      2,
    );
    expect(entries.map(({ changes }) => changes[0].value)).toMatchObject([
      { messages: [{ from_user_id: "BR.123", text: { body: "SAIR" } }] },
      { user_preferences: [{ wa_id: "553112345678", value: "stop" }] },
    ]);
  });

  it("do so on demand", async () => {
    const entries = await toldAfter(
      {},
      (one) => one.patch({ inbound: [{ from: "+46701740605", after_ms: 0, text: "Oi" }] }),
      1,
    );
    expect(entries[0].changes[0].value.messages[0].text.body).toBe("Oi");
  });
});

describe("the account's events", () => {
  const template = { name: "spring_sale", language: "pt_BR" };
  it.each([
    [
      "a template that is paused",
      [{ templates: [{ ...template, status: "PAUSED" }] }],
      [
        {
          field: "message_template_status_update",
          value: {
            event: "PAUSED",
            message_template_id: 1_000_000_000_000,
            message_template_name: "spring_sale",
            message_template_language: "pt-BR",
            other_info: { title: "FIRST_PAUSE" },
          },
        },
      ],
    ],
    [
      "one that is taken out of it, one that is rejected",
      [
        { templates: [{ ...template, status: "PAUSED" }] },
        { templates: [{ ...template, status: "APPROVED" }] },
        { templates: [{ ...template, status: "REJECTED", rejected_reason: "SCAM" }] },
      ],
      [
        { value: { event: "PAUSED" } },
        { value: { event: "APPROVED", other_info: { title: "UNPAUSE" } } },
        { value: { event: "REJECTED", reason: "SCAM" } },
      ],
    ],
    [
      "a category that is to change and then changes, and a quality",
      [
        { templates: [{ ...template, correct_category: "UTILITY" }] },
        { templates: [{ ...template, category: "UTILITY" }] },
        { templates: [{ ...template, quality_score: { score: "RED" } }] },
      ],
      [
        {
          field: "template_category_update",
          value: { new_category: "MARKETING", correct_category: "UTILITY" },
        },
        { value: { previous_category: "MARKETING", new_category: "UTILITY" } },
        {
          field: "message_template_quality_update",
          value: { previous_quality_score: "GREEN", new_quality_score: "RED" },
        },
      ],
    ],
    [
      "the number's quality, limit and throughput",
      [{ quality_rating: "RED" }, { messaging_limit: "TIER_2K" }, { throughput: 1000 }],
      [
        { field: "phone_number_quality_update", value: { event: "FLAGGED" } },
        {
          value: {
            event: "DOWNGRADE",
            current_limit: "TIER_2K",
            display_phone_number: "552055550100",
          },
        },
        {
          field: "business_capability_update",
          value: { max_daily_conversations_per_business: "TIER_2K" },
        },
        { value: { event: "THROUGHPUT_UPGRADE" } },
      ],
    ],
    [
      "one of several numbers by its own display number, and of a limit by all",
      [
        { numbers: [{ phone_number_id: "7" }] },
        { numbers: [{ phone_number_id: "7", quality_rating: "RED" }] },
        { numbers: [{ phone_number_id: "7", throughput: 1000 }] },
        { messaging_limit: "TIER_2K" },
        { account_state: { event: "ACCOUNT_VIOLATION", phone_number_id: "7" } },
      ],
      [
        { value: { event: "FLAGGED", display_phone_number: "552055550101" } },
        { value: { event: "THROUGHPUT_UPGRADE", display_phone_number: "552055550101" } },
        { value: { event: "DOWNGRADE", display_phone_number: "552055550100" } },
        { value: { event: "DOWNGRADE", display_phone_number: "552055550101" } },
        { field: "business_capability_update" },
        { value: { event: "ACCOUNT_VIOLATION", phone_number: "552055550101" } },
      ],
    ],
    [
      "the account",
      [
        { terms_signed: false },
        { terms_signed: true },
        { account_state: { refuse_all: 368, event: "ACCOUNT_RESTRICTION" } },
        { account_state: { event: "DISABLED_UPDATE" } },
      ],
      [
        {
          field: "account_update",
          value: { event: "MM_LITE_TERMS_SIGNED", waba_info: { waba_id: "100000000000002" } },
        },
        {
          value: {
            event: "ACCOUNT_RESTRICTION",
            restriction_info: [{ restriction_type: "RESTRICTED_BIZ_INITIATED_MESSAGING" }],
          },
        },
        { value: { event: "DISABLED_UPDATE", ban_info: { waba_ban_state: "DISABLE" } } },
      ],
    ],
  ])("tell of %s", async (_, patches, expected) => {
    const entries = await toldAfter(
      {},
      async (one) => {
        for (const patch of patches) expect((await one.patch(patch)).status).toBe(200);
      },
      expected.length,
    );
    expect(entries.map(({ changes }) => changes[0])).toMatchObject(expected);
    expect(entries.every(({ time }) => Math.abs(time - Date.now() / 1_000) < 60)).toBe(true);
  });
});

it("shows no secret at its door", async () => {
  sandbox = await start({ webhooks: { url: null, app_secret: "hush", verify_token: "quiet" } });
  const { text } = await sandbox.call("GET", "/_sandbox");
  expect(text).toContain('"webhooks":{"url":null');
  expect(text).not.toMatch(/hush|quiet/);
});
