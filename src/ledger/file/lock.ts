// Lets one runner at a time have a lane, or the list of a campaign. The operating system keeps the
// lock, so it is free the moment its process is gone, however it went; there is no flag to go stale
// and no time after which it is taken away.

import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Database } from "better-sqlite3";
import type { Held, Holder, HoldRequest, HoldResult, Taken } from "../../domain/ledger/ledger.ts";
import { isBusy } from "./faults.ts";
import { openDatabase } from "./sqlite.ts";

/**
 * Two processes that ask in the same moment see each other's first, shared lock; without a little
 * patience both would be refused.
 */
const PATIENCE_MS = 300;
/** Of a name, kept readable in the name of its lock file. */
const READABLE_LENGTH = 32;
/** Of a file that says who holds a lock; anything longer was not written by us. */
const HOLDER_LENGTH_MAX = 4_096;

interface Lock {
  release(): void;
}

/**
 * Takes lanes and lists of one ledger. `folder` lies beside the ledger and is made when it is
 * needed.
 */
export function makeLocks(folder: string) {
  const held = new Set<Lock>();

  function take({ path, of, name }: Place, request: HoldRequest): Lock | undefined {
    const { pid, host, campaign, since } = request;
    const lane = of === "lane" ? name : null;
    const lock = takeNoted(path, { pid, host, campaign, lane, since });
    if (lock !== undefined) held.add(lock);
    return lock;
  }

  function release(lock: Lock): void {
    if (held.delete(lock)) lock.release();
  }

  function hold(request: HoldRequest): HoldResult {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const ofList = placeOfList(folder, request.campaign);
    const list = take(ofList, request);
    if (list === undefined) return { kind: "busy", taken: [takenAt(ofList)] };
    const mine = new Map<string, Lock>();
    const takeLanes = (lanes: readonly string[]): Taken[] =>
      lanes.flatMap((lane) => {
        const place = placeOfLane(folder, lane);
        const lock = take(place, request);
        if (lock !== undefined) mine.set(lane, lock);
        return lock === undefined ? [takenAt(place)] : [];
      });
    const taken = takeLanes(request.lanes);
    if (mine.size === 0 && taken.length > 0) {
      release(list);
      return { kind: "busy", taken };
    }
    const releaseLanes = (lanes: Iterable<string>): void => {
      for (const lane of lanes) {
        const lock = mine.get(lane);
        if (lock !== undefined) release(lock);
      }
    };
    return {
      kind: "held",
      lanes: [...mine.keys()],
      taken,
      take: async (lanes) => takeLanes(lanes),
      releaseList: async () => release(list),
      releaseLanes: async (lanes) => releaseLanes(lanes),
      release: async () => {
        releaseLanes(mine.keys());
        release(list);
      },
    };
  }

  return {
    hold,

    /** What of it anybody has at this moment; makes and changes nothing. */
    heldBy({ campaign, lanes }: Held): Taken[] {
      const places = lanes.map((lane) => placeOfLane(folder, lane));
      return [placeOfList(folder, campaign), ...places]
        .filter(({ path }) => isTaken(path))
        .map(takenAt);
    },

    releaseAll(): void {
      for (const lock of held) lock.release();
      held.clear();
    },
  };
}

/** Where a lock is. */
interface Place extends Pick<Taken, "of" | "name"> {
  path: string;
}

function placeOfList(folder: string, campaign: string): Place {
  return { of: "list", name: campaign, path: pathOf(folder, "campaign", campaign) };
}

function placeOfLane(folder: string, lane: string): Place {
  return { of: "lane", name: lane, path: pathOf(folder, "lane", lane) };
}

function takenAt({ of, name, path }: Place): Taken {
  return { of, name, by: readHolder(path) };
}

/** A lock that cannot be read is none that a runner of this program took. */
function isTaken(path: string): boolean {
  if (!existsSync(path)) return false;
  let db: Database | undefined;
  try {
    db = openDatabase(path, { readonly: true, fileMustExist: true, timeout: 0 });
    db.pragma("schema_version");
    return false;
  } catch (error) {
    return isBusy(error);
  } finally {
    db?.close();
  }
}

function takeNoted(path: string, holder: Holder): Lock | undefined {
  const db = lockFile(path, PATIENCE_MS);
  return db === undefined ? undefined : settle(db, path, holder);
}

/**
 * Takes the lock that is a file, for a moment.
 * @param path the file is made where there is none; its folder must exist
 * @returns the function that gives it back; undefined while another process has it
 * @throws what SQLite or the file system reports
 */
export function takeLock(path: string): (() => void) | undefined {
  const db = lockFile(path, 0);
  return db === undefined ? undefined : () => db.close();
}

/**
 * An SQLite file is locked and nothing is ever written to it: SQLite knows how to lock on every
 * system.
 */
function lockFile(path: string, timeout: number): Database | undefined {
  if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
  const db = openDatabase(path, { timeout });
  try {
    // Nothing is ever rolled back here, so there is no need of a journal's file.
    db.pragma("journal_mode = memory");
    db.exec("begin exclusive");
    return db;
  } catch (error) {
    db.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}

function settle(db: Database, path: string, holder: Holder): Lock {
  const note = notePathOf(path);
  try {
    // Written beside and renamed, so that nobody reads half of it.
    writeFileSync(`${note}.new`, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
    renameSync(`${note}.new`, note);
  } catch (error) {
    db.close();
    throw error;
  }
  return {
    release() {
      rmSync(note, { force: true });
      db.close();
    },
  };
}

/**
 * The note is for people; the lock does not depend on it, so whatever is wrong with it is no fault.
 */
function readHolder(path: string): Holder | null {
  try {
    const text = readFileSync(notePathOf(path), "utf8");
    if (text.length > HOLDER_LENGTH_MAX) return null;
    const note = JSON.parse(text) as Partial<Holder>;
    const { pid, host, campaign, lane, since } = note;
    if (typeof pid !== "number" || typeof since !== "number") return null;
    if (typeof host !== "string" || typeof campaign !== "string") return null;
    if (typeof lane !== "string" && lane !== null) return null;
    return { pid, host, campaign, lane, since };
  } catch {
    return null;
  }
}

/**
 * Names are the operator's own, so a file's name has a readable part and a hash that tells any two
 * apart.
 */
function pathOf(folder: string, kind: "lane" | "campaign", name: string): string {
  const readable = name.replace(/[^0-9A-Za-z]+/g, "-").slice(0, READABLE_LENGTH);
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 16);
  return join(folder, `${kind}-${readable}-${hash}.lock`);
}

function notePathOf(path: string): string {
  return path.replace(/\.lock$/, ".json");
}
