// The promises of the loop of a run under kill -9: receipts come in while runner, receiver and
// sandbox, all in one process, are killed again and again; what was lost with them is reported by
// the next run.

import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import Database from "better-sqlite3";
import { afterAll, describe, expect, it } from "vitest";

import { violations } from "../../src/ledger/file/soundness.ts";
import { makeFolder, numberOf, query, sandboxEvents, start, statuses } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const KILLS = 10;
/**
 * Posted before each kill; as many as may be in flight, so that nothing is claimed that is not
 * posted.
 */
const EACH = 8;
const PEOPLE = 100;

const removals: (() => void)[] = [];
afterAll(() => {
  for (const remove of removals) remove();
});

/** A campaign whose run starts its own sandbox and receiver. */
function circleIn(rate: number): string {
  const { folder, remove } = makeFolder();
  removals.push(remove);
  mkdirSync(join(folder, "data"));
  const lines = ["phone,first_name,coupon"];
  for (let row = 1; row <= PEOPLE; row += 1) lines.push(`${numberOf(row)},Ana,SPRING`);
  writeFileSync(join(folder, "list.csv"), `${lines.join("\n")}\n`);
  setScenario(folder);
  writeFileSync(
    join(folder, "campaign.yaml"),
    `campaign: circle
account: sandbox
sandbox: { scenario: scenario.yaml }
recipients: { file: list.csv, phone: phone }
template: { name: offer, language: pt_BR, body: ["{{ first_name }}", "{{ coupon }}"] }
rate: { messages_per_second: ${rate}, max_in_flight: ${EACH} }
`,
  );
  return folder;
}

/** What the sandbox of the next run plays; it never answers the messages with these numbers. */
function setScenario(folder: string, unanswered: number[] = []): void {
  const faults = unanswered.map((nth) => `{ on: { nth: ${nth} }, do: hang }`);
  writeFileSync(
    join(folder, "scenario.yaml"),
    `throughput: null
receipt_delay_ms: 20
shares: { unreachable: 0.1, read: 0.5 }
webhooks: { batch: 5, duplicates: 0.2, disorder: 0.2, connections: 2 }
faults: [${faults.join(", ")}]
`,
  );
}

/** Starts a run and kills it as soon as the sandbox has taken so many messages, by its log. */
async function killedAt(folder: string, args: string[], accepted: number): Promise<void> {
  const running = start(["campaign.yaml", ...args], { cwd: folder });
  let isOver = false;
  void running.ended.then(() => {
    isOver = true;
  });
  const log = logOf(folder);
  for (let size = -1; !isOver; ) {
    const next = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
    if (next !== size && next > 0 && countAccepted(log) >= accepted) break;
    size = next;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  running.child.kill("SIGKILL");
  const { signal, stderr } = await running.ended;
  expect(signal, stderr).toBe("SIGKILL");
}

function logOf(folder: string): string {
  return join(folder, "data", "sandbox.jsonl");
}

function countAccepted(log: string): number {
  return readFileSync(log, "utf8").split('"event":"accepted"').length - 1;
}

/** Whom the sandbox took a message for, and how often; its log is the proof. */
function acceptedBy(folder: string): Map<string, number> {
  const times = new Map<string, number>();
  for (const { event, to } of sandboxEvents(logOf(folder))) {
    if (event === "accepted") times.set(String(to), (times.get(String(to)) ?? 0) + 1);
  }
  return times;
}

function soundness(folder: string): unknown[] {
  const db = new Database(join(folder, "data", "ledger.sqlite"), { readonly: true });
  try {
    return violations(db);
  } finally {
    db.close();
  }
}

describe.concurrent("the circle, killed again and again", () => {
  it("ends with nobody unknown of whom the sandbox took a message", {
    timeout: 180_000,
  }, async () => {
    const folder = circleIn(400);
    // A run begins with one message; the others are taken, and not answered before the kill.
    setScenario(
      folder,
      Array.from({ length: EACH - 1 }, (_, at) => at + 2),
    );
    let inDoubt = 0;
    for (let kill = 1; kill <= KILLS; kill += 1) {
      // Taken and not answered yet: all of them are in doubt. Receipts of the first come in
      // meanwhile.
      const limit = ["--limit", String(EACH)];
      await killedAt(folder, limit, kill * EACH);
      inDoubt += statuses(folder).claimed ?? 0;
    }
    expect(inDoubt).toBeGreaterThan(KILLS);
    setScenario(folder);
    const last = await campaign(["campaign.yaml"], { cwd: folder });
    expect(last.code, last.stderr).toBe(0);
    expect(last.stderr).toMatch(/Webhooks reported .*no longer unknown/);
    const { unknown = 0, delivered = 0, read = 0, failed = 0, ...others } = statuses(folder);
    expect([unknown, others]).toEqual([0, {}]);
    expect(Math.min(delivered, read, failed)).toBeGreaterThan(0);
    expect([...acceptedBy(folder).values()]).toEqual(new Array(PEOPLE).fill(1));
    expect(soundness(folder)).toEqual([]);
  });

  it("leaves in doubt only whom it never posted to, and they are sent to on the operator's word", {
    timeout: 180_000,
  }, async () => {
    const folder = circleIn(50);
    for (let kill = 1; kill <= 2; kill += 1) await killedAt(folder, [], kill * 25);
    const next = await campaign(["campaign.yaml"], { cwd: folder });
    expect(next.code, next.stderr).toBe(0);
    const posted = acceptedBy(folder);
    const inDoubt = query<{ phone: string }>(
      folder,
      "select phone from outcomes where status = 'unknown'",
    );
    for (const { phone } of inDoubt) expect(posted.has(phone)).toBe(false);
    if (inDoubt.length > 0) {
      const decided = ["resolve", "campaign.yaml", "--unknown", "resend", "--yes"];
      expect((await campaign(decided, { cwd: folder })).code).toBe(0);
      expect((await campaign(["campaign.yaml"], { cwd: folder })).code).toBe(0);
    }
    expect(statuses(folder).unknown ?? 0).toBe(0);
    expect([...acceptedBy(folder).values()]).toEqual(new Array(PEOPLE).fill(1));
    expect(soundness(folder)).toEqual([]);
  });
});
