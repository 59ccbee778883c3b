// `campaign doctor`: looks whether the ledger is sound and whether this machine can send with it.
// Fixes nothing, writes nothing.

import type { Stats } from "node:fs";
import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import about from "../../../package.json" with { type: "json" };
import { systemClock } from "../../clock/clock.ts";
import { LedgerError } from "../../domain/campaign/fault.ts";
import type { ExitCode, Problem } from "../../domain/common/errors.ts";
import { EXIT, errorRecord, OperatorError } from "../../domain/common/errors.ts";
import { plural } from "../../domain/common/numbers.ts";
import { isServerAddress } from "../../domain/manifest/ledger-name.ts";
import { engineVersion } from "../../ledger/file/sqlite.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import { isLedgerAt, openLedgerAt, openLedgerIfThere, placeOf } from "../../ledger/open.ts";
import { ledgerAddress } from "../campaign/wiring.ts";
import type { Check } from "../check/health.ts";
import { bad, ok, warn } from "../check/health.ts";
import { checkContents, faultOf } from "../check/ledger-health.ts";
import type { CommandContext, GlobalOptions } from "../context.ts";
import { openProject } from "../files/project.ts";
import { print, printJson, say } from "../print/print.ts";
import { timesOf } from "../print/times.ts";
import { toned } from "../print/tone.ts";

const MIB = 1024 * 1024;
/**
 * Less free space than this does not carry a run: the log of the ledger alone may take 64 MiB while
 * planning.
 */
const FREE_BAD_BYTES = 128 * MIB;
/** A campaign of a million rows takes about half of this. */
const FREE_WARN_BYTES = 1024 * MIB;
/** No clock that is right shows an instant before this program was made. */
const CLOCK_LEAST = Date.UTC(2026, 0, 1);
/**
 * File systems over a network, by the numbers of Linux (statfs(2)); SQLite's log is not safe on
 * them.
 */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xfe534d42, "SMB"],
  [0xff534d42, "CIFS"],
  [0x01021997, "9P"],
]);
const OTHERS_READ = 0o077;
const OTHERS_WRITE = 0o022;

/**
 * Runs the command; gives its exit code: 3 when something is bad, 2 when SQLite cannot be loaded.
 */
export async function doctor(
  flags: { json?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const engine = checkEngine();
  const isLoaded = engine.verdict === "ok";
  const checks = [
    checkNode(),
    engine,
    ...checkProject(),
    checkClock(systemClock.now()),
    ...(isLoaded ? await checkLedger(whereLedger(context.options)) : []),
  ];
  const code = exitCodeOf(checks, isLoaded);
  if (flags.json) {
    const error = errorRecord(problemsOf(checks), code);
    printJson(code === EXIT.done ? report(checks) : { ...report(checks), error });
  } else for (const check of checks) print(lineOf(check));
  const { bad, warnings } = report(checks);
  say(bad + warnings === 0 ? "All is well." : `${bad} bad, ${plural(warnings, "warning")}.`);
  return code;
}

function exitCodeOf(checks: readonly Check[], isLoaded: boolean): ExitCode {
  if (!isLoaded) return EXIT.operator;
  return checks.some(({ verdict }) => verdict === "bad") ? EXIT.halted : EXIT.done;
}

function problemsOf(checks: readonly Check[]): Problem[] {
  return checks
    .filter((one) => one.verdict === "bad")
    .map(({ check, found, advice }) => ({ id: check, message: found, hint: advice }));
}

function report(checks: Check[]): { bad: number; warnings: number; checks: Check[] } {
  const number = (verdict: Check["verdict"]) =>
    checks.filter((one) => one.verdict === verdict).length;
  return { bad: number("bad"), warnings: number("warn"), checks };
}

const TONES = { ok: "good", warn: "doubt", bad: "bad" } as const;

function lineOf({ check, verdict, found, advice }: Check): string {
  const line = `${toned(verdict.padEnd(5), TONES[verdict])} ${check}: ${found}`;
  return advice === null ? line : `${line}\n      → ${advice}`;
}

function checkNode(): Check {
  const { engines } = about;
  const [major = 0, minor = 0] = numbersOf(engines.node);
  const [ownMajor = 0, ownMinor = 0] = numbersOf(process.versions.node);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) {
    return ok("node", process.versions.node);
  }
  const found = `${process.versions.node}, and ${engines.node} is needed`;
  return bad("node", found, "Install a newer Node, and then `npm ci` again.");
}

function numbersOf(version: string): number[] {
  return [...version.matchAll(/\d+/g)].map(([digits]) => Number(digits));
}

function checkEngine(): Check {
  try {
    return ok("sqlite", engineVersion());
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const { message = "", hint = "" } = error.problems[0] ?? {};
    return bad("sqlite", message, hint);
  }
}

/** The policy and the variables that commands given here go by. */
function checkProject(): Check[] {
  try {
    const { policy, envFiles } = openProject();
    const checks = envFiles.map(checkEnvFile);
    return policy === null ? checks : [...checks, ok("policy", policy.file)];
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return error.problems.map(({ file, line, message, hint }) => {
      const name = file === undefined ? "project" : basename(file);
      const place = line === undefined ? "" : ` (line ${line})`;
      return bad(name, `${file ?? ""}: ${message}${place}`, hint);
    });
  }
}

