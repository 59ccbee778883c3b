// What the routes of the receiver share: its options, its counts, and what is in flight between headers and answer.

import type { FastifyReply } from "fastify";

import { assert } from "../../domain/common/errors.ts";
import type { Answer, Counting } from "./figures.ts";
import { startCounting } from "./figures.ts";
import type { Keeping } from "./keeping.ts";
import { makeKeeping } from "./keeping.ts";
import type { ReceiverLimits, ReceiverNotice, ReceiverOptions } from "./options.ts";
import type { Refusals } from "./refusals.ts";
import { makeRefusals } from "./refusals.ts";
import type { Flight, Room } from "./room.ts";
import { makeRoom } from "./room.ts";
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

/** Refusals of a kind are reported at most so often, in milliseconds: a flood of forgeries must not fill the log as well. */
const REFUSALS_TOLD_MS = 10_000;

export interface Desk {
  options: ReceiverOptions;
  limits: ReceiverLimits;
  counting: Counting;
  room: Room;
  refusals: Refusals;
  keeping: Keeping;
  notice(notice: ReceiverNotice): void;
  refused(answer: Answer): void;
  isSigned: ReturnType<typeof signatureTest>;
  isVerifyToken(text: string): boolean;
  flights: WeakMap<object, Flight>;
  isClosing: boolean;
}

export function makeDesk(options: ReceiverOptions): Desk {
  assert(options.appSecrets.length > 0, "a receiver has an app secret");
  assert(options.verifyToken !== "", "a receiver has a verify token");
  assert(!options.appSecrets.includes(""), "no app secret is empty");
  const notice = (reported: ReceiverNotice) => options.notice?.(reported);
  const limits = { ...LIMITS, ...options.limits };
  const counting = startCounting();
  return {
    options,
    limits,
    counting,
    room: makeRoom(counting.figures, limits),
    refusals: makeRefusals(),
    keeping: makeKeeping({
      keep: (deliveries) => options.keep(deliveries),
      onKept: () => options.onKept(),
      onFailing: (error) => notice({ kind: "not_keeping", error }),
      onKeepingAgain: (refused) => notice({ kind: "keeping_again", refused }),
    }),
    notice,
    refused: tellRefusals(notice),
    isSigned: signatureTest(options.appSecrets),
    isVerifyToken: secretTest(options.verifyToken),
    flights: new WeakMap(),
    isClosing: false,
  };
}

/** Tells the first refusal of a kind, and later ones with their number when a while has passed. */
function tellRefusals(notice: (notice: ReceiverNotice) => void): (answer: Answer) => void {
  const pending = new Map<Answer, { count: number; toldAt: number }>();
  return (answer) => {
    const known = pending.get(answer) ?? { count: 0, toldAt: Number.NEGATIVE_INFINITY };
    pending.set(answer, known);
    known.count += 1;
    const now = performance.now();
    if (now - known.toldAt < REFUSALS_TOLD_MS) return;
    notice({ kind: "refused", answer, count: known.count });
    known.count = 0;
    known.toldAt = now;
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
