// What a path leads to, where that does not matter enough to fail for it.

import type { Stats } from "node:fs";
import { statSync } from "node:fs";

/** Undefined when nothing is there, or the path leads nowhere: whatever opens it reports why. */
export function statOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
