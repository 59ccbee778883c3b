// Draws a message as it will read, as plain text: header, offer, body, footer, buttons, and the
// cards of a carousel one under the other, with the template's own words when they are known. It
// sends nothing and asks no clock.

import { stamp } from "../common/calendar.ts";
import { assert } from "../common/errors.ts";
import { duration } from "../common/numbers.ts";
import type { CompiledMessage } from "./body.ts";
import { ownValues } from "./body.ts";
import type { CompiledSlot } from "./rendering.ts";
import type { TemplateButton, TemplateComponent, TemplateDefinition } from "./template.ts";
import { PLACEHOLDER } from "./template.ts";
import { fileName } from "./template-components.ts";
import { productsIn } from "./template-limits.ts";
import { cardsOf } from "./template-texts.ts";

/** Width of the box in which a message is shown, in characters. */
const BOX_WIDTH = 60;

export interface PreviewContext {
  /** The template's own words; without them the values are listed by the name of their slot. */
  definition?: TemplateDefinition | undefined;
  /** Instant in ms: how long an offer lasts is counted from here on. */
  now?: number | undefined;
}

/**
 * How a message reads, as plain text of several lines: in a box with the template's own words when
 * its definition is known, else the values by the name of their slot. `values` is what `render`
 * gave.
 */
export function explainMessage(
  message: CompiledMessage,
  values: string,
  { definition, now }: PreviewContext = {},
): string {
  const filled = fillSlots(message, values, now);
  if (definition === undefined) {
    return filled.map(({ name, value }) => `${name}: ${value}`).join("\n");
  }
  const top = filled.filter(({ path }) => path[1] !== "carousel");
  const boxes = [drawBox([...paragraphsOf(definition.components, top, 1), ...tapTarget(top)])];
  const cards = cardNumbers(filled, definition);
  for (const card of cards) {
    const own = filled.filter(({ path }) => path[1] === "carousel" && path[3] === card);
    const components = cardsOf(definition, card)?.components ?? [];
    boxes.push(`card ${card + 1} of ${cards.length}`, drawBox(paragraphsOf(components, own, 4)));
  }
  return boxes.join("\n");
}

export interface FilledSlot extends CompiledSlot {
  /** As shown: an instant in words, a file by its name. */
  value: string;
}

/** The slots with their values. `values` is what `render` gave. */
export function fillSlots(
  message: CompiledMessage,
  values: string,
  now: number | undefined,
): FilledSlot[] {
  const all: unknown = JSON.parse(values);
  assert(Array.isArray(all), "values are a list");
  const { places, pieces } = message;
  const varying = places === undefined ? all : ownValues<unknown>(places, all);
  assert(varying.length === pieces.length - 1, "values belong to another template");
  let next = 0;
  return message.slots.map((slot) => {
    const value = slot.fixed ?? String(varying[next]);
    if (slot.fixed === undefined) next += 1;
    if (slot.kind === "instant") return { ...slot, value: instantText(Number(value), now) };
    if (slot.kind === "product_list") return { ...slot, value: productsIn(value).join(", ") };
    if (slot.kind === "amount") return { ...slot, value: String(Number(value) / 1_000) };
    if (slot.kind === "file")
      return { ...slot, value: `${fileName(slot.template)}, uploaded once` };
    return { ...slot, value };
  });
}

/** `30 Apr 2026, 21:00 UTC, in 2 d 3 h`. */
function instantText(at: number, now: number | undefined): string {
  const text = stamp(at);
  if (now === undefined) return text;
  return at <= now ? `${text}, over` : `${text}, in ${duration(at - now)}`;
}

/** Cards that are sent; when the manifest binds none, those of the template. */
export function cardNumbers(
  filled: readonly FilledSlot[],
  definition: TemplateDefinition,
): number[] {
  const bound = filled.filter(({ path }) => path[1] === "carousel").map(({ path }) => path[3]);
  const last = Math.max(-1, ...bound.map(Number));
  const carousel = definition.components.find(({ type }) => type.toUpperCase() === "CAROUSEL");
  const count = last >= 0 ? last + 1 : (carousel?.cards?.length ?? 0);
  return Array.from({ length: count }, (_, index) => index);
}

/**
 * The parts of a message, or of a card, one under the other, each with its values filled in.
 * `depth` is where in a slot's path its section stands.
 */
