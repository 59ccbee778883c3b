// Renders a recipient's values, and builds the body of the request from them. The template is
// compiled once; nothing here reads a file, a clock or the network.

import { assert } from "../common/errors.ts";
import type { Cells } from "./liquid.ts";
import { compileValue, isLiquid } from "./liquid.ts";
import { tidy } from "./plain-text.ts";
import type { Budget, CompiledSlot, Rendered, Renderer } from "./rendering.ts";
import { budgetsOf, productBudgets, renderRow } from "./rendering.ts";
import type { TemplateBinding, TemplateDefinition } from "./template.ts";
import { isByRow, isOffer } from "./template.ts";
import type { Slot } from "./template-components.ts";
import { componentsOf, fileName, slotsOf } from "./template-components.ts";
import type { ValueKind } from "./template-limits.ts";
import { productsIn, settleValue } from "./template-limits.ts";

/** The parts of a manifest that make a message. */
export interface MessageSource {
  template: TemplateBinding;
  delivery: {
    /** Left out: the Marketing Messages API, which needs a `product_policy`. */
    api?: "cloud" | undefined;
    product_policy?: "CLOUD_API_FALLBACK" | "STRICT" | undefined;
    message_activity_sharing?: boolean | undefined;
    bid_multiplier?: number | undefined;
  };
}

/** What is known beside the manifest. */
export interface MessageKnowledge {
  /** The template at Meta: its own words count against the limit of a text. */
  definition?: TemplateDefinition | undefined;
  /**
   * Ids of uploaded files, by the file as the manifest names it; needed for a body that is sent.
   */
  media?: ReadonlyMap<string, string> | undefined;
}

export interface CompiledMessage {
  /**
   * Every value that the manifest puts into the template; only those that vary are kept for each
   * row.
   */
  slots: CompiledSlot[];
  /** Columns that the values read, each once. */
  columns: string[];
  /**
   * Renders the values of one row, given its cells by column; a column that the row lacks is empty.
   */
  render(cells: Cells): Rendered;
  /**
   * The body as JSON, in pieces between which the recipient, the varying values and the key are
   * put.
   */
  pieces: string[];
  /**
   * How a varying value that is no text goes into the body, by its index; undefined when all are
   * texts.
   */
  typed: (ValueKind | undefined)[] | undefined;
  /** Of each varying value, where it stands in the list of a row; left out: in the same order. */
  places?: readonly number[];
  /** The varying values of the message, and the limits that they share. */
  renderers: readonly Renderer[];
  budgets: readonly Budget[];
}

/** The same for every message: what comes before the recipient. */
const OPENING = `{"messaging_product":"whatsapp","recipient_type":"individual",`;
const TO_NUMBER = `${OPENING}"to":`;
const TO_USER_ID = `${OPENING}"recipient":`;

/**
 * Compiles what the manifest puts into the template. The manifest must come from `readManifest`,
 * which tells the operator what is wrong with its values; here that is a programmer's error. Files
 * that were not uploaded yet stand as a word for it.
 */
export function compileMessage(
  manifest: MessageSource,
  known: MessageKnowledge = {},
): CompiledMessage {
  const { template } = manifest;
  const columns = new Set<string>();
  const renderers: Renderer[] = [];
  const slots = boundSlots(template, known.definition).map((slot): CompiledSlot => {
    const fixed = fixedValue(slot, known.media);
    if (fixed !== undefined) return { ...slot, fixed };
    const compiled = compileValue(slot.template, template.language);
    assert("value" in compiled, `${slot.name} was checked when the manifest was read`);
    const { value } = compiled;
    for (const { column } of value.columns) columns.add(column);
    const required = value.columns.filter(({ hasDefault }) => !hasDefault);
    renderers.push({ slot, value, required: required.map(({ column }) => column) });
    return { ...slot, fixed: undefined };
  });
  const typed = renderers.map(({ slot: { kind } }) => (isTyped(kind) ? kind : undefined));
  const budgets = [
    ...budgetsOf(template, slots, renderers, known.definition),
    ...productBudgets(template, renderers),
  ];
  return {
    slots,
    columns: [...columns],
    render: (cells) => renderRow(renderers, budgets, cells),
    pieces: piecesOf(manifest, slots),
    ...{ renderers, budgets },
    typed: typed.some((kind) => kind !== undefined) ? typed : undefined,
  };
}

/** The slots, with the limits of the template's own type as far as it is known. */
function boundSlots(
  template: TemplateBinding,
  definition: TemplateDefinition | undefined,
): readonly Slot[] {
  const slots = slotsOf(template);
  if (!isOffer(template, definition)) return slots;
  const isTop = ({ path }: Slot) => path[1] === "buttons";
  return slots.map((slot) =>
    slot.kind === "copy_code" && isTop(slot) ? { ...slot, kind: "offer_code" } : slot,
  );
}

