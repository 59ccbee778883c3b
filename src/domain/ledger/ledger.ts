// The ledger's contract: what is written down, in which batches, and what each verb promises. No SQL, no I/O.
//
// Every verb is asynchronous and speaks in batches, so that a ledger on another database can implement it;
// test/ledger/conformance/conformance.ts is the suite that an implementation is held to. All instants are milliseconds
// since the epoch of the wall clock and come in as arguments. A verb is one transaction: all of it or nothing.

import type { AccountNotice } from "../receipts/account-event.ts";
import type { PlanningReason, SkipReason, Status } from "../campaign/dispatch.ts";
import type {
  Forgetting,
  ForgottenPeople,
  PersonKey,
  Purgeable,
  PurgePlace,
  Traces,
} from "./erasure.ts";
import type { History, MessageRecord } from "../result/history.ts";
import type { ReportData } from "../result/report-data.ts";
import type { TemplateDefinition } from "../message/template.ts";
import type { WentBack } from "../receipts/went-back.ts";

/** What a campaign was planned with; a re-run with other values is refused (`frozen` is compared key by key). */
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
   * True of a code that halts when it comes many times in a row: the ledger counts these halts by code, and the next run bears ten
   * times as many (see CampaignRecord.streakHalts).
   */
  isStreak?: boolean;
}

/** Somebody other than the runner wants no more claims of a campaign. */
export interface Stop extends Halt {
  /** `paused` by a person, who lets it go on; `halted` by an event of the account or the template (see Halt for its code). */
  kind: "paused" | "halted";
  /** Instant. */
  at: number;
}

export interface CampaignRecord {
  id: number;
  name: string;
  /** The lane: the sending phone number's id at Meta, or `sandbox`. */
  lane: string;
  state: CampaignState;
  halt: Halt | null;
  /** Set from outside the runner, in force from the next claim on; null when nobody wants it stopped. */
  stop: Stop | null;
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
  /** Id of the business at Meta that owns the sending number's account; null when it was never told. */
  portfolio: string | null;
  /** When a purge began to erase its recipients; null when none did. Nothing is planned, queued or claimed any more since. */
  erasedAt: number | null;
  /** Code → how often the campaign halted because that code came many times in a row. */
  streakHalts: Readonly<Record<string, number>>;
  /** Regions (ISO 3166-1 alpha-2) that Meta refuses the account for (130497): whoever waits there is skipped, in any run. */
  refusedRegions: readonly string[];
  /** Set while its rows are planned again; also when the program ended in the middle of it. */
  replanning: Replanning | null;
  /** Names of the campaigns whose people it leaves out, as its last run had it. */
  excludes: readonly string[];
}

/** Which rows are planned again: those that changed, or every one that was not posted. */
export type Replanning = "changes" | "anew";

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

/** A recipient as planning hands it to the ledger. */
export interface PlannedRow {
  /** 1-based number of the data row: blank lines and the header do not count. */
  row: number;
  /** 1-based line of the file on which the row begins. */
  line: number;
  /** 52-bit fingerprint of the row's raw cells. */
  hash: number;
  /** E.164 with `+`; null when it could not be read for sure. */
  phone: string | null;
  /** Digits that stand for the person behind the number (see `personOf` in person.ts); null with `phone`. */
  person: string | null;
  /** The business-scoped user id that the row gives, such as `BR.1234`; it is sent to only without a phone. Else null. */
  userId: string | null;
  /** What names the row for good: its cell of the column that `recipients.id` names. Null without one. */
  recipientId: string | null;
  /** ISO 3166-1 alpha-2, or null. */
  region: string | null;
  verdict:
    | {
        kind: "send";
        /** JSON array of the rendered values, in the order of the template's slots. */
        values: string;
      }
    | {
        kind: "skip";
        reason: PlanningReason;
        /** One sentence for the person who mends the file. */
        detail: string;
      };
  /** JSON array of the row's cells as read; kept only for rows that are skipped, so that they can be mended. */
  cells: string;
}

/** What planning has to know of a dispatch that is in the ledger already. */
export interface KnownRow {
  /** The dispatch's own, from 1 without a hole. */
  number: number;
  /** Where its row was in the source; null when that had it no more. */
  place: number | null;
  line: number;
  /** Null when what the recipient gave was erased, and this with it. */
  hash: number | null;
  /** Digits. */
  person: number | null;
  userId: string | null;
  recipientId: string | null;
  status: Status;
  reason: string | null;
}

