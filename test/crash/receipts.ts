// One trial of receipts: a ledger with messages known and in doubt, a file of webhooks, and an
// import that is struck again and again and then run to its end. Judged by the same webhooks
// applied without a stop.

import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import Database from "better-sqlite3";

import { callbackKey } from "../../src/domain/campaign/dispatch.ts";
import type { Ledger } from "../../src/domain/ledger/ledger.ts";
import { violations } from "../../src/ledger/file/soundness.ts";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import { accepted, answerTo, planned, send, turn } from "../ledger/conformance/builders.ts";
import { statusBody } from "../ledger/conformance/receipts.ts";
import type { Chance } from "../support/chance.ts";
import { makeFolder, start } from "../support/harness.ts";
import { digestOf } from "./digest.mjs";
import type { Point, Strike } from "./points.ts";
import { nameOf } from "./points.ts";
import type { Judgement } from "./trial.ts";

const PRELOAD = pathToFileURL(resolve(import.meta.dirname, "points.mjs")).href;
const RUN_MS_MAX = 30_000;
const PEOPLE = 500;
/** Every so many messages have lost their answer. */
const LOST_EACH = 5;
/** Of all receipts, this part comes twice. */
const TWICE = 0.3;
const HOUR_MS = 3_600_000;

/** The places at which an import is struck. */
export const RECEIPT_POINTS: readonly Point[] = [
  "keep.before_commit",
  "keep.after_commit",
  "apply.before_commit",
  "apply.after_commit",
].map((name) => ({ name, needs: "little", lead: [], rungs: 8 }));

interface Trial {
  folder: string;
  ledger: string;
  broken: string[];
  kills: number;
  runs: number;
}

/** What a ledger says at the end. */
interface End {
  outcomes: Record<string, unknown>[];
  suppressed: unknown[];
  applied: unknown[];
}

/** Carries out a trial and judges it. Leaves neither files nor processes. */
export async function attemptReceipts(options: {
  chance: Chance;
  strikes: Strike[];
}): Promise<Judgement> {
  const { folder, remove } = makeFolder();
  try {
    const trial = {
      folder,
      ledger: join(folder, "data", "ledger.sqlite"),
      broken: [],
      kills: 0,
      runs: 0,
    };
    const expected = await prepare(trial, options.chance);
    let struck = true;
    for (const strike of options.strikes) {
      struck = await struckRun(trial, strike);
      if (!struck) break;
    }
    if (struck) await run(trial, undefined);
    return judge(trial, expected);
  } finally {
    remove();
  }
}

/** Makes the ledger and the file; gives what the ledger must say at the end. */
async function prepare(trial: Trial, chance: Chance): Promise<End> {
  mkdirSync(join(trial.folder, "data"));
  const ledger = await openSqliteLedger(trial.ledger);
  const bodies = await sentCampaign(ledger, chance);
  await ledger.close();
  writeFileSync(join(trial.folder, "log.jsonl"), `${bodies.join("\n")}\n`);
  const other = join(trial.folder, "unstruck.sqlite");
  copyFileSync(trial.ledger, other);
  const unstruck = await openSqliteLedger(other);
  const now = Date.now();
  await unstruck.storeWebhookBodies(
    bodies.map((body) => ({ body, receivedAt: now, source: "log" })),
  );
  const { more } = await unstruck.processWebhookBodies({ limit: bodies.length * 2, now });
  if (more) trial.broken.push("the unstruck ledger has deliveries left");
  await unstruck.close();
  return endOf(other);
}

/** A campaign that was sent, with the webhooks about it in any order. */
async function sentCampaign(ledger: Ledger, chance: Chance): Promise<string[]> {
  const at = Date.now() - 2 * HOUR_MS;
  const personOf = (row: number) => String(447_700_000_000 + row);
  const rows = Array.from({ length: PEOPLE }, (_, index) => {
    const person = personOf(index + 1);
    return { ...send(index + 1, 0), phone: `+${person}`, person };
  });
  const id = await planned(ledger, rows);
  const { claimed } = await ledger.turn(turn(id, { claim: PEOPLE, now: at }));
  const known = claimed.filter(({ row }) => row % LOST_EACH !== 0);
  const record = known.map((one) => answerTo(one, accepted(0, { messageId: `w${one.row}` })));
  await ledger.turn(turn(id, { record, now: at }));
  await ledger.recoverClaims(id, at);
  const bodies: string[] = [];
  const tell = (row: number, status: string, code?: number) => {
    const key = { ledger: ledger.id, campaign: id, row, attempt: 1 };
    const named = chance.share(0.5) ? { key: callbackKey(key) } : {};
    const facts = { status, id: `w${row}`, at: at + bodies.length, waId: personOf(row) };
    const body = statusBody({ ...facts, ...named, ...(code !== undefined && { code }) });
    for (const times of chance.share(TWICE) ? [1, 2] : [1]) {
      bodies.splice(chance.whole(Math.max(0, bodies.length - 40 * times), bodies.length), 0, body);
    }
  };
  for (const { row } of claimed) {
    if (row % 7 === 0) tell(row, "failed", row % 2 === 0 ? 131049 : 131050);
    else for (const status of ["sent", "delivered", "read"]) tell(row, status);
  }
  return bodies;
}

