// An answer that goes silent after each of its bytes, all of them at the same time: by the client
// and the reading of its exchange alone, since a run does not go on with hundreds of requests in
// flight once answers stay away.

import { readExchange } from "../../src/domain/sending/outcome.ts";
import { recordOf } from "../../src/domain/sending/retry.ts";
import { openGraph } from "../../src/graph/client.ts";
import { numberOf } from "../support/harness.ts";
import { rowOf, SHORT_MS } from "./scenes.ts";
import type { Received } from "./scripted.ts";
import { startScripted } from "./scripted.ts";

export interface Silence {
  /** The whole answer was read: from here on it is only waited. */
  begun: Promise<unknown>;
  /**
   * Where the dispatch goes next, by the number of bytes before the silence; the last is the whole
   * answer.
   */
  heard: Promise<string[]>;
}

/** Asks as many times as the answer has bytes, and once more. */
export async function silentAfterEachByte(answer: (request: Received) => Buffer): Promise<Silence> {
  const { length } = answer({ to: numberOf(1), nth: 1 } as Received);
  const server = await startScripted({
    request: (socket, request) => {
      socket.write(answer({ ...request, nth: 1 }).subarray(0, rowOf(request) - 1));
    },
  });
  const graph = openGraph({
    baseUrl: server.url,
    version: "v25.0",
    phoneNumberId: "1",
    accessToken: "secret",
    connections: length + 1,
    answerMs: 3 * SHORT_MS,
  });
  const ask = async (row: number) => {
    const phone = numberOf(row);
    const exchange = await graph.post(JSON.stringify({ to: phone }), () => true);
    const { next } = recordOf({
      claim: {
        row,
        attempt: 1,
        phone,
        userId: null,
        region: "BR",
        values: "[]",
        holds: 0,
        capped: 0,
      },
      outcome: readExchange(exchange, "BR"),
      endpoint: graph.endpoint,
      startedAt: 0,
      endedAt: 0,
      acceptedBefore: true,
      cappedTries: 3,
    });
    return next.to;
  };
  const asked = Array.from({ length: length + 1 }, (_, at) => ask(at + 1));
  const hear = async () => {
    try {
      const nexts = await Promise.all(asked);
      const whole = server.received.filter((request) => request.whole);
      if (whole.length !== length + 1) throw new Error(`${whole.length} requests arrived`);
      return nexts;
    } finally {
      await graph.destroy();
      await server.close();
    }
  };
  return { begun: asked.at(-1) as Promise<unknown>, heard: hear() };
}
