// `campaign send-test`: what reaches the phone, and what the campaign's own people notice of it:
// nothing.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect } from "vitest";

import { testWithSandbox } from "../support/fixture.ts";
import {
  acceptedBy,
  query,
  sandboxEvents,
  scenario,
  startSandbox,
  statuses,
  writeManifest,
} from "../support/harness.ts";

const OWN = "+5511970000009";
const LIST = `phone,first_name,coupon,code
+5511970000001,Ana,A1,c-1
+5511970000002,,B2,c-2
${OWN},Eu,C3,c-3
`;
const MORE = "  id: code\n";

const it = testWithSandbox(async (folder) => {
  const sandbox = await startSandbox(folder, scenario());
  writeFileSync(join(folder, "list.csv"), LIST);
  const cap = "cap: { most: 1, in: 7d }\n";
  writeManifest(folder, sandbox, { list: `list.csv\n${MORE.trimEnd()}`, more: cap });
  return sandbox;
});

/** The values of the messages that the sandbox took, by the number that they went to. */
function bodiesOf(log: string): [to: unknown, values: unknown][] {
  return sandboxEvents(log)
    .filter(({ event }) => event === "accepted")
    .map(({ to, body }) => {
      const { template } = body as {
        template: { components: { parameters: { text: string }[] }[] };
      };
      return [to, template.components[0]?.parameters.map(({ text }) => text)];
    });
}

describe("send-test", () => {
  it("sends a row's real values to another number, and counts nowhere", async ({ world }) => {
    const { run, sandbox, folder } = world;
    const send = (...more: string[]) =>
      run("send-test", "campaign.yaml", "--to", OWN, "--yes", "--json", ...more);
    const first = await send();
    expect(first.code, first.stderr).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({
      ...{ campaign: "test", test: "test#test-1", row: 1, status: "accepted" },
      message_id: expect.stringMatching(/^wamid\./),
    });
    expect((await send("--id", "c-3")).code).toBe(0);
    expect(bodiesOf(sandbox.log)).toEqual([
      [OWN, ["Ana", "A1"]],
      [OWN, ["Eu", "C3"]],
    ]);
    expect((await run("status", "--json")).stdout).toContain('"campaigns": []');
    expect(statuses(folder)).toEqual({});
    // The phone is on the list too, and may get one message a week.
    const campaign = await run("campaign.yaml", "--yes", "--json");
    expect(JSON.parse(campaign.stdout)).toMatchObject({
      rows: 3,
      counts: { accepted: 2, skipped: 1 },
      reasons: { missing_value: 1 },
    });
    expect(acceptedBy(sandbox.log)).toEqual([OWN, OWN, "+5511970000001", OWN]);
    // And the campaign's message does count for the cap, while a test goes all the same.
    expect((await send("--row", "1")).code).toBe(0);
    expect((await run("history", OWN)).stdout).toContain("test#test-3");
    expect((await run("doctor")).code).toBe(0);
  });

  it("keeps a lost answer as unknown, and does not send it again", async ({ world }) => {
    const { run, sandbox, folder } = world;
    await sandbox.patch({ faults: [{ on: { nth: 1 }, do: "drop_after_accepting" }] });
    const lost = await run("send-test", "campaign.yaml", "--to", OWN, "--yes", "--json");
    expect(lost.code, lost.stderr).toBe(3);
    expect(JSON.parse(lost.stdout)).toMatchObject({ status: "unknown", error: { id: "unknown" } });
    expect(acceptedBy(sandbox.log)).toEqual([OWN]);
    await run("work", "--once");
    expect(acceptedBy(sandbox.log)).toEqual([OWN]);
    const next = await run("send-test", "campaign.yaml", "--to", OWN);
    expect(next.code, next.stderr).toBe(0);
    expect(next.stderr).toContain("the answer to the test before this one was lost");
    const states = query<{ status: string }>(folder, "select status from dispatch order by 1");
    expect(states.map(({ status }) => status)).toEqual(["accepted", "unknown"]);
  });

  it("gives up what Meta holds back, and what it refuses", async ({ world }) => {
    const { run, sandbox, folder } = world;
    const send = (to: string) => run("send-test", "campaign.yaml", "--to", to, "--yes", "--json");
    await sandbox.patch({ account_state: { refuse_all: 131049 } });
    const held = await send(OWN);
    expect([held.code, JSON.parse(held.stdout).error.id]).toEqual([3, "131049"]);
    await sandbox.patch({ account_state: { refuse_all: 131026 } });
    const failed = await send(OWN);
    expect([failed.code, JSON.parse(failed.stdout).error.id]).toEqual([3, "131026"]);
    const states = query<{ status: string }>(folder, "select status from dispatch order by 1");
    expect(states.map(({ status }) => status)).toEqual(["cancelled", "failed"]);
  });

  it("asks first, and sends to nobody who must not be messaged", async ({ world }) => {
    const { run, sandbox } = world;
    const send = async (...args: string[]) => {
      const ended = await run("send-test", "campaign.yaml", ...args, "--json");
      return [ended.code, JSON.parse(ended.stdout).error.id];
    };
    expect(await send("--to", OWN)).toEqual([2, "not_agreed"]);
    expect(await send("--to", "12345", "--yes")).toEqual([2, "usage"]);
    expect(await send("--to", "+12125550123", "--yes")).toEqual([2, "us_number"]);
    expect(await send("--to", OWN, "--row", "2", "--yes")).toEqual([2, "missing_value"]);
    expect(await send("--to", OWN, "--row", "9", "--yes")).toEqual([2, "invalid_input"]);
    expect(await send("--to", OWN, "--id", "c-9", "--yes")).toEqual([2, "invalid_input"]);
    await run("suppress", "add", OWN);
    expect(await send("--to", OWN, "--yes")).toEqual([2, "opted_out"]);
    expect(acceptedBy(sandbox.log)).toEqual([]);
  });
});
