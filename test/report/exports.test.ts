// The exports: harmless in a spreadsheet, exact for programs, whole or not there, of any size.
// docs/exports.md is written from the same tables of columns: `UPDATE_DOCS=1 npx vitest run
// test/report/exports.test.ts`.

import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import Database from "better-sqlite3";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { exportOutcomes } from "../../src/cli/files/exporting.ts";
import { openOutput, writeOutput } from "../../src/cli/files/output.ts";
import { csvLine, SPREADSHEET } from "../../src/csv/export.ts";
import { openCsv } from "../../src/csv/file.ts";
import type { CampaignRecord } from "../../src/domain/campaign/campaign.ts";
import { OperatorError } from "../../src/domain/common/errors.ts";
import type { Ledger } from "../../src/domain/ledger/ledger.ts";
import type { OutcomeRow } from "../../src/domain/result/outcome-row.ts";
import type { Column } from "../../src/report/columns.ts";
import { OUTCOME_COLUMNS, REJECT_COLUMNS, SUPPRESSION_COLUMNS } from "../../src/report/columns.ts";
import { outcomeCells, outcomeJsonLine } from "../../src/report/export.ts";
import { INSIGHT_KEYS } from "../../src/report/insights.ts";
import {
  COMPARE_KEYS,
  COMPARED_KEYS,
  REPORT_KEYS,
  SUMMARY_KEYS,
} from "../../src/report/json-keys.ts";
import { openFewAndMany } from "./failed-dispatches.ts";

/** What a spreadsheet runs; a number is none. */
const FORMULA = /^\s*[=@＝＋－＠]|^\s*[+-](?!\d*(?:\.\d+)?(?:,x)?$)/;
const PLAIN = { delimiter: ",", plain: true } as const;
/** More than a few pages. */
const ROWS = 30_000;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "exports-test-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The cells of a CSV of one line, as a program reads it. */
function cellsOf(text: string): string[] {
  return (parse(text, { relax_column_count: true }) as string[][])[0] as string[];
}

/** Takes away what the writer put in, as docs/exports.md says. */
function unguarded(cell: string): string {
  return cell.replace(/^'/, "").replace(/([;,\t\r\n|][\s"]*)'(?=[=+\-@＝＋－＠])/g, "$1");
}

/**
 * Cells as a spreadsheet of a country with a decimal comma parts a text: at `;` and at line breaks.
 * A quote that begins a cell holds it together to the next one that is alone; any other is a sign
 * like others.
 */
function partedAtSemicolons(text: string): string[] {
  const cells = text.matchAll(/(?:"((?:[^"]|"")*)(?:"|$))?([^;\r\n]*)(?:[;\r\n]|$)/g);
  return [...cells].map(([, quoted = "", rest = ""]) => quoted.replaceAll('""', '"') + rest);
}

describe("a cell in a spreadsheet", () => {
  it.each([
    ["=cmd()", "'=cmd()"],
    ['=HYPERLINK("http://x")', '\'=HYPERLINK("http://x")'],
    ["+1", "'+1"],
    ["-1", "-1"],
    ["-1+2", "'-1+2"],
    ["@x", "'@x"],
    ["\tx", "'\tx"],
    ["\rx", "'\rx"],
    ["\n=x", "'\n'=x"],
    ["＝x", "'＝x"],
    ['say "hi"', 'say "hi"'],
    ["a,b", "a,b"],
    ["two\nlines", "two\nlines"],
    [" pad ", " pad "],
    ["<script>alert(1)</script>", "<script>alert(1)</script>"],
    ["a;=cmd()", "a;'=cmd()"],
    ['a;"=cmd()', `a;"'=cmd()`],
    ["a\n@x", "a\n'@x"],
    ["a; =cmd()", "a; '=cmd()"],
    [" =cmd()", "' =cmd()"],
    ["+5511987654321", "'+5511987654321"],
    ["5511987654321", "'5511987654321"],
    ["011987654321", "'011987654321"],
    ["01198765", "'01198765"],
    ["00123", "00123"],
    ["12345678901", "12345678901"],
    ["-12.5", "-12.5"],
    ["0", "0"],
    ["", ""],
    ["João", "João"],
    ["2026-04-02T09:01:07.512Z", "2026-04-02T09:01:07.512Z"],
    ["wamid.HBgNNTUxMTk4NzY1NDMyMRUCABEYEjA=", "wamid.HBgNNTUxMTk4NzY1NDMyMRUCABEYEjA="],
  ])("%j is %j", (text, shown) => {
    for (const delimiter of [",", ";", "\t"] as const) {
      const line = csvLine(["x", text], { delimiter, plain: false });
      const [cells] = parse(line, { delimiter }) as string[][];
      expect(cells).toEqual(["x", shown]);
      expect(unguarded(shown)).toBe(text);
    }
    expect(cellsOf(csvLine([text, "x"], PLAIN))).toEqual([text, "x"]);
  });

  it("of a number or a formula is read back without its sign, and raw as it stands", async () => {
    const file = join(folder, "guarded.csv");
    const cells = ["+5511987654321", "=cmd()", "5511987654321", "'hello'", "x"];
    writeFileSync(file, csvLine(["a", "b", "c", "d", "e"]) + csvLine(cells));
    const csv = await openCsv(file, { shownAs: "guarded.csv" });
    for await (const [row] of csv.rows()) {
      expect(row?.cells).toEqual(cells);
      expect(row?.raw).toEqual(["'+5511987654321", "'=cmd()", "'5511987654321", "'hello'", "x"]);
    }
  });

  it("begins no formula, in whatever country it is opened, and is read back as it was", () => {
    const sign = fc.constantFrom(
      "=",
      "+",
      "-",
      "@",
      "\t",
      "\r",
      "\n",
      ";",
      ",",
      '"',
      "'",
      "a",
      "1",
      " ",
      "＝",
    );
    const text = fc.array(sign, { maxLength: 8 }).map((signs) => signs.join(""));
    fc.assert(
      fc.property(text, (value) => {
        const line = csvLine(["x", value, "x"]);
        const cell = cellsOf(line)[1] as string;
        expect(cell).not.toMatch(FORMULA);
        expect(cell).not.toMatch(/^[\t\r\n]/);
        for (const part of partedAtSemicolons(line)) expect(part).not.toMatch(FORMULA);
        expect(cellsOf(csvLine([value, "x"], PLAIN))[0]).toBe(value);
      }),
    );
  });
});