/** Other names of a person than those that a row gives. */
export interface OtherNames {
  /** Digits. */
  persons: readonly number[];
  userIds: readonly string[];
  isForgotten: boolean;
}

/** What a dispatch that waits would be sent. */
export interface PlannedValues {
  number: number;
  phone: string | null;
  userId: string | null;
  values: string;
}

/** Where the row of a dispatch is now. */
export interface Move {
  number: number;
  place: number;
  line: number;
  /** Null: as it was. */
  hash: number | null;
}

/** Rows of a source whose ids do not name them for good: how many, and the first few. */
export interface IdFaults {
  empty: { rows: number; first: number[] };
  /** An earlier row has the same id. */
  repeated: { rows: number; first: number[] };
}

/** What the row of a dispatch is named by. */
export interface RowNames {
  number: number;
  recipientId: string | null;
  /** Digits. A number and a user id that stand in one row are one person's. */
  person: string | null;
  userId: string | null;
}

/** A row with the dispatch that it is planned as. */
export interface Replanned {
  number: number;
  row: PlannedRow;
}

/** A dispatch that the runner now owns: its intent is on disk. */
export interface Claim {
  row: number;
  /** 1 for the first. */
  attempt: number;
  /** E.164 with `+`; null when it is sent to the user id. */
  phone: string | null;
  /** Business-scoped user id; null when there is a phone. */
  userId: string | null;
  region: string | null;
  /** JSON array of the rendered values. */
  values: string;
  /** How often this dispatch was refused for the pair limit or the like before; drives back-off. */
  holds: number;
  /** How often it was refused for Meta's limit per person (131049) before. */
  capped: number;
}

/** Meta's answer, as far as it is worth keeping; every field null when there was none. */
export interface Answer {
  httpStatus: number | null;
  code: number | null;
  subcode: number | null;
  /** Meta's `error.message`. */
  message: string | null;
  /** Meta's `error.error_data.details`. */
  details: string | null;
  fbtraceId: string | null;
}

/** Where a claimed dispatch goes next; built by retry.ts only. */
export type Next =
  | {
      to: "accepted";
      messageId: string;
      /** `accepted`, `held_for_quality_assessment`, `paused`; Meta does not always send it. */
      messageStatus: string | null;
      /** WhatsApp's own id of the number, digits; may differ from what was posted (Brazil, Mexico). */
      waId: string | null;
      userId: string | null;
    }
  | { to: "pending" }
  /** `counts`: which count of the dispatch goes up; `holds` when left out, none when null. */
  | { to: "held"; until: number; reason: string; counts?: "holds" | "capped" | null }
  | { to: "failed"; code: string; message: string }
  | { to: "unknown"; message: string };

/** One attempt with its end; the ledger keeps every one of them. */
export interface AttemptRecord {
  row: number;
  attempt: number;
  /** The number that was posted to, as in the claim; null when it was a user id. */
  phone: string | null;
  /** When the request began to be written; null when it never was. */
  startedAt: number | null;
  endedAt: number;
  endpoint: string;
  outcome: "accepted" | "refused" | "not_sent" | "unknown";
  answer: Answer;
  next: Next;
  /** Set when the answer says that this person wants no marketing (131050). */
  suppress?: { reason: string };
  /** Set when the answer refuses a whole country (130497): its region, null where that is not known. */
  refusesRegion?: string | null;
}

/** One turn of the runner: what came back since the last turn, and how many dispatches it can post now. */
export interface Turn {
  campaign: number;
  now: number;
  record: AttemptRecord[];
  /** Claims that were never posted and are handed back (their attempt is not counted). */
  release: { row: number; attempt: number }[];
  /** How many dispatches to claim at most; 0 only records. */
  claim: number;
  /** Set when permits were used: the lane's limit must survive this process. */
  pace?: PaceRecord;
  /**
   * Most people whom messages of this campaign's portfolio may have reached in any 24 hours when the turn is over; left out: any
   * number. All campaigns of a portfolio count together, a person once.
   */
  peopleMax?: number;
}

/** What outlives a process of a lane's pace. */
export interface PaceRecord {
  lane: string;
  /** Instant up to which requests may have been started. */
  usedUntil: number;
  /** 0 < factor ≤ 1: what Meta's throttling has left of the configured rate. */
  factor: number;
}

