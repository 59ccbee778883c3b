// Reads the server's append-only log as it grows: the proof of every crash test, never the
// program's own word.

import { closeSync, openSync, readSync } from "node:fs";

const CHUNK_BYTES = 1_048_576;

export interface ServerLog {
  /** Reads what was added since the last time. */
  refresh(): void;
  /**
   * Ids of the messages that were accepted for a number, in order; every request to it counts as
   * posted.
   */
  postedTo(number: string): readonly Posted[];
}

export interface Posted {
  event: string;
  /** Null when it was not accepted. */
  id: string | null;
}

/** Follows the log in `file`. */
export function followLog(file: string): ServerLog {
  const posts = new Map<string, Posted[]>();
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let offset = 0;
  let rest = Buffer.alloc(0);

  function take(line: string): void {
    const event = JSON.parse(line) as { event: string; to?: string | null; id?: string };
    // Receipts speak of a message that is posted already.
    if (event.event === "receipt" || typeof event.to !== "string") return;
    const list = posts.get(event.to) ?? [];
    list.push({ event: event.event, id: event.event === "accepted" ? (event.id ?? null) : null });
    posts.set(event.to, list);
  }

  return {
    refresh() {
      const descriptor = openSync(file, "r");
      try {
        for (;;) {
          const size = readSync(descriptor, chunk, 0, CHUNK_BYTES, offset);
          if (size === 0) return;
          offset += size;
          rest = Buffer.concat([rest, chunk.subarray(0, size)]);
          const end = rest.lastIndexOf(0x0a);
          if (end === -1) continue;
          for (const line of rest.subarray(0, end).toString("utf8").split("\n")) {
            if (line !== "") take(line);
          }
          rest = Buffer.from(rest.subarray(end + 1));
        }
      } finally {
        closeSync(descriptor);
      }
    },
    postedTo: (number) => posts.get(number) ?? [],
  };
}
