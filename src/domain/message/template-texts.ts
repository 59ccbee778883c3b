// The texts of a template that take values (header, body, URLs, those of cards), each with its
// limit and its values: a text must fit as a whole, the template's own words and all values
// together. It renders nothing.

import type { TemplateBinding, TemplateComponent, TemplateDefinition } from "./template.ts";
import { componentOf, isOffer, PLACEHOLDER } from "./template.ts";
import type { Slot } from "./template-components.ts";
import { slotsOf } from "./template-components.ts";
import { lengthOf, WHOLE_TEXTS } from "./template-limits.ts";

/** A text that values are put into. */
export interface WholeText {
  /** As shown to people: `body`, `button 0`, `card 1 body`. */
  name: string;
  /** Path in the manifest of what is put into it. */
  path: readonly (string | number)[];
  /** Characters that fit, all in all. */
  most: number;
  /** Characters of the template's own words; 0 when they are not known. */
  own: number;
  /** The values in it, with how often each stands there. */
  parts: { slot: Slot; times: number }[];
}

/** Every text that takes values, with the template's own words when its definition is known. */
export function wholeTexts(binding: TemplateBinding, definition?: TemplateDefinition): WholeText[] {
  const texts = new Map<string, WholeText>();
  for (const slot of slotsOf(binding)) {
    const { variable, kind, path } = slot;
    if (variable === undefined) continue;
    const inCard = path[1] === "carousel";
    const place = path.slice(0, (inCard ? 5 : 2) + (kind === "url" ? 1 : 0));
    const key = JSON.stringify(place);
    const words = definition && ownWords(binding, definition, place);
    const whole = texts.get(key) ?? {
      name: kind === "url" ? slot.name : nameOf(place),
      path: place,
      most: mostOf(kind, isOffer(binding, definition)),
      own: lengthOf((words ?? "").replace(PLACEHOLDER, "")),
      parts: [],
    };
    whole.parts.push({ slot, times: timesIn(words, variable) });
    texts.set(key, whole);
  }
  return [...texts.values()];
}

/** The template's text at a place of the manifest; undefined when it has none there. */
function ownWords(
  binding: TemplateBinding,
  definition: TemplateDefinition,
  path: readonly (string | number)[],
): string | undefined {
  const inCard = path[1] === "carousel";
  const card = inCard ? Number(path[3]) : undefined;
  const [section, place] = path.slice(inCard ? 4 : 1);
  const components =
    card === undefined ? definition.components : (cardsOf(definition, card)?.components ?? []);
  if (section === "header") return componentOf(components, "HEADER")?.text;
  if (section === "body") return componentOf(components, "BODY")?.text;
  const bound = card === undefined ? binding : binding.carousel?.cards[card];
  const index = bound?.buttons?.[Number(place)]?.index;
  const buttons = componentOf(components, "BUTTONS")?.buttons ?? [];
  return index === undefined ? undefined : buttons[index]?.url;
}

/**
 * The definition of a card: those of products are alike, and fewer may be defined than are sent
 * (Meta, 2026-06).
 */
export function cardsOf(
  definition: TemplateDefinition,
  index: number,
): { components: TemplateComponent[] } | undefined {
  const cards = componentOf(definition.components, "CAROUSEL")?.cards ?? [];
  return cards[index] ?? cards[0];
}

function nameOf(place: readonly (string | number)[]): string {
  const section = String(place.at(-1));
  return place[1] === "carousel" ? `card ${Number(place[3]) + 1} ${section}` : section;
}

function mostOf(kind: Slot["kind"], isOffered: boolean): number {
  if (kind === "header" || kind === "url" || kind === "card_body") return WHOLE_TEXTS[kind];
  return isOffered ? WHOLE_TEXTS.offer_body : WHOLE_TEXTS.body;
}

/** A value stands at least once in its text, also while the text is not known. */
function timesIn(words: string | undefined, variable: string): number {
  if (words === undefined) return 1;
  const found = Array.from(words.matchAll(PLACEHOLDER)).filter((match) => match[1] === variable);
  return Math.max(found.length, 1);
}
