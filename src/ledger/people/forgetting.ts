// Forgets one person, under every name that the ledger knows of them. First what counts, all at
// once: their rows, and their place on the suppression list as a keyed hash. Then webhook bodies,
// some at a time; and at the very end the names that show who they are, so that what was
// interrupted can be done again.

import type { Forgetting, PersonKey, Traces } from "../../domain/ledger/erasure.ts";
import { withoutPerson } from "../../domain/ledger/erasure.ts";
import type { DispatchPlace, Name } from "../../domain/receipts/match.ts";
import type { Conversions } from "../campaigns/conversions.ts";
import type { Tallies } from "../campaigns/tallies.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import { digitsToInteger } from "../file/digits.ts";
import type { Reach } from "../sending/reach.ts";
import type { Eraser } from "./erasure.ts";
import type { Forgotten } from "./forgotten.ts";
import { base64Forms, namesIn } from "./forgotten.ts";
import type { Suppressions } from "./suppressions.ts";

/** More names than anybody has; beyond it they are other people's, by a mistake. */
const NAMES_MAX = 64;
/** Webhook bodies that are looked at in one step. */
const BODIES = 2_000;
/**
 * So many digits of a number are searched for in bodies, as text and in base64: all forms of it end
 * in them.
 */
const NEEDLE_DIGITS = 7;

interface FoundRow extends DispatchPlace {
  name: string;
  status: string;
}

interface Body {
  id: number;
  body: string;
}

/**
 * The verbs of the contract that forget a person; `forget` needs a transaction around
 * it.
 */
