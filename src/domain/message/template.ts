// A template as Meta keeps it, and what a manifest puts into it. No I/O.

/** Components of a template (Meta, template components and marketing template pages, 2026-06). */
type ComponentType =
  | "HEADER"
  | "BODY"
  | "FOOTER"
  | "BUTTONS"
  | "LIMITED_TIME_OFFER"
  | "CAROUSEL"
  | "TAP_TARGET_CONFIGURATION";

/**
 * One component of a template, in Meta's own shape (GET /<WABA_ID>/message_templates, 2026-09).
 * Meta adds kinds, and keys beside these.
 */
export type TemplateComponent = {
  /** Graph answers in capitals; Meta's samples for creating a template have small letters. */
  type: ComponentType | Lowercase<ComponentType>;
  /** HEADER only: TEXT, IMAGE, VIDEO, DOCUMENT, GIF, LOCATION, PRODUCT. */
  format?: string;
  /** With `{{1}}` or `{{name}}` for its parameters. */
  text?: string;
  buttons?: TemplateButton[];
  /** LIMITED_TIME_OFFER only; `has_expiration`: a message must say when the offer ends. */
  limited_time_offer?: { text?: string; has_expiration: boolean };
  /** CAROUSEL only: each with a header, and perhaps a body and buttons. */
  cards?: { components: TemplateComponent[] }[];
};

export type TemplateButton = {
  /** URL, QUICK_REPLY, COPY_CODE, FLOW, CATALOG, MPM, SPM, PHONE_NUMBER, … */
  type: string;
  text?: string;
  /** URL buttons: with `{{1}}` at its end when it takes a suffix. */
  url?: string;
  /** COPY_CODE: an example value. */
  example?: string | string[];
};

/** A template as Meta returns it, of which a message fills the parameters. */
export interface TemplateDefinition {
  name: string;
  /** As in `language.code`: pt_BR. */
  language: string;
  /** MARKETING, UTILITY, AUTHENTICATION. */
  category: string;
  /** APPROVED, PAUSED, DISABLED, PENDING, … */
  status: string;
  parameter_format: "POSITIONAL" | "NAMED";
  components: TemplateComponent[];
  message_send_ttl_seconds?: number | null;
}

/**
 * What goes into a variable of a body: Liquid, or one of Meta's typed parameters, of which people
 * see `fallback_value` (Meta, template object of the messages reference, 2026-06: WhatsApp
 * localises neither).
 */
export type TextValue = string | CurrencyBinding | DateTimeBinding;

export interface CurrencyBinding {
  /** `amount` is decimal text; Meta is given thousandths of it. */
  currency: { amount: string; code: string; fallback_value: string };
}

export interface DateTimeBinding {
  date_time: { fallback_value: string };
}

/** In order for positional parameters, by name for named ones. Every value is Liquid. */
export type Variables = TextValue[] | Record<string, TextValue>;

/** What a manifest puts into a template. Every value is Liquid over the columns of a row. */
export interface TemplateBinding {
  name: string;
  /** Meta's code; or Liquid, which gives each row its own: see `isByRow`. */
  language: string;
  /** Seconds. */
  ttl?: number | undefined;
  header?: HeaderBinding | undefined;
  body?: Variables | undefined;
  /** An instant, see `readInstant`. */
  limited_time_offer?: { expires: string } | undefined;
  buttons?: ButtonBinding[] | undefined;
  carousel?: { cards: CardBinding[] } | undefined;
  tap_target?: { url: string; title: string }[] | undefined;
}

/** Exactly one of the keys is set. */
export interface HeaderBinding {
  /** A mapping of one name when the template's parameters are named. */
  text?: string | Record<string, string> | undefined;
  image?: MediaBinding | undefined;
  video?: MediaBinding | undefined;
  document?: (MediaBinding & { filename?: string | undefined }) | undefined;
  /** An animation, as MP4; on the Marketing Messages API only. */
  gif?: MediaBinding | undefined;
  location?: LocationBinding | undefined;
  product?: ProductBinding | undefined;
}

/** One card of a carousel. */
export interface CardBinding {
  header?: HeaderBinding | undefined;
  body?: Variables | undefined;
  buttons?: ButtonBinding[] | undefined;
}

/** Exactly one of the three is set. */
export interface MediaBinding {
  link?: string | undefined;
  /** Of media uploaded to Meta before. */
  id?: string | undefined;
  /** A file beside the manifest, the same for every row; it is uploaded and sent by its id. */
  file?: string | undefined;
}

