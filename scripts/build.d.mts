/** What is started by itself: the program first, then its threads. */
export const ENTRIES: readonly string[];

/** Builds `entries` into `folder`, which is emptied before. */
export function bundle(entries: readonly string[], folder: string): Promise<void>;
