// Checks the components of a message against the template that it names. Never looks at the
// template's status.

import type { MediaCheck } from "../server/media.ts";
import { checkButtons } from "./buttons.ts";
import type { Refusal } from "./graph-errors.ts";
import { checkHeader } from "./headers.ts";
import { checkOffer, checkTapTarget } from "./offers.ts";
import { checkText, placeholdersOf, wrongCount, wrongFormat } from "./parameters.ts";
import type { Fields } from "./payload.ts";
import { isRecord, unexpected } from "./payload.ts";
import type { PlacedComponent, Scope } from "./scope.ts";
import type { PartsShape, TemplateShape } from "./shape.ts";

/** Cards of a carousel (Meta, carousel template pages, 2026-06). */
const MAX_CARDS = 10;

const PARTS: ReadonlySet<string> = new Set(["header", "body", "button"]);

const COMPONENTS: ReadonlySet<string> = new Set([
  ...PARTS,
  "limited_time_offer",
  "carousel",
  "tap_target_configuration",
]);

const PLAIN_KEYS: ReadonlySet<string> = new Set(["type", "parameters"]);

const BUTTON_KEYS: ReadonlySet<string> = new Set(["type", "sub_type", "index", "parameters"]);

const CAROUSEL_KEYS: ReadonlySet<string> = new Set(["type", "cards"]);

const CARD_KEYS: ReadonlySet<string> = new Set(["card_index", "components"]);

/** A message's components by their place in the template. */
interface Sorted {
  /** By type; buttons and the carousel's cards apart. */
  plain: Map<string, PlacedComponent>;
  buttons: Map<number, PlacedComponent>;
}

/**
 * The first thing that is wrong with a message's components, given its template; undefined when
 * they fit. `media` is asked about every id of an uploaded file.
 */
export function checkComponents(
  shape: TemplateShape,
  components: readonly Fields[],
  media: MediaCheck,
): Refusal | undefined {
  const sorted = sort(components, "template['components']", { allowed: COMPONENTS, shape });
  if ("refusal" in sorted) return sorted.refusal;
  const isOffer = shape.offer !== undefined;
  const scope = { naming: shape.naming, prefix: "", media, isOffer };
  const { plain } = sorted;
  return (
    checkParts(shape, sorted, scope) ??
    checkOffer(shape.offer, plain.get("limited_time_offer")) ??
    checkCarousel(shape, plain.get("carousel"), media) ??
    checkTapTarget(plain.get("tap_target_configuration"))
  );
}

function checkParts(shape: PartsShape, sorted: Sorted, scope: Scope): Refusal | undefined {
  const { body, maxBody } = shape;
  const into = { part: `${scope.prefix}body`, text: body, format: scope.naming };
  return (
    checkHeader(shape.header, sorted.plain.get("header"), scope) ??
    checkText({ ...into, maxLength: maxBody }, sorted.plain.get("body")?.parameters ?? []) ??
    checkButtons(shape.buttons, sorted.buttons, scope)
  );
}

