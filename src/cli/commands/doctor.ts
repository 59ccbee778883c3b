// `campaign doctor`: looks whether the ledger is sound and whether this machine can send with it.
// Fixes nothing, writes nothing.

import type { Stats } from "node:fs";
import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import about from "../../../package.json" with { type: "json" };
import { systemClock } from "../../clock/clock.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { CampaignLedger } from "../../domain/campaign/campaign-ports.ts";
import { LedgerError } from "../../domain/campaign/fault.ts";
import type { ExitCode, Problem } from "../../domain/common/errors.ts";
import { EXIT, errorRecord, OperatorError } from "../../domain/common/errors.ts";
import { count, plural } from "../../domain/common/numbers.ts";
import type { ErasureLedger, InspectionLedger, Ledger } from "../../domain/ledger/ledger.ts";
import type { WitnessLedger } from "../../domain/receipts/inbox-ports.ts";
import { WENT_BACK_TODO } from "../../domain/receipts/went-back.ts";
import { behindSentence } from "../../domain/receipts/witness.ts";
import type { ReadinessLedger } from "../../domain/sending/run-ports.ts";
import { SCHEMA_VERSION } from "../../ledger/file/schema.ts";
import { engineVersion } from "../../ledger/file/sqlite.ts";
import { ledgerExists, openSqliteLedger } from "../../ledger/ledger.ts";
import { ledgerFile } from "../campaign/wiring.ts";
import { behind, readWitness } from "../campaign/witness.ts";
import type { CommandContext, GlobalOptions } from "../context.ts";
import { openProject } from "../files/project.ts";
import { print, printJson, say } from "../print/print.ts";
import { redact } from "../print/redact.ts";
import { timesOf } from "../print/times.ts";
import { toned } from "../print/tone.ts";

/** `bad`: do not send before it is fixed. `warn`: sending works, and yet. */
type CheckLevel = "ok" | "warn" | "bad";

interface Check {
  check: string;
  verdict: CheckLevel;
  /** One sentence: what was seen. */
  found: string;
  /** One sentence: what to do; null when all is well. */
  advice: string | null;
}

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
/** Instants of the ledger may be ahead of the clock by what its correction takes back. */
const CLOCK_SLACK_MS = 60_000;
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
    .filter(({ verdict }) => verdict === "bad")
    .map(({ check, found, advice }) => ({
      id: check,
      message: found,
      ...(advice !== null && { hint: advice }),
    }));
}

function report(checks: Check[]): { bad: number; warnings: number; checks: Check[] } {
  const number = (verdict: CheckLevel) => checks.filter((one) => one.verdict === verdict).length;
  return { bad: number("bad"), warnings: number("warn"), checks };
}

const TONES = { ok: "good", warn: "doubt", bad: "bad" } as const;

function lineOf({ check, verdict, found, advice }: Check): string {
  const line = `${toned(verdict.padEnd(5), TONES[verdict])} ${check}: ${found}`;
  return advice === null ? line : `${line}\n      → ${advice}`;
}

function ok(check: string, found: string): Check {
  return { check, verdict: "ok", found, advice: null };
}

function warn(check: string, found: string, advice: string): Check {
  return { check, verdict: "warn", found, advice };
}

function bad(check: string, found: string, advice: string): Check {
  return { check, verdict: "bad", found, advice };
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
    const [{ message, hint = "" } = { message: "" }] = error.problems;
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
      return bad(name, `${file ?? ""}: ${message}${place}`, hint ?? "Correct it.");
    });
  }
}

