// Makes rows look sent: what an earlier run would have left, without its hours.

import { join } from "node:path";

import Database from "better-sqlite3";

/**
 * The first rows of a campaign are delivered.
 * @param at when they were claimed, milliseconds since the epoch
 */
export function settleRows(
  folder: string,
  { campaign, rows, at }: { campaign: string; rows: number; at: number },
): void {
  const db = new Database(join(folder, "data", "ledger.sqlite"));
  const id = db.prepare("select id from campaign where name = ?").pluck().get(campaign) as number;
  db.exec(`
    begin;
    insert into attempt (campaign_id, row_number, attempt, stale, started_at, ended_at, endpoint,
      outcome, http_status, next_status, message_id)
    select campaign_id, row_number, 1, 0, ${at}, ${at} + 1, '/v25.0/1/marketing_messages',
      'accepted', 200, 'accepted', 'wamid.${id}.' || row_number
    from dispatch where campaign_id = ${id} and row_number <= ${rows};
    update dispatch set status = 'delivered', attempts = 1, claimed_at = ${at},
      accepted_at = ${at} + 1, delivered_at = ${at} + 2,
      message_id = 'wamid.${id}.' || row_number
    where campaign_id = ${id} and row_number <= ${rows};
    update campaign set last_claim_at = ${at} where id = ${id};
    commit;
  `);
  db.close();
}

/** All steps of a campaign's ramp are through. */
export function passSteps(folder: string, campaign: string, steps: number): void {
  const db = new Database(join(folder, "data", "ledger.sqlite"));
  db.prepare(
    `insert into campaign_ramp (campaign_id, step, people, since)
    select id, ?, 0, ? from campaign where name = ?`,
  ).run(steps, Date.now(), campaign);
  db.close();
}
