// Holds what a manifest binds against a template's own components: every variable bound exactly
// once, kinds and counts right, nothing bound that the template lacks. Knows nothing of rows, and
// nothing of the template's state at Meta.

import { nearest } from "../common/nearest.ts";
import { plural } from "../common/numbers.ts";
import { isLiquid } from "./liquid.ts";
import type {
  ButtonBinding,
  CardBinding,
  TemplateBinding,
  TemplateButton,
  TemplateComponent,
  TemplateDefinition,
  Variables,
} from "./template.ts";
import {
  BUTTON_KEYS,
  BUTTON_TYPES,
  buttonKey,
  componentOf,
  headerKey,
  isOffer,
  placeholdersOf,
} from "./template.ts";
import { COUNTS, lengthOf, settleValue, tooLong } from "./template-limits.ts";
import { wholeTexts } from "./template-texts.ts";

/** Something that does not fit, at its path in the manifest. */
export interface TemplateMismatch {
  path: (string | number)[];
  /** One sentence: what is wrong. */
  message: string;
  /** One sentence: what to do. */
  hint: string;
}

/**
 * Everything in a manifest's template that does not fit the definition; empty when all of it does.
 * The path is that of the value that is wrong, or of the section that lacks one.
 */
export function matchTemplate(
  binding: TemplateBinding,
  definition: TemplateDefinition,
): TemplateMismatch[] {
  const top: MatchScope = {
    path: ["template"],
    of: "the template",
    naming: definition.parameter_format,
  };
  return [
    ...matchParts(binding, definition.components, top),
    ...matchOffer(binding, definition),
    ...matchCarousel(binding, definition),
    ...matchTapTarget(binding, definition),
    ...matchLengths(binding, definition),
  ];
}

/** What is matched: the template itself, or one of its cards. */
interface MatchScope {
  path: (string | number)[];
  /** `the template`, `card 2 of the template`. */
  of: string;
  naming: TemplateDefinition["parameter_format"];
}

function matchParts(
  parts: CardBinding,
  components: readonly TemplateComponent[],
  scope: MatchScope,
): TemplateMismatch[] {
  const buttons = componentOf(components, "BUTTONS")?.buttons ?? [];
  const text = componentOf(components, "BODY")?.text ?? "";
  return [
    ...matchHeader(parts, componentOf(components, "HEADER"), scope),
    ...matchVariables("body", parts.body, placeholdersOf(text), scope),
    ...matchButtons(parts.buttons ?? [], buttons, scope),
  ];
}

function matchHeader(
  { header }: CardBinding,
  component: TemplateComponent | undefined,
  scope: MatchScope,
): TemplateMismatch[] {
  const { path, of } = scope;
  const here = [...path, "header"];
  const bound = header === undefined ? undefined : headerKey(header);
  if (component === undefined) {
    if (bound === undefined) return [];
    return [{ path: here, message: `${of} has no header`, hint: "Take `header` out." }];
  }
  const format = (component.format ?? "TEXT").toUpperCase();
  const wanted = format.toLowerCase();
  const names = format === "TEXT" ? placeholdersOf(component.text ?? "") : [];
  if (format === "TEXT" && names.length === 0) {
    if (bound === undefined) return [];
    const message = `the header of ${of} is a text without a variable`;
    return [{ path: here, message, hint: "Take `header` out." }];
  }
  if (bound === undefined) {
    const message =
      format === "TEXT"
        ? `the header of ${of} has the variable {{${names[0]}}}, and \`header\` is left out`
        : `the header of ${of} is ${article(wanted)}, and \`header\` is left out`;
    return [{ path: [...path], message, hint: `Add \`header\` with \`${wanted}\`.` }];
  }
  if (bound !== wanted) {
    const message = `the header of ${of} is ${article(wanted)}, not ${article(bound)}`;
    return [{ path: [...here, bound], message, hint: `Write \`header: { ${wanted}: … }\`.` }];
  }
  const text = header?.text;
  if (text === undefined) return [];
  const variables = typeof text === "string" ? [text] : text;
  return matchVariables("header", variables, names, scope, [...here, "text"]);
}

