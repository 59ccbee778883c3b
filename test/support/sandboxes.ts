// Sandboxes for tests that do not need one in a process of its own: they share one process, which
// costs the start of Node once. They end with their folder at the latest.

import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { tmpdir } from "node:os";

import { builtFile } from "./built.ts";
import { endWithFolder } from "./programs.ts";
import type { HostAct, HostAnswer, HostOrder } from "./sandbox-host.ts";

let host: ChildProcess | undefined;
let orders = 0;
const open = new Map<number, (answer: HostAnswer) => void>();

/** The process of the sandboxes; it begins with the first one and ends with this process. */
function theHost(): ChildProcess {
  if (host !== undefined) return host;
  const started = fork(builtFile("test/support/sandbox-host.ts"), {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH },
    execArgv: [],
  });
  started.on("message", (answer: HostAnswer) => {
    open.get(answer.order)?.(answer);
    open.delete(answer.order);
  });
  started.on("exit", (code, signal) => {
    const error = `the process of the sandboxes has ended with ${code ?? signal}`;
    for (const [order, answer] of open) answer({ order, error });
    open.clear();
    host = undefined;
  });
  // It does not keep the process of the tests alive.
  started.unref();
  started.channel?.unref();
  host = started;
  return started;
}

async function ask(act: HostAct): Promise<HostAnswer> {
  orders += 1;
  const order = orders;
  const child = theHost();
  child.channel?.ref();
  const answer = await new Promise<HostAnswer>((resolve) => {
    open.set(order, resolve);
    child.send({ order, ...act } satisfies HostOrder);
  });
  if (open.size === 0) child.channel?.unref();
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer;
}

/**
 * Starts a sandbox in the shared process.
 * @param folder it ends when this folder is removed
 * @param files the scenario to play, and the log to write
 * @returns its address, and how it is ended: every connection is cut, answered or not
 */
export async function startShared(
  folder: string,
  files: { scenario: string; log: string; port: number },
): Promise<NonNullable<HostAnswer["started"]> & { close(): Promise<void> }> {
  const { started } = await ask({ act: "start", ...files });
  if (started === undefined) throw new Error("the sandbox was not started");
  const { url } = started;
  const close = async () => {
    await ask({ act: "close", url });
  };
  endWithFolder(folder, () => void close().catch(() => {}));
  return { ...started, close };
}
