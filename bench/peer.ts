// Starts the bench's server and asks it for what it saw.

import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface Peer {
  url: string;
  /** Instants of arrival of messages since the last call, milliseconds since the epoch with fraction. */
  arrivals(): Promise<number[]>;
  end(): Promise<void>;
}

/** Starts a server that answers after a time between two bounds. */
export async function startPeer(minMs: number, maxMs: number): Promise<Peer> {
  const child = fork(fileURLToPath(new URL("./server.js", import.meta.url)), [
    `${minMs}`,
    `${maxMs}`,
  ]);
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  return {
    url: `http://127.0.0.1:${port}`,
    async arrivals() {
      child.send("arrivals");
      const [message] = (await once(child, "message")) as [{ arrivals: number[] }];
      return message.arrivals;
    },
    async end() {
      child.send("end");
      await once(child, "exit");
    },
  };
}
