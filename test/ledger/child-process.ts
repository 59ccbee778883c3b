// Starts child.ts and reads what it says, line by line.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { builtFile } from "../support/built.ts";

const SCRIPT = builtFile("test/ledger/child.ts");

export interface Child {
  pid: number;
  /** The next line it says; undefined when it is over. */
  line(): Promise<string | undefined>;
  kill(): Promise<void>;
}

/** @param options.uid runs it as another user */
export function startChild(args: string[], options: { uid?: number } = {}): Child {
  const child = spawn(process.execPath, [SCRIPT, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    ...options,
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const over = once(child, "exit");
  return {
    pid: child.pid ?? 0,
    line: async () => {
      const next = await lines.next();
      return next.done === true ? undefined : next.value;
    },
    kill: async () => {
      child.kill("SIGKILL");
      await over;
    },
  };
}
