// Whose number a cell is, and who opted out, from the files to the sandbox's own log.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";
import type { TestSandbox } from "../support/harness.ts";
import {
  makeFolder,
  query,
  sandboxEvents,
  scenario,
  startSandbox,
  writeManifest,
} from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

interface World {
  folder: string;
  sandbox: TestSandbox;
  run(...args: string[]): ReturnType<typeof campaign>;
}

const it = test.extend<{ world: World }>({
  // biome-ignore lint/correctness/noEmptyPattern: the shape that vitest asks for.
  world: async ({}, use) => {
    const { folder, remove } = makeFolder();
    const sandbox = await startSandbox(folder, scenario());
    const env = { WHATSAPP_ACCESS_TOKEN: sandbox.token };
    await use({ folder, sandbox, run: (...args) => campaign(args, { cwd: folder, env }) });
    await sandbox.kill();
    remove();
  },
});

/** Whom the sandbox was asked to send to. */
const postedTo = ({ sandbox }: World) =>
  sandboxEvents(sandbox.log)
    .flatMap((event) => (event.event === "accepted" ? [String(event.to)] : []))
    .toSorted();

/** Writes list and manifest; `keys` are more keys of `recipients`. */
function write(
  { folder, sandbox }: World,
  cells: readonly (string | readonly string[])[],
  { keys = "", header = "phone,first_name,coupon,country", optOuts = "" } = {},
): string {
  const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
  const lines = cells.map((cell) => {
    const [phone = "", country = ""] = typeof cell === "string" ? [cell] : cell;
    return [phone, "Ana", "X1", country].map(quoted).join(",");
  });
  writeFileSync(join(folder, "list.csv"), `${[header, ...lines].join("\n")}\n`);
  if (optOuts !== "") writeFileSync(join(folder, "optouts.csv"), optOuts);
  const more = optOuts === "" ? "" : "suppress: { files: [optouts.csv] }\n";
  const file = writeManifest(folder, sandbox, { more });
  const path = join(folder, file);
  const text = readFileSync(path, "utf8").replace("  phone: phone\n", `  phone: phone\n${keys}`);
  writeFileSync(path, text);
  return file;
}

async function sendAll(world: World, manifest: string, ...more: string[]) {
  const ended = await world.run(manifest, "--yes", "--json", ...more);
  expect(ended.code, ended.stderr).toBe(0);
  return JSON.parse(ended.stdout);
}

