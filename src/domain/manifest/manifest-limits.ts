// Limits that a manifest sets, and a policy for all manifests under it: people, messages, money.

import * as z from "zod";
import { readSpan } from "../common/spans.ts";
import { say } from "./manifest-say.ts";

/** More people than anybody reaches in a day. */
const MAX_PEOPLE = 1_000_000_000;

/** `rate.people_per_day`, and `people_per_day` of a policy. */
export const peoplePerDay = z
  .int()
  .min(1)
  .max(MAX_PEOPLE)
  .meta({
    description:
      "Most people in any 24 hours, over all campaigns of the business; Meta's own limit counts where it is smaller. Leave room for conversations.",
    examples: [1800],
  });

/** A year. */
const SPAN_MAX = "365d";
const MAX_MOST = 1_000;

const span = z.string().transform((text, context) => {
  // A cap is no matter of seconds.
  const ms = /^\d{1,6}[mhd]$/.test(text.trim()) ? readSpan(text) : undefined;
  const form = "a number with a unit, such as 7d, 24h or 90m";
  if (ms === undefined) say(context, `must be ${form}`, `Write ${form}.`);
  else if (ms <= 0 || ms > (readSpan(SPAN_MAX) ?? 0))
    say(context, `must be from 1m to ${SPAN_MAX}`, `Write one from 1m to ${SPAN_MAX}.`);
  return ms ?? Number.NaN;
});

/** `cap` as it is written in a policy. What is left out of a manifest's is its policy's. */
export const cap = z
  .strictObject({
    most: z
      .int()
      .min(1)
      .max(MAX_MOST)
      .meta({ description: "Most messages to a person within `in`.", examples: [2] }),
    in: span.meta({
      description: "The time that counts, back from each message: it has no calendar days.",
      examples: ["7d", "24h"],
    }),
    gap: span.optional().meta({
      description: "Least time between two messages to a person.",
      examples: ["24h"],
    }),
    over: z
      .enum(["skip", "hold"])
      .optional()
      .meta({
        description:
          "Who is over the cap is skipped, or held until free and not beyond `ends`. Left out: skipped.",
        examples: ["hold"],
      }),
  })
  .meta({
    description:
      "Frequency cap: most messages to a person over all campaigns of the ledger. Who is over it when their turn comes is not messaged.",
  });

/** `cap` as it is written in a manifest. */
export const capOrOff = z.union([z.literal("off"), cap]).meta({
  description:
    "Frequency cap: most messages to a person over all campaigns of the ledger. `off`: this campaign must go, whatever the policy's cap; the audit keeps that.",
  examples: ["off"],
});

/** More than any campaign costs; sums of millionths stay far below what a number holds exactly. */
const BUDGET_MAX = 1_000_000_000;

/** The key `budget`. */
export const budget = z
  .strictObject({
    most: z
      .number()
      .positive()
      .max(BUDGET_MAX)
      .meta({
        description:
          "Nothing is sent that could cost more than this in all. May be raised or lowered between runs.",
        examples: [500],
      }),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, "a currency by its three capital letters, such as `USD`")
      .meta({
        description: "The currency that the account is billed in, and of `rate_card`.",
        examples: ["USD"],
      }),
  })
  .meta({
    description:
      "What the campaign may cost at most. A message's price is set aside when it is claimed, and free again when it fails or expires.",
  });
