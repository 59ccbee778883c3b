// Puts the pages of a workspace below its own address. The pages know their addresses from the top;
// what leaves the server is moved down here, in one place.

import type { FastifyInstance } from "fastify";

/** Where the pages of all workspaces stand. */
export const ALL_PATH = "/workspaces";

/** What stands at the top for all workspaces. */
const SHARED = `(?:${ALL_PATH.slice(1)}|login|logout|live\\.css|live\\.js)`;

/**
 * Addresses in attributes that a page of ours has written: text from outside has no quote in
 * markup, so that it is never taken for one.
 */
const IN_MARKUP = new RegExp(`\\b(href|action|data-events)="/(?!/|${SHARED}(?=["?/]))`, "g");

/** An address of a workspace, as its routes know it. */
const OF_WORKSPACE = new RegExp(`^/(?!/|${SHARED}(?:[?/]|$))`);

/** The address of a workspace's pages. */
export function baseOf(workspace: string): string {
  return `/w/${encodeURIComponent(workspace)}`;
}

/** Markup of pages with their addresses below a workspace's. */
export function withBase(markup: string, base: string): string {
  return base === "" ? markup : markup.replaceAll(IN_MARKUP, `$1="${base}/`);
}

/** Moves what the routes of a scope answer, and where they lead, below a workspace's address. */
export function addBase(scope: FastifyInstance, base: string): void {
  scope.addHook("onSend", async (_request, reply, payload) => {
    const location = reply.getHeader("location");
    if (typeof location === "string" && OF_WORKSPACE.test(location)) {
      reply.header("location", `${base}${location}`);
    }
    const isPage = String(reply.getHeader("content-type") ?? "").startsWith("text/html");
    return isPage && typeof payload === "string" ? withBase(payload, base) : payload;
  });
}
