// Reads the body of one webhook of Meta's into the events that it reports. Decides nothing about
// what they change, and never throws: what it does not know is an event too, of the kind `other`.
//
// Shapes: Meta, "Webhooks" of the WhatsApp Business Platform (status, messages and user_preferences
// references of 2026-09-11, edited messages of 2026-07-11, user_actions of 2025-12 and 2026-09-23).
// Numbers, ids and instants may be missing in all of them.

import { readMetaError } from "../account/meta-error.ts";
import { parseCallbackKey } from "../campaign/dispatch.ts";
import { readInstant } from "../common/instant.ts";
import type {
  Click,
  EchoedKey,
  Inbound,
  LooseError,
  PersonNames,
  Pricing,
  ReceiptError,
  WebhookEvent,
  WebhookReading,
} from "./receipt.ts";
import { RECEIPT_STATUSES } from "./receipt.ts";
import { readCost } from "./reported-cost.ts";
import type { JsonObject } from "./webhook-fields.ts";
import { digits, fields, id, items, list, lowerWord, saying, text } from "./webhook-fields.ts";
import type { WebhookValue } from "./webhook-notice.ts";
import { readNotice } from "./webhook-notice.ts";
import { contactsOf, identityItems, readIdentity, whoIs } from "./webhook-people.ts";

const PRODUCT = "whatsapp_business_account";
/** Meta sends up to 1,000 updates in a delivery; what comes after so many events is not read. */
const EVENTS_MAX = 20_000;
/** Media whose message may have a caption. */
const CAPTIONED = ["image", "video", "document", "audio", "sticker"] as const;

/** What the events of one `value` share. */
interface Shared {
  value: JsonObject;
  /** `metadata.phone_number_id`. */
  number: string | null;
  contacts: readonly PersonNames[];
}

/** Reads the body of one delivery, as it came. */
export function readWebhookBody(bodyText: string): WebhookReading {
  let body: unknown;
  try {
    body = JSON.parse(bodyText);
  } catch (error) {
    return { fault: error instanceof Error ? error.message.slice(0, 200) : "not JSON" };
  }
  return { events: eventsOf(body).slice(0, EVENTS_MAX) };
}

/** Tells whether a parsed body has the outer shape of a delivery of Meta's, whatever is in it. */
export function isWebhookBody(body: unknown): boolean {
  const root = fields(body);
  return root !== null && Array.isArray(root.entry);
}

