// Tells whether a message, or the button that a person tapped, asks to be left alone. The words are
// in opt-out-words.ts.
//
// A message that a person wrote counts when it is nothing but an opt-out with courtesy around it:
// "please stop", not "don't stop". What stands on a button is short and was written by its
// business, so there an opt-out counts wherever it stands: "Unsubscribe from Promos".

import type { OptOutWords } from "./opt-out-words.ts";
import {
  CLOSINGS,
  OPT_OUT_WORDS,
  PAYLOAD_WORDS,
  SIGNATURE_LINES,
  SUSPECT_STEMS,
  WISHES,
} from "./opt-out-words.ts";

/** Longest word or phrase that a manifest or a file can add, in characters. */
export const STOP_WORD_MAX = 60;
/** More words than a business has, in all languages. */
const STOP_WORDS_MAX = 1_000;
/**
 * Longest message and button that are read, in characters and words: an opt-out is short, also with
 * a signature.
 */
const TEXT_MAX = 400;
const TOKENS_MAX = 40;
/**
 * A name after "regards" has at most so many words, and a signature after "sent from" so many
 * characters.
 */
const NAME_WORDS_MAX = 3;
const SIGNATURE_MAX = 120;
/** Shortest word of a command that makes a button suspicious. */
const SUSPECT_MIN = 3;

/** What a word or phrase is, as bits: several languages may share it. */
const COMMAND = 1;
const WEAK = 2;
const PHRASE = 4;
const NOUN = 8;
const COURTESY = 16;
const LINK = 32;
/** May stand before a command. */
const LEAD = 64;
const PAYLOAD = 128;

/**
 * Accents of Latin, Greek and Cyrillic, vowel points of Arabic and Hebrew, the dot of Devanagari;
 * other marks are letters.
 */
const ACCENTS = /[\u0300-\u036F\u0591-\u05C7\u064B-\u065F\u0670\u093C]/g;
/** What is not to be seen: format characters, variation selectors, the keycap. */
const UNSEEN = /\p{Cf}|\p{Variation_Selector}|\u20E3/gu;
/** Letters that people take for each other, and no decomposition makes equal. */
const LIKE: Readonly<Record<string, string>> = {
  ...{ ı: "i", ł: "l", ø: "o", đ: "d", ð: "d", ß: "ss", æ: "ae", œ: "oe", þ: "th", ς: "σ" },
  // Arabic, as it is typed in Persia and Pakistan, at the end of words, and stretched.
  ...{ ى: "ي", ی: "ي", ې: "ي", ک: "ك", ة: "ه", ہ: "ه", ھ: "ه", ۀ: "ه", ـ: "" },
};
const ANY_LIKE = new RegExp(`[${Object.keys(LIKE).join("")}]`, "gu");

/**
 * Words and phrases by their text without spaces, so that "opt out", "opt-out" and "optout" are
 * one.
 */
interface Lexicon {
  kinds: Map<string, number>;
  stems: readonly string[];
  /** Most words of a phrase. */
  longest: number;
}

export interface OptOutTest {
  /** A message, a caption, an edited message. */
  isText(text: string): boolean;
  /** The text, the payload, the title or the id of a button or a list's row. */
  isTap(text: string): boolean;
}

/**
 * Makes the test of whether a text asks to be left alone, by the built-in words and others.
 * @param words more words and phrases, in any spelling
 */
export function optOutTest(words: readonly string[] = []): OptOutTest {
  const lexicon = words.length === 0 ? tables().lexicon : withWords(tables().lexicon, words);
  const isText = (text: string): boolean =>
    text.length <= TEXT_MAX &&
    messagesIn(text).some((message) => isWhole(tokensOf(message), lexicon, LEAD));
  return {
    isText,
    isTap: (text) =>
      text.length <= TEXT_MAX && (isText(text) || hasOptOut(tokensOf(text), lexicon)),
  };
}

