// One trial: a small campaign of its own, struck again and again and then run to its end, and
// judged by the server's log.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import Database from "better-sqlite3";
import { SCHEMA_VERSION } from "../../src/ledger/file/schema.ts";
import { violations } from "../../src/ledger/file/soundness.ts";
import type { Chance } from "../support/chance.ts";
import type { TestSandbox } from "../support/harness.ts";
import { claimedAtMost, makeFolder, numberOf, start, writeManifest } from "../support/harness.ts";
import { digestOf } from "./digest.mjs";
import type { Needs, Strike } from "./points.ts";
import { nameOf } from "./points.ts";
import type { Kept } from "./power.ts";
import { cutPower } from "./power.ts";
import type { ServerLog } from "./server-log.ts";

/** A run that takes longer hangs: the smallest campaign ends within two or three seconds. */
const RUN_MS_MAX = 30_000;
const PRELOAD = pathToFileURL(resolve(import.meta.dirname, "points.mjs")).href;
/**
 * Rows that are skipped, each for its own reason: opted out, a duplicate, a number that cannot be
 * read.
 */
const OPTED_OUT = 2;
const SKIPPED = OPTED_OUT + 2;
/**
 * Makes planning write in several batches; the rows are skipped, so that they cost no time at the
 * server.
 */
const LONG_LIST_ROWS = 10_100;
/**
 * With this many bytes in a row the long list is beyond the size from which a thread of its own
 * reads it (4 MiB).
 */
const LARGE_ROW_BYTES = 420;
/** Makes the import of opt-outs write in several batches. */
const LONG_OPTOUTS = 6_100;
/** People of the long opt-out list: far from everybody who is in a campaign. */
const OTHERS_FROM = 25_000_000;

/** The server of many trials, and what it says. */
export interface Ground {
  sandbox: TestSandbox;
  log: ServerLog;
  /** Numbers given out so far; no two trials share one. */
  taken: { numbers: number };
}

export interface TrialOptions {
  ground: Ground;
  chance: Chance;
  /** Recipients who are to get a message. */
  people: number;
  rate: number;
  inFlight: number;
  needs: Needs;
  strikes: Strike[];
  power?: Power;
}

/** After each strike the power is gone as well. */
export interface Power {
  kept: Kept;
  /** True: commits do not wait for the disk. The trial is then expected to fail. */
  weak?: boolean;
  /**
   * Copies are taken by something else than the points, which is reported the folder by these
   * variables.
   */
  witness?: (folder: string) => Record<string, string>;
}

/** What came of a trial. */
export interface Judgement {
  kills: number;
  runs: number;
  /** People posted to more than once. */
  twice: number;
  /**
   * People who are in the server's log and not in the ledger's, or the other way round, or nowhere.
   */
  lost: number;
  unknown: number;
  /** What `unknown` may be at most: claimed ahead and in flight, once for every kill. */
  bound: number;
  /** Every promise that did not hold, in words. */
  broken: string[];
}

interface Trial {
  options: TrialOptions;
  folder: string;
  manifest: string;
  ledger: string;
  firstNumber: number;
  rows: number;
  kills: number;
  runs: number;
  broken: string[];
}

/** Carries out a trial and judges it. Leaves neither files nor processes. */
export async function attempt(options: TrialOptions): Promise<Judgement> {
  const { folder, remove } = makeFolder();
  try {
    const trial = prepare(options, folder);
    let struck = true;
    for (const strike of options.strikes) {
      struck = await struckRun(trial, strike);
      if (!struck) break;
    }
    // A run that was not struck has ended the campaign itself.
    if (struck) await lastRun(trial);
    return await judge(trial);
  } finally {
    remove();
  }
}