const ROW: OutcomeRow = {
  campaign: "spring",
  row_number: 7,
  phone: "+447700900007",
  region: "GB",
  status: "failed",
  reason: null,
  error_code: "131026",
  error_message: '=Message "undeliverable"',
  message_id: null,
  message_status: null,
  attempts: 1,
  path: null,
  claimed_at: "2026-04-02T09:01:07.512Z",
  accepted_at: null,
  sent_at: null,
  delivered_at: null,
  read_at: null,
  failed_at: "2026-04-02T09:01:08.512Z",
  user_id: null,
  clicked_at: null,
  recipient_id: null,
  lane: "106540352242922",
  arm: null,
  cost: 0.0473,
  currency: "USD",
  language: null,
};

describe("a row", () => {
  it("has typed values as JSON, and plain words at its end", () => {
    const line = outcomeJsonLine(ROW);
    expect(line.endsWith("}\n")).toBe(true);
    const value = JSON.parse(line);
    expect(value).toEqual({ ...ROW, meaning: expect.stringMatching(/^undeliverable/) });
    expect(Object.keys(value)).toEqual(OUTCOME_COLUMNS.map(({ name }) => name));
    const skipped = { ...ROW, status: "skipped", error_code: null, reason: "us_number" } as const;
    expect(outcomeCells(skipped).at(-1)).toBe("US number");
    expect(outcomeCells({ ...ROW, status: "read", error_code: null }).at(-1)).toBe("read");
  });
});

describe("a whole campaign", () => {
  let ledger: Ledger;
  let few: CampaignRecord;
  let many: CampaignRecord;

  beforeAll(async () => {
    ({ ledger, few, many } = await openFewAndMany(folder, ROWS));
  });

  afterAll(() => ledger.close());

  const write = (
    campaign: CampaignRecord,
    files: { csv?: string; jsonl?: string },
    stop?: AbortSignal,
  ) =>
    exportOutcomes(ledger, campaign, {
      targets: Object.entries(files).map(([kind, file]) => ({
        kind: kind as "csv" | "jsonl",
        file,
      })),
      own: null,
      style: SPREADSHEET,
      stop: stop ?? new AbortController().signal,
    });

  it("has the columns of the view, in its order, and one more", () => {
    const db = new Database(join(folder, "ledger.sqlite"), { readonly: true });
    const columns = db.pragma("table_info(outcomes)") as { name: string }[];
    db.close();
    expect(OUTCOME_COLUMNS.map(({ name }) => name)).toEqual([
      ...columns.map(({ name }) => name),
      "meaning",
    ]);
  });

  it("is written to both files at once, every row, with names that are harmless", async () => {
    const files = { csv: join(folder, "few.csv"), jsonl: join(folder, "few.jsonl") };
    expect(await write(few, files)).toEqual({ kind: "done", rows: 1000 });
    const text = readFileSync(files.csv, "utf8");
    expect(text.startsWith("\uFEFFcampaign,row_number,phone,")).toBe(true);
    expect(text.split("\r\n")).toHaveLength(1002);
    const rows = parse(text, { bom: true, columns: true }) as Record<string, string>[];
    const values = readFileSync(files.jsonl, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows).toHaveLength(1000);
    for (const [at, row] of rows.entries()) {
      const value = values[at];
      for (const { name } of OUTCOME_COLUMNS) {
        expect(unguarded(row[name] as string)).toBe(
          value[name] === null ? "" : String(value[name]),
        );
      }
      expect(value.row_number).toBe(at + 1);
    }
    expect(rows[0]?.phone).toBe("'+447700900001");
    expect(rows[0]?.error_message).toBe("'=cmd()");
    expect(values[0].error_message).toBe("=cmd()");
    expect(statSync(files.csv).mode & 0o777).toBe(0o600);
  });

  it("that is interrupted leaves what was there before, and nothing beside it", async () => {
    const inner = mkdtempSync(join(folder, "stop-"));
    const file = join(inner, "out.csv");
    writeFileSync(file, "of yesterday");
    const stop = new AbortController();
    // After the first pages, between two of them.
    setTimeout(() => stop.abort(), 20);
    expect(await write(many, { csv: file, jsonl: join(inner, "out.jsonl") }, stop.signal)).toEqual({
      kind: "interrupted",
    });
    expect(readdirSync(inner)).toEqual(["out.csv"]);
    expect(readFileSync(file, "utf8")).toBe("of yesterday");
  });

  it("leaves nothing when one of its files cannot be written", async () => {
    const inner = mkdtempSync(join(folder, "fail-"));
    const files = { csv: join(inner, "out.csv"), jsonl: join(inner, "no", "out.jsonl") };
    await expect(write(few, files)).rejects.toThrow(OperatorError);
    expect(readdirSync(inner)).toEqual([]);
  });
});

