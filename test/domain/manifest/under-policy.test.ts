// A manifest under a policy: what it leaves out is the policy's, and what it has may only be
// stricter.

import { describe, expect, it } from "vitest";
import type { Problem } from "../../../src/domain/common/errors.ts";
import type { Locate, Manifest } from "../../../src/domain/manifest/manifest.ts";
import { capOfManifest, readManifest } from "../../../src/domain/manifest/manifest.ts";
import type { ReadPolicy } from "../../../src/domain/manifest/policy.ts";
import { readPolicy } from "../../../src/domain/manifest/policy.ts";
import { policyTexts, setAsideTexts } from "../../../src/domain/manifest/under-policy.ts";
import { dailyLimitOf } from "../../../src/domain/sending/daily-limit.ts";

const LEAST = `campaign: july
account: sandbox
recipients: { file: list.csv }
template: { name: offer, language: pt_BR }
`;

function under(policyText: string, more = "") {
  const read = readPolicy(policyText, { file: "/p/policy.yaml" }) as ReadPolicy;
  expect(read).not.toHaveProperty("problems");
  const policy = {
    ...read,
    file: "/p/policy.yaml",
    shownAs: "../policy.yaml",
    nameOf: (name: string) => `../${name}`,
  };
  return readManifest(`${LEAST}${more}`, { file: "july.yaml", policy });
}

const manifestUnder = (policy: string, more?: string): { manifest: Manifest; at: Locate } => {
  const read = under(policy, more);
  expect(read).not.toHaveProperty("problems");
  return read as { manifest: Manifest; at: Locate };
};

const HOURS = "hours: { from: '09:00', to: '20:00', time_zone: America/Sao_Paulo }\n";

describe("a manifest under a policy", () => {
  it("gets the hours, and its end is a day of their time zone", () => {
    const { manifest, at } = manifestUnder(HOURS, "ends: 2026-12-01\n");
    expect(manifest.hours?.to).toBe("20:00");
    expect(new Date(manifest.ends as number).toISOString()).toBe("2026-12-02T03:00:00.000Z");
    expect(at(["hours", "to"])).toMatchObject({ file: "/p/policy.yaml", line: 1 });
    expect(at(["campaign"])).toMatchObject({ file: "july.yaml", line: 1 });
    expect(policyTexts(manifest.policy?.rules ?? {})).toEqual([
      "sends 09:00 to 20:00 America/Sao_Paulo",
    ]);
  });

  it.each<[string, string, boolean]>([
    ["the same", "from: '09:00', to: '20:00', time_zone: America/Sao_Paulo", true],
    ["shorter", "from: '10:00', to: '12:30', time_zone: America/Sao_Paulo", true],
    [
      "on fewer days",
      "from: '09:00', to: '20:00', time_zone: America/Sao_Paulo, days: [mon]",
      true,
    ],
    ["longer", "from: '08:59', to: '20:00', time_zone: America/Sao_Paulo", false],
    ["over midnight", "from: '19:00', to: '01:00', time_zone: America/Sao_Paulo", false],
    ["of another time zone", "from: '10:00', to: '12:00', time_zone: UTC", false],
  ])("keeps hours of its own within them: %s", (_, own, isWithin) => {
    const read = under(HOURS, `hours: { ${own} }\n`);
    if (isWithin) {
      expect((read as { manifest: Manifest }).manifest).toMatchObject({ policy: { rules: {} } });
    } else {
      const [problem] = (read as { problems: Problem[] }).problems;
      expect(problem).toMatchObject({ file: "july.yaml", line: 5 });
      expect(problem?.message).toMatch(
        /^\.\.\/policy\.yaml:1 allows 09:00 to 20:00 America\/Sao_Paulo, july\.yaml:5 asks for /,
      );
    }
  });

  it("keeps hours over midnight within a policy's, also from Sunday to Monday", () => {
    const policy = "hours: { from: '22:00', to: '06:00', time_zone: UTC, days: [sun] }\n";
    const hours = (days: string, from: string) =>
      under(policy, `hours: { from: '${from}', to: '05:00', time_zone: UTC, days: [${days}] }\n`);
    expect(hours("sun", "23:00")).toHaveProperty("manifest");
    expect(hours("mon", "00:00")).toHaveProperty("manifest");
    expect(hours("mon", "23:00")).toHaveProperty("problems");
  });

  it("gets the limit of people, which it may only lower; both places are named", () => {
    const policy = "# ours\npeople_per_day: 1800\n";
    const given = manifestUnder(policy);
    expect(dailyLimitOf(given.manifest, null)).toEqual({
      people: 1800,
      from: "people_per_day of the policy",
    });
    expect(given.at(["rate", "people_per_day"])).toMatchObject({ file: "/p/policy.yaml", line: 2 });
    const own = manifestUnder(policy, "rate: { people_per_day: 500 }\n");
    expect(dailyLimitOf(own.manifest, null)).toEqual({ people: 500, from: "rate.people_per_day" });
    expect(under(policy, "rate:\n  people_per_day: 2500\n")).toEqual({
      problems: [
        expect.objectContaining({
          message: "../policy.yaml:2 allows 1,800 people a day, july.yaml:6 asks for 2,500",
          file: "july.yaml",
          line: 6,
        }),
      ],
    });
  });

  it("gets the budget, which it may only lower, in the same currency", () => {
    const policy = "budget: { most: 500, currency: USD }\n";
    expect(manifestUnder(policy).manifest.budget).toEqual({ most: 500, currency: "USD" });
    const own = manifestUnder(policy, "budget: { most: 99.5, currency: USD }\n");
    expect(own.manifest.budget).toEqual({ most: 99.5, currency: "USD" });
    for (const asked of ["501, currency: USD", "5, currency: EUR"]) {
      const { problems } = under(policy, `budget: { most: ${asked} }\n`) as { problems: Problem[] };
      expect(problems[0]?.message).toMatch(/allows 500\.00 USD, july\.yaml:5 asks for 5/);
    }
  });

  it("adds to whom it does not message; each at its place", () => {
    const policy = `suppress:
  files: [all.csv]
  campaigns: [june, july, august]
  stop_words: { pt: [chega], es: [ya] }
`;
    const own = "suppress: { files: [own.csv], stop_words: { pt: [fora] } }\n";
    const { manifest, at } = manifestUnder(policy, own);
    expect(manifest.suppress).toMatchObject({
      files: ["own.csv", "../all.csv"],
      // One of the list leaves out those before it.
      campaigns: ["june"],
      stop_words: { pt: ["fora", "chega"], es: ["ya"] },
    });
    const line = (...path: (string | number)[]) => {
      const { file, line } = at(path);
      return `${file}:${line}`;
    };
    expect(line("suppress", "files", 0)).toBe("july.yaml:5");
    expect(line("suppress", "files", 1)).toBe("/p/policy.yaml:2");
    expect(line("suppress", "campaigns", 0)).toBe("/p/policy.yaml:3");
    expect(policyTexts(manifest.policy?.rules ?? {})).toEqual([
      "1 opt-out list",
      "leaves out the people of june",
      "stop words",
    ]);
  });

  it("lists everything that is less strict at once", () => {
    const read = under(
      `${HOURS}people_per_day: 5\n`,
      "rate: { people_per_day: 6 }\nhours: { from: '01:00', to: '02:00', time_zone: UTC }\n",
    );
    expect((read as { problems: Problem[] }).problems).toHaveLength(2);
  });
});

