// The daily limit beside another connection to the same file.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import { importCompiled } from "../support/built.ts";
import { planned, send, T0, turn } from "./conformance/builders.ts";

const { startTurnThread } = await importCompiled<
  typeof import("../../src/ledger/sending/turn-thread.ts")
>("src/ledger/sending/turn-thread.ts");

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ledger-limit-"));
  file = join(folder, "ledger.sqlite");
});
afterEach(() => rm(folder, { recursive: true }));

it("gives out no person too many to two runners that claim as fast as they can", async () => {
  const ledger = await openSqliteLedger(file);
  const people = (from: number) => Array.from({ length: 300 }, (_, at) => send(at + 1, from + at));
  // The second list begins in the middle of the first.
  const campaigns = [
    await planned(ledger, people(0), "1"),
    await planned(ledger, people(150), "2"),
  ];
  const runners = await Promise.all(campaigns.map(() => startTurnThread(file)));
  // Neither goes on before the other has begun, or a slow thread might find everything claimed.
  const begun: (() => void)[] = [];
  const bothBegun = Promise.all(runners.map(() => new Promise<void>((done) => begun.push(done))));
  const claimAll = async (at: number): Promise<string[]> => {
    const phones: string[] = [];
    for (;;) {
      const one = turn(campaigns[at] as number, {
        claim: 7,
        peopleMax: 200,
        now: T0 + phones.length,
      });
      const result = await runners[at]?.turn(one);
      for (const { phone } of result?.claimed ?? []) phones.push(phone as string);
      if (result?.full !== null || result.drained) return phones;
      begun[at]?.();
      await bothBegun;
    }
  };
  try {
    const claimed = await Promise.all([claimAll(0), claimAll(1)]);
    expect(claimed.every((phones) => phones.length > 0)).toBe(true);
    expect(new Set(claimed.flat()).size).toBe(200);
    expect(await ledger.violations()).toEqual([]);
  } finally {
    for (const runner of runners) await runner.close();
    await ledger.close();
  }
});
