import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { isPhoneRegion } from "../../../src/domain/recipient/phone-regions.ts";
import { regionNamed } from "../../../src/domain/recipient/region-name.ts";

interface Country {
  alpha_2: string;
  alpha_3: string;
  numeric: string;
  name: string;
}

/** ISO 3166-1, as Debian's iso-codes 4.15 has it. */
const ISO: Country[] = parse(readFileSync(new URL("iso-3166-1.csv", import.meta.url)), {
  columns: true,
});

/** ISO's short name of one country that people use for its neighbour, too. */
const AMBIGUOUS = ["Congo"];

describe("regionNamed", () => {
  it("has a source that agrees with CLDR's numbers of countries", () => {
    expect(ISO.length).toBe(249);
    for (const { alpha_2, numeric } of ISO) {
      expect(Intl.getCanonicalLocales(`und-${numeric}`)).toEqual([`und-${alpha_2}`]);
    }
  });

  it("knows the letters and the English name of every country with phone numbers", () => {
    for (const { alpha_2, alpha_3, name } of ISO) {
      const region = isPhoneRegion(alpha_2) ? alpha_2 : null;
      expect([alpha_2, regionNamed(alpha_2)]).toEqual([alpha_2, region]);
      expect([alpha_3, regionNamed(alpha_3)]).toEqual([alpha_3, region]);
      expect([alpha_3, regionNamed(` ${alpha_3.toLowerCase()} `)]).toEqual([alpha_3, region]);
      if (AMBIGUOUS.includes(name) || region === null) continue;
      expect([name, regionNamed(name)]).toEqual([name, region]);
      expect([name, regionNamed(name.toUpperCase())]).toEqual([name, region]);
    }
  });

  it.each([
    ["Brazil", "BR"],
    ["Brasil", "BR"],
    ["br", "BR"],
    ["México", "MX"],
    ["España", "ES"],
    ["Alemanha", "DE"],
    ["Deutschland", "DE"],
    ["Côte d'Ivoire", "CI"],
    ["Cote d’Ivoire", "CI"],
    ["Ivory Coast", "CI"],
    ["Czech Republic", "CZ"],
    ["Turkey", "TR"],
    ["Türkiye", "TR"],
    ["The Netherlands", "NL"],
    ["UK", "GB"],
    ["U.K.", "GB"],
    ["United Kingdom (UK)", "GB"],
    ["United States (US)", "US"],
    ["Brazil (UK)", null],
    ["England", "GB"],
    ["USA", "US"],
    ["U.S.A.", "US"],
    ["United States", "US"],
    ["United States of America", "US"],
    ["Estados Unidos", "US"],
    ["South Korea", "KR"],
    ["North Korea", "KP"],
    ["Korea, Democratic People's Republic of", "KP"],
    ["Iran, Islamic Republic of", "IR"],
    ["Hong Kong", "HK"],
    ["Trinidad & Tobago", "TT"],
    ["St. Lucia", "LC"],
    ["Kosovo", "XK"],
    ["+55", "BR"],
    ["+44", "GB"],
    ["0049", "DE"],
    ["+1", "US"],
    ["55", null],
    ["Congo", null],
    ["Antarctica", null],
    ["Brazill", null],
    ["XX", null],
    ["", null],
    ["-", null],
  ])("%j is %s", (text, region) => {
    expect(regionNamed(text)).toBe(region);
  });
});