function prepare(options: TrialOptions, folder: string): Trial {
  const { ground, people, needs } = options;
  const firstNumber = ground.taken.numbers + 1;
  ground.taken.numbers += people + OPTED_OUT;
  const lines = ["phone,first_name,coupon"];
  const optOuts = ["phone,reason"];
  for (let at = 0; at < people + OPTED_OUT; at += 1) {
    const number = numberOf(firstNumber + at);
    lines.push(`${number},Ana ${at},SPRING`);
    if (at >= people) optOuts.push(`${number},asked`);
  }
  lines.push(`${numberOf(firstNumber)},Ana again,SPRING`, "no number,Ana,SPRING");
  const fill = needs === "long_list" || needs === "large_list" ? LONG_LIST_ROWS : 0;
  const ballast = needs === "large_list" ? "x".repeat(LARGE_ROW_BYTES) : "Ana";
  // US numbers: read, and skipped.
  const fillers = Array.from(
    { length: fill },
    (_, at) => `+1${2_125_500_000 + at},${ballast},SPRING`,
  );
  lines.splice(2, 0, ...fillers);
  const others = needs === "long_optouts" ? LONG_OPTOUTS : 0;
  for (let at = 0; at < others; at += 1) optOuts.push(`${numberOf(OTHERS_FROM + at)},asked`);
  writeFileSync(join(folder, "list.csv"), `${lines.join("\n")}\n`);
  writeFileSync(join(folder, "optouts.csv"), `${optOuts.join("\n")}\n`);
  const manifest = writeManifest(folder, ground.sandbox, {
    rate: options.rate,
    inFlight: options.inFlight,
    more: "suppress:\n  files: [optouts.csv]\n",
  });
  mkdirSync(join(folder, "copies"));
  return {
    options,
    folder,
    manifest,
    ledger: join(folder, "data", "ledger.sqlite"),
    firstNumber,
    rows: people + SKIPPED + fill,
    kills: 0,
    runs: 0,
    broken: [],
  };
}

interface RunEnd {
  signal: NodeJS.Signals | null;
  code: number | null;
  stderr: string;
  hung: boolean;
}

async function run(trial: Trial, strike: Strike | undefined): Promise<RunEnd> {
  trial.runs += 1;
  const running = start([trial.manifest, "--json"], {
    cwd: trial.folder,
    env: environmentOf(trial, strike),
  });
  let hung = false;
  const kill = () => running.child.kill("SIGKILL");
  const limit = setTimeout(() => {
    hung = true;
    kill();
  }, RUN_MS_MAX);
  const timer =
    strike !== undefined && "afterMs" in strike ? setTimeout(kill, strike.afterMs) : undefined;
  const { signal, code, stderr } = await running.ended;
  clearTimeout(limit);
  clearTimeout(timer);
  if (hung) trial.broken.push(`a run did not end within ${RUN_MS_MAX} ms`);
  return { signal, code, stderr, hung };
}

function environmentOf(trial: Trial, strike: Strike | undefined): Record<string, string> {
  const { power, ground } = trial.options;
  const copies = join(trial.folder, "copies");
  const env: Record<string, string> = { WHATSAPP_ACCESS_TOKEN: ground.sandbox.token };
  if (strike === undefined) return env;
  env.NODE_OPTIONS = `--import=${PRELOAD}`;
  env.CRASH_NOTE = noteOf(trial);
  if ("at" in strike) env.CRASH_AT = nameOf(strike);
  if (power?.weak) {
    env.CRASH_WEAK = "1";
    // What this machine remembers of the ledger would stop the next run: here it is lost as well.
    env.XDG_STATE_HOME = join(trial.folder, "lost");
  }
  if (power?.witness !== undefined) Object.assign(env, power.witness(copies));
  else if (power !== undefined) env.CRASH_COPIES = copies;
  return env;
}

function noteOf(trial: Trial): string {
  return join(trial.folder, "note.json");
}

/** Returns false when the run ended before the strike. */
async function struckRun(trial: Trial, strike: Strike): Promise<boolean> {
  const { power, chance } = trial.options;
  rmSync(noteOf(trial), { force: true });
  const { signal, code, stderr, hung } = await run(trial, strike);
  if (hung) return false;
  if (signal !== "SIGKILL") {
    if (code !== 0) trial.broken.push(`${nameOf(strike)}: exit ${code}: ${stderr}`);
    return false;
  }
  trial.kills += 1;
  if (power !== undefined) {
    cutPower(trial.ledger, join(trial.folder, "copies"), power.kept, chance);
  }
  lookAfterKill(trial, strike);
  return true;
}

/** What must hold of the files that a kill leaves, before anybody fixes anything. */
function lookAfterKill(trial: Trial, strike: Strike): void {
  const say = (what: string) => trial.broken.push(`${nameOf(strike)}: ${what}`);
  if (!existsSync(trial.ledger)) return;
  const db = new Database(trial.ledger, { readonly: true });
  try {
    checkNote(trial, strike, digestOf(db), say);
    // Killed before the schema was committed, it has no tables yet.
    if (db.pragma("user_version", { simple: true }) !== SCHEMA_VERSION) return;
    for (const { invariant, examples } of violations(db)) say(`${invariant}: ${examples[0]}`);
    const claimed = db
      .prepare("select count(*) from dispatch where status = 'claimed'")
      .pluck()
      .get() as number;
    const bound = claimedAtMost(trial.options);
    if (claimed > bound) say(`${claimed} claimed, at most ${bound} may be`);
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    say(`the ledger cannot be read: ${error.code}`);
  } finally {
    db.close();
  }
}

