// Holds the program to its promises, by what Graph's log has and by what was committed. Knows
// nothing of how the loop works.

import type { AttemptRecord } from "../../src/domain/campaign/attempt.ts";
import type { OutcomeRow } from "../../src/domain/result/outcome-row.ts";
import type { Turn, TurnResult } from "../../src/domain/sending/turn.ts";
import type { Letter, SimulatedGraph, Taken } from "./graph.ts";
import type { Watch } from "./lane-watch.ts";
import type { Posted } from "./network.ts";
import type { Scenario } from "./scenario.ts";

/** Claims are made at most so far ahead of posting. */
const AHEAD_MS = 80;
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
  /** Place of the lane whose loop claimed it. */
  lane: number;
  /** Its turn was committed, and the runner did not get the answer. */
  isUnanswered: boolean;
}

/** A row as the ledger has it, as far as moving it goes. */
interface Placed {
  row: number;
  status: string;
  lane: string;
}

/** Watches one campaign. */
export class Oracle {
  /** Row → its claim, as committed. */
  readonly claimed = new Map<number, Claimed>();
  private readonly scenario: Scenario;
  private readonly watch: Watch;
  private readonly lanes: readonly string[];
  /** Row → its lane. */
  private readonly laneOf = new Map<number, string>();
  /** Row and attempt → the lane that it was claimed for. */
  private readonly claims = new Map<string, string>();
  /** Runner → what it posted. */
  private readonly posted = new Map<number, Posted>();
  /** Phones, as committed. */
  readonly optedOut = new Set<string>();
  isCancelled = false;
  /** Rows that were claimed so far, but for those that were handed back without a post. */
  private readonly begun = new Set<number>();
  /** Of the ramp, as committed. */
  private step = 0;
  /** Row → the attempt of which a runner brought the answer after it had lost the lane. */
  private readonly brought = new Map<number, number>();
  /** Rows of which it is rightly not known whether they were reached. */
  private readonly inDoubt = new Set<number>();

  constructor(scenario: Scenario, watch: Watch, lanes: readonly string[]) {
    this.scenario = scenario;
    this.watch = watch;
    this.lanes = lanes;
  }

  /** True once a promise was broken. */
  get isBroken(): boolean {
    return this.watch.broken.length > 0;
  }

  /** The lane of each row is decided. */
  planned(rows: readonly Placed[]): void {
    for (const { row, lane } of rows) this.laneOf.set(row, lane);
  }

  /** A runner begins. @param posted what it posts from now on */
  begins(runner: number, posted: Posted): void {
    this.posted.set(runner, posted);
  }

  /** A request begins to be written. */
  began(now: number, place: number, runner: number): void {
    this.watch.began(this.nameOf(place), now, runner);
  }

  /** A request begins to be written, on a lane. */
  posts({ row, attempt }: Letter, place: number): void {
    const claim = this.claimed.get(row);
    if (claim?.attempt !== attempt || claim.lane === place) return;
    this.fail(
      `row ${row} is claimed for ${this.nameOf(claim.lane)}, not for ${this.nameOf(place)}`,
    );
  }

  /** Graph answered something on a lane. */
  answered(place: number, body: string): void {
    const code = /"code":(\d+)/.exec(body)?.[1];
    if (code !== undefined) this.watch.met(this.nameOf(place), code);
  }

  /** A receipt reported a code, which may stop the lane of its message. */
  reported(lane: string, code: number): void {
    this.watch.met(lane, String(code));
  }

  /** A lane halts: only for what it met with itself, or what a receipt reported. */
  halted(place: number, code: string): void {
    if (!/^\d+$/.test(code) || this.watch.hasMet(this.nameOf(place), code)) return;
    this.fail(`${this.nameOf(place)} halts for ${code}, which was answered on other lanes alone`);
  }

  /** Who was pending on a lane goes by another one, and nobody else. */
  moved(before: readonly Placed[], after: readonly Placed[], [from, to]: [string, string]): void {
    for (const [at, { row, status, lane }] of before.entries()) {
      const is = after[at]?.lane as string;
      const right = status === "pending" && lane === from ? to : lane;
      if (is !== right) this.fail(`row ${row} of ${lane} is ${status}, and is of ${is} now`);
      this.laneOf.set(row, is);
    }
  }