/** Variables of a text: as many, and by name when they are named. */
function matchVariables(
  part: "header" | "body",
  bound: Variables | undefined,
  wanted: readonly string[],
  scope: MatchScope,
  here: (string | number)[] = [...scope.path, part],
): TemplateMismatch[] {
  const { of, naming } = scope;
  const count = bound === undefined ? 0 : Object.keys(bound).length;
  const path = bound === undefined ? [...scope.path] : here;
  const text = `the ${part} of ${of}`;
  if (wanted.length === 0) {
    if (count === 0) return [];
    return [{ path, message: `${text} has no variable`, hint: `Take \`${part}\` out.` }];
  }
  const list = wanted.map((name) => `{{${name}}}`).join(", ");
  const has = `${text} has ${plural(wanted.length, "variable")} (${list})`;
  if (bound === undefined || count === 0) {
    const shape = naming === "NAMED" ? "a mapping of their names" : "a list in their order";
    const hint = `Add \`${part}\` with ${wanted.length === 1 ? "its value" : shape}.`;
    return [{ path, message: `${has}, and \`${part}\` gives none`, hint }];
  }
  if (naming === "NAMED") {
    if (!Array.isArray(bound)) return matchNames(bound, wanted, text, path);
    const hint = `Write \`name: value\`, with ${list}.`;
    return [{ path, message: `${text} has named variables (${list}), not counted ones`, hint }];
  }
  if (!Array.isArray(bound)) {
    const hint = part === "header" ? "Write a plain value." : "Write a list, in their order.";
    return [{ path, message: `${text} has counted variables (${list}), not named ones`, hint }];
  }
  if (count === wanted.length) return [];
  const hint = count > wanted.length ? "Take out what is too many." : "Add what is missing.";
  return [{ path, message: `${has}, and \`${part}\` gives ${count}`, hint }];
}

function matchNames(
  bound: Readonly<Record<string, unknown>>,
  wanted: readonly string[],
  text: string,
  path: (string | number)[],
): TemplateMismatch[] {
  const missing = wanted.filter((name) => !Object.hasOwn(bound, name));
  const strange = Object.keys(bound).filter((name) => !wanted.includes(name));
  const renamed = new Set<string>();
  const found = strange.map((name): TemplateMismatch => {
    const near = nearest(name, missing);
    if (near !== undefined) renamed.add(near);
    const hint =
      near === undefined
        ? `It has ${wanted.map((name) => `\`${name}\``).join(", ")}.`
        : `Did you mean \`${near}\`?`;
    return { path: [...path, name], message: `${text} has no variable \`${name}\``, hint };
  });
  for (const name of missing.filter((missingName) => !renamed.has(missingName))) {
    const message = `${text} has the variable {{${name}}}, which gets no value`;
    found.push({ path, message, hint: `Add \`${name}\`.` });
  }
  return found;
}

/**
 * Types of button of which a message must say something, when nothing is said. That a flow must be
 * named is known from practice; its token has a default (Meta, flows templates page, 2026-03).
 */
const REQUIRED: ReadonlySet<string> = new Set(["COPY_CODE", "FLOW", "MPM"]);

function matchButtons(
  bound: readonly ButtonBinding[],
  buttons: readonly TemplateButton[],
  scope: MatchScope,
): TemplateMismatch[] {
  const { path, of } = scope;
  const found: TemplateMismatch[] = [];
  const filled = new Map<number, { button: ButtonBinding; place: number }>();
  for (const [place, button] of bound.entries()) {
    const { index } = button;
    if (buttons[index] === undefined) {
      const has = buttons.length === 0 ? "no buttons" : plural(buttons.length, "button");
      const hint =
        buttons.length === 0
          ? "Take `buttons` out."
          : `They count from 0 to ${buttons.length - 1}.`;
      const message = `${of} has ${has}, and none at index ${index}`;
      found.push({ path: [...path, "buttons", place, "index"], message, hint });
    } else filled.set(index, { button, place });
  }
  for (const [index, button] of buttons.entries()) {
    const filledButton = filled.get(index);
    const here = [...path, "buttons", ...(filledButton === undefined ? [] : [filledButton.place])];
    const problem = matchButton(button, index, filledButton?.button, scope);
    if (problem === undefined) continue;
    const key = filledButton === undefined ? undefined : buttonKey(filledButton.button);
    const isThere = bound.length > 0;
    found.push({
      path: key === undefined ? (isThere ? here : [...path]) : [...here, key],
      ...problem,
    });
  }
  return found;
}

