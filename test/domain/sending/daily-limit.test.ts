// The daily limit kept by the loop: a real ledger, a real server, and the wall clock turned by
// hand. Who got how much is shown by the server's own log.

import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/clock/clock.ts";
import { makePacer } from "../../../src/clock/pacer.ts";
import type { CampaignRecord } from "../../../src/domain/campaign/campaign.ts";
import type { PlannedRow } from "../../../src/domain/campaign/row.ts";
import { readManifest } from "../../../src/domain/manifest/manifest.ts";
import type { PeopleLimit } from "../../../src/domain/sending/daily-limit.ts";
import { dailyLimitOf, limitOf } from "../../../src/domain/sending/daily-limit.ts";
import type { Clock } from "../../../src/domain/sending/pace.ts";
import { run } from "../../../src/domain/sending/run.ts";
import type { RunEnd } from "../../../src/domain/sending/run-ports.ts";
import { startRunProgress } from "../../../src/domain/sending/run-ports.ts";
import { openGraph } from "../../../src/graph/client.ts";
import { openSqliteLedger } from "../../../src/ledger/ledger.ts";
import type { PlacedLedger } from "../../../src/ledger/placed-ledger.ts";
import { defaultScenario } from "../../../src/sandbox/scenario/scenario.ts";
import type { Sandbox } from "../../../src/sandbox/server/server.ts";
import { startSandbox } from "../../../src/sandbox/server/server.ts";
import { makeFolder, numberOf, sandboxEvents } from "../../support/harness.ts";
import { factsOf } from "../preflight/preflight.builders.ts";

describe("the limit that counts", () => {
  const manifestWith = (rate: string) => {
    const text = `campaign: c\naccount: sandbox\nrecipients: { file: a.csv, phone: p }\ntemplate: { name: t, language: en, body: [] }\n${rate}`;
    const read = readManifest(text, { file: "m.yaml" });
    if ("problems" in read) throw new Error(JSON.stringify(read.problems));
    return read.manifest;
  };

  it.each<[string, string | null, string, PeopleLimit | null]>([
    ["Meta's", "TIER_2K", "", { people: 2_000, from: "TIER_2K" }],
    ["none", "TIER_UNLIMITED", "", null],
    ["none that is known", null, "", null],
    ["one's own", null, "1800", { people: 1_800, from: "rate.people_per_day" }],
    ["one's own, smaller", "TIER_2K", "1800", { people: 1_800, from: "rate.people_per_day" }],
    ["Meta's, smaller", "TIER_250", "1800", { people: 250, from: "TIER_250" }],
  ])("is %s", (_, messagingLimit, own, expected) => {
    const { number } = factsOf({ number: { messagingLimit } }, 0);
    const rate = own === "" ? "" : `rate: { people_per_day: ${own} }`;
    expect(dailyLimitOf(manifestWith(rate), number)).toEqual(expected);
  });

  it("is not known where nobody reported of the number", () => {
    expect(limitOf(null)).toBeNull();
  });
});

/** People count for a day and a minute. */
const WINDOW = 86_400_000 + 60_000;

/** A clock whose wall time can be set; monotonic time goes on as it does. */
function wallClock(): Clock & { jump(ms: number): void } {
  let offset = 0;
  return {
    ...systemClock,
    now: () => systemClock.now() + offset,
    jump: (ms) => {
      offset += ms;
    },
  };
}

let folder: string;
let ledger: PlacedLedger;
let sandbox: Sandbox;
let log: string;
/** Messages to these numbers go to the sending number itself, which Meta refuses. */
let refused: string[] = [];
const closing: (() => unknown)[] = [];

beforeEach(async () => {
  refused = [];
  const made = makeFolder();
  folder = made.folder;
  ledger = await openSqliteLedger(join(folder, "ledger.sqlite"));
  log = join(folder, "sandbox.jsonl");
  const scenario = { ...defaultScenario(), throughput: null, latency_ms: { min: 5, max: 15 } };
  sandbox = await startSandbox({ logFile: log, scenario });
  closing.push(made.remove, ledger.close, sandbox.close);
});
afterEach(async () => {
  expect(await ledger.violations()).toEqual([]);
  for (const close of closing.splice(0).reverse()) await close();
});

/** A campaign of these people. */
async function plan(name: string, lane: string, people: number[]): Promise<CampaignRecord> {
  const now = Date.now();
  const { id } = await ledger.createCampaign({ name, lane, frozen: {}, columns: [], now });
  const planned = people.map((person, at): PlannedRow => {
    const phone = numberOf(person);
    const verdict = { kind: "send", values: "[]" } as const;
    const facts = { row: at + 1, line: at + 2, hash: at, phone, person: phone.slice(1) };
    return { ...facts, userId: null, recipientId: null, region: "BR", verdict, cells: "[]" };
  });
  await ledger.plan(id, planned, now);
  const recipients = { size: 0, modifiedMs: 0, sha256: "" };
  const rows = people.length;
  await ledger.finishPlanning(id, { frozen: {}, recipients, columns: [], rows, now });
  return (await ledger.findCampaign(name)) as CampaignRecord;
}

function bodyOf(phone: string | null): string {
  const components = [
    {
      type: "header",
      parameters: [{ type: "image", image: { link: "https://example.com/a.jpg" } }],
    },
    { type: "body", parameters: ["Ana", "X"].map((text) => ({ type: "text", text })) },
    { type: "button", sub_type: "url", index: "0", parameters: [{ type: "text", text: "X" }] },
  ];
  const template = { name: "spring_sale", language: { code: "pt_BR" }, components };
  const to = refused.includes(phone ?? "") ? defaultScenario().display_phone_number : phone;
  const head = { messaging_product: "whatsapp", recipient_type: "individual", to };
  return JSON.stringify({ ...head, type: "template", template });
}

