// Keeps what people ordered, and finds whose orders they are in a campaign: by any name of the
// person. Decides nothing about what they are worth.

import { SKIPPED_BY_CLAIM } from "../../domain/campaign/dispatch.ts";
import { assert } from "../../domain/common/errors.ts";
import type {
  Conversion,
  ConversionImport,
  GroupCost,
  GroupCounts,
  KeptConversions,
  MatchedOrder,
  WorthCounts,
} from "../../domain/worth/conversion.ts";
import { onceEach, revenueOf, WINDOW_MS } from "../../domain/worth/conversion.ts";
import type { Verb } from "../engine.ts";
import { setStatement, statement } from "../engine.ts";
import { digitsToInteger } from "../file/digits.ts";
import { anySql, LAST_FIRST_CLAIM, neverSentSql } from "../looks.ts";
import type { Forgotten } from "../people/forgotten.ts";
import { IS_FREE } from "../sending/budget.ts";
import { frozenOfJson } from "./frozen-json.ts";

/** A conversion as its table has it. */
type Columns = [
  orderId: string,
  person: number | null,
  userId: string | null,
  recipientId: string | null,
  at: number,
  value: number | null,
  currency: string | null,
];

/** Orders of a span of time, of which a campaign's people are looked for. */
interface MatchSpan {
  campaign: number;
  from: number;
  until: number;
}

type Match = [
  orderId: string,
  row: number,
  arm: number,
  isOut: 0 | 1,
  value: number | null,
  currency: string | null,
];

/**
 * SQL: the dispatch `d` is not skipped by planning: its person is in a group of their campaign. Who
 * opts out before their message stays in it, as those who are kept out do.
 */
const IS_ASSIGNED = `(d.status <> 'skipped'
  or d.reason in ('hold_out', 'frequency_cap', 'refused_country')
  or d.detail in ('${SKIPPED_BY_CLAIM.opted_out}', '${SKIPPED_BY_CLAIM.reached_by_campaign}')
  or (d.arm > 0 and d.reason is distinct from 'duplicate'))`;

const IS_OUT = "iif(d.status = 'skipped' and d.reason = 'hold_out', 1, 0)";

/** SQL: the message of the dispatch `d` is billed. */
const IS_BILLED = `(d.status in ('delivered', 'read') and not ${IS_FREE})`;

