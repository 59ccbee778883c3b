// What Graph tells of an account before a campaign: the number, the WhatsApp Business Account, the
// template, the token. Facts only; preflight.ts judges them. A field that was not returned is null,
// "not known": partners and test servers return less.

import type { TemplateDefinition } from "../message/template.ts";
import { isApproved, isSameLanguage } from "../message/template.ts";
import type { CreativeFeatures } from "./creative.ts";

/**
 * One entity of a `health_status` that is not simply available (Meta, health status, read 2026-10).
 */
export interface HealthProblem {
  /** PHONE_NUMBER, MESSAGE_TEMPLATE, WABA, BUSINESS, APP. */
  entity: string;
  /** LIMITED or BLOCKED. */
  canSend: string;
  /** Meta's error code, description and possible solution, as far as given. */
  code: number | null;
  description: string | null;
  solution: string | null;
}

export interface HealthFacts {
  /** AVAILABLE, LIMITED or BLOCKED, for the node as a whole. */
  canSend: string;
  problems: HealthProblem[];
}

/**
 * The sending number (GET /<PHONE_NUMBER_ID>). Texts are Meta's own, upper case; enums are open.
 */
export interface NumberFacts {
  id: string;
  displayPhoneNumber: string | null;
  verifiedName: string | null;
  /** CONNECTED is needed to send. */
  status: string | null;
  /** GREEN, YELLOW, RED, NA, UNKNOWN. */
  qualityRating: string | null;
  /** STANDARD, HIGH, NOT_APPLICABLE. */
  throughputLevel: string | null;
  /** TIER_250, TIER_2K, …, of the whole business portfolio. */
  messagingLimit: string | null;
  health: HealthFacts | null;
}

/** The WhatsApp Business Account (GET /<WABA_ID>). */
export interface WabaFacts {
  id: string;
  name: string | null;
  /** ISO 4217. */
  currency: string | null;
  /**
   * `marketing_messages_onboarding_status`: ONBOARDED, ELIGIBLE, PENDING_…, INELIGIBLE_…; an open
   * enum.
   */
  onboardingStatus: string | null;
  /**
   * Id of the business that owns the account: the portfolio whose numbers share one messaging
   * limit.
   */
  ownerBusinessId: string | null;
  /** TERM_OF_SERVICE_SIGNED, REQUEST_SENT, NOT_STARTED: of the business that owns the account. */
  termsStatus: string | null;
  /** `disable_marketing_messages_on_cloud_api`. */
  cloudMarketingDisabled: boolean | null;
  /**
   * `primary_funding_id`; `absent` when it was asked for together with name, currency and
   * onboarding status, and those came and it did not.
   */
  funding: "present" | "absent" | null;
  /** `is_enabled_for_insights`: whether Meta counts for `template_analytics`. */
  insightsOn: boolean | null;
  health: HealthFacts | null;
}

/** `optimization_spec` of a template (Meta, "Set a max price", 2026-07). */
export interface MaxPrice {
  /** Of 1,000 deliveries, in the smallest unit of the account's currency. */
  bidAmount: number;
}

/** One change of a template (POST /<TEMPLATE_ID>). */
export type TemplateEdit =
  /** 43,200 to 2,592,000 for a marketing template. */
  | { ttlSeconds: number }
  | { maxPrice: MaxPrice }
  /** Every feature that is to be said, not only those that change. */
  | { creative: CreativeFeatures };

/** A template by name and language (GET /<WABA_ID>/message_templates). */
export interface TemplateFacts {
  id: string;
  /**
   * Its status and category are UNKNOWN where they were not returned; without a TTL key the TTL is
   * not known.
   */
  definition: TemplateDefinition;
  /** Null: it has none; left out: not known. */
  maxPrice?: MaxPrice | null;
  /** What was set at the template; left out: not known. */
  creative?: CreativeFeatures;
  /** GREEN, YELLOW, RED, UNKNOWN. */
  quality: string | null;
  rejectedReason: string | null;
  /** Of before an automatic change of category. */
  previousCategory: string | null;
  /** An announced change of category. */
  correctCategory: string | null;
  /**
   * Instants in ms. No page of Meta's names a field for the creation: it is known only where it
   * comes unasked.
   */
  createdAt: number | null;
  changedAt: number | null;
}

/** The token (GET /debug_token). */
export interface TokenFacts {
  isValid: boolean | null;
  /**
   * Instant in ms; null when not known, Infinity is never used: `never` says that it does not
   * expire.
   */
  expiresAt: number | "never" | null;
  scopes: string[] | null;
}

/** What could not be asked or was refused; the facts of that part are then null. */
export interface UnreadFact {
  part: "number" | "waba" | "template" | "token";
  /** Of several numbers: the id of the one. */
  phoneNumberId?: string;
  /** Of several templates: the name of one of the others. */
  template?: string;
  /** Meta's code; null without one. */
  code: number | null;
  /**
   * True for what may be had a little later: a fault of the network or of Meta's side, or too many
   * calls.
   */
  passes: boolean;
  /** One sentence, without secrets. */
  sentence: string;
}

