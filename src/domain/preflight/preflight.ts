// The check before sending: judges what Graph reported of number, account, template and token
// against the manifest. It asks nobody; a fact that is not known is never a blocker.

import type { AccountFacts, UnreadFact, WabaFacts } from "../account/facts.ts";
import { limitedNumber } from "../account/facts.ts";
import { isFullyOnboarded, onboardingTodo } from "../account/onboarding.ts";
import type { WaitingLanguage } from "../campaign/row.ts";
import { stamp } from "../common/calendar.ts";
import { count, plural } from "../common/numbers.ts";
import type { TimeEstimate } from "../cost/estimate.ts";
import type { Path } from "../document/document-schema.ts";
import { label } from "../document/document-schema.ts";
import type { Moment } from "../manifest/clocks-of-all.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { zoneOf } from "../manifest/manifest.ts";
import { isByRow } from "../message/template.ts";
import { momentText } from "../schedule/of-manifest.ts";
import type { ZoneReach } from "../schedule/zone-reach.ts";
import { limitOf } from "../sending/daily-limit.ts";
import { isOfToken, mayBeNoSuchObject } from "../sending/error-codes.ts";
import type { Finding } from "./finding.ts";
import { clause, finding, inOrder, isoText, listed } from "./finding.ts";
import { judgeHealth } from "./health-checks.ts";
import { judgeNumbers, limitPath, numberOf, senderOf } from "./number-checks.ts";
import {
  judgeLanguages,
  judgeMessages,
  judgeTestMetric,
  judgeTestTime,
  overMessages,
} from "./test-checks.ts";

/** What is to be sent, and how long that takes. */
export interface PlannedSend {
  toSend: number;
  /** People of the daily limit that are used up by now. */
  reached: number;
  time: TimeEstimate;
  /** Of a campaign that goes by everybody's own clock. */
  zones?: readonly ZoneReach[];
}

export interface PreflightInput {
  manifest: Manifest;
  facts: AccountFacts;
  /** Null before anything is planned: what depends on the size is not judged then. */
  planned: PlannedSend | null;
  /** Languages of those who wait, where each row gives its own; left out: not known. */
  languages?: readonly WaitingLanguage[] | undefined;
  /** When this ledger last used a template; null: never, or not known. Left out: null. */
  lastUsedAt?(template: { name: string; language: string }): number | null;
  /** Words by which people ask to be left alone, beside the built-in ones and the manifest's. */
  stopWords?: readonly string[];
  /** Instant, ms. */
  now: number;
}

/**
 * Everything that is wrong or worth knowing before anything is sent, blockers first. Never throws.
 */
export function preflight(input: PreflightInput): Finding[] {
  const { manifest, facts, lastUsedAt = () => null, stopWords = [], now } = input;
  const token = judgeToken(input);
  // With a bad token nothing else is learned of Meta.
  if (token.some((finding) => finding.id === "token_invalid")) return token;
  return inOrder([
    ...judgeUnread(manifest, facts),
    ...token,
    ...judgeAccount(manifest, facts),
    ...judgeHealth(manifest, facts),
    ...judgeNumbers(manifest, facts),
    ...judgeTime(input),
    ...judgeTestTime(manifest, now),
    ...judgeTestMetric(manifest),
    ...(isByRow(manifest.template.language)
      ? judgeLanguages({ manifest, facts, lastUsedAt, stopWords, now }, input.languages)
      : judgeMessages({ manifest, facts, lastUsedAt, stopWords, now })),
    ...listUnknown(manifest, facts),
  ]);
}

/**
 * Tells whether the facts lack something that may be had in a minute: no answer came, or one that
 * passes by itself. The token's own page does not count, since not every partner shows it.
 */
export function isUnreachable(facts: AccountFacts): boolean {
  return facts.unread.some((entry) => entry.part !== "token" && entry.passes);
}

function judgeUnread(manifest: Manifest, facts: AccountFacts): Finding[] {
  // An account whose id is not given cannot be asked for: that has a finding of its own.
  const isAsked = (part: UnreadFact["part"]) => isWabaGiven(manifest) || !OF_WABA.includes(part);
  const unread = facts.unread.filter(({ part }) => isAsked(part));
  const findings: Finding[] = [];
  const late = unread.filter((entry) => entry.part !== "token" && entry.passes);
  if (late.length > 0) findings.push(groupOf("meta_unreachable", late));
  const kept: UnreadFact[] = [];
  // A server that tells of nothing at all is one that only sends; then nothing is known to be
  // wrong.
  const hasNumber = facts.numbers.some((number) => number.facts !== null);
  const tells = hasNumber || facts.waba !== null || facts.token !== null;
  for (const entry of unread.filter((other) => !other.passes)) {
    const id = idOf(manifest, entry);
    const isMissing = mayBeNoSuchObject(entry.code) && id !== undefined;
    if (isMissing && entry.part === "number" && tells) {
      const sender = senderOf(manifest, id);
      const words = { id, key: label(sender.path) };
      const seen = { id, code: entry.code };
      findings.push(numberOf(sender, finding("number_not_found", sender.path, seen, words)));
    } else if (isMissing && entry.part === "waba" && tells) {
      findings.push(finding("waba_not_found", WABA, { id, code: entry.code }, { id }));
    } else kept.push(entry);
  }
  const reported = findings.some((finding) => finding.id === "waba_not_found");
  const rest = kept.filter((entry) => !(reported && entry.part === "template"));
  if (rest.length > 0) findings.push(groupOf("account_unread", rest));
  return findings;
}

