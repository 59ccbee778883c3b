// What a run is given and what it gives back: ports, options, progress, end. Shapes only.

import type { TestRule } from "../arms/decide-test.ts";
import type { TestLedger } from "../arms/test-state.ts";
import type { AttemptRecord, Claim } from "../campaign/attempt.ts";
import type {
  CampaignRecord,
  CampaignState,
  DailyLimit,
  Halt,
  LaneState,
  LastStop,
  Sender,
  Stop,
  StopReason,
} from "../campaign/campaign.ts";
import type { WaitingLanguage } from "../campaign/row.ts";
import type { WaitingZone, WhichWait } from "../campaign/zone-ports.ts";
import type { Budget } from "../limits/budget.ts";
import type { TurnCap } from "../limits/cap.ts";
import type { RampRule, RampState } from "../limits/ramp.ts";
import type { TemplateDefinition } from "../message/template.ts";
import type { Opening } from "../schedule/schedule.ts";
import type { ZoneBook } from "../schedule/zone-book.ts";
import type { PeopleLimit } from "./daily-limit.ts";
import type { Exchange, Outcome } from "./outcome.ts";
import type { Clock, Pacer } from "./pace.ts";
import type { PaceRecord, Remaining, Turn, TurnResult } from "./turn.ts";

/** What a run needs of the ledger. */
export interface RunLedger extends TestLedger {
  findCampaign(name: string): Promise<CampaignRecord | undefined>;
  /**
   * Sets the state, with it the halt (null clears it) and how a run stopped part-way (left out:
   * cleared).
   */
  setState(
    campaign: number,
    state: CampaignState,
    halt: Halt | null,
    now: number,
    lastStop?: LastStop,
  ): Promise<void>;
  /** One transaction: records, releases, then claims. The claims are durable when it returns. */
  turn(turn: Turn): Promise<TurnResult>;
  /**
   * A claim is not posted any more once this many milliseconds have passed since its turn was asked
   * for: the lane may be another process's soon, or what the claim looked at may have changed.
   */
  readonly claimWaitMs: number;
  /**
   * Answers of a run whose lane another one has taken over: each is taken when it settles an
   * `unknown` of the same attempt, or its claim, which the other one has not given up yet, and
   * changes nothing otherwise. Who calls it holds no lane.
   * @returns how many were taken
   */
  settleLate(campaign: number, records: AttemptRecord[], now: number): Promise<number>;
  /**
   * @param lane place of the lane of which it is asked; left out: of all
   * @param which left out: all who wait
   */
  remaining(campaign: number, lane?: number, which?: WhichWait): Promise<Remaining>;
  /**
   * The campaign's end passed: `held` → `failed` with code `campaign_over`, `pending` →
   * `cancelled`. Returns how many.
   */
  endCampaign(campaign: number, now: number): Promise<number>;
  /**
   * How far the ramp of a campaign is, and what became of its messages that are settled.
   * @param settledBefore instant: later claims are not settled
   */
  rampState(campaign: number, settledBefore: number): Promise<RampState>;
  /**
   * Takes a ramp from a step to another one, or to the same.
   * @param since evidence is gathered of messages that are claimed after this instant
   * @returns false when it is at another step already
   */
  moveRamp(campaign: number, from: number, to: number, since: number): Promise<boolean>;
  /** Stops the campaign for every process; null lifts every stop. */
  askStop(campaign: number, stop: Stop | null, now: number): Promise<void>;
}

/** What the loops of several lanes need besides. */
export interface LanesLedger {
  /**
   * As setState, of one lane of a campaign that has several. The campaign's own state follows from
   * those of its lanes: it runs while one of them does, and ends as they ended together.
   * @param lane its place
   */
  setLaneState(
    campaign: number,
    lane: number,
    state: LaneState["state"],
    halt: Halt | null,
    now: number,
    lastStop?: LastStop,
  ): Promise<void>;
  /** Turns of several lanes in one transaction, each as `turn`; the results in their order. */
  turnAll(turns: readonly Turn[]): Promise<TurnResult[]>;
}

/** What the check before a run reads and writes. */
export interface ReadinessLedger {
  /**
   * After an unclean stop: every `claimed` dispatch becomes `unknown`. Where there was one, of this
   * campaign or of another one of the lane, the lane counts as used until now. Only the holder of
   * the lanes may call it.
   * @param lane place of the lane that it concerns; left out: all of the campaign
   */
  recoverClaims(campaign: number, now: number, lane?: number): Promise<number>;
  /**
   * ISO region → number of `pending` and `held` dispatches; those of no known region are left out.
   */
  waitingRegions(campaign: number): Promise<Record<string, number>>;
  /**
   * The languages of `pending` and `held` dispatches of a campaign whose rows give theirs, in order
   * of the alphabet. @param examples how many rows of each are named
   */
  waitingLanguages(campaign: number, examples: number): Promise<WaitingLanguage[]>;
  /** The languages of such a campaign's dispatches that do not wait any more. */
  sentLanguages(campaign: number): Promise<string[]>;
  /** What a lane used up to now, by any campaign; undefined when it was never used. */
  pace(lane: string): Promise<PaceRecord | undefined>;
  /**
   * What Meta reported before a run: who owns the lane's account (null: not reported, what was
   * known stays), the TTL in seconds that messages claimed from now on have, the templates, and
   * whose account events concern the campaign: `waba` is the id of the account, `number` the digits
   * of the first sending number, `moreNumbers` lane → digits of the others (each left out: what was
   * known stays).
   */
  keepFacts(
    campaign: number,
    facts: {
      portfolio: string | null;
      ttlSeconds: number;
      definitions?: readonly TemplateDefinition[];
      waba?: string;
      number?: string;
      moreNumbers?: Readonly<Record<string, string>>;
    },
    now: number,
  ): Promise<void>;
  /**
   * How many people messages may have reached in the 24 hours before `now`: of all campaigns whose
   * portfolio is the sender's, or not known; the sandbox's are apart. Who was refused for sure does
   * not count. May read whole campaigns.
   */
  reached(sender: Sender, now: number): Promise<number>;
  /**
   * What the campaign may cost at most from now on; null: anything. A claim that the budget does
   * not allow is not made.
   * @param prices region → millionths, for messages of before the campaign had a budget; left out
   *   where there is nothing to price
   */
  keepBudget(
    campaign: number,
    budget: Budget | null,
    prices?: Readonly<Record<string, number>>,
  ): Promise<void>;
  /** The same beside the limit, at the cost of a look; null when no run of late had a limit. */
  dailyLimit(sender: Sender, now: number): Promise<DailyLimit | null>;
}

