// What onboarding needs, state by state.

import { expect, it } from "vitest";

import type { WabaFacts } from "../../../src/domain/account/facts.ts";
import { isFullyOnboarded, onboardingTodo } from "../../../src/domain/account/onboarding.ts";

function waba(onboardingStatus: string | null, termsStatus: string | null = null): WabaFacts {
  return {
    id: "1",
    name: null,
    currency: null,
    onboardingStatus,
    ownerBusinessId: null,
    termsStatus,
    cloudMarketingDisabled: null,
    funding: null,
    insightsOn: null,
    health: null,
  };
}

const SIGNED = "TERM_OF_SERVICE_SIGNED";

it.each<[string | null, string | null, boolean | null, RegExp]>([
  ["ONBOARDED", SIGNED, true, /^Nothing: /],
  // Not every token may see the business.
  ["ONBOARDED", null, true, /^Nothing: /],
  ["ONBOARDED", "NOT_STARTED", false, /accept the terms/],
  ["ONBOARDED", "REQUEST_SENT", false, /request waits for the business.*Intent UI/],
  ["ELIGIBLE", null, false, /Embedded Signup.*Intent API or Intent UI.*WhatsApp Manager/],
  ["PENDING_VALID_PAYMENT_METHOD", SIGNED, false, /payment method: add one in WhatsApp Manager/],
  ["PENDING_INTERNAL_SETUP", SIGNED, false, /patience/],
  ["INELIGIBLE_ON_BEHALF_OF_WABA", null, false, /own portfolio by Embedded Signup/],
  ["INELIGIBLE_INACTIVE_OR_RESTRICTED", null, false, /Meta Business Support Home/],
  ["INELIGIBLE_COUNTRY_NOT_SUPPORTED", null, false, /only the Cloud API can send for it/],
  [
    "INELIGIBLE_USING_WHATSAPP_BUSINESS_APP",
    null,
    false,
    /coexistence.*Embedded Signup.*20 messages a second/,
  ],
  ["SOMETHING_NEW", null, false, /^SOMETHING_NEW is new to this program/],
  ["toString", null, false, /^toString is new to this program/],
  [null, SIGNED, null, /did not say/],
])("%s with terms %s: %s", (status, terms, isFull, todo) => {
  const facts = waba(status, terms);
  expect(isFullyOnboarded(facts)).toBe(isFull);
  expect(onboardingTodo(facts)).toMatch(todo);
});
