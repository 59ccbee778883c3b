// A campaign with a test that is killed while it sends, by the log of the sandbox.

import { expect } from "vitest";
import { M, MESSAGES, rowsOf, taken, write } from "../support/arms.ts";
import { test as it } from "../support/fixture.ts";
import { start } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

it("a campaign with a test is the same after any number of kills, and reaches nobody twice", async ({
  folder,
}) => {
  write(folder, { test: "wait: 1s\n  rest: c" });
  for (let kills = 0; kills < 4; kills += 1) {
    const before = taken(folder).size;
    const running = start([M], { cwd: folder });
    await expect
      .poll(() => taken(folder).size, { timeout: 30_000, interval: 20 })
      .toBeGreaterThan(before + 20);
    running.child.kill("SIGKILL");
    await running.ended;
  }
  let code: number | null = 75;
  for (let run = 0; run < 9 && code === 75; run += 1) {
    ({ code } = await campaign([M, "--wait"], { cwd: folder }));
  }
  expect(code).toBe(0);
  const messages = taken(folder);
  for (const { arm, phone, reason, row, status } of rowsOf(folder)) {
    const got = messages.get(phone) ?? [];
    if (reason === "hold_out") expect([row, got]).toEqual([row, []]);
    // A killed run leaves some in doubt, who may have got nothing; nobody gets two.
    else if (status === "unknown" && got.length === 0) continue;
    else expect([row, got]).toEqual([row, [MESSAGES[arm ?? "c"]]]);
  }
});
