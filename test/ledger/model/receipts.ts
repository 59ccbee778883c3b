// The model's part of receipts: what one does to a row of the model, said once more in its own
// words.

import fc from "fast-check";
import { callbackKey } from "../../../src/domain/campaign/dispatch.ts";
import type { ReceiptStatus } from "../../../src/domain/receipts/receipt.ts";
import { statusBody } from "../conformance/receipts.ts";
import type { Dispatch, World } from "./model.ts";

export const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Tries of a person for Meta's limit per person. */
const CAPPED_TRIES = 3;
/** By so much a receipt may seem to be older than the claim of its message. */
const CLOCKS_DIFFER_MS = 120_000;

/** An attempt. */
export interface Made {
  person: number;
  /** Under which Meta has it; the ledger knows it when the attempt was accepted. */
  messageId: string;
  /** `flying` until the runner says, or dies. */
  outcome: "flying" | "accepted" | "refused" | "lost";
  /** The message that a receipt reported of it. */
  reported?: string;
  /** The row was planned for another person since; what was known of its message is erased then. */
  isGivenAway?: boolean;
  isErased?: boolean;
}

export interface Reported {
  row: number;
  attempt: number;
  person: number;
  messageId: string;
  status: ReceiptStatus;
  code: number | undefined;
  keyed: boolean;
  /** The receipt names its recipient; else nothing but its message, and perhaps its key. */
  isNamed: boolean;
}

/**
 * A receipt of some attempt, of which the runner may not know the end yet: which one is chosen when
 * it comes to it.
 */
export const receiptCommand = fc.record({
  do: fc.constant("receipt" as const),
  which: fc.nat(30),
  status: fc.constantFrom<ReceiptStatus>("sent", "delivered", "read", "played", "failed"),
  code: fc.constantFrom(131026, 131043, 131049, 131050, 132015),
  keyed: fc.boolean(),
  isNamed: fc.boolean(),
  /** It comes twice. */
  twice: fc.boolean(),
});

export type ReceiptCommand = typeof receiptCommand extends fc.Arbitrary<infer T> ? T : never;

/** The receipt that a command means; undefined when nothing was posted yet. */
export function toldBy(world: World, command: ReceiptCommand): Reported | undefined {
  const all = [...world.made].flatMap(([row, made]) =>
    made.map(({ person, messageId }, index) => ({ row, attempt: index + 1, person, messageId })),
  );
  const chosen = all[command.which % Math.max(1, all.length)];
  if (chosen === undefined) return undefined;
  const { status, keyed, isNamed } = command;
  const code = status === "failed" ? command.code : undefined;
  return { ...chosen, status, keyed, isNamed, code };
}

/** The webhook's body. */
export function bodyOfTold(
  world: World,
  ledger: string,
  campaign: number,
  reported: Reported,
): string {
  const { row, attempt, status, code, person, messageId } = reported;
  return statusBody({
    status,
    id: messageId,
    ...(reported.isNamed && { person }),
    at: world.now,
    number: world.lane,
    ...(code !== undefined && { code }),
    ...(reported.keyed && { key: callbackKey({ ledger, campaign, row, attempt }) }),
  });
}

/** What applying does: first what was parked, then the new ones. */
export function modelReceive(world: World, reported: Reported[]): void {
  const parked = world.parked.splice(0);
  for (const one of parked) modelApply(world, one.reported, one.at);
  for (const one of reported) {
    hearRefusal(world, one);
    modelApply(world, one, world.now);
  }
}

function hearRefusal(world: World, reported: Reported): void {
  if (reported.code !== 131050) return;
  // Who is not named is known by the message, or by the key.
  const isKnown = reported.isNamed || targetOf(world, reported, world.now) !== undefined;
  if (!isKnown) return;
  const { person } = reported;
  if (world.heard.get(person) === world.now) return;
  world.heard.set(person, world.now);
  world.suppressed.add(person);
}

/** The attempt that the ledger knows by this message id. */
function knownAttempt(world: World, { row, messageId }: Reported): number | undefined {
  const made = world.made.get(row) ?? [];
  const at = made.findLastIndex((one) => messageOf(one) === messageId);
  return at === -1 ? undefined : at + 1;
}

/** The row gets another person. */
export function giveAway(made: Made): void {
  made.isGivenAway = true;
  if (messageOf(made) !== undefined) made.isErased = true;
}

function isNewMessage(world: World, reported: Reported, made: Made): boolean {
  const isEmpty = made.isErased !== true && messageOf(made) === undefined;
  return isEmpty && knownAttempt(world, reported) === undefined;
}

function messageOf(made: Made): string | undefined {
  if (made.isErased === true) return undefined;
  return made.outcome === "accepted" ? made.messageId : made.reported;
}

