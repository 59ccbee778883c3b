// The local files of a manifest's headers: uploads each once, keeps its id in the ledger, and
// uploads it again before Meta forgets it.

import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { FileFault } from "../../csv/operator-file.ts";
import { fileFault, readBytes, readSmallFile } from "../../csv/operator-file.ts";
import type { CacheLedger } from "../../domain/account/cache-port.ts";
import type { Problem } from "../../domain/common/errors.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import { count } from "../../domain/common/numbers.ts";
import { messagesOf } from "../../domain/manifest/arms-of-manifest.ts";
import type { Manifest } from "../../domain/manifest/manifest.ts";
import { laneOf } from "../../domain/manifest/manifest.ts";
import type { MediaFile, Upload } from "../../domain/message/media.ts";
import { KEPT_MS, MEDIA_RULES, mediaFiles, planUploads } from "../../domain/message/media.ts";
import { fileName } from "../../domain/message/template-components.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";

/** Uploads one file; gives its id at Meta. */
type UploadFile = (file: { bytes: Uint8Array; mime: string; filename: string }) => Promise<string>;

export interface MediaOptions {
  upload: UploadFile;
  /** The number that uploads, since an id is its own; left out: the first of the manifest. */
  lane?: string;
  /** Where ids are kept. */
  cache: CacheLedger;
  /** Instant in ms. */
  now(): number;
}

/**
 * The ids of the manifest's files, by the file as the manifest names it. What is not uploaded yet,
 * or not for long enough any more, is uploaded; each id is kept at once, so that a kill loses one
 * upload at most.
 * @throws OperatorError for files that are not there or that Meta would not take, and what `upload`
 * throws
 */
export async function mediaIds(
  loaded: LoadedManifest,
  { upload, lane, cache, now }: MediaOptions,
): Promise<ReadonlyMap<string, string>> {
  const problems = mediaProblems(loaded);
  if (problems.length > 0) throw new OperatorError(problems);
  const files: (MediaFile & { sha256: string })[] = [];
  for (const file of mediaOf(loaded.manifest)) {
    files.push({ ...file, sha256: await sha256Of(loaded, file.file) });
  }
  const number = lane ?? laneOf(loaded.manifest);
  const before = await keptUploads(cache);
  const { missing } = planUploads(files, before, { number, now: now() });
  for (const { file, mime, maxBytes, sha256 } of missing) {
    const path = resolve(loaded.folder, file);
    const bytes = readSmallFile(path, { shownAs: file, maxBytes, what: "a file that Meta takes" });
    const id = await upload({ bytes, mime, filename: fileName(file) });
    const at = now();
    before.push({ number, sha256, mime, id, uploadedAt: at });
    const entry = { key: `${number} ${sha256} ${mime}`, value: { number, sha256, mime, id }, at };
    await cache.keepCached("uploads", entry, at - KEPT_MS);
  }
  return planUploads(files, before, { number, now: now() }).known;
}

/** Every use of a file in the headers of a manifest's messages, where it is written. */
export function mediaOf(manifest: Manifest): MediaFile[] {
  const all = messagesOf(manifest).flatMap(({ manifest: { template }, pathOf }) =>
    mediaFiles(template).map((file) => ({ ...file, path: pathOf(file.path) })),
  );
  return [...new Map(all.map((file) => [JSON.stringify(file.path), file])).values()];
}

/**
 * What is wrong with the manifest's files, each at its place: not there, empty, or larger than Meta
 * takes.
 */
export function mediaProblems(loaded: LoadedManifest): Problem[] {
  return mediaOf(loaded.manifest).flatMap((file) => {
    const fault = mediaFault(resolve(loaded.folder, file.file), file);
    if (fault === undefined) return [];
    const message = `${file.file}: ${fault.message}`;
    return [{ message, hint: fault.hint, ...loaded.at(file.path) }];
  });
}

function mediaFault(path: string, { key, maxBytes }: MediaFile): FileFault | undefined {
  const fault = fileFault(path);
  if (fault !== undefined) return fault;
  const { size } = statSync(path);
  if (size > 0 && size <= maxBytes) return undefined;
  const { words } = MEDIA_RULES[key];
  return {
    message: size === 0 ? "the file is empty" : `the file has ${count(size)} bytes`,
    hint: `Meta takes ${words} (${count(maxBytes)} bytes).`,
  };
}

async function sha256Of({ folder }: LoadedManifest, file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of readBytes(resolve(folder, file), { shownAs: file })) hash.update(chunk);
  return hash.digest("hex");
}

async function keptUploads(cache: CacheLedger): Promise<Upload[]> {
  const entries = await cache.cached("uploads");
  return entries.map(({ value, at }) => ({
    ...(value as Omit<Upload, "uploadedAt">),
    uploadedAt: at,
  }));
}
