// Lists of which little can be used, as the built program meets them: nothing is posted before the
// operator says so.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";
import type { Ended } from "../support/harness.ts";
import {
  makeFolder,
  numberOf,
  sandboxEvents,
  scenario,
  startSandbox,
  writeManifest,
} from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

interface World {
  folder: string;
  manifest: string;
  list(lines: string[]): void;
  run(...args: string[]): Promise<Ended>;
  posts(): number;
}

const world = test.extend<{ world: World }>({
  // biome-ignore lint/correctness/noEmptyPattern: the shape that vitest asks for.
  world: async ({}, use) => {
    const { folder, remove } = makeFolder();
    const sandbox = await startSandbox(folder, scenario());
    const env = { WHATSAPP_ACCESS_TOKEN: sandbox.token };
    await use({
      folder,
      manifest: writeManifest(folder, sandbox),
      list: (lines) => writeFileSync(join(folder, "list.csv"), `${lines.join("\n")}\n`),
      run: (...args) => campaign(args, { cwd: folder, env }),
      posts: () => sandboxEvents(sandbox.log).filter((one) => one.event === "accepted").length,
    });
    await sandbox.kill();
    remove();
  },
});

const HEADER = "phone,first_name,coupon";
const people = (from: number, to: number, phone: (row: number) => string) =>
  Array.from({ length: to - from + 1 }, (_, at) => `${phone(from + at)},Ana,X`);

describe.concurrent("a list", () => {
  world("of which nobody can be read is no finished campaign", async ({ world }) => {
    const { manifest, list, run, posts } = world;
    list([HEADER, ...people(1, 13, (row) => numberOf(row).slice(1))]);
    const check = await run("check", manifest, "--json");
    expect(check.code, check.stderr).toBe(2);
    const { send, findings } = JSON.parse(check.stdout);
    expect(send).toBe(0);
    const found = { id: "nobody_to_send", level: "blocker", path: "recipients" };
    expect(findings[0]).toMatchObject(found);
    for (let again = 0; again < 2; again += 1) {
      const ended = await run("run", manifest, "--yes");
      expect(ended.code).toBe(2);
      expect(ended.stderr).toMatch(/None of the 13 rows can be sent to: 13 invalid_number\./);
      expect(ended.stderr).toMatch(/→ Set `recipients\.numbers: international`/);
      expect(ended.stderr).not.toMatch(/Finished/);
    }
    expect(posts()).toBe(0);
    const despite = await run("run", manifest, "--yes", "--despite", "nobody_to_send");
    expect(despite.code, despite.stderr).toBe(0);
  });

  world("of which a third is unreadable waits for a word", async ({ world }) => {
    const { manifest, list, run, posts } = world;
    list([HEADER, ...people(1, 20, numberOf), ...people(21, 30, (row) => `call ${row}`)]);
    const ended = await run("run", manifest, "--yes");
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(
      /10 of the 30 rows \(33.3%\) cannot be read.*\[mostly_unreadable\]/,
    );
    expect(posts()).toBe(0);
    const despite = await run("run", manifest, "--yes", "--despite", "mostly_unreadable");
    expect(despite.code, despite.stderr).toBe(0);
    expect(posts()).toBe(20);
    // Nobody waits any more, so there is nothing to keep back.
    expect((await run("run", manifest, "--yes")).code).toBe(0);
  });

  world("whose column's name is sent as text is warned of", async ({ world }) => {
    const { folder, list, run } = world;
    list([HEADER, ...people(1, 3, numberOf)]);
    const text = `campaign: literal
account: sandbox
recipients: { file: list.csv }
template:
  name: spring_sale
  language: pt_BR
  header: { image: { link: "https://example.com/a.jpg" } }
  body: ["First_Name", "{{ coupon }}"]
  buttons: [{ index: 0, url: "x" }]
`;
    writeFileSync(join(folder, "literal.yaml"), text);
    const check = await run("check", "literal.yaml");
    expect(check.stderr).toMatch(
      /literal\.yaml:8:10: warning: .*"First_Name".*`first_name`.*\[literal_is_a_column\]/,
    );
    expect(check.code, check.stderr).toBe(0);
    const ended = await run("run", "literal.yaml", "--yes");
    expect(ended.stderr).toMatch(/warning: Everybody gets the text "First_Name"/);
    expect(ended.code).toBe(0);
  });
});
