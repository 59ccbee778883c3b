// What Meta tells of an account, its numbers and templates: every event as one of our kinds, and which of them stops campaigns. The
// table is the policy; it looks nothing up and stops nobody.
//
// Source: Meta, webhook references of account_update, message_template_*_update, phone_number_quality_update and
// business_capability_update (2026-09). An event that is not in the table is shown and stops nothing.

import type { AccountChange, LimitChange, TemplateChange } from "./receipt.ts";

/** Whom an event concerns: the campaigns of a template, of a sending number, or of a whole account. */
type About = "template" | "number" | "account";

interface Rule {
  about: About;
  /** `stop`: campaigns concerned claim nothing more. `warning`: worth a look. `info`: good to know. */
  level: "stop" | "warning" | "info";
  /** One clause, after the name of what it is about. */
  meaning: string;
  /** What a person does about it, one sentence; null: nothing. */
  todo: string | null;
}

const AGAIN = "then run the same command again";
const TEMPLATE_TODO =
  "Look at the template in WhatsApp Manager; once it is approved again, run the same command.";
const ACCOUNT_TODO = `Look at the account in Meta Business Support Home, ${AGAIN}.`;

const RULES = {
  template_approved: {
    about: "template",
    level: "info",
    meaning: "it is approved",
    todo: null,
  },
  template_paused: {
    about: "template",
    level: "stop",
    meaning: "Meta paused it for low quality",
    todo: TEMPLATE_TODO,
  },
  template_disabled: {
    about: "template",
    level: "stop",
    meaning: "Meta disabled it for good",
    todo: "Make a new template and a new campaign.",
  },
  template_rejected: {
    about: "template",
    level: "stop",
    meaning: "Meta rejected it",
    todo: "Mend the template in WhatsApp Manager; once it is approved, run the same command.",
  },
  template_pending: {
    about: "template",
    level: "stop",
    meaning: "it is under review and cannot be sent until it is approved",
    todo: TEMPLATE_TODO,
  },
  template_deleted: {
    about: "template",
    level: "stop",
    meaning: "it was deleted",
    todo: "Make a new template and a new campaign.",
  },
  template_archived: {
    about: "template",
    level: "stop",
    meaning: "it was archived",
    todo: TEMPLATE_TODO,
  },
  template_flagged: {
    about: "template",
    level: "warning",
    meaning: "its quality is low, and Meta may pause or disable it",
    todo: "Send it to fewer people, or to people who expect it.",
  },
  template_changed: {
    about: "template",
    level: "info",
    meaning: "something about it changed",
    todo: null,
  },
  template_category_changed: {
    about: "template",
    level: "stop",
    meaning: "Meta put it into another category, and only marketing templates are sent here",
    todo: `Ask Meta for a review of the category, or make a new template; ${AGAIN}.`,
  },
  template_category_confirmed: {
    about: "template",
    level: "info",
    meaning: "it is in the category MARKETING now",
    todo: null,
  },
  template_category_announced: {
    about: "template",
    level: "warning",
    meaning: "Meta will put it into another category",
    todo: "Ask Meta for a review of the category while there is time.",
  },
  template_quality: {
    about: "template",
    level: "info",
    meaning: "its quality changed",
    todo: null,
  },
  template_quality_low: {
    about: "template",
    level: "warning",
    meaning: "its quality is low, and Meta may pause it",
    todo: "Send it to fewer people, or to people who expect it.",
  },
  account_violation: {
    about: "account",
    level: "stop",
    meaning: "it violated a policy of Meta",
    todo: ACCOUNT_TODO,
  },
  account_restricted: {
    about: "account",
    level: "stop",
    meaning: "Meta restricts what it may send",
    todo: ACCOUNT_TODO,
  },
  account_limited: {
    about: "account",
    level: "warning",
    meaning: "Meta restricts something other than sending",
    todo: ACCOUNT_TODO,
  },
  account_disabled: {
    about: "account",
    level: "stop",
    meaning: "Meta disables it",
    todo: ACCOUNT_TODO,
  },
  account_deleted: {
    about: "account",
    level: "stop",
    meaning: "it was deleted",
    todo: "Send from a number of another account, in a campaign of its own.",
  },
  account_rejected: {
    about: "account",
    level: "stop",
    meaning: "Meta's review rejected it",
    todo: ACCOUNT_TODO,
  },
  account_reinstated: {
    about: "account",
    level: "info",
    meaning: "it may send again",
    todo: null,
  },
  account_terms_signed: {
    about: "account",
    level: "info",
    meaning: "the terms of Marketing Messages API are signed: it may send by it from now on",
    todo: null,
  },
  account_alert: {
    about: "account",
    level: "warning",
    meaning: "Meta warns",
    todo: "Look at the account in Meta Business Support Home.",
  },
  account_changed: {
    about: "account",
    level: "info",
    meaning: "something about it changed",
    todo: null,
  },
  number_removed: {
    about: "number",
    level: "stop",
    meaning: "it was taken out of the account",
    todo: "Send from another number, in a campaign of its own.",
  },
  number_flagged: {
    about: "number",
    level: "warning",
    meaning: "its quality is low, and Meta may lower its limit",
    todo: "Send to fewer people, or to people who expect it.",
  },
  number_limit_lower: {
    about: "number",
    level: "warning",
    meaning: "Meta lowered its messaging limit",
    todo: "Nothing: the next run keeps to it.",
  },
  number_limit: {
    about: "number",
    level: "info",
    meaning: "its messaging limit or throughput changed",
    todo: null,
  },
  account_limit: {
    about: "account",
    level: "info",
    meaning: "how many people the business may reach in a day changed",
    todo: null,
  },
} satisfies Record<string, Rule>;

