// Holds README and docs to the code: their tables, options and links are compared with it.
// readme-commands.thorough.test.ts runs their commands. `UPDATE_README=1` writes the generated
// tables again.

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { readPhone } from "../../src/domain/recipient/phone.ts";
import { defaultScenario, FAULT_KINDS } from "../../src/sandbox/scenario/scenario.ts";
import { SPECIAL_NUMBERS } from "../../src/sandbox/scenario/special-numbers.ts";
import { makeFolder } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";
import { LINES, page, README, SHIPPED, TESTED } from "../support/readme.pages.ts";
import {
  anchorsOf,
  blocksOf,
  codesIn,
  proseOf,
  tableAfter,
  withGeneratedTables,
} from "../support/readme.tables.ts";

/** The pages with commands, and those without. */
const ALL_PAGES = [
  "README.md",
  ...readdirSync("docs")
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
const README_MAX = 16 * 1024;

const { folder, remove } = makeFolder();
afterAll(() => remove());

describe("the commands of the README", () => {
  it("are the two that everybody needs, and those that CI runs", () => {
    expect(LINES.map((one) => one.line)).toEqual(expect.arrayContaining([SHIPPED, TESTED]));
    expect(readFileSync(".ci/run", "utf8")).toContain(`\n${TESTED} `);
  });

  it("name only scripts and tests that exist", () => {
    const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
    const named = [...README.matchAll(/\bnpm run (?:--silent )?([a-z:]+)/g)];
    expect(named.length).toBeGreaterThan(10);
    for (const [, name = ""] of named) expect(scripts).toHaveProperty([name]);
    expect(scripts).toHaveProperty("test");
    for (const [file] of README.matchAll(/test\/[\w.]+\.ts/g)) expect(existsSync(file)).toBe(true);
  });
});

describe("the tables of the README", () => {
  it.each(["docs/manifest.md", "docs/policy.md", "docs/error-codes.md"])(
    "%s is made from the code",
    (name) => {
      const made = withGeneratedTables(page(name));
      if (process.env.UPDATE_README === "1") writeFileSync(name, made);
      else expect(page(name), "UPDATE_README=1 npx vitest run test/e2e/readme.test.ts").toBe(made);
    },
  );

  const firstCodes = (heading: string) =>
    tableAfter(README, heading).flatMap(([cell = ""]) => codesIn(cell));

  it("have every key, fault and named number of the sandbox", () => {
    const scenario = defaultScenario();
    expect(firstCodes("# The sandbox").sort()).toEqual(Object.keys(scenario).sort());
    const section = page("docs/sandbox.md");
    const inner = [...Object.keys(scenario.shares), ...Object.keys(scenario.account_state)];
    for (const word of [...FAULT_KINDS, ...inner]) expect(section).toContain(word);
    const known = SPECIAL_NUMBERS.map((one) => one.number);
    for (const [number] of section.matchAll(/\+467\d+/g)) expect(known).toContain(number);
  });

  it("read phone numbers as the program does", () => {
    const rows = tableAfter(README, "## Phone numbers");
    expect(rows.length).toBeGreaterThan(10);
    for (const [written = "", read = ""] of rows) {
      const reading = readPhone(codesIn(written)[0] ?? "", "BR");
      const seen = reading.kind === "phone" ? reading.e164 : "rejected";
      expect([written, seen]).toEqual([written, read.replace(/:.*/, "")]);
    }
  });

  it("quote sentences that the program has", () => {
    const files = readdirSync("src", { recursive: true, encoding: "utf8" });
    const source = files
      .filter((file) => file.endsWith(".ts"))
      .map((file) => readFileSync(join("src", file), "utf8"))
      .join("\n");
    for (const [cell = ""] of tableAfter(README, "## Our own sentences")) {
      for (const part of codesIn(cell).flatMap((code) => code.split("…"))) {
        expect(source).toContain(part.trim());
      }
    }
  });
});

describe("the rest of the README", () => {
  it("has every command and option, each at its command, and no others", async () => {
    const rows = tableAfter(README, "# Commands").map(([usage = "", options = ""]) => ({
      words: (codesIn(usage)[0] ?? "").replace(/ [<[].*/, ""),
      options: codesIn(options).flatMap((code) => /^--[a-z-]+/.exec(code) ?? []),
    }));
    const found: { words: string; options: string[] }[] = [];
    const globals = optionsOf(await helpOf());
    for (const name of commandsOf(await helpOf())) {
      const help = name === "help" ? "" : await helpOf(name);
      const inner = commandsOf(help).filter((one) => one !== "help");
      if (inner.length === 0) found.push({ words: name, options: optionsOf(help) });
      for (const sub of inner) {
        found.push({ words: `${name} ${sub}`, options: optionsOf(await helpOf(name, sub)) });
      }
    }
    const sorted = (list: typeof rows) =>
      list
        .map(({ words, options }) => `${words}: ${[...options].sort().join(" ")}`)
        .sort((a, b) => a.localeCompare(b));
    expect(sorted(rows)).toEqual(sorted(found));
    const known = new Set([...globals, ...found.flatMap((one) => one.options)]);
    for (const option of ["--help", "--silent"]) known.add(option);
    const mentioned = new Set(README.match(/(?<![\w<!-])--[a-z][a-z-]*/g));
    expect([...mentioned].filter((option) => !known.has(option))).toEqual([]);
    expect([...known].filter((option) => !mentioned.has(option))).toEqual([]);
  });

  it("is short", () => {
    expect(Buffer.byteLength(page("README.md"))).toBeLessThanOrEqual(README_MAX);
  });

  it.each([...ALL_PAGES, "ARCHITECTURE.md"])("%s has links that lead somewhere", (name) => {
    for (const [, target = ""] of proseOf(page(name)).matchAll(/\]\(([^)]+)\)/g)) {
      if (target.startsWith("https://")) continue;
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? name : join(dirname(name), path);
      expect([target, existsSync(file)]).toEqual([target, true]);
      if (anchor !== undefined) expect(anchorsOf(page(file))).toContain(anchor);
    }
  });

  it("leads to every page of the docs in two clicks", () => {
    const linksOf = (name: string) =>
      [...proseOf(page(name)).matchAll(/\]\(([^)#]+\.md)/g)].map(([, target = ""]) =>
        join(dirname(name), target),
      );
    const near = linksOf("README.md");
    const reached = new Set([...near, ...near.filter((one) => existsSync(one)).flatMap(linksOf)]);
    expect(ALL_PAGES.slice(1).filter((one) => !reached.has(one))).toEqual([]);
  });

  it("maps the code as it is", () => {
    const map = blocksOf(page("ARCHITECTURE.md")).find((block) => block.text.startsWith("src/\n"));
    const named = new Set(map?.text.match(/[\w-]+(?=\/)/g));
    const folders = readdirSync("src", { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    expect(folders.filter((one) => !named.has(one))).toEqual([]);
    for (const [, file = ""] of page("ARCHITECTURE.md").matchAll(/`((?:src|test)\/[\w/.-]+)`/g)) {
      expect([file, existsSync(file)]).toEqual([file, true]);
    }
  });
});

const helps = new Map<string, string>();

async function helpOf(...command: string[]): Promise<string> {
  const key = command.join(" ");
  const help = helps.get(key) ?? (await campaign([...command, "--help"], { cwd: folder })).stdout;
  helps.set(key, help);
  return help;
}

function optionsOf(help: string): string[] {
  const options = [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)];
  return options.map(([, option = ""]) => option).filter((option) => option !== "--help");
}

function commandsOf(help: string): string[] {
  const [, list = ""] = /^Commands:\n((?: {2}.*\n)+)/m.exec(help) ?? [];
  return [...list.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name = ""]) => name);
}
