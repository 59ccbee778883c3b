// What a simulated world consists of, and what everything in it can ask for.

import type { PlacedLedger } from "../../src/ledger/placed-ledger.ts";
import type { Chance } from "../support/chance.ts";
import type { SimulatedGraph } from "./graph.ts";
import type { LeaseTable } from "./leases.ts";
import type { Oracle } from "./oracle.ts";
import type { Scenario } from "./scenario.ts";
import type { Time } from "./time.ts";

export interface World {
  time: Time;
  chance: Chance;
  scenario: Scenario;
  oracle: Oracle;
  graph: SimulatedGraph;
  /** The real one, without faults. */
  ledger: PlacedLedger;
  /** Id of the campaign, and its lanes by their places. */
  campaign: number;
  name: string;
  lanes: readonly string[];
  /** Which process has which lane. */
  leases: LeaseTable;
  /** No fault happens any more. */
  isCalm: boolean;
  /** A fault was injected: counts it, and puts it into the story. */
  inject(fault: string, about?: string): void;
  /** Something happened: puts it into the story, if anybody wants one. */
  tell(event: () => string): void;
}

/** The callback key's row and attempt, and the number that a body is for. */
export interface Addressed {
  to: string;
  biz_opaque_callback_data: string;
}
