// A process with the sandboxes of one file of tests, or of several. Started by sandboxes.ts, which
// sends it what to do; ends with the process that started it.

import { loadScenario } from "../../src/cli/account/inner-sandbox.ts";
import type { Sandbox } from "../../src/sandbox/server/server.ts";
import { startSandbox } from "../../src/sandbox/server/server.ts";

/** What the host can do. */
export type HostAct =
  | { act: "start"; scenario: string; log: string; port: number }
  | { act: "close"; url: string };

/** What it is to do now; it answers each order once, with the order's number. */
export type HostOrder = HostAct & { order: number };

/** What came of an order: the address of the sandbox that was started, or why it could not be. */
export interface HostAnswer {
  order: number;
  error?: string;
  started?: Pick<Sandbox, "url" | "phoneNumberId" | "phoneNumberIds" | "accessToken">;
}

const sandboxes = new Map<string, Sandbox>();

async function obey(order: HostOrder): Promise<Omit<HostAnswer, "order">> {
  if (order.act === "close") {
    await sandboxes.get(order.url)?.close();
    sandboxes.delete(order.url);
    return {};
  }
  const { log: logFile, port } = order;
  const sandbox = await startSandbox({ port, logFile, scenario: loadScenario(order.scenario) });
  sandboxes.set(sandbox.url, sandbox);
  const { url, phoneNumberId, phoneNumberIds, accessToken } = sandbox;
  return { started: { url, phoneNumberId, phoneNumberIds, accessToken } };
}

async function answer(order: HostOrder): Promise<void> {
  const result = await obey(order).catch((error: Error) => ({ error: error.message }));
  process.send?.({ order: order.order, ...result } satisfies HostAnswer);
}

process.on("message", (order: HostOrder) => void answer(order));
process.on("disconnect", () => process.exit());