export function makeForgetting(parts: {
  conversions: Conversions;
  eraser: Eraser;
  forgotten: Forgotten;
  suppressions: Suppressions;
  reach: Reach;
  tallies: Tallies;
}) {
  const { conversions, eraser, forgotten, suppressions, reach, tallies } = parts;
  const sql = prepare();

  /** Every name that one of theirs leads to. */
  function* namesOf(who: PersonKey): Verb<Name[]> {
    const names: Name[] = ["person" in who ? digitsToInteger(who.person) : who.userId];
    const known = new Set(names);
    for (let at = 0; at < names.length && names.length < NAMES_MAX; at += 1) {
      const name = names[at] as Name;
      const others =
        typeof name === "number"
          ? [
              ...(yield* sql.others.all(name)),
              ...(yield* sql.userIds.all(name)),
              ...(yield* sql.suppressedUser.all(name)),
            ]
          : [...(yield* sql.persons.all(name)), ...(yield* sql.suppressedPerson.all(name))];
      for (const other of others as Name[]) {
        if (known.has(other)) continue;
        known.add(other);
        names.push(other);
      }
    }
    return names;
  }

  function* dispatchesOf(names: readonly Name[]): Verb<FoundRow[]> {
    const found = new Map<string, FoundRow>();
    for (const name of names) {
      const rows =
        typeof name === "number"
          ? [...(yield* sql.ofPerson.all(name)), ...(yield* sql.skippedOfPerson.all(name))]
          : [...(yield* sql.ofUser.all(name)), ...(yield* sql.skippedOfUser.all(name))];
      for (const row of rows) found.set(`${row.campaign}/${row.row}`, row);
    }
    return [...found.values()];
  }

  /** Rows and lists: all that decides whether they get another message. */
  function* eraseRows(
    names: readonly Name[],
    found: readonly FoundRow[],
    now: number,
  ): Verb<number> {
    let skipped = 0;
    yield* conversions.forgetConversions(names, found);
    for (const { campaign, row } of found) {
      // Their webhook bodies may name them by nothing else.
      yield* sql.rememberMessages.run({ campaign, row });
      skipped += yield* tallies.changed(campaign, (yield* sql.skip.run(campaign, row)).changes);
      const rows = { campaign, from: row, to: row };
      yield* eraser.parkedBeside(rows);
      yield* eraser.rows(rows, now);
    }
    for (const name of names) yield* sql.consent.run(String(name));
    yield* suppressions.removeNamed(names);
    yield* forgotten.add(names, now);
    yield* reach.rename(names, found);
    return skipped;
  }

  /** What a text that names them has in it, for SQLite; and whether one does. */
  function* searchFor(names: readonly Name[]): Verb<{
    needles: string;
    isTheirs: (text: string) => boolean;
  }> {
    const known = new Set(names);
    const messages = yield* sql.messages.all();
    const ends = names.map((name) => String(name).slice(-NEEDLE_DIGITS));
    return {
      needles: JSON.stringify([...ends, ...ends.flatMap(base64Forms), ...messages]),
      isTheirs: (text) =>
        namesIn(text).some((name) => known.has(name)) || messages.some((id) => mentions(text, id)),
    };
  }

  /**
   * Takes them out of the next webhook bodies; those that are not applied yet are read without them
   * when they are.
   */
  function* eraseBodies(
    names: readonly Name[],
    after: number,
  ): Verb<{ bodies: number; last: number }> {
    const { needles, isTheirs } = yield* searchFor(names);
    const last = ((yield* sql.lastBody.get(after)) as number | null) ?? after;
    let bodies = 0;
    for (const { id, body } of yield* sql.bodies.all({ after, last, needles })) {
      const rest = withoutPerson(body, isTheirs);
      if (rest === body) continue;
      yield* sql.setBody.run(rest, id);
      bodies += 1;
    }
    return { bodies, last };
  }

  /**
   * A click whose message was not known is on no row, and what tells it from others may have the
   * message's id in it.
   */
  function* eraseClicks(names: readonly Name[]): Verb<void> {
    const { needles, isTheirs } = yield* searchFor(names);
    for (const identity of yield* sql.clicks.all(needles)) {
      if (isTheirs(identity)) yield* sql.eraseClick.run(identity);
    }
  }

  return {
    *tracesOf(who: PersonKey): Verb<Traces> {
      const names = yield* namesOf(who);
      const found = yield* dispatchesOf(names);
      const waiting = found.filter(({ status }) => status === "pending" || status === "held");
      const isForgotten = (yield* forgotten.entryOf(names)) !== undefined;
      const listed = yield* suppressions.areListed(
        names.map((name) => ({
          person: typeof name === "number" ? name : null,
          userId: typeof name === "string" ? name : null,
        })),
      );
      return {
        campaigns: [...new Set(found.map(({ name }) => name))],
        dispatches: found.length,
        waiting: waiting.length,
        isSuppressed: listed.includes(true),
        isForgotten,
      };
    },

    *forget(who: PersonKey, after: number | null, now: number): Verb<Forgetting> {
      const instant = Math.round(now);
      const names = yield* namesOf(who);
      const found = yield* dispatchesOf(names);
      const flying = found.filter(({ status }) => status === "claimed");
      const busy = [...new Set(flying.map(({ name }) => name))];
      const nothing = { dispatches: 0, skipped: 0, bodies: 0, tag: "", next: null };
      if (busy.length > 0) return { ...nothing, busy };
      yield* eraser.leaveTrace();
      // Also when it goes on: a person may have been planned again in between, under a name that
      // was only then found to be theirs.
      const skipped = yield* eraseRows(names, found, instant);
      const tag = forgotten.tagOf(names[0] as Name);
      const done = { busy, dispatches: found.length, skipped, tag };
      if (after === null) return { ...done, bodies: 0, next: 0 };
      const { bodies, last } = yield* eraseBodies(names, after);
      if (last > after) return { ...done, bodies, next: last };
      yield* eraseClicks(names);
      yield* sql.dropMessages.run();
      for (const name of names) {
        if (typeof name === "string") yield* sql.dropUser.run(name);
        else {
          yield* sql.dropAliases.run(name, name);
          yield* sql.dropUserIds.run(name);
        }
      }
      return { ...done, bodies, next: null };
    },
  };
}

