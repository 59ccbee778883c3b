// What of a template can be edited, and what its fields may be. Decides nothing about how often,
// and changes nothing.

import type { Refusal } from "../messages/graph-errors.ts";
import { isRecord, unexpected } from "../messages/payload.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { ScenarioTemplate } from "../scenario/scenario-template.ts";
import { invalid } from "./invalid.ts";
import type { Node } from "./nodes.ts";

/**
 * Shortest and longest TTL by category, in seconds (Meta, time-to-live page, 2026-09); -1 is 30
 * days for all but marketing.
 */
const TTL_RANGES: Record<string, readonly [min: number, max: number]> = {
  MARKETING: [43_200, 2_592_000],
  UTILITY: [30, 43_200],
  AUTHENTICATION: [30, 900],
};
/** Templates that can be edited (Meta, template management page, 2026-03). */
const EDITABLE: ReadonlySet<string> = new Set(["APPROVED", "REJECTED", "PAUSED"]);
/** The one strategy there is, and the type of an amount (Meta, "Set a max price", 2026-06). */
const BID_STRATEGY = "LOWEST_COST_WITH_BID_CAP";
const BID_MAX = 2 ** 31 - 1;
const BID_KEYS: ReadonlySet<string> = new Set(["bid_strategy", "bid_amount"]);
/** Creative optimisations (Meta, send marketing messages page, 2026). */
const FEATURES: ReadonlySet<string> = new Set([
  "add_text_overlay",
  "auto_promotion_tag",
  "image_animation",
  "image_background_gen",
  "image_brightness_and_contrast",
  "image_touchups",
  "product_extensions",
  "text_extraction_for_headline",
  "text_extraction_for_tap_target",
  "text_formatting_optimization",
]);
const ENROLLED: ReadonlySet<unknown> = new Set(["OPT_IN", "OPT_OUT"]);
const SPEC = "degrees_of_freedom_spec";

type Edit = Partial<ScenarioTemplate>;
type Reader = (value: unknown, template: ScenarioTemplate, scenario: Scenario) => Edit | Refusal;

/** Every key that can be posted to `/<TEMPLATE_ID>`, and what becomes of its value. */
const READERS: Readonly<Record<string, Reader>> = {
  message_send_ttl_seconds: readTtl,
  optimization_spec: readMaxPrice,
  [SPEC]: (value, template) => {
    const features = readFeatures(value);
    if (isRefused(features)) return features;
    const before = template[SPEC]?.creative_features_spec;
    return { [SPEC]: { creative_features_spec: merged(before, features) } };
  },
};

/** The keys of a template that the fields change, or why they do not. */
export function readEdits(
  scenario: Scenario,
  template: ScenarioTemplate,
  fields: Node,
): Edit | Refusal {
  const strange = unexpected(fields, new Set(Object.keys(READERS)), "template");
  if (strange !== undefined) return strange;
  const asked = Object.entries(fields);
  if (asked.length === 0) return invalid("Nothing of the template is to be changed.");
  const edit: Edit = {};
  for (const [key, value] of asked) {
    const read = READERS[key]?.(value, template, scenario) ?? {};
    if (isRefused(read)) return read;
    Object.assign(edit, read);
  }
  if (EDITABLE.has(template.status)) return edit;
  return invalid(`A template with status ${template.status} cannot be edited.`);
}

/**
 * The features of a request by name, as templates and accounts take them (Meta, send marketing
 * messages page, 2026); or why they are refused.
 */
export function readFeatures(value: unknown): Record<string, string> | Refusal {
  const spec = objectOf(value);
  const features = objectOf(spec?.creative_features_spec);
  if (features === undefined || Object.keys(features).length === 0) {
    return invalid(`Param ${SPEC} must have creative_features_spec with a feature.`);
  }
  const read: Record<string, string> = {};
  for (const [feature, one] of Object.entries(features)) {
    const status = isRecord(one) ? one.enroll_status : undefined;
    if (!FEATURES.has(feature)) return invalid(`"${feature}" is no creative feature.`);
    if (!ENROLLED.has(status))
      return invalid(`${feature}.enroll_status must be OPT_IN or OPT_OUT.`);
    read[feature] = String(status);
  }
  return read;
}

/**
 * An account answers in a shape of its own (Meta, send marketing messages page, 2026). That
 * features which a request does not name stay as they are is not documented.
 */
export function accountSpec(before: unknown, features: Record<string, string>): Node {
  const data = isRecord(before) && Array.isArray(before.data) ? before.data : [];
  const old = isRecord(data[0]) ? data[0].creative_features_spec : undefined;
  const [first] = Array.isArray(old) ? old : [];
  return {
    data: [{ creative_features_spec: [{ ...(isRecord(first) ? first : {}), ...features }] }],
  };
}

/** A template answers with a list, its keys in capitals. */
function merged(before: unknown, features: Record<string, string>): Node[] {
  const list = (Array.isArray(before) ? before : []).filter(isRecord);
  const named = new Set(Object.keys(features).map((feature) => feature.toUpperCase()));
  const kept = list.filter(({ key }) => !named.has(String(key)));
  const added = Object.entries(features).map(([feature, status]) => ({
    key: feature.toUpperCase(),
    value: { enroll_status: status },
  }));
  return [...kept, ...added];
}

function readTtl(value: unknown, { category }: ScenarioTemplate): Edit | Refusal {
  const ttl = numberOf(value);
  if (ttl === undefined) return invalid("Param message_send_ttl_seconds must be a number.");
  const [min, max] = TTL_RANGES[category] ?? [0, 0];
  const isDefault = ttl === -1 && category !== "MARKETING";
  if (isDefault || (Number.isInteger(ttl) && ttl >= min && ttl <= max)) {
    return { message_send_ttl_seconds: ttl };
  }
  return invalid(
    `Param message_send_ttl_seconds must be between ${min} and ${max} for a template of` +
      ` category ${category}.`,
  );
}

function readMaxPrice(
  value: unknown,
  template: ScenarioTemplate,
  { max_price: { addable } }: Scenario,
): Edit | Refusal {
  const spec = objectOf(value);
  if (spec === undefined) return invalid("Param optimization_spec must be an object.");
  const strange = unexpected(spec, BID_KEYS, "optimization_spec");
  if (strange !== undefined) return strange;
  if (spec.bid_strategy !== BID_STRATEGY) {
    return invalid(`Param bid_strategy must be one of {${BID_STRATEGY}}.`);
  }
  const amount = numberOf(spec.bid_amount);
  if (amount === undefined || !Number.isInteger(amount) || amount < 1 || amount > BID_MAX) {
    return invalid(`Param bid_amount must be an integer from 1 to ${BID_MAX}.`);
  }
  if (template.category !== "MARKETING") {
    return invalid("Param optimization_spec is for templates of category MARKETING.");
  }
  if (!addable && template.optimization_spec === undefined) {
    return invalid("optimization_spec cannot be added to a template that was created without it.");
  }
  return { optimization_spec: { bid_strategy: BID_STRATEGY, bid_amount: amount } };
}

/** A form has objects as JSON text. */
function objectOf(value: unknown): Node | undefined {
  if (typeof value !== "string") return isRecord(value) ? value : undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^-?\d{1,10}$/.test(value) ? Number(value) : undefined;
}

/** Tells a refusal from what was read: no feature and no key of a template is called code. */
export function isRefused<T extends object>(read: T | Refusal): read is Refusal {
  return "code" in read;
}
