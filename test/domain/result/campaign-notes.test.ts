import { describe, expect, it } from "vitest";

import { campaignNotes, retryableNotes } from "../../../src/domain/result/campaign-notes.ts";
import type { LedgerTally } from "../../../src/domain/result/counts.ts";
import { CODE_RULES } from "../../../src/domain/sending/error-codes.ts";

function tallyOf(changes: Partial<LedgerTally> = {}): LedgerTally {
  return {
    rows: 200,
    counts: {},
    reasons: {},
    failures: {},
    messageStatuses: {},
    withoutReceipt: {},
    regions: {},
    holds: [],
    zones: [],
    money: { waiting: [], planned: 0, reserved: 0, delivered: [], besides: [] },
    optOuts: { people: 0, byWay: {} },
    reached: {
      toSend: 200,
      accepted: 0,
      delivered: 0,
      read: 0,
      firstClaimAt: null,
      lastAcceptedAt: null,
      sentTo: 0,
      clicked: 0,
      sendingMs: 0,
    },
    ...changes,
  };
}
const notes = (changes: Partial<LedgerTally>, refusedRegions: string[] = []) =>
  campaignNotes(tallyOf(changes), { refusedRegions, budget: { most: 1_000_000, currency: "USD" } });

describe("what a campaign's counts mean", () => {
  it("says nothing of a campaign in which nothing is unusual", () => {
    const reasons = { "131026": 9, "132012": 100, duplicate: 50, "131049": 3 };
    expect(notes({ reasons, counts: { delivered: 100, accepted: 50 } })).toEqual([]);
  });

  it("names what is spent beyond the budget, and costs in another currency", () => {
    const none = { waiting: [], planned: 0, reserved: 0, besides: [] };
    const by = (currency: string, cost: number) => ({ currency, messages: 2, planned: 7, cost });
    expect(notes({ money: { ...none, delivered: [by("USD", 1_000_000)] } })).toEqual([]);
    expect(notes({ money: { ...none, delivered: [by("USD", 1_250_000), by("BRL", 1)] } })).toEqual([
      "0.25 USD more than the budget is spent or set aside: nothing is sent until there is room.",
      "Meta reported the cost of 2 messages in BRL, and the budget is in USD: they count by the prices that were planned.",
    ]);
  });

  it("names the retry for what says nothing about the people, most of them first", () => {
    expect(
      retryableNotes({ "131000": 1, "131042": 30, "131026": 90, given_up: 4, no_code: 2 }),
    ).toEqual([
      "30 recipients failed with 131042, which says nothing about them (there is a problem with the payment method): `retry --code 131042` queues them again.",
      "1 recipient failed with 131000, which says nothing about them (something went wrong at Meta): `retry --code 131000` queues this one again.",
    ]);
    const named = CODE_RULES.filter(({ code }) => retryableNotes({ [code]: 1 }).length > 0);
    expect(new Set(named.map(({ action }) => action))).toEqual(
      new Set(["ambiguous", "halt_lane", "halt_campaign"]),
    );
  });

  it("names an unusual share of a code about people, of those who were tried", () => {
    const counts = { failed: 20, accepted: 80, pending: 100 };
    expect(notes({ counts, reasons: { "131026": 20 } })).toEqual([
      "An unusual share: 20 of 100 people tried (20.0%) ended with 131026, undeliverable: not on WhatsApp, an old client, or a reason Meta does not give.",
    ]);
    expect(notes({ counts, reasons: { "131026": 9 } })).toEqual([]);
    // Held for it counts as well; what may be everybody's halts instead.
    expect(notes({ counts, reasons: { "131049": 30, "132012": 90 } })).toHaveLength(1);
  });

  it("names the countries that Meta refuses", () => {
    expect(notes({ reasons: { refused_country: 149 } }, ["IN", "BR"])).toEqual([
      "Meta refuses this account's messages to India, Brazil (130497): 149 recipients are skipped. `retry --code 130497` queues them again once Meta allows it.",
    ]);
  });

  it("calls messages held back only while no receipt says otherwise", () => {
    const held = { held_for_quality_assessment: 23 };
    expect(notes({ messageStatuses: held, counts: { delivered: 23 } })).toEqual([]);
    const reached = { ...tallyOf().reached, delivered: 5 };
    expect(notes({ withoutReceipt: held, reached })).toEqual([
      "Meta holds 23 of the accepted back to assess the template's quality.",
    ]);
    expect(notes({ withoutReceipt: held })).toEqual([
      "Meta holds 23 of the accepted back to assess the template's quality. No receipt has come since.",
    ]);
  });

  it("has a sentence for messages that were taken while the template is paused", () => {
    const [note] = notes({ withoutReceipt: { paused: 4, accepted: 9 } });
    expect(note).toContain("Meta accepted 4 while the template is paused");
  });
});
