import { chmodSync, existsSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { acceptedByNumber, openSandboxLog, readSandboxLog } from "../../src/sandbox/server/log.ts";
import type { AcceptedEvent, LogEvent } from "../../src/sandbox/server/log-events.ts";
import { message, start } from "./posting.ts";

const person = (index: number): string => `+55209${10_000_000 + index}`;

let folder: string;
let logFile: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sandbox-log-"));
  logFile = join(folder, "sandbox.jsonl");
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function session(numbers: string[]): Promise<string[]> {
  const sandbox = await start({ receipt_delay_ms: null }, { logFile });
  const answers = await Promise.all(numbers.map((to) => sandbox.post(message(to))));
  await sandbox.end();
  return answers.map((answer) => answer.json.messages[0].id);
}

describe("the sandbox's log", () => {
  it("goes on over restarts: numbers rise, and no id is ever given twice", async () => {
    const ids: string[] = [];
    for (let restart = 0; restart < 4; restart += 1) {
      const numbers = Array.from({ length: 15 }, (_, index) => person(restart * 100 + index));
      ids.push(...(await session(numbers)));
    }
    const events = readSandboxLog(logFile);
    expect(new Set(ids).size).toBe(60);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.filter(({ event }) => event === "started")).toHaveLength(4);
    expect(acceptedByNumber(events).size).toBe(60);
  });

  it("is readable by its owner only, even when it was not before", async () => {
    logFile = join(folder, "new", "sandbox.jsonl");
    await session([person(1)]);
    expect(statSync(logFile).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "new")).mode & 0o777).toBe(0o700);
    chmodSync(logFile, 0o644);
    await session([person(2)]);
    expect(statSync(logFile).mode & 0o777).toBe(0o600);
  });

  it("passes over a torn last line, and spoils no line after it", async () => {
    const [first = ""] = await session([person(1)]);
    await session([person(2)]);
    // As after a power cut: the end of the last line is missing.
    truncateSync(logFile, statSync(logFile).size - 40);
    expect(acceptedByNumber(readSandboxLog(logFile)).size).toBe(1);
    const [third = ""] = await session([person(3)]);
    const accepted = acceptedByNumber(readSandboxLog(logFile));
    expect([...accepted.keys()]).toEqual([person(1), person(3)]);
    expect(accepted.get(person(3))?.[0]?.id).toBe(third);
    expect(third).not.toBe(first);
  });

  it("reads a log of long lines in chunks, letters of several bytes and all", async () => {
    const log = openSandboxLog(logFile);
    const body = JSON.stringify({ text: "açúcar 🌸 ".repeat(20_000) });
    const at = 1;
    const entry = { event: "receipt", at, id: "wamid.x", status: "sent", code: null } as const;
    for (let index = 0; index < 12; index += 1) log.write([{ entry, body }]);
    log.close();
    const events = readSandboxLog(logFile) as Extract<LogEvent, { event: "receipt" }>[];
    expect(events.map((event) => JSON.stringify(event.body) === body)).toEqual(
      new Array(12).fill(true),
    );
    const again = openSandboxLog(logFile);
    expect(again.nextSeq()).toBe(13);
    again.close();
  });

  it("goes on from whatever file it finds", () => {
    for (const [text, next] of [
      ["", 1],
      ["\n\n", 1],
      ["not ours", 1],
      ['{"seq":7,"event":"started"}\n', 8],
      ['{"seq":7,"event":"started"}\n{"seq":8,"eve', 8],
      [`{"seq":7,"event":"started"}\n${"x".repeat(200_000)}`, 8],
    ] as const) {
      writeFileSync(logFile, text);
      const log = openSandboxLog(logFile);
      expect([text.slice(0, 50), log.nextSeq()]).toEqual([text.slice(0, 50), next]);
      log.write([{ event: "started", at: 1, boot: "b", pid: 1, url: "u", seed: "s" }]);
      log.close();
      expect(readSandboxLog(logFile).at(-1)?.seq).toBe(next);
    }
  });

  it("writes the lines of one turn in order, and calls back when they are written", async () => {
    const log = openSandboxLog(logFile);
    const written: number[] = [];
    const all = new Promise<void>((resolve) => {
      for (let index = 0; index < 30; index += 1) {
        const entry = {
          event: "receipt",
          at: index,
          id: "wamid.x",
          status: "sent",
          code: null,
        } as const;
        log.append({ entry, body: "{}" }, (isWritten) => {
          expect(isWritten).toBe(true);
          // The line is in the file already.
          expect(readSandboxLog(logFile).some(({ at }) => at === index)).toBe(true);
          written.push(index);
          if (written.length === 30) resolve();
        });
      }
    });
    await all;
    expect(written).toEqual(Array.from({ length: 30 }, (_, index) => index));
    log.close();
    expect(readSandboxLog(logFile).map(({ seq }) => seq)).toEqual(
      written.map((index) => index + 1),
    );
  });

  it("says when a line could not be written", async () => {
    const log = openSandboxLog(logFile);
    log.close();
    const entry = { event: "receipt", at: 1, id: "wamid.x", status: "sent", code: null } as const;
    const isWritten = await new Promise((resolve) => log.append({ entry, body: "{}" }, resolve));
    expect(isWritten).toBe(false);
    expect(() => log.write([{ entry, body: "{}" }])).toThrow("closed");
  });

  it.skipIf(!existsSync("/dev/full"))("accepts nothing on a full disk", async () => {
    // The device cannot be a sandbox's log itself: it would refuse the first line, of the start.
    const log = openSandboxLog("/dev/full");
    const entry = { event: "receipt", at: 1, id: "wamid.x", status: "sent", code: null } as const;
    const isWritten = await new Promise((resolve) => log.append({ entry, body: "{}" }, resolve));
    expect(isWritten).toBe(false);
    log.close();
  });
});

describe("acceptedByNumber", () => {
  it("has every accepted message of a number, and nothing else", () => {
    const event = (to: string | null, kind: string, id: string): LogEvent =>
      ({ event: kind, to, id }) as AcceptedEvent;
    const map = acceptedByNumber([
      event("+1", "accepted", "a"),
      event("+1", "refused", "b"),
      event("+2", "accepted", "c"),
      event("+1", "accepted", "d"),
      event(null, "accepted", "e"),
    ]);
    expect([...map].map(([to, all]) => [to, all.map(({ id }) => id)])).toEqual([
      ["+1", ["a", "d"]],
      ["+2", ["c"]],
    ]);
  });
});
