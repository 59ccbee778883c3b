// What Meta allows in a template's values: lengths, ranges, counts and forms, in one table with
// their sources. It looks at rendered texts only, and knows nothing of rows, manifests or a
// template's own words.

import { readLanguage } from "./languages.ts";

/**
 * Longest text where nothing smaller is documented, in characters (Meta, OpenAPI v23.0: `maxLength`
 * of a text parameter).
 */
const MAX_TEXT = 32_768;
/** A call button works for a month at most (Meta, call button page of the calling API, 2026). */
const MAX_CALL_MINUTES = 43_200;
/**
 * English words and digits, and what spreadsheets write in Portuguese, Spanish, Italian, French,
 * German and Dutch.
 */
const BOOLEANS: ReadonlyMap<string, string> = new Map([
  ...["true", "yes", "1", "verdadeiro", "verdadero", "vero", "vrai", "wahr", "waar"].map(
    (word): [string, string] => [word, "true"],
  ),
  ...["false", "no", "0", "falso", "faux", "falsch", "onwaar"].map((word): [string, string] => [
    word,
    "false",
  ]),
]);

/** Characters of a language that are shown: a cell may hold anything. */
const LANGUAGE_SHOWN = 40;

interface ValueLimit {
  /**
   * Characters, of the value itself. Where a value is part of a text, the whole text must fit too:
   * see `WHOLE_TEXTS`.
   */
  most: number;
  /** What the text must be; left out, any text. */
  form?: keyof typeof FORMS;
}

/** By what a value is for. */
export const VALUE_LIMITS = {
  // Meta, template components page, 2026-09.
  header: { most: 60 },
  body: { most: 1_024 },
  url: { most: 2_000 },
  // Meta, coupon templates page, 2026-05.
  copy_code: { most: 20 },
  // Beside a limited-time offer (Meta, limited-time offer page, 2026-06).
  offer_code: { most: 15 },
  // Meta, template components page, 2026-09: the payload of a quick reply.
  payload: { most: 256 },
  // Meta, call button page of the calling API, 2026: minutes that the button works, and what comes
  // back with the call.
  ttl_minutes: { most: 5, form: "ttl_minutes" },
  call_payload: { most: 512 },
  // Meta, messages reference, 2026-06: a currency by ISO 4217, and thousandths of the amount.
  currency_code: { most: 3, form: "currency_code" },
  amount: { most: 32, form: "amount" },
  // A flow's data by row.
  number: { most: 32, form: "number" },
  boolean: { most: 10, form: "boolean" },
  // Meta, media card carousel page, 2026-06: the body of a card.
  card_body: { most: 160 },
  // Meta, multi-product templates page, 2025-11.
  section_title: { most: 24 },
  product_list: { most: MAX_TEXT, form: "product_list" },
  // Meta, location templates page, 2026-06: degrees as decimal text.
  latitude: { most: 32, form: "latitude" },
  longitude: { most: 32, form: "longitude" },
  // Meta, limited-time offer page, 2026-06: sent in milliseconds since 1970.
  instant: { most: 64, form: "instant" },
  // Meta, media page, 2026-09: Meta fetches it, so it must be a public address.
  link: { most: 2_000, form: "link" },
  file: { most: 1_024 },
  // Meta's codes; see languages.ts.
  language: { most: 100, form: "language" },
  // No limit is documented for these.
  text: { most: MAX_TEXT },
} as const satisfies Record<string, ValueLimit>;

export type ValueKind = keyof typeof VALUE_LIMITS;

/**
 * Longest texts after filling, in characters: the template's own words and all values in them (same
 * pages).
 */
export const WHOLE_TEXTS = {
  header: 60,
  body: 1_024,
  /** The body of a template with a limited-time offer. */
  offer_body: 600,
  card_body: 160,
  url: 2_000,
} as const;

/**
 * How many there may be (Meta, carousel pages, 2026-06; template components and multi-product
 * pages, 2025-11).
 */
export const COUNTS = {
  cards: 10,
  buttons: 10,
  sections: 10,
  /** In all sections together. */
  products: 30,
  /** The page of 2026-05 shows a list of one. */
  tap_targets: 1,
} as const;

