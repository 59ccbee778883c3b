// A campaign whose header is a local file, run by the program itself against the built-in sandbox.

import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import { makeFolder, numberOf, query, sandboxEvents, writeCsv } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const { folder, remove } = makeFolder();
const run = (...args: string[]) => campaign(args, { cwd: folder });

beforeAll(() => {
  writeCsv(folder, 2);
  writeFileSync(join(folder, "spring.jpg"), "a picture");
  writeFileSync(
    join(folder, "m.yaml"),
    [
      "campaign: files",
      "account: sandbox",
      "recipients: { file: list.csv }",
      "template:",
      "  name: files",
      "  language: en",
      "  header: { image: { file: spring.jpg } }",
      '  body: ["{{ first_name }}"]',
    ].join("\n"),
  );
});

afterAll(remove);

/** The ids of the pictures that were sent, in order. */
function sentIds(): unknown[] {
  return sandboxEvents(join(folder, "data/sandbox.jsonl"))
    .filter(({ event }) => event === "accepted")
    .map(({ body }) => (body as Loose).template.components[0].parameters[0].image.id);
}

// biome-ignore lint/suspicious/noExplicitAny: a body as the sandbox's log has it.
type Loose = any;

it("uploads the file once, and uses its id in this run and the next", async () => {
  const preview = await run("preview", "m.yaml");
  expect(preview.stdout).toContain('"id": "(id of spring.jpg)"');
  expect((await run("m.yaml")).code).toBe(0);
  appendFileSync(join(folder, "list.csv"), `${numberOf(3)},Ana 3,X\n`);
  expect((await run("m.yaml")).code).toBe(0);
  const [first, ...others] = sentIds();
  expect(first).toMatch(/^\d+$/);
  expect(others).toEqual([first, first]);
  const kept = query<{ value: string }>(folder, "select value from cache where kind = 'uploads'");
  expect(kept.map(({ value }) => JSON.parse(value))).toMatchObject([
    { number: "sandbox", id: first, mime: "image/jpeg" },
  ]);
});

it("stops before anything is planned when the file is not there", async () => {
  const text = readFileSync(join(folder, "m.yaml"), "utf8");
  const moved = text.replace("spring.jpg", "gone.jpg").replace("campaign: files", "campaign: gone");
  writeFileSync(join(folder, "gone.yaml"), moved);
  for (const command of ["run", "check", "preview"]) {
    const ended = await run(command, "gone.yaml");
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/gone\.yaml:7:28: gone\.jpg: there is no such file/);
  }
});
