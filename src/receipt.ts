// Reads one webhook delivery of Meta's into the events that it tells, each of one kind. Decides nothing about what they
// change, and never throws: whatever it does not know is an event too, of the kind `other`.
//
// Shapes: Meta, "Webhooks" of the WhatsApp Business Platform (status, user_preferences, message_template_* and account
// references of 2026-09-11; user_actions of 2025-12). Numbers, ids and instants may be missing in all of them.

import type { AttemptKey } from "./dispatch.ts";
import { parseCallbackKey } from "./dispatch.ts";
import { maskPatterns } from "./redact.ts";

/** What a status webhook can say of a message; `played` is a voice message that was listened to. */
export const RECEIPT_STATUSES = ["sent", "delivered", "read", "played", "failed"] as const;

export type ReceiptStatus = (typeof RECEIPT_STATUSES)[number];

/** Whose key came back with a receipt: ours, somebody else's, or none at all. */
type EchoedKey = AttemptKey | "foreign" | null;

export interface ReceiptError {
  code: number | null;
  title: string | null;
  message: string | null;
  details: string | null;
}

export interface Pricing {
  /** `marketing_lite`, `marketing`, `utility`, … */
  category: string | null;
  /** `regular`, `free_customer_service`, `free_entry_point`, … */
  type: string | null;
}

/** How a webhook names a person; at least one of the two in whatever is of use. */
interface Named {
  /** WhatsApp's id, digits; may differ from the number that was posted (Brazil, Mexico). */
  waId: string | null;
  /** Business-scoped user id, such as `BR.1234`. */
  userId: string | null;
}

interface Told {
  /** Milliseconds since the epoch; null when the webhook did not say. */
  at: number | null;
  /** `metadata.phone_number_id`: the number of the business that this is about. */
  number: string | null;
}

/** What became of a message. */
export interface StatusReceipt extends Named, Told {
  kind: "status";
  status: ReceiptStatus;
  messageId: string;
  key: EchoedKey;
  pricing: Pricing | null;
  errors: ReceiptError[];
}

/** A person stopped marketing messages, or takes them again, by WhatsApp's own switch. */
export interface Preference extends Named, Told {
  kind: "preference";
  value: "stop" | "resume";
  detail: string | null;
}

/** A person wrote, or tapped a quick reply: then `tap` has the button, and `contextId` the message it is on. */
export interface Inbound extends Named, Told {
  kind: "message";
  messageId: string | null;
  type: string | null;
  text: string | null;
  tap: { payload: string | null; text: string | null } | null;
  contextId: string | null;
}

/** Something changed about a template. */
export interface TemplateChange extends Told {
  kind: "template";
  about: "status" | "category" | "quality";
  /** Of the account, since templates belong to no number. */
  wabaId: string | null;
  name: string | null;
  /** As our manifests write it: `en_US`, not `en-US`. */
  language: string | null;
  templateId: string | null;
  /** `PAUSED`, `UTILITY`, `RED`, …; for a category change that is only announced, the one to come. */
  value: string | null;
  previous: string | null;
  /** True of a category change that has not happened yet. */
  isAnnounced: boolean;
  reason: string | null;
}

/** Something changed about the account. */
export interface AccountChange extends Told {
  kind: "account";
  /** `account_update`, `account_alerts`, `account_review_update`. */
  field: string;
  wabaId: string | null;
  /** `ACCOUNT_RESTRICTION`, `DISABLED_UPDATE`, `MM_LITE_TERMS_SIGNED`, … */
  event: string | null;
  /** `restriction_type` of each restriction. */
  restrictions: string[];
  /** `waba_ban_state`: `DISABLE`, `SCHEDULE_FOR_DISABLE`, `REINSTATE`. */
  banState: string | null;
  /** Of the number that it is about, where it is about one; digits. */
  displayNumber: string | null;
  /** JSON of what came with it. */
  detail: string;
}

/** The quality, the throughput or the messaging limit of a number or of the business changed. */
export interface LimitChange extends Told {
  kind: "limit";
  wabaId: string | null;
  event: string | null;
  /** `TIER_10K`, a number as text, … */
  limit: string | null;
  /** The limit before, where Meta tells it. */
  previous: string | null;
  displayNumber: string | null;
}

