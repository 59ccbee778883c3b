// What is posted to a webhook when something about the account, its number or a template changes:
// the difference of two scenarios as Meta's account events. Shapes: Meta, account and
// message_template_* references (2026-09). Changes nothing.

import { numbersOf } from "../scenario/own-numbers.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { MAX_NUMBERS } from "../scenario/scenario-numbers.ts";
import type { ScenarioTemplate } from "../scenario/scenario-template.ts";
import { BUSINESS_ID, placedTemplates } from "../server/nodes.ts";
import type { Update } from "./updates.ts";

/** `other_info.title` of the statuses that have one. */
const TITLES: Readonly<Record<string, string>> = {
  PAUSED: "FIRST_PAUSE",
  DISABLED: "DISABLED",
  APPROVED: "UNPAUSE",
};
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  PAUSED: "Your WhatsApp message template has been paused for 3 hours.",
  DISABLED: "Your WhatsApp message template has been disabled.",
  APPROVED: "Your WhatsApp message template has been unpaused.",
};
/** What comes with an event of `account_update`; the other events come alone. */
const DETAILS: Readonly<Record<string, (atMs: number, scenario: Scenario) => object>> = {
  ACCOUNT_VIOLATION: () => ({ violation_info: { violation_type: "SPAM" } }),
  ACCOUNT_RESTRICTION: (atMs) => ({
    restriction_info: [
      {
        restriction_type: "RESTRICTED_BIZ_INITIATED_MESSAGING",
        expiration: Math.floor((atMs + RESTRICTED_MS) / 1_000),
      },
    ],
  }),
  DISABLED_UPDATE: (atMs) => ({
    ban_info: { waba_ban_state: "DISABLE", waba_ban_date: dateOf(atMs) },
  }),
  MM_LITE_TERMS_SIGNED: (_, { waba_id }) => ({
    waba_info: { waba_id, owner_business_id: BUSINESS_ID },
  }),
};
const RESTRICTED_MS = 604_800_000;

/** Everything that is posted to a webhook on the way from one scenario to the next. */
export function accountEvents(before: Scenario, after: Scenario, atMs: number): Update[] {
  const time = Math.floor(atMs / 1_000);
  const reported = [
    ...templateEvents(before, after),
    ...[...numbersOf(after)].flatMap(([id, number]) => {
      const was = numbersOf(before).get(id);
      return was === undefined ? [] : numberEvents(was, number);
    }),
    ...limitEvents(before, after),
    ...accountUpdates(before, after, atMs),
  ];
  return reported.map((update) => ({ ...update, time }));
}

function templateEvents(before: Scenario, after: Scenario): Update[] {
  const old = placedTemplates(before);
  return placedTemplates(after).flatMap(({ id, template }) => {
    const { name, language } = template;
    const was = old.find(
      (placed) => placed.template.name === name && placed.template.language === language,
    );
    if (was === undefined) return [];
    const named = {
      message_template_id: Number(id),
      message_template_name: name,
      // Meta's samples have a hyphen here and an underscore in what is sent.
      message_template_language: language.replace("_", "-"),
    };
    return [
      ...statusEvent(was.template, template, named),
      ...categoryEvents(was.template, template, named),
      ...qualityEvent(was.template, template, named),
    ];
  });
}

function statusEvent(was: ScenarioTemplate, is: ScenarioTemplate, named: object): Update[] {
  if (was.status === is.status) return [];
  // A template comes back from a pause as APPROVED, from being disabled as REINSTATED.
  const isBack = is.status === "APPROVED" && was.status === "DISABLED";
  const isUnpaused = is.status === "APPROVED" && was.status === "PAUSED";
  const isTitled = is.status in TITLES && (is.status !== "APPROVED" || isUnpaused);
  const { [is.status]: title } = TITLES;
  const { [is.status]: description } = DESCRIPTIONS;
  const value = {
    event: isBack ? "REINSTATED" : is.status,
    ...named,
    reason: is.status === "REJECTED" ? (is.rejected_reason ?? "NONE") : "NONE",
    ...(isTitled && { other_info: { title, description } }),
  };
  return [{ field: "message_template_status_update", value }];
}

