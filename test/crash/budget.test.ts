// The budget of a campaign whose program is killed again and again, by the server's own log: what
// Meta took never costs more.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect } from "vitest";
import { test } from "../support/fixture.ts";
import {
  acceptedBy,
  scenario,
  start,
  startSandboxProcess,
  statuses,
  writeCsv,
  writeManifest,
} from "../support/harness.ts";

/** Millionths of a dollar. */
const PRICE = 62_500;
const MOST = 90;

describe("a campaign with a budget that is killed", () => {
  test("never costs more than its budget, and leaves no more of it than it must", async ({
    folder,
  }) => {
    // Some answers are lost, and some messages fail for good, which frees their price.
    const sandbox = await startSandboxProcess(
      folder,
      scenario(
        "latency_ms: { min: 5, max: 15 }\nfaults: [{ on: { share: 0.04 }, do: drop_after_accepting }]",
      ),
    );
    try {
      const env = { WHATSAPP_ACCESS_TOKEN: sandbox.token };
      writeCsv(folder, 250);
      const list = readFileSync(join(folder, "list.csv"), "utf8").split("\n");
      list.splice(5, 0, "+46701740620,Ana,X", "+46701740621,Ana,X");
      writeFileSync(join(folder, "list.csv"), list.join("\n"));
      const card = "Market,Currency,Marketing\nBrazil,$US,0.0625\nSweden,$US,0.0625\n";
      writeFileSync(join(folder, "rates.csv"), card);
      const most = (MOST * PRICE) / 1e6;
      const more = `rate_card: rates.csv\nbudget: { most: ${most}, currency: USD }\n`;
      const manifest = writeManifest(folder, sandbox, { more, rate: 200 });
      const run = () => start([manifest], { cwd: folder, env });
      for (const people of [15, 40, 60]) {
        const running = run();
        await running.until(() => acceptedBy(sandbox.log).length >= people);
        running.child.kill("SIGKILL");
        await running.ended;
      }
      const last = await run().ended;
      expect(last.code, last.stderr).toBe(75);
      expect(last.stderr).toContain("the budget of 5.63 USD is used up");
      const { accepted = 0, unknown = 0, failed = 0 } = statuses(folder);
      expect(failed).toBe(2);
      // Who is unknown may have been sent to, and its price stays set aside.
      expect(accepted + unknown).toBe(MOST);
      expect(acceptedBy(sandbox.log).length).toBeLessThanOrEqual(MOST);
      expect((await start(["doctor"], { cwd: folder, env }).ended).code).toBe(0);
    } finally {
      await sandbox.kill();
    }
  });
});