/** What was learned of one sending number. */
export interface NumberReading {
  phoneNumberId: string;
  facts: NumberFacts | null;
}

/** A template by its name and language. */
export interface TemplateName {
  name: string;
  language: string;
}

/** What was learned of one template. */
export interface TemplateReading
  extends TemplateName,
    Pick<AccountFacts, "template" | "languages" | "templateNames"> {}

export interface AccountFacts {
  /** The first of `numbers`. */
  number: NumberFacts | null;
  /** In the manifest's order; at least one. */
  numbers: NumberReading[];
  waba: WabaFacts | null;
  /**
   * The template in the manifest's language; null when there is none (or it could not be read, see
   * `unread`).
   */
  template: TemplateFacts | null;
  /** Languages in which a template of this name exists, with their status; null when not known. */
  languages: { language: string; status: string }[] | null;
  /**
   * Names of the account's templates, read only where there is none of the manifest's name; null
   * when not known.
   */
  templateNames: string[] | null;
  /** Templates of further messages of a campaign, as its manifest has them. */
  others?: TemplateReading[];
  /**
   * Where each row gives the language: every language of every template of the campaign. Then
   * `template` and `others` are those of the languages that are asked about, once these are known.
   */
  variants?: TemplateFacts[];
  token: TokenFacts | null;
  unread: UnreadFact[];
  /** Instant at which the facts were read, ms. */
  readAt: number;
}

/**
 * The number by which the messaging limit of the portfolio is known: the first that reports it. All
 * numbers share one limit (Meta, messaging limits page, 2026-09).
 */
export function limitedNumber({
  number,
  numbers,
}: Pick<AccountFacts, "number" | "numbers">): NumberFacts | null {
  const reported = numbers.find(({ facts }) => (facts?.messagingLimit ?? null) !== null);
  return reported?.facts ?? number;
}

/** The facts of a campaign of several templates, with one of them in the place of the first. */
export function factsOfTemplate(facts: AccountFacts, asked: TemplateName): AccountFacts {
  const { others = [], unread } = facts;
  const found = others.find(
    ({ name, language }) => name === asked.name && language === asked.language,
  );
  const whose = found?.name;
  const own = unread.filter(({ part, template }) => part !== "template" || template === whose);
  if (found === undefined) return { ...facts, unread: own };
  const { template, languages, templateNames } = found;
  return { ...facts, template, languages, templateNames, unread: own };
}

/**
 * The facts of a campaign whose rows give their language, as if it had a template in each of these.
 * @param asked the templates in the languages that rows have; those of one message after another
 */
export function factsInLanguages(
  facts: AccountFacts,
  asked: readonly TemplateName[],
): AccountFacts {
  const { variants = [], others = [] } = facts;
  const readings = asked.map(({ name, language }): TemplateReading => {
    const all = variants.filter(({ definition }) => definition.name === name);
    const wasRead = others.find((one) => one.name === name) ?? facts;
    return {
      ...{ name, language, template: inLanguage(all, language) },
      languages: wasRead.languages === null ? null : languagesOf(all),
      templateNames: wasRead.templateNames,
    };
  });
  const [first, ...more] = readings;
  if (first === undefined) return facts;
  const { template, languages, templateNames } = first;
  return { ...facts, template, languages, templateNames, others: more };
}

/**
 * Every template that was read, the first one first; where each row gives the language and it is
 * not known yet which ones they give, every approved one.
 */
export function templatesOf({
  template,
  others = [],
  variants = [],
}: Pick<AccountFacts, "template" | "others" | "variants">): TemplateFacts[] {
  const read = [template, ...others.map((other) => other.template)].filter((one) => one !== null);
  return read.length === 0 ? approved(variants) : read;
}

/** The same as Meta has them; where each row gives the language, in every approved one. */
export function definitionsOf(
  facts: Pick<AccountFacts, "template" | "others" | "variants">,
): TemplateDefinition[] {
  const templates = facts.variants === undefined ? templatesOf(facts) : approved(facts.variants);
  return templates.map(({ definition }) => definition);
}

/** The max prices that messages of a template may have: one, or one a language. */
export function maxPricesOf(
  facts: AccountFacts,
  asked: TemplateName,
): (MaxPrice | null | undefined)[] {
  if (facts.variants === undefined) return [factsOfTemplate(facts, asked).template?.maxPrice];
  const own = approved(facts.variants).filter(({ definition }) => definition.name === asked.name);
  return own.length === 0 ? [undefined] : own.map(({ maxPrice }) => maxPrice);
}

function approved(templates: readonly TemplateFacts[]): TemplateFacts[] {
  return templates.filter(({ definition }) => isApproved(definition));
}

/** Of the templates of one name: the one in a language, null when there is none. */
export function inLanguage(all: readonly TemplateFacts[], language: string): TemplateFacts | null {
  return all.find(({ definition }) => isSameLanguage(definition.language, language)) ?? null;
}

/** The languages in which a template of one name exists. */
export function languagesOf(all: readonly TemplateFacts[]): { language: string; status: string }[] {
  return all.map(({ definition: { language, status } }) => ({ language, status }));
}