/** Before or after: a commit is there whole or not at all, and which of them the point says. */
function checkNote(
  trial: Trial,
  strike: Strike,
  digest: string,
  say: (what: string) => void,
): void {
  if (!("at" in strike) || !/_commit$/.test(strike.at) || trial.options.power?.weak) return;
  const note = JSON.parse(readFileSync(noteOf(trial), "utf8")) as { before: string; after: string };
  if (note.before === note.after) return;
  const isBefore = digest === note.before;
  const isAfter = digest === note.after;
  if (!isBefore && !isAfter) say("the ledger is neither as before the commit nor as after it");
  // Where the power was cut in the commit, both are well.
  if (trial.options.power !== undefined) return;
  if (strike.at.endsWith(".before_commit") && !isBefore) say("changed before the commit");
  if (strike.at.endsWith(".after_commit") && !isAfter) say("the commit is not there");
}

async function lastRun(trial: Trial): Promise<void> {
  const { signal, code, stderr, hung } = await run(trial, undefined);
  if (hung) return;
  if (code !== 0) trial.broken.push(`the last run ended with ${code ?? signal}: ${stderr}`);
}

interface Row {
  row_number: number;
  phone: string | null;
  status: string;
  reason: string | null;
  message_id: string | null;
}

async function judge(trial: Trial): Promise<Judgement> {
  const { options, broken } = trial;
  const { ground } = options;
  // Whatever reached the server's sockets before this answer came is in its log by now.
  await (await fetch(`${ground.sandbox.url}/_sandbox`)).arrayBuffer();
  ground.log.refresh();
  const bound = trial.kills * claimedAtMost(options);
  const verdict = { kills: trial.kills, runs: trial.runs, twice: 0, lost: 0, unknown: 0, bound };
  const people = Array.from({ length: options.people }, (_, at) =>
    numberOf(trial.firstNumber + at),
  );
  for (const number of people) if (ground.log.postedTo(number).length > 1) verdict.twice += 1;
  if (verdict.twice > 0) broken.push(`${verdict.twice} people posted to twice`);
  for (let at = 0; at < OPTED_OUT; at += 1) {
    const number = numberOf(trial.firstNumber + options.people + at);
    if (ground.log.postedTo(number).length > 0) broken.push("posted to a person who opted out");
  }
  if (!existsSync(trial.ledger)) {
    broken.push("there is no ledger at the end");
    return { ...verdict, lost: people.length, broken };
  }
  const db = new Database(trial.ledger, { readonly: true });
  try {
    for (const { invariant, examples } of violations(db))
      broken.push(`${invariant}: ${examples[0]}`);
    const rows = db.prepare("select * from outcomes").all() as Row[];
    verdict.lost = countLost(trial, people, rows);
    verdict.unknown = rows.filter((row) => row.status === "unknown").length;
    const state = db.prepare("select state from campaign").pluck().get();
    if (state !== "finished") broken.push(`the campaign is ${String(state)} at the end`);
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    broken.push(`the ledger cannot be read at the end: ${error.code}`);
  } finally {
    db.close();
  }
  if (verdict.lost > 0) broken.push(`${verdict.lost} lost`);
  if (verdict.unknown > bound) broken.push(`${verdict.unknown} unknown, at most ${bound} may be`);
  return { ...verdict, broken };
}

/**
 * Each person's row against the server's log; and every other row skipped, and all of them counted.
 */
function countLost(trial: Trial, people: string[], rows: Row[]): number {
  const { log } = trial.options.ground;
  const byPhone = new Map(
    rows.filter((row) => row.status !== "skipped").map((row) => [row.phone, row]),
  );
  let lost = Math.abs(trial.rows - rows.length);
  for (const number of people) {
    const row = byPhone.get(number);
    const posted = log.postedTo(number);
    if (row?.status === "unknown") continue;
    // Known to the ledger: then the server says the same, under the same id.
    if (row?.status === "accepted" && posted.some((post) => post.id === row.message_id)) continue;
    lost += 1;
  }
  const skipped = rows.filter((row) => row.status === "skipped").length;
  if (skipped !== trial.rows - people.length) lost += 1;
  return lost;
}
