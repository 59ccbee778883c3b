// A campaign under a policy, end to end: check says which one counts, and what is less strict is
// refused with both places.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { test as it } from "../support/fixture.ts";
import { writeCsv } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const MANIFEST = `campaign: july
account: sandbox
recipients: { file: list.csv }
template: { name: spring_2026, language: pt_BR, body: ["{{ first_name }}"] }
`;

it("counts for every manifest below it, and check says what it sets", async ({ folder }) => {
  const cwd = join(folder, "campaigns");
  mkdirSync(cwd);
  writeCsv(cwd, 5);
  writeFileSync(join(cwd, "july.yaml"), MANIFEST);
  writeFileSync(join(folder, "optouts.csv"), "phone\n+5511970000002\n");
  const policy = join(folder, "policy.yaml");
  writeFileSync(policy, "people_per_day: 4\nsuppress: { files: [optouts.csv] }\n");
  const said = await campaign(["check", "july.yaml"], { cwd });
  expect(said.stdout).toContain("policy ../policy.yaml: at most 4 people a day; 1 opt-out list");
  expect(said.stdout).toMatch(/^july: 5 rows, 4 to send, 1 skipped$/m);
  expect(
    JSON.parse((await campaign(["check", "july.yaml", "--json"], { cwd })).stdout),
  ).toMatchObject({
    policy: {
      file: policy,
      rules: { "rate.people_per_day": 4, "suppress.files": ["../optouts.csv"] },
    },
  });
  writeFileSync(join(cwd, "july.yaml"), `${MANIFEST}rate: { people_per_day: 5 }\n`);
  const refused = await campaign(["july.yaml"], { cwd });
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain(
    "july.yaml:5:25: ../policy.yaml:1 allows 4 people a day, july.yaml:5 asks for 5",
  );
  writeFileSync(policy, "people_per_day: 4\nsuppress: { files: [missing.csv] }\n");
  writeFileSync(join(cwd, "july.yaml"), MANIFEST);
  const missing = await campaign(["july.yaml"], { cwd });
  expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining("missing.csv")]);
});
