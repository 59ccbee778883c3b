// Brings the dispatches of a campaign up to date with a source that changed: where their rows are,
// and which are gone. What is planned again goes through planning.ts.

import type { Replanning } from "../../domain/campaign/campaign.ts";
import type { KnownRow } from "../../domain/campaign/row.ts";
import { assert } from "../../domain/common/errors.ts";
import type {
  IdFaults,
  Move,
  OtherNames,
  PlannedValues,
  RowNames,
} from "../../domain/planning/rows.ts";
import type { Name } from "../../domain/receipts/match.ts";
import type { Tallies } from "../campaigns/tallies.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import { digitsToInteger, isDigits } from "../file/digits.ts";
import { GONE_FROM } from "../file/schema.ts";
import type { Aliases } from "../people/aliases.ts";
import type { Forgotten } from "../people/forgotten.ts";

/** The verbs of the contract that compare a source with what was planned of it. */
export function makeReplanning(parts: {
  aliases: Aliases;
  forgotten: Forgotten;
  tallies: Tallies;
}) {
  const { aliases, forgotten, tallies } = parts;
  const sql = prepare();

  function* otherNamesOf(who: RowPerson): Verb<OtherNames | undefined> {
    const given = namesOf(who);
    const names = yield* aliases.namesOf(given);
    const isForgotten = (yield* forgotten.entryOf(names)) !== undefined;
    const others = names.filter((name) => !given.includes(name));
    if (others.length === 0 && !isForgotten) return undefined;
    const persons = others.filter((name) => typeof name === "number");
    return { persons, userIds: others.filter((name) => typeof name === "string"), isForgotten };
  }

  return {
    *knownRows(campaign: number, after: number, limit: number): Verb<KnownRow[]> {
      return yield* sql.known.all(campaign, after, limit);
    },

    *otherNames(people: readonly RowPerson[]): Verb<(OtherNames | undefined)[]> {
      const others: (OtherNames | undefined)[] = [];
      for (const who of people) others.push(yield* otherNamesOf(who));
      return others;
    },

    *plannedValues(campaign: number, numbers: readonly number[]): Verb<PlannedValues[]> {
      const planned: PlannedValues[] = [];
      for (const number of numbers) {
        const found = yield* sql.values.get(campaign, number);
        if (found === undefined) continue;
        const { phone, ...rest } = found;
        planned.push({ ...rest, phone: phone === null ? null : `+${phone}` });
      }
      return planned;
    },

    *beginReplanning(campaign: number, how: Replanning): Verb<void> {
      yield* sql.begin.run(how, campaign);
    },

    *removeRows(campaign: number, numbers: readonly number[]): Verb<void> {
      for (const number of numbers) {
        yield* sql.remove.run(campaign, number);
        yield* sql.leave.run(campaign, number);
      }
      yield* tallies.changed(campaign, numbers.length);
    },

    *moveRows(campaign: number, moves: readonly Move[]): Verb<void> {
      for (const move of moves) yield* sql.move.run({ campaign, ...move });
    },

    *idFaults(campaign: number): Verb<IdFaults> {
      const faults = (all: { rows: number; first: string }): { rows: number; first: number[] } => ({
        rows: all.rows,
        first: JSON.parse(all.first) as number[],
      });
      const [empty, repeated] = [
        yield* sql.emptyIds.get(campaign),
        yield* sql.repeatedIds.get(campaign),
      ];
      assert(empty !== undefined && repeated !== undefined, "an aggregate has one row");
      return { empty: faults(empty), repeated: faults(repeated) };
    },

    *renameRows(campaign: number, names: readonly RowNames[], now: number): Verb<void> {
      for (const { number, recipientId, ...who } of names) {
        yield* sql.rename.run(recipientId, campaign, number);
        if (who.person !== null && who.userId !== null) yield* aliases.learn(namesOf(who), now);
      }
    },
  };
}

/** Who a row is for: a person, a user id, or both. */
export interface RowPerson {
  /** Digits. */
  person: string | null;
  userId: string | null;
}

function namesOf({ person, userId }: RowPerson): (Name | null)[] {
  return [person !== null && isDigits(person) ? digitsToInteger(person) : null, userId];
}

/** SQL for how many places a query has, and the first of them. */
function faultsSql(places: string): string {
  return `
    with fault as materialized (${places})
    select (select count(*) from fault) as rows,
      (
        select '[' || coalesce(string_agg(cast(place as text), ',' order by place), '') || ']'
        from (select place from fault order by place limit 3) as shown
      ) as first
  `;
}

/**
 * SQL: the cells of the row may stand under other columns than theirs, so that it names nobody for
 * sure.
 */
const IS_DAMAGED = "reason in ('ragged_row', 'cut_off_row')";

function prepare() {
  return {
    known: statement<[number, number, number], KnownRow>(`
      select row_number as number, iif(place < ${GONE_FROM}, place, null) as place, line,
        iif(erased_at is null, hash, null) as hash, person, row_user_id as "userId",
        recipient_id as "recipientId", status, reason
      from dispatch where campaign_id = ? and row_number > ? order by row_number limit ?
    `),
    values: statement<[number, number], Omit<PlannedValues, "phone"> & { phone: number | null }>(`
      select row_number as number, phone, row_user_id as "userId", value_list as "values"
      from dispatch where campaign_id = ? and row_number = ? and value_list is not null
    `),
    emptyIds: statement<[number], { rows: number; first: string }>(
      faultsSql(`
        select place from dispatch
        where campaign_id = ? and place < ${GONE_FROM} and recipient_id is null and erased_at is null
      `),
    ),
    repeatedIds: statement<[number], { rows: number; first: string }>(
      faultsSql(`
        select place from (
          select place, row_number() over (partition by recipient_id order by place) as turn
          from dispatch
          where campaign_id = ? and place < ${GONE_FROM} and recipient_id is not null
        ) as named where turn > 1
      `),
    ),
    begin: statement("update campaign set replanning = ? where id = ?"),
    leave: statement(`
      update dispatch set place = ${GONE_FROM} + row_number
      where campaign_id = ? and row_number = ?
    `),
    // An erased one keeps its reason: nothing of its row is known, and it is not planned again.
    remove: statement(`
      update dispatch set status = 'skipped', reason = 'removed',
        detail = 'Its row is no longer in the file.', value_list = null, withheld_list = null,
        arm = iif(attempts > 0, arm, 0), held_until = null, error_code = null, error_message = null,
        phone = iif(${IS_DAMAGED}, null, phone), person = iif(${IS_DAMAGED}, null, person),
        row_user_id = iif(${IS_DAMAGED}, null, row_user_id)
      where campaign_id = ? and row_number = ? and status in ('pending', 'held', 'skipped')
        and erased_at is null
    `),
    move: statement(`
      update dispatch set place = @place, line = @line,
        hash = iif(cast(@hash as bigint) is null or erased_at is not null, hash, @hash)
      where campaign_id = @campaign and row_number = @number
    `),
    rename: statement(`
      update dispatch set recipient_id = coalesce(?, recipient_id)
      where campaign_id = ? and row_number = ? and erased_at is null
    `),
  };
}