/** The row that the receipt is about, as far as the ledger can know. */
function targetOf(world: World, reported: Reported, at: number): Dispatch | undefined {
  const own = world.rows.get(reported.row) as Dispatch;
  // Of a row that changed hands only a name tells whose message it was.
  const isGivenAway = world.made.get(reported.row)?.[reported.attempt - 1]?.isGivenAway === true;
  const isTheirs = own.person === reported.person && (reported.isNamed || !isGivenAway);
  if (knownAttempt(world, reported) !== undefined) return isTheirs ? own : undefined;
  if (reported.keyed) return !isTheirs || reported.attempt > own.attempts ? undefined : own;
  if (!reported.isNamed) return undefined;
  const dispatch = [...world.rows.values()].find(
    (one) => one.person === reported.person && one.status !== "skipped",
  );
  if (dispatch === undefined) return undefined;
  // A receipt of before the claim is of an earlier message.
  const fits = Math.floor(at / 1_000) * 1_000 >= dispatch.claimedAt - CLOCKS_DIFFER_MS;
  const isInDoubt = fits && (dispatch.status === "claimed" || dispatch.status === "unknown");
  return isInDoubt ? dispatch : undefined;
}

/**
 * The attempt that the receipt is about: by its message, its key, or the last one, which is in
 * doubt.
 */
function attemptOf(world: World, reported: Reported, dispatch: Dispatch): number {
  if (dispatch.messageId === reported.messageId) return dispatch.attempts;
  return knownAttempt(world, reported) ?? (reported.keyed ? reported.attempt : dispatch.attempts);
}

function madeOf(world: World, dispatch: Dispatch, attempt: number): Made | undefined {
  const [row] = [...world.rows].find(([, one]) => one === dispatch) ?? [];
  return row === undefined ? undefined : world.made.get(row)?.[attempt - 1];
}

const FURTHEST = { sent: 1, failed: 2, delivered: 3, read: 4, played: 4 };

function modelApply(world: World, reported: Reported, at: number): void {
  const dispatch = targetOf(world, reported, at);
  if (dispatch === undefined) return;
  const { status } = dispatch;
  if (status === "claimed") {
    world.parked.push({ reported, at });
    return;
  }
  const isOther = dispatch.messageId !== null && dispatch.messageId !== reported.messageId;
  if (isOther || status === "skipped" || status === "cancelled") return;
  const waits = status === "pending" || status === "held";
  const attempt = attemptOf(world, reported, dispatch);
  const made = madeOf(world, dispatch, attempt);
  const isEarlier = attempt < dispatch.attempts;
  const isInDoubt = status === "unknown" || dispatch.givenUp;
  if (isEarlier && isInDoubt && FURTHEST[reported.status] <= FURTHEST.failed) return;
  if (made !== undefined && isNewMessage(world, reported, made)) made.reported = reported.messageId;
  const mayBeLost = status === "pending" || isEarlier;
  const isOpen = waits ? mayBeLost && made?.outcome === "lost" : dispatch.givenUp;
  const isOver = status === "failed" || (status === "expired" && dispatch.isExpiredByMeta === true);
  const reached =
    waits || isOver
      ? isOpen
        ? 0
        : FURTHEST.failed
      : ({ sent: 1, delivered: 3, read: 4 }[status as string] ?? 0);
  if (FURTHEST[reported.status] <= reached || (waits && reported.status === "failed")) return;
  world.expiry.receives = true;
  const acceptedAt = dispatch.acceptedAt ?? Math.floor(at / 1_000) * 1_000;
  const next = {
    ...{ messageId: reported.messageId, reason: null, givenUp: false, acceptedAt },
    isExpiredByMeta: false,
  };
  if (reported.status !== "failed") {
    const to = reported.status === "played" ? "read" : reported.status;
    Object.assign(dispatch, { ...next, status: to });
    return;
  }
  const toldAt = Math.floor(at / 1_000) * 1_000;
  // What was given up, or had its time, is not sent again.
  const mayWait = !world.cancelled && !dispatch.givenUp && status !== "expired";
  const isCapped = reported.code === 131049 && dispatch.capped + 1 < CAPPED_TRIES;
  if (mayWait && (isCapped || reported.code === 132015)) {
    const capped = dispatch.capped + (isCapped ? 1 : 0);
    const until = isCapped ? Math.min(toldAt, world.now) + capped * DAY_MS : world.now + MINUTE_MS;
    const held = { status: "held", reason: String(reported.code), until, capped };
    Object.assign(dispatch, { ...next, ...held, messageId: null, acceptedAt: null });
  } else if (reported.code === 131043 && !dispatch.givenUp) {
    Object.assign(dispatch, { ...next, status: "expired", isExpiredByMeta: true });
  } else {
    Object.assign(dispatch, { ...next, status: "failed" });
  }
  // A paused template: nobody else is sent to until a person has looked.
  const isNews = toldAt > world.checkedAt && !world.cancelled;
  if (reported.code === 132015 && isNews)
    world.stops.halted = Math.max(world.stops.halted ?? 0, toldAt);
}
