// Reads the requests of an HTTP client on a bare socket: the servers of the bench share the
// machine's cores with what is measured, and Node's own would take as much of them as the client
// does. It reads what a client writes with a content-length, and nothing else.

import type { Socket } from "node:net";

/** A request that came whole. */
export interface BareRequest {
  /** The request's first line and its headers, each ended by CRLF but the last. */
  head: string;
  body: string;
}

/** Calls `take` for each request on a socket, in order. */
export function readRequests(socket: Socket, take: (request: BareRequest) => void): void {
  // What came of a request that is not whole yet; one byte is one character.
  let text = "";
  socket.setNoDelay(true);
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    text = text === "" ? chunk : text + chunk;
    for (;;) {
      const end = text.indexOf("\r\n\r\n");
      if (end === -1) return;
      const head = text.slice(0, end);
      const length = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      const after = end + 4 + length;
      if (text.length < after) return;
      const body = text.slice(end + 4, after);
      text = text.slice(after);
      take({ head, body });
    }
  });
  // A client that was killed: its sockets end as they like.
  socket.on("error", () => socket.destroy());
}

/** Answers with JSON, of characters of one byte. */
export function answerJson(socket: Socket, json: string): void {
  if (socket.destroyed) return;
  socket.write(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${json.length}\r\n\r\n${json}`,
    "latin1",
  );
}
