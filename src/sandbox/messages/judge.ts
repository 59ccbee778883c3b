// Decides what Graph does with a posted message: refuses it with a code, or accepts it. Never
// answers and never writes anything down.

import type { Fate } from "../scenario/fates.ts";
import { fateOf } from "../scenario/fates.ts";
import type { Limit, Throughput } from "../scenario/limits.ts";
import { makePairLimit, makePortfolio, makeThroughput } from "../scenario/limits.ts";
import { waIdOf } from "../scenario/numbering.ts";
import { numbersOf } from "../scenario/own-numbers.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Api } from "../scenario/scenario-shares.ts";
import type { ScenarioTemplate } from "../scenario/scenario-template.ts";
import { specialNumberOf } from "../scenario/special-numbers.ts";
import { accountRefusal, makeSyncs, templateKey, templateRefusal } from "../scenario/states.ts";
import { makeMediaCheck } from "../server/media.ts";
import { lacksScope, refusedToken } from "../server/token.ts";
import type { Button } from "../webhooks/people.ts";
import { bidOf } from "./bids.ts";
import { checkComponents } from "./components.ts";
import type { Refusal } from "./graph-errors.ts";
import { httpStatusOf, unknownObject } from "./graph-errors.ts";
import type { Payload } from "./payload.ts";
import { readPayload } from "./payload.ts";
import type { TemplateShape } from "./shape.ts";
import { lastQuickReply, shapeOf } from "./shape.ts";

/** A request to POST /v…/<id>/marketing_messages, or to /v…/<id>/messages. */
interface Post {
  api: Api;
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
  /** Its last quick reply, where a person taps it. */
  button?: Button | undefined;
  /** Of a template with a max price: in the smallest units, for 1,000 deliveries. */
  bid?: number | undefined;
}

export interface Refused {
  kind: "refused";
  http: number;
  refusal: Refusal;
}

export interface Judge {
  decide(post: Post): Accepted | Refused;
  /**
   * Goes on with another scenario at `nowMs`; who is in debt of a limit stays so unless that limit
   * changed.
   */
  change(scenario: Scenario, nowMs: number): void;
  /** Percent of a number's throughput in use; 0 of a number that is not there. */
  usage(phoneNumberId: string, nowMs: number): number;
}

/** A template with what its messages are checked against. */
interface CheckedTemplate {
  template: ScenarioTemplate;
  shape: TemplateShape;
}

/** A sending number, with the limits that are its own. */
interface Sender {
  scenario: Scenario;
  closed: Refusal | undefined;
  throughput: Throughput;
  pairs: Limit<string>;
}

interface Admitted {
  payload: Payload;
  path: Accepted["path"];
  template: ScenarioTemplate;
}

/**
 * Judges posts by a scenario that is played since `startMs`; the throughput and pair limits of each
 * number, the people reached by all of them and the ad syncs are its memory.
 */
export function makeJudge(initial: Scenario, startMs: number): Judge {
  let scenario = initial;
  let templates = templatesOf(initial);
  let senders = sendersOf(initial, new Map());
  const portfolio = makePortfolio();
  const syncs = makeSyncs(initial.templates, startMs);
  // How often a special number was refused that is refused a limited number of times.
  const refusals = new Map<string, number>();

  function refusalOf(post: Post): Refusal | Admitted {
    const badToken = refusedToken(post.authorization, scenario, { startMs, nowMs: post.nowMs });
    if (badToken !== undefined) return badToken;
    const sender = senders.get(post.phoneNumberId);
    if (sender === undefined) return unknownObject(post.phoneNumberId, "post");
    const early = refusedAtTheDoor(post, scenario) ?? sender.closed;
    if (early !== undefined) return early;
    if (!sender.throughput.admit(undefined, post.nowMs)) return { code: 130429 };
    const payload = readPayload(post.body, sender.scenario, post.api);
    if ("refusal" in payload) return payload.refusal;
    const known = templates.get(templateKey(payload.template, payload.language));
    const refused = templateRefusal(scenario, payload, {
      template: known?.template,
      api: post.api,
    });
    if (known === undefined || refused !== undefined) return refused ?? { code: 132001 };
    const { template, shape } = known;
    const syncing = syncs.refusal(template, post.nowMs);
    if (syncing !== undefined) return syncing;
    const path = pathOf(scenario, payload.policy, post.api);
    if (typeof path !== "string") return path;
    const problem =
      refusedBid(template, payload, path, scenario) ??
      checkComponents(shape, payload.components, makeMediaCheck(scenario, post.nowMs)) ??
      refusedForRecipient(sender, payload.digits, post.nowMs);
    return problem ?? { payload, path, template };
  }

  function refusedForRecipient(
    { scenario: own, pairs }: Sender,
    digits: string | undefined,
    nowMs: number,
  ): Refusal | undefined {
    if (digits === undefined) return undefined;
    if (digits === own.display_phone_number.replace(/\D/g, "")) return { code: 131021 };
    const refuse = specialNumberOf(digits)?.refuse;
    if (refuse !== undefined) {
      const earlier = refusals.get(digits) ?? 0;
      if (earlier < (refuse.times ?? Number.POSITIVE_INFINITY)) {
        refusals.set(digits, earlier + 1);
        return { code: refuse.code };
      }
    }
    return !own.pair_limit || pairs.admit(digits, nowMs) ? undefined : { code: 131056 };
  }

  /** The code of one person more than the limit, if the scenario gives any. */
  function overLimit(person: string, nowMs: number): number | null {
    const { over_messaging_limit: over, messaging_limit: tier } = scenario;
    if (over.code === null || portfolio.admit(person, tier, nowMs)) return null;
    return over.code;
  }

  function refuse(refusal: Refusal): Refused {
    return { kind: "refused", http: httpOf(scenario, refusal.code), refusal };
  }

  return {
    decide(post) {
      const result = refusalOf(post);
      if ("code" in result) return refuse(result);
      const { digits, input } = result.payload;
      const { seed, brazil_short_ids: brazilShortIds } = scenario;
      const person = digits ?? input;
      const over = overLimit(person, post.nowMs);
      const byReceipt = scenario.over_messaging_limit.told_by === "receipt";
      if (over !== null && !byReceipt) return refuse({ code: over });
      const fate = fateOf(scenario, person, result.template, post.api);
      const isTapped = fate.acts?.includes("tap") === true;
      return {
        kind: "accepted",
        input,
        waId: digits === undefined ? undefined : waIdOf(digits, { seed, brazilShortIds }),
        userId: digits === undefined ? input : undefined,
        path: result.path,
        fate: over === null ? fate : { ...fate, failsWith: over, acts: [] },
        bid: bidOf(result.template, result.payload.bidMultiplier ?? 1),
        ...(isTapped && { button: lastQuickReply(result.template, result.payload.components) }),
      };
    },
    change(next, nowMs) {
      scenario = next;
      templates = templatesOf(next);
      senders = sendersOf(next, senders);
      syncs.change(next.templates, nowMs);
    },
    usage: (phoneNumberId, nowMs) => senders.get(phoneNumberId)?.throughput.usage(nowMs) ?? 0,
  };
}

