// A template as Meta keeps it, and how a person's bindings in the manifest meet its components.
// No I/O.

/** One component of a template, in Meta's own shape (GET /<WABA_ID>/message_templates, 2026-09). */
interface TemplateComponent {
  type: "HEADER" | "BODY" | "FOOTER" | "BUTTONS";
  /** HEADER only: TEXT, IMAGE, VIDEO, DOCUMENT, … */
  format?: string;
  /** With `{{1}}` or `{{name}}` for its parameters. */
  text?: string;
  buttons?: TemplateButton[];
}

export interface TemplateButton {
  /** URL, QUICK_REPLY, COPY_CODE, PHONE_NUMBER, … */
  type: string;
  text?: string;
  /** URL buttons: with `{{1}}` at its end when it takes a suffix. */
  url?: string;
  /** COPY_CODE: an example value. */
  example?: string | string[];
}

/** A template as Meta returns it, of which a message fills the parameters. */
export interface TemplateDefinition {
  name: string;
  /** As in `language.code`: pt_BR. */
  language: string;
  /** MARKETING, UTILITY, AUTHENTICATION. */
  category: string;
  /** APPROVED, PAUSED, DISABLED, PENDING, … */
  status: string;
  parameter_format: "POSITIONAL" | "NAMED";
  components: TemplateComponent[];
  message_send_ttl_seconds?: number | null;
}

/** What a manifest puts into a template. Every value is Liquid over the columns of a row. */
export interface TemplateBinding {
  name: string;
  language: string;
  /** Seconds. */
  ttl?: number | undefined;
  header?: HeaderBinding | undefined;
  /** In order for positional parameters, by name for named ones. */
  body?: string[] | Record<string, string> | undefined;
  buttons?: ButtonBinding[] | undefined;
}

/** Exactly one of the keys is set. */
interface HeaderBinding {
  /** A mapping of one name when the template's parameters are named. */
  text?: string | Record<string, string> | undefined;
  image?: MediaBinding | undefined;
  video?: MediaBinding | undefined;
  document?: (MediaBinding & { filename?: string | undefined }) | undefined;
}

/** One of the two is set. */
interface MediaBinding {
  link?: string | undefined;
  /** Of media uploaded to Meta before. */
  id?: string | undefined;
}

/** Exactly one of the keys beside `index` is set. */
interface ButtonBinding {
  /** 0–9: the button's place in the template. */
  index: number;
  /** Suffix of the button's URL. */
  url?: string | undefined;
  /** Payload that comes back when the button is tapped. */
  quick_reply?: string | undefined;
  /** The code that is copied. */
  copy_code?: string | undefined;
}

/** One value that the manifest puts into the template. */
export interface Slot {
  /** As shown to people: `body 2`, `header image link`, `button 0`. */
  name: string;
  /** The Liquid text of the manifest. */
  template: string;
  /** Its path in the manifest. */
  path: readonly (string | number)[];
}

/**
 * A component of a message as it is posted (Meta, marketing messages page and OpenAPI v23.0,
 * 2026-09).
 */
interface MessageComponent {
  type: "header" | "body" | "button";
  sub_type?: "url" | "quick_reply" | "copy_code";
  index?: string;
  parameters: Record<string, unknown>[];
}

/**
 * The `components` of a message, each value being what `fill` gives for its slot. `fill` is called
 * once for every slot, always in the same order: this is the order of `slotsOf` and of the values
 * in the ledger.
 */
export function componentsOf(
  binding: TemplateBinding,
  fill: (slot: Slot) => string,
): MessageComponent[] {
  const components: MessageComponent[] = [];
  const slot = (name: string, template: string, ...path: (string | number)[]): string =>
    fill({ name, template, path: ["template", ...path] });
  if (binding.header !== undefined) {
    components.push({ type: "header", parameters: [headerParameter(binding.header, slot)] });
  }
  const body = bodyParameters(binding.body ?? [], slot);
  if (body.length > 0) components.push({ type: "body", parameters: body });
  for (const [place, button] of (binding.buttons ?? []).entries()) {
    const { index, url, quick_reply, copy_code } = button;
    // The OpenAPI says that `index` is text; Meta's samples have both "0" and 0.
    const component = { type: "button" as const, index: String(index) };
    const fillAs = (key: string, template: string): string =>
      slot(`button ${index}`, template, "buttons", place, key);
    if (url !== undefined) {
      const parameters = [{ type: "text", text: fillAs("url", url) }];
      components.push({ ...component, sub_type: "url", parameters });
    }
    if (quick_reply !== undefined) {
      const parameters = [{ type: "payload", payload: fillAs("quick_reply", quick_reply) }];
      components.push({ ...component, sub_type: "quick_reply", parameters });
    }
    if (copy_code !== undefined) {
      const parameters = [{ type: "coupon_code", coupon_code: fillAs("copy_code", copy_code) }];
      components.push({ ...component, sub_type: "copy_code", parameters });
    }
  }
  return components;
}

