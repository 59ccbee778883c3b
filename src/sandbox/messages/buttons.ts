// Checks the buttons of a message, or of a card, against the template's. Never looks at the rest.

import type { Refusal } from "./graph-errors.ts";
import { placeholdersOf, readText, wrongCount, wrongFormat } from "./parameters.ts";
import type { Fields } from "./payload.ts";
import { isRecord, unexpected } from "./payload.ts";
import type { PlacedComponent, Scope } from "./scope.ts";
import type { ButtonShape } from "./shape.ts";

/** Longest URL after filling, in characters (Meta, template components page, 2026-09). */
const MAX_URL = 2_000;
/** Longest code of a copy-code button, in characters (Meta, coupon templates page, 2026-05). */
const MAX_COUPON_CODE = 20;
/** The same beside a limited-time offer (Meta, limited-time offer page, 2026-06). */
const MAX_OFFER_CODE = 15;
/** Of a call button (Meta, call button page of the calling API, 2026). */
const MAX_CALL_MINUTES = 43_200;
const MAX_CALL_PAYLOAD = 512;
/** Longest payload of a quick-reply button, in characters (same page). */
const MAX_PAYLOAD = 256;
/** Of a multi-product message (Meta, template components page, 2025-11). */
const MAX_PRODUCTS = 30;
const MAX_SECTIONS = 10;
/** Longest title of a section, in characters (Meta, MPM templates page, 2025-11). */
const MAX_SECTION_TITLE = 24;

/** Whether a message must name the button, may, or has nothing to say of it. */
type Need = "required" | "optional" | "nothing";

/**
 * By type of button; any other takes nothing: PHONE_NUMBER, REQUEST_CONTACT_INFO, SPM.
 * That a flow button must be named is known from practice; Meta's page says of its token only that
 * it has a default.
 */
const NEEDS: Record<string, Need> = {
  QUICK_REPLY: "optional",
  COPY_CODE: "required",
  FLOW: "required",
  CATALOG: "optional",
  MPM: "required",
  VOICE_CALL: "optional",
};

const FLOW_KEYS: ReadonlySet<string> = new Set(["flow_token", "flow_action_data"]);
const CATALOG_KEYS: ReadonlySet<string> = new Set(["thumbnail_product_retailer_id"]);
const MPM_KEYS: ReadonlySet<string> = new Set(["thumbnail_product_retailer_id", "sections"]);
const SECTION_KEYS: ReadonlySet<string> = new Set(["title", "product_items"]);
const ITEM_KEYS: ReadonlySet<string> = new Set(["product_retailer_id"]);

