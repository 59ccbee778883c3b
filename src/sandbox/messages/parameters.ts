// Checks one list of parameters against the text that it fills. Never looks at another component.

import type { Refusal } from "./graph-errors.ts";
import { isRecord, unexpected } from "./payload.ts";

/** Kinds of parameter that a text takes (Meta, OpenAPI v23.0). */
const TEXT_KINDS: ReadonlySet<string> = new Set(["text", "currency", "date_time"]);
const CURRENCY_KEYS: ReadonlySet<string> = new Set(["fallback_value", "code", "amount_1000"]);
const TEXT_KEYS: ReadonlySet<string> = new Set([
  "type",
  "text",
  "currency",
  "date_time",
  "parameter_name",
]);

/**
 * What fills a text: the component's name for messages, the text, and how its parameters are named.
 */
export interface FilledText {
  part: string;
  text: string;
  format: "POSITIONAL" | "NAMED";
  /** Longest text after filling, in characters. */
  maxLength: number;
}

/** A text taken apart once, since every message of a campaign fills the same one. */
interface Placeholders {
  /** Each once, in order of appearance: `1`, `2`, or `first_name`. */
  names: string[];
  /** Every place that is filled, in order. */
  places: string[];
  /** Length of the text around the places, in characters. */
  fixedLength: number;
}

const PLACEHOLDER = /\{\{\s*(\w+)\s*\}\}/g;
/** Texts that are remembered before all of them are forgotten. */
const MAX_REMEMBERED = 1_000;
const remembered = new Map<string, Placeholders>();

/** The placeholders of a template's text: header, body or URL. */
export function placeholdersOf(text: string): Placeholders {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const places = Array.from(text.matchAll(PLACEHOLDER), (match) => match[1] ?? "");
  const fixedLength = text.replace(PLACEHOLDER, "").length;
  const found = { names: [...new Set(places)], places, fixedLength };
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(text, found);
  return found;
}

/** The first thing that is wrong with the parameters of a text. */
export function checkText(into: FilledText, parameters: unknown[]): Refusal | undefined {
  const { part, text, format } = into;
  const { names: wanted, places, fixedLength } = placeholdersOf(text);
  if (parameters.length !== wanted.length)
    return wrongCount(part, parameters.length, wanted.length);
  const values = new Map<string, string>();
  for (const [index, parameter] of parameters.entries()) {
    const value = readText(part, index, parameter);
    if (typeof value !== "string") return value;
    const given = isRecord(parameter) ? parameter.parameter_name : undefined;
    const name = format === "NAMED" ? given : `${index + 1}`;
    if (format === "NAMED" && typeof given !== "string") {
      return { code: 100, details: `${part}: Parameter name is missing or empty.` };
    }
    // [?] Which code Meta gives for a name that the template lacks, or for a name on a positional
    // parameter, is not documented; 132012 is the nearest.
    if (format === "POSITIONAL" && given !== undefined) {
      return { code: 132012, details: `${part}: the template's parameters are not named.` };
    }
    if (typeof name !== "string" || !wanted.includes(name)) {
      return { code: 132012, details: `${part}: the template has no parameter "${name}".` };
    }
    if (values.has(name)) {
      return { code: 132012, details: `${part}: parameter "${name}" is given twice.` };
    }
    values.set(name, value);
  }
  const length = places.reduce((sum, name) => sum + (values.get(name) ?? "").length, fixedLength);
  if (length <= into.maxLength) return undefined;
  const details = `${part}: ${length} characters exceed the limit of ${into.maxLength}.`;
  return { code: 132005, details };
}

/** The text of a text parameter as it is shown, or what is wrong with it. */
export function readText(part: string, index: number, parameter: unknown): string | Refusal {
  const place = `${part}: parameter ${index + 1}`;
  if (!isRecord(parameter)) return { code: 100, details: `${place} must be a JSON object.` };
  const { type } = parameter;
  if (typeof type !== "string") return { code: 131008, details: `${place} has no type.` };
  if (!TEXT_KINDS.has(type)) return wrongFormat(part, "text", type);
  const strange = unexpected(parameter, TEXT_KEYS, place);
  if (strange !== undefined) return strange;
  const value = type === "text" ? parameter.text : fallbackOf(parameter[type]);
  const typed = checkTyped(type, parameter[type], place);
  if (typed !== undefined) return typed;
  if (typeof value !== "string" || value === "") {
    return { code: 131008, details: `${place} of type ${type} is missing its text value.` };
  }
  // [?] That Meta refuses these, and the sentence, are known from practice; that the code is 132018
  // is an assumption: older versions gave 100.
  if (/[\n\r\t]| {5}/.test(value)) {
    const details =
      "Param text cannot have new-line/tab characters or more than 4 consecutive spaces";
    return { code: 132018, details };
  }
  return value;
}

/** Says that a component has another number of parameters than the template. */
export function wrongCount(part: string, given: number, wanted: number): Refusal {
  const details =
    `${part}: number of localizable_params (${given})` +
    ` does not match the expected number of params (${wanted})`;
  return { code: 132000, details };
}

/** Says that a parameter has another kind than the template. */
export function wrongFormat(part: string, wanted: string, received: unknown): Refusal {
  const kind = typeof received === "string" ? received.toUpperCase() : "UNKNOWN";
  const details = `${part}: Format mismatch, expected ${wanted.toUpperCase()}, received ${kind}`;
  return { code: 132012, details };
}

/**
 * What a typed parameter needs beside the text that is shown (Meta, template object of the messages
 * reference, 2026-06). Of a date, WhatsApp reads no other key.
 */
function checkTyped(type: string, value: unknown, place: string): Refusal | undefined {
  if (type === "text") return undefined;
  if (!isRecord(value)) return { code: 131008, details: `${place} is missing its ${type}.` };
  if (type !== "currency") return undefined;
  const { code, amount_1000: thousandths } = value;
  if (typeof code !== "string" || !/^[A-Z]{3}$/.test(code)) {
    return { code: 131008, details: `${place} of type currency is missing its code.` };
  }
  if (typeof thousandths === "number" && Number.isInteger(thousandths)) {
    return unexpected(value, CURRENCY_KEYS, place);
  }
  return { code: 100, details: `${place}: amount_1000 must be an integer.` };
}

function fallbackOf(value: unknown): unknown {
  return isRecord(value) ? value.fallback_value : undefined;
}