describe("the cap of a policy", () => {
  const policy = "people_per_day: 9\ncap:\n  most: 2\n  in: 7d\n  gap: 24h\n";
  const day = 86_400_000;

  it("counts where the manifest has none, and fills in what its own leaves out", () => {
    const given = manifestUnder(policy);
    const cap = { most: 2, windowMs: 7 * day, gapMs: day, over: "skip" };
    expect(capOfManifest(given.manifest)).toEqual(cap);
    expect(given.at(["cap", "in"])).toMatchObject({ file: "/p/policy.yaml", line: 4 });
    expect(policyTexts(given.manifest.policy?.rules ?? {})).toContain(
      "a frequency cap of 2 in 7d, gap 24h (skip)",
    );
    const own = manifestUnder(policy, "cap: { most: 1, in: 30d, over: hold }\n");
    const stricter = { most: 1, windowMs: 30 * day, gapMs: day, over: "hold" };
    expect(capOfManifest(own.manifest)).toEqual(stricter);
  });

  it.each<[string, string, string]>([
    [
      "more messages",
      "most: 5, in: 7d",
      "policy.yaml:3 allows 2 in 7d, gap 24h, july.yaml:5 asks for 5",
    ],
    [
      "a shorter time",
      "most: 1, in: 6d",
      "policy.yaml:4 allows 2 in 7d, gap 24h, july.yaml:5 asks for in 6d",
    ],
    [
      "a shorter gap",
      "most: 1, in: 7d, gap: 60m",
      "policy.yaml:5 allows no gap below 24h, july.yaml:5 asks for 1h",
    ],
  ])("refuses %s with both places", (_, keys, message) => {
    const { problems } = under(policy, `cap: { ${keys} }\n`) as { problems: Problem[] };
    expect(problems.map((one) => one.message)).toEqual([`../${message}`]);
  });

  it("may be set aside, which is said", () => {
    const { manifest } = manifestUnder(policy, "cap: off\n");
    expect(capOfManifest(manifest)).toBeNull();
    expect(setAsideTexts(manifest.policy?.setAside ?? {})).toEqual([
      "not obeyed by this campaign: a frequency cap of 2 in 7d, gap 24h (skip)",
    ]);
  });

  it.each([
    ["cap: { most: 0, in: 7d }", /cap\.most/],
    ["cap: { most: 2, in: 7 }", /must be/],
    ["cap: { most: 2, in: 400d }", /must be from 1m to 365d/],
    ["cap: { most: 2 }", /`in` is missing under `cap`/],
    ["cap: { most: 2, in: 7d, ovre: hold }", /unknown key/],
    ["cap: on", /cap/],
  ])("is refused where it is wrong: %s", (text, message) => {
    const read = readManifest(`${LEAST}${text}\n`, { file: "july.yaml" });
    expect((read as { problems: Problem[] }).problems[0]?.message).toMatch(message);
  });
});
