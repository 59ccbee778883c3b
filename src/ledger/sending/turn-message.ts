// A turn of the ledger and its result as they go from one thread to another: numbers in typed
// arrays, texts joined into one. As objects, handing a message over would cost as much as posting
// it. Loses nothing: what does not fit goes as it is.

import type { AttemptRecord, Claim } from "../../domain/campaign/attempt.ts";
import type { Turn, TurnResult } from "../../domain/sending/turn.ts";

/** Records of accepted messages, column by column. */
interface AcceptedColumns {
  size: number;
  /**
   * Six to a record: row, attempt, digits of the phone, startedAt (NaN for null), endedAt, digits
   * of the WhatsApp id.
   */
  numbers: Float64Array;
  /** Two lines to a record: message id, message status (empty for null). */
  texts: string;
  endpoint: string;
}

export interface TurnMessage {
  turn: Omit<Turn, "record">;
  accepted: AcceptedColumns;
  /** Every other record. */
  others: AttemptRecord[];
}

export interface TurnResultMessage {
  result: Omit<TurnResult, "claimed">;
  size: number;
  /** Seven to a claim: row, attempt, digits of the phone (0 for null), holds, capped, zone, arm. */
  numbers: Float64Array;
  /** Two lines to a claim: region (empty for null), values. */
  texts: string;
  /** Index of a claim and the user id that it is sent to, of those that have no phone. */
  userIds: [index: number, userId: string][];
}

const RECORD_NUMBERS = 6;
const CLAIM_NUMBERS = 7;

/** The order of records is not kept: a turn has at most one of a dispatch. */
export function packTurn({ record, ...turn }: Turn): TurnMessage {
  const numbers = new Float64Array(record.length * RECORD_NUMBERS);
  const texts: string[] = [];
  const others: AttemptRecord[] = [];
  const endpoint = record[0]?.endpoint ?? "";
  let size = 0;
  for (const attempt of record) {
    const { next } = attempt;
    if (next.to !== "accepted" || !isPlain(attempt) || attempt.endpoint !== endpoint) {
      others.push(attempt);
      continue;
    }
    const at = size * RECORD_NUMBERS;
    numbers[at] = attempt.row;
    numbers[at + 1] = attempt.attempt;
    numbers[at + 2] = Number(attempt.phone);
    numbers[at + 3] = attempt.startedAt ?? Number.NaN;
    numbers[at + 4] = attempt.endedAt;
    numbers[at + 5] = next.waId === null ? 0 : Number(next.waId);
    texts.push(next.messageId, next.messageStatus ?? "");
    size += 1;
  }
  return { turn, accepted: { size, numbers, texts: texts.join("\n"), endpoint }, others };
}

/** The turn that `packTurn` packed. */
export function unpackTurn({ turn, accepted, others }: TurnMessage): Turn {
  const { size, numbers, texts, endpoint } = accepted;
  const lines = size === 0 ? [] : texts.split("\n");
  const record: AttemptRecord[] = others;
  for (let index = 0; index < size; index += 1) {
    const at = index * RECORD_NUMBERS;
    const startedAt = numbers[at + 3] as number;
    const waId = numbers[at + 5] as number;
    record.push({
      row: numbers[at] as number,
      attempt: numbers[at + 1] as number,
      phone: `+${numbers[at + 2]}`,
      startedAt: Number.isNaN(startedAt) ? null : startedAt,
      endedAt: numbers[at + 4] as number,
      endpoint,
      outcome: "accepted",
      answer: PLAIN_ANSWER,
      next: {
        to: "accepted",
        messageId: lines[index * 2] as string,
        messageStatus: lines[index * 2 + 1] || null,
        waId: waId === 0 ? null : String(waId),
        userId: null,
      },
    });
  }
  return { ...turn, record };
}

/** The order of claims is kept. */
export function packResult({ claimed, ...result }: TurnResult): TurnResultMessage {
  const numbers = new Float64Array(claimed.length * CLAIM_NUMBERS);
  const texts: string[] = [];
  const userIds: [number, string][] = [];
  for (const [index, claim] of claimed.entries()) {
    const at = index * CLAIM_NUMBERS;
    numbers[at] = claim.row;
    numbers[at + 1] = claim.attempt;
    numbers[at + 2] = Number(claim.phone);
    numbers[at + 3] = claim.holds;
    numbers[at + 4] = claim.capped;
    numbers[at + 5] = claim.zone ?? 0;
    numbers[at + 6] = claim.arm ?? 0;
    if (claim.userId !== null) userIds.push([index, claim.userId]);
    // JSON has no line breaks in it.
    texts.push(claim.region ?? "", claim.values);
  }
  return { result, size: claimed.length, numbers, texts: texts.join("\n"), userIds };
}

/** The result that `packResult` packed. */
export function unpackResult(message: TurnResultMessage): TurnResult {
  const { result, size, numbers, texts, userIds } = message;
  const lines = size === 0 ? [] : texts.split("\n");
  const claimed = Array.from({ length: size }, (_, index): Claim => {
    const at = index * CLAIM_NUMBERS;
    const phone = numbers[at + 2] as number;
    const zone = numbers[at + 5] as number;
    const arm = numbers[at + 6] as number;
    return {
      row: numbers[at] as number,
      attempt: numbers[at + 1] as number,
      phone: phone === 0 ? null : `+${phone}`,
      userId: null,
      region: lines[index * 2] || null,
      values: lines[index * 2 + 1] as string,
      holds: numbers[at + 3] as number,
      capped: numbers[at + 4] as number,
      ...(zone !== 0 && { zone }),
      ...(arm !== 0 && { arm }),
    };
  });
  for (const [index, userId] of userIds) (claimed[index] as Claim).userId = userId;
  return { ...result, claimed };
}

/** What an answer of an accepted message is nearly always. */
const PLAIN_ANSWER = {
  httpStatus: 200,
  code: null,
  subcode: null,
  message: null,
  details: null,
  fbtraceId: null,
};

/** Digits that are the same after they were a number. */
const EXACT_DIGITS = /^[1-9]\d{0,14}$/;

/**
 * True when WhatsApp's id is nothing that a number could not be; nearly always it is the number
 * that was posted to.
 */
function isExact(waId: string | null, phone: string): boolean {
  if (waId === null) return true;
  return (waId.length === phone.length - 1 && phone.endsWith(waId)) || EXACT_DIGITS.test(waId);
}

/** True when nothing of an accepted record is lost in columns. */
function isPlain({ answer, next, suppress, phone }: AttemptRecord): boolean {
  return (
    next.to === "accepted" &&
    next.userId === null &&
    phone !== null &&
    EXACT_DIGITS.test(phone.slice(1)) &&
    isExact(next.waId, phone) &&
    next.messageStatus !== "" &&
    !next.messageId.includes("\n") &&
    !next.messageStatus?.includes("\n") &&
    suppress === undefined &&
    answer.httpStatus === 200 &&
    answer.code === null &&
    answer.subcode === null &&
    answer.message === null &&
    answer.details === null &&
    answer.fbtraceId === null
  );
}