describe.concurrent("numbers without a plus", () => {
  it("of a region are its own, and nobody else's", async ({ world }) => {
    const manifest = write(
      world,
      [
        "4915112345678",
        "49 170 1234567",
        "(49) 176 12345679",
        "0151 23456789",
        "+44 7911 123456",
        // Not of Germany, or not sure.
        "447911123457",
        "491512345678",
        "(212) 555-0123",
        "+49 151 98765432 / +49 151 98765433",
      ],
      { keys: "  default_region: DE\n" },
    );
    // Four of nine lines are the point here.
    const despite = ["--despite", "mostly_unreadable"];
    const { counts } = await sendAll(world, manifest, ...despite);
    expect(counts).toEqual({ accepted: 5, skipped: 4 });
    expect(postedTo(world)).toEqual([
      "+447911123456",
      "+4915112345678",
      "+4915123456789",
      "+491701234567",
      "+4917612345679",
    ]);
  });

  it("are of the country beside them", async ({ world }) => {
    const manifest = write(
      world,
      [
        ["(11) 98765-4321", "Brazil"],
        ["07911 123456", "GBR"],
        ["(212) 555-0123", "US"],
        ["416-555-0123", "Canada"],
        ["11 91234-5678", ""],
        ["11 91234-5679", "Brazill"],
      ],
      { keys: "  default_region: BR\n  region: country\n" },
    );
    const { counts, reasons } = await sendAll(world, manifest);
    expect(counts).toEqual({ accepted: 4, skipped: 2 });
    expect(reasons).toMatchObject({ us_number: 1, invalid_number: 1 });
    expect(postedTo(world)).toEqual([
      "+14165550123",
      "+447911123456",
      "+5511912345678",
      "+5511987654321",
    ]);
    const rejects = await world.run("rejects", manifest);
    expect(rejects.stdout).toContain('""Brazill"" beside it is no country that is known');
  });

  it("are counted by why they were not read, with three examples of each", async ({ world }) => {
    const good = Array.from(
      { length: 40 },
      (_, at) => `+55119876540${String(at).padStart(2, "0")}`,
    );
    const manifest = write(
      world,
      [
        ...good,
        ...["95123-4567", "98765-4321", "3906-6912", "12345"],
        ...["(212) 555-0123", "447911123456", "447911123457"],
        "+55 11 98765-4321 / +55 11 98765-4322",
      ],
      { keys: "  default_region: BR\n" },
    );
    const checked = await world.run("check", manifest);
    expect(checked.code, checked.stderr).toBe(0);
    const lines = checked.stdout.split("\n").map((line) => line.trim().replace(/ +/g, " "));
    const from = lines.findIndex((line) => line.startsWith("8 invalid_number"));
    expect(lines.slice(from + 1, from + 5)).toEqual([
      "4 it would be another country's number with its plus lost: rows 41, 43, 46, …",
      "2 too few digits: rows 42, 44",
      expect.stringMatching(/^1 .*: row 45: ./),
      expect.stringMatching(/^1 .*: row 48: ./),
    ]);
    const { unread } = JSON.parse((await world.run("check", manifest, "--json")).stdout);
    expect(unread).toMatchObject([
      { cause: "other_country", rows: 4, examples: [{ row: 41 }, { row: 43 }, { row: 46 }] },
      { cause: "too_short", rows: 2, examples: [{ row: 42 }, { row: 44 }] },
      { cause: "foreign_habit", rows: 1, examples: [{ row: 45 }] },
      { cause: "several_numbers", rows: 1, examples: [{ row: 48 }] },
    ]);
    expect(JSON.stringify(unread)).not.toMatch(/\d{6}/);
  });

  it("begin with a country code where the manifest says so", async ({ world }) => {
    const manifest = write(
      world,
      ["5511987654321", "554197520226", "5215512345678", "22997123456", "11987654321", "011 98765"],
      { keys: "  numbers: international\n" },
    );
    const { counts } = await sendAll(world, manifest);
    expect(counts).toEqual({ accepted: 4, skipped: 2 });
    expect(postedTo(world)).toEqual([
      "+2290197123456",
      "+525512345678",
      "+5511987654321",
      "+5541997520226",
    ]);
  });

  it("are skipped with what to set, where the manifest says nothing", async ({ world }) => {
    const manifest = write(world, ["11987654321", "+5511987654322"]);
    expect((await sendAll(world, manifest)).counts).toEqual({ accepted: 1, skipped: 1 });
    const [row] = query<{ reason_detail: string }>(
      world.folder,
      "select detail as reason_detail from dispatch where detail is not null",
    );
    expect(row?.reason_detail).toMatch(/recipients\.default_region.*recipients\.numbers/);
  });

  it("refuses a region without phone numbers at its place", async ({ world }) => {
    const manifest = write(world, ["11987654321"], { keys: "  default_region: UK\n" });
    const ended = await world.run("check", manifest);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/campaign\.yaml:\d+:\d+: .*UK is no country.*\n.*\n.*\n.*`GB`/);
  });
});

/** Lines that each opt one person out in another notation than the list has. */
const OPT_OUTS = `phone,reason
+55 31 98765-0001 / +55 31 98765-0002,two
+55 31 98765-0003 ext 2,
p:+5531987650004,
"=""+5531987650005""",
+5531987650006 (Ana),
553187650007,without the ninth digit
(31) 98765-0008,
31 98765-0009/0010,
https://wa.me/5531987650011?text=Sair,
5531987650012@s.whatsapp.net,
22997120013,old Benin
22507120014,old Ivory Coast
5215512340015,
54 11 2345-0016,
+3780549882017,San Marino
+24107280018,old Gabon
`;
const OPTED_OUT = [
  ...Array.from({ length: 12 }, (_, at) => `+55319876500${String(at + 1).padStart(2, "0")}`),
  "+2290197120013",
  "+2250707120014",
  "+525512340015",
  "+5491123450016",
  "+390549882017",
  "+24177280018",
];

