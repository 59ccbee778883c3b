// The metrics of template analytics, by Meta's names in requests. They are asked for in groups: one
// that a server does not know refuses its whole request.

/** Of every template (Meta, analytics page, 2026-06). */
export const BASIC_METRICS: readonly string[] = ["SENT", "DELIVERED", "READ", "CLICKED", "COST"];

/** Of the Marketing Messages API alone, since 2025-10-20 (Meta, analytics page and changelog). */
export const CONVERSION_METRICS: readonly string[] = [
  "APP_ACTIVATIONS",
  "APP_ADD_TO_CART",
  "APP_CHECKOUTS_INITIATED",
  "APP_PURCHASES",
  "APP_PURCHASES_CONVERSION_VALUE",
  "WEBSITE_ADD_TO_CART",
  "WEBSITE_CHECKOUTS_INITIATED",
  "WEBSITE_PURCHASES",
  "WEBSITE_PURCHASES_CONVERSION_VALUE",
];

/**
 * The same since 2026-04-21 (Meta, changelog). The analytics page of 2026-06 has them no more, so
 * they may be refused.
 */
export const NEWER_CONVERSIONS: readonly string[] = [
  "APP_ADD_PAYMENT_INFO",
  "APP_ADD_TO_WISHLIST",
  "APP_COMPLETE_REGISTRATION",
  "APP_LEVEL_ACHIEVED",
  "APP_OTHER",
  "APP_RATE",
  "APP_SEARCH",
  "APP_TUTORIAL_COMPLETION",
  "APP_VIEW_CONTENT",
  "WEBSITE_ADD_PAYMENT_INFO",
  "WEBSITE_ADD_TO_WISHLIST",
  "WEBSITE_COMPLETE_REGISTRATION",
  "WEBSITE_CUSTOM",
  "WEBSITE_LEAD",
  "WEBSITE_SEARCH",
  "WEBSITE_VIEW_CONTENT",
];
