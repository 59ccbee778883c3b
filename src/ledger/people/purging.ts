// Purges what is long over: campaigns, and what belongs to none. Each verb is one step of some
// hundredths of a second, and needs a transaction around it; what was begun goes on where it
// stopped, whatever stopped it.

import { assert } from "../../domain/common/errors.ts";
import type { Purgeable, PurgeObstacle, PurgePlace } from "../../domain/ledger/erasure.ts";
import { MESSAGE_LIFE_MS } from "../../domain/receipts/match.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import { anyClaimedSql, anyHeldSql, anyPendingSql, anySql } from "../looks.ts";
import type { Eraser } from "./erasure.ts";
import { suppressedSql, suppressedUserSql } from "./suppressions.ts";

/** Rows of a campaign that are erased in one step: about 40 ms. */
const ROWS = 2_000;
/** Other things that are looked at in one step; bodies may be large. */
const LOOKED_AT = 2_000;

interface PurgeCandidate {
  campaign: number;
  name: string;
  rows: number;
  state: string;
  quietSince: number;
  lastClaimAt: number;
  erasedAt: number | null;
  erasedRows: number;
}

/** One kind of thing that belongs to no campaign. */
interface Stage {
  /** The key of the last one that the step looks at; null when there is none after this. */
  last(after: string | number): Verb<string | number | null>;
  /** Erases what is old of those after one key and up to another. */
  erase(range: { after: string | number; last: string | number; before: number }): Verb<number>;
  first: string | number;
}

/** The purging verbs of the contract. */
export function makePurging(eraser: Eraser) {
  const sql = prepare();
  const stages = makeStages();

  function* obstacleOf(candidate: PurgeCandidate, now: number): Verb<PurgeObstacle | null> {
    // A purge that was interrupted goes on, whatever it was begun with.
    if (candidate.erasedAt !== null) return null;
    const { campaign } = candidate;
    const isOver = candidate.state === "finished" || candidate.state === "cancelled";
    if (!isOver || (yield* sql.isOpen.get({ campaign })) === 1) return { kind: "open" };
    if (candidate.lastClaimAt + MESSAGE_LIFE_MS <= now) return null;
    const latest = (yield* sql.latestWaiting.get(campaign)) as number | null;
    const until = (latest ?? 0) + MESSAGE_LIFE_MS;
    return until > now ? { kind: "receipts", until } : null;
  }

  return {
    *purgeable(before: number, now: number): Verb<Purgeable[]> {
      const purgeable: Purgeable[] = [];
      for (const candidate of yield* sql.candidates.all(before)) {
        const { campaign, name, rows, erasedRows, quietSince } = candidate;
        const obstacle = yield* obstacleOf(candidate, now);
        purgeable.push({ campaign, name, rows, erasedRows, quietSince, obstacle });
      }
      return purgeable;
    },

    *purgeCampaign(
      campaign: number,
      before: number,
      now: number,
    ): Verb<{ erased: number; left: number } | undefined> {
      const candidates = yield* sql.candidates.all(before);
      const candidate = candidates.find((each) => each.campaign === campaign);
      if (candidate === undefined || (yield* obstacleOf(candidate, now)) !== null) return undefined;
      const instant = Math.round(now);
      yield* eraser.leaveTrace();
      if (candidate.erasedAt === null) yield* sql.close.run(instant, campaign);
      const rows = { campaign, from: candidate.erasedRows + 1, to: candidate.erasedRows + ROWS };
      yield* eraser.parkedBeside(rows);
      const erased = yield* eraser.rows(rows, instant);
      const done = Math.min(rows.to, candidate.rows);
      yield* sql.gotTo.run(done, campaign);
      return { erased, left: candidate.rows - done };
    },

    *purgeRest(
      place: PurgePlace | null,
      before: number,
    ): Verb<{ erased: number; next: PurgePlace | null }> {
      const number = place?.stage ?? 0;
      const stage = stages[number];
      if (stage === undefined) {
        const dropped = yield* eraser.parkedBefore(before, LOOKED_AT);
        const counted = (yield* sql.forgetReached.run(before)).changes;
        if (dropped + counted > 0) yield* eraser.leaveTrace();
        if (dropped === LOOKED_AT) return { erased: dropped, next: { stage: number, after: 0 } };
        yield* sql.recount.run();
        return { erased: dropped, next: null };
      }
      const after = place?.after ?? stage.first;
      const last = yield* stage.last(after);
      const following = stages[number + 1]?.first ?? 0;
      if (last === null) return { erased: 0, next: { stage: number + 1, after: following } };
      const erased = yield* stage.erase({ after, last, before });
      if (erased > 0) yield* eraser.leaveTrace();
      assert(last > after, "every step of a purge looks at something new");
      return { erased, next: { stage: number, after: last } };
    },
  };
}

