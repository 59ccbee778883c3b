// Options of the receiver, and what it reports to the process that runs it. Shapes only.

import type { FastifyInstance } from "fastify";
import type { WebhookBody } from "../../domain/receipts/processing.ts";
import type { ReceiverAnswer } from "./figures.ts";
import type { Metric } from "./metrics.ts";

/** What a flood is held to. Meta's traffic, and a proxy's, stays far below. */
export interface ReceiverLimits {
  /** Connections at most; over it the one that has asked for nothing the longest is closed. */
  connections: number;
  /** Deliveries that are read or kept at the same time, and the bytes of them in memory. */
  inFlight: number;
  inFlightBytes: number;
  /**
   * How long the headers, and the whole of a request, may take to arrive, and how often that is
   * looked at; milliseconds.
   */
  headersMs: number;
  requestMs: number;
  lookMs: number;
  /** A body that takes longer than this must have come at this rate since its headers. */
  slowMs: number;
  bytesPerSecondMin: number;
}

/** A delivery, or a part of it, and the place where it is kept. */
export interface RoutedBody {
  to: string;
  delivery: WebhookBody;
}

export interface ReceiverOptions {
  /** Such as `127.0.0.1`. */
  host: string;
  /** 0: any that is free. */
  port: number;
  /** At least one; any of them may have signed a delivery. */
  appSecrets: readonly string[];
  /** What Meta says in the handshake; any of them. */
  verifyTokens: readonly string[];
  /**
   * Where a delivery is kept, of several places; left out: there is one.
   * @param isSignedBy whether one of these secrets signed it
   */
  route?(
    delivery: WebhookBody,
    isSignedBy: (secrets: readonly string[]) => boolean,
  ): Promise<readonly RoutedBody[]>;
  /**
   * Ledger.storeWebhookBodies: durable when it resolves. A ledger that is busy is asked again for
   * some seconds.
   * @param to of several places
   */
  store(bodies: readonly WebhookBody[], to: string): Promise<void>;
  /** Something is there to be applied. */
  onStored(to: string): void;
  /** More metrics, asked for at each GET /metrics. */
  metrics?(): Promise<Metric[]>;
  /**
   * Why not all is well besides keeping, in sentences; asked for at each GET /health, and empty
   * when all is.
   */
  health?(): Promise<string[]>;
  /**
   * More routes on the same server, in a scope of their own: parsers and hooks of theirs do not
   * touch the receiver's.
   */
  register?(app: FastifyInstance): Promise<void>;
  /**
   * Names by which /health and /metrics are reached, besides addresses and those of this machine
   * for itself.
   */
  allowHosts?: readonly string[];
  /** Reported what is worth a line of the log. */
  notice?(notice: ReceiverNotice): void;
  /** Other limits than the usual ones. */
  limits?: Partial<ReceiverLimits>;
}

export type ReceiverNotice =
  /**
   * Deliveries that were answered otherwise than 200, counted since this kind was reported last.
   */
  | { kind: "refused"; answer: ReceiverAnswer; count: number }
  /** The ledger keeps nothing; reported once, until it keeps again. */
  | { kind: "not_keeping"; error: unknown; to: string }
  | { kind: "keeping_again"; refused: number; to: string }
  /** A bug of ours. */
  | { kind: "error"; error: unknown };
