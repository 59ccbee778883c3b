// Posts messages to Graph and reports what happened on the wire, above all whether writing began. It never tries again.

import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import type { Dispatcher } from "undici";
import { Pool } from "undici";

import type { Exchange } from "../outcome.ts";

/** Separate deadlines: a slow answer must not eat the time that connecting may take, and the other way round. */
const CONNECT_MS = 10_000;
const ANSWER_MS = 30_000;
const BODY_MS = 10_000;
/** Below the idle time of the servers in between, so that a request is rarely written to a socket that just closed. */
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
}

/** A connection to the one endpoint that sends. */
export interface GraphClient {
  /** Path of the endpoint, for the ledger. */
  endpoint: string;
  /**
   * Makes one request, once.
   * @param body the JSON text
   * @param begins called when the request begins to be written, before its first byte
   * @returns what happened; never rejects
   */
  post(body: string, begins: () => void): Promise<Exchange>;
  /** Waits for requests in flight. */
  close(): Promise<void>;
  /** Ends requests in flight at once; each is reported as lost. */
  destroy(): Promise<void>;
}

/** Opens the pool; no request is made yet. */
export function openGraph(options: GraphOptions): GraphClient {
  const base = new URL(options.baseUrl);
  const prefix = base.pathname.replace(/\/+$/, "");
  const path = `${prefix}/${options.version}/${options.phoneNumberId}/marketing_messages`;
  const pool = new Pool(base.origin, {
    connections: options.connections,
    // One request on a socket at a time: a second one behind it could be lost without a trace.
    pipelining: 1,
    // HTTP/2 lets a client replay requests on its own after GOAWAY: never for messages.
    allowH2: false,
    connect: { timeout: CONNECT_MS },
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: options.answerMs ?? ANSWER_MS,
    bodyTimeout: BODY_MS,
  });
  const endsMs = (options.answerMs ?? ANSWER_MS) + BODY_MS;
  const headers = {
    authorization: `Bearer ${options.accessToken}`,
    "content-type": "application/json",
    accept: "application/json",
  };
  return {
    endpoint: path,
    post: (body, begins) =>
      new Promise((resolve) => {
        const handler = exchangeHandler(begins, resolve, endsMs);
        try {
          pool.dispatch({ path, method: "POST", headers, body }, handler);
        } catch (error) {
          // Refused by the client itself, for example a token with a line break in it.
          resolve({ kind: "not_started", cause: causeOf(error), fatal: true });
        }
      }),
    close: () => pool.close(),
    destroy: () => pool.destroy(),
  };
}

/** Collects one answer. Written against undici's dispatch and not `request`: no stream for 300 bytes. */
function exchangeHandler(
  begins: () => void,
  resolve: (exchange: Exchange) => void,
  endsMs: number,
): Dispatcher.DispatchHandler {
  let started = false;
  let httpStatus: number | null = null;
  let encoding = "";
  let chunks: Buffer[] = [];
  let size = 0;
  let deadline: NodeJS.Timeout | undefined;
  const answered = (truncated: boolean) => {
    clearTimeout(deadline);
    const whole = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
    const body = truncated ? "" : decode(whole, encoding);
    chunks = [];
    resolve({
      kind: "answered",
      httpStatus: httpStatus as number,
      body: body ?? "",
      truncated: truncated || body === null,
    });
  };
  return {
    onRequestStart(controller) {
      // Fires right before the first byte is written: from here on the message may have gone out.
      started = true;
      // The pool's own deadlines begin anew with every byte of a body and every 1xx answer: a trickle would never end.
      deadline = setTimeout(() => controller.abort(tooSlow()), endsMs);
      begins();
    },
    onResponseStart(_controller, statusCode, responseHeaders) {
      if (statusCode < 200) return;
      httpStatus = statusCode;
      encoding = String(responseHeaders["content-encoding"] ?? "");
    },
    onResponseData(controller, chunk) {
      size += chunk.length;
      if (size <= BODY_MAX_BYTES) {
        chunks.push(chunk);
        return;
      }
      answered(true);
      controller.abort(new Error("answer too large"));
    },
    onResponseEnd() {
      answered(false);
    },
    onResponseError(_controller, error) {
      clearTimeout(deadline);
      const cause = causeOf(error);
      if (!started) resolve({ kind: "not_started", cause, fatal: isFatal(error) });
      else resolve({ kind: "lost", cause, httpStatus });
    },
  };
}

function tooSlow(): Error {
  return Object.assign(new Error("the answer did not end in time"), { code: "ANSWER_TOO_SLOW" });
}

/** We ask for no compression, but a proxy may do as it likes. Null when the body cannot be decoded. */
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

/** Codes of Node and OpenSSL that say the other side is not who it should be; trying again does not mend them. */
const TLS_FAULT =
  /^(ERR_SSL_|ERR_TLS_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH)/;
const CLIENT_FAULTS = new Set(["UND_ERR_INVALID_ARG", "UND_ERR_NOT_SUPPORTED", "ERR_INVALID_CHAR"]);

/** True for a fault that trying again does not mend: a certificate, a request the client refuses. */
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
