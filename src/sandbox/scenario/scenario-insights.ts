// The keys of a scenario that say what Meta counts of the messages, and how it returns that. Never
// touches a file.

import * as z from "zod";

/** What a delivery costs; invented. */
const COST_PER_DELIVERY = 0.0625;
const percent = z.number().min(0).nullable();

/** Names of the product in requests: the one of today, and the one before (Meta, 2026). */
const NEW_PRODUCT = "MARKETING_MESSAGES_API_FOR_WHATSAPP";
const OLD_PRODUCT = "MARKETING_MESSAGES_LITE_API";

/** A part of the scenario's own keys. */
export const insightKeys = {
  insights: z
    .strictObject({
      enabled: z
        .boolean()
        .default(true)
        .describe("is_enabled_for_insights; false: analytics of templates get 200007."),
      available: z.boolean().default(true).describe("false: they get 200005."),
      time_zone: z
        .string()
        .refine((name) => isZone(name), "needs the name of a time zone")
        .default("UTC")
        .describe("Of the account: its days begin there."),
      product_names: z
        .array(z.enum([NEW_PRODUCT, OLD_PRODUCT]))
        .default([NEW_PRODUCT, OLD_PRODUCT])
        .describe("Names of the product that requests may have; any other gets 100."),
      product_shown: z
        .string()
        .default("marketing_lite")
        .describe("Its name in answers; Meta's have marketing_lite and the old one in capitals."),
      newer_conversions: z
        .boolean()
        .default(false)
        .describe("Whether the 16 conversion metrics of April 2026 are known; false: 100."),
      per_delivery: z
        .record(z.string().regex(/^(app|website)_[a-z_]+$/), z.number().min(0))
        .default({})
        .describe("Conversions: so many of each delivered message, as website_purchases: 0.01."),
      cost_per_delivery: z
        .number()
        .min(0)
        .nullable()
        .default(COST_PER_DELIVERY)
        .describe("null: a partner pays, and there is no cost; asked for alone it gets 100."),
      texts: z.boolean().default(false).describe("Numbers come as texts, ids as numbers."),
      seconds: z.boolean().default(false).describe("Days come as seconds in any case."),
      reset_days: z
        .int()
        .min(0)
        .default(7)
        .describe("Reads and clicks of messages that were sent so many days ago are zero."),
      ads: z.boolean().default(true).describe("false: templates have no ids of ads."),
      benchmarks: z
        .strictObject({ read: percent.default(70.27), click: percent.default(18.74) })
        .nullable()
        .prefault({})
        .describe("In per cent; null: no data. Asked for without ads_read they get 200."),
    })
    .prefault({})
    .describe("What Meta counted, as its analytics return it: made from the log."),
};

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