function matchButton(
  button: TemplateButton,
  index: number,
  bound: ButtonBinding | undefined,
  { of }: MatchScope,
): { message: string; hint: string } | undefined {
  const type = button.type.toUpperCase();
  const label = button.text === undefined ? "" : ` "${button.text}"`;
  const what = `button ${index}${label} of ${of}`;
  const takesUrl = type === "URL" && placeholdersOf(button.url ?? "").length > 0;
  const wanted = BUTTON_KEYS.find((key) => BUTTON_TYPES[key] === type);
  const key = bound === undefined ? undefined : buttonKey(bound);
  if (key === undefined) {
    if (!takesUrl && !REQUIRED.has(type)) return undefined;
    const message = `${what} takes a value (${wanted}), and \`buttons\` gives it none`;
    return { message, hint: `Add \`{ index: ${index}, ${wanted}: … }\` to \`buttons\`.` };
  }
  if (wanted === undefined) {
    return { message: `${what} (${type}) takes no value`, hint: "Take this button out." };
  }
  if (key !== wanted) {
    const hint = `Write \`${wanted}\` here, or correct \`index\`: buttons count from 0.`;
    return { message: `${what} is a ${wanted} button, not a ${key} button`, hint };
  }
  if (type !== "URL") return undefined;
  if (takesUrl) return matchUrlName(what, button.url ?? "", bound?.url);
  const message = `${what} opens a URL that has no variable`;
  return { message, hint: "Take this button out." };
}

/** The variable of a URL has a name, or is counted. */
function matchUrlName(
  what: string,
  url: string,
  bound: ButtonBinding["url"],
): { message: string; hint: string } | undefined {
  const [name = "1"] = placeholdersOf(url);
  const given = typeof bound === "object" ? Object.keys(bound)[0] : "1";
  const isCounted = /^\d+$/.test(name);
  if (isCounted ? typeof bound !== "object" : given === name) return undefined;
  const hint = isCounted ? "Write a plain value." : `Write \`url: { ${name}: … }\`.`;
  const message = isCounted
    ? `the URL of ${what} has a counted variable ({{${name}}}), not a named one`
    : `the URL of ${what} has the variable {{${name}}}`;
  return { message, hint };
}

function matchOffer(
  { limited_time_offer: bound }: TemplateBinding,
  definition: TemplateDefinition,
): TemplateMismatch[] {
  const component = componentOf(definition.components, "LIMITED_TIME_OFFER");
  // What Meta does not report is not held against the manifest.
  if (component !== undefined && component.limited_time_offer === undefined) return [];
  const expires = component?.limited_time_offer?.has_expiration === true;
  const path = ["template", "limited_time_offer"];
  if (expires && bound === undefined) {
    const message = "the template has a limited-time offer that ends, and its end is left out";
    return [{ path: ["template"], message, hint: "Add `limited_time_offer: { expires: … }`." }];
  }
  if (expires || bound === undefined) return [];
  const message =
    component === undefined
      ? "the template has no limited-time offer"
      : "the template's limited-time offer has no end";
  return [{ path, message, hint: "Take `limited_time_offer` out." }];
}

function matchCarousel(
  binding: TemplateBinding,
  definition: TemplateDefinition,
): TemplateMismatch[] {
  const defined = componentOf(definition.components, "CAROUSEL")?.cards;
  const bound = binding.carousel?.cards;
  const here = ["template", "carousel"];
  if (defined === undefined) {
    if (bound === undefined) return [];
    return [{ path: here, message: "the template has no carousel", hint: "Take `carousel` out." }];
  }
  if (bound === undefined) {
    const message = `the template has a carousel of ${plural(defined.length, "card")}, and \`carousel\` is left out`;
    return [{ path: ["template"], message, hint: "Add `carousel: { cards: [ … ] }`." }];
  }
  const found = matchCardCount(bound.length, defined);
  for (const [index, card] of bound.entries()) {
    // Cards of products are alike, so that more than the template defines are like its first.
    const components = (defined[index] ?? defined[0])?.components;
    if (components === undefined || (index >= defined.length && !isOfProducts(defined))) continue;
    const path = [...here, "cards", index];
    const of = `card ${index + 1} of the template`;
    found.push(...matchParts(card, components, { path, of, naming: definition.parameter_format }));
  }
  return found;
}

