// The markets of Meta's rate card: which one a country is billed by. Never knows a price: those
// come from the card that the operator gives.
//
// Source: Meta, "Pricing on the WhatsApp Business Platform", the table of country calling codes, in
// copies of July and October 2026. The page says that charges go by the country calling code of the
// recipient, and that a country not in the table maps to Other. Meta moves countries out of their
// group every quarter, so the card itself is asked first: a row with a country's own name or its
// two letters prices that country, whatever stands here.

/** Countries that had a row of their own in every card since July 2025. */
import { marketKey } from "../common/name-key.ts";

const OF_THEIR_OWN: Readonly<Record<string, string>> = {
  AR: "Argentina",
  BR: "Brazil",
  CL: "Chile",
  CO: "Colombia",
  EG: "Egypt",
  FR: "France",
  DE: "Germany",
  IN: "India",
  ID: "Indonesia",
  IL: "Israel",
  IT: "Italy",
  MY: "Malaysia",
  MX: "Mexico",
  NL: "Netherlands",
  NG: "Nigeria",
  PK: "Pakistan",
  PE: "Peru",
  RU: "Russia",
  SA: "Saudi Arabia",
  ZA: "South Africa",
  ES: "Spain",
  TR: "Turkey",
  AE: "United Arab Emirates",
  GB: "United Kingdom",
};

/**
 * Countries that got a row of their own later: HK, HU, PL, QA, RO, SG on 2026-07-01; BD, IQ, KW,
 * KZ, LK, MA, NP, OM, UA on 2026-10-01. In an older card they are still in their group.
 */
const ON_THEIR_OWN_LATER: Readonly<Record<string, string>> = {
  BD: "Bangladesh",
  HK: "Hong Kong",
  HU: "Hungary",
  IQ: "Iraq",
  KW: "Kuwait",
  KZ: "Kazakhstan",
  LK: "Sri Lanka",
  MA: "Morocco",
  NP: "Nepal",
  OM: "Oman",
  PL: "Poland",
  QA: "Qatar",
  RO: "Romania",
  SG: "Singapore",
  UA: "Ukraine",
};

/** The groups, with the countries that left them later: an older card still needs those. */
const GROUPS: readonly (readonly [market: string, regions: string])[] = [
  ["North America", "CA US"],
  [
    "Rest of Africa",
    "AO BF BI BJ BW CG CI CM DZ ER ET GA GH GM GW KE LR LS LY MA MG ML MR MW MZ NA NE RW SD SL " +
      "SN SO SS SZ TD TG TN TZ UG ZM ZW",
  ],
  ["Rest of Asia Pacific", "AF AU BD CN HK JP KH LA LK MN NP NZ PG PH SG TH TJ TM TW UZ VN"],
  [
    "Rest of Central & Eastern Europe",
    "AL AM AZ BG BY CZ GE GR HR HU LT LV MD MK PL RO RS SI SK UA",
  ],
  ["Rest of Latin America", "BO CR DO EC GT HN HT JM NI PA PR PY SV UY VE"],
  ["Rest of Middle East", "BH IQ JO KW LB OM QA YE"],
  ["Rest of Western Europe", "AT BE CH DK FI IE NO PT SE"],
];

/** Every country that the table does not have. */
const OTHER = "Other";

/**
 * Regions that dial under another country's code, and so are billed as that country. Inferred from
 * "charges go by the country calling code"; no page names them.
 */
const UNDER_THE_CODE_OF: Readonly<Record<string, string>> = {
  AX: "FI",
  CC: "AU",
  CX: "AU",
  EH: "MA",
  GG: "GB",
  IM: "GB",
  JE: "GB",
  SJ: "NO",
  VA: "IT",
};

/**
 * Regions whose market no page tells: the US territories beside Puerto Rico (+1, with area codes
 * that the table does not list), and Kazakhstan in a card without a row of its own (+7 is
 * Russia's). They have no price unless the card has a row for them.
 */
const UNPUBLISHED: ReadonlySet<string> = new Set(["AS", "GU", "KZ", "MP", "VI"]);

/** Other names of a market that cards and people use. */
const ALSO_CALLED: Readonly<Record<string, readonly string[]>> = {
  AE: ["UAE"],
  CZ: ["Czech Republic"],
  GB: ["Great Britain"],
  HK: ["Hong Kong"],
  MO: ["Macau"],
  TR: ["Turkey"],
  US: ["USA"],
};

const GROUP_OF: ReadonlyMap<string, string> = new Map(
  GROUPS.flatMap(([market, regions]) => regions.split(" ").map((region) => [region, market])),
);

/** A country's name in English; the code itself where there is none. @param region ISO alpha-2 */
export function countryName(region: string): string {
  return nameOf(region) ?? region;
}

/**
 * The names by which a rate card may price a country, to be looked for in this order: its two
 * letters and its own names first, then the market that Meta bills it by.
 * @param region ISO alpha-2
 */
export function marketsOf(region: string): string[] {
  const billedAs = UNDER_THE_CODE_OF[region] ?? region;
  const own = OF_THEIR_OWN[billedAs];
  const particular = [...namesOf(region), ...(billedAs === region ? [] : namesOf(billedAs))];
  if (own !== undefined) return [...particular, own];
  const later = ON_THEIR_OWN_LATER[billedAs];
  if (later !== undefined) particular.push(later);
  const group = GROUP_OF.get(billedAs);
  if (group !== undefined) return [...particular, group];
  return UNPUBLISHED.has(billedAs) ? particular : [...particular, OTHER];
}

/** False for a market that no country is billed by, as when its name is misspelt. */
export function isKnownMarket(name: string): boolean {
  known ??= everyMarket();
  return known.has(marketKey(name));
}

let known: Set<string> | undefined;

function everyMarket(): Set<string> {
  const groups = [OTHER, ...GROUPS.map(([market]) => market)];
  return new Set([...groups, ...everyRegion().flatMap(marketsOf)].map(marketKey));
}

/** Every region that has a name, ISO alpha-2. */
export function everyRegion(): string[] {
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  const pairs = letters.flatMap((first) => letters.map((second) => first + second));
  return pairs.filter((region) => nameOf(region) !== undefined);
}

function namesOf(region: string): string[] {
  const name = nameOf(region);
  return [region, ...(name === undefined ? [] : [name]), ...(ALSO_CALLED[region] ?? [])];
}

/** Made when it is first needed: that takes 15 ms. */
let displayNames: Intl.DisplayNames | undefined;

function nameOf(region: string): string | undefined {
  if (!/^[A-Z]{2}$/.test(region)) return undefined;
  displayNames ??= new Intl.DisplayNames(["en"], { type: "region", fallback: "none" });
  return displayNames.of(region);
}
