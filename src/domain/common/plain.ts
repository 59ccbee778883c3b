// Keeps text that another party wrote (Meta, a file, a person) from steering a terminal: it moves
// no cursor, sets no title, turns no direction of writing and begins no line.

/**
 * Controls and separators of lines; marks that turn the direction of writing, which take no room.
 */
const CONTROL = "\\p{Cc}\\u2028\\u2029";
const DIRECTION = "\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069";
const STEERING = `[${CONTROL}${DIRECTION}]`;
const CONTROLS = new RegExp(`[${CONTROL}]+`, "gu");
const DIRECTIONS = new RegExp(`[${DIRECTION}]+`, "gu");
const EACH = new RegExp(STEERING, "gu");
/** The same but for line breaks and tabs, and for the colours that this program sets itself. */
const OWN_OR_EACH = new RegExp(`\\u001b\\[[0-9;]*m|(?![\\n\\t])${STEERING}`, "gu");

/** A text for one line of a terminal: a control becomes a space, and directions are left out. */
export function plain(text: string): string {
  return text.replace(DIRECTIONS, "").replace(CONTROLS, " ");
}

/**
 * A text as one line: each run of white space, controls and marks without width becomes one space;
 * none at the ends.
 */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
}

/**
 * Lines of this program's own, or a JSON document: colours, line breaks and tabs stay, and what
 * else would steer a terminal is written out, such as `\u001b`. Of JSON that changes nothing: there
 * it can only stand inside of strings, where this is its other notation.
 */
export function printable(lines: string): string {
  return lines.replace(OWN_OR_EACH, (match) => (match.length > 1 ? match : codeOf(match)));
}

/** The same of lines that have no colours. */
export function writtenOut(lines: string): string {
  return lines.replace(EACH, (match) => (match === "\n" || match === "\t" ? match : codeOf(match)));
}

/**
 * Makes the same of a CSV that comes in pieces: a line break inside of a cell is written out, and
 * begins no line.
 */
export function makeCsvWriter(): (piece: string) => string {
  let isQuoted = false;
  return (piece) =>
    // A break is looked for with its quotes in one pass: a cell may go on in the next piece.
    writtenOut(
      piece.replace(/"|\r?\n|\r/g, (match) => {
        if (match === '"') isQuoted = !isQuoted;
        else if (!isQuoted) return "\n";
        return match === '"' ? match : [...match].map(codeOf).join("");
      }),
    );
}

function codeOf(character: string): string {
  return `\\u${(character.codePointAt(0) as number).toString(16).padStart(4, "0")}`;
}