function paragraphsOf(
  components: readonly TemplateComponent[],
  filled: readonly FilledSlot[],
  depth: number,
): string[] {
  return components.flatMap((component) => {
    const { text = "", buttons = [], limited_time_offer: offer } = component;
    const type = component.type.toUpperCase();
    const own = filled.filter(({ path }) => path[depth] === type.toLowerCase());
    switch (type) {
      case "BUTTONS":
        return buttons.flatMap((button, index) => buttonLines(button, index, own));
      case "HEADER":
        return [headerLine(component, own)];
      case "LIMITED_TIME_OFFER":
        return [`${offer?.text ?? "Offer"}${own.map(({ value }) => ` · ends ${value}`).join("")}`];
      case "BODY":
      case "FOOTER":
        return [fillText(text, own)];
      default:
        return [];
    }
  });
}

/** A header as one line: its text, or in parentheses what it is and what it shows. */
export function headerLine(
  { format, text = "" }: TemplateComponent,
  own: readonly FilledSlot[],
): string {
  const kind = (format ?? "TEXT").toLowerCase();
  if (kind === "text") return fillText(text, own);
  const of = (key: string): string => own.find(({ path }) => path.at(-1) === key)?.value ?? "";
  if (kind === "location" && own.length > 0) {
    return `(location) ${of("name")}, ${of("address")} (${of("latitude")}, ${of("longitude")})`;
  }
  if (kind === "product" && own.length > 0) {
    return `(product) ${of("product_retailer_id")} of catalog ${of("catalog_id")}`;
  }
  return `(${kind}) ${own.map(({ value }) => value).join(" ")}`.trim();
}

/** A button as people see it, followed by what is behind it. */
function buttonLines(
  button: TemplateButton,
  index: number,
  bound: readonly FilledSlot[],
): string[] {
  const first = `button ${index}`;
  const own = bound.filter(({ name }) => `${name} `.includes(`${first} `));
  const label = `[ ${button.text ?? button.type} ]`;
  const [slot] = own;
  if (button.url !== undefined) {
    return [`${label} ${button.url.replace(PLACEHOLDER, (whole) => slot?.value ?? whole)}`];
  }
  if (slot === undefined) return [label];
  const key = slot.path.find((part) =>
    ["flow", "catalog", "products", "voice_call"].includes(String(part)),
  );
  if (key === undefined) return [`${label} ${slot.value}`];
  if (key === "catalog") return [`${label} the catalog, shown with ${slot.value}`];
  if (key === "flow" || key === "voice_call") {
    const what = (name: string) => name.slice(first.length + name.indexOf(first) + 1);
    return [label, ...own.map(({ name, value }) => `· ${what(name)}: ${value}`)];
  }
  return [`${label} shown with ${slot.value}`, ...sectionLines(own)];
}

/** `· Popular: sku1, sku2`, a line a section. */
function sectionLines(own: readonly FilledSlot[]): string[] {
  const lines: string[] = [];
  for (const { path, value } of own) {
    if (path.at(-1) === "title") lines.push(`· ${value}:`);
    else if (path.includes("items")) {
      const line = lines.pop() ?? "";
      lines.push(`${line}${line.endsWith(":") ? "" : ","} ${value}`);
    }
  }
  return lines;
}

function tapTarget(filled: readonly FilledSlot[]): string[] {
  const own = filled.filter(({ path }) => path[1] === "tap_target");
  if (own.length === 0) return [];
  const [url, title] = ["url", "title"].map((key) => own.find(({ path }) => path.at(-1) === key));
  return [`(a tap on the message: "${title?.value ?? ""}") ${url?.value ?? ""}`];
}

/** A template's text with the values of its parameters; one that has none stays as it is. */
export function fillText(text: string, slots: readonly FilledSlot[]): string {
  return text.replace(PLACEHOLDER, (whole, name: string) => {
    return slots.find(({ variable }) => variable === name)?.value ?? whole;
  });
}

function drawBox(paragraphs: readonly string[]): string {
  const isButton = (paragraph: string): boolean => /^(\[|·) /.test(paragraph);
  const lines = paragraphs.flatMap((paragraph, index) => [
    ...(index === 0 || isButton(paragraph) ? [] : [""]),
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
