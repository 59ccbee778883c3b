// Checks the two components that a message has beside header, body, buttons and cards: the end of a
// limited-time offer, and the tap target. Never looks at the rest.

import type { Refusal } from "./graph-errors.ts";
import { wrongCount, wrongFormat } from "./parameters.ts";
import { isRecord, unexpected } from "./payload.ts";
import type { PlacedComponent } from "./scope.ts";
import type { TemplateShape } from "./shape.ts";

const OFFER_KEYS: ReadonlySet<string> = new Set(["expiration_time_ms"]);
const TARGET_KEYS: ReadonlySet<string> = new Set(["url", "title"]);
/** An instant below this is in seconds and not in milliseconds: it would be in 1970. */
const MIN_INSTANT_MS = 100_000_000_000;

/** The end of a limited-time offer: required when the template shows it, else not allowed. */
export function checkOffer(
  offer: TemplateShape["offer"],
  sent: PlacedComponent | undefined,
): Refusal | undefined {
  const part = "limited_time_offer";
  if (offer?.mustExpire !== true) {
    const given = sent?.parameters.length ?? 0;
    return given === 0 ? undefined : wrongCount(part, given, 0);
  }
  if (sent === undefined) return wrongFormat(part, part, undefined);
  const value = onlyValue(part, sent);
  if ("refusal" in value) return value.refusal;
  const { inner, param } = value;
  if (!isRecord(inner)) return { code: 131008, details: `The parameter ${param} is required.` };
  const strange = unexpected(inner, OFFER_KEYS, param);
  if (strange !== undefined) return strange;
  const { expiration_time_ms: instant } = inner;
  if (instant === undefined) {
    return { code: 131008, details: `${part}: expiration_time_ms is missing.` };
  }
  if (typeof instant === "number" && Number.isInteger(instant) && instant >= MIN_INSTANT_MS) {
    return undefined;
  }
  const details = `Param ${param}['expiration_time_ms'] must be a UNIX timestamp in milliseconds.`;
  return { code: 131009, details };
}

/**
 * The tap target: what is opened, and how it is called, instead of what the URL button says. Meta
 * allows it to verified accounts of good quality; the sandbox's is one.
 */
export function checkTapTarget(sent: PlacedComponent | undefined): Refusal | undefined {
  if (sent === undefined) return undefined;
  const part = "tap_target_configuration";
  const value = onlyValue(part, sent);
  if ("refusal" in value) return value.refusal;
  const { inner, param } = value;
  if (!Array.isArray(inner) || inner.length === 0) {
    return { code: 100, details: `Param ${param} must be an array of JSON objects.` };
  }
  for (const [index, target] of inner.entries()) {
    const problem = checkTarget(part, target, `${param}[${index}]`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function checkTarget(part: string, target: unknown, param: string): Refusal | undefined {
  if (!isRecord(target)) return { code: 100, details: `Param ${param} must be a JSON object.` };
  const strange = unexpected(target, TARGET_KEYS, param);
  if (strange !== undefined) return strange;
  const { url, title } = target;
  if (typeof title !== "string" || title === "") {
    return { code: 131008, details: `${part}: title is missing.` };
  }
  if (url === undefined) return { code: 131008, details: `${part}: url is missing.` };
  if (typeof url === "string" && /^https?:\/\//i.test(url) && URL.canParse(url)) return undefined;
  return { code: 100, details: `Param ${param}['url'] is not a valid URL.` };
}

/** The value of a component's only parameter, which has the component's own name. */
function onlyValue(
  part: string,
  { parameters, param }: PlacedComponent,
): { inner: unknown; param: string } | { refusal: Refusal } {
  if (parameters.length !== 1) return { refusal: wrongCount(part, parameters.length, 1) };
  const [parameter] = parameters;
  if (!isRecord(parameter) || parameter.type !== part) {
    const received = isRecord(parameter) ? parameter.type : undefined;
    return { refusal: wrongFormat(part, part, received) };
  }
  const strange = unexpected(parameter, new Set(["type", part]), `${param}['parameters'][0]`);
  if (strange !== undefined) return { refusal: strange };
  return { inner: parameter[part], param: `${param}['parameters'][0]['${part}']` };
}
