// Reads the body of one webhook of Meta's into the events that it reports. Decides nothing about what they change, and never throws:
// what it does not know is an event too, of the kind `other`.
//
// Shapes: Meta, "Webhooks" of the WhatsApp Business Platform (status, messages and user_preferences references of 2026-09-11, edited
// messages of 2026-07-11, user_actions of 2025-12 and 2026-09-23). Numbers, ids and instants may be missing in all of them.

import { readMetaError } from "../account/meta-error.ts";
import { parseCallbackKey } from "../campaign/dispatch.ts";
import { readInstant } from "../common/instant.ts";
import type {
  Click,
  EchoedKey,
  Inbound,
  LooseError,
  Named,
  Pricing,
  ReceiptError,
  WebhookEvent,
  WebhookReading,
} from "./receipt.ts";
import { RECEIPT_STATUSES } from "./receipt.ts";
import type { Fields } from "./webhook-fields.ts";
import { digits, fields, id, items, list, saying, text } from "./webhook-fields.ts";
import type { Place } from "./webhook-notice.ts";
import { readNotice } from "./webhook-notice.ts";
import { contactsOf, identityItems, readIdentity, whoIs } from "./webhook-people.ts";

const PRODUCT = "whatsapp_business_account";
/** Meta sends up to 1,000 updates in a delivery; what comes after so many events is not read. */
const EVENTS_MAX = 20_000;
/** Media whose message may have a caption. */
const CAPTIONED = ["image", "video", "document", "audio", "sticker"] as const;

/** What the events of one `value` share. */
interface Shared {
  value: Fields;
  /** `metadata.phone_number_id`. */
  number: string | null;
  contacts: readonly Named[];
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

/** By shape before the field's name: Meta's own samples carry wrong names (quality update, 2026-09). */
function readChange(place: Place): WebhookEvent[] {
  const { value, wabaId } = place;
  const number = id(fields(value.metadata)?.phone_number_id);
  const shared: Shared = { value, number, contacts: contactsOf(value) };
  const displayNumber = digits(fields(value.metadata)?.display_phone_number);
  const events: WebhookEvent[] = [
    ...items(value.statuses).map((one) => readStatus(one, shared)),
    ...items(value.user_preferences).map((one) => readPreference(one, shared)),
    ...items(value.messages).map((one) => readMessage(one, shared)),
    ...items(value.user_actions).map((one) => readAction(one, shared)),
    ...identityItems(value).map((one) => readIdentityItem(one, shared)),
    ...items(value.errors).map(
      (one): LooseError => ({
        kind: "error",
        error: readError(one),
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
  const one = fields(raw) ?? {};
  const said = text(one.status)?.toLowerCase();
  const status = RECEIPT_STATUSES.find((known) => known === said);
  const messageId = id(one.id);
  if (status === undefined || messageId === null) {
    return {
      kind: "other",
      product: null,
      field: "statuses",
      at: readInstant(one.timestamp),
      number,
    };
  }
  return {
    kind: "status",
    status,
    messageId,
    at: readInstant(one.timestamp),
    number,
    ...whoIs(one, "status", contacts),
    key: keyOf(one.biz_opaque_callback_data),
    pricing: readPricing(one.pricing),
    errors: items(one.errors ?? one.error).map(readError),
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
  const error = readMetaError(raw);
  return {
    code: error?.code ?? null,
    title: saying(error?.title),
    message: saying(error?.message),
    details: saying(error?.details),
  };
}

function readPreference(raw: unknown, { number, contacts }: Shared): WebhookEvent {
  const one = fields(raw) ?? {};
  const at = readInstant(one.timestamp);
  const said = text(one.value)?.toLowerCase();
  const value = (["stop", "resume", "signup"] as const).find((known) => known === said);
  // Only one category is documented; another one is not about what we send.
  const category = text(one.category)?.toLowerCase() ?? "marketing_messages";
  const isMarketing = category === "marketing_messages";
  if (value === undefined || !isMarketing) {
    return { kind: "other", product: null, field: "user_preferences", at, number };
  }
  const named = whoIs(one, "preference", contacts);
  return { kind: "preference", value, detail: text(one.detail), at, number, ...named };
}

function readMessage(raw: unknown, { number, contacts }: Shared): WebhookEvent {
  const one = fields(raw) ?? {};
  const at = readInstant(one.timestamp);
  if (one.type === "system") {
    const change = readIdentity(one, contacts, { at, number });
    if (change !== undefined) return change;
  }
  // An edit has the whole message as it is now (pywa, edited messages of 2026-07).
  const edited = fields(fields(one.edit)?.message) ?? fields(one.edit);
  const content = edited ?? one;
  return {
    kind: "message",
    messageId: id(one.id),
    at,
    number,
    ...whoIs(one, "message", contacts),
    type: id(one.type),
    text: writtenIn(content),
    tap: tappedIn(content),
    contextId: id(fields(content.context)?.id) ?? id(fields(one.context)?.id),
  };
}

/** A text, or the caption of a picture. */
function writtenIn(content: Fields): string | null {
  const captions = CAPTIONED.map((kind) => text(fields(content[kind])?.caption));
  return text(fields(content.text)?.body) ?? captions.find((one) => one !== null) ?? null;
}

/** A quick reply of a template, a reply button of an interactive message, or a row of its list. */
function tappedIn(content: Fields): Inbound["tap"] {
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
  const one = fields(raw) ?? {};
  const data = fields(one.marketing_messages_link_click_data);
  return {
    kind: "click",
    action: actionOf(one.action_type),
    component: id(data?.click_component),
    clickId: id(data?.click_id),
    token: id(data?.tracking_token),
    messageId: id(one.message_id) ?? id(fields(one.context)?.id),
    ...whoIs(one, "action", contacts),
    at: readInstant(one.timestamp),
    number,
  };
}

function actionOf(raw: unknown): Click["action"] {
  if (raw === "marketing_messages_link_click") return "link_click";
  return raw === "landing_page_view" ? "landing_page_view" : "other";
}

function readIdentityItem(one: Fields, { number, contacts }: Shared): WebhookEvent {
  const at = readInstant(one.timestamp);
  return (
    readIdentity(one, contacts, { at, number }) ?? {
      kind: "other",
      product: null,
      field: "user_id_update",
      at,
      number,
    }
  );
}
