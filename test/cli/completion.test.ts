// The scripts of `campaign completion`, in the shells themselves.

import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { campaign } from "../support/in-process.ts";

/** Whether the machine has a shell. */
function has(shell: string): boolean {
  try {
    execFileSync(shell, ["-c", "exit 0"]);
    return true;
  } catch {
    return false;
  }
}

/** What bash offers for the last of some words. */
async function offeredByBash(...words: string[]): Promise<string[]> {
  const { stdout } = await campaign(["completion", "bash"], { cwd: process.cwd() });
  const line = words.map((word) => `'${word}'`).join(" ");
  const script = `${stdout}
COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _campaign; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const text = execFileSync("bash", ["-c", script], { encoding: "utf8" });
  return text.split("\n").filter((word) => word !== "");
}

describe.skipIf(!has("bash"))("campaign completion bash", () => {
  it.each([
    [["campaign", "sta"], ["status"]],
    [["campaign", "suppress", "e"], ["export"]],
    [
      ["campaign", "--ledger", "x.sqlite", "suppress", "add", "--re"],
      ["--reason", "--region"],
    ],
    [
      ["campaign", "report", "spring.yaml", "--js"],
      ["--jsonl", "--json"],
    ],
    [
      ["campaign", "--log"],
      ["--log-file", "--log-level"],
    ],
    [["campaign", "status", "nothing"], []],
  ])("%j offers %j", async (words, offered) => {
    expect(await offeredByBash(...words)).toEqual(offered);
  });
});

describe("campaign completion", () => {
  it.each(["zsh", "fish"])("makes a script that %s reads", async (shell) => {
    const { stdout, code } = await campaign(["completion", shell], { cwd: process.cwd() });
    expect(code).toBe(0);
    expect(stdout).toContain("suppress");
    if (!has(shell)) return;
    const file = join(mkdtempSync(join(tmpdir(), "completion-")), shell);
    writeFileSync(file, stdout);
    execFileSync(shell, ["-n", file]);
  });
});
