// The server that the bench posts to, in a process of its own: answers like Graph, and keeps when
// each request arrived. On bare sockets: it shares the machine's cores with what is measured, and
// Node's HTTP server would take as much of them as the client does. It reads what an HTTP client
// writes with a content-length, and nothing else.

import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";

const [minMs = 0, maxMs = 0] = process.argv.slice(2).map(Number);

const arrivals: number[] = [];
let next = 0;

function reply(socket: Socket, body: string): void {
  next += 1;
  const from = body.indexOf('"to":"+') + 7;
  const to = body.slice(from, body.indexOf('"', from));
  const answer = `{"messaging_product":"whatsapp","contacts":[{"input":"+${to}","wa_id":"${to}"}],"messages":[{"id":"wamid.bench${next}","message_status":"accepted"}]}`;
  if (socket.destroyed) return;
  socket.write(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${answer.length}\r\n\r\n${answer}`,
    "latin1",
  );
}

function serve(socket: Socket): void {
  // What came of a request that is not whole yet; one byte is one character.
  let text = "";
  socket.setNoDelay(true);
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    text = text === "" ? chunk : text + chunk;
    for (;;) {
      const head = text.indexOf("\r\n\r\n");
      if (head === -1) return;
      const length = Number(/content-length: *(\d+)/i.exec(text.slice(0, head))?.[1] ?? 0);
      const end = head + 4 + length;
      if (text.length < end) return;
      arrivals.push(performance.timeOrigin + performance.now());
      const body = text.slice(head + 4, end);
      text = text.slice(end);
      if (maxMs === 0) reply(socket, body);
      else setTimeout(reply, minMs + Math.random() * (maxMs - minMs), socket, body);
    }
  });
  // A client that was killed: its sockets end as they like.
  socket.on("error", () => socket.destroy());
}

const server = createServer(serve);

server.listen(0, "127.0.0.1", () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.on("message", (word) => {
  if (word === "arrivals") process.send?.({ arrivals: arrivals.splice(0) });
  if (word === "end") process.exit(0);
});
// Nobody is left to ask: the bench ended without a word.
process.on("disconnect", () => process.exit(0));
