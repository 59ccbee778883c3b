// The network of the tests: what the proxy does to connections.

import { EventEmitter, once } from "node:events";
import type { AddressInfo, Server, Socket } from "node:net";
import { connect, createServer } from "node:net";

import { afterEach, beforeEach, expect, it } from "vitest";

import type { TestProxy, Way } from "./proxy.ts";
import { startProxy } from "./proxy.ts";

/** Sends back what it gets. */
let echo: Server;
/** What it got, from all clients, and how many connections it saw ending. */
let seen: { received: string; ends: number };
let proxy: TestProxy;
/** Says which way bytes arrived at the proxy. */
const arrivals = new EventEmitter();
const clients = new Set<Client>();

beforeEach(async () => {
  const mine = { received: "", ends: 0 };
  seen = mine;
  echo = createServer((socket) => {
    socket.on("data", (data) => {
      mine.received += data;
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      mine.ends += 1;
      echo.emit("ends");
    });
    socket.pipe(socket);
  });
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
});

afterEach(async () => {
  for (const { socket } of clients) socket.destroy();
  clients.clear();
  await proxy.close();
  await closeEcho();
});

async function closeEcho(): Promise<void> {
  if (!echo.listening) return;
  echo.close();
  await once(echo, "close");
}

async function start(arrive?: (way: Way) => void): Promise<void> {
  proxy = await startProxy((echo.address() as AddressInfo).port, {
    seen(way) {
      arrive?.(way);
      arrivals.emit(way);
    },
  });
}

/** Resolves when bytes have arrived at the proxy. */
async function sees(way: Way): Promise<void> {
  await once(arrivals, way);
}

interface Client {
  socket: Socket;
  /** What has come back. */
  text(): string;
  /** Resolves when all of this has come back. */
  gets(text: string): Promise<void>;
  /** How the connection ended: the code of its error, or `end`. */
  closed: Promise<string>;
}

async function dial(): Promise<Client> {
  const socket = connect(proxy.port, "127.0.0.1");
  let text = "";
  let how = "end";
  socket.setEncoding("utf8").on("data", (data) => {
    text += data;
  });
  socket.on("error", ({ code }: NodeJS.ErrnoException) => {
    how = code ?? "error";
  });
  const closed = new Promise<string>((done) => socket.once("close", () => done(how)));
  const client: Client = {
    socket,
    text: () => text,
    async gets(wanted) {
      while (text.length < wanted.length) await once(socket, "data");
      // Not by toBe, which would print it.
      expect(text === wanted).toBe(true);
    },
    closed,
  };
  clients.add(client);
  await Promise.race([once(socket, "connect").catch(() => undefined), closed]);
  return client;
}

/** Sends something and waits until it has come back, after what else is to; gives milliseconds. */
async function echoes(client: Client, said: string, before = client.text()): Promise<number> {
  const from = performance.now();
  client.socket.write(said);
  await client.gets(before + said);
  return performance.now() - from;
}

it("passes many bytes both ways, and the end", async () => {
  await start();
  const client = await dial();
  const many = "0123456789".repeat(500_000);
  await echoes(client, many);
  client.socket.end();
  expect(await client.closed).toBe("end");
});

it("delays each way, and keeps the order", async () => {
  await start();
  const client = await dial();
  proxy.delay({ toServer: 40 });
  expect(await echoes(client, "a")).toBeGreaterThanOrEqual(40);
  proxy.delay({ toServer: 40, toClient: 30 });
  expect(await echoes(client, "b")).toBeGreaterThanOrEqual(70);
  client.socket.write("1");
  await sees("toServer");
  proxy.delay({});
  await echoes(client, "2", "ab1");
});

it.each(["toServer", "toClient"] as const)("passes nothing %s until it is healed", async (way) => {
  await start();
  const client = await dial();
  await echoes(client, "a");
  proxy.freeze(way);
  const kept = sees(way);
  client.socket.write("b");
  await kept;
  const later = await dial();
  const keptToo = sees(way);
  later.socket.write("c");
  await keptToo;
  expect([client.text(), later.text()]).toEqual(["a", ""]);
  expect(seen.received).toBe(way === "toServer" ? "a" : "abc");
  proxy.heal();
  await Promise.all([client.gets("ab"), later.gets("c")]);
});

it("hides the end of a client while it is frozen", async () => {
  await start();
  const client = await dial();
  await echoes(client, "a");
  proxy.freeze();
  const ended = once(echo, "ends");
  client.socket.resetAndDestroy();
  // Whose bytes arrive after that reset.
  const later = await dial();
  const kept = sees("toServer");
  later.socket.write("b");
  await kept;
  expect(seen.ends).toBe(0);
  proxy.heal();
  await ended;
  await later.gets("b");
});

it("resets connections, and each new one while it is cut", async () => {
  await start();
  const client = await dial();
  await echoes(client, "a");
  proxy.cut();
  expect(await client.closed).toBe("ECONNRESET");
  expect(await (await dial()).closed).toBe("ECONNRESET");
  proxy.heal();
  const healed = await dial();
  await echoes(healed, "a");
  proxy.reset();
  expect(await healed.closed).toBe("ECONNRESET");
  await echoes(await dial(), "a");
});

it("loses an answer when it is cut as the answer arrives", async () => {
  await start((way) => {
    if (way === "toClient") proxy.cut();
  });
  const client = await dial();
  client.socket.write("a");
  expect(await client.closed).toBe("ECONNRESET");
  expect([seen.received, client.text()]).toEqual(["a", ""]);
});

it("resets a client whose server is not there", async () => {
  await start();
  await closeEcho();
  expect(await (await dial()).closed).toBe("ECONNRESET");
});
