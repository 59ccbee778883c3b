// Which campaigns a worker goes on with, and which is next on each lane.

import { describe, expect, it } from "vitest";
import type { CampaignRecord } from "../../../src/domain/campaign/campaign.ts";
import type { WorkTime } from "../../../src/domain/result/work.ts";
import { nextOnLanes, restUntil, workTime } from "../../../src/domain/result/work.ts";
import { stopped } from "../../../src/domain/sending/run-end.ts";
import { campaignRecord } from "../../support/campaign-record.ts";

const NOW = Date.UTC(2026, 10, 28, 14, 53);
const HOUR = 3_600_000;
const SOME = { pending: 15, claimed: 0, held: 0, nextDueAt: null };
const HELD = { pending: 0, claimed: 0, held: 5, nextDueAt: NOW + HOUR };
const NONE = { pending: 0, claimed: 0, held: 0, nextDueAt: null };
const PLANNED = { recipients: { size: 1, modifiedMs: 1, sha256: "ab" } };

const stop = (kind: "paused" | "halted") => ({ kind, code: "x", sentence: "", at: NOW });
const last = (
  why: "limit" | "hours" | "interrupted" | "offline",
  goOnAt: number | null = null,
) => ({
  state: "stopped" as const,
  lastStop: { why, goOnAt },
});

describe("when a worker may run a campaign", () => {
  const cases: [string, Partial<CampaignRecord>, typeof SOME | typeof HELD, WorkTime["kind"]][] = [
    ["was never planned completely", { recipients: null, state: "planning" }, SOME, "never"],
    ["is planned", { state: "ready" }, SOME, "now"],
    ["has a run that was killed", { state: "running" }, SOME, "now"],
    ["was interrupted", last("interrupted"), SOME, "now"],
    ["had no connection", last("offline"), SOME, "now"],
    ["is outside its hours", last("hours", NOW + HOUR), SOME, "later"],
    ["has begun its hours", last("hours", NOW - HOUR), SOME, "now"],
    ["has only held recipients", { state: "stopped" }, HELD, "later"],
    ["stopped at --limit", last("limit"), SOME, "person"],
    ["is paused", { state: "stopped", stop: stop("paused") }, SOME, "person"],
    ["is halted by an event", { state: "running", stop: stop("halted") }, SOME, "person"],
    ["halted", { state: "halted", halt: { code: "131042", sentence: "" } }, SOME, "person"],
    ["is finished", { state: "finished" }, NONE, "never"],
    ["is cancelled", { state: "cancelled" }, NONE, "never"],
    ["was purged", { state: "stopped", erasedAt: NOW }, SOME, "never"],
  ];

  it.each(cases)("it %s", (_, changes, left, kind) => {
    const campaign = campaignRecord(NOW - HOUR, { ...PLANNED, ...changes });
    expect(workTime({ campaign, left, now: NOW, dailyLimit: null }).kind).toBe(kind);
  });

  it("waits for room under the daily limit", () => {
    const campaign = campaignRecord(NOW - HOUR, { ...PLANNED, state: "stopped" });
    const dailyLimit = { people: 250, limit: 250, freeAt: NOW + HOUR };
    const time = workTime({ campaign, left: SOME, now: NOW, dailyLimit });
    expect(time).toEqual({ kind: "later", at: NOW + HOUR });
  });
});

describe("the next campaigns", () => {
  const candidate = (id: number, lanes: string, notBefore: number | null = null) => ({
    campaign: { id },
    lanes: lanes === "" ? [] : lanes.split("+"),
    notBefore,
  });
  const next = (taken: string[], ...candidates: ReturnType<typeof candidate>[]) =>
    nextOnLanes(candidates, new Set(taken), NOW).map(
      ({ campaign, lanes }) => `${campaign.id} ${lanes.join("+")}`,
    );

  it("are the oldest that is due on each lane", () => {
    const all = [candidate(4, "a"), candidate(1, ""), candidate(3, "a"), candidate(5, "b")];
    expect(next([], ...all)).toEqual(["3 a", "5 b"]);
  });

  it("leave out lanes that are at work, and what rests after a run that could not go on", () => {
    const all = [
      candidate(1, "a"),
      candidate(2, "b", NOW + 1),
      candidate(3, "b"),
      candidate(4, "c", NOW),
    ];
    expect(next(["a"], ...all)).toEqual(["3 b", "4 c"]);
  });

  it("begin with those of their lanes that are free", () => {
    const all = [candidate(1, "a+b"), candidate(2, "a"), candidate(3, "b+d"), candidate(4, "c")];
    expect(next(["b"], ...all)).toEqual(["1 a", "3 d", "4 c"]);
  });
});

describe("the rest after a run", () => {
  it("is short where it is known when to go on, and none where a person or nothing follows", () => {
    expect(restUntil({ kind: "finished" }, NOW)).toBeNull();
    expect(restUntil(stopped("paused", "", null), NOW)).toBeNull();
    expect(restUntil(stopped("numbers_left", "", null), NOW)).toBeNull();
    const unknown = restUntil(stopped("offline", "", null), NOW) as number;
    expect(unknown).toBeGreaterThan(NOW);
    expect(restUntil(stopped("hours", "", NOW + HOUR), NOW)).toBe(unknown);
    expect(restUntil(stopped("hours", "", NOW + 5_000), NOW)).toBe(NOW + 5_000);
    expect(restUntil(stopped("hours", "", NOW - HOUR), NOW)).toBeGreaterThan(NOW);
  });
});
