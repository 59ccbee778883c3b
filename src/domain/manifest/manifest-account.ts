// The account section of the manifest: who sends.

import * as z from "zod";
import { isLoopbackName } from "../common/hosts.ts";
import { isPhoneRegion } from "../recipient/phone-regions.ts";
import { regionNamed } from "../recipient/region-name.ts";
import type { RefinementContext } from "./manifest-say.ts";
import { ALWAYS, say } from "./manifest-say.ts";
import { exactlyOne, messagesPerSecond } from "./manifest-value.ts";

/** Where the Graph API is, and which version is asked, unless a manifest says otherwise. */
export const GRAPH_URL = "https://graph.facebook.com";
export const GRAPH_VERSION = "v25.0";

/** Numbers of one campaign: a portfolio begins with two, and Meta raises that to twenty. */
const MAX_NUMBERS = 20;

/** More regions than there are. */
const MAX_REGIONS = 300;

const digits = z.string().regex(/^\d{5,20}$/, "an id of 5 to 20 digits");

const ID_WORDS = "Id of the sending number at Meta (not the number itself), in quotes";
const ID_EXAMPLES = ["106540352242922"];

const region = z
  .string()
  .superRefine((text, context) => {
    if (isPhoneRegion(text)) return;
    const named = regionNamed(text);
    const hint =
      named === null ? "Write its code of ISO 3166-1, such as BR." : `Did you mean \`${named}\`?`;
    say(context, "must be a country by its two capital letters, such as `BR`", hint);
  })
  .meta({ pattern: "^[A-Z]{2}$" });

const sendingNumber = z.strictObject({
  phone_number_id: digits.meta({ description: `${ID_WORDS}.`, examples: ID_EXAMPLES }),
  messages_per_second: messagesPerSecond.optional().meta({
    description: "Most messages a second of this number. Left out: `rate.messages_per_second`.",
    examples: [80],
  }),
  regions: z
    .array(region)
    .min(1)
    .max(MAX_REGIONS)
    .optional()
    .meta({
      description:
        "Countries whose people this number sends to, by ISO code. People of no country that is named are shared among the numbers without `regions`, or among all when each has some.",
      examples: [["MX"]],
    }),
});

/** A sending number of an account. */
type SendingNumber = z.output<typeof sendingNumber>;

export const account = z
  .union([
    z.literal("sandbox"),
    z
      .strictObject({
        phone_number_id: digits
          .optional()
          .meta({ description: `${ID_WORDS}; or several, by \`numbers\`.`, examples: ID_EXAMPLES }),
        numbers: z
          .array(sendingNumber)
          .min(1)
          .max(MAX_NUMBERS)
          .optional()
          .meta({
            description:
              "Several sending numbers of the one account and token, in place of `phone_number_id`. More numbers give speed and no more people a day: the 24-hour limit belongs to the portfolio.",
            examples: [
              [{ phone_number_id: "106540352242922" }, { phone_number_id: "106540352242923" }],
            ],
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
          .default(GRAPH_VERSION)
          .meta({ description: "Version of the Graph API.", examples: [GRAPH_VERSION] }),
        base_url: z
          .string()
          .superRefine(checkBaseUrl)
          .transform((url) => url.replace(/\/+$/, ""))
          .default(GRAPH_URL)
          .meta({
            description: "Another address for the Graph API: a proxy or a test server.",
            examples: [GRAPH_URL],
          }),
      })
      .superRefine(checkNumbers, ALWAYS)
      .transform(({ phone_number_id, numbers, ...keys }) => {
        // One of the two is there: anything else was refused above.
        const all = (numbers ?? [{ phone_number_id }]) as [SendingNumber, ...SendingNumber[]];
        return { ...keys, phone_number_id: all[0].phone_number_id, numbers: all };
      }),
  ])
  .meta({
    description: "Who sends: `sandbox`, the built-in simulator, or a number at Meta.",
    examples: ["sandbox"],
  });

/** Every id once, and every region under one number. */
function checkNumbers(keys: unknown, context: RefinementContext): void {
  exactlyOne(keys, ["phone_number_id", "numbers"], context);
  const { numbers } = (keys ?? {}) as { numbers?: unknown };
  if (!Array.isArray(numbers)) return;
  const ids = new Set<unknown>();
  const regionsSeen = new Map<unknown, number>();
  for (const [index, number] of numbers.entries()) {
    const { phone_number_id: id, regions } = (number ?? {}) as Partial<SendingNumber>;
    if (id !== undefined && ids.has(id)) {
      const hint = "Name each number once.";
      say(context, "is a number that is listed already", hint, [
        "numbers",
        index,
        "phone_number_id",
      ]);
    }
    ids.add(id);
    if (!Array.isArray(regions)) continue;
    for (const [at, region] of regions.entries()) {
      const first = regionsSeen.get(region);
      if (first !== undefined) {
        const whose = first === index ? "this number" : `\`account.numbers[${first}]\``;
        const hint = "People of one country are sent to by one number. Name it once.";
        const path = ["numbers", index, "regions", at];
        say(context, `is a region of ${whose} already`, hint, path);
      }
      if (first === undefined) regionsSeen.set(region, index);
    }
  }
}

function checkBaseUrl(text: string, context: RefinementContext): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== "" || url.password !== "" || /[?#]/.test(text)) {
    say(
      context,
      "must be an address such as https://graph.facebook.com",
      "Take `base_url` out: Meta's own address is its default.",
    );
  } else if (
    url.protocol !== "https:" &&
    !(url.protocol === "http:" && isLoopbackName(url.hostname))
  ) {
    const hint = "Begin it with https://: over http the access token could be read on the way.";
    say(context, "must begin with https:// (http:// only to this computer)", hint);
  }
}
