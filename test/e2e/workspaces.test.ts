// One server for several workspaces: what each page shows, to which ledger a webhook goes, and that
// a ledger that cannot be opened takes none of the others down.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import type { Running } from "../support/harness.ts";
import { makeFolder, start } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";
import { sign } from "../support/webhooks-program.ts";

const { folder, remove } = makeFolder();
const started: Running[] = [];
const PASSWORD = "a password of my own";

afterEach(async () => {
  for (const { child, ended } of started.splice(0)) {
    child.kill("SIGTERM");
    expect((await ended).code).toBe(0);
  }
});
afterAll(remove);

let folders = 0;

/** A folder with workspaces; each with a campaign from a number, where it has one. */
async function makeWorkspaces(
  of: Readonly<Record<string, { number?: string; secret?: string; waba?: string }>>,
): Promise<string> {
  folders += 1;
  const cwd = join(folder, `servers-${folders}`);
  for (const [name, { number, secret, waba }] of Object.entries(of)) {
    mkdirSync(join(cwd, name, "data"), { recursive: true });
    writeFileSync(join(cwd, name, "policy.yaml"), "ledger: data/own.sqlite\n");
    if (secret !== undefined) {
      writeFileSync(
        join(cwd, name, ".env"),
        `WHATSAPP_APP_SECRET=${secret}\nWHATSAPP_VERIFY_TOKEN=verify-${name}\n`,
      );
    }
    if (number !== undefined) await makeLedger(cwd, name, { number, waba });
  }
  return cwd;
}

async function makeLedger(
  cwd: string,
  name: string,
  { number, waba }: { number: string; waba?: string | undefined },
): Promise<void> {
  const ledger = await openSqliteLedger(join(cwd, name, "data", "own.sqlite"));
  const draft = { name: `${name}-spring`, lane: number, frozen: {}, columns: ["phone"], now: 1 };
  const { id } = await ledger.createCampaign(draft);
  const facts = { portfolio: null, ttlSeconds: 86_400, ...(waba !== undefined && { waba }) };
  await ledger.keepFacts(id, facts, 1);
  await ledger.close();
}

async function serve(cwd: string, args: string[]) {
  const env = { CAMPAIGN_SERVE_PASSWORD: PASSWORD };
  const running = start(["serve", "--port", "0", ...args], { cwd, env });
  started.push(running);
  const { url } = JSON.parse(await running.line()) as { url: string };
  const login = await fetch(`${url}/login`, {
    ...{ method: "POST", redirect: "manual" as const },
    headers: { origin: url },
    body: new URLSearchParams({ password: PASSWORD, to: "/" }),
  });
  const cookie = login.headers
    .getSetCookie()
    .map((one) => one.split(";")[0])
    .join("; ");
  const get = async (path: string) => {
    const got = await fetch(`${url}${path}`, { headers: { cookie }, redirect: "manual" });
    return { status: got.status, text: await got.text(), location: got.headers.get("location") };
  };
  const post = async (secret: string, body: string) => {
    const headers = sign(body, secret);
    return (await fetch(`${url}/webhooks`, { method: "POST", headers, body })).status;
  };
  return { url, running, get, post, cookie };
}

const bodyOf = (...named: [waba: string, number: string, id: string][]): string =>
  JSON.stringify({
    object: "whatsapp_business_account",
    entry: named.map(([waba, number, id]) => ({
      id: waba,
      changes: [
        {
          field: "messages",
          value: {
            metadata: { phone_number_id: number },
            statuses: [{ id, status: "delivered", timestamp: "1795341600", recipient_id: "1" }],
          },
        },
      ],
    })),
  });

/** Bodies that a ledger keeps. */
async function kept(cwd: string, name: string): Promise<number> {
  const ledger = await openSqliteLedger(join(cwd, name, "data", "own.sqlite"), { readOnly: true });
  try {
    return (await ledger.receiptTotals()).bodies;
  } finally {
    await ledger.close();
  }
}

const ACME = { number: "1001", waba: "91", secret: "one app for all" };
const BRUT = { number: "2002", waba: "92", secret: "one app for all" };

