// What Meta counted, as the sandbox returns it: analytics of templates, what was billed,
// benchmarks, the switch, and what each is refused for. Counted from the log of real messages.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, describe, expect, it } from "vitest";

import type { Loose, Running } from "./posting.ts";
import { message, start } from "./posting.ts";

const WABA = "100000000000002";
const TEMPLATE = "1000000000000";
const MM = "MARKETING_MESSAGES_API_FOR_WHATSAPP";
const OLD = "MARKETING_MESSAGES_LITE_API";
const BASIC = "SENT,DELIVERED,READ,CLICKED,COST";
const DAY_MS = 86_400_000;
/** Reached at once, read, and clicked by all. */
const READERS = {
  pair_limit: false,
  receipt_delay_ms: 0,
  shares: { read: 1, click: 1 },
  token: { scopes: ["whatsapp_business_management", "whatsapp_business_messaging", "ads_read"] },
};

let sandbox: Running | undefined;
const folders: string[] = [];

afterEach(async () => {
  await sandbox?.end();
  sandbox = undefined;
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function play(
  keys: object = {},
  options: Parameters<typeof start>[1] = {},
): Promise<Running> {
  sandbox = await start({ ...READERS, ...keys }, options);
  return sandbox;
}

/** Posts to people in Brazil. */
async function send({ post }: Running, people: number): Promise<void> {
  for (let at = 1; at <= people; at += 1) {
    const answer = await post(message(`+5511970000${String(600 + at)}`));
    expect(answer.status).toBe(200);
  }
}

const dateOf = (at: number) => new Date(at).toISOString().slice(0, 10);
const TODAY = () => dateOf(Date.now());

function asked(changes: Record<string, string | null> = {}): string {
  const query: Record<string, string | null> = {
    start: dateOf(Date.now() - 30 * DAY_MS),
    end: dateOf(Date.now() + 2 * DAY_MS),
    granularity: "DAILY",
    template_ids: `[${TEMPLATE}]`,
    metric_types: BASIC,
    product_type: MM,
    use_waba_timezone: "true",
    ...changes,
  };
  const given = Object.entries(query).filter((one): one is [string, string] => one[1] !== null);
  return `${WABA}/template_analytics?${new URLSearchParams(given)}`;
}

describe("template_analytics", () => {
  it("counts what its messages became, by template, day and product", async () => {
    const running = await play();
    await send(running, 3);
    await running.post(message("+12025550111"));
    const { json } = await running.get(asked());
    expect(json.data).toHaveLength(1);
    const [{ data_points: points, ...part }] = json.data;
    expect(part).toEqual({
      waba_timezone: "UTC",
      granularity: "DAILY",
      product_type: "marketing_lite",
    });
    expect(points).toEqual([
      {
        template_id: TEMPLATE,
        start: TODAY(),
        end: dateOf(Date.now() + DAY_MS),
        sent: 4,
        delivered: 3,
        read: 3,
        clicked: [
          { type: "url_button", button_content: "Ver ofertas", count: 3 },
          { type: "unique_url_button", button_content: "Ver ofertas", count: 3 },
        ],
        cost: [
          { type: "amount_spent", value: 0.1875 },
          { type: "cost_per_delivered", value: 0.0625 },
          { type: "cost_per_url_button_click", value: 0.0625 },
        ],
      },
    ]);
    const cloud = await running.get(asked({ product_type: "CLOUD_API" }));
    expect(cloud.json.data[0]).toMatchObject({ product_type: "cloud_api", data_points: [] });
    const unsaid = await running.get(asked({ product_type: null }));
    expect(unsaid.json.data[0].product_type).toBe("cloud_api");
  });

  it("has fallen-back messages under the Cloud API", async () => {
    const running = await play({ onboarding_status: "ELIGIBLE" });
    await send(running, 2);
    const points = async (product_type: string) =>
      (await running.get(asked({ product_type }))).json.data[0].data_points;
    expect(await points(MM)).toEqual([]);
    expect(await points("CLOUD_API")).toMatchObject([{ sent: 2, delivered: 2 }]);
  });

  it("counts what was never reported to a webhook", async () => {
    const running = await play({ webhooks: { lost: 1 } });
    await send(running, 2);
    expect(running.events().filter(({ event }) => event === "receipt")).toEqual([]);
    expect((await running.get(asked())).json.data[0].data_points).toMatchObject([
      { delivered: 2, read: 2 },
    ]);
  });

  it("comes in other shapes: texts, seconds, another name, conversions", async () => {
    const insights = {
      texts: true,
      seconds: true,
      product_shown: OLD,
      per_delivery: { website_purchases: 0.5, website_purchases_conversion_value: 10.25 },
      time_zone: "Asia/Tokyo",
    };
    const running = await play({ insights });
    await send(running, 2);
    const conversions = "WEBSITE_PURCHASES,WEBSITE_PURCHASES_CONVERSION_VALUE";
    const { json } = await running.get(asked({ metric_types: `SENT,${conversions}` }));
    expect(json.data[0]).toMatchObject({ product_type: OLD, waba_timezone: "Asia/Tokyo" });
    const [point] = json.data[0].data_points;
    expect(point).toMatchObject({
      template_id: Number(TEMPLATE),
      sent: "2",
      website_purchases: "1",
      website_purchases_conversion_value: "20.5",
    });
    // Midnight in Tokyo is 15:00 UTC.
    expect(Number(point.start) % 86_400).toBe(15 * 3_600);
  });

  it("goes by the account's day, has days without data as none, and resets reads and clicks", async () => {
    const first = await play();
    await send(first, 1);
    const folder = mkdtempSync(join(tmpdir(), "insights-"));
    folders.push(folder);
    const [accepted] = first.events().filter(({ event }) => event === "accepted");
    const ages = [1, 6, 9, 9, 40, 95];
    const lines = ages.map((days, at) =>
      JSON.stringify({
        ...accepted,
        seq: at + 1,
        id: `wamid.${at}`,
        at: Date.now() - days * DAY_MS,
      }),
    );
    const log = join(folder, "old.jsonl");
    writeFileSync(log, `${lines.join("\n")}\n`);
    await first.end();
    const running = await play({}, { countedLogs: [log] });
    const start = dateOf(Date.now() - 120 * DAY_MS);
    const points: Loose[] = (await running.get(asked({ start }))).json.data[0].data_points;
    const day = (days: number) => dateOf(Date.now() - days * DAY_MS);
    expect(points.map((one) => [one.start, one.sent, one.delivered, one.read ?? 0])).toEqual([
      [day(40), 1, 1, 0],
      [day(9), 2, 2, 0],
      [day(6), 1, 1, 1],
      [day(1), 1, 1, 1],
    ]);
    expect(points.map((one) => one.clicked !== undefined)).toEqual([false, false, true, true]);
    // In pages, by the cursor.
    const page = await running.get(`${asked({ start })}&limit=3`);
    expect(page.json.data[0].data_points).toHaveLength(3);
    const { after } = page.json.paging.cursors;
    expect(page.json.paging.next).toContain("after=");
    const last = await running.get(`${asked({ start })}&limit=3&after=${after}`);
    expect(last.json.data[0].data_points).toMatchObject([{ start: day(1) }]);
    expect(last.json.paging.next).toBeUndefined();
    // The other log is read, and nothing is written to it.
    expect(readFileSync(log, "utf8").split("\n")).toHaveLength(ages.length + 1);
  });

  const eleven = `[${Array.from({ length: 11 }, (_, at) => at + 1).join(",")}]`;
  const refused: [
    what: string,
    changes: Record<string, string | null>,
    keys: object,
    code: number,
  ][] = [
    ["eleven ids", { template_ids: eleven }, {}, 100],
    ["no ids", { template_ids: null }, {}, 100],
    ["no list of ids", { template_ids: "abc" }, {}, 100],
    ["seconds with the account's zone", { start: "1795132800" }, {}, 100],
    ["an unknown metric", { metric_types: "SENT,FUN" }, {}, 100],
    ["a newer conversion", { metric_types: "WEBSITE_LEAD" }, {}, 100],
    ["hours", { granularity: "HALF_HOUR" }, {}, 100],
    ["an unknown product", { product_type: "SMS" }, {}, 100],
    ["the new name where only the old is known", {}, { insights: { product_names: [OLD] } }, 100],
    [
      "the old name where only the new is known",
      { product_type: OLD },
      { insights: { product_names: [MM] } },
      100,
    ],
    [
      "cost alone where a partner pays",
      { metric_types: "COST" },
      { insights: { cost_per_delivery: null } },
      100,
    ],
    ["insights that are off", {}, { insights: { enabled: false } }, 200007],
    ["insights that are not there yet", {}, { insights: { available: false } }, 200005],
    ["a token without the permission", {}, { token: { scopes: [] } }, 200],
    ["a strange cursor", { after: "x" }, {}, 100],
  ];
  it.each(refused)("refuses %s", async (_, changes, keys, code) => {
    const { status, json } = await (await play(keys)).get(asked(changes));
    expect([status < 500, json.error.code]).toEqual([true, code]);
  });

  it("takes seconds without the zone, and the newer conversions where they are known", async () => {
    const running = await play({ insights: { newer_conversions: true } });
    await send(running, 1);
    const seconds = (at: number) => String(Math.floor(at / 1_000));
    const { status, json } = await running.get(
      asked({
        start: seconds(Date.now()),
        end: seconds(Date.now() + DAY_MS),
        use_waba_timezone: null,
        metric_types: "SENT,WEBSITE_LEAD",
      }),
    );
    expect([status, json.data[0].waba_timezone]).toEqual([200, undefined]);
    expect(json.data[0].data_points).toMatchObject([{ sent: 1 }]);
    expect(json.data[0].data_points[0].start % 86_400).toBe(0);
  });
});

describe("the switch", () => {
  it("can be turned on and never off", async () => {
    const { get, change } = await play({ insights: { enabled: false } });
    const state = async () => (await get(`${WABA}?fields=is_enabled_for_insights`)).json;
    expect(await state()).toEqual({ is_enabled_for_insights: false, id: WABA });
    const on = await change(`${WABA}?is_enabled_for_insights=true`);
    expect([on.status, on.json]).toEqual([200, { id: Number(WABA) }]);
    expect(await state()).toMatchObject({ is_enabled_for_insights: true });
    expect((await get(asked())).status).toBe(200);
    const off = await change(`${WABA}?is_enabled_for_insights=false`);
    expect(off.json.error.code).toBe(200006);
    expect((await change(`${WABA}?is_enabled_for_insights=perhaps`)).json.error.code).toBe(100);
    expect(await state()).toMatchObject({ is_enabled_for_insights: true });
  });
});

describe("pricing_analytics", () => {
  const field = (more = "") => {
    const seconds = (days: number) => Math.floor((Date.now() + days * DAY_MS) / DAY_MS) * 86_400;
    return `${WABA}?fields=pricing_analytics.start(${seconds(-1)}).end(${seconds(1)}).granularity(DAILY).dimensions(PRICING_CATEGORY,PRICING_TYPE,COUNTRY,PHONE)${more}`;
  };
  it("has what was delivered by number and country", async () => {
    const running = await play();
    await send(running, 2);
    const { json } = await running.get(field(".pricing_categories(MARKETING_LITE)"));
    expect(json.id).toBe(WABA);
    expect(json.pricing_analytics.data[0].data_points).toMatchObject([
      {
        phone_number: "552055550100",
        country: "BR",
        pricing_type: "REGULAR",
        pricing_category: "MARKETING_LITE",
        volume: 2,
        cost: 0.125,
      },
    ]);
    const other = await running.get(field(".pricing_categories(MARKETING)"));
    expect(other.json.pricing_analytics.data[0].data_points).toEqual([]);
    const bad = await running.get(`${WABA}?fields=pricing_analytics.start(1)`);
    expect(bad.json.error.code).toBe(100);
  });
});

describe("benchmarks", () => {
  const FIELDS = "marketing_messages_read_rate,marketing_messages_read_rate_benchmark";
  async function adSet({ get }: Running): Promise<string> {
    return (await get(`${TEMPLATE}?fields=ad_adset_id`)).json.ad_adset_id;
  }
  it("are texts, beside the template's own rates", async () => {
    const running = await play({ insights: { benchmarks: { read: 70.27 } } });
    const id = await adSet(running);
    const empty = await running.get(`${id}/insights?fields=${FIELDS}`);
    expect(empty.json).toEqual({ data: [] });
    await send(running, 1);
    const { json } = await running.get(`${id}/insights?fields=${FIELDS}`);
    expect(json.data).toMatchObject([
      {
        date_stop: TODAY(),
        marketing_messages_read_rate: "100.00",
        marketing_messages_read_rate_benchmark: "70.27",
      },
    ]);
  });
  it.each([
    ["without ads_read", { token: { scopes: ["whatsapp_business_management"] } }, FIELDS, 200],
    ["a conversion", {}, "marketing_messages_website_add_to_cart", 100],
  ])("are refused: %s", async (_, keys, fields, code) => {
    const running = await play(keys);
    const { json } = await running.get(`${await adSet(running)}/insights?fields=${fields}`);
    expect(json.error.code).toBe(code);
  });
  it("have no ids where there are no ads", async () => {
    const running = await play({ insights: { ads: false } });
    expect(await adSet(running)).toBeUndefined();
  });
});
