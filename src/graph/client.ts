// Posts messages to Graph and reports what happened on the wire, above all whether writing began.
// It never tries again.

import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import type { Dispatcher } from "undici";
import { buildConnector, Client } from "undici";
import type { Redact } from "../domain/common/redact.ts";
import { makeRedact, maskJson } from "../domain/common/redact.ts";
import type { Exchange } from "../domain/sending/outcome.ts";
import { userAgent } from "./user-agent.ts";
import { waitAsked } from "./wait-asked.ts";

/**
 * Separate deadlines: a slow answer must not eat the time that connecting may take, and the other
 * way round.
 */
const CONNECT_MS = 10_000;
const ANSWER_MS = 30_000;
const BODY_MS = 10_000;
/**
 * Below the idle time of the servers in between, so that a request is rarely written to a socket
 * that just closed.
 */
const KEEP_ALIVE_MS = 10_000;
/** Meta's answers are below 2 KiB; more than this is no answer of Meta's, and not read on. */
const BODY_MAX_BYTES = 256 * 1024;

/** What one sending number needs to post. */
export interface GraphOptions {
  /** `https://graph.facebook.com`, or a proxy or test server; a path is kept. */
  baseUrl: string;
  /** `v25.0`. */
  version: string;
  phoneNumberId: string;
  accessToken: string;
  /** Sockets kept open at most. */
  connections: number;
  answerMs?: number;
  /**
   * Masks what an answer other than 200 says; left out: the token, and what looks like a secret or
   * a person.
   */
  redact?: Redact | undefined;
}

/** A connection to the one endpoint that sends. */
export interface GraphClient {
  /** Path of the Marketing Messages API's endpoint; also where nothing else is asked for. */
  endpoint: string;
  /** Path of the Cloud API's. */
  cloudEndpoint: string;
  /**
   * Makes one request, once.
   * @param endpoint one of the two; left out: the first
   * @param body the JSON text
   * @param begins called when the request begins to be written, before its first byte; false: it
   *   comes too late, and nothing of it is written
   * @returns what happened; never rejects
   */
  post(body: string, begins: () => boolean, endpoint?: string): Promise<Exchange>;
  /** Waits for requests in flight. */
  close(): Promise<void>;
  /** Ends requests in flight at once; each is reported as lost. */
  destroy(): Promise<void>;
}

/** Opens the connections; no request is made yet, and no socket. */
export function openGraph(options: GraphOptions): GraphClient {
  const base = new URL(options.baseUrl);
  const prefix = base.pathname.replace(/\/+$/, "");
  const number = `${prefix}/${options.version}/${options.phoneNumberId}`;
  const endpoint = `${number}/marketing_messages`;
  const answerMs = options.answerMs ?? ANSWER_MS;
  const redact = options.redact ?? makeRedact([options.accessToken]);
  const headers = {
    authorization: `Bearer ${options.accessToken}`,
    "content-type": "application/json",
    accept: "application/json",
    "user-agent": userAgent(),
  };
  // One for all: a TLS session that one client began is what another one goes on with.
  const connect = buildConnector({ timeout: CONNECT_MS, allowH2: false });
  const clients = Array.from(
    { length: options.connections },
    () =>
      new Client(base.origin, {
        // One request on a socket at a time: a second one behind it could be lost without a trace.
        pipelining: 1,
        // HTTP/2 lets a client replay requests on its own after GOAWAY: never for messages.
        allowH2: false,
        connect,
        keepAliveTimeout: KEEP_ALIVE_MS,
        headersTimeout: answerMs,
        bodyTimeout: BODY_MS,
      }),
  );
  // Given with each request, or undici reads it from a URL each time.
  const { origin } = base;
  const line = makeLine(clients, (client, handler) => {
    try {
      const { path, body } = handler;
      client.dispatch({ origin, path, method: "POST", headers, body }, handler);
    } catch (error) {
      handler.refused(error);
    }
  });
  return {
    endpoint,
    cloudEndpoint: `${number}/messages`,
    post: (body, begins, path = endpoint) =>
      new Promise((resolve) => {
        const endsMs = answerMs + BODY_MS;
        line.enter(new ExchangeHandler({ path, body, begins, resolve, endsMs, redact }, line));
      }),
    async close() {
      await line.empty();
      await Promise.all(clients.map((client) => client.close()));
    },
    destroy: async () => void (await Promise.all(clients.map((client) => client.destroy()))),
  };
}