/**
 * Media cards are sent as many as were approved, cards of products up to ten (Meta, carousel pages,
 * 2026-06).
 */
function matchCardCount(
  count: number,
  defined: readonly { components: TemplateComponent[] }[],
): TemplateMismatch[] {
  const most = isOfProducts(defined) ? COUNTS.cards : defined.length;
  if (count === defined.length || (isOfProducts(defined) && count <= most)) return [];
  const message = `the template's carousel has ${plural(defined.length, "card")}, and \`carousel\` gives ${count}`;
  const hint = count > most ? "Take out what is too many." : "Add what is missing: all cards go.";
  return [{ path: ["template", "carousel", "cards"], message, hint }];
}

function isOfProducts(cards: readonly { components: TemplateComponent[] }[]): boolean {
  const header = componentOf(cards[0]?.components ?? [], "HEADER");
  return header?.format?.toUpperCase() === "PRODUCT";
}

/**
 * It makes image, text and header-less templates open a URL when tapped (Meta, tap target page,
 * 2026-05).
 */
function matchTapTarget(
  { tap_target: bound }: TemplateBinding,
  { components }: TemplateDefinition,
): TemplateMismatch[] {
  if (bound === undefined || bound.length === 0) return [];
  const format = componentOf(components, "HEADER")?.format?.toUpperCase() ?? "TEXT";
  const isCarousel = componentOf(components, "CAROUSEL") !== undefined;
  if (!isCarousel && (format === "TEXT" || format === "IMAGE")) return [];
  const has = isCarousel ? "a carousel" : `${article(format.toLowerCase())} in its header`;
  const message = `the template has ${has}, and a tap target goes with an image, a text or no header only`;
  return [{ path: ["template", "tap_target"], message, hint: "Take `tap_target` out." }];
}

/**
 * Texts that are too long for everybody: the template's own words and the values that do not vary.
 */
function matchLengths(
  binding: TemplateBinding,
  definition: TemplateDefinition,
): TemplateMismatch[] {
  return [...matchCodes(binding, definition), ...matchTexts(binding, definition)];
}

/** Codes that are the same for everybody: a limited-time offer has shorter ones than a coupon. */
function matchCodes(
  { limited_time_offer: bound, buttons = [] }: TemplateBinding,
  definition: TemplateDefinition,
): TemplateMismatch[] {
  // What the manifest itself says of an offer is checked when it is read.
  if (bound !== undefined || !isOffer({ limited_time_offer: bound }, definition)) return [];
  return buttons.flatMap(({ copy_code: code = "" }, place) => {
    const settled = isLiquid(code) ? { text: code } : settleValue("offer_code", code.trim());
    if ("text" in settled) return [];
    const hint =
      "Take a shorter code: the template has a limited-time offer, whose codes are shorter.";
    const path = ["template", "buttons", place, "copy_code"];
    return [{ path, message: `the code ${settled.fault}`, hint }];
  });
}

function matchTexts(binding: TemplateBinding, definition: TemplateDefinition): TemplateMismatch[] {
  return wholeTexts(binding, definition).flatMap(({ name, path, most, own, parts }) => {
    const fixed = parts.filter(({ slot }) => !isLiquid(slot.template));
    const lengths = fixed.map(({ slot, times }) => times * lengthOf(slot.template.trim()));
    const length = lengths.reduce((sum, part) => sum + part, own);
    if (own === 0 || length <= most) return [];
    const message = `${name} as a whole ${tooLong(length, most)}`;
    return [
      {
        path: [...path],
        message,
        hint: `Shorten the values: the template's own words take ${own} of them.`,
      },
    ];
  });
}

function article(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;
}
