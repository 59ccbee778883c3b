// Which fields of a node Graph shows: those that were asked for, or those it shows unasked; and
// what it says of a field that the node does not have. Never makes a value.

import type { Refusal } from "../messages/graph-errors.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Node } from "./nodes.ts";

/** What is known of one type of node. */
export interface NodeType {
  /** As Graph calls it in errors. */
  name: string;
  /** Shown unasked, and by a server that returns less than Graph. */
  defaults: readonly string[];
  /** Every field that Graph has; those without a value here are left out when asked for. */
  fields: ReadonlySet<string>;
}

/** Fields: pywa 4.4.0 and Meta's references, 2026-08; defaults: OpenAPI v23.0. */
export const PHONE: NodeType = {
  name: "WhatsAppBusinessPhoneNumber",
  defaults: ["verified_name", "display_phone_number", "quality_rating", "throughput"],
  fields: words(`
    id account_mode certificate code_verification_status conversational_automation
    display_phone_number eligibility_for_api_business_global_search health_status host_platform
    is_official_business_account is_on_biz_app is_pin_enabled is_preverified_number
    last_onboarded_time messaging_limit_tier name_status new_certificate new_display_name
    new_name_status platform_type quality_rating quality_score search_visibility settings status
    throughput unified_cert_status username verified_name webhook_configuration
    whatsapp_business_manager_messaging_limit whatsapp_business_profile whatsapp_commerce_settings
  `),
};

export const ACCOUNT: NodeType = {
  name: "WhatsAppBusinessAccount",
  defaults: ["name", "timezone_id", "message_template_namespace"],
  fields: words(`
    id account_review_status activities analytics assigned_users
    auth_international_rate_eligibility business_verification_status conversation_analytics country
    creation_time currency degrees_of_freedom_spec disable_marketing_messages_on_cloud_api flows
    health_status is_enabled_for_insights is_shared_with_partners linked_commerce_account
    marketing_messages_lite_api_status marketing_messages_onboarding_status
    message_template_namespace message_templates name on_behalf_of_business_info owner_business
    owner_business_info ownership_type phone_numbers pricing_analytics primary_business_location
    primary_funding_id purchase_order_number schedules status subscribed_apps template_analytics
    timezone_id
  `),
};

/** Defaults: Meta, template management page, 2026-03. */
export const TEMPLATE: NodeType = {
  name: "WhatsAppMessageTemplate",
  defaults: ["name", "parameter_format", "components", "language", "status", "category"],
  fields: words(`
    id ad_account_id ad_adset_id ad_campaign_id ad_id bid_spec category components correct_category
    creative_sourcing_spec cta_url_link_tracking_opted_out degrees_of_freedom_spec
    display_format health_status is_primary_device_delivery_only language last_updated_time
    library_template_name message_send_ttl_seconds name optimization_spec parameter_format
    previous_category quality_score rejected_reason rejection_info specific_rejection_reasons status
    sub_category
  `),
};

/**
 * The asked fields of a node, or those shown unasked, and always its id. An unknown field refuses
 * the whole call, as Graph does.
 */
export function pickFields(
  type: NodeType,
  node: Node,
  asked: string | null,
  scenario: Scenario,
): Node | Refusal {
  const names = asked === null ? type.defaults : namesOf(asked);
  const picked: Node = {};
  for (const name of names) {
    const isMissing = scenario.nonexistent_fields.includes(name);
    if (isMissing || (scenario.refuse_unknown_fields && !type.fields.has(name))) {
      const where = `nonexistent field (${name}) on node type (${type.name})`;
      const message = `(#100) Tried accessing ${where}`;
      return { code: 100, message, details: message, fromGraph: true };
    }
    const isLeftOut = scenario.returns_less && !type.defaults.includes(name);
    if (!isLeftOut && node[name] !== undefined) picked[name] = node[name];
  }
  return { ...picked, id: node.id };
}

/** Tells a refusal from a node; no node of Graph has a code. */
export function isRefusal(answer: Node | Refusal): answer is Refusal {
  return typeof answer.code === "number";
}

/** The names of a `fields` parameter, without what is asked of a field: `a{b,c},d.limit(5)`. */
function namesOf(fields: string): string[] {
  const names: string[] = [];
  let depth = 0;
  let name = "";
  for (const letter of `${fields},`) {
    if (letter === "{" || letter === "(") depth += 1;
    if (depth === 0 && letter === ",") {
      const plain = name.replace(/\..*$/s, "").trim();
      if (plain !== "") names.push(plain);
      name = "";
    } else if (depth === 0) name += letter;
    if (letter === "}" || letter === ")") depth = Math.max(0, depth - 1);
  }
  return names;
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
