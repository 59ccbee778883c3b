// Keeps the arms of campaigns and what became of their people, and what a test came to. Decides
// nothing about that.

import { frozenArms } from "../../domain/arms/frozen-arms.ts";
import type { ArmCounts, TestDecision, TestState } from "../../domain/arms/test-state.ts";
import type { AuditEntry } from "../../domain/campaign/audit.ts";
import type { Frozen } from "../../domain/campaign/campaign.ts";
import { assert } from "../../domain/common/errors.ts";
import { ARM_BUCKETS } from "../../domain/limits/bucket.ts";
import type { Verb } from "../engine.ts";
import { setStatement, statement } from "../engine.ts";
import { anySql, LAST_FIRST_CLAIM, neverSentSql } from "../looks.ts";
import type { Audit } from "./audit.ts";
import type { Conversions } from "./conversions.ts";
import { frozenOfJson } from "./frozen-json.ts";

/** Behind the last place of a random order. */
const ANY_BUCKET = 2 ** 32;

/** SQL: the campaign has a test, and it is not decided. */
export function isUndecidedSql(campaign: string): string {
  return `(${anySql(`from campaign_arm where campaign_id = ${campaign}`)}
    and not ${anySql(`from campaign_test where campaign_id = ${campaign}`)})`;
}

/** SQL: the last place of a random order up to which rows may be claimed now. */
export function mostBucketSql(campaign: string): string {
  return `iif(${isUndecidedSql(campaign)}, ${ARM_BUCKETS}, ${ANY_BUCKET})`;
}

/** The same of a campaign whose turn knows it. */
export function mostBucket(isUndecided: boolean): number {
  return isUndecided ? ARM_BUCKETS : ANY_BUCKET;
}

/** SQL: the arm whose message the dispatch `d` gets; 0: not known yet, or there is no test. */
export const ARM_OF_MESSAGE = `iif(d.arm > 0, d.arm,
  coalesce((select rest from campaign_test t where t.campaign_id = d.campaign_id), 0))`;

/** A quick reply that is no opt-out. */
const HAS_REPLIED = anySql(`from tap indexed by tap_by_dispatch
  where tap.campaign_id = d.campaign_id and tap.row_number = d.row_number and is_opt_out = 0
    and tapped_at <= cast(@at as bigint)`);

/** The verbs; those that write need a transaction around them. */
export function makeTests({ audit, conversions }: { audit: Audit; conversions: Conversions }) {
  const sql = prepare();

  function* decisionOf(campaign: number): Verb<TestDecision | null> {
    const found = yield* sql.decision.get(campaign);
    if (found === undefined) return null;
    return { ...found, evidence: JSON.parse(found.evidence) as Record<string, unknown> };
  }

  /** People of each arm who ordered from the arms' first message on. */
  function* convertedIn(campaign: number, until: number): Verb<Map<number, number>> {
    const { frozen } = frozenOfJson((yield* sql.frozen.get(campaign)) ?? "{}");
    if (frozen["test.metric"] !== "converted") return new Map();
    const from = yield* sql.firstClaim.get(campaign);
    if (from === undefined || from === null) return new Map();
    const rows = new Map<number, Set<number>>();
    for (const { arm, row } of yield* conversions.matchesIn({ campaign, from, until })) {
      rows.set(arm, (rows.get(arm) ?? new Set()).add(row));
    }
    return new Map([...rows].map(([arm, { size }]) => [arm, size]));
  }

  return {
    /** The arms of a campaign, as it is planned from now on. */
    *keepArms(campaign: number, frozen: Frozen): Verb<void> {
      yield* sql.dropArms.run(campaign);
      const arms = frozenArms(frozen);
      if (arms.length === 0) return;
      yield* sql.addArm.insertEach(
        arms.map(({ name, template, language }, at) => [
          ...([campaign, at + 1, name, template, language] as const),
        ]),
      );
    },

    *testState(campaign: number, at: number): Verb<TestState | undefined> {
      const names = yield* sql.names.all(campaign);
      if (names.length === 0) return undefined;
      const counts = new Map(
        (yield* sql.counts.all({ campaign, at: Math.round(at) })).map((one) => [one.arm, one]),
      );
      const converted = yield* convertedIn(campaign, Math.round(at));
      const arms = names.map(([arm, name]): ArmCounts => {
        const none = { people: 0, open: 0, delivered: 0, read: 0, clicked: 0, replied: 0 };
        return { ...none, ...counts.get(arm), converted: converted.get(arm) ?? 0, arm, name };
      });
      const last = yield* sql.lastClaim.get(campaign);
      const rest = yield* sql.rest.get(campaign);
      assert(last !== undefined && rest !== undefined, "an aggregate has one row");
      const looks = yield* sql.looks.all(campaign);
      const importedAt = (yield* conversions.lastImport())?.at ?? null;
      return {
        arms,
        lastClaimAt: last,
        rest,
        looks,
        importedAt,
        decision: yield* decisionOf(campaign),
      };
    },

    *testLook(campaign: number, before: number, at: number): Verb<ArmCounts[]> {
      const asked = { campaign, at: Math.round(at), before: Math.round(before) };
      const counts = yield* sql.countsBefore.all(asked);
      return counts.map((one) => ({ ...one, name: "", converted: 0 }));
    },

    *keepTestLook(campaign: number, place: number, share: number, now: number): Verb<void> {
      yield* sql.keepLook.run(campaign, place, share, Math.round(now));
    },

    *decideTest(campaign: number, decision: TestDecision, entry: AuditEntry): Verb<boolean> {
      const { changes } = yield* sql.decide.run({
        ...{ campaign, ...decision },
        decidedAt: Math.round(decision.decidedAt),
        evidence: JSON.stringify(decision.evidence),
      });
      if (changes > 0) yield* audit.writeAudit(entry);
      return changes > 0;
    },
  };
}