interface Line {
  /** Gets a client now, or when there is one. */
  enter(handler: ExchangeHandler): void;
  /** Takes a client back whose answer has ended. */
  leave(client: Client): void;
  /** Waits until nobody waits in line. */
  empty(): Promise<void>;
}

/**
 * Who gets which client. Not undici's Pool: at the same cost of a message it does not hold the
 * table of network faults on a busy machine, since it writes the next message to a socket as soon
 * as that has answered.
 *
 * The client that was used last is used next, so that few sockets stay open where few are needed;
 * but not before its socket was read once more: a server that closes the connection behind its
 * answer would close it on the next message.
 */
function makeLine(
  clients: readonly Client[],
  dispatch: (client: Client, handler: ExchangeHandler) => void,
): Line {
  const free = [...clients];
  const waiting: ExchangeHandler[] = [];
  let resting: Client[] = [];
  let emptied: (() => void) | undefined;
  const begin = (client: Client, handler: ExchangeHandler): void => {
    handler.client = client;
    dispatch(client, handler);
  };
  const wake = (): void => {
    const rested = resting;
    resting = [];
    for (const client of rested) {
      const next = waiting.shift();
      if (next === undefined) free.push(client);
      else begin(client, next);
    }
    if (waiting.length === 0) emptied?.();
  };
  return {
    enter(handler) {
      const client = free.pop();
      if (client === undefined) waiting.push(handler);
      else begin(client, handler);
    },
    leave(client) {
      resting.push(client);
      if (resting.length === 1) setImmediate(wake);
    },
    async empty() {
      if (waiting.length > 0) await new Promise<void>((resolve) => (emptied = resolve));
    },
  };
}

interface QueuedRequest {
  path: string;
  body: string;
  begins: () => boolean;
  resolve: (exchange: Exchange) => void;
  endsMs: number;
  redact: Redact;
}

/**
 * Collects one answer. Written against undici's dispatch and not `request`: no stream for 300
 * bytes. A class, so that a message costs one object and not a closure for each of these.
 */
class ExchangeHandler implements Dispatcher.DispatchHandler {
  /** Set when it has got one. */
  client: Client | undefined;
  private readonly errand: QueuedRequest;
  private readonly line: Line;
  private started = false;
  private isSettled = false;
  private httpStatus: number | null = null;
  private encoding = "";
  private waitMs: number | null = null;
  private chunks: Buffer[] = [];
  private size = 0;
  private deadline: NodeJS.Timeout | undefined;

  constructor(errand: QueuedRequest, line: Line) {
    this.errand = errand;
    this.line = line;
  }

  get path(): string {
    return this.errand.path;
  }

  get body(): string {
    return this.errand.body;
  }

