// What asks a command to stop: signals, and the end of the npm that started it. The only place
// where signals are handled.

import { isatty } from "node:tty";

import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT } from "../../domain/common/errors.ts";
import { say, whenPrinted } from "../print/print.ts";

/**
 * Ctrl-C; kill, timeout(1) and service managers; a terminal or an SSH connection that was closed.
 */
const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * A second signal within this time is the same request, in milliseconds. The terminal signals the
 * whole process group, and npm forwards its copy; timeout(1) signals the child and then the group;
 * systemd signals every process of the unit.
 */
const SAME_REQUEST_MS = 1000;
/** How long a signal to this process may take to arrive, in milliseconds. */
const HANGUP_MS = 1000;
/** How often it is looked whether npm is still there, in milliseconds. */
const LAUNCHER_MS = 200;

/** What a stop interrupts. `reading` changes nothing, so that a signal simply ends it. */
export type Work = "sending" | "receiving" | "simulating" | "changing" | "reading";

/** What is written on the first request to stop, and on the second one. */
const SENTENCES: Readonly<Record<Exclude<Work, "reading">, { first: string; second: string }>> = {
  sending: {
    first: "finishing the requests in flight, claiming no more.",
    second: "The next run records the requests in flight as unknown.",
  },
  receiving: {
    first: "answering the deliveries in flight, accepting no more.",
    second: "Deliveries that were answered 200 are stored; Meta sends the others again.",
  },
  simulating: { first: "ending the sandbox.", second: "What it received is in its log." },
  changing: {
    first: "stopping after the current step.",
    second: "The same command can be run again.",
  },
};

export interface StopRequests {
  /** Aborted by the first request. */
  stop: AbortSignal;
  /**
   * Adds what a second request waits for: the end of a thread's transaction. Node aborts with a
   * core dump when it exits while a thread is inside SQLite and that fails.
   */
  beforeQuit(wait: () => Promise<unknown>): void;
  /** From here on requests are waited for; before it, a signal ends the process at once. */
  begins(work: Work): void;
  /** Ends the process with the code; by SIGHUP where a terminal was closed meanwhile. */
  exit(code: ExitCode): void;
}

/**
 * Answers the first request to stop with `stop`, and a second one by ending the process with exit
 * code 75.
 */
export function stopRequests(): StopRequests {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let begun: Exclude<Work, "reading"> | undefined;
  let requestedAt = 0;
  const waits: (() => Promise<unknown>)[] = [];
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));

  const request = (who: string, again: string) => {
    if (begun === undefined) return;
    requestedAt = performance.now();
    say(`\n${who}: ${SENTENCES[begun].first} ${again}`);
    controller.abort();
  };
  const onSignal = (signal: NodeJS.Signals) => {
    if (!controller.signal.aborted) {
      const again = signal === "SIGINT" ? "Press Ctrl-C again" : "Send a second signal";
      return request(signal, `${again} to quit now.`);
    }
    if (begun === undefined || performance.now() - requestedAt < SAME_REQUEST_MS) return;
    say(`\nQuit. ${SENTENCES[begun].second}`);
    requestedAt = Number.POSITIVE_INFINITY;
    void Promise.allSettled(waits.map((wait) => wait())).then(() => exit(EXIT.stopped));
  };
  const exit = (code: ExitCode) => {
    clearInterval(timer);
    process.exitCode = code;
    if (terminals.some((fd) => !isatty(fd))) {
      process.off("SIGHUP", onSignal);
      endByHangup();
    }
    // Not left to the end of the event loop, where Node stops handling signals first: a late copy
    // of the one that was answered would end the process by that signal.
    if (controller.signal.aborted) whenPrinted(() => process.exit());
  };

  return {
    stop: controller.signal,
    beforeQuit: (wait) => void waits.push(wait),
    begins(work) {
      if (work === "reading" || begun !== undefined) return;
      begun = work;
      for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
      timer = whenLauncherEnds(() => {
        if (!controller.signal.aborted) request("npm has ended", "Send a signal to quit now.");
      });
    },
    exit,
  };
}

/**
 * Ends the process by SIGHUP, as a closed terminal would have: its work is done, and Node's own
 * exit aborts with a core dump when a terminal that it began with is gone (Node 20 to 24).
 */
function endByHangup(): void {
  process.kill(process.pid, "SIGHUP");
  // Another thread may be the one that receives it.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, HANGUP_MS);
}

/**
 * npm forwards SIGINT and SIGTERM only (npm 10 and 11). Killed by anything else, or with a shell
 * between (`npx`, a script of several commands), it leaves this process behind, which would go on
 * sending with no one to stop it.
 * @returns a timer that does not keep the process alive; undefined where npm did not start this
 */
function whenLauncherEnds(act: () => void): NodeJS.Timeout | undefined {
  const { npm_lifecycle_event: script, npm_command: command } = process.env;
  if (script === undefined && command === undefined) return undefined;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    act();
  }, LAUNCHER_MS);
  return timer.unref();
}