export interface TurnResult {
  /** In row order, holds that are due first. */
  claimed: Claim[];
  /** The number of this turn on its lane, which goes up with each turn that claims; null when it claimed nothing. */
  number: number | null;
  /**
   * Dispatches that the claim skipped because their person is suppressed by now, because Meta refuses their country, or because a
   * number and a user id of two rows are known by now to be one person's, who got or gets the message by the other row.
   */
  suppressed: number;
  /** Records that did not apply, because the dispatch was no longer claimed under that attempt. */
  stale: number;
  /** True when no dispatch is left to claim now (some may be held for later). */
  drained: boolean;
  /** Set when fewer were claimed than could be, since the next one would be a person too many. */
  full: Full | null;
  /** Set when the campaign is to be stopped; nothing was claimed then. */
  stop: Stop | null;
  /** The campaign was cancelled: it never claims anything again. */
  cancelled: boolean;
}

/** The daily limit leaves no room for the next person. */
export interface Full {
  /** People whom messages may have reached in the last 24 hours. */
  people: number;
  /** When the first of them leaves the 24 hours. */
  freeAt: number;
}

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

/** What the runner asks for when `drained`. */
export interface Remaining {
  pending: number;
  claimed: number;
  held: number;
  /** Earliest instant at which a held dispatch is due; null without one. */
  nextDueAt: number | null;
  /** True when a message of the campaign was ever accepted. */
  accepted: boolean;
}

/** Counts of a campaign. */
export interface LedgerTally {
  rows: number;
  /** Every status with at least one dispatch; the numbers add up to `rows`. */
  counts: Partial<Record<Status, number>>;
  /** Skip reason, hold reason or error code → number. */
  reasons: Record<string, number>;
  /** Error code → number of `failed` dispatches: what `retry` can queue again. */
  failures: Record<string, number>;
  /** Accepted and later, by `message_status` where Meta gave one. */
  messageStatuses: Record<string, number>;
  /** The same of those of which no receipt came since: what Meta holds back is there, and nothing that went out meanwhile. */
  withoutReceipt: Record<string, number>;
  /** ISO region → number of dispatches that are not skipped. */
  regions: Record<string, number>;
  reached: ReachTally;
  optOuts: OptOutCounts;
}

/** How far the recipients of a campaign got, each counted at every step that was reached. */
export interface ReachTally {
  /** Not skipped. */
  toSend: number;
  /** Taken by Meta, by its answer or a receipt; also when it failed or expired since. */
  accepted: number;
  /** Delivered or read. */
  delivered: number;
  read: number;
  /** The first claim that still counts, and the last answer that took a message; null without one. */
  firstClaimAt: number | null;
  lastAcceptedAt: number | null;
  /** Ms between the two, without the whole minutes in which no message was taken: pauses, nights, waits for the daily limit. */
  sendingMs: number;
}

/** A person who must not be messaged. At least one of phone and userId. */
export interface Suppression {
  /** E.164 with `+`, or a WhatsApp id with `+` put before it. */
  phone: string | null;
  person: string | null;
  /** Business-scoped user id, such as `BR.1234`. */
  userId: string | null;
  reason: string;
  /**
   * Where it came from: `manual`, a file name; `reply` and `webhook` (the person's own switch in WhatsApp, which alone they can
   * turn back), `message` (the person wrote a stop word, or tapped a button that says one).
   */
  source: string;
}

export interface SuppressionRecord extends Suppression {
  id: number;
  addedAt: number;
  /** The person was forgotten: they are known again by a keyed hash, and neither phone nor user id is kept. */
  isForgotten: boolean;
}

/** A webhook body as it came, to be applied later. */
export interface Delivery {
  /** The whole body, unchanged. */
  body: string;
  receivedAt: number;
  /** Where it came from: `webhook`, or a file's name. */
  source: string;
}

/** What became of one event of a delivery. */
export type EventEffect =
  /** Something is otherwise in the ledger now. */
  | "applied"
  /** Known already, or overtaken by what was known; nothing changed. */
  | "repeated"
  /** Of an earlier message of a recipient who has got another one since. */
  | "superseded"
  /** Waits until the runner has written down its own answer, or until only one message can be meant. */
  | "parked"
  /** Of a message, or from a person, that this ledger knows nothing of. */
  | "unmatched"
  /** About a business number that no campaign of this ledger sends from. */
  | "other_number"
  /** Kept and counted, and of no effect on any message: clicks, account events, other products. */
  | "noted";

