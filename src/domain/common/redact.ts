// Masks secrets, phone numbers and ids of people in text that another party wrote: Meta's answers,
// its webhooks, a proxy's page. Every such text is masked where it is read, so that no log line,
// page, export or ledger column has to think of it.

/** Masks one text. */
export type Redact = (text: string) => string;

const MASK = "***";

/** Shorter values are no secrets, and masking them would garble ordinary text. */
const SECRET_MIN = 6;
/** A truncated secret is masked when at least half of it, and so many characters, are there. */
const PREFIX_MIN = 12;
/** Of one that is cut off at its front two thirds must be there, and so many characters. */
const SUFFIX_MIN = 16;

/**
 * Tokens of Meta's, of any owner: access tokens begin with EAA, also where they are cut short; an
 * app's own token is its id, a bar and its secret (Meta, "Access tokens", 2026-09). Also what a
 * header or an address names as one.
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

/** A space, or a sign that is not seen; within a character class. */
const BLANK = String.raw`\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069`;
/** What separates the digits of a number: a blank or a dash. */
const BETWEEN = String.raw`${BLANK}\u2010-\u2015\u2212-`;

/** With a `+` and any formatting, or eight to fifteen digits in a row. */
const PHONE = new RegExp(
  String.raw`\+\d(?:[().${BETWEEN}]{0,3}\d){7,14}(?!\d)|(?<![\d.])\d{8,15}(?!\d)`,
  "g",
);

/** The same in groups and without a `+`, such as `(55) 11 99999-0001`; a date stays readable. */
const GROUPED_PHONE = new RegExp(
  String.raw`(?<![\w.:+-])(?!\d{4}-\d\d-\d\d)\(?\d{1,4}\)?(?:[${BETWEEN}]\(?\d{2,5}\)?){2,5}(?![\w:-]|\.\d)`,
  "g",
);

/** Eight or more digits of another script, such as full-width or Arabic ones. */
const FOREIGN_DIGITS = new RegExp(
  String.raw`(?![0-9])\p{Nd}(?:[().${BETWEEN}]{0,3}\p{Nd}){7,}`,
  "gu",
);

/**
 * A business-scoped user id, a parent's too: country, dot, letters and digits with a digit among
 * them. Shorter is none.
 */
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
    .replace(GROUPED_PHONE, maskDigits)
    .replace(FOREIGN_DIGITS, MASK);
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
 * Makes the mask of known secrets: as they are, escaped as in JSON, HTML or an address, and cut
 * short.
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

/**
 * The mask of known secrets, also as they are hardly ever written: broken over lines or spaced out,
 * in base64 or hexadecimal, without their front.
 */
export function thoroughMask(secrets: Iterable<string>): Redact {
  const known = [...secrets];
  const mask = secretMask(known);
  const rare = known.filter(({ length }) => length >= SECRET_MIN).flatMap(rarePatterns);
  return (text) => rare.reduce((safe, pattern) => safe.replace(pattern, MASK), mask(text));
}

/**
 * The mask of known secrets, however they are written, and of everything that looks like one, or
 * like a person.
 */
export function makeRedact(secrets: Iterable<string>): Redact {
  const mask = thoroughMask(secrets);
  return (text) => maskPatterns(mask(text));
}

function secretPattern(secret: string): RegExp {
  const characters = [...secret].map(characterPattern);
  return patternOf(characters, Math.max(PREFIX_MIN, Math.ceil(characters.length / 2)));
}

/**
 * @param whole so many characters must be there; each further one only where the one before it is
 */
function patternOf(characters: readonly string[], whole: number): RegExp {
  const rest = characters
    .slice(whole)
    .reduceRight((after, character) => `(?:${character}${after})?`, "");
  return new RegExp(characters.slice(0, whole).join("") + rest, "g");
}

const LINE_BREAK = "(?:[ \\t]{0,8}(?:[\\r\\n]{1,2}|\\\\{1,4}[rn])[ \\t]{0,8})?";
const GAP = `[${BLANK}]`;

/**
 * How a secret is hardly ever written, and must not be read all the same; letters that are escaped
 * without need, too. Too slow for bodies that come by the thousand.
 */
function rarePatterns(secret: string): RegExp[] {
  const characters = [...secret].map(anyPattern);
  const half = Math.max(PREFIX_MIN, Math.ceil(characters.length / 2));
  // A secret that has gaps of its own would match in too many ways.
  const gap = new RegExp(GAP).test(secret) ? LINE_BREAK : `(?:${LINE_BREAK}|${GAP}{1,4})`;
  const broken = characters.map((character, at) => (at === 0 ? character : gap + character));
  const patterns = [patternOf(broken, half)];
  const suffix = Math.max(SUFFIX_MIN, Math.ceil((characters.length * 2) / 3));
  if (suffix < characters.length) {
    const front = characters.length - suffix;
    const before = characters
      .slice(0, front)
      .reduce((head, character) => `(?:${head}${character})?`, "");
    patterns.push(new RegExp(before + characters.slice(front).join(""), "g"));
  }
  return [...patterns, ...base64Patterns(secret), hexPattern(secret)];
}

/**
 * The secret inside of anything that was put into base64: three ways, by how many bytes stand
 * before it.
 */
function base64Patterns(secret: string): RegExp[] {
  const bytes = new TextEncoder().encode(secret);
  return [0, 1, 2].flatMap((before) => {
    const coded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    // Without the characters that also hold bits of its neighbours.
    const end = Math.floor(((before + bytes.length) * 8) / 6);
    const own = [...coded.slice(Math.ceil((before * 8) / 6), end)];
    if (own.length < PREFIX_MIN) return [];
    return [patternOf(own.map(base64Pattern), Math.max(PREFIX_MIN, Math.ceil(own.length / 2)))];
  });
}

/** The secret as hexadecimal bytes, in one piece, parted, or each with an `x`. */
function hexPattern(secret: string): RegExp {
  const bytes = [...new TextEncoder().encode(secret)].map(
    (byte, at) =>
      `${at === 0 ? "" : "[\\s:,-]{0,2}"}(?:\\\\{0,4}x|0x)?${anyCase(byte.toString(16).padStart(2, "0"))}`,
  );
  return patternOf(bytes, Math.max(SECRET_MIN, Math.ceil(bytes.length / 2)));
}

function base64Pattern(character: string): string {
  if (character === "+") return "(?:\\+|-|%2[bB])";
  return character === "/" ? "(?:\\\\{0,4}/|_|%2[fF])" : character;
}

/** One character of a secret as JSON, HTML and addresses may write it. */
function characterPattern(character: string): string {
  return /^[A-Za-z0-9]$/.test(character) ? character : anyPattern(character);
}

/** The same of letters and digits, too. */
function anyPattern(character: string): string {
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

/**
 * Tells which strings of a document are masked; `key` is the one that a string stands under, or its
 * place in a list.
 */
type MaskTest = (text: string, key: string) => boolean;

/**
 * Masks the strings of a parsed JSON document, in place and at any depth.
 * @param isMasked all of them when it is left out
 * @returns the document
 */
export function maskStrings<T>(document: T, mask: Redact, isMasked: MaskTest = () => true): T {
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

/**
 * A JSON text with its strings masked as by `maskStrings`; a text that is no JSON is masked as a
 * whole.
 */
export function maskJson(json: string, mask: Redact, isMasked?: MaskTest): string {
  try {
    return JSON.stringify(maskStrings(JSON.parse(json) as unknown, mask, isMasked));
  } catch {
    return mask(json);
  }
}
