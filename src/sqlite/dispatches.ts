// Moves dispatches while a campaign runs: answers are recorded, claims are given out. The two promises (nobody twice,
// nobody lost) stand on this file; it decides nothing about what an answer means.

import type { Database } from "better-sqlite3";
import { assert } from "../errors.ts";
import type { Claim, Remaining, Turn, TurnResult } from "../ledger.ts";
import type { Attempts } from "./attempts.ts";
import type { Canceller } from "./cancel.ts";

import { suppressedSql } from "./suppressions.ts";

/** Suppressed people passed over in one turn; beyond it the turn ends short, so that no commit grows without end. */
const PASSED_OVER_MAX = 10_000;

/** A dispatch that may be claimed; as a tuple, since an object with named columns costs a microsecond more. */
type Candidate = [
  row: number,
  attempts: number,
  holds: number,
  phone: number,
  region: string | null,
  values: string,
  suppressed: 0 | 1,
];

const ROW = 0;
const SUPPRESSED = 6;

/** The verbs of the running campaign, synchronous; `turn` needs a transaction around it. */
export function makeDispatches(db: Database, attempts: Attempts, canceller: Canceller) {
  const sql = prepare(db);

  /** Claims up to `want` dispatches out of `candidates`, and skips the suppressed ones among them. */
  function claimFrom(source: "due" | "pending", turn: Turn, got: Claim[], skipped: number): number {
    const { campaign } = turn;
    const now = Math.round(turn.now);
    let passedOver = 0;
    while (got.length < turn.claim && skipped + passedOver < PASSED_OVER_MAX) {
      const limit = turn.claim - got.length;
      const found =
        source === "due" ? sql.due.all(campaign, now, limit) : sql.pending.all(campaign, limit);
      const free = found.filter((candidate) => candidate[SUPPRESSED] === 0);
      for (const candidate of found) {
        if (candidate[SUPPRESSED] === 0) continue;
        sql.passOver.run(campaign, candidate[ROW]);
        passedOver += 1;
      }
      if (source === "due") claimDue(campaign, free, now);
      else claimPending(campaign, free, now);
      for (const candidate of free) got.push(toClaim(candidate));
      if (found.length < limit || free.length === found.length) break;
    }
    return passedOver;
  }

  function claimDue(campaign: number, free: Candidate[], now: number): void {
    free.sort((a, b) => a[ROW] - b[ROW]);
    for (const [row] of free) {
      const { changes } = sql.claimDue.run(now, campaign, row);
      assert(changes === 1, "a hold that was just found due is claimed");
    }
  }

  function claimPending(campaign: number, free: Candidate[], now: number): void {
    const first = free[0];
    const last = free.at(-1);
    if (first === undefined || last === undefined) return;
    // The suppressed ones between them are skipped by now, so what is pending from first to last is `free`.
    const { changes } = sql.claimPending.run(now, campaign, first[ROW], last[ROW]);
    assert(changes === free.length, "exactly the dispatches that were found are claimed");
  }

  return {
    turn(turn: Turn): TurnResult {
      const { campaign } = turn;
      const state = sql.state.get(campaign);
      assert(state !== undefined, "a turn belongs to a campaign of this ledger");
      const stale = attempts.record(campaign, turn.record);
      for (const { row, attempt } of turn.release) sql.release.run(campaign, row, attempt);
      if (turn.pace !== undefined) sql.setPace.run(turn.pace);
      const claimed: Claim[] = [];
      if (state === "cancelled") {
        canceller.cancelPending(campaign);
        canceller.cancelHeld(campaign);
        return { claimed, suppressed: 0, stale, drained: true };
      }
      let suppressed = 0;
      if (turn.claim > 0) {
        suppressed += claimFrom("due", turn, claimed, suppressed);
        suppressed += claimFrom("pending", turn, claimed, suppressed);
      }
      const drained = sql.anyLeft.get(campaign, campaign, Math.round(turn.now)) === 0;
      return { claimed, suppressed, stale, drained };
    },

    remaining(campaign: number): Remaining {
      const row = sql.remaining.get({ campaign });
      assert(row !== undefined, "an aggregate has one row");
      return { ...row, accepted: row.accepted === 1 };
    },
  };
}

function toClaim([row, attempts, holds, phone, region, values]: Candidate): Claim {
  return { row, attempt: attempts + 1, phone: `+${phone}`, region, values, holds };
}

function prepare(db: Database) {
  const candidate = `
    select row_number, attempts, holds, phone, region, value_list,
      exists (select 1 from suppression) and ${suppressedSql("dispatch.person")} as suppressed
    from dispatch
  `;
  return {
    state: db.prepare("select state from campaign where id = ?").pluck(),
    due: db
      .prepare<[number, number, number], Candidate>(`
      ${candidate} indexed by dispatch_held
      where campaign_id = ? and status = 'held' and held_until <= ?
      order by held_until, row_number limit ?
    `)
      .raw(),
    pending: db
      .prepare<[number, number], Candidate>(`
      ${candidate} indexed by dispatch_pending
      where campaign_id = ? and status = 'pending' order by row_number limit ?
    `)
      .raw(),
    claimDue: db.prepare(`
      update dispatch set status = 'claimed', attempts = attempts + 1, claimed_at = ?,
        held_until = null, reason = null
      where campaign_id = ? and row_number = ? and status = 'held'
    `),
    claimPending: db.prepare(`
      update dispatch indexed by dispatch_pending
      set status = 'claimed', attempts = attempts + 1, claimed_at = ?
      where campaign_id = ? and status = 'pending' and row_number between ? and ?
    `),
    passOver: db.prepare(`
      update dispatch set status = 'skipped', reason = 'opted_out',
        detail = 'This person was put on the suppression list after planning.',
        value_list = null, held_until = null, error_code = null, error_message = null
      where campaign_id = ? and row_number = ? and status in ('pending', 'held')
    `),
    // Nought rows is an answer: the claim was settled otherwise, such as by recovery.
    release: db.prepare(`
      update dispatch set status = 'pending', attempts = attempts - 1,
        claimed_at = iif(attempts > 1, claimed_at, null)
      where campaign_id = ? and row_number = ? and status = 'claimed' and attempts = ?
    `),
    setPace: db.prepare(`
      insert into lane (lane, used_until, factor) values (@lane, @usedUntil, @factor)
      on conflict do update set used_until = excluded.used_until, factor = excluded.factor
    `),
    anyLeft: db
      .prepare(`
        select exists (
          select 1 from dispatch indexed by dispatch_pending
          where campaign_id = ? and status = 'pending'
        ) or exists (
          select 1 from dispatch indexed by dispatch_held
          where campaign_id = ? and status = 'held' and held_until <= ?
        )
      `)
      .pluck(),
    remaining: db.prepare<
      [{ campaign: number }],
      Omit<Remaining, "accepted"> & { accepted: number }
    >(`
      select
        (select count(*) from dispatch indexed by dispatch_pending
          where campaign_id = @campaign and status = 'pending') as pending,
        (select count(*) from dispatch indexed by dispatch_claimed
          where campaign_id = @campaign and status = 'claimed') as claimed,
        (select count(*) from dispatch indexed by dispatch_held
          where campaign_id = @campaign and status = 'held') as held,
        (select min(held_until) from dispatch indexed by dispatch_held
          where campaign_id = @campaign and status = 'held') as nextDueAt,
        exists (
          select 1 from attempt where campaign_id = @campaign and outcome = 'accepted'
        ) as accepted
    `),
  };
}
