// What a message gives to the buttons of a template, and the values in it. It renders nothing: the
// caller fills each value in.

import type { ButtonBinding } from "./template.ts";
import type { ValueKind } from "./template-limits.ts";

/**
 * Fills one value of a button: what it is, its Liquid text, its kind, and its path below the
 * button.
 */
export type ButtonFill = (
  what: string,
  template: string,
  kind: ValueKind,
  ...path: (string | number)[]
) => string;

/** What a button is given; undefined for one of which nothing is said. */
export function buttonParameters(
  button: ButtonBinding,
  slot: ButtonFill,
  codeKind: "copy_code" | "offer_code",
): { sub_type: string; parameters: Record<string, unknown>[] } | undefined {
  const { url, quick_reply: payload, copy_code: code, flow, catalog, products } = button;
  const component = (sub_type: string, parameter: Record<string, unknown>) => ({
    sub_type,
    parameters: [parameter],
  });
  if (url !== undefined) return component("url", urlParameter(url, slot));
  if (payload !== undefined) {
    const filled = slot("", payload, "payload", "quick_reply");
    return component("quick_reply", { type: "payload", payload: filled });
  }
  if (code !== undefined) {
    const filled = slot("", code, codeKind, "copy_code");
    return component("copy_code", { type: "coupon_code", coupon_code: filled });
  }
  if (flow !== undefined)
    return component("flow", { type: "action", action: flowAction(flow, slot) });
  if (catalog !== undefined) {
    if (catalog.thumbnail_product_retailer_id === undefined) {
      return { sub_type: "catalog", parameters: [] };
    }
    return component("catalog", { type: "action", action: thumbnail("catalog", catalog, slot) });
  }
  if (products !== undefined) {
    return component("mpm", { type: "action", action: productsAction(products, slot) });
  }
  const { voice_call: call } = button;
  return call && { sub_type: "voice_call", parameters: callParameters(call, slot) };
}

/** The name of a URL's variable; undefined for a counted one. */
export function nameOfUrl({ url }: ButtonBinding): string | undefined {
  return typeof url === "object" ? Object.keys(url)[0] : undefined;
}

function urlParameter(
  url: NonNullable<ButtonBinding["url"]>,
  slot: ButtonFill,
): Record<string, unknown> {
  if (typeof url === "string") return { type: "text", text: slot("", url, "url", "url") };
  const [name = "", template = ""] = Object.entries(url)[0] ?? [];
  return { type: "text", parameter_name: name, text: slot("", template, "url", "url", name) };
}

function callParameters(
  { ttl_minutes: minutes, payload }: NonNullable<ButtonBinding["voice_call"]>,
  slot: ButtonFill,
): Record<string, unknown>[] {
  const parameters: Record<string, unknown>[] = [];
  if (minutes !== undefined) {
    const filled = slot("ttl_minutes", minutes, "ttl_minutes", "voice_call", "ttl_minutes");
    parameters.push({ type: "ttl_minutes", ttl_minutes: filled });
  }
  if (payload !== undefined) {
    const filled = slot("payload", payload, "call_payload", "voice_call", "payload");
    parameters.push({ type: "payload", payload: filled });
  }
  return parameters;
}

function productsAction(
  products: NonNullable<ButtonBinding["products"]>,
  slot: ButtonFill,
): Record<string, unknown> {
  // Slots are filled in the order in which they stand in the body: the picture first.
  const picture = thumbnail("products", products, slot);
  const sections = products.sections.map(({ title, items }, at) => {
    const name = `section ${at + 1}`;
    const path = ["products", "sections", at] as const;
    const filled = slot(`${name} title`, title, "section_title", ...path, "title");
    if (typeof items === "string") {
      const list = slot(`${name} items`, items, "product_list", ...path, "items");
      return { title: filled, product_items: list };
    }
    const product_items = items.map((item, place) => ({
      product_retailer_id: slot(`${name} item ${place + 1}`, item, "text", ...path, "items", place),
    }));
    return { title: filled, product_items };
  });
  return { ...picture, sections };
}

function thumbnail(
  key: "catalog" | "products",
  {
    thumbnail_product_retailer_id: id = "",
  }: { thumbnail_product_retailer_id?: string | undefined },
  slot: ButtonFill,
): Record<string, string> {
  const name = "thumbnail_product_retailer_id";
  return { [name]: slot("thumbnail", id, "text", key, name) };
}

function flowAction(
  { token, data }: NonNullable<ButtonBinding["flow"]>,
  slot: ButtonFill,
): Record<string, unknown> {
  const action: Record<string, unknown> = {};
  if (token !== undefined) action.flow_token = slot("flow token", token, "text", "flow", "token");
  if (data !== undefined) action.flow_action_data = fillJson(data, ["flow", "data"], slot);
  return action;
}

/**
 * JSON of which every text is a slot; numbers, true, false and null stay as they are. A mapping of
 * `$number` or `$boolean` alone is a number, or true or false, that varies by row.
 */
function fillJson(value: unknown, path: (string | number)[], slot: ButtonFill): unknown {
  const typed = typedValue(value);
  if (typed !== undefined) {
    return slot(path.join(" "), typed.template, typed.kind, ...path, `$${typed.kind}`);
  }
  if (typeof value === "string") return slot(path.join(" "), value, "text", ...path);
  if (Array.isArray(value)) {
    return value.map((item, index) => fillJson(item, [...path, index], slot));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, fillJson(item, [...path, key], slot)]),
  );
}

/** The value of `{ $number: … }` or `{ $boolean: … }`; undefined for any other. */
export function typedValue(
  value: unknown,
): { kind: "number" | "boolean"; template: string } | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const [entry, ...others] = Object.entries(value);
  if (entry === undefined || others.length > 0) return undefined;
  const [key, template] = entry;
  if (key !== "$number" && key !== "$boolean") return undefined;
  return { kind: key === "$number" ? "number" : "boolean", template: String(template) };
}
