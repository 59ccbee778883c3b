// A message in the parts of which a phone's screen draws it: header, offer, body with its marks of
// bold and the like, footer, buttons, cards. Text only, no markup; it sends nothing and asks no
// clock.

import type { Html } from "../common/html.ts";
import { html } from "../common/html.ts";
import type { CompiledMessage } from "./body.ts";
import type { FilledSlot } from "./preview.ts";
import { cardNumbers, fillSlots, fillText, headerLine } from "./preview.ts";
import type { TemplateButton, TemplateComponent, TemplateDefinition } from "./template.ts";
import { PLACEHOLDER } from "./template.ts";
import { cardsOf } from "./template-texts.ts";

/** A run of text that is drawn alike. */
export interface Run {
  text: string;
  style: "plain" | "bold" | "italic" | "strike" | "code";
}

/** One button: what people see, and what is behind it. */
export interface BubbleButton {
  label: string;
  /** `link`: opens a page; `call`: dials; `copy`: a code; `reply`: anything else that is tapped. */
  kind: "link" | "call" | "copy" | "reply";
  /** Where it leads, or the code; empty when nothing is known. */
  detail: string;
}

/** A message, or one card of a carousel. */
export interface Bubble {
  /**
   * `kind` is Meta's format in small letters: `text`, `image`, `video`, `document`, …; null without
   * a header.
   */
  header: { kind: string; text: string } | null;
  offer: string | null;
  body: Run[];
  footer: string | null;
  buttons: BubbleButton[];
  cards: Bubble[];
}

/**
 * WhatsApp's marks, each around a text without a blank at its edges (WhatsApp help, "How to format
 * your messages", 2026).
 */
const MARKS: Readonly<Record<string, Run["style"]>> = {
  "*": "bold",
  _: "italic",
  "~": "strike",
  "`": "code",
};
const MARKED =
  /(?<![\p{L}\d])(?:```(?<block>[^`]+)```|(?<mark>[*_~`])(?!\s)(?<text>[^\n]*?[^\s])\k<mark>)(?![\p{L}\d])/gu;
/** Longest text that is looked through for marks; a body has at most 1,024 characters at Meta. */
const MARKED_LENGTH_MAX = 4_096;

/**
 * Draws a row's message with the template's own words.
 * @param values what `render` gave
 * @param now instant in ms: how long an offer lasts is counted from here on
 */
export function bubbleOf(
  message: CompiledMessage,
  values: string,
  { definition, now }: { definition: TemplateDefinition; now: number },
): Bubble {
  const filled = fillSlots(message, values, now);
  const top = filled.filter(({ path }) => path[1] !== "carousel");
  const cards = cardNumbers(filled, definition).map((card) => {
    const own = filled.filter(({ path }) => path[1] === "carousel" && path[3] === card);
    return drawParts(cardsOf(definition, card)?.components ?? [], own, 4);
  });
  return { ...drawParts(definition.components, top, 1), cards };
}

/**
 * The values by the name of their slot: all that can be shown while the template's words are not
 * known.
 */
export function namedValues(
  message: CompiledMessage,
  values: string,
  now: number,
): { name: string; value: string }[] {
  return fillSlots(message, values, now).map(({ name, value }) => ({ name, value }));
}

/** Splits a text at WhatsApp's marks. */
export function runsOf(text: string): Run[] {
  const runs: Run[] = [];
  let from = 0;
  const plain = (to: number) => {
    if (to > from) runs.push({ text: text.slice(from, to), style: "plain" });
  };
  for (const match of text.slice(0, MARKED_LENGTH_MAX).matchAll(MARKED)) {
    const { block, mark, text: inside } = match.groups ?? {};
    plain(match.index);
    from = match.index + match[0].length;
    if (block !== undefined) runs.push({ text: block, style: "code" });
    else runs.push({ text: inside ?? "", style: MARKS[mark ?? ""] ?? "plain" });
  }
  plain(text.length);
  return runs;
}

/** @param depth where in a slot's path its section stands */
function drawParts(
  components: readonly TemplateComponent[],
  filled: readonly FilledSlot[],
  depth: number,
): Bubble {
  const bubble: Bubble = {
    header: null,
    offer: null,
    body: [],
    footer: null,
    buttons: [],
    cards: [],
  };
  for (const component of components) {
    const { text = "", format, buttons = [], limited_time_offer: offer } = component;
    const type = component.type.toUpperCase();
    const own = filled.filter(({ path }) => path[depth] === type.toLowerCase());
    if (type === "HEADER") {
      const kind = (format ?? "TEXT").toLowerCase();
      bubble.header = { kind, text: headerLine(component, own) };
    }
    if (type === "BODY") bubble.body = runsOf(fillText(text, own));
    if (type === "FOOTER") bubble.footer = fillText(text, own);
    if (type === "LIMITED_TIME_OFFER") {
      bubble.offer = [offer?.text ?? "Offer", ...own.map(({ value }) => `ends ${value}`)].join(
        " · ",
      );
    }
    if (type === "BUTTONS")
      bubble.buttons = buttons.map((button, index) => drawButton(button, index, own));
  }
  return bubble;
}

function drawButton(
  button: TemplateButton,
  index: number,
  bound: readonly FilledSlot[],
): BubbleButton {
  const value = bound.find(({ name }) => `${name} `.includes(`button ${index} `))?.value;
  const label = button.text ?? button.type;
  if (button.url !== undefined) {
    const detail = button.url.replace(PLACEHOLDER, (whole) => value ?? whole);
    return { label, kind: "link", detail };
  }
  const type = button.type.toUpperCase();
  if (type === "PHONE_NUMBER") return { label, kind: "call", detail: value ?? "" };
  if (type === "COPY_CODE") return { label, kind: "copy", detail: value ?? "" };
  return { label, kind: "reply", detail: value ?? "" };
}

/** A stretch of text with WhatsApp's mark for bold and the like drawn. */
export function drawRun({ text, style }: Run): Html {
  switch (style) {
    case "bold":
      return html`<strong>${text}</strong>`;
    case "italic":
      return html`<em>${text}</em>`;
    case "strike":
      return html`<s>${text}</s>`;
    case "code":
      return html`<code>${text}</code>`;
    case "plain":
      return html`${text}`;
  }
}
