// The server that the bench posts to, in a process of its own: answers like Graph, and keeps when
// each message arrived. It knows nothing of the account, so its answer to other questions is empty.

import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";

import { answerJson, readRequests } from "./http.ts";

const [minMs = 0, maxMs = 0] = process.argv.slice(2).map(Number);

const arrivals: number[] = [];
let next = 0;

function reply(socket: Socket, body: string): void {
  next += 1;
  const from = body.indexOf('"to":"+') + 7;
  const to = body.slice(from, body.indexOf('"', from));
  answerJson(
    socket,
    `{"messaging_product":"whatsapp","contacts":[{"input":"+${to}","wa_id":"${to}"}],"messages":[{"id":"wamid.bench${next}","message_status":"accepted"}]}`,
  );
}

const server = createServer((socket) =>
  readRequests(socket, ({ head, body }) => {
    if (!head.startsWith("POST ")) {
      answerJson(socket, "{}");
      return;
    }
    arrivals.push(performance.timeOrigin + performance.now());
    if (maxMs === 0) reply(socket, body);
    else setTimeout(reply, minMs + Math.random() * (maxMs - minMs), socket, body);
  }),
);

server.listen(0, "127.0.0.1", () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.on("message", (word) => {
  if (word === "arrivals") process.send?.({ arrivals: arrivals.splice(0) });
  if (word === "end") process.exit(0);
});
// Nobody is left to ask: the bench ended without a word.
process.on("disconnect", () => process.exit(0));
