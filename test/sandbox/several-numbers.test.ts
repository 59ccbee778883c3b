// Several sending numbers of one account: what each has of its own, and what they share.

import { afterEach, describe, expect, it } from "vitest";

import { makeJudge } from "../../src/sandbox/messages/judge.ts";
import { readSandboxLog } from "../../src/sandbox/server/log.ts";
import type { Loose, Running } from "./posting.ts";
import { message, ORDINARY, scenarioOf, start } from "./posting.ts";
import { SECRET, startWebhook } from "./webhook.ts";

const FIRST = "100000000000001";
const SECOND = "100000000000011";
const THIRD = "100000000000012";
const ACCOUNT = "100000000000002";
const TWO = { numbers: [{ phone_number_id: SECOND }] };

const person = (index: number): string => `+55209${10_000_000 + index}`;

let sandbox: Running | undefined;

afterEach(async () => {
  await sandbox?.end();
  sandbox = undefined;
});

async function play(keys: object = {}, options = {}): Promise<Running> {
  sandbox = await start({ ...TWO, ...keys }, options);
  return sandbox;
}

/** The code of a post by each number, or its HTTP status where it was taken. */
async function codes({ post }: Running, ids = [FIRST, SECOND], to = ORDINARY): Promise<number[]> {
  const answers = await Promise.all(ids.map((id) => post(message(to), { id })));
  return answers.map(({ status, json }) => json.error?.code ?? status);
}

describe("a limit", () => {
  /** How many of `posts` at the instant 0 are taken, and the codes of the others. */
  function judged(keys: object, posts: [id: string, to: string][]): (number | "accepted")[] {
    const judge = makeJudge(scenarioOf({ ...TWO, ...keys }), 0);
    return posts.map(([phoneNumberId, to]) => {
      const decision = judge.decide({
        authorization: "Bearer sandbox-token",
        contentType: "application/json",
        api: "marketing",
        ...{ phoneNumberId, body: message(to), nowMs: 0 },
      });
      return decision.kind === "accepted" ? "accepted" : decision.refusal.code;
    });
  }
  const posts = (id: string, people: number): [string, string][] =>
    Array.from({ length: people }, (_, index) => [id, person(index)]);
  const same = (id: string, times: number): [string, string][] =>
    Array.from({ length: times }, () => [id, ORDINARY]);

  it("of throughput is each number's own", () => {
    const numbers = [{ phone_number_id: SECOND, throughput: 10 }];
    const all = [...posts(FIRST, 22), ...posts(SECOND, 12)];
    const codes = judged({ throughput: 20, numbers }, all);
    expect(codes.map((code) => code === "accepted")).toEqual(
      all.map((_, index) => index !== 21 && index !== 33),
    );
    expect([codes[21], codes[33]]).toEqual([130429, 130429]);
  });

  it("of throughput that a number does not name is as high as the first's", () => {
    const codes = judged({ throughput: 1 }, [...posts(SECOND, 3), ...posts(FIRST, 3)]);
    expect(codes).toEqual(["accepted", "accepted", 130429, "accepted", "accepted", 130429]);
  });

  it("of messages to one person counts each number's apart", () => {
    const codes = judged({ throughput: null }, [...same(FIRST, 46), ...same(SECOND, 46)]);
    expect([codes[44], codes[45], codes[90], codes[91]]).toEqual([
      "accepted",
      131056,
      "accepted",
      131056,
    ]);
  });

  it("of people in a day is the portfolio's, over all numbers", () => {
    const over = { messaging_limit: "TIER_50", over_messaging_limit: { code: 131048 } };
    const codes = judged(over, [
      ...posts(FIRST, 50),
      [SECOND, person(50)],
      [SECOND, person(3)],
      [FIRST, person(50)],
    ]);
    expect(codes.slice(49)).toEqual(["accepted", 131048, "accepted", 131048]);
  });

  it("keeps its debts when something else of the scenario changes", () => {
    const before = scenarioOf({ ...TWO, throughput: 1 });
    const judge = makeJudge(before, 0);
    const decide = (phoneNumberId: string): string =>
      judge.decide({
        authorization: "Bearer sandbox-token",
        contentType: "application/json",
        api: "marketing",
        ...{ phoneNumberId, body: message(), nowMs: 0 },
      }).kind;
    for (const id of [FIRST, FIRST, SECOND, SECOND]) expect(decide(id)).toBe("accepted");
    const numbers = [{ phone_number_id: SECOND, throughput: 2 }];
    judge.change(scenarioOf({ numbers, throughput: 1, quality_rating: "RED" }), 0);
    expect([decide(FIRST), decide(SECOND)]).toEqual(["refused", "accepted"]);
    expect([FIRST, SECOND, "999"].map((id) => judge.usage(id, 0))).toEqual([100, 50, 0]);
  });
});

