import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import {
  checkScenario,
  defaultScenario,
  readScenario,
} from "../../src/sandbox/scenario/scenario.ts";

const SHIPPED = new URL("../../campaigns/spring.sandbox.yaml", import.meta.url);

describe("readScenario", () => {
  it("gives the default for an empty mapping", () => {
    expect(readScenario("{}", "s.yaml")).toEqual({ value: defaultScenario() });
  });

  it("keeps what a partial mapping leaves out", () => {
    const read = readScenario("latency_ms: { max: 50 }\nshares: { opted_out: 0.1 }", "s.yaml");
    if ("problems" in read) throw new Error("refused");
    expect(read.value.latency_ms).toEqual({ min: 0, max: 50 });
    expect(read.value.shares).toMatchObject({ opted_out: 0.1, unreachable: 0 });
    expect(read.value.throughput).toBe(80);
  });

  it("takes null for no limit and no receipts", () => {
    const read = readScenario("throughput: null\nreceipt_delay_ms: null", "s.yaml");
    expect(read).toMatchObject({ value: { throughput: null, receipt_delay_ms: null } });
  });

  it("names every problem with its place", () => {
    const text = "seeed: x\nshares:\n  read: 3\nfaults:\n  - { on: {}, do: hong }\n";
    const read = readScenario(text, "s.yaml");
    if (!("problems" in read)) throw new Error("accepted");
    expect(read.problems.map(({ file, line }) => [file, line])).toEqual([
      ["s.yaml", 1],
      ["s.yaml", 3],
      ["s.yaml", 5],
    ]);
  });

  it("names the place of a number that the account does not have", () => {
    const text = 'faults:\n  - do: hang\n    on: { phone_number_id: "7" }\n';
    const read = readScenario(text, "s.yaml");
    if (!("problems" in read)) throw new Error("accepted");
    expect(read.problems).toMatchObject([{ line: 3 }]);
    expect(read.problems[0]?.message).toContain("no number with the id 7");
    const known = `numbers: [{ phone_number_id: "7" }]\n${text}`;
    expect(readScenario(known, "s.yaml")).toHaveProperty("value");
  });
});

describe("a template of a scenario", () => {
  it("can be what Graph answered, whatever Meta keeps with its components", () => {
    const text = `
templates:
  - id: "920070352646140"
    name: fall_sale
    language: en_US
    category: MARKETING
    previous_category: UTILITY
    status: APPROVED
    quality_score: { score: UNKNOWN, date: 1795000000 }
    parameter_format: POSITIONAL
    components:
      - { type: HEADER, format: TEXT, text: Fall Sale }
      - { type: BODY, text: "Hi {{1}}", example: { body_text: [[Mark]] } }
      - { type: CAROUSEL, cards: [{ components: [{ type: HEADER, format: IMAGE }] }] }
      - { type: BUTTONS, buttons: [{ type: FLOW, text: Go, flow_id: "1", icon: STAR }] }
`;
    const read = readScenario(text, "s.yaml");
    if ("problems" in read) throw new Error(JSON.stringify(read.problems));
    const [template] = read.value.templates;
    expect(template?.components[1]).toHaveProperty("example", { body_text: [["Mark"]] });
    expect(template?.components[3]?.buttons?.[0]).toHaveProperty("icon", "STAR");
  });

  it("is refused with a key that neither Graph nor the sandbox has", () => {
    const read = readScenario(
      "templates:\n  - { name: a, language: en, components: [], statuss: X }",
      "s.yaml",
    );
    expect(JSON.stringify(read)).toContain("statuss");
  });
});

describe("checkScenario", () => {
  it.each([
    [{ latency_ms: { min: 5, max: 1 } }, "latency_ms"],
    [{ shares: { unreachable: 0.6, opted_out: 0.6 } }, "shares"],
    [{ phone_number_id: "12a" }, "phone_number_id"],
    [{ throughput: 0 }, "throughput"],
    [{ faults: [{ on: { nth: 0 }, do: "hang" }] }, "faults.0.on.nth"],
    [{ unknown: 1 }, "unknown"],
    [{ funding: "no" }, "funding"],
    [{ health: { phone_number: "GOOD" } }, "health.phone_number"],
    [{ management: { refusal_code: 5 } }, "management.refusal_code"],
    [{ media: { known_ids: ["a"] } }, "media.known_ids.0"],
    [{ token: { expires_in_seconds: -1 } }, "token.expires_in_seconds"],
    [{ templates: [{ name: "a", language: "en", components: [{ type: "X" }] }] }, "components.0"],
    [{ numbers: [{}] }, "numbers.0.phone_number_id"],
    [{ numbers: [{ phone_number_id: "7", messaging_limit: "TIER_2K" }] }, "numbers.0"],
    [{ numbers: [{ phone_number_id: "100000000000001" }] }, "numbers.0.phone_number_id"],
    [{ numbers: [{ phone_number_id: "7" }, { phone_number_id: "7" }] }, "numbers.1"],
    [
      { numbers: [{ phone_number_id: "7", display_phone_number: "552055550100" }] },
      "numbers.0.display_phone_number",
    ],
    [{ account_state: { phone_number_id: "7" } }, "account_state.phone_number_id"],
    [{ faults: [{ on: { phone_number_id: "7" }, do: "hang" }] }, "faults.0.on.phone_number_id"],
    [
      { inbound: [{ from: "+5520912345678", after_ms: 1, text: "a", phone_number_id: "7" }] },
      "inbound.0.phone_number_id",
    ],
  ])("refuses %j", (data, path) => {
    const checked = checkScenario(data);
    if (!("problems" in checked)) throw new Error("accepted");
    expect(checked.problems.join("\n")).toContain(path);
  });
});

describe("the shipped scenario", () => {
  const read = readScenario(readFileSync(SHIPPED, "utf8"), "campaigns/spring.sandbox.yaml");
  if ("problems" in read) throw new Error(JSON.stringify(read.problems));
  const { value } = read;

  it("has the template of the default scenario", () => {
    expect(value.templates).toEqual(defaultScenario().templates);
  });

  it("loses no answer and holds nobody for a day, so that one run finishes the campaign", () => {
    expect(value.faults).toEqual([]);
    expect(value.shares.per_user_limit).toBe(0);
    expect(value.account_state.refuse_all).toBeNull();
  });

  it("is as quick and as large as the campaign says", () => {
    expect(value).toMatchObject({ throughput: 80, latency_ms: { min: 20, max: 60 } });
    expect(value.shares.unreachable).toBeGreaterThan(0);
    expect(value.held_share).toBeGreaterThan(0);
  });
});
