// Opening a file that is new, ours, another program's, newer, damaged, locked, or not to be
// written.

import { execFileSync } from "node:child_process";
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import Sqlite from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LedgerFault } from "../../src/domain/campaign/fault.ts";
import { LedgerError } from "../../src/domain/campaign/fault.ts";
import { isLedgerFile, openSqliteLedger } from "../../src/ledger/ledger.ts";
import { startChild } from "./child-process.ts";
import { accepted, answerTo, planned, send, skip, statuses, turn } from "./conformance/builders.ts";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ledger-open-"));
  file = join(folder, "ledger.sqlite");
});
afterEach(() => rm(folder, { recursive: true }));

/** Expects a LedgerError of this fault whose sentence names the file. */
async function expectFault(fault: LedgerFault, verb: Promise<unknown>, name = file): Promise<void> {
  const error = await verb.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(LedgerError);
  expect((error as LedgerError).fault).toBe(fault);
  expect((error as LedgerError).message).toContain(name);
}

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

describe("a new ledger", () => {
  it("is this user's alone, with its folder and the files beside it", async () => {
    const deep = join(folder, "a", "b", "ledger.sqlite");
    expect(isLedgerFile(deep)).toBe(false);
    const ledger = await openSqliteLedger(deep);
    await planned(ledger, [send(1)]);
    expect(isLedgerFile(deep)).toBe(true);
    for (const path of [deep, `${deep}-wal`, `${deep}-shm`]) expect(await modeOf(path)).toBe(0o600);
    for (const path of [join(folder, "a"), join(folder, "a", "b")]) {
      expect(await modeOf(path)).toBe(0o700);
    }
    await ledger.close();
  });

  it("keeps its id, commits to the disk itself at every opening, and fixes a loose mode", async () => {
    const first = await openSqliteLedger(file);
    const { id } = first;
    expect(id).toMatch(/^[0-9a-z]{1,32}$/);
    await first.close();
    await chmod(file, 0o644);
    const second = await openSqliteLedger(file);
    expect(second.id).toBe(id);
    expect(await modeOf(file)).toBe(0o600);
    await second.close();
  });

  it("is made once by processes that open it in the same moment", async () => {
    const children = [1, 2, 3].map(() => startChild(["open", file]));
    const said = await Promise.all(children.map((child) => child.line()));
    expect(said[0]).toMatch(/^opened /);
    expect(new Set(said).size).toBe(1);
    await Promise.all(children.map((child) => child.kill()));
  });

  it("takes the place of an empty file only where that is asked for, and of none where nothing is", async () => {
    await writeFile(file, "", { mode: 0o644 });
    const before = await stat(file);
    await expectFault("not_a_ledger", openSqliteLedger(file));
    expect((await stat(file)).mode).toBe(before.mode);
    expect((await stat(file)).size).toBe(0);
    await (await openSqliteLedger(file, { make: "if_missing_or_empty" })).close();
    expect(await modeOf(file)).toBe(0o600);
    const other = join(folder, "other.sqlite");
    await expectFault("not_a_ledger", openSqliteLedger(other, { make: "never" }), other);
    expect(await readdir(folder)).toEqual(["ledger.sqlite"]);
  });
});

