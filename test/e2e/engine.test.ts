// After an upgrade of Node the library of SQLite does not load: every command says what to do, and
// none calls it a bug.

import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import { makeFolder, numberOf, QUICK_SANDBOX, writeCsv } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const PRELOAD = resolve(import.meta.dirname, "../support/engine-of-another-node.cjs");

let folder: string;
let remove: () => void;
beforeAll(async () => {
  ({ folder, remove } = makeFolder());
  writeCsv(folder, 2);
  writeFileSync(join(folder, "bodies.jsonl"), '{"entry":[]}\n');
  writeFileSync(
    join(folder, "c.yaml"),
    `campaign: test
${QUICK_SANDBOX}
recipients: { file: list.csv, phone: phone }
template: { name: offer, language: pt_BR, body: ["{{ first_name }}", "{{ coupon }}"] }
`,
  );
  const ran = await campaign(["--new-ledger", "run", "c.yaml", "--yes"], { cwd: folder }).then(
    (ended) => (ended.code === 2 ? campaign(["run", "c.yaml", "--yes"], { cwd: folder }) : ended),
  );
  expect(ran.code, ran.stderr).toBe(0);
});
afterAll(() => remove());

it.each([
  ["run", "c.yaml", "--yes"],
  ["check", "c.yaml"],
  ["status"],
  ["status", "c.yaml", "--json"],
  ["report", "c.yaml"],
  ["compare", "test", "test"],
  ["rejects", "c.yaml"],
  ["retry", "c.yaml", "--code", "1"],
  ["resolve", "c.yaml", "--unknown", "give-up"],
  ["pause", "c.yaml"],
  ["cancel", "c.yaml", "--yes"],
  ["suppress", "add", numberOf(1)],
  ["suppress", "list"],
  ["receipts", "import", "bodies.jsonl"],
  ["webhooks", "--port", "0"],
  ["serve", "--port", "0"],
  ["purge", "--older-than", "90d"],
  ["forget", numberOf(1), "--yes"],
  ["audit"],
  ["doctor"],
])("%s %s", async (...args) => {
  const env = {
    NODE_OPTIONS: `--require=${PRELOAD}`,
    WHATSAPP_APP_SECRET: "0123456789abcdef",
    WHATSAPP_VERIFY_TOKEN: "verify",
  };
  const { code, stdout, stderr } = await campaign(args, { cwd: folder, env });
  expect([code, stderr]).toEqual([2, expect.not.stringContaining("bug")]);
  expect(stdout + stderr).toContain("better-sqlite3 is built for another version of Node than v");
  expect(stdout + stderr).toContain("npm rebuild better-sqlite3");
});

it("does not matter to a command without a ledger", async () => {
  const env = { NODE_OPTIONS: `--require=${PRELOAD}` };
  expect((await campaign(["--help"], { cwd: folder, env })).code).toBe(0);
  expect((await campaign(["preview", "c.yaml"], { cwd: folder, env })).code).toBe(0);
});
