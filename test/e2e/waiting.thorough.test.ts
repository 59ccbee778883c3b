// `run --wait`: a run that finds another one at work, and takes over when that has ended.

import { describe, expect } from "vitest";
import { test as it } from "../support/fixture.ts";
import { acceptedBy, start, startLong } from "../support/harness.ts";

describe("a run that waits for another one", () => {
  it("says so once, answers a signal, and takes over where the other one stopped", async ({
    folder,
  }) => {
    const { sandbox, manifest, env } = await startLong(folder);
    const run = (...more: string[]) => start([manifest, "--yes", ...more], { cwd: folder, env });
    const first = run();
    await first.until(() => acceptedBy(sandbox.log).length > 0);

    const called = run("--wait", "--json");
    await called.saw(/^Waiting: the lane \d+ is held by process \d+ on /m);
    called.child.kill("SIGTERM");
    const stopped = await called.ended;
    expect(stopped.code).toBe(75);
    expect(JSON.parse(stopped.stdout).error.id).toBe("interrupted");
    expect(stopped.stderr.match(/Waiting/g)).toHaveLength(1);

    const next = run("--wait");
    await next.saw(/^Waiting/m);
    first.child.kill("SIGTERM");
    expect((await first.ended).code).toBe(75);
    const before = acceptedBy(sandbox.log).length;
    await next.until(() => acceptedBy(sandbox.log).length > before);
    next.child.kill("SIGTERM");
    expect((await next.ended).code).toBe(75);
    const all = acceptedBy(sandbox.log);
    expect(all).toHaveLength(new Set(all).size);
  });
});
