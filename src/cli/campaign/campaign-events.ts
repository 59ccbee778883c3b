// What Meta and people reported of a campaign beside its receipts, for `status`: events of its
// account and template, clicks and taps, and the evidence about messages in doubt.

import { systemClock } from "../../clock/clock.ts";
import type { CampaignRecord } from "../../domain/campaign/campaign.ts";
import { count, plural } from "../../domain/common/numbers.ts";
import { plain } from "../../domain/common/plain.ts";
import { noticeSentence } from "../../domain/receipts/account-event.ts";
import { levelOf } from "../../domain/receipts/account-rules.ts";
import type { Doubts } from "../../domain/receipts/doubts.ts";
import { doubtRecord, doubtSentence } from "../../domain/receipts/doubts.ts";
import type { Engagement } from "../../domain/receipts/engagement.ts";
import type { InboxLedger } from "../../domain/receipts/inbox-ports.ts";
import type { AccountEvent } from "../../domain/receipts/processing.ts";
import type { ResultLedger } from "../../domain/result/result-ports.ts";

/** Events that a person is shown, and that `--json` has. */
const EVENTS_SHOWN = 10;
const EVENTS_KEPT = 100;
const TAPS_SHOWN = 12;

export interface CampaignEvents {
  events: AccountEvent[];
  engagement: Engagement;
  /** Null when no recipient is `unknown`. */
  doubts: Doubts | null;
}

/** Everything of one campaign; reads the whole campaign when a person is unknown. */
export async function campaignEventsOf(
  ledger: Pick<InboxLedger, "accountEvents"> & Pick<ResultLedger, "engagement" | "doubts">,
  campaign: CampaignRecord,
  counts: { unknown?: number },
): Promise<CampaignEvents> {
  return {
    events: await ledger.accountEvents(campaign.id, EVENTS_KEPT),
    engagement: await ledger.engagement(campaign.id),
    doubts: (counts.unknown ?? 0) > 0 ? await ledger.doubts(campaign.id) : null,
  };
}

/** The keys that `status --json` adds to the summary. */
export function campaignEventsRecord({
  events,
  engagement,
  doubts,
}: CampaignEvents): Record<string, unknown> {
  const { clicks, clicksUnmatched, landingPageViews, otherActions, taps } = engagement;
  return {
    events: events.map(eventRecord),
    clicks: { total: clicks.total, people: clicks.people, by_component: clicks.byComponent },
    clicks_unmatched: clicksUnmatched,
    landing_page_views: landingPageViews,
    other_actions: otherActions,
    taps,
    doubts: doubts === null ? null : doubtRecord(doubts, systemClock.now()),
  };
}

/** An event as `--json` has it. */
function eventRecord(event: AccountEvent): Record<string, unknown> {
  return {
    at: new Date(event.at).toISOString(),
    kind: event.kind,
    level: levelOf(event.kind),
    sentence: noticeSentence(event),
    waba_id: event.wabaId,
    template: event.template,
    language: event.language,
    template_id: event.templateId,
    said: event.said,
    previous: event.previous,
    reason: event.reason,
    detail: event.detail,
    delivery: event.bodyId,
  };
}

/** The same for a person; no line when nothing was reported. */
export function campaignEventLines({ events, engagement, doubts }: CampaignEvents): string[] {
  const lines: string[] = [];
  const { clicks, clicksUnmatched, landingPageViews, taps } = engagement;
  if (clicks.total > 0) {
    const parts = Object.entries(clicks.byComponent).map(
      ([name, clicked]) => `${name} ${count(clicked)}`,
    );
    lines.push(`Links followed: ${count(clicks.total)} (${parts.join(", ")}).`);
  }
  if (clicksUnmatched > 0) {
    lines.push(
      `${plural(clicksUnmatched, "click")} on messages of the same number may be another campaign's.`,
    );
  }
  if (landingPageViews > 0) {
    lines.push(`Pages reached in WhatsApp's own browser: ${count(landingPageViews)}.`);
  }
  for (const { label, taps: times, people } of taps.slice(0, TAPS_SHOWN)) {
    lines.push(
      `Tapped "${label}": ${count(times)} times, by ${plural(people, "person", "people")}.`,
    );
  }
  if (doubts !== null) lines.push(doubtSentence(doubts, systemClock.now()));
  return [...lines.map(plain), ...eventLines(events)];
}

/** Events for a person, newest first. */
export function eventLines(events: readonly AccountEvent[]): string[] {
  if (events.length === 0) return [];
  const shown = events.slice(0, EVENTS_SHOWN);
  return [
    "What Meta reported of account and template, newest first:",
    ...shown.map((event) => plain(`  ${levelOf(event.kind).padEnd(8)} ${noticeSentence(event)}`)),
    ...(events.length > shown.length ? ["  … older ones are in --json"] : []),
  ];
}
