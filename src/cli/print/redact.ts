// The secrets of this process, and the mask of everything that is printed, logged, or read from
// another party.

import {
  makeRedact,
  maskJson,
  maskPatterns,
  maskTokens,
  secretMask,
  thoroughMask,
} from "../../domain/common/redact.ts";

const secrets = new Set<string>();
let mask = makeRedact([]);
let maskOwn = secretMask([]);
let maskLong = secretMask([]);
let maskQuoted = thoroughMask([]);

/**
 * In a body that is kept whole only secrets of this length are masked: a short one may be a word of
 * the body's own.
 */
const LONG_MIN = 16;
/** Whether a body may quote a token that is none of this process's secrets. */
const TOKEN = /EAA[A-Za-z0-9]{20}/;
/**
 * What has sentences of Meta's: an error, an event of the account or of a template. Receipts that
 * say no more come by the thousand.
 */
const SENTENCES = /"errors"|"field"\s*:\s*"(?!messages")/;
/** Keys of texts in webhook bodies that hold one word where others hold a sentence. */
const TEXT_KEYS: ReadonlySet<string> = new Set(["message", "title", "details", "error_user_msg"]);

/** Remembers a value that must never be printed. */
export function keepSecret(value: string): void {
  if (secrets.has(value)) return;
  secrets.add(value);
  mask = makeRedact(secrets);
  maskOwn = secretMask(secrets);
  const long = [...secrets].filter(({ length }) => length >= LONG_MIN);
  maskLong = secretMask(long);
  maskQuoted = thoroughMask(long);
}

/**
 * Masks every known secret, every token and everything that may be a phone number, a user id or a
 * message id.
 */
export function redact(text: string): string {
  return mask(text);
}

/**
 * The same of a line of this program's own, by the thousand a second: what it quotes of others was
 * masked where it was read, so that a secret stands in it as it is, if at all.
 */
export function redactOwn(text: string): string {
  return maskPatterns(maskOwn(text));
}

/**
 * A webhook body as it is kept: without secrets that it quotes, and the same where it quotes none.
 * Numbers and ids stay, since they are what the body is about.
 */
export function withoutSecrets<T extends { body: string }>(delivery: T): T {
  const { body } = delivery;
  if (!SENTENCES.test(body) && maskLong(body) === body && !TOKEN.test(body)) return delivery;
  // Only in sentences: an id, or the token of a click, may look like a secret and must stay what it
  // is.
  const isText = (text: string, key: string) => /\s/.test(text) || TEXT_KEYS.has(key);
  let isQuoted = false;
  const masked = maskJson(
    body,
    (text) => {
      const safe = maskTokens(maskQuoted(text));
      isQuoted ||= safe !== text;
      return safe;
    },
    isText,
  );
  // As it was signed where it quotes nothing.
  return isQuoted ? { ...delivery, body: masked } : delivery;
}
