// What a worker says of its campaigns: a line for a person, and a line of JSON for a program.

import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import { plural } from "../../domain/common/numbers.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import type { RunResult } from "../campaign/run-result.ts";
import type { Ended } from "../campaign/running.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { failureRecord } from "../failures.ts";
import { isJson, printJson, say } from "../print/print.ts";
import { printWorkEnd } from "../print/run-end.ts";
import { SANDBOX_WORDS } from "../print/summary.ts";
import { startTimes, timesOf } from "../print/times.ts";

/** What happens to the campaigns of a worker. */
export interface WorkEvents {
  /** It sends to so many recipients from here on, from some of its lanes. */
  begins(campaign: CampaignRecord, open: number, lanes: readonly string[]): void;
  ends(campaign: CampaignRecord, loaded: LoadedManifest, ended: Ended, result: RunResult): void;
  /** It cannot be run here, or not now. */
  leaves(campaign: CampaignRecord, error: unknown): void;
}

/** Prints what happens. */
export function printWorkEvents(ledger: Pick<OpenedLedger, "place">): WorkEvents {
  const event = (name: string, { name: campaign, lane }: CampaignRecord, more: object) => {
    if (!isJson()) return;
    printJson({ event: name, at: new Date().toISOString(), campaign, lane, ...more }, 0);
  };
  return {
    begins(campaign, open, lanes) {
      const isOne = campaign.lanes.length === 1;
      event("begin", campaign, { open, ...(!isOne && { numbers: lanes }) });
      const { lane } = campaign;
      const numbers = `From ${lanes.length === 1 ? "number" : "numbers"} ${lanes.join(", ")}.`;
      const from = lane === "sandbox" ? SANDBOX_WORDS : numbers;
      say(`Sending to ${plural(open, "recipient")}. ${from}`);
    },
    ends(campaign, loaded, { end, isIdle }, { view, document }) {
      event("end", campaign, document);
      // A worker runs for days, and an instant reads as it does today.
      startTimes();
      printWorkEnd(end, {
        ...{ campaign: campaign.name, manifest: loaded.file, view, times: timesOf(loaded) },
        ...{ file: ledger.place, isIdle, isJson: isJson() },
      });
    },
    leaves(campaign, error) {
      const record = failureRecord(error);
      event("left", campaign, { error: record });
      const { file = null, line = null } = record.problems[0] ?? {};
      const place = file === null ? "" : `${file}${line === null ? "" : `:${line}`}: `;
      say(`Left to other workers: ${place}${record.message}`, "bad");
    },
  };
}
