// What a message of a template with a max price costs at most.

import { describe, expect, it } from "vitest";
import { maxPriceOf, withMaxPrice } from "../../../src/domain/cost/max-price.ts";

describe("a max price", () => {
  it.each([
    // Meta's own samples: $0.05 is 5000, and 0.87 rupees are 87000.
    [5_000, "USD", 1, 50_000],
    [87_000, "INR", 1, 870_000],
    [5_000, "USD", 0.8, 40_000],
    [5_001, "USD", 0.333_333, 16_670],
    [300_000, "IDR", 1, 300_000_000],
  ])("of %i in %s times %d", (bidAmount, currency, multiplier, expected) => {
    expect(maxPriceOf({ bidAmount }, currency, multiplier)).toBe(expected);
  });

  it("counts where Meta uses it, and the card elsewhere", () => {
    const card = { currency: "USD", byRegion: { BR: 62_500, RU: 80_000, IN: 10_000 } };
    const bid = { price: 50_000, currency: "USD", mayFallBack: false };
    const regions = ["BR", "IN", "RU", "BY"];
    const strict = withMaxPrice(card, bid, regions);
    expect(strict.byRegion).toEqual({ BR: 50_000, IN: 50_000, RU: 80_000 });
    const both = withMaxPrice(card, { ...bid, mayFallBack: true }, regions);
    expect(both.byRegion).toEqual({ BR: 62_500, IN: 50_000, RU: 80_000 });
    expect(withMaxPrice(null, bid, regions).byRegion).toEqual({ BR: 50_000, IN: 50_000 });
  });
});
