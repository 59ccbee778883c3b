// The manifest's sections of what is sent: the template with its values, the checks that need more
// than one of them, and how Meta is to deliver.

import * as z from "zod";
import { CAPPED_TRIES } from "../campaign/campaign.ts";
import { readSpan } from "../common/spans.ts";
import { isLiquid } from "../message/liquid.ts";
import type { CardBinding, CurrencyBinding, DateTimeBinding } from "../message/template.ts";
import { buttonKey, headerKey } from "../message/template.ts";
import { COUNTS, lengthOf, settleValue, tooLong, WHOLE_TEXTS } from "../message/template-limits.ts";
import { buttons } from "./manifest-buttons.ts";
import { cardHeader, header, parameterName } from "./manifest-header.ts";
import type { RefinementContext } from "./manifest-say.ts";
import { ALWAYS, say } from "./manifest-say.ts";
import { checkValue, exactlyOne, value } from "./manifest-value.ts";

/**
 * Shortest and longest time to live of a marketing template, in seconds (Meta, TTL page, 2026-09).
 */
const MIN_TTL_SECONDS = 43_200;
const MAX_TTL_SECONDS = 2_592_000;
/** Most variables of a body: far more than anybody has. */
const MAX_VARIABLES = 100;

/**
 * Most tries of a person whom Meta refuses for its limit per person: with growing pauses of days,
 * more than a year.
 */
const MAX_CAPPED_TRIES = 30;

function variables(kind: "body" | "card_body", what: string) {
  const single = z.union([
    value(kind, `A variable of the ${what}.`, "{{ first_name }}"),
    typedVariable(kind),
  ]);
  return z.union([z.array(single).max(MAX_VARIABLES), z.record(parameterName, single)]).meta({
    description: `The variables of the ${what}: a list for {{1}}, {{2}} …, a mapping for named ones.`,
    examples: [["{{ first_name | default: 'you' }}", "{{ coupon }}"], { code: "{{ coupon }}" }],
  });
}

/** A typed parameter of a body: money, or a date. */
function typedVariable(kind: "body" | "card_body") {
  const shown = value(kind, "What people see.", "R$ {{ price }}");
  return z
    .strictObject({
      currency: z
        .strictObject({
          amount: value("amount", "The amount, as 1234.50.", "{{ price }}"),
          code: value("currency_code", "Its currency by ISO 4217.", "BRL"),
          fallback_value: shown,
        })
        .optional()
        .meta({ description: "An amount of money." }),
      date_time: z
        .strictObject({ fallback_value: shown })
        .optional()
        .meta({ description: "A date or an instant." }),
    })
    .superRefine((keys, context) => exactlyOne(keys, ["currency", "date_time"], context), ALWAYS)
    .transform((keys) => keys as CurrencyBinding | DateTimeBinding)
    .meta({ description: "A typed parameter, for templates that were made with them." });
}

const offer = z
  .strictObject({
    expires: value(
      "instant",
      "When the offer ends: an instant with its offset, or 13 digits of ms since 1970.",
      "2026-04-30T18:00-03:00",
    ),
  })
  .meta({ description: "The end of the template's limited-time offer." });

const card = z
  .strictObject({
    header: cardHeader.optional(),
    body: variables("card_body", "card's body").optional(),
    buttons: buttons.optional(),
  })
  .meta({ description: "What goes into one card." });

const carousel = z
  .strictObject({
    cards: z
      .array(card)
      .min(1)
      .max(COUNTS.cards)
      .superRefine(checkAlike, ALWAYS)
      .meta({
        description: "Up to 10 cards in their order, all with the same parts.",
        examples: [[{ header: { image: { link: "https://example.com/{{ sku }}.jpg" } } }]],
      }),
  })
  .meta({ description: "The template's carousel." });

const tapTarget = z
  .array(
    z
      .strictObject({
        url: value("link", "What a tap on the message opens.", "https://example.com/spring"),
        title: value("text", "What it is called.", "Spring sale"),
      })
      .meta({ description: "Where a tap leads." }),
  )
  .max(COUNTS.tap_targets)
  .meta({
    description:
      "Makes the message itself open a page when tapped; for verified accounts of good quality.",
    examples: [[{ url: "https://example.com/spring", title: "Spring sale" }]],
  });

