// Puts recipients into the ledger as dispatches, each person once per campaign. Never touches what
// was sent.

import type { Fingerprint, Frozen } from "../../domain/campaign/campaign.ts";
import type { PlanningReason } from "../../domain/campaign/dispatch.ts";
import type { PlannedRow } from "../../domain/campaign/row.ts";
import { assert } from "../../domain/common/errors.ts";
import { winsOver } from "../../domain/planning/duplicates.ts";
import type { PlanRules, Replanned } from "../../domain/planning/rows.ts";
import type { Verdict } from "../../domain/recipient/screen.ts";
import type { Canceller } from "../campaigns/cancel.ts";
import type { Exclusions } from "../campaigns/exclusions.ts";
import { frozenJson, frozenOfJson } from "../campaigns/frozen-json.ts";
import type { Tallies } from "../campaigns/tallies.ts";
import type { Tests } from "../campaigns/tests.ts";
import type { Ahead, Changes, Op, Verb } from "../engine.ts";
import { ahead } from "../engine.ts";
import { GONE_FROM } from "../file/schema.ts";
import type { Aliases } from "../people/aliases.ts";
import type { Eraser } from "../people/erasure.ts";
import type { Forgotten } from "../people/forgotten.ts";
import type { Suppressions } from "../people/suppressions.ts";
import type { Reach } from "../sending/reach.ts";
import type { Allot, Allotment } from "./allotments.ts";
import { allotTo, makeAllotments, NOTHING } from "./allotments.ts";
import type { Facts, Known, Person, Screened, SkipVerdict } from "./known-people.ts";
import { factsOf, makeKnownPeople, OPTED_OUT, piecesToLookUp } from "./known-people.ts";
import type { Existing, Key, RowColumns, SkippedColumns } from "./planning-sql.ts";
import { GROUP, keyOf, preparePlanning, REPLACEABLE } from "./planning-sql.ts";

/** A row that is to be sent to and that the ledger does not have. */
interface Fresh extends Replanned {
  key: Key;
  who: string;
  values: string;
}

/** What planning asks for each row, and how far it is. */
interface Course extends Screened {
  /** Undefined: rows are given nothing. */
  allot: Allot | undefined;
  /** The last number that was planned before. */
  before: number;
  /** Rows that are put in together: those that are sent to, and the columns of the others. */
  group: Fresh[];
  skipped: SkippedColumns[];
}

const PERHAPS_REACHED =
  "An attempt from before the row was skipped may have reached this person, and its receipt was not waited for.";

const DAMAGED: readonly PlanningReason[] = ["ragged_row", "cut_off_row"];

/**
 * The verbs of the contract that plan; `plan` and `finishPlanning` need a transaction
 * around them.
 */
