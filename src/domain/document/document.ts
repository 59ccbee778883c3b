// Reads a YAML text against a zod schema: the value, or every problem in it with its place. Never
// touches a file, and never shows a substituted secret.

import { isMap, parseDocument as parseYaml } from "yaml";
import * as z from "zod";
import type { Problem } from "../common/errors.ts";
import { looksLikeCsv } from "../common/file-kind.ts";
import type { DocumentFinding } from "./document-findings.ts";
import { explainIssue } from "./document-findings.ts";
import type { Path } from "./document-schema.ts";
import { plainPath } from "./document-schema.ts";
import { explainSyntax } from "./document-syntax.ts";
import type { DocumentFault, ValuePlace, Values } from "./document-values.ts";
import { pathKey, valuesOf } from "./document-values.ts";

// A document is read once or twice: compiling its schema for that takes longer than interpreting
// it.
z.config({ jitless: true });

/** Largest document, in UTF-16 units (1 MiB): a manifest is a page or two. */
export const MAX_DOCUMENT_LENGTH = 1_048_576;
/** Most problems reported of one document. */
const MAX_PROBLEMS = 100;
/** Longest source line that is shown, in characters. */
const MAX_SOURCE = 300;

/** Where something stands in the operator's file, ready to be spread into a Problem. */
export interface SourcePlace {
  file: string;
  line: number;
  column: number;
  source: string;
}

/** The place of a value in its file; `offset` counts UTF-16 units into the value. */
export type Locate = (path: Path, offset?: number) => SourcePlace;

export interface ParseOptions<S extends z.ZodType> {
  /** Path as the operator wrote it. */
  file: string;
  /** What the document is, with its article: `a manifest`. */
  what: string;
  schema: S;
  /** What `${NAME}` is read from; nothing is set when left out. */
  env?: Record<string, string | undefined>;
  /**
   * Names of keys of which the value must come from `${NAME}`; their lines are never shown
   * otherwise.
   */
  secrets?: readonly string[];
  /** Whether those values are not needed: then a variable that is not set is no problem. */
  secretsUnused?: boolean | undefined;
  /**
   * Keys by other names that people give them, in small letters: a key of such a name is no known
   * one.
   */
  synonyms?: Readonly<Record<string, string>>;
}

export type Parsed<T> =
  | {
      value: T;
      /**
       * The place of the value at a path, or of its nearest parent when it is not written in the
       * file; `offset` counts UTF-16 units into the value.
       */
      at(path: Path, offset?: number): SourcePlace;
    }
  | { problems: Problem[] };

/**
 * Parses `text` as one YAML 1.2 document and checks it against `options.schema`. `${NAME}` in a
 * value is replaced from `options.env` after parsing, so that no secret can break the YAML; `$${`
 * stands for a plain `${`. Where the schema takes both text and numbers, a number is given as it is
 * written (`1.50` stays `1.50`). Gives the value with a way to find places in it, or all problems
 * at once in the order of the file. Never throws.
 */
export function parseDocument<S extends z.ZodType>(
  text: string,
  options: ParseOptions<S>,
): Parsed<z.output<S>> {
  const { file, schema, env = {}, secrets = [], secretsUnused } = options;
  if (text.length > MAX_DOCUMENT_LENGTH) {
    const message = "the file is larger than 1 MiB";
    const hint = "Give the right file: a manifest is a page or two.";
    return { problems: [{ message, hint, file, line: 1, column: 1 }] };
  }
  // A byte order mark would put every column of the first line one too far.
  const source = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const document = parseYaml(source, {
    prettyErrors: false,
    // The parser compares every key with every other (12 s for 40,000 keys); valuesOf does it in
    // one pass.
    uniqueKeys: false,
    version: "1.2",
    schema: "core",
    // At "silent" a second document would be passed over without an error.
    logLevel: "error",
  });
  const locate = (offset: number): SourcePlace => placeOf(source, offset, file, secrets);
  const syntax = [...document.errors, ...document.warnings];
  const isMapping = syntax.length === 0 && isMap(document.contents);
  if (!isMapping && isCsv(source, file)) return { problems: [csvProblem(options)] };
  if (syntax.length > 0) {
    const problems = syntax.slice(0, MAX_PROBLEMS).map(({ code, pos }) => {
      const place = locate(pos[0]);
      return { ...explainSyntax(code, place.source), ...place };
    });
    return { problems: onePerLine(inOrder(problems)) };
  }
  const values = valuesOf(document, source, { schema, env, secrets, secretsUnused });
  const parsed = values.unusable ? undefined : schema.safeParse(values.data);
  const faults = [...values.faults, ...schemaFaults(options, parsed?.error, values)];
  if (parsed?.success === true && faults.length === 0) {
    const at = (path: Path, offset?: number): SourcePlace => locate(offsetAt(values, path, offset));
    return { value: parsed.data, at };
  }
  // In order first: to find a line takes a walk through the text, and there can be many thousand
  // faults.
  faults.sort((a, b) => a.offset - b.offset);
  const problems = faults.slice(0, MAX_PROBLEMS).map(({ path, offset, message, hint }) => ({
    message: conceal(values, path, message),
    hint: conceal(values, path, hint),
    ...locate(offset),
  }));
  return { problems };
}

