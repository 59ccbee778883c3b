// A rendered value made fit to be sent, and written in JSON. Looks first whether there is anything
// to do: a list has a few million values, and nearly all of them are plain.

const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Trims, and makes one blank of every line break, tab and run of blanks: Meta refuses a value with
 * more than four blanks in a row, and, as far as we know, with a line break or a tab. A single
 * no-break space is kept.
 */
export function tidy(text: string): string {
  if (isPlain(text)) return text;
  return text.trim().replace(/\s{2,}|[^\S \u00A0\u202F\u3000]/g, " ");
}

/** The text in JSON, with its quotes, as `JSON.stringify` writes it. */
export function jsonText(text: string): string {
  return isPlain(text) ? `"${text}"` : JSON.stringify(text);
}

/**
 * True for words with single blanks between them, of which neither is anything to be tidied nor
 * escaped in JSON; a row has some of them, and nearly all are so.
 */
function isPlain(text: string): boolean {
  let before = SPACE;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    const isWord = (unit > SPACE && unit < 0x7f) || (unit > 0xa0 && unit < 0x1680);
    if (unit === SPACE ? before === SPACE : !isWord || unit === QUOTE || unit === BACKSLASH) {
      return false;
    }
    before = unit;
  }
  return before !== SPACE;
}
