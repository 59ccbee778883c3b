// Renders a recipient's values, builds the body of the request from them, and shows how the message
// reads. The template is compiled once; nothing here reads a file, a clock or the network.

import { assert } from "./errors.ts";
import type { Slot, TemplateBinding, TemplateDefinition } from "./template.ts";
import { componentsOf, slotsOf } from "./template.ts";
import type { Cells, CompiledValue } from "./value.ts";
import { cellOf, compileValue, isLiquid, reasonOf } from "./value.ts";

/**
 * Longest rendered value, in UTF-16 units (Meta, OpenAPI v23.0: `maxLength` of a text parameter).
 */
const MAX_VALUE_LENGTH = 32_768;
/** Width of the box in which a message is shown, in characters. */
const BOX_WIDTH = 60;

/** The parts of a manifest that make a message. */
export interface MessageSource {
  template: TemplateBinding;
  delivery: {
    product_policy: "CLOUD_API_FALLBACK" | "STRICT";
    message_activity_sharing?: boolean | undefined;
  };
}

type Rendered =
  | {
      kind: "rendered";
      /** JSON array of the values that vary, in the order of the slots. */
      values: string;
    }
  | {
      kind: "missing";
      /** What is missing and where, such as `coupon (body 2)`. */
      names: string[];
    };

/** A slot, and its value when that is the same for every row. */
interface CompiledSlot extends Slot {
  fixed: string | undefined;
}

export interface CompiledMessage {
  /**
   * Every value that the manifest puts into the template; only those that vary are kept for each
   * row.
   */
  slots: CompiledSlot[];
  /** Columns that the values read, each once. */
  columns: string[];
  /**
   * Renders the values of one row, given its cells by column; a column that the row lacks is empty.
   */
  render(cells: Cells): Rendered;
  /**
   * The body as JSON, in pieces between which the number, the varying values and the key are put.
   */
  pieces: string[];
}

/** The same for every message: what comes before the recipient's number. */
const OPENING = `{"messaging_product":"whatsapp","recipient_type":"individual","to":`;

/**
 * Compiles what the manifest puts into the template. The manifest must come from `readManifest`,
 * which tells the operator what is wrong with its values; here that is a programmer's error.
 */
export function compileMessage(manifest: MessageSource): CompiledMessage {
  const { template } = manifest;
  const columns = new Set<string>();
  const renderers: Renderer[] = [];
  const slots = slotsOf(template).map((slot): CompiledSlot => {
    if (!isLiquid(slot.template)) return { ...slot, fixed: tidy(slot.template) };
    const compiled = compileValue(slot.template, template.language);
    assert("value" in compiled, `${slot.name} was checked when the manifest was read`);
    const { value } = compiled;
    for (const { column } of value.columns) columns.add(column);
    const required = value.columns.filter(({ hasDefault }) => !hasDefault);
    renderers.push({ name: slot.name, value, required: required.map(({ column }) => column) });
    return { ...slot, fixed: undefined };
  });
  return {
    slots,
    columns: [...columns],
    render: (cells) => renderRow(renderers, cells),
    pieces: piecesOf(manifest, slots),
  };
}

/** A text in JSON, with its quotes. */
const JSON_TEXT = /"(?:[^"\\]|\\.)*"/g;

/**
 * The body of the request for one recipient, as JSON text (Meta, send marketing messages page,
 * 2026-09). `values` is what `render` gave, or the ledger kept. `to` keeps its `+`: without it Meta
 * puts the business's own country code before the number. `biz_opaque_callback_data` is not
 * documented on this endpoint. `to` (E.164) and `callbackKey` hold nothing that JSON would escape.
 */
export function buildBody(
  message: CompiledMessage,
  recipient: { to: string; values: string; callbackKey?: string | undefined },
): string {
  const { pieces } = message;
  // The values are JSON already: cut apart and put into the body, which is a fifth of the cost of reading
  // and writing them again.
  const values = recipient.values.match(JSON_TEXT) ?? [];
  assert(values.length === pieces.length - 1, "values belong to another template");
  let body = `${OPENING}"${recipient.to}"${pieces[0] ?? ""}`;
  for (let index = 0; index < values.length; index += 1) {
    body += (values[index] as string) + (pieces[index + 1] ?? "");
  }
  if (recipient.callbackKey === undefined) return `${body}}`;
  return `${body},"biz_opaque_callback_data":"${recipient.callbackKey}"}`;
}

/**
 * How a message reads, as plain text of several lines: in a box with the template's own words when
 * its definition is known, else the values by the name of their slot. `values` is what `render`
 * gave.
 */
export function explainMessage(
  message: CompiledMessage,
  values: string,
  definition?: TemplateDefinition,
): string {
  const varying = readValues(values, message.pieces.length - 1);
  let next = 0;
  const filled = message.slots.map((slot) => {
    if (slot.fixed !== undefined) return { ...slot, value: slot.fixed };
    next += 1;
    return { ...slot, value: varying[next - 1] ?? "" };
  });
  if (definition === undefined) {
    return filled.map(({ name, value }) => `${name}: ${value}`).join("\n");
  }
  return drawBox(paragraphsOf(definition, filled));
}

interface Renderer {
  name: string;
  value: CompiledValue;
  /** Columns of which an empty cell means that the value is missing. */
  required: string[];
}

/**
 * A value is missing when a column that it shows without a `default` is empty, even beside other
 * text: "Hello ," is not what anybody wants sent. It is also missing when nothing at all comes out.
 */
