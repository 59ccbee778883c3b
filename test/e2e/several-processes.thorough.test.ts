// A campaign of two numbers that two processes send, one from each, against the sandbox's own log.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

import { testWithSandbox } from "../support/fixture.ts";
import { start } from "../support/harness.ts";
import {
  ENV,
  FIRST,
  reachedBy,
  SECOND,
  startAccount,
  takenBy,
  writeCampaign,
  writeOther,
} from "../support/several-numbers.ts";

const FEW = 20;
/** So many that their pace alone keeps a run at work for a minute. */
const MANY = 240;

const it = testWithSandbox(async (folder) => {
  const sandbox = await startAccount(folder);
  writeCampaign(folder, sandbox.url, { brazilians: FEW, mexicans: MANY, rates: [20, 4] });
  return sandbox;
});

it("is sent by two processes, each from the number that was free, as one campaign", async ({
  world,
}) => {
  const { folder, sandbox, run } = world;
  const begin = (...args: string[]) => start(args, { cwd: folder, env: ENV });
  const other = begin(writeOther(folder, sandbox.url));
  await other.until(() => (takenBy(sandbox.log)[FIRST] ?? []).length > 0);
  const one = begin("campaign.yaml", "--json");
  await one.saw(
    new RegExp(`^Left to others: the lane ${FIRST} is held by process \\d+ on .*"other"`, "m"),
  );
  await one.until(() => (reachedBy(sandbox.log)[SECOND] ?? 0) > 0);
  // Nobody waits for a number that another campaign has: the campaign runs.
  expect(JSON.parse((await run("status", "campaign.yaml", "--json")).stdout).state).toBe("running");
  other.child.kill("SIGTERM");
  await other.ended;

  // What the one process sends must not change under it.
  const list = readFileSync(join(folder, "list.csv"), "utf8");
  writeFileSync(join(folder, "list.csv"), `${list}+5511988887777,Bia\n`);
  const changed = await run("campaign.yaml", "--json");
  expect(changed.code).toBe(75);
  expect(JSON.parse(changed.stdout).error).toMatchObject({ id: "busy" });
  expect(changed.stderr).toMatch(
    new RegExp(
      `the list of campaign "test" is to be planned again, and the lane ${SECOND} is held`,
    ),
  );
  const planned = await run("campaign.yaml", "--plan-only");
  expect(planned.code, planned.stderr).toBe(75);
  writeFileSync(join(folder, "list.csv"), list);

  const next = await run("campaign.yaml", "--json");
  expect(next.code, next.stderr).toBe(75);
  const { state, error } = JSON.parse(next.stdout);
  expect([state, error.id]).toEqual(["running", "numbers_left"]);
  expect(error.message).toMatch(
    new RegExp(`^Number ${SECOND} has \\d+ recipients left: it is held by process \\d+ on `),
  );
  expect(reachedBy(sandbox.log)[FIRST]).toBe(FEW);
  // Nobody sends from the one number, and the other one stands where its run left it.
  one.child.kill("SIGTERM");
  const stopped = await one.ended;
  expect(stopped.code, stopped.stderr).toBe(75);
  expect(JSON.parse(stopped.stdout)).toMatchObject({
    state: "stopped",
    error: { id: "interrupted" },
  });

  writeCampaign(folder, sandbox.url, { brazilians: FEW, mexicans: MANY, rates: [20, 900] });
  const last = await run("campaign.yaml", "--json");
  expect(last.code, last.stderr).toBe(0);
  const counts = { accepted: FEW + MANY };
  expect(JSON.parse(last.stdout)).toMatchObject({ state: "finished", counts });
  expect(reachedBy(sandbox.log)).toEqual({ [FIRST]: FEW, [SECOND]: MANY });
  const all = Object.values(takenBy(sandbox.log)).flat();
  expect(all).toHaveLength(new Set(all).size);
});
