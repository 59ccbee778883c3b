import type { Plugin } from "esbuild";

/** What is started by itself: the program first, then its threads. */
export const ENTRIES: readonly string[];

/**
 * Builds `entries` into `folder`; programs that run from it go on.
 * @param plugins those of esbuild, none when left out
 */
export function bundle(
  entries: readonly string[],
  folder: string,
  plugins?: readonly Plugin[],
): Promise<void>;
