// What a check finds out, and its `--json` document. Shapes only.

import type { AccountFacts } from "../../domain/account/facts.ts";
import type { NotChecked } from "../../domain/preflight/checked.ts";
import type { Finding } from "../../domain/preflight/finding.ts";
import type { Unread } from "../../domain/recipient/unread.ts";
import type { LedgerTally } from "../../domain/result/counts.ts";
import type { Estimate } from "../campaign/estimate.ts";
import type { CheckFlags, FindingRecord } from "./findings.ts";

/** The `--json` document of `check`. Keys may be added. */
export interface CheckResult {
  campaign: string;
  /** Absolute path; there may be none yet. */
  ledger: string;
  sandbox: boolean;
  rows: number;
  /** How many of the whole list would be sent to. */
  send: number;
  /** How many of them a run would still send to; the estimate is theirs. */
  left: number;
  reasons: Record<string, number>;
  /** Numbers that were not read, by why. */
  unread: Unread[];
  regions: Record<string, number>;
  /** Sent to, in regions where Meta gives no delivery optimisation. */
  without_optimisation: number;
  without_reporting: number;
  messages_per_second: number;
  /** At the rate alone. */
  seconds: number;
  /** What the ledger has of the campaign; null before its first run. */
  already: {
    counts: LedgerTally["counts"];
    /** Planned and not sent yet. */
    waiting: number;
    /** Rows that a run would plan: added to the file, back in it, or repaired. */
    new_rows: number;
    /** What the file has otherwise than when it was planned. */
    changes: Record<string, number>;
  } | null;
  estimate: Estimate;
  /** What was found at Meta, blockers first. */
  findings: FindingRecord[];
  /** What could not be looked at, and why; empty when everything was. */
  not_checked: NotChecked[];
}

export interface CheckCommandFlags extends CheckFlags {
  json?: boolean;
  rejects?: string;
  rateCard?: string;
}

/** What was found out about the campaign. */
export interface Seen {
  facts: AccountFacts;
  /** People of the daily limit that are used up. */
  reached: number;
  /** Of the whole list. */
  tally: LedgerTally;
  already: Already | null;
  regions: Compared["regions"];
}

/** What a run would go on with. */
export type Already = NonNullable<CheckResult["already"]>;

export interface Compared {
  /** Null when the ledger has no such campaign. */
  result: Already | null;
  findings: Finding[];
  /** By region, as the ledger has them; null when nobody is left. */
  regions: { waiting: Record<string, number>; planned: Record<string, number> } | null;
}
