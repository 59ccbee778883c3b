// Takes away what stands around a number and is no part of it: invisible characters, what a
// spreadsheet or a form put around it, emoji, labels, links. Never decides what the digits mean.

import { decoded } from "../common/percent.ts";

/** Characters that are not drawn, and the Hangul fillers, which are drawn as a blank. */
const INVISIBLE = /\p{Cf}|\p{Default_Ignorable_Code_Point}/gu;
const FILLER = /[\u115F\u1160\u3164\uFFA0]/g;
const OTHER_DIGIT = /(?![0-9])\p{Nd}/gu;

/** `="…"` and `=…`, by which a spreadsheet keeps a number as text. */
const FORMULA = /^=\s*(?:"(.*)"|(\+?[\d(].*))$/s;
const QUOTES_BEFORE = /^['’‘"“”`]+\s*/u;
const QUOTES_BEHIND = /\s*['’‘"“”`]+$/u;
/** Emoji, flags, telephones and the like, at either end. */
const SYMBOLS_BEFORE = /^[\p{So}\p{Sk}\s]+/u;
const SYMBOLS_BEHIND = /[\p{So}\p{Sk}\s]+$/u;
const STOPS_BEFORE = /^[,;:.\s]+/;
const STOPS_BEHIND = /[,;:\s]+$|(?<=\d)\.$/;

/** Words for a telephone in the languages of our users, without accents, in lower case. */
const WORDS =
  "phone|phone ?(?:number|no)|mobile(?: ?(?:phone|number|no))?|mobil(?:e|funk|telefon|nummer)?|" +
  "tel|telf?|tele(?:phone|fon|fono|fone)|telefon(?:nummer|o)?|cel(?:l|ular|lulare|lphone)?|" +
  "movil|mov|mob|handy|fone|fon|gsm|sms|whats ?app|whats|wpp|wsp|zap|wa|contato|contacto|contact|" +
  "numero|number|num|nr|no|n[o°º]?|hp|telp|ph|cep ?tel|тел(?:ефон)?|моб|" +
  "هاتف|جوال|موبايل|واتساب|手机号?|手機|电话|電話|携帯(?:電話)?|휴대폰|전화";
/**
 * A label: one or more of these words, or any single letter that Meta and vCards put before a
 * colon.
 */
const LABEL_BEFORE = new RegExp(
  `^(?:[a-z]\\s*:\\s*|(?:\\(?(?:${WORDS})(?![a-z])\\)?[\\s./|&-]*)+[:=.]{0,2}\\s*)(?=[+(\\d])`,
  "i",
);
const LABEL_BEHIND = new RegExp(`(?<=\\d)\\s*[-–]?\\s*[(\\[]?\\s*(?:${WORDS})\\s*[)\\]]?$`, "i");

/** Brazil's `(0xx11)`: the two letters stand for a carrier. */
const CARRIER_LETTERS = /(?<!\d)0\s*[x*]{2}\s*(?=\d\d)/i;

/** A link or id that names a number, or that names something else. */
export type NamedNumber = { kind: "number"; digits: string } | { kind: "none"; detail: string };

const WA_ME = /^(?:https?:\/\/)?(?:www\.)?wa\.me\/(.*)$/is;
const SEND = /^(?:(?:https?:\/\/)?(?:api|web|www)\.whatsapp\.com|whatsapp:\/)\/send\/?\?(.*)$/is;
const OTHER_LINK = /^(?:https?:\/\/|(?:www|chat|api|web)\.)|:\/\//i;
/** As WhatsApp's own programs write ids; the part after the colon or dot is a device. */
const WA_ID = /^\+?(\d{5,15})(?:[:._]\d+)*@(?:s\.whatsapp\.net|c\.us)$/i;
const OTHER_ID = /@(?:lid|g\.us|broadcast|newsletter)$/i;

/** Trims a cell and takes off what cannot be seen and what a spreadsheet put around it. */
export function visibleText(text: string): string {
  const visible = text.replace(FILLER, " ").replace(INVISIBLE, "").trim();
  const [, quoted, unquoted] = FORMULA.exec(visible) ?? [];
  const bare = quoted ?? unquoted ?? visible;
  return bare.replace(QUOTES_BEFORE, "").replace(QUOTES_BEHIND, "").trim();
}

/**
 * Writes the digits, pluses, hyphens, spaces, dots and parentheses of all scripts as ASCII. Between
 * digits, Japan's sign for a long vowel is a hyphen: the same key types it.
 */
export function toAscii(text: string): string {
  return text
    .replace(OTHER_DIGIT, (digit) => String(digitValue(digit.codePointAt(0) as number)))
    .replace(/[＋﹢]/gu, "+")
    .replace(/[\p{Pd}\u2212]/gu, "-")
    .replace(/[\t\p{Zs}]+/gu, " ")
    .replace(/(?<=[\d)）])[ーｰ](?=\d)/gu, "-")
    .replace(/[·•‧∙．]/gu, ".")
    .replace(/（|\[/gu, "(")
    .replace(/）|\]/gu, ")")
    .replace(/[⁄／]/gu, "/")
    .replace(/：/gu, ":");
}

/** Takes emoji, stray stops and labels off both ends of ASCII text; a doubled plus becomes one. */
export function withoutLabels(text: string): string {
  const bare = text
    .replace(SYMBOLS_BEFORE, "")
    .replace(SYMBOLS_BEHIND, "")
    .replace(STOPS_BEFORE, "")
    .replace(STOPS_BEHIND, "");
  const isPlain = /^[+(\d][^a-z]*$/i.test(bare);
  const unlabelled = isPlain ? bare : labelsOff(bare);
  return unlabelled.replace(CARRIER_LETTERS, "0").replace(/^(\(?)\+[+\s]*\+/, "$1+");
}

/** Accents are taken off first, where there is a label to look for: `Téléphone: +33 …`. */
function labelsOff(text: string): string {
  const plain = text.normalize("NFD").replace(/\p{M}/gu, "").normalize("NFC");
  return plain
    .replace(LABEL_BEFORE, "")
    .replace(LABEL_BEHIND, "")
    .replace(SYMBOLS_BEFORE, "")
    .replace(STOPS_BEFORE, "");
}

/** The number that a WhatsApp link or id names; null when the ASCII text is no link and no id. */
export function namedNumber(text: string): NamedNumber | null {
  const id = WA_ID.exec(text);
  if (id !== null) return { kind: "number", digits: id[1] as string };
  if (OTHER_ID.test(text)) {
    return { kind: "none", detail: "it is an id of WhatsApp that is not a number" };
  }
  const path = WA_ME.exec(text)?.[1];
  const query = SEND.exec(text)?.[1];
  if (path === undefined && query === undefined) {
    return OTHER_LINK.test(text) ? { kind: "none", detail: "it is a link without a number" } : null;
  }
  const written =
    path === undefined ? phoneOf(query as string) : (/^[^/?#]*/.exec(path)?.[0] ?? "");
  const digits = decoded(written).replace(/[\s().+-]/g, "");
  if (/^\d+$/.test(digits)) return { kind: "number", digits };
  return { kind: "none", detail: "it is a link without a number" };
}

function phoneOf(query: string): string {
  const found = query.split(/&(?:amp;)?/).find((pair) => /^phone=/i.test(pair));
  return found?.slice("phone=".length) ?? "";
}

/**
 * Unicode lays decimal digits out in runs of ten, each beginning at a code point whose last
 * hexadecimal digit is 0 or 6 (Unicode 15, DerivedNumericType), except the mathematical ones.
 */
function digitValue(codePoint: number): number {
  if (codePoint >= 0x1d7ce && codePoint <= 0x1d7ff) return (codePoint - 0x1d7ce) % 10;
  const low = codePoint & 15;
  return /\p{Nd}/u.test(String.fromCodePoint(codePoint - low)) ? low : low - 6;
}
