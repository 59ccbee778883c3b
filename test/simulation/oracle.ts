// Holds the program to its promises, by what Graph's log has and by what was committed. Knows
// nothing of how the loop works.

import type { OutcomeRow } from "../../src/domain/result/outcome-row.ts";
import type { Turn, TurnResult } from "../../src/domain/sending/turn.ts";
import type { SimulatedGraph, Taken } from "./graph.ts";
import type { Scenario } from "./scenario.ts";

/** Claims are made at most so far ahead of posting. */
const AHEAD_MS = 40;
const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
/** Statuses of a person whose message Graph must have taken. */
const REACHED: readonly string[] = ["accepted", "sent", "delivered", "read", "expired"];
/** Statuses of a person who still waits. */
const OPEN: readonly string[] = ["pending", "claimed", "held"];

interface Claimed {
  attempt: number;
  /** Which runner's. */
  runner: number;
  /** Its turn was committed, and the runner did not get the answer. */
  isUnanswered: boolean;
}

/** What the oracles of one lane share. */
export interface LaneWatch {
  /** Promises that were broken, as sentences. */
  broken: string[];
  /** Requests that began to be written: virtual instants, and which runner's. */
  begun: { at: number; runner: number }[];
  /** Runners so far. */
  runner: number;
  /** The wall clock was set. */
  hasJumped: boolean;
}

/** A lane that was never used. */
export function startLaneWatch(): LaneWatch {
  return { broken: [], begun: [], runner: 0, hasJumped: false };
}

/** Watches one campaign. */
export class Oracle {
  /** Row → its claim, as committed. */
  readonly claimed = new Map<number, Claimed>();
  private readonly scenario: Scenario;
  private readonly lane: LaneWatch;
  /** Phones, as committed. */
  readonly optedOut = new Set<string>();
  isCancelled = false;
  /** Rows that were claimed so far, but for those that were handed back without a post. */
  private readonly begun = new Set<number>();
  /** Of the ramp, as committed. */
  private step = 0;
  /** Rows of which it is rightly not known whether they were reached. */
  private readonly inDoubt = new Set<number>();

  constructor(scenario: Scenario, lane: LaneWatch) {
    this.scenario = scenario;
    this.lane = lane;
  }

  /** True once a promise was broken. */
  get isBroken(): boolean {
    return this.lane.broken.length > 0;
  }

  /** A request begins to be written. */
  began(now: number): void {
    this.lane.begun.push({ at: now, runner: this.lane.runner });
  }

  /** The wall clock is set. */
  jumped(): void {
    this.lane.hasJumped = true;
  }

  /** Nobody can know whether this row's message was taken. */
  doubts(row: number): void {
    this.inDoubt.add(row);
  }

  optsOut(phone: string): void {
    this.optedOut.add(phone);
  }

  cancelled(): void {
    this.isCancelled = true;
  }

  /** A turn was committed. */
  turned(turn: Turn, result: TurnResult, isUnanswered: boolean): void {
    for (const { row, attempt, suppress, phone } of turn.record) {
      this.settle(row, attempt);
      if (suppress !== undefined && phone !== null) this.optedOut.add(phone);
    }
    for (const { row, attempt } of turn.release) {
      if (attempt === 1 && this.claimed.get(row)?.attempt === 1) this.begun.delete(row);
      this.settle(row, attempt);
    }
    for (const { row, attempt, phone } of result.claimed) {
      this.begun.add(row);
      this.claimed.set(row, { attempt, runner: this.lane.runner, isUnanswered });
      if (this.optedOut.has(phone as string)) this.fail(`row ${row} is claimed after its opt-out`);
      if (this.isCancelled) this.fail(`row ${row} is claimed after the campaign was cancelled`);
    }
    this.judgeStep();
  }

  /** The ramp is taken to a step. */
  stepped(to: number): void {
    this.step = to;
  }

  private judgeStep(): void {
    const size = this.scenario.ramp?.sizes[this.step];
    if (size === undefined || this.begun.size <= size) return;
    this.fail(`${this.begun.size} people in step ${this.step + 1}, and ${size} is its size`);
  }

  private settle(row: number, attempt: number): void {
    if (this.claimed.get(row)?.attempt === attempt) this.claimed.delete(row);
  }

