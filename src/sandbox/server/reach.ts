// The estimate of deliveries and costs at several max prices. Never looks at a template.

import type { Refusal } from "../messages/graph-errors.ts";
import { isRecord } from "../messages/payload.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { invalid } from "./invalid.ts";
import type { Node } from "./nodes.ts";

/** How far back Meta looks (Meta, "Set a max price", 2026-06). */
const INTERVALS = ["L1D", "L7D", "L14D", "L28D"];
/** Fixed during the beta (the same page). */
const USERS = 1_000;

/**
 * `GET /<WABA_ID>/reachestimate` (Meta, "Set a max price", 2026-06): both parameters are required.
 * The page names no error; code 100 and the sentences are ours.
 */
export function reachEstimate(scenario: Scenario, query: URLSearchParams): Node | Refusal {
  const interval = query.get("date_interval");
  const countries = countriesOf(query.get("targeting_spec"));
  if (countries === undefined) {
    return invalid("Param targeting_spec must be JSON with geo_locations.countries.");
  }
  if (interval === null || !INTERVALS.includes(interval)) {
    return invalid(`Param date_interval must be one of {${INTERVALS.join(", ")}}.`);
  }
  const { estimates, without_estimate: without } = scenario.max_price;
  const missing = countries.find((country) => without.includes(country));
  if (missing !== undefined) return invalid(`There is no estimate for ${missing}.`);
  return {
    waba_currency: scenario.currency,
    estimates: estimates.map(({ bid_amount, ...estimate }) => ({
      bid_amount,
      users: USERS,
      ...estimate,
    })),
  };
}

function countriesOf(text: string | null): string[] | undefined {
  try {
    const spec: unknown = JSON.parse(text ?? "");
    const places = isRecord(spec) ? spec.geo_locations : undefined;
    const countries = isRecord(places) ? places.countries : undefined;
    if (!Array.isArray(countries) || countries.length === 0) return undefined;
    return countries.every((one) => /^[A-Z]{2}$/.test(String(one))) ? countries : undefined;
  } catch {
    return undefined;
  }
}
