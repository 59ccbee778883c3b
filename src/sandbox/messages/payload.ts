// Reads the body of POST /marketing_messages, or of /messages, as strictly as Meta's schema does.
// Never looks at the template that is named in it, nor at the account.

import { readTo } from "../scenario/numbering.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Api } from "../scenario/scenario-shares.ts";
import type { Refusal } from "./graph-errors.ts";

/**
 * What the schema has (OpenAPI v23.0, MarketingMessageRequestPayload, `additionalProperties:
 * false`), `recipient` of 2026-05, `bid_spec` (Meta, max-price page, 2026-03), and the undocumented
 * callback data.
 */
const PROPERTIES: ReadonlySet<string> = new Set([
  "messaging_product",
  "recipient_type",
  "to",
  "recipient",
  "type",
  "template",
  "product_policy",
  "message_activity_sharing",
  "bid_spec",
  "biz_opaque_callback_data",
]);

/** Of these, what the Cloud API has not (Meta, send messages page, 2026-09). */
const OF_MARKETING: ReadonlySet<string> = new Set([
  "product_policy",
  "message_activity_sharing",
  "bid_spec",
]);

/** In characters; documented for calls only (Meta, 2026-09). */
const MAX_CALLBACK_DATA = 512;
const MAX_COMPONENTS = 32;
/**
 * A business-scoped user id, a parent's too: country, then up to 128 letters and digits (Meta,
 * 2026-03).
 */
const USER_ID = /^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/;

/** A message as read from its body alone. */
export interface Payload {
  /** Digits with country code; undefined when the message is addressed by `recipient`. */
  digits: string | undefined;
  /** As posted: `to`, or `recipient` when there is no `to`. */
  input: string;
  template: string;
  language: string;
  components: Record<string, unknown>[];
  policy: "CLOUD_API_FALLBACK" | "STRICT";
  /** Of its `bid_spec`, 1 where that names none; undefined without one. */
  bidMultiplier: number | undefined;
}

/** What can be known of any body, valid or not, for the log and for the special numbers. */
export interface Glance {
  to: string | undefined;
  digits: string | undefined;
  key: string | undefined;
  template: string | undefined;
  language: string | undefined;
  policy: string | undefined;
}

/** Looks at a parsed body without judging it. */
export function glance(body: unknown, scenario: Scenario): Glance {
  const fields = isRecord(body) ? body : {};
  const template = isRecord(fields.template) ? fields.template : {};
  const language = isRecord(template.language) ? template.language : {};
  const to = textOf(fields.to);
  return {
    to,
    digits: to === undefined ? undefined : readTo(to, scenario.business_country_code),
    key: textOf(fields.biz_opaque_callback_data),
    template: textOf(template.name),
    language: textOf(language.code),
    policy: textOf(fields.product_policy),
  };
}

/** The message of a parsed body, or the first thing that is wrong with it. */
export function readPayload(
  body: unknown,
  scenario: Scenario,
  api: Api,
): Payload | { refusal: Refusal } {
  if (!isRecord(body)) return refuse(100, "The request body must be a JSON object.");
  const problem =
    unexpectedKey(body, scenario, api) ??
    wrongConstant(body) ??
    wrongOption(body) ??
    wrongBid(body.bid_spec) ??
    wrongTo(body);
  if (problem !== undefined) return { refusal: problem };
  const template = readTemplate(body.template);
  if ("refusal" in template) return template;
  // When both are given `to` wins (Meta, send marketing messages page, 2026-05).
  const input = (body.to ?? body.recipient) as string;
  let digits: string | undefined;
  if (body.to !== undefined) {
    digits = readTo(input, scenario.business_country_code);
    if (digits === undefined) return refuse(131009, "Parameter 'to' is not a phone number.");
  }
  const policy = body.product_policy === "STRICT" ? "STRICT" : "CLOUD_API_FALLBACK";
  return { digits, input, policy, bidMultiplier: multiplierOf(body), ...template };
}

/** A JSON object as it was posted. */
export type Fields = Record<string, unknown>;

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The first key of an object that is not among the allowed ones, worded as Graph does. */
export function unexpected(
  fields: Fields,
  allowed: ReadonlySet<string>,
  param: string,
): Refusal | undefined {
  for (const key in fields) {
    if (allowed.has(key)) continue;
    const message = `(#100) Unexpected key "${key}" on param "${param}".`;
    return { code: 100, message, details: `Unexpected key "${key}" on param "${param}".` };
  }
  return undefined;
}

function unexpectedKey(fields: Fields, scenario: Scenario, api: Api): Refusal | undefined {
  if (!scenario.accept_callback_key && "biz_opaque_callback_data" in fields) {
    return unexpectedTop("biz_opaque_callback_data");
  }
  for (const key in fields) {
    const isKnown = PROPERTIES.has(key) && !(api === "cloud" && OF_MARKETING.has(key));
    if (!isKnown) return unexpectedTop(key);
  }
  return undefined;
}

