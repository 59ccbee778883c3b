// Decides what Graph does with a posted message: refuses it with a code, or accepts it. Never
// answers and never writes anything down.

import { checkComponents } from "./components.ts";
import type { Fate } from "./fates.ts";
import { fateOf } from "./fates.ts";
import type { Refusal } from "./graph-errors.ts";
import { httpStatusOf } from "./graph-errors.ts";
import { makePairLimit, makeThroughput } from "./limits.ts";
import { waIdOf } from "./numbering.ts";
import type { Payload } from "./payload.ts";
import { readPayload } from "./payload.ts";
import type { Scenario, ScenarioTemplate } from "./scenario.ts";
import { specialNumberOf } from "./special-numbers.ts";

/** A request to POST /v…/<id>/marketing_messages. */
interface Post {
  authorization: string | undefined;
  phoneNumberId: string;
  contentType: string | undefined;
  /** The parsed body, or undefined when it is not JSON. */
  body: unknown;
  /** When the request arrived, in milliseconds, never going back. */
  nowMs: number;
}

/** A message that Graph took. */
export interface Accepted {
  kind: "accepted";
  /** As posted. */
  input: string;
  waId: string | undefined;
  userId: string | undefined;
  path: "marketing_lite" | "marketing";
  fate: Fate;
}

export interface Refused {
  kind: "refused";
  http: number;
  refusal: Refusal;
}

export interface Judge {
  decide(post: Post): Accepted | Refused;
  /**
   * Goes on with another scenario; who is in debt of a limit stays so unless that limit changed.
   */
  change(scenario: Scenario): void;
  /** Percent of the throughput in use. */
  usage(nowMs: number): number;
}

/** Judges posts by a scenario; the throughput and pair limits are its memory. */
export function makeJudge(initial: Scenario): Judge {
  let scenario = initial;
  let templates = templatesOf(initial);
  let throughput = makeThroughput(initial.throughput);
  const pairs = makePairLimit();
  // How often a special number was refused that is refused a limited number of times.
  const refusals = new Map<string, number>();

  function refusalOf(post: Post): Refusal | { payload: Payload; path: Accepted["path"] } {
    const early = refusedAtTheDoor(post, scenario);
    if (early !== undefined) return early;
    const { refuse_all: refuseAll } = scenario.account_state;
    if (refuseAll !== null) return { code: refuseAll };
    if (!throughput.admit(undefined, post.nowMs)) return { code: 130429 };
    const payload = readPayload(post.body, scenario);
    if ("refusal" in payload) return payload.refusal;
    const template = templates.get(templateKey(payload.template, payload.language));
    const path = pathOf(scenario, payload.policy);
    const problem =
      templateRefusal(scenario, payload, template) ??
      (typeof path === "string" ? undefined : path) ??
      (template && checkComponents(template, payload.components)) ??
      refusedForRecipient(payload.digits, post.nowMs);
    return problem ?? { payload, path: path as Accepted["path"] };
  }

  function refusedForRecipient(digits: string | undefined, nowMs: number): Refusal | undefined {
    if (digits === undefined) return undefined;
    if (digits === scenario.display_phone_number.replace(/\D/g, "")) return { code: 131021 };
    const refuse = specialNumberOf(digits)?.refuse;
    if (refuse !== undefined) {
      const earlier = refusals.get(digits) ?? 0;
      if (earlier < (refuse.times ?? Number.POSITIVE_INFINITY)) {
        refusals.set(digits, earlier + 1);
        return { code: refuse.code };
      }
    }
    return !scenario.pair_limit || pairs.admit(digits, nowMs) ? undefined : { code: 131056 };
  }

  return {
    decide(post) {
      const result = refusalOf(post);
      if ("code" in result) {
        return { kind: "refused", http: httpOf(scenario, result.code), refusal: result };
      }
      const { digits, input } = result.payload;
      const { seed, brazil_short_ids: brazilShortIds } = scenario;
      return {
        kind: "accepted",
        input,
        waId: digits === undefined ? undefined : waIdOf(digits, { seed, brazilShortIds }),
        userId: digits === undefined ? input : undefined,
        path: result.path,
        fate: fateOf(scenario, digits ?? input),
      };
    },
    change(next) {
      if (next.throughput !== scenario.throughput) throughput = makeThroughput(next.throughput);
      scenario = next;
      templates = templatesOf(next);
    },
    usage: (nowMs) => throughput.usage(nowMs),
  };
}

