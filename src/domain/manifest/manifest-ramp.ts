// The ramp of a campaign in the manifest.

import * as z from "zod";
import { RAMP_LIMITS, RAMP_MEASURES } from "../limits/ramp.ts";
import { ALWAYS, say } from "./manifest-say.ts";
import { readShare, share, span } from "./manifest-spans.ts";

const STEPS_MAX = 20;

const step = z
  .union([z.string(), z.number()])
  .transform((written, context): number | { share: number } => {
    const text = String(written).trim();
    if (text.endsWith("%")) return { share: readShare(text, context) };
    const people = /^\d{1,9}$/.test(text) ? Number(text) : 0;
    const hint = "Write a number of people such as 200, or a share such as 10%.";
    if (people === 0)
      say(context, "must be people, such as 200, or a share of all, such as 10%", hint);
    return people;
  });

const percentOf = (limit: number): string => `${100 * limit}%`;

const WHAT = {
  failed: "whose message failed, for other reasons than Meta's limit per person",
  opted_out: "who opted out",
  capped: "who were refused for Meta's limit per person (131049)",
  held: "whose message Meta holds back to assess the template",
} as const;

const haltAbove = z
  .strictObject(
    Object.fromEntries(
      RAMP_MEASURES.map((measure) => [
        measure,
        share()
          .optional()
          .meta({
            description: `Share of people ${WHAT[measure]}. Left out: ${percentOf(RAMP_LIMITS[measure])}.`,
            examples: [percentOf(RAMP_LIMITS[measure])],
          }),
      ]),
    ) as Record<(typeof RAMP_MEASURES)[number], z.ZodOptional<ReturnType<typeof share>>>,
  )
  .prefault({})
  .meta({ description: "Shares of settled messages above which the campaign halts." });

export const ramp = z
  .strictObject({
    steps: z
      .array(step)
      .min(1)
      .max(STEPS_MAX)
      .meta({
        description:
          "People up to the end of each step, as a number or as a share of all; after the last step everybody.",
        examples: [[200, 2000, "10%"]],
      }),
    settle: span("1s", "7d")
      .prefault("30m")
      .meta({
        description: "A message counts once it is this old, and a step ends when all of its are.",
        examples: ["30m", "24h"],
      }),
    halt_above: haltAbove,
    quality: z
      .enum(["RED", "YELLOW"])
      .default("YELLOW")
      .meta({
        description: "A template of this quality or below does not send.",
        examples: ["RED"],
      }),
    after_step: z
      .enum(["continue", "ask"])
      .default("continue")
      .meta({
        description: "`ask`: each step ends with a pause, until `campaign unpause`.",
        examples: ["ask"],
      }),
  })
  .superRefine((keys, context) => {
    for (const [index, one] of (keys?.steps ?? []).entries()) {
      const before = keys.steps[index - 1];
      const isSmaller =
        typeof one === "object" && typeof before === "object"
          ? one.share <= before.share
          : typeof one === "number" && typeof before === "number" && one <= before;
      if (isSmaller) {
        const hint = "Make each step larger than the one before it, or take this one out.";
        say(context, "is not more than the step before it", hint, ["steps", index]);
      }
    }
  }, ALWAYS)
  .meta({
    description:
      "Send to a few people first, then to more, and halt when too many fail or opt out. Left out: to everybody at once.",
  });
