// What a campaign may change at Meta: of a template its TTL, max price and creative optimisations,
// the account's switches, a pause, and files.
// Decides only: the change is a function that the caller calls once it is written down.

import type { Refusal } from "../messages/graph-errors.ts";
import { unknownObject } from "../messages/graph-errors.ts";
import { isRecord, unexpected } from "../messages/payload.ts";
import { numbersOf } from "../scenario/own-numbers.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Call } from "./call.ts";
import { invalid } from "./invalid.ts";
import { mediaIdOf, mediaKindOf, refusedUpload } from "./media.ts";
import type { Node, PlacedTemplate } from "./nodes.ts";
import { graphTime, placedTemplates } from "./nodes.ts";
import { accountSpec, isRefused, readEdits, readFeatures } from "./template-edits.ts";
import { lacksScope } from "./token.ts";

const SWITCH = "disable_marketing_messages_on_cloud_api";
const SPEC = "degrees_of_freedom_spec";
const INSIGHTS = "is_enabled_for_insights";
const ACCOUNT_KEYS: ReadonlySet<string> = new Set([SWITCH, SPEC, INSIGHTS]);

/** A posted body and its content type header. */
export interface Posted {
  contentType: string | undefined;
  bytes: Buffer;
  /** Of an upload; undefined when the body is no form. */
  form: FormData | undefined;
}

/** What came of a POST. */
export interface Change {
  /** The answer, or why there is none. */
  answer: Node | Refusal;
  /** What was posted, for the log; of a file its type and size. */
  body: unknown;
  /** The scenario as it is from now on. */
  next?: Scenario;
  /** The template that was edited. */
  edited?: string;
}

/** What the server remembers of earlier changes. */
export interface Past {
  /** Whether a template was edited too often to be edited again. */
  isWornOut(templateId: string, nowMs: number): boolean;
  /** An instant in whole milliseconds that no file was uploaded at. */
  uploadInstant(nowMs: number): number;
}

/** Decides about a POST that is not a message. */
export function decideChange(scenario: Scenario, call: Call, posted: Posted, past: Past): Change {
  const { path } = call;
  const [id = "", edge, ...rest] = path.split("/");
  if (numbersOf(scenario).has(id) && path === `${id}/media`) {
    return upload(scenario, call, posted, past);
  }
  const placed = placedTemplates(scenario).find((one) => one.id === id);
  const isAccount = path === scenario.waba_id;
  const isKnown = isAccount || (placed !== undefined && rest.length === 0);
  if (!isKnown || (edge !== undefined && edge !== "unpause")) {
    return { answer: unknownObject(id, "post"), body: null };
  }
  const fields = readFields(posted, call.query);
  const body = fields ?? posted.bytes.toString("utf8");
  if (fields === undefined) return { answer: invalid("The request body is not valid."), body };
  if (lacksScope(scenario, "whatsapp_business_management")) return { answer: { code: 200 }, body };
  if (placed === undefined) return { body, ...changeAccount(scenario, fields) };
  if (edge === "unpause") return { body, ...unpause(scenario, placed) };
  return { body, ...editTemplate(scenario, placed, fields, { call, past }) };
}

function editTemplate(
  scenario: Scenario,
  { id, template }: PlacedTemplate,
  fields: Node,
  { call, past }: { call: Call; past: Past },
): Omit<Change, "body"> {
  const edit = readEdits(scenario, template, fields);
  if (isRefused(edit)) return { answer: edit };
  if (past.isWornOut(id, call.nowMs)) {
    const details = "You have reached the limit of edits for this template. Try again later.";
    return { answer: { code: scenario.template_edits.refusal_code, details } };
  }
  const last_updated_time = graphTime(call.nowMs);
  const { last_updated_seconds_ago: _, ...rest } = template;
  const changed = { ...rest, ...edit, last_updated_time };
  const next = withTemplate(scenario, template, changed);
  return { answer: { success: true }, next, edited: id };
}

