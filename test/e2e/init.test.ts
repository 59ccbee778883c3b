// `campaign init`: in an empty folder, as a person, a script and a terminal use it.

import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import writeXlsxFile from "write-excel-file/node";

import type { TestSandbox } from "../support/harness.ts";
import { acceptedBy, makeFolder, startSandbox, statuses } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";
import { startProgram } from "../support/programs.ts";

const MAIN = resolve("dist/cli/main.js");
const PEOPLE = `celular,Nome,voucher
+5511987650001,Ana,AB12CD
11987650002,,EF34GH
`;
/** The token may use one account, which has two numbers and two templates. */
const SCENARIO = `
access_token: EAAtoken-of-a-test
numbers: [{ phone_number_id: "100000000000011" }]
templates:
  - { name: offer, language: pt_BR, components: [{ type: BODY, text: "Oi {{1}}, seu cupom {{2}}." }] }
  - { name: old, language: pt_BR, status: PAUSED, components: [{ type: BODY, text: "Oi." }] }
`;
const WRITTEN = [".env", ".gitignore", "campaign.schema.json", "campaigns", "data"];

const { folder: home, remove } = makeFolder();
let sandbox: TestSandbox;

beforeAll(async () => {
  mkdirSync(join(home, "meta"));
  sandbox = await startSandbox(join(home, "meta"), SCENARIO);
});
afterAll(async () => {
  await sandbox.kill();
  remove();
});

/** An empty folder but for a list. */
function folderWithList(name: string): string {
  const folder = join(home, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "people.csv"), PEOPLE);
  writeFileSync(join(home, "token"), `${sandbox.token}\n`);
  return folder;
}

describe("init --sandbox", () => {
  it("makes a campaign that runs, in an empty folder and without an answer", async () => {
    const folder = join(home, "try");
    mkdirSync(folder);
    const made = await campaign(["init", "--sandbox"], { cwd: folder, newLedger: false });
    expect(made.code, made.stderr).toBe(0);
    expect(made.stdout).toContain("Next: campaign campaigns/spring-try.yaml");
    expect(existsSync(join(folder, ".env"))).toBe(false);
    const run = await campaign(["campaigns/spring-try.yaml"], { cwd: folder, newLedger: false });
    expect(run.code, run.stderr).toBe(0);
    const found = statuses(folder);
    const rows = Object.values(found).reduce((sum, one) => sum + one, 0);
    expect(rows).toBeGreaterThan(110);
    expect((found.delivered ?? 0) + (found.read ?? 0)).toBeGreaterThan(90);
  });

  it("refuses to write over what is there", async () => {
    const folder = join(home, "try");
    const before = readFileSync(join(folder, "campaigns/spring-try.yaml"), "utf8");
    const again = await campaign(["init", "--sandbox", "--json"], { cwd: folder });
    expect(again.code).toBe(2);
    expect(JSON.parse(again.stdout).error.id).toBe("file_exists");
    expect(readFileSync(join(folder, "campaigns/spring-try.yaml"), "utf8")).toBe(before);
  });

  it.each(["people.csv", "people.jsonl", "people.xlsx"])(
    "takes a list of one's own: %s",
    async (list) => {
      const folder = folderWithList(`own-${list}`);
      const rows = PEOPLE.trim()
        .split("\n")
        .map((line) => line.split(","));
      const [header = [], ...others] = rows;
      const objects = others.map((row) =>
        Object.fromEntries(row.map((cell, at) => [header[at], cell])),
      );
      writeFileSync(
        join(folder, "people.jsonl"),
        objects.map((one) => `${JSON.stringify(one)}\n`).join(""),
      );
      await writeXlsxFile(rows.map((row) => row.map((value) => ({ value })))).toFile(
        join(folder, "people.xlsx"),
      );
      const args = ["init", "--sandbox", "--list", list, "--region", "BR", "--yes"];
      const made = await campaign(args, { cwd: folder, newLedger: false });
      expect(made.code, made.stdout + made.stderr).toBe(0);
      const [name = ""] = readdirSync(join(folder, "campaigns"));
      const manifest = readFileSync(join(folder, "campaigns", name), "utf8");
      expect(manifest).toContain(`file: "../${list}"`);
      expect(manifest).toContain('- "{{ Nome }}"');
      expect(manifest).toContain('- "{{ voucher }}"');
    },
  );
});

