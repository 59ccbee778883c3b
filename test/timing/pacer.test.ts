// The pacer with real timers, and the begin instants that it lets happen.

import { describe, expect, it } from "vitest";

import { systemClock } from "../../src/timing/clock.ts";
import { makePacer } from "../../src/timing/pacer.ts";

const never = new AbortController().signal;

/** Most begins in any window of one second. */
function worstSecond(begins: number[]): number {
  let worst = 0;
  let from = 0;
  begins.forEach((at, index) => {
    while (at - (begins[from] as number) >= 1000) from += 1;
    worst = Math.max(worst, index - from + 1);
  });
  return worst;
}

async function drive(rate: number, forMs: number, connectMs: () => number) {
  const pacer = makePacer({
    lane: "1",
    messagesPerSecond: rate,
    maxInFlight: 512,
    before: undefined,
    clock: systemClock,
  });
  const begins: number[] = [];
  const tasks: Promise<void>[] = [];
  const from = performance.now();
  while (performance.now() - from < forMs) {
    if (!(await pacer.permit(never))) break;
    tasks.push(
      pacer.run(async (begin) => {
        const wait = connectMs();
        if (wait > 0) await systemClock.sleep(wait);
        begin();
        begins.push(performance.now());
      }),
    );
  }
  await Promise.all(tasks);
  return begins;
}

describe("the pacer", () => {
  it.each([20, 80, 300])("holds %d a second", async (rate) => {
    const begins = await drive(rate, 2500, () => 0);
    expect(worstSecond(begins)).toBeLessThanOrEqual(rate);
    // How near it comes is the bench's to say: here other tests take the cores.
    expect(begins.length).toBeGreaterThan(rate * 2.5 * 0.6);
  });

  it("holds it when connections come late and all together", async () => {
    let nth = 0;
    // The first fifty wait for their connection and then begin as one crowd.
    const begins = await drive(100, 2500, () => (nth++ < 50 ? 600 : 0));
    expect(worstSecond(begins)).toBeLessThanOrEqual(100);
  });

  it("waits out what an earlier process used, and no longer", async () => {
    const before = { lane: "1", usedUntil: Date.now(), factor: 1 };
    const from = performance.now();
    const pacer = makePacer({
      lane: "1",
      messagesPerSecond: 10,
      maxInFlight: 1,
      before,
      clock: systemClock,
    });
    await pacer.permit(never);
    expect(performance.now() - from).toBeGreaterThan(1000);
    const future = { lane: "1", usedUntil: Date.now() + 9e9, factor: 1 };
    const jumped = makePacer({
      lane: "1",
      messagesPerSecond: 10,
      maxInFlight: 1,
      before: future,
      clock: systemClock,
    });
    const since = performance.now();
    await jumped.permit(never);
    expect(performance.now() - since).toBeLessThan(2500);
  });

  it("gives no permit after the signal", async () => {
    const stop = new AbortController();
    stop.abort();
    const pacer = makePacer({
      lane: "1",
      messagesPerSecond: 10,
      maxInFlight: 1,
      before: undefined,
      clock: systemClock,
    });
    expect(await pacer.permit(stop.signal)).toBe(false);
  });

  it("bounds what is in flight", async () => {
    const pacer = makePacer({
      lane: "1",
      messagesPerSecond: null,
      maxInFlight: 3,
      before: undefined,
      clock: systemClock,
    });
    let most = 0;
    let now = 0;
    const task = async (begin: () => void) => {
      begin();
      now += 1;
      most = Math.max(most, now);
      await systemClock.sleep(1);
      now -= 1;
    };
    await Promise.all(
      Array.from({ length: 30 }, () => pacer.permit(never).then(() => pacer.run(task))),
    );
    expect(most).toBe(3);
    expect(pacer.room()).toBe(3);
  });
});