export type AccountEventKind = keyof typeof RULES;

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
  /** Meta's words: `PAUSED`, `ACCOUNT_RESTRICTION`, `TIER_10K`, `UTILITY`; what it was before; and why. */
  said: string | null;
  previous: string | null;
  reason: string | null;
  /** JSON of what else came; null for most. */
  detail: string | null;
}

/** Reads an event of the account, of a number or of a template as one of our kinds. Never throws. */
export function accountNotice(event: TemplateChange | AccountChange | LimitChange): AccountNotice {
  switch (event.kind) {
    case "template":
      return templateNotice(event);
    case "account":
      return changeNotice(event);
    case "limit":
      return limitNotice(event);
  }
}

/** True when the campaigns that it concerns must stop. */
export function stopsCampaigns(kind: AccountEventKind): boolean {
  return RULES[kind].level === "stop";
}

/** How much an event matters; one of a kind that a newer version wrote is only good to know. */
export function levelOf(kind: string): Rule["level"] {
  return ruleOf(kind).level;
}

function aboutOf(kind: string): About {
  return ruleOf(kind).about;
}

/** What happened and what to do, for a person: one or two sentences. */
export function noticeSentence(notice: Omit<AccountNotice, "kind"> & { kind: string }): string {
  const { meaning, todo } = ruleOf(notice.kind);
  const words = [wordsOf(notice), notice.reason].filter((word) => word !== null && word !== "");
  const said = words.length === 0 ? "" : ` (${words.join("; ")})`;
  const when = notice.at === null ? "" : ` at ${new Date(notice.at).toISOString()}`;
  return `${subjectOf(notice)}: ${meaning}${said}${when}.${todo === null ? "" : ` ${todo}`}`;
}

function ruleOf(kind: string): Rule {
  const rules: Readonly<Record<string, Rule>> = RULES;
  return rules[kind] ?? { about: "account", level: "info", meaning: kind, todo: null };
}

function wordsOf({ said, previous }: Pick<AccountNotice, "said" | "previous">): string | null {
  return previous === null ? said : `${previous} → ${said ?? "?"}`;
}

function subjectOf(
  notice: Pick<AccountNotice, "template" | "language" | "wabaId" | "number"> & { kind: string },
): string {
  const { template, language, number, wabaId } = notice;
  switch (aboutOf(notice.kind)) {
    case "template":
      return `Template “${template ?? "?"}”${language === null ? "" : ` (${language})`}`;
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
  PHONE_NUMBER_REMOVED: "number_removed",
  MM_LITE_TERMS_SIGNED: "account_terms_signed",
};

/** Restrictions that leave sending to customers as it was (Meta, policy enforcement page, 2026-09). */
const HARMLESS_RESTRICTIONS: readonly string[] = [
  "RESTRICTED_ADD_PHONE_NUMBER_ACTION",
  "RESTRICTED_CUSTOMER_INITIATED_MESSAGING",
];

function changeNotice(event: AccountChange): AccountNotice {
  const { restrictions, banState } = event;
  const said = [event.event, banState].filter((word) => word !== null).join(" ") || null;
  return {
    kind: accountKind(event),
    at: event.at,
    wabaId: event.wabaId,
    number: event.displayNumber,
    template: null,
    language: null,
    templateId: null,
    said,
    previous: null,
    reason: restrictions.length === 0 ? null : restrictions.join(", "),
    detail: event.detail,
  };
}

function accountKind({ event, restrictions, banState, field }: AccountChange): AccountEventKind {
  if (field === "account_alerts") return "account_alert";
  if (field === "account_review_update") {
    return event === "REJECTED" ? "account_rejected" : "account_changed";
  }
  const kind = ACCOUNT_EVENTS[event ?? ""] ?? "account_changed";
  if (kind === "account_disabled" && banState === "REINSTATE") return "account_reinstated";
  const isHarmless =
    restrictions.length > 0 && restrictions.every((one) => HARMLESS_RESTRICTIONS.includes(one));
  if (kind === "account_restricted" && isHarmless) return "account_limited";
  return kind;
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
