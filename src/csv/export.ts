// Writes rows of a CSV that a spreadsheet can open without running anything in it, and without
// changing a number. Never writes a file.

/** How a CSV is written. */
export interface CsvStyle {
  delimiter: string;
  /** For programs: every cell exactly as it is. Such a file is not for a spreadsheet. */
  plain: boolean;
}

/** For people, who open it in a spreadsheet. */
export const SPREADSHEET: CsvStyle = { delimiter: ",", plain: false };

/** So that Excel reads UTF-8; at the beginning of a file only. */
export const BYTE_ORDER_MARK = "\uFEFF";

/** A number that a spreadsheet shows as it stands here. */
const PLAIN_NUMBER = /^-?(?:0|[1-9]\d{0,10})(?:\.\d{1,10})?$/;
/**
 * What makes a spreadsheet take a cell for a formula (OWASP, "CSV Injection"); also the wide forms
 * of these signs, and behind white space, which some take away.
 */
const FORMULA_START = /^(?:\s*[=+\-@＝＋－＠]|[\t\r\n])/;
/**
 * The same behind what a spreadsheet of another country takes for the end of a cell: with a decimal
 * comma it parts at `;`, and quotes that do not begin the cell hold nothing together (OWASP, the
 * same page).
 */
const FORMULA_INSIDE = /([;,\t\r\n|][\s"]*)(?=[=+\-@＝＋－＠])/g;
/**
 * Digits that a spreadsheet would change: it shows more than eleven as 5.51199E+12, and saves them
 * so, and takes the zero away from the front of a national number.
 */
const FRAGILE_DIGITS = /^(?:\d{12,}|0\d{7,})$/;
/** What `csvLine` puts before a cell. */
const GUARD = /^'(?=\s*[=+\-@＝＋－＠]|[\t\r\n]|\d{12,}$|0\d{7,}$)/;

/** What nearly every cell is, a word or an instant, and needs nothing; saves half of the time. */
const SIMPLE = /^(?:[A-Za-z][\w.-]*|\d{4}-\d\d-\d\dT[\d:.]+Z)$/;
/** The same of phones. */
const E164 = /^\+[1-9]\d{6,14}$/;

/**
 * One line with CRLF at its end, by RFC 4180; null is an empty cell. A `'` is put before text that
 * a spreadsheet would run as a formula or change: what begins with = + - @, a tab or a line break,
 * such as a phone in E.164 (`'+5511987654321`), and digits that are many, or eight and more that
 * begin with 0. A number (`-3.5`) stays as it is. Inside a text a `'` goes before = + - @ right
 * behind a `;`, `,`, `|`, tab or line break. See `unguarded`.
 */
export function csvLine(
  cells: readonly (string | number | null)[],
  style: CsvStyle = SPREADSHEET,
): string {
  return `${cells.map((cell) => csvCell(cell, style)).join(style.delimiter)}\r\n`;
}

/**
 * Takes the `'` away from the front of a cell that `csvLine` wrote, or a person by the same rule.
 */
export function unguarded(cell: string): string {
  return cell.charCodeAt(0) === 0x27 ? cell.replace(GUARD, "") : cell;
}

function csvCell(cell: string | number | null, { delimiter, plain }: CsvStyle): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  if (SIMPLE.test(cell)) return cell;
  if (E164.test(cell)) return plain ? cell : `'${cell}`;
  const text = plain ? cell : guarded(cell);
  const needsQuotes = /["\r\n]/.test(text) || text.includes(delimiter) || text !== text.trim();
  return needsQuotes ? `"${text.replaceAll('"', '""')}"` : text;
}

function guarded(cell: string): string {
  if (PLAIN_NUMBER.test(cell)) return cell;
  const inside = cell.replace(FORMULA_INSIDE, "$1'");
  return FORMULA_START.test(cell) || FRAGILE_DIGITS.test(cell) ? `'${inside}` : inside;
}
