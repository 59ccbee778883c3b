// Files that an operator names and that are not what they should be, as the built program meets
// them: exit 2 with a sentence, never a hang and never a bug.

import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect } from "vitest";
import { test as it } from "../support/fixture.ts";
import type { Ended } from "../support/harness.ts";
import { writeCsv } from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";
import { startProgram } from "../support/programs.ts";

interface World {
  folder: string;
  /** `list.csv`, `optouts.csv` and a manifest with `more` at its end. */
  manifest(more?: string): string;
  run(args: string[], env?: Record<string, string>): Promise<Ended>;
}

const world = it.extend<{ world: World }>({
  world: async ({ folder }, use) => {
    writeCsv(folder, 3);
    await use({
      folder,
      manifest(more = "") {
        const name = "c.yaml";
        const text = `campaign: files
account: sandbox
recipients: { file: list.csv }
template: { name: spring_sale, language: pt_BR }
${more}`;
        writeFileSync(join(folder, name), text);
        return name;
      },
      run: (args, env = {}) => campaign(args, { cwd: folder, env }),
    });
  },
});

/** What stands in the place of a file, and what is said of it. */
const KINDS: Record<string, { make(path: string): void; said: RegExp }> = {
  "a pipe that nobody writes to": {
    make: (path) => execFileSync("mkfifo", [path]),
    said: /this is a pipe, not a regular file/,
  },
  "a device without an end": {
    make: (path) => symlinkSync("/dev/zero", path),
    said: /this is a device, not a regular file/,
  },
  "a folder": { make: (path) => mkdirSync(path), said: /this is a folder, not a file/ },
  "a link to itself": { make: (path) => symlinkSync(path, path), said: /circle of symbolic links/ },
  "a file of 3 GiB": {
    make(path) {
      writeFileSync(path, "");
      truncateSync(path, 3 * 1024 ** 3);
    },
    said: /larger than 1 MiB: it cannot be a manifest/,
  },
  nothing: { make: () => {}, said: /there is no such file/ },
  "a CSV": {
    make: (path) => writeFileSync(path, "phone,name\n+5511970000001,Ana: x\n"),
    said: /this is a CSV, not a manifest\n.*→ Give the manifest, a YAML file/,
  },
  "a CSV of one column": {
    make: (path) => writeFileSync(path, "phone\n+5511970000001\n+5511970000002\n"),
    said: /the file must be a mapping of keys/,
  },
  "an Excel workbook": {
    make: (path) => writeFileSync(path, "PK\x03\x04....xl/workbook.xml"),
    said: /this is an Excel workbook \(\.xlsx\), not a manifest/,
  },
  "a web page": {
    make: (path) => writeFileSync(path, "\ufeff<!DOCTYPE html>\n<html><body>Log in"),
    said: /this is a web page \(HTML\), not a manifest/,
  },
  "text that is not UTF-8": {
    make: (path) => writeFileSync(path, Buffer.from("campaign: a\n# Jos\xe9\n", "latin1")),
    said: /m\.yaml:2: these bytes are not UTF-8/,
  },
};

describe.concurrent("a manifest that is", () => {
  world.for(Object.keys(KINDS))("%s", async (kind, { world: { folder, run } }) => {
    const { make, said } = KINDS[kind] as (typeof KINDS)[string];
    make(join(folder, "m.yaml"));
    const ended = await run(["check", "m.yaml"]);
    expect(ended.stderr).toMatch(said);
    expect(ended.code, ended.stderr).toBe(2);
  });

  world("customers.csv given to run", async ({ world: { run } }) => {
    const ended = await run(["run", "list.csv", "--yes"]);
    expect(ended.stderr).toMatch(/^list\.csv: this is a CSV, not a manifest/);
    expect(ended.code).toBe(2);
  });

  world("UTF-16, as PowerShell writes it", async ({ world: { folder, manifest, run } }) => {
    const name = manifest("template_typo: 1\n");
    const text = execFileSync("cat", [join(folder, name)], { encoding: "utf8" });
    writeFileSync(join(folder, "m.yaml"), Buffer.from(`\ufeff${text}`, "utf16le"));
    const ended = await run(["check", "m.yaml"]);
    expect(ended.stderr).toMatch(/^m\.yaml:5:1: .*template_typo/);
    expect(ended.code).toBe(2);
  });
});

const PIPE = "p.pipe";
const NAMED_IN_THE_MANIFEST: [what: string, more: string][] = [
  ["the scenario", `sandbox: { scenario: ${PIPE} }`],
  ["an opt-out list", `suppress: { files: [${PIPE}] }`],
  ["the rate card", `rate_card: ${PIPE}`],
];

