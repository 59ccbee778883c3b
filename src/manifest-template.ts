// The template's section of the manifest: its values, and the checks that need more than one of
// them.

import { z } from "zod";

import { compileValue, isLiquid } from "./value.ts";

/**
 * Shortest and longest time to live of a marketing template, in seconds (Meta, TTL page, 2026-09).
 */
const MIN_TTL_SECONDS = 43_200;
const MAX_TTL_SECONDS = 2_592_000;
/** Most variables of a body: far more than anybody has. */
const MAX_VARIABLES = 100;

/** Longest texts that can fit, in characters, where one and the same value goes to everybody. */
const MAX_LENGTHS = {
  // Meta, template components page: the header, the body, a URL and a copied code as a whole.
  header: 60,
  body: 1_024,
  url: 2_000,
  copy_code: 15,
  // Meta, OpenAPI v23.0: `maxLength` of a text parameter; nothing smaller is documented.
  other: 32_768,
} as const;

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** Without it, zod leaves out the checks of a mapping in which anything else is wrong. */
export const ALWAYS = { when: () => true };

export type Context = z.core.$RefinementCtx;

/**
 * A value of the template: Liquid over the columns; numbers and true/false are taken as they are
 * written.
 */
function value(limit: keyof typeof MAX_LENGTHS, what: string, example: string) {
  return z
    .union([z.string(), z.number(), z.boolean()])
    .transform(String)
    .superRefine((text, context) => {
      checkLiquid(text, context);
      if (isLiquid(text)) return;
      if (text.trim() === "") say(context, "is empty", "Meta refuses an empty value.");
      const most = MAX_LENGTHS[limit];
      const length = Array.from(text).length;
      if (length > most) say(context, `is ${length} characters long; at most ${most} fit`);
    })
    .meta({ description: `${what} Liquid over the columns of the CSV.`, examples: [example] });
}

function checkLiquid(text: string, context: Context): void {
  const compiled = compileValue(text, "en");
  if (!("fault" in compiled)) return;
  const { message, hint, offset } = compiled.fault;
  context.addIssue({ code: "custom", message, params: { hint, offset }, input: text });
}

const link = value(
  "url",
  "An https address from which Meta fetches the file.",
  "https://example.com/spring.jpg",
).superRefine((text, context) => {
  if (isLiquid(text) && !/^\s*http:/i.test(text)) return;
  if (!/^https:\/\/[^\s/]+/i.test(text.trim()) || !URL.canParse(text.trim().replace(/\{.*/s, ""))) {
    say(context, "must be a link that begins with https://");
  }
});

const media = {
  link: link.optional(),
  id: value("other", "The id of media uploaded to Meta before.", "1013859600285441").optional(),
};

function medium(what: string) {
  return z
    .strictObject(media)
    .superRefine((keys, context) => exactlyOne(keys, ["link", "id"], context), ALWAYS)
    .meta({ description: `${what} by \`link\` or by \`id\`.`, minProperties: 1, maxProperties: 1 });
}

const parameterName = z
  .string()
  .regex(/^[a-z_][a-z0-9_]{0,63}$/, "a parameter's name: small letters, digits and `_`");

const header = z
  .strictObject({
    text: z
      .union([
        value("header", "The header's variable.", "{{ city }}"),
        z.record(parameterName, value("header", "The header's variable.", "{{ city }}")),
      ])
      .optional()
      .meta({
        description: "The header's variable; `name: value` when it is a named one.",
        examples: ["{{ city }}", { city: "{{ city }}" }],
      }),
    image: medium("A JPEG or PNG").optional(),
    video: medium("An MP4").optional(),
    document: z
      .strictObject({
        ...media,
        filename: value("other", "The file's name as people see it.", "prices.pdf").optional(),
      })
      .superRefine((keys, context) => exactlyOne(keys, ["link", "id"], context), ALWAYS)
      .meta({ description: "A PDF by `link` or by `id`." })
      .optional(),
  })
  .superRefine(
    (keys, context) => exactlyOne(keys, ["text", "image", "video", "document"], context),
    ALWAYS,
  )
  .meta({
    description: "What goes into the template's header: exactly one of the four.",
    examples: [{ image: { link: "https://example.com/spring.jpg" } }],
    minProperties: 1,
    maxProperties: 1,
  });

const bodyValue = value("body", "A variable of the template's body.", "{{ first_name }}");

const body = z
  .union([z.array(bodyValue).max(MAX_VARIABLES), z.record(parameterName, bodyValue)])
  .meta({
    description: "The body's variables: a list for {{1}}, {{2}} …, a mapping for named ones.",
    examples: [["{{ first_name | default: 'you' }}", "{{ coupon }}"], { code: "{{ coupon }}" }],
  });

const BUTTON_KINDS = ["url", "quick_reply", "copy_code"] as const;

const button = z
  .strictObject({
    index: z
      .int()
      .min(0)
      .max(9)
      .meta({
        description: "Which button of the template, from 0; count those without a variable too.",
        examples: [0],
      }),
    url: value("url", "What is put at the end of the button's URL.", "{{ coupon }}").optional(),
    quick_reply: value(
      "other",
      "What comes back when the button is tapped.",
      "spring-yes",
    ).optional(),
    copy_code: value("copy_code", "The code that is copied.", "{{ coupon }}").optional(),
  })
  .superRefine((keys, context) => exactlyOne(keys, BUTTON_KINDS, context), ALWAYS)
  .meta({ description: "A button that takes a variable.", minProperties: 2, maxProperties: 2 });

const buttons = z
  .array(button)
  .max(10)
  .superRefine((list, context) => {
    if (!Array.isArray(list)) return;
    const firsts = new Map<unknown, number>();
    for (const [place, { index } = {} as { index?: unknown }] of list.entries()) {
      const first = firsts.get(index);
      if (first === undefined) firsts.set(index, place);
      else if (index !== undefined) {
        const hint = "Each button of the template can be filled once; they count from 0.";
        say(context, `is button ${index} again, after buttons[${first}]`, hint, [place, "index"]);
      }
    }
  }, ALWAYS)
  .meta({
    description: "The template's buttons that take a variable.",
    examples: [[{ index: 0, url: "{{ coupon }}" }]],
  });

/** The section `template` of the manifest. */
export const templateSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9_]{1,512}$/, "the template's name at Meta: small letters, digits and `_`")
      .meta({ description: "The template's name at Meta.", examples: ["spring_sale"] }),
    language: z
      .string()
      .regex(
        /^[a-z]{2,3}(_[A-Z][A-Za-z]{3})?(_[A-Z]{2,3})?$/,
        "a language code such as `pt_BR` or `en`",
      )
      .meta({
        description: "The template's language at Meta.",
        examples: ["pt_BR", "en_US", "en"],
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
          "Whether `ttl` may be set at the template. Kept for a later version; nothing is changed at Meta now.",
        examples: [true],
      }),
    header: header.optional(),
    body: body.optional(),
    buttons: buttons.optional(),
  })
  .superRefine(checkNames, ALWAYS)
  .meta({ description: "The approved marketing template, and what goes into its variables." });

