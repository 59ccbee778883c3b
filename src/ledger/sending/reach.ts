// Counts the people of a portfolio whom messages may have reached within the moving 24 hours, so
// that no claim goes beyond the daily limit: in the claim's own transaction, also when another
// process claims for the same portfolio. Decides nothing about what the limit is.
//
// People are counted while a person asks for a limit, and for a while after: without a limit a turn
// pays one look for this, with one a write for each person (8 µs). What is counted is a memory of
// the dispatches, written again from them whenever it has a hole: that reads the campaigns of the
// last day (5 µs a recipient), when a limit is first asked for and when it is first known whose a
// number is.

import type { DailyLimit, Sender } from "../../domain/campaign/campaign.ts";
import { assert } from "../../domain/common/errors.ts";
import type { DispatchPlace, Name } from "../../domain/receipts/match.ts";
import { PEOPLE_WINDOW_MS } from "../../domain/sending/daily-limit.ts";
import type { DailyLimitFull } from "../../domain/sending/turn.ts";
import type { Verb } from "../engine.ts";
import { setStatement, statement } from "../engine.ts";
import { anySql } from "../looks.ts";

const HOUR_MS = 3_600_000;
/** Nobody asked for a limit for so long: the people are not counted any more. */
const LAPSE_MS = 48 * HOUR_MS;
/** How exact it has to be when a limit was last asked for: not worth a write at every turn. */
const ASKED_MS = HOUR_MS;
/** A clock that was set back by more than this makes the people count again. */
const SET_BACK_MS = HOUR_MS;
/** `campaign.last_claim_at` is written once in this time. */
export const LAST_CLAIM_MS = 60_000;

/** The lane of the sandbox, and the portfolio of its messages, which reach nobody. */
export const SANDBOX = "sandbox";

/**
 * SQL: the portfolio of a campaign. Empty when it is not known; then it may be any but the
 * sandbox's.
 * @param c the campaign's table
 */
export function portfolioSql(c: string): string {
  return `iif(${c}.lane = '${SANDBOX}', '${SANDBOX}', coalesce(${c}.portfolio, ''))`;
}

/**
 * SQL: two portfolios may be one. Counting a person for one too many costs a day, for one too few
 * the number's quality.
 */
export function mayBeOne(a: string, b: string): string {
  const bothReal = `${a} <> '${SANDBOX}' and ${b} <> '${SANDBOX}'`;
  return `(${a} = ${b} or ((${a} = '' or ${b} = '') and ${bothReal}))`;
}

/**
 * SQL: whom a dispatch stands for whose recipient is erased: one person, who may be another
 * person's as well.
 */
const ERASED = "'erased.' || d.campaign_id || '.' || d.row_number";
/** SQL: who gets the dispatch `d`, as `reached` has it: the digits of a number, or a user id. */
export const WHO = `coalesce(cast(d.person as text), d.row_user_id, ${ERASED})`;

/** SQL: the dispatch `d` is one that reached its person, or may have. */
export const HAS =
  "d.status in ('claimed', 'accepted', 'sent', 'delivered', 'read', 'expired', 'unknown')";
/** SQL: the answer to an attempt of the dispatch `d` was lost. */
export const HAD_UNKNOWN = anySql(`from attempt a
  where a.campaign_id = d.campaign_id and a.row_number = d.row_number and a.outcome = 'unknown'`);
const MAY_HAVE = `(${HAS} or ${HAD_UNKNOWN})`;

interface CountedPortfolio {
  id: number;
  portfolio: string;
  people: number;
  countedFrom: number;
  peopleMax: number;
  askedAt: number;
}

/** Whom a dispatch reached. */
interface Reached {
  who: string;
  person: number | null;
}

/** What the campaign of a turn says of its portfolio. */
export interface TurnReach {
  portfolio: string;
  /** Rounded. */
  now: number;
  /** Undefined: no limit. */
  peopleMax: number | undefined;
}

/** The count as one turn of the ledger has it. */
export interface LimitWindow {
  /** Takes the first of these people, as many as the limit leaves room for; gives their number. */
  admit(people: readonly Name[]): Verb<number>;
  /** What stops the turn at the limit. */
  full(): Verb<DailyLimitFull>;
}