/** The senders of a scenario; those that were there keep their debts, unless a limit changed. */
function sendersOf(
  scenario: Scenario,
  before: ReadonlyMap<string, Sender>,
): ReadonlyMap<string, Sender> {
  return new Map(
    [...numbersOf(scenario)].map(([id, own]) => {
      const was = before.get(id);
      const isSame = was?.scenario.throughput === own.throughput;
      const throughput = was && isSame ? was.throughput : makeThroughput(own.throughput);
      const pairs = was?.pairs ?? makePairLimit();
      return [id, { scenario: own, closed: accountRefusal(own), throughput, pairs }];
    }),
  );
}

function refusedAtTheDoor(post: Post, scenario: Scenario): Refusal | undefined {
  if (lacksScope(scenario, "whatsapp_business_messaging")) return { code: 10 };
  // Graph does not look into a body that is not announced as JSON, and misses its first parameter.
  if (!/^application\/json\s*(;|$)/i.test(post.contentType ?? "")) {
    const details = "The parameter messaging_product is required.";
    return { code: 100, message: `(#100) ${details}`, details };
  }
  // [?] Graph's words for a body that is not JSON are not documented.
  if (post.body === undefined) return { code: 100, details: "The request body is not valid JSON." };
  return undefined;
}

/**
 * What a max-price template takes: a `bid_spec`, a phone number, the path of this API, and an
 * agreement that was signed (Meta, max-price page, 2026-06). [?] The code for a bid on another
 * template is not documented.
 */
function refusedBid(
  { optimization_spec: spec }: ScenarioTemplate,
  payload: Payload,
  path: Accepted["path"],
  { max_price: maxPrice }: Scenario,
): Refusal | undefined {
  if (spec === undefined) {
    const details = "Param bid_spec is for templates with an optimization_spec.";
    return payload.bidMultiplier !== undefined ? { code: 100, details } : undefined;
  }
  if (!maxPrice.agreement_signed) {
    // Word for word as documented: the code alone is that of any wrong parameter.
    const details = "You need to sign the testing legal agreement before sending out messages.";
    return { code: 100, message: `(#100) ${details}`, details };
  }
  if (path === "marketing") return { code: 131061 };
  return payload.digits === undefined ? { code: 131062 } : undefined;
}

/**
 * Which way a message goes, or why it goes none (Meta, send marketing messages page, 2026-05). That
 * STRICT without onboarding gives 134102 with HTTP 500 is unverified: Meta documents no code for
 * it, and this one, "check eligibility", is the likeliest.
 */
function pathOf(
  scenario: Scenario,
  policy: Payload["policy"],
  api: Api,
): Accepted["path"] | Refusal {
  if (api === "cloud") {
    return scenario.disable_marketing_messages_on_cloud_api ? { code: 131063 } : "marketing";
  }
  if (scenario.onboarding_status === "ONBOARDED" && scenario.terms_signed) return "marketing_lite";
  if (policy === "STRICT") return { code: 134102 };
  return scenario.disable_marketing_messages_on_cloud_api ? { code: 131063 } : "marketing";
}

function httpOf(scenario: Scenario, code: number): number {
  return code === 130429 || code === 131056 ? scenario.throttle_http_status : httpStatusOf(code);
}

function templatesOf(scenario: Scenario): Map<string, CheckedTemplate> {
  return new Map(
    scenario.templates.map((template) => [
      templateKey(template.name, template.language),
      { template, shape: shapeOf(template) },
    ]),
  );
}
