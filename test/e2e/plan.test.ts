// A plan that one person puts forward and another starts: what is sent is what was started, and
// anything else is refused with the difference.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import { test as it } from "../support/fixture.ts";
import { acceptedBy, scenario, startSandbox, writeCsv, writeManifest } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const PEOPLE = 12;

it("sends what was started, and names what is otherwise", async ({ folder }) => {
  const sandbox = await startSandbox(folder, scenario("pair_limit: false\n"));
  const env = { WHATSAPP_ACCESS_TOKEN: sandbox.token };
  const run = (...args: string[]) => campaign(args, { cwd: folder, env });
  writeFileSync(join(folder, "policy.yaml"), "require_plan: true\n");
  writeCsv(folder, PEOPLE);
  const manifest = writeManifest(folder, sandbox, { rate: 40 });
  const planOf = async () =>
    JSON.parse((await run("check", manifest, "--json")).stdout).plan as string;

  const checked = await run("check", manifest);
  expect(checked.code, checked.stderr).toBe(0);
  const [, plan = ""] = /^plan: (p1\.\S+)$/m.exec(checked.stdout) ?? [];
  expect(plan).toContain(`.${PEOPLE}.`);
  expect(await planOf()).toBe(plan);

  // Without a plan nothing is sent, and nothing is planned.
  const without = await run("run", manifest, "--yes", "--json");
  expect(without.code).toBe(2);
  expect(JSON.parse(without.stdout).error).toMatchObject({ id: "plan_required" });
  expect((await run("status", "--json")).stdout).not.toContain('"test"');

  // Another rate, and a row more.
  const text = readFileSync(join(folder, manifest), "utf8");
  writeFileSync(
    join(folder, manifest),
    text.replace("messages_per_second: 40", "messages_per_second: 50"),
  );
  writeCsv(folder, PEOPLE + 1);
  const changed = await run("run", manifest, "--yes", "--plan", plan);
  expect(changed.code).toBe(2);
  expect(changed.stderr).toContain(
    `the manifest is another: \`rate\`; the list is another file; ${PEOPLE + 1} people instead of ${PEOPLE}`,
  );
  writeFileSync(join(folder, manifest), text);
  writeCsv(folder, PEOPLE);

  // Put forward: a worker leaves it, and so does a run without the digest.
  const proposed = await run("run", manifest, "--plan-only");
  expect(proposed.code, proposed.stderr).toBe(0);
  expect(proposed.stdout + proposed.stderr).toContain(`--plan ${plan}`);
  expect((await run("work", "--once", "--quiet")).code).toBe(0);
  expect((await run("run", manifest, "--yes")).stderr).toContain(
    "policy.yaml wants every campaign to be started by the digest of its plan",
  );
  expect(acceptedBy(sandbox.log)).toEqual([]);

  // Started as the live page does it; then a worker sends, but not another list.
  const ledger = await openSqliteLedger(join(folder, "data", "ledger.sqlite"));
  const known = (await ledger.listCampaigns())[0];
  expect(known?.plan).toEqual({ digest: plan, startedBy: null });
  expect(await ledger.startPlan(known?.id ?? 0, plan, "live page")).toBe(true);
  await ledger.close();
  writeCsv(folder, PEOPLE + 1);
  const other = await run("work", "--once");
  expect(other.code).toBe(2);
  expect(other.stderr).toContain("not the plan that was started: the list is another file");
  expect(acceptedBy(sandbox.log)).toEqual([]);
  writeCsv(folder, PEOPLE);
  const worked = await run("work", "--once");
  expect(worked.code, worked.stderr).toBe(0);
  expect(new Set(acceptedBy(sandbox.log)).size).toBe(PEOPLE);

  // More people need a plan of their own, whose digest counts those who have it.
  writeCsv(folder, PEOPLE + 2);
  const next = await planOf();
  expect(next).toContain(`.${PEOPLE + 2}.`);
  const sent = await run("run", manifest, "--yes", "--plan", next);
  expect(sent.code, sent.stderr).toBe(0);
  expect(acceptedBy(sandbox.log)).toHaveLength(PEOPLE + 2);
  expect((await run("audit")).stdout).toContain("plan_start");
  expect((await run("run", manifest, "--yes")).code).toBe(0);
});