/**
 * What belongs to no campaign. Other names of people are kept as long as the ledger needs them: to
 * know a suppressed person under another number, and two rows of a campaign as one person.
 */
function makeStages(): Stage[] {
  const lastOf = (table: string, key: string) => {
    const last = statement<[string | number], string | number | null>(`
      select max(key) from (
        select ${key} as key from ${table} where ${key} > ? order by ${key} limit ${LOOKED_AT}
      ) as looked_at
    `).pluck();
    return function* (after: string | number): Verb<string | number | null> {
      return (yield* last.get(after)) ?? null;
    };
  };
  const stageOf = (table: string, key: string, first: string | number, change: string): Stage => {
    const old = statement(`${change} and ${key} > @after and ${key} <= @last`);
    return {
      first,
      last: lastOf(table, key),
      *erase(range) {
        return (yield* old.run(range)).changes;
      },
    };
  };
  const inCampaign = (name: string) =>
    anySql(`from campaign c cross join dispatch d
    on d.campaign_id = c.id and d.person = ${name} and d.value_list is not null`);
  const userInCampaign = (name: string) =>
    anySql(`from campaign c cross join dispatch d
    on d.campaign_id = c.id and d.row_user_id = ${name} and d.value_list is not null`);
  const isNeeded = (person: string) => `(${inCampaign(person)} or ${suppressedSql(person)})`;
  return [
    stageOf(
      "webhook_body",
      "id",
      0,
      `update webhook_body set body = null
      where body is not null and applied_at is not null and received_at <= @before`,
    ),
    stageOf("consent", "who", "", "delete from consent where said_at <= @before"),
    stageOf(
      "click",
      "identity",
      "",
      `update click set identity = 'erased.' || lower(hex(randomblob(8)))
      where row_number is null and clicked_at <= @before and substr(identity, 1, 7) <> 'erased.'`,
    ),
    stageOf("conversion", "order_id", "", "delete from conversion where ordered_at <= @before"),
    stageOf(
      "alias_user",
      "person",
      0,
      `delete from alias_user as a where learned_at <= @before and not ${isNeeded("a.person")}
      and not (
        ${userInCampaign("a.user_id")} or ${suppressedUserSql("a.user_id")}
      )`,
    ),
    stageOf(
      "alias",
      "person",
      0,
      `delete from alias as a where learned_at <= @before
      and not ${isNeeded("a.person")} and not ${isNeeded("a.other")}`,
    ),
  ];
}

function prepare() {
  return {
    candidates: statement<[number], PurgeCandidate>(`
      select * from (
        select id as campaign, name, rows, state,
          max(changed_at, coalesce(last_claim_at, 0)) as "quietSince",
          coalesce(last_claim_at, 0) as "lastClaimAt", erased_at as "erasedAt",
          coalesce(erased_rows, 0) as "erasedRows"
        from campaign
        where erased_at is null or erased_rows < rows
      ) as left_over where "quietSince" <= ? or "erasedAt" is not null order by campaign
    `),
    isOpen: statement(`
      select ${anyPendingSql("@campaign")} or ${anyHeldSql("@campaign")}
        or ${anyClaimedSql("@campaign")}
    `).pluck(),
    latestWaiting: statement(`
        select max(claimed_at) from dispatch
        where campaign_id = ? and status in ('accepted', 'sent', 'unknown')
      `).pluck(),
    // Nothing of it expires any more, since no receipt is applied to it.
    close: statement(
      "update campaign set erased_at = ?, erased_rows = 0, expiry_at = null where id = ?",
    ),
    gotTo: statement("update campaign set erased_rows = ? where id = ?"),
    forgetReached: statement("delete from reached where reached_at <= ?"),
    recount: statement(`
      update reach set people = (select count(*) from reached where reach_id = reach.id)
      where people <> (select count(*) from reached where reach_id = reach.id)
    `),
  };
}
