// Reads what Graph returns of an account into facts. A field that is not there, or is not what Meta
// documents, is null: nothing here throws, and nothing is guessed.

import { readCreative } from "../domain/account/creative.ts";
import type {
  HealthFacts,
  HealthProblem,
  NumberFacts,
  TemplateFacts,
  TokenFacts,
  WabaFacts,
} from "../domain/account/facts.ts";
import { readInstant } from "../domain/common/instant.ts";
import type { TemplateDefinition } from "../domain/message/template.ts";
import type { GraphNode } from "./calls.ts";
import { isNode } from "./calls.ts";

/**
 * What is asked of a node: `sure` is there everywhere, `more` is refused by some servers and
 * versions.
 */
export interface AskedFields {
  sure: readonly string[];
  more: readonly string[];
}

/** GET /<PHONE_NUMBER_ID> (Meta, phone number and messaging limits pages, 2026-09). */
export const NUMBER_FIELDS: AskedFields = {
  sure: ["id", "display_phone_number", "verified_name", "quality_rating"],
  more: ["status", "throughput", "whatsapp_business_manager_messaging_limit", "health_status"],
};

/** GET /<WABA_ID> (Meta, marketing messages onboarding page, 2026-06; health status, 2026-10). */
export const WABA_FIELDS: AskedFields = {
  sure: ["id", "name", "currency"],
  more: [
    "marketing_messages_onboarding_status",
    "disable_marketing_messages_on_cloud_api",
    "owner_business_info",
    "primary_funding_id",
    "health_status",
    "is_enabled_for_insights",
  ],
};

/**
 * GET /<WABA_ID>/message_templates (Meta, template management page, 2026-03, and marketing TTL
 * page, 2026-09). No page names a field for the instant of creation.
 */
export const TEMPLATE_FIELDS: AskedFields = {
  sure: ["id", "name", "language", "status", "category", "components"],
  more: [
    "parameter_format",
    "message_send_ttl_seconds",
    "quality_score",
    "previous_category",
    "correct_category",
    "rejected_reason",
    "last_updated_time",
    "optimization_spec",
    "degrees_of_freedom_spec",
  ],
};

/**
 * Fields beside which a missing `primary_funding_id` means that there is none, not that the server
 * says little.
 */
const BESIDE_FUNDING = ["name", "currency", "marketing_messages_onboarding_status"];

/**
 * A phone number as Graph returned it; a field that is missing or not a text is null. @param id the
 * id that was asked for
 */
export function readNumber(node: GraphNode, id: string): NumberFacts {
  const { throughput } = node;
  return {
    id: text(node.id) ?? id,
    displayPhoneNumber: text(node.display_phone_number),
    verifiedName: text(node.verified_name),
    status: text(node.status),
    qualityRating: text(node.quality_rating),
    throughputLevel: text(isNode(throughput) ? throughput.level : throughput),
    messagingLimit: text(node.whatsapp_business_manager_messaging_limit),
    health: readHealth(node.health_status),
  };
}

/** `asked`: the fields of the request that was answered. */
export function readWaba(node: GraphNode, id: string, asked: readonly string[]): WabaFacts {
  const owner = isNode(node.owner_business_info) ? node.owner_business_info : {};
  const terms = owner.marketing_messages_onboarding_status;
  return {
    id: text(node.id) ?? id,
    name: text(node.name),
    currency: text(node.currency),
    onboardingStatus: text(node.marketing_messages_onboarding_status),
    ownerBusinessId: text(owner.id),
    termsStatus: text(isNode(terms) ? terms.status : terms),
    cloudMarketingDisabled: flag(node.disable_marketing_messages_on_cloud_api),
    funding: readFunding(node, asked),
    insightsOn: flag(node.is_enabled_for_insights),
    health: readHealth(node.health_status),
  };
}

function readFunding(node: GraphNode, asked: readonly string[]): WabaFacts["funding"] {
  if (text(node.primary_funding_id) !== null) return "present";
  const isAsked = asked.includes("primary_funding_id");
  return isAsked && BESIDE_FUNDING.every((field) => text(node[field]) !== null) ? "absent" : null;
}

/** One template of a list; null when it is none. `asked`: the fields of the request. */
export function readTemplate(value: unknown, asked: readonly string[]): TemplateFacts | null {
  if (!isNode(value)) return null;
  const { quality_score: quality } = value;
  const [id, name, language] = [text(value.id), text(value.name), text(value.language)];
  if (id === null || name === null || language === null) return null;
  const ttl = value.message_send_ttl_seconds;
  const components = readComponents(value.components);
  const definition: TemplateDefinition = {
    name,
    language: sendForm(language),
    category: upper(value.category) ?? "UNKNOWN",
    status: upper(value.status) ?? "UNKNOWN",
    parameter_format: readFormat(value.parameter_format, components),
    components: components as unknown as TemplateDefinition["components"],
    // Null is Meta's default; a field that did not come is left out, since it is not known.
    ...(ttl !== undefined && { message_send_ttl_seconds: integer(ttl) }),
  };
  return {
    id,
    definition,
    ...readMaxPrice(value.optimization_spec, asked),
    ...readFeatures(value.degrees_of_freedom_spec, asked),
    quality: upper(isNode(quality) ? quality.score : quality),
    rejectedReason: reasonOf(value.rejected_reason),
    previousCategory: upper(value.previous_category),
    correctCategory: upper(value.correct_category),
    createdAt: readInstant(value.created_time),
    changedAt: readInstant(value.last_updated_time),
  };
}

