// Writes down what became of every attempt, and moves its dispatch where the answer sends it.
// An answer is never thrown away, even when it comes too late to move anything.

import type { AttemptRecord, Next } from "../../domain/campaign/attempt.ts";
import { assert, unreachable } from "../../domain/common/errors.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import { isDigits } from "../file/digits.ts";
import type { OptOuts } from "../inbox/opt-outs.ts";
import type { Aliases } from "../people/aliases.ts";
import type { Eraser } from "../people/erasure.ts";
import type { Suppressions } from "../people/suppressions.ts";

/** Attempts to a statement. */
const GROUP = 20;

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
   * Moves the dispatch, when it still has the status of the moves under this attempt. Returns
   * whether it had; 0 rows is an answer, not an error: recovery or a receipt may have settled it
   * before.
   */
  function* move(campaign: number, record: AttemptRecord, moves: Moves): Verb<boolean> {
    const { row, attempt, next } = record;
    const endedAt = Math.round(record.endedAt);
    const code = record.answer.code === null ? null : String(record.answer.code);
    const message = record.answer.message;
    switch (next.to) {
      case "accepted": {
        const { messageId, messageStatus, userId } = next;
        const waId = waIdOf(next.waId);
        // biome-ignore format: as below
        return isMoved(yield* moves.accepted.run(
          endedAt, messageId, messageStatus, waId, userId, campaign, row, attempt,
        ));
      }
      case "pending":
        return isMoved(yield* moves.pending.run(code, message, campaign, row, attempt));
      case "held": {
        const { counts = "holds" } = next;
        const ups = [counts === "holds" ? 1 : 0, counts === "capped" ? 1 : 0];
        const values = [Math.round(next.until), next.reason, ...ups, code, message];
        return isMoved(yield* moves.held.run(...values, campaign, row, attempt));
      }
      case "failed":
        return isMoved(
          yield* moves.failed.run(endedAt, next.code, next.message, campaign, row, attempt),
        );
      case "unknown":
        return isMoved(yield* moves.unknown.run(code, next.message, campaign, row, attempt));
      default:
        return unreachable(next);
    }
  }

  /**
   * Accepted messages whose answers moved their dispatches: nearly all attempts, so many of them go
   * into one statement.
   */
  function* keepAccepted(campaign: number, records: readonly AttemptRecord[]): Verb<void> {
    let index = 0;
    for (; records.length - index >= GROUP; index += GROUP) {
      const values: unknown[] = [];
      for (let at = index; at < index + GROUP; at += 1) {
        const { row, attempt, endpoint, startedAt, endedAt, next } = records[at] as AttemptRecord;
        const { messageId, messageStatus, waId, userId } = next as AcceptedNext;
        const began = startedAt === null ? null : Math.round(startedAt);
        values.push(campaign, row, attempt, began, Math.round(endedAt), endpoint);
        values.push(messageId, messageStatus, waIdOf(waId), userId);
      }
      yield* sql.keepGroup.run(values);
    }
    for (; index < records.length; index += 1)
      yield* keep(campaign, records[index] as AttemptRecord, 0);
  }

  /** @param stale 0 for the answer that moved its dispatch */
  function* keep(campaign: number, record: AttemptRecord, stale: number): Verb<void> {
    const { row, attempt, endpoint, outcome, answer, next } = record;
    const startedAt = record.startedAt === null ? null : Math.round(record.startedAt);
    const endedAt = Math.round(record.endedAt);
    const { httpStatus, code, subcode, message, details, fbtraceId } = answer;
    if (next.to !== "accepted") {
      const values = [campaign, row, attempt, stale, startedAt, endedAt, endpoint, outcome];
      const columns = [httpStatus, code, subcode, message, details, fbtraceId];
      yield* sql.keep.run(...values, ...columns, next.to, detailOf(next));
      return;
    }
    const { messageId, messageStatus, waId, userId } = next;
    // Spelt out: this line runs once for every message, and each array spread here costs as much as
    // a column.
    // biome-ignore format: one column a line would hide how long it is
    yield* sql.keepAccepted.run(
      campaign, row, attempt, stale, startedAt, endedAt, endpoint, outcome, httpStatus, code,
      subcode, message, details, fbtraceId, messageId, messageStatus, waIdOf(waId), userId,
    );
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
     * Returns how many records moved nothing, because their dispatch was not claimed under that
     * attempt any more.
     */
    *record(campaign: number, records: AttemptRecord[]): Verb<number> {
      let stale = 0;
      const accepted: AttemptRecord[] = [];
      for (const record of records) {
        if (yield* move(campaign, record, ofClaimed)) {
          if (isPlainlyAccepted(record)) accepted.push(record);
          else yield* keep(campaign, record, 0);
        } else {
          const known = yield* sql.known.get(campaign, record.row);
          assert(known !== undefined, "an answer belongs to a dispatch of this campaign");
          const before = (yield* sql.lastStale.get(campaign, record.row, record.attempt)) as number;
          yield* keep(campaign, record, before + 1);
          // Whose message it was is not known any more, and the answer must not tell it again.
          if (known.erasedAt !== null) {
            yield* eraser.rows({ campaign, from: record.row, to: record.row }, known.erasedAt);
          }
          stale += 1;
        }
        if (tellsOfPerson(record)) yield* learn(campaign, record);
      }
      yield* keepAccepted(campaign, accepted);
      return stale;
    },

    /**
     * Takes an answer that comes when its attempt was given up as `unknown` and nothing else has
     * settled that since. Returns whether it did; else nothing is changed.
     */
    *settle(campaign: number, record: AttemptRecord): Verb<boolean> {
      const { row, attempt, next } = record;
      // That it is not known is known already.
      if (next.to === "unknown" || !(yield* move(campaign, record, ofUnknown))) return false;
      // Receipts find the message by it.
      if (next.to === "accepted") yield* sql.message.run(next.messageId, campaign, row, attempt);
      const before = (yield* sql.lastStale.get(campaign, row, attempt)) as number;
      yield* keep(campaign, record, before + 1);
      if (tellsOfPerson(record)) yield* learn(campaign, record);
      return true;
    },
  };
}

