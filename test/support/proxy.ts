// A network between a client and a server of a test: it delays what passes, holds it back, and cuts
// connections.

import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { connect, createServer } from "node:net";

/** Which direction bytes go. */
export type Way = "toServer" | "toClient";

export interface TestProxy {
  /** Where clients connect, on 127.0.0.1. */
  port: number;
  /** What arrives from now on passes so much later, in milliseconds; 0 for a way left out. */
  delay(ms: Partial<Record<Way, number>>): void;
  /**
   * Passes nothing more, both ways when none is given: connections are accepted, and bytes and ends
   * of connections are kept. The other side learns nothing of a client that ends meanwhile.
   */
  freeze(...ways: Way[]): void;
  /** Resets all connections, and each one that is made from now on. */
  cut(): void;
  /** Resets the connections that are open; new ones pass. */
  reset(): void;
  /** Takes back what `freeze` and `cut` did: what was kept passes, in order. */
  heal(): void;
  /** Resets all connections and stops listening. */
  close(): Promise<void>;
}

export interface ProxyOptions {
  /**
   * Sees bytes as they arrive, before they pass: what it does to the proxy holds for them too.
   */
  seen?(way: Way, bytes: Buffer, proxy: TestProxy): void;
}

const WAYS: readonly Way[] = ["toServer", "toClient"];
/** Each way of a connection ends by itself, and what is written goes out at once. */
const SOCKET = { allowHalfOpen: true, noDelay: true };
/** When so many bytes of one way of a connection wait, no more of it is read. */
const KEPT_MAX = 1 << 20;

interface Network {
  delays: Record<Way, number>;
  frozen: Set<Way>;
  isCut: boolean;
}

/** What passes. */
type What = Buffer | "end" | "reset";

/** A connection of a client's, and the one to the server. */
interface Pair {
  /** Passes what may pass by now. */
  pass(): void;
  reset(): void;
}

/** Starts a proxy to a port of 127.0.0.1. */
export async function startProxy(port: number, options: ProxyOptions = {}): Promise<TestProxy> {
  const network: Network = {
    delays: { toServer: 0, toClient: 0 },
    frozen: new Set(),
    isCut: false,
  };
  const pairs = new Set<Pair>();
  const reset = () => {
    for (const pair of pairs) pair.reset();
  };
  const accept = (client: Socket) => {
    if (network.isCut) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port, host: "127.0.0.1", ...SOCKET });
    const seen = (way: Way, bytes: Buffer) => options.seen?.(way, bytes, proxy);
    const ways = [
      carry("toServer", client, server, network, seen),
      carry("toClient", server, client, network, seen),
    ];
    const pair = {
      pass() {
        for (const pass of ways) pass();
      },
      reset() {
        client.resetAndDestroy();
        server.resetAndDestroy();
      },
    };
    pairs.add(pair);
    const forget = () => client.closed && server.closed && pairs.delete(pair);
    client.on("close", forget);
    server.on("close", forget);
  };
  const listener = createServer(SOCKET, accept).listen(0, "127.0.0.1");
  await once(listener, "listening");
  const proxy: TestProxy = {
    port: (listener.address() as AddressInfo).port,
    delay({ toServer = 0, toClient = 0 }) {
      network.delays = { toServer, toClient };
    },
    freeze(...ways) {
      for (const way of ways.length > 0 ? ways : WAYS) network.frozen.add(way);
    },
    cut() {
      network.isCut = true;
      reset();
    },
    reset,
    heal() {
      network.isCut = false;
      network.frozen.clear();
      for (const pair of pairs) pair.pass();
    },
    async close() {
      proxy.cut();
      listener.close();
      await once(listener, "close");
    },
  };
  return proxy;
}

/** Carries one way of a connection; gives what passes on what may pass by now. */
function carry(
  way: Way,
  from: Socket,
  to: Socket,
  network: Network,
  seen: (way: Way, bytes: Buffer) => void,
): () => void {
  const kept: { due: number; what: What }[] = [];
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  const pass = () => {
    clearTimeout(timer);
    while (kept[0] !== undefined && !network.frozen.has(way)) {
      const { due, what } = kept[0];
      const wait = due - performance.now();
      if (wait > 0) {
        timer = setTimeout(pass, wait).unref();
        break;
      }
      kept.shift();
      bytes -= sizeOf(what);
      deliver(what, to);
    }
    if (bytes + to.writableLength > KEPT_MAX) from.pause();
    else from.resume();
  };
  const keep = (what: What) => {
    kept.push({ due: performance.now() + network.delays[way], what });
    bytes += sizeOf(what);
    pass();
  };
  from.on("data", (data) => {
    seen(way, data);
    keep(data);
  });
  from.on("end", () => keep("end"));
  from.on("error", () => keep("reset"));
  to.on("drain", pass);
  return pass;
}

function sizeOf(what: What): number {
  return typeof what === "string" ? 0 : what.length;
}

function deliver(what: What, to: Socket): void {
  if (what === "reset") to.resetAndDestroy();
  else if (what === "end") to.end();
  else if (to.writable) to.write(what);
}
