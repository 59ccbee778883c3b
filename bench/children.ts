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
  /** User and system time while it sent, of all threads. */
  sendCpuMs: number;
  maxRssMb: number;
}

/** See whole.ts. */
export async function whole(
  manifest: string,
  what: "plan" | "send",
  url = "",
  rate = 0,
  ledger?: string,
): Promise<Whole> {
  const place = ledger === undefined ? [] : [ledger];
  const args = [WHOLE, manifest, what, url, String(rate), ...place];
  const { stdout } = await run(process.execPath, args, {
    env: { ...process.env, WHATSAPP_ACCESS_TOKEN: "bench-token" },
    maxBuffer: 1 << 20,
  });
  return JSON.parse(stdout) as Whole;
}

export interface Bare {
  ms: number;
  /** User and system time of all threads. */
  cpuMs: number;
}

/** See bare.ts. */
export async function bare(
  url: string,
  messages: number,
  sockets: number,
  rate = 0,
): Promise<Bare> {
  const args = [BARE, url, ...[messages, sockets, rate].map(String)];
  return JSON.parse((await run(process.execPath, args)).stdout) as Bare;
}