describe("a file", () => {
  it("has its name only once it is whole", async () => {
    const file = join(folder, "whole.txt");
    const output = await openOutput(file);
    await output.write("x".repeat(1_000_000));
    expect(readdirSync(folder).filter((name) => name.startsWith("whole"))).toEqual([
      `whole.txt.${process.pid}.part`,
    ]);
    await output.end();
    expect(readdirSync(folder).filter((name) => name.startsWith("whole"))).toEqual(["whole.txt"]);
    expect(statSync(file).size).toBe(1_000_000);
  });

  it("is left alone when the work fails, is written behind a link, and may be a device", async () => {
    const file = join(folder, "kept.txt");
    const link = join(folder, "link.txt");
    writeFileSync(file, "old");
    symlinkSync(file, link);
    const failed = writeOutput(link, async (out) => {
      await out.write("half");
      throw new Error("no more");
    });
    await expect(failed).rejects.toThrow("no more");
    expect(readFileSync(file, "utf8")).toBe("old");
    await writeOutput(link, (out) => out.write("new"));
    expect(readFileSync(file, "utf8")).toBe("new");
    await writeOutput("/dev/null", (out) => out.write("gone"));
    await expect(openOutput(folder)).rejects.toThrow(OperatorError);
    await expect(openOutput(join(folder, "none", "x"))).rejects.toThrow(OperatorError);
  });

  it.skipIf(!existsSync("/dev/full"))("on a full device is not there, and says so", async () => {
    const written = writeOutput("/dev/full", (out) => out.write("a page"));
    await expect(written).rejects.toThrow("/dev/full cannot be written (ENOSPC)");
  });
});

describe("docs/exports.md", () => {
  it("is written from the tables of columns", () => {
    const page = exportsPage();
    if (process.env.UPDATE_DOCS === "1") writeFileSync("docs/exports.md", page);
    expect(readFileSync("docs/exports.md", "utf8")).toBe(page);
  });
});

function tableOf(columns: readonly Column[], head: "column" | "key"): string {
  const lines = columns.map(
    ({ name, type, optional, what }) =>
      `| \`${name}\` | ${type}${optional ? ", or nothing" : ""} | ${what.replaceAll("|", "\\|")} |`,
  );
  return `| ${head} | value | what |\n|---|---|---|\n${lines.join("\n")}\n`;
}

