// Whom the sender trusts in these tests, and a sender that does: a process of its own, since Node
// reads the authorities that it trusts besides its own once, when it starts.

import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { makeAuthority } from "./certificate.ts";
import type { Sending, Sent } from "./sending.ts";

const HERE = { ip: ["127.0.0.1"] };
const trusted = makeAuthority("trusted authority");

/** As it should be. */
export const sound = trusted.issue(HERE);
export const expired = trusted.issue(HERE, -30, -1);
export const notYetValid = trusted.issue(HERE, 1, 30);
export const otherName = trusted.issue({ dns: ["graph.example"] });
export const unknownAuthority = makeAuthority("unknown authority").issue(HERE);
export const selfSigned = makeAuthority("itself");
export const trustedAuthority = trusted.cert;

let child: ChildProcess | undefined;
let folder: string | undefined;
let jobs = 0;
const waiting = new Map<number, (answer: { sent?: Sent; error?: string }) => void>();

/** As `send`, by a process that trusts our authority. */
export async function sendSecurely(sending: Sending): Promise<Sent> {
  const { stdin } = child ?? startChild();
  jobs += 1;
  const id = jobs;
  const answered = new Promise<{ sent?: Sent; error?: string }>((resolve) => {
    waiting.set(id, resolve);
  });
  stdin?.write(`${JSON.stringify({ id, sending })}\n`);
  const { sent, error } = await answered;
  if (sent === undefined) throw new Error(error);
  return sent;
}

/** Ends the process, when it was started. */
export function stopSecureSender(): void {
  child?.stdin?.end();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}

function startChild(): ChildProcess {
  folder = mkdtempSync(join(tmpdir(), "campaign-trust-"));
  const authorities = join(folder, "authorities.pem");
  writeFileSync(authorities, trusted.cert);
  const program = new URL("./sending.child.ts", import.meta.url).pathname;
  child = spawn(process.execPath, ["--import", "tsx", program], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: authorities },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  lines.on("line", (line) => {
    const answer = JSON.parse(line) as { id: number; sent?: Sent; error?: string };
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  child.once("close", () => {
    for (const resolve of waiting.values()) resolve({ error: "the secure sender ended" });
  });
  return child;
}
