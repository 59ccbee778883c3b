// Cuts the power: puts back the ledger's files as they were when they last reached the disk for
// sure, together with any part of what was written after that. A disk may have kept any of those
// sectors, in any order, or none.

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Chance } from "../support/chance.ts";

const SECTOR_BYTES = 512;
/** The ledger, its log, and the journal that it has for a moment before it has a log. */
const ENDS = ["", "-wal", "-journal"];

/** Which part of what did not surely reach the disk is there after the cut; 0: nothing of it. */
export type Kept = number;

/**
 * Replaces the ledger's files.
 * @param folder of the copies (CRASH_COPIES)
 * @returns false when nothing was ever copied: then there is nothing to cut
 */
export function cutPower(ledger: string, folder: string, kept: Kept, chance: Chance): boolean {
  const stem = stemOf(folder);
  if (stem === undefined) return false;
  for (const end of ENDS) {
    const surely = bytesOf(`${stem}${end}`);
    const written = bytesOf(`${ledger}${end}`);
    const image = kept === 0 ? surely : torn(surely, written, kept, chance);
    rmSync(`${ledger}${end}`, { force: true });
    if (image !== null) writeFileSync(`${ledger}${end}`, image, { mode: 0o600 });
  }
  // Shared memory is gone with the power.
  rmSync(`${ledger}-shm`, { force: true });
  return true;
}

function stemOf(folder: string): string | undefined {
  const pointer = join(folder, "current");
  return existsSync(pointer) ? readFileSync(pointer, "utf8") : undefined;
}

function bytesOf(file: string): Buffer | null {
  return existsSync(file) ? readFileSync(file) : null;
}

/** A mix of both, sector by sector; where the file grew, up to some sector of what it grew by. */
function torn(
  surely: Buffer | null,
  written: Buffer | null,
  kept: Kept,
  chance: Chance,
): Buffer | null {
  if (written === null) return surely;
  const before = surely ?? Buffer.alloc(0);
  const sectors = Math.ceil(Math.abs(written.length - before.length) / SECTOR_BYTES);
  const grown = chance.whole(0, sectors) * SECTOR_BYTES;
  const size = Math.min(
    Math.min(written.length, before.length) + grown,
    Math.max(written.length, before.length),
  );
  if (size === 0 && surely === null) return null;
  const image = Buffer.alloc(size);
  for (let at = 0; at < size; at += SECTOR_BYTES) {
    const end = Math.min(at + SECTOR_BYTES, size);
    const from: Buffer = at >= before.length || chance.share(kept) ? written : before;
    // Beyond the end of the older file some sectors never came: they are zeros.
    if (from === written && at >= before.length && !chance.share(kept)) continue;
    from.copy(image, at, at, end);
  }
  return image;
}
