// Before all tests: builds the program, since some of them run it as people do, and offers a
// PostgreSQL server. After them: no program that they started may still be there, and the folder of
// everything that they wrote is removed.

import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { bundle, ENTRIES } from "../../scripts/build.mjs";
import { BUILT, BUILT_FOLDER } from "./built.ts";
import { OFFER, offerPostgres } from "./postgres-offer.ts";
import { MARK, marked } from "./programs.ts";

export async function setup(): Promise<() => Promise<void>> {
  await bundle([...BUILT, ...ENTRIES.slice(1)], BUILT_FOLDER);
  if (process.env.SKIP_BUILD !== "1") {
    execFileSync("npm", ["run", "--silent", "build"], { stdio: "inherit" });
  }
  const run = `${process.pid}-${Date.now()}`;
  const folder = mkdtempSync(join(tmpdir(), "campaign-tests-"));
  // As /tmp itself is: some tests run a program as another user.
  chmodSync(folder, 0o1777);
  // The workers have them too.
  process.env[MARK] = run;
  process.env.TMPDIR = folder;
  const postgres = await offerPostgres();
  process.env[OFFER] = postgres.url;
  return async () => {
    await postgres.end();
    const programs = marked(`${run}/`);
    for (const { pid } of programs) process.kill(pid, "SIGKILL");
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    if (programs.length === 0) return;
    const lines = programs.map(({ pid, command }) => `${pid} ${command}`);
    throw new Error(`the tests left programs behind:\n${lines.join("\n")}`);
  };
}