/** A link of a marketing message was followed. What is documented names no message and nobody; what is told of them is kept. */
export interface Click extends Named, Told {
  kind: "click";
  action: string | null;
  component: string | null;
  clickId: string | null;
  token: string | null;
  messageId: string | null;
}

/** An error that is about no message, such as 130429. */
interface LooseError extends Told {
  kind: "error";
  error: ReceiptError;
}

/** Anything else: another product's, another field's, a shape that is not documented. */
interface OtherEvent extends Told {
  kind: "other";
  /** The product (`object`) where it is not WhatsApp's. */
  product: string | null;
  field: string | null;
}

export type DeliveryEvent =
  | StatusReceipt
  | Preference
  | Inbound
  | TemplateChange
  | AccountChange
  | LimitChange
  | Click
  | LooseError
  | OtherEvent;

/** What a delivery holds; `fault` when its body is not JSON. */
export type DeliveryReading = { events: DeliveryEvent[] } | { fault: string };

const PRODUCT = "whatsapp_business_account";
/** Meta sends up to 1,000 updates in a delivery; what comes after so many events is not read. */
const EVENTS_MAX = 20_000;
/** Longest text, id and JSON that is kept of an event, in characters. */
const TEXT_MAX = 1_000;
const ID_MAX = 300;
const DETAIL_MAX = 4_000;
/** A timestamp above this is in milliseconds already: in seconds it would be the year 5138. */
const SECONDS_MAX = 100_000_000_000;
const INSTANT_MAX = 8_640_000_000_000_000;

type Fields = Record<string, unknown>;

/** Where a `value` stood. */
interface Place {
  field: string | null;
  wabaId: string | null;
  value: Fields;
}

/** Reads the body of one delivery, as it came. */
export function readDelivery(bodyText: string): DeliveryReading {
  let body: unknown;
  try {
    body = JSON.parse(bodyText);
  } catch (error) {
    return { fault: error instanceof Error ? error.message.slice(0, 200) : "not JSON" };
  }
  return { events: eventsOf(body).slice(0, EVENTS_MAX) };
}

/**
 * The latest instant at which something can have happened that a webhook dates `at`: Meta's dates have whole seconds, so a check of
 * the same second may have come before it. Never later than `now`.
 */
export function latestInstant(at: number, now: number): number {
  return Math.min(at % 1_000 === 0 ? at + 999 : at, now);
}

/** Tells whether a parsed body has the outer shape of a delivery of Meta's, whatever is in it. */
export function isDelivery(body: unknown): boolean {
  const root = fields(body);
  return root !== null && Array.isArray(root.entry);
}

function eventsOf(body: unknown): DeliveryEvent[] {
  const root = fields(body);
  const product = text(root?.object);
  if (root === null || product !== PRODUCT) {
    return [{ kind: "other", product, field: null, at: null, number: null }];
  }
  const events: DeliveryEvent[] = [];
  for (const entry of list(root.entry)) {
    const wabaId = id(fields(entry)?.id);
    const at = instant(fields(entry)?.time);
    for (const change of list(fields(entry)?.changes)) {
      const field = text(fields(change)?.field);
      const value = fields(fields(change)?.value);
      if (value === null) events.push({ kind: "other", product: null, field, at, number: null });
      else
        for (const event of readChange({ field, wabaId, value })) events.push(withTime(event, at));
      if (events.length >= EVENTS_MAX) return events;
    }
  }
  return events;
}

function withTime(event: DeliveryEvent, at: number | null): DeliveryEvent {
  if (event.at === null && at !== null) event.at = at;
  return event;
}

/** By shape before the field's name: Meta's own samples carry wrong names (quality update, 2026-09). */
function readChange(place: Place): DeliveryEvent[] {
  const { value } = place;
  const number = id(fields(value.metadata)?.phone_number_id);
  const events: DeliveryEvent[] = [
    ...list(value.statuses).map((one) => readStatus(one, number)),
    ...list(value.user_preferences).map((one) => readPreference(one, number)),
    ...list(value.messages).map((one) => readInbound(one, number)),
    ...list(value.user_actions).map((one) => readClick(one, value, number)),
    ...list(value.errors).map(
      (one): LooseError => ({ kind: "error", error: readError(one), at: null, number }),
    ),
  ];
  if (events.length > 0) return events;
  return [
    readNotice(place) ?? { kind: "other", product: null, field: place.field, at: null, number },
  ];
}

