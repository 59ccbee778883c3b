// Rejects that a person fixes and gives back, and exports with the list's own columns.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import writeXlsxFile from "write-excel-file/node";
import { readSheetRows } from "../../src/csv/workbook.ts";
import { test as it } from "../support/fixture.ts";
import { acceptedBy, scenario, startSandbox, writeManifest } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const LIST = `phone;first_name;coupon
+5511987650001;Ana;A1
12;Bia;B2
+5511987650003;Caio;C3
+5511987650004;;D4
34;Eva;E5
`;

it("plans the rows that were fixed, once, and exports in the list's own way", async ({
  folder,
}) => {
  const sandbox = await startSandbox(folder, scenario("pair_limit: false\n"));
  const env = { WHATSAPP_ACCESS_TOKEN: sandbox.token };
  const run = (...args: string[]) => campaign(args, { cwd: folder, env });
  const path = (name: string) => join(folder, name);
  writeFileSync(path("list.csv"), LIST);
  const manifest = writeManifest(folder, sandbox, {});
  expect((await run("run", manifest, "--yes")).code).toBe(0);
  expect(acceptedBy(sandbox.log)).toHaveLength(2);

  const written = await run("rejects", manifest, "--csv", "rejects.csv");
  expect(written.stderr).toContain(`campaign rejects ${manifest} --apply rejects.csv`);
  const text = readFileSync(path("rejects.csv"), "utf8");
  expect(text.split("\r\n")[0]).toContain("row_number;line;reason;detail;phone;first_name;coupon");
  // One is fixed, one is changed and still wrong, and one is left as it was.
  writeFileSync(
    path("rejects.csv"),
    text.replace(";12;Bia", ";+5511987650002;Bia").replace(";34;Eva", ";+551198765;Eva"),
  );
  const half = await run("rejects", manifest, "--apply", "rejects.csv", "--json");
  expect(half.code).toBe(2);
  expect(JSON.parse(half.stdout)).toMatchObject({
    ...{ applied: 1, unchanged: 1, not_rejected: 0, wrong: 1 },
    error: { id: "invalid_number", problems: [{ file: "rejects.csv", line: 4 }] },
  });

  // The rest as a workbook.
  await run("rejects", manifest, "--xlsx", "rejects.xlsx");
  const { rows } = await readSheetRows(path("rejects.xlsx"), { shownAs: "rejects.xlsx" });
  expect(rows).toHaveLength(3);
  const fixed = rows.map((row) =>
    row.map((cell, at) => (at === 4 && cell === "34" ? "+5511987650005" : cell)),
  );
  const named = fixed.map((row) => (row[0] === "4" ? row.with(5, "Duda") : row));
  await writeXlsxFile(named.map((row) => row.map((value) => ({ value }))) as never).toFile(
    path("fixed.xlsx"),
  );
  const rest = await run("rejects", manifest, "--apply", "fixed.xlsx");
  expect(rest.code, rest.stderr).toBe(0);
  expect(rest.stderr).toContain(`2 rows planned. Send them: campaign run ${manifest}`);
  const again = await run("rejects", manifest, "--apply", "fixed.xlsx");
  expect(again.stderr).toContain("0 rows planned, 2 no rejects any more.");

  expect((await run("run", manifest, "--yes")).code).toBe(0);
  expect(acceptedBy(sandbox.log)).toHaveLength(5);
  expect(new Set(acceptedBy(sandbox.log)).size).toBe(5);
  // The list changes elsewhere: nobody is sent to again, and nobody is rejected again.
  writeFileSync(path("list.csv"), `${LIST}+5511987650006;Gil;G6\n`);
  expect((await run("run", manifest, "--yes")).code).toBe(0);
  expect(acceptedBy(sandbox.log)).toHaveLength(6);
  expect((await run("rejects", manifest, "--json")).stdout).toContain('"rejects":[]');
  expect((await run("audit", "--json")).stdout).toContain('"rejects_apply"');

  const args = ["--csv", "out.csv", "--xlsx", "out.xlsx", "--columns", "coupon,first_name"];
  const exported = await run("report", manifest, ...args);
  expect(exported.code, exported.stderr).toBe(0);
  const lines = readFileSync(path("out.csv"), "utf8").trim().split("\r\n");
  expect(lines[0]).toMatch(/;meaning;coupon;first_name$/);
  expect(lines[2]).toMatch(/;B2;Bia$/);
  const sheet = await readSheetRows(path("out.xlsx"), { shownAs: "out.xlsx" });
  expect(sheet.rows.map((row) => row.slice(-2))).toEqual([
    ["coupon", "first_name"],
    ["A1", "Ana"],
    ["B2", "Bia"],
    ["C3", "Caio"],
    ["D4", ""],
    ["E5", "Eva"],
    ["G6", "Gil"],
  ]);
  const wrong = await run("report", manifest, "--csv", "out.csv", "--columns", "cupon");
  expect(wrong.stderr).toContain("Did you mean `coupon`?");
  writeFileSync(path("list.csv"), LIST);
  const changed = await run("report", manifest, "--csv", "out.csv", "--columns", "all");
  expect(changed.stderr).toContain("the list changed since it was planned");
});
