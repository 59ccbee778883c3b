// The receiver of Meta's webhooks as a server: starts it and closes it. What a delivery says is
// applied later, by other code; nothing of it is looked at here. TLS and the outside world are the
// business of a proxy.

import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { fastify } from "fastify";
import { WITHOUT_SCHEMAS } from "../without-schemas.ts";
import { limitConnections } from "./connections.ts";
import type { ReceiverFigures } from "./figures.ts";
import { addHealthRoutes } from "./health-routes.ts";
import type { ReceiverOptions } from "./options.ts";
import type { ReceiverContext } from "./receiver-context.ts";
import { makeReceiverContext } from "./receiver-context.ts";
import { addWebhookRoutes } from "./webhook-routes.ts";

/** An idle connection is kept this long, in milliseconds; longer than proxies keep theirs. */
const KEEP_ALIVE_MS = 75_000;

/** How long closing waits for what is in flight, in milliseconds. */
const CLOSE_MS_MAX = 10_000;

const CLOSE_LOOK_MS = 50;

export interface Receiver {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  url: string;
  /** Since it was started. */
  figures(): ReceiverFigures;
  /**
   * Takes no more, and resolves when what was in flight is kept and answered; that takes 10 s at
   * most.
   */
  close(): Promise<void>;
}

/**
 * Starts the receiver: GET and POST /webhooks, GET /health, GET /metrics. Rejects with the system's
 * error when the port cannot be used.
 */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const context = makeReceiverContext(options);
  const { limits } = context;
  const app = fastify({
    ...WITHOUT_SCHEMAS,
    logger: false,
    exposeHeadRoutes: false,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: { headersTimeout: limits.headersMs, connectionsCheckingInterval: limits.lookMs },
  });
  limitConnections(app.server, limits.connections, () => {
    context.counts.figures.refusedConnections += 1;
    context.refusals.note("connections", Date.now());
  });
  const look = setInterval(() => context.capacity.endSlow(performance.now()), limits.lookMs);
  look.unref();
  app.addHook("onClose", async () => clearInterval(look));
  await app.register(async (scope) => addWebhookRoutes(scope, context));
  await app.register(async (scope) => addHealthRoutes(scope, context));
  const { register } = options;
  if (register !== undefined) await app.register(async (scope) => register(scope));
  const { host, port } = options;
  await app.listen({ host, port });
  const address = app.server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    figures: () => structuredClone(context.counts.figures),
    close() {
      closing ??= close(app, context);
      return closing;
    },
  };
}

async function close(app: FastifyInstance, context: ReceiverContext): Promise<void> {
  context.isClosing = true;
  const { server } = app;
  // A connection that is answered now, and kept alive, would hold the closing up.
  const look = setInterval(() => server.closeIdleConnections(), CLOSE_LOOK_MS);
  const end = setTimeout(() => server.closeAllConnections(), CLOSE_MS_MAX);
  await app.close();
  clearInterval(look);
  clearTimeout(end);
}
