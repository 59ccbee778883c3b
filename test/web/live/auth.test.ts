// Authentication of the live page: who is let in, by which host name, and which forms do anything.

import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isOwnHost } from "../../../src/domain/common/hosts.ts";
import { send } from "../../ledger/conformance/builders.ts";
import type { TestPage } from "./live.builders.ts";
import { PASSWORD, plannedCampaign, startTestPage } from "./live.builders.ts";

let page: TestPage;

beforeAll(async () => {
  page = await startTestPage({ allowHosts: ["campaign.example"] });
  await plannedCampaign(page.ledger, "spring", [send(1), send(2)]);
});
afterAll(() => page.close());

const PAGES = ["/", "/campaigns/spring", "/campaigns/spring/message", "/campaigns/spring/report"];
const MORE = ["/opt-outs", "/people", "/audit", "/nowhere"];

describe("the login", () => {
  it.each([...PAGES, ...MORE])("stands before %s", async (path) => {
    const got = await page.visitor().get(path);
    expect(got.status).toBe(303);
    expect(got.location).toBe(`/login?to=${encodeURIComponent(path)}`);
    expect(got.text).not.toContain("spring");
  });

  it("stands before events without a page", async () => {
    expect((await page.visitor().get("/campaigns/spring/events")).status).toBe(401);
    expect((await page.visitor().get("/events")).status).toBe(401);
  });

  it("opens with the password, and leads to where one wanted to go", async () => {
    const visitor = page.visitor();
    const got = await visitor.post("/login", { password: PASSWORD, to: "/opt-outs" });
    expect([got.status, got.location]).toEqual([303, "/opt-outs"]);
    const [cookie = "", known] = got.headers.getSetCookie();
    expect(known).toMatch(
      /^campaign-known-\d+=[\w-]{43}; Max-Age=7776000; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect(cookie).toMatch(
      /^campaign-\d+=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect((await visitor.get("/opt-outs")).status).toBe(200);
  });

  it.each(["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])(
    "never leads to %s",
    async (to) => {
      const got = await page.visitor().post("/login", { password: PASSWORD, to });
      expect(got.location).toBe("/");
    },
  );

  it("stays closed to another password, and to none", async () => {
    const visitor = page.visitor();
    for (const password of ["", "wrong", `${PASSWORD} `]) {
      const got = await visitor.post("/login", { password });
      expect(got.status).toBe(401);
      expect(got.text).toContain("That is not the password.");
      expect(got.headers.get("set-cookie")).toBeNull();
    }
    page.pass(6 * 60_000);
  });

  it("lets the right password in after any number of wrong ones, and limits how fast they are tried", async () => {
    const owner = await page.loggedIn();
    await owner.post("/logout");
    const stranger = page.visitor();
    for (let times = 0; times < 55; times += 1) {
      expect((await stranger.post("/login", { password: "no" })).status).toBe(401);
    }
    expect((await page.visitor().post("/login", { password: PASSWORD })).status).toBe(303);
    const more = await Promise.all(
      Array.from({ length: 300 }, () => stranger.post("/login", { password: "no" })),
    );
    const refused = more.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(100);
    expect(refused[0]?.headers.get("retry-after")).toBe("1");
    // A browser that was logged in before is not held up, and neither is anybody a moment later.
    expect((await owner.post("/login", { password: PASSWORD })).status).toBe(303);
    page.pass(1_000);
    expect((await page.visitor().post("/login", { password: PASSWORD })).status).toBe(303);
    page.pass(60_000);
  });

  it("is not passed by a browser's word that it was logged in", async () => {
    const visitor = page.visitor();
    const { port } = new URL(page.url);
    const cookie = `campaign-known-${port}=${"A".repeat(43)}`;
    const tries = Array.from({ length: 70 }, () =>
      visitor.post("/login", { password: "no" }, { cookie }),
    );
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses).toContain(429);
    page.pass(60_000);
  });

  it("ends with the logout, for the token and not only for the browser", async () => {
    const visitor = await page.loggedIn();
    const cookie = visitor.cookie();
    expect((await visitor.post("/logout")).location).toBe("/login");
    expect((await visitor.get("/", { cookie })).status).toBe(303);
  });

  it("is over after twelve hours", async () => {
    const visitor = await page.loggedIn();
    page.pass(12 * 3_600_000);
    expect((await visitor.get("/")).status).toBe(303);
  });

  it("gives a cookie that travels by https alone where it is set so", async () => {
    const secure = await startTestPage({ isHttps: true });
    const got = await secure.visitor().post("/login", { password: PASSWORD });
    expect(got.headers.get("set-cookie")).toMatch(
      /^__Host-campaign-\d+=.*; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    await secure.close();
  });
});

describe("a form", () => {
  const stop = async () => (await page.ledger.findCampaign("spring"))?.stop ?? null;

  it.each([
    ["without a token", { csrf: "" }, {}],
    ["with a token of another person's", { csrf: "0".repeat(43) }, {}],
    ["from another site", {}, { origin: "https://evil.example" }],
    ["from another port", {}, { origin: "http://127.0.0.1:1" }],
    ["from nowhere", {}, { origin: "null" }],
    ["that the browser says is from elsewhere", {}, { "sec-fetch-site": "cross-site" }],
  ])("%s does nothing", async (_what, fields, headers) => {
    const visitor = await page.loggedIn();
    const got = await visitor.post("/campaigns/spring/pause", fields, headers);
    expect(got.status).toBe(403);
    expect(await stop()).toBeNull();
    expect(await page.ledger.audits(null, 10)).toEqual([]);
  });

  it("with the token of another session does nothing", async () => {
    const [one, other] = [await page.loggedIn(), await page.loggedIn()];
    const csrf = /name="csrf" value="([^"]+)"/.exec((await other.get("/")).text)?.[1] ?? "";
    expect((await one.post("/campaigns/spring/pause", { csrf })).status).toBe(403);
    expect(await stop()).toBeNull();
  });

  it("without a login does nothing", async () => {
    const got = await page.visitor().post("/campaigns/spring/pause");
    expect([got.status, got.location]).toEqual([303, "/login"]);
    expect(await stop()).toBeNull();
  });

  it("is a form: nothing else is taken", async () => {
    const visitor = await page.loggedIn();
    for (const type of ["application/json", "text/plain"]) {
      const got = await visitor.post("/campaigns/spring/pause", {}, { "content-type": type });
      expect([403, 415]).toContain(got.status);
    }
    expect(await stop()).toBeNull();
  });

  it("that is too long is refused", async () => {
    const visitor = await page.loggedIn();
    const got = await visitor.post("/opt-outs/add", { who: "+447700900001".repeat(4_000) });
    expect(got.status).toBe(413);
  });

  it("may not log a person in from another site", async () => {
    const headers = { origin: "https://evil.example" };
    const got = await page.visitor().post("/login", { password: PASSWORD }, headers);
    expect(got.status).toBe(403);
  });

  it("changes nothing when it is only looked at", async () => {
    const visitor = await page.loggedIn();
    for (const path of ["pause", "unpause"]) {
      expect((await visitor.get(`/campaigns/spring/${path}`)).status).toBe(404);
    }
    expect((await visitor.get("/campaigns/spring/cancel")).status).toBe(200);
    expect((await page.ledger.findCampaign("spring"))?.state).not.toBe("cancelled");
  });
});

describe("the name by which the server is called", () => {
  const called = (host: string, path = "/login") =>
    new Promise<number | undefined>((done, failed) => {
      const asked = request(`${page.url}${path}`, { headers: { host } }, (response) => {
        response.resume();
        done(response.statusCode);
      });
      asked.on("error", failed).end();
    });

  it.each([
    ["127.0.0.1", 200],
    ["localhost:9999", 200],
    ["campaign.example", 200],
    ["evil.example", 421],
    ["127.0.0.1.evil.example:8090", 421],
  ])("%s: %i", async (host, status) => {
    expect(await called(host)).toBe(status);
  });

  it.each([
    ["[2001:db8::5]:8090", ["2001:db8::5"], true],
    ["[2001:db8::5]", ["[2001:DB8::5]"], true],
    ["[2001:db8::6]:8090", ["2001:db8::5"], false],
  ])("%s of %j: %s", (host, allowed, isOwn) => {
    expect(isOwnHost(host, allowed)).toBe(isOwn);
  });

  it("counts for files, too", async () => {
    expect(await called("evil.example", "/live.js")).toBe(421);
    expect(await called("localhost", "/live.js")).toBe(200);
  });
});

describe("headers", () => {
  it.each(["/login", "/live.css", "/live.js", ...PAGES.slice(0, 3), ...MORE])(
    "keep %s from running what is not ours, and from being kept",
    async (path) => {
      const { headers } = await (await page.loggedIn()).get(path);
      const policy = headers.get("content-security-policy") ?? "";
      for (const rule of [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
      ]) {
        expect(policy).toContain(rule);
      }
      expect(policy).not.toContain("unsafe");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("referrer-policy")).toBe("same-origin");
    },
  );

  it("let the report have its own styles, and no script at all", async () => {
    const { headers } = await (await page.loggedIn()).get("/campaigns/spring/report");
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("style-src 'unsafe-inline'");
    expect(policy).not.toContain("script-src");
    expect(policy).toContain("default-src 'none'");
  });

  it("no page has a script, a style or a handler within it", async () => {
    const visitor = await page.loggedIn();
    for (const path of [...PAGES.slice(0, 3), ...MORE, "/campaigns/spring/cancel"]) {
      const { text } = await visitor.get(path);
      expect(text).not.toMatch(/<style|\sstyle=|\son[a-z]+=|<script(?! src="\/live\.js" defer)/);
    }
  });
});
