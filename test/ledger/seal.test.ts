// Whether a ledger's file is as this program left it.

import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import { planned, send, turn } from "./conformance/builders.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ledger-seal-"));
  file = join(folder, "ledger.sqlite");
});
afterEach(() => rmSync(folder, { recursive: true }));

async function isSealed(): Promise<boolean> {
  const ledger = await openSqliteLedger(file, { readOnly: true });
  await ledger.close();
  return ledger.isSealed();
}

/** A sealed ledger with some pages, closed. */
async function sealed(): Promise<void> {
  const ledger = await openSqliteLedger(file);
  ledger.seal();
  await planned(
    ledger,
    Array.from({ length: 300 }, (_, at) => send(at + 1)),
  );
  await ledger.close();
}

describe("a ledger that was found sound", () => {
  it("stays so through whatever this program writes, in one process or several", async () => {
    await sealed();
    expect(await isSealed()).toBe(true);
    const [one, other] = [await openSqliteLedger(file), await openSqliteLedger(file)];
    expect([one.isSealed(), other.isSealed()]).toEqual([true, true]);
    const id = await planned(
      one,
      Array.from({ length: 500 }, (_, at) => send(at + 1)),
    );
    await other.storeWebhookBodies([{ body: "{}", receivedAt: 1, source: "webhook" }]);
    await one.turn(turn(id, { claim: 5 }));
    await one.close();
    await other.close();
    expect(await isSealed()).toBe(true);
  });

  it("is so after a kill while the last commits stand in the log", async () => {
    await sealed();
    const ledger = await openSqliteLedger(file);
    await ledger.storeWebhookBodies([{ body: "{}", receivedAt: 1, source: "webhook" }]);
    // What a kill leaves: the three files as they are.
    for (const end of ["", "-wal"]) copyFileSync(file + end, join(folder, `kept${end}`));
    expect(statSync(join(folder, "kept-wal")).size).toBeGreaterThan(0);
    expect(await isSealed()).toBe(true);
    await ledger.close();
  });
});

describe("a ledger that is not known to be sound", () => {
  it("is one that was never looked through", async () => {
    await (await openSqliteLedger(file)).close();
    expect(await isSealed()).toBe(false);
  });

  const CHANGES: [title: string, change: () => void][] = [
    [
      "a page was zeroed",
      () => {
        const bytes = readFileSync(file);
        writeFileSync(file, bytes.fill(0, 8_192, 12_288));
      },
    ],
    [
      "its bytes were changed, and its time set back",
      () => {
        const { atime, mtime } = statSync(file);
        const bytes = readFileSync(file);
        bytes[20_000] = 1 + (bytes[20_000] as number);
        writeFileSync(file, bytes);
        utimesSync(file, atime, mtime);
      },
    ],
    ["something was added to it", () => appendFileSync(file, Buffer.alloc(4_096))],
    [
      "a copy took its place",
      () => {
        copyFileSync(file, `${file}.copy`);
        renameSync(`${file}.copy`, file);
      },
    ],
    [
      "another program wrote to it",
      () => {
        const db = new Sqlite(file);
        db.exec("update dispatch set hash = 1");
        db.close();
      },
    ],
    ["the seal is damaged", () => writeFileSync(join(`${file}.locks`, "seal"), "")],
  ];
  it.each(CHANGES)("is one of which %s", async (_, change) => {
    await sealed();
    change();
    expect(await isSealed()).toBe(false);
    // Writing to it hides nothing.
    const ledger = await openSqliteLedger(file).catch(() => undefined);
    await ledger
      ?.storeWebhookBodies([{ body: "{}", receivedAt: 1, source: "webhook" }])
      .catch(() => {});
    await ledger?.close();
    if (ledger !== undefined) expect(await isSealed()).toBe(false);
  });
});
