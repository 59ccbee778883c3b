import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  began,
  bundleFor,
  cut,
  neverBegan,
  permitted,
  recover,
  startThrottle,
  startWindow,
  windowDelay,
} from "../../../src/domain/sending/pace.ts";

describe("the window", () => {
  it("never lets more requests begin in any second than the rate, however late they begin", () => {
    const act = fc.record({
      wait: fc.integer({ min: 0, max: 400 }),
      begin: fc.integer({ min: 0, max: 6 }),
      drop: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.array(act, { maxLength: 200 }),
        (rate, acts) => {
          const window = startWindow();
          const begins: number[] = [];
          let now = 0;
          for (const { wait, begin, drop } of acts) {
            now += wait;
            while (windowDelay(window, rate, now) === 0) permitted(window);
            for (let i = 0; i < begin && window.waiting > 0; i += 1) {
              began(window, now);
              begins.push(now);
            }
            if (drop && window.waiting > 0) neverBegan(window);
          }
          for (const from of begins) {
            const inside = begins.filter((at) => at >= from && at < from + 1000).length;
            if (inside > rate) return false;
          }
          return true;
        },
      ),
    );
  });

  it("tells how long to wait, and when only a begin can make room", () => {
    const window = startWindow();
    permitted(window);
    expect(windowDelay(window, 1, 0)).toBe(Number.POSITIVE_INFINITY);
    began(window, 10);
    expect(windowDelay(window, 1, 10)).toBe(1013);
    expect(windowDelay(window, 1, 1010)).toBe(13);
    expect(windowDelay(window, 1, 1023)).toBe(0);
  });

  it("gives whole requests over a longer span below one a second", () => {
    const window = startWindow();
    permitted(window);
    began(window, 0);
    expect(windowDelay(window, 0.1, 0)).toBe(10_013);
  });
});

describe("bundles", () => {
  it.each([
    [1, 1, 1000],
    [50, 1, 20],
    [80, 2, 25],
    [250, 5, 20],
    [1000, 20, 20],
  ])("at %d a second: %d every %d ms", (rate, permits, everyMs) => {
    expect(bundleFor(rate)).toEqual({ permits, everyMs });
  });
});

describe("throttling", () => {
  it("cuts once a second, rests, and comes back in time", () => {
    const throttle = startThrottle(1, 0);
    expect(cut(throttle, 0)).toBe(true);
    expect(cut(throttle, 500)).toBe(false);
    expect(throttle.factor).toBeCloseTo(0.7);
    expect(cut(throttle, 1000)).toBe(true);
    expect(throttle.factor).toBeCloseTo(0.49);
    expect(recover(throttle, 3000)).toBeCloseTo(0.49);
    expect(recover(throttle, 5000)).toBeCloseTo(0.59);
    expect(recover(throttle, 60_000)).toBe(1);
  });

  it("never falls below a floor, and starts from what an earlier run left", () => {
    const throttle = startThrottle(0.3, 0);
    for (let second = 0; second < 50; second += 1) cut(throttle, second * 1000);
    expect(throttle.factor).toBeGreaterThan(0.04);
    expect(startThrottle(0.3, 0).factor).toBe(0.3);
    expect(startThrottle(Number.NaN, 0).factor).toBe(1);
  });
});
