// Runs parts of the bench in processes of their own.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const WHOLE = fileURLToPath(new URL("./whole.js", import.meta.url));
const BARE = fileURLToPath(new URL("./bare.js", import.meta.url));

export interface Whole {
  rows: number;
  planMs: number;
  sendMs: number;
  maxRssMb: number;
}

/** See whole.ts. */
export async function whole(
  manifest: string,
  what: "csv" | "plan" | "send",
  url = "",
): Promise<Whole> {
  const { stdout } = await run(process.execPath, [WHOLE, manifest, what, url], {
    env: { ...process.env, WHATSAPP_ACCESS_TOKEN: "bench-token" },
    maxBuffer: 1 << 20,
  });
  return JSON.parse(stdout) as Whole;
}

/** See bare.ts. Milliseconds. */
export async function bare(url: string, messages: number, sockets: number): Promise<number> {
  const { stdout } = await run(process.execPath, [BARE, url, String(messages), String(sockets)]);
  return Number(stdout);
}
