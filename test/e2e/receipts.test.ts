// `campaign receipts import` as a person uses it: on the log of a sandbox that loses answers, on
// logs of other shapes, beside a campaign that is sending.

import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { describe, expect } from "vitest";
import { statusBody } from "../ledger/conformance/receipts.ts";
import type { SandboxWorld } from "../support/fixture.ts";
import { testWithSandbox } from "../support/fixture.ts";
import {
  claimedAtMost,
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
import { campaign } from "../support/in-process.ts";

const PEOPLE = 60;
/** Every fourth message is taken by Meta, and its answer lost. */
const LOSSES = `latency_ms: { min: 1, max: 10 }
pair_limit: false
receipt_delay_ms: 20
shares: { unreachable: 0.1, opted_out: 0.05, per_user_limit: 0.05 }
faults:
  - { on: { every: 4 }, do: drop_after_accepting }
`;

const it = testWithSandbox((folder) => startSandbox(folder, scenario(LOSSES)));

/** Message id → number, of everything that Meta took. */
function taken(log: string): Map<string, string> {
  const events = sandboxEvents(log).filter((event) => event.event === "accepted");
  return new Map(events.map((event) => [event.id as string, event.to as string]));
}

/**
 * A copy of the log in which every message is delivered or failed; in the log itself a `read` may
 * follow.
 */
async function settledLog({ folder, sandbox }: SandboxWorld): Promise<string> {
  const copy = join(folder, "copy.jsonl");
  for (;;) {
    copyFileSync(sandbox.log, copy);
    const receipts = sandboxEvents(copy).filter((event) => event.event === "receipt");
    const over = new Set(receipts.filter(({ status }) => status !== "sent").map(({ id }) => id));
    if ([...taken(copy).keys()].every((id) => over.has(id))) return copy;
    await sleep(20);
  }
}

interface Row {
  phone: string;
  status: string;
  message_id: string | null;
  path: string | null;
}

const rowsOf = (folder: string) => query<Row>(folder, "select * from outcomes order by row_number");

describe.concurrent("receipts import", () => {
  it.for([
    ["with our key", ""],
    ["without a key", "delivery:\n  callback_key: false\n"],
  ])("settles what a campaign with lost answers left in doubt, %s", async ([, more], { world }) => {
    const { folder, sandbox, run } = world;
    writeCsv(folder, PEOPLE);
    const manifest = writeManifest(folder, sandbox, { more: more as string });
    const ended = await run(manifest);
    expect(ended.code, ended.stderr).toBe(0);
    const lost = statuses(folder).unknown ?? 0;
    expect(lost).toBeGreaterThan(PEOPLE / 6);
    const log = await settledLog(world);

    const first = await run("receipts", "import", log, "--json");
    expect(first.code, first.stderr).toBe(0);
    const summary = JSON.parse(first.stdout);
    expect(summary).toMatchObject({
      complete: true,
      settled_unknown: lost,
      unmatched: 0,
      parked: 0,
    });
    const counts = statuses(folder);
    expect(counts.unknown).toBeUndefined();
    expect(counts.accepted).toBeUndefined();
    expect((counts.delivered ?? 0) + (counts.read ?? 0)).toBeGreaterThan(PEOPLE / 2);
    // The server's word for it: each message belongs to the person whom it was taken for.
    const byId = taken(log);
    const rows = rowsOf(folder);
    for (const row of rows) {
      if (row.status === "held") continue;
      expect(byId.get(row.message_id ?? "")).toBe(row.phone);
      if (row.status !== "failed") expect(row.path).toBe("marketing_lite");
    }
    const optedOut = query(folder, "select 1 from suppression where source = 'webhook'").length;
    expect(summary.opt_outs_added).toBe(optedOut);

    const again = await run("receipts", "import", log, "--json");
    expect(JSON.parse(again.stdout)).toMatchObject({
      applied: 0,
      settled_unknown: 0,
      opt_outs_added: 0,
    });
    expect(rowsOf(folder)).toEqual(rows);
    expect((await run("doctor")).stdout).not.toMatch(/does not hold/);
  });

  it("reads logs of many shapes, and tells what it could not read", async ({ world }) => {
    const { folder, run } = world;
    const body = (person: number) =>
      statusBody({ status: "failed", id: `w${person}`, person, code: 131050, key: "order-1" });
    const lines = [
      `\uFEFF${body(1)}`,
      JSON.stringify({ at: 5, body: body(2) }),
      JSON.stringify({ body: JSON.parse(body(3)) }),
      JSON.stringify({ event: "webhook", payload: JSON.stringify({ rawBody: body(4) }) }),
      JSON.stringify([JSON.parse(body(5)), JSON.parse(body(6))]),
      JSON.stringify(body(7)),
      "",
      "call +447700900777 back",
      JSON.stringify({ level: "info", message: "started" }),
      "[1, 2",
      body(8),
    ];
    writeFileSync(join(folder, "log.jsonl"), lines.join("\r\n"));
    const json = await run("receipts", "import", "log.jsonl", "--json");
    expect(json.code, json.stderr).toBe(0);
    expect(JSON.parse(json.stdout)).toMatchObject({
      file: "log.jsonl",
      lines: 10,
      deliveries: 8,
      bad_lines: 2,
      lines_without_delivery: 1,
      events: { failed: { applied: 8 } },
      opt_outs_added: 8,
    });
    expect(json.stderr).toMatch(/^log\.jsonl:8: warning: this line is not JSON/m);
    expect(json.stderr).toMatch(/^log\.jsonl:10: warning: /m);
    expect(json.stderr + json.stdout).not.toContain("900777");
    const text = await run("receipts", "import", "log.jsonl");
    expect(text.stdout).toMatch(/log\.jsonl: 10 lines, 8 deliveries/);
    expect(text.stdout).toMatch(/failed +0 +0 +0 +8/);
    expect(text.stdout).toMatch(/2 lines could not be read/);
    expect(text.stdout).toMatch(/the first is line 9/);
  });

  it("refuses what is no log of webhooks, and takes an empty one", async ({ world }) => {
    const { folder, run } = world;
    mkdirSync(join(folder, "folder"));
    writeFileSync(join(folder, "list.csv"), "phone\n+447700900123\n");
    writeFileSync(join(folder, "empty.jsonl"), "\n\n");
    const refused: [string, RegExp][] = [
      ["nothing.jsonl", /there is no such file/],
      ["folder", /this is a folder/],
      ["list.csv", /none of its 2 lines holds a webhook body/],
    ];
    for (const [file, why] of refused) {
      const ended = await run("receipts", "import", file);
      expect(ended.code).toBe(2);
      expect(ended.stderr).toMatch(why);
    }
    expect(await run("receipts", "import", "empty.jsonl")).toMatchObject({ code: 0 });
  });

  it("works beside a campaign that is sending, which honours an opt-out from then on", async ({
    world,
  }) => {
    const { folder, sandbox, run } = world;
    await sandbox.patch({ faults: [], receipt_delay_ms: null });
    // By its pace alone the campaign takes five minutes.
    const people = 6_000;
    const pace = { rate: 20, inFlight: 8 };
    writeCsv(folder, people);
    const manifest = writeManifest(folder, sandbox, pace);
    const others = Array.from({ length: people }, (_, at) =>
      statusBody({ status: "sent", id: `w${at}`, waId: String(447_700_000_000 + at) }),
    );
    writeFileSync(join(folder, "log.jsonl"), [...others, ...stopBodies(people)].join("\n"));
    const env = { WHATSAPP_ACCESS_TOKEN: sandbox.token };
    const running = start([manifest, "--json"], { cwd: folder, env });
    await running.until(() => taken(sandbox.log).size >= 10);
    const imported = await run("receipts", "import", "log.jsonl", "--json");
    const before = taken(sandbox.log).size;
    expect(imported.code, imported.stderr).toBe(0);
    expect(JSON.parse(imported.stdout)).toMatchObject({ opt_outs_added: people });
    const ended = await running.ended;
    expect(ended.code, ended.stderr).toBe(0);
    const posted = taken(sandbox.log).size;
    expect(JSON.parse(ended.stdout).reasons).toEqual({ opted_out: people - posted });
    expect(posted - before).toBeLessThanOrEqual(claimedAtMost(pace));
  });

  it("takes the words of CAMPAIGN_STOP_WORDS beside the built-in ones, and refuses a bad file", async ({
    world: { folder },
  }) => {
    const wrote = (from: string, body: string) => {
      const message = { id: from, from, timestamp: "1", type: "text", text: { body } };
      const changes = [{ field: "messages", value: { messages: [message] } }];
      return JSON.stringify({ object: "whatsapp_business_account", entry: [{ changes }] });
    };
    const lines = [wrote("447700900001", "Chega!"), wrote("447700900002", "stop")];
    writeFileSync(join(folder, "log.jsonl"), lines.join("\n"));
    const args = ["receipts", "import", "log.jsonl", "--json"];
    const env = { CAMPAIGN_STOP_WORDS: "words.txt" };
    writeFileSync(join(folder, "words.txt"), "# ours\nchega\n!!!\n");
    const refused = await campaign(args, { cwd: folder, env });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/words\.txt:3.*cannot be a stop word/);
    writeFileSync(join(folder, "words.txt"), "# ours\nchega\n");
    const imported = await campaign(args, { cwd: folder, env });
    expect(JSON.parse(imported.stdout)).toMatchObject({ opt_outs_added: 2 });
  });
});
