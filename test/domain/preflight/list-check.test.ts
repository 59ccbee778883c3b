import { describe, expect, it } from "vitest";
import type { Manifest } from "../../../src/domain/manifest/manifest.ts";
import { readManifest } from "../../../src/domain/manifest/manifest.ts";
import type { Finding } from "../../../src/domain/preflight/finding.ts";
import type { ListFacts } from "../../../src/domain/preflight/list-check.ts";
import { judgeList, judgeLiterals, needsSample } from "../../../src/domain/preflight/list-check.ts";

function manifestOf({ recipients = "", template = "" } = {}): Manifest {
  const text = `campaign: c
account: sandbox
recipients: { file: list.csv, ${recipients} }
template: { name: t, language: pt_BR, ${template} }
`;
  const read = readManifest(text, { file: "m.yaml" });
  if ("problems" in read) throw new Error(read.problems[0]?.message);
  return read.manifest;
}

/** A list of which every row was skipped for a reason, with its first rows. */
function listOf(
  columns: string[],
  sample: string[][],
  changes: Partial<ListFacts> = {},
): ListFacts {
  const rows = 100;
  return { rows, people: 0, reasons: { invalid_number: rows }, columns, sample, ...changes };
}

const only = (findings: Finding[]) => {
  expect(findings).toHaveLength(1);
  return findings[0] as Finding;
};

describe("a list of which nobody can be sent to", () => {
  it("is reported with its reasons, the most frequent first", () => {
    const reasons = { opted_out: 3, us_number: 97 };
    const found = only(judgeList(manifestOf(), listOf(["phone"], [["+1"]], { reasons })));
    expect(found).toMatchObject({ id: "nobody_to_send", level: "blocker", seen: { rows: 100 } });
    expect(found.wrong).toBe("None of the 100 rows can be sent to: 97 us_number and 3 opted_out.");
  });

  it("is none without rows, and none while a person is sent to", () => {
    const none = { rows: 0, people: 0, reasons: {}, columns: ["phone"], sample: [] };
    expect(judgeList(manifestOf(), none)).toEqual([]);
    expect(
      judgeList(manifestOf(), { ...none, rows: 5, people: 1, reasons: { opted_out: 4 } }),
    ).toEqual([]);
  });
});

describe("a list of which most cannot be read", () => {
  it.each([
    [100, { invalid_number: 20 }, false],
    [100, { invalid_number: 21 }, true],
    [100, { invalid_number: 10, invalid_user_id: 5, ragged_row: 5, cut_off_row: 1 }, true],
    [100, { opted_out: 90, invalid_number: 10 }, false],
    [4, { invalid_number: 2 }, false],
    [4, { invalid_number: 3 }, true],
  ])("of %i rows %j: %s", (rows, reasons, is) => {
    const list = { rows, people: 1, reasons, columns: ["phone"], sample: [] };
    expect(needsSample(list)).toBe(is);
    expect(judgeList(manifestOf(), list).map(({ id }) => id)).toEqual(
      is ? ["mostly_unreadable"] : [],
    );
  });

  it("is reported in counts", () => {
    const reasons = { invalid_number: 1_300 };
    const list = listOf(["phone"], [], { rows: 4_000, people: 2_700, reasons });
    expect(only(judgeList(manifestOf(), list)).wrong).toBe(
      "1,300 of the 4,000 rows (32.5%) cannot be read.",
    );
  });
});

