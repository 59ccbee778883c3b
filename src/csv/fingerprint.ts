// Tells whether a file changed. Never looks at what is in it.

import { createHash } from "node:crypto";
import type { Fingerprint } from "../domain/campaign/campaign.ts";
import { OperatorError } from "../domain/common/errors.ts";
import { readBytes, statFile } from "./operator-file.ts";

/**
 * Size and time of change; throws OperatorError when the file cannot be read. `shownAs` is the path
 * for messages.
 */
export async function statFingerprint(
  path: string,
  shownAs = path,
): Promise<Pick<Fingerprint, "size" | "modifiedMs">> {
  const stats = await statFile(path, shownAs);
  return { size: stats.size, modifiedMs: stats.mtimeMs };
}

/**
 * Reads the whole file, in pieces; throws OperatorError when it cannot, or when it changes
 * meanwhile.
 */
export async function fingerprintFile(path: string, shownAs = path): Promise<Fingerprint> {
  const before = await statFingerprint(path, shownAs);
  const hash = createHash("sha256");
  for await (const chunk of readBytes(path, { shownAs })) hash.update(chunk);
  await assertUnchanged(path, shownAs, before);
  return { ...before, sha256: hash.digest("hex") };
}

/** Throws OperatorError when size or time of change differ from what they were. */
export async function assertUnchanged(
  path: string,
  shownAs: string,
  before: Pick<Fingerprint, "size" | "modifiedMs">,
): Promise<void> {
  const after = await statFingerprint(path, shownAs);
  if (after.size === before.size && after.modifiedMs === before.modifiedMs) return;
  throw new OperatorError({
    message: `${shownAs} changed while it was being read`,
    hint: "wait until whatever writes it is done, then run the same command again",
    file: shownAs,
  });
}
