// The model's part of receipts: what one does to a row of the model, said once more in its own words.

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

export interface Told {
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

/** A receipt of some attempt, of which the runner may not know the end yet: which one is chosen when it comes to it. */
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
export function toldBy(world: World, command: ReceiptCommand): Told | undefined {
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
export function bodyOfTold(world: World, ledger: string, campaign: number, told: Told): string {
  const { row, attempt, status, code, person, messageId } = told;
  return statusBody({
    status,
    id: messageId,
    ...(told.isNamed && { person }),
    at: world.now,
    number: world.lane,
    ...(code !== undefined && { code }),
    ...(told.keyed && { key: callbackKey({ ledger, campaign, row, attempt }) }),
  });
}

/** What applying does: first what was parked, then the new ones. */
export function modelReceive(world: World, told: Told[]): void {
  const parked = world.parked.splice(0);
  for (const one of parked) modelApply(world, one.told, one.at);
  for (const one of told) {
    hearRefusal(world, one);
    modelApply(world, one, world.now);
  }
}

function hearRefusal(world: World, told: Told): void {
  if (told.code !== 131050) return;
  // Who is not named is known by the message, or by the key.
  const isKnown = told.isNamed || targetOf(world, told, world.now) !== undefined;
  if (!isKnown) return;
  const { person } = told;
  if (world.heard.get(person) === world.now) return;
  world.heard.set(person, world.now);
  world.suppressed.add(person);
}

/** The attempt that the ledger knows by this message id. */
function knownAttempt(world: World, { row, messageId }: Told): number | undefined {
  const made = world.made.get(row) ?? [];
  const at = made.findLastIndex((one) => messageOf(one) === messageId);
  return at === -1 ? undefined : at + 1;
}

/** The row gets another person. */
export function giveAway(made: Made): void {
  made.isGivenAway = true;
  if (messageOf(made) !== undefined) made.isErased = true;
}

function isNewMessage(world: World, told: Told, made: Made): boolean {
  const isEmpty = made.isErased !== true && messageOf(made) === undefined;
  return isEmpty && knownAttempt(world, told) === undefined;
}

function messageOf(made: Made): string | undefined {
  if (made.isErased === true) return undefined;
  return made.outcome === "accepted" ? made.messageId : made.reported;
}

/** The row that the receipt is about, as far as the ledger can know. */
function targetOf(world: World, told: Told, at: number): Dispatch | undefined {
  const own = world.rows.get(told.row) as Dispatch;
  // Of a row that changed hands only a name tells whose message it was.
  const isGivenAway = world.made.get(told.row)?.[told.attempt - 1]?.isGivenAway === true;
  const isTheirs = own.person === told.person && (told.isNamed || !isGivenAway);
  if (knownAttempt(world, told) !== undefined) return isTheirs ? own : undefined;
  if (told.keyed) return !isTheirs || told.attempt > own.attempts ? undefined : own;
  if (!told.isNamed) return undefined;
  const dispatch = [...world.rows.values()].find(
    (one) => one.person === told.person && one.status !== "skipped",
  );
  if (dispatch === undefined) return undefined;
  // A receipt of before the claim is of an earlier message.
  const fits = Math.floor(at / 1_000) * 1_000 >= dispatch.claimedAt - CLOCKS_DIFFER_MS;
  const isInDoubt = fits && (dispatch.status === "claimed" || dispatch.status === "unknown");
  return isInDoubt ? dispatch : undefined;
}

/** The attempt that the receipt is about: by its message, its key, or the last one, which is in doubt. */
function attemptOf(world: World, told: Told, dispatch: Dispatch): number {
  if (dispatch.messageId === told.messageId) return dispatch.attempts;
  return knownAttempt(world, told) ?? (told.keyed ? told.attempt : dispatch.attempts);
}

function madeOf(world: World, dispatch: Dispatch, attempt: number): Made | undefined {
  const [row] = [...world.rows].find(([, one]) => one === dispatch) ?? [];
  return row === undefined ? undefined : world.made.get(row)?.[attempt - 1];
}

const FURTHEST = { sent: 1, failed: 2, delivered: 3, read: 4, played: 4 };

function modelApply(world: World, told: Told, at: number): void {
  const dispatch = targetOf(world, told, at);
  if (dispatch === undefined) return;
  const { status } = dispatch;
  if (status === "claimed") {
    world.parked.push({ told, at });
    return;
  }
  const isOther = dispatch.messageId !== null && dispatch.messageId !== told.messageId;
  if (isOther || status === "skipped" || status === "cancelled") return;
  const waits = status === "pending" || status === "held";
  const attempt = attemptOf(world, told, dispatch);
  const made = madeOf(world, dispatch, attempt);
  const isEarlier = attempt < dispatch.attempts;
  const isInDoubt = status === "unknown" || dispatch.givenUp;
  if (isEarlier && isInDoubt && FURTHEST[told.status] <= FURTHEST.failed) return;
  if (made !== undefined && isNewMessage(world, told, made)) made.reported = told.messageId;
  const mayBeLost = status === "pending" || isEarlier;
  const isOpen = waits ? mayBeLost && made?.outcome === "lost" : dispatch.givenUp;
  const isOver = status === "failed" || (status === "expired" && dispatch.isExpiredByMeta === true);
  const reached =
    waits || isOver
      ? isOpen
        ? 0
        : FURTHEST.failed
      : ({ sent: 1, delivered: 3, read: 4 }[status as string] ?? 0);
  if (FURTHEST[told.status] <= reached || (waits && told.status === "failed")) return;
  world.expiry.receives = true;
  const acceptedAt = dispatch.acceptedAt ?? Math.floor(at / 1_000) * 1_000;
  const next = {
    ...{ messageId: told.messageId, reason: null, givenUp: false, acceptedAt },
    isExpiredByMeta: false,
  };
  if (told.status !== "failed") {
    const to = told.status === "played" ? "read" : told.status;
    Object.assign(dispatch, { ...next, status: to });
    return;
  }
  const toldAt = Math.floor(at / 1_000) * 1_000;
  // What was given up, or had its time, is not sent again.
  const mayWait = !world.cancelled && !dispatch.givenUp && status !== "expired";
  const isCapped = told.code === 131049 && dispatch.capped + 1 < CAPPED_TRIES;
  if (mayWait && (isCapped || told.code === 132015)) {
    const capped = dispatch.capped + (isCapped ? 1 : 0);
    const until = isCapped ? Math.min(toldAt, world.now) + capped * DAY_MS : world.now + MINUTE_MS;
    const held = { status: "held", reason: String(told.code), until, capped };
    Object.assign(dispatch, { ...next, ...held, messageId: null, acceptedAt: null });
  } else if (told.code === 131043 && !dispatch.givenUp) {
    Object.assign(dispatch, { ...next, status: "expired", isExpiredByMeta: true });
  } else {
    Object.assign(dispatch, { ...next, status: "failed" });
  }
  // A paused template: nobody else is sent to until a person has looked.
  const isNews = toldAt > world.checkedAt && !world.cancelled;
  if (told.code === 132015 && isNews)
    world.stops.halted = Math.max(world.stops.halted ?? 0, toldAt);
}