export type Attempts = ReturnType<typeof makeAttempts>;

type AcceptedNext = Extract<Next, { to: "accepted" }>;

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

function isMoved({ changes }: { changes: number }): boolean {
  return changes === 1;
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

function waIdOf(waId: string | null): number | null {
  return waId !== null && isDigits(waId) ? Number(waId) : null;
}

function detailOf(next: Exclude<Next, { to: "accepted" }>): string | null {
  switch (next.to) {
    case "pending":
      return null;
    case "held":
      return JSON.stringify({ until: next.until, reason: next.reason });
    case "failed":
      return JSON.stringify({ code: next.code, message: next.message });
    case "unknown":
      return JSON.stringify({ message: next.message });
    default:
      return unreachable(next);
  }
}

/** Moves of a dispatch that has one status, under one attempt. */
function prepareMoves(from: "claimed" | "unknown") {
  // What is unknown may be erased, and then nothing of a person's goes into it any more.
  const isThere = from === "unknown" ? "and erased_at is null" : "";
  const mine = `campaign_id = ? and row_number = ? and status = '${from}' and attempts = ? ${isThere}`;
  return {
    accepted: statement(`
      update dispatch set status = 'accepted', accepted_at = ?, message_id = ?,
        message_status = ?, wa_id = ?, user_id = ?, error_code = null, error_message = null
      where ${mine}
    `),
    pending: statement(`
      update dispatch set status = 'pending', error_code = ?, error_message = ? where ${mine}
    `),
    held: statement(`
      update dispatch set status = 'held', held_until = ?, reason = ?, holds = holds + ?,
        capped = capped + ?, error_code = ?, error_message = ?
      where ${mine}
    `),
    failed: statement(`
      update dispatch set status = 'failed', failed_at = ?, error_code = ?, error_message = ?
      where ${mine}
    `),
    unknown: statement(`
      update dispatch set status = 'unknown', error_code = ?, error_message = ? where ${mine}
    `),
  };
}

type Moves = ReturnType<typeof prepareMoves>;

function prepare() {
  return {
    keep: statement(`
      insert into attempt (
        campaign_id, row_number, attempt, stale, started_at, ended_at, endpoint, outcome,
        http_status, code, subcode, message, details, fbtrace_id, next_status, next_detail
      ) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    `),
    keepGroup: statement(`
      insert into attempt (
        campaign_id, row_number, attempt, started_at, ended_at, endpoint,
        message_id, message_status, wa_id, user_id, stale, outcome, http_status, next_status
      ) values ${Array(GROUP).fill("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 'accepted', 200, 'accepted')").join(", ")}
    `),
    keepAccepted: statement(`
      insert into attempt (
        campaign_id, row_number, attempt, stale, started_at, ended_at, endpoint, outcome,
        http_status, code, subcode, message, details, fbtrace_id, next_status,
        message_id, message_status, wa_id, user_id
      ) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'accepted', ?, ?, ?, ?)
    `),
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
