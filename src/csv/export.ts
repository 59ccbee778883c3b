// Writes rows of a CSV that a spreadsheet can open without running anything in it. Never writes a
// file.

/**
 * E.164: stays as it is, since a program that reads the file needs it, and a spreadsheet sees a
 * plain number.
 */
const E164 = /^\+[1-9]\d{6,14}$/;
const PLAIN_NUMBER = /^-?\d+(?:\.\d+)?$/;
/**
 * First characters that make a spreadsheet take a cell for a formula (OWASP, "CSV Injection"); also
 * their wide forms.
 */
const FORMULA_START = /^[=+\-@\t\r\n＝＋－＠]/;

/**
 * One line with CRLF at its end, by RFC 4180; null is an empty cell. Text that a spreadsheet would
 * take for a formula gets a `'` before it; a phone in E.164 (`+5511987654321`) and a plain number
 * (`-3.5`) are no formulas and stay as they are. A phone in any other form that begins with `+`
 * gets the `'`; reading the file again drops it.
 */
export function csvLine(cells: readonly (string | number | null)[], delimiter = ","): string {
  return `${cells.map((cell) => csvCell(cell, delimiter)).join(delimiter)}\r\n`;
}

function csvCell(cell: string | number | null, delimiter: string): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const isHarmless = !FORMULA_START.test(cell) || E164.test(cell) || PLAIN_NUMBER.test(cell);
  const text = isHarmless ? cell : `'${cell}`;
  const needsQuotes = /["\r\n]/.test(text) || text.includes(delimiter) || text !== text.trim();
  return needsQuotes ? `"${text.replaceAll('"', '""')}"` : text;
}
