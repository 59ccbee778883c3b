// The check before sending as a table: what Graph reported, and what is found. docs/findings.md is
// written from the same table of findings: `UPDATE_DOCS=1 npx vitest run
// test/domain/preflight/preflight.test.ts`.

import { readFileSync, writeFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import type { AccountFacts, UnreadFact } from "../../../src/domain/account/facts.ts";
import { factsInLanguages, languagesOf } from "../../../src/domain/account/facts.ts";
import type { WaitingLanguage } from "../../../src/domain/campaign/row.ts";
import { estimateTime } from "../../../src/domain/cost/estimate.ts";
import type { Manifest } from "../../../src/domain/manifest/manifest.ts";
import type {
  TemplateComponent,
  TemplateDefinition,
} from "../../../src/domain/message/template.ts";
import { judgeOptOutButtons } from "../../../src/domain/preflight/button-checks.ts";
import type {
  FindingId,
  InsightFindingId,
  LedgerFindingId,
  ListFindingId,
  MoneyFindingId,
  ScheduleFindingId,
  TestFindingId,
} from "../../../src/domain/preflight/finding.ts";
import { isFindingId } from "../../../src/domain/preflight/finding.ts";
import type { FindingRule } from "../../../src/domain/preflight/finding-rule.ts";
import { FINDINGS } from "../../../src/domain/preflight/finding-table.ts";
import { isUnreachable, preflight } from "../../../src/domain/preflight/preflight.ts";
import { scheduleOf } from "../../../src/domain/schedule/of-manifest.ts";
import { openingsOf } from "../../../src/domain/schedule/openings.ts";
import { limitOf } from "../../../src/domain/sending/daily-limit.ts";
import type { FactChanges } from "./preflight.builders.ts";
import { factsOf, manifestOf } from "./preflight.builders.ts";

const NOW = Date.UTC(2026, 9, 1, 12);
const MINUTE = 60_000;
const DAY = 86_400_000;

const FALLBACK = manifestOf({ delivery: "delivery: {}" });
const APPLY = manifestOf({
  template: `template: { name: offer, language: pt_BR, ttl: 24h, apply_ttl: true, body: ["a", "b"] }`,
});
const NO_TTL = manifestOf({
  template: `template: { name: offer, language: pt_BR, body: ["a", "b"] }`,
});
const BUDGETED = manifestOf({ budget: "budget: { most: 5, currency: EUR }" });
const BIDDING = manifestOf({
  delivery: "delivery: { product_policy: STRICT, bid_multiplier: 1.2 }",
});
const BY_USER_ID = manifestOf({ recipients: "recipients: { file: list.csv, user_id: id }" });
const MAX_PRICE = { maxPrice: { bidAmount: 5_000 } };
const NO_WABA = manifestOf({
  account: `account: { phone_number_id: "100000000000001", access_token: "\${TOKEN}" }`,
});
const RAMP = manifestOf({ ramp: "ramp: { steps: [200] }" });
const SHORT = manifestOf({ ends: "ends: 2026-10-01T12:01:00Z" });

/** The template of `manifestOf` with quick replies. */
const withReplies = (...texts: string[]): TemplateComponent[] => [
  { type: "BODY", text: "Oi {{1}}, use {{2}}." },
  { type: "BUTTONS", buttons: texts.map((text) => ({ type: "QUICK_REPLY", text })) },
];

interface Case {
  facts: FactChanges;
  manifest?: Manifest;
  toSend?: number;
  reached?: number;
  lastUsedAt?: number;
  /** Where each row gives the language: who waits, and the template's languages at Meta. */
  languages?: WaitingLanguage[];
  variants?: Partial<TemplateDefinition>[];
  /** What the sentence must have in it. */
  says?: RegExp;
  /** What the advice must have in it. */
  does?: RegExp;
  path?: string;
  /** Findings beside the one of the case. */
  beside?: FindingId[];
}

const unread = (part: UnreadFact["part"], code: number | null, passes = false): UnreadFact => ({
  part,
  code,
  passes,
  sentence: "Meta said no.",
});

const problem = (entity: string, canSend: string) => ({
  entity,
  canSend,
  code: 141006,
  description: "There is an error with the payment method.",
  solution: "Add a payment method.",
});

const ELIGIBLE = { onboardingStatus: "ELIGIBLE", termsStatus: "NOT_STARTED" };

const COMPARING =
  "test: { name: t, arms: { a: { share: 50% }, b: { share: 50%, delivery: { api: cloud } } }, metric: read }";
const COMPARED = manifestOf({ test: COMPARING });

const BY_ROW = manifestOf({
  template: `template:
  name: offer
  language: "{{ lang }}"
  body: ["{{ first_name }}", "{{ coupon }}"]`,
});

/** Every finding, and the facts that it is found in. */
const CASES: Record<
  Exclude<
    FindingId,
    | InsightFindingId
    | LedgerFindingId
    | ListFindingId
    | MoneyFindingId
    | ScheduleFindingId
    | TestFindingId
  >,
  Case[]
> = {
  token_invalid: [
    {
      facts: {
        number: null,
        waba: null,
        template: null,
        token: { isValid: false, expiresAt: null, scopes: null },
        unread: [unread("number", 190), unread("waba", 190), unread("template", 190)],
      },
      says: /Meta said no\.$/,
      path: "account.access_token",
    },
    { facts: { token: { expiresAt: NOW - 1 } }, says: /expired on 1 Oct 2026, 11:59 UTC/ },
  ],
  permission_missing: [
    {
      facts: { token: { scopes: ["whatsapp_business_management"] } },
      path: "account.access_token",
    },
  ],
  management_permission_missing: [
    { facts: { token: { scopes: ["whatsapp_business_messaging"] } } },
  ],
  token_expires: [
    {
      // A million at 80 a second takes three and a half hours.
      facts: { token: { expiresAt: NOW + 60 * MINUTE } },
      toSend: 1_000_000,
      says: /expires on 1 Oct 2026, 13:00 UTC, .* \(1 Oct 2026, 15:28 UTC/,
    },
  ],
  not_onboarded_strict: [
    { facts: { waba: ELIGIBLE }, says: /ELIGIBLE, NOT_STARTED/, path: "delivery.product_policy" },
    { facts: { waba: { termsStatus: "REQUEST_SENT" } } },
    { facts: { waba: { ...ELIGIBLE, cloudMarketingDisabled: true } } },
  ],
  fallback_disabled: [
    {
      facts: { waba: { ...ELIGIBLE, cloudMarketingDisabled: true } },
      manifest: FALLBACK,
      says: /131063/,
      path: "delivery.product_policy",
    },
  ],
  not_onboarded_fallback: [
    { facts: { waba: ELIGIBLE }, manifest: FALLBACK, says: /billed/ },
    { facts: { waba: { ...ELIGIBLE, cloudMarketingDisabled: null } }, manifest: FALLBACK },
  ],
  bid_without_max_price: [
    { manifest: BIDDING, facts: { template: { maxPrice: null } }, path: "delivery.bid_multiplier" },
  ],
  bid_above_max_price: [{ manifest: BIDDING, facts: { template: MAX_PRICE }, says: /is 1\.2/ }],
  max_price_fallback: [{ manifest: FALLBACK, facts: { template: MAX_PRICE } }],
  max_price_user_ids: [
    { manifest: BY_USER_ID, facts: { template: MAX_PRICE }, path: "recipients.user_id" },
  ],
  cloud_arm_disabled: [
    {
      manifest: COMPARED,
      facts: { waba: { cloudMarketingDisabled: true } },
      says: /^Arm b is sent by the Cloud API/,
      path: "test.arms.b.delivery.api",
    },
  ],
  cloud_arm_max_price: [
    { manifest: COMPARED, facts: { template: MAX_PRICE }, path: "test.arms.b.delivery.api" },
  ],
  cloud_arm_user_ids: [
    {
      manifest: manifestOf({
        test: COMPARING,
        recipients: "recipients: { file: list.csv, user_id: uid }",
      }),
      facts: {},
      path: "recipients.user_id",
    },
  ],
  test_by_clicks: [
    {
      manifest: manifestOf({
        test: "test: { name: t, arms: { a: { share: 50% }, b: { share: 50% } }, metric: clicked }",
      }),
      facts: {},
      path: "test.metric",
    },
  ],
  test_after_end: [
    {
      manifest: manifestOf({
        test: "test: { name: t, arms: { a: { share: 50% }, b: { share: 50% } }, metric: read, wait: 2h }",
        ends: `ends: ${new Date(NOW + 3_600_000).toISOString()}`,
      }),
      facts: {},
      path: "test.wait",
    },
  ],
  budget_currency: [
    {
      manifest: BUDGETED,
      facts: { waba: { currency: "USD" } },
      path: "budget.currency",
    },
  ],
  funding_missing: [{ facts: { waba: { funding: "absent" } }, path: "account" }],
  health_blocked: [
    {
      facts: {
        number: { health: { canSend: "BLOCKED", problems: [problem("WABA", "BLOCKED")] } },
        waba: { health: { canSend: "BLOCKED", problems: [problem("WABA", "BLOCKED")] } },
      },
      // The same entity of both nodes is named once.
      says: /blocked: WABA \(141006, There is an error with the payment method\)\.$/,
    },
    { facts: { number: { health: { canSend: "BLOCKED", problems: [] } } }, says: /no reason/ },
  ],
  health_limited: [
    { facts: { waba: { health: { canSend: "LIMITED", problems: [problem("WABA", "LIMITED")] } } } },
  ],
  waba_id_missing: [
    {
      facts: {
        waba: null,
        template: null,
        unread: [unread("waba", null), unread("template", null)],
      },
      manifest: NO_WABA,
      path: "account",
    },
  ],
  waba_not_found: [
    {
      facts: {
        waba: null,
        template: null,
        unread: [unread("waba", 100), unread("template", 100)],
      },
      path: "account.waba_id",
    },
  ],
  number_not_found: [
    { facts: { number: null, unread: [unread("number", 100)] }, path: "account.phone_number_id" },
  ],
  number_not_connected: [
    { facts: { number: { status: "BANNED" } }, says: /BANNED/, path: "account.phone_number_id" },
    { facts: { number: { status: "PENDING" } } },
  ],
  number_flagged: [{ facts: { number: { status: "FLAGGED" } } }],
  number_quality_red: [{ facts: { number: { qualityRating: "RED" } } }],
  number_quality_yellow: [{ facts: { number: { qualityRating: "YELLOW" } } }],
  number_not_optimised: [
    ["+49 1512 3456789", /is of Germany/],
    ["447700900123", /is of United Kingdom/],
    ["+81 90-1234-5678", /is of Japan/],
    ["+82 10-1234-5678", /is of South Korea/],
    ["+234 803 123 4567", /is of Nigeria/],
    ["+27 82 123 4567", /is of South Africa/],
    ["+47 401 23 456", /is of Norway/],
  ].map(([displayPhoneNumber, says]) => ({
    facts: { number: { displayPhoneNumber: displayPhoneNumber as string } },
    says: says as RegExp,
    path: "account.phone_number_id",
  })),
  number_not_reported: [
    { facts: { number: { displayPhoneNumber: "+7 912 345-67-89" } }, says: /is of Russia/ },
    { facts: { number: { displayPhoneNumber: "+375 29 123-45-67" } }, says: /is of Belarus/ },
  ],
  rate_above_throughput: [
    {
      facts: {},
      manifest: manifestOf({ rate: "rate: { messages_per_second: 500 }" }),
      says: /is 500, .* \(STANDARD\) is 80 a second/,
      path: "rate.messages_per_second",
    },
  ],
  limit_too_small: [
    {
      facts: { number: { messagingLimit: "TIER_2K" } },
      toSend: 10_001,
      says: /limit is 2,000 people in 24 hours, .* 10,001 .* 6 days/,
    },
    {
      facts: { number: { messagingLimit: "TIER_2K" } },
      toSend: 500,
      reached: 1_900,
      says: /in 24 hours \(1,900 of them are used up\), .* 500 .* 2 days/,
    },
  ],
  end_too_early: [
    { facts: {}, manifest: SHORT, toSend: 10_000, says: /5,200 of 10,000 people/, path: "ends" },
  ],
  template_missing: [
    { facts: { template: null, languages: [] }, says: /"offer"/, path: "template.name" },
    {
      facts: { template: null, languages: [], templateNames: ["spring", "offers"] },
      does: /^Did you mean `offers`\? Correct/,
    },
    {
      facts: { template: null, languages: [], templateNames: ["spring", "summer"] },
      does: /^It has `spring`, `summer`\. Correct/,
    },
    {
      facts: { template: null, languages: [], templateNames: [] },
      does: /^It has none at all\. Correct/,
    },
  ],
  template_language_missing: [
    {
      facts: {
        template: null,
        languages: [
          { language: "en", status: "APPROVED" },
          { language: "es", status: "PENDING" },
        ],
      },
      says: /not exist in pt_BR; it exists in en \(APPROVED\) and es \(PENDING\)\./,
      path: "template.language",
    },
  ],
  language_without_template: [
    {
      facts: {},
      manifest: BY_ROW,
      languages: [
        { language: "es", people: 2, rows: [4, 9] },
        { language: "pt_BR", people: 5, rows: [1, 2, 3] },
      ],
      variants: [{}, { language: "en_US" }],
      says: /"offer" in es, which 2 people have \(rows 4 and 9\): there is none\. It is approved in pt_BR and en_US\.$/,
      does: /^Have it approved in es,/,
      path: "template.language",
    },
    {
      facts: {},
      manifest: BY_ROW,
      languages: [{ language: "es", people: 1_200, rows: [4, 9, 12] }],
      variants: [{ language: "es", status: "PENDING" }],
      says: /which 1,200 people have \(first in rows 4, 9 and 12\): it is PENDING\. It is approved in no language\.$/,
    },
    {
      facts: {},
      manifest: BY_ROW,
      languages: [{ language: "pt_BR", people: 1, rows: [7] }],
      variants: [{ category: "UTILITY" }],
      says: /which 1 person has \(row 7\): its category is UTILITY\./,
    },
    {
      facts: {},
      manifest: BY_ROW,
      languages: ["de", "es"].map((language) => ({ language, people: 1, rows: [7] })),
      variants: [{}],
      beside: ["language_without_template"],
    },
  ],
  template_not_approved: [
    { facts: { definition: { status: "PENDING" } }, says: /status is PENDING;/ },
    {
      facts: { definition: { status: "REJECTED" }, template: { rejectedReason: "SCAM" } },
      says: /REJECTED \(SCAM\)/,
    },
    { facts: { definition: { status: "DISABLED" } } },
  ],
  template_paused: [{ facts: { definition: { status: "PAUSED" } }, path: "template.name" }],
  template_not_marketing: [
    { facts: { definition: { category: "UTILITY" } }, says: /UTILITY:/ },
    {
      facts: {
        definition: { category: "UTILITY" },
        template: { previousCategory: "MARKETING" },
      },
      says: /UTILITY \(it was MARKETING before\)/,
    },
  ],
  ramp_quality: [
    { manifest: RAMP, facts: { template: { quality: "YELLOW" } }, path: "ramp.quality" },
    { manifest: RAMP, facts: { template: { quality: "RED" } }, says: /quality is RED/ },
  ],
  template_quality_low: [
    { facts: { template: { quality: "YELLOW" } } },
    { facts: { template: { quality: "RED" } }, says: /RED/ },
  ],
  template_new: [
    { facts: { template: { changedAt: NOW - 9 * MINUTE } }, says: /1 Oct 2026, 11:51/ },
    { facts: { template: { createdAt: NOW - MINUTE } } },
  ],
  template_unused: [
    { facts: {}, lastUsedAt: NOW - 8 * DAY },
    { facts: { template: { createdAt: NOW - 30 * DAY } } },
    { facts: { template: { changedAt: NOW - 8 * DAY } } },
  ],
  template_category_change: [
    { facts: { template: { correctCategory: "UTILITY" } }, says: /becomes UTILITY; .*134100/ },
  ],
  ttl_mismatch: [
    {
      facts: { definition: { message_send_ttl_seconds: 259_200 } },
      says: /is 24 h, and the template at Meta has a TTL of 3 d\./,
      path: "template.ttl",
    },
    { facts: { definition: { message_send_ttl_seconds: null } }, says: /no TTL of its own/ },
    {
      facts: {
        definition: { message_send_ttl_seconds: null },
        template: { previousCategory: "UTILITY" },
      },
      says: /a change of its category cleared it/,
    },
  ],
  ttl_to_set: [
    {
      facts: { definition: { message_send_ttl_seconds: 90_000 } },
      manifest: APPLY,
      says: /has a TTL of 25 h; a run sets it to 24 h/,
    },
  ],
  ttl_cleared: [
    {
      facts: {
        definition: { message_send_ttl_seconds: null },
        template: { previousCategory: "UTILITY" },
      },
      manifest: NO_TTL,
      says: /was UTILITY once/,
    },
  ],
  button_no_opt_out: [
    {
      facts: { definition: { components: withReplies("Shop", "Mute us") } },
      says: /"Mute us" reads like an opt-out/,
      path: "template",
    },
    { facts: { definition: { components: withReplies("Silenciar") } } },
  ],
  parameter_mismatch: [
    {
      facts: { definition: { components: [{ type: "BODY", text: "Oi {{1}}." }] } },
      path: "template.body",
    },
  ],
  meta_unreachable: [
    {
      facts: {
        number: null,
        waba: null,
        template: null,
        token: null,
        languages: null,
        unread: [unread("number", null, true), unread("waba", null, true)],
      },
      says: /about the phone number and the account: Meta said no\.$/,
    },
  ],
  account_unread: [
    { facts: { waba: null, unread: [unread("waba", 200)] }, says: /does not show the account/ },
    { facts: { token: null, unread: [unread("token", 100)] } },
    {
      // A server that only sends knows no object at all, and is no proof against the id.
      facts: {
        number: null,
        waba: null,
        template: null,
        token: null,
        languages: null,
        unread: [unread("number", 100), unread("waba", 100), unread("template", 100)],
      },
    },
  ],
  not_known: [
    {
      facts: {
        number: { status: null, qualityRating: null, throughputLevel: null, messagingLimit: null },
        waba: { onboardingStatus: null, termsStatus: null, funding: null, health: null },
        definition: { status: "UNKNOWN", category: "UNKNOWN" },
        token: { isValid: null, expiresAt: null, scopes: null },
      },
      says: /did not return the number's status, its quality, .* and the token's permissions,/,
    },
  ],
};

/** The facts of a case, with the template in each of its languages. */
function factsIn({ facts, variants, languages = [] }: Case): AccountFacts {
  const read = factsOf(facts, NOW);
  const { template } = read;
  if (variants === undefined || template === null) return read;
  const all = variants.map((change) => ({
    ...template,
    definition: { ...template.definition, ...change },
  }));
  const byRow = { ...read, template: null, languages: [], variants: all };
  const asked = languages.map(({ language }) => ({ name: "offer", language }));
  return factsInLanguages({ ...byRow, languages: languagesOf(all) }, asked);
}

function find(one: Case) {
  const { manifest = manifestOf(), toSend, reached = 0, lastUsedAt, languages } = one;
  const read = factsIn(one);
  const opening = openingsOf(scheduleOf(manifest, []), null);
  const time = estimateTime([{ people: toSend ?? 0, opening }], {
    messagesPerSecond: manifest.rate.messages_per_second,
    dailyLimit: limitOf(read.number),
    reached,
    startAt: NOW,
  });
  const planned = toSend === undefined ? null : { toSend, reached, time };
  return preflight({
    manifest,
    facts: read,
    planned,
    languages,
    lastUsedAt: () => lastUsedAt ?? null,
    now: NOW,
  });
}

const pathText = (path: readonly (string | number)[] | null) => path?.join(".") ?? null;

describe("the check before sending", () => {
  const cases = Object.entries(CASES).flatMap(([id, list]) =>
    list.map((one, at) => ({ name: `${id} ${at + 1}`, id: id as FindingId, one })),
  );

  it.for(cases)("$name", ({ id, one }) => {
    const found = find(one);
    expect(found.map((each) => each.id)).toEqual([id, ...(one.beside ?? [])]);
    const [first] = found;
    expect(first?.level).toBe(FINDINGS[id].level);
    expect(first?.wrong).toMatch(one.says ?? /./);
    expect(first?.todo).toMatch(one.does ?? /./);
    if (one.path !== undefined) expect(pathText(first?.path ?? null)).toBe(one.path);
    for (const text of [first?.wrong ?? "", first?.todo ?? ""]) {
      expect(text).toMatch(/^[A-Z`].*[.]$/s);
      expect(text).not.toMatch(/(?<!\{)\{\w+\}|undefined|null|NaN/);
    }
    expect(JSON.parse(JSON.stringify(first))).toEqual(first);
  });

  it("finds nothing where nothing is wrong, whatever the size", () => {
    for (const toSend of [undefined, 0, 1, 2_000_000]) {
      expect(find({ facts: {}, ...(toSend !== undefined && { toSend }) })).toEqual([]);
    }
    expect(find({ facts: {}, lastUsedAt: NOW - 6 * DAY })).toEqual([]);
  });

  it("does not take a template for new whose instants lie in the future", () => {
    for (const at of [NOW + DAY, NOW * 1_000]) {
      const facts = { template: { changedAt: at, createdAt: at } };
      expect(find({ facts, lastUsedAt: NOW - DAY })).toEqual([]);
    }
    // The two clocks may differ by a moment.
    const [found] = find({ facts: { template: { changedAt: NOW + 60_000 } }, lastUsedAt: NOW });
    expect(found?.id).toBe("template_new");
  });

  it("takes 30 days for a template without a TTL of its own", () => {
    const manifest = manifestOf({
      template: `template: { name: offer, language: pt_BR, ttl: 30d, body: ["a", "b"] }`,
    });
    expect(find({ facts: { definition: { message_send_ttl_seconds: null } }, manifest })).toEqual(
      [],
    );
  });

  it("puts blockers first, and lists all of them", () => {
    const found = find({
      facts: {
        number: { status: "BANNED", qualityRating: "RED" },
        waba: { ...ELIGIBLE, funding: "absent" },
        definition: { status: "PENDING", category: "UTILITY", message_send_ttl_seconds: 43_200 },
      },
    });
    expect(found.map((one) => `${one.level[0]} ${one.id}`)).toEqual([
      "b not_onboarded_strict",
      "b number_not_connected",
      "b template_not_approved",
      "b template_not_marketing",
      "b ttl_mismatch",
      "w funding_missing",
      "w number_quality_red",
    ]);
  });

  it.for([
    // Nothing is known of the rows yet: a run has planned nobody.
    [undefined, [], []],
    // A language that nobody has is of no interest.
    [
      [{ language: "pt_BR", people: 5, rows: [1] }],
      [{}, { language: "es", status: "REJECTED" }],
      [],
    ],
    // Each language is held against the manifest by itself.
    [
      ["es", "pt_BR"].map((language) => ({ language, people: 5, rows: [1] })),
      [{}, { language: "es", components: [{ type: "BODY", text: "Hola {{1}}" }] }],
      ["In es: The body of the template has 1 variable ({{1}}), and `body` gives 2."],
    ],
    // A template that exists in no language is missing, whatever the rows have.
    [[{ language: "es", people: 5, rows: [1] }], [], ['The account has no template "offer".']],
  ] as [WaitingLanguage[] | undefined, Partial<TemplateDefinition>[], string[]][])(
    "of rows in %j, with the template in %j: %j",
    ([languages, variants, says]) => {
      const one: Case = { facts: {}, manifest: BY_ROW, variants, ...(languages && { languages }) };
      const known = languages === undefined ? [{}] : variants;
      expect(find({ ...one, variants: known }).map(({ wrong }) => wrong)).toEqual(says);
    },
  );

  it("never makes a blocker of what is not known", () => {
    const nothing: FactChanges[] = [
      { number: null },
      { waba: null },
      { template: null, languages: null },
      { token: null },
      { number: null, waba: null, template: null, token: null },
    ];
    for (const facts of nothing) {
      const read = factsOf({ languages: null, ...facts });
      const found = preflight({ manifest: manifestOf(), facts: read, planned: null, now: NOW });
      expect(found.filter((one) => one.level === "blocker")).toEqual([]);
    }
  });

  it.for([
    [{}, false],
    [{ unread: [unread("template", null, true)] }, true],
    [{ unread: [unread("number", 4, true)] }, true],
    [{ unread: [unread("token", null, true)] }, false],
    [{ unread: [unread("waba", 200)] }, false],
  ] as [FactChanges, boolean][])(
    "knows whether Meta can be asked again soon: %j",
    ([facts, is]) => {
      expect(isUnreachable(factsOf(facts))).toBe(is);
    },
  );

  it.for([
    ["TIER_50", 50],
    ["TIER_250", 250],
    ["TIER_2K", 2_000],
    ["TIER_10K", 10_000],
    ["TIER_100K", 100_000],
    ["TIER_UNLIMITED", null],
    ["TIER_NOT_SET", null],
    ["UNTIERED", null],
    [null, null],
  ] as [string | null, number | null][])("the limit %s is %s", ([messagingLimit, people]) => {
    expect(limitOf(factsOf({ number: { messagingLimit } }).number)).toBe(people);
  });
});

describe("docs/findings.md", () => {
  it("is written from the table of findings", () => {
    const page = findingsPage();
    if (process.env.UPDATE_DOCS === "1") writeFileSync("docs/findings.md", page);
    expect(readFileSync("docs/findings.md", "utf8")).toBe(page);
  });

  it("knows its ids", () => {
    expect(isFindingId("ttl_mismatch")).toBe(true);
    expect(isFindingId("toString")).toBe(false);
  });
});

function findingsPage(): string {
  const rules = Object.entries(FINDINGS) as [FindingId, FindingRule][];
  const groups = [...new Set(rules.map(([, rule]) => rule.about))];
  const cell = (text: string) => text.replaceAll("|", "\\|").replace(/\{(\w+)\}/g, "⟨$1⟩");
  const sections = groups.map((about) => {
    const lines = rules
      .filter(([, rule]) => rule.about === about)
      .map(
        ([id, { level, wrong, todo }]) =>
          `| \`${id}\` | ${level} | ${cell(wrong)} | ${cell(todo)} |`,
      );
    const heading = about.charAt(0).toUpperCase() + about.slice(1);
    return `## ${heading}\n\n| id | level | what is wrong | what to do |\n|---|---|---|---|\n${lines.join("\n")}\n`;
  });
  return `# Findings

What \`campaign check\` can find before a single message leaves: at Meta's side, in the list and in the ledger. \`campaign run\` begins with the
same check.

- A **blocker** stops a run before anything is sent: exit 2, with all of them listed.
- A **warning** is reported, and the run goes on.
- What Meta did not return is not known, and never a blocker: partners and test servers return less.
- \`--despite <id>\` counts a finding as a warning only, for one command. The ids are stable.
- \`check --json\` has \`findings\`: each with \`id\`, \`level\`, \`path\` in the manifest with \`file\`, \`line\` and \`column\`,
  \`wrong\`, \`todo\`, \`next\` (the command that it names, or null), and \`seen\`, the value that Meta returned.

While Meta cannot be asked (the network, a fault on its side, too many calls), \`check\` exits 75: ask again later. A run goes on with
the warning \`meta_unreachable\`: its first message, which goes alone, shows whether Meta takes it, and a night must not be lost to
a management call. For the same reason \`token_invalid\` and \`number_not_found\` do not stop a run: it halts with exit 3 when the
first message is refused.

With several sending numbers (\`account.numbers\`) each is looked at, and a finding about one names it. A blocker of one number alone keeps that
number from sending, and a run goes on with the others; where it is of all of them, the run is refused. \`check\` exits 2 in both cases, and says
which. A number that Meta does not know beside one that it knows is held back too, without a first message.

A run keeps facts in the ledger for ten minutes, so that cron does not ask for everything each minute; \`check\` always asks.
The template is read again right before sending, since a change of its category clears its TTL.

Words in ⟨⟩ are filled with what was seen. This page is written from the table in \`src/domain/preflight/finding.ts\` by its test
(\`UPDATE_DOCS=1 npx vitest run test/domain/preflight/preflight.test.ts\`).

${sections.join("\n")}`;
}

describe("a quick reply that reads like an opt-out", () => {
  const judged = (components: TemplateComponent[], more = "", words: string[] = []) => {
    const template = `template: { name: offer, language: pt_BR, body: ["a", "b"]${more} }`;
    const definition = factsOf({ definition: { components } }).template?.definition;
    if (definition === undefined) throw new Error("there is no template");
    return judgeOptOutButtons(manifestOf({ template }), definition, words).map(({ seen }) => seen);
  };

  it("is named, unless a tap on it counts", () => {
    expect(judged(withReplies("Mute us", "Shop", "STOP", "Unsubscribe from Promos"))).toEqual([
      { text: "Mute us" },
    ]);
    expect(judged(withReplies("Mute us"), "", ["mute us"])).toEqual([]);
    const payload = (one: string) => `, buttons: [{ index: 0, quick_reply: "${one}" }]`;
    expect(judged(withReplies("Mute us"), payload("OPT_OUT"))).toEqual([]);
    expect(judged(withReplies("Mute us"), payload("{{ a }}"))).toEqual([{ text: "Mute us" }]);
    expect(judged(withReplies("Tchau"), payload("MUTE"))).toEqual([
      { text: "Tchau", payload: "MUTE" },
    ]);
  });

  it("of a carousel is named once, since all cards have the same buttons", () => {
    const cards = [1, 2].map(() => ({ components: withReplies("Silenciar") }));
    expect(judged([{ type: "carousel", cards }])).toEqual([{ text: "Silenciar" }]);
  });

  it("is no link and no call", () => {
    const buttons = ["URL", "PHONE_NUMBER", "FLOW"].map((type) => ({ type, text: "Mute us" }));
    expect(judged([{ type: "BUTTONS", buttons }])).toEqual([]);
  });
});
