// The parts of the live page that need no server: what it writes, whom it answers, how fast it says
// a campaign goes.

import { describe, expect, it } from "vitest";
import { isAddress, isOwnHost, isOwnOrigin } from "../../../src/domain/common/hosts.ts";
import { html, markupText, said } from "../../../src/domain/common/html.ts";
import {
  isSameSecret,
  makeKnownBrowsers,
  makeSessions,
  makeTries,
} from "../../../src/web/auth/session.ts";
import { ratePerSecond, timeLeftMs, withSample } from "../../../src/web/live/pace.ts";

const text = (made: ReturnType<typeof html>): string => markupText(made);

describe("html", () => {
  const hostile = `</p><script>alert("1")</script>'\`&`;

  it("escapes whatever is put in, between tags and in attributes", () => {
    const safe = "&lt;/p&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&#96;&amp;";
    expect(text(html`<p title="${hostile}">${hostile}</p>`)).toBe(`<p title="${safe}">${safe}</p>`);
    expect(text(said(hostile))).toBe(`<bdi>${safe}</bdi>`);
  });

  it("takes markup that it made, lists of it, numbers, and nothing", () => {
    const items = ["a<", 2].map((one) => html`<li>${one}</li>`);
    expect(text(html`<ul>${items}${null}${undefined}${false}</ul>`)).toBe(
      "<ul><li>a&lt;</li><li>2</li></ul>",
    );
  });

  it("takes no object for markup that only looks like it", () => {
    const parsed = JSON.parse(`{"text":"<b>","html":"<b>"}`);
    expect(text(html`<p>${parsed}</p>`)).not.toContain("<b>");
  });
});

describe("isOwnHost", () => {
  it.each([
    ["127.0.0.1:8090", [], true],
    ["localhost", [], true],
    ["LOCALHOST:1", [], true],
    ["[::1]:8090", [], true],
    ["127.0.0.1.evil.example", [], false],
    ["evil.example", [], false],
    ["campaign.example", ["campaign.example"], true],
    ["Campaign.Example:443", ["campaign.example"], true],
    ["campaign.example:9", ["campaign.example:8"], false],
    ["evil.example@127.0.0.1", [], false],
    ["", [], false],
    [undefined, [], false],
  ] as const)("%s, allowed %j: %s", (host, allowed, expected) => {
    expect(isOwnHost(host, allowed)).toBe(expected);
  });
});

describe("isOwnOrigin", () => {
  const host = "127.0.0.1:8090";

  it.each([
    [{ host }, true],
    [{ host, origin: "http://127.0.0.1:8090" }, true],
    [{ host, origin: "http://127.0.0.1:3000" }, false],
    [{ host, origin: "http://localhost:8090" }, false],
    [{ host, origin: "https://evil.example" }, false],
    [{ host, origin: "null" }, false],
    [{ host, "sec-fetch-site": "same-origin" }, true],
    [{ host, "sec-fetch-site": "same-site" }, false],
    [{ host, "sec-fetch-site": "cross-site", origin: "http://127.0.0.1:8090" }, false],
    [{ host, "sec-fetch-site": "none" }, false],
    [{ host, origin: "https://campaign.example" }, true],
    [{ host, origin: "https://campaign.example:444" }, false],
    [{ host, origin: "https://other.example:444" }, true],
    [{ host, origin: "https://other.example" }, false],
    // The name that the server listens on is allowed, and another port of it is another server.
    [{ host, origin: "http://127.0.0.1:9999" }, false],
    [{ host: "[::1]:8090", origin: "http://[::1]:9999" }, false],
    [{ host: "[::1]:8090", origin: "http://[::1]:8090" }, true],
  ])("%j: %s", (headers, expected) => {
    const allowed = ["campaign.example", "other.example:444", "127.0.0.1", "::1"];
    expect(isOwnOrigin(headers, allowed)).toBe(expected);
  });
});

describe("isAddress", () => {
  it.each([
    ["10.0.0.5:8090", true],
    ["[fd00::1]:8090", true],
    ["campaign:8090", false],
    ["10.0.0.5.evil.example", false],
    ["evil.example", false],
    [undefined, false],
  ])("%s: %s", (host, expected) => {
    expect(isAddress(host)).toBe(expected);
  });
});