describe("the likely cause", () => {
  const many = (row: string[]) => Array.from({ length: 20 }, () => row);
  it.each<[string, Parameters<typeof manifestOf>[0], ListFacts, string, RegExp, RegExp]>([
    [
      "another column has the numbers",
      { recipients: "phone: name" },
      listOf(["name", "Celular"], many(["Ana", "+55 11 98765-4321"])),
      "recipients.phone",
      /Column `Celular` looks like the numbers, and `name` does not\./,
      /`recipients\.phone: Celular`/,
    ],
    [
      "another column has them in national form",
      { recipients: "phone: id, default_region: BR" },
      listOf(["id", "fone"], many(["17", "(11) 98765-4321"])),
      "recipients.phone",
      /Column `fone` looks like the numbers/,
      /`recipients\.phone: fone`/,
    ],
    [
      "national numbers without a region",
      {},
      listOf(["phone"], many(["(11) 98765-4321"])),
      "recipients",
      /The numbers have no plus and no country code\./,
      /`recipients\.default_region`/,
    ],
    [
      "national numbers beside a column of countries",
      {},
      listOf(["phone", "País"], many(["(11) 98765-4321", "Brasil"])),
      "recipients",
      /The numbers have no plus and no country code\./,
      /`recipients\.region: País`/,
    ],
    [
      "WhatsApp ids",
      {},
      listOf(["phone"], many(["5511987654321"])),
      "recipients",
      /begin with a country code, as WhatsApp ids do/,
      /`recipients\.numbers: international`/,
    ],
    [
      "user ids in the column of numbers",
      {},
      listOf(["phone"], many(["BR.1349873120"])),
      "recipients.phone",
      /Column `phone` holds user ids/,
      /`recipients\.user_id: phone`/,
    ],
    [
      "numbers that a spreadsheet has rounded",
      { recipients: "default_region: BR" },
      listOf(["phone"], many(["5,51199E+12"])),
      "recipients.phone",
      /has rounded the numbers/,
      /export the list again/,
    ],
    [
      "rows that are longer than the header",
      {},
      listOf(["phone"], many(["+5511987654321", "x"]), { reasons: { ragged_row: 100 } }),
      "recipients.file",
      /more cells than the header/,
      /`recipients\.delimiter`/,
    ],
    [
      "nothing that can be named",
      { recipients: "default_region: BR" },
      listOf(["phone"], many(["call me"])),
      "recipients.phone",
      /invalid_number\.$/,
      /`campaign rejects`/,
    ],
  ])("%s", (_, manifest, list, path, wrong, todo) => {
    const found = only(judgeList(manifestOf(manifest), list));
    expect(found.path?.join(".")).toBe(path);
    expect(found.wrong).toMatch(wrong);
    expect(found.todo).toMatch(todo);
  });
});

describe("a value that is a column's name", () => {
  const columns = ["phone", "Nome", "Full name", ""];
  it.each([
    ['body: ["Nome"]', "template.body.0", /the text "Nome".*column `Nome`/, "{{ Nome }}"],
    ['body: ["{{ phone }}", " nome "]', "template.body.1", /column `Nome`/, "{{ Nome }}"],
    ['body: ["{Nome}"]', "template.body.0", /"\{Nome\}"/, "{{ Nome }}"],
    ['body: ["[Full name]"]', "template.body.0", /`Full name`/, '{{ row["Full name"] }}'],
    ['header: { text: "%NOME%" }', "template.header.text", /`Nome`/, "{{ Nome }}"],
    [
      "buttons: [{ index: 0, copy_code: Nome }]",
      "template.buttons.0.copy_code",
      /`Nome`/,
      "{{ Nome }}",
    ],
  ])("%s", (template, path, wrong, liquid) => {
    const found = only(judgeLiterals(manifestOf({ template }), columns));
    expect(found).toMatchObject({ id: "literal_is_a_column", level: "warning" });
    expect(found.path?.join(".")).toBe(path);
    expect(found.wrong).toMatch(wrong);
    expect(found.todo).toContain(`\`${liquid}\``);
  });

  it.each([
    'body: ["{{ Nome }}"]',
    'body: ["Oi Nome"]',
    'body: ["20%"]',
    "header: { image: { file: nome.jpg } }",
  ])("is not %s", (template) => {
    expect(judgeLiterals(manifestOf({ template }), [...columns, "nome.jpg"])).toEqual([]);
  });
});
