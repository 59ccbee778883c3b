// The live page as a person uses it: a real browser, the built program as its server, and real runs
// of a sandbox campaign beside it.

import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Browser, Page } from "playwright-core";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Running } from "../support/harness.ts";
import { makeFolder, numberOf, query, scenario, start } from "../support/harness.ts";
import { findChromium } from "./chromium.ts";

const PASSWORD = "a password for this test";
const ROWS = 300;
/** Slow enough that a run is still at work when a person has found the button. */
const SLOW = 30;
const FAST = 1_000;
const SCRIPT = "<script>alert(1)</script>";
const FORMULA = "=cmd()";

const INSTALL_MS = 320_000;
const found = findChromium();
if ("missing" in found) console.warn(`The live page is not tested in a browser: ${found.missing}.`);

describe.skipIf("missing" in found)("the live page in a browser", () => {
  const { folder, remove } = makeFolder();
  const faults: string[] = [];
  let server: Running;
  let browser: Browser;
  let page: Page;
  let url: string;

  beforeAll(async () => {
    writeFileSync(`${folder}/scenario.yaml`, scenario("receipt_delay_ms: 10\n"));
    const names = (row: number) => (row === 1 ? SCRIPT : row === 2 ? FORMULA : `Ana ${row}`);
    const rows = [...Array(ROWS).keys()].map(
      (at) => `${numberOf(at + 1)},"${names(at + 1)}",SPRING`,
    );
    writeFileSync(`${folder}/list.csv`, `${["phone,first_name,coupon", ...rows].join("\n")}\n`);
    server = start(["serve", "--port", "0"], {
      cwd: folder,
      env: { CAMPAIGN_SERVE_PASSWORD: PASSWORD },
    });
    const lines = createInterface({ input: server.child.stdout as NodeJS.ReadableStream });
    const line = new Promise<string>((reported) => lines.once("line", reported));
    const path = "path" in found ? found.path : "";
    browser = await chromium.launch({ executablePath: path, args: ["--no-sandbox"] });
    page = await browser.newPage();
    watchFor(page, faults);
    url = (JSON.parse(await line) as { url: string }).url;
  }, INSTALL_MS);

  afterAll(async () => {
    await browser?.close();
    server?.child.kill("SIGTERM");
    const ended = await server?.ended;
    remove();
    expect(ended?.code).toBe(0);
  });

  /** A campaign on the same list and ledger; the rate may change from run to run. */
  function run(campaign: string, rate: number): Running {
    const body = `["{{ first_name }}", "{{ coupon }}"]`;
    writeFileSync(
      `${folder}/${campaign}.yaml`,
      `campaign: ${campaign}
account: sandbox
sandbox: { scenario: scenario.yaml }
recipients: { file: list.csv, phone: phone }
template: { name: offer, language: pt_BR, body: ${body} }
rate: { messages_per_second: ${rate}, max_in_flight: 64 }
`,
    );
    return start([`${campaign}.yaml`], { cwd: folder });
  }

  const sentTo = () => page.locator('[data-live="facts"] b').first();

  async function lookUp(who: string): Promise<void> {
    await page.getByRole("link", { name: "People" }).click();
    await page.getByLabel("Number with + and country code").fill(who);
    await page.getByRole("button", { name: "Look up" }).click();
    await page.locator(".person h1").waitFor();
  }

  it("asks for the password", async () => {
    await page.goto(`${url}/opt-outs`);
    await page.getByLabel("Password").fill("wrong");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByText("That is not the password.").waitFor();
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("heading", { name: "Opt-outs" }).waitFor();
    // A wrong password is answered 401, which the browser tells its console.
    faults.length = 0;
  });

  it("shows a run at work, pauses it, and lets it go on", async () => {
    await page.getByRole("link", { name: "Campaigns" }).click();
    await page.getByText("No campaign yet").waitFor();
    const first = run("spring", SLOW);
    // Nobody reloads: the campaign comes to the list by itself.
    await page.getByRole("link", { name: "spring" }).click();
    await page.locator(".now .state", { hasText: "Sending" }).waitFor();
    const before = await sentTo().textContent();
    await expectChange(() => sentTo().textContent(), before);
    const rate = page.locator('[data-live="facts"]', { hasText: /[\d.]+ a second/ });
    await rate.waitFor();

    await page.getByRole("button", { name: "Pause sending" }).click();
    await page.getByText("Paused. A run that is at work stops").waitFor();
    const ended = await first.ended;
    expect(ended.code, ended.stderr).toBe(75);
    await page.locator(".now .state", { hasText: "Paused on the live page" }).waitFor();
    const left = query<{ left: number }>(
      folder,
      "select count(*) as left from outcomes where status = 'pending'",
    );
    expect(left[0]?.left).toBeGreaterThan(0);

    await page.getByRole("button", { name: "Lift the pause" }).click();
    await page.getByText("The pause is lifted.").waitFor();
    const second = await run("spring", FAST).ended;
    expect(second.code, second.stderr).toBe(0);
    await page.locator(".now .state", { hasText: "Finished" }).waitFor();
    await page.getByLabel(`${ROWS} of ${ROWS} people sent to`).waitFor();
    const twice = query(
      folder,
      "select row_number from attempt where outcome = 'accepted' group by 1 having count(*) > 1",
    );
    expect(twice).toEqual([]);
  });

  it("finds a recipient, opts them out, and the next campaign leaves them alone", async () => {
    await lookUp(numberOf(3));
    await page.getByText("Accepted (attempt 1)").waitFor();
    await page.getByRole("button", { name: "Opt out" }).click();
    await page.getByText("On the opt-out list. In force").waitFor();
    await page.locator(".person .state", { hasText: "On the opt-out list" }).waitFor();

    const next = await run("summer", FAST).ended;
    expect(next.code, next.stderr).toBe(0);
    const summer = query(
      folder,
      "select row_number, reason from outcomes where campaign = 'summer' and status = 'skipped'",
    );
    expect(summer).toEqual([{ row_number: 3, reason: "opted_out" }]);
    await lookUp(numberOf(3));
    const card = page.locator(".dispatch", { hasText: "summer" });
    await card.getByText("opted_out").waitFor();
    expect(await card.getByText("attempt 1").count()).toBe(0);

    await page.getByRole("link", { name: "Audit" }).click();
    await page.getByRole("row", { name: /put on the opt-out list/ }).waitFor();
    const audit = (await page.locator("table").textContent()) ?? "";
    for (const what of ["paused", "unpaused", "***03"]) expect(audit).toContain(what);
    expect(audit).not.toContain(numberOf(3).slice(1));
  });

  it("draws the message as it reads, whatever stands in the CSV", async () => {
    await page.goto(`${url}/campaigns/spring/message`);
    expect(await page.locator(".bubble .text").textContent()).toBe(`Oi ${SCRIPT}, use SPRING.`);
    await page.getByRole("link", { name: "Next" }).click();
    await page.locator(".bubble .text", { hasText: FORMULA }).waitFor();
    // A reason is text as well.
    await page.getByRole("link", { name: "Opt-outs" }).click();
    await page.getByLabel("Add: number").fill(numberOf(4));
    await page.getByLabel("Reason, kept").fill(SCRIPT);
    await page.getByRole("button", { name: "Add" }).click();
    await page.getByRole("cell", { name: SCRIPT }).waitFor();
    await page.getByLabel("Find by").fill(SCRIPT);
    await page.getByRole("button", { name: "Find" }).click();
    await page.getByText("1 found").waitFor();
  });

  it("shows the report", async () => {
    await page.goto(`${url}/campaigns/spring/report`);
    await page.getByText("spring").first().waitFor();
  });

  it.each([
    ["light", 360],
    ["dark", 1280],
  ] as const)("fits into %s %i", async (colorScheme, width) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    const paths = ["/", "/campaigns/spring", "/campaigns/spring/message", "/people", "/opt-outs"];
    for (const path of [...paths, "/audit", "/nothing"]) {
      await page.goto(`${url}${path}`);
      const over = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth",
      );
      expect([path, over]).toEqual([path, 0]);
    }
    // A page that is not there is answered 404, which the browser tells its console.
    const known = /status of 404/;
    faults.splice(0, faults.length, ...faults.filter((fault) => !known.test(fault)));
  });

  it("never showed a dialog, ran a foreign script or broke its own rules", async () => {
    expect(faults).toEqual([]);
  });

  it("works without its script", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const plain = await context.newPage();
    await plain.goto(url);
    await plain.getByLabel("Password").fill(PASSWORD);
    await plain.getByRole("button", { name: "Log in" }).click();
    await plain.getByRole("link", { name: "spring" }).click();
    await plain.getByLabel(`${ROWS} of ${ROWS} people sent to`).waitFor();
    await plain.getByRole("button", { name: "Log out" }).click();
    await plain.getByLabel("Password").waitFor();
    await context.close();
  });
});

/** Waits until a look gives something else; the page changes once a second. */
async function expectChange(look: () => Promise<string | null>, before: string | null) {
  await expect.poll(look, { timeout: 60_000, interval: 50 }).not.toBe(before);
}

/** Writes down whatever a harmless page never does. */
function watchFor(page: Page, faults: string[]): void {
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  // What breaks the content security policy is reported on the console, too.
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (!/^(http:\/\/127\.0\.0\.1:|data:)/.test(request.url())) {
      faults.push(`request: ${request.url()}`);
    }
  });
}