const OF_WABA: readonly UnreadFact["part"][] = ["waba", "template"];

function isWabaGiven({ account }: Manifest): boolean {
  return account === "sandbox" || account.waba_id !== undefined;
}

const REGIONS_NAMED = 5;
const TOKEN: Path = ["account", "access_token"];
const WABA: Path = ["account", "waba_id"];

const PARTS = {
  number: "the phone number",
  waba: "the account",
  template: "the template",
  token: "the token",
} as const;

function idOf({ account }: Manifest, { part, phoneNumberId }: UnreadFact): string | undefined {
  if (account === "sandbox") return undefined;
  if (part === "waba") return account.waba_id;
  return part === "number" ? (phoneNumberId ?? account.phone_number_id) : undefined;
}

function nameOf({ part, phoneNumberId }: UnreadFact): string {
  return phoneNumberId === undefined ? PARTS[part] : `number ${phoneNumberId}`;
}

function groupOf(
  id: "meta_unreachable" | "account_unread",
  unread: readonly UnreadFact[],
): Finding {
  const seen = unread.map(({ part, code, sentence }) => ({ part, code, sentence }));
  const parts = listed(unread.map(nameOf));
  const why = [...new Set(unread.map(({ sentence }) => clause(sentence)))].join("; ");
  return finding(id, null, seen, { parts, why });
}

function judgeToken({ manifest, facts, planned, now }: PreflightInput): Finding[] {
  const { token } = facts;
  if (token === null) return [];
  const { expiresAt, scopes } = token;
  const expired = typeof expiresAt === "number" && expiresAt <= now;
  if (token.isValid === false || expired) {
    const sentence = facts.unread.find(({ code }) => isOfToken(code))?.sentence;
    const why = expired
      ? `it expired on ${stamp(expiresAt, zoneOf(manifest))}`
      : clause(sentence ?? "it is not valid any more");
    const seen = { is_valid: token.isValid, expires_at: shownInstant(expiresAt) };
    return [finding("token_invalid", TOKEN, seen, { why })];
  }
  const findings: Finding[] = [];
  if (scopes !== null && !scopes.includes("whatsapp_business_messaging")) {
    findings.push(finding("permission_missing", TOKEN, { scopes }));
  }
  if (scopes !== null && !scopes.includes("whatsapp_business_management")) {
    findings.push(finding("management_permission_missing", TOKEN, { scopes }));
  }
  const doneAt = earliestEnd(planned);
  if (typeof expiresAt === "number" && doneAt !== null && expiresAt < doneAt) {
    const zone = zoneOf(manifest);
    const words = { at: stamp(expiresAt, zone), done: stamp(doneAt, zone) };
    findings.push(finding("token_expires", TOKEN, { expires_at: isoText(expiresAt) }, words));
  }
  return findings;
}

function judgeAccount(manifest: Manifest, { waba }: AccountFacts): Finding[] {
  if (waba === null) {
    return isWabaGiven(manifest) ? [] : [finding("waba_id_missing", ["account"], null)];
  }
  const findings = overMessages(manifest, (message) => judgeOnboarding(message.manifest, waba));
  const { budget } = manifest;
  if (budget !== undefined && waba.currency !== null && waba.currency !== budget.currency) {
    const words = { currency: budget.currency, billed: waba.currency };
    findings.push(finding("budget_currency", ["budget", "currency"], waba.currency, words));
  }
  if (waba.funding === "absent") {
    findings.push(finding("funding_missing", ["account"], { primary_funding_id: null }));
  }
  return findings;
}

