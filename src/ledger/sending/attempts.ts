// Writes down what became of every attempt, and moves its dispatch where the answer sends it.
// An answer is never thrown away, even when it comes too late to move anything.

import type { AttemptRecord, Next } from "../../domain/campaign/attempt.ts";
import { assert } from "../../domain/common/errors.ts";
import type { Verb } from "../engine.ts";
import { ahead, setStatement, statement } from "../engine.ts";
import { isDigits } from "../file/digits.ts";
import type { OptOuts } from "../inbox/opt-outs.ts";
import type { Aliases } from "../people/aliases.ts";
import type { Eraser } from "../people/erasure.ts";
import type { Suppressions } from "../people/suppressions.ts";
import { toKeep, toKeepAccepted, toKeepPlain, toMove } from "./attempt-tuples.ts";

interface PostedTo {
  phone: number | null;
  person: number | null;
  rowUserId: string | null;
}

/** WhatsApp's id, digits, as the person behind it. */
export type PersonOfWaId = (waId: string) => number;

/** Records outcomes; its functions run inside the caller's transaction. */
export function makeAttempts(parts: {
  aliases: Aliases;
  suppressions: Suppressions;
  optOuts: OptOuts;
  eraser: Eraser;
  personOfWaId: PersonOfWaId;
}) {
  const { aliases, suppressions, optOuts, eraser, personOfWaId } = parts;
  const sql = prepare();
  const ofClaimed = prepareMoves("claimed");
  const ofUnknown = prepareMoves("unknown");

  /**
   * Moves the dispatches that still have the status of the moves under these attempts. Returns of
   * each whether it had; no row is an answer, not an error: recovery or a receipt may have settled
   * it before.
   */
  function* move(
    campaign: number,
    records: readonly AttemptRecord[],
    moves: Moves,
  ): Verb<boolean[]> {
    const isMoved: boolean[] = Array(records.length).fill(false);
    const seen = new Set<string>();
    const places = new Map<Next["to"], number[]>();
    for (const [place, { row, attempt, next }] of records.entries()) {
      const key = `${row}/${attempt}`;
      // Of two answers to one attempt the first one counts.
      if (seen.has(key)) continue;
      seen.add(key);
      const same = places.get(next.to);
      if (same === undefined) places.set(next.to, [place]);
      else same.push(place);
    }
    for (const [to, all] of places) {
      const tuples = all.map((place) => toMove(campaign, records[place] as AttemptRecord));
      const changed = yield* moves[to].changeEach(tuples);
      for (const [index, place] of all.entries()) isMoved[place] = changed[index] === true;
    }
    return isMoved;
  }

  /** Writes down answers that moved their dispatches. */
  function* keepMoved(campaign: number, records: readonly AttemptRecord[]): Verb<void> {
    const plain: unknown[][] = [];
    const accepted: unknown[][] = [];
    const others: unknown[][] = [];
    for (const record of records) {
      const { next } = record;
      if (next.to !== "accepted") others.push(toKeep(campaign, record, 0, next));
      // Nearly all attempts: what they leave out is most of the columns.
      else if (isPlainlyAccepted(record)) plain.push(toKeepPlain(campaign, record, next));
      else accepted.push(toKeepAccepted(campaign, record, 0, next));
    }
    yield* ahead(sql.keepPlain.insertEach(plain));
    yield* ahead(sql.keepAccepted.insertEach(accepted));
    yield* ahead(sql.keep.insertEach(others));
  }

  /** Writes down an answer that came when its attempt had another end already. */
  function* keepLate(campaign: number, record: AttemptRecord): Verb<void> {
    const { row, attempt, next } = record;
    const stale = ((yield* sql.lastStale.get(campaign, row, attempt)) as number) + 1;
    if (next.to === "accepted") {
      yield* sql.keepAccepted.insertEach([toKeepAccepted(campaign, record, stale, next)]);
    } else yield* sql.keep.insertEach([toKeep(campaign, record, stale, next)]);
  }

  /** Writes down an answer that moved nothing. */
  function* keepStale(campaign: number, record: AttemptRecord): Verb<void> {
    const { row } = record;
    const known = yield* sql.known.get(campaign, row);
    assert(known !== undefined, "an answer belongs to a dispatch of this campaign");
    yield* keepLate(campaign, record);
    // Whose message it was is not known any more, and the answer must not tell it again.
    if (known.erasedAt !== null)
      yield* eraser.rows({ campaign, from: row, to: row }, known.erasedAt);
  }

  /**
   * What the answer tells of the person: other names of theirs, or that they want no more of it.
   */
  function* learn(campaign: number, record: AttemptRecord): Verb<void> {
    const { next } = record;
    const recipient = yield* sql.recipient.get(campaign, record.row);
    if (recipient === undefined) return;
    const now = Math.round(record.endedAt);
    if (next.to === "accepted") yield* learnNames(recipient, next, now);
    if (record.suppress !== undefined) {
      const { phone, person, rowUserId } = recipient;
      const entry = {
        phone: phone === null ? null : `+${phone}`,
        person: person === null ? null : String(person),
        userId: phone === null ? rowUserId : null,
        reason: record.suppress.reason,
        source: "reply",
      };
      const isNew = yield* suppressions.add(entry, now);
      const names = [person, rowUserId];
      const refused = { campaign, row: record.row };
      if (isNew) yield* optOuts.count({ names, way: "refusal", at: now, refused });
    }
  }

  function* learnNames(
    recipient: PostedTo,
    next: Next & { to: "accepted" },
    now: number,
  ): Verb<void> {
    const { person, rowUserId } = recipient;
    const { waId, userId } = next;
    const reported = waId !== null && isDigits(waId) ? personOfWaId(waId) : null;
    yield* aliases.learn([person, reported, rowUserId, userId], now);
  }

  return {
    /**
     * Returns of each record whether it moved its dispatch, which otherwise was not claimed under
     * that attempt any more.
     */
    *record(campaign: number, records: readonly AttemptRecord[]): Verb<boolean[]> {
      const isMoved = yield* move(campaign, records, ofClaimed);
      const stale = records.filter((_, place) => isMoved[place] === false);
      const moved =
        stale.length === 0 ? records : records.filter((_, place) => isMoved[place] === true);
      yield* keepMoved(campaign, moved);
      for (const record of stale) yield* keepStale(campaign, record);
      for (const record of records) if (tellsOfPerson(record)) yield* learn(campaign, record);
      return isMoved;
    },

    /**
     * Takes an answer that comes when its lane was taken over: when its attempt was given up as
     * `unknown`, or is about to be, and nothing else has settled that since. Returns whether it
     * did; else nothing is changed.
     */
    *settle(campaign: number, record: AttemptRecord): Verb<boolean> {
      const { row, attempt, next } = record;
      // That it is not known is known already.
      if (next.to === "unknown") return false;
      const [isGivenUp = false] = yield* move(campaign, [record], ofUnknown);
      if (isGivenUp) {
        // Receipts find the message by it.
        if (next.to === "accepted") yield* sql.message.run(next.messageId, campaign, row, attempt);
        yield* keepLate(campaign, record);
      } else {
        // The new owner has the lane, and has not given up the claims of this run yet.
        const [isClaimed = false] = yield* move(campaign, [record], ofClaimed);
        if (!isClaimed) return false;
        yield* keepMoved(campaign, [record]);
      }
      if (tellsOfPerson(record)) yield* learn(campaign, record);
      return true;
    },
  };
}

