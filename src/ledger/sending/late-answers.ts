// Takes what a run brings whose lane another one has taken over: Meta's answers to attempts that
// the new owner had to make `unknown`. Needs a transaction around it.

import type { AttemptRecord } from "../../domain/campaign/attempt.ts";
import type { DispatchPlace } from "../../domain/receipts/match.ts";
import { reachedNobody } from "../../domain/sending/daily-limit.ts";
import type { Campaigns } from "../campaigns/campaigns.ts";
import type { Canceller } from "../campaigns/cancel.ts";
import type { Refusals } from "../campaigns/refusals.ts";
import type { Tallies } from "../campaigns/tallies.ts";
import type { Verb } from "../engine.ts";
import type { Attempts } from "./attempts.ts";
import type { Reach } from "./reach.ts";

/** The verb of late answers. */
export function makeLateAnswers(parts: {
  attempts: Attempts;
  campaigns: Campaigns;
  canceller: Canceller;
  reach: Reach;
  refusals: Refusals;
  tallies: Tallies;
}) {
  const { attempts, campaigns, canceller, reach, refusals, tallies } = parts;

  return {
    *settleLate(campaign: number, records: AttemptRecord[], now: number): Verb<number> {
      let settled = 0;
      let waits = false;
      const again: DispatchPlace[] = [];
      for (const record of records) {
        if (!(yield* attempts.settle(campaign, record))) continue;
        settled += 1;
        waits ||= record.next.to === "pending" || record.next.to === "held";
        if (reachedNobody(record)) again.push({ campaign, row: record.row });
        const { refusesRegion = null } = record;
        if (refusesRegion !== null) yield* refusals.add(campaign, refusesRegion, now);
      }
      yield* reach.lookAgain(again);
      yield* tallies.changed(campaign, settled);
      if (!waits) return settled;
      // The new owner may have ended the campaign meanwhile.
      if (yield* canceller.isCancelled(campaign)) {
        yield* canceller.cancelPending(campaign);
        yield* canceller.cancelHeld(campaign);
      } else yield* campaigns.reopen(campaign, now);
      return settled;
    },
  };
}
