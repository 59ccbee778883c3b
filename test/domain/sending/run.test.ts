// The loop with a clock that jumps and a computer that sleeps: a real ledger, a real server, and
// time turned by hand.

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/clock/clock.ts";
import { makePacer } from "../../../src/clock/pacer.ts";
import type { TestState } from "../../../src/domain/arms/test-state.ts";
import type { Claim } from "../../../src/domain/campaign/attempt.ts";
import type { CampaignRecord, Stop } from "../../../src/domain/campaign/campaign.ts";
import { LedgerError } from "../../../src/domain/campaign/fault.ts";
import type { PlannedRow } from "../../../src/domain/campaign/row.ts";
import type { Clock } from "../../../src/domain/sending/pace.ts";
import { run } from "../../../src/domain/sending/run.ts";
import type {
  RunEnd,
  RunNotice,
  RunProgress,
  TestOfRun,
} from "../../../src/domain/sending/run-ports.ts";
import { startRunProgress } from "../../../src/domain/sending/run-ports.ts";
import { takeOver } from "../../../src/domain/sending/take-over.ts";
import type { Turn } from "../../../src/domain/sending/turn.ts";
import { openGraph } from "../../../src/graph/client.ts";
import { openSqliteLedger } from "../../../src/ledger/ledger.ts";
import type { PlacedLedger } from "../../../src/ledger/placed-ledger.ts";
import { defaultScenario } from "../../../src/sandbox/scenario/scenario.ts";
import type { Sandbox } from "../../../src/sandbox/server/server.ts";
import { startSandbox } from "../../../src/sandbox/server/server.ts";
import { answerTo, turn } from "../../ledger/conformance/builders.ts";
import { makeFolder, numberOf, sandboxEvents } from "../../support/harness.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A clock whose wall time can be set, and whose process can be stopped for a while. */
function wallClock(): Clock & { jump(ms: number): void; stop(ms: number): void } {
  let wall = 0;
  let monotonic = 0;
  return {
    ...systemClock,
    now: () => systemClock.now() + wall,
    monotonic: () => systemClock.monotonic() + monotonic,
    jump: (ms) => {
      wall += ms;
    },
    // Of a machine that was frozen, whose wall clock nobody has set right yet.
    stop: (ms) => {
      monotonic += ms;
    },
  };
}

/** Longer than what is claimed at once lasts. */
const SLOW_TURN_MS = 60;

const BODY = '{"messaging_product":"whatsapp"';

interface World {
  ledger: PlacedLedger;
  campaign: CampaignRecord;
  sandbox: Sandbox;
  log: string;
}

async function plan(rows: number, latency_ms = { min: 5, max: 15 }): Promise<World> {
  const { folder, remove } = makeFolder();
  closing.push(remove);
  const ledger = await openSqliteLedger(join(folder, "ledger.sqlite"));
  closing.push(ledger.close);
  const now = Date.now();
  const draft = { name: "test", lane: "1", frozen: {}, columns: [], now };
  const { id } = await ledger.createCampaign(draft);
  const planned = Array.from({ length: rows }, (_, at): PlannedRow => {
    const phone = numberOf(at + 1);
    const verdict = { kind: "send", values: "[]" } as const;
    const facts = { row: at + 1, line: at + 2, hash: at, phone, person: phone.slice(1) };
    return { ...facts, userId: null, recipientId: null, region: "BR", verdict, cells: "[]" };
  });
  await ledger.plan(id, planned, now);
  const recipients = { size: 0, modifiedMs: 0, sha256: "" };
  await ledger.finishPlanning(id, { frozen: {}, recipients, columns: [], rows, now });
  const log = join(folder, "sandbox.jsonl");
  const scenario = { ...defaultScenario(), throughput: null, latency_ms };
  const sandbox = await startSandbox({ logFile: log, scenario });
  closing.push(sandbox.close);
  return { ledger, sandbox, log, campaign: (await ledger.findCampaign("test")) as CampaignRecord };
}

function bodyOf(phone: string): string {
  const components = [
    {
      type: "header",
      parameters: [{ type: "image", image: { link: "https://example.com/a.jpg" } }],
    },
    { type: "body", parameters: ["Ana", "X"].map((text) => ({ type: "text", text })) },
    { type: "button", sub_type: "url", index: "0", parameters: [{ type: "text", text: "X" }] },
  ];
  const template = { name: "spring_sale", language: { code: "pt_BR" }, components };
  const rest = JSON.stringify({
    recipient_type: "individual",
    to: phone,
    type: "template",
    template,
  });
  return `${BODY},${rest.slice(1)}`;
}