/**
 * Event → effect → number. The events are the statuses of receipts (`sent`, `delivered`, `read`, `played`, `failed`), `stop`, `resume`
 * and `signup`, `message` and `tap`, `identity`, `template`, `account`, `limit`, `click`, `landing_page_view`, `action`, `error`,
 * `other`, and `unreadable` for a whole body.
 */
export type EventCounts = Record<string, Partial<Record<EventEffect, number>>>;

/** What one application of deliveries changed. */
export interface Applied {
  deliveries: number;
  /** A parked event that was applied now is −1 under `parked` and 1 under what became of it. */
  counts: EventCounts;
  /** Dispatches that were in doubt, and are not any more. */
  settled: number;
  /** Receipts of attempts that this ledger never made: see `wentBack`. */
  lost: number;
  /** Error code → dispatches that receipts failed, and that they held for another try. */
  failed: Record<string, number>;
  held: Record<string, number>;
  /** People put on the suppression list, and taken off it. */
  optOuts: number;
  lifted: number;
  /** True when deliveries are left that were not applied yet. */
  more: boolean;
}

/** Everything that was ever kept. */
export interface ReceiptTotals {
  /** Deliveries kept, and how many of them are not applied yet. */
  deliveries: number;
  waiting: number;
  /** Events that are parked now. */
  parked: number;
  counts: EventCounts;
}

/** Something that Meta told of an account, a number or a template. */
export interface AccountEvent extends Omit<AccountNotice, "kind" | "at"> {
  id: number;
  /** A kind of account-event.ts. */
  kind: string;
  /** Instant, as Meta told it; else when it came. */
  at: number;
  /** The delivery that told it first. */
  delivery: number;
}

/** How a person opted out: by a button, in writing, by WhatsApp's own switch, or as Meta's refusal (131050) reports. */
export type OptOutWay = "button" | "text" | "switch" | "refusal";

/** Recipients of a campaign who opted out after its message; see docs/receipts.md for which campaign an opt-out is counted. */
export interface OptOutCounts {
  people: number;
  byWay: Partial<Record<OptOutWay, number>>;
}

/** What people did with the messages of a campaign. */
export interface Engagement {
  /** Links that were followed, and by how many people; `people` counts only clicks whose message can be told. */
  clicks: { total: number; people: number; byComponent: Record<string, number> };
  /** Pages of links that WhatsApp's own browser reached, and actions that are not documented. */
  landingPageViews: number;
  otherActions: number;
  /** Clicks on the sending number's messages that may be another campaign's. */
  clicksUntold: number;
  /** Quick replies, by their text, most tapped first; a person counts once for each. Without those that opt out. */
  taps: { label: string; taps: number; people: number }[];
}

/** What is known of the recipients that are `unknown`: the evidence for `resolve`. */
export interface Doubts {
  unknown: number;
  /** When the first and the last of them was claimed; instants. */
  oldestAt: number;
  newestAt: number;
  /** The first receipt that was ever applied to the campaign; null when none came. */
  receiptsSince: number | null;
  /** Messages that Meta took and that were claimed within a minute of one of these, and how many of them have a receipt. */
  neighbours: number;
  neighboursTold: number;
}

/** One row of the public view `outcomes`; instants are ISO 8601 UTC text. */
export interface OutcomeRow {
  campaign: string;
  /** Where the row is in the file now, from 1; null when the file has it no more. */
  row_number: number | null;
  phone: string | null;
  region: string | null;
  status: Status;
  reason: string | null;
  error_code: string | null;
  error_message: string | null;
  message_id: string | null;
  message_status: string | null;
  attempts: number;
  path: string | null;
  claimed_at: string | null;
  accepted_at: string | null;
  sent_at: string | null;
  delivered_at: string | null;
  read_at: string | null;
  failed_at: string | null;
  user_id: string | null;
  /** The first click on a link of the message, of those whose message can be told. */
  clicked_at: string | null;
  /** What names the row for good, where the manifest names the column of it. */
  recipient_id: string | null;
}

/** Some rows of many. */
export interface Page<T> {
  rows: T[];
  /** Where the next page begins; null after the last one. */
  next: number | null;
}