function exportsPage(): string {
  return `# Exports

What \`report\`, \`compare\`, \`rejects\` and \`suppress export\` write, column by column. Find columns by their name: some may be added, none goes
away or changes its meaning. This page is written from the tables in \`src/report/columns.ts\` by a test
(\`UPDATE_DOCS=1 npx vitest run test/report/exports.test.ts\`).

| what | command |
|---|---|
| every row, for a spreadsheet | \`campaign report <manifest> --csv FILE\`, or \`--xlsx FILE\` |
| every row, for programs | \`campaign report <manifest> --jsonl FILE\` |
| every row, with columns of the list | \`campaign report <manifest> --csv FILE --columns all\`, or the names of some |
| the rows that can be fixed | \`campaign rejects <manifest> --csv FILE\`, or \`--xlsx FILE\`, or \`report --rejects FILE\` |
| the opt-out list | \`campaign suppress export --csv FILE\` |
| the result as one document | \`campaign report <manifest> --json\` |
| two campaigns side by side | \`campaign compare <a> <b> --json\` |

- \`-\` as the file is stdout; only one thing at a time goes there.
- A file has its name only once it is whole. Until then it lies beside as \`FILE.<process>.part\`. An export that is interrupted or fails leaves
  the file of before as it was. Files are readable for their owner alone: they are full of phone numbers.
- Rows are read page by page while a runner may be at work. Each row is there once, as it stood when it was read.
- Instants are ISO 8601 in UTC with milliseconds, such as \`2026-04-02T09:01:07.512Z\`.

## CSV

RFC 4180: CRLF, quotes where they are needed, UTF-8. A file begins with a byte order mark, so that Excel reads accents; stdout does not.
The delimiter is that of the campaign's list, so that the same spreadsheet opens both; \`--delimiter\` sets another one, and with \`--plain\` it is a comma.

A \`'\` stands before text that a spreadsheet would run or change:

- what begins with \`=\`, \`+\`, \`-\`, \`@\`, a tab or a line break, or the wide forms of these signs: a name in a person's list may be a formula.
  A number such as \`-3.5\` stays as it is;
- **phone numbers**, \`'+5511900010010\`: without it a spreadsheet takes them for numbers, loses the \`+\`, shows 5.5119E+12, and saves that;
- twelve digits and more, and eight and more that begin with 0, for the same reason;
- inside a text, \`=\`, \`+\`, \`-\` and \`@\` right behind \`;\`, \`,\`, \`|\`, a tab or a line break: a spreadsheet of another country begins a new cell there.

In Excel the \`'\` is seen, and the cell is text. Programs take it away from the front of a cell, or read \`--jsonl\`, or \`--csv\` with \`--plain\`, where every
cell is exactly as it is (and no byte order mark stands in front): such a file is not for a spreadsheet. Reading a list of recipients or opt-outs, this
program takes the \`'\` away from the front of a cell by itself, so rejects can be fixed and put back.

## Workbooks

\`--xlsx\` writes an Excel workbook of one sheet with the same rows. Texts are texts, so that a phone number stays one, nothing is run, and no \`'\` is needed.
A sheet has 1,048,576 rows at most: more need CSV.

### \`report --csv\`, \`report --xlsx\`, \`report --jsonl\`

The columns of the view \`outcomes\` of the ledger, and \`meaning\`. In JSON lines each row is one object with all of these keys; numbers are
numbers, and what is not there is \`null\`. With \`--columns\` columns of the list stand behind them, with each row's cells; in JSON lines they are the object
\`list\`. That needs the list as it was planned.

${tableOf(OUTCOME_COLUMNS, "column")}
### \`rejects\`

Behind these stand the columns of the campaign's CSV, under their own names, with the cells as they were read.

${tableOf(REJECT_COLUMNS, "column")}
#### Fixed rejects

Fix the cells in such a file, and give it back: \`campaign rejects <manifest> --apply FILE\`, a CSV or a workbook. It plans these rows, and no others; the next
run sends to them.

- A row is known by \`row_number\` and \`line\`: leave these two as they are. Rows may be left out, and columns may be in another order.
- What still cannot be sent to is named with its line, and the others are planned (exit code 2). Rows that were not changed stay rejects.
- It may be run again: what was planned is no reject any more. The audit has each time (\`rejects_apply\`).
- The list keeps its row as it was, and fixed rows stay fixed when the list changes elsewhere. \`run --replan\` plans every row from the list again.
- Opt-outs, duplicates and the frequency cap count as in a run. Where the policy wants a [plan](policy.md#plan-and-apply), the campaign waits for a new one.

### \`suppress export\`

${tableOf(SUPPRESSION_COLUMNS, "column")}
## JSON

### The summary

\`run\`, \`status <manifest>\`, \`report\`, \`retry\`, \`resolve\`, \`pause\`, \`unpause\` and \`cancel\` with \`--json\`. \`run\` has \`findings\` too, \`report\` has \`report\`.
\`status\` without a manifest has \`ledger\` and \`campaigns\`, a list of summaries, oldest first.

${tableOf(SUMMARY_KEYS, "key")}
### \`report\` of \`report --json\`

${tableOf(REPORT_KEYS, "key")}
### \`insights --json\`, and \`report.insights\`

\`insights --json\` has \`campaign\`, the name, before these. [insights.md](insights.md) says what each is.

${tableOf(INSIGHT_KEYS, "key")}
### \`compare --json\`

${tableOf(COMPARE_KEYS, "key")}
An entry of \`funnel\`, \`skipped\` and \`failures\`:

${tableOf(COMPARED_KEYS, "key")}`;
}
