// Arguments and options that several commands take.

import { InvalidArgumentError, Option } from "commander";
import type { ExitCode } from "../domain/common/errors.ts";
import { nearest } from "../domain/common/nearest.ts";
import { parseAge } from "../domain/ledger/erasure.ts";
import type { FindingId } from "../domain/preflight/finding.ts";
import { isFindingId } from "../domain/preflight/finding.ts";
import { FINDINGS } from "../domain/preflight/finding-table.ts";
import type { CommandContext } from "./context.ts";
import type { Work } from "./process/signals.ts";

export const JSON_HELP = "one JSON document on stdout";

export const ADDRESS_HELP = "say where it listens as JSON, also at a terminal";

export const DESPITE_HELP =
  "count this finding of the check as a warning only (may be given again)";

export type Ends = (code: ExitCode) => void;

export type Context = (work?: Work) => CommandContext;

export function collectFinding(text: string, before: FindingId[] = []): FindingId[] {
  if (isFindingId(text)) return [...before, text];
  const near = nearest(text, Object.keys(FINDINGS));
  const hint = near === undefined ? "docs/findings.md lists them." : `Did you mean ${near}?`;
  throw new InvalidArgumentError(`The check has no such finding. ${hint}`);
}

/** `--delimiter`, for a command that writes a CSV. */
export function delimiterOption(description: string): Option {
  return new Option("--delimiter <sign>", description).choices([",", ";", "tab"]);
}

/** Milliseconds. */
export function age(text: string): number {
  const parsed = parseAge(text);
  if (parsed !== undefined) return parsed;
  throw new InvalidArgumentError("Days or weeks are needed, such as 90d or 12w; a day at least.");
}

export function collectText(text: string, before: string[] = []): string[] {
  return [...before, text];
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("A whole number is needed.");
  return Number(text);
}