/** The verbs of the contract around orders; those that write need a transaction around them. */
export function makeConversions(forgotten: Forgotten) {
  const sql = prepare();

  /** The orders of a span that are of people in one of the campaign's groups. */
  function* matchesIn(span: MatchSpan): Verb<MatchedOrder[]> {
    if ((yield* sql.any.get(span.from, span.until)) !== 1) return [];
    const found = [
      ...(yield* sql.byName.all(span)),
      ...((yield* sql.anyRecipient.get()) === 1 ? yield* sql.byRecipient.all(span) : []),
    ];
    return onceEach(
      found.map(([orderId, row, arm, isOut, value, currency]) => ({
        ...{ orderId, row, arm, isOut: isOut === 1, value, currency },
      })),
    );
  }

  function* lastImport(): Verb<ConversionImport | null> {
    return (yield* sql.lastImport.get()) ?? null;
  }

  function* groupsOf(campaign: number, matches: readonly MatchedOrder[]): Verb<GroupCounts[]> {
    const rows = yield* sql.groups.all(campaign);
    const names = new Map(yield* sql.arms.all(campaign));
    const keys = [...new Set(rows.map(({ isOut, arm }) => (isOut === 1 ? -1 : arm)))];
    // The rest comes last.
    const placed = keys.sort((a, b) => (a || Number.MAX_VALUE) - (b || Number.MAX_VALUE));
    const outPeople = (yield* sql.outPeople.get(campaign)) ?? 0;
    return placed.map((key) => {
      const mine = rows.filter(({ isOut, arm }) => (isOut === 1 ? -1 : arm) === key);
      const orders = matches.filter(({ isOut, arm }) => (isOut ? -1 : arm) === key);
      return {
        kind: key === -1 ? "hold_out" : key === 0 ? "rest" : "arm",
        name: names.get(key) ?? null,
        people: key === -1 ? outPeople : mine.reduce((sum, { people }) => sum + people, 0),
        ordered: new Set(orders.map(({ row }) => row)).size,
        revenue: revenueOf(orders),
        costs: mine.flatMap(({ messages, region, currency, cost, planned }) =>
          messages === 0
            ? []
            : [{ messages, region, currency, cost: cost ?? 0, planned: planned ?? 0 }],
        ),
      };
    });
  }

  return {
    *keepConversions(entries: readonly Conversion[]): Verb<KeptConversions> {
      const kept = { added: 0, changed: 0, known: 0, forgotten: 0 };
      const rows: Columns[] = [];
      for (const one of entries) {
        const person = one.person === null ? null : digitsToInteger(one.person);
        if ((yield* forgotten.entryOf([person, one.userId])) !== undefined) kept.forgotten += 1;
        else {
          const { orderId, userId, recipientId, value, currency } = one;
          rows.push([orderId, person, userId, recipientId, Math.round(one.at), value, currency]);
        }
      }
      const before = yield* sql.known.getEach(rows.map(([orderId]) => [orderId]));
      const news: Columns[] = [];
      for (const [at, row] of rows.entries()) {
        const known = before[at];
        if (known === undefined) news.push(row);
        else if (row.every((cell, place) => cell === known[place])) kept.known += 1;
        else {
          const [orderId, ...cells] = row;
          yield* sql.change.run(...cells, orderId);
          kept.changed += 1;
        }
      }
      yield* sql.add.insertEach(news);
      return { ...kept, added: news.length };
    },

    *keepConversionImport({ at, file }: ConversionImport): Verb<void> {
      yield* sql.addImport.run(Math.round(at), file);
    },

    matchesIn,
    lastImport,

    *worthOf(campaign: number): Verb<WorthCounts | null> {
      const kept = yield* sql.frozen.get(campaign);
      // Of a campaign that is purged nobody's orders can be found.
      if (kept === undefined || kept.erasedAt !== null) return null;
      const { frozen } = frozenOfJson(kept.frozen);
      const span = yield* sql.span.get(campaign);
      assert(span !== undefined, "an aggregate has one row");
      const { from, last, open } = span;
      const windowMs = Number(frozen["conversions.window"] ?? WINDOW_MS);
      const until = last === null ? null : last + windowMs;
      const matches =
        from === null || until === null ? [] : yield* matchesIn({ campaign, from, until });
      const groups = yield* groupsOf(campaign, matches);
      const hasHoldOut = groups.some(({ kind }) => kind === "hold_out");
      if (!hasHoldOut && matches.length === 0) return null;
      return { from, last, windowMs, open, imported: yield* lastImport(), groups };
    },

    /** Erases the orders of a person, and of the rows that are theirs. */
    *forgetConversions(
      names: readonly (number | string)[],
      rows: readonly { campaign: number; row: number }[],
    ): Verb<void> {
      for (const { campaign, row } of rows) yield* sql.dropOfRow.run({ campaign, row });
      for (const name of names) {
        yield* typeof name === "number" ? sql.dropPerson.run(name) : sql.dropUser.run(name);
      }
    },
  };
}

export type Conversions = ReturnType<typeof makeConversions>;

interface GroupRow extends Omit<GroupCost, "cost" | "planned"> {
  isOut: 0 | 1;
  arm: number;
  people: number;
  cost: number | null;
  planned: number | null;
}

