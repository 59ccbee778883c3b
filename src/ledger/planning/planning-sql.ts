// The statements by which planning puts dispatches in and changes them; planning.ts decides which.

import type { Status } from "../../domain/campaign/dispatch.ts";
import type { PlannedRow } from "../../domain/campaign/row.ts";
import { setStatement, statement } from "../engine.ts";
import { anyPendingSql, anyUserIdSql } from "../looks.ts";
import { GIVEN_AWAY, IS_GIVEN_AWAY } from "../people/given-away.ts";

export interface Existing {
  number: number;
  place: number;
  status: Status;
  attempts: number;
  person: number | null;
  userId: string | null;
}

/** The phone, the person and the user id as the ledger keeps them. */
export interface Key {
  phone: number | null;
  person: number | null;
  userId: string | null;
}

/** What a dispatch has of its row, by the columns of the inserts. */
export type RowColumns = [
  campaign: number,
  number: number,
  place: number,
  line: number,
  hash: number,
  phone: number | null,
  person: number | null,
  region: string | null,
  recipientId: string | null,
  userId: string | null,
];

/** The same of one that is skipped, with what it is skipped for. */
export type SkippedColumns = [...RowColumns, cells: string, reason: string, detail: string];

/** The row's reading has made sure that both numbers are digits, and at most 15 of them. */
export function keyOf(row: PlannedRow): Key {
  return {
    phone: row.phone === null ? null : Number(row.phone),
    person: row.person === null ? null : Number(row.person),
    userId: row.userId,
  };
}

/** Rows that one statement puts in: starting a statement costs half as much as putting a row in. */
export const GROUP = 50;

/** Whether planning may still change a dispatch: nothing was sent, or what was sent was refused. */
export const REPLACEABLE: readonly Status[] = ["pending", "held", "skipped"];

/** SQL for the same: whether the row of a dispatch still has the person it had. */
const IS_SAME = "(person = @person or row_user_id = @userId)";

/**
 * Rows that are not skipped and have the same person: by number, by user id, or by the other one of
 * the two as far as known.
 */
function samePersonSql(): string {
  const columns = `dispatch.row_number as number, dispatch.place, dispatch.status, dispatch.attempts, dispatch.person,
    dispatch.row_user_id as "userId"`;
  const other = `dispatch.campaign_id = @campaign and dispatch.row_number <> @number
    and dispatch.value_list is not null`;
  const byUser = `${other} and dispatch.row_user_id is not null and dispatch.row_user_id`;
  return `
    select ${columns} from dispatch indexed by dispatch_person
    where ${other} and dispatch.person = @person
    union
    select ${columns} from dispatch indexed by dispatch_row_user where ${byUser} = @userId
    union
    select ${columns} from alias_user cross join dispatch indexed by dispatch_row_user
    on alias_user.person = @person and ${byUser} = alias_user.user_id
    union
    select ${columns} from alias_user indexed by alias_user_by_user
    cross join dispatch indexed by dispatch_person
    on alias_user.user_id = @userId and ${other} and dispatch.person = alias_user.person
    order by 2
  `;
}

const INSERT_SKIPPED = `
  insert into dispatch
    (campaign_id, row_number, place, line, hash, phone, person, region, recipient_id,
      row_user_id, cells, reason, detail, status)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'skipped')
`;

