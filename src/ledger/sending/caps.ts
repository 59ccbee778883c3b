// Asks in the claim's own transaction whose frequency cap is used up, and skips or holds them. What
// the cap says of a person's messages is decided in src/domain/limits/cap.ts.

import { assert } from "../../domain/common/errors.ts";
import type { Cap, LastMessages, TurnCap } from "../../domain/limits/cap.ts";
import { capVerdict, freeAt, isFree, lookBackMs } from "../../domain/limits/cap.ts";
import type { PersonNames } from "../../domain/planning/plan-ports.ts";
import type { Verb } from "../engine.ts";
import { setStatement, statement } from "../engine.ts";
import { anySql } from "../looks.ts";
import type { Candidate } from "./candidates.ts";
import { PHONE, ROW, USER_ID, WHO } from "./candidates.ts";
import { COUNTS_FOR_CAP, personDispatches } from "./person-messages.ts";
import { LAST_CLAIM_MS } from "./reach.ts";

/** A campaign whose messages may count. */
interface Recent {
  id: number;
  name: string;
}

/** The cap in one turn of a campaign. */
export interface OpenCap {
  /**
   * Goes through these candidates until `room` of them are free, and skips or holds those before
   * whose cap is used up.
   * @returns the free ones, and how many were skipped and held
   */
  sift(
    candidates: readonly Candidate[],
    room: number,
  ): Verb<{ free: Candidate[]; skipped: number; held: number }>;
}

/** The verbs of the cap; those that write need a transaction around them. */
export function makeCaps() {
  const sql = prepare();

  /** The other campaigns whose messages may count. */
  function* recentOf(
    { own, isSandbox }: { own: number; isSandbox: boolean },
    { cap, now }: { cap: Cap; now: number },
  ): Verb<Recent[]> {
    const since = now - lookBackMs(cap) - LAST_CLAIM_MS;
    return yield* sql.recent.all({ own, isSandbox: isSandbox ? 1 : 0, since });
  }

  /** What decides of each of these people; undefined: they are free. */
  function* lastOf(
    people: readonly PersonNames[],
    { cap, recent, now }: { cap: Cap; recent: readonly Recent[]; now: number },
  ): Verb<(LastMessages | undefined)[]> {
    const ids = JSON.stringify(recent.map(({ id }) => id));
    const from = now - lookBackMs(cap);
    const hasUserIds =
      people.some(({ userId }) => userId !== null) || (yield* sql.anyUserIds.get({ ids })) === 1;
    const looks = hasUserIds ? sql.byAllNames : sql.byNumber;
    const asked = people.map(({ person, userId }): Asked => [person, userId, ids, from]);
    const counts = yield* looks.count.getEach(asked);
    // Most people are free, and to count costs half as much as to put in order.
    const close = counts.map((row) => {
      const [messages, latest] = row ?? [0, null];
      return !isFree(cap, { messages, latest }, now);
    });
    const others = cap.most - 1;
    const found = yield* looks.last.getEach(
      asked.filter((_, at) => close[at]).map((one) => [...one, others]),
    );
    let at = 0;
    return close.map((isClose) => {
      const row = isClose ? found[at++] : undefined;
      if (row === undefined) return undefined;
      const [latest, id, nth] = row;
      const campaign = recent.find((one) => one.id === id)?.name;
      assert(campaign !== undefined, "a message is of one of the campaigns that were asked for");
      return { latest, campaign, nth };
    });
  }

  return {
    /** The cap of a turn; undefined when no other campaign has claimed anything of late. */
    *open(
      { campaign, isSandbox }: { campaign: number; isSandbox: boolean },
      { cap, now }: { cap: TurnCap; now: number },
    ): Verb<OpenCap | undefined> {
      const recent = yield* recentOf({ own: campaign, isSandbox }, { cap, now });
      if (recent.length === 0) return undefined;
      return {
        *sift(candidates, room) {
          const people = candidates.map((candidate) => ({
            person: candidate[PHONE] === null ? null : Number(candidate[WHO]),
            userId: candidate[USER_ID],
          }));
          const last = yield* lastOf(people, { cap, recent, now });
          const free: Candidate[] = [];
          const skip: [string, number, number][] = [];
          const hold: [number, number, number][] = [];
          for (const [index, candidate] of candidates.entries()) {
            if (free.length === room) break;
            const messages = last[index];
            const verdict = messages === undefined ? null : capVerdict(cap, messages, now);
            if (verdict === null) free.push(candidate);
            else if (verdict.kind === "hold") hold.push([verdict.until, campaign, candidate[ROW]]);
            else skip.push([verdict.detail, campaign, candidate[ROW]]);
          }
          yield* sql.skip.changeEach(skip);
          yield* sql.hold.changeEach(hold);
          return { free, skipped: skip.length, held: hold.length };
        },
      };
    },

    *cappedUntil(
      asker: { campaign: string; isSandbox: boolean },
      { cap, now }: { cap: Cap; now: number },
      people: readonly PersonNames[],
    ): Verb<(number | null)[]> {
      const instant = Math.round(now);
      const { campaign, isSandbox } = asker;
      const own = yield* sql.idOf.get(campaign);
      const recent = yield* recentOf({ own: own ?? 0, isSandbox }, { cap, now: instant });
      if (recent.length === 0) return people.map(() => null);
      const last = yield* lastOf(people, { cap, recent, now: instant });
      const settled =
        own === undefined
          ? []
          : yield* sql.settled.getEach(
              people.map(({ person, userId }) => [own, person, own, userId, own, person]),
            );
      return last.map((messages, index) => {
        if (messages === undefined || settled[index]?.[0] === 1) return null;
        return freeAt(cap, messages, instant);
      });
    },
  };
}

