// The ledger in one SQLite file: puts the verbs together, each in its transaction. Decides nothing
// about sending.

import { resolve } from "node:path";
import { setImmediate as pause } from "node:timers/promises";
import type { Ledger } from "../domain/ledger/ledger.ts";
import { personOf } from "../domain/recipient/person.ts";
import { makeAudit } from "./campaigns/audit.ts";
import { makeCache } from "./campaigns/cache.ts";
import { makeCampaigns } from "./campaigns/campaigns.ts";
import { makeCanceller } from "./campaigns/cancel.ts";
import { makeDecisions } from "./campaigns/decisions.ts";
import { makeExclusions } from "./campaigns/exclusions.ts";
import { makeExpiry } from "./campaigns/expiry.ts";
import { makeHistory } from "./campaigns/history.ts";
import { makePlanning } from "./campaigns/planning.ts";
import { makeRecentPosts } from "./campaigns/recent-posts.ts";
import { makeRefusals } from "./campaigns/refusals.ts";
import { makeReplanning } from "./campaigns/replanning.ts";
import { byId, makeReportQueries } from "./campaigns/report-queries.ts";
import { makeReports } from "./campaigns/reports.ts";
import { makeRowSums } from "./campaigns/row-sums.ts";
import { makeStops } from "./campaigns/stops.ts";
import { makeTallies } from "./campaigns/tallies.ts";
import { makeCompaction } from "./file/compaction.ts";
import type { Connection } from "./file/connection.ts";
import {
  BUSY_TIMEOUT_MS,
  beginBulk,
  closeConnection,
  endBulk,
  folderBeside,
  makeFolding,
  openConnection,
} from "./file/connection.ts";
import { digitsToInteger } from "./file/digits.ts";
import { ledgerFault } from "./file/faults.ts";
import { dropDerived, violations } from "./file/invariants.ts";
import { makeLocks } from "./file/lock.ts";
import { makeLedgerFile } from "./file/making.ts";
import { lookAt } from "./file/ownership.ts";
import { makeAccountEvents } from "./inbox/account-events.ts";
import { makeConsents } from "./inbox/consents.ts";
import { makeDoubts } from "./inbox/doubts.ts";
import { makeEngagement } from "./inbox/engagement.ts";
import { makeInbound } from "./inbox/inbound.ts";
import { makeLostAttempts } from "./inbox/lost-attempts.ts";
import { makeOptOuts } from "./inbox/opt-outs.ts";
import { makeReceiptMatch } from "./inbox/receipt-match.ts";
import { makeReceipts } from "./inbox/receipts.ts";
import { makeWebhookBodies } from "./inbox/webhook-bodies.ts";
import { makeAliases } from "./people/aliases.ts";
import { makeEraser } from "./people/erasure.ts";
import { makeForgetting } from "./people/forgetting.ts";
import { makeForgotten } from "./people/forgotten.ts";
import { makePersons } from "./people/persons.ts";
import { makePurging } from "./people/purging.ts";
import { makeSuppressionSearch } from "./people/suppression-search.ts";
import { makeSuppressions } from "./people/suppressions.ts";
import { makeAttempts } from "./sending/attempts.ts";
import { makeDispatches } from "./sending/dispatches.ts";
import { makeReach } from "./sending/reach.ts";
import { makeTurnNumbers } from "./sending/turn-numbers.ts";

export interface SqliteLedgerOptions {
  /**
   * For `status` and the like beside a running runner; a verb that writes then throws `read_only`.
   */
  readOnly?: boolean;
  /**
   * How long a verb waits for another process's transaction, blocking this one. 5,000 when left
   * out.
   */
  busyTimeoutMs?: number;
  /**
   * Whether a ledger is made where there is none; left out: where there is no file. Never with
   * `readOnly`.
   */
  make?: "never" | "if_missing" | "if_missing_or_empty";
  /** For a thread beside one that has the ledger open and knows that it is ours. */
  isGuest?: boolean;
  /** Pages of 4 KiB beyond which the file may not grow: a disk that is full, for tests. */
  maxPages?: number;
  /** The wall clock, in milliseconds; asked once, for the day on which a new ledger was made. */
  now?: () => number;
}

export interface SqliteLedger extends Ledger {
  /** Absolute path. */
  readonly file: string;
  /**
   * Every verb asks this once it is done, so that nothing counts as written that went into a file
   * without a name.
   * @throws LedgerError `gone` when the ledger's files were deleted, moved or replaced since they
   * were opened
   */
  requireInPlace(): void;
  /**
   * True when nothing but this program has changed the file since it was last found sound: see
   * `violations`.
   */
  isSealed(): boolean;
  /** Call once it was found sound. */
  seal(): void;
}

/**
 * Opens the ledger in `file`, and makes it and its folder where `make` allows it. What is not known
 * to be a ledger is left as it is. Throws LedgerError: `newer_schema`, `older_schema`,
 * `not_a_ledger` (also when there is none), `read_only`, `busy`, `corrupt`, `full`, `io`.
 */
