// What an attempt turned out to mean: reads one exchange with the table of error-codes.ts. No I/O.

import type { MetaError } from "../account/meta-error.ts";
import { readMetaError, snippetOf } from "../account/meta-error.ts";
import type { MetaAnswer } from "../campaign/attempt.ts";
import { isUserId } from "../recipient/user-id.ts";
import type { CodeRule } from "./error-codes.ts";
import { BAD_VALUE, isKnownCode, ruleFor, ruleForError, THROUGHPUT_LIMIT } from "./error-codes.ts";

/** What happened on the wire, as the graph world reports it. */
export type Exchange =
  /**
   * A complete HTTP answer; the body is cut at the client's limit, and then `truncated`. `waitMs`:
   * how long its headers ask to be left alone, null when they do not.
   */
  | {
      kind: "answered";
      httpStatus: number;
      body: string;
      truncated: boolean;
      waitMs?: number | null;
    }
  /** The request never began to be written: nothing can have reached Meta. */
  | { kind: "not_started"; cause: string; fatal: boolean }
  /** Writing began, and no complete answer came. `httpStatus` when at least its head did. */
  | { kind: "lost"; cause: string; httpStatus: number | null };

/** What an attempt turned out to mean. */
export type Outcome =
  | {
      kind: "accepted";
      answer: MetaAnswer;
      messageId: string;
      messageStatus: string | null;
      waId: string | null;
      userId: string | null;
    }
  /** `waitMs`: how long Meta asks to be left alone; null when it does not say. */
  | { kind: "refused"; answer: MetaAnswer; rule: CodeRule; known: boolean; waitMs: number | null }
  /** `fatal`: a fault of configuration (TLS, address) that trying again does not fix. */
  | { kind: "not_sent"; answer: MetaAnswer; cause: string; fatal: boolean }
  /** `isForeign`: a complete answer, and not Meta's: a gateway or proxy wrote it. */
  | { kind: "unknown"; answer: MetaAnswer; cause: string; isForeign: boolean };

/**
 * Reads one exchange.
 *
 * The one question is whether the message may have gone out. Never started: certainly not. Started
 * without a complete answer: perhaps. A complete answer with a message id: accepted. A complete
 * answer with a Meta error: the table says, and outside it a 5xx is not a refusal. A 429 is one,
 * whichever server sent it, since limits are checked before processing.
 */
export function readExchange(exchange: Exchange, region: string | null): Outcome {
  switch (exchange.kind) {
    case "not_started":
      return {
        kind: "not_sent",
        answer: noAnswer(null),
        cause: exchange.cause,
        fatal: exchange.fatal,
      };
    case "lost":
      return unknown(noAnswer(exchange.httpStatus), exchange.cause);
    case "answered":
      return readAnswer(exchange, region);
  }
}

function readAnswer(
  exchange: Extract<Exchange, { kind: "answered" }>,
  region: string | null,
): Outcome {
  const { httpStatus, waitMs = null } = exchange;
  const body = exchange.truncated ? undefined : parseObject(exchange.body);
  if (isSuccess(httpStatus)) {
    const accepted = readAccepted(httpStatus, body);
    if (accepted !== undefined) return accepted;
  }
  const error = body === undefined ? undefined : readMetaError(body.error);
  const code = error?.code ?? null;
  const answer = answerOf(httpStatus, error, exchange.body);
  const judged = judgeAnswer(httpStatus, error, region);
  if (judged === undefined) return unknown(answer, uncodedCause(exchange), !isSuccess(httpStatus));
  const { rule, known } = judged;
  // A server error is a refusal only when its code is known to be one: the message may be on its
  // way.
  if (rule.action === "ambiguous" || (httpStatus >= 500 && !known)) {
    return unknown(answer, `HTTP ${httpStatus}, code ${code}: ${rule.meaning}`);
  }
  return { kind: "refused", answer, rule, known, waitMs };
}

/** The policy for an answer, and whether the table knows it. */
export interface JudgedAnswer {
  rule: CodeRule;
  known: boolean;
}

/**
 * The policy for a complete answer that took no message; the same for messages and for the
 * management API.
 *
 * HTTP 429 throttles, whatever its code: only a code that stops everybody, or that is about this
 * one person's limit or wish, says more than the status does (seen: 131048, 131056 and 613 under
 * 429).
 * @param region ISO region of the recipient; null where there is none
 * @returns undefined when neither a code nor the status says anything
 */
