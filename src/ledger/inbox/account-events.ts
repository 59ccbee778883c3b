// Keeps what Meta tells of accounts, numbers and templates, each event once, and stops the
// campaigns that it concerns. Which event stops anybody is the policy's (account-event.ts). Needs
// the caller's transaction.

import type { AccountNotice } from "../../domain/receipts/account-event.ts";
import { noticeSentence } from "../../domain/receipts/account-event.ts";
import type { AccountEventKind } from "../../domain/receipts/account-rules.ts";
import { liftedBy, liftersOf, stopsCampaigns } from "../../domain/receipts/account-rules.ts";
import type { AccountEvent, EventEffect } from "../../domain/receipts/processing.ts";
import { latestInstant } from "../../domain/receipts/receipt.ts";
import type { Stops } from "../campaigns/stops.ts";
import { WHOLE } from "../campaigns/stops.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import { anySql } from "../looks.ts";

/** How an event came in. */
interface EventOrigin {
  bodyId: number;
  /** Instant. */
  receivedAt: number;
  /** By webhook, just now; false of a file, which may be old. */
  isLive: boolean;
  now: number;
}

/**
 * SQL for "the event `e` concerns the campaign `c`". Of a campaign whose account is not known by
 * now the name of the template is enough; an event of a whole account needs more.
 */
function concernsSql(e: string): string {
  return `case
    when ${e}.template is not null then
      ${isTemplateSql(e)}
      and (c.waba is null or ${e}.waba is null or c.waba = ${e}.waba)
    when ${e}.number is not null then c.number = ${e}.number
    else c.waba = ${e}.waba
  end`;
}

/** SQL: the campaign `c` sends the template of the event, in an arm of its test or without one. */
function isTemplateSql(e: string): string {
  const arms = "from campaign_arm a where a.campaign_id = c.id";
  const plain = (language: string) => `lower(replace(${language}, '-', '_'))`;
  // Where each row gives the language, the campaign has to have a person of this one.
  const anyone = anySql(`from dispatch d where d.campaign_id = c.id and d.value_list is not null
    and lower(substr(d.value_list, 3, length(${e}.language) + 1)) = ${plain(`${e}.language`)} || '"'`);
  const isIts = (name: string, language: string) => `${name} = ${e}.template
    and (${e}.language is null or ${plain(language)} = ${plain(`${e}.language`)}
      or (instr(${language}, '{') > 0 and ${anyone}))`;
  const own = isIts(
    `json_extract(c.frozen, '$."template.name"')`,
    `json_extract(c.frozen, '$."template.language"')`,
  );
  return `(${anySql(`${arms} and ${isIts("a.template", "a.language")}`)}
    or (${own} and not ${anySql(arms)}))`;
}

/** SQL for "the event `e` is of the sending number of `l`", a further lane of a campaign. */
function concernsLaneSql(e: string): string {
  return `(${e}.template is null and ${e}.number is not null and l.number = ${e}.number)`;
}

/** SQL: what is stopped where the first lane of the campaign `c` is: all of it, or that lane. */
const FIRST = `iif(
  exists (select 1 from campaign_lane more where more.campaign_id = c.id), 0, ${WHOLE}
)`;

interface EventRow extends Omit<AccountEvent, "number"> {
  number: number | null;
}

/** The events of accounts; `keep` runs inside the caller's transaction. */
export function makeAccountEvents(stops: Stops) {
  const sql = prepare();

  /**
   * Open campaigns that the event concerns and that no check has looked after since. Returns how
   * many it stopped.
   */
  function* stopCampaigns(notice: AccountNotice, id: number, at: number): Verb<number> {
    const sentence = noticeSentence(notice);
    const concerned = yield* sql.concerned.all({ id, at });
    for (const [campaign, lane] of concerned) {
      yield* stops.askStop(campaign, { kind: "halted", code: notice.kind, sentence, at }, lane);
    }
    return concerned.length;
  }

  /** Lifts stops of the campaigns concerned that are over with the event. Returns how many. */
  function* liftStops(kind: AccountEventKind, id: number, at: number): Verb<number> {
    const codes = liftedBy(kind);
    if (codes.length === 0) return 0;
    const values = { id, at, codes: JSON.stringify(codes) };
    const whole = (yield* sql.lift.run(values)).changes;
    return whole + (yield* sql.liftOfLanes.run(values)).changes;
  }

  return {
    /**
     * Keeps an event. `repeated` when it was known, `applied` when it stopped a campaign or let one
     * go on.
     */
    *keep(notice: AccountNotice, origin: EventOrigin): Verb<EventEffect> {
      const { kind, at, wabaId, number, template, language, templateId } = notice;
      const { said, previous, reason, detail } = notice;
      const instant = Math.min(at ?? origin.receivedAt, origin.now);
      const named = [wabaId, number, template, language, templateId, said, previous, reason];
      const kept = yield* sql.keep.get({
        identity: JSON.stringify([kind, at, ...named]),
        ...{ kind, at: instant, bodyId: origin.bodyId, waba: wabaId, template, language },
        ...{ number: number === null ? null : Number(number), templateId },
        ...{ said, previous, reason, detail },
      });
      if (kept === undefined) return "repeated";
      const { id } = kept;
      if ((yield* liftStops(kind, id, instant)) > 0) return "applied";
      // A file may be a year old, and an event that does not say when it was is not to stop a
      // campaign today.
      if (!stopsCampaigns(kind) || (at === null && !origin.isLive)) return "noted";
      // Events may come in any order: what ended this one may be known already.
      const lifters = JSON.stringify(liftersOf(kind));
      if ((yield* sql.isOver.get({ id, at: instant, lifters })) === 1) return "noted";
      const reported = { ...notice, at: instant };
      return (yield* stopCampaigns(reported, id, latestInstant(instant, origin.now))) > 0
        ? "applied"
        : "noted";
    },

    *accountEvents(campaign: number | null, limit: number): Verb<AccountEvent[]> {
      const rows =
        campaign === null ? yield* sql.all.all(limit) : yield* sql.of.all(campaign, limit);
      return rows.map((row) => ({
        ...row,
        number: row.number === null ? null : String(row.number),
      }));
    },

    /** What is open and sends from the lane; of a campaign with several that lane alone. */
    *stopLane(lane: string, stop: { code: string; sentence: string; at: number }): Verb<void> {
      for (const [open, place] of yield* sql.ofLane.all({ lane, at: stop.at })) {
        yield* stops.askStop(open, { kind: "halted", ...stop }, place);
      }
    },

    /** The campaign alone, when it is open. Returns whether it was. */
    *stopCampaign(
      campaign: number,
      stop: { code: string; sentence: string; at: number },
    ): Verb<boolean> {
      if ((yield* sql.isOpen.get({ campaign, at: stop.at })) !== 1) return false;
      yield* stops.askStop(campaign, { kind: "halted", ...stop });
      return true;
    },
  };
}

