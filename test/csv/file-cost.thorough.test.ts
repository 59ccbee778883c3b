// What reading costs of rows that are not as long as the header: in CPU, so of large lists.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openCsv } from "../../src/csv/file.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "csv-test-"));
});

afterAll(() => rm(folder, { recursive: true }));

describe("the cost of rows of uneven length", () => {
  /** CPU time of reading a file whole, in ms, the least of three. */
  async function cost(text: string): Promise<number> {
    const path = join(folder, "list.csv");
    await writeFile(path, text);
    const times: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const before = process.cpuUsage();
      const file = await openCsv(path, { shownAs: "list.csv", mayBeEmpty: true });
      for await (const _ of file.rows());
      const { user, system } = process.cpuUsage(before);
      times.push((user + system) / 1_000);
    }
    return Math.min(...times);
  }

  const ROWS = 40_000;
  const ROW = "+5511987654321,Ana Maria,SPRING";
  it.each([
    ["too short", `phone,name,coupon\n${"+5511987654321,Ana Maria\n".repeat(ROWS)}`],
    ["a separator at the end", `phone,name,coupon\n${`${ROW},\n`.repeat(ROWS)}`],
    ["too long", `phone,name,coupon\n${`${ROW},x\n`.repeat(ROWS)}`],
    ["a header that is longer", `phone,name,coupon,\n${`${ROW}\n`.repeat(ROWS)}`],
    ["of two widths", `phone,name,coupon\n${`${ROW},\n${ROW}\n`.repeat(ROWS / 2)}`],
    ["blank lines", `phone,name,coupon\n${ROW}\n${"\n".repeat(ROWS)}`],
    ["blank lines with CRLF", `phone,name,coupon\r\n${ROW}\r\n${"\r\n".repeat(ROWS)}`],
    ["lines of separators", `phone,name,coupon,x\n${ROW},y\n${",,\n".repeat(ROWS)}`],
  ])("%s: little more than that of even ones", async (_, text) => {
    const even = await cost(`phone,name,coupon\n${`${ROW}\n`.repeat(ROWS)}`);
    // The bench holds planning to twice. Reading is a fifth of that, and csv-parse's own way with such
    // rows cost twenty times; beside other programs the same work takes twice the CPU.
    expect(await cost(text)).toBeLessThan(8 * even + 20);
  });
});
