// The pages themselves: what they show, what can be done on them, what of it is written down, and
// that nothing of a CSV's runs.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Next } from "../../../src/domain/campaign/attempt.ts";
import type { PlannedRow } from "../../../src/domain/campaign/row.ts";
import type { TemplateDefinition } from "../../../src/domain/message/template.ts";
import { personOf } from "../../../src/domain/recipient/person.ts";
import type { TestWish } from "../../../src/web/live/context.ts";
import {
  accepted,
  answerTo,
  phoneOf,
  send,
  sendUser,
  skip,
  T0,
  turn,
} from "../../ledger/conformance/builders.ts";
import { NO_CONDITIONS } from "../../support/conditions.ts";
import type { TestPage, Visitor } from "./live.builders.ts";
import { plannedCampaign, startTestPage } from "./live.builders.ts";

const SCRIPT = `<script>alert("x")</script>`;
const FORMULA = `=cmd()'"`;

const TEMPLATE: TemplateDefinition = {
  name: "offer",
  language: "en_GB",
  category: "MARKETING",
  status: "APPROVED",
  parameter_format: "POSITIONAL",
  components: [
    { type: "HEADER", format: "IMAGE" },
    { type: "BODY", text: "Hello *{{1}}*, use {{2}} until Sunday." },
    { type: "FOOTER", text: "Tap stop to stop." },
    { type: "BUTTONS", buttons: [{ type: "URL", text: "Shop", url: "https://example.com/" }] },
  ],
};

let page: TestPage;
let visitor: Visitor;

beforeEach(async () => {
  page = await startTestPage();
  visitor = await page.loggedIn();
});
afterEach(async () => {
  expect(page.errors).toEqual([]);
  await page.close();
});

const greeting = (row: number, first = `Ana ${row}`): PlannedRow =>
  send(row, row, JSON.stringify([first, "SPRING"]));

/** Claims the first rows and ends each as it is reported. */
async function post(campaign: number, ends: readonly Next[]): Promise<void> {
  const { claimed } = await page.ledger.turn(turn(campaign, { claim: ends.length }));
  const record = claimed.map((claim, at) =>
    answerTo(claim, ends[at] as Next, { phone: claim.phone }),
  );
  await page.ledger.turn(turn(campaign, { record }));
}

const failed: Next = { to: "failed", code: "131026", message: SCRIPT };

describe("what Meta counted", () => {
  it("stands on the page of a campaign where it was read", async () => {
    const { id } = await plannedCampaign(page.ledger, "spring", [send(1), send(2)]);
    await post(id, [accepted(1), accepted(2)]);
    await plannedCampaign(page.ledger, "summer", [send(1)]);
    const reading = {
      readAt: T0,
      template: { id: "7", name: SCRIPT, language: "pt_BR" },
      ...{ since: "2026-11-20", until: "2026-11-28", zone: "UTC", isWhole: true },
      ...{ currency: "USD", isOn: true, benchmark: null, pricing: null, countsClicks: null },
      creative: { template: null, account: null },
      sharedWith: [],
      missing: [{ part: "benchmark", sentence: `Benchmarks: ${SCRIPT}`, code: 200 }],
    };
    const value = { templateId: "7", day: "2026-11-20", product: "marketing_lite" as const };
    await page.ledger.keepInsights(id, reading, [
      { ...value, metric: "delivered", value: 1_234 },
      { ...value, metric: `clicked:url_button:${SCRIPT}`, value: 5 },
    ]);
    const { text } = await visitor.get("/campaigns/spring");
    expect(text).toContain("<h2>As Meta counted it</h2>");
    expect(text).toMatch(/<td>delivered<\/td><td class="n"><bdi>1,234<\/bdi><\/td>/);
    expect(text).toContain("Not to be had:");
    expect(text.split("&lt;script&gt;alert").length).toBeGreaterThan(3);
    expect(text).not.toContain(SCRIPT);
    expect((await visitor.get("/campaigns/summer")).text).not.toContain("As Meta counted it");
  });
});