/** What a text must be, and how it is put into the body; undefined when it is not that. */
const FORMS = {
  link: {
    read: (text: string) => (isLink(text) ? text : undefined),
    wanted: "is not a link that begins with https:// or http://",
  },
  latitude: {
    read: (text: string) => (isDegrees(text, 90) ? text : undefined),
    wanted: "is not a latitude from -90 to 90, such as -23.5505",
  },
  longitude: {
    read: (text: string) => (isDegrees(text, 180) ? text : undefined),
    wanted: "is not a longitude from -180 to 180, such as -46.6333",
  },
  instant: {
    read: (text: string) => readInstant(text)?.toString(),
    wanted: "is not an instant with its offset, such as 2026-04-30T18:00-03:00",
  },
  currency_code: {
    read: (text: string) => (/^[a-z]{3}$/i.test(text) ? text.toUpperCase() : undefined),
    wanted: "is not a currency by its three letters, such as BRL",
  },
  amount: {
    read: readThousandths,
    wanted: "is not an amount such as 1234.50, without a mark for thousands",
  },
  number: {
    read: (text: string) => (/^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text) ? text : undefined),
    wanted: "is not a number such as 12 or 12.5",
  },
  boolean: {
    read: (text: string) => BOOLEANS.get(text.toLowerCase()),
    wanted: "is not true or false (yes, no, 1 and 0 do as well)",
  },
  ttl_minutes: {
    read: (text: string) => (isMinutes(text) ? String(Number(text)) : undefined),
    wanted: `is not a whole number of minutes from 1 to ${MAX_CALL_MINUTES}`,
  },
  product_list: {
    read: (text: string) => productsIn(text).join(",") || undefined,
    wanted: "has no product in it",
  },
  language: {
    read: (text: string) => {
      const reading = readLanguage(text);
      return "code" in reading ? reading.code : undefined;
    },
    wanted: unclearLanguage,
  },
} as const;

/**
 * A rendered value as it goes into the body (an instant becomes milliseconds), or what is wrong
 * with it in words that go on after its name: `is 61 characters long; at most 60 fit`.
 */
export function settleValue(kind: ValueKind, text: string): { text: string } | { fault: string } {
  const { most, form }: ValueLimit = VALUE_LIMITS[kind];
  // UTF-16 units are never fewer than characters, and are there already.
  if (text.length > most && lengthOf(text) > most) return { fault: tooLong(lengthOf(text), most) };
  if (form === undefined) return { text };
  const { read, wanted } = FORMS[form];
  const settled = read(text);
  if (settled !== undefined) return { text: settled };
  return { fault: typeof wanted === "string" ? wanted : wanted(text) };
}

/** A cell that is no name is not shown: it may hold a phone number. */
function unclearLanguage(text: string): string {
  const reading = readLanguage(text);
  const isName = /^[\p{L}\p{M}\s()_.-]+$/u.test(text);
  const shown = isName ? ` (${[...text].slice(0, LANGUAGE_SHOWN).join("")})` : "";
  if ("code" in reading || reading.among.length === 0) {
    return `is none that Meta has${shown}: write its code, such as pt_BR`;
  }
  return `may be ${reading.among.join(" or ")}${shown}: write one of these codes`;
}

/** `is 61 characters long; at most 60 fit`. */
export function tooLong(length: number, most: number): string {
  return `is ${length} characters long; at most ${most} fit`;
}

/** Length in characters, as people and Meta's pages count them. */
export function lengthOf(text: string): number {
  return Array.from(text).length;
}

/**
 * An instant in ms: ISO 8601 with its offset, as `2026-04-30T18:00-03:00`, or 13 digits of
 * milliseconds since 1970; undefined when the text is neither.
 */
export function readInstant(text: string): number | undefined {
  if (/^\d{13}$/.test(text)) return Number(text);
  const [, date] =
    /^(\d{4}-\d\d-\d\d)[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?\s?(?:Z|[+-]\d\d:?\d\d)$/.exec(text) ??
    [];
  if (date === undefined) return undefined;
  const iso = text.replace(/^(.{10}) /, "$1T").replace(/\s/g, "");
  const at = Date.parse(iso.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
  // JavaScript takes the 30th of February for the 2nd of March.
  if (Number.isNaN(at) || !new Date(`${date}T00:00Z`).toISOString().startsWith(date)) {
    return undefined;
  }
  return at;
}

/**
 * The products of a list by row, each once: separated by commas, semicolons or bars, or a JSON
 * list.
 */
export function productsIn(text: string): string[] {
  const ids = (jsonList(text) ?? text.split(/[,;|]/)).map((id) => id.trim());
  return [...new Set(ids)].filter((id) => id !== "");
}

function jsonList(text: string): string[] | undefined {
  if (!/^\s*\[.*\]\s*$/s.test(text)) return undefined;
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list.map(String) : undefined;
  } catch {
    return undefined;
  }
}

/** `1234.5` as 1234500; `1.234` may be a thousand, and is not read. */
function readThousandths(text: string): string | undefined {
  if (/^-?[1-9]\d{0,2}[.,]\d{3}$/.test(text)) return undefined;
  const [, sign = "", whole = "", decimals = ""] =
    /^(-?)(\d{1,12})(?:[.,](\d{1,3}))?$/.exec(text) ?? [];
  return whole === "" ? undefined : String(Number(`${sign}${whole}${decimals.padEnd(3, "0")}`));
}

function isMinutes(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_CALL_MINUTES;
}

function isDegrees(text: string, most: number): boolean {
  return /^[+-]?\d{1,3}(\.\d+)?$/.test(text) && Math.abs(Number(text)) <= most;
}

function isLink(text: string): boolean {
  return /^https?:\/\/[^\s/]+\S*$/i.test(text) && URL.canParse(text);
}
