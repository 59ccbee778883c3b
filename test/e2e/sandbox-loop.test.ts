// The loop of a run: what the sandbox tells of messages and people reaches the ledger while a
// campaign runs, in one process (`account: sandbox`) and in three.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, onTestFinished } from "vitest";
import { SECRET, startWebhook } from "../sandbox/webhook.ts";
import { test as it } from "../support/fixture.ts";
import {
  acceptedBy,
  LONG,
  numberOf,
  query,
  sandboxEvents,
  scenario,
  start,
  startSandbox,
  statuses,
  writeCsv,
} from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const SANDBOX = "SANDBOX: nothing goes to WhatsApp; Graph is simulated on this machine.";
const PEOPLE = 120;

/** A campaign with a sandbox of its own. */
function inner(folder: string, more: string, numbers: string[] = []): void {
  const others = Array.from({ length: PEOPLE - numbers.length }, (_, at) => numberOf(at + 1));
  const lines = [...numbers, ...others].map((number) => `${number},Ana,SPRING`);
  writeFileSync(join(folder, "list.csv"), `phone,first_name,coupon\n${lines.join("\n")}\n`);
  writeFileSync(join(folder, "scenario.yaml"), `receipt_delay_ms: 20\nthroughput: null\n${more}`);
  writeFileSync(
    join(folder, "campaign.yaml"),
    `campaign: circle
account: sandbox
sandbox: { scenario: scenario.yaml }
recipients: { file: list.csv, phone: phone }
template: { name: offer, language: pt_BR, body: ["{{ first_name }}", "{{ coupon }}"] }
rate: { messages_per_second: 40 }
`,
  );
}

function reasonOf(folder: string, phone: string): string | undefined {
  const sql = `select status || ' ' || coalesce(reason, '') as said from outcomes where phone = '${phone}'`;
  return query<{ said: string }>(folder, sql)[0]?.said.trim();
}

describe("account: sandbox", () => {
  it("ends with delivered, read and failed, and honours who opts out in mid-run", async ({
    folder,
  }) => {
    const [stops, writes] = [numberOf(PEOPLE - 1), numberOf(PEOPLE)];
    inner(
      folder,
      `shares: { unreachable: 0.1, read: 0.5 }
webhooks: { batch: 10, duplicates: 0.1, disorder: 0.1 }
inbound:
  - { from: "${stops}", after_messages: 5, preference: stop }
  - { from: "${writes}", after_messages: 5, text: Sair! }
`,
    );
    const { code, stdout, stderr } = await campaign(["campaign.yaml"], { cwd: folder });
    expect(code, stderr).toBe(0);
    const { delivered = 0, read = 0, failed = 0, skipped, ...others } = statuses(folder);
    expect([skipped, others]).toEqual([2, {}]);
    expect(delivered + read + failed).toBe(PEOPLE - 2);
    expect(Math.min(delivered, read, failed)).toBeGreaterThan(0);
    expect([stops, writes].map((who) => reasonOf(folder, who))).toEqual([
      "skipped opted_out",
      "skipped opted_out",
    ]);
    const posted = sandboxEvents(join(folder, "data", "sandbox.jsonl")).map(({ to }) => to);
    expect(posted).not.toContain(stops);
    expect(posted).not.toContain(writes);
    expect(stderr).toContain("Webhooks reported 2 opt-outs.\n");
    for (const text of [stdout, stderr]) {
      const lines = text.trimEnd().split("\n");
      expect([lines[0], lines.at(-1)]).toEqual([SANDBOX, SANDBOX]);
    }
  });

  it("is stopped, and not finished, when a receipt makes a person wait", async ({ folder }) => {
    inner(folder, "", ["+46701740612"]);
    const { code, stderr } = await campaign(["campaign.yaml"], { cwd: folder });
    expect(code, stderr).toBe(75);
    expect(reasonOf(folder, "+46701740612")).toBe("held 131049");
    expect(stderr).toContain("Only held recipients are left: 1.");
  });

  it("says what it waits for, and ends the wait at a signal; the next run is reported the rest", async ({
    folder,
  }) => {
    inner(folder, "");
    writeFileSync(join(folder, "scenario.yaml"), "receipt_delay_ms: 9000\nthroughput: null\n");
    const running = start(["campaign.yaml", "--limit", "3"], { cwd: folder });
    await running.saw(/Everything is posted; the last receipts are on their way/);
    running.child.kill("SIGINT");
    const { code, stderr } = await running.ended;
    expect(code).toBe(75);
    expect(stderr).toContain("Some receipts come later: the sandbox reports them in the next run.");
    expect(statuses(folder).accepted).toBe(3);
    writeFileSync(join(folder, "scenario.yaml"), "receipt_delay_ms: 0\nthroughput: null\n");
    await campaign(["campaign.yaml", "--limit", "1"], { cwd: folder });
    const { delivered = 0, read = 0 } = statuses(folder);
    expect(delivered + read).toBe(4);
  });

  it("waits for nothing where nothing is reported", async ({ folder }) => {
    inner(folder, "");
    writeFileSync(join(folder, "scenario.yaml"), "receipt_delay_ms: null\nthroughput: null\n");
    const { stderr } = await campaign(["campaign.yaml", "--limit", "5"], { cwd: folder });
    expect(stderr).not.toContain("receipts");
    expect(statuses(folder).accepted).toBe(5);
  });
});

