// Lists that are no files: what a command prints, and what stands on stdin. Each is read once, and a
// later run has the same people.

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "vitest";
import { test as it } from "../support/fixture.ts";
import { campaign } from "../support/in-process.ts";
import { environmentOf } from "../support/programs.ts";

const MAIN = resolve(import.meta.dirname, "../../dist/cli/main.js");

const manifestOf = (list: string) => `campaign: july
account: sandbox
recipients: { ${list} }
template: { name: spring_2026, language: pt_BR, body: ["{{ first_name }}"] }
`;

/** A list of so many people as a command prints it. */
const printed = (people: number) =>
  Array.from({ length: people }, (_, at) => `+551198765000${at},Ana ${at}\n`).join("");

it("sends to whom a command printed, once, and the same ones when it prints others", async ({
  folder,
}) => {
  const run = (...args: string[]) => campaign(args, { cwd: folder });
  const command = `printf 'phone,first_name\\n'; cat rows.txt`;
  writeFileSync(join(folder, "july.yaml"), manifestOf(`command: ${JSON.stringify(command)}`));
  writeFileSync(join(folder, "rows.txt"), printed(3));

  const refused = await run("check", "july.yaml", "--json");
  expect(refused.code).toBe(2);
  expect(JSON.parse(refused.stdout).error).toMatchObject({
    id: "command_not_allowed",
    problems: [{ file: "july.yaml", line: 3, remedy: expect.stringContaining("--allow-command") }],
  });
  const checked = await run("check", "july.yaml", "--allow-command");
  expect(checked.code, checked.stderr).toBe(0);
  expect(checked.stdout).toContain("july: 3 rows, 3 to send");
  const lists = join(folder, "data", "lists");
  const [name = ""] = readdirSync(lists);
  expect(statSync(join(lists, name)).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(lists, name), "utf8")).toBe(`phone,first_name\n${printed(3)}`);

  // The audience of the database moves on; that of the campaign does not, until a person wants it.
  writeFileSync(join(folder, "rows.txt"), printed(5));
  const sent = await run("run", "july.yaml", "--json");
  expect(sent.code, sent.stderr).toBe(0);
  expect(JSON.parse(sent.stdout)).toMatchObject({ rows: 3 });
  const more = await run("run", "july.yaml", "--json", "--reread", "--allow-command");
  expect(more.code, more.stderr).toBe(0);
  expect(JSON.parse(more.stdout)).toMatchObject({ rows: 5 });

  // Another command is another list, and may be anything.
  writeFileSync(join(folder, "july.yaml"), manifestOf("command: cat others.csv"));
  expect((await run("run", "july.yaml")).stderr).toContain("--allow-command runs it");
});

it.for([
  [
    "prints half of it and fails",
    "printf 'phone,first_name\\n+5511987650001,Ana\\n'; echo lost the connection >&2; exit 3",
    "ended with exit code 3",
    "lost the connection",
  ],
  ["is not there", "no-such-program-here", "ended with exit code 127", "no-such-program-here"],
  ["is ended by a signal", "kill -9 $$", "was ended by SIGKILL", "It wrote nothing on stderr."],
])("plans nothing where the command %s", async ([_, command = "", fault, said], { folder }) => {
  const run = (...args: string[]) => campaign(args, { cwd: folder });
  writeFileSync(join(folder, "july.yaml"), manifestOf(`command: ${JSON.stringify(command)}`));
  const ended = await run("run", "july.yaml", "--allow-command", "--json");
  expect(ended.code).toBe(2);
  const { error } = JSON.parse(ended.stdout);
  expect(error.id).toBe("command_failed");
  expect(error.message).toContain(fault);
  expect(error.problems[0].remedy).toContain(said);
  expect(readdirSync(join(folder, "data", "lists"))).toEqual([]);
  expect((await run("status", "--json")).stdout).not.toContain('"july"');
});

it("takes a list from stdin, and keeps it", async ({ folder }) => {
  writeFileSync(join(folder, "july.yaml"), manifestOf('file: "-"'));
  const piped = (args: string[], input: string) =>
    spawnSync(process.execPath, [MAIN, "--new-ledger", ...args], {
      ...{ cwd: folder, input, encoding: "utf8", env: environmentOf(folder) as NodeJS.ProcessEnv },
    });
  const sent = piped(["run", "july.yaml", "--json"], `phone,first_name\n${printed(4)}`);
  expect(sent.status, sent.stderr).toBe(0);
  expect(JSON.parse(sent.stdout)).toMatchObject({ rows: 4 });
  const again = piped(["run", "july.yaml", "--json"], "");
  expect(again.status, again.stderr).toBe(0);
  expect(JSON.parse(again.stdout)).toMatchObject({ rows: 4, state: "finished" });
  const empty = piped(["check", "july.yaml", "--reread"], "");
  expect(empty.status).toBe(2);
  expect(empty.stderr).toContain("nothing stands on stdin");
  expect(piped(["check", "july.yaml"], "").stdout).toContain("july: 4 rows");
});