function renderRow(renderers: readonly Renderer[], cells: Cells): Rendered {
  let values = "";
  let missing: string[] | undefined;
  for (const { name, value, required } of renderers) {
    const found = renderValue(value, required, cells);
    if ("text" in found) {
      values += values === "" ? JSON.stringify(found.text) : `,${JSON.stringify(found.text)}`;
      continue;
    }
    missing ??= [];
    for (const column of found.absent) missing.push(`${column} (${name})`);
    if (found.absent.length === 0) missing.push(`${name}: ${found.reason}`);
  }
  if (missing !== undefined) return { kind: "missing", names: missing };
  return { kind: "rendered", values: `[${values}]` };
}

function renderValue(
  value: CompiledValue,
  required: readonly string[],
  cells: Cells,
): { text: string } | { absent: string[]; reason: string } {
  for (const column of required) {
    if (cellOf(cells, column) !== "") continue;
    const absent = required.filter((other) => cellOf(cells, other) === "");
    return { absent: [...new Set(absent)], reason: "empty" };
  }
  try {
    const text = tidy(value.text(cells));
    if (text !== "" && text.length <= MAX_VALUE_LENGTH) return { text };
    const reason = text === "" ? "empty" : `longer than ${MAX_VALUE_LENGTH} characters`;
    return { absent: [], reason };
  } catch (error) {
    return { absent: [], reason: reasonOf(error) };
  }
}

/**
 * Trims, and makes one blank of every line break, tab and run of blanks: Meta refuses a value with
 * more than four blanks in a row, and, as far as we know, with a line break or a tab. A single
 * no-break space is kept.
 */
function tidy(text: string): string {
  const trimmed = text.trim();
  return /\s\s|[^\S \u00A0\u202F\u3000]/.test(trimmed)
    ? trimmed.replace(/\s{2,}|[^\S \u00A0\u202F\u3000]/g, " ")
    : trimmed;
}

/**
 * Marks where a value goes. Names, language and parameter names cannot hold it, and no value is in
 * the text yet.
 */
const GAP = "\u0000";

/** What follows the number, cut at each varying value; the last piece lacks the closing brace. */
function piecesOf(manifest: MessageSource, slots: readonly CompiledSlot[]): string[] {
  const { template, delivery } = manifest;
  let next = 0;
  const components = componentsOf(template, () => {
    next += 1;
    return `${GAP}${next - 1}${GAP}`;
  });
  const rest = {
    type: "template",
    template: {
      name: template.name,
      // The OpenAPI of v23.0 also asks for `policy`; Meta's samples for this endpoint do without.
      language: { code: template.language },
      ...(components.length > 0 ? { components } : {}),
    },
    product_policy: delivery.product_policy,
    ...(delivery.message_activity_sharing === undefined
      ? {}
      : { message_activity_sharing: delivery.message_activity_sharing }),
  };
  const gap = /"\\u0000(\d+)\\u0000"/;
  // Every other part is the number of a slot.
  const parts = JSON.stringify(rest).split(gap);
  const pieces = [`,${(parts[0] ?? "").slice(1)}`];
  for (let index = 1; index < parts.length; index += 2) {
    const after = parts[index + 1] ?? "";
    const fixed = slots[Number(parts[index])]?.fixed;
    if (fixed === undefined) pieces.push(after);
    else pieces.push(`${pieces.pop()}${JSON.stringify(fixed)}${after}`);
  }
  pieces.push((pieces.pop() ?? "").slice(0, -1));
  return pieces;
}

function readValues(values: string, expected: number): string[] {
  const list: unknown = JSON.parse(values);
  assert(Array.isArray(list) && list.length === expected, "values belong to another template");
  return list;
}

interface FilledSlot extends CompiledSlot {
  value: string;
}

/** The parts of a message one under the other, each with its variables filled in. */
function paragraphsOf(definition: TemplateDefinition, filled: readonly FilledSlot[]): string[] {
  return definition.components.flatMap((component) => {
    const { type, format, text = "", buttons = [] } = component;
    const own = filled.filter(({ path }) => path[1] === type.toLowerCase());
    if (type === "BUTTONS") {
      return buttons.map((button, index) => {
        const slot = own.find(({ name }) => name === `button ${index}`);
        const target = button.url?.replace("{{1}}", () => slot?.value ?? "");
        const value = target ?? slot?.value;
        return `[ ${button.text ?? button.type} ]${value === undefined ? "" : ` ${value}`}`;
      });
    }
    if (type === "HEADER" && format !== undefined && format !== "TEXT") {
      return [`(${format.toLowerCase()}) ${own.map(({ value }) => value).join(" ")}`.trim()];
    }
    return [fillText(text, own)];
  });
}

function fillText(text: string, slots: readonly FilledSlot[]): string {
  return text.replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) => {
    const byName = slots.find(({ path }) => path.at(-1) === name);
    const byPlace = /^\d+$/.test(name) ? slots[Number(name) - 1] : undefined;
    return (byName ?? byPlace)?.value ?? whole;
  });
}

function drawBox(paragraphs: readonly string[]): string {
  const lines = paragraphs.flatMap((paragraph, index) => [
    ...(index === 0 || paragraph.startsWith("[ ") ? [] : [""]),
    ...paragraph.split("\n").flatMap(wrap),
  ]);
  const width = Math.max(...lines.map((line) => Array.from(line).length), 1);
  const row = (line: string): string => `│ ${line}${" ".repeat(width - Array.from(line).length)} │`;
  const edge = "─".repeat(width + 2);
  return [`┌${edge}┐`, ...lines.map(row), `└${edge}┘`].join("\n");
}

/** Breaks at blanks; a word longer than the box, such as a link, stays whole. */
function wrap(paragraph: string): string[] {
  const lines = [""];
  for (const word of paragraph.split(" ")) {
    const line = lines.pop() ?? "";
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && Array.from(longer).length > BOX_WIDTH) lines.push(line, word);
    else lines.push(longer);
  }
  return lines;
}
