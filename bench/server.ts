// The server that the bench posts to, in a process of its own: answers like Graph, and keeps when each request arrived.
//
// It speaks just enough HTTP/1.1 by itself: a full server would be the slowest part of what is measured.

import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";

const [minMs = 0, maxMs = 0] = process.argv.slice(2).map(Number);

const arrivals: number[] = [];
let next = 0;

function reply(socket: Socket, to: string): void {
  next += 1;
  const body = `{"messaging_product":"whatsapp","contacts":[{"input":"+${to}","wa_id":"${to}"}],"messages":[{"id":"wamid.bench${next}","message_status":"accepted"}]}`;
  socket.write(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
}

/** Bytes of one whole request at the head of the text; 0 when it is not whole yet. */
function requestLength(text: string): number {
  const head = text.indexOf("\r\n\r\n");
  if (head === -1) return 0;
  const length = /content-length: (\d+)/i.exec(text.slice(0, head));
  const total = head + 4 + Number(length?.[1] ?? 0);
  return text.length >= total ? total : 0;
}

const server = createServer((socket) => {
  socket.setNoDelay(true);
  let pending = "";
  socket.on("error", () => {});
  // latin1: one character a byte, so that lengths are lengths in bytes.
  socket.setEncoding("latin1");
  socket.on("data", (data: string) => {
    pending += data;
    for (let length = requestLength(pending); length > 0; length = requestLength(pending)) {
      const to = /"to":"\+(\d+)"/.exec(pending)?.[1] ?? "";
      pending = pending.slice(length);
      arrivals.push(performance.timeOrigin + performance.now());
      if (maxMs === 0) reply(socket, to);
      else setTimeout(reply, minMs + Math.random() * (maxMs - minMs), socket, to);
    }
  });
});

server.listen(0, "127.0.0.1", () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.on("message", (word) => {
  if (word === "arrivals") process.send?.({ arrivals: arrivals.splice(0) });
  if (word === "end") process.exit(0);
});
