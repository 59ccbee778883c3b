// Forgets one person, under every name that the ledger knows of them. First what counts, all at
// once: their rows, and their place on the suppression list as a keyed hash. Then webhook bodies,
// some at a time; and at the very end the names that show who they are, so that what was
// interrupted can be done again.

import type { Database } from "better-sqlite3";
import type { Forgetting, PersonKey, Traces } from "../../domain/ledger/erasure.ts";
import { withoutPerson } from "../../domain/ledger/erasure.ts";
import type { DispatchPlace, Name } from "../../domain/receipts/match.ts";
import type { Tallies } from "../campaigns/tallies.ts";
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
 * The verbs of the contract that forget a person, synchronous; `forget` needs a transaction around
 * it.
 */
export function makeForgetting(
  db: Database,
  parts: {
    eraser: Eraser;
    forgotten: Forgotten;
    suppressions: Suppressions;
    reach: Reach;
    tallies: Tallies;
  },
) {
  const { eraser, forgotten, suppressions, reach, tallies } = parts;
  const sql = prepare(db);

  /** Every name that one of theirs leads to. */
  function namesOf(who: PersonKey): Name[] {
    const names: Name[] = ["person" in who ? digitsToInteger(who.person) : who.userId];
    const known = new Set(names);
    for (let at = 0; at < names.length && names.length < NAMES_MAX; at += 1) {
      const name = names[at] as Name;
      const others =
        typeof name === "number"
          ? [...sql.others.all(name), ...sql.userIds.all(name), ...sql.suppressedUser.all(name)]
          : [...sql.persons.all(name), ...sql.suppressedPerson.all(name)];
      for (const other of others as Name[]) {
        if (known.has(other)) continue;
        known.add(other);
        names.push(other);
      }
    }
    return names;
  }

  function dispatchesOf(names: readonly Name[]): FoundRow[] {
    const found = new Map<string, FoundRow>();
    for (const name of names) {
      const rows =
        typeof name === "number"
          ? [...sql.ofPerson.all(name), ...sql.skippedOfPerson.all(name)]
          : [...sql.ofUser.all(name), ...sql.skippedOfUser.all(name)];
      for (const row of rows) found.set(`${row.campaign}/${row.row}`, row);
    }
    return [...found.values()];
  }

  /** Rows and lists: all that decides whether they get another message. */
  function eraseRows(names: readonly Name[], found: readonly FoundRow[], now: number): number {
    let skipped = 0;
    for (const { campaign, row } of found) {
      // Their webhook bodies may name them by nothing else.
      sql.rememberMessages.run({ campaign, row });
      skipped += tallies.changed(campaign, sql.skip.run(campaign, row).changes);
      const rows = { campaign, from: row, to: row };
      eraser.parkedBeside(rows);
      eraser.rows(rows, now);
    }
    for (const name of names) sql.consent.run(String(name));
    suppressions.removeNamed(names);
    forgotten.add(names, now);
    reach.rename(names, found);
    return skipped;
  }

  /** What a text that names them has in it, for SQLite; and whether one does. */
  function searchFor(names: readonly Name[]): {
    needles: string;
    isTheirs: (text: string) => boolean;
  } {
    const known = new Set(names);
    const messages = sql.messages.all();
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
  function eraseBodies(names: readonly Name[], after: number): { bodies: number; last: number } {
    const { needles, isTheirs } = searchFor(names);
    const last = (sql.lastBody.get(after) as number | null) ?? after;
    let bodies = 0;
    for (const { id, body } of sql.bodies.all({ after, last, needles })) {
      const rest = withoutPerson(body, isTheirs);
      if (rest === body) continue;
      sql.setBody.run(rest, id);
      bodies += 1;
    }
    return { bodies, last };
  }

  /**
   * A click whose message was not known is on no row, and what tells it from others may have the
   * message's id in it.
   */
  function eraseClicks(names: readonly Name[]): void {
    const { needles, isTheirs } = searchFor(names);
    for (const identity of sql.clicks.all(needles)) {
      if (isTheirs(identity)) sql.eraseClick.run(identity);
    }
  }

  return {
    tracesOf(who: PersonKey): Traces {
      const names = namesOf(who);
      const found = dispatchesOf(names);
      const waiting = found.filter(({ status }) => status === "pending" || status === "held");
      const isForgotten = forgotten.entryOf(names) !== undefined;
      const isSuppressed = names.some((name) =>
        suppressions.isListed({
          person: typeof name === "number" ? name : null,
          userId: typeof name === "string" ? name : null,
        }),
      );
      return {
        campaigns: [...new Set(found.map(({ name }) => name))],
        dispatches: found.length,
        waiting: waiting.length,
        isSuppressed,
        isForgotten,
      };
    },

    forget(who: PersonKey, after: number | null, now: number): Forgetting {
      const instant = Math.round(now);
      const names = namesOf(who);
      const found = dispatchesOf(names);
      const flying = found.filter(({ status }) => status === "claimed");
      const busy = [...new Set(flying.map(({ name }) => name))];
      const nothing = { dispatches: 0, skipped: 0, bodies: 0, tag: "", next: null };
      if (busy.length > 0) return { ...nothing, busy };
      eraser.begin();
      eraser.leaveTrace();
      // Also when it goes on: a person may have been planned again in between, under a name that
      // was only then found to be theirs.
      const skipped = eraseRows(names, found, instant);
      const tag = forgotten.tagOf(names[0] as Name);
      const done = { busy, dispatches: found.length, skipped, tag };
      if (after === null) return { ...done, bodies: 0, next: 0 };
      const { bodies, last } = eraseBodies(names, after);
      if (last > after) return { ...done, bodies, next: last };
      eraseClicks(names);
      sql.dropMessages.run();
      for (const name of names) {
        if (typeof name === "string") sql.dropUser.run(name);
        else {
          sql.dropAliases.run(name, name);
          sql.dropUserIds.run(name);
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

function prepare(db: Database) {
  const found = "d.campaign_id as campaign, d.row_number as row, d.status, c.name";
  return {
    others: db
      .prepare<[number], number>("select other from alias where person = ? order by other")
      .pluck(),
    userIds: db
      .prepare<[number], string>("select user_id from alias_user where person = ? order by user_id")
      .pluck(),
    persons: db
      .prepare<[string], number>("select person from alias_user where user_id = ? order by person")
      .pluck(),
    // An entry of the list that names both is the first that tells that they belong together.
    suppressedUser: db
      .prepare<[number], string>(
        "select user_id from suppression where person = ? and user_id is not null",
      )
      .pluck(),
    suppressedPerson: db
      .prepare<[string], number>(
        "select person from suppression where user_id = ? and person is not null",
      )
      .pluck(),
    ofPerson: db.prepare<[number], FoundRow>(`
      select ${found} from campaign c cross join dispatch d
      on d.campaign_id = c.id and d.person = ? and d.value_list is not null order by c.name
    `),
    ofUser: db.prepare<[string], FoundRow>(`
      select ${found} from campaign c cross join dispatch d
      on d.campaign_id = c.id and d.row_user_id = ? and d.value_list is not null order by c.name
    `),
    skippedOfPerson: db.prepare<[number], FoundRow>(`
      select ${found} from dispatch d indexed by dispatch_skipped_person
      join campaign c on c.id = d.campaign_id where d.person = ? and d.value_list is null
      order by d.campaign_id, d.row_number
    `),
    skippedOfUser: db.prepare<[string], FoundRow>(`
      select ${found} from dispatch d indexed by dispatch_skipped_user
      join campaign c on c.id = d.campaign_id where d.row_user_id = ? and d.value_list is null
      order by d.campaign_id, d.row_number
    `),
    skip: db.prepare(`
      update dispatch set status = 'skipped', reason = 'opted_out', value_list = null,
        held_until = null, error_code = null, error_message = null
      where campaign_id = ? and row_number = ? and status in ('pending', 'held')
    `),
    consent: db.prepare("delete from consent where who = ?"),
    lastBody: db
      .prepare(
        `select max(id) from (
          select id from webhook_body where id > ? order by id limit ${BODIES}
        ) as looked_at`,
      )
      .pluck(),
    bodies: db.prepare<[{ after: number; last: number; needles: string }], Body>(`
      select id, body from webhook_body
      where id > @after and id <= @last and body is not null and applied_at is not null
        and exists (select 1 from json_each(@needles) where instr(body, value) > 0)
      order by id
    `),
    setBody: db.prepare("update webhook_body set body = ? where id = ?"),
    rememberMessages: db.prepare(`
      insert into forgetting
      select message_id from dispatch
      where campaign_id = @campaign and row_number = @row and message_id is not null
      union select message_id from attempt
      where campaign_id = @campaign and row_number = @row and message_id <> 'erased'
      on conflict do nothing
    `),
    messages: db.prepare<[], string>("select message_id from forgetting").pluck(),
    clicks: db
      .prepare<[string], string>(`
        select identity from click
        where exists (select 1 from json_each(?) where instr(identity, value) > 0)
      `)
      .pluck(),
    eraseClick: db.prepare(
      "update click set identity = 'erased.' || lower(hex(randomblob(8))) where identity = ?",
    ),
    dropMessages: db.prepare("delete from forgetting"),
    dropAliases: db.prepare("delete from alias where person = ? or other = ?"),
    dropUserIds: db.prepare("delete from alias_user where person = ?"),
    dropUser: db.prepare("delete from alias_user where user_id = ?"),
  };
}
