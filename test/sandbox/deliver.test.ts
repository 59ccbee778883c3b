import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, describe, expect, it } from "vitest";

import type { LogEvent, PostedWebhook } from "../../src/sandbox/server/log-events.ts";
import type { Loose, Running } from "./posting.ts";
import { message, start } from "./posting.ts";
import type { Webhook } from "./webhook.ts";
import { SECRET, startWebhook } from "./webhook.ts";

const ORDER = ["sent", "delivered", "read"];

let sandbox: Running | undefined;
let webhook: Webhook | undefined;

afterEach(async () => {
  await sandbox?.end();
  await webhook?.close();
  sandbox = undefined;
  webhook = undefined;
});

/** A sandbox that tells a webhook. */
async function startReporting(
  hook: Webhook,
  keys: { webhooks?: object; [key: string]: unknown } = {},
  logFile?: string,
): Promise<Running> {
  webhook = hook;
  // One connection: what comes at the same time would be in no order.
  const settings = { url: hook.url, app_secret: SECRET, retry_ms: 10, connections: 1 };
  const webhooks = { ...settings, ...keys.webhooks };
  const scenario = { receipt_delay_ms: 5, pair_limit: false, throughput: null, ...keys, webhooks };
  sandbox = await start(scenario, logFile === undefined ? {} : { logFile });
  return sandbox;
}

/** Posts to numbers of nobody's; gives the message ids. */
async function postTo(running: Running, people: number): Promise<string[]> {
  const ids: string[] = [];
  for (let at = 0; at < people; at += 1) {
    const { json } = await running.post(message(`+55209${10_000_000 + at}`));
    ids.push(json.messages[0].id);
  }
  return ids;
}

function postings(events: LogEvent[]): PostedWebhook[] {
  return events.filter((event) => event.event === "webhook");
}

