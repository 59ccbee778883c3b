import { describe, expect, it } from "vitest";

import { CODE_RULES, isOfAll, isOfPerson } from "../../../src/domain/sending/error-codes.ts";
import type { RunGate } from "../../../src/domain/sending/halt.ts";
import {
  NO_ANSWER_MAX,
  OFFLINE_MAX_MS,
  observe,
  REFUSED_MAX_MS,
  startWatch,
} from "../../../src/domain/sending/halt.ts";
import type { Exchange } from "../../../src/domain/sending/outcome.ts";
import { readExchange } from "../../../src/domain/sending/outcome.ts";

const refused = (
  code: number,
  { httpStatus = 400, details = "", waitMs = null as number | null } = {},
) =>
  see({
    kind: "answered",
    httpStatus,
    truncated: false,
    body: JSON.stringify({
      error: {
        code,
        message: `(#${code}) said`,
        ...(details !== "" && { error_data: { details } }),
      },
    }),
    waitMs,
  });
const accepted = () =>
  see({ kind: "answered", httpStatus: 200, truncated: false, body: '{"messages":[{"id":"w"}]}' });
const lost = () => see({ kind: "lost", cause: "UND_ERR_SOCKET", httpStatus: null });
const foreign = () =>
  see({ kind: "answered", httpStatus: 403, truncated: false, body: "<html>no</html>" });
const offline = (fatal = false) => see({ kind: "not_started", cause: "ECONNREFUSED", fatal });
function see(exchange: Exchange, region = "BR") {
  return readExchange(exchange, region);
}

/** Feeds the same outcome until the run halts; the number of times, null when it never does. */
function timesUntilHalt(watch: RunGate, code: number, most = 2_000): number | null {
  for (let times = 1; times <= most; times += 1) {
    observe(watch, refused(code), times);
    if (watch.halt !== null) return times;
  }
  return null;
}

describe("halting", () => {
  it("halts at once on everything that concerns campaign, number or account", () => {
    for (const rule of CODE_RULES.filter(isOfAll)) {
      const watch = startWatch(null, true);
      observe(watch, refused(rule.code, { httpStatus: 401 }), 0);
      expect(watch.halt?.code, String(rule.code)).toBe(String(rule.code));
      expect(watch.halt?.sentence).toContain(rule.todo);
      expect(watch.halt?.isStreak).toBeUndefined();
    }
  });

  it("never halts for one bad recipient", () => {
    for (const rule of CODE_RULES.filter((one) => !isOfAll(one))) {
      const watch = startWatch(null, true);
      observe(watch, refused(rule.code), 0);
      observe(watch, accepted(), 1);
      expect(watch.halt, String(rule.code)).toBeNull();
      expect(watch.mode).toBe("open");
    }
  });

  it("never halts for what is about people, however many come in a row", () => {
    for (const rule of CODE_RULES.filter(isOfPerson)) {
      const watch = startWatch(null, true);
      expect(timesUntilHalt(watch, rule.code), String(rule.code)).toBeNull();
      expect(watch.mode).toBe("open");
    }
  });

  it("does not halt for a country that Meta refuses", () => {
    expect(timesUntilHalt(startWatch(null, true), 130497)).toBeNull();
  });

  it.each([132000, 132012, 131030, 131008, 777777])(
    "halts when code %i comes ten times in a row, and bears ten times as many after it",
    (code) => {
      const watch = startWatch(null, true);
      expect(timesUntilHalt(watch, code)).toBe(10);
      expect(watch.halt).toMatchObject({ code: String(code), isStreak: true });
      expect(watch.halt?.sentence).toContain("goes on until 100 come in a row");
      expect(
        timesUntilHalt(startWatch(String(code), true, { streakHalts: { [code]: 1 } }), code),
      ).toBe(100);
      expect(
        timesUntilHalt(startWatch(String(code), true, { streakHalts: { [code]: 2 } }), code),
      ).toBe(1_000);
    },
  );

  it("feels its way while a code is new, and not when a person let it go on", () => {
    const watch = startWatch(null, true);
    observe(watch, accepted(), 0);
    observe(watch, refused(132012), 1);
    expect(watch.mode).toBe("probe");
    const again = startWatch("132012", true, { streakHalts: { 132012: 1 } });
    observe(again, refused(132012), 1);
    expect(again.mode).toBe("open");
  });

  it("counts from 0 after an accepted message, and on after a failure that is about its person", () => {
    const watch = startWatch(null, true);
    for (let i = 0; i < 50; i += 1) observe(watch, i % 3 === 2 ? accepted() : refused(132000), i);
    expect(watch.halt).toBeNull();
    const mixed = startWatch(null, true);
    for (let i = 0; i < 19; i += 1) observe(mixed, refused(i % 2 === 0 ? 132012 : 131026), i);
    expect(mixed.halt?.code).toBe("132012");
  });

  it("stops when no answer is clear, after feeling its way", () => {
    const watch = startWatch(null, true);
    observe(watch, accepted(), 0);
    for (let i = 1; i < NO_ANSWER_MAX; i += 1) observe(watch, lost(), watch.notBefore + i);
    expect(watch.halt).toBeNull();
    expect(watch.mode).toBe("probe");
    expect(watch.notBefore).toBeGreaterThan(NO_ANSWER_MAX);
    observe(watch, lost(), watch.notBefore);
    expect(watch.halt?.code).toBe("no_clear_answer");
    expect(watch.halt?.sentence).toContain("See whether Meta is up");
  });

  it("says what answered instead of Meta", () => {
    const watch = startWatch("no_clear_answer", true);
    observe(watch, foreign(), 0);
    expect(watch.halt?.sentence).toContain("HTTP 403 without an error of Meta's: no");
    expect(watch.halt?.sentence).toContain("See what answers at account.base_url");
  });

  it("takes a crowd that is lost together for one event", () => {
    const watch = startWatch(null, true);
    observe(watch, accepted(), 0);
    for (let i = 0; i < 500; i += 1) observe(watch, lost(), 1 + i / 10);
    expect(watch.halt).toBeNull();
    expect(watch.mode).toBe("probe");
    expect(watch.notBefore).toBeLessThan(1000);
  });
});

