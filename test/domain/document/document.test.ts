import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Problem } from "../../../src/domain/common/errors.ts";
import { MAX_DOCUMENT_LENGTH, parseDocument } from "../../../src/domain/document/document.ts";
import { codePoint, runsOf } from "../../support/arbitraries.ts";

const schema = z.strictObject({
  name: z.string().regex(/^[a-z-]+$/, "small letters and `-`"),
  language: z.string().default("en"),
  account: z.union([
    z.literal("sandbox"),
    z.strictObject({ number_id: z.string(), access_token: z.string().min(1) }),
  ]),
  rate: z
    .strictObject({
      per_second: z.number().min(0.1).max(1000).default(80),
      in_flight: z.int().min(1).max(512).default(64),
      enabled: z.boolean().default(true),
    })
    .prefault({}),
  mode: z.enum(["STRICT", "FALLBACK"]).default("FALLBACK"),
  values: z
    .union([
      z.array(z.union([z.string(), z.number(), z.boolean()]).transform(String)),
      z.record(z.string(), z.union([z.string(), z.number()]).transform(String)),
    ])
    .optional(),
  files: z.array(z.string()).max(2).default([]),
});

const GOOD = "name: spring\naccount: sandbox\n";

function parse(text: string, env: Record<string, string> = {}) {
  return parseDocument(text, {
    file: "m.yaml",
    what: "a manifest",
    schema,
    env,
    secrets: ["access_token"],
  });
}

function problemsOf(text: string, env: Record<string, string> = {}): Problem[] {
  const parsed = parse(text, env);
  return "problems" in parsed ? parsed.problems : [];
}

/** `line:column message | hint`, as a table can hold it. */
function brief({ line, column, message, hint }: Problem): string {
  return `${line}:${column} ${message}${hint === undefined ? "" : ` | ${hint}`}`;
}

describe("a sound document", () => {
  it("gives the value with defaults filled in", () => {
    expect(parse(GOOD)).toMatchObject({
      value: {
        name: "spring",
        language: "en",
        account: "sandbox",
        rate: { per_second: 80, in_flight: 64, enabled: true },
        mode: "FALLBACK",
        files: [],
      },
    });
  });

  it("reads `no` as text, as YAML 1.2 does", () => {
    expect(parse(`${GOOD}language: no\n`)).toMatchObject({ value: { language: "no" } });
  });

  it("gives numbers and booleans as written where text is taken too", () => {
    expect(parse(`${GOOD}values: [1.50, 007, 1e3, true, 12345678901234567890]\n`)).toMatchObject({
      value: { values: ["1.50", "007", "1e3", "true", "12345678901234567890"] },
    });
    expect(parse(`${GOOD}values: { a: 1.50, __proto__: x }\n`)).toMatchObject({
      value: { values: { a: "1.50" } },
    });
  });

  it("reads CRLF, a byte order mark and aliases", () => {
    const text = "\uFEFFname: &n spring\r\naccount: sandbox\r\nlanguage: *n\r\n";
    expect(parse(text)).toMatchObject({ value: { name: "spring", language: "spring" } });
  });

  it("tells the place of a value, of a character in it, and of a default", () => {
    const parsed = parse(`${GOOD}values:\n  - "abc {{"\n`);
    if (!("at" in parsed)) throw new Error("expected a value");
    const line = { file: "m.yaml", line: 4, source: '  - "abc {{"' };
    expect(parsed.at(["values", 0])).toEqual({ ...line, column: 5 });
    expect(parsed.at(["values", 0], 4)).toEqual({ ...line, column: 10 });
    expect(parsed.at(["rate", "per_second"])).toMatchObject({ line: 1, column: 1 });
  });
});

