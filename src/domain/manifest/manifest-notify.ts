// `notify` of a policy: the operator's own address that changes of a campaign are posted to.

import * as z from "zod";
import { isLoopbackName } from "../common/hosts.ts";
import { UNUSED_SECRET } from "../document/document-values.ts";
import type { RefinementContext } from "./manifest-say.ts";
import { say } from "./manifest-say.ts";

/** What is posted, in the order of a campaign's life. */
export const NOTICE_EVENTS = ["started", "waiting", "finished", "halted"] as const;

const MAX_URL = 2_000;
/** A key of HMAC-SHA256 with fewer characters can be guessed. */
const MIN_SECRET = 16;

export const notify = z
  .strictObject({
    url: z
      .string()
      .max(MAX_URL)
      .superRefine(checkAddress)
      .meta({
        description:
          "Where changes of a campaign are posted to, only by way of a variable: the address of a hook is a secret. https, or http to this computer.",
        examples: ["${NOTIFY_URL}"],
      }),
    events: z
      .array(z.enum(NOTICE_EVENTS))
      .min(1)
      .default([...NOTICE_EVENTS])
      .meta({
        description: "Which changes are posted. Left out: all.",
        examples: [["finished", "halted", "waiting"]],
      }),
    secret: z
      .string()
      .superRefine((secret, context) => {
        if (secret === UNUSED_SECRET || secret.length >= MIN_SECRET) return;
        // The value is a secret, so the message must not be worded with it.
        context.addIssue({
          code: "custom",
          message: `is too short: at least ${MIN_SECRET} characters`,
          params: {
            about: true,
            on: "key",
            hint: `Make one up of at least ${MIN_SECRET} characters.`,
          },
          input: undefined,
        });
      })
      .optional()
      .meta({
        description:
          "Signs what is posted (HMAC-SHA256), only by way of a variable. Left out: not signed.",
        examples: ["${NOTIFY_SECRET}"],
      }),
  })
  .meta({
    description:
      "One JSON POST to an address of your own when a campaign starts, waits, is finished or halts.",
  });

/** `notify` of a policy as it was read; a variable that is not set gives `UNUSED_SECRET`. */
export type Notify = z.output<typeof notify>;

function checkAddress(text: string, context: RefinementContext): void {
  if (text === UNUSED_SECRET) return;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== "" || url.password !== "" || url.hash !== "") {
    const hint = "Write an address without a user, a password or a `#`.";
    const wrong = "must be an address such as https://hooks.example.com/campaigns";
    say(context, wrong, hint, [], "key");
  } else if (
    url.protocol !== "https:" &&
    !(url.protocol === "http:" && isLoopbackName(url.hostname))
  ) {
    const hint = "Begin it with https://: over http what is posted could be read on the way.";
    say(context, "must begin with https:// (http:// only to this computer)", hint, [], "key");
  }
}
