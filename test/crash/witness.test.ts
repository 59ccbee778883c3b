// What this machine remembers of a number's ledger, as the built program uses it, against a
// server's own log: from another ledger, an older copy, or one that lost its log nobody gets a
// message twice.

import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { describe, expect } from "vitest";

import { test } from "../support/fixture.ts";
import type { TestSandbox } from "../support/harness.ts";
import {
  acceptedBy,
  LONG,
  query,
  scenario,
  start,
  startSandbox,
  statuses,
  writeCsv,
  writeManifest,
} from "../support/harness.ts";
import { campaign } from "../support/in-process.ts";

const PEOPLE = 60;

interface World {
  folder: string;
  sandbox: TestSandbox;
  manifest: string;
  ledger: string;
  witness: string;
  env: Record<string, string>;
  run(...args: string[]): ReturnType<typeof campaign>;
}

const it = test.extend<{ world: World }>({
  world: async ({ folder }, use) => {
    const sandbox = await startSandbox(folder, scenario("pair_limit: false\n"));
    writeCsv(folder, PEOPLE);
    const manifest = writeManifest(folder, sandbox);
    const env = { WHATSAPP_ACCESS_TOKEN: sandbox.token };
    const run = (...args: string[]) => campaign(args, { cwd: folder, env });
    const ledger = join(folder, "data", "ledger.sqlite");
    const witness = join(folder, ".state", "campaign", "witness.json");
    await use({ folder, sandbox, manifest, ledger, witness, env, run });
  },
});

const FILES = ["", "-wal", "-shm"];

/** Nobody twice, by the server's own log; gives how many messages it took. */
function takenOnce(log: string): number {
  const people = acceptedBy(log);
  expect(new Set(people).size).toBe(people.length);
  return people.length;
}

const entryOf = ({ witness, sandbox }: World) =>
  JSON.parse(readFileSync(witness, "utf8")).numbers[`${sandbox.phoneNumberId}@localhost`];

describe.concurrent("the witness", () => {
  it("is written by a run on a number, for this user alone, with the last turn", async ({
    world,
  }) => {
    const { folder, manifest, ledger, witness, run } = world;
    expect((await run(manifest, "--limit", "20")).code).toBe(75);
    expect(statSync(witness).mode & 0o777).toBe(0o600);
    expect(statSync(join(witness, "..")).mode & 0o777).toBe(0o700);
    const [lane] = query<{ turn: number }>(folder, "select turn from lane");
    const [meta] = query<{ id: string }>(folder, "select ledger_id as id from meta");
    expect(entryOf(world)).toMatchObject({ ledger: meta?.id, path: ledger, turn: lane?.turn });
    expect(lane?.turn).toBeGreaterThan(0);
    chmodSync(join(witness, ".."), 0o755);
    expect((await run(manifest)).code).toBe(0);
    expect(entryOf(world).turn).toBeGreaterThan(lane?.turn as number);
    expect(statSync(join(witness, "..")).mode & 0o777).toBe(0o700);
  });

  it("is left alone by the simulator, and by commands that read", async ({ world }) => {
    const { folder, manifest, run } = world;
    writeFileSync(
      join(folder, "try.yaml"),
      "campaign: try\naccount: sandbox\nrecipients: { file: list.csv, phone: phone }\ntemplate: { name: offer, language: pt_BR, body: [A, B] }\n",
    );
    expect((await run("try.yaml", "--limit", "3")).code).toBe(75);
    for (const args of [["status"], ["check", manifest], ["doctor"]]) await run(...args);
    expect(existsSync(join(folder, ".state"))).toBe(false);
  });
});