function changeAccount(scenario: Scenario, fields: Node): Omit<Change, "body"> {
  const strange = unexpected(fields, ACCOUNT_KEYS, "whatsapp_business_account");
  if (strange !== undefined) return { answer: strange };
  if (fields[INSIGHTS] !== undefined) return switchInsights(scenario, fields);
  let next = scenario;
  if (fields[SPEC] !== undefined) {
    const features = readFeatures(fields[SPEC]);
    if (isRefused(features)) return { answer: features };
    next = { ...next, [SPEC]: accountSpec(scenario[SPEC], features) };
  }
  if (fields[SPEC] === undefined || fields[SWITCH] !== undefined) {
    const value = fields[SWITCH];
    // A form has no booleans.
    const on = value === true || value === "true";
    if (!on && value !== false && value !== "false") {
      return { answer: invalid(`Param ${SWITCH} must be a boolean.`) };
    }
    next = { ...next, disable_marketing_messages_on_cloud_api: on };
  }
  return { answer: { id: scenario.waba_id }, next };
}

/**
 * Insights can be switched on only; the answer's id is a number (Meta, analytics page and error
 * codes, 2026-06).
 */
function switchInsights(scenario: Scenario, fields: Node): Omit<Change, "body"> {
  const value = String(fields[INSIGHTS]);
  if (value === "false") return { answer: { code: 200006, fromGraph: true } };
  if (value !== "true") return { answer: invalid(`Param ${INSIGHTS} must be a boolean.`) };
  const insights = { ...scenario.insights, enabled: true };
  return { answer: { id: Number(scenario.waba_id) }, next: { ...scenario, insights } };
}

/** Only a paused template can be unpaused (Meta, template pacing page, 2026-03). */
function unpause(scenario: Scenario, { template }: PlacedTemplate): Omit<Change, "body"> {
  if (template.status !== "PAUSED") return { answer: invalid("The template is not paused.") };
  const next = withTemplate(scenario, template, { ...template, status: "APPROVED" });
  return { answer: { success: true }, next };
}

function upload(scenario: Scenario, call: Call, { form }: Posted, past: Past): Change {
  const file = fileIn(form);
  const product = textIn(form, "messaging_product");
  // `type` is a field of its own in Meta's samples; the file's own header says the same.
  const type = textIn(form, "type") ?? file?.type ?? "";
  const bytes = file?.size ?? 0;
  const body = { type, bytes, filename: file?.name ?? null };
  const fail = (answer: Refusal): Change => ({ answer, body });
  if (lacksScope(scenario, "whatsapp_business_messaging")) return fail({ code: 10 });
  if (product === undefined) return fail(invalid("The parameter messaging_product is required."));
  if (product !== "whatsapp") {
    return fail(invalid("Param messaging_product must be one of {WHATSAPP}."));
  }
  if (file === undefined) return fail(invalid("The parameter file is required."));
  const kind = mediaKindOf(type);
  const refused = refusedUpload(type, bytes);
  if (kind === undefined || refused !== undefined) return fail(refused ?? { code: 100 });
  const id = mediaIdOf(scenario.seed, kind, past.uploadInstant(call.nowMs));
  return { answer: { id }, body: { ...body, id } };
}

function fileIn(form: FormData | undefined): File | undefined {
  const value = form?.get("file") ?? undefined;
  return typeof value === "string" ? undefined : value;
}

function textIn(form: FormData | undefined, name: string): string | undefined {
  const value = form?.get(name);
  return typeof value === "string" ? value : undefined;
}

/** Graph takes parameters in the address, as a form, or as JSON. */
function readFields({ contentType = "", bytes }: Posted, query: URLSearchParams): Node | undefined {
  const fields: Node = Object.fromEntries(query);
  delete fields.access_token;
  const text = bytes.toString("utf8");
  if (text === "") return fields;
  if (/^application\/x-www-form-urlencoded\b/i.test(contentType)) {
    return { ...fields, ...Object.fromEntries(new URLSearchParams(text)) };
  }
  try {
    const parsed: unknown = JSON.parse(text);
    return isRecord(parsed) ? { ...fields, ...parsed } : undefined;
  } catch {
    return undefined;
  }
}

function withTemplate(
  scenario: Scenario,
  old: Scenario["templates"][number],
  changed: Scenario["templates"][number],
): Scenario {
  const templates = scenario.templates.map((one) => (one === old ? changed : one));
  return { ...scenario, templates };
}