describe.concurrent("a pipe in the place of", () => {
  world.for(NAMED_IN_THE_MANIFEST)("%s", async ([, more], { world }) => {
    const { folder, manifest, run } = world;
    execFileSync("mkfifo", [join(folder, PIPE)]);
    const ended = await run(["check", manifest(more)]);
    expect(ended.stderr).toMatch(/p\.pipe: this is a pipe, not a regular file/);
    expect(ended.code).toBe(2);
  });

  world("the list of recipients", async ({ world: { folder, manifest, run } }) => {
    const name = manifest();
    execFileSync("rm", [join(folder, "list.csv")]);
    execFileSync("mkfifo", [join(folder, "list.csv")]);
    for (const command of ["check", "run", "preview"]) {
      const ended = await run([command, name]);
      expect(ended.stderr).toMatch(/list\.csv: this is a pipe/);
      expect(ended.code).toBe(2);
    }
  });

  world("a header's file", async ({ world: { folder, run } }) => {
    execFileSync("mkfifo", [join(folder, "pic.jpg")]);
    writeFileSync(
      join(folder, "m.yaml"),
      `campaign: files
account: sandbox
recipients: { file: list.csv }
template: { name: spring_sale, language: pt_BR, header: { image: { file: pic.jpg } } }
`,
    );
    const ended = await run(["check", "m.yaml"]);
    expect(ended.stderr).toMatch(/m\.yaml:4:\d+: pic\.jpg: this is a pipe/);
    expect(ended.code).toBe(2);
  });

  world(".env, and a folder or an unreadable text there", async ({ world }) => {
    const { folder, manifest, run } = world;
    const file = join(folder, ".env");
    const name = manifest();
    const kinds: [() => void, RegExp][] = [
      [() => execFileSync("mkfifo", [file]), /^(?:\S*\/)?\.env: this is a pipe/],
      [() => mkdirSync(file), /^(?:\S*\/)?\.env: this is a folder/],
      [
        () => writeFileSync(file, Buffer.from("A=\xe9\n", "latin1")),
        /^(?:\S*\/)?\.env:1: these bytes/,
      ],
    ];
    for (const [make, said] of kinds) {
      make();
      for (const args of [["check", name], ["status"]]) {
        const ended = await run(args);
        expect(ended.stderr).toMatch(said);
        expect(ended.code).toBe(2);
      }
      const { code, stdout } = await run(["doctor"]);
      expect(stdout).toMatch(/^bad {3}(?:\S*\/)?\.env: /m);
      expect(code).toBe(3);
      execFileSync("rm", ["-r", file]);
    }
  });

  world("stop words, webhook bodies, opt-outs and a scenario", async ({ world }) => {
    const { folder, manifest, run } = world;
    execFileSync("mkfifo", [join(folder, PIPE)]);
    const commands: [string[], Record<string, string>?][] = [
      [["receipts", "import", PIPE]],
      [["suppress", "import", PIPE]],
      [["sandbox", "--port", "0", "--scenario", PIPE, "--log", "x.jsonl"]],
      [["run", manifest(), "--yes"], { CAMPAIGN_STOP_WORDS: PIPE }],
    ];
    for (const [args, env] of commands) {
      const ended = await run(args, env);
      expect(ended.stderr, args.join(" ")).toMatch(/p\.pipe: this is a pipe/);
      expect(ended.code).toBe(2);
    }
  });
});

describe("a pipe that no program reads from, in the place of", () => {
  world("what is written", async ({ world: { folder, manifest, run } }) => {
    execFileSync("mkfifo", [join(folder, PIPE)]);
    const name = manifest();
    for (const args of [
      ["check", name, "--rejects", PIPE],
      ["run", name, "--yes", "--log-file", PIPE],
      ["sandbox", "--port", "0", "--log", PIPE],
    ]) {
      const ended = await run(args);
      expect(ended.stderr, args.join(" ")).toMatch(/p\.pipe is a pipe that no program reads from/);
      expect(ended.code).toBe(2);
    }
  });

  world("is written to once there is one", async ({ world: { folder, manifest, run } }) => {
    execFileSync("mkfifo", [join(folder, PIPE)]);
    writeFileSync(join(folder, "list.csv"), "phone,first_name,coupon\n12,Ana,A\n");
    const reader = startProgram("cat", [PIPE], { cwd: folder });
    await run(["check", manifest(), "--rejects", PIPE]);
    expect((await reader.ended).stdout).toContain("12,Ana,A");
  });
});

describe("a path with a NUL", () => {
  world("is the operator's mistake", async ({ world: { folder, run } }) => {
    writeFileSync(
      join(folder, "m.yaml"),
      'campaign: f\naccount: sandbox\nrecipients: { file: "a\\0b.csv" }\ntemplate: { name: spring_sale, language: pt_BR }\n',
    );
    const ended = await run(["check", "m.yaml"]);
    expect(ended.stderr).toMatch(/the path has a NUL character/);
    expect(ended.code).toBe(2);
  });
});

it.skipIf(process.getuid?.() === 0)("a file without permission", async ({ folder }) => {
  writeFileSync(join(folder, "m.yaml"), "campaign: a\n", { mode: 0 });
  const ended = await campaign(["check", "m.yaml"], { cwd: folder });
  expect(ended.stderr).toMatch(/no permission to read the file/);
  expect(ended.code).toBe(2);
});
