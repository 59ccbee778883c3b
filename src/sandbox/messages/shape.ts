// What of a template a message must fill, taken apart once for all of its messages. Never looks at
// a message.

import type {
  ScenarioButton,
  ScenarioPart,
  ScenarioTemplate,
} from "../scenario/scenario-template.ts";

/** Longest bodies after filling, in characters (Meta, template pages, 2026-06). */
const MAX_BODY = 1_024;
const MAX_OFFER_BODY = 600;
const MAX_CARD_BODY = 160;

/** A header; `text` is empty when its format is not TEXT. */
export interface HeaderShape {
  /** In capitals: TEXT, IMAGE, VIDEO, DOCUMENT, GIF, LOCATION, PRODUCT. */
  format: string;
  text: string;
}

export interface ButtonShape {
  /** In capitals: URL, QUICK_REPLY, … */
  type: string;
  /** Of a URL button. */
  url: string;
}

/** What a template and a card of a carousel both have. */
export interface PartsShape {
  header: HeaderShape | undefined;
  body: string;
  /** Longest body after filling, in characters. */
  maxBody: number;
  /** By index. */
  buttons: ButtonShape[];
}

export interface TemplateShape extends PartsShape {
  naming: "POSITIONAL" | "NAMED";
  /** A limited-time offer, and whether a message must say when it ends. */
  offer: { mustExpire: boolean } | undefined;
  /** The cards of a carousel. */
  cards: PartsShape[] | undefined;
}

/** Takes a template apart. */
export function shapeOf(template: ScenarioTemplate): TemplateShape {
  const { components } = template;
  const offer = components.find((component) => isType(component, "LIMITED_TIME_OFFER"));
  const carousel = components.find((component) => isType(component, "CAROUSEL"));
  const mustExpire = offer?.limited_time_offer?.has_expiration === true;
  return {
    ...partsOf(components, offer === undefined ? MAX_BODY : MAX_OFFER_BODY),
    naming: template.parameter_format,
    offer: offer && { mustExpire },
    cards: carousel?.cards?.map((card) => partsOf(card.components, MAX_CARD_BODY)),
  };
}

/**
 * The last quick reply of a message, where Meta puts the one that stops marketing; undefined when
 * the template has none. Its payload is the posted one, else the button's own text.
 */
export function lastQuickReply(
  { components }: ScenarioTemplate,
  posted: readonly Record<string, unknown>[],
): { text: string; payload: string } | undefined {
  const buttons = components.find((component) => isType(component, "BUTTONS"))?.buttons ?? [];
  const index = buttons.findLastIndex(({ type }) => type.toUpperCase() === "QUICK_REPLY");
  const text = buttons[index]?.text;
  if (text === undefined) return undefined;
  const sent = posted.find(
    (component) => component.type === "button" && Number(component.index) === index,
  );
  const [parameter] = Array.isArray(sent?.parameters) ? (sent.parameters as unknown[]) : [];
  const { payload } = (parameter ?? {}) as { payload?: unknown };
  return { text, payload: typeof payload === "string" ? payload : text };
}

function partsOf(components: readonly ScenarioPart[], maxBody: number): PartsShape {
  const header = components.find((component) => isType(component, "HEADER"));
  const buttons = components.find((component) => isType(component, "BUTTONS"))?.buttons ?? [];
  return {
    header: header && {
      format: header.format?.toUpperCase() ?? "TEXT",
      text: header.text ?? "",
    },
    body: components.find((component) => isType(component, "BODY"))?.text ?? "",
    maxBody,
    buttons: buttons.map(buttonOf),
  };
}

function buttonOf({ type, url }: ScenarioButton): ButtonShape {
  return { type: type.toUpperCase(), url: url ?? "" };
}

function isType(component: ScenarioPart, type: string): boolean {
  return component.type.toUpperCase() === type;
}