describe("the list of campaigns", () => {
  it("says that there is none yet", async () => {
    expect((await visitor.get("/")).text).toContain("No campaign yet");
  });

  it("has the newest first, with what became of them", async () => {
    await plannedCampaign(page.ledger, "winter", [send(1)]);
    const { id } = await plannedCampaign(page.ledger, "spring", [send(1), send(2), send(3)]);
    await post(id, [accepted(1), failed]);
    const { text } = await visitor.get("/");
    expect(text.indexOf("spring")).toBeLessThan(text.indexOf("winter"));
    expect(text).toContain("spring: 2 of 3 sent");
    expect(text).toContain("Under way");
    expect(text).not.toContain("Needs you");
  });

  it("begins with what needs a person, and ends with what is over", async () => {
    const state = async (name: string, change: (id: number) => Promise<unknown>) =>
      change((await plannedCampaign(page.ledger, name, [send(1)])).id);
    await state("waiting", async () => {});
    await state("halted", (id) =>
      page.ledger.setState(id, "halted", { code: "190", sentence: "Make a new token." }, T0),
    );
    await state("cancelled", (id) => page.ledger.cancel(id, T0, "command: ana"));
    const { text } = await visitor.get("/");
    const places = ["Needs you", "Halted by Meta", "Under way", "Planned", "Ended", "by ana"];
    const found = places.map((words) => text.indexOf(words));
    expect(found).toEqual([...found].sort((a, b) => a - b));
    expect(Math.min(...found)).toBeGreaterThan(0);
    expect(text).toContain("Make a new token.");
  });

  it("is found by a part of the name, without a script", async () => {
    for (const name of ["spring", "summer"]) await plannedCampaign(page.ledger, name, [send(1)]);
    const { text } = await visitor.get("/?find=SUM");
    expect(text).toContain("/campaigns/summer");
    expect(text).not.toContain("/campaigns/spring");
    expect(text).toContain('data-events="/events?find=SUM"');
    expect((await visitor.get("/?find=nothing")).text).toContain("No campaign has");
  });

  it("says that a campaign whose hours have begun waits for the number that another one uses", async () => {
    await page.close();
    page = await startTestPage({ isRunning: true });
    visitor = await page.loggedIn();
    const now = Date.now();
    const stopped = await plannedCampaign(page.ledger, "spring", [send(1)]);
    const hours = { why: "hours", goOnAt: now - 60_000 } as const;
    await page.ledger.setState(stopped.id, "stopped", null, now - 3_600_000, hours);
    const other = await plannedCampaign(page.ledger, "summer", [send(1)]);
    await page.ledger.setState(other.id, "running", null, now);
    const { text } = await visitor.get("/");
    expect(text).toContain("Waiting for the sending number");
    expect(text).toContain("Campaign &quot;summer&quot; has it since");
    expect(text).not.toContain("Outside hours");
  });

  it("shows ten that ended, and all of 200 on request", async () => {
    for (let at = 0; at < 200; at += 1) {
      const { id } = await plannedCampaign(page.ledger, `c${at}`, [skip(1, "us_number")]);
      await page.ledger.setState(id, "finished", null, T0 + at);
    }
    const links = (text: string) => text.match(/class="name"/g)?.length;
    const first = (await visitor.get("/")).text;
    expect(links(first)).toBe(10);
    expect(first).toContain("200 · ");
    expect(links((await visitor.get("/?all=1")).text)).toBe(200);
  });
});

