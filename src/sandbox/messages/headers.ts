// Checks the header of a message, or of a card, against the template's. Never looks at the rest.

import type { Refusal } from "./graph-errors.ts";
import { checkText, wrongCount, wrongFormat } from "./parameters.ts";
import type { Fields } from "./payload.ts";
import { isRecord, unexpected } from "./payload.ts";
import type { PlacedComponent, Scope } from "./scope.ts";
import type { HeaderShape } from "./shape.ts";

/** Longest text after filling, in characters (Meta, template components page, 2026-09). */
const MAX_HEADER = 60;
/**
 * Headers whose parameter is a media object, with the type of that parameter. GIF exists on this
 * endpoint only.
 */
const MEDIA: Record<string, string> = {
  IMAGE: "image",
  VIDEO: "video",
  DOCUMENT: "document",
  GIF: "gif",
};
const MEDIA_KEYS: ReadonlySet<string> = new Set(["link", "id", "caption"]);
const DOCUMENT_KEYS: ReadonlySet<string> = new Set(["link", "id", "caption", "filename"]);
const LOCATION_KEYS: ReadonlySet<string> = new Set(["latitude", "longitude", "name", "address"]);
const PRODUCT_KEYS: ReadonlySet<string> = new Set(["product_retailer_id", "catalog_id"]);
const MAX_LATITUDE = 90;
const MAX_LONGITUDE = 180;

/** The first thing that is wrong with a header; undefined when it fits. */
export function checkHeader(
  header: HeaderShape | undefined,
  sent: PlacedComponent | undefined,
  scope: Scope,
): Refusal | undefined {
  const part = `${scope.prefix}header`;
  const format = header?.format ?? "TEXT";
  if (format === "TEXT") {
    const into = { part, text: header?.text ?? "", format: scope.naming };
    return checkText({ ...into, maxLength: MAX_HEADER }, sent?.parameters ?? []);
  }
  if (sent === undefined) return wrongFormat(part, format, undefined);
  if (sent.parameters.length !== 1) return wrongCount(part, sent.parameters.length, 1);
  const kind = MEDIA[format] ?? format.toLowerCase();
  const value = innerOf(part, kind, sent);
  if ("refusal" in value) return value.refusal;
  if (MEDIA[format] !== undefined) return checkMedia(kind, value.fields, value.param, scope);
  if (format === "LOCATION") return checkLocation(part, value.fields, value.param);
  if (format === "PRODUCT") return checkProduct(part, value.fields, value.param);
  return undefined;
}

/** The one value of a parameter whose type is also the value's name. */
function innerOf(
  part: string,
  kind: string,
  { parameters, param }: PlacedComponent,
): { fields: Fields; param: string } | { refusal: Refusal } {
  const [parameter] = parameters;
  const received = isRecord(parameter) ? parameter.type : undefined;
  if (!isRecord(parameter) || received !== kind) {
    return { refusal: wrongFormat(part, kind, received) };
  }
  const place = `${param}['parameters'][0]['${kind}']`;
  const strange = unexpected(parameter, new Set(["type", kind]), `${param}['parameters'][0]`);
  if (strange !== undefined) return { refusal: strange };
  const fields = parameter[kind];
  if (isRecord(fields)) return { fields, param: place };
  return { refusal: { code: 131008, details: `The parameter ${place} is required.` } };
}

function checkMedia(kind: string, media: Fields, param: string, scope: Scope): Refusal | undefined {
  const strange = unexpected(media, kind === "document" ? DOCUMENT_KEYS : MEDIA_KEYS, param);
  if (strange !== undefined) return strange;
  const { link, id, filename } = media;
  if ((link === undefined) === (id === undefined)) {
    return { code: 100, details: `Param ${param} must have either link or id.` };
  }
  if (filename !== undefined && (typeof filename !== "string" || filename === "")) {
    return { code: 100, details: `Param ${param}['filename'] must be a string.` };
  }
  if (link !== undefined && !isHttpUrl(link)) {
    return { code: 100, details: `Param ${param}['link'] is not a valid URL.` };
  }
  return id === undefined ? undefined : scope.media(id, kind, `${param}['id']`);
}

/** Coordinates are text in Meta's samples (template components page, 2025-11); numbers pass too. */
function checkLocation(part: string, location: Fields, param: string): Refusal | undefined {
  const strange = unexpected(location, LOCATION_KEYS, param);
  if (strange !== undefined) return strange;
  for (const [key, limit] of [
    ["latitude", MAX_LATITUDE],
    ["longitude", MAX_LONGITUDE],
  ] as const) {
    const value = location[key];
    if (value === undefined || value === "") {
      return { code: 131008, details: `${part}: ${key} is missing.` };
    }
    const degrees = typeof value === "string" ? Number(value) : value;
    if (typeof degrees !== "number" || !(Math.abs(degrees) <= limit)) {
      return { code: 100, details: `Param ${param}['${key}'] must be a number of degrees.` };
    }
  }
  for (const key of ["name", "address"]) {
    const value = location[key];
    if (value !== undefined && typeof value !== "string") {
      return { code: 100, details: `Param ${param}['${key}'] must be a string.` };
    }
  }
  return undefined;
}

function checkProduct(part: string, product: Fields, param: string): Refusal | undefined {
  const strange = unexpected(product, PRODUCT_KEYS, param);
  if (strange !== undefined) return strange;
  for (const key of PRODUCT_KEYS) {
    const value = product[key];
    if (typeof value !== "string" || value === "") {
      return { code: 131008, details: `${part}: ${key} is missing.` };
    }
  }
  return undefined;
}

function isHttpUrl(value: unknown): boolean {
  return typeof value === "string" && /^https?:\/\/[^\s/]+\S*$/i.test(value) && URL.canParse(value);
}
