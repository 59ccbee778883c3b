// The keys of a scenario that say what the sandbox tells a webhook: where, how reliably, and who
// writes by himself. Never touches a file.

import * as z from "zod";
import { digits } from "./scenario-account.ts";

/** Most updates in one delivery (Meta, webhooks page, 2025-12). */
const BATCH_MAX = 1_000;
/** Longest wait that can be set, in milliseconds. */
const MAX_WAIT_MS = 600_000;
/** How long Meta tries: 7 days (Meta, throughput page, 2026-09). */
const GIVE_UP_MAX_MS = 604_800_000;
const MAX_CONNECTIONS = 64;
const MAX_INBOUND = 10_000;
/** Longest text of a message that a person writes (Meta, text messages page), in characters. */
const MAX_TEXT = 4_096;

/** Tells whether something can be posted to a text. */
export function isWebAddress(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text);
}

const share = z.number().min(0).max(1);

const inbound = z
  .strictObject({
    from: z
      .string()
      .regex(/^(\+[1-9]\d{4,14}|[A-Z]{2}\.[A-Za-z0-9.]{1,132})$/, "a number with +, or a user id")
      .describe("Who: a number with + and country code, or a business-scoped user id."),
    after_messages: z
      .exactOptional(z.int().min(1))
      .describe("Once so many messages were accepted since the start."),
    after_ms: z.exactOptional(z.number().min(0)).describe("So long after the start."),
    text: z.exactOptional(z.string().min(1).max(MAX_TEXT)).describe("Writes this."),
    preference: z
      .exactOptional(z.enum(["stop", "resume"]))
      .describe("Turns marketing messages off or on in WhatsApp."),
    phone_number_id: z
      .exactOptional(digits)
      .describe("The sending number that is written to; left out, the first."),
  })
  .refine(
    (message) => (message.after_messages === undefined) !== (message.after_ms === undefined),
    "needs one of after_messages and after_ms",
  )
  .refine(
    (message) => (message.text === undefined) !== (message.preference === undefined),
    "needs one of text and preference",
  );

/** A part of the scenario's own keys. */
export const webhookKeys = {
  webhooks: z
    .strictObject({
      url: z
        .string()
        .refine(isWebAddress, "needs an address that begins with http:// or https://")
        .nullable()
        .default(null)
        .describe("Where to; null tells nobody, and receipts stand in the log only."),
      app_secret: z.string().min(1).nullable().default(null).describe("Signs every delivery."),
      verify_token: z
        .string()
        .min(1)
        .nullable()
        .default(null)
        .describe("With it nothing is reported before the handshake; null is no handshake."),
      batch: z
        .int()
        .min(1)
        .max(BATCH_MAX)
        .default(1)
        .describe("Most updates in one delivery; by chance fewer."),
      duplicates: share.default(0).describe("Share of updates that come twice."),
      disorder: share.default(0).describe("Share of receipts that come after later ones."),
      late: share.default(0).describe("Share of receipts that come late_ms later."),
      late_ms: z.number().min(0).max(MAX_WAIT_MS).default(5_000),
      lost: share.default(0).describe("Share of receipts that never come."),
      connections: z.int().min(1).max(MAX_CONNECTIONS).default(4).describe("At the same time."),
      retry_ms: z
        .number()
        .min(1)
        .max(MAX_WAIT_MS)
        .default(1_000)
        .describe("Until a delivery that got no 200 is tried again; doubled each time."),
      give_up_ms: z
        .number()
        .min(0)
        .max(GIVE_UP_MAX_MS)
        .default(3_600_000)
        .describe("A delivery that got no 200 for so long is given up."),
    })
    .prefault({})
    .describe("What Meta would post to a webhook, posted."),
  inbound: z
    .array(inbound)
    .max(MAX_INBOUND)
    .default([])
    .describe("People who write, or turn marketing messages off, whatever they were sent."),
};
