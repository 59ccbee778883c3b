// What an account's onboarding to the Marketing Messages API still needs, and where it is done. No
// I/O.

import type { WabaFacts } from "./facts.ts";

const ONBOARDED = "ONBOARDED";
const TERMS_SIGNED = "TERM_OF_SERVICE_SIGNED";

const ACCEPT_TERMS =
  "The business has to accept the terms of the Marketing Messages API: in Embedded Signup, by its partner's request (Intent API or Intent UI), or in WhatsApp Manager.";
const BY_CLOUD_API = "until then only the Cloud API can send for it (CLOUD_API_FALLBACK)";

/**
 * By `marketing_messages_onboarding_status` (Meta, marketing messages onboarding page, 2026-06, and
 * SDKs); an open list.
 */
const TODO: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ONBOARDED: "Nothing: the account sends by the Marketing Messages API.",
    ELIGIBLE: ACCEPT_TERMS,
    PENDING_VALID_PAYMENT_METHOD:
      "The account needs a valid payment method: add one in WhatsApp Manager, under billing.",
    PENDING_INTERNAL_SETUP:
      "Nothing but patience: Meta is setting the account up; look again later.",
    INELIGIBLE_ON_BEHALF_OF_WABA: `A partner owns the account on the business's behalf: have it moved to the business's own portfolio by Embedded Signup; ${BY_CLOUD_API}.`,
    INELIGIBLE_INACTIVE_OR_RESTRICTED: `The account is inactive or restricted: Meta Business Support Home and WhatsApp Manager say why; ${BY_CLOUD_API}.`,
    INELIGIBLE_COUNTRY_NOT_SUPPORTED:
      "Meta does not offer the Marketing Messages API in the business's country; only the Cloud API can send for it (CLOUD_API_FALLBACK).",
    // Meta's changelog of the Marketing Messages API, 2025-09-29; throughput page, 2026-09.
    INELIGIBLE_USING_WHATSAPP_BUSINESS_APP: `A number of the account is used with the WhatsApp Business app, and such numbers can be onboarded since September 2025 (coexistence): have the business onboard it by Embedded Signup, where it keeps the app and sends 20 messages a second at most; or take another number for campaigns; ${BY_CLOUD_API}.`,
  }),
);

/** One sentence: what onboarding still needs, and where to do it. */
export function onboardingTodo(waba: WabaFacts): string {
  const { onboardingStatus: status, termsStatus: terms } = waba;
  if (status === null) {
    return "Meta did not say how far the account is onboarded: look into WhatsApp Manager.";
  }
  if (status === ONBOARDED && isFullyOnboarded(waba) === false) {
    return terms === "REQUEST_SENT"
      ? "A partner's request waits for the business: accept the terms in WhatsApp Manager or in the partner's Intent UI."
      : ACCEPT_TERMS;
  }
  return (
    TODO.get(status) ??
    `${status} is new to this program: WhatsApp Manager says what the account needs.`
  );
}

/** Whether marketing messages have a way that is not the Cloud API; null when not known. */
export function isFullyOnboarded(waba: WabaFacts): boolean | null {
  const { onboardingStatus: status, termsStatus: terms } = waba;
  if (status === null) return null;
  // Not every token may see the business that owns the account; the account's own word is enough
  // then.
  return status === ONBOARDED && (terms === null || terms === TERMS_SIGNED);
}
