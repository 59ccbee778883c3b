// Max prices and creative optimisations as Graph answers them: what can be set, the shapes in which
// it is read, the estimates of reach, and messages without the agreement.

import { afterEach, describe, expect, it } from "vitest";

import type { Loose, Running } from "./posting.ts";
import { message, start } from "./posting.ts";

const ACCOUNT = "100000000000002";
const TEMPLATE = "1000000000000";
const SPEC = "degrees_of_freedom_spec";

let sandbox: Running | undefined;

afterEach(async () => {
  await sandbox?.end();
  sandbox = undefined;
});

async function play(keys: unknown = {}): Promise<Running> {
  sandbox = await start(keys);
  return sandbox;
}

const price = (bid_amount: unknown): Loose => ({
  optimization_spec: { bid_strategy: "LOWEST_COST_WITH_BID_CAP", bid_amount },
});
const creative = (features: Loose): Loose => ({
  [SPEC]: {
    creative_features_spec: Object.fromEntries(
      Object.entries(features).map(([feature, enroll_status]) => [feature, { enroll_status }]),
    ),
  },
});

describe("a message of a template with a max price", () => {
  it("costs a part of what it bids, by its multiplier, which its receipts report", async () => {
    const bodies: Loose[] = [];
    let all = (): void => {};
    const reported = new Promise<void>((resolve) => {
      all = resolve;
    });
    sandbox = await start(
      { receipt_delay_ms: 1, max_price: { cost_share: { min: 0.5, max: 0.5 } } },
      {
        deliver(text) {
          const [status] = JSON.parse(text).entry[0].changes[0].value.statuses;
          if (status.status !== "sent") bodies.push(status);
          if (bodies.length === 2) all();
        },
      },
    );
    await sandbox.change(TEMPLATE, price(6_000));
    const bid_spec = { per_message_bid_multiplier: 0.5 };
    const { status } = await sandbox.post(message("+46701740605", { bid_spec }));
    expect(status).toBe(200);
    await reported;
    const cost = { amount: 0.015, currency: "USD" };
    expect(bodies).toMatchObject([
      { status: "delivered", pricing: { cost } },
      { status: "read", pricing: { cost } },
    ]);
  });
});

describe("a template's max price", () => {
  it("is set, read as it was set, and set again", async () => {
    const { change, get } = await play();
    const path = `${TEMPLATE}?fields=optimization_spec`;
    expect((await get(path)).json).toEqual({ id: TEMPLATE });
    for (const amount of [87_000, 4_000]) {
      const answer = await change(TEMPLATE, price(amount));
      expect([answer.status, answer.json]).toEqual([200, { success: true }]);
      expect((await get(path)).json).toEqual({ id: TEMPLATE, ...price(amount) });
    }
  });

  it("can be posted as a form", async () => {
    const { call, get } = await play();
    const headers = {
      authorization: "Bearer sandbox-token",
      "content-type": "application/x-www-form-urlencoded",
    };
    const spec = JSON.stringify(price("5000").optimization_spec);
    const body = String(new URLSearchParams({ optimization_spec: spec }));
    expect((await call("POST", `/v25.0/${TEMPLATE}`, body, headers)).status).toBe(200);
    const { json } = await get(`${TEMPLATE}?fields=optimization_spec`);
    expect(json).toEqual({ id: TEMPLATE, ...price(5_000) });
  });

  const refused: [body: Loose, keys: Loose][] = [
    [price(0), {}],
    [price(-1), {}],
    [price(0.5), {}],
    [price(2 ** 31), {}],
    [price("much"), {}],
    [{ optimization_spec: { bid_amount: 5 } }, {}],
    [{ optimization_spec: { bid_strategy: "COST_CAP", bid_amount: 5 } }, {}],
    [{ optimization_spec: 5 }, {}],
    [{ bid_spec: price(5).optimization_spec }, {}],
    [price(5), { max_price: { addable: false } }],
  ];
  it.each(refused)("%j is refused with 100, of %j", async (body, keys) => {
    const { change, get } = await play(keys);
    const answer = await change(TEMPLATE, body);
    expect([answer.status, answer.json.error.code]).toEqual([400, 100]);
    expect((await get(`${TEMPLATE}?fields=optimization_spec`)).json).toEqual({ id: TEMPLATE });
  });

  it("counts as an edit", async () => {
    const { change } = await play({ template_edits: { per_hour: 1 } });
    expect((await change(TEMPLATE, price(5))).status).toBe(200);
    const { status, json } = await change(TEMPLATE, price(6));
    expect([status, json.error.error_data.details]).toEqual([
      400,
      "You have reached the limit of edits for this template. Try again later.",
    ]);
  });

  it("without the agreement refuses each of its messages, in Meta's words", async () => {
    const { change, post, patch } = await play({ max_price: { agreement_signed: false } });
    expect((await post(message())).status).toBe(200);
    await change(TEMPLATE, price(5_000));
    const { status, json } = await post(message());
    expect([status, json.error.code, json.error.message]).toEqual([
      400,
      100,
      "(#100) You need to sign the testing legal agreement before sending out messages.",
    ]);
    await patch({ max_price: { agreement_signed: true } });
    expect((await post(message())).status).toBe(200);
  });
});

