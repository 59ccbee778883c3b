// The list of templates as Graph gives it: filtered, in pages with cursors. Never changes a
// template.

import type { Refusal } from "../messages/graph-errors.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Call } from "./call.ts";
import { isRefusal, pickFields, TEMPLATE } from "./fields.ts";
import type { Node, PlacedTemplate } from "./nodes.ts";
import { placedTemplates, templateNode } from "./nodes.ts";

/** Largest page; more is refused. [?] Meta names no limit; a large page times out there. */
const MAX_PAGE = 1_000;

/** `GET /<WABA_ID>/message_templates` with `name`, `language`, `status`, `limit`, `after`, …. */
export function listTemplates(scenario: Scenario, call: Call): Node | Refusal {
  const found = placedTemplates(scenario).filter((template) => isAsked(template, call.query));
  const nodes: Node[] = [];
  for (const placed of found) {
    const node = templateNode(scenario, placed, call.startMs);
    const picked = pickFields(TEMPLATE, node, call.query.get("fields"), scenario);
    if (isRefusal(picked)) return picked;
    nodes.push(picked);
  }
  return pageOf(scenario, call, nodes);
}

/**
 * One page of a list: `data`, the cursors of its ends, and the address of the next page if there is
 * one. A cursor that is none gets code 100 (OpenAPI v23.0).
 */
export function pageOf(scenario: Scenario, call: Call, all: readonly Node[]): Node | Refusal {
  const { query, url } = call;
  if (scenario.returns_less) return { data: all };
  const limit = Number(query.get("limit") ?? scenario.management.page_size);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE) {
    return invalid("(#100) Param limit must be a positive integer.");
  }
  const after = query.get("after");
  const start = after === null ? 0 : readCursor(after) + 1;
  // NaN as well: it is at most nothing.
  if (!(start >= 0)) return invalid("(#100) Invalid parameter: cursor is malformed or expired");
  const data = all.slice(start, start + limit);
  if (data.length === 0) return { data };
  const last = start + data.length - 1;
  const cursors = { before: cursorOf(start), after: cursorOf(last) };
  if (last === all.length - 1) return { data, paging: { cursors } };
  const next = new URLSearchParams(query);
  next.delete("access_token");
  next.set("limit", String(limit));
  next.set("after", cursors.after);
  return { data, paging: { cursors, next: `${url}?${next}` } };
}

function isAsked({ template }: PlacedTemplate, query: URLSearchParams): boolean {
  const name = query.get("name") ?? query.get("name_or_content");
  const language = query.get("language");
  const status = query.get("status")?.toUpperCase();
  const category = query.get("category")?.toUpperCase();
  const quality = query.get("quality_score")?.toUpperCase();
  // Meta's `name` is a search, not an equality (template management page, 2026-03).
  if (name !== null && !template.name.includes(name)) return false;
  if (language !== null && template.language !== language) return false;
  if (status !== undefined && template.status !== status) return false;
  if (category !== undefined && template.category !== category) return false;
  return quality === undefined || (template.quality_score?.score ?? "GREEN") === quality;
}

function cursorOf(index: number): string {
  return `${Buffer.from(String(index)).toString("base64url")}ZD`;
}

function readCursor(cursor: string): number {
  const text = Buffer.from(cursor.replace(/ZD$/, ""), "base64url").toString("latin1");
  return cursor.endsWith("ZD") && /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
}

function invalid(message: string): Refusal {
  return { code: 100, message, details: message, fromGraph: true };
}
