// What of Meta's figures could not be had, and why: one sentence each.

import {
  INSIGHTS_NOT_YET,
  INSIGHTS_OFF,
  INVALID_PARAMETER,
  isOfPermission,
} from "../sending/error-codes.ts";
import type { MissingPart } from "./insight.ts";

/** Why a call gave nothing: Meta's code, and a sentence without secrets. */
interface Failure {
  code: number | null;
  message: string;
}

/** The part of a look in which Meta's ads were not asked, since the operator said so. */
export const NOT_ASKED = "not_asked";

/** The parts that a call may fail to give, as nouns. */
const PARTS: Readonly<Record<string, string>> = {
  number: "The number",
  waba: "The account",
  template: "The template",
  token: "The token's scopes",
  messages: "Messages of the Marketing Messages API",
  cloud_api: "Messages of the Cloud API",
  conversions: "Conversions",
  newer_conversions: "The conversion metrics of April 2026",
  pricing: "What was billed by number and country",
  account_creative: "The account's creative optimisations",
  template_ads: "The template's ads and link tracking",
  benchmark: "Benchmarks of similar businesses",
};

/** Parts that are missing without a refusal, whole. */
const SENTENCES: Readonly<Record<string, string>> = {
  [NOT_ASKED]: "Benchmarks of similar businesses: not asked for (--no-ads).",
  no_template: "Messages: there is no such template at Meta any more.",
  no_ads:
    "Benchmarks of similar businesses: the template has no ad at Meta; it gets one once the account is onboarded to the Marketing Messages API.",
  no_ads_read: "Benchmarks of similar businesses: the token lacks ads_read.",
  no_benchmark:
    "Benchmarks of similar businesses: Meta has none for this template yet, or none for a business of this country.",
};

/** Numbers of the template, which need insights to be switched on. */
const COUNTED: ReadonlySet<string> = new Set([
  "messages",
  "cloud_api",
  "conversions",
  "newer_conversions",
]);

/**
 * Names a part that is missing.
 * @param failure null for what is missing without a refusal
 * @param manifest as a command names it
 */
export function missingPart(part: string, failure: Failure | null, manifest: string): MissingPart {
  if (failure === null) return { part, sentence: SENTENCES[part] ?? `${part}.`, code: null };
  // What refuses all of them is said once.
  const isOfAll = COUNTED.has(part) && isGeneral(failure.code);
  const what = isOfAll ? "What Meta counted of the template" : (PARTS[part] ?? part);
  return { part, sentence: `${what}: ${why(part, failure, manifest)}`, code: failure.code };
}

function isGeneral(code: number | null): boolean {
  return code === INSIGHTS_OFF || code === INSIGHTS_NOT_YET || isOfPermission(code);
}

function why(part: string, { code, message }: Failure, manifest: string): string {
  if (code === INSIGHTS_OFF) {
    return `insights are off for this account; \`campaign account insights on ${manifest}\` switches them on, for good.`;
  }
  if (code === INSIGHTS_NOT_YET) return "Meta has no insights of this account yet.";
  if (isOfPermission(code)) {
    const scope = part === "benchmark" ? "ads_read" : "whatsapp_business_management";
    return `the token lacks ${scope}, or may not see this account (code ${code}).`;
  }
  // Expected of those: Meta documented them for a while only.
  if (code === INVALID_PARAMETER && part === "newer_conversions") {
    return `Meta does not take them here (code ${code}).`;
  }
  if (code === INVALID_PARAMETER && COUNTED.has(part)) {
    return `Meta does not take this request. ${message}`;
  }
  return message;
}

/** Whether insights are on: as the account says, else as the refusals say. */
export function isOn(said: boolean | null, missing: readonly MissingPart[]): boolean | null {
  if (said !== null) return said;
  return missing.some(({ code }) => code === INSIGHTS_OFF) ? false : null;
}
