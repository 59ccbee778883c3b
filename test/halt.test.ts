import { describe, expect, it } from "vitest";

import {
  NO_ANSWER_MAX,
  OFFLINE_MAX_MS,
  observe,
  SAME_FAILURE_MAX,
  SAME_FIX_MAX,
  startWatch,
} from "../src/halt.ts";
import type { Exchange } from "../src/outcome.ts";
import { CODE_RULES, readExchange } from "../src/outcome.ts";

const refused = (code: number, httpStatus = 400) =>
  see({
    kind: "answered",
    httpStatus,
    truncated: false,
    body: JSON.stringify({ error: { code, message: `(#${code}) said` } }),
  });
const accepted = () =>
  see({ kind: "answered", httpStatus: 200, truncated: false, body: '{"messages":[{"id":"w"}]}' });
const lost = () => see({ kind: "lost", cause: "UND_ERR_SOCKET", httpStatus: null });
const offline = (fatal = false) => see({ kind: "not_started", cause: "ECONNREFUSED", fatal });
function see(exchange: Exchange) {
  return readExchange(exchange, "BR");
}

describe("halting", () => {
  it("halts at once on everything that concerns campaign, number or account", () => {
    for (const rule of CODE_RULES.filter((one) => one.action.startsWith("halt"))) {
      const watch = startWatch(null, true);
      observe(watch, refused(rule.code, 401), 0);
      expect(watch.halt?.code, String(rule.code)).toBe(String(rule.code));
      expect(watch.halt?.sentence).toContain(rule.todo);
    }
  });

  it("never halts for one bad recipient", () => {
    for (const rule of CODE_RULES.filter((one) => !one.action.startsWith("halt"))) {
      const watch = startWatch(null, true);
      observe(watch, refused(rule.code), 0);
      observe(watch, accepted(), 1);
      expect(watch.halt, String(rule.code)).toBeNull();
      expect(watch.mode).toBe("open");
    }
  });

  it.each([
    [132000, SAME_FIX_MAX],
    [131026, SAME_FAILURE_MAX],
    [777777, 10],
  ])("halts when code %i comes from everybody", (code, times) => {
    const watch = startWatch(null, true);
    for (let i = 1; i < times; i += 1) observe(watch, refused(code), i);
    expect(watch.halt).toBeNull();
    observe(watch, refused(code), times);
    expect(watch.halt?.code).toBe(String(code));
  });

  it("counts anew after an accepted message", () => {
    const watch = startWatch(null, true);
    for (let i = 0; i < 5 * SAME_FIX_MAX; i += 1)
      observe(watch, i % 3 === 2 ? accepted() : refused(132000), i);
    expect(watch.halt).toBeNull();
  });

  it("halts at the first repetition of the halt before", () => {
    const watch = startWatch("132000", true);
    observe(watch, refused(132000), 0);
    expect(watch.halt?.code).toBe("132000");
    const other = startWatch("132000", true);
    observe(other, accepted(), 0);
    observe(other, refused(132000), 1);
    expect(other.halt).toBeNull();
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
    expect(watch.offline).toContain("10 minutes");
    expect(watch.halt).toBeNull();
  });

  it("halts on a certificate that is not Meta's", () => {
    const watch = startWatch(null, true);
    observe(watch, offline(true), 0);
    expect(watch.halt?.code).toBe("connection");
  });

  it("waits for a template that is still syncing", () => {
    for (const code of [134101, 131009]) {
      const watch = startWatch(null, false);
      observe(watch, refused(code), 0);
      expect(watch.notBefore, String(code)).toBe(600_000);
      expect(watch.halt).toBeNull();
    }
  });
});
