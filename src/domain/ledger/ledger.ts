// The ledger's contract: what is written down, in which batches, and what each verb promises. No SQL, no I/O.
//
// Every verb is asynchronous and speaks in batches, so that a ledger on another database can implement it;
// test/ledger/conformance/conformance.ts is the suite that an implementation is held to. All instants are milliseconds
// since the epoch of the wall clock and come in as arguments. A verb is one transaction: all of it or nothing.

import type { CacheLedger } from "../account/cache-port.ts";
import type { CampaignRecord, DailyLimit, Frozen, Sender, Stop } from "../campaign/campaign.ts";
import type { AuditLedger, SuppressionLedger } from "../campaign/list-ports.ts";
import type { TemplateDefinition } from "../message/template.ts";
import type { PlanLedger } from "../planning/plan-ports.ts";
import type { InboxLedger } from "../receipts/inbox-ports.ts";
import type { ResultLedger } from "../result/result-ports.ts";
import type { RunLedger } from "../sending/run-ports.ts";
import type { PaceRecord } from "../sending/turn.ts";
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

/** Who holds a lane or a campaign. */
export interface Holder {
  pid: number;
  host: string;
  campaign: string;
  lane: string;
  /** Instant. */
  since: number;
}

export type HoldResult = { kind: "held"; release(): Promise<void> } | Busy;

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

/** A rule between the rows of a ledger that does not hold. */
export interface Violation {
  invariant: string;
  /** A few places; no phone number is in them. */
  examples: string[];
  /** Only what can be counted again is wrong: no damage. */
  isDerived?: true;
}

/** The database of campaigns, dispatches, attempts, suppressions and lanes. Every verb may throw LedgerError. */
export interface Ledger
  extends RunLedger,
    PlanLedger,
    InboxLedger,
    SuppressionLedger,
    AuditLedger,
    CacheLedger,
    ResultLedger {
  /** Random id of this ledger: 1–32 of [0-9a-z]. Goes into the callback key. */
  readonly id: string;
  listCampaigns(): Promise<CampaignRecord[]>;
  /** Creates a campaign in state `planning`. Throws when the name exists. */
  createCampaign(draft: {
    name: string;
    lane: string;
    frozen: Frozen;
    columns: string[];
    now: number;
  }): Promise<CampaignRecord>;

  /**
   * Sets a stop from outside the runner, or lifts every one (null); the next turn claims nothing and returns it. A pause and a halt
   * may stand at once, and the halt is the one that is reported; of two of a kind the later one counts.
   */
  askStop(campaign: number, stop: Stop | null, now: number): Promise<void>;
  /**
   * Lifts the stop of one kind, unless it was asked for after `upTo`; of a halt that means, too, that no event of until then stops
   * the campaign, however late it is reported. True when there was one.
   */
  liftStop(campaign: number, kind: Stop["kind"], upTo: number): Promise<boolean>;
  /** Names of the campaigns whose people the campaign leaves out from now on; those that the ledger does not have are passed over. */
  keepExclusions(campaign: number, names: readonly string[]): Promise<void>;
  /** Whether one of these campaigns may have reached each of the people, under any name of theirs. */
  reachedByCampaigns(
    names: readonly string[],
    people: readonly { person: string | null; userId: string | null }[],
  ): Promise<boolean[]>;

  /** After an unclean stop: every `claimed` dispatch becomes `unknown`. Only the holder of the campaign may call it. */
  recoverClaims(campaign: number, now: number): Promise<number>;
  /** ISO region → number of `pending` and `held` dispatches; those of no known region are left out. */
  waitingRegions(campaign: number): Promise<Record<string, number>>;
  /** Lane → number of its last turn that claimed, of every lane that ever had one. An older copy of a ledger has lower ones. */
  turnNumbers(): Promise<Record<string, number>>;
  /** Raises them: a person decided to go on with an older copy, and its next turn is a new one all the same. */
  raiseTurnNumbers(numbers: Readonly<Record<string, number>>): Promise<void>;
  /** What a lane used up to now, by any campaign; undefined when it was never used. */
  pace(lane: string): Promise<PaceRecord | undefined>;

  /**
   * What Meta reported before a run: who owns the lane's account (null: not reported, what was known stays), the TTL in seconds that
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
  /**
   * `pending` and `held` → `cancelled`, and the campaign with them. Returns how many.
   * @param by who did it, as in the audit table
   */
  cancel(campaign: number, now: number, by?: string): Promise<number>;
  /** Which manifest the campaign was run with last; an absolute path. */
  keepManifest(campaign: number, path: string): Promise<void>;

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
  hold(holder: Holder): Promise<HoldResult>;
  /** Who holds the campaign or the lane at this moment; null when nobody does. Changes nothing. */
  heldBy(who: Pick<Holder, "campaign" | "lane">): Promise<Busy | null>;

  /** Statements that must return no row on a sound ledger, each with a name; used by tests and by `doctor`. */
  violations(): Promise<Violation[]>;
  /** Throws away what is kept to be quick, and is counted again from the rows. */
  dropDerived(): Promise<void>;

  close(): Promise<void>;
}
