// The verbs of the contract put together, each in its transaction; what differs between databases
// is the engine's. Decides nothing about sending.

import { randomBytes } from "node:crypto";
import { setImmediate as pause } from "node:timers/promises";
import type { Stop } from "../domain/campaign/campaign.ts";
import type { Ledger } from "../domain/ledger/ledger.ts";
import { personOf } from "../domain/recipient/person.ts";
import { makeAudit } from "./campaigns/audit.ts";
import { makeCampaigns } from "./campaigns/campaigns.ts";
import { makeCanceller } from "./campaigns/cancel.ts";
import { makeConversions } from "./campaigns/conversions.ts";
import { makeDecisions } from "./campaigns/decisions.ts";
import { makeExclusions } from "./campaigns/exclusions.ts";
import { makeExpiry } from "./campaigns/expiry.ts";
import { makeHistory } from "./campaigns/history.ts";
import { makeRecentPosts } from "./campaigns/recent-posts.ts";
import { makeRefusals } from "./campaigns/refusals.ts";
import { makeReportQueries } from "./campaigns/report-queries.ts";
import { makeReports } from "./campaigns/reports.ts";
import { makeRowSums } from "./campaigns/row-sums.ts";
import { makeStops } from "./campaigns/stops.ts";
import { makeTallies } from "./campaigns/tallies.ts";
import { makeTests } from "./campaigns/tests.ts";
import type { Engine, Verb } from "./engine.ts";
import { digitsToInteger } from "./file/digits.ts";
import { makeAccountEvents } from "./inbox/account-events.ts";
import { makeArrivals } from "./inbox/arrivals.ts";
import { makeConsents } from "./inbox/consents.ts";
import { makeDoubts } from "./inbox/doubts.ts";
import { makeEngagement } from "./inbox/engagement.ts";
import { makeForgottenEvents } from "./inbox/forgotten-events.ts";
import { makeInbound } from "./inbox/inbound.ts";
import { makeLostAttempts } from "./inbox/lost-attempts.ts";
import { makeOptOuts } from "./inbox/opt-outs.ts";
import { makeReceiptMatches } from "./inbox/receipt-match.ts";
import { makeReceipts } from "./inbox/receipts.ts";
import { makeRoundDispatches } from "./inbox/round-dispatches.ts";
import { makeWebhookBodies } from "./inbox/webhook-bodies.ts";
import { makeCache } from "./meta/cache.ts";
import { makeInsights } from "./meta/insights.ts";
import { makeAliases } from "./people/aliases.ts";
import { makeEraser } from "./people/erasure.ts";
import { makeForgetting } from "./people/forgetting.ts";
import { makeForgotten } from "./people/forgotten.ts";
import { makePersons } from "./people/persons.ts";
import { makePurging } from "./people/purging.ts";
import { makeSuppressionSearch } from "./people/suppression-search.ts";
import { makeSuppressions } from "./people/suppressions.ts";
import { makePlanning } from "./planning/planning.ts";
import { makeReplanning } from "./planning/replanning.ts";
import { makeAttempts } from "./sending/attempts.ts";
import { makeBudgets } from "./sending/budget.ts";
import { makeCaps } from "./sending/caps.ts";
import { makeDispatches } from "./sending/dispatches.ts";
import { makeLateAnswers } from "./sending/late-answers.ts";
import { makeRamp } from "./sending/ramp.ts";
import { makeReach } from "./sending/reach.ts";
import { makeRemaining } from "./sending/remaining.ts";
import { makeTurnNumbers } from "./sending/turn-numbers.ts";
import { makeZones } from "./sending/zones.ts";

/** What a ledger has of its database alone, beside the verbs. */
type OfDatabase =
  | "claimWaitMs"
  | "compact"
  | "dropDerived"
  | "acceptServer"
  | "heldBy"
  | "hold"
  | "rewriteDue"
  | "serverState"
  | "violations"
  | "close";

/** Everything of the contract that is written as verbs. */
export type VerbLedger = Omit<Ledger, OfDatabase> & {
  /** What the engine's SQL function `name_hash` gives. */
  hashOf(name: number | string): number;
};

/**
 * Makes the verbs of a ledger.
 * @param engine where they run
 * @param ledgerId that callback keys of this ledger carry
 */
