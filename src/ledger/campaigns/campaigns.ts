// Keeps the campaigns themselves: their names, lanes, states and what they were planned with.
// Touches no dispatch.

import type {
  CampaignPlan,
  CampaignRecord,
  CampaignState,
  Fingerprint,
  Halt,
  LaneState,
  LastStop,
  Stop,
} from "../../domain/campaign/campaign.ts";
import type { CampaignDraft, Senders } from "../../domain/campaign/campaign-ports.ts";
import { planStop } from "../../domain/campaign/pause.ts";
import { assert } from "../../domain/common/errors.ts";
import { stateOfLanes } from "../../domain/sending/side-by-side.ts";
import type { Verb } from "../engine.ts";
import { setStatement, statement } from "../engine.ts";
import { anyHeldSql, anyPendingSql } from "../looks.ts";
import { makeLaneStates } from "../sending/lane-states.ts";
import type { KeptManifest } from "./frozen-json.ts";
import { frozenJson, frozenOfJson } from "./frozen-json.ts";
import type { Stops } from "./stops.ts";
import type { Tests } from "./tests.ts";

interface CampaignRow {
  id: number;
  name: string;
  lane: string;
  state: CampaignState;
  halt_code: string | null;
  halt_sentence: string | null;
  frozen: string;
  columns: string;
  recipients_size: number | null;
  recipients_modified_ms: number | null;
  recipients_sha256: string | null;
  rows: number;
  created_at: number;
  changed_at: number;
  portfolio: string | null;
  erased_at: number | null;
  receipts_since: number | null;
  /** JSON, as the next two; null where there is none. */
  streak_halts: string | null;
  refused_regions: string | null;
  excludes: string | null;
  lanes: string | null;
  budget: string | null;
  replanning: CampaignRecord["replanning"];
  last_stop: string | null;
  cancelled_by: string | null;
  manifest: string | null;
}

/** Whenever a stop was asked for, it was before this. */
const MAX_INSTANT = Number.MAX_SAFE_INTEGER;

