// The secrets of this process, and the mask of everything that is printed, logged, or read from another party.

import { makeRedact, maskJson, maskTokens, secretMask } from "../redact.ts";

const secrets = new Set<string>();
let mask = makeRedact([]);
let maskLong = secretMask([]);

/** In a body that is kept whole only secrets of this length are masked: a short one may be a word of the body's own. */
const LONG_MIN = 16;
/** Whether a body may quote a token that is none of this process's secrets. */
const TOKEN = /EAA[A-Za-z0-9]{20}/;
/** Keys of texts in webhook bodies that hold one word where others hold a sentence. */
const TEXT_KEYS: ReadonlySet<string> = new Set(["message", "title", "details", "error_user_msg"]);

/** Remembers a value that must never be printed. */
export function keepSecret(value: string): void {
  if (secrets.has(value)) return;
  secrets.add(value);
  mask = makeRedact(secrets);
  maskLong = secretMask([...secrets].filter(({ length }) => length >= LONG_MIN));
}

/** Masks every known secret, every token and everything that may be a phone number, a user id or a message id. */
export function redact(text: string): string {
  return mask(text);
}

/**
 * A webhook body as it is kept: without secrets that it quotes, and the same where it quotes none. Numbers and ids stay, since they
 * are what the body is about.
 */
export function withoutSecrets<T extends { body: string }>(delivery: T): T {
  const { body } = delivery;
  if (maskLong(body) === body && !TOKEN.test(body)) return delivery;
  // Only in sentences: an id, or the token of a click, may look like a secret and must stay what it is.
  const isText = (text: string, key: string) => /\s/.test(text) || TEXT_KEYS.has(key);
  return { ...delivery, body: maskJson(body, (text) => maskTokens(maskLong(text)), isText) };
}
