// What `notify` of the policy posts to the operator's own address, and how often, whatever the ledger
// is.

import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { test as it } from "./fixture.ts";
import {
  acceptedBy,
  numberOf,
  scenario,
  startSandbox,
  writeCsv,
  writeManifest,
} from "./harness.ts";
import type { Hook } from "./hook.ts";
import { startHook } from "./hook.ts";
import { campaign } from "./in-process.ts";

const PEOPLE = 6;
const SECRET = "a-secret-of-some-length";
const POLICY = 'notify: { url: "${NOTIFY_URL}", secret: "${NOTIFY_SECRET}" }\n';

/** A folder with a sandbox, a list and a policy that notifies. */
export async function begin(
  folder: string,
  { hook, ledger }: { hook?: Hook; ledger?: string | undefined },
) {
  const sandbox = await startSandbox(folder, scenario("pair_limit: false\n"));
  writeCsv(folder, PEOPLE);
  const manifest = writeManifest(folder, sandbox);
  writeFileSync(join(folder, "policy.yaml"), POLICY);
  const env = {
    WHATSAPP_ACCESS_TOKEN: sandbox.token,
    ...(hook !== undefined && { NOTIFY_URL: hook.url, NOTIFY_SECRET: SECRET }),
    ...(ledger !== undefined && { CAMPAIGN_LEDGER: ledger }),
  };
  const run = (...args: string[]) => campaign(args, { cwd: folder, env });
  return { sandbox, manifest, run };
}

/** What was posted, in order. */
export const eventsOf = ({ posted }: Hook) =>
  posted.map(({ body }) => [body.event, body.reason].filter((part) => part !== null).join(":"));

/**
 * The stories of one kind of ledger.
 * @param place its address, a new one each time; undefined: the usual file
 */
export function describeNotices(name: string, place: () => Promise<string | undefined>): void {
  describe(name, () => {
    it("come once for each change, signed, with counts and without numbers", async ({ folder }) => {
      const hook = await startHook();
      const { manifest, run } = await begin(folder, { hook, ledger: await place() });

      const part = await run("run", manifest, "--yes", "--limit", "2");
      expect(part.code, part.stderr).toBe(75);
      expect(eventsOf(hook)).toEqual(["started", "waiting:limit"]);
      expect((await run("run", manifest, "--yes")).code).toBe(0);
      const all = ["started", "waiting:limit", "started", "finished"];
      expect(eventsOf(hook)).toEqual(all);
      for (const calls of [1, 2]) {
        expect((await run("run", manifest)).code, `call ${calls}`).toBe(0);
        expect((await run("work", "--once")).code).toBe(0);
      }
      expect(eventsOf(hook)).toEqual(all);

      const last = hook.posted.at(-1)?.body;
      expect(last).toMatchObject({
        ...{ campaign: "test", state: "finished", exit_code: 0, rows: PEOPLE },
        counts: { accepted: PEOPLE },
        sandbox: false,
      });
      expect(last?.text).toMatch(/^test: /);
      expect(hook.posted[1]?.body).toMatchObject({ exit_code: 75, counts: { accepted: 2 } });
      for (const { headers, text } of hook.posted) {
        const hex = createHmac("sha256", SECRET)
          .update(`${headers["x-campaign-timestamp"]}.${text}`)
          .digest("hex");
        expect(headers["x-campaign-signature"]).toBe(`sha256=${hex}`);
        for (let row = 1; row <= PEOPLE; row += 1) expect(text).not.toContain(numberOf(row));
      }
    });

    it("of a worker are the same", async ({ folder }) => {
      const hook = await startHook();
      const { manifest, run } = await begin(folder, { hook, ledger: await place() });
      expect((await run("run", manifest, "--plan-only")).code).toBe(0);
      expect(hook.posted).toEqual([]);
      const worked = await run("work", "--once");
      expect(worked.code, worked.stderr).toBe(0);
      expect(eventsOf(hook)).toEqual(["started", "finished"]);
    });

    it("that the address does not take are one line, change nothing, and come with the next call", async ({
      folder,
    }) => {
      const hook = await startHook(500);
      const { sandbox, manifest, run } = await begin(folder, { hook, ledger: await place() });
      const ran = await run("run", manifest, "--yes");
      expect(ran.code, ran.stderr).toBe(0);
      expect(acceptedBy(sandbox.log)).toHaveLength(PEOPLE);
      const lines = ran.stderr.split("\n").filter((line) => line.includes("notify"));
      expect(lines).toHaveLength(2);
      expect(lines[0]).toMatch(
        /^warning: notify: test: nobody is notified: 127\.0\.0\.1:\d+ answered HTTP 500\.$/,
      );
      expect(ran.stderr).not.toContain("/hooks/");
      hook.posted.length = 0;
      hook.answers(200);
      expect((await run("run", manifest)).code).toBe(0);
      expect(eventsOf(hook)).toEqual(["finished"]);
    });
  });
}
