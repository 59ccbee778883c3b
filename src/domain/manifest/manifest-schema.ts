// The schema of the manifest: every key, what it may hold and why, and the checks that need more
// than one key. The JSON Schema for editors is made from it.

import * as z from "zod";
import type { Moment } from "./clocks-of-all.ts";
import { account } from "./manifest-account.ts";
import { checkTest, conversions, holdOut, test } from "./manifest-arms.ts";
import type { Hours } from "./manifest-hours.ts";
import {
  checkMoments,
  checkSpread,
  hours,
  moment,
  momentsOf,
  timeOfDay,
} from "./manifest-hours.ts";
import { budget, capOrOff, peoplePerDay } from "./manifest-limits.ts";
import { ramp } from "./manifest-ramp.ts";
import { ALWAYS, say } from "./manifest-say.ts";
import { span } from "./manifest-spans.ts";
import { file, suppress } from "./manifest-suppress.ts";
import { delivery, templateSchema } from "./manifest-template.ts";
import { messagesPerSecond } from "./manifest-value.ts";

/** What `recipients.file` is where the list stands on stdin. */
export const STDIN_LIST = "-";
/** … and where a command prints it. */
export const COMMAND_LIST = "command";
/** Longest command, in characters. */
const COMMAND_MAX = 4_096;

/** The column of numbers, when the manifest names none. */
export const PHONE_COLUMN = "phone";

/**
 * What `recipients.encoding` can be: what tables come in, and every Node with its full ICU can
 * read.
 */
export const ENCODINGS = [
  "utf-8",
  "utf-16",
  "utf-16le",
  "utf-16be",
  "windows-1250",
  "windows-1251",
  "windows-1252",
  "windows-1253",
  "windows-1254",
  "windows-1255",
  "windows-1256",
  "windows-1257",
  "windows-1258",
  "windows-874",
  "iso-8859-1",
  "iso-8859-2",
  "iso-8859-5",
  "iso-8859-6",
  "iso-8859-7",
  "iso-8859-8",
  "iso-8859-9",
  "iso-8859-13",
  "iso-8859-15",
  "macintosh",
  "x-mac-cyrillic",
  "koi8-r",
  "koi8-u",
  "ibm866",
  "gbk",
  "gb18030",
  "big5",
  "shift_jis",
  "euc-jp",
  "euc-kr",
] as const;

const recipients = z
  .strictObject({
    file: file(
      "The list: CSV, an Excel workbook (.xlsx) or JSON Lines (.jsonl); `-` for CSV on stdin",
      "spring.csv",
    ).optional(),
    command: z
      .string()
      .min(1)
      .max(COMMAND_MAX)
      .optional()
      .meta({
        description:
          "In place of `file`: a command of the shell that prints the list as CSV. It is run in the manifest's folder, only with --allow-command, and once: what it prints is kept.",
        examples: ["psql --csv -f audience.sql"],
      }),
    phone: z
      .string()
      .min(1)
      .optional()
      .meta({
        // Filled in below: beside `user_id` a CSV may have no such column.
        default: PHONE_COLUMN,
        description:
          "The column with the phone number. Left out beside `user_id`, the CSV need not have it.",
        examples: ["phone"],
      }),
    user_id: z
      .string()
      .min(1)
      .optional()
      .meta({
        description:
          "The column with business-scoped user ids such as `BR.1349873120`, for people without a number.",
        examples: ["user_id"],
      }),
    default_region: z
      .string()
      .regex(/^[A-Z]{2}$/, "a country by two capital letters, such as `BR`")
      .optional()
      .meta({
        description:
          "Country whose national form is meant. Left out: + and the country code are needed.",
        examples: ["BR"],
      }),
    region: z
      .string()
      .min(1)
      .optional()
      .meta({
        description:
          "The column with the country of each row's number, by ISO code or English name; wins over `default_region`.",
        examples: ["country"],
      }),
    id: z
      .string()
      .min(1)
      .optional()
      .meta({
        description:
          "The column that names a row for good, such as your customer number. Kept in results and exports.",
        examples: ["customer_id"],
      }),
    numbers: z
      .literal("international")
      .optional()
      .meta({
        description:
          "`international`: every number begins with its country code, with or without +, as WhatsApp ids do.",
        examples: ["international"],
      }),
    sheet: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: "The sheet of a workbook (.xlsx). Left out: the first that is not hidden.",
        examples: ["Customers"],
      }),
    delimiter: z
      .enum([",", ";", "tab", "|"])
      .optional()
      .meta({
        description: "What parts the cells. Left out: found by itself.",
        examples: [";"],
      }),
    encoding: z
      .enum(ENCODINGS)
      .optional()
      .meta({
        description:
          "Encoding of the CSV, by its name in the WHATWG standard. Left out: found, and asked for where it is not sure.",
        examples: ["windows-1252"],
      }),
  })
  .meta({ description: "The CSV with the recipients, one a row." });

