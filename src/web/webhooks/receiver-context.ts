// What the routes of the receiver share: its options, its counts, and what is in flight between
// headers and answer.

import type { FastifyReply } from "fastify";

import { assert } from "../../domain/common/errors.ts";
import type { BodyQueue } from "./body-queue.ts";
import { makeBodyQueue } from "./body-queue.ts";
import type { BodyCapacity, Flight } from "./capacity.ts";
import { makeCapacity } from "./capacity.ts";
import type { ReceiverAnswer, ReceiverCounts } from "./figures.ts";
import { startCounts } from "./figures.ts";
import type { ReceiverLimits, ReceiverNotice, ReceiverOptions } from "./options.ts";
import type { ReceiverRefusals } from "./refusals.ts";
import { makeRefusals } from "./refusals.ts";
import { secretTest, signatureTest } from "./signature.ts";

const LIMITS: ReceiverLimits = {
  connections: 2_000,
  inFlight: 4_000,
  inFlightBytes: 24 * 1024 * 1024,
  headersMs: 10_000,
  requestMs: 30_000,
  slowMs: 5_000,
  bytesPerSecondMin: 32 * 1024,
  lookMs: 2_000,
};

/**
 * Refusals of a kind are reported at most so often, in milliseconds: a flood of forgeries must not
 * fill the log as well.
 */
const REFUSALS_NOTICE_MS = 10_000;

export interface ReceiverContext {
  options: ReceiverOptions;
  limits: ReceiverLimits;
  counts: ReceiverCounts;
  capacity: BodyCapacity;
  refusals: ReceiverRefusals;
  /** What waits to be kept, of each place. */
  queueOf(to: string): BodyQueue;
  /** Instant since which a place keeps nothing, with the place; the earliest first. */
  failing(): { to: string; since: number }[];
  notice(notice: ReceiverNotice): void;
  refused(answer: ReceiverAnswer): void;
  isSigned: ReturnType<typeof signatureTest>;
  isVerifyToken(text: string): boolean;
  flights: WeakMap<object, Flight>;
  isClosing: boolean;
}

/**
 * What all routes of one receiver share. @throws AssertionError when an app secret or the verify
 * token is missing or empty
 */
export function makeReceiverContext(options: ReceiverOptions): ReceiverContext {
  assert(options.appSecrets.length > 0, "a receiver has an app secret");
  assert(options.verifyTokens.length > 0, "a receiver has a verify token");
  assert(!options.verifyTokens.includes(""), "no verify token is empty");
  assert(!options.appSecrets.includes(""), "no app secret is empty");
  const notice = (reported: ReceiverNotice) => options.notice?.(reported);
  const limits = { ...LIMITS, ...options.limits };
  const counts = startCounts();
  const queues = new Map<string, BodyQueue>();
  const isOneOf = options.verifyTokens.map(secretTest);
  return {
    options,
    limits,
    counts,
    capacity: makeCapacity(counts.figures, limits),
    refusals: makeRefusals(),
    queueOf(to) {
      const known =
        queues.get(to) ??
        makeBodyQueue({
          store: (bodies) => options.store(bodies, to),
          onStored: () => options.onStored(to),
          onFailing: (error) => notice({ kind: "not_keeping", error, to }),
          onKeepingAgain: (refused) => notice({ kind: "keeping_again", refused, to }),
        });
      queues.set(to, known);
      return known;
    },
    failing: () =>
      [...queues]
        .flatMap(([to, queue]) => {
          const since = queue.failingSince();
          return since === null ? [] : [{ to, since }];
        })
        .sort((a, b) => a.since - b.since),
    notice,
    refused: noticeRefusals(notice),
    isSigned: signatureTest(options.appSecrets),
    // All of them are tried, so that the time tells none of them apart.
    isVerifyToken: (text) => isOneOf.filter((isToken) => isToken(text)).length > 0,
    flights: new WeakMap(),
    isClosing: false,
  };
}

/**
 * Reports the first refusal of a kind, and later ones with their number at most every ten seconds.
 */
function noticeRefusals(
  notice: (notice: ReceiverNotice) => void,
): (answer: ReceiverAnswer) => void {
  const pending = new Map<ReceiverAnswer, { count: number; noticedAt: number }>();
  return (answer) => {
    const known = pending.get(answer) ?? { count: 0, noticedAt: Number.NEGATIVE_INFINITY };
    pending.set(answer, known);
    known.count += 1;
    const now = performance.now();
    if (now - known.noticedAt < REFUSALS_NOTICE_MS) return;
    notice({ kind: "refused", answer, count: known.count });
    known.count = 0;
    known.noticedAt = now;
  };
}

/** An answer that no browser makes anything of, and nobody keeps. */
export function plain(reply: FastifyReply, code: number): FastifyReply {
  return reply
    .code(code)
    .header("content-type", "text/plain; charset=utf-8")
    .header("x-content-type-options", "nosniff")
    .header("cache-control", "no-store");
}