/** Runs a campaign as `run` does, with so many people in 24 hours. */
async function send(
  campaign: CampaignRecord,
  clock: Clock,
  people: number,
  stop = new AbortController().signal,
): Promise<RunEnd> {
  const graph = openGraph({
    baseUrl: sandbox.url,
    version: "v25.0",
    phoneNumberId: sandbox.phoneNumberId,
    accessToken: sandbox.accessToken,
    connections: 8,
  });
  const { lane } = campaign;
  const before = await ledger.pace(lane);
  const pacer = makePacer({ lane, messagesPerSecond: 500, maxInFlight: 8, before, clock });
  await ledger.recoverClaims(campaign.id, clock.now());
  const dailyLimit = { people, from: "TIER_TEST" };
  const progress = startRunProgress(0);
  try {
    return await run(
      { campaign, limit: null, dailyLimit, acceptedBefore: false, cappedTries: 3, progress },
      {
        ledger,
        clock,
        pacer,
        post: graph.post,
        endpointOf: () => graph.endpoint,
        abandon: graph.destroy,
        bodyOf: (claim) => bodyOf(claim.phone),
        opening: () => ({ kind: "open", until: Number.POSITIVE_INFINITY }),
        stop,
        notice: () => {},
      },
    );
  } finally {
    await pacer.close();
    await graph.destroy();
  }
}

/** Everybody the server accepted a message for, in order. */
const accepted = () =>
  sandboxEvents(log).flatMap((event) => (event.event === "accepted" ? [event.to as string] : []));

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at);

describe("a campaign larger than its daily limit", () => {
  it("finishes over three runs, a day after one another, with nobody twice", async () => {
    const campaign = await plan("large", "1", range(1, 120));
    const clock = wallClock();
    const first = clock.now();
    const ends: RunEnd[] = [];
    const sizes: number[] = [];
    for (const _ of range(1, 3)) {
      ends.push(await send(campaign, clock, 50));
      sizes.push(accepted().length);
      clock.jump(WINDOW);
    }
    expect(sizes).toEqual([50, 100, 120]);
    expect(ends.map((end) => end.kind)).toEqual(["stopped", "stopped", "finished"]);
    expect(ends[0]).toMatchObject({
      why: "daily_limit",
      sentence: expect.stringMatching(/50 \(TIER_TEST\) is reached, with 50 people/),
    });
    const goOnAt = ends[0]?.kind === "stopped" ? (ends[0].goOnAt ?? 0) : 0;
    expect(goOnAt).toBeGreaterThanOrEqual(first + WINDOW);
    expect(goOnAt).toBeLessThan(first + WINDOW + 10_000);
    expect(new Set(accepted()).size).toBe(120);
  });

  it("posts nothing while the day is not over, however often it is run", async () => {
    const campaign = await plan("large", "1", range(1, 30));
    const clock = wallClock();
    for (const hours of [0, 6, 12, 5]) {
      clock.jump(hours * 3_600_000);
      expect(await send(campaign, clock, 10)).toMatchObject({ why: "daily_limit" });
      expect(accepted()).toHaveLength(10);
    }
  });

  it("goes on within a run when there is room in a moment", async () => {
    const campaign = await plan("large", "1", range(1, 20));
    const clock = wallClock();
    expect(await send(campaign, clock, 10)).toMatchObject({ why: "daily_limit" });
    clock.jump(WINDOW - 2_000);
    expect(await send(campaign, clock, 10)).toEqual({ kind: "finished" });
    expect(new Set(accepted()).size).toBe(20);
  });

  it("gives the places of those who are refused to others in the same run", async () => {
    const campaign = await plan("large", "1", range(1, 40));
    refused = range(1, 12).map(numberOf);
    expect(await send(campaign, wallClock(), 20)).toMatchObject({ why: "daily_limit" });
    expect(accepted()).toHaveLength(20);
  });

  it("is stopped in mid-run and loses no place by it", async () => {
    const campaign = await plan("large", "1", range(1, 60));
    const clock = wallClock();
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 30);
    await send(campaign, clock, 40, stop.signal);
    expect(await send(campaign, clock, 40)).toMatchObject({ why: "daily_limit" });
    expect(new Set(accepted()).size).toBe(40);
  });
});

describe("two campaigns of a business", () => {
  it("share its limit, and a person of both counts once", async () => {
    const one = await plan("one", "1", range(1, 30));
    const two = await plan("two", "2", [...range(11, 30), ...range(101, 140)]);
    const clock = wallClock();
    expect(await send(one, clock, 50)).toEqual({ kind: "finished" });
    clock.jump(3_600_000);
    expect(await send(two, clock, 50)).toMatchObject({ why: "daily_limit" });
    // Twenty people of the first campaign again, who cost nothing, and twenty new ones.
    expect(accepted()).toHaveLength(30 + 20 + 20);
    expect(new Set(accepted()).size).toBe(50);
    // A day after the first campaign its ten people make room; those of both count an hour longer.
    clock.jump(WINDOW - 3_600_000);
    expect(await send(two, clock, 50)).toMatchObject({ why: "daily_limit" });
    expect(new Set(accepted()).size).toBe(60);
  });

  it("share it at work side by side", async () => {
    const one = await plan("one", "1", range(1, 60));
    const two = await plan("two", "2", range(31, 90));
    const clock = wallClock();
    const ends = await Promise.all([send(one, clock, 40), send(two, clock, 40)]);
    for (const end of ends) expect(end).toMatchObject({ why: "daily_limit" });
    expect(new Set(accepted()).size).toBe(40);
  });
});