describe("a campaign", () => {
  it("shows how far it got, why not, and what is open with the command for it", async () => {
    const rows = [greeting(1), greeting(2), greeting(3), greeting(4), skip(5, "us_number")];
    const { id } = await plannedCampaign(page.ledger, "spring", rows);
    await post(id, [accepted(1), failed, { to: "unknown", message: "cut" }]);
    await page.ledger.keepManifest(id, "lists/spring.yaml", {
      manifestText: "",
      manifestPolicy: null,
    });
    const { text } = await visitor.get("/campaigns/spring");
    expect(text).toContain("3 of 4 people sent to");
    expect(text).toMatch(/Undeliverable: not on WhatsApp.*131026/);
    expect(text).toContain("US number");
    expect(text).toContain('data-copy="campaign resolve lists/spring.yaml --unknown give-up"');
    expect(text).toContain('data-copy="campaign run lists/spring.yaml"');
    expect(text).toContain("no receipt yet");
    expect(text).toContain("sandbox");
    expect(text).toContain('href="/campaigns/spring/report"');
  });

  it("says why it was halted", async () => {
    const { id } = await plannedCampaign(page.ledger, "spring", [send(1)]);
    const halt = { code: "190", sentence: "The token has expired; make a new one." };
    await page.ledger.setState(id, "halted", halt, T0);
    const { text } = await visitor.get("/campaigns/spring");
    expect(text).toContain("Halted");
    expect(text).toContain(halt.sentence);
  });

  const HALT = { code: "190", sentence: "The token has expired." };
  const PAUSE = { kind: "paused", code: "paused", sentence: "Paused.", at: T0 } as const;

  it.each([
    ["ready", async () => {}, ["/pause", "Cancel campaign…"], null],
    [
      "sending",
      (id: number) => page.ledger.setState(id, "running", null, T0),
      ["Pause sending", "Cancel campaign…"],
      "Pause sending",
    ],
    [
      "paused",
      (id: number) => page.ledger.askStop(id, PAUSE, T0),
      ["/unpause", "Cancel campaign…"],
      "Lift the pause",
    ],
    [
      "halted",
      (id: number) => page.ledger.setState(id, "halted", HALT, T0),
      ["Cancel campaign…"],
      null,
    ],
    [
      "a plan that waits for a person",
      (id: number) => page.ledger.keepPlan(id, { digest: "p1.one", startedBy: null }, T0),
      ["/start", "Cancel campaign…"],
      "Start the plan",
    ],
    ["cancelled", (id: number) => page.ledger.cancel(id, T0), [], null],
  ] as const)(
    "that is %s has the buttons that work now, and at most one filled",
    async (name, change, wanted, filled) => {
      await page.close();
      page = await startTestPage(name === "sending" ? { isRunning: true } : {});
      visitor = await page.loggedIn();
      const { id } = await plannedCampaign(page.ledger, "spring", [send(1)]);
      await change(id);
      const { text } = await visitor.get("/campaigns/spring");
      const [, acts = ""] = /data-live="actions">([\s\S]*?)<\/span><\/div>/.exec(text) ?? [];
      const all = ["/pause", "/unpause", "Pause sending", "Lift the pause", "Cancel campaign…"];
      for (const words of wanted) expect(acts).toContain(words);
      const unwanted = all.filter((one) => !wanted.some((words) => words === one));
      for (const words of unwanted.filter(
        (one) => one !== "/pause" && one !== filled && one !== "/unpause",
      )) {
        expect(acts, words).not.toContain(words);
      }
      const [, made] = /class="btn pri">([^<]*)</.exec(acts) ?? [];
      expect(made ?? null).toBe(filled);
      expect(acts).toContain("Report");
      expect(text.match(/class="tile"/g)).toHaveLength(5);
    },
  );

  it("starts the plan that its page shows, once, and writes down who did", async () => {
    const { id } = await plannedCampaign(page.ledger, "spring", [send(1), send(2)]);
    await page.ledger.keepPlan(id, { digest: "p1.one", startedBy: null }, T0);
    const { text } = await visitor.get("/campaigns/spring");
    expect(text).toContain("Planned, waits for a person to start it");
    expect(text).toContain("2 recipients wait. Its plan is p1.one.");
    expect(text).toContain('data-copy="campaign run &lt;manifest&gt; --plan p1.one"');
    // Another plan was put forward since the page was shown.
    await page.ledger.keepPlan(id, { digest: "p1.two", startedBy: null }, T0);
    await visitor.post("/campaigns/spring/start", { plan: "p1.one" });
    expect((await visitor.get("/campaigns/spring")).text).toContain(
      "That plan does not wait any more",
    );
    expect((await page.ledger.findCampaign("spring"))?.plan?.startedBy).toBeNull();
    await visitor.post("/campaigns/spring/start", { plan: "p1.two" });
    expect((await visitor.get("/campaigns/spring")).text).toContain("The plan is started.");
    const campaign = await page.ledger.findCampaign("spring");
    expect(campaign).toMatchObject({ plan: { startedBy: "live page" }, stop: null });
    expect(
      (await page.ledger.audits(null, 10)).map(({ action, detail }) => [action, detail]),
    ).toEqual([["plan_start", { plan: "p1.two" }]]);
    expect((await visitor.get("/audit")).text).toContain("started the plan");
  });

  it("sends a row's message to a phone of one's own, and keeps the number masked", async () => {
    await page.close();
    const wishes: TestWish[] = [];
    page = await startTestPage({
      sendTest: async (_campaign, wish) => {
        wishes.push(wish);
        return wish.row === 2
          ? { message: `${wish.to} is not allowed`, remedy: "Take another number." }
          : { test: "spring#test-1", status: "accepted" };
      },
    });
    visitor = await page.loggedIn();
    await plannedCampaign(page.ledger, "spring", [send(1), send(2)]);
    const message = "/campaigns/spring/message?row=1";
    expect((await visitor.get(message)).text).toContain("Send it to a phone of your own");
    const post = (fields: Record<string, string>) =>
      visitor.post("/campaigns/spring/send-test", { row: "1", ...fields });
    const own = { to: "+55 11 98765-0001", own: "yes" };
    const said = [
      [{ to: own.to }, "say that the phone is yours"],
      [{ ...own, to: "987650001" }, "that is no phone number"],
      [own, "spring#test-1: accepted"],
      [{ ...own, row: "2" }, "The test was not sent"],
    ] as const;
    for (const [fields, words] of said) {
      const { status, location } = await post(fields);
      expect(status).toBe(303);
      const { text } = await visitor.get(location ?? "");
      expect(text).toContain(words);
      expect(text).not.toContain("5511987650001 is");
    }
    expect((await post({ ...own, csrf: "wrong" })).status).toBe(403);
    const to = "+5511987650001";
    expect(wishes).toEqual([
      { to, row: 1, arm: null },
      { to, row: 2, arm: null },
    ]);
    const audits = await page.ledger.audits(null, 10);
    expect(audits.map(({ actor, action }) => [actor, action])).toEqual([
      ["live page", "send_test"],
      ["live page", "send_test"],
    ]);
    expect(JSON.stringify(audits)).not.toContain("1198765");
    expect((await visitor.get("/audit")).text).toContain("sent a test");
  });

  it("says whom the conditions of its manifest hold back, and until when", async () => {
    await page.close();
    const starts = Date.now() + 7_200_000;
    const cap = { most: 2, windowMs: 86_400_000, gapMs: null, over: "skip" as const };
    const rules = { ...NO_CONDITIONS, cap, schedule: { ...NO_CONDITIONS.schedule, starts } };
    page = await startTestPage({
      settingsOf: async () => ({
        ...{ manifest: "spring.yaml", messagesPerSecond: 20, maxInFlight: 64 },
        ...{ peoplePerDay: null, rules, rateCard: null },
      }),
    });
    visitor = await page.loggedIn();
    await plannedCampaign(page.ledger, "spring", [send(1), send(2)]);
    const { text } = await visitor.get("/campaigns/spring");
    expect(text).toContain("<h2>Conditions</h2>");
    expect(text).toMatch(/Schedule<\/td><td class="n">2<\/td>.*2 people wait until /);
    expect(text).toMatch(
      /Frequency cap \(2 in 24h\)<\/td><td class="n">0<\/td>.*Nobody is over it so far\./,
    );
  });

  it("has the arms of its test, and what people ordered", async () => {
    await page.close();
    const arms = [
      { name: "a", share: 0.4 },
      { name: "b", share: 0.4 },
    ];
    const test = { name: "cta", metric: "read" as const, waitMs: 1, rest: null, arms };
    page = await startTestPage({
      settingsOf: async () => ({
        ...{ manifest: "spring.yaml", messagesPerSecond: 20, maxInFlight: 64 },
        ...{ peoplePerDay: null, rules: { ...NO_CONDITIONS, test }, rateCard: null },
      }),
    });
    visitor = await page.loggedIn();
    const rows = Array.from({ length: 60 }, (_, at) => send(at + 1));
    const { id } = await plannedCampaign(page.ledger, "spring", rows, {
      frozen: { "test.name": "cta", "test.metric": "read", "test.arms": arms },
      rules: {
        ...{ isShuffled: true, split: { name: "cta", shares: [0.4, 0.4] } },
        holdOuts: [{ salt: "live", share: 0.3, detail: "Kept out." }],
      },
    });
    const before = await visitor.get("/campaigns/spring");
    expect(before.text).toContain("Test cta: its arms are being sent to");
    expect(before.text).toContain("Worth: no orders are imported yet");
    expect(before.text).not.toContain("95% interval");
    const state = await page.ledger.testState(id, T0);
    const counted = state?.arms.map(({ name, people }) => ({ arm: name, people, read: 3 }));
    const sentence = "b wins: b is read by more. b goes to the other 5 people.";
    await page.ledger.decideTest(
      id,
      {
        ...{ decidedAt: T0, winner: 2, rest: 2, sentence },
        evidence: { metric: "read", result: "winner", arms: counted, comparisons: [] },
      },
      { at: T0, actor: "test", action: "test_decided", subject: "spring", detail: {} },
    );
    page.pass(60_000);
    const { text } = await visitor.get("/campaigns/spring");
    expect(text).toContain("Test cta: b won");
    expect(text).toMatch(/Decided .*, for good, by everybody who was assigned\. b wins:/);
    expect(text.match(/95% interval \d/g)).toHaveLength(2);
    expect(text).toContain("Import what people ordered");
  });

  it("shows what all would cost where its manifest names a rate card", async () => {
    await plannedCampaign(page.ledger, "spring", [send(1), send(2), skip(3, "us_number")]);
    expect((await visitor.get("/campaigns/spring")).text).toContain("no prices; name them with");
    await page.close();
    const row = { market: "United Kingdom", price: 612.5, line: 2 };
    page = await startTestPage({
      settingsOf: async () => ({
        ...{ manifest: "spring.yaml", messagesPerSecond: 20, maxInFlight: 64 },
        ...{ peoplePerDay: null, rules: NO_CONDITIONS },
        rateCard: { title: "October", currency: "USD", rows: [row] },
      }),
    });
    visitor = await page.loggedIn();
    await plannedCampaign(page.ledger, "spring", [send(1), send(2), skip(3, "us_number")]);
    expect((await visitor.get("/campaigns/spring")).text).toContain(
      '<dt>Cost at most, USD</dt><dd class="v">1,225.00</dd><dd class="cap">if all are delivered; so far: see the report</dd>',
    );
  });

  it("that is not there is said to be not there", async () => {
    for (const path of ["", "/message", "/report", "/cancel"]) {
      const got = await visitor.get(`/campaigns/nobody${path}`);
      expect(got.status).toBe(404);
      expect(got.text).toContain("There is no such campaign");
    }
    expect((await visitor.post("/campaigns/nobody/pause")).status).toBe(404);
  });

  it("has its report as it is made elsewhere", async () => {
    const { id } = await plannedCampaign(page.ledger, "spring", [send(1)]);
    const { text } = await visitor.get("/campaigns/spring/report");
    expect(text).toBe(`<title>report of ${id}</title>/campaigns/spring`);
  });
});

