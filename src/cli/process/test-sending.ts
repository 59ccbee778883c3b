// Sends a test from a server: by the command itself in a process of its own, so that a test that
// fails, or takes long, does neither to the pages and the receiver.

import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { text } from "node:stream/consumers";
import type { ErrorRecord } from "../../domain/common/errors.ts";
import type { LiveLedger } from "../../web/live/context.ts";

/** A test that takes longer is asked to end. */
const TEST_MS_MAX = 120_000;

const NO_FILE = {
  message: "The manifest of this campaign is not on this machine.",
  remedy: "Send the test with `campaign send-test` where the manifest is.",
};

/** What `send-test --json` prints. */
interface TestDocument {
  test?: string;
  status?: string;
  error?: ErrorRecord;
}

/**
 * Makes the sender of tests of one ledger.
 * @param address of the ledger, as commands take it
 * @param stop the server ends
 */
export function makeTestSender(address: string, stop: AbortSignal): LiveLedger["sendTest"] {
  return async ({ manifest }, { to, row, arm }) => {
    if (manifest === null) return NO_FILE;
    const args = [
      ...["send-test", manifest, "--to", "-", "--yes", "--json"],
      ...(row === null ? [] : ["--row", String(row)]),
      ...(arm === null ? [] : ["--arm", arm]),
    ];
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? "", ...args], {
      cwd: dirname(manifest),
      // The address may have a password, and the number is a person's: other users of the machine
      // see the arguments of a process.
      env: { ...process.env, CAMPAIGN_LEDGER: address },
      stdio: ["pipe", "pipe", "ignore"],
      signal: AbortSignal.any([stop, AbortSignal.timeout(TEST_MS_MAX)]),
      killSignal: "SIGTERM",
    });
    const ended = new Promise<void>((resolve) => {
      child.on("error", () => resolve());
      child.on("close", () => resolve());
    });
    // It may end before it reads.
    child.stdin.on("error", () => {});
    child.stdin.end(`${to}\n`);
    const printed = await text(child.stdout).catch(() => "");
    await ended;
    return resultOf(printed);
  };
}

function resultOf(printed: string): Awaited<ReturnType<LiveLedger["sendTest"]>> {
  const { test, status, error } = documentIn(printed);
  if (error !== undefined) {
    const [first] = error.problems;
    return { message: error.message, remedy: first?.remedy ?? "" };
  }
  if (test !== undefined && status !== undefined) return { test, status };
  return {
    message: "The test gave no answer.",
    remedy: "Look at the phone; then try `campaign send-test` on the machine of this server.",
  };
}

function documentIn(printed: string): TestDocument {
  try {
    return JSON.parse(printed) as TestDocument;
  } catch {
    return {};
  }
}
