// The schedule of a campaign in the manifest: hours, beginning and end.

import { DateTime } from "luxon";
import * as z from "zod";
import { dayOf, isZoneName, minuteOf, wallClock } from "../common/wall-clock.ts";
import type { Moment } from "./clocks-of-all.ts";
import { RECIPIENT } from "./clocks-of-all.ts";
import type { RefinementContext } from "./manifest-say.ts";
import { ALWAYS, say } from "./manifest-say.ts";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const MAX_EXCEPT = 400;
const MAX_PATH_LENGTH = 1_024;

const DATE = /^\d{4}-\d\d-\d\d$/;
/** A date; a date and a time of day; an instant with its offset. */
const MOMENT =
  /^\d{4}-\d\d-\d\d(?:T(?:[01]\d|2[0-3]):[0-5]\d(?:(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-][01]\d:[0-5]\d))?)?$/;
const HAS_OFFSET = /T.*(?:Z|[+-]\d\d:\d\d)$/;

/** A time of day up to 23:59. */
export const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "a time of day such as `09:00`");

export const hours = z
  .strictObject({
    from: timeOfDay.meta({ description: "Send from this time of day.", examples: ["09:00"] }),
    to: z
      .string()
      .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, "a time of day such as `20:00`")
      .meta({
        description: "Until this time; before `from`: on the next day.",
        examples: ["20:00"],
      }),
    time_zone: z
      .string()
      .refine(isTimeZone, "must be a time zone such as `America/Sao_Paulo`, or `recipient`")
      .meta({
        description:
          "Time zone by its IANA name. `recipient`: everybody's own clock, by `column`, else by their number; where several are possible, all of them.",
        examples: ["America/Sao_Paulo", RECIPIENT],
      }),
    column: z
      .string()
      .min(1)
      .optional()
      .meta({
        description:
          "The column with each person's own time zone, by IANA name or as an offset such as `-03:00`. Only with `time_zone: recipient`.",
        examples: ["tz"],
      }),
    days: z
      .array(z.enum(DAYS))
      .min(1)
      .max(DAYS.length)
      .optional()
      .meta({
        description: "Days of the week. Left out: every day.",
        examples: [["mon", "tue", "wed", "thu", "fri"]],
      }),
    except: z
      .array(z.string().min(1).max(MAX_PATH_LENGTH))
      .min(1)
      .max(MAX_EXCEPT)
      .optional()
      .meta({
        description:
          "Days on which nothing is sent: dates, or CSV files with a column `date`, and one `region` where a day is one country's.",
        examples: [["2026-12-25", "holidays.csv"]],
      }),
  })
  .superRefine((keys, context) => {
    if (typeof keys?.from === "string" && keys.from === keys.to) {
      say(context, "is the same as `from`", "Leave `hours` out to send at any time.", ["to"]);
    }
    if (keys?.column !== undefined && keys.time_zone !== RECIPIENT) {
      const hint = "Set `time_zone: recipient`, or take it out.";
      say(context, "means nothing with one time zone for all", hint, ["column"], "key");
    }
    for (const [index, day] of (keys?.except ?? []).entries()) {
      if (!/^\d[\d-]*$/.test(day) || isDate(day)) continue;
      const hint = "Write the day as 2026-12-25, or the path of a CSV file of days.";
      const wrong = "must be a date such as `2026-12-25`, or a CSV file";
      say(context, wrong, hint, ["except", index]);
    }
  }, ALWAYS)
  .meta({ description: "Send only at these hours. Left out: at any time." });

export type Hours = z.output<typeof hours>;

const DAY_MINUTES = 24 * 60;
const WEEK_MINUTES = DAYS.length * DAY_MINUTES;

/** Whether hours are open only while other ones are: by the clocks of one time zone. */
export function areWithin(hours: Hours, others: Hours): boolean {
  if (hours.time_zone !== others.time_zone) return false;
  const open = minutesOf(others);
  return minutesOf(hours).every((isOpen, minute) => !isOpen || open[minute] === true);
}

/** Of each minute of the week whether it is open. */
function minutesOf({ from, to, days = [...DAYS] }: Hours): boolean[] {
  const open = Array<boolean>(WEEK_MINUTES).fill(false);
  const begin = minuteOf(from);
  const end = minuteOf(to) + (to <= from ? DAY_MINUTES : 0);
  for (const day of days) {
    const midnight = DAYS.indexOf(day) * DAY_MINUTES;
    for (let minute = begin; minute < end; minute += 1) {
      open[(midnight + minute) % WEEK_MINUTES] = true;
    }
  }
  return open;
}

