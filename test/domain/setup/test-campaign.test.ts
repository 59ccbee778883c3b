import { describe, expect, it } from "vitest";

import { readManifest } from "../../../src/domain/manifest/manifest.ts";
import { nextTestName, testManifest } from "../../../src/domain/setup/test-campaign.ts";

const WRITTEN = `campaign: july
account:
  numbers:
    - { phone_number_id: "106540352242922" }
    - { phone_number_id: "106540352242923", regions: [MX] }
  access_token: \${TOKEN}
recipients: { file: july.xlsx, sheet: People, phone: Celular, default_region: BR, id: code }
template: { name: offer, language: pt_BR, ttl: 24h, body: ["{{ name }}"] }
delivery: { product_policy: STRICT }
rate: { messages_per_second: 40, spread: 6h, people_per_day: 100 }
hours: { from: "09:00", to: "20:00", time_zone: America/Sao_Paulo }
starts: 2099-01-01
ramp: { steps: [10], halt_above: { failed: 20% } }
hold_out: 5%
cap: { most: 1, in: 7d }
budget: { most: 10, currency: USD }
suppress: { files: [out.csv], campaigns: [june] }
`;

describe("a test of a campaign", () => {
  it("has its message and its opt-outs, and nothing that is for many people", () => {
    const read = readManifest(WRITTEN, { file: "july.yaml", env: { TOKEN: "EAAtoken" } });
    if ("problems" in read) throw new Error(JSON.stringify(read.problems));
    const { manifest } = read;
    const list = { file: "/tmp/test.csv", phone: "Celular" };
    const test = testManifest(manifest, "july#test-1", list);
    expect(test).toEqual({
      campaign: "july#test-1",
      account: {
        ...(manifest.account as object),
        numbers: [{ phone_number_id: "106540352242922" }],
      },
      recipients: {
        ...list,
        ...{ id: "code", default_region: "BR", delimiter: ",", encoding: "utf-8" },
      },
      template: manifest.template,
      delivery: manifest.delivery,
      rate: { messages_per_second: 40, max_in_flight: 64 },
      suppress: { ...manifest.suppress, campaigns: [] },
    });
  });

  it.each([
    [[], "july#test-1"],
    [["july#test-1", "july#test-10", "july#test-9"], "july#test-11"],
  ])("is the next of %j", (names, next) => {
    expect(nextTestName("july", names)).toBe(next);
  });
});