export type Caps = ReturnType<typeof makeCaps>;

/** A person, the ids of campaigns as JSON, and the instant back to which messages count. */
type Asked = [person: number | null, userId: string | null, campaigns: string, since: number];

/** Looks at the messages of people. `withUserIds`: not only by their numbers. */
function prepareLooks(withUserIds: boolean) {
  const asked = (column: string): string => `(select ${column} from asked)`;
  const legs = personDispatches(
    {
      person: asked("person"),
      userId: withUserIds ? asked("user_id") : null,
      campaigns: `select cast(value as bigint) as id from json_each(${asked("campaigns")})`,
    },
    `d.claimed_at > ${asked("since")} and ${COUNTS_FOR_CAP}`,
  );
  const messages = legs.map((leg) => `select d.campaign_id, d.row_number, d.claimed_at ${leg}`);
  const counted = legs.map((leg) => `select count(*) as n, max(d.claimed_at) as latest ${leg}`);
  const person = `cast(? as bigint) as person, cast(? as text) as user_id,
    cast(? as text) as campaigns, cast(? as bigint) as since`;
  return {
    /** A message may be counted by several names. */
    count: setStatement<Asked, [messages: number, latest: number | null]>(
      `with asked as materialized (select ${person})
      select cast(sum(n) as bigint) as n, max(latest) as latest
      from (${counted.join(" union all ")}) as legs`,
      "bigint text text bigint",
    ),
    last: setStatement<
      [...Asked, others: number],
      [latest: number, campaign: number, nth: number | null]
    >(
      `with asked as materialized (select ${person}, cast(? as bigint) as others),
      messages as materialized (${messages.join(" union ")})
      select claimed_at, campaign_id, (
        select claimed_at from messages order by claimed_at desc limit 1
        offset ${asked("others")}
      ) as nth
      from messages order by claimed_at desc, campaign_id desc`,
      "bigint text text bigint bigint",
    ),
  };
}

function prepare() {
  return {
    byNumber: prepareLooks(false),
    byAllNames: prepareLooks(true),
    anyUserIds: statement<[{ ids: string }], 0 | 1>(
      `select iif(${anySql(`from json_each(@ids) as others
        cross join dispatch d indexed by dispatch_row_user
          on d.campaign_id = cast(others.value as bigint) and d.value_list is not null
            and d.row_user_id is not null`)}, 1, 0)`,
    ).pluck(),
    recent: statement<[{ own: number; isSandbox: 0 | 1; since: number }], Recent>(`
      select c.id, c.name from campaign as c indexed by campaign_last_claim
      where c.last_claim_at > @since and c.id <> @own and c.test_of is null
        and iif(c.lane = 'sandbox', 1, 0) = cast(@isSandbox as bigint)
    `),
    idOf: statement<[string], number>("select id from campaign where name = ?").pluck(),
    // Of a campaign that was planned before: who got it, or is skipped for good.
    settled: setStatement<
      [number, number | null, number, string | null, number, number | null],
      [0 | 1]
    >(
      `select iif(${anySql(
        `from dispatch where campaign_id = ? and person = ? and value_list is not null
          and status not in ('pending', 'held')`,
        `from dispatch where campaign_id = ? and row_user_id = ? and value_list is not null
          and status not in ('pending', 'held')`,
        `from dispatch indexed by dispatch_skipped_person
        where campaign_id = ? and person = ? and value_list is null`,
      )}, 1, 0) as settled`,
      "bigint bigint bigint text bigint bigint",
    ),
    skip: setStatement(
      `update dispatch set status = 'skipped', reason = 'frequency_cap', detail = ?,
        value_list = null, held_until = null, error_code = null, error_message = null
      where campaign_id = ? and row_number = ? and +status in ('pending', 'held')`,
      "text bigint bigint",
    ),
    hold: setStatement(
      `update dispatch set status = 'held', reason = 'frequency_cap', held_until = ?
      where campaign_id = ? and row_number = ? and +status in ('pending', 'held')`,
      "bigint bigint bigint",
    ),
  };
}
