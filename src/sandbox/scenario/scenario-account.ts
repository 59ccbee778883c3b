// The keys of a scenario that say what Meta knows of the account: the number, the business account,
// the token, and how its management calls behave. Never touches a file.

import * as z from "zod";

/** Highest throughput that can be set, in messages a second; `null` is no limit at all. */
const MAX_THROUGHPUT = 1_000_000;
/** Longest life of a token that can be set, in seconds: ten years. */
const MAX_TOKEN_SECONDS = 315_360_000;
/** Life of an uploaded file, in seconds: 30 days (Meta, media page, 2026-09). */
const MEDIA_SECONDS = 2_592_000;
const MAX_MEDIA_SECONDS = 31_536_000;

/** An id of Graph. */
export const digits = z.string().regex(/^\d{1,20}$/, "digits only");

/** `can_send_message` of an entity. */
export const health = z
  .enum(["AVAILABLE", "LIMITED", "BLOCKED"])
  .default("AVAILABLE")
  .describe("LIMITED sends all the same, BLOCKED sends nothing.");

/**
 * An estimate at one max price (Meta, "Set a max price", 2026-06): amounts for 1,000 deliveries, in
 * the currency's smallest unit.
 */
const reach = z.strictObject({
  bid_amount: z.int().min(1),
  deliveries_lower_bound: z.int().min(0),
  deliveries_upper_bound: z.int().min(0),
  cost_lower_bound: z.number().min(0),
  cost_upper_bound: z.number().min(0),
});

/** Invented; of a thousand people the more are reached, the more is bid. */
/** A part of a bid. */
const part = z.number().min(0).max(100);
const ESTIMATES: z.input<typeof reach>[] = [
  [2_000, 300, 380, 1_510.2, 1_905.4],
  [4_000, 520, 590, 2_905.5, 3_710.1],
  [6_000, 600, 650, 4_007.0, 5_107.0],
  [8_000, 660, 710, 4_960.3, 6_640.8],
  [12_000, 700, 740, 5_640.9, 8_905.2],
].map(([bid = 1, from = 0, to = 0, low = 0, high = 0]) => ({
  bid_amount: bid,
  deliveries_lower_bound: from,
  deliveries_upper_bound: to,
  cost_lower_bound: low,
  cost_upper_bound: high,
}));

