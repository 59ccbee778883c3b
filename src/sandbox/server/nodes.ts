// The nodes that Graph shows of an account, as far as a campaign asks for them: every field with
// its value, made from the scenario. Never chooses among the fields.

import type { Scenario } from "../scenario/scenario.ts";
import type { ScenarioTemplate } from "../scenario/scenario-template.ts";
import { OWN_KEYS } from "../scenario/scenario-template.ts";

/**
 * Throughput from which Graph calls the level HIGH; the standard is 80 a second (Meta, throughput
 * page, 2026-09).
 */
const HIGH_THROUGHPUT = 1_000;
const FUNDING_ID = "100000000000003";
/** Who owns the account. */
export const BUSINESS_ID = "100000000000004";
const APP_ID = "100000000000005";
/** Added to a template's place in the list when it has no id of its own. */
const FIRST_TEMPLATE_ID = 1_000_000_000_000;

export type Node = Record<string, unknown>;

/** What messages of a template get that is in no state to be sent; 132001 in any other. */
const TEMPLATE_CODES: Record<string, number> = { PAUSED: 132015, DISABLED: 132016 };

interface Entity {
  entity_type: string;
  id: string;
  can: Scenario["health"]["waba"];
  /** Of the error that a blocked one has. */
  code?: number;
}

/** `/<PHONE_NUMBER_ID>`; `scenario` is the one that the number plays. */
export function phoneNode(scenario: Scenario): Node {
  const { throughput } = scenario;
  const high = throughput === null || throughput >= HIGH_THROUGHPUT;
  const level = scenario.throughput_level ?? (high ? "HIGH" : "STANDARD");
  return {
    id: scenario.phone_number_id,
    verified_name: scenario.verified_name,
    display_phone_number: scenario.display_phone_number,
    status: scenario.phone_status,
    quality_rating: scenario.quality_rating,
    platform_type: "CLOUD_API",
    throughput: { level },
    whatsapp_business_manager_messaging_limit: scenario.messaging_limit,
    code_verification_status: "VERIFIED",
    name_status: scenario.name_status,
    account_mode: "LIVE",
    health_status: healthOf(scenario, {
      entity_type: "PHONE_NUMBER",
      id: scenario.phone_number_id,
      can: scenario.health.phone_number,
    }),
  };
}

/** `/<WABA_ID>`. */
export function accountNode(scenario: Scenario): Node {
  const terms = scenario.terms_signed ? "TERM_OF_SERVICE_SIGNED" : "NOT_STARTED";
  return {
    id: scenario.waba_id,
    name: "Sandbox",
    timezone_id: "1",
    message_template_namespace: "sandbox",
    currency: scenario.currency,
    account_review_status: "APPROVED",
    ownership_type: "SELF",
    marketing_messages_onboarding_status: scenario.onboarding_status,
    disable_marketing_messages_on_cloud_api: scenario.disable_marketing_messages_on_cloud_api,
    degrees_of_freedom_spec: scenario.degrees_of_freedom_spec ?? undefined,
    is_enabled_for_insights: scenario.insights.enabled,
    ...(scenario.funding && { primary_funding_id: FUNDING_ID }),
    owner_business_info: {
      name: "Sandbox",
      id: BUSINESS_ID,
      marketing_messages_onboarding_status: { status: terms },
    },
    health_status: healthOf(scenario),
  };
}

/** A template with its id. */
export interface PlacedTemplate {
  id: string;
  template: ScenarioTemplate;
}

/** The templates of the account with their ids, in order. */
export function placedTemplates({ templates }: Scenario): PlacedTemplate[] {
  return templates.map((template, index) => ({
    id: template.id ?? `${FIRST_TEMPLATE_ID + index}`,
    template,
  }));
}

/** The ids that a template has among Meta's ads; they end as its own. */
export function adIdsOf({ insights }: Scenario, templateId: string): Node {
  return insights.ads ? { ad_id: `2${templateId}`, ad_adset_id: `3${templateId}` } : {};
}

/** `/<TEMPLATE_ID>`, and an item of `/<WABA_ID>/message_templates`; played since `startMs`. */
export function templateNode(
  scenario: Scenario,
  { id, template }: PlacedTemplate,
  startMs: number,
): Node {
  const kept = Object.entries(template).filter(
    ([key, value]) => !OWN_KEYS.has(key) && value !== undefined,
  );
  const ago = template.last_updated_seconds_ago;
  const status = template.status === "APPROVED" ? "AVAILABLE" : "BLOCKED";
  return {
    message_send_ttl_seconds: null,
    quality_score: { score: "GREEN" },
    ...adIdsOf(scenario, id),
    ...(template.status === "REJECTED" && { rejected_reason: "NONE" }),
    ...(ago !== undefined && { last_updated_time: graphTime(startMs - ago * 1_000) }),
    ...Object.fromEntries(kept),
    id,
    health_status: healthOf(scenario, {
      entity_type: "MESSAGE_TEMPLATE",
      id,
      can: status,
      code: TEMPLATE_CODES[template.status] ?? 132001,
    }),
  };
}

/** An instant as Graph writes it: `2026-09-28T10:30:00+0000`. */
export function graphTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, "+0000");
}

/**
 * `health_status`: the entity that was asked, then the account, its business and the app; the worst
 * of all counts (Meta, health status page, 2026-09). The sentences are ours.
 */
function healthOf({ health, waba_id: wabaId }: Scenario, asked?: Entity): Node {
  const all: Entity[] = [
    ...(asked === undefined ? [] : [asked]),
    { entity_type: "WABA", id: wabaId, can: health.waba },
    { entity_type: "BUSINESS", id: BUSINESS_ID, can: health.business },
    { entity_type: "APP", id: APP_ID, can: health.app },
  ];
  const worst = (["BLOCKED", "LIMITED"] as const).find((can) =>
    all.some((entity) => entity.can === can),
  );
  return { can_send_message: worst ?? "AVAILABLE", entities: all.map(entityOf) };
}

function entityOf({ entity_type, id, can, code = 131031 }: Entity): Node {
  const entity = { entity_type, id, can_send_message: can };
  if (can === "AVAILABLE") return entity;
  if (can === "LIMITED") return { ...entity, additional_info: ["The sandbox limits this entity."] };
  const error = {
    error_code: code,
    error_description: "The sandbox blocks this entity.",
    possible_solution: "Change the scenario.",
  };
  return { ...entity, errors: [error] };
}
