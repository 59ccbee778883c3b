// What follows from each kind of event of an account, a number or a template, as a table: which of
// them stops campaigns, which ends such a stop, and what a person does. It looks nothing up and
// stops no campaign itself.

/**
 * Whom an event concerns: the campaigns of a template, of a sending number, or of a whole account.
 */
type About = "template" | "number" | "account";

export interface AccountRule {
  about: About;
  /**
   * `stop`: campaigns concerned claim nothing more. `warning`: worth a look. `info`: good to know.
   */
  level: "stop" | "warning" | "info";
  /** One clause, after the name of what it is about. */
  meaning: string;
  /** What a person does about it, one sentence; null: nothing. */
  todo: string | null;
  /** Stops of campaigns that are over with it. */
  lifts?: readonly string[];
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
    lifts: [
      ...["template_paused", "template_disabled", "template_rejected", "template_pending"],
      ...["template_archived", "template_deleted"],
    ],
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
    todo: "Fix the template in WhatsApp Manager; once it is approved, run the same command.",
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
    lifts: ["template_category_changed"],
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
  account_noted: {
    about: "account",
    level: "warning",
    meaning: "it violated a policy of Meta on something other than marketing messages",
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
    meaning: "Meta restricts something other than marketing messages, which go on",
    todo: "Look at the account in Meta Business Support Home.",
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
    lifts: ["account_disabled", "account_restricted", "account_violation"],
  },
  account_disconnected: {
    about: "account",
    level: "warning",
    meaning:
      "a partner or an app was disconnected from it: messages may be refused and receipts stay away",
    todo: "See whether the number still sends and receives; if not, connect it again with the partner or by Embedded Signup.",
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
  number_error: {
    about: "number",
    level: "warning",
    meaning: "Meta reports an error that is about no message",
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
} satisfies Record<string, AccountRule>;

export type AccountEventKind = keyof typeof RULES;

/** True when the campaigns that it concerns must stop. */
export function stopsCampaigns(kind: AccountEventKind): boolean {
  return RULES[kind].level === "stop";
}

/** Kinds whose stops are over with an event of this kind. */
export function liftedBy(kind: AccountEventKind): readonly string[] {
  const rule: AccountRule = RULES[kind];
  return rule.lifts ?? [];
}

/** Kinds of events with which a stop of this kind is over. */
export function liftersOf(kind: AccountEventKind): string[] {
  return Object.keys(RULES).filter((candidate) =>
    liftedBy(candidate as AccountEventKind).includes(kind),
  );
}

/** How much an event matters; one of a kind that a newer version wrote is only good to know. */
export function levelOf(kind: string): AccountRule["level"] {
  return ruleOf(kind).level;
}

/** The rule of a kind; one that a newer version wrote is only good to know. */
export function ruleOf(kind: string): AccountRule {
  const rules: Readonly<Record<string, AccountRule>> = RULES;
  return rules[kind] ?? { about: "account", level: "info", meaning: kind, todo: null };
}