async function send(
  world: World,
  clock: Clock,
  options: {
    stop?: AbortSignal;
    onPost?: (nth: number, body: string) => void;
    rate?: number;
    notice?: (event: RunNotice) => void;
    test?: TestOfRun;
  } = {},
): Promise<{ end: RunEnd; progress: RunProgress }> {
  const { ledger, campaign, sandbox } = world;
  const graph = openGraph({
    baseUrl: sandbox.url,
    version: "v25.0",
    phoneNumberId: sandbox.phoneNumberId,
    accessToken: sandbox.accessToken,
    connections: 8,
  });
  const pacer = makePacer({
    lane: "1",
    messagesPerSecond: options.rate ?? 200,
    maxInFlight: 8,
    before: await ledger.pace("1"),
    clock,
  });
  const progress = startRunProgress(0);
  let posts = 0;
  const { test = null } = options;
  const limits = { limit: null, dailyLimit: null, cappedTries: 3 };
  const end = await run(
    { campaign, ...limits, acceptedBefore: false, progress, test },
    {
      ledger,
      clock,
      pacer,
      post: (body, begins) => {
        posts += 1;
        options.onPost?.(posts, body);
        return graph.post(body, begins);
      },
      endpointOf: () => graph.endpoint,
      abandon: graph.destroy,
      bodyOf: (claim) => bodyOf(claim.phone as string),
      opening: () => ({ kind: "open", until: Number.POSITIVE_INFINITY }),
      stop: options.stop ?? new AbortController().signal,
      notice: options.notice ?? (() => {}),
    },
  );
  await pacer.close();
  await graph.destroy();
  return { end, progress };
}

const acceptedNumbers = (log: string) =>
  sandboxEvents(log).flatMap((event) => (event.event === "accepted" ? [event.to] : []));

describe("the wall clock", () => {
  it.each([
    ["is set forward by a day", 86_400_000],
    ["is set back by a day", -86_400_000],
  ])("%s in mid-run: everybody gets it once", async (_name, jumpMs) => {
    const world = await plan(120);
    const clock = wallClock();
    const { end } = await send(world, clock, {
      onPost: (nth) => {
        if (nth === 40 || nth === 80) clock.jump(nth === 40 ? jumpMs : -jumpMs / 2);
      },
    });
    expect(end).toEqual({ kind: "finished" });
    const numbers = acceptedNumbers(world.log);
    expect(numbers).toHaveLength(120);
    expect(new Set(numbers).size).toBe(120);
    expect((await world.ledger.tally(world.campaign.id)).counts).toEqual({ accepted: 120 });
    expect(await world.ledger.violations()).toEqual([]);
  });

  it("is set back before a second run: the lane's limit does not wait for it", async () => {
    const world = await plan(20);
    const clock = wallClock();
    const stop = new AbortController();
    await send(world, clock, { stop: stop.signal, onPost: (nth) => nth === 10 && stop.abort() });
    clock.jump(-30 * 86_400_000);
    const from = performance.now();
    expect((await send(world, clock)).end).toEqual({ kind: "finished" });
    expect(performance.now() - from).toBeLessThan(30_000);
    expect(acceptedNumbers(world.log)).toHaveLength(20);
  });
});

describe("a ledger that fails", () => {
  const busy = () => new LedgerError("busy", "It is busy.");

  it("before it commits the pace: that is written with the next turn, so that a second run waits", async () => {
    const world = await plan(1);
    const { turn } = world.ledger;
    let failures = 0;
    const failing = async (request: Turn) => {
      if (request.pace === undefined || failures > 0) return turn(request);
      failures += 1;
      throw busy();
    };
    const ledger = { ...world.ledger, turn: failing };
    const from = Date.now();
    expect((await send({ ...world, ledger }, systemClock)).end).toEqual({ kind: "finished" });
    expect(failures).toBe(1);
    expect((await ledger.pace("1"))?.usedUntil).toBeGreaterThanOrEqual(from);
  });

  it("after it committed claims: the run does not say that all is done, and the next one settles them", async () => {
    const world = await plan(1);
    const { ledger, campaign, log } = world;
    let failures = 0;
    const failing = async (request: Turn) => {
      const result = await ledger.turn(request);
      if (result.claimed.length === 0 || failures > 0) return result;
      failures += 1;
      throw busy();
    };
    const { end } = await send({ ...world, ledger: { ...ledger, turn: failing } }, systemClock);
    expect(end).toMatchObject({ kind: "stopped", why: "ledger_busy" });
    const now = Date.now();
    expect(await takeOver(ledger, campaign, { lane: campaign.lane, now })).toMatchObject({
      inDoubt: 1,
      left: { claimed: 0 },
      pace: { lane: "1", usedUntil: now },
    });
    expect((await send(world, systemClock)).end).toEqual({ kind: "finished" });
    expect(acceptedNumbers(log)).toEqual([]);
    expect((await ledger.tally(campaign.id)).counts).toEqual({ unknown: 1 });
  });
});

