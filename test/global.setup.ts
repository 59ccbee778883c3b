// Before all tests: builds the program, since some of them run it as people do. After them: nothing that they started or wrote may
// still be there.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { MARK, marked } from "./programs.ts";

export function setup(): () => void {
  if (process.env.SKIP_BUILD !== "1") {
    execFileSync("npm", ["run", "--silent", "build"], { stdio: "inherit" });
  }
  const run = `${process.pid}-${Date.now()}`;
  const folder = mkdtempSync(join(tmpdir(), "campaign-tests-"));
  // The workers have them too.
  process.env[MARK] = run;
  process.env.TMPDIR = folder;
  return () => {
    const programs = marked(`${run}/`);
    for (const { pid } of programs) process.kill(pid, "SIGKILL");
    const left = readdirSync(folder);
    rmSync(folder, { recursive: true, force: true });
    if (programs.length + left.length === 0) return;
    const lines = [...programs.map(({ pid, command }) => `${pid} ${command}`), ...left];
    throw new Error(`the tests left behind:\n${lines.join("\n")}`);
  };
}
