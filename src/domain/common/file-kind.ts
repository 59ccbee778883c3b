// Tells what a file is by its first bytes, for files that were given where a table or a YAML text
// was wanted. Reads no file.

/** How many bytes from the beginning `fileKind` looks at. */
export const KIND_BYTES = 4_096;

/** A kind of file that is neither a table as text nor YAML. */
export interface FileKind {
  /** With its article: `an Excel workbook (.xlsx)`. */
  what: string;
  /** How its owner makes a CSV of it. */
  toCsv: string;
  /** True for a text that YAML reads too. */
  isYaml?: boolean;
}

/** Lines that `looksLikeCsv` compares. */
const CSV_LINES = 5;

const FROM_SPREADSHEET = "Open it in the spreadsheet and save it as CSV UTF-8.";
const UNPACK = "Unpack it first.";
const EXPORT = "Export the list as CSV UTF-8.";

interface Magic extends FileKind {
  /** Latin-1 text of the first bytes, or of the bytes at `at`. */
  bytes: string;
  at?: number;
}

/** By the first bytes: the signatures that the formats' own descriptions name. */
const MAGICS: readonly Magic[] = [
  { bytes: "\xd0\xcf\x11\xe0", what: "an old Excel workbook (.xls)", toCsv: FROM_SPREADSHEET },
  { bytes: "\x1f\x8b", what: "a gzip file", toCsv: UNPACK },
  { bytes: "1AY&SY", at: 4, what: "a bzip2 file", toCsv: UNPACK },
  { bytes: "\xfd7zXZ\0", what: "an xz file", toCsv: UNPACK },
  { bytes: "\x28\xb5\x2f\xfd", what: "a Zstandard file", toCsv: UNPACK },
  { bytes: "7z\xbc\xaf\x27\x1c", what: "a 7-Zip archive", toCsv: UNPACK },
  { bytes: "Rar!\x1a\x07", what: "a RAR archive", toCsv: UNPACK },
  { bytes: "ustar", at: 257, what: "a tar archive", toCsv: UNPACK },
  { bytes: "%PDF", what: "a PDF", toCsv: EXPORT },
  { bytes: "SQLite format 3\0", what: "a SQLite database", toCsv: EXPORT },
  { bytes: "PAR1\x15", what: "a Parquet file", toCsv: EXPORT },
  { bytes: "{\\rtf", what: "an RTF document", toCsv: EXPORT },
  { bytes: "\x89PNG", what: "a PNG picture", toCsv: EXPORT },
  { bytes: "\xff\xd8\xff", what: "a JPEG picture", toCsv: EXPORT },
  { bytes: "GIF8", what: "a GIF picture", toCsv: EXPORT },
  {
    bytes: "version https://git-lfs.github.com/spec/",
    what: "a Git LFS pointer",
    toCsv: "Fetch the file itself with `git lfs pull`.",
  },
];

/** Names of entries by which a ZIP file tells what it is; the first that is there counts. */
const ZIPS: readonly { entry: string; kind: FileKind }[] = [
  {
    entry: "opendocument.spreadsheet",
    kind: { what: "an OpenDocument spreadsheet (.ods)", toCsv: FROM_SPREADSHEET },
  },
  { entry: "xl/", kind: { what: "an Excel workbook (.xlsx)", toCsv: FROM_SPREADSHEET } },
  { entry: "word/", kind: { what: "a Word document (.docx)", toCsv: EXPORT } },
  {
    entry: "Index/Document.iwa",
    kind: { what: "an Apple Numbers spreadsheet", toCsv: FROM_SPREADSHEET },
  },
];
const ZIP: FileKind = {
  what: "an Excel workbook (.xlsx) or another ZIP file",
  toCsv: "Open it in the spreadsheet and save it as CSV UTF-8, or unpack it first.",
};

/** By how the text begins, after white space. */
const TEXTS: readonly { begins: RegExp; kind: FileKind }[] = [
  {
    begins: /^<\?xml[\s\S]*urn:schemas-microsoft-com:office:spreadsheet/,
    kind: { what: "an Excel 2003 XML file", toCsv: FROM_SPREADSHEET },
  },
  {
    begins:
      /^(?:<!--[\s\S]*?-->\s*)*<(?:!doctype\s+html|html|head|body|table|meta|div|script|style)\b/i,
    kind: {
      what: "a web page (HTML)",
      toCsv: "Download the list itself as CSV: a log-in page may stand in its place.",
    },
  },
  {
    begins: /^<(?:\?xml|!doctype|[a-z][\w:-]*[\s>])/i,
    kind: { what: "an XML file", toCsv: EXPORT },
  },
  {
    begins: /^BEGIN:VCARD\b/i,
    kind: { what: "a vCard file of contacts", toCsv: "Export the contacts as CSV." },
  },
  { begins: /^BEGIN:VCALENDAR\b/i, kind: { what: "a calendar file", toCsv: EXPORT } },
  {
    begins:
      /^(?:\{\s*(?:"[^"\n]*"\s*:|\}\s*$)|\[\s*(?:[[{]|\]\s*$|"[^"\n]*"\s*[,\]]|-?\d+\s*[,\]]))/,
    kind: {
      what: "a JSON file",
      toCsv: "Write the list as CSV, one row a recipient.",
      isYaml: true,
    },
  },
  { begins: /^-----BEGIN /, kind: { what: "a key or certificate", toCsv: EXPORT } },
  {
    begins:
      /^(?:--[^\n]*\n|\/\*[\s\S]*?\*\/;?|\s)*(?:insert\s+into|create\s+table|drop\s+table|set\s+names)\b/i,
    kind: { what: "an SQL dump", toCsv: EXPORT },
  },
];

/**
 * What a file is by its beginning; undefined for what may be a table or YAML.
 * @param head the first bytes, `KIND_BYTES` of them where there are so many
 */
export function fileKind(head: Uint8Array): FileKind | undefined {
  const latin = latinOf(head);
  if (latin.startsWith("PK\x03\x04") || latin.startsWith("PK\x05\x06")) {
    return ZIPS.find(({ entry }) => latin.includes(entry))?.kind ?? ZIP;
  }
  const magic = MAGICS.find(({ bytes, at = 0 }) => latin.startsWith(bytes, at));
  if (magic !== undefined) return { what: magic.what, toCsv: magic.toCsv };
  // Of UTF-16, every other byte is left out; the marks at the beginning are those of UTF-8 and
  // UTF-16.
  const text = latin
    .replace(/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, "")
    .replaceAll("\0", "")
    .trimStart();
  return TEXTS.find(({ begins }) => begins.test(text))?.kind;
}

/**
 * Tells whether a text that is not YAML looks like the beginning of a CSV: the first line is parted
 * by a delimiter, and no line after it has fewer cells.
 */
export function looksLikeCsv(text: string): boolean {
  const lines = text
    .replace(/^sep=.*\r?\n/i, "")
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== "")
    .slice(0, CSV_LINES);
  const [header = ""] = lines;
  if (/^[[{]/.test(header)) return false;
  return [",", ";", "\t", "|"].some((delimiter) => {
    const names = header.split(delimiter);
    const cells = names.length;
    return (
      names.filter((name) => /[\p{L}\d]/u.test(name)).length > 1 &&
      lines.every((line) => line.split(delimiter).length >= cells)
    );
  });
}

function latinOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes.subarray(0, KIND_BYTES)) text += String.fromCharCode(byte);
  return text;
}
