// A template as a scenario describes it: Meta's own shape, so that what Graph answered can be
// pasted in, with the few keys that are the sandbox's own. Never touches a file.

import * as z from "zod";
import { ownShares } from "./scenario-shares.ts";

/** Components of a template (Meta, template components and marketing template pages, 2026-06). */
const COMPONENT_TYPES = [
  "HEADER",
  "BODY",
  "FOOTER",
  "BUTTONS",
  "LIMITED_TIME_OFFER",
  "CAROUSEL",
  "TAP_TARGET_CONFIGURATION",
] as const;
const MAX_CARDS = 10;
const MAX_BUTTONS = 10;
/** Longest time that can be set, in seconds: a year. */
const MAX_SECONDS = 31_536_000;

type Lower = Lowercase<(typeof COMPONENT_TYPES)[number]>;

/** Graph answers in capitals; Meta's samples for creating a template have small letters. */
const componentType = z.enum([
  ...COMPONENT_TYPES,
  ...COMPONENT_TYPES.map((type) => type.toLowerCase() as Lower),
]);

// What Meta keeps with a component beside these keys (`example`, and new ones every year) is kept
// and answered, but nothing depends on it.
const button = z.looseObject({
  type: z
    .string()
    .describe("URL, QUICK_REPLY, COPY_CODE, FLOW, CATALOG, MPM, SPM, PHONE_NUMBER, …"),
  text: z.exactOptional(z.string()).describe("The button's label."),
  url: z.exactOptional(z.string()).describe("With {{1}} at its end when it takes a suffix."),
});

const part = {
  type: componentType.describe("HEADER, BODY, FOOTER, BUTTONS, LIMITED_TIME_OFFER, CAROUSEL, …"),
  format: z
    .exactOptional(z.string())
    .describe("Of a header: TEXT, IMAGE, VIDEO, DOCUMENT, GIF, LOCATION, PRODUCT."),
  text: z.exactOptional(z.string()).describe("With {{1}} or {{name}} for its parameters."),
  buttons: z.exactOptional(z.array(button).max(MAX_BUTTONS)),
};

const card = z.looseObject({
  components: z.array(z.looseObject(part)).describe("The card's header, body and buttons."),
});

const component = z.looseObject({
  ...part,
  limited_time_offer: z
    .exactOptional(
      z.looseObject({
        text: z.exactOptional(z.string()),
        has_expiration: z
          .boolean()
          .default(false)
          .describe("Whether a message must say when the offer ends."),
      }),
    )
    .describe("Of a LIMITED_TIME_OFFER."),
  cards: z.exactOptional(z.array(card).max(MAX_CARDS)).describe("Of a CAROUSEL."),
});

const seconds = z.number().min(0).max(MAX_SECONDS);

const sync = z.strictObject({
  seconds: seconds.default(600).describe("How long the ad sync takes."),
  code: z
    .union([z.literal(134101), z.literal(131009)])
    .default(134101)
    .describe("What sends get meanwhile: Meta's pages have both codes (2026-09)."),
  from: z
    .enum(["start", "first_send"])
    .default("start")
    .describe(
      "When it begins: with the sandbox (a new template), or with the first message (one that was" +
        " unused for more than seven days).",
    ),
});

/** One template of a scenario. */
export const template = z.strictObject({
  id: z
    .exactOptional(z.string().regex(/^\d{1,20}$/, "digits only"))
    .describe("Left out, a number made from its place in the list."),
  name: z.string().min(1),
  language: z.string().min(1).describe("As in language.code: pt_BR."),
  category: z.string().default("MARKETING").describe("Not MARKETING: sends get 131055 or 134100."),
  sub_category: z.exactOptional(z.string()),
  previous_category: z
    .exactOptional(z.string().nullable())
    .describe("Of before an automatic change of category; such a change also clears the TTL."),
  correct_category: z
    .exactOptional(z.string().nullable())
    .describe("A change of category that is announced and not done yet."),
  status: z
    .string()
    .default("APPROVED")
    .describe("PAUSED: sends get 132015; DISABLED: 132016; any other but APPROVED: 132001."),
  rejected_reason: z.exactOptional(z.string().nullable()),
  quality_score: z
    .exactOptional(z.looseObject({ score: z.string() }))
    .describe("score: GREEN, YELLOW, RED or UNKNOWN; left out, GREEN."),
  parameter_format: z.enum(["POSITIONAL", "NAMED"]).default("POSITIONAL"),
  components: z.array(component),
  message_send_ttl_seconds: z.exactOptional(z.int().nullable()).describe("null is Meta's default."),
  optimization_spec: z
    .exactOptional(z.looseObject({}))
    .describe(
      "A max-price template: takes bid_spec; sent by user id gets 131062, over Cloud API 131061.",
    ),
  degrees_of_freedom_spec: z.exactOptional(z.looseObject({})),
  cta_url_link_tracking_opted_out: z
    .exactOptional(z.boolean())
    .describe("true: clicks on its links are not counted."),
  last_updated_time: z.exactOptional(z.union([z.string(), z.number()])),
  last_updated_seconds_ago: z
    .exactOptional(seconds)
    .describe("The same, counted back from the start of the sandbox: 0 is a template just made."),
  syncing: z.boolean().default(false).describe("The ad sync never ends: sends get 134101."),
  sync: z.exactOptional(sync).describe("The ad sync ends after a while."),
  held_share: z
    .exactOptional(z.number().min(0).max(1))
    .describe("Share of its messages that are held for quality assessment (template pacing)."),
  shares: z
    .exactOptional(ownShares)
    .describe("Of its messages, where they differ from the scenario's."),
  held_dropped: z
    .exactOptional(z.boolean())
    .describe("Messages that were held are dropped in the end: failed by receipt with 132015."),
});

export type ScenarioTemplate = z.output<typeof template>;
export type ScenarioButton = z.output<typeof button>;
/** A component of a card: one of the whole template without cards of its own. */
export type ScenarioPart = z.output<typeof card>["components"][number];

/** Keys of a template in a scenario that Graph does not have. */
export const OWN_KEYS: ReadonlySet<string> = new Set([
  "last_updated_seconds_ago",
  "syncing",
  "sync",
  "held_share",
  "held_dropped",
  "shares",
]);

/** The template of the shipped campaign. */
export function springSale(): ScenarioTemplate {
  return {
    name: "spring_sale",
    language: "pt_BR",
    category: "MARKETING",
    status: "APPROVED",
    parameter_format: "POSITIONAL",
    components: [
      { type: "HEADER", format: "IMAGE" },
      {
        type: "BODY",
        text:
          "Olá, {{1}}! A primavera chegou com 20% de desconto em toda a loja." +
          " Use o cupom {{2}} até domingo.",
      },
      { type: "FOOTER", text: "Para não receber mais ofertas, toque em Parar promoções." },
      {
        type: "BUTTONS",
        buttons: [
          { type: "URL", text: "Ver ofertas", url: "https://example.com/primavera?cupom={{1}}" },
        ],
      },
    ],
    message_send_ttl_seconds: 86_400,
    syncing: false,
  };
}
