// The pacer with real timers, and the begin instants that it lets happen.

import { describe, expect, it, vi } from "vitest";

import { systemClock } from "../../src/clock/clock.ts";
import { makePacer } from "../../src/clock/pacer.ts";

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

/** Lets so many messages begin, however long a busy machine takes for them. */
async function drive(rate: number, messages: number, connectMs: () => number) {
  const pacer = makePacer({
    lane: "1",
    messagesPerSecond: rate,
    maxInFlight: 512,
    before: undefined,
    clock: systemClock,
  });
  const begins: number[] = [];
  const tasks: Promise<void>[] = [];
  for (let nth = 0; nth < messages; nth += 1) {
    if (!(await pacer.permit(never))) break;
    const passage = pacer.enter();
    const pass = async () => {
      const wait = connectMs();
      if (wait > 0) await systemClock.sleep(wait);
      passage.begins();
      begins.push(performance.now());
      passage.leaves();
    };
    tasks.push(pass());
  }
  await Promise.all(tasks);
  return begins;
}

describe("the pacer", () => {
  it.each([20, 80, 300])("holds %d a second", async (rate) => {
    // Bare timers of the same rate are late, too, where other tests take the cores.
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
    }, 1000 / rate);
    const begins = await drive(rate, 2 * rate, () => 0);
    clearInterval(timer);
    expect(worstSecond(begins)).toBeLessThanOrEqual(rate);
    // How near it comes is the bench's to say.
    expect(begins).toHaveLength(2 * rate);
    expect(begins.length).toBeGreaterThan(ticks * 0.6);
  });

  it("goes on, and holds it, when the wall clock is set back by an hour", async () => {
    const now = Date.now.bind(Date);
    let nth = 0;
    const clock = vi.spyOn(Date, "now");
    try {
      const begins = await drive(100, 150, () => {
        if (nth++ === 20) clock.mockImplementation(() => now() - 3_600_000);
        return 0;
      });
      expect(begins).toHaveLength(150);
      expect(worstSecond(begins)).toBeLessThanOrEqual(100);
    } finally {
      clock.mockRestore();
    }
  });

  it("holds it when connections come late and all together", async () => {
    let nth = 0;
    // The first fifty wait for their connection and then begin as one crowd.
    const begins = await drive(100, 200, () => (nth++ < 50 ? 600 : 0));
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
    expect(performance.now() - since).toBeLessThan(30_000);
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

  it("gives no permit once it is closed, and leaves nothing that waits", async () => {
    const timers = new Set<() => void>();
    const timer: typeof systemClock.timer = (delayMs, wake) => {
      const cancel = systemClock.timer(delayMs, wake);
      const end = () => {
        timers.delete(end);
        cancel();
      };
      timers.add(end);
      return end;
    };
    const pacer = makePacer({
      lane: "1",
      messagesPerSecond: 100,
      maxInFlight: 9,
      before: undefined,
      clock: { ...systemClock, timer },
    });
    expect(await pacer.permit(never)).toBe(true);
    pacer.giveBack();
    expect(timers.size).toBeGreaterThan(1);
    const waits = (async () => {
      while (await pacer.permit(never)) pacer.giveBack();
    })();
    await pacer.close();
    await waits;
    expect(timers.size).toBe(0);
    expect(await pacer.permit(never)).toBe(false);
    expect(pacer.permitNow()).toBe(false);
  });

  it.each([
    // Bundles of 20, 20 ms apart.
    { rate: 1000, asked: 10 },
    { rate: 100, asked: 10 },
    { rate: 20, asked: 4 },
    { rate: 1, asked: 1 },
  ])(
    "asks for what $rate a second allow in a fifth of a second, so that it can be made up",
    async (of) => {
      const waits: (() => void)[] = [];
      const spacing = {
        next: () => new Promise<void>((resolve) => waits.push(resolve)),
        stop: async () => {},
      };
      const pacer = makePacer({
        lane: "1",
        messagesPerSecond: of.rate,
        maxInFlight: 9,
        before: undefined,
        clock: systemClock,
        spacing,
      });
      const permitted = pacer.permit(never);
      expect(waits).toHaveLength(of.asked);
      // All of them while this process was busy.
      for (const come of waits) come();
      expect(await permitted).toBe(true);
      const permits = of.asked * Math.ceil(of.rate / 50);
      for (let nth = 1; nth < permits; nth += 1) {
        expect(pacer.permitNow()).toBe(true);
        // So that the window has room for the next one.
        pacer.giveBack();
      }
      expect(pacer.permitNow()).toBe(false);
      expect(waits).toHaveLength(of.asked);
    },
  );

  it("bounds what is in flight", async () => {
    const pacer = makePacer({
      lane: "1",
      messagesPerSecond: null,
      maxInFlight: 3,
      before: undefined,
      clock: systemClock,
    });
    const passages = [];
    for (let left = pacer.room(); left > 0; left -= 1) {
      expect(await pacer.permit(never)).toBe(true);
      passages.push(pacer.enter());
    }
    expect(passages).toHaveLength(3);
    expect([pacer.room(), pacer.inFlight()]).toEqual([0, 3]);
    expect(() => pacer.enter()).toThrow("room");
    // One that never began leaves room as one that did.
    passages[0]?.begins();
    passages[0]?.leaves();
    passages[1]?.leaves();
    expect([pacer.room(), pacer.inFlight()]).toEqual([2, 1]);
  });
});
