// The hours and the end of a campaign in the manifest.

import { z } from "zod";
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

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    // An offset such as +03:00 knows no summer time; nobody's hours are meant so.
    return !/^[+-]/.test(name);
  } catch {
    return false;
  }
}

export function isEnd(text: string): boolean {
  const [, date] =
    /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/.exec(text) ??
    [];
  if (date === undefined || Number.isNaN(Date.parse(text))) return false;
  // JavaScript takes the 30th of February for the 2nd of March.
  return new Date(`${date}T00:00Z`).toISOString().startsWith(date);
}

/** The instant, in ms, after which nothing is sent. */
export function endOf(text: string, timeZone = "UTC"): number {
  if (text.includes("T")) return Date.parse(text);
  const midnight = Date.parse(`${text}T24:00:00Z`);
  // The zone's offset at the guess may differ from the one at the answer when the clocks change
  // that night.
  const guess = midnight - offsetAt(midnight, timeZone);
  return midnight - offsetAt(guess, timeZone);
}

/** How far a zone's clocks are ahead of UTC at an instant, in ms. */
function offsetAt(instant: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat("sv", {
    timeZone,
    dateStyle: "short",
    timeStyle: "medium",
  });
  return Date.parse(`${format.format(instant).replace(" ", "T")}Z`) - instant;
}
