// Keeps answers of Meta for a while.

import type { Database } from "better-sqlite3";
import type { CacheEntry, CacheKind } from "../../domain/account/cache-port.ts";

type CacheRow = Omit<CacheEntry, "value"> & { value: string };

/** The verbs of the contract around the cache, synchronous. */
export function makeCache(db: Database) {
  const all = db.prepare<[CacheKind], CacheRow>(
    "select key, value, answered_at as at from cache where kind = ? order by key",
  );
  const put = db.prepare(
    `insert into cache (kind, key, value, answered_at) values (?, ?, ?, ?)
    on conflict (kind, key) do update set value = excluded.value,
      answered_at = excluded.answered_at`,
  );
  const dropOthers = db.prepare(
    "delete from cache where kind = ? and answered_at not between ? and ?",
  );
  const drop = db.prepare("delete from cache where kind = ?");

  return {
    cached: (kind: CacheKind): CacheEntry[] =>
      all.all(kind).map((row) => ({ ...row, value: JSON.parse(row.value) as unknown })),

    keepCached(kind: CacheKind, { key, value, at }: CacheEntry, from: number): void {
      dropOthers.run(kind, Math.round(from), Math.round(at));
      put.run(kind, key, JSON.stringify(value), Math.round(at));
    },

    dropCached: (kind: CacheKind): void => void drop.run(kind),
  };
}
