// What a page that is watched gets: its parts at once, what changes of them, and an end. And how
// often the ledger is asked for that.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/clock/clock.ts";
import type { CampaignRecord } from "../../../src/domain/campaign/campaign.ts";
import type { Clock } from "../../../src/domain/sending/pace.ts";
import { makeLooks } from "../../../src/web/live/looks.ts";
import { accepted, answerTo, send, turn } from "../../ledger/conformance/builders.ts";
import type { TestPage, Visitor } from "./live.builders.ts";
import { plannedCampaign, startTestPage } from "./live.builders.ts";

interface Event {
  event: string;
  data: Record<string, string>;
}

/** Watches a page as a browser does. */
async function watch(page: TestPage, visitor: Visitor, path: string) {
  const leave = new AbortController();
  const headers = { cookie: visitor.cookie() };
  const response = await fetch(`${page.url}${path}`, { headers, signal: leave.signal });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = "";
  return {
    response,
    leave: () => leave.abort(),
    /** The next event; undefined once the stream has ended. */
    async next(): Promise<Event | undefined> {
      for (;;) {
        const end = text.indexOf("\n\n");
        if (end === -1) {
          const { value, done } = await reader.read();
          if (done) return undefined;
          text += decoder.decode(value, { stream: true });
          continue;
        }
        const lines = text.slice(0, end).split("\n");
        text = text.slice(end + 2);
        const field = (name: string) =>
          lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
        const event = field("event");
        if (event !== undefined) return { event, data: JSON.parse(field("data") ?? "{}") };
      }
    },
  };
}

describe("a page that is watched", () => {
  let page: TestPage;
  let visitor: Visitor;
  let campaign: CampaignRecord;

  beforeEach(async () => {
    page = await startTestPage();
    visitor = await page.loggedIn();
    const rows = [1, 2, 3, 4].map((row) => send(row));
    campaign = await plannedCampaign(page.ledger, "spring", rows);
  });
  afterEach(() => page.close());

  async function post(rows: number): Promise<void> {
    const { claimed } = await page.ledger.turn(turn(campaign.id, { claim: rows }));
    const record = claimed.map((claim) => answerTo(claim, accepted(claim.row)));
    await page.ledger.turn(turn(campaign.id, { record }));
  }

  it("gets all of its parts first, then only what changed, and an end with the logout", async () => {
    const stream = await watch(page, visitor, "/campaigns/spring/events");
    expect(stream.response.headers.get("content-type")).toContain("text/event-stream");
    expect(stream.response.headers.get("content-security-policy")).toContain("default-src 'none'");
    const first = await stream.next();
    expect(first?.event).toBe("parts");
    expect(Object.keys(first?.data ?? {})).toEqual(
      expect.arrayContaining(["state", "facts", "actions", "bar", "tiles", "reach", "open"]),
    );
    expect(first?.data.bar).toContain("0 of 4 people sent to");

    await post(3);
    const second = await stream.next();
    expect(second?.data.bar).toContain("3 of 4 people sent to");
    expect(second?.data).not.toHaveProperty("state");
    expect(second?.data).not.toHaveProperty("actions");

    await visitor.post("/campaigns/spring/pause");
    const third = await stream.next();
    expect(third?.data.state).toContain("Paused on the live page");
    expect(third?.data.actions).toContain("unpause");

    await visitor.post("/logout");
    expect((await stream.next())?.event).toBe("end");
    expect(await stream.next()).toBeUndefined();
  });

  it("has what is on the page in its first parts", async () => {
    const stream = await watch(page, visitor, "/campaigns/spring/events");
    const { data } = (await stream.next()) as Event;
    const { text } = await visitor.get("/campaigns/spring");
    for (const [name, part] of Object.entries(data)) expect(text, name).toContain(part);
    stream.leave();
  });

  it("is reported of new campaigns on the list", async () => {
    const stream = await watch(page, visitor, "/events");
    expect((await stream.next())?.data.under_way).toContain("spring");
    await plannedCampaign(page.ledger, "summer", [send(1)]);
    expect((await stream.next())?.data.under_way).toContain("summer");
    stream.leave();
  });

  it("ends with the server, which does not wait for the browsers that watch", async () => {
    const stream = await watch(page, visitor, "/campaigns/spring/events");
    await stream.next();
    await page.close();
    expect((await stream.next())?.event).toBe("end");
    page = await startTestPage();
  });

  it("does not exist for a campaign that does not", async () => {
    const stream = await watch(page, visitor, "/campaigns/nobody/events");
    expect((await stream.next())?.event).toBe("end");
  });

  it("lets in only so many", async () => {
    const streams = [];
    for (let at = 0; at < 64; at += 1) streams.push(await watch(page, visitor, "/events"));
    expect((await visitor.get("/events")).status).toBe(503);
    for (const { leave } of streams) leave();
  });
});

