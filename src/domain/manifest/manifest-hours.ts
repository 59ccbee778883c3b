// The hours and the end of a campaign in the manifest.

import { DateTime, IANAZone } from "luxon";
import * as z from "zod";
import { ALWAYS, say } from "./manifest-value.ts";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

export const hours = z
  .strictObject({
    from: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "a time of day such as `09:00`")
      .meta({ description: "Send from this time of day.", examples: ["09:00"] }),
    to: z
      .string()
      .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, "a time of day such as `20:00`")
      .meta({
        description: "Until this time; before `from`: on the next day.",
        examples: ["20:00"],
      }),
    time_zone: z
      .string()
      .refine(isTimeZone, "must be a time zone such as `America/Sao_Paulo`")
      .meta({ description: "Time zone by its IANA name.", examples: ["America/Sao_Paulo"] }),
    days: z
      .array(z.enum(DAYS))
      .min(1)
      .max(DAYS.length)
      .optional()
      .meta({
        description: "Days of the week. Left out: every day.",
        examples: [["mon", "tue", "wed", "thu", "fri"]],
      }),
  })
  .superRefine((keys, context) => {
    if (typeof keys?.from === "string" && keys.from === keys.to) {
      say(context, "is the same as `from`", "Leave `hours` out to send at any time.", ["to"]);
    }
  }, ALWAYS)
  .meta({ description: "Send only at these hours. Left out: at any time." });

/** An offset such as +03:00 has no summer time, and is not what a person means by hours. */
function isTimeZone(name: string): boolean {
  return IANAZone.isValidZone(name) && !/^[+-]/.test(name);
}

/** Whether a text is a date, or an instant with its offset from UTC, of ISO 8601. */
export function isEnd(text: string): boolean {
  const form = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-][01]\d:[0-5]\d))?$/;
  return form.test(text) && DateTime.fromISO(text).isValid;
}

/** The instant, in ms, after which nothing is sent: of a date, the end of that day in the zone. */
export function endOf(text: string, timeZone = "UTC"): number {
  const at = DateTime.fromISO(text, { zone: timeZone });
  return (text.includes("T") ? at : at.plus({ days: 1 }).startOf("day")).toMillis();
}
