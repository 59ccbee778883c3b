// The ledger's contract: what is written down, in which batches, and what each verb promises. No
// SQL, no I/O.
//
// Every verb is asynchronous and speaks in batches, so that a ledger on another database can
// implement it; test/ledger/conformance/conformance.ts is the suite that an implementation is held
// to. All instants are milliseconds since the epoch of the wall clock and come in as arguments. A
// verb is one transaction: all of it or nothing.

import type { CacheLedger } from "../account/cache-port.ts";
import type {
  CampaignLedger,
  CampaignPlanLedger,
  DecisionLedger,
  NoticeLedger,
} from "../campaign/campaign-ports.ts";
import type { AuditLedger, SuppressionLedger } from "../campaign/list-ports.ts";
import type { ZoneLedger } from "../campaign/zone-ports.ts";
import type { InsightLedger } from "../insights/insight.ts";
import type { CapLedger, ExclusionLedger, PlanLedger } from "../planning/plan-ports.ts";
import type { InboxLedger, ServerLedger, WitnessLedger } from "../receipts/inbox-ports.ts";
import type { ResultLedger } from "../result/result-ports.ts";
import type { LanesLedger, ReadinessLedger, RunLedger } from "../sending/run-ports.ts";
import type { ConversionLedger } from "../worth/conversion.ts";
import type {
  Forgetting,
  ForgottenPeople,
  PersonKey,
  Purgeable,
  PurgePlace,
  Traces,
} from "./erasure.ts";

/** How far a campaign was looked through for messages whose TTL has passed. */
export interface ExpiryPlace {
  campaign: number;
  /** Last row looked at. */
  row: number;
  /** Earliest instant at which one of these rows expires; null when none waits for a receipt. */
  dueAt: number | null;
  /** True when a message of these rows may be accepted yet. */
  isOpen: boolean;
}

export interface Expiry {
  expired: number;
  next: ExpiryPlace | null;
}

/** Who holds a lane, or the list of a campaign. */
export interface Holder {
  pid: number;
  host: string;
  campaign: string;
  /** Null of one who has the list. */
  lane: string | null;
  /** Instant. */
  since: number;
}

/** A campaign and lanes of it. */
export interface Held {
  campaign: string;
  lanes: readonly string[];
}

/** What a process asks for. */
export interface HoldRequest extends Held, Pick<Holder, "pid" | "host" | "since"> {}

export type HoldResult = Hold | Busy;

/** What a process has, for as long as it lives or until it is given back. */
export interface Hold {
  kind: "held";
  /** The lanes that it got. */
  lanes: readonly string[];
  /** Those that another process has. */
  taken: readonly Taken[];
  /**
   * Takes more lanes, as far as they are free, while the list is held.
   * @returns those that another process has
   */
  take(lanes: readonly string[]): Promise<Taken[]>;
  /** Gives the list of the campaign back; the lanes stay. */
  releaseList(): Promise<void>;
  releaseLanes(lanes: readonly string[]): Promise<void>;
  /** Gives all of it back. */
  release(): Promise<void>;
}

/** Other processes have the list, or every lane; nothing is held. */
export interface Busy {
  kind: "busy";
  taken: readonly Taken[];
}

/** The list of a campaign, or a lane, that another process has. */
export interface Taken {
  of: "list" | "lane";
  /** Of the campaign or the lane. */
  name: string;
  /** As far as known. Of a lane it may be for another campaign. */
  by: Holder | null;
}

/** A rule between the rows of a ledger that does not hold. */
export interface Violation {
  invariant: string;
  /** A few places; no phone number is in them. */
  examples: string[];
  /** Only what can be counted again is wrong: no damage. */
  isDerived?: true;
}

/** Which process works on the list of a campaign and on its lanes. */
export interface LockLedger {
  /**
   * Takes the list of the campaign for this process, and of its lanes those that are free. Who
   * plans, and who takes lanes, holds the list: so nobody begins to send while it changes. Who
   * sends needs the lanes alone. All of it is free when the process dies, however it dies.
   * @returns `busy` when another process has the list, or each of the lanes that were asked for
   */
  hold(request: HoldRequest): Promise<HoldResult>;
  /** What of it any process holds at this moment, the list first. Changes nothing. */
  heldBy(what: Held): Promise<Taken[]>;
}

