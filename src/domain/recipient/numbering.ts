// Numbering plans compiled to plain regular expressions, so that a usual number is judged without a
// full parse. It answers only what a full parse would answer, and says `unsure` for the rest; never
// guesses.

/** What is needed of a numbering plan; libphonenumber's `Metadata` has these methods. */
export interface PlanSource {
  selectNumberingPlan(region: string): unknown;
  nationalNumberPattern(): string;
  leadingDigits(): string | undefined;
  type(name: string): { pattern(): string; possibleLengths(): number[] | undefined } | undefined;
  numberingPlan: {
    nationalPrefixForParsing(): string | undefined;
    IDDPrefix(): string | undefined;
  };
  metadata: {
    /** Country calling code → regions, the main one first. */
    country_calling_codes: Record<string, string[]>;
    nonGeographic: Record<string, unknown>;
  };
}

interface Plan {
  region: string;
  general: RegExp;
  types: { name: NumberType; lengths: readonly number[] | undefined; pattern: RegExp }[];
  leading: RegExp | null;
  /** What a parse would strip from the front of a national number. */
  prefix: RegExp | null;
  /** False when the prefix rewrites the number instead of being cut off (Argentina, Brazil). */
  prefixIsCut: boolean;
  idd: RegExp | null;
}

/** A country calling code. */
interface Zone {
  /** The main one first; none of a code that belongs to no country. */
  plans: readonly Plan[];
  /**
   * Matches when at least one plan's general pattern does: +1 has 25 regions, and most numbers fit
   * none.
   */
  general: RegExp;
}

/** `invalid`: no plan has such a number, whatever prefix is cut off. `unsure`: ask a full parse. */
type QuickReading = { kind: "valid"; region: string } | { kind: "invalid" } | { kind: "unsure" };

export interface Numbering {
  /**
   * The country calling code at the front of international digits; undefined when there is none.
   */
  callingCode(digits: string): string | undefined;
  /** The country calling code of a region (`55` of `BR`); undefined when there is none. */
  codeOf(region: string): string | undefined;
  /** Judges international digits without the plus. */
  international(digits: string): QuickReading;
  /**
   * Judges digits as a complete national number of the region: `valid` or `unsure`, never
   * `invalid`.
   */
  national(
    digits: string,
    region: string,
  ): { kind: "valid"; e164: string; region: string } | { kind: "unsure" };
  /**
   * False when a parse cannot read the digits as a number dialled in the region: neither the plan,
   * nor a prefix that is dialled there, fits them.
   */
  mayBeNational(digits: string, region: string): boolean;
  /**
   * What follows the prefix by which the region dials abroad: `44…` of `001144…` in Australia;
   * undefined when no prefix stands there that is used for nothing else.
   */
  dialledAbroad(digits: string, region: string): string | undefined;
  /** True when international digits without the plus are, among others, of a type in their plan. */
  isOfType(digits: string, type: NumberType): boolean;
  /** Lengths that numbers of a type have in a region, without country code and prefix. */
  lengthsOf(region: string, type: NumberType): readonly number[];
}

/**
 * Mobiles first, since most recipients are; whether any type matches does not depend on the order.
 */
const TYPES = [
  "MOBILE",
  "FIXED_LINE",
  "TOLL_FREE",
  "PREMIUM_RATE",
  "SHARED_COST",
  "VOIP",
  "PERSONAL_NUMBER",
  "PAGER",
  "UAN",
  "VOICEMAIL",
] as const;
export type NumberType = (typeof TYPES)[number];

const INVALID: QuickReading = { kind: "invalid" };
const UNSURE: { kind: "unsure" } = { kind: "unsure" };
/** Prefixes of calls abroad that begin no number at home; others, such as Mexico's 09, may. */
const CLEARLY_ABROAD = /^(?:00.*|011|010|810)$/;
/** Length of a national number, in digits, as libphonenumber bounds it. */
const NATIONAL_MIN = 2;
const NATIONAL_MAX = 17;
/** Length of the longest country calling code. */
const CODE_MAX = 3;