/**
 * Graph leaves out what a template does not have: a spec that was asked for and did not come is
 * none. One of another shape is not known.
 */
function readMaxPrice(spec: unknown, asked: readonly string[]): Pick<TemplateFacts, "maxPrice"> {
  if (!asked.includes("optimization_spec")) return {};
  if (spec === undefined || spec === null) return { maxPrice: null };
  const bidAmount = isNode(spec) ? integer(spec.bid_amount) : null;
  return bidAmount === null || bidAmount <= 0 ? {} : { maxPrice: { bidAmount } };
}

/** The same of creative optimisations. */
function readFeatures(spec: unknown, asked: readonly string[]): Pick<TemplateFacts, "creative"> {
  if (!asked.includes("degrees_of_freedom_spec")) return {};
  const creative = readCreative(spec);
  return creative === null ? {} : { creative };
}

/**
 * As in a message's `language.code`: webhooks and some lists have `pt-BR` for `pt_BR` (Meta,
 * 2026-09).
 */
function sendForm(language: string): string {
  return language.replaceAll("-", "_");
}

/**
 * `data` of GET /debug_token (Meta, debug token page, v25.0): `expires_at` in seconds, 0 for never.
 */
export function readToken(answer: GraphNode): TokenFacts {
  const data = isNode(answer.data) ? answer.data : {};
  const scopes = Array.isArray(data.scopes)
    ? data.scopes.filter((scope): scope is string => typeof scope === "string")
    : null;
  return {
    isValid: flag(data.is_valid),
    expiresAt: integer(data.expires_at) === 0 ? "never" : readInstant(data.expires_at),
    scopes,
  };
}

/**
 * `health_status` (Meta, messaging health status page, 2026-10): `errors` where BLOCKED,
 * `additional_info` where LIMITED.
 */
function readHealth(value: unknown): HealthFacts | null {
  if (!isNode(value)) return null;
  const canSend = upper(value.can_send_message);
  if (canSend === null) return null;
  const entities = Array.isArray(value.entities) ? value.entities.filter(isNode) : [];
  return { canSend, problems: entities.flatMap(readProblems) };
}

function readProblems(entity: GraphNode): HealthProblem[] {
  const canSend = upper(entity.can_send_message);
  if (canSend === null || canSend === "AVAILABLE") return [];
  const name = upper(entity.entity_type) ?? "UNKNOWN";
  const errors = Array.isArray(entity.errors) ? entity.errors.filter(isNode) : [];
  if (errors.length === 0) {
    const info = Array.isArray(entity.additional_info) ? entity.additional_info : [];
    const description = info.filter((part) => typeof part === "string").join(" ") || null;
    return [{ entity: name, canSend, code: null, description, solution: null }];
  }
  return errors.map((error) => ({
    entity: name,
    canSend,
    code: integer(error.error_code),
    description: text(error.error_description),
    solution: text(error.possible_solution),
  }));
}

/** Components and buttons that are objects with a type; what they hold else is Meta's. */
function readComponents(value: unknown): GraphNode[] {
  const list = Array.isArray(value) ? value.filter(isTyped) : [];
  return list.map((component) => ({
    ...component,
    type: upper(component.type),
    ...(component.format !== undefined && { format: upper(component.format) }),
    ...(component.buttons !== undefined && {
      buttons: readButtons(component.buttons),
    }),
    ...(Array.isArray(component.cards) && {
      cards: component.cards
        .filter(isNode)
        .map((card) => ({ ...card, components: readComponents(card.components) })),
    }),
  }));
}

function readButtons(value: unknown): GraphNode[] {
  const list = Array.isArray(value) ? value.filter(isTyped) : [];
  return list.map((button) => ({ ...button, type: upper(button.type) }));
}

function isTyped(value: unknown): value is GraphNode & { type: string } {
  return isNode(value) && typeof value.type === "string";
}

/** Where the server does not say it, the texts do: numbers count, words name. */
function readFormat(value: unknown, components: readonly GraphNode[]): "POSITIONAL" | "NAMED" {
  const word = upper(value);
  if (word === "POSITIONAL" || word === "NAMED") return word;
  const isNamed = components.some(
    (component) =>
      typeof component.text === "string" && /\{\{\s*[A-Za-z_]\w*\s*\}\}/.test(component.text),
  );
  return isNamed ? "NAMED" : "POSITIONAL";
}

/** Meta has the word NONE where nothing was rejected. */
function reasonOf(value: unknown): string | null {
  const reason = text(value);
  return reason === "NONE" ? null : reason;
}

function text(value: unknown): string | null {
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  return typeof value === "string" && value !== "" ? value : null;
}

function upper(value: unknown): string | null {
  return text(value)?.toUpperCase() ?? null;
}

function flag(value: unknown): boolean | null {
  if (typeof value === "boolean") return value;
  return value === "true" ? true : value === "false" ? false : null;
}

function integer(value: unknown): number | null {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : null;
}