describe("pause, go on and cancel", () => {
  const audited = async () =>
    (await page.ledger.audits(null, 10)).map(({ actor, action, subject, detail }) => ({
      actor,
      action,
      subject,
      detail,
    }));

  it("stop a campaign's claims and let it go on, each with an entry of the audit", async () => {
    const { id } = await plannedCampaign(page.ledger, "spring", [send(1), send(2)]);
    const got = await visitor.post("/campaigns/spring/pause");
    expect([got.status, got.location]).toEqual([303, "/campaigns/spring"]);
    const { stop } = (await page.ledger.findCampaign("spring")) ?? {};
    expect(stop?.kind).toBe("paused");
    expect(stop?.sentence).toContain("live page");
    expect((await page.ledger.turn(turn(id, { claim: 2 }))).claimed).toEqual([]);
    const paused = (await visitor.get("/campaigns/spring")).text;
    expect(paused).toContain("Paused");
    expect(paused).not.toContain("/campaigns/spring/pause");

    await visitor.post("/campaigns/spring/unpause");
    expect((await page.ledger.findCampaign("spring"))?.stop).toBeNull();
    expect((await page.ledger.turn(turn(id, { claim: 2 }))).claimed).toHaveLength(2);
    const entry = { actor: "live page", subject: "spring", detail: {} };
    expect(await audited()).toEqual([
      { ...entry, action: "unpause" },
      { ...entry, action: "pause" },
    ]);
    const list = (await visitor.get("/audit")).text;
    expect(list.indexOf("let go on")).toBeLessThan(list.indexOf(">paused<"));
  });

  it("leave a halt in force", async () => {
    const { id } = await plannedCampaign(page.ledger, "spring", [send(1)]);
    const halt = { kind: "halted", code: "132015", sentence: "The template is paused." } as const;
    await page.ledger.askStop(id, { ...halt, at: T0 }, T0);
    await visitor.post("/campaigns/spring/unpause");
    expect((await page.ledger.findCampaign("spring"))?.stop?.kind).toBe("halted");
    expect((await visitor.get("/campaigns/spring")).text).toContain("It was not paused.");
  });

  it("end a campaign once it was asked whether that is meant", async () => {
    await plannedCampaign(page.ledger, "spring", [send(1), send(2), skip(3, "us_number")]);
    const question = (await visitor.get("/campaigns/spring/cancel")).text;
    expect(question).toContain("<b>2 recipients</b> still waiting");
    expect((await page.ledger.findCampaign("spring"))?.state).toBe("ready");
    await visitor.post("/campaigns/spring/cancel");
    const campaign = await page.ledger.findCampaign("spring");
    expect(campaign?.state).toBe("cancelled");
    expect((await page.ledger.tally(campaign?.id ?? 0)).counts).toEqual({
      cancelled: 2,
      skipped: 1,
    });
    expect((await audited())[0]).toMatchObject({ action: "cancel", detail: { recipients: 2 } });
    const after = (await visitor.get("/campaigns/spring")).text;
    expect(after).toContain("Cancelled: 2 recipients will not get the message.");
    expect((await visitor.get("/campaigns/spring")).text).not.toContain("Cancelled: 2");
  });

  it("go by what is left now, and not by what a page showed", async () => {
    const { id } = await plannedCampaign(page.ledger, "spring", [send(1)]);
    expect((await visitor.get("/campaigns/spring/cancel")).text).toContain("<b>1 recipient</b>");
    await page.ledger.endCampaign(id, T0);
    await page.ledger.setState(id, "finished", null, T0);
    for (const action of ["cancel", "pause"]) await visitor.post(`/campaigns/spring/${action}`);
    const { state, stop } = (await page.ledger.findCampaign("spring")) ?? {};
    expect([state, stop]).toEqual(["finished", null]);
    expect(await audited()).toEqual([]);
  });

  it("do nothing, and write nothing down, where there is nothing to do", async () => {
    const { id } = await plannedCampaign(page.ledger, "spring", [skip(1, "us_number")]);
    await page.ledger.setState(id, "finished", null, T0);
    for (const action of ["pause", "unpause", "cancel"]) {
      await visitor.post(`/campaigns/spring/${action}`);
    }
    expect((await page.ledger.findCampaign("spring"))?.state).toBe("finished");
    expect(await audited()).toEqual([]);
  });
});

