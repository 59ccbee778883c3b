// Brings faults about: each scene starts a server that has one fault in it, sends a few messages
// there, and tells who met it.

import { spawn } from "node:child_process";
import type { Socket } from "node:net";
import { connect, createServer } from "node:net";

import { numberOf } from "../support/harness.ts";
import type { Met, Scene } from "./cell.ts";
import type { Received, Script, ScriptedOptions, ScriptedServer } from "./scripted.ts";
import { acceptance, http, startScripted } from "./scripted.ts";
import type { Sending } from "./sending.ts";
import { send } from "./sending.ts";
import { sendSecurely } from "./trust.ts";

/** Rows of a scene: the struck one, one before it on a kept socket, and some after it. */
const ROWS = 4;
/**
 * For faults that are seen by waiting for an answer. Above a second the client's timers bear with a
 * process that is busy.
 */
export const SHORT_MS = 5000;
/** Larger than the buffers of a socket on both sides, so that a body is still being written. */
const LARGE = 8 * 1024 * 1024;

/** What a server does instead of answering as Meta would. `raw` is the socket below TLS. */
export type Act = (socket: Socket, request: Received, raw: Socket) => void;

type SceneOptions = Omit<Partial<Sending>, "baseUrl"> &
  ScriptedOptions & { slow?: boolean; onlyNew?: boolean };

/** Sends what Meta would. */
export function healthy(socket: Socket, request: Received): void {
  socket.write(http("200 OK", acceptance(request), "content-type: application/json"));
}

/** The whole request was read; then `act`. */
export function answering(act: Act, options: SceneOptions = {}): Scene {
  return scene(options, (strikeAt) => ({
    request: (socket, request, raw) =>
      request.nth === strikeAt ? act(socket, request, raw) : healthy(socket, request),
  }));
}

/** Every request is answered by `act`; the second one counts. */
export function answeringAll(act: Act, options: SceneOptions = {}): Scene {
  return scene({ ...options, onlyNew: true }, () => ({ request: act }));
}

/**
 * Of a large request only the head and a part of the body were read; then `act`. The rest is read
 * only with `readsOn`.
 */
export function heading(
  act: (socket: Socket, row: number) => void,
  { readsOn = false, ...options }: SceneOptions & { readsOn?: boolean } = {},
): Scene {
  return scene({ padding: LARGE, rows: 3, ...options }, (strikeAt) => ({
    head: (socket, request) => {
      if (request.nth !== strikeAt) return false;
      act(socket, strikeAt);
      return !readsOn;
    },
    request: (socket, request) => {
      if (request.nth !== strikeAt) healthy(socket, request);
    },
  }));
}

/** The first connection is given to `act`, and nothing is read of it. */
export function opening(act: (socket: Socket) => void, options: SceneOptions = {}): Scene {
  return scene({ ...options, onlyNew: true }, () => ({
    open: (socket, connection) => {
      if (connection !== 1) return false;
      act(socket);
      return true;
    },
    request: healthy,
  }));
}

/** A server that is sound but for what it shows of itself. */
export function showing(options: SceneOptions & { stopAfter?: number }): Scene {
  return scene({ ...options, onlyNew: true }, () => ({ request: healthy }));
}

function scene(options: SceneOptions, script: (strikeAt: number) => Script): Scene {
  const { identity, tls, slow, onlyNew, ...sending } = options;
  return {
    onlyNew: onlyNew ?? false,
    slow: slow ?? sending.answerMs !== undefined,
    async play(kept) {
      const struck = kept ? 2 : 1;
      const server = await startScripted(script(struck), {
        ...(identity && { identity }),
        ...(tls && { tls }),
      });
      return finish(server, struck, { rows: ROWS, ...sending });
    },
  };
}

async function finish(
  server: ScriptedServer,
  struck: number,
  sending: Omit<Sending, "baseUrl">,
): Promise<Met> {
  try {
    const post = server.url.startsWith("https:") ? sendSecurely : send;
    return { sent: await post({ baseUrl: server.url, ...sending }), server, struck };
  } finally {
    await server.close();
  }
}

/** Nobody is there at all: two tries are made, and then the operator interrupts. */
export function nobodyAt(address: () => Promise<Address>, stopAfter = 2): Scene {
  return {
    onlyNew: true,
    slow: stopAfter === 1,
    async play() {
      const { url, close } = await address();
      try {
        return { sent: await send({ baseUrl: url, rows: 2, stopAfter }), struck: 1 };
      } finally {
        close();
      }
    },
  };
}

