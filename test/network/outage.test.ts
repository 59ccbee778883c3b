// The network over time: gone for a while and back, gone for good, and there but without answers.
// What is tried meanwhile, and what the people in flight become; the server's own list is the
// proof.

import { afterAll, describe, expect, it } from "vitest";

import { OFFLINE_MAX_MS } from "../../src/domain/sending/halt.ts";
import { numberOf } from "../support/harness.ts";
import { closedPort, healthy } from "./scenes.ts";
import type { ScriptedServer } from "./scripted.ts";
import { http, refusal, startScripted } from "./scripted.ts";
import type { Sent } from "./sending.ts";
import { send } from "./sending.ts";

const open: ScriptedServer[] = [];
afterAll(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function serve(script: Parameters<typeof startScripted>[0]): Promise<ScriptedServer> {
  const server = await startScripted(script);
  open.push(server);
  return server;
}

const wait = (delayMs: number) => new Promise((done) => setTimeout(done, delayMs));

/** Posts that were under way together, at most, among those that began within a time. */
function mostAtOnce({ posts }: Sent, fromMs: number, toMs: number): number {
  const among = posts.filter((post) => post.fromMs >= fromMs && post.fromMs < toMs);
  const crowds = among.map(
    ({ fromMs: at }) => among.filter((post) => post.fromMs <= at && at < post.toMs).length,
  );
  return Math.max(0, ...crowds);
}

/**
 * Every row has an end; nobody was posted to twice; a recipient whose post arrived and was not
 * answered is unknown.
 */
function promisesHold(sent: Sent, server: ScriptedServer): void {
  expect(sent.violations).toEqual([]);
  sent.statuses.forEach((status, index) => {
    const arrived = server.wholeFor(numberOf(index + 1));
    expect(arrived.length, `row ${index + 1}`).toBeLessThanOrEqual(1);
    if (status === "accepted") expect(arrived).toHaveLength(1);
    if (status === "pending") expect(arrived).toHaveLength(0);
  });
}

const number = (sent: Sent, status: string) => sent.statuses.filter((one) => one === status).length;

describe.concurrent("the server goes away in mid-run and comes back", () => {
  it.each([4, 64])("with %i in flight", async (inFlight) => {
    const rows = inFlight * 8;
    let backMs = 0;
    const goAway = async () => {
      await server.close();
      await wait(2000);
      backMs = performance.now();
      await server.listen();
    };
    // Answers take a while, so that others are in flight when all connections are reset.
    const server = await serve({
      request: (socket, request) => {
        if (request.nth === inFlight * 4) void goAway();
        else setTimeout(() => socket.destroyed || healthy(socket, request), 60);
      },
    });
    const sent = await send({ baseUrl: server.url, rows, inFlight });
    expect(sent.end).toEqual({ kind: "finished" });
    promisesHold(sent, server);
    // What was in flight may have arrived; everybody else was sent to afterwards.
    expect(number(sent, "unknown")).toBeLessThanOrEqual(inFlight);
    expect(number(sent, "unknown")).toBeGreaterThan(0);
    expect(number(sent, "accepted")).toBe(rows - number(sent, "unknown"));
    // Two seconds allow tries after 0, 0.5, 1.5 s …, one at a time; the crowd of the first moment
    // is in flight already.
    const refused = sent.posts.filter(({ kind }) => kind === "not_started");
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThanOrEqual(inFlight + 5);
    const noticedMs = Math.min(...refused.map(({ toMs }) => toMs));
    expect(mostAtOnce(sent, noticedMs, backMs)).toBe(1);
  });
});

describe.concurrent("the network is gone for good", () => {
  it("tries now and then, one at a time, and stops in the end with everybody still to be sent to", async () => {
    const { url } = await closedPort();
    // The clock runs 200 times as fast: ten minutes pass in three seconds.
    const sent = await send({ baseUrl: url, rows: 50, inFlight: 16, haste: 200 });
    expect(sent.end).toMatchObject({ kind: "stopped", why: "offline" });
    expect(new Set(sent.statuses)).toEqual(new Set(["pending"]));
    expect(mostAtOnce(sent, 0, Number.POSITIVE_INFINITY)).toBe(1);
    // Pauses of 0.5, 1, 2, 4, 8 and then 15 s.
    const most = 5 + Math.ceil(OFFLINE_MAX_MS / 15_000) + 1;
    expect(sent.attempts.length).toBeLessThanOrEqual(most);
    expect(sent.attempts.length).toBeGreaterThan(10);
    expect(sent.attempts.every(({ startedAt }) => startedAt === null)).toBe(true);
  });
});

describe.concurrent("Meta limits the rate for ever", () => {
  it.each([
    [4, "400 Bad Request"],
    [130429, "429 Too Many Requests"],
  ])(
    "code %i: tries less and less, and stops in the end with everybody still to be sent to",
    async (code, status) => {
      const server = await serve({
        request: (socket, request) => {
          request.refused = true;
          socket.write(http(status, refusal(code), "content-type: application/json"));
        },
      });
      // The clock runs 200 times as fast: fifteen minutes pass in some seconds.
      const sent = await send({ baseUrl: server.url, rows: 50, inFlight: 16, haste: 200 });
      expect(sent.end).toMatchObject({ kind: "stopped", why: "refused_for_now" });
      expect(sent.end).toMatchObject({
        sentence: expect.stringMatching(
          `Meta limits the rate \\(code ${code}\\); .* for 1[5-9] min`,
        ),
      });
      expect(new Set(sent.statuses)).toEqual(new Set(["pending"]));
      // One at a time, at most once in a minute in the end; a run of these fifteen minutes once
      // made some thousand posts.
      expect(server.received.length).toBeLessThan(100);
      expect(sent.violations).toEqual([]);
    },
  );

  it("and nobody is lost or sent to twice when it ends", async () => {
    let refusals = 0;
    const server = await serve({
      request: (socket, request) => {
        const isRefused = request.nth > 20 && refusals < 12;
        if (!isRefused) return healthy(socket, request);
        refusals += 1;
        request.refused = true;
        socket.write(http("400 Bad Request", refusal(80008), "retry-after: 1"));
      },
    });
    const sent = await send({ baseUrl: server.url, rows: 60, inFlight: 4, haste: 50 });
    expect(sent.end).toEqual({ kind: "finished" });
    expect(number(sent, "accepted")).toBe(60);
    const accepted = server.received.filter(({ refused }) => !refused).map(({ to }) => to);
    expect(new Set(accepted).size).toBe(60);
    expect(accepted).toHaveLength(60);
  });
});

describe.concurrent("requests arrive and no answer comes back", () => {
  it("feels its way from the first one on, and halts after ten of them", async () => {
    const server = await serve({ request: (socket) => void socket.destroy() });
    const sent = await send({ baseUrl: server.url, rows: 200, inFlight: 64, haste: 20 });
    expect(sent.end).toMatchObject({ kind: "halted", halt: { code: "no_clear_answer" } });
    promisesHold(sent, server);
    expect(number(sent, "unknown")).toBe(10);
    expect(number(sent, "pending")).toBe(190);
    expect(mostAtOnce(sent, 0, Number.POSITIVE_INFINITY)).toBe(1);
  });

  it("in mid-run: loses what is in flight, and then one at a time", async () => {
    let answers = true;
    const server = await serve({
      request: (socket, request) => {
        if (request.nth > 400) answers = false;
        if (answers) healthy(socket, request);
        else socket.destroy();
      },
    });
    const inFlight = 64;
    const sent = await send({ baseUrl: server.url, rows: 2000, inFlight, haste: 20 });
    expect(sent.end).toMatchObject({ kind: "halted", halt: { code: "no_clear_answer" } });
    promisesHold(sent, server);
    expect(number(sent, "unknown")).toBeLessThanOrEqual(inFlight + 10);
  });

  it("for a short while in mid-run: the crowd in flight is one event, and the run goes on", async () => {
    let darkUntil = 0;
    const server = await serve({
      request: (socket, request) => {
        if (request.nth === 300) darkUntil = performance.now() + 700;
        if (performance.now() > darkUntil) healthy(socket, request);
        else socket.destroy();
      },
    });
    const inFlight = 64;
    const sent = await send({ baseUrl: server.url, rows: 1500, inFlight });
    expect(sent.end).toEqual({ kind: "finished" });
    promisesHold(sent, server);
    expect(number(sent, "unknown")).toBeLessThanOrEqual(inFlight + 5);
    expect(number(sent, "accepted")).toBe(1500 - number(sent, "unknown"));
  });
});
