// Reads what Meta reports of an account, its numbers and templates: every event as one of our
// kinds, and in a sentence. The policy is in account-rules.ts.
//
// Source: Meta, webhook references of account_update, message_template_*_update,
// phone_number_quality_update and business_capability_update (2026-09). An event that is not in the
// table is shown and stops nothing.

import { stamp } from "../common/calendar.ts";
import type { AccountEventKind } from "./account-rules.ts";
import { ruleOf } from "./account-rules.ts";
import type {
  AccountChange,
  LimitChange,
  LooseError,
  Restriction,
  TemplateChange,
} from "./receipt.ts";

/** One event, of which a repeated delivery reads the same. */
export interface AccountNotice {
  kind: AccountEventKind;
  /** Instant; null when Meta did not say. */
  at: number | null;
  wabaId: string | null;
  /** Digits of the business number. */
  number: string | null;
  template: string | null;
  language: string | null;
  templateId: string | null;
  /**
   * Meta's words: `PAUSED`, `ACCOUNT_RESTRICTION`, `TIER_10K`, `UTILITY`; what it was before; and
   * why.
   */
  said: string | null;
  previous: string | null;
  reason: string | null;
  /** JSON of what else came; null for most. */
  detail: string | null;
}

/**
 * Reads an event of the account, of a number or of a template as one of our kinds. Never throws.
 */
export function accountNotice(
  event: TemplateChange | AccountChange | LimitChange | LooseError,
): AccountNotice {
  switch (event.kind) {
    case "error":
      return errorNotice(event);
    case "template":
      return templateNotice(event);
    case "account":
      return changeNotice(event);
    case "limit":
      return limitNotice(event);
  }
}

/** What happened and what to do, for a person: one or two sentences. */
export function noticeSentence(notice: Omit<AccountNotice, "kind"> & { kind: string }): string {
  const { meaning, todo } = ruleOf(notice.kind);
  const words = [wordsOf(notice), notice.reason].filter((word) => word !== null && word !== "");
  const suffix = words.length === 0 ? "" : ` (${words.join("; ")})`;
  const when = notice.at === null ? "" : ` on ${stamp(notice.at)}`;
  return `${subjectOf(notice)}: ${meaning}${suffix}${when}.${todo === null ? "" : ` ${todo}`}`;
}

function wordsOf({ said, previous }: Pick<AccountNotice, "said" | "previous">): string | null {
  return previous === null ? said : `${previous} → ${said ?? "?"}`;
}

function subjectOf(
  notice: Pick<AccountNotice, "template" | "language" | "wabaId" | "number"> & { kind: string },
): string {
  const { template, language, number, wabaId } = notice;
  switch (ruleOf(notice.kind).about) {
    case "template":
      return `Template "${template ?? "?"}"${language === null ? "" : ` (${language})`}`;
    case "number":
      // A business number is no secret, and still no log line needs all of it.
      return `The sending number${number === null ? "" : ` …${number.slice(-4)}`}`;
    case "account":
      return `The account${wabaId === null ? "" : ` ${wabaId}`}`;
  }
}

/** `message_template_status_update`, by its `event`. */
const TEMPLATE_STATUS: Readonly<Record<string, AccountEventKind>> = {
  APPROVED: "template_approved",
  REINSTATED: "template_approved",
  UNARCHIVED: "template_changed",
  PAUSED: "template_paused",
  DISABLED: "template_disabled",
  REJECTED: "template_rejected",
  PENDING: "template_pending",
  IN_APPEAL: "template_pending",
  DELETED: "template_deleted",
  PENDING_DELETION: "template_deleted",
  ARCHIVED: "template_archived",
  FLAGGED: "template_flagged",
};

function templateNotice(event: TemplateChange): AccountNotice {
  return {
    kind: templateKind(event),
    at: event.at,
    wabaId: event.wabaId,
    number: null,
    template: event.name,
    language: event.language,
    templateId: event.templateId,
    said: event.value,
    previous: event.previous,
    // Meta writes NONE where there is no reason.
    reason: event.reason === "NONE" || event.reason === event.value ? null : event.reason,
    detail: null,
  };
}

function templateKind({ about, value, isAnnounced }: TemplateChange): AccountEventKind {
  switch (about) {
    case "status":
      return TEMPLATE_STATUS[value ?? ""] ?? "template_changed";
    case "category":
      if (isAnnounced) return "template_category_announced";
      return value === "MARKETING" ? "template_category_confirmed" : "template_category_changed";
    case "quality":
      return value === "RED" ? "template_quality_low" : "template_quality";
  }
}

/** `account_update` and its neighbours, by event, alert or decision. */
const ACCOUNT_EVENTS: Readonly<Record<string, AccountEventKind>> = {
  ACCOUNT_VIOLATION: "account_violation",
  ACCOUNT_RESTRICTION: "account_restricted",
  DISABLED_UPDATE: "account_disabled",
  ACCOUNT_DELETED: "account_deleted",
  ACCOUNT_OFFBOARDED: "account_disconnected",
  PARTNER_REMOVED: "account_disconnected",
  PARTNER_APP_UNINSTALLED: "account_disconnected",
  PHONE_NUMBER_REMOVED: "number_removed",
  MM_LITE_TERMS_SIGNED: "account_terms_signed",
};

