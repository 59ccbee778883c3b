// Answers GETs for the phone numbers, the account, its templates, its files and the token, straight
// from the scenario. Never changes it.

import { adInsights, pricingAnalytics, pricingAsked } from "../insights/billed.ts";
import { templateAnalytics } from "../insights/template-analytics.ts";
import type { Refusal } from "../messages/graph-errors.ts";
import { unknownObject } from "../messages/graph-errors.ts";
import { numbersOf } from "../scenario/own-numbers.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Call } from "./call.ts";
import { ACCOUNT, isRefusal, PHONE, pickFields, TEMPLATE } from "./fields.ts";
import { isAlive, readMediaId } from "./media.ts";
import type { Node } from "./nodes.ts";
import { accountNode, phoneNode, placedTemplates, templateNode } from "./nodes.ts";
import { reachEstimate } from "./reach.ts";
import { listTemplates, pageOf } from "./template-list.ts";
import { describeToken, lacksScope } from "./token.ts";

/** Subcode of Graph for an app without the permission (OpenAPI v23.0). */
const NO_PERMISSION = 1349176;

/** The answer to a GET: a node, a list, or why there is none. */
export function readNode(scenario: Scenario, call: Call): Node | Refusal {
  const { path, query } = call;
  const { waba_id: account } = scenario;
  const numbers = numbersOf(scenario);
  const fields = query.get("fields");
  if (path === "debug_token") {
    // A partner's server has no such call.
    if (scenario.returns_less) return unknownObject(path, "get");
    return describeToken(query.get("input_token"), scenario, call);
  }
  const number = numbers.get(path);
  if (number !== undefined) {
    return refusedRead(scenario, true) ?? pickFields(PHONE, phoneNode(number), fields, scenario);
  }
  const media = readMediaId(scenario.seed, path);
  if (media !== undefined && isAlive(scenario, media, call.nowMs))
    return mediaNode(path, media.kind);
  const refused = refusedRead(scenario, false);
  if (path === account) {
    return refused ?? readAccount(scenario, call);
  }
  if (path === `${account}/message_templates`) return refused ?? listTemplates(scenario, call);
  if (path === `${account}/reachestimate`) return refused ?? reachEstimate(scenario, query);
  if (path === `${account}/template_analytics`) {
    return refused ?? templateAnalytics(scenario, call);
  }
  if (path === `${account}/phone_numbers`) {
    if (refused !== undefined) return refused;
    const nodes: Node[] = [];
    for (const own of numbers.values()) {
      const node = pickFields(PHONE, phoneNode(own), fields, scenario);
      if (isRefusal(node)) return node;
      nodes.push(node);
    }
    return pageOf(scenario, call, nodes);
  }
  const ofAd = adInsights(scenario, call);
  if (ofAd !== undefined) return ofAd;
  const placed = placedTemplates(scenario).find((template) => template.id === path);
  if (placed === undefined) return unknownObject(path.split("/")[0] ?? "", "get");
  const node = templateNode(scenario, placed, call.startMs);
  return refused ?? pickFields(TEMPLATE, node, fields, scenario);
}

/** Of its fields `pricing_analytics` takes parameters. */
function readAccount(scenario: Scenario, call: Call): Node | Refusal {
  const fields = call.query.get("fields");
  const node = accountNode(scenario);
  const asked = pricingAsked(fields);
  if (asked === undefined) return pickFields(ACCOUNT, node, fields, scenario);
  const pricing_analytics = pricingAnalytics(scenario, call, asked);
  if (isRefusal(pricing_analytics)) return pricing_analytics;
  return pickFields(ACCOUNT, { ...node, pricing_analytics }, fields, scenario);
}

/** The number can be read with either permission, all else only with the one for management. */
function refusedRead(scenario: Scenario, isNumber: boolean): Refusal | undefined {
  if (!lacksScope(scenario, "whatsapp_business_management")) return undefined;
  if (isNumber && !lacksScope(scenario, "whatsapp_business_messaging")) return undefined;
  const message = "(#200) Requires whatsapp_business_management permission to access the resource";
  return { code: 200, subcode: NO_PERMISSION, message };
}

/** `/<MEDIA_ID>` (OpenAPI v23.0); the file itself was not kept. */
function mediaNode(id: string, kind: string): Node {
  return {
    messaging_product: "whatsapp",
    url: "https://lookaside.example.com/not-kept",
    mime_type: `${kind}/*`,
    id,
  };
}