/** The verbs of the contract that concern a campaign as a whole. */
export function makeCampaigns({ stops, tests }: { stops: Stops; tests: Tests }) {
  const laneStates = makeLaneStates();
  const campaigns = `
    select *,
      (select '{' || string_agg(json_quote(code) || ':' || halts, ',' order by code) || '}'
        from streak_halt where campaign_id = campaign.id) as streak_halts,
      (select '[' || string_agg(json_quote(region), ',' order by region) || ']'
        from refused_region where campaign_id = campaign.id) as refused_regions,
      (select '[' || string_agg(json_quote(other.name), ',' order by other.id) || ']'
        from excluded_campaign join campaign as other on other.id = other_id
        where campaign_id = campaign.id) as excludes,
      (select '[' || string_agg(json_quote(lane), ',' order by place) || ']'
        from campaign_lane where campaign_id = campaign.id) as lanes,
      (select '{"most":' || most || ',"currency":' || json_quote(currency) || '}'
        from campaign_budget where campaign_id = campaign.id) as budget
    from campaign
  `;
  const byName = statement<[string], CampaignRow>(`${campaigns} where name = ?`);
  const all = statement<[], CampaignRow>(`${campaigns} where test_of is null order by id`);
  const testsOf = statement<[string], CampaignRow>(`${campaigns} where test_of = ? order by id`);
  const allTests = statement<[], CampaignRow>(`${campaigns} where test_of is not null order by id`);
  const open = statement<[], CampaignRow>(
    `${campaigns} where state not in ('finished', 'cancelled') and test_of is null order by id`,
  );
  const phoneNumbers = statement<[], string>(
    "select lane from campaign where lane <> 'sandbox' union select lane from campaign_lane order by 1",
  ).pluck();
  const wabas = statement<[], string>(
    "select distinct waba from campaign where waba is not null order by 1",
  ).pluck();
  const insert = statement(`
    insert into campaign (name, lane, state, frozen, columns, created_at, changed_at, test_of)
    values (@name, @lane, 'planning', @frozen, @columns, @now, @now, cast(@testOf as text))
  `);
  const insertLane = setStatement(
    "insert into campaign_lane (campaign_id, place, lane) values (?, ?, ?)",
    "bigint bigint text",
  );
  // A cancelled campaign stays so: its runner, in another process, may be about to write down how
  // it stopped.
  const setState = statement(`
    update campaign
    set state = @state, halt_code = @code, halt_sentence = @sentence, changed_at = @now,
      last_stop = @lastStop
    where id = @campaign and state <> 'cancelled'
  `);
  const keepAccount = statement(
    "update campaign set waba = coalesce(?, waba), number = coalesce(?, number) where id = ?",
  );
  const keepNumber = setStatement(
    "update campaign_lane set number = ? where campaign_id = ? and lane = ?",
    "bigint bigint text",
  );
  const countStreakHalt = statement(`
    insert into streak_halt (campaign_id, code, halts) values (?, ?, 1)
    on conflict (campaign_id, code) do update set halts = streak_halt.halts + 1
  `);
  const streakHalts = statement<[number], { code: string; halts: number }>(
    "select code, halts from streak_halt where campaign_id = ? order by code",
  );
  const keepCappedTries = statement("update campaign set capped_tries = ? where id = ?");
  const frozenText = statement<[number], string>(
    "select frozen from campaign where id = ?",
  ).pluck();
  const keepManifest = statement("update campaign set manifest = ?, frozen = ? where id = ?");
  const keepFrozen = statement("update campaign set frozen = ? where id = ?");
  const keepStopWords = statement("update campaign set stop_words = ? where id = ?");
  const stopWords = statement<[], { lane: string; words: string }>(
    `select lane, words from (
      select lane, stop_words as words from campaign where stop_words is not null
      union all
      select l.lane, c.stop_words from campaign as c
      join campaign_lane as l on l.campaign_id = c.id where c.stop_words is not null
    ) as said order by lane, words`,
  );
  const reopen = statement(
    "update campaign set state = 'stopped', changed_at = ?, last_stop = null where id = ? and state = 'finished'",
  );
  const noticeOf = statement<[number], string | null>(
    "select notice from campaign where id = ?",
  ).pluck();
  const keepNotice = statement(`
    update campaign set notice = @next
    where id = @campaign and coalesce(notice, '') = cast(@before as text)
  `);
  const anybodyWaits = statement(
    `select ${anyHeldSql("@campaign")} or ${anyPendingSql("@campaign")}`,
  ).pluck();

  function* findCampaign(name: string): Verb<CampaignRecord | undefined> {
    const row = yield* byName.get(name);
    return row === undefined ? undefined : yield* withStops(row);
  }

  function* withStops(row: CampaignRow): Verb<CampaignRecord> {
    const stop = yield* stops.of(row.id);
    if (row.lanes === null) return toRecord(row, stop, { laneStops: [], laneStates: [] });
    const laneStops = yield* stops.ofLanes(row.id);
    return toRecord(row, stop, { laneStops, laneStates: yield* laneStates.of(row.id) });
  }

  function* recordsOf(rows: readonly CampaignRow[]): Verb<CampaignRecord[]> {
    const records: CampaignRecord[] = [];
    for (const row of rows) records.push(yield* withStops(row));
    return records;
  }

  function* keepState(
    campaign: number,
    { state, halt, lastStop }: Pick<CampaignRecord, "state" | "halt" | "lastStop">,
    now: number,
  ): Verb<void> {
    // A receipt or the operator may have made a person wait since the runner looked for the last
    // time.
    const isEnded = state !== "finished" || (yield* anybodyWaits.get({ campaign })) === 0;
    yield* setState.run({
      campaign,
      state: isEnded ? state : "stopped",
      code: halt?.code ?? null,
      sentence: halt?.sentence ?? null,
      now: Math.round(now),
      lastStop: lastStop === null ? null : JSON.stringify(lastStop),
    });
  }

  return {
    findCampaign,

    *listCampaigns(): Verb<CampaignRecord[]> {
      return yield* recordsOf(yield* all.all());
    },

    *listTests(of?: string): Verb<CampaignRecord[]> {
      return yield* recordsOf(yield* of === undefined ? allTests.all() : testsOf.all(of));
    },

    *listOpenCampaigns(): Verb<CampaignRecord[]> {
      return yield* recordsOf(yield* open.all());
    },

    *createCampaign(draft: CampaignDraft): Verb<CampaignRecord> {
      yield* insert.run({
        name: draft.name,
        lane: draft.lane,
        frozen: frozenJson(draft.frozen, null),
        columns: JSON.stringify(draft.columns),
        now: Math.round(draft.now),
        testOf: draft.testOf ?? null,
      });
      const created = yield* findCampaign(draft.name);
      assert(created !== undefined, "a campaign that was just created is there");
      yield* tests.keepArms(created.id, draft.frozen);
      const { moreLanes = [] } = draft;
      if (moreLanes.length === 0) return created;
      yield* insertLane.insertEach(moreLanes.map((lane, at) => [created.id, at + 1, lane]));
      return (yield* findCampaign(draft.name)) as CampaignRecord;
    },

    *senders(): Verb<Senders> {
      return { phoneNumbers: yield* phoneNumbers.all(), wabas: yield* wabas.all() };
    },

    /** Whose account events concern the campaign; what is left out stays as it was. */
    *keepAccount(
      campaign: number,
      facts: { waba?: string; number?: string; moreNumbers?: Readonly<Record<string, string>> },
    ): Verb<void> {
      const { waba, number, moreNumbers = {} } = facts;
      yield* keepNumber.changeEach(
        Object.entries(moreNumbers).map(([lane, digits]) => [Number(digits), campaign, lane]),
      );
      if (waba === undefined && number === undefined) return;
      yield* keepAccount.run(waba ?? null, number === undefined ? null : Number(number), campaign);
    },

    *keepManifest(campaign: number, path: string, manifest: KeptManifest): Verb<void> {
      const kept = yield* frozenText.get(campaign);
      if (kept === undefined) return;
      const { frozen, plan } = frozenOfJson(kept);
      yield* keepManifest.run(path, frozenJson(frozen, { ...manifest, plan }), campaign);
    },

    /**
     * Keeps the plan of a campaign. One that nobody has started stops it until a person does, and
     * one that was started lifts that.
     */
    *keepPlan(campaign: number, plan: CampaignPlan, now: number): Verb<void> {
      const text = yield* frozenText.get(campaign);
      if (text === undefined) return;
      const { frozen, ...kept } = frozenOfJson(text);
      yield* keepFrozen.run(frozenJson(frozen, { ...kept, plan }), campaign);
      if (plan.startedBy === null) yield* stops.askStop(campaign, planStop(now));
      else yield* stops.liftStop(campaign, "plan", MAX_INSTANT);
    },

    /** Starts a plan that waits; false where it is another one by now, or was started already. */
    *startPlan(campaign: number, digest: string, by: string): Verb<boolean> {
      const text = yield* frozenText.get(campaign);
      const { frozen, ...kept } = frozenOfJson(text ?? "{}");
      if (kept.plan?.digest !== digest || kept.plan.startedBy !== null) return false;
      const plan = { digest, startedBy: by };
      yield* keepFrozen.run(frozenJson(frozen, { ...kept, plan }), campaign);
      yield* stops.liftStop(campaign, "plan", MAX_INSTANT);
      return true;
    },

    *keepStopWords(campaign: number, words: readonly string[]): Verb<void> {
      yield* keepStopWords.run(words.length === 0 ? null : JSON.stringify(words), campaign);
    },

    *noticeOf(campaign: number): Verb<string | null> {
      return (yield* noticeOf.get(campaign)) ?? null;
    },

    *keepNotice(campaign: number, before: string | null, next: string | null): Verb<boolean> {
      const { changes } = yield* keepNotice.run({ campaign, before: before ?? "", next });
      return changes > 0;
    },

    *keepCappedTries(campaign: number, tries: number): Verb<void> {
      yield* keepCappedTries.run(tries, campaign);
    },

    /**
     * The campaign halted because one code came many times in a row: the next run bears ten times
     * as many.
     */
    *countStreakHalt(campaign: number, code: string): Verb<void> {
      yield* countStreakHalt.run(campaign, code);
    },

    /** Code → how often the campaign halted so. */
    *streakHalts(campaign: number): Verb<Record<string, number>> {
      return Object.fromEntries(
        (yield* streakHalts.all(campaign)).map(({ code, halts }) => [code, halts]),
      );
    },

    /**
     * Every campaign's own words by which people ask to be left alone, with the lane that they are
     * said to.
     */
    *stopWords(): Verb<{ lane: string; words: string[] }[]> {
      return (yield* stopWords.all()).map(({ lane, words }) => ({
        lane,
        words: JSON.parse(words),
      }));
    },

    /**
     * A person waits again: the campaign is not finished, events may stop it, and the same command
     * goes on with it.
     */
    *reopen(campaign: number, now: number): Verb<void> {
      yield* reopen.run(Math.round(now), campaign);
    },

    *setState(
      campaign: number,
      state: CampaignState,
      halt: Halt | null,
      now: number,
      lastStop?: LastStop,
    ): Verb<void> {
      if (halt?.isStreak === true) yield* countStreakHalt.run(campaign, halt.code);
      yield* laneStates.forget(campaign);
      yield* keepState(campaign, { state, halt, lastStop: lastStop ?? null }, now);
    },

    *setLaneState(
      campaign: number,
      lane: number,
      state: LaneState["state"],
      halt: Halt | null,
      now: number,
      lastStop?: LastStop,
    ): Verb<void> {
      // Of several lanes that halt for one reason one counts.
      const isFirst = !(yield* laneStates.isAnyHalted(campaign, halt?.code ?? ""));
      if (halt?.isStreak === true && isFirst) yield* countStreakHalt.run(campaign, halt.code);
      yield* laneStates.keep(campaign, lane, { state, halt, lastStop: lastStop ?? null });
      yield* keepState(campaign, stateOfLanes(yield* laneStates.effective(campaign)), now);
    },
  };
}

