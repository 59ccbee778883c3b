// Writes HTML in which every value is escaped unless it is HTML made here: what comes from a CSV, a manifest or Meta can never
// become markup. Knows nothing of pages.

/** Marks what this file made; nothing that was parsed from JSON can have it. */
const MADE_HERE = Symbol("html");

/** Markup that may go into a page as it is. */
export interface Html {
  readonly [MADE_HERE]: string;
}

/** What a template takes: text and numbers are escaped, lists are put one after the other, the rest is nothing. */
export type Content = Html | string | number | null | undefined | false | readonly Content[];

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

/** The tag: html`<p title="${text}">${more}</p>`. Attributes must be in double quotes. */
export function html(strings: TemplateStringsArray, ...values: Content[]): Html {
  let markup = strings[0] ?? "";
  values.forEach((value, at) => {
    markup += markupOf(value) + (strings[at + 1] ?? "");
  });
  return { [MADE_HERE]: markup };
}

/** The text of what `html` made, to be sent. */
export function markupText(made: Html): string {
  return made[MADE_HERE];
}

/** A text of somebody else's making, kept apart so that its direction of writing cannot turn the page's own words about. */
export function said(text: string | null | undefined): Html {
  return html`<bdi>${text ?? ""}</bdi>`;
}

function markupOf(value: Content): string {
  if (value === null || value === undefined || value === false) return "";
  if (typeof value === "string") return value.replace(/[&<>"'`]/g, (one) => ESCAPES[one] as string);
  if (typeof value === "number") return String(value);
  if (isList(value)) return value.map(markupOf).join("");
  return value[MADE_HERE];
}

function isList(value: Html | readonly Content[]): value is readonly Content[] {
  return Array.isArray(value);
}
