import { afterEach, describe, expect, it } from "vitest";

import type { ReceiptEvent } from "../../src/sandbox/server/log-events.ts";
import { statusesOf, webhookBody } from "../../src/sandbox/webhooks/receipts.ts";
import type { Loose, Running } from "./posting.ts";
import { message, scenarioOf, start } from "./posting.ts";

let sandbox: Running | undefined;

afterEach(async () => {
  await sandbox?.end();
  sandbox = undefined;
});

/** Posts messages, and gives the receipts of each once `count` of them were reported in all. */
async function receiptsOf(
  keys: object,
  bodies: unknown[],
  count: number,
): Promise<ReceiptEvent[][]> {
  const delivered: string[] = [];
  let enough = (): void => {};
  const reported = new Promise<void>((resolve) => {
    enough = resolve;
  });
  sandbox = await start(
    { receipt_delay_ms: 20, ...keys },
    {
      deliver(body) {
        delivered.push(body);
        if (delivered.length === count) enough();
      },
    },
  );
  const ids: string[] = [];
  for (const body of bodies) ids.push((await sandbox.post(body)).json.messages[0].id);
  await reported;
  const receipts = sandbox.events().filter((event) => event.event === "receipt");
  expect(receipts.map(({ body }) => body)).toEqual(delivered.map((body) => JSON.parse(body)));
  return ids.map((id) => receipts.filter((receipt) => receipt.id === id));
}

