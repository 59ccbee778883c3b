// `notify` of the policy, with a ledger in a file.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { test as it } from "../support/fixture.ts";
import { startHook } from "../support/hook.ts";
import { begin, describeNotices, eventsOf } from "../support/notices.ts";

describeNotices("notices of a ledger in a file", async () => undefined);

describe("a policy that notifies", () => {
  it("needs its variables for a run alone, and then only warns", async ({ folder }) => {
    const { manifest, run } = await begin(folder, {});
    expect((await run("check", manifest)).code).toBe(0);
    const ran = await run("run", manifest, "--yes");
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stderr).toContain("a variable of `notify` in the policy is not set");
    expect((await run("status")).code).toBe(0);
  });

  it("posts only the events that it names", async ({ folder }) => {
    const hook = await startHook();
    const { manifest, run } = await begin(folder, { hook });
    writeFileSync(
      join(folder, "policy.yaml"),
      'notify: { url: "${NOTIFY_URL}", events: [halted, finished] }\n',
    );
    expect((await run("run", manifest, "--yes")).code).toBe(0);
    expect(eventsOf(hook)).toEqual(["finished"]);
  });
});
