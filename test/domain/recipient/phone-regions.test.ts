import { getCountries, Metadata } from "libphonenumber-js/max";
import { describe, expect, it } from "vitest";
import type { PlanSource } from "../../../src/domain/recipient/numbering.ts";
import { isPhoneRegion, mainRegion } from "../../../src/domain/recipient/phone-regions.ts";

describe("isPhoneRegion", () => {
  it.each([
    ["BR", true],
    ["br", false],
    ["XX", false],
    ["UK", false],
  ])("%s: %s", (text, is) => {
    expect(isPhoneRegion(text)).toBe(is);
  });
});

it("the calling codes and their regions are those of the numbering plans", () => {
  const plans = (new Metadata() as unknown as PlanSource).metadata.country_calling_codes;
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  const regions = letters.flatMap((one) => letters.map((two) => one + two));
  expect(regions.filter(isPhoneRegion)).toEqual(getCountries().toSorted());
  for (let code = 1; code < 1000; code += 1) {
    const [first] = plans[code] ?? [];
    expect([code, mainRegion(`${code}`)]).toEqual([code, first === "001" ? undefined : first]);
  }
});
