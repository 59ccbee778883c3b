// Takes a multipart/form-data body apart (RFC 7578), as far as an upload to Graph needs it. Never
// looks into a file.

/** Fields of one form; an upload has three. */
const MAX_PARTS = 20;
const HEADERS_END = Buffer.from("\r\n\r\n");

/** One field of a form. */
export interface FormPart {
  name: string;
  /** Of a file. */
  filename: string | undefined;
  /** Of a file: image/jpeg. */
  type: string | undefined;
  bytes: Buffer;
}

/** The fields of a form in order, or undefined when the body is not one. */
export function readForm(contentType: string | undefined, body: Buffer): FormPart[] | undefined {
  const boundary = boundaryOf(contentType);
  if (boundary === undefined) return undefined;
  const delimiter = Buffer.from(`--${boundary}`);
  const parts: FormPart[] = [];
  let from = body.indexOf(delimiter);
  while (from !== -1 && parts.length < MAX_PARTS) {
    const start = from + delimiter.length;
    // Two hyphens behind the boundary end the form.
    if (body.toString("latin1", start, start + 2) === "--") return parts;
    const next = body.indexOf(Buffer.from(`\r\n--${boundary}`), start);
    if (next === -1) return undefined;
    const part = readPart(body.subarray(start, next));
    if (part === undefined) return undefined;
    parts.push(part);
    from = next + 2;
  }
  return undefined;
}

function boundaryOf(contentType: string | undefined): string | undefined {
  if (!/^multipart\/form-data\s*;/i.test(contentType ?? "")) return undefined;
  const match = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType ?? "");
  return match?.[1] ?? match?.[2];
}

function readPart(bytes: Buffer): FormPart | undefined {
  const end = bytes.indexOf(HEADERS_END);
  if (end === -1) return undefined;
  const headers = bytes.toString("utf8", 0, end);
  const disposition = /^content-disposition:\s*form-data\s*;(.*)$/im.exec(headers)?.[1] ?? "";
  const name = /(?:^|;)\s*name="([^"]*)"/i.exec(disposition)?.[1];
  if (name === undefined) return undefined;
  return {
    name,
    filename: /(?:^|;)\s*filename="([^"]*)"/i.exec(disposition)?.[1],
    type: /^content-type:\s*([^\s;]+)/im.exec(headers)?.[1]?.toLowerCase(),
    bytes: bytes.subarray(end + HEADERS_END.length),
  };
}
