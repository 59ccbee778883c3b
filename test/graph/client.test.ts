// Each fault with a real socket: was it started, and what is reported. The server is scripted byte
// by byte.

import type { AddressInfo, Server, Socket } from "node:net";
import { createServer } from "node:net";
import { gzipSync } from "node:zlib";

import { afterEach, describe, expect, it } from "vitest";
import type { GraphClient } from "../../src/graph/client.ts";
import { openGraph } from "../../src/graph/client.ts";

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

interface Peer {
  port: number;
  /** Everything that arrived, as text. */
  received: string[];
  server: Server;
}

async function peer(
  onData: (socket: Socket, text: string) => void,
  onOpen?: (socket: Socket) => void,
): Promise<Peer> {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onOpen?.(socket);
    socket.on("data", (data) => {
      received.push(data.toString());
      onData(socket, data.toString());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return { port: (server.address() as AddressInfo).port, received, server };
}

function client(
  port: number,
  more: { scheme?: string; answerMs?: number; connections?: number } = {},
): GraphClient {
  const graph = openGraph({
    baseUrl: `${more.scheme ?? "http"}://127.0.0.1:${port}`,
    version: "v25.0",
    phoneNumberId: "106540352242922",
    accessToken: "secret",
    connections: more.connections ?? 2,
    answerMs: more.answerMs ?? 300,
  });
  open.push({ close: () => graph.destroy() });
  return graph;
}

async function post(graph: GraphClient, may = true) {
  let begun = 0;
  const exchange = await graph.post('{"a":1}', () => {
    begun += 1;
    return may;
  });
  return { exchange, begun };
}

const http = (status: string, body: string | Buffer, headers = "") =>
  Buffer.concat([
    Buffer.from(`HTTP/1.1 ${status}\r\ncontent-length: ${body.length}\r\n${headers}\r\n`),
    Buffer.from(body),
  ]);

describe("an answer", () => {
  it("is given back whole, and the request is what Meta documents", async () => {
    const server = await peer((socket) => socket.write(http("200 OK", '{"ok":1}')));
    const graph = client(server.port);
    expect(graph.endpoint).toBe("/v25.0/106540352242922/marketing_messages");
    expect(await post(graph)).toEqual({
      begun: 1,
      exchange: {
        kind: "answered",
        httpStatus: 200,
        body: '{"ok":1}',
        truncated: false,
        waitMs: null,
      },
    });
    const request = server.received.join("");
    expect(request).toMatch(/^POST \/v25\.0\/106540352242922\/marketing_messages HTTP\/1\.1\r\n/);
    expect(request).toMatch(/authorization: Bearer secret\r\n/i);
    expect(request).toMatch(/content-type: application\/json\r\n/i);
    expect(request).toMatch(/user-agent: mm-campaign\/\d+\.\d+\.\d+\r\n/i);
    expect(request.endsWith('{"a":1}')).toBe(true);
  });

  it("says how long the other side asks to be left alone, unless it took the message", async () => {
    const answers = [
      http("429 Slow", "{}", "retry-after: 7\r\n"),
      http("200 OK", "{}", "retry-after: 7\r\n"),
    ];
    const server = await peer((socket) => socket.write(answers.shift() as Buffer));
    const graph = client(server.port);
    expect((await post(graph)).exchange).toMatchObject({ httpStatus: 429, waitMs: 7_000 });
    expect((await post(graph)).exchange).toMatchObject({ httpStatus: 200, waitMs: null });
  });

  it("is decoded when something in between compressed it", async () => {
    const server = await peer((socket) =>
      socket.write(http("200 OK", gzipSync("zipped"), "content-encoding: gzip\r\n")),
    );
    expect((await post(client(server.port))).exchange).toMatchObject({
      body: "zipped",
      truncated: false,
    });
  });

  it("is not read on when it is far too large", async () => {
    const server = await peer((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 104857600\r\n\r\n");
      const chunk = Buffer.alloc(65_536, "x");
      const more = () => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on("drain", more);
      more();
    });
    expect((await post(client(server.port))).exchange).toMatchObject({
      kind: "answered",
      truncated: true,
    });
  });

  it("comes over the same socket again", async () => {
    let sockets = 0;
    const server = await peer(
      (socket) => socket.write(http("200 OK", "{}")),
      () => {
        sockets += 1;
      },
    );
    const graph = client(server.port, { connections: 1 });
    await post(graph);
    await post(graph);
    expect(sockets).toBe(1);
  });
});

describe("a fault before writing", () => {
  it("such as coming too late, of which not one byte goes out, and the next request does", async () => {
    const server = await peer((socket) => socket.write(http("200 OK", "{}")));
    const graph = client(server.port, { connections: 1 });
    for (const may of [false, true, false]) {
      const { exchange, begun } = await post(graph, may);
      expect(begun).toBe(1);
      const late = { kind: "not_started", cause: "CLAIM_TOO_OLD", fatal: false };
      expect(exchange).toMatchObject(may ? { kind: "answered", httpStatus: 200 } : late);
    }
    expect(server.received.join("").match(/POST/g)).toHaveLength(1);
  });

  it("refused connection", async () => {
    // Nobody listens there. A port that was free a moment ago may be another test's by now.
    expect(await post(client(9))).toEqual({
      begun: 0,
      exchange: { kind: "not_started", cause: "ECONNREFUSED", fatal: false },
    });
  });

  it("no TLS where TLS is expected", async () => {
    const server = await peer((socket) => socket.write("HTTP/1.1 400 no\r\n\r\n"));
    const { exchange, begun } = await post(client(server.port, { scheme: "https" }));
    expect(begun).toBe(0);
    expect(exchange).toMatchObject({ kind: "not_started", fatal: true });
  });

  it("reset during the TLS handshake", async () => {
    const server = await peer((socket) => socket.resetAndDestroy());
    const { exchange, begun } = await post(client(server.port, { scheme: "https" }));
    expect(begun).toBe(0);
    expect(exchange).toEqual({ kind: "not_started", cause: "ECONNRESET", fatal: false });
  });

  it("a token that cannot be a header", async () => {
    const graph = openGraph({
      baseUrl: "http://127.0.0.1:9",
      version: "v25.0",
      phoneNumberId: "1",
      accessToken: "line\nbreak",
      connections: 1,
    });
    open.push({ close: () => graph.destroy() });
    expect((await post(graph)).exchange).toMatchObject({ kind: "not_started", fatal: true });
  });
});

describe("a fault after writing began", () => {
  it.each<[string, (socket: Socket) => void, number | null]>([
    ["closed without an answer", (socket) => socket.end(), null],
    ["reset without an answer", (socket) => socket.resetAndDestroy(), null],
    ["no answer at all", () => {}, null],
    ["junk", (socket) => socket.write("not http at all\r\n\r\n"), null],
    ["half a head", (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-"), null],
    [
      "half a body",
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"messages":[{'),
      200,
    ],
    [
      "half a refusal",
      (socket) => socket.end('HTTP/1.1 400 Bad\r\ncontent-length: 100\r\n\r\n{"error'),
      400,
    ],
  ])("%s", async (_name, act, httpStatus) => {
    const server = await peer((socket) => act(socket));
    const { exchange, begun } = await post(client(server.port));
    expect(begun).toBe(1);
    expect(exchange).toMatchObject({ kind: "lost", httpStatus });
    // Whatever happened, the bytes went out once.
    expect(server.received.join("").match(/POST /g)).toHaveLength(1);
  });

  it("abandoned in flight", async () => {
    const server = await peer(() => void graph.destroy());
    const graph = client(server.port, { answerMs: 5000 });
    expect(await post(graph)).toMatchObject({ begun: 1, exchange: { kind: "lost" } });
  });
});
