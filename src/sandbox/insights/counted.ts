// What became of every message that the log has, as Meta would count it: also what was never
// reported to a webhook. Reads the log from where it read it last.

import { existsSync, statSync } from "node:fs";

import { readInternational } from "../../domain/recipient/phone-plans.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { sandboxLogEvents } from "../server/log.ts";
import { messageOf } from "../webhooks/recall.ts";
import { plannedOf } from "../webhooks/receipts.ts";

/** A message that was accepted. */
export interface CountedMessage {
  /** Instant of its acceptance, ms. */
  at: number;
  template: string | null;
  language: string | null;
  path: "marketing_lite" | "marketing";
  phoneNumberId: string;
  /** ISO 3166-1 alpha-2; null where the number has none. */
  country: string | null;
  /** The text of the quick reply that may be tapped. */
  button: string | null;
  /** What happened, or will, and when, ms: `delivered`, `read`, `click`, `tap`. */
  events: ReadonlyMap<string, number>;
}

/** Gives the messages of some logs, those included that were written since it was asked last. */
export function makeCounted(files: readonly string[]): (scenario: Scenario) => CountedMessage[] {
  const messages: CountedMessage[] = [];
  const seen = new Map<string, number>();
  return (scenario) => {
    for (const file of files) {
      const size = existsSync(file) ? statSync(file).size : 0;
      const from = seen.get(file) ?? 0;
      if (size <= from) continue;
      for (const event of sandboxLogEvents(file, size - from)) {
        if (event.event === "accepted") messages.push(countedOf(event, scenario));
      }
      seen.set(file, size);
    }
    return messages;
  };
}

function countedOf(event: Parameters<typeof messageOf>[0], scenario: Scenario): CountedMessage {
  const message = messageOf(event, scenario);
  // Meta knows what its webhooks lost, and what it never reported.
  const counted = {
    ...scenario,
    receipt_delay_ms: scenario.receipt_delay_ms ?? 0,
    webhooks: { ...scenario.webhooks, lost: 0 },
  };
  const planned = plannedOf(message, counted, event.at);
  return {
    at: event.at,
    template: event.template,
    language: event.language,
    path: event.path,
    phoneNumberId: event.phone_number_id,
    country: event.to === null ? null : (readInternational(event.to.slice(1))?.region ?? null),
    button: message.button?.text ?? null,
    events: new Map(planned.map(({ what, atMs }) => [what, atMs])),
  };
}
