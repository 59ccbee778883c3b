// The evidence by which a ramp is halted, in single figures; sequential.thorough.test.ts simulates
// campaigns.

import { describe, expect, it } from "vitest";

import { evidenceAbove, evidenceBelow, isEnough } from "../../../src/domain/limits/sequential.ts";

const LIMIT = 0.02;

describe("evidence", () => {
  it("is nothing before anything was counted, and falls with every message that is well", () => {
    expect(evidenceAbove(LIMIT, 0, 0)).toBe(1);
    expect(evidenceAbove(LIMIT, 0, 100)).toBeLessThan(1);
    expect(evidenceBelow(LIMIT, 0, 100)).toBeGreaterThan(1);
    expect(evidenceBelow(LIMIT, 100, 100)).toBeLessThan(1e-9);
  });

  it("knows limits of which no multiple is a share", () => {
    expect(isEnough(evidenceAbove(0.6, 60, 100))).toBe(false);
    expect(isEnough(evidenceAbove(0.6, 90, 100))).toBe(true);
    expect(evidenceAbove(0.99, 1_000, 1_000)).toBe(0);
    expect(evidenceAbove(0.01, 1_000_000, 1_000_000)).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  it("lets a sound campaign go on before everything is settled", () => {
    expect(isEnough(evidenceBelow(0.2, 20, 200))).toBe(true);
    expect(isEnough(evidenceBelow(0.2, 38, 200))).toBe(false);
    expect(isEnough(evidenceBelow(0.01, 0, 900))).toBe(true);
    expect(isEnough(evidenceBelow(0.01, 0, 200))).toBe(false);
  });
});
