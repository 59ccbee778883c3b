// Reads the README as data: its blocks, tables and links; and makes the tables that stand in it but
// come from the code.

import { readFileSync } from "node:fs";
import { readManifest } from "../../src/domain/manifest/manifest.ts";
import type { CodeRule } from "../../src/domain/sending/error-codes.ts";
import {
  CODE_RULES,
  PAIR_LIMIT,
  PERSON_LIMIT,
  RANGE_RULES,
  TEXT_RULES,
} from "../../src/domain/sending/error-codes.ts";

/** A fenced block. */
interface Block {
  language: string;
  /** What stands after the language: the path of a file that the reader is to write. */
  path: string;
  text: string;
}

/** Every fenced block, in order. */
export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w+) ?(.*)\n([\s\S]*?)^```$/gm)].map(
    ([, language = "", path = "", text = ""]) => ({ language, path, text }),
  );
}

/** The text of the README without its fenced blocks. */
export function proseOf(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```$/gm, "");
}

/** A command line, with the exit code that its comment promises. */
interface CommandLine {
  line: string;
  exits: number;
}

/**
 * The command lines of all `sh` blocks, in order. A person who goes into a folder stays there: a
 * block is as good as typed, and one that is marked with a folder goes on in it.
 */
export function commandLinesOf(markdown: string): CommandLine[] {
  return blocksOf(markdown)
    .filter((block) => block.language === "sh")
    .flatMap(({ text, path }) => {
      let inside = path;
      return text.split("\n").map((line) => {
        const typed = inside === "" || /^#|^$/.test(line) ? line : `cd ${inside} && ${line}`;
        inside = /(?:^|&& )cd (\S+)$/.exec(line)?.[1] ?? inside;
        return typed;
      });
    })
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [, exits = "0"] = /# exits (\d+)$/.exec(line) ?? [];
      return { line: line.replace(/\s+# exits \d+$/, ""), exits: Number(exits) };
    });
}

/** The rows of the first table after a heading, without its head; cells trimmed. */
export function tableAfter(markdown: string, heading: string): string[][] {
  const lines = proseOf(markdown).split("\n");
  const from = lines.indexOf(heading);
  if (from === -1) throw new Error(`the README has no heading ${heading}`);
  const rest = lines.slice(from + 1);
  const until = rest.findIndex((line) => line.startsWith("#"));
  const section = until === -1 ? rest : rest.slice(0, until);
  const first = section.findIndex((line) => line.startsWith("|"));
  if (first === -1) throw new Error(`there is no table after ${heading}`);
  const rows: string[][] = [];
  for (const line of section.slice(first)) {
    if (!line.startsWith("|")) break;
    rows.push(
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  }
  return rows.slice(2);
}

/** What stands in backticks. */
export function codesIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
}

/** The anchors of all headings, as GitHub makes them. */
export function anchorsOf(markdown: string): string[] {
  return [...proseOf(markdown).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\d\s_-]/gu, "")
      .replace(/\s/g, "-"),
  );
}

/** A page with its generated tables written again. */
export function withGeneratedTables(markdown: string): string {
  const keys = put(markdown, "manifest keys: generated from campaign.schema.json", () =>
    keyTable("campaign.schema.json", DEFAULTS),
  );
  const policy = put(keys, "policy keys: generated from policy.schema.json", () =>
    keyTable("policy.schema.json", {}),
  );
  return put(policy, "error codes: generated from src/domain/sending/error-codes.ts", codeTable);
}

function put(markdown: string, marker: string, table: () => string): string {
  const begin = `<!-- ${marker} -->\n`;
  const at = markdown.indexOf(begin);
  if (at === -1) return markdown;
  const end = markdown.indexOf("<!-- end -->", at);
  if (end === -1) throw new Error(`a page has no end for: ${marker}`);
  return `${markdown.slice(0, at)}${begin}\n${table()}\n${markdown.slice(end)}`;
}

function codeTable(): string {
  const coded = CODE_RULES.map((rule) => ({ rule, name: String(rule.code) }));
  const ranges = RANGE_RULES.map((rule) => ({
    rule: { ...rule, code: rule.from },
    name: `${rule.from}–${rule.to}`,
  }));
  const texts = TEXT_RULES.map((rule) => ({ rule, name: `${rule.code}, "${rule.text}"` }));
  const rows = [...coded, ...ranges, ...texts]
    .sort((a, b) => a.rule.code - b.rule.code)
    .map(({ rule, name }) => `| ${name} | ${rule.meaning} | ${deedOf(rule)} | ${rule.todo} |`);
  return `${["| code | means | the program | you |", "|---|---|---|---|", ...rows].join("\n")}\n`;
}

