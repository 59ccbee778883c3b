// Files that a template's headers are made of: which kinds Meta takes and how large, which of a
// manifest's must be uploaded, and which were uploaded before and are still kept. It reads no file
// and no clock.

import type { MediaKey, TemplateBinding } from "./template.ts";
import { MEDIA_KEYS } from "./template.ts";
import type { Slot } from "./template-components.ts";
import { slotsOf } from "./template-components.ts";

const MB = 1_048_576;
const DAY_MS = 86_400_000;

/** Meta keeps an uploaded file for 30 days (Meta, media page, 2026-09). */
export const KEPT_MS = 30 * DAY_MS;
/** A run uses the ids that it began with; this is how long it may last before Meta forgets one. */
const RUN_MS = 7 * DAY_MS;

interface MediaRule {
  /** Mime type by the file's ending. */
  mimes: Record<string, string>;
  maxBytes: number;
  /** For people. */
  words: string;
}

/** What Meta takes (Meta, media page, 2026-09; GIF: marketing messages page, 2026-09). */
export const MEDIA_RULES: Record<MediaKey, MediaRule> = {
  image: {
    mimes: { jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png" },
    maxBytes: 5 * MB,
    words: "JPEG or PNG up to 5 MB",
  },
  video: {
    mimes: { mp4: "video/mp4", "3gp": "video/3gpp" },
    maxBytes: 16 * MB,
    words: "MP4 or 3GP up to 16 MB",
  },
  document: {
    mimes: {
      pdf: "application/pdf",
      txt: "text/plain",
      doc: "application/msword",
      docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
      xls: "application/vnd.ms-excel",
      xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
      ppt: "application/vnd.ms-powerpoint",
      pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    },
    maxBytes: 100 * MB,
    words: "PDF, Office or text up to 100 MB",
  },
  // Larger ones are shown as a video.
  gif: { mimes: { mp4: "video/mp4" }, maxBytes: 3.5 * MB, words: "MP4 up to 3.5 MB" },
};

/** A file that the manifest names. */
export interface MediaFile {
  /** As the manifest has it. */
  file: string;
  key: MediaKey;
  mime: string;
  maxBytes: number;
  /** Where the manifest names it. */
  path: readonly (string | number)[];
}

/**
 * What a file's name tells of it being of no use; undefined when it may be. Words that go on after
 * the key's name.
 */
export function fileProblem(key: MediaKey, file: string): string | undefined {
  return mimeOf(key, file) === undefined
    ? `must be ${MEDIA_RULES[key].words} by its ending`
    : undefined;
}

function mimeOf(key: MediaKey, file: string): string | undefined {
  const { mimes } = MEDIA_RULES[key];
  const ending = (/\.(\w+)$/.exec(file)?.[1] ?? "").toLowerCase();
  return Object.hasOwn(mimes, ending) ? mimes[ending] : undefined;
}

/** Every use of a file in a template's headers, in the order of the slots. */
export function mediaFiles(template: TemplateBinding): MediaFile[] {
  return slotsOf(template).flatMap((slot) => mediaFile(slot) ?? []);
}

function mediaFile({ kind, path, template: file }: Slot): MediaFile | undefined {
  const key = MEDIA_KEYS.find((name) => name === path.at(-2));
  if (kind !== "file" || key === undefined) return undefined;
  const { maxBytes } = MEDIA_RULES[key];
  return { file, key, mime: mimeOf(key, file) ?? "application/octet-stream", maxBytes, path };
}

/** A file that was uploaded. */
export interface Upload {
  /** The sending number's id: media belong to it. */
  number: string;
  /** Of the content, with the mime type it was uploaded as. */
  sha256: string;
  mime: string;
  id: string;
  /** Instant in ms. */
  uploadedAt: number;
}

/** Tells whether an upload can still be used by a run that begins now. */
function isUsable(upload: Upload, now: number): boolean {
  return upload.uploadedAt <= now && now < upload.uploadedAt + KEPT_MS - RUN_MS;
}

/**
 * Of files with their content's sha256, those whose id is known (by the name in the manifest) and
 * those that must be uploaded, each content once.
 */
export function planUploads<F extends { file: string; mime: string; sha256: string }>(
  files: readonly F[],
  before: readonly Upload[],
  { number, now }: { number: string; now: number },
): { known: Map<string, string>; missing: F[] } {
  const known = new Map<string, string>();
  const missing = new Map<string, F>();
  for (const file of files) {
    const upload = before.findLast(
      (each) =>
        each.number === number &&
        each.sha256 === file.sha256 &&
        each.mime === file.mime &&
        isUsable(each, now),
    );
    if (upload !== undefined) known.set(file.file, upload.id);
    const key = `${file.sha256} ${file.mime}`;
    if (upload === undefined && !missing.has(key)) missing.set(key, file);
  }
  return { known, missing: [...missing.values()] };
}
