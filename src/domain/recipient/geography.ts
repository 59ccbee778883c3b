// What Meta does and does not do by region, as tables with their source and date. Never reads a
// phone number's form.
//
// Regions are ISO 3166-1 alpha-2. A table that Meta changes is changed here and nowhere else.

/**
 * No marketing message is delivered to US numbers: failed with 131049, Cloud API and Marketing
 * Messages API, since 2025-04-01; "US" is the dialling code +1 and a US area code. (Meta, "Per-user
 * marketing template message limits", 2026-04-29; "Marketing Messages API, Get started",
 * 2026-09-11.)
 */
const UNITED_STATES = "US";

/**
 * Regions of +1 under the US flag: Puerto Rico, Guam, US Virgin Islands, American Samoa, Northern
 * Mariana Islands. Meta does not say whether the US rule is theirs too (not stated on any page read
 * by 2026-11), hence a setting.
 */
const US_TERRITORIES: ReadonlySet<string> = new Set(["PR", "GU", "VI", "AS", "MP"]);

/**
 * Regions to which nothing can be sent, platform-wide: Cuba, Iran, North Korea, Syria, Venezuela.
 * (Meta, "Marketing Messages API, Get started", 2026-09-11; Venezuela was added after 2025.)
 */
const BLOCKED_REGIONS: ReadonlyMap<string, string> = new Map([
  ["CU", "Cuba"],
  ["IR", "Iran"],
  ["KP", "North Korea"],
  ["SY", "Syria"],
  ["VE", "Venezuela"],
]);

/**
 * Crimea, Donetsk and Luhansk are blocked by the same page. A number of Ukraine (+380) cannot show
 * them: mobiles are not tied to a place, and people moved with theirs. Russia's plan has codes of
 * its own for them, which can: 365 and 869 (Crimea, Sevastopol), 978 (mobiles issued in Crimea),
 * 856 and 949 (Donetsk), 857 and 959 (Luhansk). (Russian numbering plan as amended 2014 and 2022.)
 */
const BLOCKED_PREFIXES: readonly { prefix: string; place: string }[] = [
  { prefix: "+7365", place: "Crimea" },
  { prefix: "+7869", place: "Crimea" },
  { prefix: "+7978", place: "Crimea" },
  { prefix: "+7856", place: "Donetsk" },
  { prefix: "+7949", place: "Donetsk" },
  { prefix: "+7857", place: "Luhansk" },
  { prefix: "+7959", place: "Luhansk" },
];

/**
 * The European Economic Area: the 27 of the EU, and Iceland, Liechtenstein, Norway. (efta.int,
 * 2026.)
 */
const EEA =
  "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO";

/**
 * Regions where sends work but are neither optimised nor reported on (clicks, conversions), to
 * people there and from numbers of them: the EEA, United Kingdom, Japan, South Korea, Nigeria,
 * South Africa. (Meta, "Marketing Messages API, Get started", 2026-09-11.)
 */
const WITHOUT_OPTIMISATION: ReadonlySet<string> = new Set([
  ...EEA.split(" "),
  "GB",
  "JP",
  "KR",
  "NG",
  "ZA",
]);

/**
 * Regions where clicks and conversions are not reported, to people there and from numbers of them,
 * and where a max price is not used for people: Russia and Belarus. (The same page. A business
 * whose profile or payment address is there gets no delivery optimisation either, which its number
 * does not show.)
 */
const WITHOUT_REPORTING: ReadonlySet<string> = new Set(["RU", "BY"]);

export type RegionKind =
  | "us"
  | "us_territory"
  | "blocked"
  | "without_optimisation"
  | "without_reporting"
  | "full"
  | "unknown";

/**
 * What Meta does for recipients in a region; null (a number that belongs to no country) is
 * `unknown`.
 */
export function regionKind(region: string | null): RegionKind {
  if (region === null) return "unknown";
  if (region === UNITED_STATES) return "us";
  if (US_TERRITORIES.has(region)) return "us_territory";
  if (isBlocked(region)) return "blocked";
  if (WITHOUT_REPORTING.has(region)) return "without_reporting";
  return WITHOUT_OPTIMISATION.has(region) ? "without_optimisation" : "full";
}

/**
 * False where Meta sends without optimising delivery or reporting clicks and conversions; true when
 * the region is not known.
 */
export function hasOptimisation(region: string | null): boolean {
  return region === null || !WITHOUT_OPTIMISATION.has(region);
}

/**
 * False where Meta reports no clicks or conversions and does not use a max price, and optimises
 * delivery all the same; true when the region is not known.
 */
export function hasReporting(region: string | null): boolean {
  return region === null || !WITHOUT_REPORTING.has(region);
}

/** True when nothing can be sent to anybody in the region. */
export function isBlocked(region: string | null): boolean {
  return region !== null && BLOCKED_REGIONS.has(region);
}

/**
 * The place of a number to which nothing can be sent, by region or by its first digits (E.164);
 * else null.
 */
export function blockedPlace(e164: string, region: string | null): string | null {
  const country = region === null ? undefined : BLOCKED_REGIONS.get(region);
  if (country !== undefined) return country;
  if (!e164.startsWith("+7")) return null;
  return BLOCKED_PREFIXES.find((range) => e164.startsWith(range.prefix))?.place ?? null;
}