  /** The wall clock is set. */
  jumped(): void {
    this.watch.hasJumped = true;
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
  turned(turn: Turn, result: TurnResult, of: Pick<Claimed, "runner" | "isUnanswered">): void {
    const { lane = 0 } = turn;
    const name = this.nameOf(lane);
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
      this.claimed.set(row, { attempt, lane, ...of });
      this.claims.set(`${row} ${attempt}`, name);
      if (this.laneOf.get(row) !== name)
        this.fail(`row ${row} is claimed for ${name}, not its lane`);
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

  /**
   * What another runner left claimed becomes `unknown`.
   * @param lane place of the lane that was taken over; undefined: all
   * @param by which runner does that
   * @param isHeldBy whether a runner has a lane at this moment
   */
  recovers(
    lane: number | undefined,
    by: number,
    isHeldBy: (place: number, runner: number) => boolean,
  ): void {
    const left = [...this.claimed].filter(([, one]) => lane === undefined || one.lane === lane);
    for (const [row, claim] of left) {
      if (claim.runner !== by && isHeldBy(claim.lane, claim.runner)) {
        this.fail(`the claim of row ${row} is given up, and its runner has the lane`);
      }
      this.inDoubt.add(row);
      this.claimed.delete(row);
    }
    this.judgeAhead(left);
  }

  /** A runner that is fenced off has brought what Meta answered it: none of it is thrown away. */
  settlesLate(records: readonly AttemptRecord[]): void {
    for (const { row, attempt, next } of records) {
      if (next.to === "unknown") continue;
      this.settle(row, attempt);
      this.brought.set(row, attempt);
    }
  }

  /**
   * A runner is gone, in whatever way.
   * @param isClean it ended by itself, and the ledger never failed it
   */
  ended(runner: number, isClean: boolean): void {
    const claims = [...this.claimed].filter(([, claim]) => claim.runner === runner);
    for (const [row] of claims) this.inDoubt.add(row);
    if (isClean && claims.length > 0) {
      this.fail(`a run that ended left claims: rows ${claims.map(([row]) => row).join(" ")}`);
    }
    this.judgeAhead(claims);
  }

  /** What one runner had claimed on one lane and not posted. */
  private judgeAhead(claims: readonly (readonly [number, Claimed])[]): void {
    const ahead = new Map<string, number>();
    for (const [row, { attempt, runner, lane, isUnanswered }] of claims) {
      if (isUnanswered || this.posted.get(runner)?.get(row) === attempt) continue;
      const key = `${runner} ${lane}`;
      const count = (ahead.get(key) ?? 0) + 1;
      ahead.set(key, count);
      const rate = this.scenario.rates[lane] as number;
      const most = Math.max(1, Math.ceil((rate / SECOND_MS) * AHEAD_MS));
      if (count === most + 1) {
        this.fail(`${count} claims and more were made ahead of posting, and ${most} is the limit`);
      }
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
    const { people, rates } = this.scenario;
    if (rows.length !== people.length)
      this.fail(`${rows.length} of ${people.length} rows are left`);
    for (const row of rows) this.judge(row, graph);
    for (const message of graph.log) this.judgeLane(message);
    for (const [place, rate] of rates.entries()) this.watch.judgeRate(this.nameOf(place), rate);
    if (!this.watch.hasJumped) this.judgeDay(graph);
  }

  private judgeLane({ row, attempt, lane }: Taken): void {
    const of = this.claims.get(`${row} ${attempt}`);
    if (of !== lane) this.fail(`row ${row} came from ${lane}, and its lane was ${of}`);
  }

  private judge(
    { row_number, status, phone, error_code, attempts }: OutcomeRow,
    graph: SimulatedGraph,
  ): void {
    const row = row_number ?? 0;
    const messages = graph.log.filter((one) => one.phone === phone);
    const last = messages.at(-1);
    if (OPEN.includes(status)) this.fail(`row ${row} is ${status}, and the campaign is over`);
    if (status === "unknown" && !this.inDoubt.has(row)) {
      this.fail(`row ${row} is unknown without a reason`);
    }
    if (status === "unknown" && this.brought.get(row) === attempts) {
      this.fail(`row ${row} is unknown, and its runner had brought the answer`);
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
    this.watch.broken.push(sentence);
  }

  private nameOf(place: number): string {
    return this.lanes[place] as string;
  }
}
