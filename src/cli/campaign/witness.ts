// Keeps the witness: a file of this machine, outside of any ledger and any project. A run writes
// down in it how far its ledger has come, so that an older copy of that ledger, or another one, is
// noticed before anything is posted from it.

import {
  closeSync,
  constants,
  existsSync,
  ftruncateSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from "node:fs";
import { chmod, open, rename } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../../clock/clock.ts";
import { readSmallFile } from "../../csv/operator-file.ts";
import type { Ledger } from "../../domain/ledger/ledger.ts";
import type { Behind, Sighting, Witness } from "../../domain/receipts/witness.ts";
import {
  behindOf,
  parseWitness,
  withPlace,
  withSighting,
  witnessKey,
  witnessText,
} from "../../domain/receipts/witness.ts";
import type { Clock } from "../../domain/sending/pace.ts";
import { takeLock } from "../../ledger/file/lock.ts";
import { makeFolder, syncFolder } from "../../ledger/file/making.ts";
import { stateFolder } from "../files/project.ts";
import { warn } from "../print/print.ts";
import type { LoadedManifest } from "./wiring.ts";

const FILE = "witness.json";
/** Larger than thousands of numbers with many ledgers each. */
const MAX_BYTES = 16 * 1024 * 1024;
/** The last turn of each number, in a file of its own: it is written for every turn, in place. */
const TURNS = "turns";
/** Between two writings of the witness itself while turns come. */
const WRITE_MS = 1_000;
/** How long another process's writing is waited for. */
const LOCK_MS = 3_000;
const LOCK_RETRY_MS = 10;
/**
 * Every turn's line has the same length, so that a shorter one leaves nothing of the one before.
 */
const TURN_LINE_LENGTH = 64;

/** What this machine remembers. */
export interface WitnessSeen {
  file: string;
  witness: Witness;
  /** Why the file cannot be read, as a clause; null when it can, or when there is none. */
  damage: string | null;
}

/** Reads the witness; changes nothing. */
export function readWitness(): WitnessSeen {
  const folder = stateFolder();
  const file = join(folder, FILE);
  try {
    if (!existsSync(file)) return { file, witness: new Map(), damage: null };
    const bytes = readSmallFile(file, { shownAs: file, maxBytes: MAX_BYTES, what: "a witness" });
    const witness = parseWitness(bytes.toString("utf8"));
    return { file, witness: withLastTurns(folder, witness), damage: null };
  } catch (error) {
    return { file, witness: new Map(), damage: clauseOf(error) };
  }
}

/**
 * The keys of a manifest's numbers in the witness, in their order; none for the simulator, which
 * sends no real message.
 */
export function keysOf({ manifest: { account } }: LoadedManifest): string[] {
  if (account === "sandbox") return [];
  return account.numbers.map(({ phone_number_id: id }) => witnessKey(id, account.base_url));
}

export interface WitnessKeeper {
  /**
   * Call with the number of each turn once it is committed, and before anything of it is posted.
   * The first one is on the disk when this resolves; later ones outlive the process at once, and a
   * power cut after a second.
   */
  saw(turn: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Writes down the turns of one number's ledger. What cannot be written is said once, and stops
 * nothing.
 */
export function keepWitness(
  key: string,
  { ledger, path, clock = systemClock }: { ledger: string; path: string; clock?: Clock },
): WitnessKeeper {
  const folder = stateFolder();
  let last: Sighting | undefined;
  let written = 0;
  let writing: Promise<void> | undefined;
  let cancelTimer: (() => void) | undefined;
  let line: number | undefined;
  let isSaid = false;

  const failed = (error: unknown): void => {
    if (!isSaid) {
      warn(
        `this machine cannot remember in ${folder} how far the ledger has come, so an older copy of it would not be noticed: ${clauseOf(error)}.`,
      );
    }
    isSaid = true;
  };
  const write = async (): Promise<void> => {
    const sighting = last;
    if (sighting === undefined || sighting.turn <= written) return;
    try {
      await addSighting(folder, key, sighting, clock);
      written = sighting.turn;
    } catch (error) {
      failed(error);
    }
  };
  const writeSoon = (): void => {
    if (cancelTimer !== undefined || writing !== undefined) return;
    cancelTimer = clock.timer(WRITE_MS, () => {
      cancelTimer = undefined;
      writing = write().finally(() => {
        writing = undefined;
        if ((last?.turn ?? 0) > written && !isSaid) writeSoon();
      });
    });
  };

  return {
    async saw(turn) {
      const isFirst = last === undefined;
      last = { ledger, path, turn, at: clock.now() };
      if (isFirst) await write();
      try {
        line ??= openTurnLine(folder, key);
        writeSync(line, turnLine(ledger, turn), 0, "latin1");
      } catch (error) {
        failed(error);
      }
      if (!isFirst) writeSoon();
    },
    async close() {
      cancelTimer?.();
      await writing;
      await write();
      if (line !== undefined) closeSync(line);
    },
  };
}

/**
 * Notes where a ledger is from now on.
 * @throws what the file system says; Error when the witness cannot be read
 */
export async function noteMoved(ledger: string, path: string): Promise<void> {
  if (readWitness().witness.size === 0) return;
  await changeWitness(systemClock, (witness) => withPlace(witness, ledger, path));
}

/**
 * Adds to the file what was seen, while no other process does; what was damaged before is set
 * aside.
 */
async function addSighting(
  folder: string,
  key: string,
  sighting: Sighting,
  clock: Clock,
): Promise<void> {
  makeFolder(folder);
  if (((statSync(folder).mode & 0o077) as number) !== 0) await chmod(folder, 0o700);
  await changeWitness(clock, (witness) => withSighting(witness, key, sighting));
}

async function changeWitness(clock: Clock, change: (witness: Witness) => Witness): Promise<void> {
  const folder = stateFolder();
  const release = await lock(join(folder, `${FILE}.lock`), clock);
  try {
    const { file, witness, damage } = readWitness();
    if (damage !== null) {
      const aside = `${file}.damaged-${clock.now()}`;
      await rename(file, aside);
      warn(`${file} could not be read (${damage}). It is kept as ${aside}, and a new one begins.`);
    }
    await replace(file, witnessText(change(witness)));
    syncFolder(folder);
  } finally {
    release();
  }
}

async function lock(path: string, clock: Clock): Promise<() => void> {
  const until = clock.monotonic() + LOCK_MS;
  for (;;) {
    const release = takeLock(path);
    if (release !== undefined) return release;
    if (clock.monotonic() > until) throw new Error("another process keeps it locked");
    await clock.sleep(LOCK_RETRY_MS);
  }
}

/** The whole new text, or the old one; never a part of either. */
async function replace(file: string, text: string): Promise<void> {
  const handle = await open(`${file}.new`, "w", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}

function openTurnLine(folder: string, key: string): number {
  makeFolder(join(folder, TURNS));
  const line = openSync(turnFile(folder, key), constants.O_RDWR | constants.O_CREAT, 0o600);
  ftruncateSync(line, TURN_LINE_LENGTH);
  return line;
}

function turnFile(folder: string, key: string): string {
  return join(folder, TURNS, key);
}

function turnLine(ledger: string, turn: number): string {
  return `${`${ledger} ${turn}`.padEnd(TURN_LINE_LENGTH - 1)}\n`;
}

/** Raises the turns of a witness to those that were written down since. */
function withLastTurns(folder: string, witness: Witness): Witness {
  const later = [...witness].map(([key, sightings]): [string, readonly Sighting[]] => {
    const last = readTurnLine(turnFile(folder, key));
    if (last === undefined) return [key, sightings];
    const raised = sightings.map((sighting) =>
      sighting.ledger === last.ledger && sighting.turn < last.turn
        ? { ...sighting, turn: last.turn, at: last.at }
        : sighting,
    );
    return [key, raised];
  });
  return new Map(later);
}

/**
 * Undefined when there is none, or when a power cut left something else there: the witness itself
 * is a second older at most.
 */
function readTurnLine(file: string): { ledger: string; turn: number; at: number } | undefined {
  try {
    const found = /^([0-9a-z]{1,32}) (\d{1,15}) *\n$/.exec(readFileSync(file, "latin1"));
    if (found === null) return undefined;
    const [, ledger = "", turn] = found;
    return { ledger, turn: Number(turn), at: Math.round(statSync(file).mtimeMs) };
  } catch {
    return undefined;
  }
}

/** What is wrong, as a clause. */
function clauseOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "EACCES" || code === "EPERM") return "this user may not open it";
  if (code === "EROFS") return "its disk is read-only";
  if (code === "ENOSPC") return "no space is left on its disk";
  if (code === "EISDIR") return "it is a folder";
  return error instanceof Error ? error.message : String(error);
}

/** The numbers of a ledger of which this machine saw more than the ledger has. */
export async function behind(
  ledger: Pick<Ledger, "id" | "turnNumbers">,
  { witness }: WitnessSeen,
): Promise<Behind[]> {
  return behindOf(witness, { id: ledger.id, turns: await ledger.turnNumbers() });
}
