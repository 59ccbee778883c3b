// Builds a message's `components` from what the manifest binds, and lists the values in them. It
// renders nothing: the caller fills each value in.

import type {
  ButtonBinding,
  CardBinding,
  HeaderBinding,
  MediaBinding,
  MediaKey,
  TemplateBinding,
  TextValue,
  Variables,
} from "./template.ts";
import { isByRow, MEDIA_KEYS } from "./template.ts";
import type { ButtonFill } from "./template-buttons.ts";
import { buttonParameters, nameOfUrl } from "./template-buttons.ts";
import type { ValueKind } from "./template-limits.ts";

/** One value that the manifest puts into the template. */
export interface Slot {
  /** As shown to people: `body 2`, `header image link`, `button 0`, `card 1 body 2`. */
  name: string;
  /** The Liquid text of the manifest. */
  template: string;
  /** Its path in the manifest. */
  path: readonly (string | number)[];
  kind: ValueKind;
  /**
   * Of a value that is put into a text of the template: the variable's name there, `1` or
   * `first_name`.
   */
  variable?: string;
}

/**
 * A component of a message as it is posted (Meta, marketing messages and template pages, 2026-09,
 * and OpenAPI v23.0).
 */
interface MessageComponent {
  type: string;
  sub_type?: string;
  index?: string;
  parameters?: Record<string, unknown>[];
  cards?: { card_index: number; components: MessageComponent[] }[];
}

/**
 * The `components` of a message, each value being what `fill` gives for its slot. `fill` is called
 * once for every slot, always in the same order: this is the order of `slotsOf` and of the values
 * in the ledger, so what is added goes to its end or into a new component. It is also the order in
 * which the values stand in the result.
 */
export function componentsOf(
  binding: TemplateBinding,
  fill: (slot: Slot) => string,
): MessageComponent[] {
  const { limited_time_offer: offer, carousel, tap_target: targets } = binding;
  const code = offer === undefined ? "copy_code" : "offer_code";
  const top: SlotScope = { fill, prefix: "", path: ["template"], body: "body", code };
  const components = [...headerAndBody(binding, top)];
  if (offer !== undefined) {
    const at = { name: "offer expires", path: ["limited_time_offer", "expires"] } as const;
    const instant = put(top, { ...at, template: offer.expires, kind: "instant" });
    components.push(only("limited_time_offer", { expiration_time_ms: instant }));
  }
  components.push(...buttonComponents(binding.buttons ?? [], top));
  if (carousel !== undefined) {
    const cards = carousel.cards.map((card, index) => cardComponents(card, index, fill));
    components.push({ type: "carousel", cards });
  }
  if (targets !== undefined && targets.length > 0) {
    const filled = targets.map(({ url, title }, index) => {
      const slot = (key: string, template: string, kind: ValueKind): string =>
        put(top, { name: `tap target ${key}`, path: ["tap_target", index, key], template, kind });
      return { url: slot("url", url, "link"), title: slot("title", title, "text") };
    });
    components.push(only("tap_target_configuration", filled));
  }
  return components;
}

/** The language of a template where each row gives its own: the first of the values. */
function languageSlots({ language }: TemplateBinding): Slot[] {
  if (!isByRow(language)) return [];
  const path = ["template", "language"];
  return [{ name: "language", template: language, path, kind: "language" }];
}

/** Every value of a binding, in the order in which they are rendered and kept. */
export function slotsOf(binding: TemplateBinding): Slot[] {
  const slots = languageSlots(binding);
  componentsOf(binding, (slot) => {
    slots.push(slot);
    return "";
  });
  return slots;
}

/** Where slots stand: in the template itself, or in a card. */
interface SlotScope {
  fill: (slot: Slot) => string;
  /** Put before a slot's name: nothing, or `card 1 `. */
  prefix: string;
  path: readonly (string | number)[];
  body: "body" | "card_body";
  /** A code is shorter beside a limited-time offer. */
  code: "copy_code" | "offer_code";
}

function put(scope: SlotScope, slot: Slot): string {
  const { fill, prefix, path } = scope;
  return fill({ ...slot, name: prefix + slot.name, path: [...path, ...slot.path] });
}

/** A component of one parameter, which has the component's own name. */
function only(type: string, value: unknown): MessageComponent {
  return { type, parameters: [{ type, [type]: value }] };
}

function cardComponents(
  card: CardBinding,
  index: number,
  fill: SlotScope["fill"],
): { card_index: number; components: MessageComponent[] } {
  const path = ["template", "carousel", "cards", index];
  const prefix = `card ${index + 1} `;
  const scope: SlotScope = { fill, prefix, path, body: "card_body", code: "copy_code" };
  const components = [
    ...headerAndBody(card, scope),
    ...buttonComponents(card.buttons ?? [], scope),
  ];
  return { card_index: index, components };
}

function headerAndBody({ header, body = [] }: CardBinding, scope: SlotScope): MessageComponent[] {
  const components: MessageComponent[] = [];
  if (header !== undefined) {
    components.push({ type: "header", parameters: [headerParameter(header, scope)] });
  }
  const parameters = bodyParameters(body, scope);
  if (parameters.length > 0) components.push({ type: "body", parameters });
  return components;
}