/** What cannot be read is reported above; without it the ledger is where it is by default. */
function whereLedger(options: GlobalOptions): string {
  try {
    return ledgerFile(options);
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
  let isThere: boolean;
  try {
    isThere = ledgerExists(file);
  } catch (error) {
    // A folder or a device: what it lets others do is not ours to advise on.
    return [faultOf(error)];
  }
  const around = [checkSpace(file), ...checkAccess(file)];
  if (!isThere) return [...around, ok("ledger", `none yet at ${file}`)];
  let ledger: Ledger | undefined;
  try {
    ledger = await openSqliteLedger(file, { readOnly: true });
    return [...around, ...(await checkContents(ledger, file))];
  } catch (error) {
    const isOthers = error instanceof LedgerError && error.fault === "not_a_ledger";
    return isOthers ? [checkSpace(file), faultOf(error)] : [...around, faultOf(error)];
  } finally {
    await ledger?.close();
  }
}

function faultOf(error: unknown): Check {
  if (!(error instanceof LedgerError)) throw error;
  return bad("ledger", redact(error.message), adviceFor(error));
}

function adviceFor(error: LedgerError): string {
  switch (error.fault) {
    case "corrupt":
    case "not_a_ledger":
      return "Do not send with it: put back its newest copy (docs/ledger.md says what that means), or choose another with --ledger.";
    case "older_schema":
      return "Finish its campaigns with that version, or choose another ledger with --ledger.";
    case "newer_schema":
      return "Use the newer version of campaign, or choose another ledger with --ledger.";
    default:
      return "Fix this, and ask again.";
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

const BROKEN_TODO =
  "Do not send with this ledger: put back its newest copy (docs/ledger.md says what that means). Keep a copy of it, and report these lines, where no other program wrote to it.";

async function checkContents(
  ledger: Pick<CampaignLedger, "listCampaigns" | "id"> &
    Pick<InspectionLedger, "violations"> &
    Pick<WitnessLedger, "turnNumbers"> &
    Pick<ErasureLedger, "purgeable" | "rewriteDue"> &
    Pick<ReadinessLedger, "pace">,
  file: string,
): Promise<Check[]> {
  const campaigns = await ledger.listCampaigns();
  const rows = campaigns.reduce((sum, campaign) => sum + campaign.rows, 0);
  const found = `${file}, schema ${SCHEMA_VERSION}, ${plural(campaigns.length, "campaign")}, ${plural(rows, "row")}`;
  const checks = [ok("ledger", found)];
  const broken = await ledger.violations();
  for (const { invariant, examples, isDerived } of broken) {
    const places = examples.map(redact).join("; ");
    const found = `it does not hold that ${invariant} (${places})`;
    checks.push(
      isDerived
        ? warn(
            "rule",
            found,
            "Nothing: another program changed rows, and the next run counts them again.",
          )
        : bad("rule", found, BROKEN_TODO),
    );
  }
  if (broken.length === 0) checks.push(ok("rules", "everything in the ledger adds up"));
  checks.push(...(await checkWitness(ledger)));
  checks.push(...(await checkErasing(ledger)));
  checks.push(...(await checkInstants(ledger, campaigns, systemClock.now())));
  return checks;
}

/** What this machine remembers of the ledger, outside of it. */
async function checkWitness(
  ledger: Pick<CampaignLedger, "id"> & Pick<WitnessLedger, "turnNumbers">,
): Promise<Check[]> {
  const seen = readWitness();
  if (seen.damage !== null) {
    const found = `${seen.file} cannot be read: ${seen.damage}`;
    const advice = "Give this user the right to read and write it. A run sets a damaged one aside.";
    return [warn("witness", found, advice)];
  }
  const lacking = await behind(ledger, seen);
  if (lacking.length === 0) return [ok("witness", "this machine saw no later turn of the ledger")];
  return lacking.map((one) => bad("witness", behindSentence(one), WENT_BACK_TODO));
}

/**
 * People whose erasure was promised are not erased yet: neither by a purge that was interrupted nor
 * while old bytes stand in the file.
 */
async function checkErasing(
  ledger: Pick<ErasureLedger, "purgeable" | "rewriteDue">,
): Promise<Check[]> {
  const checks: Check[] = [];
  // Quiet since the year 1970: only those that a purge has begun with.
  for (const { name, rows, erasedRows } of await ledger.purgeable(0, systemClock.now())) {
    if (erasedRows >= rows) continue;
    const found = `a purge of "${name}" stopped half-way: ${count(erasedRows)} of ${plural(rows, "row")} are erased`;
    const advice = `Run \`campaign purge\` again; \`--campaign ${name}\` goes on with this one alone.`;
    checks.push(warn("erasing", found, advice));
  }
  if (await ledger.rewriteDue()) {
    const found =
      "the ledger's file was not rewritten since something was erased, and unused places in it may still hold that";
    const advice = "Give the same `purge` or `forget` again when no campaign runs.";
    checks.push(warn("erasing", found, advice));
  }
  return checks;
}

/**
 * A clock that was set back lets holds wait longer than they should, and lanes be quiet for no
 * reason.
 */
async function checkInstants(
  ledger: Pick<ReadinessLedger, "pace">,
  campaigns: CampaignRecord[],
  now: number,
): Promise<Check[]> {
  let latest = 0;
  for (const campaign of campaigns) {
    const pace = await ledger.pace(campaign.lane);
    latest = Math.max(latest, campaign.changedAt, pace?.usedUntil ?? 0);
  }
  if (latest <= now + CLOCK_SLACK_MS) return [];
  const found = `the ledger was last used ${timesOf().named(latest)}, which is still to come`;
  const advice = "Look at the clock: it was set back, or the ledger comes from another machine.";
  return [warn("clock", found, advice)];
}