export type Attempts = ReturnType<typeof makeAttempts>;

/**
 * Whether an answer tells anything of the person. Nearly always WhatsApp's id is the number itself,
 * and there is nothing to look up. Posted to a user id, the answer repeats that and has no number,
 * and there is nothing either.
 */
function tellsOfPerson({ next, phone, suppress }: AttemptRecord): boolean {
  if (suppress !== undefined) return true;
  if (next.to !== "accepted") return false;
  const isOtherId = next.waId !== null && phone !== `+${next.waId}`;
  return isOtherId || (next.userId !== null && phone !== null);
}

/** True when Meta took the message and said nothing besides. */
function isPlainlyAccepted({ outcome, next, answer }: AttemptRecord): boolean {
  return (
    next.to === "accepted" &&
    outcome === "accepted" &&
    answer.httpStatus === 200 &&
    answer.code === null &&
    answer.subcode === null &&
    answer.message === null &&
    answer.details === null &&
    answer.fbtraceId === null
  );
}

const CLAIMED_TYPES = "bigint bigint bigint";
const KEPT_TYPES = `
  bigint bigint bigint bigint bigint bigint text text bigint bigint bigint text text text
`;

/** Moves of dispatches that have one status, each under one attempt. */
function prepareMoves(from: "claimed" | "unknown") {
  // What is unknown may be erased, and then nothing of a person's goes into it any more.
  const isThere = from === "unknown" ? "and erased_at is null" : "";
  // By the primary key, and not by the index of what is claimed: in PostgreSQL that is full of what
  // was claimed before.
  const mine = `campaign_id = ? and row_number = ? and +status = '${from}' and attempts = ?
    ${isThere}`;
  return {
    accepted: setStatement(
      `update dispatch set status = 'accepted', accepted_at = ?, message_id = ?,
        message_status = ?, wa_id = ?, user_id = ?, error_code = null, error_message = null
      where ${mine}`,
      `bigint text text bigint text ${CLAIMED_TYPES}`,
    ),
    pending: setStatement(
      `update dispatch set status = 'pending', error_code = ?, error_message = ? where ${mine}`,
      `text text ${CLAIMED_TYPES}`,
    ),
    held: setStatement(
      `update dispatch set status = 'held', held_until = ?, reason = ?, holds = holds + ?,
        capped = capped + ?, error_code = ?, error_message = ?
      where ${mine}`,
      `bigint text bigint bigint text text ${CLAIMED_TYPES}`,
    ),
    failed: setStatement(
      `update dispatch set status = 'failed', failed_at = ?, error_code = ?, error_message = ?
      where ${mine}`,
      `bigint text text ${CLAIMED_TYPES}`,
    ),
    unknown: setStatement(
      `update dispatch set status = 'unknown', error_code = ?, error_message = ? where ${mine}`,
      `text text ${CLAIMED_TYPES}`,
    ),
  };
}

