// Tells whether a delivery was signed by a person who knows an app secret. Compares in constant
// time, and keeps nothing.
//
// Meta, "Webhooks: getting started", 2026-09: X-Hub-Signature-256 is `sha256=` and the HMAC-SHA256
// of the body's bytes, in hexadecimal, with the app secret as its key.

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const SIGNATURE = /^sha256=([0-9a-f]{64})$/i;

/**
 * What the header may be, before any body was read: `none`, `malformed` (it can fit no body), or
 * the 32 bytes.
 */
export type ClaimedSignature =
  | { kind: "none" }
  | { kind: "malformed" }
  | { kind: "given"; bytes: Buffer };

/** Reads the header X-Hub-Signature-256. */
export function readSignature(header: string | string[] | undefined): ClaimedSignature {
  if (header === undefined || header.length === 0) return { kind: "none" };
  const hex = typeof header === "string" ? SIGNATURE.exec(header)?.[1] : undefined;
  if (hex === undefined) return { kind: "malformed" };
  return { kind: "given", bytes: Buffer.from(hex, "hex") };
}

/**
 * Makes the test of a body against its signature.
 * @param secrets at least one; any of them may have signed, and all of them are tried, so that the
 * time tells none of them apart
 */
export function signatureTest(
  secrets: readonly string[],
): (body: Buffer, claimed: Buffer) => boolean {
  return (body, claimed) => {
    let isSigned = false;
    for (const secret of secrets) {
      const right = createHmac("sha256", secret).update(body).digest();
      if (timingSafeEqual(right, claimed)) isSigned = true;
    }
    return isSigned;
  };
}

/**
 * Makes the test of whether a text is the secret one, in a time that tells neither its length nor
 * how far it fits.
 */
export function secretTest(secret: string): (text: string) => boolean {
  const key = randomBytes(32);
  const digest = (text: string) => createHmac("sha256", key).update(text).digest();
  const right = digest(secret);
  return (text) => timingSafeEqual(digest(text), right);
}
