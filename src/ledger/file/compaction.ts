// Makes what was erased be gone from the disk: SQLite keeps old bytes in the free places of its
// file and in the log beside it.

import type { Database } from "better-sqlite3";
import { isBusy } from "./faults.ts";

/** Rewrites files; its function must not run inside a transaction. */
export function makeCompaction(db: Database) {
  const isDue = db.prepare("select rewrite_due from meta").pluck();
  const done = db.prepare("update meta set rewrite_due = 0");

  /** Folds the log and cuts it to nothing; false when another process reads what stands in it. */
  function foldLog(): boolean {
    const [result] = db.pragma("wal_checkpoint(truncate)") as { busy: number }[];
    return result?.busy === 0;
  }

  return {
    rewriteDue: (): boolean => isDue.get() === 1,

    compact(): boolean {
      if (isDue.get() === 0) return true;
      try {
        // `secure_delete` overwrites what is deleted; it leaves alone what was free before, and
        // what a page was rebuilt from.
        db.exec("vacuum");
      } catch (error) {
        if (isBusy(error)) return false;
        throw error;
      }
      if (!foldLog()) return false;
      done.run();
      return true;
    },
  };
}
