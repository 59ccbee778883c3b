// Takes what people gave out of rows that stay, so that what is counted goes on to add up:
// statuses, reasons, codes, regions, prices and instants. The only place that makes a dispatch
// erased.
//
// WhatsApp's message ids hold the recipient's number (base64), so they go with it; so do the words
// of Meta's answers, which may repeat what was sent.

import type { Database } from "better-sqlite3";

/** Rows of a campaign. */
export interface Rows {
  campaign: number;
  from: number;
  to: number;
}

/** Erases rows; its functions run inside the caller's transaction. */
export function makeEraser(db: Database) {
  const inRange = "campaign_id = @campaign and row_number between @from and @to";
  const dispatches = db.prepare(`
    update dispatch set phone = null, person = null, wa_id = null, user_id = null,
      row_user_id = null, recipient_id = null, value_list = iif(value_list is null, null, '[]'), cells = null,
      withheld_list = null, detail = null, hash = 0, message_id = null, error_message = null, erased_at = @now
    where ${inRange} and erased_at is null
  `);
  const attempts = db.prepare(`
    update attempt set message = null, details = null, fbtrace_id = null, next_detail = null,
      message_id = iif(message_id is null, null, 'erased'), wa_id = null, user_id = null
    where ${inRange}
  `);
  const taps = db.prepare(`
    update tap set inbound_id = 'erased.' || lower(hex(randomblob(8)))
    where ${inRange} and substr(inbound_id, 1, 7) <> 'erased.'
  `);
  const clicks = db.prepare(`
    update click set identity = 'erased.' || lower(hex(randomblob(8)))
    where ${inRange} and substr(identity, 1, 7) <> 'erased.'
  `);
  const traced = db.prepare("update meta set rewrite_due = 1 where rewrite_due = 0");
  const beside = db.prepare<[Rows], { id: number; status: string }>(`
    select id, json_extract(receipt, '$.status') as status from parked_receipt
    where ${inRange}
      or (other_campaign_id = @campaign and other_row_number between @from and @to)
  `);
  const parkedBefore = db.prepare<[number, number], { id: number; status: string }>(
    `select id, json_extract(receipt, '$.status') as status from parked_receipt
    where parked_at <= ? order by id limit ?`,
  );
  const unpark = db.prepare("delete from parked_receipt where id = ?");
  const uncount = db.prepare(
    "update receipt_count set number = number - 1 where event = ? and effect = 'parked'",
  );
  const count = db.prepare(`
    insert into receipt_count (event, effect, number) values (?, 'repeated', 1)
    on conflict (event, effect) do update set number = receipt_count.number + 1
  `);

  /** A receipt that waits for a dispatch which is erased waits for nothing. */
  function drop(parked: readonly { id: number; status: string }[]): number {
    for (const { id, status } of parked) {
      unpark.run(id);
      uncount.run(status);
      count.run(status);
    }
    return parked.length;
  }

  /** Erases what hangs on dispatches: attempts, taps and clicks. */
  function answers(rows: Rows): void {
    attempts.run(rows);
    taps.run(rows);
    clicks.run(rows);
  }

  return {
    /** Lets SQLite overwrite what is erased from now on, as far as it does. */
    begin(): void {
      db.pragma("secure_delete = on");
    },

    /** Says that free places of the file may have erased data in them. */
    leaveTrace(): void {
      traced.run();
    },

    answers,

    /**
     * Erases dispatches that are not open, with all that hangs on them. Returns how many were not
     * erased before.
     */
    rows(rows: Rows, now: number): number {
      answers(rows);
      return dispatches.run({ ...rows, now }).changes;
    },

    /** Drops the receipts that wait for one of these dispatches. */
    parkedBeside: (rows: Rows): number => drop(beside.all(rows)),

    /** Drops receipts that wait since then, some at a time. Returns how many. */
    parkedBefore: (instant: number, limit: number): number =>
      drop(parkedBefore.all(instant, limit)),
  };
}

export type Eraser = ReturnType<typeof makeEraser>;
