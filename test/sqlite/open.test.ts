// Opening a file that is new, ours, somebody else's, newer, damaged, locked, or not to be written.

import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import Sqlite from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LedgerFault } from "../../src/ledger.ts";
import { LedgerError } from "../../src/ledger.ts";
import { ledgerExists, openSqliteLedger } from "../../src/sqlite/ledger.ts";
import { accepted, answerTo, planned, send, skip, statuses, turn } from "../ledger.builders.ts";
import { startChild } from "./child-process.ts";

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
    expect(ledgerExists(deep)).toBe(false);
    const ledger = await openSqliteLedger(deep);
    await planned(ledger, [send(1)]);
    expect(ledgerExists(deep)).toBe(true);
    for (const path of [deep, `${deep}-wal`, `${deep}-shm`]) expect(await modeOf(path)).toBe(0o600);
    for (const path of [join(folder, "a"), join(folder, "a", "b")]) {
      expect(await modeOf(path)).toBe(0o700);
    }
    await ledger.close();
  });

  it("keeps its id, commits to the disk itself at every opening, and mends a loose mode", async () => {
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

  it("may take the place of an empty file", async () => {
    await writeFile(file, "");
    await (await openSqliteLedger(file)).close();
  });
});

describe("a file that is not for us", () => {
  const others: [string, LedgerFault, (path: string) => Promise<void>][] = [
    ["text", "not_a_ledger", (path) => writeFile(path, "phone,name\n".repeat(100))],
    ["a few bytes", "not_a_ledger", (path) => writeFile(path, "hello")],
    ["a folder", "not_a_ledger", async (path) => void (await mkdir(path))],
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
        sql(path, "pragma user_version = 6");
      },
    ],
  ];
  for (const [title, fault, make] of others) {
    it(`is refused and left as it is: ${title}`, async () => {
      await make(file);
      const before = await stat(file);
      await expectFault(fault, openSqliteLedger(file));
      await expectFault(fault, openSqliteLedger(file, { readOnly: true }));
      const after = await stat(file);
      expect([after.size, after.mode, after.mtimeMs]).toEqual([
        before.size,
        before.mode,
        before.mtimeMs,
      ]);
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

  it("says so when there is no ledger", async () => {
    await expectFault("not_a_ledger", openSqliteLedger(file, { readOnly: true }));
    expect(ledgerExists(file)).toBe(false);
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
