// What the ledger keeps of Meta's answers, so that they need not be asked for again.

/** `facts` of an account, and `uploads`: the ids of files. */
export type CacheKind = "facts" | "uploads";

/** One answer. */
export interface CacheEntry {
  /** What was asked for; one entry of a kind has it. */
  key: string;
  /** JSON. */
  value: unknown;
  /** Instant of the answer, in ms. */
  at: number;
}

/** Losing an entry costs a call to Meta and nothing else. */
export interface CacheLedger {
  /** All entries of a kind. */
  cached(kind: CacheKind): Promise<CacheEntry[]>;
  /**
   * Keeps an entry in place of an older one of its key; drops those of its kind from before `from`
   * or after the entry.
   */
  keepCached(kind: CacheKind, entry: CacheEntry, from: number): Promise<void>;
  /** Drops all entries of a kind. */
  dropCached(kind: CacheKind): Promise<void>;
}
