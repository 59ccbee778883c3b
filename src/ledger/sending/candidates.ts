// Finds the dispatches that may be claimed next, and what stops one of them all the same: an
// opt-out, or another row of the same person. Changes nothing.

import type { Claim } from "../../domain/campaign/attempt.ts";
import { assert } from "../../domain/common/errors.ts";
import type { Name } from "../../domain/receipts/match.ts";
import { reachedElsewhereSql } from "../campaigns/exclusions.ts";
import { IS_REFUSED } from "../campaigns/refusals.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import { anyDueSql, anyUserIdSql } from "../looks.ts";
import type { Forgotten } from "../people/forgotten.ts";
import { forgottenSql } from "../people/forgotten.ts";
import { suppressedSql, suppressedUserSql } from "../people/suppressions.ts";

/**
 * A dispatch that may be claimed; as a tuple, since an object with named columns costs a
 * microsecond more.
 */
export type Candidate = [
  row: number,
  attempts: number,
  holds: number,
  capped: number,
  phone: number | null,
  /** That the row gave; sent to without a phone. */
  userId: string | null,
  region: string | null,
  values: string,
  /**
   * 0 when nothing stops the dispatch, SUPPRESSED, EXCLUDED, REFUSED, or the place of the row that
   * is for the same person.
   */
  stops: number,
  who: Name,
  zone: number,
  /** Place in the random order of the campaign; 0 where rows go in their own order. */
  bucket: number,
  /** Millionths of the budget's currency; null where there is none. */
  price: number | null,
  /** Of the campaign's test, from 1; 0: none. */
  arm: number,
];

export const ROW = 0;
export const ATTEMPTS = 1;
export const PHONE = 4;
export const USER_ID = 5;
export const STOPS = 8;
export const WHO = 9;
export const ZONE = 10;
export const BUCKET = 11;
export const PRICE = 12;
const ARM = 13;

/** Rows of the table that one query scans for pending ones. */
const SCANNED_AT_ONCE = 5_000;

/** The person is suppressed. */
export const SUPPRESSED = -1;
/** Meta lets the account send nothing to the person's country. */
export const REFUSED = -2;

/** A campaign that this one leaves out may have reached the person. */
export const EXCLUDED = -3;

/**
 * SUPPRESSED, EXCLUDED or REFUSED when that stops every one of the candidates; else undefined, and
 * for rows in random order, which no range of row numbers holds.
 */
export function stopOfAll(found: readonly Candidate[]): number | undefined {
  const stopped = found[0]?.[STOPS] ?? 0;
  if (stopped >= 0) return undefined;
  const isSame = (candidate: Candidate) => candidate[STOPS] === stopped && candidate[BUCKET] === 0;
  return found.every(isSame) ? stopped : undefined;
}

/**
 * What the runner gets of a candidate that is claimed.
 * @param restArm of a test that is decided: what people in no arm get; else 0
 */
export function toClaim(candidate: Candidate, restArm: number): Claim {
  const [row, attempts, holds, capped, phone, userId, region, values] = candidate;
  const arm = candidate[ARM] || restArm;
  return {
    row,
    attempt: attempts + 1,
    phone: phone === null ? null : `+${phone}`,
    userId: phone === null ? userId : null,
    region,
    values,
    holds,
    capped,
    ...(candidate[ZONE] !== 0 && { zone: candidate[ZONE] }),
    ...(arm !== 0 && { arm }),
  };
}

/** Some of the candidates of a source. */
interface Found {
  found: Candidate[];
  /** Fewer than asked for only where there are no more. */
  isRest: boolean;
  /** Nothing else of their zone is pending between the first of these rows and the last. */
  isBlock: boolean;
}

/** In which order rows are found, and which of them. */
export interface Order {
  /** Up to this place of the random order. */
  most: number;
  /** Rows go in the order of the table: a ramp's steps, which need a random order, are through. */
  isRowOrder: boolean;
}

/**
 * The candidates of one campaign, as long as nothing is suppressed or planned: within one
 * transaction.
 */