describe("variables of the environment", () => {
  it("are put in after parsing, so no value can break the YAML", () => {
    const evil = 'x"\n- }: &a *b {{ %';
    const text = `name: spring\naccount:\n  number_id: "1"\n  access_token: \${T}\n`;
    expect(parse(text, { T: evil })).toMatchObject({ value: { account: { access_token: evil } } });
  });

  it("are read as numbers and booleans where such belong, and `$${` stands for itself", () => {
    const text = `${GOOD}language: "$\${X} and \${X}"\nrate: { per_second: "\${R}", enabled: "\${E}" }\n`;
    expect(parse(text, { R: "2.5", E: "false", X: "${R}" })).toMatchObject({
      value: { language: "${X} and ${R}", rate: { per_second: 2.5, enabled: false } },
    });
  });

  it("are named when missing, and never shown when wrong", () => {
    const text = "name: ${N}\naccount:\n  number_id: ${ID}\n  access_token: ${T}\nmode: ${1X}\n";
    const problems = problemsOf(text, { N: "S3CRET" });
    expect(problems.map(brief)).toEqual([
      "1:7 `name` must be small letters and `-`, not `${N}` | Write small letters and `-`.",
      "3:14 the environment variable ID is not set | Export ID, or put ID=… into .env.",
      "4:17 the environment variable T is not set | Export T, or put T=… into .env.",
      "5:7 `${1X}` does not name an environment variable | Write ${NAME}; a plain ${ is written $${.",
    ]);
    expect(JSON.stringify(problems)).not.toContain("S3CRET");
  });

  it("are reported once for each value, and a brace that is not closed is reported too", () => {
    const text = `${GOOD}language: "\${A} \${A} \${B C} \${D"\n`;
    expect(problemsOf(text).map(brief)).toEqual([
      "3:11 the environment variable A is not set | Export A, or put A=… into .env.",
      "3:11 `${B` does not name an environment variable | Write ${NAME}; a plain ${ is written $${.",
      "3:11 `${D` does not name an environment variable | Write ${NAME}; a plain ${ is written $${.",
    ]);
    const long = `${GOOD}language: "${"${".repeat(300_000)}"\n`;
    expect(problemsOf(long)).toHaveLength(1);
  });

  it("must be used for secrets, and a literal secret is not shown", () => {
    const text = 'name: spring\naccount: { number_id: "1", access_token: EAAG123 }\n';
    const problems = problemsOf(text);
    expect(problems.map(brief)).toEqual([
      "2:42 `account.access_token` is a secret, and must not be written into the file | " +
        "Write ${NAME} here, and set NAME in the environment or in .env.",
    ]);
    expect(JSON.stringify(problems)).not.toContain("EAAG123");
    const broken = problemsOf(`${text}  access_token: "EAAG123" oops\n\tx: EAAG`);
    expect(broken.length).toBeGreaterThan(0);
    expect(JSON.stringify(broken)).not.toContain("EAAG123");
  });

  it("keep a secret's line whole when it holds only the variable's name", () => {
    const problems = problemsOf(
      'name: spring\naccount: { number_id: "1", access_token: "${T}" }\n',
    );
    expect(problems[0]?.source).toBe('account: { number_id: "1", access_token: "${T}" }');
  });
});