describe("a look at a campaign of many rows", () => {
  /** A clock that moves when it is set to, and a ledger whose rows take `costMs` to be counted. */
  function makeWorld(costMs: number) {
    let now = 0;
    const timers = new Set<{ at: number; wake(): void }>();
    const clock: Clock = {
      ...systemClock,
      now: () => now,
      monotonic: () => now,
      timer(delayMs, wake) {
        const timer = { at: now + delayMs, wake };
        timers.add(timer);
        return () => timers.delete(timer);
      },
    };
    const asked = { tally: 0, remaining: 0, isRunning: 0 };
    const left = { pending: 1_000_000, claimed: 0, held: 0, nextDueAt: null, accepted: true };
    const campaign = { id: 1, name: "big", state: "running", rows: 1_000_000 } as CampaignRecord;
    const looks = makeLooks({
      clock,
      settingsOf: async () => null,
      onError: (error) => {
        throw error;
      },
      ledger: {
        listCampaigns: async () => [campaign],
        findCampaign: async () => campaign,
        dailyLimit: async () => null,
        rampState: async () => {
          throw new Error("a campaign without a manifest has no ramp");
        },
        testState: async () => {
          throw new Error("a campaign without a manifest has no test");
        },
        insightsOf: async () => null,
        worthOf: async () => null,
        engagement: async () => {
          throw new Error("nobody looked at what Meta counted");
        },
        recentPosts: async () => ({ bucketMs: 1_000, buckets: [] }),
        async tally() {
          asked.tally += 1;
          now += costMs;
          return { rows: 1_000_000, counts: {}, reasons: {} } as never;
        },
        async remaining() {
          asked.remaining += 1;
          left.pending -= 100;
          return { ...left };
        },
        async isRunning() {
          asked.isRunning += 1;
          return true;
        },
      },
    });
    const settled = () => new Promise((done) => setImmediate(done));
    return {
      asked,
      looks,
      timers,
      async pass(ms: number): Promise<void> {
        const until = now + ms;
        for (;;) {
          const [next] = [...timers].sort((a, b) => a.at - b.at);
          if (next === undefined || next.at > until) break;
          timers.delete(next);
          now = Math.max(now, next.at);
          next.wake();
          await settled();
          await settled();
        }
        now = Math.max(now, until);
      },
    };
  }

  it("asks nothing while nobody watches, and once for all who do", async () => {
    const { pass, asked, looks, timers } = makeWorld(1);
    await pass(10_000);
    expect(asked.remaining).toBe(0);
    const stops = Array.from({ length: 20 }, () => looks.watch(() => void looks.look("big", 0)));
    await pass(10_000);
    expect(asked.remaining).toBeGreaterThanOrEqual(9);
    expect(asked.remaining).toBeLessThanOrEqual(11);
    expect(asked.tally).toBeLessThanOrEqual(11);
    for (const stop of stops) stop();
    await pass(60_000);
    expect(asked.remaining).toBeLessThanOrEqual(11);
    expect(timers.size).toBe(0);
  });

  it("counts a twentieth of the time at most, and tells the rest by the second", async () => {
    const { pass, asked, looks } = makeWorld(1_000);
    looks.watch(() => void looks.look("big", 0));
    await pass(200_000);
    expect(asked.tally).toBeGreaterThanOrEqual(8);
    expect(asked.tally).toBeLessThanOrEqual(12);
    expect(asked.remaining).toBeGreaterThan(150);
    // What moves is not asked whether it runs.
    expect(asked.isRunning).toBeLessThanOrEqual(2);
    const look = await looks.look("big", 0);
    expect(look?.rate).toBeCloseTo(100, -1);
  });
});