/**
 * The refusal of a bad token, or undefined. Meta gives 190 for a wrong one (error codes page,
 * 2026-09).
 */
export function refusedToken(
  authorization: string | undefined,
  scenario: Scenario,
): Refusal | undefined {
  // The scheme's name is case-insensitive (RFC 9110).
  const [, token] = /^bearer +(\S+) *$/i.exec(authorization ?? "") ?? [];
  if (token === scenario.access_token) return undefined;
  if (token !== undefined) return { code: 190 };
  return { code: 190, message: "An access token is required to request this resource." };
}

/** What Graph says of an object that does not exist, or that the token may not see. */
export function unknownObject(id: string, method: "get" | "post"): Refusal {
  const message =
    `Unsupported ${method} request. Object with ID '${id}' does not exist, cannot be loaded due` +
    " to missing permissions, or does not support this operation";
  return { code: 100, subcode: 33, message };
}

function refusedAtTheDoor(post: Post, scenario: Scenario): Refusal | undefined {
  const badToken = refusedToken(post.authorization, scenario);
  if (badToken !== undefined) return badToken;
  if (post.phoneNumberId !== scenario.phone_number_id) {
    return unknownObject(post.phoneNumberId, "post");
  }
  // Graph does not look into a body that is not announced as JSON, and misses its first parameter.
  if (!/^application\/json\s*(;|$)/i.test(post.contentType ?? "")) {
    const details = "The parameter messaging_product is required.";
    return { code: 100, message: `(#100) ${details}`, details };
  }
  // [?] Graph's words for a body that is not JSON are not documented.
  if (post.body === undefined) return { code: 100, details: "The request body is not valid JSON." };
  return undefined;
}

function templateRefusal(
  scenario: Scenario,
  { template: name, language }: Payload,
  template: ScenarioTemplate | undefined,
): Refusal | undefined {
  if (template === undefined) {
    return { code: 132001, details: `template name (${name}) does not exist in ${language}` };
  }
  if (template.category !== "MARKETING") return { code: scenario.non_marketing_code };
  if (template.status === "PAUSED") return { code: 132015 };
  if (template.status === "DISABLED") return { code: 132016 };
  if (template.status !== "APPROVED") {
    return { code: 132001, details: `template (${name}) is not approved in ${language}` };
  }
  return template.syncing ? { code: 134101 } : undefined;
}

/**
 * Which way a message goes, or why it goes none (Meta, send marketing messages page, 2026-05). That
 * STRICT without onboarding gives 134102 with HTTP 500 is unverified: Meta documents no code for
 * it, and this one, "check eligibility", is the likeliest.
 */
function pathOf(scenario: Scenario, policy: Payload["policy"]): Accepted["path"] | Refusal {
  if (scenario.onboarding_status === "ONBOARDED" && scenario.terms_signed) return "marketing_lite";
  if (policy === "STRICT") return { code: 134102 };
  return scenario.disable_marketing_messages_on_cloud_api ? { code: 131063 } : "marketing";
}

function httpOf(scenario: Scenario, code: number): number {
  return code === 130429 || code === 131056 ? scenario.throttle_http_status : httpStatusOf(code);
}

function templatesOf(scenario: Scenario): Map<string, ScenarioTemplate> {
  return new Map(scenario.templates.map((one) => [templateKey(one.name, one.language), one]));
}

function templateKey(name: string, language: string): string {
  return `${name}\u0000${language}`;
}