/** Resolves once nothing is left to be reported, the line of it included. */
async function settled(running: Running): Promise<void> {
  while (running.pending(60_000) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("a delivery", () => {
  it("is signed over its raw bytes, with everything that is not ASCII escaped", async () => {
    const hook = await startWebhook();
    const running = await startReporting(hook);
    await running.post(message("+46701740651"));
    await hook.until(() => hook.posted.length >= 4);
    expect(hook.posted.every(({ isSigned }) => isSigned)).toBe(true);
    const tap = hook.values().at(-1).messages[0];
    expect(tap).toMatchObject({ type: "button", button: { text: "Parar promoções" } });
    expect(hook.posted.at(-1)?.raw).toContain("Parar promo\\u00e7\\u00f5es");
    const receipts = running.events().filter((event) => event.event === "receipt");
    expect(hook.posted.slice(0, 3).map(({ json }) => json)).toEqual(
      receipts.map(({ body }) => body),
    );
  });

  it("comes again until it was answered with 200, each time the same bytes", async () => {
    const answers = [500, undefined, 204, 301];
    const hook = await startWebhook((nth) => (nth <= answers.length ? answers[nth - 1] : 200));
    const running = await startReporting(hook);
    await running.post(message("+46701740610"));
    await hook.until(() => hook.posted.length === 5);
    await settled(running);
    expect(new Set(hook.posted.map(({ raw }) => raw)).size).toBe(1);
    const lines = postings(running.events());
    expect(lines.map(({ attempt, http }) => [attempt, http])).toEqual([
      [1, 500],
      [2, null],
      [3, 204],
      [4, 301],
      [5, 200],
    ]);
    expect(lines[1]?.cause).toBe("ECONNRESET");
    const waits = hook.posted.slice(1).map(({ at }, index) => at - (hook.posted[index]?.at ?? 0));
    // Doubled each time: 10, 20, 40, 80 ms, a fifth more or less; on a busy machine longer.
    for (const [index, wait] of waits.entries()) expect(wait).toBeGreaterThan(7 * 2 ** index);
  });

  it("is given up after the time for it, and the log says so", async () => {
    const hook = await startWebhook(() => 500);
    const running = await startReporting(hook, { webhooks: { give_up_ms: 300 } });
    await running.post(message("+46701740610"));
    await settled(running);
    const lines = postings(running.events());
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.map((line) => line.gave_up ?? false)).toEqual(
      lines.map((_, at) => at === lines.length - 1),
    );
  });

  it("has several updates at a time, and the webhook is asked no more often than it may", async () => {
    const hook = await startWebhook(() => 200, { holdMs: 20 });
    const running = await startReporting(hook, {
      webhooks: { batch: 10, connections: 2 },
      shares: { read: 1 },
    });
    const ids = await postTo(running, 40);
    await hook.until(() => hook.statuses().length === 120);
    expect(hook.mostOpen()).toBe(2);
    const sizes = hook.posted.map(({ json }) => json.entry[0].changes.length as number);
    expect(Math.max(...sizes)).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(10);
    expect(new Set(hook.statuses().map(([id]) => id))).toEqual(new Set(ids));
  });

  it("stands in the log after what it tells, and names it", async () => {
    const hook = await startWebhook();
    const running = await startReporting(hook, { webhooks: { batch: 5 } });
    await postTo(running, 5);
    await settled(running);
    const events = running.events();
    const reported = events.filter(({ event }) => event === "receipt").map(({ seq }) => seq);
    const lines = postings(events);
    for (const { seq, updates } of lines) expect(Math.max(...updates)).toBeLessThan(seq);
    expect(lines.flatMap(({ updates }) => updates).sort((a, b) => a - b)).toEqual(reported);
    expect((await running.call("GET", "/_sandbox")).json.counters).toMatchObject({
      receipts: reported.length,
      deliveries: lines.length,
    });
  });
});

describe("what comes otherwise than it happened", () => {
  it("comes twice", async () => {
    const hook = await startWebhook();
    const running = await startReporting(hook, {
      webhooks: { duplicates: 1 },
      shares: { read: 1 },
    });
    await postTo(running, 3);
    await settled(running);
    const times = new Map<string, number>();
    for (const one of hook.statuses()) times.set(`${one}`, (times.get(`${one}`) ?? 0) + 1);
    expect([...times.values()]).toEqual(new Array(9).fill(2));
    const lines = postings(running.events());
    expect(lines.filter(({ again }) => again === true)).toHaveLength(lines.length / 2);
  });

  it("comes after what happened later", async () => {
    const hook = await startWebhook();
    const running = await startReporting(hook, {
      receipt_delay_ms: 30,
      webhooks: { disorder: 0.5 },
      shares: { read: 1 },
    });
    const ids = await postTo(running, 30);
    await settled(running);
    const order = ids.map((id) =>
      hook
        .statuses()
        .filter((one) => one[0] === id)
        .map(([, is]) => is),
    );
    expect(order.every((one) => one.toSorted().join() === ORDER.toSorted().join())).toBe(true);
    const wrong = order.filter((one) => one.join() !== ORDER.join()).length;
    expect(wrong).toBeGreaterThan(5);
    expect(wrong).toBeLessThan(30);
  });

  it("never comes, for the same people and receipts every time", async () => {
    const left: string[][] = [];
    for (let run = 0; run < 2; run += 1) {
      const hook = await startWebhook();
      const running = await startReporting(hook, { webhooks: { lost: 0.3 }, shares: { read: 1 } });
      const ids = await postTo(running, 20);
      await settled(running);
      left.push(
        hook
          .statuses()
          .map(([id, status]) => `${ids.indexOf(id)} ${status}`)
          .sort(),
      );
      await running.end();
      await hook.close();
    }
    expect(left[0]).toEqual(left[1]);
    expect(left[0]?.length).toBeGreaterThan(25);
    expect(left[0]?.length).toBeLessThan(55);
  });

  it.each([
    ["+46701740660", ["read", "delivered", "sent"]],
    ["+46701740661", ["sent", "sent", "delivered", "delivered", "read", "read"]],
    ["+46701740662", []],
    ["+46701740663", ORDER],
  ])("comes to %s as %j", async (to, expected) => {
    const hook = await startWebhook();
    const running = await startReporting(hook, { receipt_delay_ms: 20 });
    let isAnswered = false;
    const answered = running.post(message(to)).then(() => {
      isAnswered = true;
    });
    if (to === "+46701740663") {
      await hook.until(() => hook.posted.length > 0);
      expect(isAnswered).toBe(false);
    }
    await answered;
    await settled(running);
    expect(hook.statuses().map(([, status]) => status)).toEqual(expected);
  });
});

describe("the handshake", () => {
  it("comes first, and again until it is answered", async () => {
    const hook = await startWebhook((nth) => (nth === 1 ? 503 : 200), { verifyToken: "right" });
    const running = await startReporting(hook, { webhooks: { verify_token: "right" } });
    await running.post(message("+46701740610"));
    await hook.until(() => hook.posted.length === 1);
    await settled(running);
    const events = running.events();
    expect(
      events.flatMap((one) => (one.event === "handshake" ? [[one.ok, one.http]] : [])),
    ).toEqual([
      [false, 503],
      [true, 200],
    ]);
    const shaken = events.findLastIndex(({ event }) => event === "handshake");
    expect(events.findIndex(({ event }) => event === "webhook")).toBeGreaterThan(shaken);
  });

  it("with a wrong token leaves everything pending", async () => {
    const hook = await startWebhook(() => 200, { verifyToken: "right" });
    const running = await startReporting(hook, {
      webhooks: { verify_token: "wrong", retry_ms: 1 },
    });
    await running.post(message("+46701740610"));
    const tries = (): number =>
      running.events().filter(({ event }) => event === "handshake").length;
    while (tries() < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(hook.posted).toEqual([]);
    expect(running.pending(0)).toBe(1);
  });
});

describe("a sandbox that goes on with a log", () => {
  it("tells what the one before it accepted, and what was not answered with 200", async () => {
    const logFile = join(tmpdir(), `sandbox-recall-${process.pid}.jsonl`);
    try {
      const deaf = await startWebhook((nth) => (nth <= 4 ? 200 : 500));
      const first = await startReporting(deaf, { shares: { read: 1 } }, logFile);
      const ids = await postTo(first, 6);
      await deaf.until(() => deaf.posted.length >= 8);
      // As a kill would: nothing is reported, or written, after it.
      await first.close();
      const heard = deaf.statuses();
      await deaf.close();
      const hook = await startWebhook();
      const second = await startReporting(hook, { shares: { read: 1 } }, logFile);
      await settled(second);
      const all = [...heard, ...hook.statuses()].map(([id, status]) => `${id} ${status}`);
      expect(all.sort()).toEqual(ids.flatMap((id) => ORDER.map((one) => `${id} ${one}`)).sort());
      await second.close();
      const third = await startReporting(hook, { shares: { read: 1 } }, logFile);
      expect(third.pending(60_000)).toBe(0);
    } finally {
      await rm(logFile, { force: true });
    }
  });

  it("goes on without a word of how it ended, and with the fates of then", async () => {
    const logFile = join(tmpdir(), `sandbox-recall-kill-${process.pid}.jsonl`);
    try {
      // Reported nobody: no line about a webhook, and none at the end.
      const first = await start({ receipt_delay_ms: 60_000 }, { logFile });
      const posted = await first.post(
        message("+46701740611", { biz_opaque_callback_data: "mm1.a.1.1.1" }),
      );
      await first.close();
      const hook = await startWebhook();
      const second = await startReporting(hook, { receipt_delay_ms: 0 }, logFile);
      await settled(second);
      const [status] = hook.values().map((value: Loose) => value.statuses[0]);
      expect(status).toMatchObject({
        id: posted.json.messages[0].id,
        status: "failed",
        biz_opaque_callback_data: "mm1.a.1.1.1",
        errors: [{ code: 131050 }],
      });
    } finally {
      await rm(logFile, { force: true });
    }
  });
});
