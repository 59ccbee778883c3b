// The receiver of Meta's webhooks as a server: starts it and closes it. What a delivery says is applied later, by somebody else;
// nothing of it is looked at here. TLS and the outside world are the business of a proxy.

import type { AddressInfo } from "node:net";

import type { FastifyInstance } from "fastify";
import { fastify } from "fastify";

import type { Delivery } from "../../domain/ledger/ledger.ts";
import { limitConnections } from "./connections.ts";
import type { Desk } from "./desk.ts";
import { makeDesk } from "./desk.ts";
import type { Answer, ReceiverFigures } from "./figures.ts";
import { addLooking } from "./looking.ts";
import type { Metric } from "./metrics.ts";
import { addWebhooks } from "./taking.ts";

/** An idle connection is kept this long, in milliseconds; longer than proxies keep theirs. */
const KEEP_ALIVE_MS = 75_000;
/** How long closing waits for what is in flight, in milliseconds. */
const CLOSE_MS_MAX = 10_000;
const CLOSE_LOOK_MS = 50;
/** What a flood is held to. Meta's traffic, and a proxy's, stays far below. */
export interface ReceiverLimits {
  /** Connections at most; over it the one that has asked for nothing the longest is closed. */
  connections: number;
  /** Deliveries that are read or kept at the same time, and the bytes of them in memory. */
  inFlight: number;
  inFlightBytes: number;
  /** How long the headers, and the whole of a request, may take to arrive, and how often that is looked at; milliseconds. */
  headersMs: number;
  requestMs: number;
  lookMs: number;
  /** A body that takes longer than this must have come at this rate since its headers. */
  slowMs: number;
  bytesPerSecondMin: number;
}

export interface ReceiverOptions {
  /** Such as `127.0.0.1`. */
  host: string;
  /** 0: any that is free. */
  port: number;
  /** At least one; any of them may have signed a delivery. */
  appSecrets: readonly string[];
  /** What Meta says in the handshake. */
  verifyToken: string;
  /** Ledger.keepDeliveries: durable when it resolves. A ledger that is busy is asked again for some seconds. */
  keep(deliveries: readonly Delivery[]): Promise<void>;
  /** Something is there to be applied. */
  onKept(): void;
  /** More metrics, asked for at each GET /metrics. */
  metrics?(): Promise<Metric[]>;
  /** Why not all is well besides keeping, in sentences; asked for at each GET /health, and empty when all is. */
  health?(): Promise<string[]>;
  /** More routes on the same server, in a scope of their own: parsers and hooks of theirs do not touch the receiver's. */
  register?(app: FastifyInstance): Promise<void>;
  /** Names by which /health and /metrics are reached, besides addresses and those of this machine for itself. */
  allowHosts?: readonly string[];
  /** Told what is worth a line of the log. */
  notice?(notice: ReceiverNotice): void;
  /** Other limits than the usual ones. */
  limits?: Partial<ReceiverLimits>;
}

export type ReceiverNotice =
  /** Deliveries that were answered otherwise than 200, counted since this kind was told last. */
  | { kind: "refused"; answer: Answer; count: number }
  /** The ledger keeps nothing; told once, until it keeps again. */
  | { kind: "not_keeping"; error: unknown }
  | { kind: "keeping_again"; refused: number }
  /** A bug of ours. */
  | { kind: "error"; error: unknown };

export interface Receiver {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  url: string;
  /** Since it was started. */
  figures(): ReceiverFigures;
  /** Takes no more, and resolves when what was in flight is kept and answered; that takes 10 s at most. */
  close(): Promise<void>;
}

/**
 * Starts the receiver: GET and POST /webhooks, GET /health, GET /metrics. Rejects with the system's error when the port cannot be
 * used.
 */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const desk = makeDesk(options);
  const { limits } = desk;
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: { headersTimeout: limits.headersMs, connectionsCheckingInterval: limits.lookMs },
  });
  limitConnections(app.server, limits.connections, () => {
    desk.counting.figures.refusedConnections += 1;
    desk.refusals.note("connections", Date.now());
  });
  const look = setInterval(() => desk.room.endSlow(performance.now()), limits.lookMs);
  look.unref();
  app.addHook("onClose", async () => clearInterval(look));
  await app.register(async (scope) => addWebhooks(scope, desk));
  await app.register(async (scope) => addLooking(scope, desk));
  const { register } = options;
  if (register !== undefined) await app.register(async (scope) => register(scope));
  const { host, port } = options;
  await app.listen({ host, port });
  const address = app.server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    figures: () => structuredClone(desk.counting.figures),
    close() {
      closing ??= close(app, desk);
      return closing;
    },
  };
}

async function close(app: FastifyInstance, desk: Desk): Promise<void> {
  desk.isClosing = true;
  const { server } = app;
  // A connection that is answered now, and kept alive, would hold the closing up.
  const look = setInterval(() => server.closeIdleConnections(), CLOSE_LOOK_MS);
  const end = setTimeout(() => server.closeAllConnections(), CLOSE_MS_MAX);
  await app.close();
  clearInterval(look);
  clearTimeout(end);
}
