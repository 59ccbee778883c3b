// A server that is scripted down to the byte, and that writes down which requests it received
// whole: the proof of what went out. It knows nothing of the program under test.

import type { AddressInfo, Server, Socket } from "node:net";
import { createServer } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";

import type { Identity } from "./certificate.ts";

/** A request whose head has arrived. */
export interface Received {
  /** The recipient's number; empty until the body is whole. */
  to: string;
  /** Every byte of the body has arrived. */
  whole: boolean;
  /** Set by a script when its answer proves that the message was not taken. */
  refused: boolean;
  /** Counts requests of this server from 1. */
  nth: number;
  /** Counts connections from 1. */
  connection: number;
  /** Instant, performance.now(). */
  at: number;
}

export interface Script {
  /** A connection was opened. True: the script has it, and nothing is read of it. */
  open?(socket: Socket, connection: number): boolean;
  /**
   * The head of a request has arrived, and perhaps some of the body. True: the script has the
   * connection from here.
   */
  head?(socket: Socket, request: Received): boolean;
  /** A whole request has arrived. */
  request(socket: Socket, request: Received, raw: Socket): void;
}

export interface ScriptedServer {
  url: string;
  port: number;
  /** Requests whose head arrived, in the order of arrival. */
  received: Received[];
  /** Those that arrived whole for one recipient. */
  wholeFor(to: string): Received[];
  connections: number;
  /** Ends every connection with a reset and closes the port; `listen` opens the same port again. */
  close(): Promise<void>;
  listen(): Promise<void>;
}

export interface ScriptedOptions {
  /** Speaks TLS with this identity. */
  identity?: Identity;
  /** More for the TLS socket, such as `requestCert`. */
  tls?: object;
  host?: string;
}

/** Starts a server on a free port of this machine. */
export async function startScripted(
  script: Script,
  options: ScriptedOptions = {},
): Promise<ScriptedServer> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  const context = options.identity && createSecureContext({ ...options.tls, ...options.identity });
  const onConnection = (raw: Socket) => {
    sockets.add(raw);
    raw.on("error", () => {});
    raw.on("close", () => sockets.delete(raw));
    self.connections += 1;
    const connection = self.connections;
    if (script.open?.(raw, connection) === true) return;
    if (context === undefined) return converse(raw, raw, connection);
    const secured = new TLSSocket(raw, { ...options.tls, isServer: true, secureContext: context });
    secured.on("error", () => raw.destroy());
    converse(secured, raw, connection);
  };

  /** Reads requests one behind the other. */
  function converse(socket: Socket, raw: Socket, connection: number): void {
    let pieces: Buffer[] = [];
    let size = 0;
    let current: Received | null = null;
    let expected = 0;
    const onData = (data: Buffer) => {
      pieces.push(data);
      size += data.length;
      // A large body is put together once, when it is whole.
      if (current !== null && size < expected) return;
      let buffered: Buffer = Buffer.concat(pieces);
      const keep = (rest: Buffer) => {
        buffered = rest;
        pieces = [rest];
        size = rest.length;
      };
      for (;;) {
        if (current === null) {
          const end = buffered.indexOf("\r\n\r\n");
          if (end < 0) return;
          const head = buffered.subarray(0, end).toString("latin1");
          expected = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
          keep(buffered.subarray(end + 4));
          current = {
            to: "",
            whole: false,
            refused: false,
            nth: received.length + 1,
            connection,
            at: performance.now(),
          };
          received.push(current);
          if (script.head?.(socket, current) === true) {
            socket.off("data", onData);
            return;
          }
        }
        if (buffered.length < expected) return;
        const request: Received = current;
        current = null;
        const body = buffered.subarray(0, expected).toString();
        keep(buffered.subarray(expected));
        request.whole = true;
        request.to = String((JSON.parse(body) as { to: unknown }).to);
        script.request(socket, request, raw);
      }
    };
    socket.on("data", onData);
  }

  let server: Server;
  const host = options.host ?? "127.0.0.1";
  const self: ScriptedServer = {
    url: "",
    port: 0,
    received,
    connections: 0,
    wholeFor: (to) => received.filter((request) => request.whole && request.to === to),
    async listen() {
      server = createServer({ allowHalfOpen: true }, onConnection);
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(self.port, host, resolve);
      });
      self.port = (server.address() as AddressInfo).port;
      self.url = `http${context === undefined ? "" : "s"}://${host}:${self.port}`;
    },
    async close() {
      for (const socket of sockets) socket.resetAndDestroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  await self.listen();
  return self;
}

/** What Meta answers when it has taken a message. */
export function acceptance(request: Pick<Received, "to" | "nth">): string {
  return JSON.stringify({
    messaging_product: "whatsapp",
    contacts: [{ input: request.to, wa_id: request.to.slice(1) }],
    messages: [{ id: `wamid.${request.nth}`, message_status: "accepted" }],
  });
}

/** Meta's error envelope. */
export function refusal(code: number): string {
  return JSON.stringify({
    error: {
      message: `(#${code}) said`,
      type: "OAuthException",
      code,
      error_data: { messaging_product: "whatsapp", details: "Details of it." },
      fbtrace_id: "AbCdEf",
    },
  });
}

/** A whole HTTP/1.1 answer with a content-length. */
export function http(status: string, body: string | Buffer, ...headers: string[]): Buffer {
  const bytes = Buffer.from(body);
  const lines = [`HTTP/1.1 ${status}`, ...headers, `content-length: ${bytes.length}`, "", ""];
  return Buffer.concat([Buffer.from(lines.join("\r\n")), bytes]);
}

/** The same in chunks. */
export function chunked(status: string, body: string, ...headers: string[]): Buffer {
  const half = Math.floor(body.length / 2);
  const parts = [body.slice(0, half), body.slice(half)];
  const chunks = parts.map((part) => `${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`);
  const lines = [`HTTP/1.1 ${status}`, ...headers, "transfer-encoding: chunked", "", ""];
  return Buffer.from(`${lines.join("\r\n")}${chunks.join("")}0\r\n\r\n`);
}

/** The same without a length: it ends where the connection ends. */
export function unending(status: string, body: string, ...headers: string[]): Buffer {
  return Buffer.from([`HTTP/1.1 ${status}`, ...headers, "", body].join("\r\n"));
}