/**
 * Tells whether a text is the id of a message, or has it in it: not as the beginning or the end of
 * a longer one.
 */
function mentions(text: string, id: string): boolean {
  for (let at = text.indexOf(id); at >= 0; at = text.indexOf(id, at + 1)) {
    const [before = "", after = ""] = [text[at - 1], text[at + id.length]];
    if (!/[A-Za-z0-9]/.test(before) && !/[A-Za-z0-9+/=_.-]/.test(after)) return true;
  }
  return false;
}

function prepare() {
  const found = "d.campaign_id as campaign, d.row_number as row, d.status, c.name";
  return {
    others: statement<[number], number>(
      "select other from alias where person = ? order by other",
    ).pluck(),
    userIds: statement<[number], string>(
      "select user_id from alias_user where person = ? order by user_id",
    ).pluck(),
    persons: statement<[string], number>(
      "select person from alias_user where user_id = ? order by person",
    ).pluck(),
    // An entry of the list that names both is the first that tells that they belong together.
    suppressedUser: statement<[number], string>(
      "select user_id from suppression where person = ? and user_id is not null",
    ).pluck(),
    suppressedPerson: statement<[string], number>(
      "select person from suppression where user_id = ? and person is not null",
    ).pluck(),
    ofPerson: statement<[number], FoundRow>(`
      select ${found} from campaign c cross join dispatch d
      on d.campaign_id = c.id and d.person = ? and d.value_list is not null order by c.name
    `),
    ofUser: statement<[string], FoundRow>(`
      select ${found} from campaign c cross join dispatch d
      on d.campaign_id = c.id and d.row_user_id = ? and d.value_list is not null order by c.name
    `),
    skippedOfPerson: statement<[number], FoundRow>(`
      select ${found} from dispatch d indexed by dispatch_skipped_person
      join campaign c on c.id = d.campaign_id where d.person = ? and d.value_list is null
      order by d.campaign_id, d.row_number
    `),
    skippedOfUser: statement<[string], FoundRow>(`
      select ${found} from dispatch d indexed by dispatch_skipped_user
      join campaign c on c.id = d.campaign_id where d.row_user_id = ? and d.value_list is null
      order by d.campaign_id, d.row_number
    `),
    skip: statement(`
      update dispatch set status = 'skipped', reason = 'opted_out', value_list = null,
        held_until = null, error_code = null, error_message = null
      where campaign_id = ? and row_number = ? and status in ('pending', 'held')
    `),
    consent: statement("delete from consent where who = ?"),
    lastBody: statement(
      `select max(id) from (
          select id from webhook_body where id > ? order by id limit ${BODIES}
        ) as looked_at`,
    ).pluck(),
    bodies: statement<[{ after: number; last: number; needles: string }], Body>(`
      select id, body from webhook_body
      where id > @after and id <= @last and body is not null and applied_at is not null
        and exists (select 1 from json_each(@needles) where instr(body, value) > 0)
      order by id
    `),
    setBody: statement("update webhook_body set body = ? where id = ?"),
    rememberMessages: statement(`
      insert into forgetting
      select message_id from dispatch
      where campaign_id = @campaign and row_number = @row and message_id is not null
      union select message_id from attempt
      where campaign_id = @campaign and row_number = @row and message_id <> 'erased'
      on conflict do nothing
    `),
    messages: statement<[], string>("select message_id from forgetting").pluck(),
    clicks: statement<[string], string>(`
        select identity from click
        where exists (select 1 from json_each(?) where instr(identity, value) > 0)
      `).pluck(),
    eraseClick: statement(
      "update click set identity = 'erased.' || lower(hex(randomblob(8))) where identity = ?",
    ),
    dropMessages: statement("delete from forgetting"),
    dropAliases: statement("delete from alias where person = ? or other = ?"),
    dropUserIds: statement("delete from alias_user where person = ?"),
    dropUser: statement("delete from alias_user where user_id = ?"),
  };
}
