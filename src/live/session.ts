// Who is logged in: sessions in memory, the password's comparison, and the limit of attempts. Keeps no password and no token as it is.

import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** A session ends after this, used or not. */
const SESSION_MS = 12 * 3_600_000;
/** Sessions at once; the oldest goes first. */
const SESSIONS_MAX = 100;
/** Bytes of a session's token: 256 bit. */
const TOKEN_BYTES = 32;
/** What a session remembers of what was searched for, so that no number stands in an address. */
const SEARCHES_MAX = 50;
/** Longest text that is searched for, in characters. */
export const SEARCH_LENGTH_MAX = 200;

/** Wrong passwords within `ATTEMPTS_MS` that one address may send … */
const ATTEMPTS_MAX = 5;
/** … and all addresses together: behind a proxy they are one, and a guesser may have many. */
const ATTEMPTS_OF_ALL_MAX = 50;
const ATTEMPTS_MS = 5 * 60_000;
/** Addresses whose attempts are remembered. */
const ADDRESSES_MAX = 1_000;

export interface Session {
  /** In every form; what is posted without it does nothing. */
  csrf: string;
  /** Instant. */
  endsAt: number;
  /** Said once on the next page. */
  notice: string | null;
  /** Keeps a text under a short name, which may stand in an address. */
  remember(text: string): string;
  recall(name: string): string | undefined;
}

/** Sessions, by what a browser's cookie holds; only a digest of it is kept. */
export function makeSessions() {
  const sessions = new Map<string, Session>();

  function find(token: string | undefined, now: number): Session | undefined {
    if (token === undefined) return undefined;
    const key = digest(token);
    const session = sessions.get(key);
    if (session === undefined || session.endsAt > now) return session;
    sessions.delete(key);
    return undefined;
  }

  return {
    find,

    /** Begins one; gives the token for the cookie. */
    begin(now: number): string {
      for (const [key, { endsAt }] of sessions) if (endsAt <= now) sessions.delete(key);
      const [oldest] = sessions.keys();
      if (sessions.size >= SESSIONS_MAX && oldest !== undefined) sessions.delete(oldest);
      const token = randomBytes(TOKEN_BYTES).toString("base64url");
      sessions.set(digest(token), makeSession(now + SESSION_MS));
      return token;
    },

    end(token: string | undefined): void {
      if (token !== undefined) sessions.delete(digest(token));
    },
  };
}

function makeSession(endsAt: number): Session {
  const searches = new Map<string, string>();
  return {
    csrf: randomBytes(TOKEN_BYTES).toString("base64url"),
    endsAt,
    notice: null,
    remember(text) {
      const cut = text.slice(0, SEARCH_LENGTH_MAX);
      for (const [name, known] of searches) if (known === cut) return name;
      const [oldest] = searches.keys();
      if (searches.size >= SEARCHES_MAX && oldest !== undefined) searches.delete(oldest);
      const name = randomBytes(9).toString("base64url");
      searches.set(name, cut);
      return name;
    },
    recall: (name) => searches.get(name),
  };
}

/** Compares in a time that tells nothing of either text, not even its length. */
export function isSameSecret(given: string, expected: string): boolean {
  const key = randomBytes(TOKEN_BYTES);
  const blind = (text: string) => createHmac("sha256", key).update(text).digest();
  return timingSafeEqual(blind(given), blind(expected));
}

/** Counts wrong passwords. */
export function makeAttempts() {
  const failures = new Map<string, number[]>();
  const recent = (times: readonly number[], now: number) =>
    times.filter((at) => at > now - ATTEMPTS_MS && at <= now);

  return {
    /** Milliseconds until this address may try again; 0 when it may now. */
    waitMs(address: string, now: number): number {
      const own = recent(failures.get(address) ?? [], now);
      const all = [...failures.values()]
        .flatMap((times) => recent(times, now))
        .sort((a, b) => a - b);
      const tooMany =
        own.length >= ATTEMPTS_MAX ? own : all.length >= ATTEMPTS_OF_ALL_MAX ? all : undefined;
      return tooMany === undefined ? 0 : Math.max(1, (tooMany[0] as number) + ATTEMPTS_MS - now);
    },

    failed(address: string, now: number): void {
      const times = recent(failures.get(address) ?? [], now);
      failures.delete(address);
      const [oldest] = failures.keys();
      if (failures.size >= ADDRESSES_MAX && oldest !== undefined) failures.delete(oldest);
      failures.set(address, [...times, now].slice(-ATTEMPTS_MAX));
    },

    succeeded(address: string): void {
      failures.delete(address);
    },
  };
}

function digest(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
