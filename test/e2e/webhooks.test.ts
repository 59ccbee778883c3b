// What `campaign webhooks` needs before it listens, and says where it cannot.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect } from "vitest";

import { test as it } from "../support/fixture.ts";
import { campaign } from "../support/in-process.ts";
import { SECRETS, startWebhooks } from "../support/webhooks-program.ts";

describe("webhooks", () => {
  it("says what is missing, and where to get it", async ({ folder }) => {
    const without = await campaign(["webhooks"], { cwd: folder });
    expect(without.code).toBe(2);
    expect(without.stderr).toMatch(/WHATSAPP_APP_SECRET is not set/);
    expect(without.stderr).toMatch(/WHATSAPP_VERIFY_TOKEN is not set/);
    expect(without.stderr).toMatch(/App Dashboard/);
    const env = { ...SECRETS, WHATSAPP_APP_SECRET: " , " };
    const empty = await campaign(["webhooks"], { cwd: folder, env });
    expect(empty.code).toBe(2);
    expect(empty.stderr).not.toMatch(/WHATSAPP_VERIFY_TOKEN/);
  });

  it("reads .env, and says when the port cannot be used", async ({ folder }) => {
    const lines = Object.entries(SECRETS).map(([name, value]) => `${name}="${value}"\n`);
    writeFileSync(join(folder, ".env"), lines.join(""));
    const receiver = await startWebhooks(folder);
    const { port } = new URL(receiver.url);
    const cases: [string[], RegExp][] = [
      [["--port", port], /port \d+ cannot be used \(EADDRINUSE\)/],
      [["--port", "70000"], /70000 is no port/],
      [["--port", "0", "--host", "192.0.2.1"], /cannot listen there/],
    ];
    for (const [args, why] of cases) {
      const ended = await campaign(["webhooks", ...args], { cwd: folder });
      expect(ended.code, ended.stderr).toBe(2);
      expect(ended.stderr).toMatch(why);
    }
    receiver.child.kill("SIGINT");
    expect((await receiver.ended).code).toBe(0);
  });
});
