// The witness as a file that several processes write at once.

import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { keepWitness, readWitness } from "../../src/cli/campaign/witness.ts";
import { makeFolder } from "../support/programs.ts";

const WRITERS = 12;
const TURNS = 20;

let made: ReturnType<typeof makeFolder>;
beforeEach(() => {
  made = makeFolder();
  vi.stubEnv("XDG_STATE_HOME", made.folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  made.remove();
});

const keeper = (key: string, ledger: string) =>
  keepWitness(key, { ledger, path: `/srv/${ledger}.sqlite` });

it("loses no number and no turn of those who write at once", async () => {
  const numbers = Array.from({ length: WRITERS }, (_, at) => `1000${at}`);
  await Promise.all(
    numbers.map(async (number, at) => {
      const kept = keeper(number, `l${at}`);
      for (let turn = 1; turn <= TURNS; turn += 1) await kept.saw(turn);
      await kept.close();
    }),
  );
  const { witness, damage } = readWitness();
  expect(damage).toBeNull();
  for (const [at, number] of numbers.entries()) {
    expect(witness.get(number)).toMatchObject([{ ledger: `l${at}`, turn: TURNS }]);
  }
});

it("has the first turn on the disk at once, and later ones without the witness being written", async () => {
  const kept = keeper("1", "a");
  await kept.saw(7);
  const written = () => JSON.parse(readFileSync(readWitness().file, "utf8")).numbers["1"].turn;
  expect(written()).toBe(7);
  await kept.saw(8);
  await kept.saw(9);
  // As after a kill.
  expect(readWitness().witness.get("1")).toMatchObject([{ ledger: "a", turn: 9 }]);
  await vi.waitUntil(() => written() === 9, { timeout: 60_000 });
  await kept.saw(10);
  await kept.close();
  expect(written()).toBe(10);
});

it("never goes down, and is of its own ledger", async () => {
  const first = keeper("1", "a");
  await first.saw(9);
  await first.saw(1_000_000);
  await first.close();
  const older = keeper("1", "a");
  await older.saw(3);
  await older.close();
  expect(readWitness().witness.get("1")).toMatchObject([{ turn: 1_000_000 }]);
  const other = keeper("1", "b");
  await other.saw(2);
  await other.close();
  expect(readWitness().witness.get("1")).toMatchObject([
    { ledger: "b", turn: 2 },
    { ledger: "a", turn: 1_000_000 },
  ]);
  rmSync(join(readWitness().file, ".."), { recursive: true });
  expect(readWitness()).toMatchObject({ witness: new Map(), damage: null });
});
