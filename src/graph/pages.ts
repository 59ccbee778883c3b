// Pages of a list.

import type { GraphNode } from "./calls.ts";

/**
 * The cursor of the next page; null when there is none. `next` itself, an address, is not followed:
 * it might lead elsewhere with the token.
 */
export function cursorOf(node: GraphNode): string | null {
  const paging = node.paging as { next?: unknown; cursors?: { after?: unknown } } | undefined;
  const after = paging?.cursors?.after;
  return typeof paging?.next === "string" && typeof after === "string" && after !== ""
    ? after
    : null;
}
