// How a file's encoding is found, from its bytes. The texts are encoded here by tables of their
// own, made by decoding every byte or pair of bytes, so that no test trusts the encoder of another
// tool.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TextDecoder } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findEncoding } from "../../src/csv/encoding.ts";
import type { Problem } from "../../src/domain/common/errors.ts";
import { OperatorError } from "../../src/domain/common/errors.ts";
import { ENCODINGS } from "../../src/domain/manifest/manifest-schema.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "campaign-encoding-"));
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;
async function find(bytes: Buffer, declared?: string) {
  const path = join(folder, `${++files}.csv`);
  await writeFile(path, bytes);
  return findEncoding(path, { shownAs: "list.csv", declared, key: "recipients.encoding" });
}

async function problemsOf(bytes: Buffer): Promise<Problem[]> {
  const error = await find(bytes).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(OperatorError);
  return (error as OperatorError).problems;
}

const tables = new Map<string, Map<string, Buffer>>();

/** Every character of an encoding with its bytes. */
function tableOf(encoding: string): Map<string, Buffer> {
  const known = tables.get(encoding);
  if (known !== undefined) return known;
  const table = new Map<string, Buffer>();
  const add = (bytes: Buffer) => {
    const decoder = new TextDecoder(encoding, { fatal: true });
    try {
      const text = decoder.decode(bytes, { stream: true }) + decoder.decode();
      if ([...text].length === 1 && !table.has(text)) table.set(text, bytes);
    } catch {
      // No character has these bytes.
    }
  };
  for (let byte = 0; byte < 0x100; byte += 1) add(Buffer.from([byte]));
  if (/gb|big5|shift|euc/.test(encoding)) {
    for (let lead = 0x81; lead < 0xff; lead += 1) {
      for (let trail = 0x40; trail < 0xff; trail += 1) add(Buffer.from([lead, trail]));
    }
  }
  tables.set(encoding, table);
  return table;
}

function encode(text: string, encoding: string): Buffer {
  const table = tableOf(encoding);
  return Buffer.concat(
    [...text].map((character) => {
      const bytes = table.get(character);
      if (bytes === undefined) throw new Error(`${encoding} has no ${character}`);
      return bytes;
    }),
  );
}

const listOf = (names: string[], encoding: string) =>
  Buffer.concat(
    ["phone;name", ...names.map((name, at) => `+55119876543${10 + at};${name}`)].map((line) =>
      encode(`${line}\n`, encoding),
    ),
  );

const WESTERN = [
  "José",
  "João",
  "Conceição",
  "SÃO PAULO",
  "JOSé",
  "Müller",
  "Größe",
  "Núñez",
  "Zúñiga",
  "Françoise",
  "Étienne",
  "Søren",
  "Åse",
  "Pääkkönen",
  "Sant’Anna",
  "O´Neil",
  "Ana’s",
  "Cœur",
  "Héloïse",
  "Güímar",
  "¿Qué?",
  "5 °C",
  "nº 5",
  "Mª José",
  "Café “€5”",
  "São Paulo–SP",
];

/** What people have in lists, by the encoding that their program wrote. */
const OTHERS: [encoding: string, names: string[]][] = [
  ["windows-1250", ["Łukasz", "Wałęsa", "Dvořák"]],
  ["windows-1250", ["Erdős", "Szűcs"]],
  ["windows-1251", ["Иван", "Мария Петрова"]],
  ["koi8-r", ["Иван", "Мария Петрова"]],
  ["ibm866", ["Иван", "Мария Петрова"]],
  ["windows-1253", ["Γιώργος", "Μαρία"]],
  ["windows-1254", ["Ayşe", "Gülşah", "İbrahim"]],
  ["windows-1255", ["שלום", "דוד כהן"]],
  ["windows-1256", ["محمد", "أحمد علي"]],
  ["windows-874", ["สมชาย", "สมหญิง"]],
  ["gb18030", ["王小明", "李雷", "韩梅梅"]],
  ["big5", ["王小明", "陳大文"]],
  ["shift_jis", ["田中", "山田太郎", "さくら"]],
  ["euc-jp", ["田中", "山田太郎", "さくら"]],
  ["euc-kr", ["김철수", "이영희"]],
  ["macintosh", ["José", "João", "Conceição"]],
  ["macintosh", ["Müller", "Björn"]],
  ["macintosh", ["Muñoz", "García"]],
  ["iso-8859-15", ["Cœur", "Lefèvre Sœur"]],
];

describe("Windows-1252", () => {
  it("is found where every word reads well in it, with a warning", async () => {
    const found = await find(listOf(WESTERN, "windows-1252"));
    expect(found.name).toBe("windows-1252");
    expect(found.warnings).toMatchObject([{ line: 2, source: "+5511987654310;José" }]);
  });

  it.each(WESTERN)("is found by one name alone: %s", async (name) => {
    expect((await find(listOf([name], "windows-1252"))).name).toBe("windows-1252");
  });

  it("bears one odd word among hundreds, and no more", async () => {
    const many = Array.from({ length: 300 }, () => "José");
    const list = (odd: number) => [...many, ...Array.from({ length: odd }, () => "Ayþe")];
    expect((await find(listOf(list(1), "windows-1252"))).name).toBe("windows-1252");
    expect(await problemsOf(listOf(list(10), "windows-1252"))).toHaveLength(1);
  });

  it("is ruled out by one word that no list has, wherever it is", async () => {
    const many = Array.from({ length: 90 }, () => "José");
    const [problem] = await problemsOf(
      Buffer.concat([
        listOf(many, "windows-1252"),
        Buffer.from("plain line\n".repeat(200_000)),
        encode("+5511;王小明\n", "gb18030"),
      ]),
    );
    expect(problem?.message).toMatch(/its encoding is not sure/);
  });
});