export type Tests = ReturnType<typeof makeTests>;

/**
 * SQL: counts of each arm. Another row of the person, in the same arm, has the message of a
 * duplicate.
 */
function countsSql(where: string): string {
  return `
    select d.arm, count(*) as people,
      count(*) filter (where ${neverSentSql("d")}) as open,
      count(*) filter (where coalesce(d.delivered_at, d.read_at) <= cast(@at as bigint)) as delivered,
      count(*) filter (where d.read_at <= cast(@at as bigint)) as read,
      count(*) filter (where d.clicked_at <= cast(@at as bigint)) as clicked,
      count(*) filter (where ${HAS_REPLIED}) as replied
    from dispatch d
    where d.campaign_id = @campaign and d.arm > 0 and d.reason is distinct from 'duplicate'
      ${where}
    group by d.arm
  `;
}

function prepare() {
  return {
    dropArms: statement("delete from campaign_arm where campaign_id = ?"),
    addArm: setStatement<[number, number, string, string, string]>(
      `insert into campaign_arm (campaign_id, place, name, template, language)
      values (?, ?, ?, ?, ?)`,
      "bigint bigint text text text",
    ),
    names: statement<[number], [arm: number, name: string]>(
      "select place, name from campaign_arm where campaign_id = ? order by place",
    ).raw(),
    counts: statement<[{ campaign: number; at: number }], Omit<ArmCounts, "name" | "converted">>(
      countsSql(""),
    ),
    countsBefore: statement<
      [{ campaign: number; at: number; before: number }],
      Omit<ArmCounts, "name" | "converted">
    >(countsSql("and d.claimed_at <= cast(@before as bigint)")),
    looks: statement<[number], number>(
      "select share from campaign_test_look where campaign_id = ? order by place",
    ).pluck(),
    keepLook: statement(`
      insert into campaign_test_look (campaign_id, place, share, looked_at) values (?, ?, ?, ?)
      on conflict do nothing
    `),
    frozen: statement<[number], string>("select frozen from campaign where id = ?").pluck(),
    firstClaim: statement<[number], number | null>(
      "select min(claimed_at) from dispatch where campaign_id = ? and arm > 0",
    ).pluck(),
    lastClaim: statement<[number], number | null>(`
      select ${LAST_FIRST_CLAIM}
      from dispatch where campaign_id = ? and arm > 0
    `).pluck(),
    rest: statement<[number], number>(`
      select count(*) from dispatch
      where campaign_id = ? and arm = 0 and status in ('pending', 'held')
    `).pluck(),
    decision: statement<[number], Omit<TestDecision, "evidence"> & { evidence: string }>(`
      select decided_at as "decidedAt", winner, rest, sentence, evidence
      from campaign_test where campaign_id = ?
    `),
    decide: statement(`
      insert into campaign_test (campaign_id, decided_at, winner, rest, sentence, evidence)
      values (@campaign, @decidedAt, @winner, @rest, @sentence, @evidence)
      on conflict do nothing
    `),
  };
}
