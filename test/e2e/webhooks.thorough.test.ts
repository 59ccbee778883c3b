// `campaign webhooks` as people run it: a process of its own, killed under a flood, and beside
// a campaign.

import { Agent, request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { describe, expect } from "vitest";

import { callbackKey } from "../../src/domain/campaign/dispatch.ts";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import { accepted, answerTo, finish, send, T0, turn } from "../ledger/conformance/builders.ts";
import { statusBody } from "../ledger/conformance/receipts.ts";
import { test as it } from "../support/fixture.ts";
import {
  claimedAtMost,
  numberOf,
  query,
  sandboxEvents,
  scenario,
  start,
  startSandbox,
  statuses,
  stopBodies,
  writeCsv,
  writeManifest,
} from "../support/harness.ts";
import type { Address } from "../support/webhooks-program.ts";
import { sign, startWebhooks } from "../support/webhooks-program.ts";

/** Posts a delivery; the status, or null when no answer came. */
function deliver(to: Address, agent: Agent, body: string, secret?: string): Promise<number | null> {
  return new Promise((resolve) => {
    const headers = {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      ...sign(body, secret),
    };
    const sent = request(to.webhooks, { method: "POST", agent, headers }, (answer) => {
      answer.resume();
      answer.on("end", () => resolve(answer.statusCode ?? null));
      answer.on("error", () => resolve(null));
    });
    sent.on("error", () => resolve(null));
    sent.end(body);
  });
}

/** Waits until nothing waits to be applied. */
async function allApplied({ url }: Address): Promise<void> {
  for (;;) {
    const text = await (await fetch(`${url}/metrics`)).text();
    if (/^campaign_deliveries_waiting 0$/m.test(text)) return;
    await sleep(20);
  }
}

const ROWS = 900;

/** A ledger with a campaign of accepted messages; the receipt of each row. */
async function acceptedCampaign(folder: string): Promise<(row: number) => string> {
  const ledger = await openSqliteLedger(join(folder, "data", "ledger.sqlite"));
  const draft = {
    name: "c",
    lane: "106540352242922",
    frozen: { template: "t" },
    columns: ["phone", "v"],
  };
  const { id } = await ledger.createCampaign({ ...draft, now: T0 });
  const digits = (row: number) => numberOf(row).slice(1);
  const rows = Array.from({ length: ROWS }, (_, at) => ({
    ...send(at + 1, 0),
    phone: numberOf(at + 1),
    person: digits(at + 1),
  }));
  await ledger.plan(id, rows, T0);
  await finish(ledger, id, ROWS);
  const { claimed } = await ledger.turn(turn(id, { claim: ROWS }));
  const record = claimed.map((claim) =>
    answerTo(claim, accepted(claim.row, { messageId: `wamid.${claim.row}` })),
  );
  await ledger.turn(turn(id, { record }));
  const { id: ledgerId } = ledger;
  await ledger.close();
  return (row) =>
    statusBody({
      status: "delivered",
      id: `wamid.${row}`,
      waId: digits(row),
      key: callbackKey({ ledger: ledgerId, campaign: id, row, attempt: 1 }),
    });
}

describe.concurrent("webhooks", () => {
  it("killed under a flood, loses nothing that it answered 200, and applies all of it once", async ({
    folder,
  }) => {
    const receiptOf = await acceptedCampaign(folder);
    const waiting = Array.from({ length: ROWS }, (_, at) => at + 1);
    const answered = new Set<number>();
    let posted = 0;
    for (let life = 1; waiting.length > 0; life += 1) {
      const receiver = await startWebhooks(folder);
      const agent = new Agent({ keepAlive: true, maxSockets: 32 });
      let isAlive = true;
      const kill = () => {
        isAlive = false;
        receiver.child.kill("SIGKILL");
      };
      const before = answered.size;
      await Promise.all(
        Array.from({ length: 32 }, async () => {
          while (isAlive) {
            const row = waiting.shift();
            if (row === undefined) return;
            posted += 1;
            const status = await deliver(receiver, agent, receiptOf(row));
            if (status === 200) answered.add(row);
            // As Meta does: again until it is 200.
            else waiting.push(row);
            if (life <= 3 && isAlive && answered.size - before >= 150 + 30 * life) kill();
          }
        }),
      );
      agent.destroy();
      if (isAlive) {
        await allApplied(receiver);
        receiver.child.kill("SIGTERM");
        expect(await receiver.ended).toMatchObject({ code: 0 });
        expect(life).toBe(4);
        break;
      }
      await receiver.ended;
      const delivered = new Set(
        query<{ row: number }>(
          folder,
          `select row_number as row from outcomes where status = 'delivered'
           union select cast(substr(body, instr(body, 'wamid.') + 6) as integer)
           from webhook_body where applied_at is null`,
        ).map(({ row }) => row),
      );
      for (const row of answered) expect(delivered, `row ${row} was answered 200`).toContain(row);
    }
    expect(answered.size).toBe(ROWS);
    expect(statuses(folder)).toEqual({ delivered: ROWS });
    const counts = query<{ effect: string; number: number }>(
      folder,
      "select effect, number from receipt_count where event = 'delivered' and number > 0",
    );
    const numbers = Object.fromEntries(counts.map(({ effect, number }) => [effect, number]));
    // Once each; what was kept and could not be answered any more came again, and changed nothing.
    expect(numbers.applied).toBe(ROWS);
    const [kept] = query<{ number: number }>(folder, "select count(*) as number from webhook_body");
    expect((numbers.applied ?? 0) + (numbers.repeated ?? 0)).toBe(kept?.number);
    expect(kept?.number).toBeLessThanOrEqual(posted);
  });

  it("works beside a campaign that is sending, which honours an opt-out from then on", async ({
    folder,
  }) => {
    const fast = scenario("pair_limit: false\nlatency_ms: { min: 1, max: 5 }\n");
    const sandbox = await startSandbox(folder, fast);
    const receiver = await startWebhooks(folder);
    const agent = new Agent({ keepAlive: true, maxSockets: 16 });
    // By its pace alone the campaign takes five minutes.
    const people = 6_000;
    const pace = { rate: 20, inFlight: 8 };
    writeCsv(folder, people);
    const manifest = writeManifest(folder, sandbox, pace);
    const env = { WHATSAPP_ACCESS_TOKEN: sandbox.token };
    const running = start([manifest, "--json"], { cwd: folder, env });
    const posted = () => sandboxEvents(sandbox.log).filter(({ event }) => event === "accepted");
    await running.until(() => posted().length >= 10);
    const others = Array.from({ length: 600 }, (_, at) =>
      statusBody({ status: "sent", id: `w${at}`, waId: String(447_700_000_000 + at) }),
    );
    const bodies = [...others.slice(0, 300), ...stopBodies(people), ...others.slice(300)];
    const answers = await Promise.all(
      bodies.map((body, at) =>
        deliver(receiver, agent, body, at % 2 === 0 ? undefined : "the-secret-of-a-partner"),
      ),
    );
    expect(new Set(answers)).toEqual(new Set([200]));
    await allApplied(receiver);
    const before = posted().length;
    const ended = await running.ended;
    expect(ended.code, ended.stderr).toBe(0);
    const after = posted().length;
    expect(after - before).toBeLessThanOrEqual(claimedAtMost(pace));
    expect(JSON.parse(ended.stdout).reasons).toEqual({ opted_out: people - after });
    const health = await fetch(`${receiver.url}/health`);
    expect([health.status, await health.json()]).toEqual([200, { ok: true, problems: [] }]);
    const metrics = await (await fetch(`${receiver.url}/metrics`)).text();
    for (const line of [
      `campaign_deliveries_total ${bodies.length}`,
      `campaign_events_total{event="stop",effect="applied"} ${people}`,
      `campaign_opt_outs_total ${people}`,
      'campaign_campaigns{state="finished"} 1',
    ]) {
      expect(metrics.split("\n")).toContain(line);
    }
    receiver.child.kill("SIGTERM");
    agent.destroy();
    const { code, stdout, stderr } = await receiver.ended;
    expect(code, stderr).toBe(0);
    const ledger = join(folder, "data", "ledger.sqlite");
    expect(JSON.parse(stdout)).toEqual({ url: receiver.url, webhooks: receiver.webhooks, ledger });
    for (const secret of [numberOf(people).slice(1), "the-secret", "the-verify-token"]) {
      expect(stderr).not.toContain(secret);
      expect(metrics).not.toContain(secret);
    }
  });
});
