// What the sandbox plays: its account, limits, templates, fates and faults, read from YAML or from
// defaults. Never touches a file.

import * as z from "zod";
import type { Problem } from "../../domain/common/errors.ts";
import { parseDocument } from "../../domain/document/document.ts";
import { accountKeys, digits } from "./scenario-account.ts";
import { insightKeys } from "./scenario-insights.ts";
import { checkNumbers, numberKeys } from "./scenario-numbers.ts";
import { ownShares, shares } from "./scenario-shares.ts";
import { springSale, template } from "./scenario-template.ts";
import { webhookKeys } from "./scenario-webhooks.ts";

/**
 * Longest latency, hang of a slow body and delay of a receipt that can be asked for, in
 * milliseconds.
 */
const MAX_DELAY_MS = 600_000;
const MAX_TEMPLATES = 1_000;
const MAX_FAULTS = 100;

/** Faults on the way; `faults.ts` defines what each does. */
export const FAULT_KINDS = [
  "drop_before_reading",
  "drop_after_accepting",
  "hang",
  "error_500",
  "error_500_meta",
  "error_503_meta",
  "slow_body",
  "html_403",
  "html_429",
  "cut_answer",
  "garbage_answer",
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

const share = z.number().min(0).max(1);

const fault = z.strictObject({
  on: z
    .strictObject({
      nth: z
        .exactOptional(z.int().min(1))
        .describe("The request with this number since the fault was set, from 1."),
      every: z.exactOptional(z.int().min(1)).describe("Every so-many-th request."),
      share: z
        .exactOptional(share)
        .describe("This share of the requests, decided by the seed and the number of the request."),
      to: z
        .exactOptional(z.string())
        .describe("Requests to this number only; the others are not counted either."),
      phone_number_id: z
        .exactOptional(digits)
        .describe("Requests of this sending number only; the others are not counted either."),
    })
    .describe("All of what is given must hold; nothing given is every request."),
  do: z.enum(FAULT_KINDS),
  times: z.exactOptional(z.int().min(1)).describe("After so many times the fault is over."),
  accepts: z
    .exactOptional(z.boolean())
    .describe("Whether the request is carried out all the same; left out, what the kind says."),
});

const keys = z.strictObject({
  seed: z.string().default("sandbox").describe("The same seed gives every number the same fate."),
  ...accountKeys,
  ...numberKeys,
  ...insightKeys,
  latency_ms: z
    .strictObject({
      min: z.number().min(0).max(MAX_DELAY_MS).default(0),
      max: z.number().min(0).max(MAX_DELAY_MS).default(0),
    })
    .refine(({ min, max }) => min <= max, "min is greater than max")
    .prefault({})
    .describe("How long the answer to a message takes."),
  throttle_http_status: z
    .union([z.literal(400), z.literal(429)])
    .default(400)
    .describe("Of 130429 and 131056: Meta's page had 400 (2025-12), others have seen 429."),
  pair_limit: z.boolean().default(true).describe("One message to a person in 6 s, else 131056."),
  account_state: z
    .strictObject({
      refuse_all: z
        .int()
        .min(0)
        .nullable()
        .default(null)
        .describe("Every message is refused with it, as 190, 131042, 131031, 368 or 131048 are."),
      event: z
        .enum([
          "ACCOUNT_VIOLATION",
          "ACCOUNT_RESTRICTION",
          "DISABLED_UPDATE",
          "ACCOUNT_DELETED",
          "MM_LITE_TERMS_SIGNED",
        ])
        .nullable()
        .default(null)
        .describe(
          "Reported to the webhook as account_update once it is set while the sandbox runs.",
        ),
      phone_number_id: digits
        .nullable()
        .default(null)
        .describe("Only messages by this number are refused, and the event names it; null is all."),
    })
    .prefault({}),
  non_marketing_code: z
    .union([z.literal(131055), z.literal(134100)])
    .default(131055)
    .describe("For a template that is not a marketing one: Meta's page has both (2026-09)."),
  accept_callback_key: z
    .boolean()
    .default(true)
    .describe("biz_opaque_callback_data is undocumented on this endpoint; false: code 100."),
  message_status: z
    .enum(["always", "when_paced"])
    .default("always")
    .describe("Meta's pages disagree: always there, or only when the template is being paced."),
  held_share: share
    .default(0)
    .describe("Share of messages that are held for quality assessment first."),
  shares: shares.describe(
    "Of the ordinary numbers; who is in one depends on the seed and the number alone.",
  ),
  cloud_shares: ownShares
    .prefault({})
    .describe("Of messages that are posted to the Cloud API, where they differ."),
  block_us_territories: z
    .boolean()
    .default(false)
    .describe("Meta has not said whether its rule for US numbers covers these."),
  block_shared_plus_one: z.boolean().default(false).describe("The same for toll-free numbers."),
  brazil_short_ids: share
    .default(0.8)
    .describe("Share of Brazilian ids (area codes from 31 up) that lack the ninth digit."),
  receipt_delay_ms: z
    .number()
    .min(0)
    .max(MAX_DELAY_MS)
    .nullable()
    .default(1_000)
    .describe("From acceptance to the first receipt, and between receipts; null is none."),
  templates: z.array(template).max(MAX_TEMPLATES).default([springSale()]),
  faults: z.array(fault).max(MAX_FAULTS).default([]).describe("What goes wrong on the way."),
  management_faults: z
    .array(fault)
    .max(MAX_FAULTS)
    .default([])
    .describe("The same for every call that is not a message; `to` has no meaning here."),
  ...webhookKeys,
});

const scenario = keys.superRefine((played, context) => {
  for (const { path, message } of checkNumbers(played)) {
    context.addIssue({ code: "custom", path, message });
  }
});

/** What the sandbox plays. Its keys are public: scenario files and PATCH /_sandbox use them. */
export type Scenario = z.output<typeof scenario>;
export type ScenarioFault = Scenario["faults"][number];
export type ScenarioInbound = Scenario["inbound"][number];

/**
 * A healthy, onboarded account with 80 messages a second, no latency, the template `spring_sale`,
 * no faults.
 */
export function defaultScenario(): Scenario {
  return scenario.parse({});
}

/**
 * Reads a scenario file's text; `file` is its path as the operator wrote it. Every problem at once.
 */
export function readScenario(
  text: string,
  file: string,
): { value: Scenario } | { problems: Problem[] } {
  const parsed = parseDocument(text, { file, what: "a scenario", schema: scenario });
  return "problems" in parsed ? parsed : { value: parsed.value };
}

/** Checks data that came as JSON; each problem is one sentence that begins with the path. */
export function checkScenario(data: unknown): { value: Scenario } | { problems: string[] } {
  const result = scenario.safeParse(data);
  if (result.success) return { value: result.data };
  return {
    problems: result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`),
  };
}
