// Prints problems the way a person fixes them: place, what is wrong, the line itself, what to do.

import type { Problem } from "../../domain/common/errors.ts";
import { plain } from "../../domain/common/plain.ts";
import { say } from "./print.ts";

/** More problems than this are counted, not listed. */
const SHOWN_MAX = 50;

/** Writes problems to stderr. */
export function printProblems(problems: readonly Problem[], label = ""): void {
  const tone = label === "" ? "bad" : "doubt";
  for (const problem of problems.slice(0, SHOWN_MAX)) {
    say(formatProblem(problem, label), tone);
  }
  const more = problems.length - SHOWN_MAX;
  if (more > 0) say(`… and ${more} more.`);
}

/** One problem as text, without a line break at its end. */
function formatProblem(problem: Problem, label = ""): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== undefined);
  const head = place.length > 0 ? `${place.join(":")}: ` : "";
  const lines = [`${head}${label}${problem.message}`];
  if (problem.source !== undefined && problem.line !== undefined) {
    const gutter = String(problem.line);
    lines.push(`  ${gutter} | ${problem.source}`);
    if (problem.column !== undefined) {
      lines.push(`  ${" ".repeat(gutter.length)} | ${" ".repeat(problem.column - 1)}^`);
    }
  }
  if (problem.hint !== undefined) lines.push(`  → ${problem.hint}`);
  // A cell or a name that is quoted must not steer the terminal.
  return lines.map(plain).join("\n");
}
