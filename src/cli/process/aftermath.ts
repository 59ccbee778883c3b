// What failures that receipts reported mean for campaigns: who is sent to again, which campaigns
// they halted, and what a person can do.

import type { CampaignLedger } from "../../domain/campaign/campaign-ports.ts";
import { count } from "../../domain/common/numbers.ts";
import type { Applied } from "../../domain/receipts/processing.ts";
import { retryableNotes } from "../../domain/result/campaign-notes.ts";
import { isOfAll, ruleFor } from "../../domain/sending/error-codes.ts";

/** The failures of one import, by error code, and the campaigns that they halted. */
export interface Aftermath extends Pick<Applied, "failed" | "held"> {
  halted: { campaign: string; sentence: string }[];
}

/** Sums before the first webhook body is processed. */
export function emptyAftermath(): Aftermath {
  return { failed: {}, held: {}, halted: [] };
}

/** Adds what one processing of webhook bodies changed. */
export function addAftermath(sums: Aftermath, applied: Applied): void {
  for (const which of ["failed", "held"] as const) {
    for (const [code, number] of Object.entries(applied[which])) {
      sums[which][code] = (sums[which][code] ?? 0) + number;
    }
  }
}

/** Campaign → what halts it from outside its runner. */
export async function haltsOf(
  ledger: Pick<CampaignLedger, "listCampaigns">,
): Promise<Map<string, string>> {
  const campaigns = await ledger.listCampaigns();
  return new Map(
    campaigns.flatMap(({ name, stop }): [string, string][] =>
      stop?.kind === "halted" ? [[name, stop.sentence]] : [],
    ),
  );
}

/** Those of `after` that were not there before, or for another reason. */
export function newHalts(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): Aftermath["halted"] {
  return [...after]
    .filter(([campaign, sentence]) => before.get(campaign) !== sentence)
    .map(([campaign, sentence]) => ({ campaign, sentence }));
}

/** The same for a person. */
export function aftermathLines({ failed, held, halted }: Aftermath): string[] {
  const again = Object.entries(held)
    .filter(([code]) => /^\d{1,9}$/.test(code) && isOfAll(ruleFor(Number(code), null)))
    .map(([code, number]) => `${count(number)} with ${code}`);
  const lines = halted.map(
    ({ campaign, sentence }) => `Campaign ${campaign} is halted. ${sentence}`,
  );
  if (again.length > 0) {
    lines.push(`Held, and sent to again by the next run: ${again.join(", ")}.`);
  }
  return [...lines, ...retryableNotes(failed)];
}