describe("the opt-out list", () => {
  const add = (who: string, reason = "asked by hand") =>
    visitor.post("/opt-outs/add", { who, reason });
  const search = async (text: string) => {
    const { location } = await visitor.post("/opt-outs", { text });
    return visitor.get(location ?? "");
  };

  it("takes a person in as `suppress add` does, and writes it down without the number", async () => {
    await add("+44 7700 900-001", "wrote a letter");
    const [entry] = await page.ledger.suppressions(0, 10);
    expect(entry).toMatchObject({
      phone: phoneOf(1),
      person: personOf(phoneOf(1)),
      reason: "wrote a letter",
      source: "manual",
    });
    const [audit] = await page.ledger.audits(null, 10);
    expect(audit).toMatchObject({ action: "suppress", actor: "live page", detail: { added: 1 } });
    expect(JSON.stringify(audit)).not.toContain("900001");
    expect(audit?.subject).toBe("***01");
  });

  it("takes a person off, and writes that down", async () => {
    await add("BR.12345678");
    await visitor.post("/opt-outs/remove", { who: "BR.12345678", back: "/opt-outs" });
    expect(await page.ledger.suppressions(0, 10)).toEqual([]);
    const [audit] = await page.ledger.audits(null, 10);
    expect(audit).toMatchObject({ action: "unsuppress", detail: { removed: 1 } });
    expect(audit?.subject).not.toContain("12345678");
  });

  it("says what cannot be read, and does nothing", async () => {
    await add("a person");
    expect((await visitor.get("/opt-outs")).text).toContain("neither a phone number nor a user id");
    expect(await page.ledger.suppressions(0, 10)).toEqual([]);
    expect(await page.ledger.audits(null, 10)).toEqual([]);
  });

  it.each([
    ["900 002", ["+447700900002"]],
    ["+44 7700 900", ["+447700900001", "+447700900002"]],
    ["DE.77", ["DE.7777"]],
    ["LETTER", ["DE.7777"]],
    ["100%", []],
    ["no such thing", []],
  ])("is found by %s", async (text, expected) => {
    await add(phoneOf(1));
    await add(phoneOf(2), "100 things");
    await add("DE.7777", "wrote a letter");
    const got = await search(text);
    for (const who of ["+447700900001", "+447700900002", "DE.7777"]) {
      expect(got.text.includes(`<bdi>${who}</bdi>`), who).toBe(expected.includes(who));
    }
  });

  it("keeps what is searched for out of addresses", async () => {
    const { location } = await visitor.post("/opt-outs", { text: "+447700900001" });
    expect(location).toMatch(/^\/opt-outs\/[\w-]{12}$/);
    const other = await page.loggedIn();
    expect((await other.get(location ?? "")).location).toBe("/opt-outs");
  });

  it("has pages, newest first", async () => {
    const entries = [...Array(120).keys()].map((at) => ({
      phone: phoneOf(at),
      person: personOf(phoneOf(at)),
      userId: null,
      reason: "asked",
      source: "file.csv",
    }));
    await page.ledger.suppress(entries, T0);
    const seen: string[] = [];
    let path: string | undefined = "/opt-outs";
    for (let pages = 0; path !== undefined && pages < 5; pages += 1) {
      const { text }: { text: string } = await visitor.get(path);
      seen.push(
        ...[...text.matchAll(/<b><bdi>(\+\d+)<\/bdi><\/b>/g)].map((match) => match[1] ?? ""),
      );
      path = /href="([^"]+)" rel="next"/.exec(text)?.[1];
    }
    expect(seen).toEqual([...Array(120).keys()].map((at) => phoneOf(119 - at)));
  });
});

