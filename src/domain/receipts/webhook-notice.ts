// Reads what a webhook reports about a template, an account, a number or a limit.
//
// Shapes: Meta, references of message_template_*_update, template_category_update, account_update,
// account_alerts, account_review_update, phone_number_quality_update and business_capability_update
// (2026-09; account_alerts has its facts under `alert_info` since 2026).

import { readInstant } from "../common/instant.ts";
import { maskPatterns } from "../common/redact.ts";
import type {
  AccountChange,
  LimitChange,
  Restriction,
  TemplateChange,
  WebhookEvent,
} from "./receipt.ts";
import type { JsonObject } from "./webhook-fields.ts";
import { digits, fields, id, list, listOrOne, saying, text, word } from "./webhook-fields.ts";

/** Longest JSON that is kept of an event, in characters. */
const DETAIL_MAX = 4_000;

/** Where a `value` stood. */
export interface WebhookValue {
  field: string | null;
  wabaId: string | null;
  value: JsonObject;
}

/** Events about a template, the account or a limit; undefined when the value is none of them. */
export function readNotice(place: WebhookValue): WebhookEvent | undefined {
  const { field, value } = place;
  if (value.message_template_id !== undefined || value.message_template_name) {
    return readTemplate(place);
  }
  switch (field) {
    case "account_update":
    case "account_review_update":
    case "account_alerts":
      return readAccount(place, field);
    case "phone_number_quality_update":
    case "business_capability_update":
      return readLimit(place);
    default:
      return undefined;
  }
}

function readAccount({ wabaId, value }: WebhookValue, field: string): AccountChange {
  const alert = fields(value.alert_info) ?? value;
  const violation = fields(value.violation_info);
  const ban = fields(value.ban_info);
  return {
    kind: "account",
    field,
    // What a partner receives stands under the partner's own account, and names the one that is
    // meant.
    wabaId: id(fields(value.waba_info)?.waba_id) ?? wabaId,
    event: word(value.event) ?? word(alert.alert_type) ?? word(value.decision),
    restrictions: listOrOne(value.restriction_info).flatMap(readRestriction),
    violation: word(violation?.violation_type),
    // Five copies of Meta's sample have a list of one here.
    banState: listOrOne(ban?.waba_ban_state).map(word)[0] ?? null,
    banDate: id(listOrOne(ban?.waba_ban_date)[0]),
    reason: reasonOf(value, alert),
    displayNumber: digits(value.phone_number) ?? digits(value.display_phone_number),
    detail: detailOf(value),
    at: readInstant(value.timestamp),
    number: null,
  };
}

function readRestriction(raw: unknown): Restriction[] {
  const restriction = fields(raw);
  const type = word(restriction?.restriction_type);
  return type === null ? [] : [{ type, until: readInstant(restriction?.expiration) }];
}

/** Why, in Meta's words: of a disconnected partner, an alert, a review, a violation. */
function reasonOf(value: JsonObject, alert: JsonObject): string | null {
  const left = fields(value.disconnection_info);
  const words = [
    id(left?.reason),
    left?.initiated_by === undefined ? null : `by ${id(left.initiated_by)}`,
    id(alert.alert_severity),
    saying(alert.alert_description),
    saying(value.rejection_reason),
    saying(fields(value.violation_info)?.remediation),
    ...list(value.restriction_info).map((restriction) => saying(fields(restriction)?.remediation)),
  ].filter((word) => word !== null && word !== "");
  return words.length === 0 ? null : words.join(", ");
}

function readLimit({ wabaId, value }: WebhookValue): LimitChange {
  return {
    kind: "limit",
    wabaId,
    event: word(value.event),
    limit:
      id(value.current_limit) ??
      id(value.max_daily_conversations_per_business) ??
      id(value.max_daily_conversation_per_phone),
    previous: id(value.old_limit),
    displayNumber: digits(value.display_phone_number),
    at: readInstant(value.timestamp),
    number: null,
  };
}

function readTemplate({ wabaId, value }: WebhookValue): TemplateChange {
  const base = {
    kind: "template" as const,
    wabaId,
    name: text(value.message_template_name),
    language: text(value.message_template_language)?.replace("-", "_") ?? null,
    templateId: id(value.message_template_id),
    isAnnounced: false,
    reason: null,
    at: readInstant(value.timestamp),
    number: null,
  };
  if (value.new_quality_score !== undefined || value.previous_quality_score !== undefined) {
    const previous = word(value.previous_quality_score);
    return { ...base, about: "quality", value: word(value.new_quality_score), previous };
  }
  if (value.new_category !== undefined || value.correct_category !== undefined) {
    return { ...base, about: "category", ...categoryOf(value) };
  }
  const rejection = fields(value.rejection_info);
  const reason =
    saying(fields(value.other_info)?.title) ??
    saying(rejection?.reason) ??
    saying(value.reason) ??
    saying(fields(value.disable_info)?.disable_date);
  return { ...base, about: "status", value: word(value.event), previous: null, reason };
}

/**
 * The change is done once Meta names the category before; until then `correct_category` is the one
 * to come.
 */
function categoryOf(value: JsonObject): Pick<TemplateChange, "value" | "previous" | "isAnnounced"> {
  const previous = word(value.previous_category);
  const now = word(value.new_category);
  const coming = word(value.correct_category);
  const isAnnounced = coming !== null && previous === null;
  return isAnnounced
    ? { value: coming, previous: now, isAnnounced }
    : { value: now ?? coming, previous, isAnnounced };
}

/**
 * JSON of an account event, its sentences masked; what is an id or a number of the business stays.
 */
function detailOf(value: JsonObject): string {
  const masked = (_key: string, member: unknown) =>
    typeof member === "string" && /\s/.test(member.trim()) ? maskPatterns(member) : member;
  try {
    return JSON.stringify(value, masked).slice(0, DETAIL_MAX);
  } catch {
    // Nested too deep to be written again.
    return "";
  }
}
