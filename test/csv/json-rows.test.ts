// JSON Lines as rows.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { jsonRows } from "../../src/csv/json-rows.ts";
import { OperatorError } from "../../src/domain/common/errors.ts";

const path = join(mkdtempSync(join(tmpdir(), "jsonl-")), "list.jsonl");

async function read(text: string): Promise<string[][] | string[]> {
  writeFileSync(path, text);
  const rows: string[][] = [];
  try {
    for await (const row of jsonRows(path, "list.jsonl")) rows.push(row);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return error.problems.map(({ message, line }) => `${line ?? "-"} ${message}`);
  }
  return rows;
}

describe("JSON Lines", () => {
  it.each<[string, string, string[][] | string[]]>([
    [
      "have the names of all objects as columns",
      '{"name":"Ana","phone":"+5511987650001"}\n{"phone":5511987650002,"vip":true,"name":null}\n',
      [
        ["name", "phone", "vip"],
        ["Ana", "+5511987650001", ""],
        ["", "5511987650002", "true"],
      ],
    ],
    ["may end without a line break", '{"a":"1"}', [["a"], ["1"]]],
    ["may begin with a mark", '\uFEFF{"a":"1"}\r\n{"a":"x\\ny"}\r\n', [["a"], ["1"], ["x y"]]],
    [
      "name a line that is none",
      '{"a":"1"}\n[1]\n{"a"\n',
      ["2 the line is no JSON object", "3 the line is no JSON object"],
    ],
    ["name a value that is none", '{"a":{"b":1}}\n', ['1 "a" is no text, number, boolean or null']],
    ["keep the lines between", '\n{"a":"1"}\n\n{"a":"2"}\n', [["a"], [], ["1"], [], ["2"]]],
    ["need an object", "\n\n", ["- list.jsonl has no object in it"]],
  ])("%s", async (_, text, rows) => {
    expect(await read(text)).toEqual(rows);
  });
});
