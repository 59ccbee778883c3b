// `campaign serve` as it is started: what it prints, what it needs, and that webhooks and pages
// keep out of each other's way.

import { mkdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import { importCompiled } from "../support/built.ts";
import type { Running } from "../support/harness.ts";
import { makeFolder, start } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const { folder, remove } = makeFolder();
const started: Running[] = [];

afterEach(async () => {
  for (const { child, ended } of started.splice(0)) {
    child.kill("SIGTERM");
    expect((await ended).code).toBe(0);
  }
});
afterAll(remove);

async function serve(args: string[], env: Record<string, string>) {
  const running = start(["serve", "--port", "0", ...args], { cwd: folder, env });
  started.push(running);
  return {
    running,
    ...(JSON.parse(await running.line()) as { url: string; webhooks: string | null }),
  };
}

function ask(url: string, host: string): Promise<{ status: number; text: string }> {
  return new Promise((done, failed) => {
    const asked = request(url, { headers: { host } }, (response) => {
      let text = "";
      response.on("data", (data) => {
        text += data;
      });
      response.on("end", () => done({ status: response.statusCode ?? 0, text }));
    });
    asked.on("error", failed).end();
  });
}

describe("campaign serve", () => {
  const secrets = { WHATSAPP_APP_SECRET: "secret of an app", WHATSAPP_VERIFY_TOKEN: "verify me" };
  const password = "a password of my own";

  it("serves pages and webhooks on one port, each under its own rules", async () => {
    const env = { ...secrets, CAMPAIGN_SERVE_PASSWORD: password };
    const { url, webhooks } = await serve(["--allow-host", "campaign.example"], env);
    expect(webhooks).toBe(`${url}/webhooks`);
    const handshake = "hub.mode=subscribe&hub.challenge=42&hub.verify_token=verify%20me";
    // Meta calls by whatever name the proxy has; the pages answer to their own names alone.
    const shaken = await ask(`${url}/webhooks?${handshake}`, "hooks.example");
    expect(shaken).toEqual({ status: 200, text: "42" });
    expect((await ask(`${url}/login`, "hooks.example")).status).toBe(421);
    expect((await ask(`${url}/login`, "campaign.example")).status).toBe(200);
    const unsigned = await fetch(`${url}/webhooks`, { method: "POST", body: "{}" });
    expect(unsigned.status).toBeGreaterThanOrEqual(400);
    const body = new URLSearchParams({ password });
    const login = await fetch(`${url}/login`, { method: "POST", body, redirect: "manual" });
    expect(login.status).toBe(303);
  });

  it("makes a password up where none is set, and says that no webhooks are received", async () => {
    const { running, url, webhooks } = await serve([], {});
    expect(webhooks).toBeNull();
    await running.saw(/Password for this time: \S{24}\n/);
    await running.saw(/No webhooks are received/);
    expect((await fetch(`${url}/webhooks`, { method: "POST", body: "{}" })).status).not.toBe(200);
  });

  it("sends a test by its campaign's manifest, from the page", async () => {
    const data = join(folder, "test-of-page");
    mkdirSync(data);
    const own = "+5511970000009";
    writeFileSync(join(data, "list.csv"), "phone,first_name,coupon\n+5511970000001,Ana,A1\n");
    writeFileSync(
      join(data, "spring.yaml"),
      `campaign: spring\naccount: sandbox\nrecipients: { file: list.csv, phone: phone }
template: { name: spring_sale, language: pt_BR, header: { image: { link: "https://example.com/a.jpg" } }, body: ["{{ first_name }}", "{{ coupon }}"], buttons: [{ index: 0, url: "{{ coupon }}" }] }\n`,
    );
    const ledger = join(data, "ledger.sqlite");
    const planned = await campaign(["run", "spring.yaml", "--ledger", ledger, "--yes"], {
      cwd: data,
    });
    expect(planned.code, planned.stderr).toBe(0);
    const env = { CAMPAIGN_SERVE_PASSWORD: password };
    const { url } = await serve(["--ledger", ledger], env);
    const login = await fetch(`${url}/login`, {
      ...{ method: "POST", redirect: "manual" as const },
      body: new URLSearchParams({ password }),
    });
    const cookie = login.headers.get("set-cookie")?.split(";")[0] ?? "";
    const text = async (path: string) =>
      await (await fetch(`${url}${path}`, { headers: { cookie } })).text();
    const page = await text("/campaigns/spring/message?row=1");
    const [, csrf = ""] = /name="csrf" value="([^"]+)"/.exec(page) ?? [];
    const send = async (row: string) => {
      const body = new URLSearchParams({ csrf, row, to: own, own: "yes" });
      const headers = { cookie, origin: url };
      const sent = fetch(`${url}/campaigns/spring/send-test`, { method: "POST", body, headers });
      return (await sent).text();
    };
    expect(await send("1")).toContain("spring#test-1: ");
    const refused = await send("9");
    expect(refused).toContain("there is no row 9");
    expect(refused).toContain("Give another one: --row counts from 1");
    const audit = await text("/audit");
    expect(audit).toContain("sent a test");
    expect(audit).not.toContain(own.slice(1));
  });

  it("warns before other machines", async () => {
    const { running } = await serve(["--host", "0.0.0.0"], { CAMPAIGN_SERVE_PASSWORD: "short" });
    await running.saw(/shorter than 12 characters/);
    await running.saw(/this server speaks no TLS/);
    await running.saw(/--allow-host/);
  });

  it("does not begin with half of what webhooks need", async () => {
    const env = { WHATSAPP_APP_SECRET: "secret of an app" };
    const ended = await campaign(["serve", "--port", "0"], { cwd: folder, env });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain("WHATSAPP_VERIFY_TOKEN is not set");
  });
});

describe("the ledger's thread", () => {
  it("that could not begin is begun again", async () => {
    const { startReadingThread } = await importCompiled<
      typeof import("../../src/cli/process/ledger-thread.ts")
    >("src/cli/process/ledger-thread.ts");
    const file = join(folder, "later.sqlite");
    const reads = startReadingThread(file);
    await expect(reads.listCampaigns()).rejects.toThrow("later.sqlite");
    await (await openSqliteLedger(file)).close();
    expect(await reads.listCampaigns()).toEqual([]);
    await reads.close();
    await expect(reads.listCampaigns()).rejects.toThrow("has ended");
  });
});