export function makeVerbs(engine: Engine, ledgerId: string): VerbLedger {
  const tallies = makeTallies();
  const audit = makeAudit();
  const forgotten = makeForgotten();
  const conversions = makeConversions(forgotten);
  const tests = makeTests({ audit, conversions });
  const aliases = makeAliases(forgotten);
  const suppressions = makeSuppressions({ aliases, forgotten });
  const canceller = makeCanceller(tallies);
  const lostAttempts = makeLostAttempts();
  const stops = makeStops(lostAttempts);
  const eraser = makeEraser();
  const campaigns = makeCampaigns({ stops, tests });
  const exclusions = makeExclusions();
  const ramp = makeRamp();
  const reach = makeReach();
  const budgets = makeBudgets();
  const planning = makePlanning({
    ...{ aliases, suppressions, exclusions, forgotten, canceller, eraser, reach, tallies, tests },
  });
  const replanning = makeReplanning({ aliases, forgotten, tallies });
  const personOfWaId = (waId: string): number => digitsToInteger(personOf(waId));
  const persons = makePersons();
  const optOuts = makeOptOuts({ aliases, persons, tallies });
  const attempts = makeAttempts({ aliases, suppressions, optOuts, eraser, personOfWaId });
  const refusals = makeRefusals();
  const left = makeRemaining();
  const zones = makeZones();
  const turnNumbers = makeTurnNumbers();
  const caps = makeCaps();
  const dispatches = makeDispatches({
    ...{ attempts, budgets, canceller, caps, forgotten, ramp, reach, refusals, stops, tallies },
    turnNumbers,
  });
  const lateAnswers = makeLateAnswers({
    ...{ attempts, campaigns, canceller, reach, refusals, tallies },
  });
  const expiry = makeExpiry(tallies);
  const decisions = makeDecisions({ campaigns, canceller, refusals, tallies });
  const engagement = makeEngagement(tallies);
  const rowSums = makeRowSums();
  const reports = makeReports({ rowSums, optOuts, engagement, zones });
  const cache = makeCache();
  const insights = makeInsights();
  const reportQueries = makeReportQueries({
    ...{ conversions, insights, campaigns, optOuts, engagement, rowSums },
  });
  const history = makeHistory(aliases, forgotten);
  const suppressionSearch = makeSuppressionSearch();
  const accountEvents = makeAccountEvents(stops);
  const matches = makeReceiptMatches({
    ...{ ledgerId, aliases, persons, personOfWaId },
  });
  const arrivals = makeArrivals({ tallies });
  const receipts = makeReceipts({
    ...{ aliases, personOfWaId, accountEvents, arrivals, campaigns, tallies, lostAttempts },
    ...{ refusals, stops },
  });
  const consents = makeConsents({ aliases, suppressions });
  const { stopWords } = campaigns;
  const inbound = makeInbound({
    ...{ aliases, consents, optOuts, engagement, personOfWaId, stopWords },
  });
  const dispatchesOf = makeRoundDispatches({ budgets, reach, tallies });
  const forgottenEvents = makeForgottenEvents({ forgotten, namesOf: inbound.namesOf });
  const webhookBodies = makeWebhookBodies({
    ...{ ledgerId, dispatchesOf, matches, receipts, inbound, forgottenEvents, accountEvents },
  });
  const purging = makePurging(eraser);
  const forgetting = makeForgetting({
    conversions,
    eraser,
    forgotten,
    suppressions,
    reach,
    tallies,
  });

  /** A verb that reads, or changes one thing by one statement. */
  const read = inEngine(engine.read);
  /** A verb whose statements all see the ledger at one instant. */
  const snapshot = inEngine(engine.snapshot);
  /** A verb that writes: all of it or nothing. */
  const write = inEngine(engine.write);
  /** Rows get other prices, or their earlier attempts count again: then so does the budget. */
  function repriced<A extends unknown[]>(verb: (campaign: number, ...args: A) => Verb<void>) {
    return function* (campaign: number, ...args: A): Verb<void> {
      yield* budgets.countLater(campaign);
      yield* verb(campaign, ...args);
    };
  }
  /** A verb that writes, and erases for good. */
  const erase = inEngine(async (verb) => {
    await engine.beginErasing();
    return engine.write(verb);
  });

  return {
    id: ledgerId,
    hashOf: forgotten.hashOf,
    findCampaign: read(campaigns.findCampaign),
    listOpenCampaigns: read(campaigns.listOpenCampaigns),
    listCampaigns: read(campaigns.listCampaigns),
    listTests: read(campaigns.listTests),
    senders: read(campaigns.senders),
    createCampaign: write(campaigns.createCampaign),
    setState: write(campaigns.setState),
    setLaneState: write(campaigns.setLaneState),
    askStop: write((campaign: number, stop: Stop | null) => stops.askStop(campaign, stop)),
    liftStop: write(stops.liftStop),
    knownRows: read(replanning.knownRows),
    otherNames: read(replanning.otherNames),
    plannedValues: read(replanning.plannedValues),
    beginReplanning: write(replanning.beginReplanning),
    removeRows: write(replanning.removeRows),
    moveRows: write(replanning.moveRows),
    renameRows: write(replanning.renameRows),
    replan: write(repriced(planning.replan)),
    idFaults: read(replanning.idFaults),
    cappedUntil: read(caps.cappedUntil),
    keepExclusions: write(exclusions.keepExclusions),
    reachedByCampaigns: read(exclusions.reachedByCampaigns),
    plan: write(repriced(planning.plan)),
    finishPlanning: write(planning.finishPlanning),
    recoverClaims: write(decisions.recoverClaims),
    turn: write(dispatches.turn),
    turnAll: write(dispatches.turnAll),
    settleLate: inEngine(engine.writeWithoutLane)(lateAnswers.settleLate),
    remaining: read(left.remaining),
    waitingRegions: read(left.waitingRegions),
    waitingLanguages: read(left.waitingLanguages),
    sentLanguages: read(left.sentLanguages),
    waitingZones: snapshot(zones.waitingZones),
    rampState: read(ramp.rampState),
    moveRamp: write(ramp.moveRamp),
    testState: snapshot(tests.testState),
    testLook: read(tests.testLook),
    keepTestLook: write(tests.keepTestLook),
    decideTest: write(tests.decideTest),
    endCampaign: write(decisions.endCampaign),
    turnNumbers: read(turnNumbers.turnNumbers),
    raiseTurnNumbers: write(turnNumbers.raiseTurnNumbers),
    pace: read(reports.pace),
    keepFacts: write(function* (
      campaign: number,
      facts: Parameters<Ledger["keepFacts"]>[1],
      now: number,
    ): Verb<void> {
      yield* reach.keepPortfolio(campaign, facts.portfolio);
      yield* expiry.keepTtl(campaign, facts.ttlSeconds, now);
      const { definitions } = facts;
      if (definitions !== undefined) yield* history.keepDefinitions(campaign, definitions);
      yield* campaigns.keepAccount(campaign, facts);
    }),
    reached: read(reach.reached),
    dailyLimit: read(reach.dailyLimit),
    expire: write(expiry.expire),
    retry: write(decisions.retry),
    resolveUnknown: write(decisions.resolveUnknown),
    moveLane: write(decisions.moveLane),
    cancel: write(decisions.cancel),
    tally: async (campaign) => {
      const kept = await read(tallies.kept)(campaign);
      if (kept !== undefined) return kept;
      const counting = `counting ${randomBytes(8).toString("hex")}`;
      const isMarked = await triedToKeep(() => write(tallies.begin)(campaign, counting));
      const tally = await snapshot(reports.count)(campaign);
      if (isMarked) await triedToKeep(() => write(tallies.keep)(campaign, counting, tally));
      return tally;
    },
    keptTally: read(tallies.kept),
    recentPosts: read(makeRecentPosts()),
    report: async (campaign, now) => {
      const pass = await read(reportQueries.begin)(campaign, now);
      while (await snapshot(reportQueries.step)(pass)) await pause();
      return read(reportQueries.end)(pass);
    },
    laneCounts: read(reports.laneCounts),
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
    doubts: read(makeDoubts()),
    keepManifest: write(campaigns.keepManifest),
    keepPlan: write(campaigns.keepPlan),
    startPlan: write(campaigns.startPlan),
    keepStopWords: write(campaigns.keepStopWords),
    noticeOf: read(campaigns.noticeOf),
    keepNotice: write(campaigns.keepNotice),
    keepCappedTries: write(campaigns.keepCappedTries),
    keepBudget: write(function* (
      campaign: number,
      budget: Parameters<Ledger["keepBudget"]>[1],
      prices: Parameters<Ledger["keepBudget"]>[2],
    ): Verb<void> {
      yield* budgets.keepBudget(campaign, budget);
      if (prices !== undefined) yield* budgets.priceEarlier(campaign, prices);
    }),
    writeAudit: write(audit.writeAudit),
    audits: read(audit.audits),
    cached: read(cache.cached),
    keepCached: write(cache.keepCached),
    dropCached: write(cache.dropCached),
    keepConversions: write(conversions.keepConversions),
    keepConversionImport: write(conversions.keepConversionImport),
    worthOf: snapshot(conversions.worthOf),
    keepInsights: write(insights.keepInsights),
    insightsOf: snapshot(insights.insightsOf),
    purgeable: read(purging.purgeable),
    purgeCampaign: erase(purging.purgeCampaign),
    purgeRest: erase(purging.purgeRest),
    tracesOf: read(forgetting.tracesOf),
    forget: erase(forgetting.forget),
    forgottenPeople: read(forgotten.people),
    keepForgotten: write(forgotten.adopt),
  };
}

/** What makes a method of the ledger of a verb. @param run how the engine runs it */
function inEngine(run: Engine["read"]) {
  return <A extends unknown[], T>(verb: (...args: A) => Verb<T>) =>
    (...args: A): Promise<T> =>
      run(() => verb(...args));
}

/**
 * A disk that is full, or a ledger that another process is writing or that may only be read, is no
 * reason not to tell a count. Returns whether the change was made.
 */
async function triedToKeep(change: () => Promise<unknown>): Promise<boolean> {
  try {
    return (await change()) !== false;
  } catch {
    return false;
  }
}