describe("claims that grow old before they are posted", () => {
  // What a computer does that sleeps for an hour, and a process that is stopped for six seconds.
  it.each([
    ["the computer sleeps", 10_000, (clock) => clock.jump(3_600_000)],
    ["the process is stopped", 5_000, (clock) => clock.stop(6_000)],
  ] as [string, number, (clock: ReturnType<typeof wallClock>) => void][])(
    "are handed back when %s, so that a suppression of the meantime is seen",
    async (_, claimWaitMs, fall) => {
      const planned = await plan(60);
      const world = { ...planned, ledger: { ...planned.ledger, claimWaitMs } };
      const clock = wallClock();
      const last = numberOf(60);
      const { end } = await send(world, clock, {
        onPost: (nth) => {
          if (nth !== 20) return;
          fall(clock);
          const entry = {
            phone: last,
            person: last.slice(1),
            userId: null,
            reason: "x",
            source: "y",
          };
          void world.ledger.suppress([entry], clock.now());
        },
      });
      expect(end).toEqual({ kind: "finished" });
      const numbers = acceptedNumbers(world.log);
      expect(new Set(numbers).size).toBe(59);
      expect(numbers).not.toContain(last);
      expect((await world.ledger.tally(world.campaign.id)).counts).toEqual({
        accepted: 59,
        skipped: 1,
      });
    },
  );

  it("are so from before their turn was asked for, however long that takes to answer", async () => {
    const planned = await plan(40);
    const clock = wallClock();
    const claimed: number[][] = [];
    const posted: string[] = [];
    const turn: PlacedLedger["turn"] = async (asked) => {
      const result = await planned.ledger.turn(asked);
      if (result.claimed.length > 0) claimed.push(result.claimed.map(({ row }) => row));
      // Stopped while the second slice was on its way.
      if (claimed.length === 2 && result.claimed.length > 0) clock.stop(6_000);
      return result;
    };
    const world = { ...planned, ledger: { ...planned.ledger, claimWaitMs: 5_000, turn } };
    const { end } = await send(world, clock, { onPost: (_, body) => posted.push(body) });
    expect(end).toEqual({ kind: "finished" });
    const [, second = [], ...later] = claimed;
    expect(second.length).toBeGreaterThan(0);
    // Handed back and claimed again, since nothing of it was posted.
    expect(later.flat()).toEqual(expect.arrayContaining(second));
    expect(posted).toHaveLength(40);
    expect(new Set(acceptedNumbers(planned.log)).size).toBe(40);
  });
});

describe("a lane that another process has taken over", () => {
  it("ends the run, which posts, claims and hands back nothing more, and brings late answers once", async () => {
    const planned = await plan(200);
    const { ledger, campaign } = planned;
    const calls: string[] = [];
    let isLost = false;
    let postedAfter = 0;
    const fenced = <A extends unknown[], R>(name: string, verb: (...args: A) => Promise<R>) => {
      return (...args: A): Promise<R> => {
        if (!isLost) return verb(...args);
        calls.push(name);
        return Promise.reject(new LedgerError("lease_lost", "Process 7 on other-host has it."));
      };
    };
    const world = {
      ...planned,
      ledger: {
        ...ledger,
        turn: fenced("turn", ledger.turn),
        setState: fenced("setState", ledger.setState),
        endCampaign: fenced("endCampaign", ledger.endCampaign),
        settleLate: async (...args: Parameters<PlacedLedger["settleLate"]>) => {
          calls.push("settleLate");
          return ledger.settleLate(...args);
        },
      },
    };
    const { end } = await send(world, systemClock, {
      onPost: (nth) => {
        if (nth === 50) {
          isLost = true;
          // The new owner, which has waited for it.
          void ledger.recoverClaims(campaign.id, Date.now());
        }
        if (nth > 50) postedAfter += 1;
      },
    });
    const sentence = "Process 7 on other-host has it.";
    expect(end).toEqual({ kind: "stopped", why: "lane_taken", sentence, goOnAt: null });
    expect(calls).toEqual(["turn", "settleLate"]);
    // What was claimed and committed before; nothing after the loss was known.
    expect(postedAfter).toBeLessThan(20);
    const { counts } = await ledger.tally(campaign.id);
    const numbers = acceptedNumbers(planned.log);
    expect(numbers).toHaveLength(new Set(numbers).size);
    // Each message that Meta took is known, by an answer in time or a late one.
    expect(counts.accepted).toBe(numbers.length);
    expect(await ledger.violations()).toEqual([]);
  });
});

