// What the routes of the receiver share: its options, its counts, and what is in flight between headers and answer.

import type { FastifyReply } from "fastify";

import { assert } from "../errors.ts";
import type { Answer, Counting } from "./figures.ts";
import { startCounting } from "./figures.ts";
import type { Keeping } from "./keeping.ts";
import { makeKeeping } from "./keeping.ts";
import type { ReceiverLimits, ReceiverNotice, ReceiverOptions } from "./receiver.ts";
import { secretTest, signatureTest } from "./signature.ts";

const LIMITS: ReceiverLimits = {
  connections: 2_000,
  inFlight: 4_000,
  inFlightBytes: 24 * 1024 * 1024,
  headersMs: 10_000,
  requestMs: 30_000,
  lookMs: 5_000,
};

/** Refusals of a kind are told at most so often, in milliseconds: a flood of forgeries must not fill the log as well. */
const REFUSALS_TOLD_MS = 10_000;

/** A delivery between its headers and its answer. */
export interface Flight {
  from: number;
  bytes: number;
  signature: Buffer | null;
  /** Its body is being kept: whoever sent it may be gone, and the memory still is not. */
  isKeeping: boolean;
  isOver: boolean;
}

export interface Desk {
  options: ReceiverOptions;
  limits: ReceiverLimits;
  counting: Counting;
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
  const notice = (told: ReceiverNotice) => options.notice?.(told);
  return {
    options,
    limits: { ...LIMITS, ...options.limits },
    counting: startCounting(),
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
  const untold = new Map<Answer, { count: number; toldAt: number }>();
  return (answer) => {
    const known = untold.get(answer) ?? { count: 0, toldAt: Number.NEGATIVE_INFINITY };
    untold.set(answer, known);
    known.count += 1;
    const now = performance.now();
    if (now - known.toldAt < REFUSALS_TOLD_MS) return;
    notice({ kind: "refused", answer, count: known.count });
    known.count = 0;
    known.toldAt = now;
  };
}

/** Counted as bytes come, not as they are promised: who promises much and sends nothing holds no room. */
export function takeRoom(desk: Desk, flight: Flight, bytes: number): boolean {
  const { figures } = desk.counting;
  if (flight.isOver || figures.inFlightBytes + bytes > desk.limits.inFlightBytes) return false;
  flight.bytes += bytes;
  figures.inFlightBytes += bytes;
  return true;
}

/** Gives the room back; the second time nothing. */
export function land({ counting: { figures } }: Desk, flight: Flight): void {
  if (flight.isOver) return;
  flight.isOver = true;
  figures.inFlight -= 1;
  figures.inFlightBytes -= flight.bytes;
}

/** An answer that no browser makes anything of, and nobody keeps. */
export function plain(reply: FastifyReply, code: number): FastifyReply {
  return reply
    .code(code)
    .header("content-type", "text/plain; charset=utf-8")
    .header("x-content-type-options", "nosniff")
    .header("cache-control", "no-store");
}