export async function openSqliteLedger(
  file: string,
  options: SqliteLedgerOptions = {},
): Promise<SqliteLedger> {
  const { readOnly = false, make = "if_missing" } = options;
  const given = resolve(file);
  if (!readOnly && make !== "never") makeWhereMissing(given, make, options.now ?? Date.now);
  const connection = await openConnection(given, {
    readOnly,
    busyTimeoutMs: options.busyTimeoutMs ?? BUSY_TIMEOUT_MS,
    isGuest: options.isGuest ?? false,
    ...(options.maxPages === undefined ? {} : { maxPages: options.maxPages }),
  });
  try {
    return makeLedger(connection, given, readOnly);
  } catch (error) {
    closeConnection(connection);
    throw ledgerFault(error, file);
  }
}

/** True when there is a file that is not empty, of whatever kind; it is not opened. */
export function ledgerExists(file: string): boolean {
  return lookAt(file) === "file";
}

function makeWhereMissing(
  file: string,
  make: "if_missing" | "if_missing_or_empty",
  now: () => number,
): void {
  try {
    const found = lookAt(file);
    const isWanted = found === "nothing" || (found === "empty" && make === "if_missing_or_empty");
    if (isWanted) makeLedgerFile(file, Math.round(now()));
  } catch (error) {
    throw ledgerFault(error, file);
  }
}