function unexpectedTop(key: string): Refusal {
  const message = `(#100) Invalid parameter: unexpected key "${key}"`;
  return { code: 100, message, details: `Unexpected key "${key}".` };
}

function wrongConstant(fields: Fields): Refusal | undefined {
  for (const [key, wanted] of [
    ["messaging_product", "whatsapp"],
    ["recipient_type", "individual"],
    ["type", "template"],
  ] as const) {
    if (fields[key] === wanted) continue;
    if (fields[key] === undefined) return missing(key);
    if (key === "type") return { code: 100, details: "Message must be a template message." };
    return { code: 100, details: `Param ${key} must be one of {${wanted.toUpperCase()}}.` };
  }
  return undefined;
}

function wrongOption(fields: Fields): Refusal | undefined {
  const policy = fields.product_policy;
  if (policy !== undefined && policy !== "STRICT" && policy !== "CLOUD_API_FALLBACK") {
    const details = "Param product_policy must be one of {CLOUD_API_FALLBACK, STRICT}.";
    return { code: 100, details };
  }
  const sharing = fields.message_activity_sharing;
  if (sharing !== undefined && typeof sharing !== "boolean") {
    return { code: 100, details: "Param message_activity_sharing must be a boolean." };
  }
  const key = fields.biz_opaque_callback_data;
  if (key === undefined) return undefined;
  if (typeof key !== "string" || key.length > MAX_CALLBACK_DATA) {
    const most = `a string of at most ${MAX_CALLBACK_DATA} characters`;
    const details = `Param biz_opaque_callback_data must be ${most}.`;
    return { code: 100, details };
  }
  return undefined;
}

const BID_KEYS: ReadonlySet<string> = new Set(["per_message_bid_multiplier"]);

/** A positive number, 1 when it is left out (Meta, max-price page, 2026-03). */
function wrongBid(bid: unknown): Refusal | undefined {
  if (bid === undefined) return undefined;
  if (!isRecord(bid)) return { code: 100, details: "Param bid_spec must be a JSON object." };
  const strange = unexpected(bid, BID_KEYS, "bid_spec");
  if (strange !== undefined) return strange;
  const { per_message_bid_multiplier: multiplier = 1 } = bid;
  if (typeof multiplier === "number" && multiplier > 0) return undefined;
  const details = "Param bid_spec['per_message_bid_multiplier'] must be a positive number.";
  return { code: 100, details };
}

/** The multiplier of a body's `bid_spec`, 1 where that names none; undefined without one. */
export function multiplierOf({ bid_spec: bid }: Fields): number | undefined {
  if (!isRecord(bid)) return undefined;
  const { per_message_bid_multiplier: multiplier } = bid;
  return typeof multiplier === "number" ? multiplier : 1;
}

function wrongTo(fields: Fields): Refusal | undefined {
  const { to, recipient } = fields;
  if (to === undefined && recipient === undefined) return missing("to");
  if (to !== undefined && typeof to !== "string") {
    return { code: 100, details: "Param to must be a string." };
  }
  if (to === undefined && (typeof recipient !== "string" || !USER_ID.test(recipient))) {
    return { code: 100, details: "Param recipient must be a business-scoped user ID." };
  }
  return undefined;
}

const TEMPLATE_KEYS: ReadonlySet<string> = new Set(["name", "language", "components"]);
const LANGUAGE_KEYS: ReadonlySet<string> = new Set(["code", "policy"]);

function readTemplate(
  template: unknown,
): Pick<Payload, "template" | "language" | "components"> | { refusal: Refusal } {
  if (template === undefined) return { refusal: missing("template") };
  if (!isRecord(template)) return refuse(100, "Param template must be a JSON object.");
  const { name, language, components = [] } = template;
  if (typeof name !== "string" || name === "") return { refusal: missing("template['name']") };
  if (language === undefined) return { refusal: missing("template['language']") };
  if (!isRecord(language)) return refuse(100, "Param template['language'] must be a JSON object.");
  const { code, policy } = language;
  if (typeof code !== "string" || code === "") {
    return { refusal: missing("template['language']['code']") };
  }
  // The schema says that `policy` is required; Meta's own samples leave it out (2026-09).
  if (policy !== undefined && policy !== "deterministic") {
    return refuse(100, "Param template['language']['policy'] must be one of {DETERMINISTIC}.");
  }
  const strange =
    unexpected(template, TEMPLATE_KEYS, "template") ??
    unexpected(language, LANGUAGE_KEYS, "template['language']");
  if (strange !== undefined) return { refusal: strange };
  if (!Array.isArray(components) || components.length > MAX_COMPONENTS) {
    return refuse(100, "Param template['components'] must be an array.");
  }
  if (!components.every(isRecord)) {
    return refuse(100, "Param template['components'] must be an array of JSON objects.");
  }
  return { template: name, language: code, components };
}

function missing(param: string): Refusal {
  const details = `The parameter ${param} is required.`;
  return { code: 100, message: `(#100) ${details}`, details };
}

function refuse(code: number, details: string): { refusal: Refusal } {
  return { refusal: { code, details } };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