export type AccountEvents = ReturnType<typeof makeAccountEvents>;

function prepare() {
  /** What is over cannot be stopped, and what a check has seen since is overtaken. */
  const open = `
    c.state not in ('finished', 'cancelled') and @at > coalesce(c.checked_at, c.created_at)
  `;
  const columns = `
    e.id, e.kind, e.at, e.webhook_body_id as "bodyId", e.waba as "wabaId", e.number, e.template,
    e.language, e.template_id as "templateId", e.said, e.previous, e.reason, e.detail
  `;
  return {
    keep: statement<[object], { id: number }>(`
      insert into account_event (
        identity, kind, at, webhook_body_id, waba, number, template, language, template_id, said,
        previous, reason, detail
      ) values (
        @identity, @kind, @at, @bodyId, @waba, @number, @template, @language, @templateId, @said,
        @previous, @reason, @detail
      ) on conflict do nothing returning id
    `),
    concerned: statement<[{ id: number; at: number }], [campaign: number, lane: number]>(`
        select c.id, iif(e.template is null and e.number is not null, ${FIRST}, ${WHOLE}) as place
        from account_event e cross join campaign c
        on e.id = @id and ${open} and ${concernsSql("e")}
        union all
        select c.id, l.place
        from account_event e
        cross join campaign_lane l on e.id = @id and ${concernsLaneSql("e")}
        cross join campaign c on c.id = l.campaign_id and ${open}
        order by 1, 2
      `).raw(),
    lift: statement(`
      delete from campaign_stop where kind = 'halted' and stopped_at < cast(@at as bigint) + 1000
        and code in (select value from json_each(@codes))
        and lane_place <= 0 and campaign_id in (
          select c.id from account_event e cross join campaign c
          on e.id = @id and ${concernsSql("e")}
        )
    `),
    liftOfLanes: statement(`
      delete from campaign_stop where kind = 'halted' and stopped_at < cast(@at as bigint) + 1000
        and code in (select value from json_each(@codes))
        and lane_place > 0 and ${anySql(`from account_event e
          cross join campaign_lane l on e.id = @id and ${concernsLaneSql("e")}
            and l.campaign_id = campaign_stop.campaign_id and l.place = campaign_stop.lane_place`)}
    `),
    isOver: statement<[{ id: number; at: number; lifters: string }], number>(`
        select exists (
          select 1 from account_event e cross join account_event later
          on e.id = @id and later.at > @at
            and later.kind in (select value from json_each(@lifters))
            and later.waba is not distinct from e.waba
            and later.number is not distinct from e.number
            and later.template is not distinct from e.template
            and later.language is not distinct from e.language
        )
      `).pluck(),
    ofLane: statement<[{ lane: string; at: number }], [campaign: number, lane: number]>(`
        select c.id, ${FIRST} as place from campaign c where c.lane = @lane and ${open}
        union all
        select c.id, l.place from campaign_lane l join campaign c on c.id = l.campaign_id
        where l.lane = @lane and ${open}
        order by 1, 2
      `).raw(),
    isOpen: statement<[{ campaign: number; at: number }], number>(
      `select exists (select 1 from campaign c where c.id = @campaign and ${open})`,
    ).pluck(),
    all: statement<[number], EventRow>(
      `select ${columns} from account_event e order by e.at desc, e.id desc limit ?`,
    ),
    of: statement<[number, number], EventRow>(`
      select ${columns} from campaign c cross join account_event e
      on c.id = ? and (${concernsSql("e")} or exists (
        select 1 from campaign_lane l where l.campaign_id = c.id and ${concernsLaneSql("e")}
      ))
      order by e.at desc, e.id desc limit ?
    `),
  };
}
