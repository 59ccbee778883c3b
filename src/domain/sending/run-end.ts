// How a run ends, and how its end is written down.

import type { StopReason } from "../campaign/campaign.ts";
import type { RunEnd, RunLedger } from "./run-ports.ts";

/** The end of a run that the same command goes on from. */
export type StoppedEnd = Extract<RunEnd, { kind: "stopped" }>;

/**
 * An end that the same command goes on from. @param goOnAt instant from which it can; null when not
 * known
 */
export function stopped(why: StopReason, sentence: string, goOnAt: number | null): StoppedEnd {
  return { kind: "stopped", why, sentence, goOnAt };
}

/** Sets the campaign's state by how its run ended, at an instant. */
export function keepRunEnd(
  ledger: Pick<RunLedger, "setState">,
  campaign: number,
  end: RunEnd,
  now: number,
): Promise<void> {
  const halt = end.kind === "halted" ? end.halt : null;
  const lastStop = end.kind === "stopped" ? { why: end.why, goOnAt: end.goOnAt } : undefined;
  return ledger.setState(campaign, end.kind, halt, now, lastStop);
}
