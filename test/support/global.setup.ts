// Before all tests: builds the program, since some of them run it as people do, and offers a
// PostgreSQL server. After them: no program that they started may still be there, and the folder of
// everything that they wrote is removed.

import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { TestProject } from "vitest/node";

import { bundle, compile, ENTRIES } from "../../scripts/build.mjs";
import { BUILT, BUILT_FOLDER, COMPILED_FOLDER } from "./built.ts";
import { OFFER, offerPostgres } from "./postgres-offer.ts";
import { MARK, marked } from "./programs.ts";

/** Where Linux keeps files in memory, if at all. */
const MEMORY = "/dev/shm";
/** What all tests have written at once (40 MB) is less than a tenth of it, in bytes. */
const ROOM = 2 ** 29;
/** Of `npm test`: no test of them is about the disk. */
const ORDINARY = ["unit", "e2e"];

export async function setup({ vitest }: TestProject): Promise<() => Promise<void>> {
  await bundle([...BUILT, ...ENTRIES.slice(1)], BUILT_FOLDER);
  await compile(COMPILED_FOLDER);
  if (process.env.SKIP_BUILD !== "1") {
    execFileSync("npm", ["run", "--silent", "build"], { stdio: "inherit" });
  }
  const run = `${process.pid}-${Date.now()}`;
  const isOrdinary = vitest.projects.every(({ name }) => ORDINARY.includes(name));
  const folder = mkdtempSync(
    join(isOrdinary && hasRoomInMemory() ? MEMORY : tmpdir(), "campaign-tests-"),
  );
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

/** Whether files can be kept in memory, where nothing waits for a disk: a run takes a tenth less. */
function hasRoomInMemory(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return process.env.TMPDIR === undefined && bavail * bsize >= ROOM;
  } catch {
    return false;
  }
}