/** What cannot be read is reported above; without it the ledger is where it is by default. */
function whereLedger(options: GlobalOptions): string {
  try {
    return ledgerAddress(options);
  } catch {
    return resolve(options.ledger ?? "data/ledger.sqlite");
  }
}

/** A file of variables that was read. */
function checkEnvFile(file: string): Check {
  const others = othersMay(statSync(file), OTHERS_READ);
  if (others === null) return ok(".env", `only you may read ${file}`);
  const advice = `Run \`chmod 600 ${file}\`.`;
  return warn(".env", `${others} ${file}, and it holds the access token`, advice);
}

function checkClock(now: number): Check {
  const shown = timesOf().named(now);
  if (now >= CLOCK_LEAST) return ok("clock", shown);
  return bad("clock", `${shown} cannot be right`, "Set the clock; hours and holds depend on it.");
}

async function checkLedger(file: string): Promise<Check[]> {
  if (isServerAddress(file)) return checkServer(file);
  let isThere: boolean;
  try {
    isThere = await isLedgerAt(file);
  } catch (error) {
    // A folder or a device: what it lets others do is not ours to advise on.
    return [faultOf(error)];
  }
  const around = [checkSpace(file), ...checkAccess(file)];
  if (!isThere) return [...around, ok("ledger", `none yet at ${file}`)];
  let ledger: OpenedLedger | undefined;
  try {
    ledger = await openLedgerAt(file, { readOnly: true });
    return [...around, ...(await checkContents(ledger, file))];
  } catch (error) {
    const isOthers = error instanceof LedgerError && error.fault === "not_a_ledger";
    return isOthers ? [checkSpace(file), faultOf(error)] : [...around, faultOf(error)];
  } finally {
    await ledger?.close();
  }
}

/** A ledger on a server: neither its disk nor who may read it is ours to judge. */
async function checkServer(address: string): Promise<Check[]> {
  let ledger: OpenedLedger | undefined;
  try {
    ledger = await openLedgerIfThere(address, { readOnly: true });
    if (ledger === undefined) return [ok("ledger", `none yet at ${placeOf(address)}`)];
    return await checkContents(ledger, placeOf(address));
  } catch (error) {
    return [faultOf(error)];
  } finally {
    await ledger?.close();
  }
}

function checkSpace(file: string): Check {
  const folder = nearestFolder(file);
  const { bavail, bsize, type } = statfsSync(folder);
  const network = NETWORK_FILE_SYSTEMS.get(type);
  if (network !== undefined) {
    const found = `${folder} lies on ${network}, where other machines may write too`;
    return bad("disk", found, "Keep the ledger on a disk of this machine: --ledger FILE.");
  }
  const free = bavail * bsize;
  const found = `${Math.floor(free / MIB)} MiB free at ${folder}`;
  const advice = "Free some space before a large campaign: a full disk halts it.";
  if (free < FREE_BAD_BYTES) return bad("disk", found, advice);
  const size = existsSync(file) ? statSync(file).size : 0;
  // A backup, or the log of a long planning, may grow to the size of the ledger itself.
  return free < Math.max(FREE_WARN_BYTES, size) ? warn("disk", found, advice) : ok("disk", found);
}

function nearestFolder(file: string): string {
  let folder = dirname(file);
  while (!existsSync(folder)) folder = dirname(folder);
  return folder;
}

function checkAccess(file: string): Check[] {
  const checks: Check[] = [];
  const folder = nearestFolder(file);
  if (!mayWrite(folder)) {
    const advice = "Give this user the right to write there: the ledger's log lies beside it.";
    checks.push(bad("folder", `${folder} cannot be written by this user`, advice));
  }
  const others = othersMay(statSync(folder), OTHERS_WRITE);
  if (others !== null && existsSync(file)) {
    const found = `${others} ${folder}, and so may take the ledger away`;
    checks.push(warn("folder", found, `Run \`chmod go-w ${folder}\`.`));
  }
  for (const path of [file, `${file}-wal`, `${file}-shm`].filter((one) => existsSync(one))) {
    if (!mayWrite(path)) {
      const advice = "Run as the user whose ledger it is, or give this user the file.";
      checks.push(bad("mode", `${path} cannot be written by this user`, advice));
    }
    const readers = othersMay(statSync(path), OTHERS_READ);
    if (readers === null) continue;
    const found = `${readers} ${path}, and it holds your customers' numbers`;
    checks.push(warn("mode", found, `Run \`chmod 600 ${path}\`; the next run does it, too.`));
  }
  if (checks.length === 0 && existsSync(file)) checks.push(ok("mode", "only you may read it"));
  return checks;
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Null when no other user may; Windows has no such modes. */
function othersMay(stats: Stats, mask: number): string | null {
  if (process.platform === "win32" || (stats.mode & mask) === 0) return null;
  const mode = (stats.mode & 0o777).toString(8);
  return mask === OTHERS_WRITE
    ? `others may write (mode ${mode})`
    : `others may open (mode ${mode})`;
}
