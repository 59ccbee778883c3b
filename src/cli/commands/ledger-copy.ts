// `campaign ledger copy`: moves the ledger to another place, from a file to a server or back.

import { systemClock } from "../../clock/clock.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import type { ExitCode } from "../../domain/common/errors.ts";
import { EXIT, OperatorError, throwIfStopped } from "../../domain/common/errors.ts";
import { count, plural } from "../../domain/common/numbers.ts";
import { plain } from "../../domain/common/plain.ts";
import type { CopyProgress, CopyResult } from "../../ledger/copy/copy.ts";
import { copyLedger } from "../../ledger/copy/copy.ts";
import { requireHere } from "../../ledger/moved.ts";
import type { OpenedLedger } from "../../ledger/open.ts";
import { isLedgerAt, openLedgerAt, placeOf } from "../../ledger/open.ts";
import { audited } from "../campaign/auditing.ts";
import { holdingWhole } from "../campaign/holding.ts";
import { keepPassword, noLedger } from "../campaign/wiring.ts";
import { noteMoved } from "../campaign/witness.ts";
import type { CommandContext } from "../context.ts";
import { openProject, placeNamed } from "../files/project.ts";
import { print, printJson, say, warn } from "../print/print.ts";
import { startProgress } from "../print/progress.ts";

const WORDS = {
  copying: "copying",
  comparing: "reading back",
  checking: "checking the rules of",
} as const;

/** The `--json` document of `ledger copy`. Keys may be added. */
interface Moved {
  /** Absolute paths, or URLs without a password. */
  from: string;
  to: string;
  ledger_id: string;
  /** Of each table; null when an earlier call had moved the ledger already. */
  tables: Record<string, { rows: number; sha256: string }> | null;
  /** ISO 8601 UTC. */
  at: string;
}

/** Runs the command; gives its exit code. */
export async function ledgerCopy(
  fromName: string,
  toName: string,
  flags: { json?: boolean },
  { stop }: CommandContext,
): Promise<ExitCode> {
  const from = addressOf(fromName);
  const to = addressOf(toName);
  if (from === to)
    throw new OperatorError({
      message: "a ledger is not copied onto itself",
      hint: "Name another place for the copy. `campaign backup` copies a ledger into one file.",
    });
  if (!(await isLedgerAt(from))) throw noLedger(placeOf(from));
  say(`ledger: ${placeOf(from)}, to be moved to ${placeOf(to)}`);
  const source = await lookAt(from);
  if (source.movedTo !== null && source.movedTo !== placeOf(to)) {
    requireHere(placeOf(from), source.movedTo);
  }
  const isDone = source.movedTo !== null && (await hasLedger(to, source.id));
  const result = isDone ? undefined : await move(from, to, { holds: source.holds, stop });
  if (result !== undefined) await finish(from, to, result);
  const tables = result === undefined ? null : Object.fromEntries(result.tables);
  const moved: Moved = {
    ...{ from: placeOf(from), to: placeOf(to), ledger_id: source.id, tables },
    at: new Date(systemClock.now()).toISOString(),
  };
  if (flags.json) printJson(moved);
  else print(textOf(moved));
  return EXIT.done;
}

/** @throws OperatorError when a text names no place for a ledger */
function addressOf(name: string): string {
  const address = placeNamed(`"${plain(name)}"`, name, {
    base: process.cwd(),
    env: openProject().env,
  });
  keepPassword(address);
  return address;
}

interface Source {
  id: string;
  movedTo: string | null;
  /** Every lane once, under one of its campaigns. */
  holds: Hold[];
}

/** A campaign and lanes of it, which are held together. */
interface Hold {
  campaign: string;
  lanes: string[];
}

async function lookAt(from: string): Promise<Source> {
  const ledger = await openLedgerAt(from, { readOnly: true });
  try {
    const holds = holdsOf([...(await ledger.listCampaigns()), ...(await ledger.listTests())]);
    return { id: ledger.id, movedTo: ledger.movedTo, holds };
  } finally {
    await ledger.close();
  }
}