/** How a run ended. */
export type RunEnd =
  /** No dispatch is open any more. */
  | { kind: "finished" }
  /** The same command goes on. `goOnAt` when it is known from when. */
  | { kind: "stopped"; why: StopReason; sentence: string; goOnAt: number | null }
  /** A person must act first. */
  | { kind: "halted"; halt: Halt };

/** Live figures of a run; the run changes them, the progress line reads them. */
export interface RunProgress {
  /** Dispatches that were open when the run began. */
  open: number;
  posted: number;
  accepted: number;
  failed: number;
  held: number;
  unknown: number;
  suppressed: number;
  /** True while the ledger passes over people, and finds nobody to send to. */
  skipping: boolean;
  /** Why nothing is posted at the moment; null when it is. */
  waiting: string | null;
  /** Meta's word that the number is too fast, while the pace is lower for it; null otherwise. */
  limited: string | null;
}

/** The figures at the start of a run, with so many dispatches open. */
export function startRunProgress(open: number): RunProgress {
  return {
    open,
    posted: 0,
    accepted: 0,
    failed: 0,
    held: 0,
    unknown: 0,
    suppressed: 0,
    skipping: false,
    waiting: null,
    limited: null,
  };
}

export interface RunPorts {
  ledger: RunLedger;
  pacer: Pacer;
  clock: Clock;
  /**
   * Posts one body to an endpoint; never rejects. `begins` is called right before the first byte is
   * written, and tells whether it may be.
   */
  post(body: string, begins: () => boolean, endpoint: string): Promise<Exchange>;
  /** Path of the endpoint of a claim's message, kept with every attempt. */
  endpointOf(claim: Claim): string;
  /** Ends requests in flight; each is then reported as lost. */
  abandon(): Promise<void>;
  bodyOf(claim: Claim): string;
  opening(now: number): Opening;
  /** Of a campaign that goes by everybody's own clock. */
  zones?: {
    book: ZoneBook;
    /** Who waits now, as the ledger has it. */
    waiting(): Promise<readonly WaitingZone[]>;
  };
  /** Aborted: claim no more. */
  stop: AbortSignal;
  /** Something a log should keep. */
  notice(event: RunNotice): void;
}

export type RunNotice =
  | { kind: "throttled"; factor: number; code: number | null }
  | { kind: "waiting"; why: string; forMs: number }
  | {
      kind: "attempt";
      row: number;
      attempt: number;
      outcome: Outcome["kind"];
      code: number | null;
      cause: string | null;
    }
  /** A complete answer that is not Meta's; `cause` has the beginning of it. */
  | { kind: "foreign_answer"; httpStatus: number | null; cause: string }
  | { kind: "ledger_fault"; fault: string; sentence: string }
  /** A step of the ramp is through. */
  | { kind: "ramp"; sentence: string }
  /** The test is decided. */
  | { kind: "test"; sentence: string };

/** The test of a run. */
export interface TestOfRun {
  rule: TestRule;
  /** Who decides it, for the audit. */
  actor: string;
}

/** The ramp of a run. */
export interface RampCourse {
  rule: RampRule;
  /** People up to the end of each step. */
  sizes: readonly number[];
  /** Meta is through with assessing the template. */
  isAssessed: boolean;
}

export interface RunOptions {
  campaign: CampaignRecord;
  /** Post at most so many; null: all. */
  limit: number | null;
  /** Most people in any 24 hours, over all campaigns of the portfolio; null: any number. */
  dailyLimit: PeopleLimit | null;
  /** The frequency cap; left out: off. */
  cap?: TurnCap | undefined;
  /** True when an earlier run had a message accepted. */
  acceptedBefore: boolean;
  /** Tries of a person whom Meta refuses for its limit per person (131049), the first included. */
  cappedTries: number;
  /** Left out: everybody at once. */
  ramp?: RampCourse | null;
  /** Left out: there is no test. */
  test?: TestOfRun | null;
  /**
   * Other machines send the campaign, too: what only this one cannot do stops its run and halts
   * nobody.
   */
  leavesToOthers?: boolean;
  progress: RunProgress;
}
