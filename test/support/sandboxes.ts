// Sandboxes for tests that do not need one in a process of its own: those of a worker share one
// process, so that Node starts once for all of them.

import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { tmpdir } from "node:os";

import { builtFile } from "./built.ts";
import { endWithFolder } from "./programs.ts";
import type { HostAction, HostRequest, HostResponse } from "./sandbox-host.ts";

let host: ChildProcess | undefined;
let requests = 0;
const open = new Map<number, (response: HostResponse) => void>();

/** The process of the sandboxes. It starts with the first one and ends with this process. */
function hostProcess(): ChildProcess {
  if (host !== undefined) return host;
  const child = fork(builtFile("test/support/sandbox-host.ts"), {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH },
    execArgv: [],
  });
  child.on("message", (response: HostResponse) => {
    open.get(response.id)?.(response);
    open.delete(response.id);
  });
  child.on("exit", (code, signal) => {
    const error = `the process of the sandboxes has ended with ${code ?? signal}`;
    for (const [id, respond] of open) respond({ id, error });
    open.clear();
    host = undefined;
  });
  // It does not keep the process of the tests alive.
  child.unref();
  child.channel?.unref();
  host = child;
  return child;
}

async function send(action: HostAction): Promise<HostResponse> {
  requests += 1;
  const id = requests;
  const response = await new Promise<HostResponse>((resolve) => {
    open.set(id, resolve);
    hostProcess().send({ id, ...action } satisfies HostRequest);
  });
  if (response.error !== undefined) throw new Error(response.error);
  return response;
}

/**
 * Starts a sandbox in the shared process.
 * @param folder the sandbox ends when this folder is removed
 * @param files the scenario to play, and the log to write
 * @returns its address; `close` cuts every connection, answered or not
 */
export async function startShared(
  folder: string,
  files: { scenario: string; log: string; port: number },
): Promise<NonNullable<HostResponse["started"]> & { close(): Promise<void> }> {
  const { started } = await send({ action: "start", ...files });
  if (started === undefined) throw new Error("the sandbox was not started");
  const { url } = started;
  const close = async () => {
    await send({ action: "close", url });
  };
  endWithFolder(folder, () => void close().catch(() => {}));
  return { ...started, close };
}