/** The first thing that is wrong with the buttons; `sent` is by index. */
export function checkButtons(
  buttons: readonly ButtonShape[],
  sent: ReadonlyMap<number, PlacedComponent>,
  scope: Scope,
): Refusal | undefined {
  const { prefix } = scope;
  for (const index of sent.keys()) {
    // [?] The code for a button that the template lacks is not documented.
    if (buttons[index] === undefined) {
      const details = `${prefix}buttons: the template has no button at index ${index}`;
      return { code: 132012, details };
    }
  }
  for (const [index, button] of buttons.entries()) {
    const part = `${prefix}buttons: Button at index ${index}`;
    const placed = sent.get(index);
    const need = needOf(button);
    if (placed === undefined) {
      if (need !== "required") continue;
      return { code: 131008, details: `${part} of type ${nameOf(button)} requires a parameter` };
    }
    const problem = checkButton(part, button, need, placed, scope);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function checkButton(
  part: string,
  button: ButtonShape,
  need: Need,
  { fields, parameters, param }: PlacedComponent,
  { isOffer }: Scope,
): Refusal | undefined {
  const subType = fields.sub_type;
  // Meta's samples have sub_type in both cases (2026-09).
  if (typeof subType !== "string" || subType.toUpperCase() !== button.type) {
    return wrongFormat(part, button.type, subType);
  }
  if (button.type === "VOICE_CALL") return checkCall(part, parameters);
  // Meta shows the first product of a catalog of which nothing is said.
  if (button.type === "CATALOG" && parameters.length === 0) return undefined;
  const wanted = need === "nothing" ? 0 : 1;
  if (parameters.length !== wanted) return wrongCount(part, parameters.length, wanted);
  const [parameter] = parameters;
  const place = `${param}['parameters'][0]`;
  switch (button.type) {
    case "URL":
      return wanted === 0 ? undefined : checkUrl(part, button, parameter);
    case "COPY_CODE":
      return checkOne(part, parameter, "coupon_code", isOffer ? MAX_OFFER_CODE : MAX_COUPON_CODE);
    case "QUICK_REPLY":
      return checkOne(part, parameter, "payload", MAX_PAYLOAD);
    case "FLOW":
      return checkAction(part, parameter, place, checkFlow);
    case "CATALOG":
      return checkAction(part, parameter, place, checkCatalog);
    case "MPM":
      return checkAction(part, parameter, place, checkProducts);
    default:
      return undefined;
  }
}

/** Minutes and payload, each at most once and both optional. */
function checkCall(part: string, parameters: readonly unknown[]): Refusal | undefined {
  const types = new Set<unknown>();
  for (const parameter of parameters) {
    const type = isRecord(parameter) ? parameter.type : undefined;
    if (types.has(type)) return { code: 100, details: `${part}: ${type} is given twice.` };
    types.add(type);
    if (type === "payload") {
      const problem = checkOne(part, parameter, "payload", MAX_CALL_PAYLOAD);
      if (problem !== undefined) return problem;
      continue;
    }
    const minutes = isRecord(parameter) ? parameter.ttl_minutes : undefined;
    if (type !== "ttl_minutes") return wrongFormat(part, "ttl_minutes", type);
    const isWhole = typeof minutes === "number" && Number.isInteger(minutes);
    if (isWhole && minutes >= 1 && minutes <= MAX_CALL_MINUTES) continue;
    const details = `${part}: ttl_minutes must be an integer from 1 to ${MAX_CALL_MINUTES}.`;
    return { code: 100, details };
  }
  return undefined;
}

function checkUrl(part: string, button: ButtonShape, parameter: unknown): Refusal | undefined {
  const [name = "1"] = placeholdersOf(button.url).names;
  const given = isRecord(parameter) ? parameter.parameter_name : undefined;
  const isNamed = !/^\d+$/.test(name);
  if (isNamed && typeof given !== "string") {
    return { code: 100, details: `${part}: Parameter name is missing or empty.` };
  }
  if (given !== undefined && given !== name) {
    return { code: 132012, details: `${part}: the template has no parameter "${given}".` };
  }
  if (isRecord(parameter) && parameter.type !== "text" && typeof parameter.type === "string") {
    return wrongFormat(part, "text", parameter.type);
  }
  const suffix = readText(part, 0, parameter);
  if (typeof suffix !== "string") return suffix;
  const length = placeholdersOf(button.url).fixedLength + suffix.length;
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

type CheckAction = (part: string, action: Fields, param: string) => Refusal | undefined;

function checkAction(
  part: string,
  parameter: unknown,
  place: string,
  check: CheckAction,
): Refusal | undefined {
  if (!isRecord(parameter) || parameter.type !== "action") {
    return wrongFormat(part, "action", isRecord(parameter) ? parameter.type : undefined);
  }
  const strange = unexpected(parameter, new Set(["type", "action"]), place);
  if (strange !== undefined) return strange;
  // Every key of a flow's or a catalogue's action is optional, and so is the action.
  const action = parameter.action ?? {};
  const param = `${place}['action']`;
  if (!isRecord(action)) return { code: 100, details: `Param ${param} must be a JSON object.` };
  return check(part, action, param);
}

function checkFlow(_: string, action: Fields, param: string): Refusal | undefined {
  const { flow_token: token, flow_action_data: data } = action;
  if (token !== undefined && (typeof token !== "string" || token === "")) {
    return { code: 100, details: `Param ${param}['flow_token'] must be a string.` };
  }
  if (data !== undefined && (!isRecord(data) || Object.keys(data).length === 0)) {
    // "Cannot be an empty object" (Meta, sending a flow page, 2025-11).
    const details = `Param ${param}['flow_action_data'] must be a non-empty JSON object.`;
    return { code: 100, details };
  }
  return unexpected(action, FLOW_KEYS, param);
}

function checkCatalog(_: string, action: Fields, param: string): Refusal | undefined {
  const { thumbnail_product_retailer_id: thumbnail } = action;
  if (thumbnail !== undefined && (typeof thumbnail !== "string" || thumbnail === "")) {
    const details = `Param ${param}['thumbnail_product_retailer_id'] must be a string.`;
    return { code: 100, details };
  }
  return unexpected(action, CATALOG_KEYS, param);
}

function checkProducts(part: string, action: Fields, param: string): Refusal | undefined {
  const { thumbnail_product_retailer_id: thumbnail, sections } = action;
  if (typeof thumbnail !== "string" || thumbnail === "") {
    return { code: 131008, details: `${part}: thumbnail_product_retailer_id is missing.` };
  }
  if (!Array.isArray(sections) || sections.length === 0) {
    return { code: 131008, details: `${part}: sections are missing.` };
  }
  if (sections.length > MAX_SECTIONS) return tooMany(part, "sections", MAX_SECTIONS);
  let products = 0;
  for (const [index, section] of sections.entries()) {
    const place = `${param}['sections'][${index}]`;
    const count = countProducts(part, section, place, sections.length > 1);
    if (typeof count !== "number") return count;
    products += count;
  }
  if (products > MAX_PRODUCTS) return tooMany(part, "products", MAX_PRODUCTS);
  return unexpected(action, MPM_KEYS, param);
}

/** How many products a section has, or what is wrong with it. */
function countProducts(
  part: string,
  section: unknown,
  place: string,
  needsTitle: boolean,
): number | Refusal {
  if (!isRecord(section)) return { code: 100, details: `Param ${place} must be a JSON object.` };
  const strange = unexpected(section, SECTION_KEYS, place);
  if (strange !== undefined) return strange;
  const { title, product_items: items } = section;
  if (needsTitle && (typeof title !== "string" || title === "")) {
    return { code: 131008, details: `${part}: a section has no title.` };
  }
  if (typeof title === "string" && title.length > MAX_SECTION_TITLE) {
    const details = `${part}: a section's title is longer than ${MAX_SECTION_TITLE} characters.`;
    return { code: 132018, details };
  }
  if (!Array.isArray(items) || items.length === 0) {
    return { code: 131008, details: `${part}: a section has no product_items.` };
  }
  for (const [index, item] of items.entries()) {
    const itemPlace = `${place}['product_items'][${index}]`;
    if (!isRecord(item)) return { code: 100, details: `Param ${itemPlace} must be a JSON object.` };
    const odd = unexpected(item, ITEM_KEYS, itemPlace);
    if (odd !== undefined) return odd;
    if (typeof item.product_retailer_id !== "string" || item.product_retailer_id === "") {
      return { code: 131008, details: `${part}: product_retailer_id is missing.` };
    }
  }
  return items.length;
}

function tooMany(part: string, what: string, limit: number): Refusal {
  return { code: 132018, details: `${part}: more than ${limit} ${what}.` };
}

function needOf({ type, url }: ButtonShape): Need {
  if (type === "URL") return placeholdersOf(url).names.length > 0 ? "required" : "nothing";
  return NEEDS[type] ?? "nothing";
}

/** `COPY_CODE` as Graph writes it in a sentence: `Copy code`. */
function nameOf({ type }: ButtonShape): string {
  return `${type.slice(0, 1)}${type.slice(1).toLowerCase().replaceAll("_", " ")}`;
}