describe.concurrent("an opt-out list", () => {
  it("is read in every notation, before anything is sent", async ({ world }) => {
    const manifest = write(world, [...OPTED_OUT, "+5531987650099"], {
      keys: "  default_region: BR\n",
      optOuts: OPT_OUTS,
    });
    const checked = await world.run("check", manifest, "--json");
    expect(checked.code, checked.stderr).toBe(0);
    expect(JSON.parse(checked.stdout)).toMatchObject({
      send: 1,
      reasons: { opted_out: OPTED_OUT.length },
    });
    await sendAll(world, manifest);
    expect(postedTo(world)).toEqual(["+5531987650099"]);
  });

  it.for([
    ["UTF-16", (text: string) => Buffer.from(`\ufeff${text}`, "utf16le")],
    ["Latin-1", (text: string) => Buffer.from(text.replace("Ana", "João"), "latin1")],
    // Letters that no encoding is sure of, and a byte that Windows-1252 does not have.
    [
      "GBK",
      (text: string) =>
        Buffer.concat([Buffer.from(text), Buffer.from("+5531987650050,\xcd\xf5\x81\n", "latin1")]),
    ],
    ["Mac line ends", (text: string) => Buffer.from(text.replaceAll("\n", "\r"))],
  ] as const)("loses no line in %s", async ([, encode], { world }) => {
    const manifest = write(world, [...OPTED_OUT, "+5531987650099"], {
      keys: "  default_region: BR\n",
      optOuts: OPT_OUTS,
    });
    writeFileSync(join(world.folder, "optouts.csv"), encode(OPT_OUTS));
    await sendAll(world, manifest);
    expect(postedTo(world)).toEqual(["+5531987650099"]);
  });

  const UNREADABLE = "phone\n+5531987650001\nAna Souza\n98765-0002\n4.41E+11\n";

  it("stops the run for a line that does not name a person for certain", async ({ world }) => {
    const list = ["+5531987650001", "+5531987650002"];
    const keys = "  default_region: BR\n";
    const manifest = write(world, list, { keys, optOuts: UNREADABLE });
    const checked = await world.run("check", manifest, "--json");
    expect(checked.code).toBe(2);
    expect(JSON.parse(checked.stdout).findings[0]).toMatchObject({
      id: "unreadable_optouts",
      level: "blocker",
      path: "suppress.files[0]",
      seen: { file: "optouts.csv", count: 3, lines: [3, 4, 5] },
    });
    const refused = await world.run(manifest, "--yes");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("optouts.csv:3: it is not clear whom this line names");
    expect(refused.stderr).toContain("optouts.csv:5: ");
    expect(refused.stderr).toMatch(
      /3 lines of optouts\.csv cannot be read.*\[unreadable_optouts\]/,
    );
    expect(postedTo(world)).toEqual([]);

    const sent = await world.run(manifest, "--yes", "--despite", "unreadable_optouts");
    expect(sent.code, sent.stderr).toBe(0);
    expect(postedTo(world)).toEqual(["+5531987650002"]);
    const audits = query<{ detail: string }>(
      world.folder,
      "select detail from audit where action = 'despite'",
    );
    expect(audits.map((one) => JSON.parse(one.detail).finding)).toEqual(["unreadable_optouts"]);
  });

  it("stops the run again once such a line is added to a campaign under way", async ({ world }) => {
    const keys = "  default_region: BR\n";
    const list = ["+5531987650001", "+5531987650002"];
    const manifest = write(world, list, { keys, optOuts: "phone\n" });
    expect((await world.run(manifest, "--yes", "--limit", "1")).code).toBe(75);
    writeFileSync(join(world.folder, "optouts.csv"), "phone\nAna Souza\n");
    expect((await world.run(manifest, "--yes")).code).toBe(2);
    expect(postedTo(world)).toHaveLength(1);
  });

  it("is imported with what can be read, and exit 2 for the rest", async ({ world }) => {
    const file = join(world.folder, "more.csv");
    writeFileSync(file, UNREADABLE);
    const imported = await world.run("suppress", "import", "more.csv", "--region", "BR");
    expect(imported.code).toBe(2);
    expect(imported.stderr).toContain("more.csv:4: it is not clear whom this line names");
    expect(imported.stderr).toContain("1 line read, 2 people new on the opt-out list, 3 lines");
    const args = ["suppress", "import", "more.csv", "--region", "BR"];
    const again = await world.run(...args, "--despite", "unreadable_optouts");
    expect(again.code, again.stderr).toBe(0);
    const list = await world.run("suppress", "list", "--json");
    expect(JSON.parse(list.stdout).suppressions.map((one: { phone: string }) => one.phone)).toEqual(
      ["+5531987650001", "+987650002"],
    );
  });

  it("keeps digits of no plan as WhatsApp ids, with a warning", async ({ world }) => {
    writeFileSync(join(world.folder, "ids.csv"), "wa_id\n11987654321\n+5531987650001\n");
    const imported = await world.run("suppress", "import", "ids.csv");
    expect(imported.code, imported.stderr).toBe(0);
    expect(imported.stderr).toMatch(/1 line of ids\.csv have digits that no numbering plan has/);
  });

  it("takes off one person, and never two for one text", async ({ world }) => {
    await world.run("suppress", "add", "+4915112345678", "+494915112345678");
    const removed = await world.run("suppress", "remove", "4915112345678", "--region", "DE");
    expect(removed.code, removed.stderr).toBe(0);
    const list = await world.run("suppress", "list", "--json");
    expect(JSON.parse(list.stdout).suppressions).toMatchObject([{ phone: "+494915112345678" }]);
    const two = await world.run("suppress", "remove", "495112345678", "--region", "DE");
    expect(two.code).toBe(2);
    expect(two.stderr).toContain("may be two people's numbers");
  });
});