type Moves = ReturnType<typeof prepareMoves>;

function prepare() {
  return {
    keep: setStatement(
      `insert into attempt (
        campaign_id, row_number, attempt, stale, started_at, ended_at, endpoint, outcome,
        http_status, code, subcode, message, details, fbtrace_id, next_status, next_detail
      ) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      `${KEPT_TYPES} text text`,
    ),
    keepPlain: setStatement(
      `insert into attempt (
        campaign_id, row_number, attempt, started_at, ended_at, endpoint,
        message_id, message_status, wa_id, user_id, stale, outcome, http_status, next_status
      ) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 'accepted', 200, 'accepted')`,
      "bigint bigint bigint bigint bigint text text text bigint text",
    ),
    keepAccepted: setStatement(
      `insert into attempt (
        campaign_id, row_number, attempt, stale, started_at, ended_at, endpoint, outcome,
        http_status, code, subcode, message, details, fbtrace_id, next_status,
        message_id, message_status, wa_id, user_id
      ) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'accepted', ?, ?, ?, ?)`,
      `${KEPT_TYPES} text text bigint text`,
    ),
    recipient: statement<[number, number], PostedTo>(
      `select phone, person, row_user_id as "rowUserId" from dispatch
      where campaign_id = ? and row_number = ? and (phone is not null or row_user_id is not null)`,
    ),
    known: statement<[number, number], { erasedAt: number | null }>(
      'select erased_at as "erasedAt" from dispatch where campaign_id = ? and row_number = ?',
    ),
    message: statement(`
      update attempt set message_id = ?
      where campaign_id = ? and row_number = ? and attempt = ? and stale = 0 and message_id is null
    `),
    lastStale: statement(`
        select coalesce(max(stale), 0) from attempt
        where campaign_id = ? and row_number = ? and attempt = ?
      `).pluck(),
  };
}