describe("receipts", () => {
  it("tell that a message was sent, delivered and read, one after another", async () => {
    const posted = message("+46701740605", { biz_opaque_callback_data: "mm1.a.1.1.1" });
    const [receipts = []] = await receiptsOf({}, [posted], 3);
    expect(receipts.map(({ status }) => status)).toEqual(["sent", "delivered", "read"]);
    const accepted = sandbox?.events().find((event) => event.event === "accepted");
    const delays = receipts.map(({ at }) => at - (accepted?.at ?? 0));
    for (const [index, delay] of delays.entries())
      expect(delay).toBeGreaterThanOrEqual(20 * (index + 1));
  });

  it("tell the failures of special and of US numbers, with their codes", async () => {
    const numbers = [
      "+46701740610",
      "+46701740611",
      "+46701740612",
      "+46701740613",
      "+12025550123",
    ];
    const all = await receiptsOf(
      {},
      numbers.map((to) => message(to)),
      5,
    );
    expect(all.map((receipts) => receipts.map(({ status, code }) => [status, code]))).toEqual([
      [["failed", 131026]],
      [["failed", 131050]],
      [["failed", 131049]],
      [["failed", 130472]],
      [["failed", 131049]],
    ]);
  });

  it("come later for held messages", async () => {
    // Posted last: a pause of the process between the two posts must not let it be early.
    const [other = [], held = []] = await receiptsOf(
      { receipt_delay_ms: 5 },
      [message("+46701740606"), message("+46701740607")],
      5,
    );
    expect(held.map(({ status }) => status)).toEqual(["sent", "delivered", "read"]);
    expect(other.map(({ status }) => status)).toEqual(["sent", "delivered"]);
    // By place in the log: after a pause of the process two receipts may be reported in one
    // instant.
    expect(held[0]?.seq ?? 0).toBeGreaterThan(other[1]?.seq ?? 0);
  });

  it("are reported of a message whose answer was lost, with its key", async () => {
    sandbox = await start({ receipt_delay_ms: 1 });
    const lost = message("+46701740631", { biz_opaque_callback_data: "mm1.a.1.7.1" });
    await expect(sandbox.post(lost)).rejects.toThrow();
    const running = sandbox;
    for (
      let waited = 0;
      !running.events().some((event) => event.event === "receipt");
      waited += 1
    ) {
      expect(waited).toBeLessThan(400);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const receipt = running.events().find((event) => event.event === "receipt");
    expect(JSON.stringify(receipt?.body)).toContain('"biz_opaque_callback_data":"mm1.a.1.7.1"');
  });
});

describe("webhookBody", () => {
  const account = scenarioOf();
  const accepted = {
    id: "wamid.x",
    phoneNumberId: account.phone_number_id,
    waId: "553112345678",
    userId: undefined,
    key: "mm1.a.1.1.1",
    path: "marketing_lite" as const,
    fate: { failsWith: null, isRead: true, isHeld: false },
  };

  it("has Meta's shape for a delivered message", () => {
    expect(webhookBody(accepted, "delivered", account, 1_795_000_000_999)).toEqual({
      object: "whatsapp_business_account",
      entry: [
        {
          id: "100000000000002",
          changes: [
            {
              field: "messages",
              value: {
                messaging_product: "whatsapp",
                metadata: {
                  display_phone_number: "552055550100",
                  phone_number_id: "100000000000001",
                },
                contacts: [{ profile: { name: "Sandbox" }, wa_id: "553112345678" }],
                statuses: [
                  {
                    id: "wamid.x",
                    status: "delivered",
                    timestamp: "1795000000",
                    recipient_id: "553112345678",
                    biz_opaque_callback_data: "mm1.a.1.1.1",
                    pricing: {
                      billable: true,
                      pricing_model: "PMP",
                      type: "regular",
                      category: "marketing_lite",
                    },
                  },
                ],
              },
            },
          ],
        },
      ],
    });
  });

  it("has an error and no contacts for a failed one, and no pricing for a read one", () => {
    const failed = { ...accepted, key: undefined, fate: { ...accepted.fate, failsWith: 131050 } };
    const value = (body: Loose): Loose => body.entry[0].changes[0].value;
    const failure = value(webhookBody(failed, "failed", account, 0));
    expect(failure).not.toHaveProperty("contacts");
    expect(failure.statuses[0]).toMatchObject({ status: "failed", errors: [{ code: 131050 }] });
    expect(failure.statuses[0]).not.toHaveProperty("biz_opaque_callback_data");
    expect(failure.statuses[0].errors[0].error_data.details).not.toBe("");
    expect(value(webhookBody(accepted, "read", account, 0)).statuses[0]).not.toHaveProperty(
      "pricing",
    );
  });

  it("has what a message with a max price cost, the same for delivered and read", () => {
    const pricingOf = (status: "sent" | "delivered" | "read", changes: object, keys = {}) => {
      const body = webhookBody(
        { ...accepted, bid: 5_000, ...changes },
        status,
        scenarioOf(keys),
        0,
      );
      return (body as Loose).entry[0].changes[0].value.statuses[0].pricing;
    };
    const { cost } = pricingOf("delivered", {});
    expect(cost).toEqual({ amount: expect.any(Number), currency: "USD" });
    expect(cost.amount).toBeGreaterThanOrEqual(0.025);
    expect(cost.amount).toBeLessThan(0.0475);
    expect(pricingOf("read", {})).toMatchObject({ category: "marketing_lite", cost });
    expect(pricingOf("sent", {})).not.toHaveProperty("cost");
    // By the seed and the person.
    expect(pricingOf("delivered", { waId: "553112345679" }).cost.amount).not.toBe(cost.amount);
    expect(pricingOf("delivered", {}, { seed: "other" }).cost.amount).not.toBe(cost.amount);
    const above = { max_price: { cost_share: { min: 2, max: 2 } }, currency: "COP" };
    expect(pricingOf("delivered", {}, above).cost).toEqual({ amount: 10, currency: "COP" });
    for (const waId of ["79161234567", "375291234567"]) {
      expect(pricingOf("delivered", { waId })).not.toHaveProperty("cost");
    }
    expect(pricingOf("delivered", { waId: "77011234567" })).toHaveProperty("cost");
    expect(pricingOf("delivered", { bid: undefined })).not.toHaveProperty("cost");
  });

  it("names a person by user id when there is no number", () => {
    const other = { ...accepted, waId: undefined, userId: "BR.abc" };
    const body = JSON.stringify(webhookBody(other, "sent", account, 0));
    expect(body).toContain('"recipient_user_id":"BR.abc"');
    expect(body).not.toContain('recipient_id":');
  });

  it("follows the fate", () => {
    expect(statusesOf({ failsWith: 1, isRead: true, isHeld: false })).toEqual(["failed"]);
    expect(statusesOf({ failsWith: null, isRead: false, isHeld: true })).toEqual([
      "sent",
      "delivered",
    ]);
  });
});