/** Tells whether a button's text looks as if it were meant to opt out, whatever the words say. */
export function looksLikeOptOut(text: string): boolean {
  if (text.length > TEXT_MAX) return false;
  const { suspectWords, suspectStems, lexicon } = tables();
  const tokens = tokensOf(text);
  return (
    tokens.some(
      (token) => suspectWords.has(token) || suspectStems.some((stem) => token.startsWith(stem)),
    ) || hasOptOut(tokens, lexicon)
  );
}

/** Tells whether a text can be a stop word: it has a letter or a digit, and is short enough. */
export function isStopWordText(text: string): boolean {
  return text.length <= STOP_WORD_MAX && tokensOf(text).length > 0;
}

/**
 * Reads a file of stop words: one a line, in any spelling; blank lines and what follows a `#` do
 * not count.
 * @returns the words, and the 1-based lines that cannot be one
 */
export function readStopWords(text: string): { words: string[]; badLines: number[] } {
  const words: string[] = [];
  const badLines: number[] = [];
  for (const [index, raw] of text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .entries()) {
    const line = raw.replace(/#.*/, "").trim();
    if (line === "") continue;
    if (isStopWordText(line) && words.length < STOP_WORDS_MAX) words.push(line);
    else badLines.push(index + 1);
  }
  return { words, badLines };
}

/** The message as it is, and without what looks like a name or an address below it. */
function messagesIn(text: string): string[] {
  const lines = text.split(/\r\n|[\n\r\u2028\u2029]/).map((line) => line.trim());
  const dashes = lines.findIndex((line, at) => at > 0 && /^[-–—_*=~]{2,}/.test(line));
  const blank = lines.findIndex((line, at) => at > 0 && line === "" && lines[at - 1] !== "");
  const bodies = [text];
  // What a reply quotes, as WhatsApp and mail programs mark it.
  const own = lines.filter((line) => !line.startsWith(">"));
  if (own.length < lines.length) bodies.push(own.join("\n"));
  if (dashes !== -1) bodies.push(lines.slice(0, dashes).join("\n"));
  if (blank !== -1 && isName(lines.slice(blank + 1))) bodies.push(lines.slice(0, blank).join("\n"));
  return bodies;
}

/** A few words that each begin with a capital, or are of a script that has none: "Ana Souza". */
function isName(lines: readonly string[]): boolean {
  const words = lines
    .join(" ")
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word));
  const isShort = words.length > 0 && words.length <= NAME_WORDS_MAX;
  return (
    isShort &&
    words.every((word) => /^[^\p{Ll}\p{N}]?[\p{Lu}\p{Lo}][\p{L}\p{M}.'’-]*,?$/u.test(word))
  );
}

/**
 * Whether the words are an opt-out and nothing else.
 * @param before the bits of which one lets a word stand before the first opt-out
 */
function isWhole(tokens: readonly string[], lexicon: Lexicon, before: number): boolean {
  if (tokens.length === 0 || tokens.length > TOKENS_MAX) return false;
  // "STOPALL", and letters typed apart: "S T O P".
  const joined = tokens.join("");
  if (
    tokens.length > 1 &&
    isSpelled(tokens) &&
    (kindOf(lexicon, [joined]) & (COMMAND | WEAK | PHRASE)) !== 0
  ) {
    return true;
  }
  // By position: whether an opt-out, a weak one, and anything beside courtesy was seen on the way
  // there.
  const SEEN = 1;
  const SEEN_WEAK = 2;
  const SEEN_OTHER = 4;
  const visited: Set<number>[] = tokens.map(() => new Set<number>());
  visited.push(new Set());
  (visited[0] as Set<number>).add(0);
  for (let at = 0; at < tokens.length; at += 1) {
    const states = visited[at] as Set<number>;
    if (states.size === 0) continue;
    const isTail = isSignature(tokens, at);
    for (let end = at + 1; end <= Math.min(tokens.length, at + lexicon.longest); end += 1) {
      const kind = kindOf(lexicon, tokens.slice(at, end));
      if (kind === 0) continue;
      for (const state of states) {
        const next = visited[end] as Set<number>;
        const isBefore = (state & (SEEN | SEEN_WEAK)) === 0;
        if (kind & (COMMAND | PHRASE)) next.add(state | SEEN);
        if (kind & WEAK) next.add(state | SEEN_WEAK);
        if (kind & COURTESY) next.add(state);
        const mayStand = isBefore ? (kind & before) !== 0 : (kind & (LINK | NOUN)) !== 0;
        if (mayStand) next.add(state | SEEN_OTHER);
      }
    }
    if (isTail) for (const state of states) (visited[tokens.length] as Set<number>).add(state);
  }
  return [...(visited[tokens.length] as Set<number>)].some(
    (state) => (state & SEEN) !== 0 || ((state & SEEN_WEAK) !== 0 && (state & SEEN_OTHER) === 0),
  );
}

function isSpelled(tokens: readonly string[]): boolean {
  return tokens.every((token) => [...token].length === 1);
}

/** Whether all from here on is what an app or a person writes under a message. */
function isSignature(tokens: readonly string[], at: number): boolean {
  if (at === 0) return false;
  const { signatures, closings } = tables();
  const rest = tokens.slice(at);
  const text = rest.join(" ");
  if (text.length > SIGNATURE_MAX) return false;
  if (signatures.some((line) => line.test(text))) return true;
  return closings.some(
    (words) =>
      rest.length <= words.length + NAME_WORDS_MAX &&
      words.every((word, index) => rest[index] === word),
  );
}

/** Whether a button has an opt-out among its words. */
function hasOptOut(tokens: readonly string[], lexicon: Lexicon): boolean {
  if (tokens.length === 0 || tokens.length > TOKENS_MAX) return false;
  if (isWhole(tokens, lexicon, LEAD | PAYLOAD)) return true;
  for (let at = 0; at < tokens.length; at += 1) {
    if (isNegated(tokens, at, lexicon)) continue;
    for (let end = at + 1; end <= Math.min(tokens.length, at + lexicon.longest); end += 1) {
      const kind = kindOf(lexicon, tokens.slice(at, end));
      if (kind & PHRASE) return true;
      const isFirst = tokens
        .slice(0, at)
        .every((token) => (kindOf(lexicon, [token]) & (COURTESY | LEAD | PAYLOAD)) !== 0);
      const isOptOut = isFirst && (kind & (COMMAND | WEAK)) !== 0;
      if (isOptOut && tokens.slice(end).some((token) => kindOf(lexicon, [token]) & NOUN))
        return true;
    }
  }
  return false;
}

/**
 * "don't unsubscribe", "no quiero darme de baja": a negation before it, with nothing but small
 * words between.
 */
function isNegated(tokens: readonly string[], at: number, lexicon: Lexicon): boolean {
  const { negations } = tables();
  for (let before = at - 1; before >= 0; before -= 1) {
    const token = tokens[before] as string;
    // In one word or two: "don't".
    if (negations.has(token) || negations.has(`${tokens[before - 1] ?? ""}${token}`)) return true;
    if ((kindOf(lexicon, [token]) & (LEAD | LINK)) === 0) return false;
  }
  return false;
}

function kindOf({ kinds, stems }: Lexicon, words: readonly string[]): number {
  const kind = kinds.get(words.join("")) ?? 0;
  const [word] = words;
  const isStemmed = words.length === 1 && stems.some((stem) => word?.startsWith(stem));
  return isStemmed ? kind | PHRASE : kind;
}

interface Tables {
  lexicon: Lexicon;
  negations: ReadonlySet<string>;
  signatures: readonly RegExp[];
  closings: readonly string[][];
  /**
   * What makes a button look like an opt-out: a word of a command, or the beginning of one that is
   * common.
   */
  suspectWords: ReadonlySet<string>;
  suspectStems: readonly string[];
}

let made: Tables | undefined;

/** Made when the first text is read: most commands read none. */
function tables(): Tables {
  if (made !== undefined) return made;
  const all = Object.values(OPT_OUT_WORDS);
  const commands = all.flatMap((words) => [...listed(words.commands), ...listed(words.weak)]);
  const single = commands.map(tokensOf).filter((tokens) => tokens.length === 1);
  const stems = all.flatMap((words) => listed(words.stems).map(keyOf));
  made = {
    lexicon: builtIn(),
    negations: new Set(all.flatMap(({ negations }) => listed(negations).map(keyOf))),
    signatures: listed(SIGNATURE_LINES).map(signatureOf),
    closings: listed(CLOSINGS).map(tokensOf),
    suspectWords: new Set(single.flat().filter((token) => token.length >= SUSPECT_MIN)),
    suspectStems: [...stems, ...listed(SUSPECT_STEMS)],
  };
  return made;
}

/** A `~` is any words. */
function signatureOf(line: string): RegExp {
  const parts = line.split("~").map((part) => tokensOf(part).join(" "));
  return new RegExp(`^${parts.join(".*")}( |$)`, "u");
}

function builtIn(): Lexicon {
  const lexicon = { kinds: new Map<string, number>(), stems: [] as string[], longest: 1 };
  for (const words of Object.values(OPT_OUT_WORDS)) addLanguage(lexicon, words);
  for (const word of listed(WISHES)) add(lexicon, word, LEAD);
  for (const word of listed(PAYLOAD_WORDS)) add(lexicon, word, PAYLOAD);
  return lexicon;
}

function addLanguage(lexicon: Lexicon & { stems: string[] }, words: OptOutWords): void {
  const before = words.isVerbLast === true ? LEAD : 0;
  for (const phrase of listed(words.commands)) add(lexicon, phrase, COMMAND);
  for (const phrase of listed(words.weak)) add(lexicon, phrase, WEAK);
  for (const phrase of listed(words.phrases)) add(lexicon, phrase, PHRASE);
  for (const word of listed(words.nouns)) add(lexicon, word, NOUN | before);
  for (const phrase of listed(words.courtesy)) add(lexicon, phrase, COURTESY);
  for (const word of listed(words.links)) add(lexicon, word, LINK | before);
  lexicon.stems.push(...listed(words.stems).map(keyOf));
}

function withWords({ kinds, stems, longest }: Lexicon, words: readonly string[]): Lexicon {
  const lexicon = { kinds: new Map(kinds), stems, longest };
  for (const word of words) add(lexicon, word, PHRASE);
  return lexicon;
}

function add(lexicon: Lexicon, phrase: string, kind: number): void {
  const tokens = tokensOf(phrase);
  if (tokens.length === 0) return;
  const key = tokens.join("");
  lexicon.kinds.set(key, (lexicon.kinds.get(key) ?? 0) | kind);
  lexicon.longest = Math.max(lexicon.longest, tokens.length);
}

function listed(text: string | undefined): string[] {
  return (text ?? "").split(",").flatMap((part) => (part.trim() === "" ? [] : [part.trim()]));
}

function keyOf(text: string): string {
  return tokensOf(text).join("");
}

/** The words of a text, whatever its case, width, accents, punctuation and emoji. */
function tokensOf(text: string): string[] {
  const plain = text
    .normalize("NFKD")
    .replace(UNSEEN, "")
    .toLowerCase()
    .replace(ACCENTS, "")
    .replace(ANY_LIKE, (letter) => LIKE[letter] ?? letter)
    // "stoppppp"
    .replace(/(\p{L})\1{2,}/gu, "$1");
  return plain.split(/[^\p{L}\p{M}\p{N}]+/u).filter((token) => token !== "");
}