/** A skipped row as `rejects` exports it. */
export interface RejectRow {
  /** Null when the file has the row no more. */
  row: number | null;
  line: number;
  reason: string;
  detail: string;
  cells: string[];
}

/** What a person did by hand to the ledger. */
export interface AuditEntry {
  /** Instant. */
  at: number;
  /** Who: `live page`, or `command` with the system's user behind it (`command: anna`). */
  actor: string;
  /** What, in one word of ours: `pause`, `unpause`, `cancel`, `suppress`, `unsuppress`, `purge`, `forget`, … */
  action: string;
  /** To what: a campaign's name, or a phone masked as in the log. */
  subject: string;
  /** JSON object of what else is worth knowing; no phone number, no name. */
  detail: Record<string, unknown>;
}

export interface AuditRecord extends AuditEntry {
  id: number;
}

/** Who holds a lane or a campaign. */
export interface Holder {
  pid: number;
  host: string;
  campaign: string;
  lane: string;
  /** Instant. */
  since: number;
}

export type Hold = { kind: "held"; release(): Promise<void> } | Busy;

/** Another process has it. */
export interface Busy {
  kind: "busy";
  /** As far as known. */
  by: Holder | null;
  /** `the campaign …` or `the lane …`. */
  what: string;
  /** Which of the two: the lane may be held for another campaign. */
  of: "campaign" | "lane";
}

/** What a ledger could not do, told apart because each has its own exit code and sentence. */
export type LedgerFault =
  | "full" // no space left
  | "read_only" // file, folder or file system is read-only, or belongs to another user
  | "busy" // somebody else kept it locked for longer than we wait
  | "newer_schema" // written by a newer version of this program
  | "older_schema" // written by a version before the first release
  | "not_a_ledger" // the file is something else
  | "gone" // the file was deleted, moved or replaced while it was open
  | "corrupt" // the file is damaged
  | "io"; // the disk said no

export class LedgerError extends Error {
  override readonly name = "LedgerError";
  readonly fault: LedgerFault;

