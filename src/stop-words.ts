// Words by which people ask, in a message or with a button, to be left alone. A message counts only when it is nothing but
// such a word: “stop” opts out, “don't stop” does not.

/** By language; WhatsApp has no list of its own, these are what senders in these languages agree on. */
const STOP_WORDS: Readonly<Record<string, readonly string[]>> = {
  en: ["stop", "stop promotions", "unsubscribe", "opt out", "optout", "remove me"],
  pt: ["sair", "parar", "pare", "parar promocoes", "descadastrar", "cancelar inscricao", "remover"],
  es: ["baja", "alto", "parar", "detener promociones", "cancelar suscripcion", "darse de baja"],
  fr: ["stop promotions", "arret", "desabonner", "desinscription", "se desabonner"],
  de: ["stopp", "abmelden", "abbestellen", "austragen"],
  it: ["basta", "annulla iscrizione", "disiscrivimi", "cancellami"],
  id: ["berhenti", "berhenti langganan"],
  hi: ["band karo"],
};

/** Every word of every language: a list of people speaks more than one. */
export const DEFAULT_STOP_WORDS: readonly string[] = [...new Set(Object.values(STOP_WORDS).flat())];

/** Longest text that can be a stop word with what people put around it, in characters. */
export const STOP_WORD_MAX = 60;
/** More words than anybody has, in all languages. */
const STOP_WORDS_MAX = 1_000;

/** Tells whether a text can ever be a stop word: it has a letter or a digit, and is short enough. */
export function isStopWordText(text: string): boolean {
  return text.length <= STOP_WORD_MAX && plainOf(text) !== "";
}

/**
 * Reads a file of stop words: one a line, in any spelling; blank lines and what follows a `#` do not count.
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

/**
 * Makes the test of whether a text is one of the words, whatever its case, accents, punctuation and spaces.
 * @param words in any spelling
 */
export function stopWordTest(words: readonly string[]): (text: string) => boolean {
  const plain = new Set(words.map(plainOf));
  plain.delete("");
  return (text) => text.length <= STOP_WORD_MAX && plain.has(plainOf(text));
}

function plainOf(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}
