// The ledger in one SQLite file: puts the verbs together, each in its transaction. Decides nothing about sending.

import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Database } from "better-sqlite3";
import type { Ledger } from "../ledger.ts";
import { personOf } from "../person.ts";
import { makeAttempts } from "./attempts.ts";
import { makeCampaigns } from "./campaigns.ts";
import { makeCanceller } from "./cancel.ts";
import { BUSY_TIMEOUT_MS, beginBulk, endBulk, openConnection } from "./connection.ts";
import { makeConsents } from "./consents.ts";
import { makeDecisions } from "./decisions.ts";
import { makeDeliveries } from "./deliveries.ts";
import { digitsToInteger } from "./digits.ts";
import { makeDispatches } from "./dispatches.ts";
import { makeExpiry } from "./expiry.ts";
import { ledgerFault } from "./faults.ts";
import { violations } from "./invariants.ts";
import { makeLocks } from "./lock.ts";
import { makePersons } from "./persons.ts";
import { makePlanning } from "./planning.ts";
import { makeReach } from "./reach.ts";
import { makeReceipts } from "./receipts.ts";
import { makeReports } from "./reports.ts";
import { makeSuppressions } from "./suppressions.ts";

export interface SqliteLedgerOptions {
  /** For `status` and the like beside a running runner; a verb that writes then throws `read_only`. */
  readOnly?: boolean;
  /** How long a verb waits for another process's transaction, blocking this one. 5,000 when left out. */
  busyTimeoutMs?: number;
  /** Pages of 4 KiB beyond which the file may not grow: a disk that is full, for tests. */
  maxPages?: number;
  /** The wall clock, in milliseconds; asked once, for the day on which a new ledger was made. */
  now?: () => number;
}

export interface SqliteLedger extends Ledger {
  /** Absolute path. */
  readonly file: string;
}

/**
 * Opens the ledger in `file`, and makes it and its folder when they are not there (not with `readOnly`).
 * Throws LedgerError: `newer_schema`, `not_a_ledger` (also when `readOnly` finds no file), `read_only`, `busy`,
 * `corrupt`, `full`, `io`.
 */
export async function openSqliteLedger(
  file: string,
  options: SqliteLedgerOptions = {},
): Promise<SqliteLedger> {
  const path = resolve(file);
  const db = await openConnection(path, {
    readOnly: options.readOnly ?? false,
    busyTimeoutMs: options.busyTimeoutMs ?? BUSY_TIMEOUT_MS,
    ...(options.maxPages === undefined ? {} : { maxPages: options.maxPages }),
    ledgerId: makeLedgerId(),
    now: Math.round((options.now ?? Date.now)()),
  });
  try {
    return makeLedger(db, path);
  } catch (error) {
    db.close();
    throw ledgerFault(error, path);
  }
}

/** Tells whether there is a file at all, without opening it. */
export function ledgerExists(file: string): boolean {
  return existsSync(file);
}

function makeLedger(db: Database, file: string): SqliteLedger {
  const suppressions = makeSuppressions(db);
  const canceller = makeCanceller(db);
  const campaigns = makeCampaigns(db);
  const planning = makePlanning(db, suppressions, canceller);
  const personOfWaId = (waId: string): number => digitsToInteger(personOf(waId));
  const attempts = makeAttempts(db, suppressions, personOfWaId);
  const reach = makeReach(db);
  const dispatches = makeDispatches(db, { attempts, canceller, reach });
  const expiry = makeExpiry(db);
  const decisions = makeDecisions(db, canceller);
  const reports = makeReports(db);
  const id = db.prepare("select ledger_id from meta").pluck().get() as string;
  const persons = makePersons(db);
  const receipts = makeReceipts(db, { ledgerId: id, persons, suppressions, reach, personOfWaId });
  const consents = makeConsents(db, suppressions);
  const deliveries = makeDeliveries(db, { receipts, consents, personOfWaId });
  const locks = makeLocks(`${file}.locks`);

  /** A verb that reads, or changes one thing by one statement. */
  function read<A extends unknown[], R>(verb: (...args: A) => R): (...args: A) => Promise<R> {
    return async (...args) => {
      try {
        return verb(...args);
      } catch (error) {
        throw ledgerFault(error, file);
      }
    };
  }

  /**
   * A verb that writes: all of it or nothing. Immediate, so that waiting for another process happens before the
   * first row is read, and what was read is still true when it is written.
   */
  function write<A extends unknown[], R>(verb: (...args: A) => R): (...args: A) => Promise<R> {
    return read(db.transaction(verb).immediate as unknown as (...args: A) => R);
  }

  const plan = write(planning.plan);
  const finishPlanning = write(planning.finishPlanning);
  let isBulk = false;

  return {
    file,
    id,
    findCampaign: read(campaigns.findCampaign),
    listCampaigns: read(campaigns.listCampaigns),
    createCampaign: write(campaigns.createCampaign),
    setState: write(campaigns.setState),
    knownRows: read(planning.knownRows),
    plan: async (campaign, rows, now) => {
      if (!isBulk) await read(beginBulk)(db);
      isBulk = true;
      await plan(campaign, rows, now);
    },
    finishPlanning: async (campaign, facts) => {
      await finishPlanning(campaign, facts);
      if (isBulk) await read(endBulk)(db);
      isBulk = false;
    },
    recoverClaims: write(decisions.recoverClaims),
    turn: write(dispatches.turn),
    remaining: read(dispatches.remaining),
    endCampaign: write(decisions.endCampaign),
    pace: read(reports.pace),
    keepFacts: write(
      (campaign: number, facts: { portfolio: string | null; ttlSeconds: number }, now: number) => {
        reach.keepPortfolio(campaign, facts.portfolio);
        expiry.keepTtl(campaign, facts.ttlSeconds, now);
      },
    ),
    reached: read(reach.reached),
    dailyLimit: read(reach.dailyLimit),
    expire: write(expiry.expire),
    retry: write(decisions.retry),
    resolveUnknown: write(decisions.resolveUnknown),
    cancel: write(decisions.cancel),
    tally: read(reports.tally),
    outcomes: read(reports.outcomes),
    rejects: read(reports.rejects),
    suppress: write(suppressions.suppress),
    unsuppress: write(suppressions.unsuppress),
    suppressions: read(suppressions.suppressions),
    keepDeliveries: write(deliveries.keepDeliveries),
    applyDeliveries: write(deliveries.applyDeliveries),
    receiptTotals: read(deliveries.receiptTotals),
    hold: read(locks.hold),
    violations: read(() => violations(db)),
    close: async () => {
      locks.releaseAll();
      db.close();
    },
  };
}

/** 64 random bits: 13 characters at most, of 0–9 and a–z. */
function makeLedgerId(): string {
  return randomBytes(8).readBigUInt64BE().toString(36);
}
