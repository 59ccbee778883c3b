// Takes what people gave out of rows that stay, so that what is counted goes on to add up:
// statuses, reasons, codes, regions, prices and instants. The only place that makes a dispatch
// erased.
//
// WhatsApp's message ids hold the recipient's number (base64), so they go with it; so do the words
// of Meta's answers, which may repeat what was sent.

import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";

/** Rows of a campaign. */
export interface Rows {
  campaign: number;
  from: number;
  to: number;
}

/** Erases rows; its functions run inside the caller's transaction. */
export function makeEraser() {
  const inRange = "campaign_id = @campaign and row_number between @from and @to";
  const dispatches = statement(`
    update dispatch set phone = null, person = null, wa_id = null, user_id = null,
      row_user_id = null, recipient_id = null, value_list = iif(value_list is null, null, '[]'), cells = null,
      withheld_list = null, detail = null, hash = 0, message_id = null, error_message = null, erased_at = @now
    where ${inRange} and erased_at is null
  `);
  const attempts = statement(`
    update attempt set message = null, details = null, fbtrace_id = null, next_detail = null,
      message_id = iif(message_id is null, null, 'erased'), wa_id = null, user_id = null
    where ${inRange}
  `);
  const taps = statement(`
    update tap set inbound_id = 'erased.' || lower(hex(randomblob(8)))
    where ${inRange} and substr(inbound_id, 1, 7) <> 'erased.'
  `);
  const clicks = statement(`
    update click set identity = 'erased.' || lower(hex(randomblob(8)))
    where ${inRange} and substr(identity, 1, 7) <> 'erased.'
  `);
  const traced = statement("update meta set rewrite_due = 1 where rewrite_due = 0");
  const beside = statement<[Rows], { id: number; status: string }>(`
    select id, json_extract(receipt, '$.status') as status from parked_receipt
    where ${inRange}
      or (other_campaign_id = @campaign and other_row_number between @from and @to)
  `);
  const parkedBefore = statement<[number, number], { id: number; status: string }>(
    `select id, json_extract(receipt, '$.status') as status from parked_receipt
    where parked_at <= ? order by id limit ?`,
  );
  const unpark = statement("delete from parked_receipt where id = ?");
  const uncount = statement(
    "update receipt_count set number = number - 1 where event = ? and effect = 'parked'",
  );
  const count = statement(`
    insert into receipt_count (event, effect, number) values (?, 'repeated', 1)
    on conflict (event, effect) do update set number = receipt_count.number + 1
  `);

  /** A receipt that waits for a dispatch which is erased waits for nothing. */
  function* drop(parked: readonly { id: number; status: string }[]): Verb<number> {
    for (const { id, status } of parked) {
      yield* unpark.run(id);
      yield* uncount.run(status);
      yield* count.run(status);
    }
    return parked.length;
  }

  /** Erases what hangs on dispatches: attempts, taps and clicks. */
  function* answers(rows: Rows): Verb<void> {
    yield* attempts.run(rows);
    yield* taps.run(rows);
    yield* clicks.run(rows);
  }

  return {
    /** Says that free places of the file may have erased data in them. */
    *leaveTrace(): Verb<void> {
      yield* traced.run();
    },

    answers,

    /**
     * Erases dispatches that are not open, with all that hangs on them. Returns how many were not
     * erased before.
     */
    *rows(rows: Rows, now: number): Verb<number> {
      yield* answers(rows);
      return (yield* dispatches.run({ ...rows, now })).changes;
    },

    /** Drops the receipts that wait for one of these dispatches. */
    *parkedBeside(rows: Rows): Verb<number> {
      return yield* drop(yield* beside.all(rows));
    },

    /** Drops receipts that wait since then, some at a time. Returns how many. */
    *parkedBefore(instant: number, limit: number): Verb<number> {
      return yield* drop(yield* parkedBefore.all(instant, limit));
    },
  };
}

export type Eraser = ReturnType<typeof makeEraser>;
