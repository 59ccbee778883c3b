// Knows whether a ledger's file is as this program left it: what something else changed, restored
// or damaged is looked through before it is sent from. Looking through a million rows takes
// seconds, and a run begins every minute.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { statOf } from "./ownership.ts";

const NAME = "seal";

export interface Seal {
  /** True when nothing but this program has changed the file since it was last found sound. */
  isWhole(): boolean;
  /** Call once the file was found sound; it is kept from then on. */
  put(): void;
  /** Call after what may have written to the file. */
  keep(): void;
}

/**
 * @param path of an existing ledger, without links
 * @param folder in which it is kept, beside the ledger
 */
export function openSeal(path: string, folder: string): Seal {
  const file = join(folder, NAME);
  const before = stateOf(path);
  const isWhole = before !== undefined && before === read(file);
  // One that did not fit is never renewed by writing: the next run looks through the file.
  let isKept = isWhole;
  let kept = before;

  function write(state: string | undefined): void {
    if (state === undefined) return;
    try {
      writeFileSync(file, state, { mode: 0o600 });
      kept = state;
    } catch {
      // A full disk: the next run looks through the file, and finds it sound.
    }
  }

  return {
    isWhole: () => isWhole,
    put() {
      isKept = true;
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      write(stateOf(path));
    },
    keep() {
      if (!isKept) return;
      const state = stateOf(path);
      if (state !== kept) write(state);
    },
  };
}

/**
 * Every change of the file's bytes gives another one, also where its time was set back; undefined
 * when it is gone.
 */
function stateOf(path: string): string | undefined {
  const stats = statOf(path);
  if (stats === undefined) return undefined;
  const { dev, ino, size, mtimeNs, ctimeNs } = stats;
  return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return undefined;
  }
}
