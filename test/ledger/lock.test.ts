// One runner at a time, between real processes; a killed one's lock is free at once.

import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import type { PlacedLedger } from "../../src/ledger/placed-ledger.ts";
import { startChild } from "./child-process.ts";

let folder: string;
let ledger: PlacedLedger;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ledger-lock-"));
  ledger = await openSqliteLedger(join(folder, "ledger.sqlite"));
});
afterEach(async () => {
  await ledger.close();
  await rm(folder, { recursive: true });
});

const me = { pid: process.pid, host: "here", campaign: "spring", lanes: ["1065"], since: 5 };

describe("the lock between processes", () => {
  it("names the holder, and is free the moment the holder is killed", async () => {
    const child = startChild(["hold", ledger.place, "spring", "1065"]);
    expect(await child.line()).toBe("held");
    const refused = await ledger.hold(me);
    expect(refused).toMatchObject({
      kind: "busy",
      taken: [
        {
          of: "list",
          name: "spring",
          by: { pid: child.pid, host: "test", campaign: "spring", lane: null },
        },
      ],
    });
    const sameLane = await ledger.hold({ ...me, campaign: "autumn" });
    expect(sameLane).toMatchObject({
      kind: "busy",
      taken: [{ of: "lane", name: "1065", by: { pid: child.pid, lane: "1065" } }],
    });
    await child.kill();
    expect((await ledger.hold(me)).kind).toBe("held");
  });

  it("lets exactly one of two through that ask in the same moment", async () => {
    for (let round = 0; round < 3; round += 1) {
      const campaign = `spring-${round}`;
      const children = [1, 2].map(() => startChild(["hold", ledger.place, campaign, "1065"]));
      const said = await Promise.all(children.map((child) => child.line()));
      expect(said.toSorted()).toEqual(["busy", "held"]);
      await Promise.all(children.map((child) => child.kill()));
    }
  });

  it("does not need the note of who holds it", async () => {
    const hold = await ledger.hold(me);
    expect(hold.kind).toBe("held");
    const locks = `${ledger.place}.locks`;
    const notes = (await readdir(locks)).filter((name) => name.endsWith(".json"));
    expect(notes).toHaveLength(2);
    for (const torn of ["", "{", "[1]", '{"pid":"x"}']) {
      for (const note of notes) await writeFile(join(locks, note), torn);
      expect(await ledger.hold(me)).toMatchObject({ kind: "busy", taken: [{ by: null }] });
    }
  });

  it("keeps its files to this user, and names that look like paths inside its folder", async () => {
    const odd = { ...me, campaign: "../../spring/été", lanes: ["../x"] };
    expect((await ledger.hold(odd)).kind).toBe("held");
    const locks = `${ledger.place}.locks`;
    const names = await readdir(locks);
    expect(names.toSorted()).toHaveLength(4);
    for (const name of names) expect((await stat(join(locks, name))).mode & 0o777).toBe(0o600);
    expect((await stat(locks)).mode & 0o777).toBe(0o700);
    expect((await readdir(folder)).filter((name) => !name.startsWith("ledger.sqlite"))).toEqual([]);
  });

  it("is freed by release, twice without harm, and by close", async () => {
    const hold = await ledger.hold(me);
    if (hold.kind !== "held") throw new Error("expected to hold");
    await hold.release();
    await hold.release();
    expect((await ledger.hold(me)).kind).toBe("held");
    await ledger.close();
    ledger = await openSqliteLedger(join(folder, "ledger.sqlite"));
    expect((await ledger.hold(me)).kind).toBe("held");
  });
});
