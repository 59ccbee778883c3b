// Compiles one value of the manifest, which is Liquid over the columns of a row, and renders it.
// Reads no file, no clock and no random number, though Liquid could: such tags and filters are
// taken out.

import type { Template } from "liquidjs";
import { evalQuotedToken, Liquid, Output, TypeGuards } from "liquidjs";

import { nearest } from "../common/nearest.ts";

/** Longest Liquid text of one value, in UTF-16 units. */
const MAX_TEMPLATE_LENGTH = 10_000;
/** Ends a runaway loop. Generous, since a pause of the machine counts too. */
const MAX_RENDER_MS = 1_000;
/** Ends a value that builds something huge; roughly in list items and characters. */
const MAX_RENDER_SIZE = 1_000_000;

/** Tags that need nothing but the row: no file is included, nothing is laid out. */
const TAGS = new Set(
  "# assign break capture case comment continue cycle echo for if liquid raw unless".split(" "),
);
const DATE_FILTERS =
  "date date_to_xmlschema date_to_rfc822 date_to_string date_to_long_string".split(" ");
/** To Liquid these are the moment of rendering; planned values must not depend on it. */
const MOMENTS = ["now", "today"];

const OF_NOW = "a value must not depend on the moment of planning";
const FORM_HINT =
  'Write it such as {{ first_name | default: "you" }}: two braces on each side, and every quote closed.';

/** The cells of a row by column. */
export type Cells = Readonly<Record<string, string>>;

/** A column that a value reads. */
interface LiquidColumn {
  column: string;
  /** False when a row in which this cell is empty has no value here. */
  hasDefault: boolean;
  /** UTF-16 units into the value. */
  offset: number;
}

/** What is wrong with the Liquid of a value. */
export interface ValueFault {
  message: string;
  hint: string;
  /** UTF-16 units into the value. */
  offset: number;
}

export interface CompiledValue {
  columns: LiquidColumn[];
  /**
   * The text for a row. Cells are trimmed before Liquid sees them, so a cell of blanks is an empty
   * one, which `default` fills. Throws what Liquid throws: a limit, or a filter that cannot take
   * the cell.
   */
  text(cells: Cells): string;
}

/** Tells whether a text has Liquid in it; without, it is the same for every row. */
export function isLiquid(text: string): boolean {
  return text.includes("{{") || text.includes("{%");
}

/** The trimmed cell; empty when the row has no such column. */
export function cellOf(cells: Cells, column: string): string {
  // A column may be called `constructor`: only what the row itself has counts.
  return Object.hasOwn(cells, column) ? (cells[column] ?? "").trim() : "";
}

/**
 * Compiles a value, or says what is wrong with it. `language` is the template's (pt_BR), for the
 * names of months. Columns are written `{{ first_name }}`, or `{{ row["First name"] }}` when the
 * name is not one word.
 */
export function compileValue(
  text: string,
  language: string,
): { value: CompiledValue } | { fault: ValueFault } {
  if (text.length > MAX_TEMPLATE_LENGTH) {
    const message = `the value is longer than ${MAX_TEMPLATE_LENGTH} characters`;
    const hint = "Shorten it: Meta takes no text of that length.";
    return { fault: { message, hint, offset: 0 } };
  }
  const engine = makeEngine(language);
  try {
    const templates = engine.parse(text);
    for (const template of templates) {
      const fault = template instanceof Output ? misread(template) : undefined;
      if (fault !== undefined) return { fault };
    }
    const columns = columnsOf(engine, templates, text);
    const names = columns.map(({ column }) => column);
    const value = { columns, text: compileText(engine, templates, names) };
    // Some mistakes, such as a filter without its argument, show only when a value is rendered.
    value.text(Object.fromEntries(names.map((name) => [name, "1"])));
    return { value };
  } catch (error) {
    return { fault: faultOf(error, text, engine) };
  }
}

/** What Liquid says, without the place that it adds. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n")[0]?.replace(/, line:\d+, col:\d+$/, "") ?? message;
}

/**
 * Renders with Liquid alone; `compileText` must give the same for the forms that it does itself.
 */
function renderLiquid(
  engine: Liquid,
  templates: Template[],
  columns: readonly string[],
  cells: Cells,
): string {
  const row: Record<string, string> = Object.create(null);
  // Liquid has a meaning of its own for a `size` or `first` that the row lacks.
  for (const column of columns) row[column] = "";
  for (const column of Object.keys(cells)) row[column] = cellOf(cells, column);
  const scope: Record<string, unknown> = Object.assign(Object.create(null), row, { row });
  return String(engine.renderSync(templates, scope));
}

type Piece = { text: string } | { column: string; fallback: string };

/**
 * Text, `{{ column }}` and `{{ column | default: 'x' }}` are nearly all that people write, and
 * Liquid takes some 5 µs for each: these are put together here (20 times as fast), everything else
 * is left to Liquid.
 */
function compileText(
  engine: Liquid,
  templates: Template[],
  columns: readonly string[],
): (cells: Cells) => string {
  const pieces: Piece[] = [];
  for (const template of templates) {
    const piece = pieceOf(engine, template);
    if (piece === undefined) return (cells) => renderLiquid(engine, templates, columns, cells);
    pieces.push(piece);
  }
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined && "column" in only) {
    const { column, fallback } = only;
    return (cells) => cellOf(cells, column) || fallback;
  }
  return (cells) => {
    let text = "";
    for (const piece of pieces) {
      text += "text" in piece ? piece.text : cellOf(cells, piece.column) || piece.fallback;
    }
    return text;
  };
}

