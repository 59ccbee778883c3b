// How much SQL of the ledger is for both databases, counted in its source; the table in
// ARCHITECTURE.md is written so: `UPDATE_DOCS=1 npx vitest run test/ledger/shared-sql.test.ts`.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";

const ROOT = "src/ledger";
const DOCUMENT = "ARCHITECTURE.md";
const BEGIN =
  "<!-- From here to the next such line: written by test/ledger/shared-sql.test.ts. -->";
const END = "<!-- To here. -->";
/** The table may be so far behind the source, as a part of each number. */
const BEHIND = 0.1;

/** How a statement begins; prose does not. */
const STATEMENTS = [
  /^select\s/,
  /^insert\s+into\s/,
  /^update\s+\S+\s+(?:as\s+\w+\s+)?(?:indexed\s+by\s+\w+\s+)?set\s/,
  /^delete\s+from\s/,
  /^with\s+(?:recursive\s+)?\w+\s*(?:\([^)]*\)\s*)?as\s/,
  /^(?:begin|commit|rollback|vacuum|analyze)\b/,
  /^create\s/,
  /^comment\s+on\s/,
];

interface Sum {
  statements: number;
  lines: number;
}

interface Counted {
  verbs: Sum;
  file: Sum;
  server: Sum;
  fileSchema: Sum;
  serverSchema: Sum;
}

function sourceFiles(): string[] {
  const found = readdirSync(ROOT, { recursive: true, encoding: "utf8" });
  return found.filter((name) => name.endsWith(".ts")).sort();
}

/** Where a source file's statements run. */
function placeOf(name: string): "file" | "server" | "verbs" {
  if (name.startsWith("file/") || name === "ledger.ts") return "file";
  return name.startsWith("postgres/") ? "server" : "verbs";
}

/** The texts of SQL in a source file, a schema's document as one. */
function statementsOf(name: string): string[] {
  const text = readFileSync(join(ROOT, name), "utf8");
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) {
      const sql = withoutComments(node.getText().slice(1, -1));
      if (isAsked(node) || STATEMENTS.some((begins) => begins.test(sql))) {
        found.push(sql);
        return;
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Whether a text is what a statement of a verb, or a pragma, is made of. */
function isAsked(node: ts.Node): boolean {
  const { parent } = node;
  if (!ts.isCallExpression(parent) || parent.arguments[0] !== node) return false;
  return /^(?:statement|setStatement)$|\.pragma$/.test(parent.expression.getText());
}

function withoutComments(sql: string): string {
  return sql.replace(/^\s*--.*$/gm, "").trim();
}

function count(): Counted {
  const none = (): Sum => ({ statements: 0, lines: 0 });
  const counted: Counted = {
    verbs: none(),
    file: none(),
    server: none(),
    fileSchema: none(),
    serverSchema: none(),
  };
  for (const name of sourceFiles()) {
    const place = placeOf(name);
    for (const sql of statementsOf(name)) {
      const isSchema = place !== "verbs" && /^create\s/.test(sql);
      const sum = counted[isSchema ? (`${place}Schema` as const) : place];
      sum.statements += isSchema ? (sql.match(/^create\s/gm) ?? []).length : 1;
      sum.lines += sql.split("\n").filter((line) => line.trim() !== "").length;
    }
  }
  return counted;
}

function tableOf({ verbs, file, server, fileSchema, serverSchema }: Counted): string {
  const rows: [string, Sum][] = [
    ["the verbs, one text for both databases", verbs],
    ["SQLite alone: opening, transactions, locks, backup, copying", file],
    ["PostgreSQL alone: opening, transactions, leases, copying", server],
    ["the schema of SQLite", fileSchema],
    ["the schema of PostgreSQL", serverSchema],
  ];
  const lines = rows.map(([what, sum]) => `| ${what} | ${sum.statements} | ${sum.lines} |`);
  return ["| SQL of | statements | lines |", "|---|---|---|", ...lines].join("\n");
}

/** The numbers of a table, row by row. */
function numbersOf(table: string): number[] {
  return (table.match(/(?<=\| )\d+(?= \|)/g) ?? []).map(Number);
}

it("stands in ARCHITECTURE.md as it is in the source, or nearly", () => {
  const written = tableOf(count());
  const document = readFileSync(DOCUMENT, "utf8");
  const [before = "", table = "", after = ""] = document.split(new RegExp(`${BEGIN}|${END}`));
  if (process.env.UPDATE_DOCS === "1") {
    writeFileSync(DOCUMENT, `${before}${BEGIN}\n${written}\n${END}${after}`);
    return;
  }
  const [found, is] = [numbersOf(table), numbersOf(written)];
  expect(found).toHaveLength(is.length);
  for (const [at, number] of is.entries()) {
    const isNear = Math.abs((found[at] as number) - number) <= Math.max(2, number * BEHIND);
    expect(isNear, `${table}\nis by now\n${written}`).toBe(true);
  }
});

it("is shared by verbs that know no database", () => {
  // What a number or a column means is the same in both.
  const neutral = ["file/digits.ts", "file/schema.ts"];
  const verbs = sourceFiles().filter((name) => /^(?:campaigns|inbox|people|sending)\//.test(name));
  const known = verbs.flatMap((name) => {
    const text = readFileSync(join(ROOT, name), "utf8");
    const imports = text.match(/(?<=from "\.\.\/)(?:file|postgres)\/[\w-]+\.ts/g) ?? [];
    return imports.filter((path) => !neutral.includes(path)).map((path) => `${name}: ${path}`);
  });
  expect(known).toEqual([]);
});
