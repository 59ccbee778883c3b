// Moves dispatches while a campaign runs: answers are recorded, claims are given out. The two
// promises (nobody twice, nobody lost) stand on this file; it decides nothing about what an answer
// means.

import type { Claim } from "../../domain/campaign/attempt.ts";
import type { SkipReason } from "../../domain/campaign/dispatch.ts";
import { SKIPPED_BY_CLAIM } from "../../domain/campaign/dispatch.ts";
import { assert } from "../../domain/common/errors.ts";
import { reachedNobody } from "../../domain/sending/daily-limit.ts";
import type { Turn, TurnResult } from "../../domain/sending/turn.ts";
import type { Canceller } from "../campaigns/cancel.ts";
import type { Refusals } from "../campaigns/refusals.ts";
import type { Stops } from "../campaigns/stops.ts";
import type { Tallies } from "../campaigns/tallies.ts";
import { isUndecidedSql, mostBucket } from "../campaigns/tests.ts";
import type { Verb } from "../engine.ts";
import { ahead, setStatement, statement } from "../engine.ts";
import { placedLaneSql } from "../lanes.ts";
import { anyDueSql, anyPendingSql } from "../looks.ts";
import type { Forgotten } from "../people/forgotten.ts";
import { duplicateDetail } from "../planning/planning.ts";
import type { Attempts } from "./attempts.ts";
import type { Budgets } from "./budget.ts";
import type { Candidate, Candidates } from "./candidates.ts";
import {
  EXCLUDED,
  makeCandidates,
  REFUSED,
  ROW,
  STOPS,
  SUPPRESSED,
  stopOfAll,
  toClaim,
} from "./candidates.ts";
import type { Caps, OpenCap } from "./caps.ts";
import { makeClaims } from "./claims.ts";
import { makeClosedZones } from "./closed-zones.ts";
import type { Gate, Gates } from "./gates.ts";
import { makeGates } from "./gates.ts";
import type { Ramp } from "./ramp.ts";
import type { Reach } from "./reach.ts";
import { LAST_CLAIM_MS, portfolioSql, SANDBOX } from "./reach.ts";
import type { TurnNumbers } from "./turn-numbers.ts";

/**
 * Suppressed people passed over in one turn; beyond it the turn ends short, so that no commit grows
 * without end.
 */
const PASSED_OVER_MAX = 25_000;
/** The same where each of them is looked up for the frequency cap. */
const CAPPED_MAX = 5_000;
/** Most rows that are looked at together then. */
const TOGETHER_MAX = 1_000;
/**
 * A block of them is looked for among so many rows at first, and among twice as many each time that
 * all of those are in it.
 */
const BLOCK_FIRST = 64;

/** Why the claim skips whom it may not send to; of a block of them at once, too. */
const SKIPS: Readonly<Record<number, { reason: SkipReason; detail: string }>> = {
  [SUPPRESSED]: { reason: "opted_out", detail: SKIPPED_BY_CLAIM.opted_out },
  [EXCLUDED]: { reason: "reached_by_campaign", detail: SKIPPED_BY_CLAIM.reached_by_campaign },
};
const COUNTRY_REFUSED = SKIPPED_BY_CLAIM.refused_country;

/** What one turn claims. */
interface Taking {
  turn: Turn;
  candidates: Candidates;
  gates: Gates;
  claimed: Claim[];
  /** Undefined: no cap, or nothing counts for it. */
  cap: OpenCap | undefined;
  passedOver: number;
  /** Of these, held until their cap is free. */
  held: number;
  /** Rows among which the end of a block is looked for next. */
  block: number;
  /** See TurnCampaign. */
  restArm: number;
}

/** The zone of the rows of a campaign that has none. */
const ZONE_OF_ALL = 0;

/** What a turn has claimed. */
interface Taken
  extends Pick<TurnResult, "claimed" | "suppressed" | "held" | "full" | "emptyZones"> {
  /** Nobody else could be claimed now. */
  isEmpty: boolean;
}

/** What a turn has to know of its campaign. */
interface TurnCampaign {
  /** Null when the campaign has no such lane. */
  lane: string | null;
  state: string;
  portfolio: string;
  lastClaimAt: number | null;
  isStopped: 0 | 1;
  /** Anybody's people are counted. */
  isCounted: 0 | 1;
  hasBudget: 0 | 1;
  /** It has a test that is not decided: the rest waits. */
  isUndecided: 0 | 1;
  /** What the rest gets, of a test that is decided; else 0. */
  restArm: number;
}