export type Campaigns = ReturnType<typeof makeCampaigns>;

function toRecord(
  row: CampaignRow,
  stop: Stop | null,
  { laneStops, laneStates }: Pick<CampaignRecord, "laneStops" | "laneStates">,
): CampaignRecord {
  return {
    id: row.id,
    name: row.name,
    lane: row.lane,
    lanes: [row.lane, ...(JSON.parse(row.lanes ?? "[]") as string[])],
    state: row.state,
    halt:
      row.halt_code === null
        ? null
        : { code: row.halt_code, sentence: row.halt_sentence as string },
    stop,
    laneStops,
    laneStates,
    ...frozenOfJson(row.frozen),
    recipients: toFingerprint(row),
    columns: JSON.parse(row.columns) as string[],
    rows: row.rows,
    createdAt: row.created_at,
    changedAt: row.changed_at,
    lastStop: row.last_stop === null ? null : (JSON.parse(row.last_stop) as LastStop),
    cancelledBy: row.cancelled_by,
    manifest: row.manifest,
    portfolio: row.portfolio,
    erasedAt: row.erased_at,
    receiptsSince: row.receipts_since,
    streakHalts: JSON.parse(row.streak_halts ?? "{}") as Record<string, number>,
    refusedRegions: JSON.parse(row.refused_regions ?? "[]") as string[],
    replanning: row.replanning,
    excludes: JSON.parse(row.excludes ?? "[]") as string[],
    budget: JSON.parse(row.budget ?? "null") as CampaignRecord["budget"],
  };
}

function toFingerprint(row: CampaignRow): Fingerprint | null {
  if (row.recipients_size === null) return null;
  return {
    size: row.recipients_size,
    modifiedMs: row.recipients_modified_ms as number,
    sha256: row.recipients_sha256 as string,
  };
}