/** Messages whose TTL has passed. */
export interface ExpiryLedger {
  /**
   * One transaction over some thousand rows: `accepted` and `sent` become `expired` when their TTL
   * has passed without a delivery receipt. Only of campaigns for which a receipt was ever applied:
   * where nobody receives, none of them tells anything.
   * @param after where the call before ended; null to begin
   * @returns `next` is null when nothing more is due; it is cheap when nothing is
   */
  expire(after: ExpiryPlace | null, now: number): Promise<Expiry>;
}

/** Erasing a person, and campaigns that are over. */
export interface ErasureLedger {
  /**
   * Campaigns that are quiet since `before`, each with what stands against purging it. May read
   * whole campaigns.
   */
  purgeable(before: number, now: number): Promise<Purgeable[]>;
  /**
   * Erases what people gave from the next few thousand rows of a campaign; the rows stay, with all
   * that is counted. With the first call the campaign is closed for good: see
   * CampaignRecord.erasedAt. A runner beside it waits some hundredths of a second.
   * @returns undefined when `purgeable` would not give the campaign, or names an obstacle;
   * otherwise how many rows are left
   */
  purgeCampaign(
    campaign: number,
    before: number,
    now: number,
  ): Promise<{ erased: number; left: number } | undefined>;
  /**
   * One step of erasing what belongs to no campaign and is older than `before`: webhook bodies,
   * what people said of marketing, other names of people who are neither in a campaign nor
   * suppressed. Suppressions stay.
   * @param after where the step before ended; null to begin
   */
  purgeRest(
    after: PurgePlace | null,
    before: number,
  ): Promise<{ erased: number; next: PurgePlace | null }>;
  tracesOf(who: PersonKey): Promise<Traces>;
  /**
   * Erases a person from everything but the suppression list, under every name that they are known
   * by. There they are kept as a keyed hash, with the reason `forgotten`: planning and claims leave
   * them alone, `unsuppress` finds them, and no verb keeps a name of theirs again. What waits for
   * them is skipped as `opted_out`.
   * @param after where the step before ended; null to begin
   */
  forget(who: PersonKey, after: number | null, now: number): Promise<Forgetting>;
  /**
   * Everybody who was forgotten, for another ledger that is to know them too; null when nobody was.
   */
  forgottenPeople(): Promise<ForgottenPeople | null>;
  /** Takes them over, in a ledger that forgot nobody itself. */
  keepForgotten(people: ForgottenPeople, now: number): Promise<void>;
  /** Whether something was erased and `compact` was not through since. */
  rewriteDue(): Promise<boolean>;
  /**
   * Makes sure that nothing of what was erased is left in the free places of the ledger's files,
   * and gives these back.
   * @returns false when others are reading or writing: to be tried again. May hold them up for
   * seconds
   */
  compact(): Promise<boolean>;
}

/** Whether the ledger is sound. */
export interface InspectionLedger {
  /**
   * Statements that must return no row on a sound ledger, each with a name; used by tests and by
   * `doctor`.
   */
  violations(): Promise<Violation[]>;
  /** Throws away what is kept to be quick, and is counted again from the rows. */
  dropDerived(): Promise<void>;
}

/**
 * The database of campaigns, dispatches, attempts, suppressions and lanes: the sum of the ports. A
 * consumer takes the port that it needs, or some verbs of it. Every verb may throw LedgerError.
 */
export interface Ledger
  extends CampaignLedger,
    DecisionLedger,
    NoticeLedger,
    CampaignPlanLedger,
    PlanLedger,
    CapLedger,
    ExclusionLedger,
    ReadinessLedger,
    ZoneLedger,
    RunLedger,
    LanesLedger,
    InboxLedger,
    WitnessLedger,
    ServerLedger,
    SuppressionLedger,
    AuditLedger,
    CacheLedger,
    InsightLedger,
    ConversionLedger,
    ResultLedger,
    LockLedger,
    ExpiryLedger,
    ErasureLedger,
    InspectionLedger {
  close(): Promise<void>;
}