function readStatus(raw: unknown, number: string | null): DeliveryEvent {
  const one = fields(raw) ?? {};
  const status = RECEIPT_STATUSES.find((known) => known === one.status);
  const messageId = id(one.id);
  if (status === undefined || messageId === null) {
    return { kind: "other", product: null, field: "statuses", at: instant(one.timestamp), number };
  }
  return {
    kind: "status",
    status,
    messageId,
    at: instant(one.timestamp),
    number,
    waId: digits(one.recipient_id),
    userId: userId(one.recipient_user_id),
    key: keyOf(one.biz_opaque_callback_data),
    pricing: readPricing(one.pricing),
    errors: list(one.errors).map(readError),
  };
}

function keyOf(raw: unknown): EchoedKey {
  if (typeof raw !== "string" || raw === "") return null;
  return parseCallbackKey(raw) ?? "foreign";
}

function readPricing(raw: unknown): Pricing | null {
  const pricing = fields(raw);
  const category = id(pricing?.category);
  const type = id(pricing?.type);
  return category === null && type === null ? null : { category, type };
}

function readError(raw: unknown): ReceiptError {
  const one = fields(raw) ?? {};
  const code = typeof one.code === "string" && /^\d{1,9}$/.test(one.code) ? +one.code : one.code;
  return {
    code: typeof code === "number" && Number.isSafeInteger(code) ? code : null,
    title: saying(one.title),
    message: saying(one.message),
    // `error_data` is documented as an object and has been seen as a plain string.
    details: saying(one.error_data) ?? saying(fields(one.error_data)?.details),
  };
}

function readPreference(raw: unknown, number: string | null): DeliveryEvent {
  const one = fields(raw) ?? {};
  const at = instant(one.timestamp);
  const value = one.value === "stop" || one.value === "resume" ? one.value : null;
  // Only one category is documented; another one is not about what we send.
  const isMarketing = one.category === undefined || one.category === "marketing_messages";
  if (value === null || !isMarketing) {
    return { kind: "other", product: null, field: "user_preferences", at, number };
  }
  const named = { waId: digits(one.wa_id), userId: userId(one.user_id) };
  return { kind: "preference", value, detail: text(one.detail), at, number, ...named };
}

function readInbound(raw: unknown, number: string | null): Inbound {
  const one = fields(raw) ?? {};
  const button = fields(one.button);
  const reply = fields(fields(one.interactive)?.button_reply);
  const tapped = button !== null || reply !== null;
  return {
    kind: "message",
    messageId: id(one.id),
    at: instant(one.timestamp),
    number,
    waId: digits(one.from),
    userId: userId(one.from_user_id),
    type: id(one.type),
    text: text(fields(one.text)?.body),
    tap: tapped
      ? {
          payload: text(button?.payload) ?? text(reply?.id),
          text: text(button?.text) ?? text(reply?.title),
        }
      : null,
    contextId: id(fields(one.context)?.id),
  };
}

function readClick(raw: unknown, value: Fields, number: string | null): Click {
  const one = fields(raw) ?? {};
  const contacts = list(value.contacts);
  // Several contacts beside several actions would be anybody's guess.
  const contact = contacts.length === 1 ? fields(contacts[0]) : null;
  const data = fields(one.marketing_messages_link_click_data);
  return {
    kind: "click",
    action: id(one.action_type),
    component: id(data?.click_component),
    clickId: id(data?.click_id),
    token: id(data?.tracking_token),
    messageId: id(one.message_id) ?? id(fields(one.context)?.id),
    waId: digits(one.wa_id) ?? digits(contact?.wa_id),
    userId: userId(one.user_id) ?? userId(contact?.user_id),
    at: instant(one.timestamp),
    number,
  };
}

