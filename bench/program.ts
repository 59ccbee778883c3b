// Runs the program, as built for its users, to its end, and says what it took.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

/** The program. */
export const MAIN = resolve("dist/cli/main.js");

/** Writes what the process took into the file that TOOK names, as it ends. */
const AT_EXIT = `import { writeFileSync } from "node:fs";
process.on("exit", (code) => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeFileSync(process.env.TOOK, JSON.stringify({ code, cpuMs: (userCPUTime + systemCPUTime) / 1000, maxRssMb: maxRSS / 1024 }));
});`;

/** What a process took until its end. */
export interface Took {
  /** Its exit code. */
  code: number;
  /** User and system time of all its threads. */
  cpuMs: number;
  maxRssMb: number;
}

/**
 * Runs Node in a folder to its end; a server until it has answered. The folder holds the witness of
 * its ledgers, too.
 * @param args of Node
 */
export async function took(folder: string, args: string[], isServer = false): Promise<Took> {
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