export function makePlanning(parts: {
  aliases: Aliases;
  suppressions: Suppressions;
  exclusions: Exclusions;
  forgotten: Forgotten;
  canceller: Canceller;
  eraser: Eraser;
  reach: Reach;
  tallies: Tallies;
  tests: Tests;
}) {
  const { aliases, suppressions, exclusions, forgotten, canceller, eraser, reach, tallies, tests } =
    parts;
  const sql = preparePlanning();
  const { lookUp, stopsOf } = makeKnownPeople({ aliases, suppressions, exclusions, forgotten });
  const allotmentsFor = makeAllotments();

  /** What screening's verdict becomes when the ledger has its say. */
  function* judge(
    campaign: number,
    { number, row }: Replanned,
    { key, who }: Person,
    screened: Screened,
  ): Verb<Verdict> {
    const [stopped] = yield* stopsOf(campaign, [{ key, who }], screened);
    if (stopped !== undefined) return stopped;
    const others = yield* sql.samePerson.all({ campaign, number, ...key });
    const first = others.find((other) => winsOver(other, row.row));
    if (first !== undefined) return duplicateOf(first.place);
    const { reason, detail } = duplicateOf(row.row);
    for (const other of others) yield* sql.giveWay.run(reason, detail, campaign, other.number);
    return row.verdict;
  }

  function* replace(
    campaign: number,
    planned: Replanned,
    { key, who }: Person,
    screened: Course,
  ): Verb<void> {
    const { number, row } = planned;
    const existing = yield* sql.byRow.get(campaign, number);
    if (existing !== undefined && !REPLACEABLE.includes(existing.status)) return;
    if (existing !== undefined && existing.attempts > 0 && !isSame(existing, key)) {
      // The person who had the row before could not be found in it when they are to be forgotten.
      yield* eraser.answers({ campaign, from: number, to: number });
      yield* sql.giveAway.run(campaign, number);
    }
    const isSkipped = row.verdict.kind === "skip";
    const verdict = isSkipped
      ? row.verdict
      : yield* judge(campaign, planned, { key, who }, screened);
    const given =
      verdict.kind === "send" ? yield* allotTo({ row, key, who }, screened.allot) : NOTHING;
    if (existing === undefined) yield* insert(campaign, planned, key, verdict, given);
    else if (verdict.kind === "send") {
      const content = contentOf(campaign, planned, key);
      yield* sql.resend.run({ ...content, values: verdict.values, ...given });
      if (existing.status === "skipped" && existing.attempts > 0) yield* doubt(campaign, number);
    } else {
      const { reason, detail } = verdict;
      yield* sql.reskip.run({
        ...contentOf(campaign, planned, key),
        reason,
        detail,
        cells: row.cells,
      });
    }
  }

  /**
   * A receipt of what was attempted for a row has no effect while it is skipped: when the row is to
   * be sent to again, it is not known whether its person has the message by now.
   */
  function* doubt(campaign: number, number: number): Verb<void> {
    const { changes } = yield* sql.doubt.run({ campaign, number, message: PERHAPS_REACHED });
    if (changes > 0) yield* reach.lookAgain([{ campaign, row: number }]);
  }

  /** Changes nothing when the row, or a row of the same person, is there already. */
  function insert(
    campaign: number,
    planned: Replanned,
    key: Key,
    verdict: Verdict,
    { lane, zone, bucket, price, arm }: Allotment,
  ): Op<Changes> {
    const columns = columnsOf(campaign, planned, key);
    if (verdict.kind === "send")
      return sql.insertPending.run(...columns, verdict.values, lane, zone, bucket, price, arm);
    return sql.insertSkipped.run(...columns, planned.row.cells, verdict.reason, verdict.detail);
  }

  /**
   * Puts in a row of a person who was forgotten, when it is one; returns whether it is. Neither
   * their number nor anything else of the row is kept, for whatever reason it is skipped.
   */
  function* skipForgotten(
    campaign: number,
    { number, row: planned }: Replanned,
    key: Key,
    now: number,
  ): Verb<boolean> {
    const entry = yield* forgotten.findAmong([key.person, key.userId]);
    if (entry === undefined) return false;
    const names = [key.person, key.userId].filter((name) => name !== null);
    if (!isDamaged(planned)) yield* forgotten.learn(entry, names);
    const { row: place, line, region, verdict } = planned;
    const reason = verdict.kind === "skip" ? verdict.reason : OPTED_OUT.reason;
    const at = Math.round(now);
    const values = { campaign, number, place, line, region, reason, now: at };
    const { changes } = yield* sql.skipForgotten.run(values);
    // What was attempted for the person who had the row before would hang on nobody.
    if (changes > 0) yield* eraser.rows({ campaign, from: number, to: number }, at);
    return true;
  }

  /**
   * That a number and a user id are one person's; not of a row whose cells may stand under other
   * columns than theirs. Returns whether it was news.
   */
  function* learn(row: PlannedRow, { person, userId }: Key, now: number): Verb<boolean> {
    if (person === null || userId === null || isDamaged(row)) return false;
    const before = forgotten.learned();
    return (yield* aliases.learn([person, userId], now)) || forgotten.learned() !== before;
  }

  /**
   * Puts rows in together; only those that are not in afterwards, because of their person, are
   * looked at one by one.
   */
  function* insertGroup(campaign: number, group: readonly Fresh[], screened: Course): Verb<void> {
    const [first, last] = [group[0], group.at(-1)];
    if (first === undefined || last === undefined) return;
    let left = group;
    if (group.length === GROUP) {
      const { allot } = screened;
      const allotments = allot === undefined ? undefined : yield* allot(group);
      const isNamed =
        allotments !== undefined ||
        group.some(({ row, key }) => (key.userId ?? row.recipientId) !== null);
      const statement = isNamed ? sql.insertNamedGroup : sql.insertGroup;
      const values: unknown[] = [];
      for (const [at, { number, row, key, values: text }] of group.entries()) {
        const { phone, person, userId } = key;
        values.push(campaign, number, row.row, row.line, row.hash, phone, person);
        values.push(row.region, text);
        if (!isNamed) continue;
        const { lane, zone, bucket, price, arm } = allotments?.[at] ?? NOTHING;
        values.push(userId, row.recipientId, lane, zone, bucket, price, arm);
      }
      if ((yield* statement.run(...values)).changes === GROUP) return;
      const found = new Set(yield* sql.rowNumbers.all(campaign, first.number, last.number));
      left = group.filter(({ number }) => !found.has(number));
    }
    const inserted: Ahead<Changes>[] = [];
    for (const { key, who, values, ...planned } of left) {
      const verdict: Verdict = { kind: "send", values };
      const given = yield* allotTo({ row: planned.row, key, who }, screened.allot);
      inserted.push(yield* ahead(insert(campaign, planned, key, verdict, given)));
    }
    for (const [at, { key, who, ...planned }] of left.entries()) {
      if ((yield* inserted[at] as Ahead<Changes>).changes === 0)
        yield* replace(campaign, planned, { key, who }, screened);
    }
  }

  /** Plans one row, as all that is known of its person has it. */
  function* planRow(
    campaign: number,
    { number, row, key }: Replanned & { key: Key },
    { who, stop, hasOtherNames }: Facts,
    screened: Course,
  ): Verb<void> {
    const verdict = row.verdict.kind === "send" && stop !== undefined ? stop : row.verdict;
    if (verdict.kind === "send" && hasOtherNames) {
      yield* insertGroup(campaign, screened.group.splice(0), screened);
      yield* replace(campaign, { number, row }, { key, who }, screened);
    } else if (verdict.kind === "send" && number > screened.before) {
      const size = screened.group.push({ number, row, key, who, values: verdict.values });
      if (size === GROUP) yield* insertGroup(campaign, screened.group.splice(0), screened);
    } else if (verdict.kind === "skip" && number > screened.before) {
      const columns = columnsOf(campaign, { number, row }, key);
      screened.skipped.push([...columns, row.cells, verdict.reason, verdict.detail]);
    } else {
      const given =
        verdict.kind === "send" ? yield* allotTo({ row, key, who }, screened.allot) : NOTHING;
      if ((yield* insert(campaign, { number, row }, key, verdict, given)).changes === 0)
        yield* replace(campaign, { number, row }, { key, who }, screened);
    }
  }

  /**
   * Plans rows as dispatches: new ones behind those that there are, and ones that may be replaced.
   */
  function* planAll(
    campaign: number,
    rows: Iterable<PlannedRow>,
    numberOf: (row: PlannedRow, at: number) => number,
    { now, rules = {} }: { now: number; rules: PlanRules | undefined },
  ): Verb<void> {
    // It is not known any more who got the message.
    assert((yield* sql.isErased.get(campaign)) === 0, "nothing is planned into a purged campaign");
    yield* tallies.changed(campaign, 1);
    const screened: Course = {
      isAnyForgotten: yield* forgotten.isAny(),
      suppressed: yield* suppressions.isAnybodySuppressed(),
      excluded: yield* exclusions.isAny(campaign),
      holdOuts: rules.holdOuts ?? [],
      isSplit: (rules.holdOuts ?? []).length > 0 || rules.split !== undefined,
      // Nobody has two names to be known by as long as there are only numbers, and nothing is
      // looked up.
      hasUserIds: (yield* sql.anyUserIds.get(campaign)) === 1,
      allot: yield* allotmentsFor(campaign, rules),
      before: (yield* sql.plannedBefore.get(campaign)) as number,
      group: [],
      skipped: [],
    };
    let last = 0;
    let at = 0;
    for (const piece of piecesToLookUp(rows)) {
      const keys = piece.map(keyOf);
      let known: Known | undefined = yield* lookUp(campaign, keys, screened);
      for (const [place, row] of piece.entries()) {
        const number = numberOf(row, at);
        at += 1;
        last = Math.max(last, number);
        const key = keys[place] as Key;
        if (screened.isAnyForgotten && known?.forgotten[place] !== false) {
          if (yield* skipForgotten(campaign, { number, row }, key, now)) {
            known = undefined;
            continue;
          }
        }
        if (key.userId !== null) {
          const isFirst = !screened.hasUserIds;
          screened.hasUserIds = true;
          if ((yield* learn(row, key, now)) || isFirst) known = undefined;
        }
        // What the ledger has learnt since the look may concern this row.
        const looked = known ?? (yield* lookUp(campaign, [key], screened));
        const facts = factsOf(looked, known === undefined ? 0 : place);
        yield* planRow(campaign, { number, row, key }, facts, screened);
      }
      yield* ahead(sql.insertAllSkipped.insertEach(screened.skipped.splice(0)));
    }
    yield* insertGroup(campaign, screened.group, screened);
    yield* sql.planned.run(last, campaign);
    // The operator may cancel in another process while this one plans.
    if (yield* canceller.isCancelled(campaign)) {
      yield* canceller.cancelPending(campaign);
      yield* canceller.cancelHeld(campaign);
    }
  }

  return {
    *plan(
      campaign: number,
      rows: Iterable<PlannedRow>,
      now: number,
      rules?: PlanRules,
    ): Verb<void> {
      // In the first planning a dispatch has the number of its row.
      yield* planAll(campaign, rows, ({ row }) => row, { now, rules });
    },

    *replan(
      campaign: number,
      rows: readonly Replanned[],
      now: number,
      rules?: PlanRules,
    ): Verb<void> {
      const numberOf = (_: PlannedRow, at: number) => (rows[at] as Replanned).number;
      yield* planAll(
        campaign,
        rows.map(({ row }) => row),
        numberOf,
        { now, rules },
      );
      yield* sql.reopen.run({ campaign, now: Math.round(now) });
    },

    *finishPlanning(
      campaign: number,
      plan: {
        frozen: Frozen;
        recipients: Fingerprint;
        columns: string[];
        rows: number;
        now: number;
      },
    ): Verb<void> {
      yield* tallies.changed(campaign, 1);
      // Of a source that was planned before, rows that it has no more were removed already.
      if ((yield* sql.isFirst.get(campaign)) === 1)
        yield* sql.removeBeyond.run(campaign, plan.rows);
      const before = (yield* sql.frozen.get(campaign)) ?? "{}";
      yield* tests.keepArms(campaign, plan.frozen);
      yield* sql.finish.run({
        campaign,
        frozen: frozenJson(plan.frozen, frozenOfJson(before)),
        columns: JSON.stringify(plan.columns),
        size: plan.recipients.size,
        modifiedMs: plan.recipients.modifiedMs,
        sha256: plan.recipients.sha256,
        rows: plan.rows,
        now: Math.round(plan.now),
      });
    },
  };
}

function columnsOf(campaign: number, { number, row }: Replanned, key: Key): RowColumns {
  const { row: place, line, hash, region, recipientId } = row;
  const { phone, person, userId } = key;
  return [campaign, number, place, line, hash, phone, person, region, recipientId, userId];
}

function contentOf(campaign: number, { number, row }: Replanned, key: Key) {
  const { row: place, line, hash, region, recipientId } = row;
  return { campaign, number, place, line, hash, region, recipientId, ...key };
}

function duplicateOf(place: number): SkipVerdict {
  return { kind: "skip", reason: "duplicate", detail: duplicateDetail(place) };
}

/** Which other row has the person; `place` may be that of a row which the source has no more. */
export function duplicateDetail(place: number): string {
  const other = place < GONE_FROM ? `row ${place}` : "a row that the file has no more";
  return `The same person as ${other}.`;
}

/** Its cells may stand under other columns than theirs. */
function isDamaged({ verdict }: PlannedRow): boolean {
  return verdict.kind === "skip" && DAMAGED.includes(verdict.reason);
}

function isSame(existing: Existing, { person, userId }: Key): boolean {
  const isPerson = person !== null && existing.person === person;
  return isPerson || (userId !== null && existing.userId === userId);
}