/** Counts people; its functions run inside the caller's transaction. */
export function makeReach() {
  const sql = prepare();

  function* forget(counted: CountedPortfolio): Verb<void> {
    yield* sql.forgetPeople.run(counted.id);
    yield* sql.forget.run(counted.id);
  }

  function* countAgain(counted: CountedPortfolio, cut: number): Verb<void> {
    yield* sql.forgetPeople.run(counted.id);
    const { id, portfolio } = counted;
    counted.people = (yield* sql.countPeople.run({ id, portfolio, from: cut })).changes;
    counted.countedFrom = cut;
    yield* sql.write.run(counted.people, cut, id);
  }

  /** The portfolio's own count, made when it is not there. */
  function* own(
    reach: TurnReach,
    peopleMax: number,
    known: CountedPortfolio | undefined,
  ): Verb<CountedPortfolio> {
    const { portfolio, now } = reach;
    let counted = known;
    if (counted === undefined) {
      yield* sql.begin.run(portfolio, now - PEOPLE_WINDOW_MS, peopleMax, now);
      counted = yield* sql.one.get(portfolio);
      assert(counted !== undefined, "what was just made is there");
      yield* countAgain(counted, now - PEOPLE_WINDOW_MS);
    }
    if (counted.peopleMax !== peopleMax || Math.abs(now - counted.askedAt) > ASKED_MS) {
      yield* sql.ask.run(peopleMax, now, counted.id);
      counted.askedAt = now;
    }
    return counted;
  }

  /** Moves the window on: who was reached before it does not count any more. */
  function* move(counted: CountedPortfolio, now: number): Verb<void> {
    const cut = now - PEOPLE_WINDOW_MS;
    if (counted.countedFrom - cut > SET_BACK_MS) yield* countAgain(counted, cut);
    const { changes } = yield* sql.leave.run(counted.id, cut);
    if (changes === 0) return;
    counted.people -= changes;
    counted.countedFrom = Math.max(counted.countedFrom, cut);
    yield* sql.write.run(counted.people, counted.countedFrom, counted.id);
  }

  /**
   * Counts the first of these people, as many as make no more than `peopleMax` with those who are
   * counted. Returns their number.
   */
  function* add(
    counted: CountedPortfolio,
    people: readonly string[],
    now: number,
    peopleMax: number,
  ): Verb<number> {
    const known = yield* sql.isThere.getEach(people.map((who) => [counted.id, who]));
    const again: unknown[][] = [];
    const added: unknown[][] = [];
    for (const [index, who] of people.entries()) {
      if (known[index] !== undefined) again.push([now, counted.id, who]);
      else if (counted.people + added.length < peopleMax) added.push([counted.id, who, now]);
      else break;
    }
    yield* sql.again.changeEach(again);
    yield* sql.add.insertEach(added);
    counted.people += added.length;
    return again.length + added.length;
  }

  /**
   * A person's last message turned out otherwise: looks again when one last may have reached them.
   */
  function* look(counted: CountedPortfolio, { who, person }: Reached): Verb<void> {
    const { id, portfolio, countedFrom: from } = counted;
    const at = (
      person === null
        ? yield* sql.latestOfUser.get({ who, portfolio, from })
        : yield* sql.latestOfPerson.get({ person, portfolio, from })
    ) as number | null;
    if (at === null) counted.people -= (yield* sql.remove.run(id, who)).changes;
    else if ((yield* sql.set.run(at, id, who)).changes === 0) {
      yield* sql.add.insertEach([[id, who, at]]);
      counted.people += 1;
    } else return;
    yield* sql.writePeople.run(counted.people, id);
  }

  return {
    /**
     * A person's names are erased: for the rest of the day their dispatches count in their place,
     * one as one person.
     */
    *rename(people: readonly Name[], places: readonly DispatchPlace[]): Verb<void> {
      for (const counted of yield* sql.all.all()) {
        const { id, portfolio, countedFrom: from } = counted;
        let change = 0;
        for (const name of people) change -= (yield* sql.remove.run(id, String(name))).changes;
        for (const { campaign, row } of places) {
          change += (yield* sql.addErased.run({ id, portfolio, from, campaign, row })).changes;
        }
        if (change !== 0) yield* sql.writePeople.run(counted.people + change, id);
      }
    },

    /** Begins to claim; undefined when nobody counts. */
    *open(reach: TurnReach): Verb<LimitWindow | undefined> {
      const { portfolio, now, peopleMax } = reach;
      const touched = yield* sql.touched.all({ portfolio });
      const known = touched.find((counted) => counted.portfolio === portfolio);
      const limited = peopleMax === undefined ? undefined : yield* own(reach, peopleMax, known);
      const others: CountedPortfolio[] = [];
      for (const counted of touched) {
        if (counted.id === limited?.id) continue;
        if (now - counted.askedAt > LAPSE_MS) yield* forget(counted);
        else others.push(counted);
      }
      const all = limited === undefined ? others : [limited, ...others];
      if (all.length === 0) return undefined;
      for (const counted of all) yield* move(counted, now);
      return {
        *admit(people) {
          const names = people.map(String);
          const admitted =
            limited === undefined ? names.length : yield* add(limited, names, now, peopleMax ?? 0);
          if (admitted === 0) return 0;
          const taken = admitted < names.length ? names.slice(0, admitted) : names;
          // Their own limits are looked at when they claim.
          for (const counted of others) yield* add(counted, taken, now, Number.POSITIVE_INFINITY);
          for (const { id, people } of all) yield* sql.writePeople.run(people, id);
          return admitted;
        },
        *full() {
          assert(limited !== undefined, "only a limit is ever full");
          const first = (yield* sql.first.get(limited.id, now - PEOPLE_WINDOW_MS)) ?? now;
          return { by: "daily_limit", people: limited.people, freeAt: first + PEOPLE_WINDOW_MS };
        },
      };
    },

    /** Claims were handed back, or messages turned out to have reached their people, or not to. */
    *lookAgain(places: readonly DispatchPlace[]): Verb<void> {
      if (places.length === 0 || (yield* sql.any.get()) === 0) return;
      for (const { campaign, row } of places) {
        const found = yield* sql.whoIs.get(campaign, row);
        if (found === undefined) continue;
        for (const counted of yield* sql.touched.all({ portfolio: found.portfolio }))
          yield* look(counted, found);
      }
    },

    /** Keeps who owns the lane's account; null: what other campaigns of the lane know. */
    *keepPortfolio(campaign: number, reported: string | null): Verb<void> {
      const lane = (yield* sql.laneOf.get(campaign)) as string;
      const portfolio = reported ?? (yield* sql.ofLane.get(lane));
      if (portfolio === undefined) return;
      // What was counted before may be of others.
      if ((yield* sql.isMoved.get({ lane, portfolio })) === 1)
        for (const counted of yield* sql.all.all()) yield* forget(counted);
      yield* sql.setPortfolio.run({ lane, portfolio });
    },

    *reached(sender: Sender, now: number): Verb<number> {
      const portfolio = yield* portfolioOf(sender);
      const from = Math.round(now) - PEOPLE_WINDOW_MS;
      const counted = yield* sql.one.get(portfolio);
      if (counted !== undefined && counted.countedFrom - from <= SET_BACK_MS) {
        return (yield* sql.number.get(counted.id, from)) as number;
      }
      return (yield* sql.scan.get({ portfolio, from })) as number;
    },

    *dailyLimit(sender: Sender, now: number): Verb<DailyLimit | null> {
      const counted = yield* sql.one.get(yield* portfolioOf(sender));
      if (counted === undefined || now - counted.askedAt > LAPSE_MS) return null;
      const from = Math.round(now) - PEOPLE_WINDOW_MS;
      const first = yield* sql.first.get(counted.id, from);
      return {
        people: (yield* sql.number.get(counted.id, from)) as number,
        limit: counted.peopleMax,
        freeAt: first === undefined ? null : first + PEOPLE_WINDOW_MS,
      };
    },
  };

  function* portfolioOf({ lane, portfolio }: Sender): Verb<string> {
    return lane === SANDBOX ? SANDBOX : (portfolio ?? (yield* sql.ofLane.get(lane)) ?? "");
  }
}

