// Checks the layout of src/, as ARCHITECTURE.md states it: how many files a folder holds, how long
// a file is, how wide its comments are, how deep folders lie, that a file name stands once in each
// world, and that every exported function and class has a docstring.

import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import ts from "typescript";

const FILES_MAX = 20;
const LINES_MAX = 400;
const COMMENT_COLUMNS_MAX = 100;
const DEPTH_MAX = 3;
/** One file a command. */
const WITHOUT_LIMIT = ["src/cli/commands"];
/** Tables: data that is read from top to bottom. */
const TABLES = [
  "src/domain/preflight/finding-table.ts",
  "src/domain/sending/error-codes.ts",
  "src/domain/recipient/opt-out-words.ts",
  "src/ledger/file/schema.ts",
  "src/ledger/postgres/postgres-schema.ts",
];

const files = readdirSync("src", { recursive: true, encoding: "utf8" })
  .map((file) => join("src", file))
  .filter((file) => file.endsWith(".ts"));
const wrong = [];

for (const [folder, inside] of grouped(files, dirname)) {
  if (inside.length > FILES_MAX && !WITHOUT_LIMIT.includes(folder)) {
    wrong.push(`${folder} has ${inside.length} files; ${FILES_MAX} is the limit`);
  }
  if (folder.split("/").length - 1 >= DEPTH_MAX) wrong.push(`${folder} is too deep`);
}
for (const file of files) {
  const text = readFileSync(file, "utf8");
  const lines = text.split("\n").length - 1;
  if (lines > LINES_MAX && !TABLES.includes(file)) {
    wrong.push(`${file} has ${lines} lines; ${LINES_MAX} is the limit`);
  }
  for (const line of wideComments(text)) {
    wrong.push(`${file}:${line} has a comment wider than ${COMMENT_COLUMNS_MAX} columns`);
  }
  for (const { name, line } of withoutDocstring(file, text)) {
    wrong.push(`${file}:${line} exports ${name} without a docstring`);
  }
}
const named = grouped(files, (file) => `${file.split("/")[1]}: ${basename(file)}`);
for (const [name, same] of named) {
  if (same.length > 1) wrong.push(`${name} stands ${same.length} times: ${same.join(", ")}`);
}

for (const line of wrong) console.error(line);
console.log(`layout: ${files.length} files, ${wrong.length} faults`);
process.exitCode = wrong.length === 0 ? 0 : 1;

function grouped(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

/** Lines of comment alone that are too wide, by their numbers. */
function wideComments(text) {
  return text
    .split("\n")
    .flatMap((line, at) =>
      /^\s*(\/\/|\/?\*)/.test(line) && line.length > COMMENT_COLUMNS_MAX ? [at + 1] : [],
    );
}

/**
 * Exported functions and classes in `text`, and constants that are functions, that have no
 * docstring.
 */
function withoutDocstring(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return source.statements
    .filter((statement) => isExportedFunction(statement))
    .filter((statement) => ts.getJSDocCommentsAndTags(statement).length === 0)
    .map((statement) => {
      const { name } = statement.declarationList?.declarations[0] ?? statement;
      const { line } = source.getLineAndCharacterOfPosition(statement.getStart());
      return { name: name?.getText() ?? "a default", line: line + 1 };
    });
}

function isExportedFunction(statement) {
  if (!statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return false;
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) return true;
  const initializers = statement.declarationList?.declarations.map((it) => it.initializer) ?? [];
  return initializers.some((it) => it && (ts.isArrowFunction(it) || ts.isFunctionExpression(it)));
}
