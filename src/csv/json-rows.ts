// Reads JSON Lines (one object a line) as rows of texts, by the names of the objects.

import { createInterface } from "node:readline";
import { Readable } from "node:stream";

import type { Problem } from "../domain/common/errors.ts";
import { OperatorError } from "../domain/common/errors.ts";
import { readBytes } from "./operator-file.ts";

const PROBLEMS_MAX = 20;

/**
 * Reads the file twice: for the names, then for the values.
 * @param shownAs the path for messages
 * @yields the names, in the order in which they first come; then the values of each line, none for
 *   an empty one
 * @throws OperatorError for lines that are no object, or have a value that is no text, number or
 *   boolean, each with its line
 */
export async function* jsonRows(path: string, shownAs: string): AsyncGenerator<string[]> {
  const names = await namesOf(path, shownAs);
  yield [...names];
  let lines = 0;
  for await (const { object, line } of objects(path, shownAs)) {
    for (lines += 1; lines < line; lines += 1) yield [];
    yield [...names].map((name) => textOf(object[name]) ?? "");
  }
}

async function namesOf(path: string, shownAs: string): Promise<Set<string>> {
  const names = new Set<string>();
  const problems: Problem[] = [];
  for await (const { object, line, fault } of objects(path, shownAs)) {
    if (fault !== undefined) problems.push({ ...fault, file: shownAs, line });
    for (const [name, value] of Object.entries(object)) {
      names.add(name);
      if (textOf(value) !== undefined) continue;
      const message = `"${name}" is no text, number, boolean or null`;
      problems.push({ message, hint: "Write each value as a text.", file: shownAs, line });
    }
    if (problems.length >= PROBLEMS_MAX) break;
  }
  if (problems.length > 0) throw new OperatorError(problems);
  if (names.size === 0) {
    throw new OperatorError({
      message: `${shownAs} has no object in it`,
      hint: "Write one JSON object a line into it.",
      file: shownAs,
    });
  }
  return names;
}

interface Line {
  object: Readonly<Record<string, unknown>>;
  /** 1-based. */
  line: number;
  /** Why it is none. */
  fault?: Pick<Problem, "message" | "hint">;
}

/** The objects of the lines that are not empty. */
async function* objects(path: string, shownAs: string): AsyncGenerator<Line> {
  const bytes = Readable.from(readBytes(path, { shownAs }));
  let line = 0;
  for await (const text of createInterface({ input: bytes, crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1;
    const trimmed = (line === 1 ? text.replace(/^\uFEFF/, "") : text).trim();
    if (trimmed !== "") yield lineOf(trimmed, line);
  }
}

function lineOf(text: string, line: number): Line {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return { object: value as Record<string, unknown>, line };
    }
  } catch {
    // Named below.
  }
  const hint = 'Write one object on it, such as {"phone": "+5511987650001"}, or take the line out.';
  return { object: {}, line, fault: { message: "the line is no JSON object", hint } };
}

/** A value as a cell; undefined for what is none. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value.replaceAll(/\r\n|[\r\n]/g, " ");
  if (typeof value === "boolean") return value ? "true" : "false";
  return typeof value === "number" ? String(value) : undefined;
}