const rate = z
  .strictObject({
    messages_per_second: messagesPerSecond.default(80).meta({
      description:
        "Most messages a second of a number. Meta allows a number 80, and up to 1,000 when it was raised.",
      examples: [80],
    }),
    spread: span("1m", "30d")
      .optional()
      .meta({
        description:
          "Send evenly over so much open time from the first message on, never above `messages_per_second`, and not below 0.1.",
        examples: ["6h"],
      }),
    until: timeOfDay.optional().meta({
      description: "The same until this time of the day, by the clock of `hours.time_zone`.",
      examples: ["18:00"],
    }),
    max_in_flight: z
      .int()
      .min(1)
      .max(512)
      .default(64)
      .meta({
        description: "Most requests on the wire at once.",
        examples: [64],
      }),
    people_per_day: peoplePerDay.optional(),
  })
  .prefault({})
  .meta({ description: "How fast." });

const written = z
  .strictObject({
    campaign: z
      .string()
      // In an address, dots alone lead elsewhere: the live page could not show such a campaign.
      .regex(
        /^(?!\.+$)[A-Za-z0-9._-]{1,64}$/,
        "1 to 64 letters without accent, digits, `.`, `_` or `-`, and not dots alone",
      )
      .meta({
        description:
          "The campaign's identity in the ledger: the same name goes on where it stopped.",
        examples: ["spring-2026"],
      }),
    account,
    recipients,
    template: templateSchema,
    delivery,
    rate,
    ramp: ramp.optional(),
    hold_out: holdOut(
      "People who are kept out of this campaign, by chance, so that what it was worth can be seen.",
    ).optional(),
    test: test.optional(),
    conversions: conversions.optional(),
    rate_card: file(
      "Meta's rate card as CSV, for the cost that `check` estimates",
      "rates.csv",
    ).optional(),
    budget: budget.optional(),
    hours: hours.optional(),
    starts: moment({
      description:
        "Nothing is sent before it. A date means its beginning, a time that of `hours.time_zone`: with `recipient`, everybody's own.",
      examples: ["2026-04-27T09:00", "2026-04-27", "2026-04-27T09:00:00-03:00"],
    }),
    ends: moment({
      description:
        "Nothing is sent after it. A date means the end of that day, in `hours.time_zone`, else in UTC; a time as with `starts`.",
      examples: ["2026-04-30", "2026-04-30T18:00", "2026-04-30T18:00:00-03:00"],
    }),
    cap: capOrOff.optional(),
    suppress,
    sandbox: z
      .strictObject({ scenario: file("The scenario", "spring.sandbox.yaml") })
      .optional()
      .meta({ description: "How the built-in simulator behaves; only with `account: sandbox`." }),
  })
  .superRefine((keys, context) => {
    checkTest(keys, context);
    checkList(keys?.recipients, context);
    const { phone = PHONE_COLUMN, user_id } = keys?.recipients ?? {};
    if (user_id !== undefined && user_id === phone) {
      const hint = "Name another column: a number and a user id stand in columns of their own.";
      say(context, "is the column of `phone` too", hint, ["recipients", "user_id"]);
    }
    for (const key of ["default_region", "region"] as const) {
      const { numbers, [key]: country } = keys?.recipients ?? {};
      if (numbers !== "international" || country === undefined) continue;
      const hint = "Take one of the two out: with `numbers: international` no country is needed.";
      say(context, "does not go with `numbers: international`", hint, ["recipients", key], "key");
    }
    for (const [index, name] of (keys?.suppress?.campaigns ?? []).entries()) {
      if (name !== keys?.campaign) continue;
      const hint = "Name other campaigns here: one never sends to anybody twice anyway.";
      say(context, "is this campaign itself", hint, ["suppress", "campaigns", index]);
    }
    if (keys?.sandbox !== undefined && typeof keys.account === "object") {
      const hint = "Take it out, or set `account: sandbox`.";
      say(context, "means nothing with a real account", hint, ["sandbox"], "key");
    }
  }, ALWAYS);

