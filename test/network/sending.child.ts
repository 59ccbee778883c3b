// Sends in a process of its own, which was started with an authority that it trusts. One job a line
// comes in on stdin, one result a line goes out on stdout; it ends with its stdin.

import { createInterface } from "node:readline";

import type { Sending } from "./sending.ts";
import { send } from "./sending.ts";

for await (const line of createInterface({ input: process.stdin })) {
  const { id, sending } = JSON.parse(line) as { id: number; sending: Sending };
  send(sending).then(
    (sent) => process.stdout.write(`${JSON.stringify({ id, sent })}\n`),
    (error: unknown) => process.stdout.write(`${JSON.stringify({ id, error: String(error) })}\n`),
  );
}
