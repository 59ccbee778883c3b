// `campaign webhooks` as a process of its own, and deliveries as Meta signs them.

import { createHmac } from "node:crypto";

import type { Running } from "./harness.ts";
import { start } from "./harness.ts";

const APP_SECRET = "the-secret-of-the-app";
export const SECRETS = {
  WHATSAPP_APP_SECRET: `${APP_SECRET}, the-secret-of-a-partner`,
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

/** The header by which Meta signs a body. */
export function sign(body: string, secret = APP_SECRET): { "x-hub-signature-256": string } {
  const digest = createHmac("sha256", secret).update(body).digest("hex");
  return { "x-hub-signature-256": `sha256=${digest}` };
}
