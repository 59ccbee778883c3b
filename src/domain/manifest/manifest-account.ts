// The account section of the manifest: who sends.

import * as z from "zod";
import type { RefinementContext } from "./manifest-value.ts";
import { say } from "./manifest-value.ts";

const digits = z.string().regex(/^\d{5,20}$/, "an id of 5 to 20 digits");

export const account = z
  .union([
    z.literal("sandbox"),
    z.strictObject({
      phone_number_id: digits.meta({
        description: "Id of the sending number at Meta (not the number itself), in quotes.",
        examples: ["106540352242922"],
      }),
      waba_id: digits.optional().meta({
        description:
          "Id of the WhatsApp Business Account, in quotes; needed to check the template.",
        examples: ["102290129340398"],
      }),
      access_token: z
        .string()
        .regex(/^[\x21-\x7e]+$/, "a token without blanks; the variable may be empty")
        .meta({
          description: "Access token, only by way of a variable of the environment or of .env.",
          examples: ["${WHATSAPP_ACCESS_TOKEN}"],
        }),
      graph_version: z
        .string()
        .regex(/^v\d{1,3}\.\d$/, "a version of the Graph API such as `v25.0`")
        .default("v25.0")
        .meta({ description: "Version of the Graph API.", examples: ["v25.0"] }),
      base_url: z
        .string()
        .superRefine(checkBaseUrl)
        .transform((url) => url.replace(/\/+$/, ""))
        .default("https://graph.facebook.com")
        .meta({
          description: "Another address for the Graph API: a proxy or a test server.",
          examples: ["https://graph.facebook.com"],
        }),
    }),
  ])
  .meta({
    description: "Who sends: `sandbox`, the built-in simulator, or a number at Meta.",
    examples: ["sandbox"],
  });

function checkBaseUrl(text: string, context: RefinementContext): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== "" || url.password !== "" || /[?#]/.test(text)) {
    say(context, "must be an address such as https://graph.facebook.com");
  } else if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) {
    const hint = "Over http the access token could be read on the way.";
    say(context, "must begin with https:// (http:// only to this computer)", hint);
  }
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
