// The events that a webhook of Meta's reports, each of one kind. webhook.ts reads them.

import type { AttemptKey } from "../campaign/dispatch.ts";
import type { ReportedCost } from "./reported-cost.ts";

/** What a status webhook can say of a message; `played` is a voice message that was listened to. */
export const RECEIPT_STATUSES = ["sent", "delivered", "read", "played", "failed"] as const;

export type ReceiptStatus = (typeof RECEIPT_STATUSES)[number];

/**
 * The key that came back with a receipt: of a campaign runner's ledger, of another program, or
 * none.
 */
export type EchoedKey = AttemptKey | "foreign" | null;

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
  /** Of a message with a max price, once it is delivered. */
  cost: ReportedCost | null;
}

/**
 * How a webhook names a person; all names of one event are one person's, and some events have none.
 */
export interface PersonNames {
  /** WhatsApp's id, digits; may differ from the number that was posted (Brazil, Mexico). */
  waId: string | null;
  /** Business-scoped user id, such as `BR.1234`. */
  userId: string | null;
  /** The id of the same person for all businesses of one parent, such as `BR.ENT.1234`. */
  parentUserId: string | null;
}

export interface EventSource {
  /** Milliseconds since the epoch; null when the webhook did not say. */
  at: number | null;
  /** `metadata.phone_number_id`: the number of the business that this is about. */
  number: string | null;
}

/** What became of a message. */
export interface StatusReceipt extends PersonNames, EventSource {
  kind: "status";
  status: ReceiptStatus;
  messageId: string;
  key: EchoedKey;
  pricing: Pricing | null;
  errors: ReceiptError[];
}

/**
 * A person stopped marketing messages, or takes them again, by WhatsApp's own switch; `signup`:
 * they followed a marketing sign-up link (in one SDK, not on Meta's page of 2026-09).
 */
export interface Preference extends PersonNames, EventSource {
  kind: "preference";
  value: "stop" | "resume" | "signup";
  detail: string | null;
}

/**
 * A person wrote, or tapped a quick reply or a row of a list: then `tap` has it, and `contextId`
 * the message it is on.
 */
export interface Inbound extends PersonNames, EventSource {
  kind: "message";
  messageId: string | null;
  type: string | null;
  /** What they wrote, also as a caption, also as the new text of a message that they edited. */
  text: string | null;
  tap: { payload: string | null; text: string | null } | null;
  contextId: string | null;
}

/**
 * A person has another number or another id than before: all of these names are theirs, at least
 * two.
 */
export interface IdentityChange extends EventSource {
  kind: "identity";
  waIds: string[];
  userIds: string[];
}

/** Something changed about a template. */
export interface TemplateChange extends EventSource {
  kind: "template";
  about: "status" | "category" | "quality";
  /** Of the account, since templates belong to no number. */
  wabaId: string | null;
  name: string | null;
  /** As our manifests write it: `en_US`, not `en-US`. */
  language: string | null;
  templateId: string | null;
  /**
   * `PAUSED`, `UTILITY`, `RED`, …; for a category change that is only announced, the one to come.
   */
  value: string | null;
  previous: string | null;
  /** True of a category change that has not happened yet. */
  isAnnounced: boolean;
  reason: string | null;
}

export interface Restriction {
  /** `restriction_type`. */
  type: string;
  /** Instant; null when Meta did not say. */
  until: number | null;
}

/** Something changed about the account. */
export interface AccountChange extends EventSource {
  kind: "account";
  /** `account_update`, `account_alerts`, `account_review_update`. */
  field: string;
  wabaId: string | null;
  /** `ACCOUNT_RESTRICTION`, `DISABLED_UPDATE`, `MM_LITE_TERMS_SIGNED`, … */
  event: string | null;
  restrictions: Restriction[];
  /** `violation_type`: `SPAM`, `LOW_BUSINESS_INITIATED_CALLING_QUALITY`, … */
  violation: string | null;
  /** `waba_ban_state`: `DISABLE`, `SCHEDULE_FOR_DISABLE`, `REINSTATE`. */
  banState: string | null;
  /** As Meta writes it: `April 17, 2025`. */
  banDate: string | null;
  /** Of an alert, a review, a disconnected partner: why, in Meta's words. */
  reason: string | null;
  /** Of the number that it is about, where it is about one; digits. */
  displayNumber: string | null;
  /** JSON of what came with it. */
  detail: string;
}

/** The quality, the throughput or the messaging limit of a number or of the business changed. */
export interface LimitChange extends EventSource {
  kind: "limit";
  wabaId: string | null;
  event: string | null;
  /** `TIER_10K`, a number as text, … */
  limit: string | null;
  /** The limit before, where Meta tells it. */
  previous: string | null;
  displayNumber: string | null;
}

/**
 * What a person does with a marketing message, beside tapping and writing. `other`: an action that
 * is not documented.
 */
type UserAction = "link_click" | "landing_page_view" | "other";

/**
 * A link of a marketing message was followed, or its page was reached. What is documented names no
 * message and no person; where one is named it is kept. A click and the view of its page have the
 * same `clickId`; either may come alone or first (Meta, 2026-09-23).
 */
export interface Click extends PersonNames, EventSource {
  kind: "click";
  action: UserAction;
  component: string | null;
  clickId: string | null;
  token: string | null;
  messageId: string | null;
}

/** An error that is about no message, such as 130429. */
export interface LooseError extends EventSource {
  kind: "error";
  error: ReceiptError;
  wabaId: string | null;
  /** `metadata.display_phone_number`, digits. */
  displayNumber: string | null;
}

/** Anything else: another product's, another field's, a shape that is not documented. */
interface OtherEvent extends EventSource {
  kind: "other";
  /** The product (`object`) where it is not WhatsApp's. */
  product: string | null;
  field: string | null;
}

export type WebhookEvent =
  | StatusReceipt
  | Preference
  | Inbound
  | IdentityChange
  | TemplateChange
  | AccountChange
  | LimitChange
  | Click
  | LooseError
  | OtherEvent;

/** What a delivery holds; `fault` when its body is not JSON. */
export type WebhookReading = { events: WebhookEvent[] } | { fault: string };

/** Clocks, and zones that are taken for another, differ by less. */
const AHEAD_MAX_MS = 86_400_000;

/**
 * When an event was: as its webhook dates it, or when the webhook came. A date far ahead of that is
 * none; believed, it would overrule whatever the person asks for later.
 * @param at null: not dated
 */
export function eventInstant(at: number | null, receivedAt: number): number {
  return at === null || at > receivedAt + AHEAD_MAX_MS ? receivedAt : at;
}

/**
 * The latest instant at which something can have happened that a webhook dates `at`: Meta's dates
 * have whole seconds, so a check of the same second may have come before it. Never later than
 * `now`.
 */
export function latestInstant(at: number, now: number): number {
  return Math.min(at % 1_000 === 0 ? at + 999 : at, now);
}
