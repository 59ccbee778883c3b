// The server that throttles, in a process of its own: answers like Graph in 100 to 200 ms, accepts
// so many in any second as its capacity is at the moment, and refuses the rest with 130429. Keeps
// every request and what became of it.

import type { ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const MIN_MS = 100;
const MAX_MS = 200;

/** One request, in order of arrival; instants are milliseconds since the epoch with fraction. */
export interface Seen {
  at: number;
  /** Digits. */
  to: string;
  accepted: boolean;
}

/** What the bench tells the server … */
export type ToThrottler = { capacity: number } | "log" | "end";
/** … and hears from it: the port at once, the log when asked. */
export type FromThrottler = { port: number } | { log: Seen[] };

/** Accepted in any second. */
let capacity = Number.POSITIVE_INFINITY;
const log: Seen[] = [];
/** Instants accepted within the last second. */
const recent: number[] = [];

const REFUSAL = JSON.stringify({
  error: {
    message: "(#130429) Rate limit hit",
    type: "OAuthException",
    code: 130429,
    error_data: {
      messaging_product: "whatsapp",
      details: "Message failed to send because there were too many messages sent.",
    },
    fbtrace_id: "AbenchThrottled",
  },
});

function judge(body: string): { status: number; answer: string } {
  const at = performance.timeOrigin + performance.now();
  while (recent[0] !== undefined && at - recent[0] >= 1000) recent.shift();
  const to = /"to":"\+(\d+)"/.exec(body)?.[1] ?? "";
  const accepted = recent.length < capacity;
  log.push({ at, to, accepted });
  // Documented is 400, seen is 429 (Meta, error codes page, 2025-12): each gets its turn.
  if (!accepted) return { status: log.length % 2 === 0 ? 400 : 429, answer: REFUSAL };
  recent.push(at);
  const answer = {
    messaging_product: "whatsapp",
    contacts: [{ input: `+${to}`, wa_id: to }],
    messages: [{ id: `wamid.bench${log.length}`, message_status: "accepted" }],
  };
  return { status: 200, answer: JSON.stringify(answer) };
}

function reply(response: ServerResponse, { status, answer }: ReturnType<typeof judge>): void {
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(answer),
  });
  response.end(answer);
}

const server = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (chunk: string) => {
    body += chunk;
  });
  request.on("end", () => {
    setTimeout(reply, MIN_MS + Math.random() * (MAX_MS - MIN_MS), response, judge(body));
  });
});

const tell = (message: FromThrottler) => process.send?.(message);
server.listen(0, "127.0.0.1", () => tell({ port: (server.address() as AddressInfo).port }));
process.on("message", (message: ToThrottler) => {
  if (message === "log") tell({ log });
  else if (message === "end") process.exit(0);
  else capacity = message.capacity;
});
// Nobody is left to ask: the bench ended without a word.
process.on("disconnect", () => process.exit(0));