describe("the pace", () => {
  const samplesOf = (lefts: readonly number[], everyMs = 1000) =>
    lefts.reduce(
      (samples, left, at) => withSample(samples, { at: at * everyMs, left }),
      withSample([], { at: 0, left: lefts[0] as number }),
    );

  it("is that of the last seconds", () => {
    const slowThenFast = [...Array(20).keys()].map((second) =>
      second < 8 ? 10_000 - second : 10_000 - 7 - (second - 7) * 100,
    );
    expect(ratePerSecond(samplesOf(slowThenFast))).toBeCloseTo(100, 0);
  });

  it("tells how long it takes", () => {
    expect(timeLeftMs(samplesOf([1000, 900, 800]))).toBeCloseTo(8_000);
  });

  it("cannot be measured by one look, nor across rows that were queued again", () => {
    expect(ratePerSecond(samplesOf([1000]))).toBeNull();
    expect(ratePerSecond(samplesOf([1000, 900, 5000]))).toBeNull();
  });

  it("never ends at a standstill", () => {
    expect(ratePerSecond(samplesOf([1000, 1000, 1000]))).toBe(0);
    expect(timeLeftMs(samplesOf([1000, 1000, 1000]))).toBeNull();
  });
});

describe("tries", () => {
  it("are 60 at once for each, then five a second", () => {
    const tries = makeTries();
    const taken = (who: string, now: number, times: number) =>
      Array.from({ length: times }, () => tries.take(who, now)).filter(Boolean).length;
    expect(taken("a", 0, 100)).toBe(60);
    expect(taken("b", 0, 1)).toBe(1);
    expect(taken("a", 1_000, 100)).toBe(5);
    expect(taken("a", 3_600_000, 100)).toBe(60);
    // A clock that was set back gives nothing, and takes nothing.
    expect(taken("a", 0, 1)).toBe(0);
    expect(taken("b", 0, 100)).toBe(59);
  });

  it("of more people than are remembered forget the one that tried longest ago", () => {
    const tries = makeTries();
    for (let at = 0; at < 60; at += 1) tries.take("a", 0);
    for (let at = 0; at < 10_000; at += 1) tries.take(`stranger ${at}`, 0);
    expect(tries.take("a", 0)).toBe(true);
  });
});

describe("known browsers", () => {
  it("are known by what their cookie holds, and by nothing else", () => {
    const browsers = makeKnownBrowsers();
    const token = browsers.remember();
    expect(browsers.find(token)).toBeDefined();
    expect(browsers.find(token)).not.toContain(token);
    expect(browsers.find(undefined)).toBeUndefined();
    expect(browsers.find(`${token}x`)).toBeUndefined();
  });
});

describe("sessions", () => {
  const HALF_DAY_MS = 12 * 3_600_000;

  it("end after twelve hours, or when they are ended", () => {
    const sessions = makeSessions();
    const token = sessions.begin(0);
    expect(sessions.find(token, HALF_DAY_MS - 1)).toBeDefined();
    expect(sessions.find(token, HALF_DAY_MS)).toBeUndefined();
    const other = sessions.begin(0);
    sessions.end(other);
    expect(sessions.find(other, 1)).toBeUndefined();
  });

  it("have tokens of 256 bit, each another one", () => {
    const sessions = makeSessions();
    const tokens = new Set([...Array(20)].map(() => sessions.begin(0)));
    expect(tokens.size).toBe(20);
    for (const token of tokens) expect(Buffer.from(token, "base64url")).toHaveLength(32);
  });

  it("remember a search under a name that tells nothing of it", () => {
    const sessions = makeSessions();
    const session = sessions.find(sessions.begin(0), 1);
    const name = session?.remember("+447700900001") ?? "";
    expect(session?.recall(name)).toBe("+447700900001");
    expect(name).not.toContain("900001");
    expect(session?.remember("+447700900001")).toBe(name);
  });
});

describe("isSameSecret", () => {
  it.each([
    ["abc", "abc", true],
    ["abc", "abd", false],
    ["", "abc", false],
    ["abcd", "abc", false],
  ])("%j against %j: %s", (given, expected, same) => {
    expect(isSameSecret(given, expected)).toBe(same);
  });
});
