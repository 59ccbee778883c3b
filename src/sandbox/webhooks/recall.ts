// What a sandbox that ended had still to tell its webhook, read from its log. The log is all of its
// memory; nothing is changed in it.

import { bidOf } from "../messages/bids.ts";
import { isRecord, multiplierOf } from "../messages/payload.ts";
import { lastQuickReply } from "../messages/shape.ts";
import { fateOf } from "../scenario/fates.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { sandboxLogEvents } from "../server/log.ts";
import type { AcceptedEvent, LogEvent } from "../server/log-events.ts";
import type { Queued } from "./deliver.ts";
import type { AcceptedMessage, PlannedReport } from "./receipts.ts";
import { plannedOf } from "./receipts.ts";
import { updateOf } from "./updates.ts";

/** How much of the end of a log is read, in bytes. */
const RECALL_BYTES = 134_217_728;
/** What is older was given up by then (Meta, throughput page, 2026-09: 7 days), in milliseconds. */
const RECALL_MS = 604_800_000;

export interface Recalled {
  /** Reported, and not answered with 200; oldest first. */
  unanswered: Queued[];
  /** Not reported; of some it may have been time long ago. */
  pending: { message: AcceptedMessage; planned: PlannedReport }[];
}

/** Reads from a log what its sandboxes did not post to a webhook, as it would be posted now. */
export function recall(file: string, scenario: Scenario, nowMs: number): Recalled {
  const unanswered = new Map<number, Queued>();
  const pending = new Map<
    string,
    Map<string, { message: AcceptedMessage; planned: PlannedReport }>
  >();
  for (const event of sandboxLogEvents(file, RECALL_BYTES)) {
    if (event.at < nowMs - RECALL_MS) continue;
    note(event, { unanswered, pending, scenario });
  }
  return {
    unanswered: [...unanswered.values()],
    pending: [...pending.values()].flatMap((planned) => [...planned.values()]),
  };
}

function note(
  event: LogEvent,
  {
    unanswered,
    pending,
    scenario,
  }: {
    unanswered: Map<number, Queued>;
    pending: Map<string, Map<string, { message: AcceptedMessage; planned: PlannedReport }>>;
    scenario: Scenario;
  },
): void {
  if (event.event === "accepted") {
    const message = messageOf(event, scenario);
    const all = plannedOf(message, scenario, event.at);
    if (all.length > 0) {
      pending.set(event.id, new Map(all.map((planned) => [planned.what, { message, planned }])));
    }
  } else if (event.event === "receipt" || event.event === "notice") {
    const update = updateOf(event.body);
    if (update !== undefined) {
      unanswered.set(event.seq, { seq: event.seq, update, isDoubled: false });
    }
    const what = event.event === "receipt" ? event.status : event.act;
    if (event.id === null || what === null) return;
    const rest = pending.get(event.id);
    rest?.delete(what);
    if (rest?.size === 0) pending.delete(event.id);
  } else if (event.event === "webhook" && (event.http === 200 || event.gave_up === true)) {
    for (const seq of event.updates) unanswered.delete(seq);
  } else if (event.event === "ended" && event.pending === 0) {
    unanswered.clear();
    pending.clear();
  }
}

/** An accepted message as the one who accepted it knew it. */
export function messageOf(event: AcceptedEvent, scenario: Scenario): AcceptedMessage {
  const { id, phone_number_id: phoneNumberId, key, path, wa_id: waId, to, body } = event;
  const fields = isRecord(body) ? body : {};
  const userId = to === null && typeof fields.recipient === "string" ? fields.recipient : undefined;
  const template = scenario.templates.find(
    (template) => template.name === event.template && template.language === event.language,
  );
  const fate = fateOf(scenario, to?.slice(1) ?? userId ?? "", template);
  const isHeld = event.message_status === "held_for_quality_assessment";
  const failsWith = event.fails_with ?? fate.failsWith;
  const posted = isRecord(fields.template) ? fields.template.components : undefined;
  const components = Array.isArray(posted) ? posted.filter(isRecord) : [];
  return {
    id,
    phoneNumberId,
    waId: waId ?? undefined,
    userId,
    key: key ?? undefined,
    path,
    fate: { ...fate, isHeld, failsWith },
    button: template && lastQuickReply(template, components),
    bid: template && bidOf(template, multiplierOf(fields) ?? 1),
  };
}
