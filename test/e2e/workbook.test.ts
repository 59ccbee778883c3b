// A campaign whose list is a workbook, or JSON Lines: the same people get the same messages as from
// a CSV, over a stop.

import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import writeXlsxFile from "write-excel-file/node";
import { test } from "../support/fixture.ts";
import {
  acceptedBy,
  numberOf,
  query,
  scenario,
  startSandbox,
  writeManifest,
} from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const PEOPLE = 30;

interface Person {
  phone: string | number;
  first_name: string;
  coupon: string;
}

const people = (count = PEOPLE): Person[] =>
  Array.from({ length: count }, (_, at) => ({
    phone: at % 2 === 0 ? numberOf(at + 1) : Number(numberOf(at + 1).slice(1)),
    first_name: `Ana ${at + 1}`,
    coupon: "SPRING",
  }));

/** Titles above the header, and an empty row, as people have them. */
async function writeWorkbook(path: string, rows: readonly Person[]): Promise<void> {
  const header = ["phone", "first_name", "coupon"].map((value) => ({ value }));
  const cells = rows.map((row) => Object.values(row).map((value) => ({ value })));
  await writeXlsxFile([
    header,
    ...cells.slice(0, 5),
    [{ value: null }],
    ...cells.slice(5),
  ] as never).toFile(path);
}

const writeObjects = async (path: string, rows: readonly Person[]) =>
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));

describe.each([
  { file: "list.xlsx", write: writeWorkbook, line: 8 },
  { file: "list.jsonl", write: writeObjects, line: 6 },
])("a campaign of $file", ({ file, write, line }) => {
  test("sends to everybody once, over a stop, and notices a change", async ({ folder }) => {
    const sandbox = await startSandbox(folder, scenario());
    await write(join(folder, file), people());
    const manifest = writeManifest(folder, sandbox, {
      list: `${file}\n  numbers: international`,
    });
    const run = (...args: string[]) =>
      campaign(args, { cwd: folder, env: { WHATSAPP_ACCESS_TOKEN: sandbox.token } });
    const checked = await run("check", manifest);
    expect(checked.code, checked.stderr).toBe(0);
    expect((await run(manifest, "--yes", "--limit", "10")).code).toBe(75);
    const lists = join(folder, "data", "lists");
    expect(readdirSync(lists)).toHaveLength(1);
    expect(statSync(join(lists, readdirSync(lists)[0] as string)).mode & 0o777).toBe(0o600);
    const rest = await run(manifest, "--yes");
    expect(rest.code, rest.stderr).toBe(0);
    const accepted = acceptedBy(sandbox.log);
    expect([accepted.length, new Set(accepted).size]).toEqual([PEOPLE, PEOPLE]);
    const [sixth] = query<{ line: number }>(
      folder,
      "select line from dispatch where row_number = 6",
    );
    expect(sixth?.line).toBe(line);

    await write(join(folder, file), people(PEOPLE + 2));
    const again = await run(manifest, "--yes");
    expect(again.code, again.stderr).toBe(0);
    expect(acceptedBy(sandbox.log)).toHaveLength(PEOPLE + 2);
    expect(readdirSync(lists)).toHaveLength(1);
    expect(existsSync(join(folder, file))).toBe(true);
  });
});
