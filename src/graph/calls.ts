// Calls of Graph's management side: one JSON question, one JSON answer, with deadlines and limits.
// It tries GETs again where that is safe, and never makes a POST twice.

import { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import pLimit from "p-limit";
import type { Dispatcher } from "undici";
import { Pool } from "undici";

import type { MetaError } from "../domain/account/meta-error.ts";
import { readMetaError, snippetOf } from "../domain/account/meta-error.ts";
import { oneLine } from "../domain/common/plain.ts";
import type { Redact } from "../domain/common/redact.ts";
import { makeRedact, maskStrings, secretMask } from "../domain/common/redact.ts";
import { judgeAnswer } from "../domain/sending/outcome.ts";
import { causeOf, isFatal } from "./client.ts";
import { userAgent } from "./user-agent.ts";
import { waitAsked } from "./wait-asked.ts";

const CONNECT_MS = 10_000;
/** From the request to the last byte of its answer. */
const ANSWER_MS = 10_000;
/** The same where a file goes up: 100 MB over a slow line. */
const UPLOAD_MS = 600_000;
const KEEP_ALIVE_MS = 10_000;
/** The parts of an account are asked for side by side. */
const CONNECTIONS = 4;
/**
 * A page of templates with long texts is some hundred KiB; more than this is no answer of Meta's.
 */
const ANSWER_MAX_BYTES = 8 * 1024 * 1024;
/** A GET is made at most so often. */
const GET_TRIES = 3;
/** Before the second try; doubled before each further one. */
const BACK_OFF_MS = 500;
/** Meta may ask for hours of patience: longer than this nobody is kept waiting. */
const WAIT_MAX_MS = 60_000;
/** Longest text of Meta's that is passed on. */
const SENTENCE_MAX_CHARS = 300;

export interface CallsOptions {
  /** `https://graph.facebook.com`, or a proxy or test server; a path is kept. */
  baseUrl: string;
  /** `v25.0`. */
  version: string;
  accessToken: string;
  /** Masks what an error says; left out: the token, and what looks like a secret or a person. */
  redact?: Redact | undefined;
  /** From the request to the end of its answer. */
  answerMs?: number | undefined;
  /** Ends waiting and calls in flight. */
  signal?: AbortSignal | undefined;
  /** Reported before a GET waits for another try, with why and for how long, in ms. */
  onWait?: ((sentence: string, forMs: number) => void) | undefined;
  /** Waits before another try; the timer's when left out. */
  sleep?: ((delayMs: number) => Promise<void>) | undefined;
}

/**
 * Why a call gave nothing:
 * - `refused`: by Meta, with its code; asking again does not help
 * - `throttled`: too many calls; nothing was done, and it can be asked again later
 * - `failed`: the network or a fault on Meta's side; of a POST it is not known whether it took
 *   effect
 */
type CallFault = "refused" | "throttled" | "failed";

/**
 * What Meta said no to, or why it could not be asked. Its message is one sentence without secrets.
 */
export class GraphError extends Error {
  override readonly name = "GraphError";
  readonly fault: CallFault;
  /** Meta's code; null when the answer had none. */
  readonly code: number | null;
  readonly subcode: number | null;
  /** How long Meta wants to be left alone, as far as it said. */
  readonly waitMs: number | null;

  constructor(
    sentence: string,
    facts: {
      fault: CallFault;
      code?: number | null;
      subcode?: number | null;
      waitMs?: number | null;
    },
  ) {
    super(sentence);
    this.fault = facts.fault;
    this.code = facts.code ?? null;
    this.subcode = facts.subcode ?? null;
    this.waitMs = facts.waitMs ?? null;
  }
}

/** A JSON object as it came; nothing is known of its values. */
export type GraphNode = Record<string, unknown>;

/** A body that is not JSON. */
interface UploadBody {
  contentType: string;
  /** In bytes; promised to the server before the first of them goes out. */
  size: number;
  chunks: AsyncIterable<Uint8Array>;
}

export interface Calls {
  /**
   * Asks, and again after a fault of the network, of Meta's side, or throttling that ends soon.
   * @param path begins after the version, without a slash
   * @throws GraphError
   */
  get(path: string, query: Record<string, string>): Promise<GraphNode>;
  /**
   * Makes one change, once.
   * @throws GraphError; with `failed` it is not known whether the change was made
   */
  post(path: string, body: GraphNode): Promise<GraphNode>;
  /** The same with a file. */
  upload(path: string, body: UploadBody): Promise<GraphNode>;
  /** Ends what is in flight. */
  close(): Promise<void>;
}

/** Opens the pool; no call is made yet. */
export function openCalls(options: CallsOptions): Calls {
  const base = new URL(options.baseUrl);
  const prefix = `${base.pathname.replace(/\/+$/, "")}/${options.version}`;
  const pool = new Pool(base.origin, {
    connections: CONNECTIONS,
    pipelining: 1,
    allowH2: false,
    connect: { timeout: CONNECT_MS },
    keepAliveTimeout: KEEP_ALIVE_MS,
  });
  const { signal } = options;
  const sleep = options.sleep ?? ((delayMs: number) => pause(delayMs, undefined, { signal }));
  const answerMs = options.answerMs ?? ANSWER_MS;
  const masks: Masks = {
    error: options.redact ?? makeRedact([options.accessToken]),
    facts: secretMask([options.accessToken]),
  };
  // Waiting for a free connection is no part of the time that an answer may take.
  const inLine = pLimit(CONNECTIONS);
  const given = { prefix, masks, userAgent: userAgent() };
  const call = (request: Request) =>
    inLine(() => callOnce(pool, options, { ...request, ...given }));
  return {
    async get(path, query) {
      const asked = `${path}?${new URLSearchParams(query)}`;
      for (let tries = 1; ; tries += 1) {
        try {
          return await call({ method: "GET", path: asked, deadlineMs: answerMs });
        } catch (error) {
          const waitMs = waitBefore(error, tries);
          if (waitMs === null || signal?.aborted) throw error;
          options.onWait?.((error as GraphError).message, waitMs);
          try {
            await sleep(waitMs);
          } catch {
            throw error;
          }
        }
      }
    },
    post: (path, body) =>
      call({ method: "POST", path, deadlineMs: answerMs, body: JSON.stringify(body) }),
    upload: (path, body) => call({ method: "POST", path, deadlineMs: UPLOAD_MS, upload: body }),
    close: () => pool.destroy(),
  };
}

/** What is masked in an error, and in an answer whose numbers and names are asked for. */
interface Masks {
  error: Redact;
  facts: Redact;
}

interface Request {
  method: "GET" | "POST";
  path: string;
  deadlineMs: number;
  body?: string;
  upload?: UploadBody;
}

/** How long to wait before a GET is made again; null when it is not. */
function waitBefore(error: unknown, tries: number): number | null {
  if (!(error instanceof GraphError) || error.fault === "refused" || tries >= GET_TRIES)
    return null;
  const waitMs = error.waitMs ?? BACK_OFF_MS * 2 ** (tries - 1);
  return waitMs > WAIT_MAX_MS ? null : waitMs;
}

async function callOnce(
  pool: Pool,
  options: CallsOptions,
  request: Request & { prefix: string; masks: Masks; userAgent: string },
): Promise<GraphNode> {
  const { method, upload, deadlineMs } = request;
  const deadline = AbortSignal.timeout(deadlineMs);
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
  const isChange = method === "POST";
  let answer: { http: number; headers: Dispatcher.ResponseData["headers"]; text: string };
  try {
    const { statusCode, headers, body } = await pool.request({
      path: `${request.prefix}/${request.path}`,
      method,
      signal,
      headersTimeout: deadlineMs,
      bodyTimeout: deadlineMs,
      headers: {
        authorization: `Bearer ${options.accessToken}`,
        accept: "application/json",
        "user-agent": request.userAgent,
        ...(request.body !== undefined && { "content-type": "application/json" }),
        ...(upload && {
          "content-type": upload.contentType,
          "content-length": String(upload.size),
        }),
      },
      body: upload ? Readable.from(upload.chunks, { objectMode: false }) : (request.body ?? null),
    });
    answer = { http: statusCode, headers, text: await readAnswer(body) };
  } catch (error) {
    if (error instanceof GraphError) throw error;
    throw networkError(error, { isChange, isLate: deadline.aborted, base: options.baseUrl });
  }
  return readNode(answer, { isChange, masks: request.masks });
}

async function readAnswer(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    // Leaving the loop ends the connection, so that the rest is not read.
    if (size > ANSWER_MAX_BYTES) {
      throw new GraphError("The answer is too large to be Meta's.", { fault: "refused" });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** What a network's code says of an address, as one clause. */
const UNREACHED: Readonly<Record<string, (origin: string, hostname: string) => string>> = {
  ECONNREFUSED: (origin) => `${origin} refused the connection`,
  ECONNRESET: (origin) => `${origin} closed the connection`,
  UND_ERR_SOCKET: (origin) => `${origin} closed the connection`,
  ETIMEDOUT: (origin) => `${origin} did not answer in time`,
  UND_ERR_CONNECT_TIMEOUT: (origin) => `${origin} did not answer in time`,
  UND_ERR_HEADERS_TIMEOUT: (origin) => `${origin} did not answer in time`,
  UND_ERR_BODY_TIMEOUT: (origin) => `${origin} did not answer in time`,
  ENOTFOUND: (_origin, hostname) => `no address is known for ${hostname}`,
  EAI_AGAIN: (_origin, hostname) => `the address of ${hostname} could not be looked up`,
  EHOSTUNREACH: (origin) => `there is no way to ${origin} in the network`,
  ENETUNREACH: (origin) => `there is no way to ${origin}: this machine has no network`,
};

const NOT_KNOWN = " Whether the change was made is not known: read it again.";

function networkError(
  error: unknown,
  how: { isChange: boolean; isLate: boolean; base: string },
): GraphError {
  const { origin, hostname } = new URL(how.base);
  if (isFatal(error)) {
    const sentence = `${origin} cannot be asked with this certificate or token (${causeOf(error)}).`;
    return new GraphError(sentence, { fault: "refused" });
  }
  const cause = how.isLate ? "ETIMEDOUT" : causeOf(error);
  const known = UNREACHED[cause];
  const what =
    known === undefined ? `${origin} did not answer (${cause})` : known(origin, hostname);
  const sentence = `${what}.${how.isChange ? NOT_KNOWN : ""}`;
  // Who did not answer in time is not asked again: a run waits for this.
  const waitMs = how.isLate ? Number.POSITIVE_INFINITY : null;
  return new GraphError(sentence, { fault: "failed", waitMs });
}

function readNode(
  answer: { http: number; headers: Dispatcher.ResponseData["headers"]; text: string },
  how: { isChange: boolean; masks: Masks },
): GraphNode {
  const { http, headers, text } = answer;
  const { masks } = how;
  const node = parseNode(text);
  const isGiven = http >= 200 && http < 300 && !isNode(node?.error);
  if (node !== undefined && isGiven) return maskStrings(node, masks.facts);
  const error = isNode(node?.error)
    ? readMetaError(maskStrings(node.error, masks.error))
    : undefined;
  const judged = judgeAnswer(http, error, null);
  if (judged?.rule.action === "throttle") throw throttled(error?.code ?? null, { http, headers });
  if (error === undefined) {
    const snippet = snippetOf(masks.error(text));
    const quoted = snippet === null ? "" : `: ${snippet}`;
    const sentence = `Graph answered HTTP ${http} with something that is not Meta's JSON${quoted}.`;
    const passes = http >= 500 || http < 300;
    const rest = passes && how.isChange ? NOT_KNOWN : "";
    throw new GraphError(sentence + rest, { fault: passes ? "failed" : "refused" });
  }
  const action = judged?.rule.action;
  const passes =
    error.isTransient ||
    (action === undefined ? http >= 500 : action === "ambiguous" || action === "wait");
  throw refusal(error, { http, passes, isChange: how.isChange });
}

function throttled(
  code: number | null,
  { http, headers }: { http: number; headers: Dispatcher.ResponseData["headers"] },
): GraphError {
  const waitMs = waitAsked(headers);
  const when =
    waitMs === null ? "later" : `in about ${Math.max(1, Math.ceil(waitMs / 60_000))} min`;
  const coded = code === null ? `HTTP ${http}` : `code ${code}`;
  const sentence = `Meta's limit of calls is reached (${coded}); it can be asked again ${when}.`;
  return new GraphError(sentence, { fault: "throttled", code, waitMs });
}

function refusal(
  error: MetaError,
  how: { http: number; passes: boolean; isChange: boolean },
): GraphError {
  const { code, subcode } = error;
  const coded = code === null ? `HTTP ${how.http}` : `code ${code}`;
  const sentence = `Meta refused with ${coded}: ${words(error)}`;
  const rest = how.passes && how.isChange ? NOT_KNOWN : "";
  return new GraphError(sentence + rest, {
    fault: how.passes ? "failed" : "refused",
    code,
    subcode,
  });
}

/** Meta's own words of an error, as one sentence: details say more than the title of a code. */
function words({ userMessage, message, details }: MetaError): string {
  const title = (message ?? "").replace(/^\(#\d+\)\s*|\.\s*$/g, "");
  const isSaid = details === null || title.includes(details.replace(/\.\s*$/, ""));
  const both = isSaid ? title : [title, details].filter((part) => part !== "").join(": ");
  const given = [userMessage, both].find((part) => part !== null && part !== "");
  const reason = oneLine(given ?? "no reason given").slice(0, SENTENCE_MAX_CHARS);
  return /[.!?]$/.test(reason) ? reason : `${reason}.`;
}

function parseNode(text: string): GraphNode | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isNode(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** True for a JSON object. */
export function isNode(value: unknown): value is GraphNode {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