describe("waiting", () => {
  it("begins with one at a time", () => {
    expect(startWatch(null, false).mode).toBe("probe");
  });

  it("takes many failed connections for one event, and backs off", () => {
    const watch = startWatch(null, true);
    observe(watch, offline(), 0);
    const first = watch.notBefore;
    for (let i = 0; i < 50; i += 1) observe(watch, offline(), first / 2);
    expect(watch.notBefore).toBe(first);
    observe(watch, offline(), first + 1);
    expect(watch.notBefore - (first + 1)).toBe(2 * first);
    observe(watch, accepted(), first + 2);
    expect(watch).toMatchObject({ mode: "open", offlineSince: null, waiting: null });
  });

  it("gives the run up when the network stays away", () => {
    const watch = startWatch(null, true);
    observe(watch, offline(), 0);
    observe(watch, offline(), OFFLINE_MAX_MS);
    expect(watch.giveUp).toMatchObject({ why: "offline", afterMs: null });
    expect(watch.giveUp?.sentence).toContain("10 min");
    expect(watch.halt).toBeNull();
  });

  it("halts on a certificate that is not Meta's", () => {
    const watch = startWatch(null, true);
    observe(watch, offline(true), 0);
    expect(watch.halt?.code).toBe("connection");
  });

  it("only gives up on it here where other machines send the campaign, too", () => {
    const watch = startWatch(null, true, { leavesToOthers: true });
    observe(watch, offline(true), 0);
    expect(watch).toMatchObject({ halt: null, giveUp: { why: "offline", afterMs: null } });
    expect(watch.giveUp?.sentence).toMatch(/^No safe connection to Meta is possible: /);
  });

  it.each([134101, 131009])("waits for a template that is still syncing (%i)", (code) => {
    const watch = startWatch(null, false);
    observe(watch, refused(code), 0);
    expect(watch.notBefore).toBe(600_000);
    expect(watch.waiting).toContain("may still be syncing");
    expect(watch.halt).toBeNull();
  });

  it("does not wait for a sync where 131009 names what is wrong", () => {
    const watch = startWatch(null, false);
    const details = "Button at index 0 of type Url requires a parameter";
    for (let i = 0; i < 9; i += 1) observe(watch, refused(131009, { details }), i);
    expect(watch).toMatchObject({ notBefore: 0, waiting: null, halt: null });
    observe(watch, refused(131009, { details }), 9);
    expect(watch.halt?.code).toBe("131009");
  });
});

/**
 * Sends one request whenever the watch lets one go, with the same outcome each time; the pauses,
 * until the run gives up.
 */
