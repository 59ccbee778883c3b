// Uploaded files: their ids, how long these are good, and what may be uploaded. Never keeps a file:
// an id says by itself when it was given and for what, so that it outlives a restart.

import type { Refusal } from "../messages/graph-errors.ts";
import { chance } from "../scenario/chance.ts";
import type { Scenario } from "../scenario/scenario.ts";

const MIB = 1_048_576;

export type MediaKind = "image" | "video" | "document" | "audio" | "sticker";

interface MediaFact {
  /** In the ids that are given. */
  digit: string;
  maxBytes: number;
  types: readonly string[];
}

/** Types and sizes that can be uploaded (Meta, media page, 2026-09). */
const MEDIA_FACTS: Record<MediaKind, MediaFact> = {
  image: { digit: "1", maxBytes: 5 * MIB, types: ["image/jpeg", "image/png"] },
  video: { digit: "2", maxBytes: 16 * MIB, types: ["video/mp4", "video/3gpp"] },
  document: {
    digit: "3",
    maxBytes: 100 * MIB,
    types: [
      "application/pdf",
      "text/plain",
      "application/msword",
      "application/vnd.ms-excel",
      "application/vnd.ms-powerpoint",
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
      "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
      "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ],
  },
  audio: {
    digit: "4",
    maxBytes: 16 * MIB,
    types: ["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"],
  },
  sticker: { digit: "5", maxBytes: MIB / 2, types: ["image/webp"] },
};

/** Largest upload with what a form has around the file, in bytes. */
export const MAX_UPLOAD_BYTES = 101 * MIB;
/** Digits of an instant in milliseconds, until the year 2286. */
const INSTANT_DIGITS = 13;
const CHECK_DIGITS = 4;

/** Says what is wrong with the id of a file that is used as `kind` at `param`. */
export type MediaCheck = (id: unknown, kind: string, param: string) => Refusal | undefined;

/** What an id contains about its file. */
export interface Media {
  kind: MediaKind;
  uploadedMs: number;
}

/** The kind of a file by its type, or undefined when it cannot be uploaded. */
export function mediaKindOf(type: string): MediaKind | undefined {
  const kinds = Object.keys(MEDIA_FACTS) as MediaKind[];
  return kinds.find((kind) => MEDIA_FACTS[kind].types.includes(type));
}

/** What is wrong with a file of `type` and `size` bytes, or undefined. */
export function refusedUpload(type: string, size: number): Refusal | undefined {
  const kind = mediaKindOf(type);
  if (kind === undefined) {
    const all = Object.values(MEDIA_FACTS).flatMap(({ types }) => types);
    const details =
      `Param file must be a file with one of the following types: ${all.join(", ")}.` +
      ` Received file of type '${type}'.`;
    return { code: 100, message: `(#100) ${details}`, details };
  }
  const { maxBytes } = MEDIA_FACTS[kind];
  if (size > 0 && size <= maxBytes) return undefined;
  // [?] The code for a file of the wrong size is not documented for uploads.
  return { code: 131053, details: `The file has ${size} bytes; at most ${maxBytes} are allowed.` };
}

/** A new id. Two ids of one instant would be the same: `uploadedMs` must differ, in whole ms. */
export function mediaIdOf(seed: string, kind: MediaKind, uploadedMs: number): string {
  const known = `${uploadedMs}`.padStart(INSTANT_DIGITS, "0") + MEDIA_FACTS[kind].digit;
  return known + checkDigitsOf(seed, known);
}

/** What an id contains; undefined when it is not from a sandbox of this seed. */
export function readMediaId(seed: string, id: string): Media | undefined {
  if (!/^\d+$/.test(id) || id.length !== INSTANT_DIGITS + 1 + CHECK_DIGITS) return undefined;
  const known = id.slice(0, -CHECK_DIGITS);
  if (id.slice(-CHECK_DIGITS) !== checkDigitsOf(seed, known)) return undefined;
  const kinds = Object.keys(MEDIA_FACTS) as MediaKind[];
  const kind = kinds.find((candidate) => MEDIA_FACTS[candidate].digit === known[INSTANT_DIGITS]);
  return kind && { kind, uploadedMs: Number(known.slice(0, INSTANT_DIGITS)) };
}

/** Whether a file can still be used. */
export function isAlive({ media }: Scenario, { uploadedMs }: Media, nowMs: number): boolean {
  return nowMs - uploadedMs < media.lifetime_seconds * 1_000;
}

/**
 * Checks ids as a message is checked. An id that is unknown, or older than its life, gets the same
 * sentence at Meta; its code is 100 in practice (2026-08), which Meta's pages do not say.
 */
export function makeMediaCheck(scenario: Scenario, nowMs: number): MediaCheck {
  const { seed, media: rules } = scenario;
  return (id, kind, param) => {
    if (typeof id !== "string") return { code: 100, details: `Param ${param} must be a string.` };
    if (rules.known_ids.includes(id)) return undefined;
    const media = readMediaId(seed, id);
    if (media === undefined || !isAlive(scenario, media, nowMs)) {
      const details = `Param ${param} is not a valid whatsapp business account media attachment ID`;
      const message = rules.refusal_code === 100 ? { message: `(#100) ${details}` } : {};
      return { code: rules.refusal_code, details, ...message };
    }
    // A GIF is an mp4 file (Meta, template components page, 2025-11).
    const wanted = kind === "gif" ? "video" : kind;
    if (media.kind === wanted) return undefined;
    const details = `Param ${param} is a file of kind ${media.kind}, not ${wanted}.`;
    return { code: 131053, details };
  };
}

function checkDigitsOf(seed: string, known: string): string {
  const check = Math.floor(chance(seed, "media", known) * 10 ** CHECK_DIGITS);
  return `${check}`.padStart(CHECK_DIGITS, "0");
}