/** Every value of a binding, in the order in which they are rendered and kept. */
export function slotsOf(binding: TemplateBinding): Slot[] {
  const slots: Slot[] = [];
  componentsOf(binding, (slot) => {
    slots.push(slot);
    return "";
  });
  return slots;
}

/**
 * An approved marketing template of exactly the shape that the manifest binds, its texts made of
 * placeholders. It teaches a simulator a template that it does not know; it tells nothing about the
 * real one.
 */
export function definitionFor(manifest: { template: TemplateBinding }): TemplateDefinition {
  const { name, language, ttl, header, body, buttons } = manifest.template;
  const components: TemplateComponent[] = [];
  if (header !== undefined) components.push(headerDefinition(header));
  const names = Array.isArray(body)
    ? body.map((_, index) => `${index + 1}`)
    : Object.keys(body ?? {});
  const blanks = names.map((parameter) => `{{${parameter}}}`).join(", ");
  const text =
    names.length === 0 ? "Text of the template." : `Text of the template with ${blanks}.`;
  components.push({ type: "BODY", text });
  if (buttons !== undefined && buttons.length > 0) {
    components.push({ type: "BUTTONS", buttons: buttonDefinitions(buttons) });
  }
  const named = !Array.isArray(body) && (body !== undefined || typeof header?.text === "object");
  return {
    name,
    language,
    category: "MARKETING",
    status: "APPROVED",
    parameter_format: named ? "NAMED" : "POSITIONAL",
    components,
    message_send_ttl_seconds: ttl ?? null,
  };
}

type Fill = (name: string, template: string, ...path: (string | number)[]) => string;

function headerParameter(header: HeaderBinding, slot: Fill): Record<string, unknown> {
  const { text, image, video, document } = header;
  if (typeof text === "string")
    return { type: "text", text: slot("header", text, "header", "text") };
  if (text !== undefined) {
    const [name = "", template = ""] = Object.entries(text)[0] ?? [];
    const filled = slot(`header ${name}`, template, "header", "text", name);
    return { type: "text", parameter_name: name, text: filled };
  }
  if (image !== undefined) return { type: "image", image: media("image", image, slot) };
  if (video !== undefined) return { type: "video", video: media("video", video, slot) };
  const named: Record<string, string> = media("document", document ?? {}, slot);
  if (document?.filename !== undefined) {
    const path = ["header", "document", "filename"] as const;
    named.filename = slot("header document filename", document.filename, ...path);
  }
  return { type: "document", document: named };
}

function media(kind: string, { link, id }: MediaBinding, slot: Fill): Record<string, string> {
  if (link !== undefined)
    return { link: slot(`header ${kind} link`, link, "header", kind, "link") };
  return { id: slot(`header ${kind} id`, id ?? "", "header", kind, "id") };
}

function bodyParameters(
  body: string[] | Record<string, string>,
  slot: Fill,
): Record<string, unknown>[] {
  if (Array.isArray(body)) {
    return body.map((template, index) => ({
      type: "text",
      text: slot(`body ${index + 1}`, template, "body", index),
    }));
  }
  return Object.entries(body).map(([name, template]) => ({
    type: "text",
    parameter_name: name,
    text: slot(`body ${name}`, template, "body", name),
  }));
}

function headerDefinition(header: HeaderBinding): TemplateComponent {
  const { text, image, video } = header;
  if (text !== undefined) {
    const name = typeof text === "string" ? "1" : Object.keys(text)[0];
    return { type: "HEADER", format: "TEXT", text: `{{${name}}}` };
  }
  const format = image !== undefined ? "IMAGE" : video !== undefined ? "VIDEO" : "DOCUMENT";
  return { type: "HEADER", format };
}

function buttonDefinitions(bindings: readonly ButtonBinding[]): TemplateButton[] {
  const last = Math.max(...bindings.map((binding) => binding.index));
  return Array.from({ length: last + 1 }, (_, index) => {
    const binding = bindings.find((button) => button.index === index);
    const text = `Button ${index + 1}`;
    if (binding?.quick_reply !== undefined) return { type: "QUICK_REPLY", text };
    if (binding?.copy_code !== undefined) return { type: "COPY_CODE", text, example: "CODE" };
    // A button that the manifest passes over takes no parameter.
    const suffix = binding?.url === undefined ? "" : "{{1}}";
    return { type: "URL", text, url: `https://example.com/${suffix}` };
  });
}