/** `09:00 to 20:00 America/Sao_Paulo, mon tue`. */
export function hoursText({ from, to, time_zone: zone, days }: Hours): string {
  const by = zone === RECIPIENT ? "by everybody's own clock" : zone;
  return `${from} to ${to} ${by}${days === undefined ? "" : `, ${days.join(" ")}`}`;
}

/** An offset such as +03:00 has no summer time, and is not what a person means by hours. */
function isTimeZone(name: string): boolean {
  return name === RECIPIENT || (isZoneName(name) && !/^[+-]/.test(name));
}

/** Whether a text is a day of the calendar, YYYY-MM-DD. */
export function isDate(text: string): boolean {
  return DATE.test(text) && DateTime.fromISO(text).isValid;
}

/** `starts` or `ends`. */
export function moment(what: { description: string; examples: string[] }) {
  return z
    .string()
    .refine(
      (text) => MOMENT.test(text) && DateTime.fromISO(text).isValid,
      "must be a date (2026-04-30), a date and time (2026-04-30T18:00), or an instant with its offset (2026-04-30T18:00-03:00)",
    )
    .optional()
    .meta(what);
}

interface ScheduleKeys {
  starts?: string | undefined;
  ends?: string | undefined;
  hours?: { time_zone: string } | undefined;
}

/** Says what is wrong with beginning and end, which need `hours.time_zone` to be read. */
export function checkMoments(keys: ScheduleKeys | undefined, context: RefinementContext): void {
  const zone = keys?.hours?.time_zone;
  for (const key of ["starts", "ends"] as const) {
    const text = keys?.[key];
    const isWall = isReadable(text) && text.includes("T") && !HAS_OFFSET.test(text);
    if (!isWall || zone !== undefined) continue;
    const hint = `Add the offset, such as \`${text}-03:00\`, or set \`hours.time_zone\`.`;
    say(context, "is a time of day, and no time zone is named", hint, [key]);
  }
  const { starts, ends } = momentsOf(keys ?? {});
  if (starts === undefined || ends === undefined || typeof starts !== typeof ends) return;
  const hint = "Write a later moment, or take `ends` out: the campaign then ends when all is sent.";
  if (starts >= ends) say(context, "is not after `starts`", hint, ["ends"]);
}

/** Says what is wrong with `rate.until`: beside `rate.spread`, and without one clock for all. */
export function checkSpread(
  keys:
    | {
        hours?: { time_zone: string } | undefined;
        rate?: { until?: unknown; spread?: unknown } | undefined;
      }
    | undefined,
  context: RefinementContext,
): void {
  const { until, spread } = keys?.rate ?? {};
  if (until === undefined) return;
  const path = ["rate", "until"];
  if (spread !== undefined) {
    say(context, "does not go with `rate.spread`", "Keep one of the two.", path, "key");
  }
  const zone = keys?.hours?.time_zone;
  if (zone !== undefined && zone !== RECIPIENT) return;
  const hint = "Set `hours.time_zone` to a zone such as America/Sao_Paulo, or use `rate.spread`.";
  say(context, "needs the one clock that it is read by", hint, path, "key");
}

/** The two as the program works with them; undefined where one is left out, or cannot be read. */
export function momentsOf({
  starts,
  ends,
  hours: { time_zone: zone } = { time_zone: "UTC" },
}: ScheduleKeys): {
  starts?: Moment;
  ends?: Moment;
} {
  if (!isTimeZone(zone)) return {};
  return {
    ...(isReadable(starts) && { starts: momentOf(starts, zone, "00:00") }),
    // Of a date, the end of that day.
    ...(isReadable(ends) && { ends: momentOf(ends, zone, "24:00") }),
  };
}

function isReadable(text: string | undefined): text is string {
  return text !== undefined && MOMENT.test(text) && DateTime.fromISO(text).isValid;
}

function momentOf(text: string, zone: string, timeOfDate: string): Moment {
  if (HAS_OFFSET.test(text)) return DateTime.fromISO(text).toMillis();
  const [date = "", time = timeOfDate] = text.split("T");
  if (zone === RECIPIENT) return `${date}T${time}`;
  return wallClock(zone).firstAt(dayOf(date), time);
}