/** The verbs of the running campaign; `turn` needs a transaction around it. */
export function makeDispatches(parts: {
  attempts: Attempts;
  budgets: Budgets;
  canceller: Canceller;
  caps: Caps;
  forgotten: Forgotten;
  ramp: Ramp;
  reach: Reach;
  refusals: Refusals;
  stops: Stops;
  tallies: Tallies;
  turnNumbers: TurnNumbers;
}) {
  const { attempts, budgets, canceller, caps, forgotten, ramp, reach } = parts;
  const { refusals, stops, tallies, turnNumbers } = parts;
  const sql = prepare();
  const candidatesOf = makeCandidates(forgotten);
  const claims = makeClaims();
  const closedZones = makeClosedZones();

  /**
   * Claims as many as the turn still wants, and skips the suppressed ones on the way.
   * @param source `due`, or the zone whose pending ones are claimed
   * @returns true when none is left there
   */
  function* claimFrom(source: "due" | number, taking: Taking): Verb<boolean> {
    const { turn, candidates, gates, claimed } = taking;
    const { campaign } = turn;
    const now = Math.round(turn.now);
    const most = taking.cap === undefined ? PASSED_OVER_MAX : CAPPED_MAX;
    // Each person who is over the cap is looked up: as long as all are, more of them at once.
    let together = 0;
    while (claimed.length < turn.claim && taking.passedOver < most && !gates.isFull()) {
      const room = turn.claim - claimed.length;
      const limit = Math.max(room, together);
      const looked = yield* source === "due"
        ? candidates.due(limit)
        : candidates.pending(source, limit);
      const { found: all, isRest, isBlock } = looked;
      const found = source === "due" ? yield* closedZones.postpone(all, turn) : all;
      const unstopped = found.filter((candidate) => candidate[STOPS] === 0);
      const stopped = source === "due" ? undefined : stopOfAll(found);
      if (stopped !== undefined) {
        yield* passBlock({ stopped, zone: source as number }, taking);
        continue;
      }
      for (const candidate of found) {
        if (candidate[STOPS] === 0) continue;
        yield* passOver(campaign, candidate);
        taking.passedOver += 1;
      }
      const { free, isWhole } = yield* sift(unstopped, room, taking);
      if (free.length === 0) together = Math.min(TOGETHER_MAX, 2 * limit);
      const taken = free.slice(0, yield* gates.admit(free));
      if (source === "due") yield* claims.due(campaign, taken, now);
      else yield* claims.pending(turn, taken, { isBlock, now });
      for (const candidate of taken) claimed.push(toClaim(candidate, taking.restArm));
      if (isRest && all.length < limit) return isWhole && taken.length === free.length;
      if (all.length === limit && free.length === all.length) return false;
    }
    return false;
  }

  /**
   * Those for whom there is room, without who is over the frequency cap; `isWhole` when all were
   * looked at.
   */
  function* sift(
    candidates: Candidate[],
    room: number,
    taking: Taking,
  ): Verb<{ free: Candidate[]; isWhole: boolean }> {
    if (taking.cap === undefined) {
      return { free: candidates.slice(0, room), isWhole: candidates.length <= room };
    }
    const { free, skipped, held } = yield* taking.cap.sift(candidates, room);
    taking.passedOver += skipped + held;
    taking.held += held;
    return { free, isWhole: free.length + skipped + held === candidates.length };
  }

  /** Claims of the zones that are open, one after the other. Returns those that are empty. */
  function* claimZones(zones: readonly number[], taking: Taking): Verb<number[]> {
    const empty: number[] = [];
    for (const zone of zones) {
      taking.block = BLOCK_FIRST;
      if (taking.claimed.length === taking.turn.claim) break;
      if (yield* claimFrom(zone, taking)) empty.push(zone);
    }
    return empty;
  }

  /**
   * Skips a block of pending rows that are all stopped for the same reason, at once: one by one,
   * half a million opted-out people ahead of the first other one cost a minute.
   */
  function* passBlock(
    { stopped, zone }: { stopped: number; zone: number },
    taking: Taking,
  ): Verb<void> {
    const { candidates, turn } = taking;
    const most = Math.min(taking.block, PASSED_OVER_MAX - taking.passedOver);
    const end = yield* candidates.blockEnd(zone, stopped, most);
    const skip = SKIPS[stopped];
    const place = [turn.campaign, laneOf(turn), zone];
    const { changes } =
      skip === undefined
        ? yield* sql.withholdBlock.run(COUNTRY_REFUSED, ...place, end)
        : yield* sql.passBlock.run(skip.reason, skip.detail, ...place, end);
    assert(changes > 0, "the first row of a block is pending");
    taking.passedOver += changes;
    if (changes === most) taking.block *= 2;
  }

  /** Skips a dispatch that something stops. */
  function* passOver(campaign: number, { [ROW]: row, [STOPS]: by }: Candidate): Verb<void> {
    const skip = SKIPS[by];
    if (skip !== undefined) yield* sql.passOver.run(skip.reason, skip.detail, campaign, row);
    else if (by === REFUSED) yield* sql.withhold.run(COUNTRY_REFUSED, campaign, row);
    else yield* sql.passOver.run("duplicate", duplicateDetail(by), campaign, row);
  }

  function* claim(turn: Turn, { portfolio, lastClaimAt, ...asked }: TurnCampaign): Verb<Taken> {
    const nothing = { claimed: [], suppressed: 0, held: 0, full: null, isEmpty: false };
    if (turn.claim === 0) return nothing;
    const now = Math.round(turn.now);
    const { peopleMax } = turn;
    const isLimited = asked.isCounted === 1 || peopleMax !== undefined;
    const window = isLimited ? yield* reach.open({ portfolio, now, peopleMax }) : undefined;
    const { rampSizes } = turn;
    const isUndecided = asked.isUndecided === 1;
    const ramped = rampSizes && (yield* ramp.open(turn.campaign, rampSizes));
    const order = {
      most: mostBucket(isUndecided),
      isRowOrder: !isUndecided && ramped?.isThrough === true,
    };
    const place = { campaign: turn.campaign, lane: laneOf(turn) };
    const candidates = yield* candidatesOf(place, now, order);
    const own: Gate[] = ramped === undefined ? [] : [ramped];
    if (asked.hasBudget === 1) own.push(yield* budgets.open(turn.campaign, now));
    const gates = makeGates(own, window);
    const whose = { campaign: turn.campaign, isSandbox: asked.lane === SANDBOX };
    const taking: Taking = {
      ...{ turn, candidates, gates, claimed: [] },
      cap: turn.cap && (yield* caps.open(whose, { cap: turn.cap, now })),
      ...{ passedOver: 0, held: 0, block: BLOCK_FIRST, restArm: asked.restArm },
    };
    const isNoneDue = yield* claimFrom("due", taking);
    const open = turn.zones?.open ?? [ZONE_OF_ALL];
    const emptyZones = yield* claimZones(open, taking);
    const isEmpty = isNoneDue && emptyZones.length === open.length;
    const { claimed, held } = taking;
    const suppressed = taking.passedOver - held;
    const isNoted = lastClaimAt !== null && now - lastClaimAt < LAST_CLAIM_MS;
    if (claimed.length > 0 && !isNoted) yield* ahead(sql.lastClaim.run(now, turn.campaign));
    const full = yield* gates.full();
    const ofZones = turn.zones !== undefined && { emptyZones };
    return { claimed, suppressed, held, full, isEmpty, ...ofZones };
  }

  function* turn(turn: Turn): Verb<TurnResult> {
    const { campaign } = turn;
    const lane = laneOf(turn);
    const asked = yield* ahead(sql.running.get({ campaign, lane }));
    const isMoved = yield* attempts.record(campaign, turn.record);
    const stale = isMoved.filter((moved) => !moved).length;
    const again = turn.record.filter(reachedNobody).map(({ row }) => ({ campaign, row }));
    for (const record of turn.record) {
      const { refusesRegion = null } = record;
      if (refusesRegion !== null) yield* refusals.add(campaign, refusesRegion, turn.now);
    }
    let isReleased: readonly boolean[] = [];
    if (turn.release.length > 0) {
      isReleased = yield* sql.release.changeEach(
        turn.release.map(({ row, attempt }) => [campaign, row, attempt]),
      );
      if (turn.rampSizes !== undefined) {
        const first = turn.release.filter(({ attempt }, at) => attempt === 1 && isReleased[at]);
        yield* ramp.giveBack(campaign, first.length);
      }
    }
    for (const { row } of turn.release) again.push({ campaign, row });
    yield* reach.lookAgain(again);
    const changed = turn.record.length + turn.release.length;
    const running = yield* asked;
    assert(running?.lane != null, "a turn belongs to a lane of a campaign of this ledger");
    if (running.hasBudget === 1) yield* budgets.free(turn, isMoved, isReleased);
    if (running.state === "cancelled") {
      yield* tallies.changed(campaign, changed);
      yield* turnNumbers.note(running.lane, turn, false);
      yield* canceller.cancelPending(campaign);
      yield* canceller.cancelHeld(campaign);
      const nothing = { claimed: [], suppressed: 0, held: 0, number: null, full: null, stop: null };
      return { ...nothing, stale, drained: true, cancelled: true };
    }
    const stop = running.isStopped === 1 ? yield* stops.of(campaign, lane) : null;
    const claiming = stop === null ? turn : { ...turn, claim: 0 };
    const { isEmpty: isThrough, ...taken } = yield* claim(claiming, running);
    const claimed = taken.claimed.length;
    yield* tallies.changed(campaign, changed + claimed + taken.suppressed + taken.held);
    const counted = yield* turnNumbers.note(running.lane, turn, claimed > 0);
    const now = Math.round(turn.now);
    const isEmpty =
      running.isUndecided === 1
        ? isThrough
        : (yield* sql.anyLeft.get({ campaign, lane, now })) === 0;
    const drained =
      isEmpty || (turn.zones !== undefined && (yield* closedZones.areAllLeft(turn, taken)));
    const number = counted === null ? null : ((yield* counted) ?? null);
    return { ...taken, number, stale, drained, stop, cancelled: false };
  }

  return {
    turn,

    *turnAll(turns: readonly Turn[]): Verb<TurnResult[]> {
      const results: TurnResult[] = [];
      for (const one of turns) results.push(yield* turn(one));
      return results;
    },
  };
}