describe.concurrent("a number that was sent from another ledger", () => {
  it("posts to nobody from a new one in another folder", async ({ world }) => {
    const { folder, sandbox, ledger, env, run } = world;
    const manifest = join(folder, "campaign.yaml");
    expect((await run(manifest, "--limit", "20")).code).toBe(75);
    mkdirSync(join(folder, "elsewhere"));
    const state = { XDG_STATE_HOME: join(folder, ".state") };
    for (const command of ["run", "check"]) {
      const args = ["--ledger", "other.sqlite", command, manifest];
      const refused = await campaign(args, {
        cwd: join(folder, "elsewhere"),
        env: { ...env, ...state },
      });
      expect(refused.code, refused.stderr).toBe(2);
      expect(refused.stderr).toMatch(/blocker: Number id \d+ last sent from another ledger/);
      expect(refused.stderr).toContain(`${ledger} (`);
      expect(refused.stderr).toContain("[other_ledger]");
    }
    expect(existsSync(join(folder, "elsewhere", "other.sqlite"))).toBe(false);
    expect(takenOnce(sandbox.log)).toBe(20);
    expect((await run(manifest)).code).toBe(0);
    expect(takenOnce(sandbox.log)).toBe(PEOPLE);
  });

  it("stops when the ledger was deleted, whatever is said of a new one", async ({ world }) => {
    const { sandbox, manifest, ledger, run } = world;
    expect((await run(manifest, "--limit", "20")).code).toBe(75);
    for (const end of FILES) rmSync(ledger + end, { force: true });
    const refused = await run(manifest, "--new-ledger");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("there is no file by that name any more");
    expect(existsSync(ledger)).toBe(false);
    expect(takenOnce(sandbox.log)).toBe(20);
  });

  it("goes on once a person says so, which is audited, and is not asked again", async ({
    world,
  }) => {
    const { folder, sandbox, manifest, run } = world;
    expect((await run(manifest, "--limit", "20")).code).toBe(75);
    writeCsv(folder, 20, "others.csv", 500);
    writeManifest(folder, sandbox, { name: "others.yaml", campaign: "others", list: "others.csv" });
    const other = ["--ledger", "other.sqlite"];
    const despite = ["--despite", "other_ledger"];
    expect((await run(...other, "others.yaml", "--limit", "5", ...despite)).code).toBe(75);
    const audit = await run(...other, "audit", "--json");
    expect(audit.stdout).toContain('"other_ledger"');
    expect((await run(...other, "others.yaml")).code).toBe(0);
    expect(takenOnce(sandbox.log)).toBe(40);
    // The first one does not know what the other one sent.
    const back = await run(manifest);
    expect(back.code).toBe(2);
    expect(back.stderr).toMatch(/last sent from another ledger: .*other\.sqlite/);
  });
});

describe.concurrent("a ledger that lacks what this machine saw of it", () => {
  it("posts to nobody when an older copy was put back, until a person decides", async ({
    world,
  }) => {
    const { folder, sandbox, manifest, ledger, run } = world;
    expect((await run(manifest, "--limit", "20")).code).toBe(75);
    copyFileSync(ledger, join(folder, "copy.sqlite"));
    expect((await run(manifest, "--limit", "20")).code).toBe(75);
    copyFileSync(join(folder, "copy.sqlite"), ledger);
    expect(statuses(folder)).toMatchObject({ pending: 40 });
    for (const command of ["run", "check"]) {
      const refused = await run(command, manifest);
      expect(refused.code, refused.stderr).toBe(2);
      expect(refused.stderr).toMatch(
        /blocker: Number \d+: this machine saw turn \d+ of this ledger/,
      );
      expect(refused.stderr).toMatch(/\[ledger_went_back\]\n {2}→ Put back the newest copy/);
    }
    expect(takenOnce(sandbox.log)).toBe(40);
    const doctor = await run("doctor");
    expect(doctor.code).toBe(3);
    expect(doctor.stdout).toMatch(/bad +witness: Number/);
    const status = await run("status", "--json");
    expect(status.stderr).toContain("It is an older copy");
    expect(JSON.parse(status.stdout).ledger_findings).toMatchObject([{ id: "ledger_went_back" }]);

    expect((await run(manifest, "--limit", "1", "--despite", "ledger_went_back")).code).toBe(75);
    expect(query(folder, "select subject from audit where action = 'despite'")).toHaveLength(1);
    expect(acceptedBy(sandbox.log)).toHaveLength(41);
    // Decided once; and the copy that was the newest is behind this one from now on.
    expect((await run(manifest, "--limit", "1")).code).toBe(75);
    expect((await run("doctor")).code).toBe(0);
  });

  it("posts to nobody without its log, after a kill", async ({ world }) => {
    const killed = await killedRun(world);
    for (const end of ["-wal", "-shm"]) rmSync(world.ledger + end);
    await expectNobodyTwice(world, killed, ["--ledger", world.ledger]);
  });

  it("posts to nobody when only the one file of it was copied", async ({ world }) => {
    const killed = await killedRun(world);
    mkdirSync(join(world.folder, "copy"));
    const copy = join(world.folder, "copy", "ledger.sqlite");
    copyFileSync(world.ledger, copy);
    await expectNobodyTwice(world, killed, ["--ledger", copy]);
  });

  it("goes on with the whole of it, also at another place", async ({ world }) => {
    const killed = await killedRun(world);
    mkdirSync(join(world.folder, "moved"));
    const moved = join(world.folder, "moved", "ledger.sqlite");
    for (const end of ["", "-wal"]) renameSync(world.ledger + end, moved + end);
    const ended = await world.run("--ledger", moved, "long.yaml", "--limit", "3");
    expect(ended.code, ended.stderr).toBe(75);
    expect(takenOnce(world.sandbox.log)).toBe(killed + 3);
    expect(entryOf(world)).toMatchObject({ path: moved });
  });
});

