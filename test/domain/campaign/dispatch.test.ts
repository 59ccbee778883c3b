import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  callbackKey,
  isTransition,
  OPEN,
  parseCallbackKey,
  STATUSES,
  TRANSITIONS,
} from "../../../src/domain/campaign/dispatch.ts";

describe("the life of a dispatch", () => {
  it("has every arrow once, each with its occasion, between statuses there are", () => {
    const arrows = TRANSITIONS.map(({ from, to }) => `${from} → ${to}`);
    expect(new Set(arrows).size).toBe(arrows.length);
    for (const { from, to, when } of TRANSITIONS) {
      expect(STATUSES).toContain(from);
      expect(STATUSES).toContain(to);
      expect(when).not.toBe("");
    }
  });

  it("leaves nobody stuck: every open status has a way to a final one", () => {
    const leads = (from: string, seen = new Set<string>()): boolean =>
      TRANSITIONS.some(({ from: start, to }) => {
        if (start !== from || seen.has(to)) return false;
        return !OPEN.includes(to) || leads(to, seen.add(to));
      });
    for (const status of OPEN) expect(leads(status), status).toBe(true);
  });

  it("never goes from what may have been sent back to waiting, but by the operator's word", () => {
    for (const from of ["accepted", "sent", "delivered", "read", "unknown"] as const) {
      const back = TRANSITIONS.filter((arrow) => arrow.from === from && arrow.to === "pending");
      expect(back.every((arrow) => arrow.when.includes("operator"))).toBe(true);
    }
    expect(isTransition("delivered", "sent")).toBe(false);
    expect(isTransition("read", "delivered")).toBe(false);
  });
});

describe("the callback key", () => {
  it("comes back as it was, and is short", () => {
    const key = fc.record({
      ledger: fc.stringMatching(/^[0-9a-z]{1,32}$/),
      campaign: fc.nat(),
      row: fc.nat(),
      attempt: fc.nat(999_999),
    });
    fc.assert(
      fc.property(key, (one) => {
        const text = callbackKey(one);
        return (
          Buffer.byteLength(text) <= 256 &&
          JSON.stringify(parseCallbackKey(text)) === JSON.stringify(one)
        );
      }),
    );
  });

  it.each(["", "x", "mm1.a.1.2", "mm1.A.1.2.3", "mm2.a.1.2.3", "mm1.a.1.2.3.4", "mm1.a.-1.2.3"])(
    "%j is not one of ours",
    (text) => {
      expect(parseCallbackKey(text)).toBeUndefined();
    },
  );
});