/** The section `template` of the manifest. */
export const templateSchema = z
  .strictObject({
    name: z
      .string()
      .regex(
        /^[a-z0-9_]{1,512}$/,
        "the template's name at Meta, one for all rows: small letters, digits and `_`",
      )
      .meta({ description: "The template's name at Meta.", examples: ["spring_sale"] }),
    language: z
      .string()
      .regex(
        /^[a-z]{2,3}(_[A-Z][A-Za-z]{3})?(_[A-Z]{2,3})?$|\{[{%]/,
        "a language code such as `pt_BR` or `en`, or a column of the CSV such as `{{ lang }}`",
      )
      .superRefine((text, context) => {
        if (isLiquid(text)) checkValue("language", text, context);
      })
      .meta({
        description:
          "The template's language at Meta; or Liquid over the columns of the CSV, which gives each row its own.",
        examples: ["pt_BR", "en", "{{ lang | default: 'en' }}"],
      }),
    ttl: z
      .union([z.string(), z.number()])
      .transform(toSeconds)
      .optional()
      .meta({
        description:
          "How long Meta tries to deliver, 12h to 30d. It is kept with the template at Meta, and not sent with a message.",
        examples: ["24h", "3d", "90000s"],
      }),
    apply_ttl: z
      .boolean()
      .default(false)
      .meta({
        description:
          "Set `ttl` at the template at Meta before sending, where it differs; as --apply-ttl does.",
        examples: [true],
      }),
    header: header.optional(),
    body: variables("body", "template's body").optional(),
    limited_time_offer: offer.optional(),
    buttons: buttons.optional(),
    carousel: carousel.optional(),
    tap_target: tapTarget.optional(),
  })
  .superRefine(checkTogether, ALWAYS)
  .meta({ description: "The approved marketing template, and what goes into its variables." });

/** The section `delivery`: how Meta is to deliver. */
export const delivery = z
  .strictObject({
    product_policy: z
      .enum(["CLOUD_API_FALLBACK", "STRICT"])
      .default("CLOUD_API_FALLBACK")
      .meta({
        description:
          "STRICT: only by the Marketing Messages API. CLOUD_API_FALLBACK: falls back to the Cloud API.",
        examples: ["STRICT"],
      }),
    message_activity_sharing: z
      .boolean()
      .optional()
      .meta({
        description:
          "Share activity such as clicks with Meta. Left out: the account's own setting.",
        examples: [true],
      }),
    callback_key: z
      .boolean()
      .default(true)
      .meta({
        description:
          "Send our own key along, so that a receipt settles a message of which the answer was lost.",
        examples: [false],
      }),
    capped_tries: z
      .int()
      .min(1)
      .max(MAX_CAPPED_TRIES)
      .default(CAPPED_TRIES)
      .meta({
        description:
          "Tries of a person whom Meta refuses for its limit per person (131049), the first included: after 24, 48, 72 hours and so on; then `failed`.",
        examples: [3],
      }),
    bid_multiplier: z
      .number()
      .positive()
      .optional()
      .meta({
        description:
          "What this campaign bids of the template's max price: 1 is that price, 0.8 is 80% of it. Only with a template that has one.",
        examples: [0.8],
      }),
  })
  .prefault({})
  .meta({ description: "How Meta is to deliver." });

/** A value of the section as far as it is there: any of it may be missing or of another shape. */
type Loose = Record<string, unknown>;

/** What only shows when the keys of the section are looked at together. */
export function checkTogether(keys: unknown, context: RefinementContext): void {
  checkNames(keys, context);
  checkLengths(keys, context);
}

/** A template's parameters are named, or they are counted; never both. */
function checkNames(keys: unknown, context: RefinementContext): void {
  const { header: top, body: middle } = (keys ?? {}) as { header?: Loose; body?: unknown };
  const text = top?.text;
  if (typeof text === "object" && text !== null) {
    const count = Object.keys(text).length;
    if (count !== 1) {
      const hint = "Write it as `text: { name: value }`: a header has one variable.";
      say(context, `needs exactly one name, not ${count}`, hint, ["header", "text"]);
    }
    if (Array.isArray(middle) && middle.length > 0) {
      const hint = "Write `header.text` as a plain value, or `body` as a mapping.";
      say(context, "is named, but `body` is a list", hint, ["header", "text"], "key");
    }
  } else if (text !== undefined && typeof middle === "object" && !Array.isArray(middle)) {
    const hint = "Write it as `text: { name: value }`.";
    say(context, "needs a name, as the variables of `body` have", hint, ["header", "text"], "key");
  }
  const first = cardsOf(keys).findIndex(({ body }) => isFilled(body) !== undefined);
  for (const [index, { body }] of cardsOf(keys).entries()) {
    const kind = isFilled(body);
    const other = isFilled(middle) ?? isFilled(cardsOf(keys)[first]?.body);
    if (kind === undefined || other === undefined || kind === other) continue;
    const hint =
      "Write both as a list, or both as a mapping: a template's parameters are all counted or all named.";
    const path = ["carousel", "cards", index, "body"];
    say(context, `is a ${kind}, but the other variables are a ${other}`, hint, path, "key");
  }
}

/** Whether variables are a list or a mapping; undefined when there are none. */
function isFilled(variables: unknown): "list" | "mapping" | undefined {
  if (typeof variables !== "object" || variables === null) return undefined;
  if (Object.keys(variables).length === 0) return undefined;
  return Array.isArray(variables) ? "list" : "mapping";
}

function cardsOf(keys: unknown): CardBinding[] {
  const { carousel } = (keys ?? {}) as { carousel?: { cards?: unknown } };
  const cards = carousel?.cards;
  return Array.isArray(cards) ? cards.map((card: CardBinding | null) => card ?? {}) : [];
}

/**
 * What is the same for every row must leave room in the text; the template's own words are not
 * known here.
 */
function checkLengths(keys: unknown, context: RefinementContext): void {
  const { body, limited_time_offer: offered, buttons: list } = (keys ?? {}) as Loose;
  const most = offered === undefined ? WHOLE_TEXTS.body : WHOLE_TEXTS.offer_body;
  checkLength(body, most, context, ["body"]);
  if (offered !== undefined) checkOfferCodes(list, context);
  for (const [index, card] of cardsOf(keys).entries()) {
    checkLength(card.body, WHOLE_TEXTS.card_body, context, ["carousel", "cards", index, "body"]);
  }
}

/** A code that fits a coupon may be too long for an offer. */
function checkOfferCodes(list: unknown, context: RefinementContext): void {
  if (!Array.isArray(list)) return;
  for (const [place, item] of list.entries()) {
    const code = (item as { copy_code?: unknown } | null)?.copy_code;
    if (typeof code !== "string" || isLiquid(code)) continue;
    const settled = settleValue("offer_code", code.trim());
    if ("text" in settled || "fault" in settleValue("copy_code", code.trim())) continue;
    const hint =
      "Take a shorter code: one beside a limited-time offer is shorter than another one.";
    say(context, settled.fault, hint, ["buttons", place, "copy_code"]);
  }
}

function checkLength(
  body: unknown,
  most: number,
  context: RefinementContext,
  path: (string | number)[],
): void {
  if (typeof body !== "object" || body === null) return;
  const fixed = Object.values(body).filter((text) => typeof text === "string" && !isLiquid(text));
  const lengths = (fixed as string[]).map((text) => lengthOf(text.trim()));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  // One value that is too long by itself is reported at its own place.
  if (total <= most || lengths.some((length) => length > WHOLE_TEXTS.body)) return;
  const hint = `Shorten its values to ${most} characters in all.`;
  say(context, `as a whole ${tooLong(total, most)}`, hint, path, "key");
}

/** All cards of a template have the same components (Meta, carousel template pages, 2026-06). */
function checkAlike(list: unknown, context: RefinementContext): void {
  if (!Array.isArray(list)) return;
  const [first, ...others] = list.map(partsOf);
  for (const [index, parts] of others.entries()) {
    if (parts === first) continue;
    const message = `has ${parts}, and the first card ${first}`;
    say(
      context,
      message,
      "Give every card the same parts: the cards of a carousel are alike.",
      [index + 1],
      "key",
    );
  }
}

/** `a header with an image, 2 body values, button 0 url`. */
function partsOf(card: unknown): string {
  const { header: top, body, buttons: list } = (card ?? {}) as CardBinding;
  const count = Object.keys(body ?? {}).length;
  const filled = Array.isArray(list)
    ? list.map((button) => `button ${button?.index} ${buttonKey(button)}`)
    : [];
  return [
    top === undefined || top === null ? "no header" : `header ${headerKey(top)}`,
    `${count} body ${count === 1 ? "value" : "values"}`,
    ...filled.sort(),
  ].join(", ");
}

function toSeconds(written: string | number, context: RefinementContext): number {
  const seconds = (readSpan(written) ?? Number.NaN) / 1_000;
  if (Number.isNaN(seconds)) {
    const hint = "Write it such as 24h, 3d, 900m or 90000s.";
    say(context, "must be a number with a unit, such as 24h, 3d, 900m or 90000s", hint);
  } else if (seconds < MIN_TTL_SECONDS || seconds > MAX_TTL_SECONDS) {
    say(
      context,
      "must be from 12h to 30d",
      "Write one from 12h to 30d: Meta takes no other for marketing templates.",
    );
  }
  return seconds;
}
