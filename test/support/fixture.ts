// What a test of the whole program begins with: a folder of its own. What works in it ends with the
// test, also with one that fails.

import { test as bare } from "vitest";

import { makeFolder } from "./programs.ts";

export const test = bare.extend<{ folder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: the shape that vitest asks for.
  folder: async ({}, use) => {
    const { folder, remove } = makeFolder();
    await use(folder);
    remove();
  },
});
