// Answers of a hundred megabytes, one behind the other: how much of them is read and how much
// memory that takes. By the client alone.

import { expect, it } from "vitest";

import { openGraph } from "../../src/graph/client.ts";
import { numberOf } from "../support/harness.ts";
import { floods } from "./acts.ts";
import { healthy } from "./scenes.ts";
import { startScripted } from "./scripted.ts";

const MEGABYTE = 1024 * 1024;
const HEAD = "HTTP/1.1 200 OK\r\ncontent-length: 104857600\r\n\r\n";

it("does not keep an answer of 100 MB, again and again", async () => {
  const flooded = { bytes: 0 };
  const flood = floods(HEAD, flooded);
  const server = await startScripted({
    request: (socket, request, raw) =>
      (request.nth % 2 === 0 ? healthy : flood)(socket, request, raw),
  });
  const graph = openGraph({
    baseUrl: server.url,
    version: "v25.0",
    phoneNumberId: "1",
    accessToken: "secret",
    connections: 1,
  });
  /** How many of so many answers were too large. */
  const tooLarge = async (posts: number) => {
    let number = 0;
    for (let post = 1; post <= posts; post += 1) {
      const exchange = await graph.post(JSON.stringify({ to: numberOf(post) }), () => true);
      expect(exchange).toMatchObject({ kind: "answered", httpStatus: 200 });
      if (exchange.kind === "answered" && exchange.truncated) number += 1;
    }
    return number;
  };
  try {
    expect(await tooLarge(10)).toBe(5);
    const before = process.memoryUsage().rss;
    expect(await tooLarge(60)).toBe(30);
    expect(process.memoryUsage().rss - before).toBeLessThan(80 * MEGABYTE);
    // Read whole, they would be 3.5 GB; what the server got rid of stood in the buffers of sockets
    // that are closed now.
    expect(flooded.bytes).toBeLessThan(35 * 24 * MEGABYTE);
  } finally {
    await graph.destroy();
    await server.close();
  }
});
