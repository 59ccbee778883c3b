// A ledger whose file is deleted or replaced under a program at work: nothing more is posted, and
// no delivery is answered 200.

import { copyFileSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import { describe, expect } from "vitest";

import { test as it } from "../support/fixture.ts";
import {
  acceptedBy,
  claimedAtMost,
  LONG,
  start,
  startLong,
  stopBodies,
} from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";
import { sign, startWebhooks } from "../support/webhooks-program.ts";

const ENDS = ["", "-wal", "-shm"];

const WAYS: [title: string, act: (file: string, copy: string) => void, next: RegExp][] = [
  [
    "deleted",
    (file) => {
      for (const end of ENDS) rmSync(file + end, { force: true });
    },
    /\[other_ledger\]/,
  ],
  [
    "moved with its folder",
    (file) => renameSync(join(file, ".."), join(file, "..", "..", "moved")),
    /\[other_ledger\]/,
  ],
  [
    "replaced by an older copy",
    (file, copy) => {
      for (const end of ENDS) rmSync(file + end, { force: true });
      copyFileSync(copy, file);
    },
    /\[ledger_went_back\]/,
  ],
];

describe.concurrent("a ledger that is taken away from a run", () => {
  it.for(WAYS)("halts it, and sends to nobody twice: %s", async ([, act, next], { folder }) => {
    const { sandbox, manifest, env } = await startLong(folder);
    const first = await campaign([manifest, "--limit", "2"], { cwd: folder, env });
    expect(first.code, first.stderr).toBe(75);
    const copied = await campaign(["backup", "copy.sqlite"], { cwd: folder });
    expect(copied.code, copied.stderr).toBe(0);
    const running = start([manifest, "--json"], { cwd: folder, env });
    await running.until(() => acceptedBy(sandbox.log).length >= 5);
    const before = acceptedBy(sandbox.log).length;
    act(join(folder, "data", "ledger.sqlite"), join(folder, "copy.sqlite"));
    const ended = await running.ended;
    expect(ended.code, ended.stderr).toBe(3);
    expect(ended.stderr).toMatch(/Halted\. The ledger .* was deleted, moved or replaced/);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      state: "halted",
      halt: { code: "ledger_gone" },
    });
    // What was claimed, and what a second at this pace is.
    const after = acceptedBy(sandbox.log).length;
    expect(after - before).toBeLessThanOrEqual(claimedAtMost(LONG.pace) + LONG.pace.rate);
    mkdirSync(join(folder, "data"), { recursive: true });
    const again = await campaign([manifest, "--new-ledger"], { cwd: folder, env });
    expect([again.code, again.stderr]).toEqual([2, expect.stringMatching(next)]);
    const people = acceptedBy(sandbox.log);
    expect(people).toHaveLength(after);
    expect(new Set(people).size).toBe(people.length);
  });
});

describe.concurrent("a ledger that is taken away from the receiver", () => {
  it.for(WAYS.slice(0, 2))("keeps nothing for 200: %s", async ([, act], { folder }) => {
    const running = await startWebhooks(folder);
    const { url, webhooks } = running;
    const [body = ""] = stopBodies(1);
    const deliver = async () => {
      const headers = { "content-type": "application/json", ...sign(body) };
      return (await fetch(webhooks, { method: "POST", headers, body })).status;
    };
    expect(await deliver()).toBe(200);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    act(join(folder, "data", "ledger.sqlite"), "");
    expect(await deliver()).toBe(503);
    const health = await fetch(`${url}/health`);
    expect([health.status, await health.text()]).toEqual([
      503,
      expect.stringContaining("deleted, moved or replaced"),
    ]);
    running.child.kill("SIGTERM");
    await running.ended;
  });
});