describe("problems of syntax", () => {
  it.each([
    ["", "1:1 the file is empty | Begin with a line such as `key: value`."],
    ["# only a comment\n", "1:1 the file is empty | Begin with a line such as `key: value`."],
    [
      "- a\n",
      "1:1 the file must be a mapping of keys, not a list | Begin with a line such as `key: value`.",
    ],
    [
      "hello",
      "1:1 the file must be a mapping of keys, not a single value | Begin with a line such as `key: value`.",
    ],
    [
      "name:\n\tx: 1\n",
      "2:1 a tab is used for indentation, which YAML does not allow | Use spaces.",
    ],
    [
      `${GOOD}---\nname: b\n`,
      "3:1 the file holds several documents, parted by `---` | Make a file of each.",
    ],
    [
      `${GOOD}values: [{{ coupon }}]\n`,
      '3:10 a value with `{{ … }}` must be in quotes: YAML reads a bare `{` as a mapping | Write "{{ coupon }}".',
    ],
    [
      `${GOOD}language: {{ a }} hi\n`,
      '3:19 a value with `{{ … }}` must be in quotes: YAML reads a bare `{` as a mapping | Write it as "{{ … }}".',
    ],
    [
      `${GOOD}language: *x\n`,
      "3:11 `*x` is an alias in YAML, and there is no `&x` | Put the value in quotes.",
    ],
    [
      `${GOOD}language: @x\n`,
      "3:11 a value without quotes cannot begin with this character | Put the whole value in double quotes.",
    ],
    [
      `${GOOD}language: !foo x\n`,
      "3:11 `!` begins a tag in YAML, and this one means nothing here | Put the whole value in double quotes.",
    ],
    [
      `${GOOD}name: again\n`,
      "3:1 `name` is written twice; the first is on line 1 | Keep one of the two.",
    ],
  ])("%j", (text, expected) => {
    expect(problemsOf(text).map(brief)).toEqual([expected]);
  });

  it("ends an alias bomb, a value inside itself, and brackets without end", () => {
    const bomb = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"];
    for (let i = 1; i < 9; i += 1) {
      bomb.push(`a${i}: &a${i} [${Array.from({ length: 9 }, () => `*a${i - 1}`).join(", ")}]`);
    }
    expect(problemsOf(bomb.join("\n"))[0]?.message).toBe("too many values");
    expect(problemsOf("values: &v\n  - *v\n")[0]?.message).toBe("values are nested too deeply");
    expect(problemsOf("[".repeat(5000))[0]?.message).toBe("the brackets are nested too deeply");
  });

  it("refuses a file of more than 1 MiB unread", () => {
    expect(problemsOf("x".repeat(MAX_DOCUMENT_LENGTH + 1)).map(brief)).toEqual([
      "1:1 the file is larger than 1 MiB | Give the right file: a manifest is a page or two.",
    ]);
  });
});

describe("problems of content", () => {
  it.each([
    ["nam: x\naccount: sandbox\n", ["1:1 unknown key `nam` | Did you mean `name`?"]],
    ["account: sandbox\n", ["1:1 `name` is missing | Add `name:` with text."]],
    [`${GOOD}in_flight: 3\n`, ["3:1 unknown key `in_flight` | `in_flight` belongs under `rate`."]],
    [
      `${GOOD}inFligth: 3\n`,
      ["3:1 unknown key `inFligth` | Did you mean `in_flight`? It belongs under `rate`."],
    ],
    [
      `${GOOD}rate:\n  language: en\n`,
      [
        "4:3 unknown key `language` under `rate` | `language` belongs at the top level, not indented.",
      ],
    ],
    [
      `${GOOD}rate:\n  zzzzzz: en\n`,
      ["4:3 unknown key `zzzzzz` under `rate` | Known here: `per_second`, `in_flight`, `enabled`."],
    ],
    [
      `${GOOD}rate:\n  in_flight: 1.5\n  per_second: 5000\n`,
      [
        "4:14 `rate.in_flight` must be a whole number, not `1.5` | Write a whole number after `in_flight:`.",
        "5:15 `rate.per_second` must be at most 1000, not `5000` | Write a number of at most 1000.",
      ],
    ],
    [
      `${GOOD}rate:\n  enabled: yes\n  per_second: "80"\n`,
      [
        "4:12 `rate.enabled` must be true or false, not `yes` | Write true or false.",
        '5:15 `rate.per_second` must be a number, not `"80"` | Write the bare number, without quotes or unit.',
      ],
    ],
    [
      `${GOOD}rate:\n`,
      [
        "3:1 `rate` is empty, and must be a mapping of `per_second`, `in_flight`, `enabled` | " +
          "Give it a value, or take the key out.",
      ],
    ],
    [
      `${GOOD}mode: STRIKT\n`,
      ["3:7 `mode` must be one of `STRICT`, `FALLBACK`, not `STRIKT` | Did you mean `STRICT`?"],
    ],
    [
      `${GOOD}mode: 1\n`,
      [
        "3:7 `mode` must be one of `STRICT`, `FALLBACK`, not `1` | Write one of `STRICT`, `FALLBACK`.",
      ],
    ],
    [
      "name: 2026\naccount: sandbox\n",
      [
        '1:7 `name` must be text, not `2026` | Put it in quotes: "2026" (a bare number may lose digits or zeros).',
      ],
    ],
    [
      `name: x\naccount: { number_id: 106540352242922, access_token: "\${T}" }\n`,
      [
        "2:23 `account.number_id` must be text, not `106540352242922` | " +
          'Put it in quotes: "106540352242922" (a bare number may lose digits or zeros).',
      ],
    ],
    [
      "name: x\naccount: sandbocks\n",
      ["2:10 `account` must be `sandbox`, not `sandbocks` | Did you mean `sandbox`?"],
    ],
    [
      "name: x\naccount: [1]\n",
      [
        "2:10 `account` must be `sandbox` or a mapping of `number_id`, `access_token`, not a list | Write `sandbox` or a mapping of `number_id`, `access_token`, indented below `account:`.",
      ],
    ],
    [
      "name: x\naccount: {}\n",
      [
        "2:1 `number_id` is missing under `account` | Add `number_id:` with text.",
        "2:1 `access_token` is missing under `account` | Add `access_token:` with text.",
      ],
    ],
    [
      `${GOOD}files: a.csv\n`,
      ["3:8 `files` must be a list, not `a.csv` | Make it a list: [a.csv]."],
    ],
    [
      `${GOOD}files: [a, b, c]\n`,
      ["3:8 `files` must be at most 2 items long, not a list | Shorten it to 2 items."],
    ],
    [
      `${GOOD}values: [[]]\n`,
      [
        "3:10 `values[0]` must be text or a number or true or false, not a list | Write text or a number or true or false there.",
      ],
    ],
    [
      `NAME: x\nname: y z\naccount: sandbox\n`,
      [
        "1:1 unknown key `NAME` | Did you mean `name`?",
        "2:7 `name` must be small letters and `-`, not `y z` | Write small letters and `-`.",
      ],
    ],
  ])("%j", (text, expected) => {
    expect(problemsOf(text, { T: "token" }).map(brief)).toEqual(expected);
  });

  it("shows the line, and counts characters, not UTF-16 units", () => {
    expect(problemsOf('name: a\naccount: sandbox\nvalues: ["😀é", [x]]\r\n')[0]).toEqual({
      file: "m.yaml",
      line: 3,
      column: 16,
      source: 'values: ["😀é", [x]]',
      message: "`values[1]` must be text or a number or true or false, not a list",
      hint: "Write text or a number or true or false there.",
    });
  });
});

