// How a campaign stands, in every state, in the words of every face.

import { describe, expect, it } from "vitest";
import type { CampaignRecord } from "../../../src/domain/campaign/campaign.ts";
import { calendarOf, instant } from "../../../src/domain/common/calendar.ts";
import type { CampaignFacts } from "../../../src/domain/result/campaign-standing.ts";
import {
  choicesOf,
  doneWords,
  needsPerson,
  publicState,
  standingDetail,
  standingOf,
  standingWords,
} from "../../../src/domain/result/campaign-standing.ts";
import { openItems, runCommand } from "../../../src/domain/result/open-items.ts";
import { campaignRecord } from "../../support/campaign-record.ts";

const NOW = Date.UTC(2026, 10, 28, 14, 53);
const HOUR = 3_600_000;
const TOMORROW = NOW + 24 * HOUR;
const when = (at: number) => instant(at, calendarOf("UTC"), NOW);

const CAMPAIGN = campaignRecord(NOW - HOUR, { state: "stopped", rows: 100 });
const NONE = { pending: 0, claimed: 0, held: 0, nextDueAt: null };
const SOME = { ...NONE, pending: 15 };
const HELD = { ...NONE, held: 47, nextDueAt: TOMORROW };

type Changes = Partial<Omit<CampaignFacts, "campaign">> & { campaign?: Partial<CampaignRecord> };

function facts({ campaign, ...rest }: Changes): CampaignFacts {
  const known = { isRunning: false, left: SOME, now: NOW };
  return { ...known, ...rest, campaign: { ...CAMPAIGN, ...campaign } };
}

function stoppedBy(
  why: "hours" | "daily_limit" | "interrupted" | "limit" | "offline",
  at?: number,
) {
  return { campaign: { lastStop: { why, goOnAt: at ?? null } } };
}

const PAUSE = {
  kind: "paused",
  code: "paused",
  sentence: "",
  at: NOW,
  by: "command: ana",
} as const;

describe("how a campaign stands", () => {
  const cases: [Changes, string, string][] = [
    [{ campaign: { state: "running" }, isRunning: true }, "Sending", "running"],
    [{ campaign: { state: "planning" }, isRunning: true }, "Planning the list", "running"],
    [{ campaign: { state: "ready" } }, "Planned, not started", "stopped"],
    [{ left: HELD }, "Waiting until tomorrow 14:53 · 47 held", "stopped"],
    [stoppedBy("hours", NOW + 11 * HOUR), "Outside hours until tomorrow 01:53", "stopped"],
    [stoppedBy("hours", NOW - HOUR), "Ready to go on · 15 left", "stopped"],
    [stoppedBy("daily_limit", NOW + HOUR), "Daily limit used until today 15:53", "stopped"],
    [
      { dailyLimit: { people: 10, limit: 10, freeAt: NOW + HOUR } },
      "Daily limit used until today 15:53",
      "stopped",
    ],
    [
      { numberUsedBy: { campaign: "summer", since: NOW - HOUR } },
      "Waiting for the sending number",
      "stopped",
    ],
    [{ campaign: { stop: PAUSE } }, "Paused by ana, today 14:53", "stopped"],
    [
      { campaign: { stop: { ...PAUSE, by: "live page" } } },
      "Paused on the live page, today 14:53",
      "stopped",
    ],
    [{ campaign: { state: "running", stop: PAUSE }, isRunning: true }, "Pausing by ana", "running"],
    [stoppedBy("interrupted"), "Stopped: the run was interrupted, today 13:53", "stopped"],
    [stoppedBy("limit"), "Stopped at --limit, today 13:53", "stopped"],
    [stoppedBy("offline"), "Stopped: no connection to Meta, today 13:53", "stopped"],
    [{ campaign: { state: "running" } }, "Stopped: the run ended without notice", "stopped"],
    [{ campaign: { state: "planning" } }, "Stopped while planning the list", "stopped"],
    [
      { campaign: { state: "halted", halt: { code: "190", sentence: "Code 190." } } },
      "Halted by Meta: the access token is expired or not valid",
      "halted",
    ],
    [
      { campaign: { stop: { ...PAUSE, kind: "halted", code: "ACCOUNT_RESTRICTION" } } },
      "Halted",
      "halted",
    ],
    [{ campaign: { state: "finished" }, left: NONE }, "Finished today 13:53", "finished"],
    [{ left: NONE }, "Finished today 13:53", "finished"],
    // After `retry` or `resolve` people wait again.
    [{ campaign: { state: "finished" } }, "Ready to go on · 15 left", "stopped"],
    [
      { campaign: { state: "cancelled", cancelledBy: "command: ana" }, left: NONE },
      "Cancelled today 13:53 by ana",
      "cancelled",
    ],
  ];

  it.each(cases)("%j: %s", (changes, words, state) => {
    const standing = standingOf(facts(changes));
    expect(standingWords(standing, when)).toBe(words);
    expect(publicState(standing)).toBe(state);
  });

  it("says what comes next, and whom it waits for", () => {
    const detail = (changes: Changes) => standingDetail(standingOf(facts(changes)), when);
    expect(detail({ campaign: { state: "running" }, isRunning: true })).toBeNull();
    expect(detail({ numberUsedBy: { campaign: "summer", since: NOW } })).toBe(
      'Campaign "summer" has it since today 14:53.',
    );
    expect(detail({ dailyLimit: { people: 10, limit: 10, freeAt: TOMORROW } })).toContain(
      "10 of 10 people in the last 24 h.",
    );
    expect(detail({ left: NONE, counts: { unknown: 2 } })).toContain("2 recipients are unknown");
    const cancelled = { campaign: { state: "cancelled" as const }, counts: { cancelled: 2_406 } };
    expect(detail(cancelled)).toBe("2,406 recipients were not sent to.");
  });

  it("says how a run leaves a campaign with nothing to send", () => {
    const done = (changes: Changes) => doneWords(standingOf(facts({ left: NONE, ...changes })));
    const finished = { state: "finished" as const };
    expect(done({ campaign: finished })).toBe("Finished: every recipient has a final status.");
    expect(done({ campaign: finished, counts: { unknown: 1 } })).toBe("Nothing is left to send.");
    expect(done({ campaign: finished, counts: { cancelled: 6 } })).toBe(
      "Finished: every recipient has a final status. 6 recipients were not sent to.",
    );
    const cancelled = { state: "cancelled" as const };
    expect(done({ campaign: cancelled })).toBe("Cancelled.");
  });

  const PLAN = { kind: "plan", code: "plan", sentence: "It waits.", at: 1 } as const;
  const PROPOSED = { stop: PLAN, plan: { digest: "p1.one", startedBy: null } };

  it("offers what works now, and nothing else", () => {
    const choices = (changes: Changes) => choicesOf(standingOf(facts(changes)));
    const running = { campaign: { state: "running" as const }, isRunning: true };
    const none = { start: false, pause: false, unpause: false, cancel: false };
    expect(choices(running)).toEqual({ ...none, pause: true, cancel: true });
    expect(choices({ campaign: { stop: PAUSE } })).toEqual({
      ...none,
      unpause: true,
      cancel: true,
    });
    const halted = { campaign: { state: "halted" as const } };
    expect(choices(halted)).toEqual({ ...none, cancel: true });
    expect(choices({ campaign: PROPOSED })).toEqual({ ...none, start: true, cancel: true });
    expect(choices({ left: NONE })).toEqual(none);
  });

  it("waits for a person with its plan, whose digest it has", () => {
    const standing = standingOf(facts({ campaign: PROPOSED }));
    expect(standing).toMatchObject({ kind: "planned", why: "plan", plan: "p1.one" });
    expect(standingWords(standing, String)).toBe("Planned, waits for a person to start it");
    expect(runCommand(standing, "july.yaml")).toBe("campaign run july.yaml --plan p1.one");
    expect(needsPerson(standing)).toBe(true);
  });

  it("needs a person when it halted, or its run ended before it was through", () => {
    const needs = (changes: Changes) => needsPerson(standingOf(facts(changes)));
    expect(needs({ campaign: { state: "halted" } })).toBe(true);
    expect(needs({ campaign: { state: "running" } })).toBe(true);
    expect(needs({ left: HELD })).toBe(false);
    expect(needs(stoppedBy("limit"))).toBe(false);
  });
});