/** Compiles the plans, each on its first use. */
export function compileNumbering(source: PlanSource): Numbering {
  const { country_calling_codes: ofCountries, nonGeographic } = source.metadata;
  const codes = new Map<string, readonly string[]>([
    ...Object.keys(nonGeographic).map((code) => [code, []] as const),
    ...Object.entries(ofCountries),
  ]);
  const compiled = new Map<string, Plan>();
  const zones = new Map<string, Zone>();
  /** Codes by the first digits of numbers that were read: at most a thousand. */
  const fronts = new Map<string, string>();
  const codeOfMain = new Map(
    Object.entries(ofCountries).map(([code, regions]) => [regions[0] as string, code]),
  );
  const codeOfRegion = new Map(
    [...codes].flatMap(([code, regions]) => regions.map((region) => [region, code] as const)),
  );

  function planOf(region: string): Plan {
    const known = compiled.get(region);
    if (known !== undefined) return known;
    const plan = compilePlan(source, region);
    compiled.set(region, plan);
    return plan;
  }

  function zoneOf(code: string): Zone {
    const known = zones.get(code);
    if (known !== undefined) return known;
    const plans = (codes.get(code) ?? []).map(planOf);
    const general = new RegExp(plans.map((plan) => plan.general.source).join("|"));
    const zone = { plans, general };
    zones.set(code, zone);
    return zone;
  }

  function callingCode(digits: string): string | undefined {
    const front = digits.slice(0, CODE_MAX);
    const known = fronts.get(front);
    if (known !== undefined) return known;
    for (let length = 1; length <= CODE_MAX; length++) {
      const code = front.slice(0, length);
      if (!codes.has(code)) continue;
      fronts.set(front, code);
      return code;
    }
    return undefined;
  }

  /** Mirrors libphonenumber: leading digits decide where a plan has them, else the types. */
  function planFor({ plans }: Zone, national: string): Plan | undefined {
    if (plans.length === 1) return plans[0];
    return plans.find((plan) =>
      plan.leading !== null ? plan.leading.test(national) : accepts(plan, national),
    );
  }

  function international(digits: string): QuickReading {
    const code = callingCode(digits);
    if (code === undefined) return INVALID;
    const zone = zoneOf(code);
    const { general } = zone;
    const [main] = zone.plans;
    if (main === undefined) return UNSURE;
    const national = digits.slice(code.length);
    if (national.length < NATIONAL_MIN || national.length > NATIONAL_MAX) return UNSURE;
    if (main.prefix?.test(national) === true) {
      if (!main.prefixIsCut) return UNSURE;
      const cut = national.replace(main.prefix, "");
      return general.test(national) || general.test(cut) ? UNSURE : INVALID;
    }
    if (!general.test(national)) return INVALID;
    const plan = planFor(zone, national);
    if (plan === undefined) return accepts(main, national) ? UNSURE : INVALID;
    return accepts(plan, national) ? { kind: "valid", region: plan.region } : INVALID;
  }

  function national(digits: string, region: string): ReturnType<Numbering["national"]> {
    const code = codeOfMain.get(region);
    if (code === undefined) return UNSURE;
    const plan = planOf(region);
    if (dialledAbroad(digits, region) !== undefined) return UNSURE;
    const significant = withoutTrunkZero(plan, digits);
    if (significant.startsWith("0") || plan.prefix?.test(significant) === true) return UNSURE;
    if (!accepts(plan, significant)) return UNSURE;
    const reading = international(code + significant);
    if (reading.kind !== "valid") return UNSURE;
    return { kind: "valid", e164: `+${code}${significant}`, region: reading.region };
  }

  /**
   * A number that fits the plan with its 0 keeps it; more than a 0 is for a full parse to cut off.
   */
  function withoutTrunkZero({ prefix, general }: Plan, digits: string): string {
    if (!digits.startsWith("0") || prefix?.exec(digits)?.[0] !== "0") return digits;
    return general.test(digits) ? digits : digits.slice(1);
  }

  function mayBeNational(digits: string, region: string): boolean {
    if (!codeOfRegion.has(region)) return false;
    const { general, prefix, idd } = planOf(region);
    return general.test(digits) || prefix?.test(digits) === true || idd?.test(digits) === true;
  }

  function dialledAbroad(digits: string, region: string): string | undefined {
    const [prefix = ""] = (codeOfRegion.has(region) && planOf(region).idd?.exec(digits)) || [];
    return CLEARLY_ABROAD.test(prefix) ? digits.slice(prefix.length) : undefined;
  }

  function isOfType(digits: string, type: NumberType): boolean {
    const code = callingCode(digits);
    if (code === undefined) return false;
    const zone = zoneOf(code);
    const significant = digits.slice(code.length);
    const plan = planFor(zone, significant) ?? zone.plans[0];
    if (plan === undefined) return false;
    const pattern = plan.types.find(({ name }) => name === type);
    return pattern !== undefined && plan.general.test(significant) && fits(pattern, significant);
  }

  function lengthsOf(region: string, type: NumberType): readonly number[] {
    if (!codeOfRegion.has(region)) return [];
    return planOf(region).types.find(({ name }) => name === type)?.lengths ?? [];
  }

  return {
    callingCode,
    international,
    national,
    mayBeNational,
    isOfType,
    lengthsOf,
    codeOf: (region) => codeOfRegion.get(region),
    dialledAbroad,
  };
}

function compilePlan(source: PlanSource, region: string): Plan {
  source.selectNumberingPlan(region);
  const prefix = source.numberingPlan.nationalPrefixForParsing();
  const idd = source.numberingPlan.IDDPrefix();
  const leading = source.leadingDigits();
  return {
    region,
    general: new RegExp(`^(?:${source.nationalNumberPattern()})$`),
    types: TYPES.flatMap((name) => {
      const type = source.type(name);
      if (type === undefined || !type.pattern()) return [];
      const lengths = type.possibleLengths();
      return [{ name, lengths, pattern: new RegExp(`^(?:${type.pattern()})$`) }];
    }),
    leading: leading ? new RegExp(`^(?:${leading})`) : null,
    prefix: prefix ? new RegExp(`^(?:${prefix})`) : null,
    prefixIsCut: !prefix || !/\((?!\?)/.test(prefix),
    idd: idd ? new RegExp(`^(?:${idd})`) : null,
  };
}

function accepts(plan: Plan, national: string): boolean {
  if (!plan.general.test(national)) return false;
  for (const type of plan.types) if (fits(type, national)) return true;
  return false;
}

function fits({ lengths, pattern }: Plan["types"][number], national: string): boolean {
  return (lengths === undefined || lengths.includes(national.length)) && pattern.test(national);
}
