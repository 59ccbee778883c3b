// A process that runs the sandboxes of tests. sandboxes.ts starts it and sends it requests. It ends
// with the process that started it.

import { loadScenario } from "../../src/cli/account/inner-sandbox.ts";
import type { Sandbox } from "../../src/sandbox/server/server.ts";
import { startSandbox } from "../../src/sandbox/server/server.ts";

/** What the host can do; `close` takes the address that `start` gave. */
export type HostAction =
  | { action: "start"; scenario: string; log: string; port: number }
  | { action: "close"; url: string };

/** Each request gets one response, with the same id. */
export type HostRequest = HostAction & { id: number };

/** The address of the sandbox that was started, or the error. */
export interface HostResponse {
  id: number;
  error?: string;
  started?: Pick<Sandbox, "url" | "phoneNumberId" | "phoneNumberIds" | "accessToken">;
}

const sandboxes = new Map<string, Sandbox>();

async function perform(request: HostRequest): Promise<Omit<HostResponse, "id">> {
  if (request.action === "close") {
    await sandboxes.get(request.url)?.close();
    sandboxes.delete(request.url);
    return {};
  }
  const { log: logFile, port } = request;
  const sandbox = await startSandbox({ port, logFile, scenario: loadScenario(request.scenario) });
  sandboxes.set(sandbox.url, sandbox);
  const { url, phoneNumberId, phoneNumberIds, accessToken } = sandbox;
  return { started: { url, phoneNumberId, phoneNumberIds, accessToken } };
}

async function respond(request: HostRequest): Promise<void> {
  const result = await perform(request).catch((error: Error) => ({ error: error.message }));
  process.send?.({ id: request.id, ...result } satisfies HostResponse);
}

process.on("message", (request: HostRequest) => void respond(request));
process.on("disconnect", () => process.exit());
