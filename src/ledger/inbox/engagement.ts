// Keeps what people did with messages: links that they followed, pages that they reached, quick
// replies that they tapped. An action names no message in what Meta documents (user_actions,
// 2025-12), so most of them are only of a campaign. Needs the caller's transaction.

import type { Engagement } from "../../domain/receipts/engagement.ts";
import type { DispatchPlace } from "../../domain/receipts/match.ts";
import type { EventEffect } from "../../domain/receipts/processing.ts";
import type { Click } from "../../domain/receipts/receipt.ts";
import type { Tallies } from "../campaigns/tallies.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import { lanesOfSql, sendsFromSql } from "../lanes.ts";

/**
 * A click is counted for a campaign when no other one has sent from the same number for so long
 * before it: a week.
 */
const ALONE_MS = 7 * 86_400_000;
/** More buttons than a template has, with the words of every language. */
const LABELS_MAX = 200;

/** A quick reply that was tapped. */
interface Tap {
  label: string | null;
  /** Instant. */
  at: number;
  isOptOut: boolean;
}

/** Clicks and taps; those that write run inside the caller's transaction. */
export function makeEngagement(tallies: Tallies) {
  const sql = prepare();

  /** The one campaign that sent from the number of late; null when there is none, or several. */
  function* campaignOf(number: string | null, at: number): Verb<number | null> {
    if (number === null) return null;
    const [only, ...others] = yield* sql.lately.all({ number, from: at - ALONE_MS, at });
    return only === undefined || others.length > 0 ? null : only;
  }

  return {
    /** Keeps a click once. `applied` when its message is known. */
    *click(event: Click & { at: number }, place: DispatchPlace | undefined): Verb<EventEffect> {
      const { clickId, number, at, action, component, token } = event;
      // A click and the view of its page share the click's id, and each counts for itself.
      const identity = JSON.stringify(
        clickId === null ? [action, number, at, component, token] : [action, clickId],
      );
      const campaign = place?.campaign ?? (yield* campaignOf(number, at));
      const row = place?.row ?? null;
      const { changes } = yield* sql.click.run({
        identity,
        action,
        number,
        campaign,
        row,
        component,
        at,
      });
      if (changes === 0) return "repeated";
      if (place === undefined) return "noted";
      if (action === "link_click") {
        yield* tallies.changed(place.campaign, (yield* sql.clicked.run({ ...place, at })).changes);
      }
      return "applied";
    },

    /** Keeps a tap once. Returns whether it was new. */
    *tap(messageId: string, place: DispatchPlace, tap: Tap): Verb<boolean> {
      const { label, at, isOptOut } = tap;
      const { campaign, row } = place;
      const { changes } = yield* sql.tap.run(messageId, campaign, row, label, at, isOptOut ? 1 : 0);
      return (yield* tallies.changed(campaign, changes)) > 0;
    },

    /**
     * Recipients who opened a link or tapped a button other than an opt-out, as far as it is known
     * whose it was.
     */
    *people(campaign: number): Verb<number> {
      return (yield* sql.people.get({ campaign })) as number;
    },

    *engagement(campaign: number): Verb<Engagement> {
      const clicks: Engagement["clicks"] = { total: 0, people: 0, byComponent: {} };
      for (const { component, number } of yield* sql.clicks.all(campaign)) {
        clicks.total += number;
        clicks.byComponent[component] = number;
      }
      clicks.people = (yield* sql.clickers.get(campaign)) as number;
      const actions = new Map(
        (yield* sql.actions.all(campaign)).map(({ action, number }) => [action, number]),
      );
      return {
        clicks,
        landingPageViews: actions.get("landing_page_view") ?? 0,
        otherActions: actions.get("other") ?? 0,
        clicksUnmatched: (yield* sql.pending.get({ campaign })) as number,
        taps: yield* sql.taps.all(campaign),
      };
    },
  };
}

export type EngagementStore = ReturnType<typeof makeEngagement>;

function prepare() {
  return {
    // A sandbox has whatever number its scenario gives it.
    lately: statement<[{ number: string; from: number; at: number }], number>(`
        select id from campaign
        where last_claim_at >= @from and created_at <= @at and (
          ${sendsFromSql("campaign", "@number")}
          or lane = 'sandbox' and not exists (
            select 1 from campaign as other where ${sendsFromSql("other", "@number")}
          )
        )
        limit 2
      `).pluck(),
    click: statement(`
      insert into click (identity, action, number, campaign_id, row_number, component, clicked_at)
      values (@identity, @action, @number, @campaign, @row, @component, @at) on conflict do nothing
    `),
    clicked: statement(`
      update dispatch set clicked_at = min(coalesce(clicked_at, @at), @at)
      where campaign_id = @campaign and row_number = @row
    `),
    tap: statement(`
      insert into tap (inbound_id, campaign_id, row_number, label, tapped_at, is_opt_out)
      values (?, ?, ?, ?, ?, ?) on conflict do nothing
    `),
    clicks: statement<[number], { component: string; number: number }>(`
      select coalesce(component, 'other') as component, count(*) as number from click
      where campaign_id = ? and action = 'link_click' group by 1 order by 2 desc, 1
    `),
    actions: statement<[number], { action: Click["action"]; number: number }>(
      "select action, count(*) as number from click where campaign_id = ? group by action order by action",
    ),
    clickers: statement(`
        select count(distinct row_number) from click
        where campaign_id = ? and action = 'link_click'
      `).pluck(),
    // Who did both counts once.
    people: statement(`
        select count(*) from (
          select row_number from tap where campaign_id = @campaign and is_opt_out = 0
          union
          select row_number from click
          where campaign_id = @campaign and row_number is not null and action = 'link_click'
        ) as people
      `).pluck(),
    pending: statement(`
        select count(*) from click
        where campaign_id is null and action = 'link_click'
          and number in (select lane from ${lanesOfSql("@campaign")} as mine)
      `).pluck(),
    taps: statement<[number], { label: string; taps: number; people: number }>(`
      select coalesce(label, '') as label, count(*) as taps, count(distinct row_number) as people
      from tap where campaign_id = ? and is_opt_out = 0 group by label order by taps desc, label limit ${LABELS_MAX}
    `),
  };
}