/** A list is a file, or what a command prints. */
function checkList(
  recipients: { file?: unknown; command?: unknown; sheet?: unknown } | undefined,
  context: z.RefinementCtx,
): void {
  if (recipients === undefined) return;
  const { file, command } = recipients;
  if (file !== undefined && command !== undefined) {
    const hint = "Take one of the two out: a list is a file, or what a command prints.";
    say(context, "does not go with `file`", hint, ["recipients", "command"], "key");
  }
  if (file === undefined && command === undefined) {
    context.addIssue({
      ...{ code: "invalid_type", expected: "string", input: undefined },
      path: ["recipients", "file"],
    });
  }
}

/**
 * The schema of a manifest. Its output is what the program works with: snake case, defaults filled
 * in.
 * @param policyHours what a manifest without hours gets; its moments are of their time zone
 */
export function manifestSchemaIn(policyHours: Hours | undefined) {
  return written
    .superRefine((keys, context) => {
      checkMoments({ hours: policyHours, ...keys }, context);
      checkSpread({ hours: policyHours, ...keys }, context);
    }, ALWAYS)
    .transform((keys) => {
      const { starts: _starts, ends: _ends, ...others } = keys;
      const { phone, file = COMMAND_LIST, ...who } = keys.recipients;
      const named = phone ?? (who.user_id === undefined ? PHONE_COLUMN : undefined);
      const rest = { ...others, recipients: { ...who, file, phone: named } };
      return { ...rest, ...momentsOf({ hours: policyHours, ...keys }) };
    })
    .meta({
      title: "Campaign manifest",
      description: "What is sent, to whom, by whom, and how fast.",
    });
}

/** The schema of a manifest under no policy. */
export const manifestSchema = manifestSchemaIn(undefined);

/**
 * A manifest as the program works with it; `template.ttl` is in seconds.
 */
export type Manifest = z.output<typeof manifestSchema> & {
  starts?: Moment | undefined;
  ends?: Moment | undefined;
  /** The manifest of an arm: which API sends it; left out: the Marketing Messages API. */
  delivery: { api?: "cloud" | undefined };
  /** Share of people whom the policy keeps out of every campaign of a quarter. */
  policyHoldOut?: number | undefined;
  /** The policy wants a plan that a person started. */
  requiresPlan?: true;
  /** What counts of the policy that the manifest is under; left out: there is none. */
  policy?: AppliedPolicy;
};

/** A policy, and what of it counts for a manifest. */
export interface AppliedPolicy {
  /** The file's absolute path. */
  file: string;
  /** By key of the manifest, such as `rate.people_per_day`: what is the policy's there. */
  rules: Readonly<Record<string, unknown>>;
  /** Rules of the policy that the manifest sets aside, as it may; by key. */
  setAside: Readonly<Record<string, unknown>>;
}
