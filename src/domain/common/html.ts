// HTML that cannot be broken out of: what comes from a CSV, a manifest or Meta is escaped, unless
// it is markup made here. Knows no page.

/** Marks what this file made; nothing that was parsed from JSON can have it. */
const MADE_HERE = Symbol("html");

/** Markup that may go into a page as it is. */
export interface Html {
  readonly [MADE_HERE]: string;
}

/**
 * What a template takes: text and numbers are escaped, lists are put one after the other, the rest
 * is nothing.
 */
export type Content = Html | string | number | null | undefined | false | readonly Content[];

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

/**
 * What is no text, or turns the direction of reading: it would let a value play with the words
 * around it.
 */
const NO_TEXT = /(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu;

/** The tag: html`<p title="${text}">${more}</p>`; right for text and for quoted attributes. */
export function html(strings: TemplateStringsArray, ...values: Content[]): Html {
  let markup = strings[0] ?? "";
  values.forEach((value, at) => {
    markup += markupOf(value) + (strings[at + 1] ?? "");
  });
  return { [MADE_HERE]: markup };
}

/** Nothing. */
export const NOTHING: Html = { [MADE_HERE]: "" };

/** Takes markup that a library made as safe: only for what that library escapes itself. */
export function trusted(markup: string): Html {
  return { [MADE_HERE]: markup };
}

/** The text of what `html` made, to be sent. */
export function markupText(made: Html): string {
  return made[MADE_HERE];
}

/** Untrusted text in <bdi>, so that its direction of writing cannot affect ours. */
export function said(text: string | null | undefined): Html {
  return html`<bdi>${text ?? ""}</bdi>`;
}

/** Text in which what stands between backticks is code, as in the program's own sentences. */
export function withCode(text: string): Html {
  const parts = text.split("`");
  // An odd backtick at the end opens nothing.
  const isWhole = parts.length % 2 === 1;
  return html`${isWhole ? parts.map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part)) : text}`;
}

function markupOf(value: Content): string {
  if (value === null || value === undefined || value === false) return "";
  if (typeof value === "string") {
    return value
      .replace(/[&<>"'`]/g, (character) => ESCAPES[character] as string)
      .replace(NO_TEXT, "\ufffd");
  }
  if (typeof value === "number") return String(value);
  if (isList(value)) return value.map(markupOf).join("");
  return value[MADE_HERE];
}

function isList(value: Html | readonly Content[]): value is readonly Content[] {
  return Array.isArray(value);
}