/** Events about a template, the account or a limit; undefined when the value is none of them. */
function readNotice(place: Place): DeliveryEvent | undefined {
  const { field, wabaId, value } = place;
  const told = { at: instant(value.timestamp), number: null };
  const isTemplate = value.message_template_id !== undefined || value.message_template_name;
  if (isTemplate) return readTemplate(place);
  if (
    field === "account_update" ||
    field === "account_alerts" ||
    field === "account_review_update"
  ) {
    const event = id(value.event) ?? id(value.alert_type) ?? id(value.decision);
    return {
      kind: "account",
      field,
      // What a partner is told stands under the partner's own account, and names the one that is meant.
      wabaId: id(fields(value.waba_info)?.waba_id) ?? wabaId,
      event,
      restrictions: list(value.restriction_info).flatMap(
        (one) => id(fields(one)?.restriction_type) ?? [],
      ),
      banState: id(fields(value.ban_info)?.waba_ban_state),
      displayNumber: digits(value.phone_number) ?? digits(value.display_phone_number),
      detail: detailOf(value),
      ...told,
    };
  }
  if (field === "phone_number_quality_update" || field === "business_capability_update") {
    const limit =
      id(value.current_limit) ??
      id(value.max_daily_conversations_per_business) ??
      id(value.max_daily_conversation_per_phone);
    const displayNumber = digits(value.display_phone_number);
    const previous = id(value.old_limit);
    const event = id(value.event);
    return { kind: "limit", wabaId, event, limit, previous, displayNumber, ...told };
  }
  return undefined;
}

function readTemplate({ wabaId, value }: Place): TemplateChange {
  const base = {
    kind: "template" as const,
    wabaId,
    name: text(value.message_template_name),
    language: text(value.message_template_language)?.replace("-", "_") ?? null,
    templateId: id(value.message_template_id),
    isAnnounced: false,
    at: instant(value.timestamp),
    number: null,
  };
  if (value.new_quality_score !== undefined || value.previous_quality_score !== undefined) {
    const previous = id(value.previous_quality_score);
    return {
      ...base,
      about: "quality",
      value: id(value.new_quality_score),
      previous,
      reason: null,
    };
  }
  if (value.new_category !== undefined || value.correct_category !== undefined) {
    const done = id(value.new_category);
    const coming = id(value.correct_category);
    return {
      ...base,
      about: "category",
      value: done !== null && coming === null ? done : (coming ?? done),
      previous: coming === null ? id(value.previous_category) : id(value.new_category),
      isAnnounced: coming !== null,
      reason: null,
    };
  }
  const reason = saying(fields(value.other_info)?.title) ?? saying(value.reason);
  return { ...base, about: "status", value: id(value.event), previous: null, reason };
}

function fields(value: unknown): Fields | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return value as Fields;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value.slice(0, TEXT_MAX) : null;
}

/** A sentence of Meta's, without the numbers, ids and tokens that it may quote. */
function saying(value: unknown): string | null {
  return typeof value === "string" ? maskPatterns(value).slice(0, TEXT_MAX) : null;
}

/** JSON of an account event, its sentences masked; what is an id or a number of the business stays. */
function detailOf(value: Fields): string {
  const masked = (_key: string, one: unknown) =>
    typeof one === "string" && /\s/.test(one.trim()) ? maskPatterns(one) : one;
  try {
    return JSON.stringify(value, masked).slice(0, DETAIL_MAX);
  } catch {
    // Nested too deep to be written again.
    return "";
  }
}

/** A short name or number; Meta gives some ids as numbers. */
function id(value: unknown): string | null {
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  if (typeof value !== "string" || value === "" || value.length > ID_MAX) return null;
  return value;
}

function userId(value: unknown): string | null {
  return typeof value === "string" && /^[A-Z]{2}\.\w{1,150}$/.test(value) ? value : null;
}

function digits(value: unknown): string | null {
  if (typeof value !== "string" && typeof value !== "number") return null;
  const match = /^\+?([1-9]\d{4,14})$/.exec(String(value));
  return match === null ? null : (match[1] as string);
}

/** Seconds since the epoch, as text or number, in milliseconds. */
function instant(value: unknown): number | null {
  const isText = typeof value === "string" && /^\d{1,16}$/.test(value);
  if (!isText && typeof value !== "number") return null;
  const number = Number(value);
  if (!Number.isFinite(number) || number <= 0) return null;
  const ms = Math.floor(number < SECONDS_MAX ? number * 1000 : number);
  return ms > INSTANT_MAX ? null : ms;
}
