// A campaign as the ledger gives it, for tests of what only reads it.

import type { CampaignRecord } from "../../src/domain/campaign/campaign.ts";

/** A campaign at a real number that was planned at `at` and never sent, with changes. */
export function campaignRecord(at: number, changes: Partial<CampaignRecord> = {}): CampaignRecord {
  return {
    id: 1,
    name: "spring",
    lane: "106540352242922",
    lanes: ["106540352242922"],
    state: "ready",
    halt: null,
    stop: null,
    laneStops: [],
    laneStates: [],
    frozen: {},
    recipients: null,
    columns: [],
    rows: 0,
    createdAt: at,
    changedAt: at,
    lastStop: null,
    cancelledBy: null,
    manifest: null,
    manifestText: null,
    manifestPolicy: null,
    plan: null,
    portfolio: null,
    erasedAt: null,
    receiptsSince: null,
    streakHalts: {},
    refusedRegions: [],
    replanning: null,
    excludes: [],
    budget: null,
    ...changes,
  };
}