describe("campaign serve --workspace", () => {
  it("shows each workspace below its own address, behind one login", async () => {
    const cwd = await makeWorkspaces({ acme: ACME, brut: BRUT });
    const { url, get } = await serve(cwd, ["--workspace", "acme", "--workspace", "b2=brut"]);
    expect(await get("/")).toMatchObject({ status: 303, location: "/workspaces" });
    const all = (await get("/workspaces")).text;
    expect(all).toContain('href="/w/acme/campaigns/acme-spring"');
    expect(all).toContain('href="/w/b2/campaigns/brut-spring"');
    const home = (await get("/w/acme/")).text;
    expect(home).toContain("acme-spring");
    expect(home).not.toContain("brut-spring");
    expect(home).not.toMatch(/(?:href|action|data-events)="\/(?!w\/acme\/|workspaces|log|live)/);
    expect((await get("/w/b2/campaigns/acme-spring")).status).toBe(404);
    const page = (await get("/w/acme/campaigns/acme-spring")).text;
    expect(page).toContain('action="/w/acme/campaigns/acme-spring/pause"');
    expect(page).toContain('data-events="/w/acme/campaigns/acme-spring/events"');
    const report = (await get("/w/acme/campaigns/acme-spring/report")).text;
    expect(report).toContain('href="/w/acme/campaigns/acme-spring"');
    const stranger = await fetch(`${url}/w/acme/audit`, { redirect: "manual" });
    expect(stranger.headers.get("location")).toBe("/login?to=%2Fw%2Facme%2Faudit");
  });

  it("changes the ledger of the workspace alone, and goes back to its page", async () => {
    const cwd = await makeWorkspaces({ acme: ACME, brut: BRUT });
    const { url, get, cookie } = await serve(cwd, ["--workspace", "acme", "--workspace", "brut"]);
    const { text } = await get("/w/acme/opt-outs");
    const csrf = /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? "";
    const added = await fetch(`${url}/w/acme/opt-outs/add`, {
      ...{ method: "POST", redirect: "manual" as const },
      headers: { cookie, origin: url },
      body: new URLSearchParams({ csrf, who: "+5511987654321", reason: "asked" }),
    });
    expect([added.status, added.headers.get("location")]).toEqual([303, "/w/acme/opt-outs"]);
    const onList = async (name: string) =>
      (await campaign(["suppress", "list", "--json"], { cwd: join(cwd, name) })).stdout;
    expect(await onList("acme")).toContain("5511987654321");
    expect(await onList("brut")).not.toContain("5511987654321");
  });

  it("keeps each part of a webhook in the ledger that it is for, and loses none", async () => {
    const cwd = await makeWorkspaces({ acme: ACME, brut: BRUT });
    const { url, get, post } = await serve(cwd, ["--workspace", "acme", "--workspace", "brut"]);
    const { secret } = ACME;
    const counts = async () => [await kept(cwd, "acme"), await kept(cwd, "brut")];
    expect(await post(secret, bodyOf(["91", "1001", "wamid.A"]))).toBe(200);
    expect(await counts()).toEqual([1, 0]);
    // By the account, where no campaign has the number.
    expect(await post(secret, bodyOf(["92", "7777", "wamid.B"]))).toBe(200);
    expect(await counts()).toEqual([1, 1]);
    expect(await post(secret, bodyOf(["91", "1001", "wamid.C"], ["92", "2002", "wamid.D"]))).toBe(
      200,
    );
    expect(await counts()).toEqual([2, 2]);
    expect(await post(secret, bodyOf(["99", "7777", "wamid.E"]))).toBe(200);
    expect(await counts()).toEqual([2, 2]);
    const file = join(cwd, "data", "unrouted-webhooks.jsonl");
    expect(readFileSync(file, "utf8")).toContain("wamid.E");
    expect((await get("/workspaces")).text).toContain("1 webhook body names no number");
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain("campaign_unrouted_deliveries_total 1\n");
    expect(metrics).toContain('campaign_deliveries_total{workspace="acme"} 2\n');
    expect(metrics).toContain('campaign_deliveries_total{workspace="brut"} 2\n');
    expect(metrics.match(/# TYPE campaign_deliveries_total /g)).toHaveLength(1);
    const imported = await campaign(["receipts", "import", file, "--json"], {
      cwd: join(cwd, "brut"),
    });
    expect(imported.code, imported.stderr).toBe(0);
    expect(await counts()).toEqual([2, 3]);
    expect(await post("of nobody", bodyOf(["91", "1001", "wamid.F"]))).toBe(403);
    for (const name of ["acme", "brut"]) {
      const shaken = `hub.mode=subscribe&hub.challenge=4&hub.verify_token=verify-${name}`;
      expect(await (await fetch(`${url}/webhooks?${shaken}`)).text()).toBe("4");
    }
  });

  it("takes the signature for the sender where each has an app of its own", async () => {
    const cwd = await makeWorkspaces({ acme: ACME, brut: { ...BRUT, secret: "an app of brut" } });
    const { post } = await serve(cwd, ["--workspace", "acme", "--workspace", "brut"]);
    // Whatever it names: acme's app can write nothing into the ledger of brut.
    expect(await post(ACME.secret, bodyOf(["92", "2002", "wamid.A"]))).toBe(200);
    expect([await kept(cwd, "acme"), await kept(cwd, "brut")]).toEqual([1, 0]);
  });

  it("goes on with the others while a ledger cannot be opened, and begins with it later", async () => {
    const cwd = await makeWorkspaces({ acme: ACME, brut: { secret: ACME.secret } });
    const broken = join(cwd, "brut", "data", "own.sqlite");
    writeFileSync(broken, "this is no ledger");
    const { url, get, post, running } = await serve(cwd, [
      ...["--workspace", "acme", "--workspace", "brut"],
    ]);
    await running.saw(/workspace brut: .*own\.sqlite/);
    const all = await get("/workspaces");
    expect(all.status).toBe(200);
    expect(all.text).toContain("acme-spring");
    expect(all.text).toMatch(
      /brut<\/bdi><\/a><\/h2><\/div><section class="card"><p class="problem">/,
    );
    expect((await get("/w/acme/campaigns/acme-spring")).status).toBe(200);
    expect((await get("/w/brut/")).status).toBe(500);
    expect(await post(ACME.secret, bodyOf(["91", "1001", "wamid.A"]))).toBe(200);
    // It may be for brut, which cannot say so: Meta sends it again.
    expect(await post(ACME.secret, bodyOf(["92", "2002", "wamid.B"]))).toBe(503);
    const health = await fetch(`${url}/health`);
    expect([health.status, await health.json()]).toMatchObject([
      503,
      { problems: ["brut: the ledger cannot be opened"] },
    ]);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('campaign_workspace_up{workspace="acme"} 1\n');
    expect(metrics).toContain('campaign_workspace_up{workspace="brut"} 0\n');
    rmSync(broken);
    await makeLedger(cwd, "brut", BRUT);
    await running.saw(/the ledger is open now/);
    expect(await post(ACME.secret, bodyOf(["92", "2002", "wamid.B"]))).toBe(200);
    expect(await kept(cwd, "brut")).toBe(1);
    expect((await get("/w/brut/")).text).toContain("brut-spring");
  });

  it.each([
    [["--workspace", "nowhere"], "there is no such folder"],
    [["--workspace", "acme", "--workspace", "other/acme"], "two workspaces are called acme"],
    [["--workspace", "acme", "--workspace", "b=acme"], "have the same ledger"],
    [["--workspace", "a b=acme"], "cannot be a workspace's name"],
    [["--workspace", "acme", "--ledger", "x.sqlite"], "each workspace has its own"],
  ])("refuses %j", async (args, words) => {
    const cwd = await makeWorkspaces({ acme: {}, "other/acme": {} });
    const ended = await campaign(["serve", "--port", "0", ...args], { cwd });
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining(words)]);
  });
});
