// A list that is no file: what a command prints, or what stands on stdin. It is read once into a
// file beside the ledger, so that every later run has the same people.

import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { OperatorError, throwIfStopped } from "../../domain/common/errors.ts";
import { COMMAND_LIST, STDIN_LIST } from "../../domain/manifest/manifest-schema.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";
import { say } from "../print/print.ts";
import { redact } from "../print/redact.ts";
import { writeOutput } from "./output.ts";
import { shownPath } from "./shown-path.ts";

/** Where such lists are kept, within the project. */
const FOLDER = join("data", "lists");

const HAS_GROUPS = process.platform !== "win32";
const HASH_LENGTH = 12;
/** Of what a command wrote on stderr: the last lines, and characters of each. */
const LINES_SHOWN = 5;
const LINE_MAX = 300;
const STDERR_KEPT = 16_384;

/** What a person wishes of such a list. */
export interface PinFlags {
  /** The manifest's command may be run. */
  allowCommand?: boolean;
  /** Read the list again, although it was read before. */
  reread?: boolean;
}

/** The file in which a list is kept; null of a list that is a file itself. */
export function pinnedPath({ manifest, project }: LoadedManifest): string | null {
  const { campaign, recipients } = manifest;
  const { file, command } = recipients;
  if (command === undefined && file !== STDIN_LIST) return null;
  const name =
    command === undefined
      ? "stdin"
      : createHash("sha256").update(command).digest("hex").slice(0, HASH_LENGTH);
  return join(project.root, FOLDER, `${campaign}.${name}.csv`);
}

/**
 * Reads a list that is no file, unless it was read before.
 * @throws OperatorError when a command is not allowed or fails, and with exit code 75 after a stop;
 *   what was kept before stays then
 */
export async function pinList(
  loaded: LoadedManifest,
  flags: PinFlags,
  stop: AbortSignal,
): Promise<void> {
  const path = pinnedPath(loaded);
  if (path === null) return refuseUnused(flags);
  if (existsSync(path) && flags.reread !== true) return;
  const { command } = loaded.manifest.recipients;
  if (command !== undefined && flags.allowCommand !== true) throw notAllowed(loaded, command);
  if (command === undefined && process.stdin.isTTY) throw noStdin(loaded);
  await mkdir(join(loaded.project.root, FOLDER), { recursive: true, mode: 0o700 });
  await writeOutput(path, async (out) => {
    let size = 0;
    const take = async (stream: Readable) => {
      for await (const bytes of stream as AsyncIterable<Uint8Array>) {
        size += bytes.length;
        await out.writeBytes(bytes);
      }
    };
    if (command === undefined) await take(process.stdin);
    else await runCommand(loaded, command, { take, stop });
    throwIfStopped(stop, "the list was not read whole, and nothing was planned");
    if (size === 0) throw nothingRead(loaded);
  });
  say(`The list was read, and is kept in ${shownPath(path)}: later runs have the same people.`);
}

/** Runs the command, and takes what it prints. */
async function runCommand(
  loaded: LoadedManifest,
  command: string,
  { take, stop }: { take(stream: Readable): Promise<void>; stop: AbortSignal },
): Promise<void> {
  const { folder, project } = loaded;
  // A group of its own: what the shell starts ends with it.
  const child = spawn(command, {
    ...{ shell: true, cwd: folder, env: project.env, detached: HAS_GROUPS },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const end = () => endGroup(child);
  stop.addEventListener("abort", end, { once: true });
  let said = "";
  child.stderr.on("data", (bytes: Buffer) => {
    said = (said + bytes.toString()).slice(-STDERR_KEPT);
  });
  const ended = new Promise<string | null>((resolve) => {
    child.once("error", ({ message }) => resolve(`cannot be started (${message})`));
    child.once("close", (exit, signal) => {
      if (exit === 0) resolve(null);
      else resolve(exit === null ? `was ended by ${signal}` : `ended with exit code ${exit}`);
    });
  });
  try {
    await take(child.stdout);
    const fault = await ended;
    throwIfStopped(stop, "the list was not read, and nothing was planned");
    if (fault !== null) throw failed(loaded, { command, fault, said });
  } finally {
    stop.removeEventListener("abort", end);
    if (child.exitCode === null && child.signalCode === null) end();
  }
}

function endGroup(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  try {
    if (HAS_GROUPS) process.kill(-pid, "SIGTERM");
    else child.kill("SIGTERM");
  } catch {
    // It ended in this moment.
  }
}

/** @throws OperatorError when a flag means nothing for a list that is a file */
function refuseUnused({ reread }: PinFlags): void {
  if (reread !== true) return;
  throw new OperatorError({
    id: "usage",
    message: "--reread means nothing here: the manifest's list is a file, and is read as it is",
    hint: "Leave it out.",
  });
}

function failed(
  { at }: Pick<LoadedManifest, "at">,
  { command, fault, said }: { command: string; fault: string; said: string },
): OperatorError {
  const lines = redact(said)
    .split("\n")
    .map((line) => line.trimEnd().slice(0, LINE_MAX))
    .filter((line) => line !== "")
    .slice(-LINES_SHOWN);
  const words =
    lines.length === 0 ? "It wrote nothing on stderr." : `On stderr: ${lines.join("\n")}`;
  return new OperatorError({
    ...at(["recipients", "command"]),
    id: "command_failed",
    message: `the command of the list ${fault}: ${redact(command)}. Nothing was planned`,
    hint: words,
  });
}

function notAllowed({ at }: LoadedManifest, command: string): OperatorError {
  return new OperatorError({
    ...at(["recipients", "command"]),
    id: "command_not_allowed",
    message: `the list is what a command prints, and the command may not be run: ${redact(command)}`,
    hint: "Read it. --allow-command runs it, once: what it prints is kept, and later runs need neither.",
  });
}

function nothingRead({ manifest, at }: LoadedManifest): OperatorError {
  const isCommand = manifest.recipients.command !== undefined;
  return new OperatorError({
    ...at(["recipients", isCommand ? "command" : "file"]),
    id: "no_list",
    message: `${isCommand ? "the command printed nothing" : "nothing stands on stdin"}: there is no list. Nothing was planned`,
    hint: "See why it prints nothing: a list has a header at least. What was kept before is as it was.",
  });
}

function noStdin({ at }: LoadedManifest): OperatorError {
  return new OperatorError({
    ...at(["recipients", "file"]),
    id: "no_list",
    message: "the list is what stands on stdin, and stdin is a terminal",
    hint: "Pipe it in: `… | campaign check spring.yaml`. It is kept, and later runs need no pipe.",
  });
}

/** The error of a list that was not read yet. */
export function notPinned({ manifest, file, at }: LoadedManifest): OperatorError {
  const isCommand = manifest.recipients.file === COMMAND_LIST;
  const how = isCommand
    ? `\`campaign check ${file} --allow-command\` runs the command`
    : `\`… | campaign check ${file}\` reads it`;
  return new OperatorError({
    ...at(["recipients", isCommand ? "command" : "file"]),
    id: "no_list",
    message: "the list was not read yet on this machine",
    hint: `${how}, and keeps it.`,
  });
}
