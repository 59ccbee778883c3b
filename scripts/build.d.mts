/** What is started by itself: the program first, then its threads. */
export const ENTRIES: readonly string[];

/** Builds `entries` into `folder`; programs that run from it go on. */
export function bundle(entries: readonly string[], folder: string): Promise<void>;

/** Compiles each file of `src` to one of its own in `folder`, with the same path. */
export function compile(folder: string): Promise<void>;