  /** What an ended runner left claimed became `unknown`. */
  recovered(): void {
    this.claimed.clear();
  }

  /**
   * A runner is gone, in whatever way.
   * @param posted row → the last attempt that it posted
   * @param isClean it ended by itself, and the ledger never failed it
   */
  ended(posted: ReadonlyMap<number, number>, isClean: boolean): void {
    const claims = [...this.claimed].filter(([, { runner }]) => runner === this.lane.runner);
    this.lane.runner += 1;
    for (const [row] of claims) this.inDoubt.add(row);
    if (isClean && claims.length > 0) {
      this.fail(`a run that ended left claims: rows ${claims.map(([row]) => row).join(" ")}`);
    }
    const ahead = claims.filter(
      ([row, { attempt, isUnanswered }]) => !isUnanswered && posted.get(row) !== attempt,
    );
    const most = Math.max(1, Math.ceil((this.scenario.rate / SECOND_MS) * AHEAD_MS));
    if (ahead.length > most) {
      this.fail(`${ahead.length} claims were made ahead of posting, and ${most} is the limit`);
    }
  }

  /** Graph took a message. */
  taken(message: Taken, { log }: SimulatedGraph): void {
    const isEarlier = (one: Taken): boolean =>
      one !== message && one.phone === message.phone && !one.isProven;
    const earlier = log.find(isEarlier);
    if (earlier === undefined) return;
    const at = earlier.at.toFixed(2);
    this.fail(`row ${message.row} was accepted twice: attempt ${earlier.attempt} at ${at} already`);
  }

  /** Everything is over: who has which status, and how often. */
  finished(graph: SimulatedGraph, rows: readonly OutcomeRow[]): void {
    const { people } = this.scenario;
    if (rows.length !== people.length)
      this.fail(`${rows.length} of ${people.length} rows are left`);
    for (const row of rows) this.judge(row, graph);
    this.judgeRate();
    if (!this.lane.hasJumped) this.judgeDay(graph);
  }

  private judge(
    { row_number, status, phone, error_code }: OutcomeRow,
    graph: SimulatedGraph,
  ): void {
    const row = row_number ?? 0;
    const messages = graph.log.filter((one) => one.phone === phone);
    const last = messages.at(-1);
    if (OPEN.includes(status)) this.fail(`row ${row} is ${status}, and the campaign is over`);
    if (status === "unknown" && !this.inDoubt.has(row)) {
      this.fail(`row ${row} is unknown without a reason`);
    }
    if (REACHED.includes(status) && last === undefined) {
      this.fail(`row ${row} is ${status}, and Graph never took it`);
    }
    const isLost = last !== undefined && last.failure === null;
    const mayBe = [...REACHED, "unknown"];
    if (isLost && !mayBe.includes(status)) {
      this.fail(`row ${row} is ${status} (${error_code}), and Graph took it`);
    }
  }

  /** Requests that begin in any second, over all runners. */
  private judgeRate(): void {
    const { rate } = this.scenario;
    const { begun, hasJumped } = this.lane;
    for (const [at, first] of begun.entries()) {
      const last = begun[at + rate];
      if (last === undefined) return;
      const apart = last.at - first.at;
      // Two runners share nothing but the wall clock.
      const haveOneClock = first.runner === last.runner || !hasJumped;
      if (apart >= SECOND_MS || !haveOneClock) continue;
      const from = first.at.toFixed(2);
      this.fail(`${rate + 1} requests began within ${apart.toFixed(2)} ms, from ${from} on`);
      return;
    }
  }

  /** People reached in any 24 hours. */
  private judgeDay({ log }: SimulatedGraph): void {
    const { dailyLimit } = this.scenario;
    if (dailyLimit === null) return;
    for (const { at } of log) {
      const within = log.filter((one) => one.at >= at && one.at < at + DAY_MS && !one.isReported);
      const people = new Set(within.map((one) => one.phone)).size;
      if (people > dailyLimit) {
        this.fail(`${people} people were reached in a day, and ${dailyLimit} is the limit`);
        return;
      }
    }
  }

  fail(sentence: string): void {
    this.lane.broken.push(sentence);
  }
}
