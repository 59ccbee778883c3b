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
  /** CPU time of reading a file whole, in milliseconds. */
  async function cost(text: string): Promise<number> {
    const path = join(folder, "list.csv");
    await writeFile(path, text);
    const before = process.cpuUsage();
    const file = await openCsv(path, { shownAs: "list.csv", mayBeEmpty: true });
    for await (const _ of file.rows());
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  }

  /** The least cost of each text. In turns, since other programs make the same work dearer. */
  async function costs(texts: readonly string[]): Promise<number[]> {
    const least = texts.map(() => Number.POSITIVE_INFINITY);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [at, text] of texts.entries()) {
        least[at] = Math.min(least[at] as number, await cost(text));
      }
    }
    return least;
  }

  const ROUNDS = 5;
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
    const evenText = `phone,name,coupon\n${`${ROW}\n`.repeat(ROWS)}`;
    const [even = 0, uneven] = await costs([evenText, text]);
    // The bench holds planning to twice. Reading is a fifth of that, and csv-parse's own way with such
    // rows cost twenty times.
    expect(uneven).toBeLessThan(4 * even + 20);
  });
});
