// Why an account or a template is in no state to send, and what Graph says then. Decides nothing
// about the message itself.

import type { Refusal } from "../messages/graph-errors.ts";
import type { Scenario } from "./scenario.ts";
import type { Api } from "./scenario-shares.ts";
import type { ScenarioTemplate } from "./scenario-template.ts";

/**
 * What sends get by the number's status. Only "deleted" (33) and "not registered" (133010) stand on
 * Meta's error codes page (2026-09) in words that fit; the others are the likeliest of it. [?]
 */
const PHONE_REFUSALS: Record<string, number> = {
  DELETED: 33,
  BANNED: 131031,
  RESTRICTED: 131031,
  RATE_LIMITED: 131048,
};
/** A number in another status is not registered: PENDING, DISCONNECTED, MIGRATED, OFFLINE, … */
const NOT_REGISTERED = 133010;
const SENDING: ReadonlySet<string> = new Set(["CONNECTED", "FLAGGED"]);

/**
 * The refusal of every message of a number, or undefined when it may send; `scenario` is the one
 * that the number plays.
 */
export function accountRefusal(scenario: Scenario): Refusal | undefined {
  const { account_state: state, phone_status: status, health } = scenario;
  const isMeant = (state.phone_number_id ?? scenario.phone_number_id) === scenario.phone_number_id;
  if (isMeant && state.refuse_all !== null) return { code: state.refuse_all };
  if (!SENDING.has(status)) {
    return {
      code: PHONE_REFUSALS[status] ?? NOT_REGISTERED,
      details: `The number is ${status}.`,
    };
  }
  for (const [entity, can] of Object.entries(health)) {
    // [?] Meta says that a blocked entity cannot send (health status page, 2026-09), not the code.
    if (can === "BLOCKED") return { code: 131031, details: `The ${entity} is blocked.` };
  }
  return scenario.funding ? undefined : { code: 131042 };
}

/** The refusal of a template that cannot be sent, or undefined. */
export function templateRefusal(
  scenario: Scenario,
  { template: name, language }: { template: string; language: string },
  { template, api }: { template: ScenarioTemplate | undefined; api: Api },
): Refusal | undefined {
  if (template === undefined) {
    return { code: 132001, details: `template name (${name}) does not exist in ${language}` };
  }
  if (template.category !== "MARKETING" && api === "marketing")
    return { code: scenario.non_marketing_code };
  if (template.status === "PAUSED") return { code: 132015 };
  if (template.status === "DISABLED") return { code: 132016 };
  if (template.status !== "APPROVED") {
    return { code: 132001, details: `template (${name}) is not approved in ${language}` };
  }
  return undefined;
}

/** Remembers since when the ad syncs of the templates run. */
export interface Syncs {
  /** The refusal of a template that is not synced yet; a message that asks may begin the sync. */
  refusal(template: ScenarioTemplate, nowMs: number): Refusal | undefined;
  /** Goes on with other templates; the sync of one that is new, or said again, begins now. */
  change(templates: readonly ScenarioTemplate[], nowMs: number): void;
}

/** Ad syncs of templates that are there from `startMs` on. */
export function makeSyncs(templates: readonly ScenarioTemplate[], startMs: number): Syncs {
  // By name and language: what was said of the sync, and when it began.
  const begun = new Map<string, { said: string; atMs: number | undefined }>();

  function note(all: readonly ScenarioTemplate[], nowMs: number): void {
    for (const { name, language, sync } of all) {
      const key = templateKey(name, language);
      const said = JSON.stringify(sync ?? null);
      if (begun.get(key)?.said === said) continue;
      begun.set(key, { said, atMs: sync?.from === "start" ? nowMs : undefined });
    }
  }

  note(templates, startMs);
  return {
    refusal({ name, language, syncing, sync }, nowMs) {
      if (syncing) return { code: 134101 };
      if (sync === undefined) return undefined;
      const known = begun.get(templateKey(name, language));
      if (known === undefined) return undefined;
      known.atMs ??= nowMs;
      if (nowMs - known.atMs >= sync.seconds * 1_000) return undefined;
      const details = "Ad sync of this template is not complete. Please wait 10 minutes.";
      return { code: sync.code, details };
    },
    change: note,
  };
}

/** One text for a template's identity: its name and language. */
export function templateKey(name: string, language: string): string {
  return `${name}\u0000${language}`;
}