interface Address {
  url: string;
  close(): void;
}

/** An address that is nobody's. */
export function nowhere(url: string): () => Promise<Address> {
  return async () => ({ url, close: () => {} });
}

/** The port of a server that has just closed. */
export async function closedPort(): Promise<Address> {
  const server = await startScripted({ request: healthy });
  await server.close();
  return { url: server.url, close: () => {} };
}

/** A process that listens, never accepts, and whose queue is full: the kernel drops what comes. */
export async function fullQueue(): Promise<Address> {
  const program = `
    const server = require("node:net").createServer();
    server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
      require("node:fs").writeSync(1, String(server.address().port));
      // It blocks before it takes one, and ends by itself in case that nobody ends it.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
      process.exit();
    });
  `;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  const port = Number(await new Promise((found) => child.stdout.once("data", found)));
  const sockets: Socket[] = [];
  const close = () => {
    child.kill("SIGKILL");
    for (const socket of sockets) socket.destroy();
  };
  // One connection after the other takes a place, until there is none.
  for (let places = 0; places < 64; places += 1) {
    const socket = connect({ port, host: "127.0.0.1" });
    sockets.push(socket);
    socket.on("error", () => {});
    const taken = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      // On a busy machine the timer may come before what the socket says of the same moment.
      setTimeout(() => setTimeout(() => resolve(false), 100), 300);
    });
    if (!taken) return { url: `http://127.0.0.1:${port}`, close };
  }
  close();
  throw new Error("the queue never filled");
}

/**
 * A proxy whose connections go dark from their nth request on: both sides stay open, and nothing
 * passes any more.
 * @param dark what is swallowed
 */
export function darkening(dark: "requests" | "answers"): Scene {
  return {
    onlyNew: false,
    slow: true,
    async play(kept) {
      const struck = kept ? 2 : 1;
      const server = await startScripted({ request: healthy });
      const proxy = await startDarkProxy(server.port, struck, dark);
      try {
        const sent = await send({ baseUrl: proxy.url, rows: ROWS, answerMs: SHORT_MS });
        return { sent, server, struck };
      } finally {
        proxy.close();
        await server.close();
      }
    },
  };
}

async function startDarkProxy(upstreamPort: number, nth: number, dark: "requests" | "answers") {
  const sockets: Socket[] = [];
  let requests = 0;
  const server = createServer((client) => {
    const upstream = connect({ port: upstreamPort, host: "127.0.0.1" });
    let isDark = false;
    sockets.push(client, upstream);
    for (const socket of [client, upstream]) socket.on("error", () => {});
    client.on("data", (data) => {
      requests += 1;
      if (requests === nth) isDark = true;
      if (!isDark || (requests === nth && dark === "answers")) upstream.write(data);
    });
    upstream.on("data", (data) => {
      if (!isDark) client.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/**
 * An answer that is cut after each of its bytes, a dispatch for each; after two of them one is
 * answered as it should be, so that the run does not stop for so many lost answers.
 * @param whole the answer to a request
 * @param ending what comes after the last byte
 */
export function cutting(whole: (request: Received) => Buffer, ending: "end" | "reset"): Scene {
  return {
    onlyNew: true,
    cuts: true,
    async play() {
      const { length } = whole({ to: numberOf(1), nth: 1 } as Received);
      const server = await startScripted({
        request: (socket, request) => {
          const row = rowOf(request);
          const bytes = cutOf(row);
          if (bytes === null) return healthy(socket, request);
          const answer = whole({ ...request, nth: row }).subarray(0, bytes);
          if (ending === "end") socket.end(answer);
          else socket.write(answer, () => socket.resetAndDestroy());
        },
      });
      return finish(server, 1, { rows: Math.ceil(((length + 1) * 3) / 2) });
    },
  };
}

/** After how many bytes the answer to a row is cut; null when it is not. */
export function cutOf(row: number): number | null {
  return row % 3 === 0 ? null : Math.floor((row - 1) / 3) * 2 + ((row - 1) % 3);
}

export function rowOf(request: Pick<Received, "to">): number {
  return Number(request.to.slice(6)) - 70_000_000;
}
