// An answer that goes silent after each of its bytes, all of them at the same time: by the client and the reading of its
// exchange alone, since a run does not go on with hundreds of requests in flight once answers stay away.

import { openGraph } from "../../src/graph/client.ts";
import { readExchange } from "../../src/outcome.ts";
import { recordOf } from "../../src/retry.ts";
import { numberOf } from "../harness.ts";
import { rowOf, SHORT_MS } from "./scenes.ts";
import type { Received } from "./scripted.ts";
import { startScripted } from "./scripted.ts";

/** Where the dispatch goes next, by the number of bytes before the silence; the last is the whole answer. */
export async function silentAfterEachByte(
  answer: (request: Received) => Buffer,
): Promise<string[]> {
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
    const exchange = await graph.post(JSON.stringify({ to: phone }), () => {});
    const { next } = recordOf({
      claim: { row, attempt: 1, phone, region: "BR", values: "[]", holds: 0 },
      outcome: readExchange(exchange, "BR"),
      endpoint: graph.endpoint,
      startedAt: 0,
      endedAt: 0,
      acceptedBefore: true,
    });
    return next.to;
  };
  try {
    const nexts = await Promise.all(Array.from({ length: length + 1 }, (_, at) => ask(at + 1)));
    const whole = server.received.filter((request) => request.whole);
    if (whole.length !== length + 1) throw new Error(`${whole.length} requests arrived`);
    return nexts;
  } finally {
    await graph.destroy();
    await server.close();
  }
}
