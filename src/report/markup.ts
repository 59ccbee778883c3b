// HTML that cannot be broken out of: every value in it is escaped, unless it is markup made here. Knows no page.

/** A piece of HTML that is safe as it stands. Only this file makes any. */
export interface Markup {
  readonly kind: "markup";
  readonly text: string;
}

/** What may stand in a template: text is escaped, nothing is left out silently but null and false. */
export type Part = string | number | null | false | Markup | readonly Part[];

/** Tag for templates: html`<p>${anything}</p>`; right for text and for quoted attributes. */
export function html(texts: TemplateStringsArray, ...parts: Part[]): Markup {
  let text = texts[0] as string;
  parts.forEach((part, index) => {
    text += rendered(part) + (texts[index + 1] as string);
  });
  return { kind: "markup", text };
}

/** Nothing. */
export const NOTHING: Markup = { kind: "markup", text: "" };

/** Takes markup that a library made as safe: only for what that library escapes itself. */
export function trusted(text: string): Markup {
  return { kind: "markup", text };
}

/** Text as it may stand between tags and in quoted attributes. */
function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;")
    .replace(NO_TEXT, "\ufffd");
}

/** What is no text, or turns the direction of reading: it would let a value play with the words around it. */
const NO_TEXT = /(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu;

/** Text in which what stands between backticks is code, as in the program's own sentences. */
export function withCode(text: string): Markup {
  const parts = text.split("`");
  // An odd backtick at the end opens nothing.
  const isWhole = parts.length % 2 === 1;
  return html`${isWhole ? parts.map((one, index) => (index % 2 === 1 ? html`<code>${one}</code>` : one)) : text}`;
}

function rendered(part: Part): string {
  if (part === null || part === false) return "";
  if (typeof part === "string") return escaped(part);
  if (typeof part === "number") return String(part);
  if ("kind" in part) return part.text;
  return part.map(rendered).join("");
}