describe("a number", () => {
  it("is shown with its own values, and with the first's where it has none", async () => {
    const own = { phone_status: "FLAGGED", throughput: 1_000, verified_name: "Flores" };
    const health = { phone_number: "LIMITED" };
    const numbers = [
      { phone_number_id: SECOND, ...own, health, display_phone_number: "+55 20 5555-0177" },
      { phone_number_id: THIRD },
    ];
    const { get } = await play({ numbers, quality_rating: "YELLOW", messaging_limit: "TIER_2K" });
    const fields = "id,display_phone_number,verified_name,status,quality_rating,throughput";
    const shared = { quality_rating: "YELLOW" };
    const standard = { status: "CONNECTED", verified_name: "Sandbox", ...shared };
    const level = { throughput: { level: "STANDARD" } };
    const second = {
      ...{ id: SECOND, display_phone_number: "+55 20 5555-0177", verified_name: "Flores" },
      ...{ status: "FLAGGED", throughput: { level: "HIGH" }, ...shared },
    };
    const all = [
      { id: FIRST, display_phone_number: "+55 20 5555-0100", ...standard, ...level },
      second,
      { id: THIRD, display_phone_number: "+55 20 5555-0102", ...standard, ...level },
    ];
    expect((await get(`${ACCOUNT}/phone_numbers?fields=${fields}`)).json.data).toEqual(all);
    expect((await get(`${SECOND}?fields=${fields}`)).json).toEqual(second);
    const tier = "whatsapp_business_manager_messaging_limit";
    const { json } = await get(`${SECOND}?fields=${tier},health_status`);
    expect(json[tier]).toBe("TIER_2K");
    expect(json.health_status).toMatchObject({
      can_send_message: "LIMITED",
      entities: [{ id: SECOND, can_send_message: "LIMITED" }, {}, {}, {}],
    });
    expect((await get(`${FIRST}?fields=health_status`)).json.health_status).toMatchObject({
      can_send_message: "AVAILABLE",
    });
  });

  it("comes in pages with the others", async () => {
    const { get } = await play();
    const { json } = await get(`${ACCOUNT}/phone_numbers?fields=id&limit=1`);
    expect(json.data).toEqual([{ id: FIRST }]);
    const next = `${ACCOUNT}/phone_numbers?fields=id&limit=1&after=${json.paging.cursors.after}`;
    expect((await get(next)).json.data).toEqual([{ id: SECOND }]);
  });

  it("uploads a file that it then sends", async () => {
    const { call, post, events } = await play();
    const form = new FormData();
    form.set("messaging_product", "whatsapp");
    form.set("file", new Blob(["\x89PNG\r\n\x1a\n"], { type: "image/png" }), "a.png");
    const encoded = new Response(form);
    const { json } = await call(
      "POST",
      `/v25.0/${SECOND}/media`,
      Buffer.from(await encoded.arrayBuffer()),
      {
        authorization: "Bearer sandbox-token",
        "content-type": encoded.headers.get("content-type") ?? "",
      },
    );
    const body = message();
    body.template.components[0].parameters = [{ type: "image", image: { id: json.id } }];
    expect((await post(body, { id: SECOND })).status).toBe(200);
    expect(events().at(-2)).toMatchObject({ event: "management", path: `${SECOND}/media` });
  });

  it("cannot write to itself, but to another number of the account", async () => {
    const running = await play();
    expect(await codes(running, [FIRST, SECOND], "+552055550101")).toEqual([200, 131021]);
  });

  it("puts the country code of its own before a number without +", async () => {
    const numbers = [{ phone_number_id: SECOND, business_country_code: "44" }];
    const running = await play({ numbers });
    await codes(running, [SECOND], "7700 900123");
    expect(running.events().at(-1)).toMatchObject({ to: "+447700900123" });
  });

  it("stands in the log with every post, the unknown one too", async () => {
    const running = await play();
    expect(await codes(running, [FIRST, SECOND, THIRD])).toEqual([200, 200, 100]);
    const posts = running.events().slice(1) as { event: string; phone_number_id: string }[];
    const seen = posts.map(({ event, phone_number_id: id }) => `${id} ${event}`).sort();
    expect(seen).toEqual([`${FIRST} accepted`, `${SECOND} accepted`, `${THIRD} refused`]);
    expect(running.phoneNumberIds).toEqual([FIRST, SECOND]);
  });
});

