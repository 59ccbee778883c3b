// Checks the components of a message against the template that it names. Never looks at the
// template's status.

import type { TemplateButton, TemplateDefinition } from "../template.ts";
import type { Refusal } from "./graph-errors.ts";
import {
  checkMedia,
  checkText,
  placeholdersOf,
  readText,
  wrongCount,
  wrongFormat,
} from "./parameters.ts";
import { isRecord, unexpected } from "./payload.ts";

/** Longest texts after filling, in characters (Meta, template components page, 2026-09). */
const MAX_BODY = 1_024;
const MAX_HEADER = 60;
const MAX_URL = 2_000;
/** Longest code of a copy-code button, in characters (same page). */
const MAX_COUPON_CODE = 15;
/** Longest payload of a quick-reply button, in characters (same page). */
const MAX_PAYLOAD = 256;

const HEADER_KEYS: ReadonlySet<string> = new Set(["type", "parameters"]);
const BUTTON_KEYS: ReadonlySet<string> = new Set(["type", "sub_type", "index", "parameters"]);
/**
 * Headers whose parameter is a media object, with the type of that parameter. GIF exists on this
 * endpoint only.
 */
const MEDIA: Record<string, string> = {
  IMAGE: "image",
  VIDEO: "video",
  DOCUMENT: "document",
  GIF: "gif",
};

type Fields = Record<string, unknown>;

/** A message's components by their place in the template. */
interface Sorted {
  header: unknown[] | undefined;
  body: unknown[] | undefined;
  buttons: Map<number, Fields>;
}

/**
 * The first thing that is wrong with a message's components, given its template; undefined when it
 * fits.
 */
export function checkComponents(
  definition: TemplateDefinition,
  components: readonly Fields[],
): Refusal | undefined {
  const sorted = sort(components);
  if ("refusal" in sorted) return sorted.refusal;
  const buttons = definition.components.find((one) => one.type === "BUTTONS")?.buttons ?? [];
  return (
    checkHeader(definition, sorted.header) ??
    checkBody(definition, sorted.body) ??
    checkButtons(buttons, sorted.buttons)
  );
}

function sort(components: readonly Fields[]): Sorted | { refusal: Refusal } {
  const sorted: Sorted = { header: undefined, body: undefined, buttons: new Map() };
  for (const [place, component] of components.entries()) {
    const param = `template['components'][${place}]`;
    const { type, parameters = [] } = component;
    if (type !== "header" && type !== "body" && type !== "button") {
      // Carousels and limited-time offers are Meta's too; no template of the sandbox has them.
      const details = `Param ${param}['type'] must be one of {HEADER, BODY, BUTTON}.`;
      return { refusal: { code: 100, details } };
    }
    const keys = type === "button" ? BUTTON_KEYS : HEADER_KEYS;
    const strange = unexpected(component, keys, param);
    if (strange !== undefined) return { refusal: strange };
    if (!Array.isArray(parameters)) {
      return { refusal: { code: 100, details: `Param ${param}['parameters'] must be an array.` } };
    }
    if (type !== "button") {
      if (sorted[type] !== undefined) return { refusal: twice(type) };
      sorted[type] = parameters;
      continue;
    }
    const index = readIndex(component.index);
    if (index === undefined) {
      const details = `Param ${param}['index'] must be an integer from 0 to 9.`;
      return { refusal: { code: 100, details } };
    }
    if (sorted.buttons.has(index)) return { refusal: twice(`button ${index}`) };
    sorted.buttons.set(index, component);
  }
  return sorted;
}

function checkHeader(
  definition: TemplateDefinition,
  parameters: unknown[] | undefined,
): Refusal | undefined {
  const header = definition.components.find((one) => one.type === "HEADER");
  const format = header?.format ?? "TEXT";
  if (header === undefined || format === "TEXT") {
    const text = header?.text ?? "";
    const into = { part: "header", text, format: definition.parameter_format } as const;
    return checkText({ ...into, maxLength: MAX_HEADER }, parameters ?? []);
  }
  const kind = MEDIA[format];
  if (parameters === undefined) return wrongFormat("header", format, undefined);
  if (kind !== undefined) return checkMedia(kind, parameters);
  if (parameters.length !== 1) return wrongCount("header", parameters.length, 1);
  const [parameter] = parameters;
  const received = isRecord(parameter) ? parameter.type : undefined;
  return received === format.toLowerCase() ? undefined : wrongFormat("header", format, received);
}