/** Degrees as decimal text, as Meta's samples have them. */
interface LocationBinding {
  latitude: string;
  longitude: string;
  name: string;
  address: string;
}

interface ProductBinding {
  product_retailer_id: string;
  catalog_id: string;
}

/** Exactly one of the keys beside `index` is set. */
export interface ButtonBinding {
  /** 0–9: the button's place in the template. */
  index: number;
  /** Suffix of the button's URL; a mapping of one name when the URL's variable has one. */
  url?: string | Record<string, string> | undefined;
  /** Payload that comes back when the button is tapped. */
  quick_reply?: string | undefined;
  /** The code that is copied. */
  copy_code?: string | undefined;
  /**
   * `data` is handed to the flow's first screen: any JSON, its texts being Liquid. `{ $number: … }`
   * and `{ $boolean: … }` stand for a number and for true or false that vary by row.
   */
  flow?: { token?: string | undefined; data?: Record<string, unknown> | undefined } | undefined;
  /** Without a thumbnail, Meta shows the first product. */
  catalog?: { thumbnail_product_retailer_id?: string | undefined } | undefined;
  /** A multi-product message: the products of the catalog that are shown. */
  products?: ProductsBinding | undefined;
  /** A call to the business: how long the button works, and what comes back with the call. */
  voice_call?: { ttl_minutes?: string | undefined; payload?: string | undefined } | undefined;
}

interface ProductsBinding {
  thumbnail_product_retailer_id: string;
  /**
   * Each item is a product_retailer_id; one text is a list that varies by row, parted by commas or
   * the like.
   */
  sections: { title: string; items: string[] | string }[];
}

/** The keys of a header and of a button, which are also Meta's formats and types of button. */
export const HEADER_KEYS = [
  "text",
  "image",
  "video",
  "document",
  "gif",
  "location",
  "product",
] as const;
export type HeaderKey = (typeof HEADER_KEYS)[number];
export const MEDIA_KEYS = ["image", "video", "document", "gif"] as const;
export type MediaKey = (typeof MEDIA_KEYS)[number];

/** Keys of a button in the manifest, with the type of button at Meta that each fills. */
export const BUTTON_TYPES = {
  url: "URL",
  quick_reply: "QUICK_REPLY",
  copy_code: "COPY_CODE",
  flow: "FLOW",
  catalog: "CATALOG",
  products: "MPM",
  voice_call: "VOICE_CALL",
} as const;
export type ButtonKey = keyof typeof BUTTON_TYPES;
export const BUTTON_KEYS = Object.keys(BUTTON_TYPES) as readonly ButtonKey[];

/** The key of a header that is set; undefined when none is. */
export function headerKey(header: HeaderBinding): HeaderKey | undefined {
  return HEADER_KEYS.find((key) => header[key] !== undefined);
}

/** The key of a button that is set; undefined when none is. */
export function buttonKey(button: ButtonBinding): ButtonKey | undefined {
  return BUTTON_KEYS.find((key) => button[key] !== undefined);
}

/** Placeholders of a template's text, each once, in order of appearance: `1`, or `first_name`. */
export function placeholdersOf(text: string): string[] {
  return [...new Set(Array.from(text.matchAll(PLACEHOLDER), (match) => match[1] ?? ""))];
}

/** `{{1}}` or `{{ name }}` in a template's text. */
export const PLACEHOLDER = /\{\{\s*(\w+)\s*\}\}/g;

/**
 * Whether a template is a limited-time offer, which has tighter limits: its own components tell, or
 * what is put into it.
 */
export function isOffer(
  binding: Pick<TemplateBinding, "limited_time_offer">,
  definition: TemplateDefinition | undefined,
): boolean {
  if (binding.limited_time_offer !== undefined) return true;
  return componentOf(definition?.components ?? [], "LIMITED_TIME_OFFER") !== undefined;
}

/** The first component of a type, in whichever case it is written. */
export function componentOf(
  components: readonly TemplateComponent[],
  type: ComponentType,
): TemplateComponent | undefined {
  return components.find((component) => component.type.toUpperCase() === type);
}

/**
 * An approved marketing template of exactly the shape that the manifest binds, its texts made of
 * placeholders. It teaches a simulator a template that it does not know; it tells nothing about the
 * real one.
 */
