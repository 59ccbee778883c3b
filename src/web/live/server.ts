// A server for the live page alone, where no webhooks are received. With them the page is served by
// the receiver's own.

import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { fastify } from "fastify";
import { WITHOUT_SCHEMAS } from "../without-schemas.ts";

/** Connections at most; a browser opens some six. */
const CONNECTIONS_MAX = 500;
/** How long the headers, and the whole of a request, may take to arrive, in milliseconds. */
const HEADERS_MS_MAX = 10_000;
const REQUEST_MS_MAX = 30_000;

export interface LiveServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  url: string;
  close(): Promise<void>;
}

/** Starts it. Rejects with the system's error when the port cannot be used. */
export async function startLiveServer(options: {
  host: string;
  /** 0: any that is free. */
  port: number;
  register(app: FastifyInstance): Promise<void>;
}): Promise<LiveServer> {
  const { host, port } = options;
  const app = fastify({
    ...WITHOUT_SCHEMAS,
    logger: false,
    requestTimeout: REQUEST_MS_MAX,
    http: { headersTimeout: HEADERS_MS_MAX },
    forceCloseConnections: true,
  });
  app.server.maxConnections = CONNECTIONS_MAX;
  await app.register(options.register);
  await app.listen({ host, port });
  const address = app.server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    close: () => app.close(),
  };
}
