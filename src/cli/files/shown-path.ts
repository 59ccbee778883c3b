// Paths as a person in the working directory writes them.

import { relative } from "node:path";

/** A path from the working directory on; that itself as it was given. */
export function shownPath(path: string): string {
  return relative(process.cwd(), path) || path;
}
