// Every finding of the preflight check: its level and its sentences, as a table.

import { FAILED_OVER_TODO } from "../campaign/failed-over.ts";
import { WENT_BACK_TODO } from "../receipts/went-back.ts";
import type { FindingRule } from "./finding-rule.ts";
import { MONEY_FINDINGS } from "./money-findings.ts";
import { TEST_FINDINGS } from "./test-findings.ts";

const WHERE = "WhatsApp Manager";

const AGAIN = "then run the same command again";

/**
 * Every finding by its id, which is public and stable: scripts and `--despite` use it. Meta's
 * limits, states and codes in the sentences are those of its pages of 2026-05 to 2026-11.
 */
export const FINDINGS = {
  new_ledger: {
    level: "blocker",
    about: "the ledger",
    wrong:
      "There is no ledger at {file}. A new one knows of nobody who was messaged, and of nobody who opted out.",
    todo: 'If this is the first time, give --new-ledger. If not, name the ledger that there is: --ledger, CAMPAIGN_LEDGER, or "ledger:" in policy.yaml.',
  },
  other_ledger: {
    level: "blocker",
    about: "the ledger",
    wrong:
      "Number id {lane} last sent from another ledger: {other} ({at}{gone}). The one that is named now, {file}, does not know whom that one messaged, nor who opted out there.",
    todo: 'Run with that ledger: --ledger {other}, or "ledger:" in policy.yaml. If its file was moved, name the new place; if it is lost, put back its newest copy. --despite other_ledger sends from this one: people of the same list get the message again, and so do people who opted out there.',
  },
  ledger_went_back: {
    level: "blocker",
    about: "the ledger",
    wrong: "{why}",
    todo: WENT_BACK_TODO,
  },
  database_failed_over: {
    level: "blocker",
    about: "the ledger",
    wrong: "{why}",
    todo: FAILED_OVER_TODO,
  },
  asynchronous_standby: {
    level: "warning",
    about: "the ledger",
    wrong:
      "The ledger's server has a standby that commits do not wait for. Should it take over, the last messages may be missing in it.",
    todo: "Name it in synchronous_standby_names of the server, or expect that the first run after a takeover stops with database_failed_over.",
  },
  witness_unread: {
    level: "warning",
    about: "the ledger",
    wrong:
      "{file}, in which this machine keeps the last ledger of each number, cannot be read: {why}. Whether this ledger is the right and the newest one is not checked.",
    todo: "Make sure that it is, and give this user the right to read and write the file. A run sets a damaged one aside, and begins a new one.",
  },
  token_invalid: {
    level: "blocker",
    about: "the token",
    wrong: "Meta does not take the access token: {why}.",
    todo: `Make a new access token with whatsapp_business_messaging, put it where \`account.access_token\` is read from, ${AGAIN}.`,
  },
  permission_missing: {
    level: "blocker",
    about: "the token",
    wrong: "The access token lacks the permission whatsapp_business_messaging.",
    todo: "Make one that has it, best of a system user to whom the account is assigned.",
  },
  management_permission_missing: {
    level: "warning",
    about: "the token",
    wrong:
      "The access token lacks the permission whatsapp_business_management, so Meta may not show the account and the template.",
    todo: "Add the permission to the token; sending itself does not need it.",
  },
  token_expires: {
    level: "warning",
    about: "the token",
    wrong:
      "The access token expires on {at}, before the campaign can be done ({done} at the earliest).",
    todo: "Use a system user's token that does not expire, or replace it in time: the run halts with 190, and goes on with the new one.",
  },
  not_onboarded_strict: {
    level: "blocker",
    about: "the account",
    wrong:
      "The account is not onboarded to the Marketing Messages API ({status}), and with STRICT nothing goes by the Cloud API instead: everybody would be refused.",
    todo: "{needs} Or set `delivery.product_policy: CLOUD_API_FALLBACK`.",
  },
  fallback_disabled: {
    level: "blocker",
    about: "the account",
    wrong:
      "The account is not onboarded to the Marketing Messages API ({status}), and marketing messages are switched off on its Cloud API: everybody would be refused with 131063.",
    todo: "{needs} Or switch the Cloud API on again: `campaign account cloud-marketing on <manifest>`.",
  },
  not_onboarded_fallback: {
    level: "warning",
    about: "the account",
    wrong:
      "The account is not onboarded to the Marketing Messages API ({status}): every message is routed and billed as one of the Cloud API, without optimised delivery.",
    todo: "{needs} STRICT would refuse to send until then.",
  },
  funding_missing: {
    level: "warning",
    about: "the account",
    wrong:
      "The account has no means of payment that Meta reports: messages may be refused with 131042.",
    todo: `Add one in ${WHERE} (payment settings), unless a partner's credit line pays.`,
  },
  insights_off: {
    level: "warning",
    about: "the account",
    wrong:
      "Insights are off for this account: Meta counts nothing by template, so that its figures cannot be set beside the ledger's.",
    todo: "`campaign account insights on <manifest>` switches them on, for good; or leave them off. A run does not need them.",
  },
  health_blocked: {
    level: "blocker",
    about: "the account",
    wrong: "Meta says that sending is blocked: {problems}.",
    todo: "{solution}",
  },
  health_limited: {
    level: "warning",
    about: "the account",
    wrong: "Meta says that sending is limited: {problems}.",
    todo: "{solution}",
  },
  waba_id_missing: {
    level: "warning",
    about: "the account",
    wrong:
      "`account.waba_id` is left out, so onboarding, payment, and the template with its TTL and parameters cannot be checked.",
    todo: `Add \`waba_id\`, the id of the WhatsApp Business Account in ${WHERE}.`,
  },
  waba_not_found: {
    level: "warning",
    about: "the account",
    wrong:
      "Meta knows no account {id} that this token may see, so onboarding, payment and the template cannot be checked.",
    todo: "Correct `account.waba_id`, or assign the account to the token's system user.",
  },
  number_not_found: {
    level: "blocker",
    about: "the number",
    wrong: "Meta knows no phone number id {id} that this token may see.",
    todo: "Correct {key} (the id, not the number itself), or give the token access to the number.",
  },
  number_not_connected: {
    level: "blocker",
    about: "the number",
    wrong: "{Number}'s status is {status}; only CONNECTED sends.",
    todo: `Look at the number in ${WHERE}, fix it, ${AGAIN}.`,
  },
  number_flagged: {
    level: "warning",
    about: "the number",
    wrong:
      "{Number}'s status is FLAGGED for its low quality: if that does not recover within days, Meta lowers its limit.",
    todo: "Send to people who asked for it and at a slower pace, or wait until the quality recovers.",
  },
  number_quality_red: {
    level: "warning",
    about: "the number",
    wrong:
      "{Number}'s quality is RED: people block or report it, and Meta may limit it or stop it (131048).",
    todo: "Send to people who asked for it and at a slower pace, or wait until the quality recovers.",
  },
  number_quality_yellow: {
    level: "warning",
    about: "the number",
    wrong: "{Number}'s quality is YELLOW: more complaints make it RED.",
    todo: "Begin with a small part (`--limit`), and look at the quality before the rest.",
  },
  number_not_optimised: {
    level: "warning",
    about: "the number",
    wrong:
      "{Sender} is of {country}: Meta neither optimises the delivery of what it sends nor reports clicks and conversions.",
    todo: "Nothing, if you know it: messages are sent all the same. A number of another country has both.",
  },
  number_not_reported: {
    level: "warning",
    about: "the number",
    wrong:
      "{Sender} is of {country}: Meta reports no clicks and conversions of what it sends, and does not optimise delivery for a business whose profile or payment address is there.",
    todo: "Nothing, if you know it: messages are sent all the same. A number of another country has both.",
  },
  rate_above_throughput: {
    level: "warning",
    about: "the number",
    wrong:
      "`{key}` is {rate}, and {number}'s throughput ({level}) is {most} a second: Meta refuses what is above it (130429), and the run slows down.",
    todo: "Set it to {most}, less what else the number sends and receives, or have the throughput raised.",
  },
  ...MONEY_FINDINGS,
  ...TEST_FINDINGS,
  limit_too_small: {
    level: "warning",
    about: "time",
    wrong:
      "The messaging limit is {limit} people in 24 hours{used}, for all numbers of the business together, and {people} are to be sent to: that takes {days} days at least.",
    todo: "Leave the same command in cron: a run stops at the limit, and goes on when the 24 hours have moved. Or have the limit raised first.",
  },
  end_too_early: {
    level: "warning",
    about: "time",
    wrong:
      "The campaign ends on {at}, and {people} of {all} people cannot be reached before it at this rate, with these hours and limits{never}.",
    todo: "Move `ends`, raise the rate if the number allows it, or send to fewer people.",
  },
  no_hours: {
    level: "warning",
    about: "time",
    wrong: "`hours` is left out: messages go out at any time of the day and night.",
    todo: 'Set them, such as `hours: { from: "09:00", to: "20:00", time_zone: recipient }`, which goes by everybody\'s own clock.',
  },
  unusual_hours: {
    level: "warning",
    about: "time",
    wrong: "`hours` is from {from} to {to}: that reaches people while many of them sleep.",
    todo: "Keep to hours between 08:00 and 21:00, unless you mean it.",
  },
  ttl_outlasts_hours: {
    level: "warning",
    about: "time",
    wrong:
      "Hours bound the sending. Meta tries to deliver for {ttl} hours: what is sent before {to} to a phone that is off arrives when it is on again, at night too.",
    todo: "Set `template.ttl` to 12h, the shortest there is, or let the hours end earlier in the day.",
  },
  unknown_clocks: {
    level: "warning",
    about: "time",
    wrong:
      "Some people may live by several clocks, and are sent to only while the hours are open by all of them: {where}.",
    todo: "{todo} with each one's time zone (`hours.column`): then all of their hours are open.",
  },
  never_open: {
    level: "warning",
    about: "time",
    wrong:
      "{people} cannot be sent to: by all clocks that they may live by the hours are never open together ({where}).",
    todo: "{todo} with each one's time zone (`hours.column`), or widen the hours.",
  },
  unread_clocks: {
    level: "warning",
    about: "time",
    wrong:
      "{rows} have no time zone in column `{column}` that can be read, and go by the clocks of their number.",
    todo: "Write an IANA name such as America/Sao_Paulo, or an offset such as -03:00. Abbreviations such as EST mean several clocks.",
  },
  template_missing: {
    level: "blocker",
    about: "the template",
    wrong: 'The account has no template "{name}".',
    todo: `{has}Correct \`template.name\` or \`account.waba_id\`, or make the template in ${WHERE}.`,
  },
  template_language_missing: {
    level: "blocker",
    about: "the template",
    wrong: 'Template "{name}" does not exist in {language}; it exists in {languages}.',
    todo: "Correct `template.language`, or have the template approved in that language.",
  },
  language_without_template: {
    level: "blocker",
    about: "the template",
    wrong:
      'No approved marketing template "{name}" in {language}, which {people} ({rows}): {why}. It is approved in {approved}.',
    todo: "Have it approved in {language}, or correct the language of these rows. `template.language` can also give them another one by Liquid, or an empty one, which leaves them out: `{% if lang != 'x' %}{{ lang }}{% endif %}`.",
  },
  template_not_approved: {
    level: "blocker",
    about: "the template",
    wrong: "The template's status is {status}{why}; only APPROVED can be sent.",
    todo: `Look at the template in ${WHERE}; once it is approved, run the same command again.`,
  },
  template_paused: {
    level: "blocker",
    about: "the template",
    wrong: "The template is PAUSED for its low quality, and cannot be sent (132015).",
    todo: `Improve it, and unpause it in ${WHERE} or wait: the first pause is 3 hours, the second 6, and after it the template is disabled.`,
  },
  template_not_marketing: {
    level: "blocker",
    about: "the template",
    wrong:
      "The template's category is {category}{before}: this API sends MARKETING only (131055, 134100).",
    todo: "Use a marketing template, or ask Meta for a review of the category.",
  },
  template_quality_low: {
    level: "warning",
    about: "the template",
    wrong:
      "The template's quality is {quality}: Meta may hold messages back to assess it, and pause it while they wait (132015).",
    todo: "Begin with a small part (`--limit`), and look at the quality before the rest.",
  },
  ramp_quality: {
    level: "blocker",
    about: "the template",
    wrong:
      "The template's quality is {quality}, and `ramp.quality` lets none of {limit} or below send.",
    todo: "Wait until it recovers, or use another template; people who asked for the message complain less.",
  },
  template_new: {
    level: "warning",
    about: "the template",
    wrong:
      "The template was made or changed on {at}, and a new one takes Meta about 10 minutes to sync: until then it may be refused (134101).",
    todo: "Nothing: the run waits and tries again. Meta may also hold back the first messages of a new template.",
  },
  template_unused: {
    level: "warning",
    about: "the template",
    wrong:
      "The template was not used for a week, as far as this ledger knows, and Meta may need about 10 minutes to sync it again (134101).",
    todo: "Nothing: the run waits and tries again.",
  },
  template_category_change: {
    level: "warning",
    about: "the template",
    wrong: "Meta has announced that the template's category becomes {category}; {then}.",
    todo: `Ask for a review in ${WHERE} if that is wrong, and look again before the last messages go out.`,
  },
  ttl_mismatch: {
    level: "blocker",
    about: "the template",
    wrong: "`template.ttl` is {wanted}, and the template at Meta has {has}{why}.",
    todo: "Set it there with --apply-ttl or `template.apply_ttl: true`, or correct `template.ttl`.",
  },
  ttl_to_set: {
    level: "warning",
    about: "the template",
    wrong: "The template at Meta has {has}{why}; a run sets it to {wanted} first.",
    todo: "Nothing, if every campaign with this template is to have that TTL: it belongs to the template.",
  },
  ttl_cleared: {
    level: "warning",
    about: "the template",
    wrong:
      "The template's category was {before} once, and a change of category clears its TTL: it is 30 days now.",
    todo: "Name the TTL you want in `template.ttl`; with --apply-ttl it is set at Meta.",
  },
  button_no_opt_out: {
    level: "warning",
    about: "the template",
    wrong: 'Quick reply "{text}" reads like an opt-out, and a tap on it does not count as one.',
    todo: "If people opt out by it, add `{key}` to `suppress`. If not, change its text: people may believe that they have opted out.",
  },
  parameter_mismatch: {
    level: "blocker",
    about: "the template",
    wrong: "{wrong}",
    todo: "{todo}",
  },
  unreadable_optouts: {
    level: "blocker",
    about: "the list",
    wrong: "{lines} of {file} cannot be read, so people who opted out would be sent to.",
    todo: "Correct them: each needs a number with + and country code, or a user id. National numbers need `recipients.default_region` (`--region`), or a column `country` in the list.",
  },
  unknown_optouts: {
    level: "warning",
    about: "the list",
    wrong:
      "{lines} of {file} have digits that no numbering plan has; they are kept as WhatsApp ids, and stop nobody else.",
    todo: "If they are national numbers, set `recipients.default_region` (`--region`), or write them with + and country code.",
  },
  nobody_to_send: {
    level: "blocker",
    about: "the list",
    wrong: "None of the {rows} can be sent to: {skipped}.{cause}",
    todo: "{todo}",
  },
  unknown_campaign: {
    level: "blocker",
    about: "the list",
    wrong: "`suppress.campaigns` names {name}, and the ledger has no such campaign.{hint}",
    todo: "Correct the name. Whom a campaign of another ledger reached is not known here: take the name out, or give --despite unknown_campaign.",
  },
  purged_campaign: {
    level: "blocker",
    about: "the list",
    wrong: "`suppress.campaigns` names {name}, which was purged: whom it reached is erased.",
    todo: "Leave its people out by a file in `suppress.files`; or give --despite purged_campaign, and they get this message.",
  },
  many_removed: {
    level: "blocker",
    about: "the list",
    wrong: "{gone} of the {waiting} who wait are no longer in the file: more than a tenth.",
    todo: "If that is meant, --despite many_removed skips them as `removed`; back in the file, they are planned again. If not, put the right file in its place.",
  },
  empty_ids: {
    level: "warning",
    about: "the list",
    wrong: "{rows} no id in the column `{column}`, such as row {first}.",
    todo: "They are known by their person instead. Give each of them an id of its own.",
  },
  repeated_ids: {
    level: "warning",
    about: "the list",
    wrong: "{rows} the id of an earlier row in the column `{column}`, such as row {first}.",
    todo: "They are known by id and person together: when one of their numbers changes it is not sure which row is meant. Give each row an id of its own, or leave `recipients.id` out.",
  },
  mostly_unreadable: {
    level: "blocker",
    about: "the list",
    wrong: "{unread} of the {rows} ({share}) cannot be read.{cause}",
    todo: "{todo} If the list is as it should be, --despite mostly_unreadable sends to the others.",
  },
  literal_is_a_column: {
    level: "warning",
    about: "the list",
    wrong: 'Everybody gets the text "{text}", which is the name of the column `{column}`.',
    todo: "Write `{liquid}` in double quotes for each person's own value.",
  },
  meta_unreachable: {
    level: "warning",
    about: "what could not be read",
    wrong: "Meta could not be asked about {parts}: {why}.",
    todo: "Check again in a minute. A run goes on all the same: its first message, which goes alone, shows whether Meta takes it.",
  },
  account_unread: {
    level: "warning",
    about: "what could not be read",
    wrong: "Meta does not show {parts}, so this is not checked: {why}.",
    todo: "Give the token access to it (whatsapp_business_management), if you want it checked.",
  },
  not_known: {
    level: "warning",
    about: "what could not be read",
    wrong: "Meta did not return {fields}, so this is not checked.",
    todo: `Look it up in ${WHERE}, if it matters to you.`,
  },
} as const satisfies Record<string, FindingRule>;