describe("any text at all", () => {
  const piece = fc.constantFrom(
    "name",
    "account",
    "rate",
    "access_token",
    ":",
    ": ",
    "- ",
    "\n",
    "\n  ",
    "\t",
    "{",
    "}",
    "[",
    "]",
    "{{",
    "}}",
    '"',
    "'",
    "&a",
    "*a",
    "!!binary ",
    "${T}",
    "${",
    "$${",
    "#",
    "|",
    ">",
    "---\n",
    "%YAML 1.1\n",
    "<<",
    "? ",
    "sandbox",
    "1.5",
    "no",
    "null",
    "😀",
    "\r\n",
    "\u2028",
    ",",
    "\uFEFF",
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join("")),
    fc.string({ unit: codePoint, maxLength: 60 }),
    fc.array(piece, { maxLength: 8 }).map((pieces) => GOOD + pieces.join("")),
  );

  it("never throws, and gives places inside the text", () => {
    fc.assert(
      fc.property(text, (sample) => {
        const parsed = parse(sample, { T: "t0ken" });
        if (!("problems" in parsed)) return;
        expect(parsed.problems.length).toBeGreaterThan(0);
        const lines = sample.replace(/^\uFEFF/, "").split("\n");
        for (const problem of parsed.problems) {
          expect(problem.hint).toMatch(/^[A-Z`].+[.?]$/s);
          // What is said of a CSV is said of the file: its lines are people.
          if (problem.message === "this is a CSV, not a manifest") continue;
          const line = lines[(problem.line ?? 0) - 1]?.replace(/\r$/, "");
          expect(line).toBeDefined();
          expect(problem.column).toBeGreaterThanOrEqual(1);
          expect(problem.column).toBeLessThanOrEqual(Array.from(line ?? "").length + 2);
          if (!sample.includes("access_token")) expect(problem.source).toBe(line);
          expect(`${problem.message}${problem.hint}`).not.toContain("t0ken");
        }
      }),
      { numRuns: runsOf(2000) },
    );
  });
});
