// Folders and programs of the tests. A program belongs to the folder that it works in and ends with
// it at the latest. What a test that failed leaves behind ends with its file
// (end-programs.setup.ts), and with this process.

import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Names the run of tests, and in what it starts the program too: `run/program`. Whatever has it is
 * a test's.
 */
export const MARK = "TEST_PROGRAM";
/** How often a condition is looked at, in milliseconds. */
const LOOK_MS = 20;

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  /** Once it has ended, and everything that holds its stdout or stderr. */
  ended: Promise<Ended>;
  /** What stdout has so far. */
  output(): string;
  /** What stderr has so far. */
  errors(): string;
  /** Resolves when stderr or stdout has matched; rejects when it ended first. */
  saw(pattern: RegExp): Promise<void>;
  /** Resolves when the condition holds; rejects when it ended first. */
  until(holds: () => boolean): Promise<void>;
  /** The first line of stdout, as servers say where they listen; rejects when it ended first. */
  line(): Promise<string>;
  /** Resolves when nothing that it started is left, in whatever session; only Linux tells. */
  gone(): Promise<void>;
}

export interface ProgramOptions {
  /** In a folder of `makeFolder`. */
  cwd: string;
  env?: Record<string, string>;
  stdin?: "ignore" | "pipe";
  /** It ends by itself when its stdin, a pipe, closes: it is not killed, but has this done. */
  endsWithStdin?: boolean;
  /** Whose process it is; this process's user when left out. Only root may say another one. */
  user?: User;
}

export interface User {
  uid: number;
  gid: number;
}

/** What else is done after a file of tests; `failed` when one of them did. */
type Ending = (failed: boolean) => Promise<void>;

interface Program {
  child: ChildProcess;
  cwd: string;
  mark: string;
  closed: Promise<unknown>;
  endsWithStdin: boolean;
  isKilled: boolean;
}

/** Folders, and what ends with each besides its programs. */
const folders = new Map<string, (() => void)[]>();
const programs = new Set<Program>();
const endings = new Set<Ending>();
let started = 0;

/** Makes an empty folder, and the function that ends what works in it and removes it. */
export function makeFolder(parent = tmpdir()): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(parent, "campaign-test-"));
  folders.set(folder, []);
  return { folder, remove: () => remove(folder) };
}

function remove(folder: string): void {
  for (const program of programs) {
    if (isWithin(program.cwd, folder)) kill(program);
  }
  for (const end of folders.get(folder) ?? []) end();
  // What was killed a moment ago may still be creating a file.
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  folders.delete(folder);
}

/** Does this when the folder, or the one of `makeFolder` that it lies in, is removed. */
export function endWithFolder(folder: string, end: () => void): void {
  const [, ends] = [...folders].find(([own]) => isWithin(folder, own)) ?? [];
  if (ends === undefined) throw new Error(`${folder} is in no folder of makeFolder`);
  ends.push(end);
}

function isWithin(path: string, folder: string): boolean {
  return `${path}${sep}`.startsWith(`${folder}${sep}`);
}

/** What a program has of this process's environment: PATH alone, and a home of its own. */
export function environmentOf(cwd: string): Record<string, string | undefined> {
  return {
    PATH: process.env.PATH,
    HOME: cwd,
    XDG_STATE_HOME: join(cwd, ".state"),
    TMPDIR: tmpdir(),
  };
}

/**
 * Starts a program in a process group of its own, with nothing of this process's environment but
 * PATH.
 */
export function startProgram(command: string, args: string[], options: ProgramOptions): Running {
  const { cwd, env, stdin = "ignore", endsWithStdin = false, user } = options;
  started += 1;
  const mark = `${process.env[MARK] ?? "alone"}/${process.pid}.${started};`;
  const child = spawn(command, args, {
    cwd,
    env: { ...environmentOf(cwd), [MARK]: mark, ...env },
    stdio: [stdin, "pipe", "pipe"],
    detached: true,
    ...user,
  });
  const closed = once(child, "close");
  const program = { child, cwd, mark, closed, endsWithStdin, isKilled: false };
  programs.add(program);
  void closed.then(() => programs.delete(program));
  return watch(child, closed, mark);
}

function watch(child: ChildProcess, closed: Promise<unknown[]>, mark: string): Running {
  let stdout = "";
  let stderr = "";
  const watchers = new Set<() => void>();
  const look = () => {
    for (const watcher of watchers) watcher();
  };
  child.stdout?.setEncoding("utf8").on("data", (data) => {
    stdout += data;
    look();
  });
  child.stderr?.setEncoding("utf8").on("data", (data) => {
    stderr += data;
    look();
  });
  const ended = closed.then(([code, signal]) => ({ code, signal, stdout, stderr }) as Ended);
  const until = (holds: () => boolean, what: string) =>
    new Promise<void>((resolve, reject) => {
      const watcher = () => {
        try {
          if (!holds()) return;
          resolve();
        } catch (error) {
          reject(error);
        }
        clearInterval(timer);
        watchers.delete(watcher);
      };
      const timer = setInterval(watcher, LOOK_MS);
      watchers.add(watcher);
      watcher();
      void ended.then(({ code, signal }) => {
        watcher();
        clearInterval(timer);
        reject(new Error(`ended with ${code ?? signal} before ${what}:\n${stdout}${stderr}`));
      });
    });
  return {
    child,
    ended,
    output: () => stdout,
    errors: () => stderr,
    saw: (pattern) => until(() => pattern.test(stderr) || pattern.test(stdout), `${pattern}`),
    until: (holds) => until(holds, "what was waited for"),
    async line() {
      await until(() => stdout.includes("\n"), "its first line");
      return stdout.slice(0, stdout.indexOf("\n"));
    },
    async gone() {
      while (marked(mark).length > 0) await sleep(LOOK_MS);
    },
  };
}

/** Does this after each file of tests from here on, before what they left is ended. */
export function afterEachFile(ending: Ending): void {
  endings.add(ending);
}

/**
 * Ends what the tests of a file have left, and waits until it is gone; gives what that was.
 * @param failed one of the tests did
 */
export async function endAll(failed = false): Promise<string[]> {
  const ended = await Promise.allSettled([...endings].map((ending) => ending(failed)));
  const left = [...programs].filter((program) => !program.isKilled);
  for (const program of left) kill(program);
  for (const folder of folders.keys()) remove(folder);
  await Promise.all([...programs].map(({ closed }) => closed));
  for (const ending of ended) if (ending.status === "rejected") throw ending.reason;
  return left.map(({ child }) => child.spawnargs.join(" "));
}

/** Ends a program at once, with everything that it started. */
function kill(program: Program): void {
  program.isKilled = true;
  if (program.endsWithStdin) {
    program.child.stdin?.destroy();
    return;
  }
  signalTo(-(program.child.pid ?? 0), "SIGKILL");
  for (const { pid } of marked(program.mark)) signalTo(pid, "SIGKILL");
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    if (pid !== 0) process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

/** Processes whose mark begins so, whatever their parent is by now. Only Linux says. */
export function marked(mark: string): { pid: number; command: string }[] {
  const pids = process.platform === "linux" ? readdirSync("/proc").filter(isNumber) : [];
  return pids.flatMap((pid) => {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
      if (!environment.some((entry) => entry.startsWith(`${MARK}=${mark}`))) return [];
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      return [{ pid: Number(pid), command }];
    } catch {
      // Another user's, or it has ended.
      return [];
    }
  });
}

function isNumber(name: string): boolean {
  return /^\d+$/.test(name);
}

process.on("exit", () => {
  for (const program of programs) kill(program);
  for (const folder of folders.keys()) remove(folder);
});