function holdsOf(campaigns: readonly CampaignRecord[]): Hold[] {
  const known = new Set<string>();
  const holds: Hold[] = [];
  for (const { name, lanes } of campaigns) {
    const others = lanes.filter((lane) => !known.has(lane));
    for (const lane of others) known.add(lane);
    if (others.length > 0) holds.push({ campaign: name, lanes: others });
  }
  return holds;
}

/** Whether an earlier call had got to its end. */
async function hasLedger(address: string, id: string): Promise<boolean> {
  if (!(await isLedgerAt(address))) return false;
  try {
    const ledger = await openLedgerAt(address, { readOnly: true });
    await ledger.close();
    return ledger.id === id;
  } catch {
    // What the copy finds there, it reports.
    return false;
  }
}

/** Copies while no run can begin: each needs its lane. */
async function move(
  from: string,
  to: string,
  { holds, stop }: { holds: Hold[]; stop: AbortSignal },
): Promise<CopyResult> {
  let progress: CopyProgress = { kind: "copying", rows: 0, all: 0 };
  const line = startProgress(() => {
    const share = progress.all === 0 ? 0 : Math.floor((progress.rows / progress.all) * 100);
    const rows = plural(progress.all, "row");
    return `${WORDS[progress.kind]} ${rows}${progress.kind === "checking" ? "" : `: ${share}%`}`;
  });
  const copy = () =>
    copyLedger(from, to, {
      lanes: new Set(holds.flatMap(({ lanes }) => lanes)),
      movedTo: placeOf(to),
      onProgress(now) {
        progress = { ...now };
        throwIfStopped(stop, "nothing was moved");
      },
    });
  try {
    // On a ledger that was moved already, by a copy that was interrupted, nobody runs.
    const ledger = await openToHold(from);
    if (ledger === undefined) return await copy();
    try {
      return await holdingAll(ledger, { holds, stop }, copy);
    } finally {
      await ledger.close();
    }
  } finally {
    line.end();
  }
}

async function openToHold(from: string): Promise<OpenedLedger | undefined> {
  const { movedTo } = await lookAt(from);
  return movedTo === null ? openLedgerAt(from, { make: "never" }) : undefined;
}

/** @throws OperatorError with exit code 75 when a run is at work */
function holdingAll<T>(
  ledger: OpenedLedger,
  { holds, stop }: { holds: Hold[]; stop: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  const [first, ...others] = holds;
  if (first === undefined) return work();
  const wanted = { ...first, stop, clock: systemClock };
  return holdingWhole(ledger, wanted, () => holdingAll(ledger, { holds: others, stop }, work));
}

/** What is written down once the ledger has moved; none of it undoes that. */
async function finish(from: string, to: string, { ledgerId, tables }: CopyResult): Promise<void> {
  try {
    const ledger = await openLedgerAt(to, { make: "never" });
    const rows = tables.get("dispatch")?.rows ?? 0;
    const done = {
      action: "move_ledger",
      subject: placeOf(to),
      detail: { from: placeOf(from), rows },
    };
    await audited(ledger, done).finally(ledger.close);
    await noteMoved(ledgerId, placeOf(to));
  } catch (error) {
    warn(
      `the ledger was moved, and what notes that could not be written: ${(error as Error).message}`,
    );
  }
}

function textOf({ from, to, tables }: Moved): string {
  const todo =
    'Name the new place from now on: --ledger, CAMPAIGN_LEDGER, or "ledger:" in policy.yaml.';
  if (tables === null) return `${from} was moved to ${to} before; nothing was left to do.\n${todo}`;
  const filled = Object.entries(tables).filter(([, { rows }]) => rows > 0);
  const width = Math.max(...filled.map(([name]) => name.length));
  const figures = filled.map(([, { rows }]) => count(rows));
  const right = Math.max(...figures.map((figure) => figure.length));
  return [
    `${from} is moved to ${to}. The tables have the same rows in both, by number and checksum:`,
    ...filled.map(([name], at) => `  ${name.padEnd(width)}  ${figures[at]?.padStart(right)}`),
    "The old ledger can be read, and neither sends nor receives any more.",
    todo,
  ].join("\n");
}
