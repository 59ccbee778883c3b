// Masks secrets, phone numbers and ids of people in text that another party wrote: Meta's answers, its webhooks, a proxy's page.
// Every such text is masked where it is read, so that no log line, page, export or ledger column has to think of it.

/** Masks one text. */
export type Redact = (text: string) => string;

const MASK = "***";

/** Shorter values are no secrets, and masking them would garble ordinary text. */
const SECRET_MIN = 6;
/** A truncated secret is masked when at least half of it, and so many characters, are there. */
const PREFIX_MIN = 12;

/**
 * Tokens of Meta's, whoever they belong to: access tokens begin with EAA, also where they are cut short; an app's own token is its
 * id, a bar and its secret (Meta, "Access tokens", 2026-09). Also what a header or an address names as one.
 */
const TOKENS: readonly [RegExp, string][] = [
  [/(Bearer\s+|Bearer%20)[^\s"'<>,}]+/gi, `$1${MASK}`],
  [
    /\b((?:access_token|input_token|fb_exchange_token|client_secret|app_secret|appsecret_proof)["']?(?:\s*[:=]\s*|%3D)["']?)[^\s"'&<>,}]+/gi,
    `$1${MASK}`,
  ],
  [/(?<![A-Za-z0-9+/_-])EAA[A-Za-z0-9_-]{5,}/g, MASK],
  [/\b\d{10,20}(?:\||%7C)[A-Za-z0-9_-]{10,}/g, MASK],
];

/** A message id of WhatsApp's has the recipient's number in it, in base64. */
const MESSAGE_ID = /\bwamid\.[A-Za-z0-9+/=_-]{8,}/g;

/** With a `+` and any formatting, or eight to fifteen digits in a row. */
const PHONE = /\+\d(?:[\s().-]{0,3}\d){7,14}(?!\d)|(?<![\d.])\d{8,15}(?!\d)/g;

/** The same in groups and without a `+`, such as `(55) 11 99999-0001`; a date stays readable. */
const GROUPED_PHONE =
  /(?<![\w.:+-])(?!\d{4}-\d\d-\d\d)\(?\d{1,4}\)?(?:[ -]\(?\d{2,5}\)?){2,5}(?![\w:-]|\.\d)/g;

/** A business-scoped user id, a parent's too: country, dot, letters and digits with a digit among them. Shorter is none. */
const USER_ID = /\b([A-Z]{2}\.(?:ENT\.)?)((?=[A-Za-z]*\d)[A-Za-z0-9]{6,128})\b/g;

/** Masks whatever looks like a token of Meta's. */
export function maskTokens(text: string): string {
  return TOKENS.reduce((safe, [pattern, mask]) => safe.replace(pattern, mask), text);
}

/** Masks whatever looks like a token of Meta's, a phone number, a user id or a message id. */
export function maskPatterns(text: string): string {
  return maskTokens(text)
    .replace(MESSAGE_ID, `wamid.${MASK}`)
    .replace(USER_ID, (_, country: string, id: string) => `${country}${MASK}${id.slice(-2)}`)
    .replace(PHONE, maskDigits)
    .replace(GROUPED_PHONE, maskDigits);
}

/** Leaves the last two digits, enough to recognise a number one knows. */
function maskDigits(text: string): string {
  const digits = text.replace(/\D/g, "");
  if (digits.length < 8) return text;
  // Several numbers that stand side by side.
  if (digits.length > 15) return text.replace(/\d{4,}/g, MASK);
  return `${MASK}${digits.slice(-2)}`;
}

/**
 * Makes the mask of known secrets: as they are, escaped as in JSON, HTML or an address, and cut short.
 * @param secrets those of fewer than six characters are not masked
 */
export function secretMask(secrets: Iterable<string>): Redact {
  const patterns = [...new Set(secrets)]
    .filter((secret) => secret.length >= SECRET_MIN)
    // A secret that begins with another one must be gone first.
    .sort((a, b) => b.length - a.length)
    .map(secretPattern);
  return (text) => patterns.reduce((safe, pattern) => safe.replace(pattern, MASK), text);
}

/** The mask of known secrets and of everything that looks like one, or like a person. */
export function makeRedact(secrets: Iterable<string>): Redact {
  const mask = secretMask(secrets);
  return (text) => maskPatterns(mask(text));
}

function secretPattern(secret: string): RegExp {
  const characters = [...secret].map(characterPattern);
  const whole = Math.max(PREFIX_MIN, Math.ceil(characters.length / 2));
  // Each further character only where the one before it is.
  const rest = characters.slice(whole).reduceRight((after, one) => `(?:${one}${after})?`, "");
  return new RegExp(characters.slice(0, whole).join("") + rest, "g");
}

/** One character of a secret as JSON, HTML and addresses may write it. */
function characterPattern(character: string): string {
  if (/^[A-Za-z0-9]$/.test(character)) return character;
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  const hex = units
    .map((unit) => `\\\\{1,4}u${anyCase(unit.toString(16).padStart(4, "0"))}`)
    .join("");
  const percent = [...new TextEncoder().encode(character)]
    .map((byte) => `%${anyCase(byte.toString(16).padStart(2, "0"))}`)
    .join("");
  const point = character.codePointAt(0) as number;
  const named = ENTITIES[character] === undefined ? "" : `&${ENTITIES[character]};|`;
  const entity = `${named}&#0*${point};|&#[xX]0*${anyCase(point.toString(16))};`;
  const inForm = character === " " ? "\\+|" : "";
  // What is escaped first: it may begin with the character itself.
  return `(?:${hex}|${percent}|${entity}|${inForm}\\\\{0,4}${escaped(character)})`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "amp",
  "<": "lt",
  ">": "gt",
  '"': "quot",
  "'": "apos",
};

function anyCase(hex: string): string {
  return hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

function escaped(character: string): string {
  return /[\^$\\.*+?()[\]{}|/-]/.test(character) ? `\\${character}` : character;
}

/** Tells which strings of a document are masked; `key` is the one that a string stands under, or its place in a list. */
type Chosen = (text: string, key: string) => boolean;

/**
 * Masks the strings of a parsed JSON document, in place and at any depth.
 * @param isMasked all of them when it is left out
 * @returns the document
 */
export function maskStrings<T>(document: T, mask: Redact, isMasked: Chosen = () => true): T {
  const root = { document };
  const open: Record<string, unknown>[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const key of Object.keys(node)) {
      const value = node[key];
      if (typeof value === "string") {
        if (isMasked(value, key)) node[key] = mask(value);
      } else if (typeof value === "object" && value !== null) {
        open.push(value as Record<string, unknown>);
      }
    }
  }
  return root.document;
}

/** A JSON text with its strings masked as by `maskStrings`; a text that is no JSON is masked as a whole. */
export function maskJson(json: string, mask: Redact, isMasked?: Chosen): string {
  try {
    return JSON.stringify(maskStrings(JSON.parse(json) as unknown, mask, isMasked));
  } catch {
    return mask(json);
  }
}