export function judgeAnswer(
  httpStatus: number,
  error: MetaError | undefined,
  region: string | null,
): JudgedAnswer | undefined {
  const code = error?.code ?? null;
  if (error === undefined || code === null) {
    return httpStatus === 429
      ? { rule: ruleFor(THROUGHPUT_LIMIT, region), known: true }
      : undefined;
  }
  const rule = ruleForError({ ...error, code }, region);
  if (httpStatus === 429 && !SAYS_MORE_THAN_429.includes(rule.action)) {
    return { rule: ruleFor(THROUGHPUT_LIMIT, region), known: true };
  }
  return { rule, known: isKnownCode(code) };
}

const SAYS_MORE_THAN_429: readonly CodeRule["action"][] = [
  ...(["throttle", "wait", "hold", "suppress", "halt_campaign", "halt_lane"] as const),
];

/**
 * Words that name a part of the message: a detail with one of them is about that part, and not
 * about a template that is syncing.
 */
const PART =
  /\b(index|buttons?|header|body|footer|cards?|carousel|components?|requires?|expected|format|length|characters?|url|links?|media|image|video|document|coupon|offer|flow|catalog|localizable_params|parameter name)\b/i;
const SYNC = /\bsync/i;

/**
 * Tells whether 131009 may mean that the template is still syncing (Meta, error codes page,
 * 2026-09), and not that a value is wrong. Only before the campaign had a message accepted, and
 * never where the details name a part of the message.
 */
export function mayBeSyncing(
  { rule, answer }: { rule: CodeRule; answer: MetaAnswer },
  acceptedBefore: boolean,
): boolean {
  if (rule.code !== BAD_VALUE || acceptedBefore) return false;
  const words = answer.details ?? answer.message ?? "";
  return SYNC.test(words) || !PART.test(words);
}

/**
 * What Meta says besides when it takes a message: one object for all, since there are so many of
 * them.
 */
const TAKEN: MetaAnswer = Object.freeze(noAnswer(200));

function isSuccess(httpStatus: number): boolean {
  return httpStatus >= 200 && httpStatus < 300;
}

/** @returns undefined without a message id */
function readAccepted(
  httpStatus: number,
  body: Record<string, unknown> | undefined,
): Outcome | undefined {
  const message = object(array(body?.messages)?.[0]);
  const contact = object(array(body?.contacts)?.[0]);
  const id = text(message?.id);
  if (id === null || id === "") return undefined;
  return {
    kind: "accepted",
    answer: httpStatus === 200 ? TAKEN : noAnswer(httpStatus),
    messageId: id,
    messageStatus: word(message?.message_status),
    waId: digits(text(contact?.wa_id)),
    userId: userIdOf(contact?.user_id),
  };
}

function unknown(answer: MetaAnswer, cause: string, isForeign = false): Outcome {
  return { kind: "unknown", answer, cause, isForeign };
}

function uncodedCause({ httpStatus, body }: Extract<Exchange, { kind: "answered" }>): string {
  if (isSuccess(httpStatus)) return `HTTP ${httpStatus} without a message id`;
  const snippet = snippetOf(body);
  const suffix = snippet === null ? "" : `: ${snippet}`;
  return `HTTP ${httpStatus} without an error of Meta's${suffix}`;
}

/** Longest text of an answer that is kept, in characters. */
const TEXT_MAX = 1000;

function answerOf(httpStatus: number, error: MetaError | undefined, body: string): MetaAnswer {
  const code = error?.code ?? null;
  if (error === undefined || code === null) {
    const message = isSuccess(httpStatus) ? null : snippetOf(body);
    return { ...noAnswer(httpStatus), message };
  }
  const { subcode, message, details, fbtraceId } = error;
  return { httpStatus, code, subcode, message, details, fbtraceId };
}

function noAnswer(httpStatus: number | null): MetaAnswer {
  return { httpStatus, code: null, subcode: null, message: null, details: null, fbtraceId: null };
}

function parseObject(body: string): Record<string, unknown> | undefined {
  try {
    return object(JSON.parse(body));
  } catch {
    return undefined;
  }
}

function object(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return value as Record<string, unknown>;
}

function array(value: unknown): unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value.slice(0, TEXT_MAX) : null;
}

function userIdOf(value: unknown): string | null {
  return typeof value === "string" && isUserId(value) ? value : null;
}

/** One of Meta's words, such as `held_for_quality_assessment`; null for anything else. */
function word(value: unknown): string | null {
  return typeof value === "string" && /^\w{1,100}$/.test(value) ? value : null;
}

function digits(value: string | null): string | null {
  return value !== null && /^\+?\d{5,15}$/.test(value) ? value.replace("+", "") : null;
}