/** The value of a slot that is the same for every row; undefined when it varies. */
function fixedValue(slot: Slot, media: MessageKnowledge["media"]): string | undefined {
  if (slot.kind === "file") {
    const id = media?.get(slot.template);
    assert(media === undefined || id !== undefined, `${slot.name} was uploaded before`);
    return id ?? `(id of ${fileName(slot.template)})`;
  }
  if (isLiquid(slot.template)) return undefined;
  const settled = settleValue(slot.kind, tidy(slot.template));
  assert("text" in settled, `${slot.name} was checked when the manifest was read`);
  return settled.text;
}

/** A text in JSON, with its quotes. */
const JSON_TEXT = /"(?:[^"\\]|\\.)*"/g;

/**
 * The body of the request for one recipient, as JSON text (Meta, send marketing messages page,
 * 2026-09; that of the Cloud API is the same without `product_policy` and what belongs to it, send
 * messages page, 2026-09). `values` is what `render` gave, or the ledger kept. `to` keeps its `+`:
 * without it Meta puts the business's own country code before the number.
 * `biz_opaque_callback_data` is not documented on the first of the two. `to` is a number (E.164),
 * or a business-scoped user id, which goes as `recipient` (taken here since 2026-05). It and
 * `callbackKey` hold nothing that JSON would escape.
 */
export function buildBody(
  message: CompiledMessage,
  recipient: { to: string; values: string; callbackKey?: string | undefined },
): string {
  const { pieces, typed, places } = message;
  // The values are JSON already: cut apart and put into the body, which is a fifth of the cost of
  // reading and writing them again.
  const all = recipient.values.match(JSON_TEXT) ?? [];
  const values = places === undefined ? all : ownValues(places, all);
  assert(values.length === pieces.length - 1, "values belong to another template");
  const opening = recipient.to.startsWith("+") ? TO_NUMBER : TO_USER_ID;
  let body = `${opening}"${recipient.to}"${pieces[0] ?? ""}`;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as string;
    const kind = typed?.[index];
    body += kind === undefined ? value : jsonOf(kind, JSON.parse(value) as string);
    body += pieces[index + 1] ?? "";
  }
  if (recipient.callbackKey === undefined) return `${body}}`;
  return `${body},"biz_opaque_callback_data":"${recipient.callbackKey}"}`;
}

/** Of the values of a row, those of a message of several. */
export function ownValues<T>(places: readonly number[], all: readonly T[]): T[] {
  return places.map((place) => {
    const value = all[place];
    assert(value !== undefined, "values belong to another template");
    return value;
  });
}

/** Kinds of which the settled text is JSON itself. */
const BARE: ReadonlySet<ValueKind> = new Set<ValueKind>([
  "instant",
  "amount",
  "ttl_minutes",
  "number",
  "boolean",
]);

function isTyped(kind: ValueKind): boolean {
  return BARE.has(kind) || kind === "product_list";
}

/** A settled value as it stands in the body. */
function jsonOf(kind: ValueKind, text: string): string {
  if (BARE.has(kind)) return text;
  if (kind !== "product_list") return JSON.stringify(text);
  return JSON.stringify(productsIn(text).map((id) => ({ product_retailer_id: id })));
}

/**
 * Marks where a value goes. Names, language and parameter names cannot hold it, and no value is in
 * the text yet.
 */
const GAP = "\u0000";

/** What follows the number, cut at each varying value; the last piece lacks the closing brace. */
function piecesOf(manifest: MessageSource, slots: readonly CompiledSlot[]): string[] {
  const { template, delivery } = manifest;
  let next = 0;
  const gap = () => {
    next += 1;
    return `${GAP}${next - 1}${GAP}`;
  };
  const code = isByRow(template.language) ? gap() : template.language;
  const components = componentsOf(template, gap);
  const { product_policy, message_activity_sharing: sharing, bid_multiplier: bid } = delivery;
  assert(
    delivery.api === "cloud" || product_policy !== undefined,
    "the Marketing Messages API is given a policy",
  );
  const rest = {
    type: "template",
    template: {
      name: template.name,
      // Meta's samples for this endpoint leave `policy` out, and its OpenAPI (v23.0) requires it.
      // This is its default and only value, so Graph makes no difference, and what validates
      // requests by the OpenAPI lets them pass.
      language: { policy: "deterministic", code },
      ...(components.length > 0 ? { components } : {}),
    },
    ...(product_policy === undefined ? {} : { product_policy }),
    ...(sharing === undefined ? {} : { message_activity_sharing: sharing }),
    ...(bid === undefined ? {} : { bid_spec: { per_message_bid_multiplier: bid } }),
  };
  const gaps = /"\\u0000(\d+)\\u0000"/;
  // Every other part is the number of a slot.
  const parts = JSON.stringify(rest).split(gaps);
  const pieces = [`,${(parts[0] ?? "").slice(1)}`];
  for (let index = 1; index < parts.length; index += 2) {
    const after = parts[index + 1] ?? "";
    assert(Number(parts[index]) === (index - 1) / 2, "values stand in the order of their slots");
    const slot = slots[Number(parts[index])];
    if (slot?.fixed === undefined) pieces.push(after);
    else {
      pieces.push(`${pieces.pop()}${jsonOf(slot.kind, slot.fixed)}${after}`);
    }
  }
  pieces.push((pieces.pop() ?? "").slice(0, -1));
  return pieces;
}