/**
 * A run that was killed while it sent, before anything was folded into the file; gives how many
 * messages were taken.
 */
async function killedRun({ folder, sandbox, env }: World): Promise<number> {
  writeCsv(folder, LONG.people, "long.csv", 1_000);
  const manifest = writeManifest(folder, sandbox, {
    ...LONG.pace,
    name: "long.yaml",
    campaign: "long",
    list: "long.csv",
  });
  const running = start(["run", manifest], { cwd: folder, env });
  await running.until(() => existsSync(sandbox.log) && acceptedBy(sandbox.log).length >= 4);
  running.child.kill("SIGKILL");
  await running.ended;
  return acceptedBy(sandbox.log).length;
}

async function expectNobodyTwice(
  { sandbox, manifest: _, run }: World,
  killed: number,
  where: string[],
): Promise<void> {
  for (const command of ["check", "run"]) {
    const refused = await run(...where, command, "long.yaml");
    expect(refused.code, refused.stderr).toBe(2);
    expect(refused.stderr).toContain("[ledger_went_back]");
  }
  expect(takenOnce(sandbox.log)).toBe(killed);
}

describe.concurrent("a witness that is of no use", () => {
  const RUBBISH: [title: string, make: (file: string) => void][] = [
    ["empty", (file) => writeFileSync(file, "")],
    ["cut off", (file) => writeFileSync(file, readFileSync(file).subarray(0, 50))],
    ["zeroes", (file) => writeFileSync(file, Buffer.alloc(4_096))],
    [
      "a folder",
      (file) => {
        rmSync(file);
        mkdirSync(file);
      },
    ],
  ];
  it.for(RUBBISH)("is said and set aside, and stops nothing: %s", async ([, make], { world }) => {
    const { sandbox, manifest, witness, run } = world;
    expect((await run(manifest, "--limit", "20")).code).toBe(75);
    make(witness);
    const check = await run("check", manifest, "--json");
    expect(check.code, check.stderr).toBe(0);
    const ids = JSON.parse(check.stdout).findings.map(({ id }: { id: string }) => id);
    expect(ids).toContain("witness_unread");
    const doctor = await run("doctor");
    expect(doctor.stdout).toMatch(/warn +witness: .*witness\.json cannot be read/);
    const ended = await run(manifest, "--limit", "20");
    expect(ended.code, ended.stderr).toBe(75);
    expect(ended.stderr).toMatch(/warning: .*witness\.json/);
    expect(takenOnce(sandbox.log)).toBe(40);
    expect(readdirSync(join(witness, "..")).some((name) => name.includes(".damaged-"))).toBe(true);
    expect(entryOf(world).turn).toBeGreaterThan(0);
    expect((await run("doctor")).stdout).toMatch(/ok +witness/);
  });

  it("is said where there is no place for it, and stops nothing", async ({ world }) => {
    const { folder, sandbox, manifest, env } = world;
    for (const [state, limit] of [
      ["/dev/null/state", "5"],
      ["/proc/state", "7"],
    ] as const) {
      const ended = await campaign([manifest, "--limit", limit], {
        cwd: folder,
        env: { ...env, XDG_STATE_HOME: state },
      });
      expect(ended.code, ended.stderr).toBe(75);
      expect(ended.stderr.match(/warning: this machine cannot remember/g)).toHaveLength(1);
    }
    expect(takenOnce(sandbox.log)).toBe(12);
  });
});
