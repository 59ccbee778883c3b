import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { checkScenario, defaultScenario, readScenario } from "../../src/sandbox/scenario.ts";

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
});

describe("checkScenario", () => {
  it.each([
    [{ latency_ms: { min: 5, max: 1 } }, "latency_ms"],
    [{ shares: { unreachable: 0.6, opted_out: 0.6 } }, "shares"],
    [{ phone_number_id: "12a" }, "phone_number_id"],
    [{ throughput: 0 }, "throughput"],
    [{ faults: [{ on: { nth: 0 }, do: "hang" }] }, "faults.0.on.nth"],
    [{ unknown: 1 }, "unknown"],
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