describe("creative optimisations", () => {
  it("of a template are posted by name, and read as a list in capitals", async () => {
    const { change, get } = await play();
    const path = `${TEMPLATE}?fields=${SPEC}`;
    const post = (features: Loose) => change(TEMPLATE, creative(features));
    expect((await post({ image_touchups: "OPT_OUT", image_animation: "OPT_IN" })).status).toBe(200);
    expect((await post({ image_animation: "OPT_OUT" })).status).toBe(200);
    const entry = (key: string, enroll_status: string) => ({ key, value: { enroll_status } });
    const features = [entry("IMAGE_TOUCHUPS", "OPT_OUT"), entry("IMAGE_ANIMATION", "OPT_OUT")];
    expect((await get(path)).json).toEqual({
      id: TEMPLATE,
      [SPEC]: { creative_features_spec: features },
    });
  });

  it("of an account are posted in the same shape, and read in a third one", async () => {
    const { change, get } = await play();
    expect((await get(`${ACCOUNT}?fields=${SPEC}`)).json).toEqual({ id: ACCOUNT });
    await change(ACCOUNT, creative({ image_touchups: "OPT_IN" }));
    const answer = await change(ACCOUNT, creative({ product_extensions: "OPT_OUT" }));
    expect([answer.status, answer.json]).toEqual([200, { id: ACCOUNT }]);
    const features = { image_touchups: "OPT_IN", product_extensions: "OPT_OUT" };
    expect((await get(`${ACCOUNT}?fields=${SPEC}`)).json).toEqual({
      id: ACCOUNT,
      [SPEC]: { data: [{ creative_features_spec: [features] }] },
    });
  });

  it.each<[Loose]>([
    [creative({ image_touchup: "OPT_OUT" })],
    [creative({ image_touchups: "OFF" })],
    [creative({})],
    [{ [SPEC]: {} }],
    [{ [SPEC]: null }],
  ])("%j is refused with 100", async (body) => {
    const { change } = await play();
    for (const path of [TEMPLATE, ACCOUNT]) {
      const { status, json } = await change(path, body);
      expect([status, json.error.code]).toEqual([400, 100]);
    }
  });
});

describe("reachestimate", () => {
  const asked = (changes: Record<string, string | undefined> = {}): string => {
    const query = {
      targeting_spec: '{"geo_locations":{"countries":["BR"]}}',
      date_interval: "L7D",
      ...changes,
    };
    const given = Object.entries(query).filter((entry): entry is [string, string] => !!entry[1]);
    return `${ACCOUNT}/reachestimate?${new URLSearchParams(given)}`;
  };

  it("has the account's currency and an estimate for each price", async () => {
    const at = { deliveries_lower_bound: 600, deliveries_upper_bound: 650 };
    const cost = { cost_lower_bound: 400.74, cost_upper_bound: 510.74 };
    const estimates = [{ bid_amount: 520, ...at, ...cost }];
    const { get } = await play({ currency: "EUR", max_price: { estimates } });
    expect((await get(asked())).json).toEqual({
      waba_currency: "EUR",
      estimates: [{ bid_amount: 520, users: 1_000, ...at, ...cost }],
    });
    expect((await get(`${ACCOUNT}?fields=currency`)).json.currency).toBe("EUR");
  });

  it.each<[Record<string, string | undefined>]>([
    [{ targeting_spec: undefined }],
    [{ targeting_spec: "BR" }],
    [{ targeting_spec: '{"geo_locations":{"countries":[]}}' }],
    [{ targeting_spec: '{"geo_locations":{"countries":["Brazil"]}}' }],
    [{ targeting_spec: '{"countries":["BR"]}' }],
    [{ date_interval: undefined }],
    [{ date_interval: "L2D" }],
    [{ targeting_spec: '{"geo_locations":{"countries":["BR","IN"]}}' }],
  ])("with %j is refused with 100", async (changes) => {
    const { get } = await play({ max_price: { without_estimate: ["IN"] } });
    const { status, json } = await get(asked(changes));
    expect([status, json.error.code]).toEqual([400, 100]);
  });

  it("needs the permission for the account, and counts as a call", async () => {
    const messaging = ["whatsapp_business_messaging"];
    const { get, patch } = await play({ token: { scopes: messaging } });
    expect((await get(asked())).json.error.code).toBe(200);
    const token = { scopes: ["whatsapp_business_management", ...messaging] };
    await patch({ token, management: { calls_per_hour: 0 } });
    expect((await get(asked())).json.error.code).toBe(80007);
  });
});
