// Text that another party wrote does not steer a terminal: no command of the program lets a control
// or a direction mark through to one. Files and pipes get every byte as it is.

import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { makeCsvWriter, plain, printable, writtenOut } from "../../src/domain/common/plain.ts";
import { makeFolder, numberOf, QUICK_SANDBOX } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";
import { inTurnAtTerminal } from "../support/in-turn.ts";

/**
 * Sets the title, clears the screen, colours, moves up, turns the direction, and begins a line of
 * its own.
 */
const HOSTILE =
  "\u001b]0;owned\u0007\u001b[2J\u001b[8mhidden\u009b1A\u202eevil\u2066x\u2069\u200f\u0085next\b\r\nFAKE LINE";
/** All that may reach a terminal besides text: the ends of lines, and our own colours. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const OURS = /\r\n|\n|\u001b\[(?:1|22|3[0-9]|39)m|\r\u001b\[2K/g;
const STEERS = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** Commands that print what another party wrote, or what is typed. */
const COMMANDS = [
  ["rejects", "c.yaml"],
  ["rejects", "c.yaml", "--all"],
  ["suppress", "export"],
  ["suppress", "list"],
  ["suppress", "list", "--json"],
  ["report", "c.yaml", "--csv", "-"],
  ["report", "c.yaml", "--csv", "-", "--plain"],
  ["report", "c.yaml", "--csv", "/dev/tty"],
  ["report", "c.yaml", "--jsonl", "-"],
  ["report", "c.yaml", "--rejects", "-"],
  ["report", "c.yaml", "--html", "-"],
  ["report", "c.yaml"],
  ["preview", "c.yaml"],
  ["preview", "c.yaml", "--json"],
  ["check", "c.yaml"],
  ["status", "c.yaml"],
  ["audit"],
  ["forget", HOSTILE],
  ["run", `${HOSTILE}.yaml`],
  ["status", HOSTILE],
  ["status"],
  ["compare", "c.yaml", "test"],
  ["compare", HOSTILE, "c.yaml"],
  ["retry", "c.yaml", "--code", HOSTILE],
  ["rejects", "c.yaml", "--json"],
  ["suppress", "export", "--json"],
  ["suppress", HOSTILE],
  ["receipts", "import", HOSTILE],
  [HOSTILE],
  ["status", `--${HOSTILE}`],
];

describe("pure", () => {
  it.each([
    ["a\u001b[2Jb", "a [2Jb", "a\\u001b[2Jb"],
    ["a\u202eb\u200f", "ab", "a\\u202eb\\u200f"],
    ["a\r\n\tb", "a b", "a\\u000d\n\tb"],
    ["\u0085\u2028", " ", "\\u0085\\u2028"],
    ["Ana 👩‍👧 אבג é", "Ana 👩‍👧 אבג é", "Ana 👩‍👧 אבג é"],
  ])("%j", (text, asPlain, asWritten) => {
    expect(plain(text)).toBe(asPlain);
    expect(writtenOut(text)).toBe(asWritten);
    expect(printable(text)).toBe(asWritten);
  });

  it("lets our own colours through in lines, and nowhere else", () => {
    expect(printable("\u001b[1mA\u001b[22m\u001b[2K")).toBe("\u001b[1mA\u001b[22m\\u001b[2K");
    expect(writtenOut("\u001b[1mA")).toBe("\\u001b[1mA");
  });

  it("writes line breaks out inside of a cell, also where a cell goes on in the next piece", () => {
    const write = makeCsvWriter();
    expect(write('1,"a\r\nb\rc')).toBe('1,"a\\u000d\\u000ab\\u000dc');
    expect(write('\nd ""e""\n",f\r\n2,g\r\n')).toBe('\\u000ad ""e""\\u000a",f\n2,g\n');
  });
});

describe("at a terminal", () => {
  let folder: string;
  let remove: () => void;
  /** What the terminal got of each command. */
  let terminal: string[];

  beforeAll(async () => {
    ({ folder, remove } = makeFolder());
    const cell = `"${HOSTILE}"`;
    writeFileSync(
      join(folder, "list.csv"),
      `phone,first_name,coupon\n${numberOf(1)},${cell},A\nnot a number ${cell.slice(1, -1).replace("\r\n", "")},${cell},B\n`,
    );
    writeFileSync(
      join(folder, "c.yaml"),
      `campaign: test
${QUICK_SANDBOX}
recipients: { file: list.csv, phone: phone }
template:
  name: offer
  language: pt_BR
  body: ["{{ first_name }}", "{{ coupon }}"]
`,
    );
    await campaign(["suppress", "add", numberOf(7), "--reason", HOSTILE], { cwd: folder });
    const ran = await campaign(["run", "c.yaml", "--yes"], { cwd: folder });
    expect(ran.code, ran.stderr).toBe(0);
    terminal = await inTurnAtTerminal(COMMANDS, { cwd: folder });
  });
  afterAll(() => remove());

  it.each(COMMANDS.map((args, at) => ({ args, at })))("$args", ({ at }) => {
    const shown = terminal[at] ?? "";
    expect(shown).not.toBe("");
    const rest = shown.replace(OURS, "");
    expect(STEERS.exec(rest)?.index ?? null, JSON.stringify(rest.slice(0, 2_000))).toBeNull();
    expect(shown).not.toMatch(/^FAKE LINE/m);
  });

  it.each([
    ["rejects", ["rejects", "c.yaml"], "c.csv"],
    ["opt-outs", ["suppress", "export"], "o.csv"],
  ])("only: a file and a pipe have %s as they are", async (_what, args, file) => {
    const piped = await campaign(args, { cwd: folder });
    expect(piped.stdout).toContain(HOSTILE.slice(0, 20));
    expect(piped.stdout).toContain("\r\nFAKE LINE");
    await campaign([...args, "--csv", file], { cwd: folder });
    expect(readFileSync(join(folder, file), "utf8")).toBe(`\ufeff${piped.stdout}`);
  });
});

describe("the program", () => {
  it("writes to stdout and stderr in one place", async () => {
    const { readdir, readFile } = await import("node:fs/promises");
    // The live line and the questions draw on a terminal; output.ts writes data and filters it.
    const allowed = [
      ...["print.ts", "output.ts", "progress.ts", "ask.ts", "questions.ts", "log.ts"],
    ];
    const files = (await readdir("src", { recursive: true })).filter(
      (name) =>
        name.endsWith(".ts") && !(name.startsWith("cli/") && allowed.includes(basename(name))),
    );
    for (const name of files) {
      const text = await readFile(join("src", name), "utf8");
      expect(text, name).not.toMatch(/process\.std(?:out|err)\.write|console\./);
    }
  });
});