function checkCarousel(
  shape: TemplateShape,
  sent: PlacedComponent | undefined,
  media: MediaCheck,
): Refusal | undefined {
  const { cards: wanted, naming } = shape;
  if (wanted === undefined) {
    return sent && { code: 132012, details: "carousel: the template has no carousel." };
  }
  // A carousel of which no card takes anything need not be sent at all. [?]
  if (sent === undefined) {
    return wanted.every(takesNothing) ? undefined : wrongFormat("carousel", "carousel", undefined);
  }
  const { cards } = sent.fields;
  const param = `${sent.param}['cards']`;
  if (!Array.isArray(cards)) return { code: 100, details: `Param ${param} must be an array.` };
  const count = checkCardCount(wanted, cards.length);
  if (count !== undefined) return count;
  const indices = new Set<number>();
  for (const [place, card] of cards.entries()) {
    const index = readCard(card, `${param}[${place}]`, cards.length);
    if (typeof index !== "number") return index;
    if (indices.has(index)) return twice(`carousel card ${index}`);
    indices.add(index);
    const components = (card as Fields).components as Fields[];
    // All cards of a template are alike, so that more products than its sample are like the first.
    const cardShape = wanted[index] ?? wanted[0];
    const into = { allowed: PARTS, shape: cardShape };
    const sorted = sort(components, `${param}[${place}]['components']`, into);
    if ("refusal" in sorted) return sorted.refusal;
    const scope = { naming, prefix: `carousel: card ${index}: `, media, isOffer: false };
    const problem = cardShape && checkParts(cardShape, sorted, scope);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Cards with products are as many as the sender likes; cards with media as many as approved. */
function checkCardCount(wanted: readonly PartsShape[], given: number): Refusal | undefined {
  const isProducts = wanted[0]?.header?.format === "PRODUCT";
  if (isProducts ? given >= 1 && given <= MAX_CARDS : given === wanted.length) return undefined;
  return wrongCount("carousel", given, isProducts ? MAX_CARDS : wanted.length);
}

/** The index of a card, or what is wrong with the card itself. */
function readCard(card: unknown, param: string, count: number): number | Refusal {
  if (!isRecord(card)) return { code: 100, details: `Param ${param} must be a JSON object.` };
  const strange = unexpected(card, CARD_KEYS, param);
  if (strange !== undefined) return strange;
  const { card_index: index, components = [] } = card;
  if (typeof index !== "number" || !Number.isInteger(index) || index < 0 || index >= count) {
    const details = `Param ${param}['card_index'] must be an integer from 0 to ${count - 1}.`;
    return { code: 100, details };
  }
  if (!Array.isArray(components) || !components.every(isRecord)) {
    const details = `Param ${param}['components'] must be an array of JSON objects.`;
    return { code: 100, details };
  }
  return index;
}

function sort(
  components: readonly Fields[],
  param: string,
  { allowed, shape }: { allowed: ReadonlySet<string>; shape: PartsShape | undefined },
): Sorted | { refusal: Refusal } {
  const sorted: Sorted = { plain: new Map(), buttons: new Map() };
  for (const [place, fields] of components.entries()) {
    const placed = readComponent(fields, `${param}[${place}]`, allowed);
    if ("refusal" in placed) return placed;
    const type = fields.type as string;
    if (type !== "button") {
      if (sorted.plain.has(type)) return { refusal: twice(type) };
      sorted.plain.set(type, placed);
      continue;
    }
    const index = readIndex(fields.index ?? onlyCall(fields, shape));
    if (index === undefined) {
      const details = `Param ${placed.param}['index'] must be an integer from 0 to 9.`;
      return { refusal: { code: 100, details } };
    }
    if (sorted.buttons.has(index)) return { refusal: twice(`button ${index}`) };
    sorted.buttons.set(index, placed);
  }
  return sorted;
}

function readComponent(
  fields: Fields,
  param: string,
  allowed: ReadonlySet<string>,
): PlacedComponent | { refusal: Refusal } {
  const { type, parameters = [] } = fields;
  if (typeof type !== "string" || !allowed.has(type)) {
    const kinds = [...allowed].join(", ").toUpperCase();
    return { refusal: { code: 100, details: `Param ${param}['type'] must be one of {${kinds}}.` } };
  }
  const keys = type === "button" ? BUTTON_KEYS : type === "carousel" ? CAROUSEL_KEYS : PLAIN_KEYS;
  const strange = unexpected(fields, keys, param);
  if (strange !== undefined) return { refusal: strange };
  if (!Array.isArray(parameters)) {
    return { refusal: { code: 100, details: `Param ${param}['parameters'] must be an array.` } };
  }
  return { fields, parameters, param };
}

/** Whether a card has nothing that a message could fill. */
function takesNothing({ header, body, buttons }: PartsShape): boolean {
  const hasText = (text: string): boolean => placeholdersOf(text).places.length > 0;
  const isFixed = header === undefined || (header.format === "TEXT" && !hasText(header.text));
  return isFixed && !hasText(body) && !buttons.some((button) => hasText(button.url));
}

/**
 * A template has one call button at most, and Meta's sample of sending one has no index (call
 * button page, 2026).
 */
function onlyCall({ sub_type: type }: Fields, shape: PartsShape | undefined): number | undefined {
  if (typeof type !== "string" || type.toUpperCase() !== "VOICE_CALL") return undefined;
  return shape?.buttons.findIndex((button) => button.type === "VOICE_CALL");
}

function readIndex(index: unknown): number | undefined {
  // The OpenAPI says that `index` is text; Meta's samples have both "0" and 0.
  const text = typeof index === "number" ? String(index) : index;
  return typeof text === "string" && /^[0-9]$/.test(text) ? Number(text) : undefined;
}

function twice(part: string): Refusal {
  return { code: 100, details: `Component ${part} is given twice.` };
}
