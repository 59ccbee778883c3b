// Judges text that is not UTF-8: whether it surely is Windows-1252, and how it would read in other
// encodings. Reads no file.

import { TextDecoder } from "node:util";

/** What text of an older encoding may be, with cells as they would read in it. */
export interface CodePageReading {
  /** A name of the WHATWG Encoding Standard. */
  encoding: string;
  cells: string[];
}

/**
 * How much a word speaks against Windows-1252. A `strong` one settles it, `weak` ones do when there
 * are many.
 */
export type Doubt = "none" | "weak" | "strong";

/** Encodings that tables come in, the likelier first where cells read equally well. */
const CANDIDATES = [
  "windows-1252",
  "windows-1250",
  "windows-1254",
  "windows-1257",
  "windows-1251",
  "koi8-r",
  "ibm866",
  "windows-1253",
  "windows-1256",
  "windows-1255",
  "windows-874",
  "shift_jis",
  "euc-kr",
  "gb18030",
  "big5",
  "euc-jp",
  "macintosh",
  "iso-8859-15",
] as const;

const READINGS_MAX = 3;
const CELLS_SHOWN = 3;
/** A reading below this share of the best one is not worth showing. */
const NEAR_THE_BEST = 0.65;
const LEAST = 0.2;

/** Capitals and small letters beyond ASCII in the languages that are written in Windows-1252. */
const UPPER = "À-ÖØ-ÞŠŽŒŸ";
const LOWER = "ß-öø-ÿšžœ";
const LETTER = `A-Za-z${UPPER}${LOWER}`;
const HIGH = UPPER + LOWER;

/** What no word of these languages has. */
const STRONG = new RegExp(
  [
    // Bytes that the encoding does not define.
    "[\\x80-\\x9f]",
    // Signs that no list of people has.
    "[¤¦¨¬¯¶¸†‡ˆ˜ƒ‰‚‹›]",
    // Signs inside of a word.
    `(?<=[${LETTER}])[“”•™¡¢£¥§©«®°±²³¹»¼½¾¿×÷€](?=[${LETTER}])`,
    `„(?![${LETTER}])|(?<=[${LETTER}])„`,
    // A capital behind a small letter, and many letters in a row that English lacks.
    `(?<=[a-z])[${UPPER}]`,
    `[${HIGH}]{3}`,
  ].join("|"),
);

/**
 * Two accented letters in a row that some language has: `ção`, `Núñez`, `Größe`, `Pääkkönen`,
 * `Güímar`.
 */
const PAIRS =
  /([à-öø-ÿ])\1|[çñ][à-öø-ÿ]|[à-öø-ÿ][çñ]|ß[äöü]|[äöü]ß|ü[áéíóè]|[åäöæø]{2}|[ïë][éèí]|é[ïî]/gi;

/** What some word may have and most have not. */
const WEAK = new RegExp(
  [
    `[${HIGH}]{2}`,
    // Iceland's letters are Turkey's and Romania's elsewhere, and Slovenia's are umlauts on a
    // Macintosh.
    "[ðþýÿšžÐÞÝŸŠŽ]",
    // Only the French pair and the Portuguese ending are common.
    "œ(?!u)|Œ(?!U|u)",
    "õ(?!e)|Õ(?!E)",
    "ã(?=[bcdfghjklmnpqrtvwx])",
    `[aeiou]æ(?![${LETTER}])`,
    // Signs at the edge of a word that belong before or after a number.
    `£(?=[${LETTER}])|(?<=[${LETTER}]{2})[²³¹]|(?<=[${LETTER}]{3})[ªº]|[ªº](?=[${LETTER}])`,
    `(?<=[${LETTER}])[¡¿]`,
    "(?<=[a-z])[–—](?=[a-z])",
    `(?<=[${LETTER}])‘|(?<=[${LETTER}])·(?!l)`,
    "[¢-¾×÷]{2}",
    // An apostrophe stands behind a short word or before a short ending.
    `(?<=[${LETTER}]{3})[’´](?=[a-zà-ÿ])(?!(?:s|t|m|d|ll|re|ve|hui)(?![${LETTER}]))`,
  ].join("|"),
);

/**
 * How much a word speaks against its being Windows-1252.
 * @param word the bytes as Latin-1, one character a byte
 */
export function doubtOf(word: string): Doubt {
  const text = decodeWith("windows-1252", Buffer.from(word, "latin1"));
  if (text === undefined || STRONG.test(text)) return "strong";
  if (isMostlyHigh(text)) return "strong";
  return WEAK.test(text.replace(PAIRS, "a")) ? "weak" : "none";
}

/** Cyrillic, Greek, Arabic and Asian words have hardly a letter of English in them. */
function isMostlyHigh(text: string): boolean {
  const high = text.match(new RegExp(`[${HIGH}]`, "g"))?.length ?? 0;
  return high >= 3 && high > text.length / 2;
}

/**
 * The encodings in which cells read best, the likeliest first, each with a few of the cells.
 * @param texts cells with characters beyond ASCII, as Latin-1, one character a byte
 */