function pieceOf(engine: Liquid, template: Template): Piece | undefined {
  if (TypeGuards.isHTMLToken(template.token)) {
    return { text: String(engine.renderSync([template], {})) };
  }
  if (!(template instanceof Output)) return undefined;
  const column = plainColumn(template);
  const [filter, ...others] = template.value.filters;
  if (column === undefined || others.length > 0) return undefined;
  if (filter === undefined) return { column, fallback: "" };
  const [argument, ...more] = filter.args;
  if (filter.name !== "default" || more.length > 0 || !TypeGuards.isQuotedToken(argument)) {
    return undefined;
  }
  return { column, fallback: evalQuotedToken(argument) };
}

/** The column of `{{ column }}` and `{{ row["column"] }}`, whatever filters follow. */
function plainColumn({ value }: Output): string | undefined {
  const [token, ...others] = value.initial.postfix;
  if (others.length > 0 || !TypeGuards.isPropertyAccessToken(token)) return undefined;
  if (token.variable !== undefined) return undefined;
  const names = token.props.map((prop) =>
    "content" in prop && typeof prop.content === "string" ? prop.content : undefined,
  );
  const [first, second] = names;
  if (first !== "row") return names.length === 1 ? first : undefined;
  // To Liquid `row.first` is the first of a list, and `row.size` may be its length.
  const special = second === "first" || second === "last" || second === "size";
  return names.length === 2 && !special ? second : undefined;
}

function columnsOf(engine: Liquid, templates: Template[], text: string): LiquidColumn[] {
  const outputs = templates.filter((template) => template instanceof Output);
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  const { globals } = engine.analyzeSync(templates, { partials: false });
  const uses = Object.values(globals)
    .flat()
    .flatMap(({ segments, location }) => {
      const [first, second] = segments;
      const column = first === "row" ? second : first;
      if (typeof column !== "string") return [];
      const offset = (starts[location.row - 1] ?? 0) + location.col - 1;
      // A cell inside a tag, or in the argument of a filter, may be empty: the value copes with it
      // or not.
      const output = outputs.find(({ token }) => token.begin <= offset && offset < token.end);
      const initial = output?.value.initial.postfix[0];
      const direct = initial !== undefined && initial.begin === offset;
      const filled = output?.value.filters.some(({ name }) => name === "default") ?? true;
      return [{ column, hasDefault: filled || !direct, offset }];
    });
  return uses.sort((a, b) => a.offset - b.offset);
}

/** `{{ First name }}` is, to Liquid, `First`, and the rest is dropped without a word. */
function misread({ value, token }: Output): ValueFault | undefined {
  const { postfix } = value.initial;
  if (postfix.length < 2 || postfix.some((part) => TypeGuards.isOperatorToken(part)))
    return undefined;
  const name = postfix.map((part) => part.getText()).join(" ");
  return {
    message: `\`${name}\` is not one word`,
    hint: `Write row["${name}"] for a column with blanks in its name.`,
    offset: postfix[0]?.begin ?? token.begin,
  };
}

function faultOf(error: unknown, text: string, engine: Liquid): ValueFault {
  const reason = reasonOf(error);
  const token = (error as { token?: { begin?: number } }).token;
  const begin = Math.min(token?.begin ?? 0, text.length);
  const [, word] =
    /^undefined filter: (.+)$/.exec(reason) ?? /^tag "(.+)" not found$/.exec(reason) ?? [];
  if (word === undefined) {
    const hint = reason.startsWith(OF_NOW) ? "Put the date into a column of the list." : FORM_HINT;
    return { message: `Liquid: ${reason}`, hint, offset: begin };
  }
  const isFilter = reason.startsWith("undefined filter");
  const what = isFilter ? "filter" : "tag";
  const known = Object.keys(isFilter ? engine.filters : engine.tags);
  const near = nearest(word, known);
  const at = text.indexOf(word, begin);
  return {
    message: `Liquid: there is no ${what} \`${word}\` here`,
    hint: near === undefined ? `Take the ${what} out.` : `Did you mean \`${near}\`?`,
    offset: at < 0 ? begin : at,
  };
}

function makeEngine(language: string): Liquid {
  const engine = new Liquid({
    strictFilters: true,
    ownPropertyOnly: true,
    // Nothing is ever looked up on a disk.
    templates: {},
    parseLimit: MAX_TEMPLATE_LENGTH,
    renderLimit: MAX_RENDER_MS,
    memoryLimit: MAX_RENDER_SIZE,
    // A date is shown as it is written, on a machine in whatever time zone.
    preserveTimezones: true,
    timezoneOffset: 0,
  });
  // Only filters of dates ask for it, and the first question to ICU costs a start 20 ms.
  let locale: string | undefined;
  Object.defineProperty(engine.options, "locale", {
    get: () => (locale ??= localeOf(language)),
  });
  for (const tag of Object.keys(engine.tags)) if (!TAGS.has(tag)) delete engine.tags[tag];
  engine.unregisterFilter("sample");
  for (const name of DATE_FILTERS) {
    const filter = engine.filters[name];
    if (typeof filter !== "function") continue;
    engine.registerFilter(name, function (value: unknown, ...rest: unknown[]) {
      if (MOMENTS.includes(String(value))) {
        throw new Error(`${OF_NOW} (\`${value}\`)`);
      }
      // A date without a time is midnight in London to JavaScript, which is the day before in
      // America.
      const bare = typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value);
      return filter.call(this, bare ? `${value}T00:00:00` : value, ...rest);
    });
  }
  return engine;
}

function localeOf(language: string): string {
  const locale = language.replaceAll("_", "-");
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(locale)[0] ?? "en";
  } catch {
    return "en";
  }
}
