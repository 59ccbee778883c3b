// What planning is given. Shapes only.

import type { Ledger } from "../../domain/ledger/ledger.ts";
import type { Clock } from "../../domain/sending/pace.ts";
import type { CheckFlags } from "../check/findings.ts";

export interface PlanningOptions {
  ledger: Ledger;
  clock: Clock;
  flags: CheckFlags;
  replan: boolean;
  stop: AbortSignal;
}
