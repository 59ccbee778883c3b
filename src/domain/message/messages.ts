// The messages of a campaign that has several: each row is rendered once, with the values that any
// of them needs, so that no message leaves out other people than another.

import { assert } from "../common/errors.ts";
import type { CompiledMessage } from "./body.ts";
import type { Cells } from "./liquid.ts";
import type { Budget, Rendered, Renderer } from "./rendering.ts";
import { renderRow } from "./rendering.ts";

/** Messages over one list of values. */
export interface CompiledMessages {
  /** In their order; each finds its own values in the list of a row. */
  messages: readonly CompiledMessage[];
  /** Columns that any of them reads, each once. */
  columns: string[];
  /**
   * The values of one row, of all messages. A value that is missing or too long in one of them is
   * so for the row.
   */
  render(cells: Cells): Rendered;
}

/** One message, or one of several by a name. */
export interface NamedMessage {
  /** Null: there is one. */
  name: string | null;
  language: string;
  message: CompiledMessage;
}

/**
 * Puts messages over one list of values: a value that several have is in it once.
 * @param given at least one
 */
export function joinMessages(given: readonly NamedMessage[]): CompiledMessages {
  const [first, ...others] = given;
  if (first !== undefined && others.length === 0) {
    const { message } = first;
    return { messages: [message], columns: message.columns, render: message.render };
  }
  const known = new Map<string, number>();
  const renderers: Renderer[] = [];
  const budgets: Budget[] = [];
  const messages = given.map(({ name, language, message }): CompiledMessage => {
    const places = message.renderers.map((renderer) => {
      const { kind, template } = renderer.slot;
      const key = JSON.stringify([language, kind, template]);
      const place = known.get(key) ?? renderers.length;
      if (place === renderers.length) {
        known.set(key, place);
        const slot = { ...renderer.slot, name: `${renderer.slot.name} of arm ${name}` };
        renderers.push({ ...renderer, slot });
      }
      return place;
    });
    for (const budget of message.budgets) {
      const parts = budget.parts.map((part) => ({ ...part, index: places[part.index] as number }));
      const fault = (size: number) => `in arm ${name}, ${budget.fault(size)}`;
      budgets.push({ ...budget, parts, fault });
    }
    return { ...message, places };
  });
  return {
    messages,
    columns: [...new Set(given.flatMap(({ message }) => message.columns))],
    render: (cells) => renderRow(renderers, budgets, cells),
  };
}

/**
 * Messages of which each row gives the language: what the values read, such as the names of months
 * and the room in the template's own words, is that of the row's language.
 * @param messages compiled with the language as their first value
 * @param inLanguage the same messages in one language; asked for once a language
 */
export function renderByLanguage(
  messages: CompiledMessages,
  inLanguage: (code: string) => CompiledMessages,
): CompiledMessages {
  const language = messages.messages[0]?.renderers[0];
  assert(language?.slot.kind === "language", "the language is the first value");
  const renders = new Map<string, CompiledMessages["render"]>();
  const renderIn = (code: string, cells: Cells): Rendered => {
    const known = renders.get(code) ?? inLanguage(code).render;
    renders.set(code, known);
    return known(cells);
  };
  return {
    ...messages,
    render(cells) {
      const own = renderRow([language], [], cells);
      if (own.kind !== "rendered") return own;
      const rest = renderIn(languageOf(own.values), cells);
      if (rest.kind !== "rendered") return rest;
      if (rest.values === "[]") return own;
      return { kind: "rendered", values: `${own.values.slice(0, -1)},${rest.values.slice(1)}` };
    },
  };
}

/** The language of a row's values, where each row gives its own. @param values JSON array */
export function languageOf(values: string): string {
  return values.slice(2, values.indexOf('"', 2));
}
