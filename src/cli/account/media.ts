// The local files of a manifest's headers: uploads each once, remembers its id beside the ledger, and uploads it again before
// Meta forgets it.

import { createHash, randomUUID } from "node:crypto";
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { FileFault } from "../../csv/operator-file.ts";
import { fileFault, readBytes, readSmallFile } from "../../csv/operator-file.ts";
import type { Problem } from "../../domain/common/errors.ts";
import { OperatorError } from "../../domain/common/errors.ts";
import { count } from "../../domain/common/numbers.ts";
import { laneOf } from "../../domain/manifest/manifest.ts";
import type { MediaFile, Upload } from "../../domain/message/media.ts";
import { isUsable, MEDIA_RULES, mediaFiles, planUploads } from "../../domain/message/media.ts";
import { fileName } from "../../domain/message/template-components.ts";
import type { LoadedManifest } from "../campaign/wiring.ts";

/** Of the file's form; another one is read as nothing remembered. */
const FORM = 1;
/** A file larger than this is none of ours. */
const KEEP_MAX_BYTES = 8 * 1_048_576;
/** Uploads that are remembered; the oldest go first. */
const MAX_KEPT = 1_000;

/** Uploads one file; gives its id at Meta. */
type UploadFile = (file: { bytes: Uint8Array; mime: string; filename: string }) => Promise<string>;

export interface MediaOptions {
  upload: UploadFile;
  /** Where ids are remembered, see `mediaMemory`. */
  keep: string;
  /** Instant in ms. */
  now(): number;
}

/** Where the ids of uploaded files are remembered: beside the ledger. */
export function mediaMemory(ledgerFile: string): string {
  return `${ledgerFile}.media.json`;
}

/**
 * The ids of the manifest's files, by the file as the manifest names it. What is not uploaded yet, or not for long enough any
 * more, is uploaded; each id is remembered at once, so that a kill loses one upload at most.
 * @throws OperatorError for files that are not there or that Meta would not take, and what `upload` throws
 */
export async function mediaIds(
  loaded: LoadedManifest,
  { upload, keep, now }: MediaOptions,
): Promise<ReadonlyMap<string, string>> {
  const problems = mediaProblems(loaded);
  if (problems.length > 0) throw new OperatorError(problems);
  const files: (MediaFile & { sha256: string })[] = [];
  for (const one of mediaFiles(loaded.manifest.template)) {
    files.push({ ...one, sha256: await sha256Of(loaded, one.file) });
  }
  const number = laneOf(loaded.manifest);
  const before = readMemory(keep);
  const { missing } = planUploads(files, before, { number, now: now() });
  for (const { file, mime, maxBytes, sha256 } of missing) {
    const path = resolve(loaded.folder, file);
    const bytes = readSmallFile(path, { shownAs: file, maxBytes, what: "a file that Meta takes" });
    const id = await upload({ bytes, mime, filename: fileName(file) });
    before.push({ number, sha256, mime, id, uploadedAt: now() });
    writeMemory(keep, before, now());
  }
  return planUploads(files, before, { number, now: now() }).known;
}

/** What is wrong with the manifest's files, each at its place: not there, empty, or larger than Meta takes. */
export function mediaProblems(loaded: LoadedManifest): Problem[] {
  return mediaFiles(loaded.manifest.template).flatMap((one) => {
    const fault = mediaFault(resolve(loaded.folder, one.file), one);
    if (fault === undefined) return [];
    const message = `${one.file}: ${fault.message}`;
    return [{ message, hint: fault.hint, ...loaded.at(one.path) }];
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

/** A memory that is not there or not ours holds nothing. */
function readMemory(file: string): Upload[] {
  try {
    if (statSync(file).size > KEEP_MAX_BYTES) return [];
    const content = JSON.parse(readFileSync(file, "utf8")) as { form?: unknown; uploads?: unknown };
    if (content.form !== FORM || !Array.isArray(content.uploads)) return [];
    return content.uploads.filter(isUpload);
  } catch {
    return [];
  }
}

function isUpload(value: unknown): value is Upload {
  if (typeof value !== "object" || value === null) return false;
  const { number, sha256, mime, id, uploadedAt } = value as Record<string, unknown>;
  const texts = [number, sha256, mime, id];
  return texts.every((text) => typeof text === "string") && typeof uploadedAt === "number";
}

function writeMemory(file: string, uploads: readonly Upload[], now: number): void {
  const kept = uploads.filter((upload) => isUsable(upload, now)).slice(-MAX_KEPT);
  const fresh = `${file}.${randomUUID()}`;
  try {
    // Written beside and put in place at once: another command may be reading.
    writeFileSync(fresh, JSON.stringify({ form: FORM, uploads: kept }), { mode: 0o600 });
    renameSync(fresh, file);
  } catch {
    // Without it the files are uploaded again by the next run, and nothing else is lost.
    rmSync(fresh, { force: true });
  }
}
