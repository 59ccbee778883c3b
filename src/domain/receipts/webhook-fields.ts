// Reads single values of a webhook's JSON. Nothing in it is sure: each function gives null where
// the value is of another kind.

import { maskPatterns } from "../common/redact.ts";

/** Longest text and id that are kept, in characters. */
const TEXT_MAX = 1_000;
const ID_MAX = 300;

export type JsonObject = Record<string, unknown>;

/** An object that is no list. */
export function fields(value: unknown): JsonObject | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return value as JsonObject;
}

/** A list; empty for anything else. */
export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A list, or the one value that stands for one: Meta's samples have both for some fields. */
export function listOrOne(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** The items of a list, or the one object that a gateway gives in its place. */
export function items(value: unknown): unknown[] {
  return fields(value) === null ? list(value) : [value];
}

/** A text of a person, cut at a length. */
export function text(value: unknown): string | null {
  return typeof value === "string" ? value.slice(0, TEXT_MAX) : null;
}

/** A sentence of Meta's, without the numbers, ids and tokens that it may quote. */
export function saying(value: unknown): string | null {
  return typeof value === "string" ? maskPatterns(value).slice(0, TEXT_MAX) : null;
}

/** A short name or number; Meta gives some ids as numbers. */
export function id(value: unknown): string | null {
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  if (typeof value !== "string" || value === "" || value.length > ID_MAX) return null;
  return value;
}

/** One of Meta's words, such as `PAUSED`, whatever its case. */
export function word(value: unknown): string | null {
  return id(value)?.toUpperCase() ?? null;
}

/** One of Meta's words in lower case, without the spaces around it. */
export function lowerWord(value: unknown): string | null {
  return text(value)?.trim().toLowerCase() ?? null;
}

/**
 * A WhatsApp id as digits: with or without `+`, spaces, dashes and brackets, and without the server
 * that some gateways leave on it.
 */
export function digits(value: unknown): string | null {
  if (typeof value !== "string" && typeof value !== "number") return null;
  const match = /^\+?([1-9]\d{4,14})(?::\d{1,3})?(?:@(?:s\.whatsapp\.net|c\.us))?$/.exec(
    String(value).replace(/[\s()-]/g, ""),
  );
  return match === null ? null : (match[1] as string);
}
