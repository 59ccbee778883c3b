// Holds a server to a number of connections. Over it, the connection that has asked for nothing the
// longest makes room: strangers who open connections and say nothing keep nobody out.

import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Limits the connections of a server.
 * @param max at the same time
 * @param onClosed a connection was closed to make room, or refused since all are being answered
 */
export function limitConnections(server: Server, max: number, onClosed: () => void): void {
  /**
   * In the order of their last answer, or of their beginning; true while a whole request is being
   * answered.
   */
  const open = new Map<Socket, () => boolean>();
  const isIdle = () => false;

  function makeRoom(): void {
    for (const [socket, isAnswering] of open) {
      if (isAnswering()) continue;
      open.delete(socket);
      socket.destroy();
      return;
    }
  }

  server.on("connection", (socket) => {
    if (open.size >= max) {
      onClosed();
      makeRoom();
      if (open.size >= max) {
        socket.destroy();
        return;
      }
    }
    open.set(socket, isIdle);
    socket.once("close", () => open.delete(socket));
  });
  server.on("request", (request, response) => {
    const { socket } = request;
    if (!open.has(socket)) return;
    open.set(socket, () => request.complete);
    response.once("close", () => {
      // Only what was answered counts: a client that sends half a request stays where it was.
      if (!open.has(socket)) return;
      if (request.complete) open.delete(socket);
      open.set(socket, isIdle);
    });
  });
}