function eventsOf(body: unknown): WebhookEvent[] {
  const root = fields(body);
  const product = text(root?.object);
  if (root === null || product !== PRODUCT) {
    return [{ kind: "other", product, field: null, at: null, number: null }];
  }
  const events: WebhookEvent[] = [];
  for (const entry of list(root.entry)) {
    const wabaId = id(fields(entry)?.id);
    const at = readInstant(fields(entry)?.time);
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

function withTime(event: WebhookEvent, at: number | null): WebhookEvent {
  if (event.at === null && at !== null) event.at = at;
  return event;
}

/**
 * By shape before the field's name: Meta's own samples carry wrong names (quality update, 2026-09).
 */
function readChange(place: WebhookValue): WebhookEvent[] {
  const { value, wabaId } = place;
  const number = id(fields(value.metadata)?.phone_number_id);
  const shared: Shared = { value, number, contacts: contactsOf(value) };
  const displayNumber = digits(fields(value.metadata)?.display_phone_number);
  const events: WebhookEvent[] = [
    ...items(value.statuses).map((status) => readStatus(status, shared)),
    ...items(value.user_preferences).map((preference) => readPreference(preference, shared)),
    ...items(value.messages).map((message) => readMessage(message, shared)),
    ...items(value.user_actions).map((action) => readAction(action, shared)),
    ...identityItems(value).map((item) => readIdentityItem(item, shared)),
    ...items(value.errors).map(
      (error): LooseError => ({
        kind: "error",
        error: readError(error),
        ...{ wabaId, displayNumber, at: null, number },
      }),
    ),
  ];
  if (events.length > 0) return events;
  return [
    readNotice(place) ?? { kind: "other", product: null, field: place.field, at: null, number },
  ];
}

function readStatus(raw: unknown, { number, contacts }: Shared): WebhookEvent {
  const event = fields(raw) ?? {};
  const statusName = lowerWord(event.status);
  const status = RECEIPT_STATUSES.find((known) => known === statusName);
  const messageId = id(event.id);
  if (status === undefined || messageId === null) {
    return {
      kind: "other",
      product: null,
      field: "statuses",
      at: readInstant(event.timestamp),
      number,
    };
  }
  return {
    kind: "status",
    status,
    messageId,
    at: readInstant(event.timestamp),
    number,
    ...whoIs(event, "status", contacts),
    key: keyOf(event.biz_opaque_callback_data),
    pricing: readPricing(event.pricing),
    errors: items(event.errors ?? event.error).map(readError),
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
  const cost = readCost(pricing?.cost);
  return category === null && type === null && cost === null ? null : { category, type, cost };
}

function readError(raw: unknown): ReceiptError {
  const error = readMetaError(raw);
  return {
    code: error?.code ?? null,
    title: saying(error?.title),
    message: saying(error?.message),
    details: saying(error?.details),
  };
}

function readPreference(raw: unknown, { number, contacts }: Shared): WebhookEvent {
  const event = fields(raw) ?? {};
  const at = readInstant(event.timestamp);
  const valueName = lowerWord(event.value);
  const value = (["stop", "resume", "signup"] as const).find((known) => known === valueName);
  // Only one category is documented; another one is not about what we send.
  const category = lowerWord(event.category) ?? "marketing_messages";
  const isMarketing = category === "marketing_messages";
  if (value === undefined || !isMarketing) {
    return { kind: "other", product: null, field: "user_preferences", at, number };
  }
  const named = whoIs(event, "preference", contacts);
  return { kind: "preference", value, detail: text(event.detail), at, number, ...named };
}

function readMessage(raw: unknown, { number, contacts }: Shared): WebhookEvent {
  const message = fields(raw) ?? {};
  const at = readInstant(message.timestamp);
  if (message.type === "system") {
    const change = readIdentity(message, contacts, { at, number });
    if (change !== undefined) return change;
  }
  // An edit has the whole message as it is now (pywa, edited messages of 2026-07).
  const edited = fields(fields(message.edit)?.message) ?? fields(message.edit);
  const content = edited ?? message;
  return {
    kind: "message",
    messageId: id(message.id),
    at,
    number,
    ...whoIs(message, "message", contacts),
    type: id(message.type),
    text: writtenIn(content),
    tap: tappedIn(content),
    contextId: id(fields(content.context)?.id) ?? id(fields(message.context)?.id),
  };
}

/** A text, or the caption of a picture. */
function writtenIn(content: JsonObject): string | null {
  const captions = CAPTIONED.map((kind) => text(fields(content[kind])?.caption));
  return text(fields(content.text)?.body) ?? captions.find((caption) => caption !== null) ?? null;
}

/** A quick reply of a template, a reply button of an interactive message, or a row of its list. */
function tappedIn(content: JsonObject): Inbound["tap"] {
  const button = fields(content.button);
  const interactive = fields(content.interactive);
  const reply = fields(interactive?.button_reply) ?? fields(interactive?.list_reply);
  if (button === null && reply === null) return null;
  return {
    payload: text(button?.payload) ?? text(reply?.id),
    text: text(button?.text) ?? text(reply?.title),
  };
}

function readAction(raw: unknown, { number, contacts }: Shared): Click {
  const action = fields(raw) ?? {};
  const data = fields(action.marketing_messages_link_click_data);
  return {
    kind: "click",
    action: actionOf(action.action_type),
    component: id(data?.click_component),
    clickId: id(data?.click_id),
    token: id(data?.tracking_token),
    messageId: id(action.message_id) ?? id(fields(action.context)?.id),
    ...whoIs(action, "action", contacts),
    at: readInstant(action.timestamp),
    number,
  };
}

function actionOf(raw: unknown): Click["action"] {
  if (raw === "marketing_messages_link_click") return "link_click";
  return raw === "landing_page_view" ? "landing_page_view" : "other";
}

function readIdentityItem(item: JsonObject, { number, contacts }: Shared): WebhookEvent {
  const at = readInstant(item.timestamp);
  return (
    readIdentity(item, contacts, { at, number }) ?? {
      kind: "other",
      product: null,
      field: "user_id_update",
      at,
      number,
    }
  );
}
