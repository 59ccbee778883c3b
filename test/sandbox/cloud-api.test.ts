// Messages that are posted to the Cloud API: what it takes, what it refuses, and shares of its own.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fateOf } from "../../src/sandbox/scenario/fates.ts";
import type { Answered, Loose, Running } from "./posting.ts";
import { message, scenarioOf, start } from "./posting.ts";

let sandbox: Running;

beforeAll(async () => {
  sandbox = await start({ throughput: null, pair_limit: false, receipt_delay_ms: null });
});

afterAll(() => sandbox.end());

function post(to: Running, body: Loose): Promise<Answered> {
  const headers = { "content-type": "application/json", authorization: "Bearer sandbox-token" };
  const path = `/v25.0/${to.phoneNumberId}/messages`;
  return to.call("POST", path, JSON.stringify(body), headers);
}

function plain(): Loose {
  const { product_policy: _, message_activity_sharing: __, ...body } = message();
  return body;
}

describe("the Cloud API", () => {
  it("takes a message without a policy, and says so in the log", async () => {
    const answer = await post(sandbox, plain());
    expect(answer.status).toBe(200);
    expect(sandbox.events().at(-1)).toMatchObject({
      ...{ event: "accepted", api: "cloud", path: "marketing", policy: null },
    });
    await sandbox.post(message());
    expect(sandbox.events().at(-1)).not.toHaveProperty("api");
  });

  it.each([
    ["product_policy", "STRICT"],
    ["message_activity_sharing", true],
    ["bid_spec", {}],
  ])("does not know %s", async (key, value) => {
    const answer = await post(sandbox, { ...plain(), [key]: value });
    expect(answer.json.error).toMatchObject({ code: 100 });
    expect(answer.json.error.message).toContain(key);
  });

  it("needs no onboarding, and refuses marketing where it is switched off", async () => {
    for (const [off, status] of [
      [false, 200],
      [true, 400],
    ] as const) {
      const other = await start({
        ...{ onboarding_status: "ELIGIBLE", terms_signed: false, receipt_delay_ms: null },
        disable_marketing_messages_on_cloud_api: off,
      });
      const answer = await post(other, plain());
      expect(answer.status).toBe(status);
      if (off) expect(answer.json.error).toMatchObject({ code: 131063 });
      await other.end();
    }
  });
});

describe("shares of some messages", () => {
  it("are those of the API, else of the template, else of all", () => {
    const scenario = scenarioOf({ shares: { read: 0 }, cloud_shares: { read: 0.75 } });
    const people = Array.from({ length: 4_000 }, (_, at) => String(5_511_970_000_000 + at));
    const readers = (pacing: Loose, api?: "cloud") =>
      people.filter((one) => fateOf(scenario, one, pacing, api).isRead).length / people.length;
    expect(readers({})).toBe(0);
    expect(readers({ shares: { read: 0.25 } })).toBeCloseTo(0.25, 1);
    expect(readers({ shares: { read: 0.25 } }, "cloud")).toBeCloseTo(0.75, 1);
  });
});
