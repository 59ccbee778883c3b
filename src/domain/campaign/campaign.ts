// A campaign as the ledger keeps it: its state, its halt, its stops, and what it was planned with.

/**
 * Tries of a person whom Meta refuses for its limit per person, unless `delivery.capped_tries` says
 * otherwise. Meta advises growing pauses of at least a day (per-user limits page, 2026-04) and
 * names no number; senders in the field stop after three.
 */
export const CAPPED_TRIES = 3;

/**
 * What a campaign was planned with; a re-run with other values is refused (`frozen` is compared key
 * by key).
 */
export type Frozen = Record<string, unknown>;

/** Enough of a file to tell whether it changed without reading it, and to be sure by reading it. */
export interface Fingerprint {
  size: number;
  /** Milliseconds, with fraction. */
  modifiedMs: number;
  sha256: string;
}

export type CampaignState =
  | "planning"
  | "ready"
  | "running"
  | "finished"
  | "stopped"
  | "halted"
  | "cancelled";

/** Why a campaign does not go on by itself. */
export interface Halt {
  /** Meta's error code as text, or one of our own names (`disk_full`, `no_clear_answer`, …). */
  code: string;
  /** One sentence for a person: what happened and what to do. */
  sentence: string;
  /**
   * True of a code that halts when it comes many times in a row: the ledger counts these halts by
   * code, and the next run bears ten times as many (see CampaignRecord.streakHalts).
   */
  isStreak?: boolean;
}

/** A person other than the runner wants no more claims of a campaign. */
export interface Stop extends Halt {
  /**
   * `paused` by a person, who lets it go on; `halted` by an event of the account or the template
   * (see Halt for its code); `ramp`: by what became of its messages, until a person overrides it;
   * `plan`: until a person starts its plan.
   */
  kind: "paused" | "halted" | "ramp" | "plan";
  /** Instant. */
  at: number;
  /** Who paused, as in the audit table; left out where no person did. */
  by?: string;
}

/** A stop of one sending number alone: the others of the campaign go on. */
export interface LaneStop {
  lane: string;
  stop: Stop;
}

/** How the last run of one sending number left it, where a campaign has several. */
export interface LaneState {
  lane: string;
  state: "running" | "finished" | "stopped" | "halted";
  halt: Halt | null;
  lastStop: LastStop | null;
}

/** Why a run stopped part-way; the same command goes on. */
export type StopReason =
  | "interrupted"
  | "held"
  | "limit"
  | "daily_limit"
  | "budget"
  | "hours"
  | "paused"
  | "offline"
  | "refused_for_now"
  | "ledger_busy"
  | "ledger_unreachable"
  /** Another process has the lane, and goes on. */
  | "lane_taken"
  /** The messages of a step of the ramp settle. */
  | "ramp"
  /** No receipt came for them. */
  | "ramp_blind"
  /** Meta holds them back to assess the template. */
  | "ramp_held"
  /** The rest waits until the test is decided. */
  | "test"
  /** Every number that the run had is through; people wait for others of the campaign. */
  | "numbers_left";

/** The plan of a campaign. */
export interface CampaignPlan {
  digest: string;
  /** Who started it, as in the audit table; null: a person has to. */
  startedBy: string | null;
}

/** How the last run stopped. */
export interface LastStop {
  why: StopReason;
  /** When the same command has something to do again; null when that is now or not known. */
  goOnAt: number | null;
}

export interface CampaignRecord {
  id: number;
  name: string;
  /** The first lane: the sending phone number's id at Meta, or `sandbox`. */
  lane: string;
  /** Every lane, the first one included; the place of a lane is its index. */
  lanes: readonly string[];
  state: CampaignState;
  halt: Halt | null;
  /**
   * Set from outside the runner, in force from the next claim on; null when nobody wants it
   * stopped.
   */
  stop: Stop | null;
  /** The same of single lanes, where there are several. */
  laneStops: readonly LaneStop[];
  /** Of each lane, where there are several and a run began with one of them. */
  laneStates: readonly LaneState[];
  frozen: Frozen;
  /** The CSV at the last complete planning; null until planning was complete once. */
  recipients: Fingerprint | null;
  /** The header of the CSV. */
  columns: string[];
  /** Data rows planned so far. */
  rows: number;
  createdAt: number;
  /** Last change of state. */
  changedAt: number;
  /** How the last run stopped part-way; null when it did not. */
  lastStop: LastStop | null;
  /**
   * Who cancelled it, as in the audit table; null when it is not cancelled, or that is not known.
   */
  cancelledBy: string | null;
  /** Absolute path of the manifest that the last run read; null when no run was kept. */
  manifest: string | null;
  /**
   * The text of that manifest without its comments, for machines that do not have the file; null
   * when none was kept. Variables stand in it by their names.
   */
  manifestText: string | null;
  /**
   * The policy that it was under, kept in the same way: its absolute path and its text; null
   * without one.
   */
  manifestPolicy: { file: string; text: string } | null;
  /** The plan that was put forward or started last; null where none was. */
  plan: CampaignPlan | null;
  /**
   * Id of the business at Meta that owns the sending number's account; null when it was never
   * reported.
   */
  portfolio: string | null;
  /**
   * When a purge began to erase its recipients; null when none did. Nothing is planned, queued or
   * claimed any more since.
   */
  erasedAt: number | null;
  /** When the first receipt of its messages was applied; null when none ever was. */
  receiptsSince: number | null;
  /** Code → how often the campaign halted because that code came many times in a row. */
  streakHalts: Readonly<Record<string, number>>;
  /**
   * Regions (ISO 3166-1 alpha-2) that Meta refuses the account for (130497): people who wait there
   * are skipped, in any run.
   */
  refusedRegions: readonly string[];
  /** Set while its rows are planned again; also when the program ended in the middle of it. */
  replanning: Replanning | null;
  /** Names of the campaigns whose people it leaves out, as its last run had it. */
  excludes: readonly string[];
  /** What it may cost at most, as its last run had it, in millionths; null: anything. */
  budget: { most: number; currency: string } | null;
}

/** The campaign as one of its lanes sees it: its state and its stop are the lane's own. */
export function recordOfLane(campaign: CampaignRecord, lane: string): CampaignRecord {
  const own = campaign.laneStates.find((one) => one.lane === lane);
  const stop = campaign.stop ?? campaign.laneStops.find((one) => one.lane === lane)?.stop ?? null;
  if (own === undefined || campaign.state === "cancelled") return { ...campaign, stop };
  const { state, halt, lastStop } = own;
  return { ...campaign, stop, state, halt, lastStop };
}

/**
 * The place of a lane among those of its campaign, to ask the ledger of it alone; undefined where
 * it is the only one.
 */
export function placeOfLane(
  { lanes }: Pick<CampaignRecord, "lanes">,
  lane: string,
): number | undefined {
  return lanes.length === 1 ? undefined : lanes.indexOf(lane);
}

/** Which rows are planned again: those that changed, or every one that was not posted. */
export type Replanning = "changes" | "again";

/** Whose daily limit is meant: that of all numbers of a business. */
export type Sender = Pick<CampaignRecord, "lane" | "portfolio">;

/** How much of the daily limit of a sender is used. */
export interface DailyLimit {
  /** People whom messages may have reached in the last 24 hours. */
  people: number;
  /** How many there may be, as the last run with a limit had it. */
  limit: number;
  /** When the first of these people leaves the 24 hours; null when there is nobody. */
  freeAt: number | null;
}
