// A manifest and an account of which nothing is wrong, to be made wrong in one place by a test.

import type {
  AccountFacts,
  NumberFacts,
  TemplateFacts,
  TokenFacts,
  WabaFacts,
} from "../../../src/domain/account/facts.ts";
import type { Manifest } from "../../../src/domain/manifest/manifest.ts";
import { readManifest } from "../../../src/domain/manifest/manifest.ts";
import type { TemplateDefinition } from "../../../src/domain/message/template.ts";

/**
 * Reads a manifest of a real account; `more` is YAML put in place of the sections of the same name.
 */
export function manifestOf(more: Record<string, string> = {}): Manifest {
  const sections: Record<string, string> = {
    campaign: "campaign: test",
    account: `account:
  phone_number_id: "100000000000001"
  waba_id: "100000000000002"
  access_token: \${TOKEN}`,
    recipients: "recipients: { file: list.csv }",
    template: `template:
  name: offer
  language: pt_BR
  ttl: 24h
  body: ["{{ first_name }}", "{{ coupon }}"]`,
    delivery: "delivery: { product_policy: STRICT }",
    rate: "rate: { messages_per_second: 80 }",
    ...more,
  };
  const text = Object.values(sections).join("\n");
  const read = readManifest(text, { file: "test.yaml", env: { TOKEN: "token" } });
  if ("problems" in read) throw new Error(JSON.stringify(read.problems));
  return read.manifest;
}

/** Keys of the facts, each changed as far as it is given; null for a part that is not there. */
export interface FactChanges {
  number?: Partial<NumberFacts> | null;
  /** Numbers after the first, by id. */
  more?: { id: string; facts?: Partial<NumberFacts> | null }[];
  waba?: Partial<WabaFacts> | null;
  template?: Partial<TemplateFacts> | null;
  definition?: Partial<TemplateDefinition>;
  token?: Partial<TokenFacts> | null;
  languages?: AccountFacts["languages"];
  templateNames?: AccountFacts["templateNames"];
  unread?: AccountFacts["unread"];
}

/** Facts of a healthy account with the template of `manifestOf`. */
export function factsOf(changes: FactChanges = {}, readAt = 0): AccountFacts {
  const definition: TemplateDefinition = {
    name: "offer",
    language: "pt_BR",
    category: "MARKETING",
    status: "APPROVED",
    parameter_format: "POSITIONAL",
    components: [{ type: "BODY", text: "Oi {{1}}, use {{2}}." }],
    message_send_ttl_seconds: 86_400,
    ...changes.definition,
  };
  const number: NumberFacts = {
    id: "100000000000001",
    displayPhoneNumber: "+55 20 5555-0100",
    verifiedName: "Test",
    status: "CONNECTED",
    qualityRating: "GREEN",
    throughputLevel: "STANDARD",
    messagingLimit: "TIER_UNLIMITED",
    health: { canSend: "AVAILABLE", problems: [] },
  };
  const waba: WabaFacts = {
    id: "100000000000002",
    name: "Test",
    currency: "USD",
    onboardingStatus: "ONBOARDED",
    ownerBusinessId: "100000000000003",
    termsStatus: "TERM_OF_SERVICE_SIGNED",
    cloudMarketingDisabled: false,
    funding: "present",
    insightsOn: true,
    health: { canSend: "AVAILABLE", problems: [] },
  };
  const template: TemplateFacts = {
    id: "1",
    definition,
    quality: "GREEN",
    rejectedReason: null,
    previousCategory: null,
    correctCategory: null,
    createdAt: null,
    changedAt: null,
  };
  const token: TokenFacts = {
    isValid: true,
    expiresAt: "never",
    scopes: ["whatsapp_business_messaging", "whatsapp_business_management"],
  };
  const part = <T>(whole: T, change: Partial<T> | null | undefined): T | null =>
    change === null ? null : { ...whole, ...change };
  const first = part(number, changes.number);
  const more = changes.more ?? [];
  return {
    number: first,
    numbers: [
      { phoneNumberId: number.id, facts: first },
      ...more.map(({ id, ...change }) => ({
        phoneNumberId: id,
        facts: change.facts === null ? null : { ...number, id, ...change.facts },
      })),
    ],
    waba: part(waba, changes.waba),
    template: part(template, changes.template),
    languages:
      changes.languages === undefined
        ? [{ language: "pt_BR", status: definition.status }]
        : changes.languages,
    templateNames: changes.templateNames ?? null,
    token: part(token, changes.token),
    unread: changes.unread ?? [],
    readAt,
  };
}
