// Whether Meta counts what becomes of messages. Only `check` says it: a run does not need it.

import type { AccountFacts } from "../account/facts.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";

/** One finding where insights are off, which data cannot be had of later. */
export function judgeInsights({ waba }: Pick<AccountFacts, "waba">): Finding[] {
  if (waba?.insightsOn !== false) return [];
  return [finding("insights_off", ["account"], { is_enabled_for_insights: false })];
}
