import { describe, expect, it } from "vitest";
import type { Claim } from "../../../src/domain/campaign/attempt.ts";
import { isTransition } from "../../../src/domain/campaign/dispatch.ts";
import { CODE_RULES } from "../../../src/domain/sending/error-codes.ts";
import type { Exchange } from "../../../src/domain/sending/outcome.ts";
import { readExchange } from "../../../src/domain/sending/outcome.ts";
import { recordOf } from "../../../src/domain/sending/retry.ts";

const claim: Claim = {
  row: 7,
  attempt: 2,
  phone: "+5511987654321",
  userId: null,
  region: "BR",
  values: "[]",
  holds: 0,
  capped: 0,
};
const NOW = 1_000_000;

function next(exchange: Exchange, over: Partial<Claim> = {}, acceptedBefore = true) {
  const outcome = readExchange(exchange, over.region ?? claim.region);
  const attempt = {
    claim: { ...claim, ...over },
    outcome,
    endpoint: "/x",
    startedAt: NOW - 5,
    endedAt: NOW,
  };
  return recordOf({ ...attempt, acceptedBefore, cappedTries: 3 });
}
const refused = (code: number, httpStatus = 400): Exchange => ({
  kind: "answered",
  httpStatus,
  truncated: false,
  body: JSON.stringify({ error: { code, message: "m", error_data: { details: "d" } } }),
});

describe("what becomes of a dispatch", () => {
  it.each([
    ["throttled", refused(130429), { to: "pending" }],
    ["maintenance", refused(131057, 500), { to: "pending" }],
    ["token", refused(190, 401), { to: "pending" }],
    ["template paused", refused(132015), { to: "pending" }],
    [
      "limit per person",
      refused(131049),
      { to: "held", until: NOW + 86_400_000, reason: "131049", counts: "capped" },
    ],
    [
      "still syncing",
      refused(134101),
      { to: "held", until: NOW + 600_000, reason: "134101", counts: "holds" },
    ],
    ["country refused", refused(130497, 403), { to: "failed", code: "130497", message: "d" }],
    ["call limit", refused(80008), { to: "pending" }],
    ["version ended", refused(2635), { to: "pending" }],
    ["undeliverable", refused(131026), { to: "failed", code: "131026", message: "d" }],
    ["opted out", refused(131050), { to: "failed", code: "131050", message: "d" }],
    ["wrong value", refused(132012), { to: "failed", code: "132012", message: "d" }],
    ["unheard of", refused(424242), { to: "failed", code: "424242", message: "d" }],
    [
      "never begun",
      { kind: "not_started", cause: "ENOTFOUND", fatal: false } as const,
      { to: "pending" },
    ],
  ])("%s", (_name, exchange, expected) => {
    expect(next(exchange as Exchange).next).toEqual(expected);
  });

  it("backs off from the pair limit in powers of four, an hour at most", () => {
    const waits = [0, 1, 2, 3, 6, 7].map((holds) => {
      const { next: to } = next(refused(131056), { holds });
      return to.to === "held" ? to.until - NOW : to.to;
    });
    expect(waits).toEqual([1000, 4000, 16_000, 64_000, 3_600_000, "failed"]);
  });

  it("waits a day longer for each refusal of the limit per person, and gives up at the third", () => {
    const waits = [0, 1, 2].map((capped) => {
      const { next: to } = next(refused(131049), { capped, holds: 5 });
      return to.to === "held" ? (to.until - NOW) / 3_600_000 : to;
    });
    expect(waits).toEqual([24, 48, { to: "failed", code: "131049", message: "d" }]);
  });

  it("reports the country that Meta refuses, where it is known", () => {
    expect(next(refused(130497), { region: "IN" }).refusesRegion).toBe("IN");
    expect(next(refused(131026), { region: "IN" }).refusesRegion).toBeUndefined();
  });

  it("takes 131009 for a syncing template once, before anything was accepted", () => {
    expect(next(refused(131009), {}, false).next.to).toBe("held");
    expect(next(refused(131009), { holds: 1 }, false).next.to).toBe("failed");
    expect(next(refused(131009), {}, true).next.to).toBe("failed");
  });

  it("suppresses the person who stopped marketing", () => {
    expect(next(refused(131050)).suppress).toBeDefined();
    expect(next(refused(131026)).suppress).toBeUndefined();
  });

  it("only ever takes an arrow of the state machine", () => {
    const exchanges: Exchange[] = [
      ...CODE_RULES.flatMap((rule) => [refused(rule.code), refused(rule.code, 500)]),
      { kind: "lost", cause: "x", httpStatus: null },
      { kind: "not_started", cause: "x", fatal: true },
    ];
    for (const exchange of exchanges) {
      for (const region of ["BR", "US", null]) {
        const record = next(exchange, { region });
        expect(isTransition("claimed", record.next.to), JSON.stringify(exchange)).toBe(true);
        // Promise 1: what may have gone out is never queued again.
        if (exchange.kind === "lost") expect(record.next.to).toBe("unknown");
      }
    }
  });
});
