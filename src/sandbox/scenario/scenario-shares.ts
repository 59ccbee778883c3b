// What becomes of ordinary numbers' messages, as shares: of the whole scenario, and where a
// template or an API has its own.

import * as z from "zod";

const share = z.number().min(0).max(1);

/** Each share: what it is without the key, and what of. */
const SHARES = {
  unreachable: [0, "131026 by receipt."],
  opted_out: [0, "131050 by receipt."],
  per_user_limit: [0, "131049 by receipt."],
  experiment: [0, "130472 by receipt."],
  read: [0.5, "Of those who get the message."],
  click: [0, "Of those who read it: follow its link (user_actions)."],
  tap: [0, "Of those who read it: tap its last quick reply, if any."],
  stop_word: [0, "Of those who read it: answer SAIR."],
  stop: [0, "Of those who get it: stop marketing messages."],
} as const;

type ShareName = keyof typeof SHARES;

const entries = Object.entries(SHARES) as [ShareName, readonly [number, string]][];

/** The key `shares` of a scenario. */
export const shares = z
  .strictObject(
    Object.fromEntries(
      entries.map(([name, [none, words]]) => [name, share.default(none).describe(words)]),
    ) as Record<ShareName, z.ZodDefault<typeof share>>,
  )
  .refine(
    ({ unreachable, opted_out, per_user_limit, experiment }) =>
      unreachable + opted_out + per_user_limit + experiment <= 1,
    "the shares of failures add up to more than 1",
  )
  .prefault({});

/** Shares that are otherwise for some messages; what is left out is as for all. */
export const ownShares = z.strictObject(
  Object.fromEntries(
    entries.map(([name, [, words]]) => [name, z.exactOptional(share).describe(words)]),
  ) as Record<ShareName, z.ZodExactOptional<typeof share>>,
);

/** The API that a message was posted to. */
export type Api = "marketing" | "cloud";

/** Shares of the messages of one template, or of one API. */
export type OwnShares = z.output<typeof ownShares>;
