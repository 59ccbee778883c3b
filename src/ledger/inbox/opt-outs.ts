// Counts the opt-outs that followed a campaign's message: once for each recipient, and for good,
// whatever becomes of the person's data or of their place on the opt-out list. Its functions run
// inside the caller's transaction.

import type { Database } from "better-sqlite3";
import { causeOf } from "../../domain/receipts/consent.ts";
import type { OptOutCounts, OptOutWay } from "../../domain/receipts/engagement.ts";
import type { DispatchPlace, Name } from "../../domain/receipts/match.ts";
import type { Tallies } from "../campaigns/tallies.ts";
import type { Aliases } from "../people/aliases.ts";
import type { Persons } from "../people/persons.ts";

/** What is known of an opt-out. */
export interface OptedOut {
  names: readonly (Name | null)[];
  way: OptOutWay;
  /** Instant. */
  at: number;
  /** The dispatch whose message it answers. */
  answers?: DispatchPlace | undefined;
  /**
   * A dispatch that cannot be the cause: its message was refused since the person had opted out.
   */
  refused?: DispatchPlace | undefined;
}

/** The memory of opt-outs by campaign. */
export function makeOptOuts(
  db: Database,
  { aliases, persons, tallies }: { aliases: Aliases; persons: Persons; tallies: Tallies },
) {
  const insert = db.prepare(`
    insert into opt_out (campaign_id, row_number, way, opted_out_at) values (?, ?, ?, ?)
    on conflict do nothing
  `);
  const counts = db.prepare<[number], { way: OptOutWay; people: number }>(
    "select way, count(*) as people from opt_out where campaign_id = ? group by way order by way",
  );

  return {
    /** Counts an opt-out for the campaign that it followed, if there is one. */
    count(optedOut: OptedOut): void {
      const { names, refused } = optedOut;
      const cause = causeOf(optedOut, (span) =>
        aliases.namesOf(names).flatMap((name) => persons.lastReached(name, span, refused) ?? []),
      );
      if (cause === undefined) return;
      const { campaign, row } = cause;
      const { changes } = insert.run(campaign, row, optedOut.way, Math.round(optedOut.at));
      tallies.changed(campaign, changes);
    },

    /**
     * How many recipients of a campaign opted out after its message, in all and by the way in which
     * they did.
     */
    of(campaign: number): OptOutCounts {
      const byWay: OptOutCounts["byWay"] = {};
      for (const { way, people } of counts.all(campaign)) byWay[way] = people;
      const people = Object.values(byWay).reduce((sum, number) => sum + number, 0);
      return { people, byWay };
    },
  };
}

export type OptOuts = ReturnType<typeof makeOptOuts>;