  /** The client itself refuses the request, for example for a line break in the token. */
  refused(error: unknown): void {
    this.settle({ kind: "not_started", cause: causeOf(error), fatal: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Fires right before the first byte is written: from here on the message may have gone out.
    this.started = this.errand.begins();
    if (!this.started) {
      controller.abort(tooLate());
      return;
    }
    // The client's own deadlines begin again with every byte of a body and every 1xx answer: a
    // trickle would never end.
    this.deadline = setTimeout(() => controller.abort(tooSlow()), this.errand.endsMs);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (statusCode < 200) return;
    this.httpStatus = statusCode;
    this.encoding = String(headers["content-encoding"] ?? "");
    // Of an accepted message nobody asks.
    if (statusCode !== 200) this.waitMs = waitAsked(headers);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.size += chunk.length;
    if (this.size <= BODY_MAX_BYTES) {
      this.chunks.push(chunk);
      return;
    }
    this.answered(null);
    controller.abort(new Error("answer too large"));
  }

  onResponseEnd(): void {
    const [first, second] = this.chunks;
    const isOne = first !== undefined && second === undefined;
    this.answered(decode(isOne ? first : Buffer.concat(this.chunks), this.encoding));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const cause = causeOf(error);
    if (!this.started) this.settle({ kind: "not_started", cause, fatal: isFatal(error) });
    else this.settle({ kind: "lost", cause, httpStatus: this.httpStatus });
  }

  /** @param body null: it is too large, or cannot be decoded */
  private answered(body: string | null): void {
    const { waitMs } = this;
    const httpStatus = this.httpStatus as number;
    const truncated = body === null;
    // Of a message that Meta took only ids are kept, and the number that it went to is known.
    const safe =
      body === null || isTaken(httpStatus, body) ? body : maskJson(body, this.errand.redact);
    this.settle({ kind: "answered", httpStatus, body: safe ?? "", truncated, waitMs });
  }

  /** The first word counts: an answer that was too large ends with an error as well. */
  private settle(exchange: Exchange): void {
    clearTimeout(this.deadline);
    if (this.isSettled) return;
    this.isSettled = true;
    this.chunks = [];
    this.line.leave(this.client as Client);
    this.errand.resolve(exchange);
  }
}

function isTaken(httpStatus: number, body: string): boolean {
  const isSuccess = httpStatus >= 200 && httpStatus < 300;
  return isSuccess && body.includes('"messages"') && !body.includes('"error"');
}

function tooLate(): Error {
  return Object.assign(new Error("the claim is too old to be posted"), { code: "CLAIM_TOO_OLD" });
}

function tooSlow(): Error {
  return Object.assign(new Error("the answer did not end in time"), { code: "ANSWER_TOO_SLOW" });
}

/**
 * We ask for no compression, but a proxy may do as it likes. Null when the body cannot be decoded.
 */
function decode(body: Buffer, encoding: string): string | null {
  const limit = { maxOutputLength: BODY_MAX_BYTES };
  try {
    switch (encoding.trim().toLowerCase()) {
      case "":
      case "identity":
        return body.toString("utf8");
      case "gzip":
      case "x-gzip":
        return gunzipSync(body, limit).toString("utf8");
      case "deflate":
        return inflateSync(body, limit).toString("utf8");
      case "br":
        return brotliDecompressSync(body, limit).toString("utf8");
      default:
        return null;
    }
  } catch {
    return null;
  }
}

/**
 * Codes of Node and OpenSSL that say the other side is not who it should be; trying again does not
 * fix them.
 */
const TLS_FAULT =
  /^(ERR_SSL_|ERR_TLS_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH)/;
const CLIENT_FAULTS = new Set(["UND_ERR_INVALID_ARG", "UND_ERR_NOT_SUPPORTED", "ERR_INVALID_CHAR"]);

/** True for a fault that trying again does not fix: a certificate, a request the client refuses. */
export function isFatal(error: unknown): boolean {
  const code = codeOf(error);
  return TLS_FAULT.test(code) || CLIENT_FAULTS.has(code);
}

function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" ? code : "";
}

/** The code when there is one: messages of the network may carry addresses, and never say more. */
export function causeOf(error: unknown): string {
  const code = codeOf(error);
  if (code !== "") return code;
  // Several addresses were tried (happy eyeballs): the first one's code stands for all.
  if (error instanceof AggregateError && error.errors.length > 0) return causeOf(error.errors[0]);
  return error instanceof Error ? error.name : "unknown error";
}