function checkBody(
  definition: TemplateDefinition,
  parameters: unknown[] | undefined,
): Refusal | undefined {
  const text = definition.components.find((one) => one.type === "BODY")?.text ?? "";
  const into = { part: "body", text, format: definition.parameter_format } as const;
  return checkText({ ...into, maxLength: MAX_BODY }, parameters ?? []);
}

function checkButtons(
  buttons: readonly TemplateButton[],
  sent: ReadonlyMap<number, Fields>,
): Refusal | undefined {
  for (const index of sent.keys()) {
    // [?] The code for a button that the template lacks is not documented.
    if (buttons[index] === undefined) {
      return { code: 132012, details: `buttons: the template has no button at index ${index}` };
    }
  }
  for (const [index, button] of buttons.entries()) {
    const component = sent.get(index);
    const takesUrl = button.type === "URL" && placeholdersOf(button.url ?? "").names.length > 0;
    if (component === undefined) {
      if (!takesUrl && button.type !== "COPY_CODE") continue;
      const kind = takesUrl ? "Url" : "Copy code";
      const details = `buttons: Button at index ${index} of type ${kind} requires a parameter`;
      return { code: 131008, details };
    }
    const problem = checkButton(index, button, takesUrl, component);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function checkButton(
  index: number,
  button: TemplateButton,
  takesUrl: boolean,
  component: Fields,
): Refusal | undefined {
  const part = `buttons: Button at index ${index}`;
  const subType = component.sub_type;
  // Meta's samples have sub_type in both cases (2026-09).
  if (typeof subType !== "string" || subType.toUpperCase() !== button.type) {
    return wrongFormat(part, button.type, subType);
  }
  const parameters = (component.parameters ?? []) as unknown[];
  const wanted = button.type === "URL" && !takesUrl ? 0 : 1;
  if (parameters.length !== wanted) return wrongCount(part, parameters.length, wanted);
  if (wanted === 0) return undefined;
  const [parameter] = parameters;
  if (button.type === "URL") return checkUrl(part, button, parameter);
  if (button.type === "COPY_CODE") return checkOne(part, parameter, "coupon_code", MAX_COUPON_CODE);
  if (button.type === "QUICK_REPLY") return checkOne(part, parameter, "payload", MAX_PAYLOAD);
  return wrongCount(part, parameters.length, 0);
}

function checkUrl(part: string, button: TemplateButton, parameter: unknown): Refusal | undefined {
  const suffix = readText(part, 0, parameter);
  if (typeof suffix !== "string") return suffix;
  const length = placeholdersOf(button.url ?? "").fixedLength + suffix.length;
  if (length <= MAX_URL) return undefined;
  const details = `${part}: ${length} characters exceed the limit of ${MAX_URL}.`;
  return { code: 132005, details };
}

/** A parameter whose type is also the name of its one value. */
function checkOne(
  part: string,
  parameter: unknown,
  kind: "coupon_code" | "payload",
  maxLength: number,
): Refusal | undefined {
  if (!isRecord(parameter) || parameter.type !== kind) {
    return wrongFormat(part, kind, isRecord(parameter) ? parameter.type : undefined);
  }
  const value = parameter[kind];
  if (typeof value !== "string" || value === "") {
    return { code: 131008, details: `${part}: ${kind} is missing.` };
  }
  if (value.length <= maxLength) return undefined;
  const details = `${part}: ${kind} is longer than ${maxLength} characters.`;
  return { code: 132018, details };
}

function readIndex(index: unknown): number | undefined {
  // The OpenAPI says that `index` is text; Meta's samples have both "0" and 0.
  const text = typeof index === "number" ? String(index) : index;
  return typeof text === "string" && /^[0-9]$/.test(text) ? Number(text) : undefined;
}

function twice(part: string): Refusal {
  return { code: 100, details: `Component ${part} is given twice.` };
}
