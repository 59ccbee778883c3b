// The sandbox's log is the proof of the other tests, so it outlives a kill.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, describe, expect, it } from "vitest";

import { acceptedByNumber, readSandboxLog } from "../../src/sandbox/server/log.ts";
import { callHttp, message } from "../sandbox/posting.ts";

const CHILD = fileURLToPath(new URL("../sandbox/child.ts", import.meta.url));
const person = (index: number): string => `+55209${10_000_000 + index}`;
const folder = mkdtempSync(join(tmpdir(), "sandbox-log-"));
const logFile = join(folder, "sandbox.jsonl");

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("kill -9", () => {
  it("loses no message that was answered", async () => {
    const answered: string[] = [];
    for (let round = 0; round < 2; round += 1) {
      const child = spawn(process.execPath, ["--import", "tsx", CHILD, logFile], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const gone = new Promise((resolve) => child.once("exit", resolve));
      const url = await new Promise<string>((resolve) => {
        child.stdout.once("data", (data: Buffer) => resolve(data.toString().trim()));
      });
      const before = answered.length;
      let index = round * 10_000;
      await Promise.all(
        Array.from({ length: 16 }, async () => {
          for (;;) {
            const to = person(index++);
            const posted = callHttp(
              `${url}/v25.0/100000000000001/marketing_messages`,
              "POST",
              JSON.stringify(message(to)),
              { authorization: "Bearer sandbox-token", "content-type": "application/json" },
            );
            try {
              answered.push((await posted).json.messages[0].id);
            } catch {
              return;
            }
            if (answered.length - before === 150) child.kill("SIGKILL");
          }
        }),
      );
      await gone;
    }
    const events = readSandboxLog(logFile);
    const accepted = acceptedByNumber(events);
    const logged = new Set([...accepted.values()].flat().map(({ id }) => id));
    expect(answered.length).toBeGreaterThanOrEqual(300);
    expect(answered.filter((id) => !logged.has(id))).toEqual([]);
    // What was written down and not answered was in flight at the kill.
    expect(logged.size - answered.length).toBeLessThanOrEqual(2 * 16);
    expect([...accepted.values()].every((all) => all.length === 1)).toBe(true);
    expect(events).toHaveLength(logged.size + 2);
    // A kill may cut one line off.
    const lines = readFileSync(logFile, "utf8").split("\n").filter(Boolean);
    expect(lines.length - events.length).toBeLessThanOrEqual(2);
  });
});
