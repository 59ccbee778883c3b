// The digest of a plan: what it describes reads back, and each difference has its sentence.

import { describe, expect, it } from "vitest";
import { manifestJsonSchema } from "../../../src/domain/manifest/manifest.ts";
import type { Plan, PlanNow } from "../../../src/domain/preflight/plan-digest.ts";
import {
  PLAN_KEYS,
  planDifferences,
  planDigest,
  planProblems,
  readPlanDigest,
} from "../../../src/domain/preflight/plan-digest.ts";

const KEYS = "ABCDEFGHIJKLMNOPQRS";

const PLAN: Plan = {
  keys: KEYS,
  manifest: "m-_45678901",
  source: "s2345678901",
  template: "t2345678901",
  people: 48_000,
  price: { amount: 3_360_250_000, currency: "USD" },
};

const without = (key: (typeof PLAN_KEYS)[number]) =>
  [...KEYS].map((one, at) => (PLAN_KEYS[at] === key ? "-" : one)).join("");

describe("the digest of a plan", () => {
  it.each<[string, Plan]>([
    ["with a price", PLAN],
    ["without a price", { ...PLAN, price: null }],
    ["without a template", { ...PLAN, template: null }],
    ["for nobody", { ...PLAN, people: 0, price: { amount: 0, currency: "BRL" } }],
  ])("%s reads back as it was", (_, plan) => {
    expect(readPlanDigest(planDigest(plan))).toEqual(plan);
  });

  it("is a word that a shell takes as it is", () => {
    expect(planDigest(PLAN)).toBe(
      "p1.ABCDEFGHIJKLMNOPQRS.m-_45678901.s2345678901.t2345678901.48000.3360.25USD",
    );
  });

  it.each(["", "p1", "spring.yaml", planDigest(PLAN).slice(0, -1), `${planDigest(PLAN)} `, "p2.A"])(
    "%j is none",
    (text) => {
      expect(readPlanDigest(text)).toBeUndefined();
    },
  );

  it("names every key that a manifest can have", () => {
    const keys = Object.keys(manifestJsonSchema().properties as object);
    const unnamed = keys.filter((key) => !(PLAN_KEYS as readonly string[]).includes(key));
    expect(unnamed).toEqual([]);
  });
});

describe("what is otherwise than in a plan", () => {
  it.each<[string, PlanNow, string[]]>([
    ["nothing", PLAN, []],
    ["fewer people, for less", { people: 47_990, price: { amount: 1, currency: "USD" } }, []],
    ["one person more", { people: 48_001 }, ["48,001 people instead of 48,000"]],
    ["another list", { source: "s0000000000" }, ["the list is another file"]],
    [
      "another rate",
      { manifest: "m0000000000", keys: without("rate") },
      ["the manifest is another: `rate`"],
    ],
    [
      "a key that no character shows",
      { manifest: "m0000000000", keys: KEYS },
      ["the manifest is another: a key, or a file that its message carries"],
    ],
    [
      "another template",
      { template: "t0000000000" },
      ["the template at Meta is another, in its words, its category or its TTL"],
    ],
    ["no template", { template: null }, ["the template cannot be read at Meta now"]],
    [
      "a higher price",
      { price: { amount: 3_400_000_000, currency: "USD" } },
      ["at most 3,400.00 USD instead of 3,360.25 USD"],
    ],
    [
      "another currency",
      { price: { amount: 1_000_000, currency: "EUR" } },
      ["at most 1.00 EUR instead of 3,360.25 USD"],
    ],
    [
      "no price",
      { price: null },
      ["a price is not known any more; at most 3,360.25 USD was planned"],
    ],
  ])("%s", (_, now, expected) => {
    expect(planDifferences(PLAN, now)).toEqual(expected);
  });

  it("is one problem with every difference", () => {
    const differences = planDifferences(PLAN, { source: "s0000000000", people: 50_000 });
    const [problem, ...others] = planProblems(differences, { file: "july.yaml", isGiven: true });
    expect(others).toEqual([]);
    expect(problem).toMatchObject({
      id: "plan_differs",
      file: "july.yaml",
      message:
        "what would be sent is not the plan that was given: the list is another file; 50,000 people instead of 48,000. Nothing was sent now",
    });
    expect(problem?.hint).toContain("campaign check july.yaml");
  });
});
