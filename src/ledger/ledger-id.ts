// The id of a ledger, which the callback key of every message carries.

import { randomBytes } from "node:crypto";

/** A new id: 64 random bits, 13 characters at most, of 0–9 and a–z. */
export function makeLedgerId(): string {
  return randomBytes(8).readBigUInt64BE().toString(36);
}
