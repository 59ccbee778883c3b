// The sandbox's own address, /_sandbox: what it plays and what it counted, and changing what it
// plays while it runs. Graph has nothing like it, so it is open to this machine only.

import { isRecord } from "../messages/payload.ts";
import { FAULT_FACTS } from "../scenario/faults.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { checkScenario } from "../scenario/scenario.ts";
import { SPECIAL_NUMBERS } from "../scenario/special-numbers.ts";

/** What was counted since the start. */
export interface Counters {
  /** Messages posted. */
  requests: number;
  accepted: number;
  /** By code. */
  refused: Record<string, number>;
  /** By kind, whether the message was accepted or not. */
  faults: Record<string, number>;
  receipts: number;
  /** Posted to the webhook and answered with 200. */
  deliveries: number;
  /** Calls that are not messages. */
  management: number;
}

/** Counters of a server that has had no call yet. */
export function newCounters(): Counters {
  return {
    requests: 0,
    accepted: 0,
    refused: {},
    faults: {},
    receipts: 0,
    deliveries: 0,
    management: 0,
  };
}

/** Adds one to a key of a counter. */
export function count(counter: Record<string, number>, key: string | number): void {
  counter[key] = (counter[key] ?? 0) + 1;
}

/** The body of `GET /_sandbox`; token and secrets stay out of it. */
export function describe(scenario: Scenario, counters: Counters): string {
  const { access_token: _, ...shown } = scenario;
  const { app_secret: __, verify_token: ___, ...webhooks } = scenario.webhooks;
  const parts = {
    scenario: { ...shown, webhooks },
    counters,
    special_numbers: SPECIAL_NUMBERS,
    faults: FAULT_FACTS,
  };
  return JSON.stringify(parts);
}

/** Tells whether an address is this machine's own. */
export function isLoopback(address: string | undefined): boolean {
  const plain = address?.replace(/^::ffff:/, "");
  return plain === "::1" || plain?.startsWith("127.") === true;
}

/**
 * A scenario with some keys changed by the JSON text of a PATCH. Objects are merged key by key and
 * lists replaced, but a template in `templates` changes the one of the same name and language, a
 * number in `numbers` the one of the same id, or they are added. `null` is a value here, never
 * "remove".
 */
export function patchScenario(
  scenario: Scenario,
  text: string,
): { value: Scenario } | { problems: string[] } {
  let patch: unknown;
  try {
    patch = JSON.parse(text);
  } catch {
    return { problems: ["the body is not JSON"] };
  }
  if (!isRecord(patch)) return { problems: ["the body is not a JSON object"] };
  const merged = merge(scenario, patch);
  if (Array.isArray(patch.templates)) {
    merged.templates = mergeList(scenario.templates, patch.templates, ["name", "language"]);
  }
  if (Array.isArray(patch.numbers)) {
    merged.numbers = mergeList(scenario.numbers, patch.numbers, ["phone_number_id"]);
  }
  return checkScenario(merged);
}

function merge(
  into: Record<string, unknown>,
  patch: Record<string, unknown>,
): Record<string, unknown> {
  const merged = { ...into };
  for (const [key, value] of Object.entries(patch)) {
    const old = merged[key];
    merged[key] = isRecord(old) && isRecord(value) ? merge(old, value) : value;
  }
  return merged;
}

/** Items are the same when all of `keys` are. */
function mergeList<Key extends string>(
  list: readonly Readonly<Record<Key, unknown>>[],
  patch: unknown[],
  keys: readonly Key[],
): unknown[] {
  const merged: unknown[] = [...list];
  for (const change of patch) {
    const place = list.findIndex(
      (one) => isRecord(change) && keys.every((key) => one[key] === change[key]),
    );
    if (place === -1) merged.push(change);
    else merged[place] = { ...list[place], ...(change as object) };
  }
  return merged;
}
