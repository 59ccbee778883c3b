// An address of the operator's own that notices are posted to: a real HTTP server.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** One request that it got. */
export interface Posted {
  path: string;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  body: Record<string, unknown> & { event: string; counts: Record<string, number>; text: string };
}

export interface Hook {
  url: string;
  posted: Posted[];
  /** What it answers from now on; null: nothing, for as long as the test lasts. */
  answers(status: number | null): void;
}

/** Starts it; it ends with the test. */
export async function startHook(status: number | null = 200): Promise<Hook> {
  const posted: Posted[] = [];
  let answer = status;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const body = JSON.parse(text) as Posted["body"];
      posted.push({ path: request.url ?? "", headers: request.headers, text, body });
      if (answer !== null) response.writeHead(answer, { location: "/elsewhere" }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hooks/abc?key=1`,
    posted,
    answers: (next) => {
      answer = next;
    },
  };
}