  constructor(fault: LedgerFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

/** A rule between the rows of a ledger that does not hold. */
export interface Violation {
  invariant: string;
  /** A few places; no phone number is in them. */
  examples: string[];
  /** Only what can be counted again is wrong: no damage. */
  isDerived?: true;
}

/** The database of campaigns, dispatches, attempts, suppressions and lanes. Every verb may throw LedgerError. */
export interface Ledger {
  /** Random id of this ledger: 1–32 of [0-9a-z]. Goes into the callback key. */
  readonly id: string;

  findCampaign(name: string): Promise<CampaignRecord | undefined>;
  listCampaigns(): Promise<CampaignRecord[]>;
  /** Creates a campaign in state `planning`. Throws when the name exists. */
  createCampaign(draft: {
    name: string;
    lane: string;
    frozen: Frozen;
    columns: string[];
    now: number;
  }): Promise<CampaignRecord>;
  /** Sets the state, and the halt with it (null clears it). */
  setState(campaign: number, state: CampaignState, halt: Halt | null, now: number): Promise<void>;

  /**
   * Sets a stop from outside the runner, or lifts every one (null); the next turn claims nothing and returns it. A pause and a halt
   * may stand at once, and the halt is the one that is told; of two of a kind the later one counts.
   */
  askStop(campaign: number, stop: Stop | null, now: number): Promise<void>;
  /**
   * Lifts the stop of one kind, unless it was asked for after `upTo`; of a halt that means, too, that no event of until then stops
   * the campaign, however late it is told. True when there was one.
   */
  liftStop(campaign: number, kind: Stop["kind"], upTo: number): Promise<boolean>;

  /** Pages of all dispatches of a campaign, by their numbers: those after `after`. */
  knownRows(campaign: number, after: number, limit: number): Promise<KnownRow[]>;
  /** Other names of people, in the same order; undefined where there are none. */
  otherNames(
    people: readonly { person: string | null; userId: string | null }[],
  ): Promise<(OtherNames | undefined)[]>;
  /** What these dispatches would be sent; of those that wait. */
  plannedValues(campaign: number, numbers: readonly number[]): Promise<PlannedValues[]>;
  /**
   * Rows begin to be planned again, in many transactions: until `finishPlanning` the campaign says so, and its fingerprint is not to be
   * believed. `anew`: also rows that did not change.
   */
  beginReplanning(campaign: number, how: Replanning): Promise<void>;
  /** The source has their rows no more: what waits is skipped as `removed`, what was posted stays. */
  removeRows(campaign: number, numbers: readonly number[]): Promise<void>;
  moveRows(campaign: number, moves: readonly Move[]): Promise<void>;
  /** Remembers what rows are named by now; of their content nothing changes. */
  renameRows(campaign: number, names: readonly RowNames[], now: number): Promise<void>;
  /** Names of the campaigns whose people the campaign leaves out from now on; those that the ledger does not have are passed over. */
  keepExclusions(campaign: number, names: readonly string[]): Promise<void>;
  /** Whether one of these campaigns may have reached each of the people, under any name of theirs. */
  reachedByCampaigns(
    names: readonly string[],
    people: readonly { person: string | null; userId: string | null }[],
  ): Promise<boolean[]>;
  /** Rows whose id is empty, or stands on an earlier row too. Reads the whole campaign. */
  idFaults(campaign: number): Promise<IdFaults>;
  /**
   * One transaction. Plans rows as the dispatches of these numbers, as `plan` does: new ones, and ones that are `pending`, `held` or
   * `skipped`; others are left alone. Of several rows of one person the first in the source counts, unless another was posted.
   */
  replan(campaign: number, rows: readonly Replanned[], now: number): Promise<void>;
  /**
   * One transaction, in which `rows` is gone through once. Adds rows that the ledger does not have; rows it has are replaced when they are `pending`, `held` or `skipped` and
   * otherwise left alone. A row to be sent to becomes `skipped` as `opted_out` when its person is suppressed, and as
   * `duplicate` (its detail names the first row) when the campaign has a row for the same person that is not skipped.
   * A number and a user id that stand in one row are remembered as one person's; rows of either are the same person then,
   * as far as that, an answer or a receipt has told by now.
   */
  plan(campaign: number, rows: Iterable<PlannedRow>, now: number): Promise<void>;
  /** Planning is complete: freezes the fingerprint and the number of rows; removes never attempted rows beyond it. */
  finishPlanning(
    campaign: number,
    plan: { frozen: Frozen; recipients: Fingerprint; columns: string[]; rows: number; now: number },
  ): Promise<void>;

  /** After an unclean stop: every `claimed` dispatch becomes `unknown`. Only the holder of the campaign may call it. */
  recoverClaims(campaign: number, now: number): Promise<number>;
  /** One transaction: records, releases, then claims. The claims are durable when it returns. */
  turn(turn: Turn): Promise<TurnResult>;
  remaining(campaign: number): Promise<Remaining>;
  /** ISO region → number of `pending` and `held` dispatches; those of no known region are left out. */
  waitingRegions(campaign: number): Promise<Record<string, number>>;
  /** The campaign's end passed: `held` → `failed` with code `campaign_over`, `pending` → `cancelled`. Returns how many. */
  endCampaign(campaign: number, now: number): Promise<number>;
  /** Lane → number of its last turn that claimed, of every lane that ever had one. An older copy of a ledger has lower ones. */
  turnNumbers(): Promise<Record<string, number>>;
  /** Raises them: a person decided to go on with an older copy, and its next turn is a new one all the same. */
  raiseTurnNumbers(numbers: Readonly<Record<string, number>>): Promise<void>;
  /** What a lane used up to now, by any campaign; undefined when it was never used. */
  pace(lane: string): Promise<PaceRecord | undefined>;

  /**
   * What Meta told before a run: who owns the lane's account (null: not told, what was known stays), the TTL in seconds that
   * messages claimed from now on have, the template, and whose account events concern the campaign: `waba` is the id of the
   * account, `number` the digits of the sending number (each left out: what was known stays).
   */
  keepFacts(
    campaign: number,
    facts: {
      portfolio: string | null;
      ttlSeconds: number;
      definition?: TemplateDefinition;
      waba?: string;
      number?: string;
    },
    now: number,
  ): Promise<void>;
  /**
   * How many people messages may have reached in the 24 hours before `now`: of all campaigns whose portfolio is the sender's, or
   * not known; the sandbox's are apart. Who was refused for sure does not count. May read whole campaigns.
   */
  reached(sender: Sender, now: number): Promise<number>;
  /** The same beside the limit, at the cost of a look; null when no run of late had a limit. */
  dailyLimit(sender: Sender, now: number): Promise<DailyLimit | null>;

  /**
   * One transaction over some thousand rows: `accepted` and `sent` become `expired` when their TTL has passed without a delivery
   * receipt. Only of campaigns for which a receipt was ever applied: where nobody receives, none of them tells anything.
   * @param after where the call before ended; null to begin
   * @returns `next` is null when nothing more is due; it is cheap when nothing is
   */
  expire(after: ExpiryPlace | null, now: number): Promise<Expiry>;

  /**
   * `failed` dispatches with one of these codes → `pending`. With 130497 the campaign's refused regions are forgotten, and those who
   * were skipped for them wait again as well. Returns how many.
   */
  retry(campaign: number, codes: string[], now: number): Promise<number>;
  /** `unknown` dispatches → `pending`, or `failed` with code `given_up`. Returns how many. */
  resolveUnknown(campaign: number, decision: "resend" | "give-up", now: number): Promise<number>;
  /** `pending` and `held` → `cancelled`, and the campaign with them. Returns how many. */
  cancel(campaign: number, now: number): Promise<number>;

  tally(campaign: number): Promise<LedgerTally>;
  /**
   * Everything of the report page, its settings left null. Not one transaction: the rows are read once, in pieces, with a pause
   * between them, so that neither a runner nor what else this process does has to wait. Some seconds for a million rows.
   */
  report(campaign: number, now: number): Promise<ReportData>;
  /**
   * Pages of the view `outcomes`, in the order of the file; rows that it has no more come last.
   * @param after `next` of the page before; 0 to begin, or a row of the file
   */
  outcomes(campaign: number, after: number, limit: number): Promise<Page<OutcomeRow>>;
  /** Skipped rows with one of the reasons, in the same order and pages. */
  rejects(
    campaign: number,
    reasons: SkipReason[],
    after: number,
    limit: number,
  ): Promise<Page<RejectRow>>;

  /**
   * Adds suppressions; one that exists already (same person or user id) is left as it is, unless it came from the person's switch
   * in WhatsApp: then the new one takes its place, or turning the switch back would lift that one too. Returns how many were new.
   */
  suppress(entries: Suppression[], now: number): Promise<number>;
  /** Removes suppressions of these persons and user ids. Returns how many. */
  unsuppress(keys: { person?: string; userId?: string }[]): Promise<number>;
  /** Pages of the suppression list, by id. */
  suppressions(afterId: number, limit: number): Promise<SuppressionRecord[]>;
  /**
   * Pages of the suppressions that hold the text in a number (written anyhow), a user id, a reason or a source, newest first: entries
   * with an id below `before` (null: from the newest). An empty text finds all.
   */
  searchSuppressions(
    text: string,
    before: number | null,
    limit: number,
  ): Promise<SuppressionRecord[]>;
  countSuppressions(text: string): Promise<number>;

  /** Everything of one person: of every number and user id known to be theirs. Looks into indexes only. */
  historyOf(who: { phone?: string; userId?: string }): Promise<History>;
  /** What makes the message of a row of the file; of the first row that is not skipped when `row` is null. Undefined when there is none. */
  messageOf(campaign: number, row: number | null): Promise<MessageRecord | undefined>;

  /** Keeps webhook bodies; they are durable when it returns, and nothing of them is looked at. */
  keepDeliveries(deliveries: readonly Delivery[]): Promise<void>;
  /**
   * One transaction: applies the oldest deliveries that were not applied yet, each once, until about `limit` events are done
   * (a delivery is never cut in two), and before them what was parked and can be applied by now. Receipts are matched by message id,
   * whatever else they name; else by our key (a key of another program matches nothing); else, where exactly one dispatch of the
   * recipient is in doubt, by recipient and time. A `claimed` dispatch is its runner's: its receipts are parked. A key of this ledger
   * with an attempt that it never made settles that dispatch, and counts as `lost`.
   * @param stopWords what people write to be left alone, beside the built-in words and the campaigns' own
   */
  applyDeliveries(options: {
    limit: number;
    now: number;
    stopWords?: readonly string[];
  }): Promise<Applied>;
  receiptTotals(): Promise<ReceiptTotals>;
  /**
   * What receipts proved: that this ledger is older than what was sent from it. It stops every campaign of the lane, and of every
   * other lane of its kind (real numbers, or the sandbox). Null without proof, or when a person overrode it.
   */
  wentBack(lane: string): Promise<WentBack | null>;
  /** A person decided to send all the same; proof of a message that is sent later stops campaigns again. */
  overrideWentBack(lane: string, now: number): Promise<void>;
  /**
   * The newest events of accounts, numbers and templates, newest first: those that concern a campaign (by its template, account or
   * number, as far as these are known), or all of them (null).
   */
  accountEvents(campaign: number | null, limit: number): Promise<AccountEvent[]>;
  /** Clicks and quick replies. */
  engagement(campaign: number): Promise<Engagement>;
  /** What speaks for and against the messages in doubt; null when there is none. Reads the whole campaign. */
  doubts(campaign: number): Promise<Doubts | null>;
  /** Words of the campaign's own by which people ask to be left alone, beside those of every campaign; replaces those of before. */
  keepStopWords(campaign: number, words: readonly string[]): Promise<void>;
  /** How often a person of the campaign is tried whom Meta refuses for its limit per person, for receipts that come later. */
  keepCappedTries(campaign: number, tries: number): Promise<void>;

  /** Writes down what a person did by hand; kept when the person concerned is erased, so `subject` names nobody by number. */
  writeAudit(entry: AuditEntry): Promise<void>;
  /** Pages of the audit table, newest first: entries with an id below `beforeId` (null: from the newest). */
  audits(beforeId: number | null, limit: number): Promise<AuditRecord[]>;

  /** Campaigns that are quiet since `before`, each with what stands against purging it. May read whole campaigns. */
  purgeable(before: number, now: number): Promise<Purgeable[]>;
  /**
   * Erases what people gave from the next few thousand rows of a campaign; the rows stay, with all that is counted. With the first
   * call the campaign is closed for good: see CampaignRecord.erasedAt. A runner beside it waits some hundredths of a second.
   * @returns undefined when `purgeable` would not give the campaign, or names an obstacle; otherwise how many rows are left
   */
  purgeCampaign(
    campaign: number,
    before: number,
    now: number,
  ): Promise<{ erased: number; left: number } | undefined>;
  /**
   * One step of erasing what belongs to no campaign and is older than `before`: webhook bodies, what people said of marketing, other
   * names of people who are neither in a campaign nor suppressed. Suppressions stay.
   * @param after where the step before ended; null to begin
   */
  purgeRest(
    after: PurgePlace | null,
    before: number,
  ): Promise<{ erased: number; next: PurgePlace | null }>;

  tracesOf(who: PersonKey): Promise<Traces>;
  /**
   * Erases a person from everything but the suppression list, under every name that they are known by. There they are kept as a keyed
   * hash, with the reason `forgotten`: planning and claims leave them alone, `unsuppress` finds them, and no verb keeps a name of
   * theirs again. What waits for them is skipped as `opted_out`.
   * @param after where the step before ended; null to begin
   */
  forget(who: PersonKey, after: number | null, now: number): Promise<Forgetting>;
  /** Everybody who was forgotten, for another ledger that is to know them too; null when nobody was. */
  forgottenPeople(): Promise<ForgottenPeople | null>;
  /** Takes them over, in a ledger that forgot nobody itself. */
  keepForgotten(people: ForgottenPeople, now: number): Promise<void>;
  /** Whether something was erased and `compact` was not through since. */
  rewriteDue(): Promise<boolean>;
  /**
   * Makes sure that nothing of what was erased is left in the free places of the ledger's files, and gives these back.
   * @returns false when others are reading or writing: to be tried again. May hold them up for seconds
   */
  compact(): Promise<boolean>;

  /**
   * Takes the lane and the campaign for this process; the operating system frees both when the process dies,
   * however it dies. `busy` names the other holder as far as known.
   */
  hold(holder: Holder): Promise<Hold>;
  /** Who holds the campaign or the lane at this moment; null when nobody does. Changes nothing. */
  heldBy(who: Pick<Holder, "campaign" | "lane">): Promise<Busy | null>;

  /** Statements that must return no row on a sound ledger, each with a name; used by tests and by `doctor`. */
  violations(): Promise<Violation[]>;
  /** Throws away what is kept to be quick, and is counted again from the rows. */
  dropDerived(): Promise<void>;

  close(): Promise<void>;
}