export function definitionFor(manifest: { template: TemplateBinding }): TemplateDefinition {
  const { name, language, ttl, header, body, carousel } = manifest.template;
  const isNamed = (variables: Variables | undefined): boolean =>
    variables !== undefined && !Array.isArray(variables) && Object.keys(variables).length > 0;
  const named =
    isNamed(body) ||
    hasNamedUrl(manifest.template) ||
    carousel?.cards.some(hasNamedUrl) === true ||
    typeof header?.text === "object" ||
    carousel?.cards.some((card) => isNamed(card.body)) === true;
  const components = partDefinitions(manifest.template);
  if (carousel !== undefined) {
    const cards = carousel.cards.map((card) => ({ components: partDefinitions(card) }));
    components.push({ type: "CAROUSEL", cards });
  }
  return {
    name,
    language,
    category: "MARKETING",
    status: "APPROVED",
    parameter_format: named ? "NAMED" : "POSITIONAL",
    components,
    message_send_ttl_seconds: ttl ?? null,
  };
}

function hasNamedUrl({ buttons = [] }: CardBinding): boolean {
  return buttons.some(({ url }) => typeof url === "object");
}

/** What a template and a card of a carousel both have. */
function partDefinitions(
  parts: CardBinding & Pick<TemplateBinding, "limited_time_offer">,
): TemplateComponent[] {
  const { header, body = [], buttons = [], limited_time_offer: offer } = parts;
  const components: TemplateComponent[] = [];
  if (header !== undefined) components.push(headerDefinition(header));
  if (offer !== undefined) {
    const terms = { text: "Offer", has_expiration: true };
    components.push({ type: "LIMITED_TIME_OFFER", limited_time_offer: terms });
  }
  const names = Array.isArray(body) ? body.map((_, index) => `${index + 1}`) : Object.keys(body);
  const blanks = names.map((name) => `{{${name}}}`).join(", ");
  const text = blanks === "" ? "Text of the template." : `Text of the template with ${blanks}.`;
  components.push({ type: "BODY", text });
  if (buttons.length > 0) {
    components.push({ type: "BUTTONS", buttons: buttonDefinitions(buttons) });
  }
  return components;
}

function headerDefinition(header: HeaderBinding): TemplateComponent {
  const { text } = header;
  const format = (headerKey(header) ?? "text").toUpperCase();
  if (text === undefined) return { type: "HEADER", format };
  const name = typeof text === "string" ? "1" : Object.keys(text)[0];
  return { type: "HEADER", format, text: `{{${name}}}` };
}

function buttonDefinitions(bindings: readonly ButtonBinding[]): TemplateButton[] {
  const last = Math.max(...bindings.map((binding) => binding.index));
  return Array.from({ length: last + 1 }, (_, index) => {
    const binding = bindings.find((button) => button.index === index);
    const key = binding === undefined ? undefined : buttonKey(binding);
    const text = `Button ${index + 1}`;
    if (key === "copy_code") return { type: "COPY_CODE", text, example: "CODE" };
    if (key !== undefined && key !== "url") return { type: BUTTON_TYPES[key], text };
    // A button that the manifest passes over takes no parameter.
    const name = typeof binding?.url === "object" ? Object.keys(binding.url)[0] : "1";
    const suffix = key === undefined ? "" : `{{${name}}}`;
    return { type: "URL", text, url: `https://example.com/${suffix}` };
  });
}

/**
 * Compares two language codes: Meta sends pt_BR in some places and pt-BR in others (template status
 * webhook, 2026-09).
 */
export function isSameLanguage(left: string, right: string): boolean {
  const plain = (code: string) => code.toLowerCase().replaceAll("-", "_");
  return plain(left) === plain(right);
}

/** Whether nothing is known to be wrong with a template's status: UNKNOWN was not returned. */
export function isApproved({ status }: Pick<TemplateDefinition, "status">): boolean {
  return status === "APPROVED" || status === "UNKNOWN";
}

/** The same of its category: this API sends MARKETING only. */
export function isMarketing({ category }: Pick<TemplateDefinition, "category">): boolean {
  return category === "MARKETING" || category === "UNKNOWN";
}

/** Whether a manifest's language varies by row: no code has a brace. */
export function isByRow(language: string): boolean {
  return language.includes("{");
}

/** A manifest's language as people read it: its code, or how each row gives one. */
export function languageWords(language: string): string {
  return isByRow(language) ? `language by row: ${language}` : language;
}

/** Whether two manifests may send one template: where a row gives the language, it may be any. */
export function mayBeSame(
  one: Pick<TemplateBinding, "name" | "language">,
  other: Pick<TemplateBinding, "name" | "language">,
): boolean {
  if (one.name !== other.name) return false;
  return one.language === other.language || isByRow(one.language) || isByRow(other.language);
}
