// What a server or something in between does instead of answering as Meta would.

import type { Socket } from "node:net";
import type { Act } from "./scenes.ts";
import { healthy } from "./scenes.ts";
import type { Received } from "./scripted.ts";
import { acceptance, http, refusal } from "./scripted.ts";

export const silence: Act = () => {};
export const finish: Act = (socket) => socket.destroySoon();
export const reset: Act = (_socket, _request, raw) => void raw.resetAndDestroy();

/** Writes these bytes, and keeps the connection. */
export function says(bytes: string | Buffer | ((request: Received) => string | Buffer)): Act {
  return (socket, request) => {
    socket.write(typeof bytes === "function" ? bytes(request) : bytes);
  };
}

/** Writes these bytes and closes. */
export function saysLast(bytes: string | Buffer | ((request: Received) => string | Buffer)): Act {
  return (socket, request) => {
    socket.end(typeof bytes === "function" ? bytes(request) : bytes);
  };
}

/** A complete error of Meta's that proves that the message was not taken. */
export function refuses(status: string, code: number): Act {
  return (socket, request) => {
    request.refused = true;
    socket.write(http(status, refusal(code)));
  };
}

/** A 429 is a refusal, whichever server sent it and whatever its body is. */
export function limits(answer: Buffer): Act {
  return (socket, request) => {
    request.refused = true;
    socket.write(answer);
  };
}

/** An acceptance with something about it changed. */
export function accepts(
  change: (body: string) => string | Buffer,
  ...headers: string[]
): (request: Received) => Buffer {
  return (request) => http("200 OK", change(acceptance(request)), ...headers);
}

/** A healthy answer, and something after it on the same connection. */
export function thenDoes(after: (socket: Socket, request: Received) => void): Act {
  return (socket, request) => {
    healthy(socket, request);
    after(socket, request);
  };
}

/** Waits so long, then acts, when the connection is still there. */
export function later(delayMs: number, act: Act): Act {
  return (socket, request, raw) => {
    const timer = setTimeout(() => {
      if (!raw.destroyed) act(socket, request, raw);
    }, delayMs);
    raw.once("close", () => clearTimeout(timer));
  };
}

/** Writes a head, and then a byte at a time. */
export function drips(head: (request: Received) => string, drop: string, everyMs: number): Act {
  return (socket, request, raw) => {
    socket.write(head(request));
    const timer = setInterval(() => socket.write(drop), everyMs);
    raw.once("close", () => clearInterval(timer));
  };
}

/** Writes an answer one byte at a time. */
export function stutters(answer: (request: Received) => Buffer, everyMs: number): Act {
  return (socket, request, raw) => {
    const bytes = answer(request);
    let at = 0;
    const timer = setInterval(() => {
      socket.write(bytes.subarray(at, at + 1));
      at += 1;
      if (at === bytes.length) clearInterval(timer);
    }, everyMs);
    raw.once("close", () => clearInterval(timer));
  };
}

/** A hundred megabytes, as fast as they are taken. Counts what it got rid of. */
export function floods(head: string, flooded: { bytes: number }): Act {
  return (socket, request) => {
    if (head.includes(" 429 ")) request.refused = true;
    const chunk = Buffer.alloc(65_536, "x");
    let left = (100 * 1024 * 1024) / chunk.length;
    const more = () => {
      while (left > 0 && !socket.destroyed) {
        left -= 1;
        flooded.bytes += chunk.length;
        if (!socket.write(chunk)) return;
      }
    };
    socket.write(head);
    socket.on("drain", more);
    more();
  };
}
