// The rules that hold between the rows of a sound ledger, each as a query that must find nothing.
// Fixes nothing.

import type { Violation } from "../domain/ledger/ledger.ts";
import type { Verb } from "./engine.ts";
import { statement } from "./engine.ts";
import { GONE_FROM } from "./file/schema.ts";
import { costSql } from "./sending/budget.ts";
import { HAS, mayBeOne, portfolioSql, WHO } from "./sending/reach.ts";

/** How many places are named of each broken rule. */
export const EXAMPLES_MAX = 10;

/** SQL: the counts that are kept of the campaign `c`; nothing while they are being made. */
const TALLY = "iif(substr(c.tally, 1, 1) = '{', c.tally, '{}')";

/** A rule; its query's only column is a short text that says where, without a phone number. */
interface Invariant {
  invariant: string;
  sql: string;
  /** It is about what is kept to be quick, and can be thrown away: see `dropDerived`. */
  isDerived?: true;
}

export const INVARIANTS: readonly Invariant[] = [
  {
    invariant: "the rows of a planned campaign are 1 to N without a hole",
    sql: `select c.name || ': ' || count(d.row_number) || ' dispatches, last row '
        || coalesce(max(d.row_number), 0) || ', ' || c.rows || ' rows planned'
      from campaign c left join dispatch d on d.campaign_id = c.id
      where c.state not in ('planning', 'cancelled') or c.recipients_size is not null
      group by c.id
      having count(d.row_number) <> c.rows or coalesce(max(d.row_number), 0) <> c.rows`,
  },
  {
    invariant: "the rows of the file are 1 to M without a hole, each one dispatch's",
    sql: `select c.name || ': ' || count(*) || ' rows, last row ' || max(d.place) || ', '
        || count(distinct d.place) || ' different'
      from campaign c join dispatch d on d.campaign_id = c.id
      where d.place < ${GONE_FROM} and c.recipients_size is not null and c.replanning is null
      group by c.id having count(*) <> max(d.place) or count(*) <> count(distinct d.place)`,
  },
  {
    invariant: "a person has at most one dispatch in a campaign that is not skipped",
    sql: `select 'campaign ' || campaign_id || ' rows '
        || string_agg(cast(row_number as text), ',' order by row_number)
      from dispatch where status <> 'skipped' and person is not null
      group by campaign_id, person having count(*) > 1`,
  },
  {
    invariant: "a user id has at most one dispatch in a campaign that is not skipped",
    sql: `select 'campaign ' || campaign_id || ' rows '
        || string_agg(cast(row_number as text), ',' order by row_number)
      from dispatch where status <> 'skipped' and row_user_id is not null
      group by campaign_id, row_user_id having count(*) > 1`,
  },
  {
    invariant: "the number of attempts is the number of answers, and one more while claimed",
    sql: `select d.campaign_id || '/' || d.row_number || ': ' || d.attempts || ' attempts, '
        || d.status
      from dispatch d
      where d.attempts <> iif(d.status = 'claimed', 1, 0) + (
        select count(*) from attempt a
        where a.campaign_id = d.campaign_id and a.row_number = d.row_number and a.stale = 0
      )`,
  },
  {
    invariant: "every attempt belongs to a dispatch",
    sql: `select a.campaign_id || '/' || a.row_number || ' attempt ' || a.attempt
      from attempt a left join dispatch d using (campaign_id, row_number)
      where d.row_number is null`,
  },
  {
    invariant: "attempts are numbered from 1 without a hole",
    sql: `select campaign_id || '/' || row_number from attempt where stale = 0
      group by campaign_id, row_number having max(attempt) <> count(*)`,
  },
  {
    invariant: "a message id stands behind every dispatch that Meta took",
    sql: `select d.campaign_id || '/' || d.row_number || ': ' || d.status
      from dispatch d
      where d.status in ('accepted', 'sent', 'delivered', 'read', 'expired') and not exists (
        select 1 from attempt a
        where a.campaign_id = d.campaign_id and a.row_number = d.row_number
          and (a.message_id = d.message_id or a.outcome = 'unknown')
      ) and coalesce(d.sent_at, d.delivered_at, d.read_at) is null and d.erased_at is null`,
  },
  {
    invariant: "what receipts reported belongs to a message",
    sql: `select campaign_id || '/' || row_number || ': ' || status from dispatch
      where (coalesce(sent_at, delivered_at, read_at) is not null
          or coalesce(path, pricing_type, pricing_category) is not null)
        and message_id is null and erased_at is null`,
  },
  {
    invariant: "a message has a cost only once it is delivered",
    sql: `select campaign_id || '/' || row_number || ': ' || status from dispatch
      where cost is not null and status not in ('delivered', 'read')`,
  },
  {
    invariant: "no dispatch of a cancelled campaign waits",
    sql: `select d.campaign_id || '/' || d.row_number || ': ' || d.status
      from campaign c join dispatch d on d.campaign_id = c.id
      where c.state = 'cancelled' and d.status in ('pending', 'held')`,
  },
  {
    invariant: "a dispatch goes by a lane of its campaign",
    sql: `select d.campaign_id || '/' || d.row_number || ': lane ' || d.lane_place
      from dispatch d left join campaign_lane l
        on l.campaign_id = d.campaign_id and l.place = d.lane_place
      where d.lane_place > 0 and l.lane is null`,
  },
  {
    invariant: "a finished campaign has no open dispatch",
    sql: `select d.campaign_id || '/' || d.row_number || ': ' || d.status
      from campaign c join dispatch d on d.campaign_id = c.id
      where c.state = 'finished' and d.status in ('pending', 'claimed', 'held')`,
  },
  {
    invariant: "every event of an applied webhook body is counted once",
    sql: `select reported || ' events, ' || counted || ' counted' from (
        select (select coalesce(sum(events), 0) from webhook_body) as reported,
          (select coalesce(sum(number), 0) from receipt_count) as counted
      ) as sums where reported <> counted`,
  },
  {
    invariant: "every receipt that is counted as parked is parked, beside a dispatch",
    sql: `select parked || ' parked, ' || counted || ' counted, ' || beside || ' beside a dispatch'
      from (
        select (select count(*) from parked_receipt) as parked,
          (select coalesce(sum(number), 0) from receipt_count where effect = 'parked') as counted,
          (select count(*) from parked_receipt join dispatch using (campaign_id, row_number))
            as beside
      ) as sums where parked <> counted or parked <> beside`,
  },
  {
    invariant: "the number of people who count for a day is theirs in the list",
    isDerived: true,
    sql: `select 'portfolio ' || id || ': ' || people || ' counted' from reach
      where people <> (select count(*) from reached where reach_id = reach.id)`,
  },
  {
    invariant: "whom a message may have reached counts for a day",
    isDerived: true,
    sql: `select d.campaign_id || '/' || d.row_number || ': ' || d.status
      from reach cross join campaign c on ${mayBeOne("reach.portfolio", portfolioSql("c"))}
      cross join dispatch d on d.campaign_id = c.id
      where d.claimed_at > reach.counted_from and ${HAS} and not exists (
          select 1 from reached r where r.reach_id = reach.id and r.person = ${WHO}
            and r.reached_at >= d.claimed_at
        )`,
  },
  {
    invariant: "nothing that a person gave is left of an erased dispatch",
    sql: `select d.campaign_id || '/' || d.row_number || ': ' || d.status from dispatch d
      where d.erased_at is not null and (
        d.hash <> 0 or d.value_list <> '[]' or d.status in ('pending', 'claimed', 'held')
        or coalesce(d.phone, d.person, d.wa_id) is not null
        or coalesce(d.user_id, d.row_user_id, d.recipient_id, d.cells, d.detail, d.withheld_list,
          d.message_id, d.error_message) is not null
        or exists (
          select 1 from attempt a
          where a.campaign_id = d.campaign_id and a.row_number = d.row_number and (
            a.message_id <> 'erased' or a.wa_id is not null
            or coalesce(a.message, a.details, a.fbtrace_id, a.next_detail, a.user_id) is not null
          )
        )
      )`,
  },
  {
    invariant: "every row of a purged campaign is erased, as far as the purge got",
    sql: `select c.name || ': row ' || d.row_number
      from campaign c join dispatch d on d.campaign_id = c.id
      where d.row_number <= c.erased_rows and d.erased_at is null`,
  },
  {
    invariant: "every keyed hash is on the suppression list, where nobody's number is beside it",
    sql: `select 'suppression ' || s.id from suppression s
      where (s.is_forgotten = 1) <> exists (select 1 from forgotten where suppression_id = s.id)
        or (s.is_forgotten = 1 and (coalesce(s.phone, s.person) is not null or s.user_id is not null))`,
  },
  {
    invariant: "at least what a campaign's messages may cost is taken from its budget",
    isDerived: true,
    sql: `select c.name || ': ' || b.spent || ' of ' || ${costSql("c.id", "b.currency")}
      from campaign_budget b join campaign c on c.id = b.campaign_id
      where b.counted_at is not null and b.spent < ${costSql("c.id", "b.currency")}`,
  },
  {
    invariant: "the counts that are kept of a campaign are those of its rows",
    isDerived: true,
    sql: `select c.name || ': ' || coalesce(json_extract(${TALLY}, '$.tally.counts'), 'no counts')
      from campaign c
      where substr(c.tally, 1, 1) = '{' and (
        cast(json_extract(${TALLY}, '$.tally.rows') as bigint)
          is distinct from (select count(*) from dispatch where campaign_id = c.id)
        or exists (
          select 1 from dispatch d where d.campaign_id = c.id group by d.status
          having count(*) is distinct from
            cast(json_extract(${TALLY}, '$.tally.counts.' || d.status) as bigint)
        )
      )`,
  },
  {
    invariant: "two numbers of one account are known in both orders",
    sql: `select 'alias learned at ' || a.learned_at from alias a
      left join alias b on b.person = a.other and b.other = a.person where b.person is null`,
  },
];

/** Looks for broken rules, and throws away what can be counted again. */
export function makeInvariants() {
  const rules = INVARIANTS.map(({ sql, ...rule }) => ({
    ...rule,
    examples: statement<[], string>(`${sql} limit ${EXAMPLES_MAX}`).pluck(),
  }));
  const forgetReached = statement("delete from reached");
  const forgetReach = statement("delete from reach");
  const countBudgets = statement("update campaign_budget set counted_at = null");
  const forgetTallies = statement("update campaign set tally = null");

  return {
    /** The rules that do not hold, each with a few places. Reads the whole ledger. */
    *violations(): Verb<Violation[]> {
      const broken: Violation[] = [];
      for (const { invariant, examples: query, isDerived } of rules) {
        const examples = yield* query.all();
        if (examples.length === 0) continue;
        broken.push({ invariant, examples, ...(isDerived && { isDerived }) });
      }
      return broken;
    },

    /** Throws away what can be counted again from the rows. */
    *dropDerived(): Verb<void> {
      yield* forgetReached.run();
      yield* forgetReach.run();
      yield* countBudgets.run();
      yield* forgetTallies.run();
    },
  };
}
