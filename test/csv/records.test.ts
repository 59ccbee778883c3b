import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CsvRecord } from "../../src/csv/plain-records.ts";
import { readRecords } from "../../src/csv/records.ts";
import { OperatorError } from "../../src/domain/common/errors.ts";
import { runsOf } from "../support/arbitraries.ts";

async function* inPieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let from = 0, piece = 0; from < bytes.length; piece += 1) {
    const size = sizes[piece % sizes.length] as number;
    yield bytes.subarray(from, from + size);
    from += size;
  }
}

async function read(text: string, sizes: readonly number[], delimiter: string) {
  const records: CsvRecord[] = [];
  const options = { delimiter, trim: false, shownAs: "list.csv" };
  for await (const some of readRecords(inPieces(Buffer.from(text), sizes), options)) {
    records.push(...some);
  }
  return records;
}

function parsed(text: string, delimiter: string): string[][] {
  return parse(text, {
    delimiter,
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    relax_quotes: true,
  });
}

describe("records", () => {
  // Lines without quotes are split by hand, and the parser reads the others.
  it("are those of the parser, wherever quotes and the ends of pieces are", async () => {
    const part = fc.constantFrom(
      ...["a", "çã", "🎉", "12", " ", ",", ";", "\n", "\r\n", "\r", "\n\n", '"'],
      ...['\n"x, ""y""\r\nz",', ',"1;2"\n', '5" pipe', "a,b,c\n", "d;e\r\n"],
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { maxLength: 60 }).map((parts) => parts.join("")),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
        fc.constantFrom(",", ";"),
        async (text, sizes, delimiter) => {
          const records = await read(text, sizes, delimiter).catch((error: unknown) => {
            // Quotes that can be read in two ways are refused.
            expect(error).toBeInstanceOf(OperatorError);
            expect(text).toContain('"');
          });
          if (records === undefined) return;
          expect(records.map(({ cells }) => cells)).toEqual(parsed(text, delimiter));
          const lines = text.split(/\r\n|\n|\r/);
          for (const { line, cells } of records) {
            const [first = ""] = (cells[0] ?? "").split(/\r\n|\n|\r/);
            expect(lines[line - 1]?.replaceAll('"', "")).toContain(first.replaceAll('"', ""));
          }
          const isEnded = /[\r\n]$/.test(text);
          expect(records.every((record, at) => record.isEnded || at === records.length - 1)).toBe(
            true,
          );
          expect(records.at(-1)?.isEnded ?? isEnded).toBe(isEnded);
        },
      ),
      { numRuns: runsOf(2_000) },
    );
  });

  it("begin on the line where they stand", async () => {
    const text = 'a,b\n1,2\r\n"x\r\n\ny",3\r4,"5"\n6,7\n\n8';
    const expected = [
      [1, ["a", "b"]],
      [2, ["1", "2"]],
      [3, ["x\r\n\ny", "3"]],
      [6, ["4", "5"]],
      [7, ["6", "7"]],
      [8, [""]],
      [9, ["8"]],
    ];
    for (let size = 1; size <= text.length; size += 1) {
      const records = await read(text, [size], ",");
      expect(records.map(({ line, cells }) => [line, cells])).toEqual(expected);
    }
  });

  it("without quotes and without an end are refused once they are too long", async () => {
    const long = "x,".repeat(3 << 20);
    await expect(read(`a,b\n${long}`, [32 * 1024], ",")).rejects.toThrow("longer than 4 MiB");
    const cell = "x".repeat((1 << 20) + 1);
    await expect(read(`a,b\n${cell},1\n`, [32 * 1024], ",")).rejects.toThrow("longer than 1 MiB");
  });
});
