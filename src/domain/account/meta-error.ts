// Reads an error as Meta writes it, in a reply, in an answer of the management API and in a
// webhook. One reader for all of them: a code that arrives as text, or details that are a plain
// string, mean the same everywhere. No I/O.

import { oneLine } from "../common/plain.ts";

/** Longest text of an error that is kept, in characters. */
const TEXT_MAX = 1_000;
/**
 * Longest text that is quoted of a body that is not Meta's, in characters: enough to see which
 * server wrote it.
 */
const SNIPPET_MAX = 200;

/** An error of Meta's; a field that did not come, or is not what Meta documents, is null. */
export interface MetaError {
  code: number | null;
  subcode: number | null;
  title: string | null;
  message: string | null;
  /** `error_data.details`; `error_data` itself where it is a plain string. */
  details: string | null;
  /** `error_user_msg`, written for a person. */
  userMessage: string | null;
  fbtraceId: string | null;
  /** True when Meta says that the same call may succeed later. */
  isTransient: boolean;
}

/**
 * Reads an error object (Meta, error codes page, 2026-09).
 * @param value what stands under `error`, or in `errors[]`
 * @returns undefined for what is no object
 */
export function readMetaError(value: unknown): MetaError | undefined {
  const error = object(value);
  if (error === undefined) return undefined;
  const data = error.error_data;
  return {
    code: integer(error.code),
    subcode: integer(error.error_subcode),
    title: text(error.title),
    message: text(error.message),
    details: text(data) ?? text(object(data)?.details),
    userMessage: text(error.error_user_msg),
    fbtraceId: text(error.fbtrace_id),
    isTransient: error.is_transient === true,
  };
}

/**
 * What a body that is not Meta's says, as one short line without its markup: a proxy's or a
 * gateway's; null for nothing.
 */
export function snippetOf(body: string): string | null {
  const line = oneLine(
    body.slice(0, 20 * SNIPPET_MAX).replace(/<(script|style)\b[\s\S]*?<\/\1\s*>|<[^<>]*>/gi, " "),
  );
  return line === "" ? null : line.slice(0, SNIPPET_MAX);
}

function object(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return value as Record<string, unknown>;
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value.slice(0, TEXT_MAX) : null;
}

/** Codes arrive as numbers, and by way of some gateways as text. */
function integer(value: unknown): number | null {
  const number =
    typeof value === "string" && /^\s*-?\d{1,9}\s*$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : null;
}
