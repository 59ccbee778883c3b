// Renders the values of one row, and says what is missing or what Meta would refuse. The values and
// the limits of their texts are compiled once.

import type { Cells, CompiledValue } from "./liquid.ts";
import { cellOf, reasonOf } from "./liquid.ts";
import { jsonText, tidy } from "./plain-text.ts";
import type { TemplateBinding, TemplateDefinition } from "./template.ts";
import type { Slot } from "./template-components.ts";
import { COUNTS, lengthOf, productsIn, settleValue, tooLong } from "./template-limits.ts";
import { wholeTexts } from "./template-texts.ts";

/** What became of the values of a row. */
export type Rendered =
  | {
      kind: "rendered";
      /** JSON array of the values that vary, in the order of the slots. */
      values: string;
    }
  | {
      kind: "missing";
      /** What is missing and where, such as `coupon (body 2)`. */
      names: string[];
    }
  | {
      kind: "invalid";
      /**
       * Which value breaks which limit of Meta, such as `button 1 is 16 characters long; at most 15
       * fit`.
       */
      faults: string[];
    };

/** A slot, and its value when that is the same for every row. */
export interface CompiledSlot extends Slot {
  fixed: string | undefined;
}

/** A value that varies from row to row. */
export interface Renderer {
  slot: Slot;
  value: CompiledValue;
  /** Columns of which an empty cell means that the value is missing. */
  required: string[];
}

/** How much of a text, or of a list of products, is left for the values that vary. */
export interface Budget {
  most: number;
  /** What the template's own words and the values that are the same for every row take of it. */
  spent: number;
  /** Indexes of the renderers whose values go into it, with how often each does. */
  parts: { index: number; times: number }[];
  /** What a value takes: its characters, or the products in it. */
  measure(text: string): number;
  /** What is wrong with so much. */
  fault(size: number): string;
}

/**
 * Only of texts that a row can make too long: one value without words beside it is checked by
 * itself.
 */
export function budgetsOf(
  template: TemplateBinding,
  slots: readonly CompiledSlot[],
  renderers: readonly Renderer[],
  definition: TemplateDefinition | undefined,
): Budget[] {
  const keyOf = ({ path }: Slot): string => JSON.stringify(path);
  const indexes = new Map(renderers.map(({ slot }, index) => [keyOf(slot), index]));
  const fixed = new Map(slots.map((slot) => [keyOf(slot), slot.fixed]));
  return wholeTexts(template, definition).flatMap(({ name, most, own, parts }) => {
    const fault = (length: number) => `${name} as a whole ${tooLong(length, most)}`;
    const budget: Budget = { most, spent: own, parts: [], measure: lengthOf, fault };
    for (const { slot, times } of parts) {
      const index = indexes.get(keyOf(slot));
      if (index !== undefined) budget.parts.push({ index, times });
      else budget.spent += times * lengthOf(fixed.get(keyOf(slot)) ?? "");
    }
    return budget.parts.length === 0 ? [] : [budget];
  });
}

/** The products of a button that shows a list by row: those of all its sections count together. */
export function productBudgets(
  { buttons = [] }: TemplateBinding,
  renderers: readonly Renderer[],
): Budget[] {
  return buttons.flatMap(({ index: button, products }, place) => {
    const parts = renderers.flatMap(({ slot: { kind, path } }, index) =>
      kind === "product_list" && path[2] === place ? [{ index, times: 1 }] : [],
    );
    if (products === undefined || parts.length === 0) return [];
    const fixed = products.sections.flatMap(({ items }) => (Array.isArray(items) ? items : []));
    const name = `button ${button}`;
    const most = COUNTS.products;
    const fault = (size: number) => `${name} has ${size} products; at most ${most} fit`;
    const measure = (text: string) => productsIn(text).length;
    return [{ most, spent: fixed.length, parts, measure, fault }];
  });
}

/**
 * A value is missing when a column that it shows without a `default` is empty, even beside other
 * text: "Hello ," is not what anybody wants sent. It is also missing when nothing at all comes out.
 * What is missing is reported before what is invalid.
 */
export function renderRow(
  renderers: readonly Renderer[],
  budgets: readonly Budget[],
  cells: Cells,
): Rendered {
  let values = "";
  let missing: string[] | undefined;
  let faults: string[] | undefined;
  const texts: string[] = [];
  for (const { slot, value, required } of renderers) {
    const found = renderValue(slot, value, required, cells);
    if ("text" in found) {
      texts.push(found.text);
      values += values === "" ? jsonText(found.text) : `,${jsonText(found.text)}`;
      continue;
    }
    if ("fault" in found) {
      texts.push("");
      faults ??= [];
      faults.push(`${slot.name} ${found.fault}`);
      continue;
    }
    missing ??= [];
    for (const column of found.absent) missing.push(`${column} (${slot.name})`);
    if (found.absent.length === 0) missing.push(`${slot.name}: ${found.reason}`);
  }
  if (missing !== undefined) return { kind: "missing", names: missing };
  const whole = faults ?? wholeFaults(budgets, texts);
  if (whole !== undefined) return { kind: "invalid", faults: whole };
  return { kind: "rendered", values: `[${values}]` };
}

function wholeFaults(budgets: readonly Budget[], texts: readonly string[]): string[] | undefined {
  let faults: string[] | undefined;
  for (const { most, spent, parts, measure, fault } of budgets) {
    // UTF-16 units are never fewer than characters or products, and are there already.
    let size = spent;
    for (const { index, times } of parts) size += times * (texts[index] ?? "").length;
    if (size <= most) continue;
    size = spent;
    for (const { index, times } of parts) size += times * measure(texts[index] ?? "");
    if (size <= most) continue;
    faults ??= [];
    faults.push(fault(size));
  }
  return faults;
}

function renderValue(
  slot: Slot,
  value: CompiledValue,
  required: readonly string[],
  cells: Cells,
): { text: string } | { fault: string } | { absent: string[]; reason: string } {
  for (const column of required) {
    if (cellOf(cells, column) !== "") continue;
    const absent = required.filter((other) => cellOf(cells, other) === "");
    return { absent: [...new Set(absent)], reason: "empty" };
  }
  try {
    const text = tidy(value.text(cells));
    if (text === "") return { absent: [], reason: "empty" };
    return settleValue(slot.kind, text);
  } catch (error) {
    return { absent: [], reason: reasonOf(error) };
  }
}