function headerParameter(header: HeaderBinding, scope: SlotScope): Record<string, unknown> {
  const { text, location, product } = header;
  const slot = (key: string, template: string, kind: ValueKind, ...path: string[]): string =>
    put(scope, { name: `header ${key}`, template, kind, path: ["header", ...path] });
  if (text !== undefined) return headerText(text, scope);
  if (location !== undefined) {
    const { latitude, longitude, name, address } = location;
    const fill = (key: string, template: string, kind: ValueKind): string =>
      slot(`location ${key}`, template, kind, "location", key);
    const filled = {
      latitude: fill("latitude", latitude, "latitude"),
      longitude: fill("longitude", longitude, "longitude"),
      name: fill("name", name, "text"),
      address: fill("address", address, "text"),
    };
    return { type: "location", location: filled };
  }
  if (product !== undefined) {
    const fill = (key: keyof typeof product): string =>
      slot(`product ${key}`, product[key], "text", "product", key);
    const filled = {
      product_retailer_id: fill("product_retailer_id"),
      catalog_id: fill("catalog_id"),
    };
    return { type: "product", product: filled };
  }
  const key = MEDIA_KEYS.find((name) => header[name] !== undefined) ?? "image";
  return { type: key, [key]: mediaObject(key, header[key] ?? {}, slot) };
}

function headerText(
  text: string | Record<string, string>,
  scope: SlotScope,
): Record<string, unknown> {
  const at = { kind: "header", path: ["header", "text"] } as const;
  if (typeof text === "string") {
    const filled = put(scope, { ...at, name: "header", template: text, variable: "1" });
    return { type: "text", text: filled };
  }
  const [name = "", template = ""] = Object.entries(text)[0] ?? [];
  const path = [...at.path, name];
  const slot: Slot = { ...at, name: `header ${name}`, template, path, variable: name };
  return { type: "text", parameter_name: name, text: put(scope, slot) };
}

function mediaObject(
  key: MediaKey,
  media: MediaBinding & { filename?: string | undefined },
  slot: (name: string, template: string, kind: ValueKind, ...path: string[]) => string,
): Record<string, string> {
  const { link, id, file, filename } = media;
  const filled: Record<string, string> = {};
  if (link !== undefined) filled.link = slot(`${key} link`, link, "link", key, "link");
  else if (file !== undefined) filled.id = slot(`${key} file`, file, "file", key, "file");
  else filled.id = slot(`${key} id`, id ?? "", "text", key, "id");
  if (filename !== undefined) {
    filled.filename = slot(`${key} filename`, filename, "text", key, "filename");
  } else if (key === "document" && file !== undefined) {
    // People would see no name at all: Meta keeps none with an uploaded file.
    filled.filename = fileName(file);
  }
  return filled;
}

/** The last part of a path. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}

function bodyParameters(body: Variables, scope: SlotScope): Record<string, unknown>[] {
  if (Array.isArray(body)) {
    return body.map((value, index) => textParameter(value, `${index + 1}`, index, scope));
  }
  return Object.entries(body).map(([name, value]) => {
    const { type, ...rest } = textParameter(value, name, name, scope);
    return { type, parameter_name: name, ...rest };
  });
}

/** A variable of a body; what people see of it stands in the text, and the rest beside it. */
function textParameter(
  value: TextValue,
  variable: string,
  key: string | number,
  scope: SlotScope,
): Record<string, unknown> {
  const shown = (template: string, ...path: string[]): string =>
    put(scope, {
      name: `body ${variable}`,
      template,
      kind: scope.body,
      path: ["body", key, ...path],
      variable,
    });
  if (typeof value === "string") return { type: "text", text: shown(value) };
  if ("date_time" in value) {
    const text = shown(value.date_time.fallback_value, "date_time", "fallback_value");
    return { type: "date_time", date_time: { fallback_value: text } };
  }
  const { amount, code, fallback_value } = value.currency;
  const beside = (what: string, template: string, kind: ValueKind): string =>
    put(scope, {
      name: `body ${variable} ${what}`,
      template,
      kind,
      path: ["body", key, "currency", what],
    });
  const filled = {
    fallback_value: shown(fallback_value, "currency", "fallback_value"),
    code: beside("code", code, "currency_code"),
    amount_1000: beside("amount", amount, "amount"),
  };
  return { type: "currency", currency: filled };
}

function buttonComponents(buttons: readonly ButtonBinding[], scope: SlotScope): MessageComponent[] {
  return buttons.flatMap((button, place) => {
    // The OpenAPI says that `index` is text; Meta's samples have both "0" and 0.
    const component = { type: "button", index: String(button.index) };
    const slot: ButtonFill = (what, template, kind, ...path) =>
      put(scope, {
        name: what === "" ? `button ${button.index}` : `button ${button.index} ${what}`,
        template,
        kind,
        path: ["buttons", place, ...path],
        ...(kind === "url" && { variable: nameOfUrl(button) ?? "1" }),
      });
    const filled = buttonParameters(button, slot, scope.code);
    if (filled === undefined) return [];
    const { sub_type, parameters } = filled;
    return [{ ...component, sub_type, ...(parameters.length > 0 && { parameters }) }];
  });
}