function prepare() {
  const inSpan = "between cast(@from as bigint) and cast(@until as bigint)";
  const columns = `c.order_id, d.row_number, d.arm, ${IS_OUT}, c.value, c.currency`;
  const ofCampaign = `d.campaign_id = @campaign and ${IS_ASSIGNED}`;
  const skipped = "d.value_list is null and d.status = 'skipped'";
  return {
    known: setStatement<[string], Columns>(
      `select order_id, person, user_id, recipient_id, ordered_at, value, currency
      from conversion where order_id = ?`,
      "text",
    ),
    add: setStatement<Columns>(
      `insert into conversion
        (order_id, person, user_id, recipient_id, ordered_at, value, currency)
      values (?, ?, ?, ?, ?, ?, ?)`,
      "text bigint text text bigint bigint text",
    ),
    change: statement(`
      update conversion set person = ?, user_id = ?, recipient_id = ?, ordered_at = ?, value = ?,
        currency = ? where order_id = ?
    `),
    addImport: statement("insert into conversion_import (imported_at, file) values (?, ?)"),
    lastImport: statement<[], ConversionImport>(
      "select imported_at as at, file from conversion_import order by imported_at desc, id desc limit 1",
    ),
    any: statement<[number, number], 0 | 1>(
      `select ${anySql("from conversion where ordered_at between cast(? as bigint) and cast(? as bigint)")}`,
    ).pluck(),
    anyRecipient: statement<[], 0 | 1>(
      `select ${anySql("from conversion where recipient_id is not null")}`,
    ).pluck(),
    // Each name of an order's person, then the rows under it: of people who are sent to, and of
    // those who are kept out.
    byName: statement<[MatchSpan], Match>(`
      with named (order_id, person, user_id) as (
        select order_id, person, user_id from conversion where ordered_at ${inSpan}
        union select c.order_id, a.other, cast(null as text) from conversion c
          cross join alias a on a.person = c.person where c.ordered_at ${inSpan}
        union select c.order_id, cast(null as bigint), u.user_id from conversion c
          cross join alias_user u on u.person = c.person where c.ordered_at ${inSpan}
        union select c.order_id, u.person, cast(null as text) from conversion c
          cross join alias_user u indexed by alias_user_by_user on u.user_id = c.user_id
          where c.ordered_at ${inSpan}
        union select c.order_id, cast(null as bigint), v.user_id from conversion c
          cross join alias_user u indexed by alias_user_by_user on u.user_id = c.user_id
          cross join alias_user v on v.person = u.person where c.ordered_at ${inSpan}
      ),
      matched (order_id, row_number) as (
        select n.order_id, d.row_number from named n cross join dispatch d
          on d.campaign_id = @campaign and d.person = n.person and d.value_list is not null
        union select n.order_id, d.row_number from named n cross join dispatch d
          on d.campaign_id = @campaign and d.row_user_id = n.user_id and d.value_list is not null
        union select n.order_id, d.row_number from named n cross join dispatch d
          indexed by dispatch_skipped_person
          on d.person = n.person and d.campaign_id = @campaign and ${skipped}
        union select n.order_id, d.row_number from named n cross join dispatch d
          indexed by dispatch_skipped_user
          on d.row_user_id = n.user_id and d.campaign_id = @campaign and ${skipped}
      )
      select ${columns} from matched m
      cross join conversion c on c.order_id = m.order_id
      cross join dispatch d on ${ofCampaign} and d.row_number = m.row_number
    `).raw(),
    byRecipient: statement<[MatchSpan], Match>(`
      select ${columns} from dispatch d
      cross join conversion c on c.recipient_id = d.recipient_id and c.ordered_at ${inSpan}
      where ${ofCampaign} and d.recipient_id is not null
    `).raw(),
    span: statement<[number], { from: number | null; last: number | null; open: number }>(`
      select min(claimed_at) as "from",
        ${LAST_FIRST_CLAIM} as last, count(*) filter (where ${neverSentSql()}) as open
      from dispatch where campaign_id = ?
    `),
    groups: statement<[number], GroupRow>(`
      select ${IS_OUT} as "isOut", d.arm as arm, iif(${IS_BILLED}, d.region, null) as region,
        iif(${IS_BILLED}, d.cost_currency, null) as currency, count(*) as people,
        count(*) filter (where ${IS_BILLED}) as messages,
        cast(sum(d.cost) filter (where ${IS_BILLED}) as bigint) as cost,
        cast(sum(d.price) filter (where ${IS_BILLED}) as bigint) as planned
      from dispatch d where d.campaign_id = ? and ${IS_ASSIGNED}
      group by 1, 2, 3, 4
    `),
    // Rows of one person who is kept out are one person.
    outPeople: statement<[number], number>(`
      select count(distinct d.person) + count(distinct iif(d.person is null, d.row_user_id, null))
        + count(*) filter (where d.person is null and d.row_user_id is null)
      from dispatch d where d.campaign_id = ? and ${IS_OUT} = 1
    `).pluck(),
    arms: statement<[number], [place: number, name: string]>(
      "select place, name from campaign_arm where campaign_id = ?",
    ).raw(),
    frozen: statement<[number], { frozen: string; erasedAt: number | null }>(
      'select frozen, erased_at as "erasedAt" from campaign where id = ?',
    ),
    dropPerson: statement("delete from conversion where person = ?"),
    dropUser: statement("delete from conversion where user_id = ?"),
    dropOfRow: statement(`
      delete from conversion where recipient_id in (
        select recipient_id from dispatch
        where campaign_id = @campaign and row_number = @row and recipient_id is not null
      )
    `),
  };
}