function pausesUntilGiveUp(outcome: ReturnType<typeof refused>): {
  pauses: number[];
  watch: RunGate;
  at: number;
} {
  const watch = startWatch(null, true);
  const pauses: number[] = [];
  let now = 1_000_000;
  while (watch.giveUp === null && watch.halt === null) {
    observe(watch, outcome, now);
    const pause = Math.max(0, watch.notBefore - now);
    pauses.push(pause);
    // A lane that may post at once is answered after a while.
    now += Math.max(pause, 1_000);
    if (pauses.length > 1_000) throw new Error("never gives up");
  }
  return { pauses, watch, at: now - 1_000_000 };
}

describe("a lane that Meta throttles", () => {
  it("goes on as before while messages are accepted in between", () => {
    const watch = startWatch(null, true);
    observe(watch, accepted(), 0);
    for (let now = 0; now < 60_000; now += 100) {
      observe(watch, refused(130429), now);
      observe(watch, accepted(), now + 50);
      expect(watch).toMatchObject({ mode: "open", notBefore: 0 });
    }
    expect(watch.limited).toBe("Meta limits the rate (code 130429)");
  });

  it("pauses for longer and longer while none is, and ends after fifteen minutes", () => {
    const { pauses, watch } = pausesUntilGiveUp(refused(4));
    expect(pauses.slice(0, 9)).toEqual([0, 1, 2, 4, 8, 16, 32, 64, 128].map((s) => s * 1_000));
    expect(Math.max(...pauses)).toBe(300_000);
    expect(pauses.length).toBeLessThan(16);
    expect(watch.giveUp).toEqual({
      why: "refused_for_now",
      sentence: "Meta limits the rate (code 4); it has accepted no message for 15 min",
      afterMs: 3_600_000,
    });
  });

  it("looks again every minute where the limit is one of a second", () => {
    const { pauses, watch } = pausesUntilGiveUp(refused(130429));
    expect(Math.max(...pauses)).toBe(60_000);
    expect(watch.giveUp?.afterMs).toBe(REFUSED_MAX_MS);
  });

  it("takes a crowd in flight for one event", () => {
    const watch = startWatch(null, true);
    observe(watch, accepted(), 0);
    for (let i = 0; i < 500; i += 1) observe(watch, refused(4), 1_000 + i);
    expect(watch).toMatchObject({ mode: "open", notBefore: 0 });
    for (let i = 0; i < 500; i += 1) observe(watch, refused(4), 2_100 + i);
    expect(watch).toMatchObject({ mode: "probe", notBefore: 3_100 });
  });

  it("waits as long as Meta asks for", () => {
    const watch = startWatch(null, true);
    observe(watch, refused(4, { waitMs: 120_000 }), 1_000);
    expect(watch).toMatchObject({ mode: "probe", notBefore: 121_000, giveUp: null });
    expect(watch.waiting).toBe("Meta limits the rate (code 4), trying again in 2 min");
    observe(watch, accepted(), 121_500);
    expect(watch).toMatchObject({ mode: "open", waiting: null, refused: null });
  });

  it("does not sit out what Meta asks for beyond fifteen minutes, and says from when to go on", () => {
    const watch = startWatch(null, true);
    observe(watch, refused(80007, { waitMs: 37 * 60_000 }), 1_000);
    expect(watch.giveUp).toEqual({
      why: "refused_for_now",
      sentence: "Meta limits the rate (code 80007), and asks for a pause of 37 min",
      afterMs: 37 * 60_000,
    });
  });

  it("names the status where there is no code", () => {
    const watch = startWatch(null, true);
    observe(watch, see({ kind: "answered", httpStatus: 429, truncated: false, body: "<p>" }), 0);
    expect(watch.limited).toBe("Meta limits the rate (HTTP 429)");
  });
});

describe("what passes by itself", () => {
  it.each([
    [131057, "the number is in maintenance for about a minute, for 15 min by now", 20_000],
    [134101, "the template may still be syncing, for 30 min by now", 600_000],
  ])("code %i ends the run when it does not pass", (code, sentence, pauseMs) => {
    const { pauses, watch } = pausesUntilGiveUp(refused(code));
    expect(watch.giveUp).toMatchObject({ why: "refused_for_now", sentence });
    expect(new Set(pauses.slice(0, -1))).toEqual(new Set([pauseMs]));
  });

  it("is over with the next accepted message", () => {
    const watch = startWatch(null, true);
    observe(watch, refused(131057), 0);
    expect(watch.waiting).toContain("trying again in 20 s");
    observe(watch, accepted(), 21_000);
    observe(watch, refused(131057), REFUSED_MAX_MS + 30_000);
    expect(watch.giveUp).toBeNull();
  });
});
