// The thread of ledger-thread.ts: the ledger on a connection of its own, asked for one verb at a
// time.

import { parentPort, workerData } from "node:worker_threads";

import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { LedgerFault } from "../../domain/campaign/fault.ts";
import { LedgerError } from "../../domain/campaign/fault.ts";
import { assert } from "../../domain/common/errors.ts";
import type { Ledger } from "../../domain/ledger/ledger.ts";
import type { ReportSettings } from "../../domain/result/report-data.ts";
import { openLedgerAt } from "../../ledger/open.ts";
import { reportPage } from "../../report/page.ts";
import { isRunning, viewOf } from "../campaign/campaign-summary.ts";
import type { LedgerStart, Question, Reply, Verb } from "./ledger-thread.ts";
import { ACTIONS, READS } from "./ledger-thread.ts";

async function answer({ file, kind }: LedgerStart): Promise<void> {
  const port = parentPort;
  assert(port !== null, "a thread has a parent");
  const ledger = await openLedgerAt(file, {
    readOnly: kind === "reads",
    make: "never",
    isGuest: true,
  });
  const verbs = new Map<string, Verb>([
    ...(kind === "reads" ? READS : ACTIONS).flatMap((name): [string, Verb][] =>
      name in ledger ? [[name, ledger[name as keyof Ledger] as Verb]] : [],
    ),
    ["isRunning", (campaign: CampaignRecord) => isRunning(ledger, campaign)],
    [
      "reportPage",
      async (campaign: number, now: number, settings: ReportSettings | null, address: string) => {
        const data = await ledger.report(campaign, now);
        const view = await viewOf(ledger, data.campaign, { rules: settings?.rules ?? null });
        return reportPage({ ...data, settings }, view, address);
      },
    ],
    ["close", () => ledger.close()],
  ]);
  port.on("message", ({ id, verb, args }: Question) => {
    const run = verbs.get(verb) as ((...given: unknown[]) => Promise<unknown>) | undefined;
    assert(run !== undefined, `the ledger's thread has no ${verb}`);
    run(...args).then(
      (value) => port.postMessage({ id, value } satisfies Reply),
      (error: unknown) => port.postMessage({ id, error: reported(error) } satisfies Reply),
    );
  });
}

function reported(error: unknown): { message: string; fault: LedgerFault | null } {
  if (error instanceof LedgerError) return { message: error.message, fault: error.fault };
  return {
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    fault: null,
  };
}

await answer(workerData as LedgerStart);
