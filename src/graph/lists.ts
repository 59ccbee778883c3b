// Asks for the fields of a node, and for lists of nodes in pages.

import { isOfPermission, mayBeNoSuchObject } from "../domain/sending/error-codes.ts";
import type { Calls, GraphNode } from "./calls.ts";
import { GraphError } from "./calls.ts";
import type { AskedFields } from "./facts.ts";
import { cursorOf } from "./pages.ts";

/** Items in one page of a list. */
export const PAGE_SIZE = 100;
/** Pages that are read. */
const MAX_PAGES = 10;
/**
 * Fields that a server names as unknown are left out one by one, so often; then all that are not
 * sure to be there.
 */
const MAX_NAMED_REFUSALS = 3;

/** Subcode of 100: the object does not exist, or the token may not see it. */
const NO_SUCH_OBJECT = 33;

/**
 * Asks for the fields of a node. A server that refuses one of them is asked again without it, and
 * one that does not say which only for those that are sure to be there.
 */
export async function getFields(
  calls: Calls,
  path: string,
  fields: AskedFields,
  query: Record<string, string> = {},
): Promise<{ node: GraphNode; asked: readonly string[] }> {
  let more = fields.more;
  for (let refusals = 0; ; refusals += 1) {
    const asked = [...fields.sure, ...more];
    try {
      return { node: await calls.get(path, { fields: asked.join(","), ...query }), asked };
    } catch (error) {
      if (more.length === 0 || !isFieldRefusal(error)) throw error;
      const named = more.filter((field) => new RegExp(`\\b${field}\\b`).test(error.message));
      const isNamed = named.length > 0 && refusals < MAX_NAMED_REFUSALS;
      more = isNamed ? more.filter((field) => !named.includes(field)) : [];
    }
  }
}

/** A field that the node lacks (100), or that the token may not see. */
function isFieldRefusal(error: unknown): error is GraphError {
  if (!(error instanceof GraphError) || error.fault !== "refused") return false;
  const { code, subcode } = error;
  return mayBeNoSuchObject(code) ? subcode !== NO_SUCH_OBJECT : isOfPermission(code);
}

/** What was read of a list. */
export interface ListReading {
  items: { node: unknown; asked: readonly string[] }[];
  /** False when there are more pages than are read. */
  isWhole: boolean;
}

/** At most so many items of a list are read. */
export const LIST_MAX = PAGE_SIZE * MAX_PAGES;

/**
 * Reads a list, page by page.
 * @param what the items, for the error of an answer that is no list
 * @throws GraphError
 */
export async function readList(
  calls: Calls,
  path: string,
  {
    wanted,
    query = {},
    what,
  }: { wanted: AskedFields; query?: Record<string, string>; what: string },
): Promise<ListReading> {
  const items: ListReading["items"] = [];
  let fields = wanted;
  let after: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const more = { ...query, limit: String(PAGE_SIZE), ...(after !== null && { after }) };
    const { node, asked } = await getFields(calls, path, fields, more);
    // What the first page refused, the next ones refuse too.
    fields = { sure: asked, more: [] };
    const { data } = node;
    // A server that answers everything with something else does not say that there is none.
    if (!Array.isArray(data)) {
      throw new GraphError(`Graph's answer is no list of ${what}.`, { fault: "refused" });
    }
    items.push(...data.map((item: unknown) => ({ node: item, asked })));
    const next = cursorOf(node);
    if (next === null || next === after) return { items, isWhole: true };
    after = next;
  }
  return { items, isWhole: false };
}
