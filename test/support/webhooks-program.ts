// `campaign webhooks` as a process of its own.

import type { Running } from "./harness.ts";
import { start } from "./harness.ts";

export const SECRETS = {
  WHATSAPP_APP_SECRET: "the-secret-of-the-app, the-secret-of-a-partner",
  WHATSAPP_VERIFY_TOKEN: "the-verify-token",
};

export interface Address {
  url: string;
  webhooks: string;
}

/** Starts the command on a free port, and reads its address from stdout. */
export async function startWebhooks(folder: string): Promise<Running & Address> {
  const running = start(["webhooks", "--port", "0"], { cwd: folder, env: SECRETS });
  return { ...running, ...(JSON.parse(await running.line()) as Address) };
}
