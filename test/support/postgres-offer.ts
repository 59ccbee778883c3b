// The server that the files of a run share. They run in processes of their own, so the process
// above them has it: it starts it for the first that asks, and ends it with the run.

import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import type { PostgresServer } from "./postgres.ts";

/** The variable that has the URL of the offer: `/` starts the server, `/log` is its log. */
export const OFFER = "TEST_POSTGRES_OFFER";

/** Offers a server, for the files that ask for it. */
export async function offerPostgres(): Promise<{ url: string; end(): Promise<void> }> {
  let server: Promise<PostgresServer> | undefined;
  const answer = async (path: string, response: ServerResponse) => {
    try {
      server ??= start();
      const { port, sockets, log } = await server;
      response.end(path === "/log" ? await log() : JSON.stringify({ port, sockets }));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  };
  const offer = createServer(({ url = "/" }, response) => void answer(url, response));
  offer.listen(0, "127.0.0.1").unref();
  await once(offer, "listening");
  return {
    url: `http://127.0.0.1:${(offer.address() as AddressInfo).port}`,
    async end() {
      offer.close();
      offer.closeAllConnections();
      await (await server?.catch(() => undefined))?.end();
    },
  };
}

async function start(): Promise<PostgresServer> {
  // Only now, since few runs need it.
  const { startPostgres } = await import("./postgres.ts");
  return startPostgres({ durable: false });
}