/** A part of the scenario's own keys. */
export const accountKeys = {
  access_token: z.string().min(1).default("sandbox-token").describe("The token that is taken."),
  token: z
    .strictObject({
      expires_in_seconds: z
        .number()
        .min(0)
        .max(MAX_TOKEN_SECONDS)
        .nullable()
        .default(null)
        .describe("From the sandbox's start; every call after it gets 190. null is never."),
      scopes: z
        .array(z.string())
        .default(["whatsapp_business_management", "whatsapp_business_messaging"])
        .describe("Without …_messaging sends get 10; without …_management the account gets 200."),
    })
    .prefault({})
    .describe("What GET /debug_token says of the token."),
  phone_number_id: digits.default("100000000000001"),
  waba_id: digits.default("100000000000002"),
  display_phone_number: z
    .string()
    .default("+55 20 5555-0100")
    .describe("The business's own number, with +; the default's area code belongs to nobody."),
  verified_name: z.string().default("Sandbox").describe("The display name."),
  name_status: z
    .string()
    .default("APPROVED")
    .describe("Of the display name; reported, nothing more."),
  business_country_code: z
    .string()
    .regex(/^\d{1,3}$/, "one to three digits")
    .default("55")
    .describe("Put before a `to` that has no +."),
  throughput: z
    .number()
    .min(1)
    .max(MAX_THROUGHPUT)
    .nullable()
    .default(80)
    .describe("Messages a second, else 130429; null is no limit."),
  throughput_level: z
    .string()
    .nullable()
    .default(null)
    .describe("What is said of it; null is STANDARD, or HIGH from 1,000 a second."),
  onboarding_status: z
    .string()
    .default("ONBOARDED")
    .describe("An open list at Meta: ONBOARDED, ELIGIBLE, INELIGIBLE_…, PENDING_…."),
  terms_signed: z.boolean().default(true),
  disable_marketing_messages_on_cloud_api: z
    .boolean()
    .default(false)
    .describe("With an account that is not onboarded: the fallback gets 131063."),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, "three capitals")
    .default("USD")
    .describe("Of the account's bills, and of max prices and their estimates."),
  max_price: z
    .strictObject({
      agreement_signed: z
        .boolean()
        .default(true)
        .describe("false: messages of a template with a max price get 100, as Meta words it."),
      addable: z
        .boolean()
        .default(true)
        .describe("false: a template made without a max price takes none, as until 2026-08-31."),
      estimates: z
        .array(reach)
        .default(ESTIMATES)
        .describe("What reachestimate answers, of every country."),
      cost_share: z
        .strictObject({ min: part, max: part })
        .default({ min: 0.5, max: 0.95 })
        .describe("What a delivered message costs, as a part of its bid; above 1: more than it."),
      without_estimate: z.array(z.string()).default([]).describe("Countries: those get 100."),
    })
    .prefault({})
    .describe("The beta of max prices."),
  degrees_of_freedom_spec: z
    .looseObject({})
    .nullable()
    .default(null)
    .describe("The account's creative optimisations, as Graph answers: {data: [{…}]}."),
  funding: z
    .boolean()
    .default(true)
    .describe("false: primary_funding_id is missing, and sends get 131042."),
  phone_status: z
    .string()
    .default("CONNECTED")
    .describe("Also FLAGGED, which sends; any other is refused, most with 133010."),
  quality_rating: z
    .string()
    .default("GREEN")
    .describe("GREEN, YELLOW, RED or NA; reported, no more."),
  messaging_limit: z
    .string()
    .default("TIER_UNLIMITED")
    .describe("TIER_50, TIER_250, TIER_2K, TIER_10K, TIER_100K, TIER_UNLIMITED."),
  over_messaging_limit: z
    .strictObject({
      code: z
        .int()
        .min(0)
        .nullable()
        .default(null)
        .describe("null: accepted all the same, since Meta names no code for it (2026-09)."),
      told_by: z.enum(["reply", "receipt"]).default("reply"),
    })
    .prefault({})
    .describe("What a message to one person more than the limit gets, within 24 hours."),
  health: z
    .strictObject({ phone_number: health, waba: health, business: health, app: health })
    .prefault({})
    .describe("can_send_message of each entity in health_status; BLOCKED refuses sends: 131031."),
  refuse_unknown_fields: z
    .boolean()
    .default(true)
    .describe("A field that a node does not have is refused with code 100; false leaves it out."),
  nonexistent_fields: z
    .array(z.string())
    .default([])
    .describe("Fields that are as if Graph did not have them, as in an older version."),
  returns_less: z
    .boolean()
    .default(false)
    .describe("Optional fields, paging and /debug_token are missing, as at a partner's server."),
  management: z
    .strictObject({
      calls_per_hour: z
        .int()
        .min(0)
        .nullable()
        .default(5_000)
        .describe(
          "On the account, its numbers and templates; null is no limit, 200 a new account's.",
        ),
      refusal_code: z
        .union([z.literal(80007), z.literal(80008), z.literal(4)])
        .default(80007)
        .describe("What a call beyond the limit gets."),
      page_size: z.int().min(1).max(1_000).default(25).describe("Of a list without `limit`."),
    })
    .prefault({}),
  template_edits: z
    .strictObject({
      per_hour: z.int().min(0).default(100),
      per_day: z.int().min(0).default(2_400),
      refusal_code: z.int().min(1).default(100).describe("Meta names none."),
    })
    .prefault({})
    .describe("Edits of one template; older pages of Meta's have one a day and ten a month."),
  media: z
    .strictObject({
      lifetime_seconds: z
        .number()
        .min(0)
        .max(MAX_MEDIA_SECONDS)
        .default(MEDIA_SECONDS)
        .describe("How long an uploaded file can be used; Meta's is 30 days."),
      known_ids: z.array(digits).default([]).describe("Ids that are good for ever, of any kind."),
      refusal_code: z
        .union([z.literal(100), z.literal(131009), z.literal(131053)])
        .default(100)
        .describe("What a message with an unknown or expired id gets; seen in practice: 100."),
    })
    .prefault({}),
};