/** What the program does, in a few words. */
function deedOf(rule: CodeRule): string {
  switch (rule.action) {
    case "throttle":
      return "slows down and tries again; exits 75 after 15 minutes without an accepted message";
    case "wait":
      return `waits ${(rule.waitMs ?? 0) / 1000} s and tries again; exits 75 after 15 minutes`;
    case "hold":
      if (rule.code === PERSON_LIMIT) return "holds the row for 24 h, then 48 h, then fails it";
      if (rule.code === PAIR_LIMIT) return "holds the row for seconds, each time longer";
      return `holds the row for ${(rule.waitMs ?? 0) / 60_000} min`;
    case "fail":
      return "fails the row";
    case "expire":
      return "the row is `expired`";
    case "suppress":
      return "fails the row, and puts the person on the opt-out list";
    case "refuse_country":
      return "fails the row, skips the rest of the country, and goes on with the others";
    case "fix":
      return "fails the row; ten in a row halt the campaign";
    case "halt_campaign":
    case "halt_lane":
      return "halts; the row waits";
    case "ambiguous":
      return "the row is `unknown`; by receipt `failed`";
  }
}

/** What of a JSON Schema this file reads. */
interface SchemaNode {
  type?: string | string[];
  description?: string;
  default?: unknown;
  required?: string[];
  properties?: Record<string, SchemaNode>;
  items?: SchemaNode;
  anyOf?: SchemaNode[];
}

/** @param defaults a document that is read with nothing but what it must have */
function keyTable(file: string, defaults: unknown): string {
  const schema = JSON.parse(readFileSync(file, "utf8")) as SchemaNode;
  const rows = keysOf(schema, { path: "", optional: "", defaults }).map(
    ({ key, fallback, what }) => `| \`${key}\` | ${fallback} | ${what} |`,
  );
  return `${["| key | default | what |", "|---|---|---|", ...rows].join("\n")}\n`;
}

/**
 * A manifest with nothing but what it must have: whatever else is in it when it was read is a
 * default.
 */
const DEFAULTS = defaults();

function defaults(): unknown {
  const text = `campaign: least
account: { phone_number_id: "106540352242922", access_token: "\${TOKEN}" }
recipients: { file: list.csv }
template: { name: least, language: pt_BR }
`;
  const read = readManifest(text, { file: "least.yaml", env: { TOKEN: "token" } });
  if ("problems" in read) throw new Error(read.problems.map((one) => one.message).join("\n"));
  const { account, ...others } = read.manifest;
  if (account === "sandbox") return read.manifest;
  // What says who sends is filled in from one another, and no default.
  const { phone_number_id: _, numbers: __, ...keys } = account;
  return { ...others, account: keys };
}

function valueAt(node: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], node);
}

interface KeyRow {
  key: string;
  fallback: string;
  what: string;
}

interface Section {
  path: string;
  /** The section that may be left out, if any. */
  optional: string;
  defaults: unknown;
}

/** Every key that takes a value, by its path. */
function keysOf(node: SchemaNode, { path, optional, defaults }: Section): KeyRow[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const key = path === "" ? name : `${path}.${name}`;
    const isRequired = node.required?.includes(name) === true;
    const inside = child.anyOf?.find((one) => one.properties !== undefined) ?? child;
    const list = inside.items?.properties === undefined ? undefined : inside.items;
    const mayBeLeftOut = !isRequired && child.default === undefined ? key : optional;
    const section = { path: list ? `${key}[]` : key, optional: mayBeLeftOut, defaults };
    const inner = keysOf(list ?? inside, section);
    const isSection = inner.length > 0 && child.anyOf === undefined;
    if (isSection) return inner;
    const needed = optional === "" ? "required" : `required with \`${optional}\``;
    const value = valueAt(defaults, key);
    const given = value === undefined ? "–" : `\`${JSON.stringify(value)}\``;
    return [
      { key, fallback: isRequired ? needed : given, what: plain(child.description) },
      ...inner,
    ];
  });
}

function plain(description = ""): string {
  return description
    .replace("Liquid over the columns of the CSV.", "Liquid.")
    .replaceAll("|", "\\|");
}
