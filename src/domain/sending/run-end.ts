// How the end of a run is written down.

import type { RunEnd, RunLedger } from "./run-ports.ts";

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
