// What the rows of a campaign are given when they are planned, as its manifest says.

import { isByRecipient } from "../manifest/clocks-of-all.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { numbersOf } from "../manifest/manifest.ts";
import type { PlanRules } from "./rows.ts";

/** The rules of a manifest. @param prices see PlanRules; of a campaign with a budget */
export function planRules(manifest: Manifest, prices?: PlanRules["prices"]): PlanRules {
  return {
    lanes: numbersOf(manifest),
    isShuffled: manifest.ramp !== undefined,
    hasZones: isByRecipient(manifest),
    ...(prices !== undefined && { prices }),
  };
}
