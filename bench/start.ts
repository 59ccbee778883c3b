// Starting: CPU of commands that read, beside `node -e 0`; and what `serve` takes until it answers.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

import { writePeople } from "./people.ts";

const MAIN = resolve("dist/cli/main.js");
/** Writes what the process took into the file that TOOK names, as it ends. */
const AT_EXIT = `import { writeFileSync } from "node:fs";
process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeFileSync(process.env.TOOK, JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, maxRssMb: maxRSS / 1024 }));
});`;

interface Took {
  cpuMs: number;
  maxRssMb: number;
}

export interface StartResult {
  node: number[];
  help: number[];
  status: number[];
  report: number[];
  serve: Took[];
}

/** CPU milliseconds of each command, taken in turns, on a campaign of so many rows. */
export async function benchStart(rows: number, rounds: number): Promise<StartResult> {
  const folder = mkdtempSync(join(tmpdir(), "campaign-bench-"));
  writePeople(folder, rows, "http://127.0.0.1:9");
  await took(folder, [MAIN, "run", "campaign.yaml", "--new-ledger", "--limit", "0"]);
  const result: StartResult = { node: [], help: [], status: [], report: [], serve: [] };
  for (let round = 0; round < rounds; round += 1) {
    result.node.push((await took(folder, ["-e", "0"])).cpuMs);
    result.help.push((await took(folder, [MAIN, "--help"])).cpuMs);
    result.status.push((await took(folder, [MAIN, "status", "campaign.yaml"])).cpuMs);
    result.report.push((await took(folder, [MAIN, "report", "campaign.yaml", "--json"])).cpuMs);
    result.serve.push(await took(folder, [MAIN, "serve", "--port", "0"], true));
  }
  rmSync(folder, { recursive: true });
  return result;
}

/** Runs Node to its end; a server until it has answered. */
async function took(folder: string, args: string[], isServer = false): Promise<Took> {
  const file = join(folder, "took.json");
  const preload = `data:text/javascript,${encodeURIComponent(AT_EXIT)}`;
  const child = spawn(process.execPath, ["--import", preload, ...args], {
    cwd: folder,
    env: {
      ...process.env,
      TOOK: file,
      XDG_STATE_HOME: folder,
      WHATSAPP_ACCESS_TOKEN: "bench-token",
    },
    stdio: ["ignore", isServer ? "pipe" : "ignore", "ignore"],
  });
  const closed = once(child, "close");
  if (isServer) {
    const [line] = (await once(createInterface(child.stdout as NodeJS.ReadableStream), "line")) as [
      string,
    ];
    const [url = ""] = /http:[^"\s]+/.exec(line) ?? [];
    await (await fetch(url)).text();
    child.kill("SIGTERM");
  }
  await closed;
  return JSON.parse(readFileSync(file, "utf8")) as Took;
}