describe("a person", () => {
  const lookUp = async (who: string) => {
    const { location, text } = await visitor.post("/people", { who });
    return location === null ? text : (await visitor.get(location)).text;
  };

  it("has every campaign, every try and every receipt on one page", async () => {
    const spring = await plannedCampaign(page.ledger, "spring", [greeting(1), greeting(2)]);
    await post(spring.id, [{ ...accepted(1), messageId: "wamid.1" } as Next]);
    await page.ledger.storeWebhookBodies([
      { body: receipts(["delivered", "read"]), receivedAt: T0, source: "t" },
    ]);
    await page.ledger.processWebhookBodies({ limit: 100, now: T0 });
    await plannedCampaign(page.ledger, "summer", [skip(7, "opted_out", 1)]);
    const text = await lookUp("+44 7700 900 001");
    expect(text).toContain("Accepted (attempt 1)");
    expect(text).toMatch(/<span>Delivered<\/span>/);
    expect(text).toMatch(/class="state finished">.*<span>Read<\/span>/);
    expect(text).toContain("summer");
    expect(text).toContain("opted out");
    expect(text).toContain("row 7, line 8");
    expect(text).toContain("Not on the opt-out list");
    expect(text).not.toContain("row 2,");
  });

  it("can be opted out there, and is shown to be", async () => {
    await plannedCampaign(page.ledger, "spring", [greeting(1)]);
    const { location } = await visitor.post("/people", { who: phoneOf(1) });
    const done = await visitor.post("/opt-outs/add", { who: phoneOf(1), back: location ?? "" });
    expect(done.location).toBe(location);
    expect((await visitor.get(location ?? "")).text).toContain("On the opt-out list");
  });

  it("is found by user id, and by whatever number was seen behind it", async () => {
    await plannedCampaign(page.ledger, "spring", [sendUser(1, "GB.4711", 5)]);
    expect(await lookUp("GB.4711")).toContain("row 1, line 2");
    expect(await lookUp(phoneOf(5))).toContain("GB.4711");
  });

  it("of whom nothing is known is said to be in no campaign", async () => {
    expect(await lookUp(phoneOf(99))).toContain("No campaign of this ledger has this person.");
    expect(await lookUp("Ana")).toContain("neither a phone number nor a user id");
  });
});