describe("a file that is not for us", () => {
  const others: [string, LedgerFault, (path: string) => Promise<void>][] = [
    ["text", "not_a_ledger", (path) => writeFile(path, "phone,name\n".repeat(100))],
    ["a few bytes", "not_a_ledger", (path) => writeFile(path, "hello")],
    ["a folder", "not_a_ledger", async (path) => void (await mkdir(path))],
    ["an empty file", "not_a_ledger", (path) => writeFile(path, "", { mode: 0o644 })],
    ["a device", "not_a_ledger", (path) => symlink("/dev/null", path)],
    ["a named pipe", "not_a_ledger", async (path) => void execFileSync("mkfifo", [path])],
    ["a link to a folder", "not_a_ledger", (path) => symlink("/", path)],
    [
      "another program's database with a log of its own",
      "not_a_ledger",
      async (path) => sql(path, "pragma journal_mode = wal; create table t (a)"),
    ],
    [
      "a ledger with a damaged header",
      "not_a_ledger",
      async (path) => {
        await (await openSqliteLedger(path)).close();
        await writeFile(path, "damaged", { flag: "r+" });
      },
    ],
    ["another program's database", "not_a_ledger", async (path) => sql(path, "create table t (a)")],
    [
      "one with its own id",
      "not_a_ledger",
      async (path) => sql(path, "pragma application_id = 77"),
    ],
    [
      "a newer ledger",
      "newer_schema",
      async (path) => {
        await (await openSqliteLedger(path)).close();
        sql(path, "pragma user_version = 99");
      },
    ],
    [
      "one of before the first release",
      "older_schema",
      async (path) => {
        await (await openSqliteLedger(path)).close();
        sql(path, "pragma user_version = 7");
      },
    ],
  ];
  for (const [title, fault, make] of others) {
    it(`is refused and left as it is: ${title}`, async () => {
      await make(file);
      const looks = async () => {
        const { ino, size, mode, mtimeMs } = await stat(file);
        return { ino, size, mode, mtimeMs, beside: await readdir(folder) };
      };
      const before = await looks();
      await expectFault(fault, openSqliteLedger(file));
      await expectFault(fault, openSqliteLedger(file, { readOnly: true }));
      await expectFault(fault, openSqliteLedger(file, { make: "never" }));
      expect(await looks()).toEqual(before);
    });
  }

  it("is refused when it is damaged", async () => {
    const ledger = await openSqliteLedger(file);
    const rows = Array.from({ length: 500 }, (_, index) => send(index + 1));
    const id = await planned(ledger, rows);
    await ledger.close();
    const size = (await stat(file)).size;
    const bytes = Buffer.alloc(size - 8_192, 0x5a);
    await writeFile(file, bytes, { flag: "r+", mode: 0o600 });
    const { fault } = await damaged(async () => {
      const again = await openSqliteLedger(file);
      await again.tally(id);
    });
    expect(["corrupt", "not_a_ledger"]).toContain(fault);
  });
});

function sql(path: string, text: string): void {
  const db = new Sqlite(path);
  db.exec(text);
  db.close();
}

async function damaged(verb: () => Promise<void>): Promise<LedgerError> {
  try {
    await verb();
  } catch (error) {
    if (error instanceof LedgerError) return error;
    throw error;
  }
  throw new Error("expected a LedgerError");
}

describe("reading beside a runner", () => {
  it("sees what is committed and writes nothing", async () => {
    const ledger = await openSqliteLedger(file);
    const id = await planned(ledger, [send(1), send(2)]);
    const reader = await openSqliteLedger(file, { readOnly: true });
    expect(await statuses(reader, id)).toEqual({ 1: "pending", 2: "pending" });
    await ledger.turn(turn(id, { claim: 1 }));
    expect(await statuses(reader, id)).toEqual({ 1: "claimed", 2: "pending" });
    await expectFault("read_only", reader.turn(turn(id, { claim: 1 })));
    expect(await reader.violations()).toEqual([]);
    await reader.close();
    await ledger.close();
  });

  it("leaves the file, its mode and its folder as they were", async () => {
    const ledger = await openSqliteLedger(file);
    const id = await planned(ledger, [send(1), send(2)]);
    await ledger.close();
    await chmod(file, 0o640);
    const before = await stat(file);
    const reader = await openSqliteLedger(file, { readOnly: true });
    await reader.tally(id);
    expect(await reader.heldBy({ campaign: "a", lanes: ["b"] })).toEqual([]);
    await expectFault("read_only", reader.turn(turn(id, { claim: 1 })));
    await reader.close();
    const after = await stat(file);
    expect([after.ino, after.mode, after.mtimeMs]).toEqual([
      before.ino,
      before.mode,
      before.mtimeMs,
    ]);
    expect(await readdir(folder)).toEqual(["ledger.sqlite"]);
  });

  it("folds no log that a killed run left", async () => {
    const setup = await openSqliteLedger(file);
    const id = await planned(setup, [send(1), send(2), send(3)]);
    await setup.close();
    const child = startChild(["turns", file, String(id)]);
    await child.line();
    await child.line();
    await child.kill();
    const before = [await stat(file), await stat(`${file}-wal`)];
    const reader = await openSqliteLedger(file, { readOnly: true });
    expect(Object.values(await statuses(reader, id))).toContain("claimed");
    await reader.close();
    const after = [await stat(file), await stat(`${file}-wal`)];
    expect(after.map(({ size, mtimeMs }) => [size, mtimeMs])).toEqual(
      before.map(({ size, mtimeMs }) => [size, mtimeMs]),
    );
  });

  it("says so when there is no ledger", async () => {
    await expectFault("not_a_ledger", openSqliteLedger(file, { readOnly: true }));
    expect(isLedgerFile(file)).toBe(false);
  });
});

