// What the sandbox plays: its account, limits, templates, fates and faults, read from YAML or from
// defaults. Never touches a file.

import { z } from "zod";

import { parseDocument } from "../document.ts";
import type { Problem } from "../errors.ts";

/**
 * Longest latency, hang of a slow body and delay of a receipt that can be asked for, in
 * milliseconds.
 */
const MAX_DELAY_MS = 600_000;
/** Highest throughput that can be set, in messages a second; `null` is no limit at all. */
const MAX_THROUGHPUT = 1_000_000;
const MAX_TEMPLATES = 1_000;
const MAX_FAULTS = 100;

/** Everything that can go wrong on the way; `faults.ts` says what each does. */
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
const digits = z.string().regex(/^\d{1,20}$/, "digits only");

const button = z.strictObject({
  type: z.string(),
  text: z.exactOptional(z.string()),
  url: z.exactOptional(z.string()),
  example: z.exactOptional(z.union([z.string(), z.array(z.string())])),
});

const component = z.strictObject({
  type: z.enum(["HEADER", "BODY", "FOOTER", "BUTTONS"]),
  format: z.exactOptional(z.string()),
  text: z.exactOptional(z.string()),
  buttons: z.exactOptional(z.array(button)),
});

const template = z.strictObject({
  name: z.string().min(1),
  language: z.string().min(1),
  category: z.string().default("MARKETING"),
  status: z.string().default("APPROVED"),
  parameter_format: z.enum(["POSITIONAL", "NAMED"]).default("POSITIONAL"),
  components: z.array(component),
  message_send_ttl_seconds: z.exactOptional(z.int().nullable()),
  /** The ad sync of a new template is not complete: sends get 134101. */
  syncing: z.boolean().default(false),
});

const fault = z.strictObject({
  /** All of what is given must hold; nothing given is every request. */
  on: z.strictObject({
    /** The request with this number since the fault was set, from 1. */
    nth: z.exactOptional(z.int().min(1)),
    /** Every so-many-th request. */
    every: z.exactOptional(z.int().min(1)),
    /** This share of the requests, decided by the seed and the number of the request. */
    share: z.exactOptional(share),
    /** Requests to this number only; the others are not counted either. */
    to: z.exactOptional(z.string()),
  }),
  do: z.enum(FAULT_KINDS),
  /** After so many times the fault is over. */
  times: z.exactOptional(z.int().min(1)),
  /** Whether the message is accepted all the same; left out, what `faults.ts` says of the kind. */
  accepts: z.exactOptional(z.boolean()),
});

const scenario = z.strictObject({
  seed: z.string().default("sandbox"),
  access_token: z.string().min(1).default("sandbox-token"),
  phone_number_id: digits.default("100000000000001"),
  waba_id: digits.default("100000000000002"),
  /** The business's own number, with `+`; the default's area code belongs to nobody. */
  display_phone_number: z.string().default("+55 20 5555-0100"),
  /** Put before a `to` that has no `+`. */
  business_country_code: z
    .string()
    .regex(/^\d{1,3}$/, "one to three digits")
    .default("55"),
  /** How long an answer takes. */
  latency_ms: z
    .strictObject({
      min: z.number().min(0).max(MAX_DELAY_MS).default(0),
      max: z.number().min(0).max(MAX_DELAY_MS).default(0),
    })
    .refine(({ min, max }) => min <= max, "min is greater than max")
    .prefault({}),
  /** Messages a second; null is no limit. */
  throughput: z.number().min(1).max(MAX_THROUGHPUT).nullable().default(80),
  /** HTTP status of 130429 and 131056: Meta's page had 400 (2025-12), others have seen 429. */
  throttle_http_status: z.union([z.literal(400), z.literal(429)]).default(400),
  pair_limit: z.boolean().default(true),
  /** An open list at Meta: ONBOARDED, ELIGIBLE, INELIGIBLE_…, PENDING_…. */
  onboarding_status: z.string().default("ONBOARDED"),
  terms_signed: z.boolean().default(true),
  disable_marketing_messages_on_cloud_api: z.boolean().default(false),
  /** CONNECTED, FLAGGED, RESTRICTED, … */
  phone_status: z.string().default("CONNECTED"),
  quality_rating: z.string().default("GREEN"),
  messaging_limit: z.string().default("TIER_UNLIMITED"),
  account_state: z
    .strictObject({
      /** Every message is refused with this code, as 190, 131042, 131031, 368 or 131048 are. */
      refuse_all: z.int().min(0).nullable().default(null),
    })
    .prefault({}),
  /** Sent for a template that is not a marketing one: Meta's page has both codes (2026-09). */
  non_marketing_code: z.union([z.literal(131055), z.literal(134100)]).default(131055),
  /**
   * Whether `biz_opaque_callback_data` is taken; undocumented on this endpoint, so false gives code
   * 100.
   */
  accept_callback_key: z.boolean().default(true),
  /** Meta's pages disagree: always there, or only when the template is being paced. */
  message_status: z.enum(["always", "when_paced"]).default("always"),
  /** Share of messages that are held for quality assessment first. */
  held_share: share.default(0),
  /** Shares of the ordinary numbers; who is in one depends on the seed and the number alone. */
  shares: z
    .strictObject({
      /** 131026 by receipt. */
      unreachable: share.default(0),
      /** 131050 by receipt. */
      opted_out: share.default(0),
      /** 131049 by receipt. */
      per_user_limit: share.default(0),
      /** 130472 by receipt. */
      experiment: share.default(0),
      /** Of those who get the message. */
      read: share.default(0.5),
    })
    .refine(
      ({ unreachable, opted_out, per_user_limit, experiment }) =>
        unreachable + opted_out + per_user_limit + experiment <= 1,
      "the shares of failures add up to more than 1",
    )
    .prefault({}),
  /** Meta has not said whether its rule for US numbers covers these. */
  block_us_territories: z.boolean().default(false),
  block_shared_plus_one: z.boolean().default(false),
  /** Share of the Brazilian WhatsApp ids (area codes from 31 up) that lack the ninth digit. */
  brazil_short_ids: share.default(0.8),
  /**
   * Time from acceptance to the first receipt, and from each receipt to the next; null is no
   * receipts.
   */
  receipt_delay_ms: z.number().min(0).max(MAX_DELAY_MS).nullable().default(1_000),
  templates: z.array(template).max(MAX_TEMPLATES).default([springSale()]),
  faults: z.array(fault).max(MAX_FAULTS).default([]),
});

/** What the sandbox plays. Its keys are public: scenario files and PATCH /_sandbox use them. */
export type Scenario = z.output<typeof scenario>;
export type ScenarioTemplate = Scenario["templates"][number];
export type ScenarioFault = Scenario["faults"][number];

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
  const parsed = parseDocument(text, { file, schema: scenario });
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

/** The template of the shipped campaign. */
function springSale(): z.output<typeof template> {
  return {
    name: "spring_sale",
    language: "pt_BR",
    category: "MARKETING",
    status: "APPROVED",
    parameter_format: "POSITIONAL",
    components: [
      { type: "HEADER", format: "IMAGE" },
      {
        type: "BODY",
        text:
          "Olá, {{1}}! A primavera chegou com 20% de desconto em toda a loja." +
          " Use o cupom {{2}} até domingo.",
      },
      { type: "FOOTER", text: "Para não receber mais ofertas, toque em Parar promoções." },
      {
        type: "BUTTONS",
        buttons: [
          { type: "URL", text: "Ver ofertas", url: "https://example.com/primavera?cupom={{1}}" },
        ],
      },
    ],
    message_send_ttl_seconds: 86_400,
    syncing: false,
  };
}