/**
 * Raises an issue; a message that begins with a verb is worded after the key's name, with the value
 * seen.
 */
export function say(
  context: Context,
  message: string,
  hint?: string,
  path: (string | number)[] = [],
  on: "key" | "value" = "value",
): void {
  context.addIssue({
    code: "custom",
    message,
    path,
    params: { hint, on, about: true },
    input: undefined,
  });
}

function exactlyOne(keys: unknown, names: readonly string[], context: Context): void {
  if (typeof keys !== "object" || keys === null) return;
  const present = names.filter((name) => (keys as Record<string, unknown>)[name] !== undefined);
  if (present.length === 1) return;
  const list = names.map((name) => `\`${name}\``).join(", ");
  const [, second] = present;
  if (second === undefined) say(context, `needs one of ${list}`, undefined, [], "key");
  else say(context, `is one too many: only one of ${list} goes`, "Keep one.", [second], "key");
}

/** A template's parameters are named, or they are counted; never both. */
function checkNames(keys: unknown, context: Context): void {
  const { header: top, body: middle } = (keys ?? {}) as {
    header?: { text?: unknown };
    body?: unknown;
  };
  const text = top?.text;
  if (typeof text === "object" && text !== null) {
    const count = Object.keys(text).length;
    if (count !== 1)
      say(context, `needs exactly one name, not ${count}`, undefined, ["header", "text"]);
    if (Array.isArray(middle) && middle.length > 0) {
      const hint = "Write `header.text` as a plain value, or `body` as a mapping.";
      say(context, "is named, but `body` is a list", hint, ["header", "text"], "key");
    }
  } else if (text !== undefined && typeof middle === "object" && !Array.isArray(middle)) {
    const hint = "Write it as `text: { name: value }`.";
    say(context, "needs a name, as the variables of `body` have", hint, ["header", "text"], "key");
  }
}

function toSeconds(written: string | number, context: Context): number {
  const [, count = "", unit = ""] = /^(\d{1,9})\s*([smhd])$/.exec(String(written).trim()) ?? [];
  const seconds = Number(count) * (SECONDS[unit as keyof typeof SECONDS] ?? Number.NaN);
  if (unit === "") {
    say(context, "must be a number with a unit, such as 24h, 3d, 900m or 90000s");
  } else if (seconds < MIN_TTL_SECONDS || seconds > MAX_TTL_SECONDS) {
    say(context, "must be from 12h to 30d", "Meta takes no other for marketing templates.");
  }
  return seconds;
}