/**
 * Every `restriction_type` that Meta documents, and whether it stops marketing messages (Meta,
 * account_update reference of 2026-06, policy enforcement page of 2026-09, calling pages of
 * 2026-05).
 */
const RESTRICTIONS: Readonly<Record<string, boolean>> = {
  RESTRICTED_BIZ_INITIATED_MESSAGING: true,
  RESTRICTED_CUSTOMER_INITIATED_MESSAGING: false,
  RESTRICTED_ADD_PHONE_NUMBER_ACTION: false,
  RESTRICTED_UTILITY_TEMPLATES: false,
  RESTRICTED_DIRECT_SEND_UTILITY_TEMPLATES: false,
  RESTRICTED_BUSINESS_INITIATED_CALLING: false,
  RESTRICTED_USER_INITIATED_CALLING: false,
  RESTRICTED_USER_INITIATED_CALLING_CALL_BUTTON_HIDDEN: false,
  RESTRICTED_BIZ_INITIATED_AND_USER_INITIATED_CALLING: false,
};
/**
 * Words in the name of a type that is not in the table: of something else, and of messages that a
 * business sends.
 */
const ABOUT_OTHERS =
  /CALL|UTILITY|AUTHENTICATION|PHONE_NUMBER|CUSTOMER_INITIATED|USER_INITIATED|CATALOG|PAYMENT|FLOW|GROUP|PROFILE|USERNAME|VERIFICATION/;
const ABOUT_MESSAGES =
  /MESSAG|TEMPLATE|SEND|BROADCAST|CAMPAIGN|CONVERSATION|INITIATED|(^|_)ALL(_|$)/;

/**
 * Whether a restriction or violation of this type may be about marketing messages, by the table or
 * else by its name.
 */
function isAboutMarketing(type: string): boolean {
  const known = Object.hasOwn(RESTRICTIONS, type) ? RESTRICTIONS[type] : undefined;
  if (known !== undefined) return known;
  if (type.includes("MARKETING")) return true;
  return !ABOUT_OTHERS.test(type) && ABOUT_MESSAGES.test(type);
}

function changeNotice(event: AccountChange): AccountNotice {
  const { restrictions, violation, banState, banDate, reason } = event;
  const words = [event.event, banState].filter((word) => word !== null).join(" ") || null;
  const why = [...restrictions.map(restrictionText), violation, banDate, reason];
  return {
    kind: accountKind(event),
    at: event.at,
    wabaId: event.wabaId,
    number: event.displayNumber,
    template: null,
    language: null,
    templateId: null,
    said: words,
    previous: null,
    reason: why.filter((word) => word !== null).join(", ") || null,
    detail: event.detail,
  };
}

function restrictionText({ type, until }: Restriction): string {
  return until === null ? type : `${type} until ${stamp(until)}`;
}

function accountKind(event: AccountChange): AccountEventKind {
  const { field, restrictions, violation, banState } = event;
  if (field === "account_alerts") return "account_alert";
  if (field === "account_review_update") {
    return event.event === "REJECTED" ? "account_rejected" : "account_changed";
  }
  const kind = ACCOUNT_EVENTS[event.event ?? ""] ?? "account_changed";
  switch (kind) {
    case "account_disabled":
      return banState === "REINSTATE" ? "account_reinstated" : kind;
    case "account_restricted": {
      const isOurs =
        restrictions.length === 0 ||
        restrictions.some((restriction) => isAboutMarketing(restriction.type));
      return isOurs ? kind : "account_limited";
    }
    case "account_violation":
      // What a business sends is meant unless the type names something else: SPAM, ADULT, DRUGS, …
      return violation !== null && ABOUT_OTHERS.test(violation) ? "account_noted" : kind;
    default:
      return kind;
  }
}

/**
 * An error about no message comes with every message that is refused for it: once an hour is
 * enough.
 */
const HOUR_MS = 3_600_000;

function errorNotice({ error, wabaId, displayNumber, at }: LooseError): AccountNotice {
  const { code, title, message, details } = error;
  const words = details ?? message ?? title;
  return {
    kind: "number_error",
    at: at === null ? null : Math.floor(at / HOUR_MS) * HOUR_MS,
    wabaId,
    number: displayNumber,
    template: null,
    language: null,
    templateId: null,
    said: code === null ? null : `code ${code}`,
    previous: null,
    reason: words,
    detail: null,
  };
}

/** `phone_number_quality_update`, by its `event`; the others are a limit that went up. */
const NUMBER_EVENTS: Readonly<Record<string, AccountEventKind>> = {
  FLAGGED: "number_flagged",
  DOWNGRADE: "number_limit_lower",
};

function limitNotice(event: LimitChange): AccountNotice {
  const isOfNumber = event.displayNumber !== null;
  const kind = isOfNumber ? (NUMBER_EVENTS[event.event ?? ""] ?? "number_limit") : "account_limit";
  return {
    kind,
    at: event.at,
    wabaId: event.wabaId,
    number: event.displayNumber,
    template: null,
    language: null,
    templateId: null,
    said: event.limit ?? event.event,
    previous: event.previous,
    reason: event.limit === null ? null : event.event,
    detail: null,
  };
}
