// Answers GETs for the phone number, the account and its templates, straight from the scenario.
// Never changes it.

import type { Answer } from "./answer.ts";
import type { Refusal } from "./graph-errors.ts";
import { errorBody, httpStatusOf } from "./graph-errors.ts";
import { refusedToken, unknownObject } from "./judge.ts";
import type { Scenario } from "./scenario.ts";

const PHONE_DEFAULTS = ["verified_name", "display_phone_number", "quality_rating", "throughput"];
const ACCOUNT_DEFAULTS = ["name", "timezone_id", "message_template_namespace"];
/** What a list of templates has unasked (Meta, template management page, 2026-03). */
const TEMPLATE_DEFAULTS = [
  "name",
  "parameter_format",
  "components",
  "language",
  "status",
  "category",
];
/**
 * Throughput from which Graph calls the level HIGH; the standard is 80 a second (Meta, throughput
 * page, 2026-09).
 */
const HIGH_THROUGHPUT = 1_000;

type Node = Record<string, unknown>;

/** Answers `GET /v…/<path>`; `path` begins after the version, without a slash. */
export function answerGet(
  scenario: Scenario,
  path: string,
  query: URLSearchParams,
  authorization: string | undefined,
  traceId: string,
): Answer {
  const refused = (refusal: Refusal): Answer => {
    return { http: httpStatusOf(refusal.code), body: errorBody(refusal, traceId) };
  };
  const badToken = refusedToken(authorization, scenario);
  if (badToken !== undefined) return refused(badToken);
  const fields = query.get("fields")?.split(",").filter(Boolean);
  const node = nodeAt(scenario, path, query, fields);
  if (node === undefined) return refused(unknownObject(path.split("/")[0] ?? "", "get"));
  return { http: 200, body: JSON.stringify(node) };
}

function nodeAt(
  scenario: Scenario,
  path: string,
  query: URLSearchParams,
  fields: string[] | undefined,
): Node | undefined {
  const { phone_number_id: phone, waba_id: account } = scenario;
  if (path === phone) return pick(phoneNode(scenario), fields ?? PHONE_DEFAULTS);
  if (path === account) return pick(accountNode(scenario), fields ?? ACCOUNT_DEFAULTS);
  if (path === `${account}/message_templates`) {
    return templateList(scenario, query, fields ?? TEMPLATE_DEFAULTS);
  }
  if (path === `${account}/phone_numbers`) {
    return { data: [pick(phoneNode(scenario), fields ?? PHONE_DEFAULTS)] };
  }
  return undefined;
}

function phoneNode(scenario: Scenario): Node {
  const { throughput } = scenario;
  const level = throughput === null || throughput >= HIGH_THROUGHPUT ? "HIGH" : "STANDARD";
  return {
    id: scenario.phone_number_id,
    verified_name: "Sandbox",
    display_phone_number: scenario.display_phone_number,
    status: scenario.phone_status,
    quality_rating: scenario.quality_rating,
    platform_type: "CLOUD_API",
    throughput: { level },
    whatsapp_business_manager_messaging_limit: scenario.messaging_limit,
    code_verification_status: "VERIFIED",
    name_status: "APPROVED",
  };
}

function accountNode(scenario: Scenario): Node {
  return {
    id: scenario.waba_id,
    name: "Sandbox",
    timezone_id: "1",
    message_template_namespace: "sandbox",
    currency: "USD",
    marketing_messages_onboarding_status: scenario.onboarding_status,
    disable_marketing_messages_on_cloud_api: scenario.disable_marketing_messages_on_cloud_api,
    primary_funding_id: "100000000000003",
    owner_business_info: {
      name: "Sandbox",
      id: "100000000000004",
      marketing_messages_onboarding_status: {
        status: scenario.terms_signed ? "TERM_OF_SERVICE_SIGNED" : "NOT_STARTED",
      },
    },
  };
}

function templateList(scenario: Scenario, query: URLSearchParams, fields: string[]): Node {
  const name = query.get("name");
  const language = query.get("language");
  const status = query.get("status")?.toUpperCase();
  const data = [];
  for (const [index, { syncing: _, ...template }] of scenario.templates.entries()) {
    // Meta's `name` is a search, not an equality (template management page, 2026-03).
    if (name !== null && !template.name.includes(name)) continue;
    if (language !== null && template.language !== language) continue;
    if (status !== undefined && template.status !== status) continue;
    const node = {
      id: `${1_000_000_000_000 + index}`,
      message_send_ttl_seconds: null,
      quality_score: { score: "GREEN" },
      ...template,
    };
    data.push(pick(node, fields));
  }
  // No `paging`: there is only one page.
  return { data };
}

/**
 * The asked fields of a node, and always its id; an unknown field is left out, as Graph does for
 * most.
 */
function pick(node: Node, fields: readonly string[]): Node {
  const picked: Node = {};
  for (const field of fields) if (field in node) picked[field] = node[field];
  return { ...picked, id: node.id };
}