describe("a ledger that is not at its place any more", () => {
  const ways: [string, () => Promise<unknown>][] = [
    ["deleted", () => rm(file)],
    ["moved", () => rename(file, join(folder, "moved.sqlite"))],
    ["without its log", () => rm(`${file}-wal`)],
    ["without the index of its log", () => rm(`${file}-shm`)],
    [
      "replaced by a copy of before",
      async () => {
        await copyFile(join(folder, "before.sqlite"), join(folder, "copy.sqlite"));
        await rename(join(folder, "copy.sqlite"), file);
      },
    ],
    ["written over by a copy of before", () => copyFile(join(folder, "before.sqlite"), file)],
    ["emptied", () => writeFile(file, "")],
    ["with its folder", () => rename(folder, `${folder}.moved`)],
  ];
  for (const [title, act] of ways) {
    it(`is noticed by every verb from then on: ${title}`, async () => {
      const ledger = await openSqliteLedger(file);
      const id = await planned(ledger, [send(1), send(2), send(3)]);
      const raw = new Sqlite(file);
      await raw.backup(join(folder, "before.sqlite"));
      // As much as makes the file grow, folded into it: a copy of before is older than the file.
      await planned(
        ledger,
        Array.from({ length: 300 }, (_, at) => send(at + 1)),
      );
      raw.pragma("wal_checkpoint(passive)");
      raw.close();
      const reader = await openSqliteLedger(file, { readOnly: true });
      expect((await ledger.turn(turn(id, { claim: 1 }))).claimed).toHaveLength(1);
      await act();
      for (const verb of [
        () => ledger.turn(turn(id, { claim: 1 })),
        () => ledger.storeWebhookBodies([{ body: "{}", receivedAt: 1, source: "webhook" }]),
        () => ledger.pace("1"),
        () => reader.remaining(id),
      ]) {
        await expectFault("gone", verb());
      }
      expect(() => ledger.requireInPlace()).toThrow(/was deleted, moved or replaced/);
      await reader.close();
      await ledger.close();
      await rm(`${folder}.moved`, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
    });
  }

  it("is none that another process works with, folds, rewrites and closes", async () => {
    const ledger = await openSqliteLedger(file);
    const id = await planned(
      ledger,
      Array.from({ length: 400 }, (_, at) => send(at + 1)),
    );
    const child = startChild(["turns", file, String(id)]);
    for (let lines = 0; lines < 5; lines += 1) await child.line();
    await ledger.remaining(id);
    await child.kill();
    const other = await openSqliteLedger(file);
    await other.recoverClaims(id, 1);
    await other.close();
    const raw = new Sqlite(file);
    raw.exec("vacuum");
    raw.pragma("wal_checkpoint(truncate)");
    raw.close();
    expect((await ledger.remaining(id)).claimed).toBe(0);
    expect((await ledger.turn(turn(id, { claim: 1 }))).claimed).toHaveLength(1);
    await ledger.close();
  });
});

describe("a ledger of several names", () => {
  it("has one log and one set of locks behind a link", async () => {
    const ledger = await openSqliteLedger(file);
    const link = join(folder, "link.sqlite");
    await symlink(file, link);
    const other = await openSqliteLedger(link);
    const holder = { pid: 1, host: "h", campaign: "a", lanes: ["l"], since: 1 };
    expect((await ledger.hold(holder)).kind).toBe("held");
    expect((await other.hold({ ...holder, campaign: "b" })).kind).toBe("busy");
    expect((await readdir(folder)).filter((name) => name.startsWith("link"))).toEqual([
      "link.sqlite",
    ]);
    await other.close();
    await ledger.close();
  });
});

describe("a verb that cannot be done", () => {
  it("gives up when another program keeps the ledger locked, and goes on afterwards", async () => {
    const ledger = await openSqliteLedger(file, { busyTimeoutMs: 30 });
    const id = await planned(ledger, [send(1)]);
    const other = new Sqlite(file);
    other.exec("begin immediate");
    await expectFault("busy", ledger.turn(turn(id, { claim: 1 })));
    other.exec("rollback");
    other.close();
    expect((await ledger.turn(turn(id, { claim: 1 }))).claimed).toHaveLength(1);
    await ledger.close();
  });

  it("is undone as a whole when the file may not grow", async () => {
    const big = JSON.stringify(["x".repeat(3_000)]);
    const first = await openSqliteLedger(file);
    const id = await planned(first, [send(1), skip(2, "invalid_number")]);
    await first.close();
    const pages = Math.ceil((await stat(file)).size / 4_096);
    const ledger = await openSqliteLedger(file, { maxPages: pages + 2 });
    const claims = (await ledger.turn(turn(id, { claim: 1 }))).claimed;
    const rows = Array.from({ length: 20 }, (_, index) => send(index + 10, index + 10, big));
    await expectFault("full", ledger.plan(id, rows, 0));
    expect(await statuses(ledger, id)).toEqual({ 1: "claimed", 2: "skipped/invalid_number" });
    // What Meta answered meanwhile can still be written down.
    const record = claims.map((one) => answerTo(one, accepted(one.row)));
    expect(await ledger.turn(turn(id, { record }))).toMatchObject({ stale: 0 });
    expect(await ledger.violations()).toEqual([]);
    await ledger.close();
  });

  it.skipIf(!canMount())("goes on when a disk that was really full has space again", async () => {
    const disk = join(folder, "disk");
    await mkdir(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", disk]);
    try {
      const onDisk = join(disk, "ledger.sqlite");
      const ledger = await openSqliteLedger(onDisk);
      const id = await planned(ledger, [send(1), send(2), send(3)]);
      const claims = (await ledger.turn(turn(id, { claim: 1 }))).claimed;
      const filler = join(disk, "filler");
      await writeFile(filler, Buffer.alloc(4 * 1024 * 1024)).catch(() => undefined);
      const record = claims.map((one) => answerTo(one, accepted(one.row)));
      let row = 3;
      const fill = async (length: number) => {
        for (let i = 0; i < 200; i += 1) {
          const values = JSON.stringify(["x".repeat(length)]);
          await ledger.plan(id, [send(row + 1, row + 1, values)], 0);
          row += 1;
        }
      };
      await expectFault("full", fill(2_000), onDisk);
      // A row that does not even need a page of its own, so that no turn has room either.
      await expectFault("full", fill(1), onDisk);
      const before = await statuses(ledger, id);
      await expectFault("full", ledger.turn(turn(id, { record, claim: 1 })), onDisk);
      expect(await statuses(ledger, id)).toEqual(before);
      await rm(filler);
      expect(await ledger.turn(turn(id, { record, claim: 1 }))).toMatchObject({
        stale: 0,
        claimed: [{ row: 2 }],
      });
      expect((await ledger.violations()).map((one) => one.invariant)).toEqual([]);
      await ledger.close();
    } finally {
      execFileSync("umount", [disk]);
    }
  });

  it.skipIf(process.getuid?.() !== 0)(
    "says that another user's file is not to be written",
    async () => {
      const nobody = 65_534;
      await (await openSqliteLedger(file)).close();
      await chmod(folder, 0o755);
      const open = async (path: string): Promise<string | undefined> => {
        const child = startChild(["open", path], { uid: nobody });
        const line = await child.line();
        await child.kill();
        return line;
      };
      expect(await open(file)).toBe("refused read_only");
      expect(await open(join(folder, "new.sqlite"))).toBe("refused read_only");
      await chmod(file, 0o666);
      expect(await open(file)).toBe("refused read_only");
    },
  );
});

/** Only root may, and not in every container. */
function canMount(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  try {
    execFileSync("unshare", ["-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