describe("what is open", () => {
  const counts = { pending: 15, held: 3, unknown: 2, accepted: 4, skipped: 9 };
  const open = {
    erasedAt: null,
    isSandbox: false,
    counts,
    held: [{ reason: "131049", number: 3, nextAt: TOMORROW }],
    oldestWithoutReceiptAt: null,
    skipped: { invalid_number: 5, us_number: 4 },
  };
  const items = (changes: Changes, more: Partial<typeof open> = {}) =>
    openItems(
      { ...open, ...more },
      { standing: standingOf(facts(changes)), manifest: "spring.yaml", now: NOW, when },
    ).map(({ kind, number, todo, command }) => [kind, number, todo, command]);

  it("has a command with the manifest's own name, and says when", () => {
    expect(items({})).toEqual([
      ["pending", 15, "Run again:", "campaign run spring.yaml"],
      ["held", 3, "Run again after tomorrow 14:53:", "campaign run spring.yaml"],
      [
        "unknown",
        2,
        "A receipt settles them, or decide:",
        "campaign resolve spring.yaml --unknown give-up",
      ],
      ["without_receipt", 4, "Receipts come while the receiver runs.", null],
      ["fixable", 5, "Fix them and run again:", "campaign rejects spring.yaml --csv rejects.csv"],
    ]);
  });

  it("is no matter for a person while a run is at work, and lifts a pause first", () => {
    const running = { campaign: { state: "running" as const }, isRunning: true };
    expect(items(running).map(([kind]) => kind)).not.toContain("pending");
    expect(items({ campaign: { stop: PAUSE } })[0]).toEqual([
      "pending",
      15,
      "Lift the pause, then run again:",
      "campaign unpause spring.yaml",
    ]);
    expect(items({ campaign: { state: "halted" } })[0]?.[2]).toBe("Fix the cause, then run again:");
    expect(runCommand(standingOf(facts({})), "a.yaml")).toBe("campaign run a.yaml");
  });

  it("is nothing of a purged campaign", () => {
    expect(
      openItems(
        { ...open, erasedAt: NOW as never },
        {
          standing: standingOf(facts({})),
          manifest: "x",
          now: NOW,
          when,
        },
      ),
    ).toEqual([]);
  });
});
