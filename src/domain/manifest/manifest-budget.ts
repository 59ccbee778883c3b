// What a manifest says of money: the most that a campaign may cost.

import * as z from "zod";

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