export type Reach = ReturnType<typeof makeReach>;

function prepare() {
  const columns = `id, portfolio, people, counted_from as "countedFrom",
    people_max as "peopleMax", asked_at as "askedAt"`;
  /**
   * Dispatches of a portfolio's campaigns that were claimed of late and may have reached a person.
   */
  const dispatches = (condition: string): string => `
    campaign c cross join dispatch d on d.campaign_id = c.id ${condition}
    where ${mayBeOne("@portfolio", portfolioSql("c"))} and c.last_claim_at > cast(@from as bigint) - ${LAST_CLAIM_MS}
      and d.claimed_at > @from and d.value_list is not null and ${MAY_HAVE}
  `;
  return {
    any: statement<[], number>("select exists (select 1 from reach)").pluck(),
    all: statement<[], CountedPortfolio>(`select ${columns} from reach order by id`),
    one: statement<[string], CountedPortfolio>(`select ${columns} from reach where portfolio = ?`),
    touched: statement<[{ portfolio: string }], CountedPortfolio>(
      `select ${columns} from reach
      where ${mayBeOne("@portfolio", "portfolio")} order by id`,
    ),
    begin: statement(`
      insert into reach (portfolio, people, counted_from, people_max, asked_at)
      values (?, 0, ?, ?, ?)
    `),
    ask: statement("update reach set people_max = ?, asked_at = ? where id = ?"),
    write: statement("update reach set people = ?, counted_from = ? where id = ?"),
    writePeople: statement("update reach set people = ? where id = ?"),
    forgetPeople: statement("delete from reached where reach_id = ?"),
    forget: statement("delete from reach where id = ?"),
    countPeople: statement(`
      insert into reached (reach_id, person, reached_at)
      select @id, ${WHO}, max(d.claimed_at) from ${dispatches("")} group by ${WHO}
    `),
    addErased: statement(`
      insert into reached (reach_id, person, reached_at)
      select @id, ${WHO}, d.claimed_at
      from ${dispatches("and d.campaign_id = @campaign and d.row_number = @row and d.erased_at is not null")}
    `),
    scan: statement<[{ portfolio: string; from: number }]>(
      `select count(distinct ${WHO}) from ${dispatches("")}`,
    ).pluck(),
    latestOfPerson: statement(
      `select max(d.claimed_at) from ${dispatches("and d.person = @person")}`,
    ).pluck(),
    latestOfUser: statement(`
        select max(d.claimed_at)
        from ${dispatches("and d.row_user_id = @who and d.person is null")}
      `).pluck(),
    leave: statement("delete from reached where reach_id = ? and reached_at <= ?"),
    isThere: setStatement<[id: number, who: string], [number]>(
      "select 1 from reached where reach_id = ? and person = ?",
      "bigint text",
    ),
    again: setStatement(
      "update reached set reached_at = max(reached_at, ?) where reach_id = ? and person = ?",
      "bigint bigint text",
    ),
    add: setStatement(
      "insert into reached (reach_id, person, reached_at) values (?, ?, ?)",
      "bigint text bigint",
    ),
    set: statement("update reached set reached_at = ? where reach_id = ? and person = ?"),
    remove: statement("delete from reached where reach_id = ? and person = ?"),
    first: statement<[number, number], number>(`
        select reached_at from reached where reach_id = ? and reached_at > ?
        order by reached_at limit 1
      `).pluck(),
    number: statement("select count(*) from reached where reach_id = ? and reached_at > ?").pluck(),
    whoIs: statement<[number, number], Reached & { portfolio: string }>(`
      select ${WHO} as who, d.person, ${portfolioSql("c")} as portfolio
      from dispatch d join campaign c on c.id = d.campaign_id
      where d.campaign_id = ? and d.row_number = ?
    `),
    laneOf: statement<[number], string>("select lane from campaign where id = ?").pluck(),
    isMoved: statement(`
        select exists (
          select 1 from campaign
          where lane = @lane and portfolio is distinct from @portfolio and last_claim_at is not null
        )
      `).pluck(),
    setPortfolio: statement(
      "update campaign set portfolio = @portfolio where lane = @lane and portfolio is distinct from @portfolio",
    ),
    ofLane: statement<[string], string>(
      `select portfolio from campaign
        where lane = ? and portfolio is not null order by id desc limit 1`,
    ).pluck(),
  };
}