export function likelyReadings(texts: Iterable<string>): CodePageReading[] {
  const cells = Array.from(texts, (text) => Buffer.from(text, "latin1"));
  const scored = CANDIDATES.map((encoding) => {
    const scores = cells.map((cell) => plausibility(cell, encoding));
    return {
      encoding,
      score: scores.reduce((sum, cellScore) => sum + cellScore, 0) / cells.length,
    };
  }).sort((a, b) => b.score - a.score);
  const least = Math.max(LEAST, (scored[0]?.score ?? 0) * NEAR_THE_BEST);
  const readings = new Map<string, CodePageReading>();
  for (const { encoding, score } of scored) {
    if (score < least || readings.size === READINGS_MAX) break;
    const shown = cells.flatMap((cell) => decodeWith(encoding, cell) ?? []).slice(0, CELLS_SHOWN);
    // Encodings agree where they share the letters in use; the first of them stands for all.
    const key = shown.join("\n");
    if (!readings.has(key)) readings.set(key, { encoding, cells: shown });
  }
  return [...readings.values()];
}

function decodeWith(encoding: string, bytes: Uint8Array): string | undefined {
  try {
    // As a stream: some versions of Node take a shorter way otherwise, which reads Windows-1252 as
    // Latin-1.
    const decoder = new TextDecoder(encoding, { fatal: true });
    return decoder.decode(bytes, { stream: true }) + decoder.decode();
  } catch {
    return undefined;
  }
}

/**
 * The lead bytes of the characters of everyday in each table of two bytes: kana, and the rows that
 * are ordered by use.
 */
const EVERYDAY: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  gb18030: [[0xb0, 0xd7]],
  big5: [[0xa4, 0xc6]],
  shift_jis: [
    [0x82, 0x83],
    [0x88, 0x97],
  ],
  "euc-jp": [
    [0xa4, 0xa5],
    [0xb0, 0xcf],
  ],
  "euc-kr": [[0xb0, 0xc8]],
};

/**
 * From 0, what nobody wrote, to 1: each word of the cell is of one script, and spelt as that script
 * is.
 */
function plausibility(cell: Uint8Array, encoding: string): number {
  const text = decodeWith(encoding, cell);
  if (text === undefined || /[\p{Cn}\p{Co}\x80-\x9f]/u.test(text)) return 0;
  const everyday = EVERYDAY[encoding];
  if (everyday !== undefined) return isOneScript(text) ? shareOf(cell, everyday) : 0;
  const words = text.split(/[^\p{L}\p{M}\p{N}\p{S}’´]+/u).filter((word) => BEYOND_ASCII.test(word));
  if (words.length === 0) return 0;
  if (encoding === "windows-1252") return SPELLING[doubtOf(Buffer.from(cell).toString("latin1"))];
  return words.reduce((sum, word) => sum + spelling(word), 0) / words.length;
}

const BEYOND_ASCII = /[^ -~]/;

const SPELLING: Readonly<Record<Doubt, number>> = { none: 0.9, weak: 0.5, strong: 0.05 };

function spelling(word: string): number {
  if (!isOneScript(word) || /\p{S}/u.test(word)) return 0;
  if (/\p{Script=Latin}/u.test(word)) return latinSpelling(word);
  if (/[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(word)) return casedSpelling(word);
  if (/\p{Script=Thai}/u.test(word)) return /^\p{M}|\p{N}/u.test(word) ? 0.1 : 0.95;
  return /[\p{Script=Arabic}\p{Script=Hebrew}]/u.test(word) ? 0.9 : 0;
}

/** Names begin with a capital or are all capitals. */
function casedSpelling(word: string): number {
  if (/^\p{Lu}[\p{Ll}\p{M}]*$/u.test(word)) return 1;
  return /^\p{Lu}+$|^\p{Ll}+$/u.test(word) ? 0.7 : 0.1;
}

function latinSpelling(word: string): number {
  if (/\p{Ll}\p{Lu}/u.test(word) || /[^ -~]{3}/.test(word)) return 0.05;
  if (/[^ -~]{2}/.test(word.replace(PAIRS, "a"))) return 0.4;
  return /[ðþÐÞţŢđĐ]/.test(word) ? 0.6 : 0.9;
}

/** Han and kana count as one script: Japanese writes in all of them. */
function isOneScript(text: string): boolean {
  const scripts = [
    /\p{Script=Latin}/u,
    /\p{Script=Cyrillic}/u,
    /\p{Script=Greek}/u,
    /\p{Script=Arabic}/u,
    /\p{Script=Hebrew}/u,
    /\p{Script=Thai}/u,
    /\p{Script=Hangul}/u,
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u,
  ];
  return scripts.filter((script) => script.test(text)).length <= 1;
}

/** The share of a cell's characters of two bytes that are of everyday. */
function shareOf(cell: Uint8Array, everyday: readonly (readonly [number, number])[]): number {
  let all = 0;
  let known = 0;
  for (let at = 0; at < cell.length; at += 1) {
    const lead = cell[at] as number;
    if (lead < 0x80) continue;
    all += 1;
    at += 1;
    if (everyday.some(([from, to]) => lead >= from && lead <= to)) known += 1;
  }
  return known / all;
}