async function run(trial: Trial, strike: Strike | undefined): Promise<NodeJS.Signals | null> {
  trial.runs += 1;
  const env: Record<string, string> = {};
  if (strike !== undefined) {
    env.NODE_OPTIONS = `--import=${PRELOAD}`;
    env.CRASH_NOTE = noteOf(trial);
    if ("at" in strike) env.CRASH_AT = nameOf(strike);
  }
  const running = start(["receipts", "import", "log.jsonl"], { cwd: trial.folder, env });
  const kill = () => running.child.kill("SIGKILL");
  const limit = setTimeout(() => {
    trial.broken.push(`an import did not end within ${RUN_MS_MAX} ms`);
    kill();
  }, RUN_MS_MAX);
  const timer =
    strike !== undefined && "afterMs" in strike ? setTimeout(kill, strike.afterMs) : undefined;
  const { signal, code, stderr } = await running.ended;
  clearTimeout(limit);
  clearTimeout(timer);
  if (signal === null && code !== 0) trial.broken.push(`an import ended with ${code}: ${stderr}`);
  return signal;
}

function noteOf(trial: Trial): string {
  return join(trial.folder, "note.json");
}

/** Returns false when the import ended before the strike. */
async function struckRun(trial: Trial, strike: Strike): Promise<boolean> {
  rmSync(noteOf(trial), { force: true });
  const signal = await run(trial, strike);
  if (signal !== "SIGKILL") return false;
  trial.kills += 1;
  const say = (what: string) => trial.broken.push(`${nameOf(strike)}: ${what}`);
  const db = new Database(trial.ledger, { readonly: true });
  try {
    for (const { invariant, examples } of violations(db)) say(`${invariant}: ${examples[0]}`);
    if ("at" in strike && existsSync(noteOf(trial))) {
      const note = JSON.parse(readFileSync(noteOf(trial), "utf8"));
      const expected = strike.at.endsWith(".before_commit") ? note.before : note.after;
      if (digestOf(db) !== expected) say("a commit is there in part, or not where it should be");
    }
  } finally {
    db.close();
  }
  return true;
}

function endOf(file: string): End {
  const db = new Database(file, { readonly: true });
  try {
    return {
      outcomes: db.prepare("select * from outcomes order by row_number").all() as End["outcomes"],
      suppressed: db.prepare("select phone, reason, source from suppression order by phone").all(),
      applied: db
        .prepare("select event, number from receipt_count where effect = 'applied' order by event")
        .all(),
    };
  } finally {
    db.close();
  }
}

function judge(trial: Trial, expected: End): Judgement {
  const { broken, kills, runs } = trial;
  const end = endOf(trial.ledger);
  const texts = expected.outcomes.map((row) => JSON.stringify(row));
  const lost = end.outcomes.filter((row, at) => JSON.stringify(row) !== texts[at]).length;
  if (lost > 0) broken.push(`${lost} rows are otherwise than without a stop`);
  // Whatever was applied twice, or not at all, is counted otherwise.
  const twice = JSON.stringify(end.applied) === JSON.stringify(expected.applied) ? 0 : 1;
  if (twice > 0) {
    broken.push(
      `applied ${JSON.stringify(end.applied)} and not ${JSON.stringify(expected.applied)}`,
    );
  }
  if (JSON.stringify(end.suppressed) !== JSON.stringify(expected.suppressed)) {
    broken.push("the suppressions are otherwise than without a stop");
  }
  const unknown = end.outcomes.filter((row) => row.status === "unknown").length;
  if (unknown > 0) broken.push(`${unknown} unknown`);
  const db = new Database(trial.ledger, { readonly: true });
  try {
    for (const { invariant, examples } of violations(db))
      broken.push(`${invariant}: ${examples[0]}`);
    const left = "select count(*) from webhook_body where applied_at is null";
    if (db.prepare(left).pluck().get() !== 0)
      broken.push("deliveries are left that nobody applied");
  } finally {
    db.close();
  }
  return { kills, runs, twice, lost, unknown, bound: 0, broken };
}