describe("a message", () => {
  it("reads as the template of the last run has it", async () => {
    const { id } = await plannedCampaign(page.ledger, "spring", [
      skip(1, "us_number"),
      greeting(2),
    ]);
    await page.ledger.keepFacts(
      id,
      { portfolio: null, ttlSeconds: 60, definitions: [TEMPLATE] },
      T0,
    );
    const { text } = await visitor.get("/campaigns/spring/message");
    expect(text).toContain("Hello <strong>Ana 2</strong>, use SPRING until Sunday.");
    expect(text).toContain("Tap stop to stop.");
    expect(text).toContain("Shop");
    const skipped = (await visitor.get("/campaigns/spring/message?row=1")).text;
    expect(skipped).toContain("This row is skipped");
    expect((await visitor.get("/campaigns/spring/message?row=9")).text).toContain("no row 9");
  });

  it("is shown by its values while the template is not known", async () => {
    await plannedCampaign(page.ledger, "spring", [greeting(1)]);
    const { text } = await visitor.get("/campaigns/spring/message");
    expect(text).toContain("The template's own words are not known here");
    expect(text).toContain("Ana 1");
  });
});

describe("names that are no names", () => {
  it("stay text on every page", async () => {
    const name = `${SCRIPT}${FORMULA}`;
    const rows = [greeting(1, SCRIPT), greeting(2, FORMULA), skip(3, "invalid_number", 9)];
    const { id } = await plannedCampaign(page.ledger, name, rows);
    await page.ledger.keepFacts(
      id,
      { portfolio: null, ttlSeconds: 60, definitions: [TEMPLATE] },
      T0,
    );
    await post(id, [failed, { to: "held", until: T0 + 1, reason: SCRIPT }]);
    const halt = { code: "x", sentence: SCRIPT };
    await page.ledger.setState(id, "halted", halt, T0);
    await page.ledger.suppress(
      [
        {
          phone: phoneOf(1),
          person: personOf(phoneOf(1)),
          userId: null,
          reason: SCRIPT,
          source: SCRIPT,
        },
      ],
      T0,
    );
    await page.ledger.writeAudit({
      at: T0,
      actor: SCRIPT,
      action: SCRIPT,
      subject: SCRIPT,
      detail: { [SCRIPT]: SCRIPT },
    });
    const path = `/campaigns/${encodeURIComponent(name)}`;
    const person = (await visitor.post("/people", { who: phoneOf(1) })).location ?? "";
    const search = (await visitor.post("/opt-outs", { text: SCRIPT })).location ?? "";
    const paths = ["/", path, `${path}/cancel`, `${path}/message?row=1`, `${path}/message?row=2`];
    for (const one of [...paths, "/opt-outs", search, person, "/audit", `/${SCRIPT}`]) {
      const got = await visitor.get(one);
      expect(got.text.toLowerCase(), one).not.toContain("<script>");
      expect(got.text, one).not.toContain(FORMULA);
    }
    expect((await visitor.get(path)).text).toContain("&lt;script&gt;");
    const refused = await visitor.post("/people", { who: SCRIPT });
    expect(refused.text).not.toContain("<script>");
  });
});

/** What Meta posts of the message `wamid.1` to the first person. */
function receipts(statuses: readonly string[]): string {
  return JSON.stringify({
    object: "whatsapp_business_account",
    entry: [
      {
        id: "1",
        changes: [
          {
            field: "messages",
            value: {
              messaging_product: "whatsapp",
              metadata: { phone_number_id: "sandbox" },
              statuses: statuses.map((status, at) => ({
                id: "wamid.1",
                status,
                timestamp: String(T0 / 1000 + 60 + at),
                recipient_id: phoneOf(1).slice(1),
              })),
            },
          },
        ],
      },
    ],
  });
}