describe("a ledger whose server is out of reach for a while", () => {
  it("is waited for, and answers of the meantime are kept", async () => {
    const planned = await plan(120);
    const { ledger } = planned;
    const faults: string[] = [];
    let left = 0;
    const turn: PlacedLedger["turn"] = async (asked) => {
      if (left === 0) return ledger.turn(asked);
      left -= 1;
      throw new LedgerError("unreachable", "The server is away.");
    };
    const world = { ...planned, ledger: { ...ledger, turn } };
    const { end } = await send(world, systemClock, {
      onPost: (nth) => {
        if (nth === 40) left = 3;
      },
      notice: (event) => {
        if (event.kind === "ledger_fault") faults.push(event.fault);
      },
    });
    expect(end).toEqual({ kind: "finished" });
    // Said once.
    expect(faults).toEqual(["unreachable"]);
    const numbers = acceptedNumbers(planned.log);
    expect([numbers.length, new Set(numbers).size]).toEqual([120, 120]);
    expect((await ledger.tally(planned.campaign.id)).counts).toEqual({ accepted: 120 });
  });

  it("ends the run when that takes too long, and the next one goes on", async () => {
    const planned = await plan(60);
    const { ledger } = planned;
    const clock = wallClock();
    let isAway = false;
    const turn: PlacedLedger["turn"] = async (asked) => {
      if (!isAway) return ledger.turn(asked);
      clock.stop(60_000);
      throw new LedgerError("unreachable", "The server is away.");
    };
    const world = { ...planned, ledger: { ...ledger, turn } };
    const { end } = await send(world, clock, {
      onPost: (nth) => {
        if (nth === 20) isAway = true;
      },
    });
    expect(end).toMatchObject({ kind: "stopped", why: "ledger_unreachable" });
  });
});

describe("a stop from outside", () => {
  const turnOf = (id: number, now: number) => turn(id, { now, claim: 1 });
  const stopAt = (kind: Stop["kind"]): Stop => ({
    kind,
    code: kind === "paused" ? "paused" : "template_paused",
    sentence: "Stopped from outside.",
    at: Date.now(),
  });

  it.each([
    ["paused", { kind: "stopped", why: "paused", sentence: "Stopped from outside.", goOnAt: null }],
    [
      "halted",
      { kind: "halted", halt: { code: "template_paused", sentence: "Stopped from outside." } },
    ],
  ] as const)(
    "(%s) ends the run with what is in flight recorded, and the next one goes on",
    async (kind, expected) => {
      const world = await plan(150);
      const { ledger, campaign, log } = world;
      let after = 0;
      const { end } = await send(world, systemClock, {
        onPost: (nth) => {
          if (nth === 40) void ledger.askStop(campaign.id, stopAt(kind), Date.now());
          if (nth > 40) after += 1;
        },
      });
      expect(end).toEqual(expected);
      // What was claimed when it was asked for, and no more.
      expect(after).toBeLessThan(40);
      const { counts } = await ledger.tally(campaign.id);
      expect(counts.accepted).toBe(acceptedNumbers(log).length);
      expect(Object.keys(counts).sort()).toEqual(["accepted", "pending"]);
      const [record] = await ledger.listCampaigns();
      expect(record?.state).toBe(kind === "paused" ? "stopped" : "halted");

      const again = await send(world, systemClock);
      expect(again).toMatchObject({ end: expected, progress: { posted: 0 } });
      await ledger.askStop(campaign.id, null, Date.now());
      expect((await send(world, systemClock)).end).toEqual({ kind: "finished" });
      expect(new Set(acceptedNumbers(log)).size).toBe(150);
      expect(acceptedNumbers(log)).toHaveLength(150);
    },
  );

  it("is heard by a run that only waits, and so is a cancellation", async () => {
    for (const ask of ["pause", "cancel"]) {
      const world = await plan(1);
      const { ledger, campaign } = world;
      const [first] = (await ledger.turn(turnOf(campaign.id, Date.now()))).claimed;
      const until = Date.now() + 60_000;
      const next = { to: "held" as const, until, reason: "131049" };
      const record = [answerTo(first as Claim, next)];
      await ledger.turn({ ...turnOf(campaign.id, Date.now()), record, claim: 0 });
      const waiting = send(world, systemClock);
      const isRunning = async () => (await ledger.listCampaigns())[0]?.state === "running";
      while (!(await isRunning())) await systemClock.sleep(5);
      if (ask === "pause") await ledger.askStop(campaign.id, stopAt("paused"), Date.now());
      else await ledger.cancel(campaign.id, Date.now());
      const { end } = await waiting;
      expect(end.kind).toBe(ask === "pause" ? "stopped" : "finished");
      const { counts } = await ledger.tally(campaign.id);
      expect(counts).toEqual(ask === "pause" ? { held: 1 } : { cancelled: 1 });
    }
  });

  it("that is a cancellation lets what is in flight be recorded, and hands back the rest", async () => {
    const world = await plan(150);
    const { ledger, campaign, log } = world;
    const { end } = await send(world, systemClock, {
      onPost: (nth) => {
        if (nth === 40) void ledger.cancel(campaign.id, Date.now());
      },
    });
    expect(end).toEqual({ kind: "finished" });
    const { counts } = await ledger.tally(campaign.id);
    expect(counts.accepted).toBe(acceptedNumbers(log).length);
    expect(Object.keys(counts).sort()).toEqual(["accepted", "cancelled"]);
    expect(counts.accepted).toBeLessThan(80);
    expect((await ledger.listCampaigns())[0]?.state).toBe("cancelled");
    expect(await ledger.violations()).toEqual([]);
  });
});

