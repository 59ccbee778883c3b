// What a test of the whole program begins with: a folder of its own. What works in it ends with the
// test, also with one that fails.

import { test as bare } from "vitest";

import type { TestSandbox } from "./harness.ts";
import { campaign } from "./in-process.ts";
import { makeFolder } from "./programs.ts";

export const test = bare.extend<{ folder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: the shape that vitest asks for.
  folder: async ({}, use) => {
    const { folder, remove } = makeFolder();
    await use(folder);
    remove();
  },
});

/** A folder with a sandbox, a process of its own whose log is the proof. */
export interface SandboxWorld {
  folder: string;
  sandbox: TestSandbox;
  /** Runs the program in the folder, in this process. */
  run(...args: string[]): ReturnType<typeof campaign>;
}

/** A test of commands against a sandbox, which `begin` starts in the test's folder. */
export function testWithSandbox(begin: (folder: string) => Promise<TestSandbox>) {
  return test.extend<{ world: SandboxWorld }>({
    world: async ({ folder }, use) => {
      const sandbox = await begin(folder);
      const env = { WHATSAPP_ACCESS_TOKEN: sandbox.token };
      await use({ folder, sandbox, run: (...args) => campaign(args, { cwd: folder, env }) });
    },
  });
}
