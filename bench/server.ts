// The server that the bench posts to, in a process of its own: answers like Graph, and keeps when each request arrived.

import type { ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const [minMs = 0, maxMs = 0] = process.argv.slice(2).map(Number);

const arrivals: number[] = [];
let next = 0;

function reply(response: ServerResponse, body: string): void {
  next += 1;
  const to = /"to":"\+(\d+)"/.exec(body)?.[1] ?? "";
  const answer = `{"messaging_product":"whatsapp","contacts":[{"input":"+${to}","wa_id":"${to}"}],"messages":[{"id":"wamid.bench${next}","message_status":"accepted"}]}`;
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": answer.length,
  });
  response.end(answer);
}

const server = createServer((request, response) => {
  arrivals.push(performance.timeOrigin + performance.now());
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (chunk: string) => {
    body += chunk;
  });
  request.on("end", () => {
    if (maxMs === 0) reply(response, body);
    else setTimeout(reply, minMs + Math.random() * (maxMs - minMs), response, body);
  });
});

server.listen(0, "127.0.0.1", () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.on("message", (word) => {
  if (word === "arrivals") process.send?.({ arrivals: arrivals.splice(0) });
  if (word === "end") process.exit(0);
});
// Nobody is left to ask: the bench ended without a word.
process.on("disconnect", () => process.exit(0));
