// A ledger that was put back from an older copy, as the built program meets it, against a server's
// own log.

import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import Database from "better-sqlite3";
import { expect } from "vitest";

import { test } from "../support/fixture.ts";
import type { TestSandbox } from "../support/harness.ts";
import {
  query,
  sandboxEvents,
  scenario,
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
  run(...args: string[]): ReturnType<typeof campaign>;
}

const it = test.extend<{ world: World }>({
  world: async ({ folder }, use) => {
    const sandbox = await startSandbox(
      folder,
      scenario("receipt_delay_ms: 10\npair_limit: false\n"),
    );
    writeCsv(folder, PEOPLE);
    const manifest = writeManifest(folder, sandbox);
    const env = { WHATSAPP_ACCESS_TOKEN: sandbox.token };
    const run = (...args: string[]) => campaign(args, { cwd: folder, env });
    await use({ folder, sandbox, manifest, run });
  },
});

const ledgerOf = (folder: string) => join(folder, "data", "ledger.sqlite");

/** A copy of the ledger, as a nightly backup makes it. */
async function backUp(folder: string): Promise<string> {
  const copy = join(folder, "backup.sqlite");
  const db = new Database(ledgerOf(folder), { readonly: true });
  await db.backup(copy);
  db.close();
  return copy;
}

function restore(folder: string, copy: string): void {
  const file = ledgerOf(folder);
  for (const end of ["", "-wal", "-shm"]) rmSync(file + end, { force: true });
  copyFileSync(copy, file);
}

/** Person → messages that the server took for them. */
function messagesByPerson(log: string): Map<string, number> {
  const people = new Map<string, number>();
  for (const { event, to } of sandboxEvents(log)) {
    if (event === "accepted") people.set(to as string, (people.get(to as string) ?? 0) + 1);
  }
  return people;
}

const takenOf = (log: string) => [...messagesByPerson(log).values()].reduce((a, b) => a + b, 0);

async function allReported(log: string): Promise<void> {
  const of = (name: string) =>
    new Set(sandboxEvents(log).flatMap(({ event, id }) => (event === name ? [id as string] : [])));
  while (of("receipt").size < takenOf(log)) await new Promise((done) => setTimeout(done, 20));
}

it("settles whom receipts report, and sends to nobody until a person decides", async ({
  world,
}) => {
  const { folder, sandbox, manifest, run } = world;
  expect((await run(manifest, "--limit", "20")).code).toBe(75);
  const copy = await backUp(folder);
  expect((await run(manifest, "--limit", "20")).code).toBe(75);
  await allReported(sandbox.log);
  restore(folder, copy);
  expect(statuses(folder)).toMatchObject({ pending: 40 });

  const imported = await run("receipts", "import", sandbox.log);
  expect(imported.code, imported.stderr).toBe(0);
  expect(imported.stdout).toMatch(
    /20 receipts reported messages of attempts that this ledger never made/,
  );
  expect(statuses(folder)).toMatchObject({ pending: 20 });

  for (const command of ["run", "check"]) {
    const refused = await run(command, manifest);
    expect(refused.code, refused.stderr).toBe(2);
    expect(refused.stderr).toMatch(
      /blocker: Since .* \[ledger_went_back\]\n {2}→ Put back the newest copy/,
    );
  }
  expect(takenOf(sandbox.log)).toBe(40);

  const despite = await run(manifest, "--despite", "ledger_went_back");
  expect(despite.code, despite.stderr).toBe(0);
  const people = messagesByPerson(sandbox.log);
  expect(people.size).toBe(PEOPLE);
  expect([...people.values()].every((messages) => messages === 1)).toBe(true);
  expect(query(folder, "select subject from audit where action = 'despite'")).toEqual([
    { subject: "test" },
  ]);
  expect((await run("doctor")).stdout).not.toMatch(/does not hold/);
});