function makeLedger(connection: Connection, file: string, readOnly: boolean): SqliteLedger {
  const { db, path, watch, seal } = connection;
  const tallies = makeTallies(db, { mayKeep: !readOnly });
  const forgotten = makeForgotten(db);
  const aliases = makeAliases(db, forgotten);
  const suppressions = makeSuppressions(db, { aliases, forgotten });
  const canceller = makeCanceller(db, tallies);
  const lostAttempts = makeLostAttempts(db);
  const stops = makeStops(db, lostAttempts);
  const eraser = makeEraser(db);
  const campaigns = makeCampaigns(db, stops);
  const exclusions = makeExclusions(db);
  const reach = makeReach(db);
  const planning = makePlanning(db, {
    ...{ aliases, suppressions, exclusions, forgotten, canceller, eraser, reach, tallies },
  });
  const replanning = makeReplanning(db, { aliases, forgotten, tallies });
  const personOfWaId = (waId: string): number => digitsToInteger(personOf(waId));
  const persons = makePersons(db);
  const optOuts = makeOptOuts(db, { aliases, persons, tallies });
  const attempts = makeAttempts(db, { aliases, suppressions, optOuts, eraser, personOfWaId });
  const refusals = makeRefusals(db);
  const dispatches = makeDispatches(db, {
    ...{ attempts, canceller, exclusions, forgotten, reach, refusals, stops, tallies },
  });
  const expiry = makeExpiry(db, tallies);
  const decisions = makeDecisions(db, { campaigns, canceller, refusals, tallies });
  const engagement = makeEngagement(db, tallies);
  const rowSums = makeRowSums(db);
  const reports = makeReports(db, { rowSums, tallies, optOuts, engagement });
  const reportQueries = makeReportQueries(db, {
    campaignById: (id) => byId(campaigns.listCampaigns(), id),
    ...{ optOuts, engagement, rowSums },
  });
  const id = db.prepare("select ledger_id from meta").pluck().get() as string;
  const history = makeHistory(db, aliases, forgotten);
  const suppressionSearch = makeSuppressionSearch(db);
  const accountEvents = makeAccountEvents(db, stops);
  const match = makeReceiptMatch(db, {
    ...{ ledgerId: id, aliases, persons, personOfWaId },
  });
  const receipts = makeReceipts(db, {
    ...{ match, aliases, reach, personOfWaId, accountEvents, campaigns, tallies, lostAttempts },
    ...{ refusals, stops },
  });
  const consents = makeConsents(db, { aliases, suppressions });
  const { stopWords } = campaigns;
  const inbound = makeInbound({
    ...{ match, aliases, consents, optOuts, engagement, personOfWaId, stopWords },
  });
  const webhookBodies = makeWebhookBodies(db, { receipts, inbound, forgotten, accountEvents });
  const audit = makeAudit(db);
  const cache = makeCache(db);
  const purging = makePurging(db, eraser);
  const forgetting = makeForgetting(db, { eraser, forgotten, suppressions, reach, tallies });
  const compaction = makeCompaction(db);
  const turnNumbers = makeTurnNumbers(db);
  const locks = makeLocks(folderBeside(path));
  const folding = makeFolding(db, { folded: seal.keep });
  let isBulk = false;

  /** A verb that reads, or changes one thing by one statement. */
  function read<A extends unknown[], R>(verb: (...args: A) => R): (...args: A) => Promise<R> {
    return async (...args) => {
      try {
        return verb(...args);
      } catch (error) {
        throw ledgerFault(error, file);
      } finally {
        // Before what the verb says: it may have read half of two files.
        watch.requireInPlace();
      }
    };
  }

  /**
   * A verb that writes: all of it or nothing. Immediate, so that waiting for another process
   * happens before the first row is read, and what was read is still true when it is written.
   */
  function write<A extends unknown[], R>(verb: (...args: A) => R): (...args: A) => Promise<R> {
    const transaction = read(db.transaction(verb).immediate as unknown as (...args: A) => R);
    return async (...args) => {
      const result = await transaction(...args);
      if (!isBulk) folding.afterCommit();
      seal.keep();
      return result;
    };
  }

  /** Until planning is complete. */
  async function inBulk(): Promise<void> {
    if (!isBulk) await read(beginBulk)(db);
    isBulk = true;
  }

  const plan = write(planning.plan);
  const finishPlanning = write(planning.finishPlanning);

  return {
    file,
    id,
    findCampaign: read(campaigns.findCampaign),
    listCampaigns: read(campaigns.listCampaigns),
    createCampaign: write(campaigns.createCampaign),
    setState: write(campaigns.setState),
    askStop: write(stops.askStop),
    liftStop: write(stops.liftStop),
    knownRows: read(replanning.knownRows),
    otherNames: read(replanning.otherNames),
    plannedValues: read(replanning.plannedValues),
    beginReplanning: async (campaign, how) => {
      await inBulk();
      await write(replanning.beginReplanning)(campaign, how);
    },
    removeRows: write(replanning.removeRows),
    moveRows: write(replanning.moveRows),
    renameRows: write(replanning.renameRows),
    replan: write(planning.replan),
    idFaults: read(replanning.idFaults),
    keepExclusions: write(exclusions.keepExclusions),
    reachedByCampaigns: read(exclusions.reachedByCampaigns),
    plan: async (campaign, rows, now) => {
      await inBulk();
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
    waitingRegions: read(dispatches.waitingRegions),
    endCampaign: write(decisions.endCampaign),
    turnNumbers: read(turnNumbers.turnNumbers),
    raiseTurnNumbers: write(turnNumbers.raiseTurnNumbers),
    pace: read(reports.pace),
    keepFacts: write((campaign: number, facts: Parameters<Ledger["keepFacts"]>[1], now: number) => {
      reach.keepPortfolio(campaign, facts.portfolio);
      expiry.keepTtl(campaign, facts.ttlSeconds, now);
      if (facts.definition !== undefined) history.keepDefinition(campaign, facts.definition);
      campaigns.keepAccount(campaign, facts);
    }),
    reached: read(reach.reached),
    dailyLimit: read(reach.dailyLimit),
    expire: write(expiry.expire),
    retry: write(decisions.retry),
    resolveUnknown: write(decisions.resolveUnknown),
    cancel: write(decisions.cancel),
    tally: read(reports.tally),
    recentPosts: read(makeRecentPosts(db)),
    report: async (campaign, now) => {
      const pass = await read(reportQueries.begin)(campaign, now);
      while (await read(reportQueries.step)(pass)) await pause();
      return read(reportQueries.end)(pass);
    },
    outcomes: read(reports.outcomes),
    rejects: read(reports.rejects),
    suppress: write(suppressions.suppress),
    unsuppress: write(suppressions.unsuppress),
    suppressions: read(suppressions.suppressions),
    searchSuppressions: read(suppressionSearch.searchSuppressions),
    countSuppressions: read(suppressionSearch.countSuppressions),
    historyOf: read(history.historyOf),
    messageOf: read(history.messageOf),
    storeWebhookBodies: write(webhookBodies.storeWebhookBodies),
    processWebhookBodies: write(webhookBodies.processWebhookBodies),
    receiptTotals: read(webhookBodies.receiptTotals),
    wentBack: read(lostAttempts.wentBack),
    overrideWentBack: write(lostAttempts.overrideWentBack),
    accountEvents: read(accountEvents.accountEvents),
    engagement: read(engagement.engagement),
    doubts: read(makeDoubts(db)),
    keepManifest: write(campaigns.keepManifest),
    keepStopWords: write(campaigns.keepStopWords),
    keepCappedTries: write(campaigns.keepCappedTries),
    writeAudit: write(audit.writeAudit),
    audits: read(audit.audits),
    cached: read(cache.cached),
    keepCached: write(cache.keepCached),
    dropCached: write(cache.dropCached),
    purgeable: read(purging.purgeable),
    purgeCampaign: write(purging.purgeCampaign),
    purgeRest: write(purging.purgeRest),
    tracesOf: read(forgetting.tracesOf),
    forget: write(forgetting.forget),
    forgottenPeople: read(forgotten.people),
    keepForgotten: write(forgotten.adopt),
    rewriteDue: read(compaction.rewriteDue),
    compact: read(compaction.compact),
    hold: read(locks.hold),
    heldBy: read(locks.heldBy),
    violations: read(() => violations(db)),
    dropDerived: write(() => dropDerived(db)),
    isSealed: seal.isWhole,
    seal: seal.put,
    requireInPlace: watch.requireInPlace,
    close: async () => {
      locks.releaseAll();
      // Another process may have it open for days, and then closing folds nothing.
      if (!readOnly) folding.now();
      folding.end();
      closeConnection(connection);
      if (!readOnly) seal.keep();
    },
  };
}