describe("campaign sandbox --webhooks", () => {
  it("shakes hands and tells, with secrets from the environment", async ({ folder }) => {
    const hook = await startWebhook(() => 200, { verifyToken: "between us" });
    onTestFinished(hook.close);
    const env = { WHATSAPP_APP_SECRET: SECRET, WHATSAPP_VERIFY_TOKEN: "between us" };
    writeFileSync(join(folder, "scenario.yaml"), 'numbers: [{ phone_number_id: "7" }]\n');
    const files = ["--scenario", "scenario.yaml", "--log", "log.jsonl"];
    const args = ["sandbox", "--port", "0", ...files, "--webhooks", hook.url];
    const running = start(args, { cwd: folder, env });
    const { url, phone_number_ids: ids } = JSON.parse(await running.line());
    expect(ids).toEqual(["100000000000001", "7"]);
    await running.saw(/Webhook: the handshake was answered/);
    const account_state = { event: "ACCOUNT_VIOLATION", phone_number_id: "7" };
    const patch = JSON.stringify({ account_state });
    await fetch(`${url}/_sandbox`, { method: "PATCH", body: patch });
    await hook.until(() => hook.posted.length === 1);
    expect(hook.posted[0]).toMatchObject({ isSigned: true });
    expect(hook.values()).toEqual([
      {
        ...{ event: "ACCOUNT_VIOLATION", violation_info: { violation_type: "SPAM" } },
        phone_number: "552055550101",
      },
    ]);
  });

  it.for<[string[], RegExp]>([
    [["--webhooks", "http://127.0.0.1:9/webhooks"], /no app secret signs it/],
    [["--webhooks", "127.0.0.1:9", "--app-secret", "hush"], /is no address/],
    [["--webhooks", "http://:9/", "--app-secret", "hush"], /is no address/],
  ])("refuses %j", async ([args, words], { folder }) => {
    const { code, stderr } = await campaign(["sandbox", "--port", "0", ...args], { cwd: folder });
    expect([code, stderr]).toEqual([2, expect.stringMatching(words)]);
  });
});

describe("sandbox, receiver and run, each a process of its own", () => {
  it("stop a campaign by an event of the account", async ({ folder }) => {
    const env = {
      WHATSAPP_APP_SECRET: SECRET,
      WHATSAPP_VERIFY_TOKEN: "between us",
      WHATSAPP_ACCESS_TOKEN: "sandbox-token",
    };
    mkdirSync(join(folder, "meta"));
    writeCsv(folder, LONG.people);
    const receiver = start(["webhooks", "--port", "0"], { cwd: folder, env });
    const { webhooks: url } = JSON.parse(await receiver.line());
    const sandbox = await startSandbox(
      join(folder, "meta"),
      scenario(`receipt_delay_ms: 50
webhooks: { url: "${url}", app_secret: "${SECRET}", verify_token: "between us", batch: 20 }
`),
    );
    writeFileSync(
      join(folder, "campaign.yaml"),
      `campaign: three
account:
  phone_number_id: "${sandbox.phoneNumberId}"
  waba_id: "100000000000002"
  access_token: \${WHATSAPP_ACCESS_TOKEN}
  base_url: ${sandbox.url}
recipients: { file: list.csv, phone: phone }
template: { name: offer, language: pt_BR, body: ["{{ first_name }}", "{{ coupon }}"] }
rate: { messages_per_second: ${LONG.pace.rate} }
`,
    );
    const running = start(["campaign.yaml"], { cwd: folder, env });
    const posted = () => acceptedBy(sandbox.log).length;
    await running.until(() => posted() >= 10);
    await sandbox.patch({ account_state: { event: "ACCOUNT_RESTRICTION" } });
    const { code, stderr } = await running.ended;
    expect(code, stderr).toBe(3);
    expect(stderr).toMatch(/restrict/i);
    expect(posted()).toBeLessThan(LONG.people);
    const { delivered = 0, read = 0 } = statuses(folder);
    expect(delivered + read).toBeGreaterThan(0);
  });
});
