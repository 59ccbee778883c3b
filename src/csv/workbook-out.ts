// Writes rows as an Excel workbook (.xlsx) of one sheet, piece by piece: any number of rows in the
// same memory. Every text is a text of the sheet, so that nothing of it is run or changed.

import { strToU8, Zip, ZipDeflate } from "fflate";
import { OperatorError } from "../domain/common/errors.ts";

/** Rows of a sheet at most (Excel specifications and limits, read 2026-10). */
const ROWS_MAX = 1_048_576;
/** Characters of a cell at most (the same page). */
const CELL_MAX = 32_767;
/** Text is gathered up to so many characters before it is packed. */
const GATHERED_MAX = 64 * 1024;

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/** The parts beside the sheet (ECMA-376 part 1, 12.3). */
const PARTS: Readonly<Record<string, string>> = {
  "[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${TYPE}.worksheet+xml"/></Types>`,
  "_rels/.rels": `<Relationships xmlns="${RELATIONS}"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  "xl/workbook.xml": `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets><sheet name="Rows" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  "xl/_rels/workbook.xml.rels": `<Relationships xmlns="${RELATIONS}"><Relationship Id="rId1" Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
};

/** A workbook that is being written. */
export interface WorkbookWriter {
  /** Adds a row. @throws OperatorError when a sheet holds no more rows */
  add(cells: readonly (string | number | null)[]): Promise<void>;
  /** Writes what is left. */
  end(): Promise<void>;
}

/** Begins a workbook. @param write takes the bytes of the file, in order */
export function writeWorkbook(write: (bytes: Uint8Array) => Promise<unknown>): WorkbookWriter {
  const ready: Uint8Array[] = [];
  let fault: Error | null = null;
  const zip = new Zip((error, bytes) => {
    fault ??= error;
    ready.push(bytes);
  });
  for (const [name, text] of Object.entries(PARTS)) {
    const part = new ZipDeflate(name);
    zip.add(part);
    part.push(strToU8(HEAD + text), true);
  }
  const sheet = new ZipDeflate("xl/worksheets/sheet1.xml");
  zip.add(sheet);
  let text = `${HEAD}<worksheet xmlns="${MAIN}"><sheetData>`;
  let rows = 0;
  const pack = async (isLast: boolean) => {
    sheet.push(strToU8(text), isLast);
    text = "";
    if (isLast) zip.end();
    if (fault !== null) throw fault;
    for (const bytes of ready.splice(0)) await write(bytes);
  };
  return {
    async add(cells) {
      if (rows === ROWS_MAX) throw tooManyRows();
      rows += 1;
      const inside = cells.map((cell, at) => cellXml(`${columnLetters(at)}${rows}`, cell));
      text += `<row r="${rows}">${inside.join("")}</row>`;
      if (text.length >= GATHERED_MAX) await pack(false);
    },
    async end() {
      text += "</sheetData></worksheet>";
      await pack(true);
    },
  };
}

/** `A`, `Z`, `AA`: a column by its place, from 0 on. */
export function columnLetters(index: number): string {
  const above = Math.floor(index / 26);
  const letter = String.fromCharCode(65 + (index % 26));
  return above === 0 ? letter : columnLetters(above - 1) + letter;
}

function cellXml(at: string, cell: string | number | null): string {
  if (cell === null || cell === "") return "";
  if (typeof cell === "number") return `<c r="${at}"><v>${cell}</v></c>`;
  const text = cell.length > CELL_MAX ? cell.slice(0, CELL_MAX) : cell;
  return `<c r="${at}" t="inlineStr"><is><t xml:space="preserve">${escaped(text)}</t></is></c>`;
}

/** What XML has no place for is left out (XML 1.0, 2.2). */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

function tooManyRows(): OperatorError {
  return new OperatorError({
    message: `a sheet of a workbook has ${ROWS_MAX.toLocaleString("en-US")} rows at most, and there are more`,
    hint: "Write them as CSV.",
  });
}