function categoryEvents(was: ScenarioTemplate, is: ScenarioTemplate, named: object): Update[] {
  const field = "template_category_update";
  const reported: Update[] = [];
  const coming = is.correct_category ?? null;
  if (coming !== null && coming !== (was.correct_category ?? null)) {
    reported.push({
      field,
      value: { ...named, new_category: is.category, correct_category: coming },
    });
  }
  if (was.category !== is.category) {
    const value = { ...named, previous_category: was.category, new_category: is.category };
    reported.push({ field, value });
  }
  return reported;
}

function qualityEvent(was: ScenarioTemplate, is: ScenarioTemplate, named: object): Update[] {
  const previous_quality_score = was.quality_score?.score ?? "GREEN";
  const new_quality_score = is.quality_score?.score ?? "GREEN";
  if (previous_quality_score === new_quality_score) return [];
  const value = { previous_quality_score, new_quality_score, ...named };
  return [{ field: "message_template_quality_update", value }];
}

/**
 * The quality of a number is reported only by what follows from it: flagged, or not any more. [?]
 * That a change of the portfolio's limit is reported of each of its numbers is not documented.
 */
function numberEvents(before: Scenario, after: Scenario): Update[] {
  const reported: Update[] = [];
  const about = (event: string): Update => ({
    field: "phone_number_quality_update",
    value: {
      display_phone_number: displayedDigits(after),
      event,
      current_limit: after.messaging_limit,
    },
  });
  const isFlagged = isFlaggedIn(after);
  if (isFlaggedIn(before) !== isFlagged) reported.push(about(isFlagged ? "FLAGGED" : "UNFLAGGED"));
  if (before.messaging_limit !== after.messaging_limit) {
    const isMore = limitOf(after) > limitOf(before);
    reported.push(about(isMore ? "UPGRADE" : "DOWNGRADE"));
  }
  const was = before.throughput ?? Number.POSITIVE_INFINITY;
  if ((after.throughput ?? Number.POSITIVE_INFINITY) > was)
    reported.push(about("THROUGHPUT_UPGRADE"));
  return reported;
}

function limitEvents(before: Scenario, after: Scenario): Update[] {
  if (before.messaging_limit === after.messaging_limit) return [];
  const value = {
    max_daily_conversations_per_business: after.messaging_limit,
    max_phone_numbers_per_business: MAX_NUMBERS,
  };
  return [{ field: "business_capability_update", value }];
}

function isFlaggedIn({ phone_status, quality_rating }: Scenario): boolean {
  return phone_status === "FLAGGED" || quality_rating === "RED";
}

/** `TIER_2K` as 2,000; one that is not known as unlimited. */
function limitOf({ messaging_limit: tier }: Scenario): number {
  const [, figure, thousands] = /^TIER_(\d+)(K?)$/.exec(tier) ?? [];
  if (figure === undefined) return Number.POSITIVE_INFINITY;
  return Number(figure) * (thousands === "K" ? 1_000 : 1);
}

function accountUpdates(before: Scenario, after: Scenario, atMs: number): Update[] {
  const update = (event: string, more: object = {}): Update => ({
    field: "account_update",
    value: { event, ...more, ...DETAILS[event]?.(atMs, after) },
  });
  const updates: Update[] = [];
  if (!before.terms_signed && after.terms_signed) updates.push(update("MM_LITE_TERMS_SIGNED"));
  const { event, phone_number_id: id } = after.account_state;
  const was = before.account_state;
  if (event !== null && (event !== was.event || id !== was.phone_number_id)) {
    const number = id === null ? undefined : numbersOf(after).get(id);
    updates.push(update(event, number && { phone_number: displayedDigits(number) }));
  }
  return updates;
}

function displayedDigits({ display_phone_number }: Scenario): string {
  return display_phone_number.replace(/\D/g, "");
}

/** `December 1, 2026` */
function dateOf(ms: number): string {
  const format = { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" } as const;
  return new Date(ms).toLocaleDateString("en-US", format);
}