export interface Candidates {
  /** Holds that are due, the longest due first. */
  due(limit: number): Verb<Found>;
  /** What is pending of a zone. */
  pending(zone: number, limit: number): Verb<Found>;
  /**
   * The end of a block of rows that go in their own order: the first of the next `most` pending
   * ones of the zone that `stops` does not stop, or the row after the last of them.
   * @param stops SUPPRESSED, EXCLUDED or REFUSED
   */
  blockEnd(zone: number, stops: number, most: number): Verb<number>;
}

/**
 * What has to be asked for each dispatch; most campaigns have no user ids, and many ledgers no
 * opt-outs.
 */
interface Questions {
  anySuppressed: 0 | 1;
  anyUserIds: 0 | 1;
  anyForgotten: 0 | 1;
  anyRefused: 0 | 1;
  anyExcluded: 0 | 1;
}

/**
 * Gives the candidates of a campaign's lane at an instant; needs a transaction around it.
 *
 * Rows in random order lie in as many pages of the file, which costs a message a fifth of its CPU.
 * So once the order does not matter any more, the table is scanned once for each zone. A row behind
 * the scan that is pending again is found by the index.
 */
export function makeCandidates(
  forgotten: Forgotten,
): (place: { campaign: number; lane: number }, now: number, order: Order) => Verb<Candidates> {
  /** The row up to which the table is scanned, by campaign, lane and zone; infinite: to its end. */
  const scannedTo = new Map<string, number>();
  const lastRow = statement<[number], number>(
    "select coalesce(max(row_number), 0) from dispatch where campaign_id = ?",
  ).pluck();
  const questions = statement<
    [{ campaign: number; lane: number; now: number }],
    Questions & { anyDue: 0 | 1 }
  >(`
    select exists (select 1 from suppression) as "anySuppressed",
      ${anyUserIdSql("@campaign")} as "anyUserIds",
      exists (select 1 from forgotten) as "anyForgotten",
      exists (select 1 from refused_region where campaign_id = @campaign) as "anyRefused",
      exists (select 1 from excluded_campaign where campaign_id = @campaign) as "anyExcluded",
      ${anyDueSql("@campaign", "@lane", "@now")} as "anyDue"
  `);
  // A statement for every combination: a question that is not in it costs nothing, in the one loop
  // in which that shows.
  const statements = new Map<string, Statements>();
  const statementsFor = (asked: Questions): Statements => {
    const key = Object.values(asked).join("");
    const made = statements.get(key) ?? prepare(asked);
    statements.set(key, made);
    return made;
  };
  return function* ({ campaign, lane }, now, { most, isRowOrder }): Verb<Candidates> {
    const found = yield* questions.get({ campaign, lane, now });
    assert(found !== undefined, "a query without a table has one row");
    const { anyDue, ...asked } = found;
    // Names are hashed with what is read by this.
    if (asked.anyForgotten === 1) yield* forgotten.isAny();
    const { due, pending, inRowOrder, blockEnd } = statementsFor(asked);

    /** The next ones of the table; none at its end, and where a scan found none. */
    function* nextInRowOrder(zone: number, limit: number): Verb<Candidate[]> {
      const key = `${campaign}/${lane}/${zone}`;
      const from = scannedTo.get(key) ?? 0;
      if (from === Number.POSITIVE_INFINITY) return [];
      const upTo = from + SCANNED_AT_ONCE;
      const rows = yield* inRowOrder.all(campaign, from, upTo, lane, zone, limit);
      const [first] = rows;
      // The next scan begins at the first of them: not all of them may be claimed.
      if (first !== undefined) scannedTo.set(key, first[ROW] - 1);
      else {
        const isEnd = upTo >= ((yield* lastRow.get(campaign)) ?? 0);
        scannedTo.set(key, isEnd ? Number.POSITIVE_INFINITY : upTo);
      }
      return rows;
    }
    return {
      *due(limit) {
        const found = anyDue === 1 ? yield* due.all(campaign, lane, now, most, limit) : [];
        return { found, isRest: true, isBlock: false };
      },
      *pending(zone, limit) {
        if (isRowOrder) {
          const next = yield* nextInRowOrder(zone, limit);
          if (next.length > 0) return { found: next, isRest: false, isBlock: true };
        }
        const found = yield* pending.all(campaign, lane, zone, most, limit);
        const isBlock = found.every((candidate) => candidate[BUCKET] === 0);
        return { found, isRest: true, isBlock };
      },
      *blockEnd(zone, stops, most) {
        const end = yield* blockEnd.get({ campaign, lane, zone, stops, most });
        assert(typeof end === "number", "a block has a row");
        return end;
      },
    };
  };
}