describe("nothing to claim", () => {
  it("lets the rest of the process go on, whatever the ledger says of it", async () => {
    const world = await plan(1);
    const { remaining } = world.ledger;
    let asked = 0;
    let isSettled = false;
    const stop = new AbortController();
    const ledger: PlacedLedger = {
      ...world.ledger,
      remaining: async (...args) => {
        asked += 1;
        if (asked === 1) setTimeout(() => (isSettled = true), 20);
        if (asked === 100_000) stop.abort();
        const left = await remaining(...args);
        return isSettled ? left : { ...left, pending: 1 };
      },
    };
    const { end } = await send({ ...world, ledger }, systemClock, { stop: stop.signal });
    expect(end).toEqual({ kind: "finished" });
    expect(asked).toBeLessThan(100_000);
  });

  it("ends a number of a test that is decided, though others have people of the rest left", async () => {
    const world = await plan(1);
    const seen: TestState = {
      arms: [],
      ...{ lastClaimAt: 1, rest: 5, looks: [], importedAt: null },
      decision: { decidedAt: 1, winner: null, rest: 1, sentence: "", evidence: {} as never },
    };
    let looks = 0;
    const testState = async () => {
      looks += 1;
      return seen;
    };
    const rule = { name: "t", arms: [], metric: "read", waitMs: 1 } as unknown as TestOfRun["rule"];
    const test: TestOfRun = { rule, actor: "a" };
    const ledger: PlacedLedger = { ...world.ledger, testState };
    const { end } = await send({ ...world, ledger }, systemClock, { test });
    expect(end).toEqual({ kind: "finished" });
    expect(looks).toBe(2);
  });
});

describe("the pace", () => {
  it("is kept at a low rate, too, while each answer takes longer than the time between two", async () => {
    const world = await plan(61, { min: 150, max: 200 });
    const posts: number[] = [];
    await send(world, systemClock, { rate: 20, onPost: () => posts.push(performance.now()) });
    // The first goes alone, until its answer shows that the way is clear.
    const seconds = ((posts.at(-1) as number) - (posts[1] as number)) / 1000;
    // Other tests take the cores meanwhile; the bench says how near it comes.
    expect(59 / seconds).toBeGreaterThan(13);
  });

  it("does not fall because turns of the ledger take longer than a slice lasts", async () => {
    const world = await plan(800, { min: 0, max: 0 });
    const { turn } = world.ledger;
    const claims: number[] = [];
    const slow = async (asked: Turn) => {
      if (asked.claim > 0) claims.push(asked.claim);
      await sleep(SLOW_TURN_MS);
      return turn(asked);
    };
    await send({ ...world, ledger: { ...world.ledger, turn: slow } }, systemClock, { rate: 1_000 });
    // A slice of 80 ms at the rate has 80, of which half is left; at 200 a second, which is assumed
    // at least, it has 16.
    expect(Math.max(...claims.slice(-5))).toBeGreaterThan(20);
  });
});
