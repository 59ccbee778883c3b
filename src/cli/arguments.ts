// Arguments and options that several commands take.

import { Argument, InvalidArgumentError, Option } from "commander";
import { nearest } from "../domain/common/nearest.ts";
import { parseAge } from "../domain/ledger/erasure.ts";
import type { FindingId } from "../domain/preflight/finding.ts";
import { isFindingId } from "../domain/preflight/finding.ts";
import { FINDINGS } from "../domain/preflight/finding-table.ts";
import { readPlanDigest } from "../domain/preflight/plan-digest.ts";

export const MANIFEST = new Argument("<manifest>");

export const JSON_OPTION = new Option("--json", "one JSON document on stdout");

export const SERVER_JSON = new Option("--json", "say where it listens as JSON, also at a terminal");

export const YES = new Option("--yes", "do not ask");

export const DESPITE = new Option(
  "--despite <finding>",
  "count this finding of the check as a warning only (may be given again)",
).argParser(collectFinding);

/** Reads one value of `--despite`, beside those before it. */
export function collectFinding(text: string, before: FindingId[] = []): FindingId[] {
  if (isFindingId(text)) return [...before, text];
  const near = nearest(text, Object.keys(FINDINGS));
  const hint = near === undefined ? "docs/findings.md lists them." : `Did you mean ${near}?`;
  throw new InvalidArgumentError(`The check has no such finding. ${hint}`);
}

/** The digest of a plan, as `check` prints it. */
export function planDigestText(text: string): string {
  if (readPlanDigest(text) !== undefined) return text;
  throw new InvalidArgumentError(
    "`campaign check` prints the digest of a plan: it begins with p1.",
  );
}

/** `--delimiter`, for a command that writes a CSV. */
export function delimiterOption(description: string): Option {
  return new Option("--delimiter <sign>", description).choices([",", ";", "tab"]);
}

/** `--port`, for a command that listens. */
export function portOption(port: number): Option {
  return new Option("--port <n>", "0: any free port").default(port).argParser(wholeNumber);
}

/** Milliseconds. */
export function age(text: string): number {
  const parsed = parseAge(text);
  if (parsed !== undefined) return parsed;
  throw new InvalidArgumentError("Days or weeks are needed, such as 90d or 12w; a day at least.");
}

/** A day that exists, as YYYY-MM-DD. @throws InvalidArgumentError for anything else */
export function date(text: string): string {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at) && new Date(at).toISOString().startsWith(text)) return text;
  throw new InvalidArgumentError("A date is needed, such as 2026-11-20.");
}

/** For an option that may be given several times: its texts, in the order given. */
export function collectText(text: string, before: string[] = []): string[] {
  return [...before, text];
}

/**
 * A count or a port, of up to nine digits. @throws InvalidArgumentError when it is anything else
 */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("A whole number is needed.");
  return Number(text);
}
