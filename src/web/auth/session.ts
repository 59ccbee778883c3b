// Who is logged in: sessions in memory, the password's comparison, and the limit of attempts. Keeps
// no password and no token as it is.

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

/**
 * Passwords that one address, or one browser that was logged in before, may try at once, and after
 * that in a second. The right one is let in whatever was tried before it: a limit that shuts the
 * owner out would be a way to do that.
 */
const TRIES_AT_ONCE = 60;
const TRIES_PER_SECOND = 5;
/** Addresses and browsers that are remembered. */
const TRIERS_MAX = 10_000;
const BROWSERS_MAX = 1_000;

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

/**
 * Limits how many passwords are compared, by who tries. By hand: the window of @fastify/rate-limit
 * keeps the owner out until it ends, where here the next try is earned in a fifth of a second.
 */
export function makeTries() {
  const triers = new Map<string, { left: number; at: number }>();
  return {
    /** Takes one try; false when there are none left now. */
    take(who: string, now: number): boolean {
      const known = triers.get(who) ?? { left: TRIES_AT_ONCE, at: now };
      const earned = (Math.max(0, now - known.at) / 1000) * TRIES_PER_SECOND;
      const left = Math.min(TRIES_AT_ONCE, known.left + earned);
      triers.delete(who);
      const [oldest] = triers.keys();
      if (triers.size >= TRIERS_MAX && oldest !== undefined) triers.delete(oldest);
      triers.set(who, { left: left >= 1 ? left - 1 : left, at: now });
      return left >= 1;
    },
  };
}

/** Browsers that were logged in, by what their cookie holds; only a digest of it is kept. */
export function makeKnownBrowsers() {
  const known = new Set<string>();
  return {
    /** A name for it; undefined for one that was never logged in. */
    find(token: string | undefined): string | undefined {
      const name = token === undefined ? undefined : digest(token);
      return name !== undefined && known.has(name) ? name : undefined;
    },

    /** Remembers one; gives the token for its cookie. */
    remember(): string {
      const [oldest] = known;
      if (known.size >= BROWSERS_MAX && oldest !== undefined) known.delete(oldest);
      const token = randomBytes(TOKEN_BYTES).toString("base64url");
      known.add(digest(token));
      return token;
    },
  };
}

function digest(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