describe("another encoding", () => {
  it.each(OTHERS)("%s is asked for, and shown as it would read: %j", async (encoding, names) => {
    const [problem, ...rest] = await problemsOf(listOf(names, encoding));
    expect(rest).toEqual([]);
    expect(problem).toMatchObject({ file: "list.csv", line: 2 });
    expect(problem?.message).toBe(
      "the file is not UTF-8, and its encoding is not sure; nothing is guessed",
    );
    expect(problem?.hint).toMatch(/Set `recipients\.encoding` to the one/);
    expect(problem?.hint).toContain(`\n    ${encoding}: ${names.join(" | ")}`);
    expect((await find(listOf(names, encoding), encoding)).name).toBe(encoding);
  });

  it("is to be saved as UTF-8 where no key sets it, as of an opt-out list", async () => {
    const path = join(folder, "optouts.csv");
    await writeFile(path, listOf(["王小明"], "gb18030"));
    const error = await findEncoding(path, { shownAs: "optouts.csv" }).catch((one) => one);
    expect(error.problems[0].hint).toMatch(
      /^Save the file again as CSV UTF-8\.\n {4}gb18030: 王小明/,
    );
  });

  it("has no name where nothing reads well", async () => {
    // José and João as DOS wrote them (code page 850), which the WHATWG standard does not know.
    const [problem] = await problemsOf(Buffer.from("name\nJos\x82\nJo\xc6o\n", "latin1"));
    expect(problem?.hint).toBe("Save the file again as CSV UTF-8.");
  });
});

describe("UTF-8 with bad rows", () => {
  const good = "phone,name\n1,José\n2,Conceição\n3,Łukasz 李\n";
  const bad = Buffer.from("4,Jo\xe3o\n", "latin1");

  it("is refused at the row, wherever it is", async () => {
    const problems = await problemsOf(Buffer.concat([Buffer.from(good), bad]));
    expect(problems).toMatchObject([
      {
        message: "these bytes are not UTF-8, and the rest of the file is",
        line: 5,
        source: "4,Jo\ufffdo",
      },
    ]);
    const first = Buffer.concat([Buffer.from("phone,name\n"), bad, Buffer.from(good)]);
    expect(await problemsOf(first)).toMatchObject([{ line: 2 }]);
    const far = Buffer.concat([Buffer.from(good), Buffer.from("5,Ana\n".repeat(400_000)), bad]);
    expect(await problemsOf(far)).toMatchObject([{ line: 400_005 }]);
  });

  it("counts the lines in files that end them with CR alone", async () => {
    const bytes = Buffer.from(
      Buffer.concat([Buffer.from(good), bad])
        .toString("latin1")
        .replaceAll("\n", "\r"),
      "latin1",
    );
    expect(await problemsOf(bytes)).toMatchObject([{ line: 5 }]);
  });

  it("names the first ten rows and counts the others", async () => {
    const rows = Array.from({ length: 25 }, () => bad);
    const problems = await problemsOf(Buffer.concat([Buffer.from(good.repeat(20)), ...rows]));
    expect(problems).toHaveLength(11);
    expect(problems[0]?.line).toBe(81);
    expect(problems[10]?.message).toBe("15 more lines are not UTF-8");
  });

  it("is not taken for it where other words prevail", async () => {
    const bytes = Buffer.concat([Buffer.from("name\nJosÃ©\n", "latin1"), bad, bad, bad]);
    expect((await problemsOf(bytes))[0]?.message).toMatch(/its encoding is not sure/);
  });

  it("keeps characters whole that a piece of the file or a long word cuts in two", async () => {
    const names = Array.from(
      { length: 60_000 },
      (_, at) => `${"x".repeat(at % 3)}${"漢字é🎉".repeat(at % 9)}`,
    );
    expect((await find(Buffer.from(`name\n${names.join("\n")}\n`))).name).toBe("utf-8");
    const problems = await problemsOf(
      Buffer.concat([Buffer.from(`name\n${names.slice(0, 500).join("\n")}\n`), bad]),
    );
    expect(problems).toMatchObject([{ line: 502 }]);
  });
});

describe("UTF-32", () => {
  it.each([
    ["LE with its mark", false, true],
    ["BE with its mark", true, true],
    ["LE", false, false],
  ])("%s is refused by name", async (_, isBig, hasMark) => {
    const text = `${hasMark ? "\ufeff" : ""}phone\n+5511\n`;
    const bytes = Buffer.alloc(text.length * 4);
    [...text].forEach((one, at) => {
      const point = one.codePointAt(0) as number;
      if (isBig) bytes.writeUInt32BE(point, at * 4);
      else bytes.writeUInt32LE(point, at * 4);
    });
    expect((await problemsOf(bytes))[0]?.message).toBe("the file is UTF-32, which is not read");
  });
});

describe("the encodings of a manifest", () => {
  it.each(ENCODINGS)("%s is known to this Node", (encoding) => {
    expect(new TextDecoder(encoding, { fatal: true }).encoding).toBeTypeOf("string");
  });
});