describe("one number is broken, and the other well:", () => {
  const state = (change: object): object => ({ account_state: change });
  const cases: [what: string, keys: object, expected: number[]][] = [
    ["the first refuses all", state({ refuse_all: 368, phone_number_id: FIRST }), [368, 200]],
    ["the second", state({ refuse_all: 131031, phone_number_id: SECOND }), [200, 131031]],
    ["both refuse all", state({ refuse_all: 131042 }), [131042, 131042]],
    [
      "a status",
      { numbers: [{ phone_number_id: SECOND, phone_status: "RATE_LIMITED" }] },
      [200, 131048],
    ],
    [
      "the first's status, which the second does not share",
      { phone_status: "BANNED", numbers: [{ phone_number_id: SECOND, phone_status: "CONNECTED" }] },
      [131031, 200],
    ],
    [
      "its health",
      { numbers: [{ phone_number_id: SECOND, health: { phone_number: "BLOCKED" } }] },
      [200, 131031],
    ],
    [
      "a fault on the way",
      { faults: [{ on: { phone_number_id: SECOND }, do: "error_503_meta" }] },
      [200, 131016],
    ],
  ];
  it.each(cases)("%s", async (_, keys, expected) => {
    expect(await codes(await play(keys))).toEqual(expected);
  });

  it("for as long as it is, with PATCH", async () => {
    const running = await play();
    const change = (phone_status: string): Promise<{ status: number }> =>
      running.patch({ numbers: [{ phone_number_id: SECOND, phone_status }] });
    expect((await change("DISCONNECTED")).status).toBe(200);
    expect(await codes(running)).toEqual([200, 133010]);
    expect((await change("CONNECTED")).status).toBe(200);
    expect(await codes(running)).toEqual([200, 200]);
    expect((await running.patch({ numbers: [{ phone_number_id: THIRD }] })).status).toBe(200);
    expect(await codes(running, [FIRST, SECOND, THIRD])).toEqual([200, 200, 200]);
  });

  it("to the calls that are no messages", async () => {
    const on = { phone_number_id: SECOND };
    const { get } = await play({ management_faults: [{ on, do: "error_503_meta" }] });
    const answers = [await get(FIRST), await get(SECOND), await get(ACCOUNT)];
    expect(answers.map(({ status }) => status)).toEqual([200, 503, 200]);
  });
});

describe("a webhook", () => {
  const metadata = (value: Loose): string[] => [
    value.metadata.phone_number_id,
    value.metadata.display_phone_number,
  ];
  const OF_FIRST = [FIRST, "552055550100"];
  const OF_SECOND = [SECOND, "552055550101"];

  it("names the number that sent: in receipts and in what people do", async () => {
    const hook = await startWebhook();
    const webhooks = { url: hook.url, app_secret: SECRET };
    const inbound = [
      { from: "+5520912345679", after_messages: 2, text: "SAIR", phone_number_id: SECOND },
      { from: "+5520912345670", after_messages: 2, preference: "stop" },
    ];
    const { post } = await play({ receipt_delay_ms: 1, webhooks, inbound });
    const ids = new Map<string, string[]>();
    const taps = new Map<string, string[]>();
    for (const [id, of] of [
      [FIRST, OF_FIRST],
      [SECOND, OF_SECOND],
    ] as const) {
      // Taps, which names the number once more.
      const { json } = await post(message("+46701740651"), { id });
      ids.set(json.messages[0].id, [...of]);
      taps.set(`${json.messages[0].id}.tap`, [...of]);
    }
    await hook.until(() => hook.values().length >= 10);
    const values = hook.values();
    const receipts = values.flatMap((value: Loose) =>
      (value.statuses ?? []).map((status: Loose) => ({ status, of: metadata(value) })),
    );
    expect(receipts).toHaveLength(6);
    for (const { status, of } of receipts) expect(of).toEqual(ids.get(status.id));
    const texts = values.filter((value: Loose) => value.messages !== undefined);
    expect(texts).toHaveLength(3);
    for (const value of texts) {
      const [text] = value.messages;
      expect(metadata(value)).toEqual(taps.get(text.id) ?? OF_SECOND);
      if (text.context !== undefined) expect(text.context.from).toBe(metadata(value)[1]);
    }
    const [stop] = values.filter((value: Loose) => value.user_preferences !== undefined);
    expect(metadata(stop)).toEqual(OF_FIRST);
    await hook.close();
  });

  it("names it when the sandbox goes on after its end", async () => {
    const hook = await startWebhook();
    const webhooks = { url: hook.url, app_secret: SECRET };
    // The first sandbox never gets as far as a receipt.
    const before = await start({ ...TWO, webhooks, receipt_delay_ms: 600_000 });
    expect(await codes(before, [SECOND], "+46701740610")).toEqual([200]);
    await before.close();
    const { logFile } = before;
    await play({ webhooks, receipt_delay_ms: 1 }, { logFile });
    await hook.until(() => hook.values().length === 1);
    expect(metadata(hook.values()[0])).toEqual(OF_SECOND);
    expect(readSandboxLog(logFile).map(({ event }) => event)).toContain("receipt");
    await hook.close();
    await before.end();
  });
});