/** Whether the account may use the API that sends a message. */
function judgeOnboarding({ delivery }: Manifest, waba: WabaFacts): Finding[] {
  const findings: Finding[] = [];
  const { onboardingStatus, termsStatus, cloudMarketingDisabled } = waba;
  if (delivery.api !== "cloud" && isFullyOnboarded(waba) === false) {
    const states = [onboardingStatus, termsStatus].filter((state) => state !== null);
    const words = { status: states.join(", "), needs: onboardingTodo(waba) };
    const seen = {
      onboarding_status: onboardingStatus,
      terms_status: termsStatus,
      disable_marketing_messages_on_cloud_api: cloudMarketingDisabled,
    };
    const id =
      delivery.product_policy === "STRICT"
        ? "not_onboarded_strict"
        : cloudMarketingDisabled === true
          ? "fallback_disabled"
          : "not_onboarded_fallback";
    findings.push(finding(id, ["delivery", "product_policy"], seen, words));
  }
  return findings;
}

function judgeTime({ manifest, facts, planned }: PreflightInput): Finding[] {
  if (planned === null || planned.toSend === 0) return [];
  const findings: Finding[] = [];
  const number = limitedNumber(facts);
  const limit = limitOf(number);
  if (limit !== null && planned.toSend + planned.reached > limit) {
    const { toSend, reached } = planned;
    const words = {
      limit: count(limit),
      used: reached === 0 ? "" : ` (${count(reached)} of them are used up)`,
      people: count(toSend),
      days: Math.ceil((toSend + reached) / limit),
    };
    const seen = number?.messagingLimit;
    findings.push(finding("limit_too_small", limitPath(manifest), seen, words));
  }
  const late = planned.time.not_reached;
  if (manifest.ends !== undefined && late > 0) {
    const words = {
      at: momentText(manifest.ends, zoneOf(manifest)),
      people: count(late),
      all: count(planned.toSend),
      never: neverText(planned.zones ?? []),
    };
    const seen = { ends: shownMoment(manifest.ends), not_reached: late };
    findings.push(finding("end_too_early", ["ends"], seen, words));
  }
  return findings;
}

/** Who is never open before the end: `; 1,204 people in KI are never open before it`. */
function neverText(zones: readonly ZoneReach[]): string {
  const never = zones.filter(({ first_at, not_reached }) => first_at === null && not_reached > 0);
  if (never.length === 0) return "";
  const people = never.reduce((sum, zone) => sum + zone.not_reached, 0);
  const regions = [...new Set(never.map(({ region }) => region ?? "no known country"))];
  const shown = regions.length > REGIONS_NAMED ? regions.slice(0, REGIONS_NAMED) : regions;
  const more = regions.length - shown.length;
  const where = more > 0 ? `${shown.join(", ")} and ${more} more` : listed(shown);
  return `; ${plural(people, "person", "people")} in ${where} ${people === 1 ? "is" : "are"} never open before it`;
}

/**
 * When the last message can go out, ms; null when that is not known, or when there is nothing to
 * send.
 */
function earliestEnd(planned: PlannedSend | null): number | null {
  const doneAt = planned?.time.done_at ?? null;
  return doneAt === null ? null : Date.parse(doneAt);
}

/** What was left out of answers that came: one finding for all of it. */
function listUnknown(manifest: Manifest, facts: AccountFacts): Finding[] {
  const { waba, template, token } = facts;
  const fields: [string, unknown][] = [];
  for (const { phoneNumberId, facts: number } of facts.numbers) {
    if (number === null) continue;
    const whose = facts.numbers.length === 1 ? undefined : `number ${phoneNumberId}'s`;
    fields.push([`${whose ?? "the number's"} status`, number.status]);
    fields.push([`${whose ?? "its"} quality`, number.qualityRating]);
    fields.push([`${whose ?? "its"} throughput`, number.throughputLevel]);
  }
  const limited = limitedNumber(facts);
  if (limited !== null) fields.push(["the messaging limit", limited.messagingLimit]);
  if (waba !== null) {
    fields.push(["the state of onboarding", waba.onboardingStatus]);
    fields.push(["the means of payment", waba.funding]);
  }
  if (template !== null) {
    const { status, category, message_send_ttl_seconds: ttl } = template.definition;
    fields.push(["the template's status", status === "UNKNOWN" ? null : status]);
    fields.push(["the template's category", category === "UNKNOWN" ? null : category]);
    const isTtlMissing = ttl === undefined && manifest.template.ttl !== undefined;
    fields.push(["the template's TTL", isTtlMissing ? null : true]);
  }
  if (token !== null) {
    fields.push(["the token's expiry", token.expiresAt]);
    fields.push(["the token's permissions", token.scopes]);
  }
  const unknown = fields.filter(([, value]) => value === null).map(([name]) => name);
  if (unknown.length === 0) return [];
  return [finding("not_known", null, unknown, { fields: listed(unknown) })];
}

function shownMoment(moment: Moment): string {
  return typeof moment === "number" ? isoText(moment) : moment;
}

function shownInstant(at: number | "never" | null): string | null {
  return typeof at === "number" ? isoText(at) : at;
}