describe("init where nobody can answer", () => {
  const real = () => ["init", "--base-url", sandbox.url, "--token-file", "../token"];

  it("names the option of every answer that is missing, and writes nothing", async () => {
    const folder = folderWithList("missing");
    const first = await campaign(["init", "--json"], { cwd: folder });
    expect(first.code).toBe(2);
    const remedies = (out: string) =>
      JSON.parse(out).error.problems.map((one: { remedy: string }) => one.remedy);
    expect(remedies(first.stdout)).toEqual([
      expect.stringContaining("--token-file <file>"),
      expect.stringContaining("--list <file>"),
    ]);
    const number = await campaign([...real(), "--list", "people.csv", "--json"], { cwd: folder });
    expect(remedies(number.stdout)).toEqual([expect.stringContaining("--number <id>")]);
    const args = [...real(), "--list", "people.csv", "--number", sandbox.phoneNumberId];
    const values = await campaign([...args, "--json"], { cwd: folder });
    expect(remedies(values.stdout)).toEqual([
      expect.stringContaining("--region <country>"),
      expect.stringContaining("--bind body.1=<column or text>"),
      expect.stringContaining("--bind body.2=<column or text>"),
    ]);
    expect(readdirSync(folder)).toEqual(expect.not.arrayContaining(WRITTEN));
  });

  it("refuses a column that is not there, and a token that Meta refuses", async () => {
    const folder = folderWithList("wrong");
    const args = [...real(), "--list", "people.csv", "--number", sandbox.phoneNumberId];
    const bind = await campaign([...args, "--region", "BR", "--bind", "body.1=Nom"], {
      cwd: folder,
    });
    expect(bind.code).toBe(2);
    expect(bind.stderr).toContain('Did you mean "Nome"?');
    writeFileSync(join(folder, "bad"), "EAAwrong-token");
    const bad = [...args.slice(0, 3), "--token-file", "bad", "--list", "people.csv"];
    const token = await campaign(bad, { cwd: folder });
    expect(token.code).toBe(2);
    expect(token.stderr).toContain("permanent token of a system user");
    expect(token.stderr).not.toContain("EAAwrong-token");
    expect(readdirSync(folder)).toEqual(expect.not.arrayContaining(WRITTEN));
  });

  it("writes a campaign that reaches the people of the list, and a secret that others cannot read", async () => {
    const folder = folderWithList("real");
    const args = [...real(), "--list", "people.csv", "--number", sandbox.phoneNumberId];
    const answers = ["--region", "BR", "--bind", "body.1=Nome", "--default", "body.1=você"];
    const more = ["--bind", "body.2=voucher", "--campaign", "july"];
    const made = await campaign([...args, ...answers, ...more], { cwd: folder, newLedger: false });
    expect(made.code, made.stdout + made.stderr).toBe(0);
    expect(statSync(join(folder, ".env")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, ".env"), "utf8")).toBe(
      `WHATSAPP_ACCESS_TOKEN=${sandbox.token}\n`,
    );
    expect(readFileSync(join(folder, ".gitignore"), "utf8")).toContain(".env\n");
    const run = await campaign(["campaigns/july.yaml", "--yes"], { cwd: folder, newLedger: false });
    expect(run.code, run.stderr).toBe(0);
    expect(acceptedBy(sandbox.log).sort()).toEqual(["+5511987650001", "+5511987650002"]);
  });
});

describe("init at a terminal", () => {
  function terminal(folder: string) {
    const command = `stty cols 80 rows 24; exec ${process.execPath} ${MAIN} init --base-url ${sandbox.url}`;
    const env = { TERM: "xterm" };
    return startProgram("script", ["-qec", command, "/dev/null"], {
      cwd: folder,
      env,
      stdin: "pipe",
    });
  }

  it("asks, proposes, and does not show the token", async () => {
    const folder = folderWithList("terminal");
    const program = terminal(folder);
    const answers: [RegExp, string][] = [
      [/not shown/, sandbox.token],
      [/The list/, "people.csv"],
      [/Which one sends/, "1"],
      [/Column of the phone/, ""],
      [/which country/, "BR"],
      [/body\.1: a column.*\[Nome\]/, ""],
      [/is empty in 1/, "amiga"],
      [/body\.2: a column.*\[voucher\]/, "vouchr"],
      [/Did you mean "voucher"\?[\s\S]*body\.2/, "voucher"],
      [/Name of the campaign/, "july"],
    ];
    for (const [question, answer] of answers) {
      await program.saw(question);
      program.child.stdin?.write(`${answer}\r`);
    }
    const { code, stdout } = await program.ended;
    expect(code, stdout).toBe(0);
    expect(stdout).not.toContain(sandbox.token);
    const manifest = readFileSync(join(folder, "campaigns/july.yaml"), "utf8");
    expect(manifest).toContain("- \"{{ Nome | default: 'amiga' }}\"");
    expect(manifest).toContain("# yaml-language-server: $schema=../campaign.schema.json");
  });

  it("leaves nothing after Ctrl-C", async () => {
    const folder = folderWithList("ctrl-c");
    const program = terminal(folder);
    await program.saw(/not shown/);
    program.child.stdin?.write(`${sandbox.token}\r`);
    await program.saw(/The list/);
    program.child.stdin?.write("\x03");
    const { code, stdout } = await program.ended;
    expect(code, stdout).toBe(75);
    expect(stdout).toContain("nothing was written");
    expect(readdirSync(folder)).toEqual(expect.not.arrayContaining(WRITTEN));
  });
});
