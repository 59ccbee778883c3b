// What lists, creates and decides about campaigns needs of the ledger.

import type { CampaignPlan, CampaignRecord, Frozen, Stop } from "./campaign.ts";

/** Ids at Meta. */
export interface Senders {
  phoneNumbers: string[];
  /** WhatsApp Business Accounts. */
  wabas: string[];
}

/** What a campaign is created with. */
export interface CampaignDraft {
  name: string;
  lane: string;
  /** The other lanes of a campaign with several, in the order of their places from 1. */
  moreLanes?: readonly string[];
  frozen: Frozen;
  columns: string[];
  now: number;
  /** It is a message that tries out the campaign of this name. */
  testOf?: string | undefined;
}

/** Which campaigns there are. */
export interface CampaignLedger {
  /** Random id of this ledger: 1–32 of [0-9a-z]. Goes into the callback key. */
  readonly id: string;
  /** Without the messages that tried one out. */
  listCampaigns(): Promise<CampaignRecord[]>;
  /** Messages that tried a campaign out, each a campaign of its own; left out: every one's. */
  listTests(of?: string): Promise<CampaignRecord[]>;
  /** Those that are neither finished nor cancelled, the oldest first. */
  listOpenCampaigns(): Promise<CampaignRecord[]>;
  /** Whose webhooks the ledger is for: the sending numbers and accounts of its campaigns. */
  senders(): Promise<Senders>;
  /** Creates a campaign in state `planning`. Throws when the name exists. */
  createCampaign(draft: CampaignDraft): Promise<CampaignRecord>;
  /**
   * Which manifest the campaign was run with last.
   * @param path absolute
   */
  keepManifest(
    campaign: number,
    path: string,
    kept: Pick<CampaignRecord, "manifestText" | "manifestPolicy">,
  ): Promise<void>;
}

/** The plans that people start. */
export interface CampaignPlanLedger {
  /**
   * Keeps the plan of a campaign. One that nobody has started stops it until a person does; one
   * that was started lifts that.
   */
  keepPlan(campaign: number, plan: CampaignPlan, now: number): Promise<void>;
  /**
   * Starts a plan that waits for a person. False where the campaign has another one by now, or it
   * was started already.
   * @param by who, as in the audit table
   */
  startPlan(campaign: number, digest: string, by: string): Promise<boolean>;
}

/** Which change of a campaign's state was sent to the operator's own address. */
export interface NoticeLedger {
  /** Null when none was. */
  noticeOf(campaign: number): Promise<string | null>;
  /**
   * Keeps `next` where `before` is still kept: of several processes that see one change, one sends
   * it. Returns whether it was.
   */
  keepNotice(campaign: number, before: string | null, next: string | null): Promise<boolean>;
}

/**
 * What a person, or an event of the account, decides about a campaign from outside of its runner.
 */
export interface DecisionLedger {
  /**
   * Sets a stop from outside the runner, or lifts every one (null); the next turn claims nothing
   * and returns it. A pause and a halt may stand at once, and the halt is the one that is reported;
   * of two of a kind the later one counts.
   */
  askStop(campaign: number, stop: Stop | null, now: number): Promise<void>;
  /**
   * Lifts the stop of one kind, unless it was asked for after `upTo`; of a halt that means, too,
   * that no event of until then stops the campaign, however late it is reported. True when there
   * was one.
   */
  liftStop(campaign: number, kind: Stop["kind"], upTo: number): Promise<boolean>;
  /**
   * `failed` dispatches with one of these codes → `pending`. With 130497 the campaign's refused
   * regions are forgotten, and those who were skipped for them wait again as well. Returns how
   * many.
   */
  retry(campaign: number, codes: string[], now: number): Promise<number>;
  /** `unknown` dispatches → `pending`, or `failed` with code `given_up`. Returns how many. */
  resolveUnknown(campaign: number, decision: "resend" | "give-up", now: number): Promise<number>;
  /**
   * Who is `pending` on one lane of a campaign goes by another one of it from then on; what is
   * claimed, held or was posted stays with its number. Returns how many.
   */
  moveLane(campaign: number, from: string, to: string): Promise<number>;
  /**
   * `pending` and `held` → `cancelled`, and the campaign with them. Returns how many.
   * @param by who did it, as in the audit table
   */
  cancel(campaign: number, now: number, by?: string): Promise<number>;
}