type Statements = ReturnType<typeof prepare>;

function prepare(asked: Questions) {
  const { anySuppressed, anyUserIds, anyForgotten, anyRefused, anyExcluded } = asked;
  const stops = [suppressedSql("dispatch.person")];
  if (anyUserIds) stops.push(suppressedUserSql("dispatch.row_user_id"));
  if (anyForgotten) stops.push(forgottenSql("dispatch.person"));
  if (anyForgotten && anyUserIds) stops.push(forgottenSql("dispatch.row_user_id"));
  const suppressed = `(${stops.join(" or ")})`;
  const same = anyUserIds ? sameRowSql() : "0";
  const refused = anyRefused ? `iif(${IS_REFUSED}, ${REFUSED}, ${same})` : same;
  const elsewhere = reachedElsewhereSql(
    ...(["dispatch.campaign_id", "dispatch.person", "dispatch.row_user_id"] as const),
  );
  const excluded = anyExcluded ? `iif(${elsewhere}, ${EXCLUDED}, ${refused})` : refused;
  const stopsSql = anySuppressed ? `iif(${suppressed}, ${SUPPRESSED}, ${excluded})` : excluded;
  const candidate = `
    select row_number, attempts, holds, capped, phone, ${anyUserIds ? "row_user_id" : "null"},
      region, value_list, ${stopsSql},
      ${anyUserIds ? "coalesce(cast(person as text), row_user_id)" : "person"}, zone, bucket, price, arm
    from dispatch
  `;
  return {
    due: statement<[number, number, number, number, number], Candidate>(`
        ${candidate} indexed by dispatch_held
        where campaign_id = ? and lane_place = ? and status = 'held' and held_until <= ? and bucket <= ?
        order by held_until, row_number limit ?
      `).raw(),
    pending: statement<[number, number, number, number, number], Candidate>(`
        ${candidate} indexed by dispatch_pending
        where campaign_id = ? and lane_place = ? and zone = ? and status = 'pending'
          and bucket <= ?
        order by bucket, row_number limit ?
      `).raw(),
    // By the primary key, which the plus leaves.
    inRowOrder: statement<[number, number, number, number, number, number], Candidate>(`
        ${candidate}
        where campaign_id = ? and row_number > ? and row_number <= ? and lane_place = ? and zone = ?
          and +status = 'pending'
        order by row_number limit ?
      `).raw(),
    blockEnd: statement<
      [{ campaign: number; lane: number; zone: number; stops: number; most: number }],
      number | null
    >(`
        with block as materialized (
          select row_number, ${stopsSql} as stops from dispatch indexed by dispatch_pending
          where campaign_id = @campaign and lane_place = @lane and zone = @zone
            and status = 'pending'
          order by bucket, row_number limit @most
        )
        select coalesce(
          min(row_number) filter (where stops <> cast(@stops as bigint)), max(row_number) + 1
        )
        from block
      `).pluck(),
  };
}

/**
 * SQL for the place of another dispatch of the campaign that, as an answer or a receipt has
 * reported since planning, is for the same person, and goes before this one: it was posted or
 * ended, or waits too and is the earlier row. 0 when there is none.
 */
function sameRowSql(): string {
  const goesBefore = `same.campaign_id = dispatch.campaign_id and same.value_list is not null
    and same.row_number <> dispatch.row_number
    and (same.status not in ('pending', 'held') or same.row_number < dispatch.row_number)`;
  return `coalesce(
    (
      select min(same.place) from alias_user
      cross join dispatch as same indexed by dispatch_row_user
        on ${goesBefore} and same.row_user_id is not null and same.row_user_id = alias_user.user_id
      where alias_user.person = dispatch.person
    ),
    (
      select min(same.place) from alias_user indexed by alias_user_by_user
      cross join dispatch as same indexed by dispatch_person
        on ${goesBefore} and same.person = alias_user.person
      where alias_user.user_id = dispatch.row_user_id
    ),
    0
  )`;
}
