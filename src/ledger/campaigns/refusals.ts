// Keeps the regions that Meta refuses a campaign's account for, and lets their recipients wait
// again when a person asks for it. Who is skipped for them is decided where dispatches are claimed.

import type { Database } from "better-sqlite3";

/** SQL: Meta refuses the account for the region of the dispatch. */
export const IS_REFUSED =
  "dispatch.region in (select region from refused_region where campaign_id = dispatch.campaign_id)";

/** The refused regions of campaigns; those that write need a transaction around them. */
export function makeRefusals(db: Database) {
  const any = db
    .prepare<[number], 0 | 1>("select exists (select 1 from refused_region where campaign_id = ?)")
    .pluck();
  const add = db.prepare(`
    insert into refused_region (campaign_id, region, refused_at) values (?, ?, ?)
    on conflict do nothing
  `);
  const forget = db.prepare("delete from refused_region where campaign_id = ?");
  // A row whose person has got another row since stays skipped: the unique indexes say so.
  const release = db.prepare(`
    update or ignore dispatch set status = 'pending', reason = null, detail = null,
      value_list = withheld_list, withheld_list = null
    where campaign_id = ? and status = 'skipped' and reason = 'refused_country'
      and withheld_list is not null
  `);
  return {
    isAny: (campaign: number): boolean => any.get(campaign) === 1,

    add(campaign: number, region: string, now: number): void {
      add.run(campaign, region, Math.round(now));
    },

    /** Forgets the refused regions; returns how many dispatches wait again. */
    lift(campaign: number): number {
      forget.run(campaign);
      return release.run(campaign).changes;
    },
  };
}

export type Refusals = ReturnType<typeof makeRefusals>;
