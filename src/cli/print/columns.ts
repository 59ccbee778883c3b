// Text in columns of a terminal: measured, padded, cut and wrapped as wide as it is shown, not as
// long as it is.

import stringWidth from "fast-string-width";
import { wrapAnsi } from "fast-wrap-ansi";
import { plain } from "../../domain/common/plain.ts";

/** Where the width is not known: a file, cron's mail. */
const COLUMNS = 80;
/** A narrower terminal than this breaks the lines itself. */
const COLUMNS_MIN = 24;
/** A line of a file that is shown, the mark below a place in it, and a line of a drawn box. */
const DRAWN_LINE = /^(?: *\d* \| |[┌│├└])/;

/** Columns of the terminal behind stdout, or of a file. */
export function terminalWidth(): number {
  return Math.max(COLUMNS_MIN, process.stdout.columns ?? COLUMNS);
}

/** Columns that a text takes; colours take none. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** The widest of several texts. */
export function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(widthOf));
}

/** A text at the left of a column. */
export function left(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

/** A text at the right of a column. */
export function right(text: string, width: number): string {
  return " ".repeat(Math.max(0, width - widthOf(text))) + text;
}

/** A table's lines: the first column at the left, figures at the right. */
export function aligned(table: readonly (readonly string[])[]): string[] {
  const widths = table[0]?.map((_, at) => widest(table.map((row) => row[at] ?? ""))) ?? [];
  return table.map((row) => {
    const cells = row.map((cell, at) => (at === 0 ? left : right)(cell, widths[at] ?? 0));
    return `  ${cells.join("  ")}`.trimEnd();
  });
}

/** As much of one line as fits. */
export function cut(line: string, width: number): string {
  return wrapAnsi(line, width, { hard: true, wordWrap: false, trim: false }).split("\n")[0] ?? "";
}

/** Text of any author in lines of a width at most; a word that is longer stands alone. */
export function wrapped(text: string, width: number): string[] {
  return wrapAnsi(plain(text), width).split("\n");
}

/**
 * Lines as they fit a terminal: broken between words, what goes on indented as its beginning. Lines
 * that are drawn stay as they are.
 * @param stream where they are written; what is no terminal has no width
 */
export function fitted(
  lines: string,
  stream: Pick<NodeJS.WriteStream, "isTTY" | "columns">,
): string {
  const width = stream.columns ?? 0;
  if (stream.isTTY !== true || width < COLUMNS_MIN) return lines;
  const fits = (line: string) => widthOf(line) <= width || DRAWN_LINE.test(line);
  return lines
    .split("\n")
    .map((line) => (fits(line) ? line : broken(line, width)))
    .join("\n");
}

function broken(line: string, width: number): string {
  const [lead = ""] = /^ *(?:→ )?/.exec(line) ?? [];
  const indent = " ".repeat(lead.length);
  const [first, ...rest] = wrapAnsi(line.slice(lead.length), width - lead.length).split("\n");
  return [lead + first, ...rest.map((one) => indent + one)].join("\n");
}
