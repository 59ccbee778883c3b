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
const LENGTH_MAX = 60;

/**
 * Makes the test of whether a text is one of the words, whatever its case, accents, punctuation and spaces.
 * @param words in any spelling
 */
export function stopWordTest(words: readonly string[]): (text: string) => boolean {
  const plain = new Set(words.map(plainOf));
  plain.delete("");
  return (text) => text.length <= LENGTH_MAX && plain.has(plainOf(text));
}

function plainOf(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}