describe.concurrent("lines of a renumbered country", () => {
  it("are one person, for duplicates and for a STOP", async ({ world }) => {
    const pairs = [
      ["+22997123456", "+2290197123456"],
      ["+22507123456", "+2250707123456"],
      ["+5541997520226", "554197520226@c.us"],
      ["+525512345678", "+52 1 55 1234 5678"],
      ["+390549882555", "+378 0549 882555"],
    ];
    const manifest = write(world, pairs.flat());
    const { reasons } = await sendAll(world, manifest);
    expect(reasons).toEqual({ duplicate: 5 });
    expect(postedTo(world)).toHaveLength(5);

    const stop = (from: string, id: string) => ({
      object: "whatsapp_business_account",
      entry: [
        {
          id: "1",
          changes: [
            {
              field: "messages",
              value: {
                messaging_product: "whatsapp",
                metadata: { phone_number_id: world.sandbox.phoneNumberId },
                contacts: [{ wa_id: from, profile: { name: "Ana" } }],
                messages: [
                  { from, id, timestamp: "1764000000", type: "text", text: { body: "STOP" } },
                ],
              },
            },
          ],
        },
      ],
    });
    const bodies = ["22997120008", "22507120011"].map((from, at) => stop(from, `wamid.${at}`));
    const file = "bodies.jsonl";
    writeFileSync(
      join(world.folder, file),
      bodies.map((one) => `${JSON.stringify(one)}\n`).join(""),
    );
    expect((await world.run("receipts", "import", file)).code).toBe(0);
    const before = postedTo(world);
    const list = ["+229 01 97 12 00 08", "+225 07 07 12 00 11", "+5531987650099"];
    const next = write(world, list);
    const path = join(world.folder, next);
    writeFileSync(path, readFileSync(path, "utf8").replace("campaign: test", "campaign: next"));
    const second = await sendAll(world, next);
    expect(second.reasons).toEqual({ opted_out: 2 });
    expect(postedTo(world)).toEqual([...before, "+5531987650099"].toSorted());
  });
});
