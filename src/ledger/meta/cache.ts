// Keeps answers of Meta for a while.

import type { CacheEntry, CacheKind } from "../../domain/account/cache-port.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";

type CacheRow = Omit<CacheEntry, "value"> & { value: string };

/** The verbs of the contract around the cache. */
export function makeCache() {
  const all = statement<[CacheKind], CacheRow>(
    "select key, value, answered_at as at from cache where kind = ? order by key",
  );
  const put = statement(
    `insert into cache (kind, key, value, answered_at) values (?, ?, ?, ?)
    on conflict (kind, key) do update set value = excluded.value,
      answered_at = excluded.answered_at`,
  );
  const dropOthers = statement(
    "delete from cache where kind = ? and answered_at not between ? and ?",
  );
  const drop = statement("delete from cache where kind = ?");

  return {
    *cached(kind: CacheKind): Verb<CacheEntry[]> {
      return (yield* all.all(kind)).map((row) => ({
        ...row,
        value: JSON.parse(row.value) as unknown,
      }));
    },

    *keepCached(kind: CacheKind, { key, value, at }: CacheEntry, from: number): Verb<void> {
      yield* dropOthers.run(kind, Math.round(from), Math.round(at));
      yield* put.run(kind, key, JSON.stringify(value), Math.round(at));
    },

    *dropCached(kind: CacheKind): Verb<void> {
      yield* drop.run(kind);
    },
  };
}