const laneOf = ({ lane = 0 }: Turn): number => lane;

function prepare() {
  return {
    running: statement<[{ campaign: number; lane: number }], TurnCampaign>(`
      select ${placedLaneSql("campaign", "cast(@lane as bigint)")} as lane, iif(erased_at is null, state, 'cancelled') as state,
        ${portfolioSql("campaign")} as portfolio, last_claim_at as "lastClaimAt",
        exists (
          select 1 from campaign_stop
          where campaign_id = campaign.id and lane_place in (-1, @lane)
        )
          or exists (
            select 1 from went_back
            where overridden_at is null and (lane = 'sandbox') = (campaign.lane = 'sandbox')
          ) as "isStopped",
        exists (select 1 from reach) as "isCounted",
        exists (select 1 from campaign_budget where campaign_id = @campaign) as "hasBudget",
        ${isUndecidedSql("@campaign")} as "isUndecided",
        coalesce((select rest from campaign_test where campaign_id = @campaign), 0) as "restArm"
      from campaign where id = @campaign
    `),
    lastClaim: statement("update campaign set last_claim_at = ? where id = ?"),
    passOver: statement(`
      update dispatch set status = 'skipped', reason = ?, detail = ?,
        value_list = null, held_until = null, error_code = null, error_message = null
      where campaign_id = ? and row_number = ? and status in ('pending', 'held')
    `),
    passBlock: statement(`
      update dispatch indexed by dispatch_pending set status = 'skipped', reason = ?,
        detail = ?, value_list = null, held_until = null, error_code = null, error_message = null
      where campaign_id = ? and lane_place = ? and zone = ? and bucket = 0 and status = 'pending'
        and row_number < ?
    `),
    withholdBlock: statement(`
      update dispatch indexed by dispatch_pending set status = 'skipped', reason = 'refused_country',
        detail = ?, withheld_list = value_list, value_list = null, held_until = null,
        error_code = null, error_message = null
      where campaign_id = ? and lane_place = ? and zone = ? and bucket = 0 and status = 'pending'
        and row_number < ?
    `),
    withhold: statement(`
      update dispatch set status = 'skipped', reason = 'refused_country', detail = ?,
        withheld_list = value_list, value_list = null, held_until = null, error_code = null,
        error_message = null
      where campaign_id = ? and row_number = ? and status in ('pending', 'held')
    `),
    // No row is an answer, too: the claim was settled otherwise, such as by recovery.
    release: setStatement(
      `update dispatch set status = 'pending', attempts = attempts - 1,
        claimed_at = iif(attempts > 1, claimed_at, null)
      where campaign_id = ? and row_number = ? and +status = 'claimed' and attempts = ?`,
      "bigint bigint bigint",
    ),
    anyLeft: statement(
      `select ${anyPendingSql("@campaign", "@lane")} or ${anyDueSql("@campaign", "@lane", "@now")}`,
    ).pluck(),
  };
}