function isCsv(text: string, file: string): boolean {
  return /\.(?:csv|tsv)$/i.test(file) || looksLikeCsv(text);
}

/** For a list of recipients in the place of the file that names it. */
function csvProblem({ file, what }: Pick<ParseOptions<z.ZodType>, "file" | "what">): Problem {
  return {
    message: `this is a CSV, not ${what}`,
    hint: "Give the manifest, a YAML file that names the list as `recipients.file`; campaigns/spring.yaml is an example.",
    file,
  };
}

function schemaFaults(
  { schema, synonyms = {} }: Pick<ParseOptions<z.ZodType>, "schema" | "synonyms">,
  error: z.ZodError | undefined,
  values: Values,
): DocumentFault[] {
  if (error === undefined) return [];
  const context = {
    synonyms,
    kind: (path: Path) => values.places.get(pathKey(path))?.kind,
    text: (path: Path) => values.places.get(pathKey(path))?.shown ?? "nothing",
  };
  // A list's length is checked even of a text, which has one too; only its type is worth a word.
  const wrong = new Set<string>();
  for (const issue of error.issues) {
    if (issue.code === "invalid_type") wrong.add(pathKey(plainPath(issue.path)));
  }
  const findings = error.issues
    .filter(({ code, path }) => code === "invalid_type" || !wrong.has(pathKey(plainPath(path))))
    .flatMap((issue) => explainIssue(schema, issue, context))
    .filter((finding) => !isSettled(values, finding.path));
  return withoutEchoes(findings).map(({ path, on, offset, message, hint }) => ({
    path,
    offset: on === "key" ? keyOffsetAt(values, path) : offsetAt(values, path, offset),
    message,
    hint,
  }));
}

/** A key that is missing because it is misspelt is one mistake, reported by the misspelling. */
function withoutEchoes(findings: DocumentFinding[]): DocumentFinding[] {
  const meant = new Set(
    findings.map((finding) => finding.meant).filter((key) => key !== undefined),
  );
  return findings.filter(({ missing }) => missing?.some((key) => meant.has(key)) !== true);
}

function isSettled(values: Values, path: Path): boolean {
  return path.some((_, index) => values.settled.has(pathKey(path.slice(0, index + 1))));
}

function nearestPlace(values: Values, path: Path): ValuePlace | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const place = values.places.get(pathKey(path.slice(0, length)));
    if (place !== undefined) return place;
  }
  return undefined;
}

function keyOffsetAt(values: Values, path: Path): number {
  return nearestPlace(values, path)?.keyOffset ?? 0;
}

function offsetAt(values: Values, path: Path, inside: number | undefined): number {
  const place = values.places.get(pathKey(path));
  if (place === undefined) return keyOffsetAt(values, path);
  if (inside === undefined || place.innerOffset === undefined) return place.offset;
  return place.innerOffset + inside;
}

/** Puts `${NAME}` back where a substituted value shows in a sentence about it. */
function conceal(values: Values, path: Path, text: string): string {
  let safe = text;
  for (const [name, secret] of nearestPlace(values, path)?.substituted ?? []) {
    if (secret !== "") safe = safe.replaceAll(secret, () => `\${${name}}`);
  }
  return safe;
}

function placeOf(
  text: string,
  offset: number,
  file: string,
  secrets: readonly string[],
): SourcePlace {
  // Not the parser's own LineCounter, which loses lines when it reads a text with errors.
  const at = Math.min(offset, text.length);
  const start = text.lastIndexOf("\n", at - 1) + 1;
  const end = text.indexOf("\n", start);
  const source = text.slice(start, end < 0 ? undefined : end).replace(/\r$/, "");
  const line = text.slice(0, start).split("\n").length;
  // The parser counts UTF-16 units; people and editors count characters.
  const column = Array.from(text.slice(start, at)).length + 1;
  return { file, line, column, source: maskSecrets(clip(source), secrets) };
}

/** Hides what follows a secret's key, unless it is only the name of a variable. */
function maskSecrets(source: string, secrets: readonly string[]): string {
  if (secrets.length === 0) return source;
  const reference = String.raw`\s*["']?\$\{\w+\}["']?\s*(?:[#,}]|$)`;
  const key = new RegExp(String.raw`((?:${secrets.join("|")})["']?\s*:)(?!${reference}).+$`);
  return source.replace(key, (_, before: string) => `${before} …`);
}

function clip(source: string): string {
  if (source.length <= MAX_SOURCE) return source;
  const characters = Array.from(source);
  return characters.length <= MAX_SOURCE ? source : `${characters.slice(0, MAX_SOURCE).join("")}…`;
}

function inOrder<P extends { line?: number; column?: number }>(problems: P[]): P[] {
  return problems.sort(
    (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
}

/** One slip of syntax makes the parser complain several times on its line. */
function onePerLine(problems: Problem[]): Problem[] {
  const lines = new Set<number | undefined>();
  return problems.filter(({ line }) => !lines.has(line) && lines.add(line));
}
