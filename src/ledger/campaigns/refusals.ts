// Keeps the regions that Meta refuses a campaign's account for, and lets their recipients wait
// again when a person asks for it. Who is skipped for them is decided where dispatches are claimed.

import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";

/** SQL: Meta refuses the account for the region of the dispatch. */
export const IS_REFUSED =
  "dispatch.region in (select region from refused_region where campaign_id = dispatch.campaign_id)";

/** The refused regions of campaigns; those that write need a transaction around them. */
export function makeRefusals() {
  const add = statement(`
    insert into refused_region (campaign_id, region, refused_at) values (?, ?, ?)
    on conflict do nothing
  `);
  const forget = statement("delete from refused_region where campaign_id = ?");
  // A row whose person has got another row since stays skipped, and of two withheld rows of one
  // person the later one.
  const others = `select 1 from dispatch other where other.campaign_id = dispatch.campaign_id`;
  const isEarlier = `other.value_list is null and other.withheld_list is not null
    and other.row_number < dispatch.row_number`;
  const release = statement(`
    update dispatch set status = 'pending', reason = null, detail = null,
      value_list = withheld_list, withheld_list = null
    where campaign_id = ? and status = 'skipped' and reason = 'refused_country'
      and withheld_list is not null
      and not exists (${others} and other.person = dispatch.person
        and other.value_list is not null)
      and not exists (${others} and other.row_user_id = dispatch.row_user_id
        and other.value_list is not null)
      and not exists (${others} and other.person = dispatch.person and ${isEarlier})
      and not exists (${others} and other.row_user_id = dispatch.row_user_id and ${isEarlier})
  `);
  return {
    *add(campaign: number, region: string, now: number): Verb<void> {
      yield* add.run(campaign, region, Math.round(now));
    },

    /** Forgets the refused regions; returns how many dispatches wait again. */
    *lift(campaign: number): Verb<number> {
      yield* forget.run(campaign);
      return (yield* release.run(campaign)).changes;
    },
  };
}

export type Refusals = ReturnType<typeof makeRefusals>;
