// After an upgrade of Node the library of SQLite does not load: every command says what to do, and
// none calls it a bug.

import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import { makeFolder, numberOf, QUICK_SANDBOX, writeCsv } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";
import type { CommandEnded } from "../support/in-turn.ts";
import { inTurn } from "../support/in-turn.ts";

const PRELOAD = resolve(import.meta.dirname, "../support/engine-of-another-node.cjs");

/** Commands that need a ledger. */
const COMMANDS = [
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
];
/** Commands to which it does not matter. */
const WITHOUT = [["--help"], ["preview", "c.yaml"]];

let folder: string;
/** What came of each command, those without a ledger last. */
let ended: CommandEnded[];
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
  const env = {
    NODE_OPTIONS: `--require=${PRELOAD}`,
    WHATSAPP_APP_SECRET: "0123456789abcdef",
    WHATSAPP_VERIFY_TOKEN: "verify",
  };
  ended = await inTurn([...COMMANDS, ...WITHOUT], { cwd: folder, env });
});
afterAll(() => remove());

it.each(COMMANDS.map((args, at) => ({ args: args.join(" "), at })))("$args", ({ at }) => {
  const { code, stdout, stderr } = ended[at] ?? {};
  expect([code, stderr]).toEqual([2, expect.not.stringContaining("bug")]);
  expect(`${stdout}${stderr}`).toContain(
    "better-sqlite3 is built for another version of Node than v",
  );
  expect(`${stdout}${stderr}`).toContain("npm rebuild better-sqlite3");
});

it.each(WITHOUT.map((args, at) => ({ args: args.join(" "), at })))("$args: works", ({ at }) => {
  expect(ended[COMMANDS.length + at]?.code).toBe(0);
});
