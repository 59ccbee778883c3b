// policy.yaml as its owner writes it, and the ledger that it names.

import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { ledgerNameFault } from "../../../src/domain/manifest/ledger-name.ts";
import { policyJsonSchema, readPolicy } from "../../../src/domain/manifest/policy.ts";

const read = (text: string, env: Record<string, string> = {}) =>
  readPolicy(text, { file: "policy.yaml", env });

const HOOKS = { HOOK: "http://hooks.example.com/x", OWN: "http://127.0.0.1:9/x", SHORT: "abc" };

describe("a policy", () => {
  it.each<[string, string, object]>([
    ["empty", "", {}],
    ["of comments", "# nothing yet\n\n  # ledger: x\n", {}],
    ["with a ledger", "ledger: data/ledger.sqlite\n", { ledger: "data/ledger.sqlite" }],
    ["with a variable", `ledger: "\${LEDGERS}/a.sqlite"\n`, { ledger: "/srv/a.sqlite" }],
  ])("%s is read", (_, text, policy) => {
    const suppress = { files: [], campaigns: [], stop_words: {} };
    expect(read(text, { LEDGERS: "/srv" })).toMatchObject({ policy: { ...policy, suppress } });
  });

  it.each<[string, string, RegExp, number, RegExp?]>([
    ["an unknown key", "ledgre: x\n", /unknown key `ledgre`/, 1, /Did you mean `ledger`/],
    [
      "a key of a manifest",
      "# a\ncampaign: x\n",
      /unknown key `campaign`/,
      2,
      /Did you mean `campaigns`\? It belongs under `suppress`/,
    ],
    [
      "a key of a manifest in another place",
      "rate: 5\n",
      /unknown key `rate`/,
      1,
      /people_per_day/,
    ],
    [
      "hours without an end",
      "hours: { from: '09:00', time_zone: UTC }\n",
      /`to` is missing under `hours`/,
      1,
    ],
    ["an address that is written down", 'notify: { url: "https://x.example/h" }\n', /secret/, 1],
    [
      "a hook over the open network",
      'notify: { url: "${HOOK}" }\n',
      /`notify.url` must begin with https/,
      1,
      /could be read/,
    ],
    [
      "an event that does not exist",
      'notify: { url: "${OWN}", events: [halt] }\n',
      /`notify.events\[0\]`/,
      1,
    ],
    [
      "a short secret",
      'notify: { url: "${OWN}", secret: "${SHORT}" }\n',
      /`notify.secret` is too short/,
      1,
    ],
    ["an empty ledger", 'ledger: ""\n', /`ledger` is empty: it names no ledger/, 1],
    ["a list", "- ledger\n", /must be a mapping|must be/, 1],
    ["a number", "ledger: 5\n", /`ledger` must be text/, 1],
    ["a URL", "ledger: mysql://db/x\n", /`ledger` is a URL/, 1],
    ["the shell's home", "ledger: ~/x.sqlite\n", /`ledger` begins with "~"/, 1],
    ["a variable that is not set", `ledger: "\${NOWHERE}"\n`, /NOWHERE is not set/, 1],
    ["two documents", "ledger: a\n---\nledger: b\n", /./, 2],
  ])("is refused with its place: %s", (_, text, message, line, hint) => {
    const problems = (read(text, HOOKS) as { problems: { message: string; hint?: string }[] })
      .problems;
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ file: "policy.yaml", line });
    expect(problems[0]?.message).toMatch(message);
    if (hint !== undefined) expect(problems[0]?.hint).toMatch(hint);
  });
});

it("has its JSON Schema in policy.schema.json; UPDATE_SCHEMA=1 npx vitest run test/domain/manifest/policy.test.ts writes it again", () => {
  const file = new URL("../../../policy.schema.json", import.meta.url);
  const text = `${JSON.stringify(policyJsonSchema(), null, 2)}\n`;
  if (process.env.UPDATE_SCHEMA === "1") writeFileSync(file, text);
  expect(readFileSync(file, "utf8")).toBe(text);
});

it.each(["a.sqlite", "../x/y", "/abs/l.sqlite", "C:\\ledgers\\a.sqlite", "data folder/l"])(
  "%j may name a ledger",
  (name) => expect(ledgerNameFault(name)).toBeNull(),
);