/** Prepares them. */
export function preparePlanning() {
  return {
    insertPending: statement(`
      insert into dispatch
        (campaign_id, row_number, place, line, hash, phone, person, region, recipient_id,
          row_user_id, value_list, lane_place, zone, bucket, price, arm, status)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending') on conflict do nothing
    `),
    insertGroup: statement(`
      insert into dispatch
        (campaign_id, row_number, place, line, hash, phone, person, region, value_list, status)
      values ${Array(GROUP).fill("(?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending')").join(", ")}
      on conflict do nothing
    `),
    insertNamedGroup: statement(`
      insert into dispatch
        (campaign_id, row_number, place, line, hash, phone, person, region, value_list, row_user_id,
          recipient_id, lane_place, zone, bucket, price, arm, status)
      values ${Array(GROUP)
        .fill(`(${Array(16).fill("?").join(", ")}, 'pending')`)
        .join(", ")}
      on conflict do nothing
    `),
    anyUserIds: statement(`select ${anyUserIdSql("?")}`).pluck(),
    rowNumbers: statement(`
        select row_number from dispatch where campaign_id = ? and row_number between ? and ?
      `).pluck(),
    plannedBefore: statement("select rows from campaign where id = ?").pluck(),
    insertSkipped: statement(`${INSERT_SKIPPED} on conflict do nothing`),
    insertAllSkipped: setStatement<SkippedColumns>(
      INSERT_SKIPPED,
      "bigint bigint bigint bigint bigint bigint bigint text text text text text text",
    ),
    byRow: statement<[number, number], Existing>(
      `select row_number as number, place, status, attempts, person, row_user_id as "userId" from dispatch
      where campaign_id = ? and row_number = ?`,
    ),
    samePerson: statement<[{ campaign: number; number: number } & Key], Existing>(samePersonSql()),
    // A late receipt of these attempts is about the person who had the row when they were made.
    giveAway: statement(`
      update attempt set next_detail = '${GIVEN_AWAY}'
      where campaign_id = ? and row_number = ?
    `),
    // A hold, and what Meta reported, belongs to the person it was reported for: it goes on when
    // the row still has the same one.
    resend: statement(`
      update dispatch set
        place = @place, line = @line, hash = @hash, phone = @phone, person = @person,
        region = @region, row_user_id = @userId, recipient_id = @recipientId, value_list = @values, cells = null, detail = null, erased_at = null,
        wa_id = iif(${IS_SAME}, wa_id, null), user_id = iif(${IS_SAME}, user_id, null),
        clicked_at = iif(${IS_SAME}, clicked_at, null),
        error_code = iif(${IS_SAME}, error_code, null),
        error_message = iif(${IS_SAME}, error_message, null),
        status = iif(status = 'held' and ${IS_SAME}, 'held', 'pending'),
        reason = iif(status = 'held' and ${IS_SAME}, reason, null),
        held_until = iif(status = 'held' and ${IS_SAME}, held_until, null),
        holds = iif(${IS_SAME}, holds, 0), capped = iif(${IS_SAME}, capped, 0),
        lane_place = iif(status = 'skipped' and attempts = 0, @lane, lane_place),
        zone = @zone, bucket = @bucket, price = @price, arm = @arm,
        withheld_list = null
      where campaign_id = @campaign and row_number = @number
    `),
    doubt: statement(`
      update dispatch set status = 'unknown', error_message = @message
      where campaign_id = @campaign and row_number = @number and status = 'pending' and exists (
        select 1 from attempt where campaign_id = @campaign and row_number = @number
          and outcome in ('accepted', 'unknown') and not ${IS_GIVEN_AWAY}
      )
    `),
    reskip: statement(`
      update dispatch set
        place = @place, line = @line, hash = @hash, phone = @phone, person = @person,
        region = @region, row_user_id = @userId, recipient_id = @recipientId, value_list = null, cells = @cells, detail = @detail, status = 'skipped', reason = @reason,
        held_until = null, error_code = null, error_message = null, erased_at = null,
        wa_id = iif(${IS_SAME}, wa_id, null), user_id = iif(${IS_SAME}, user_id, null),
        clicked_at = iif(${IS_SAME}, clicked_at, null), holds = iif(${IS_SAME}, holds, 0),
        capped = iif(${IS_SAME}, capped, 0), withheld_list = null,
        arm = iif(attempts > 0 and ${IS_SAME}, arm, 0)
      where campaign_id = @campaign and row_number = @number
    `),
    skipForgotten: statement(`
      insert into dispatch
        (campaign_id, row_number, place, line, hash, region, status, reason, erased_at)
      values (@campaign, @number, @place, @line, 0, @region, 'skipped', @reason, @now)
      on conflict (campaign_id, row_number) do update set
        place = @place, line = @line, hash = 0, phone = null, person = null, region = @region, row_user_id = null,
        recipient_id = null, value_list = null, withheld_list = null, cells = null, detail = null, status = 'skipped',
        reason = @reason, held_until = null, error_code = null, error_message = null, wa_id = null, user_id = null,
        erased_at = @now
      where dispatch.status in (${REPLACEABLE.map((status) => `'${status}'`).join(", ")})
    `),
    isErased: statement("select erased_at is not null from campaign where id = ?").pluck(),
    giveWay: statement(`
      update dispatch set value_list = null, status = 'skipped', reason = ?, detail = ?, arm = 0
      where campaign_id = ? and row_number = ?
    `),
    isFirst: statement("select recipients_size is null from campaign where id = ?").pluck(),
    // A person may wait again.
    reopen: statement(`
      update campaign set state = 'stopped', changed_at = @now, last_stop = null
      where id = @campaign and state = 'finished' and ${anyPendingSql("@campaign")}
    `),
    planned: statement("update campaign set rows = max(rows, ?) where id = ?"),
    removeBeyond: statement(`
      delete from dispatch where campaign_id = ? and row_number > ? and attempts = 0
        and status in ('pending', 'held', 'skipped')
    `),
    // What was attempted is never removed, so it keeps counting even when the file has become
    // shorter.
    frozen: statement<[number], string>("select frozen from campaign where id = ?").pluck(),
    finish: statement(`
      update campaign set
        frozen = @frozen, columns = @columns, recipients_size = @size,
        recipients_modified_ms = @modifiedMs, recipients_sha256 = @sha256,
        rows = max(@rows, coalesce(
          (select max(row_number) from dispatch where campaign_id = @campaign), 0)),
        replanning = null,
        changed_at = iif(state = 'planning', @now, changed_at),
        state = iif(state = 'planning', 'ready', state)
      where id = @campaign
    `),
  };
}
