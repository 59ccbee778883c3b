// Counts the opt-outs that followed a campaign's message: once for each recipient, and for good, whatever becomes of the person's data or
// of their place on the opt-out list. Its functions run inside the caller's transaction.
//
// An opt-out is counted for the campaign whose message it answers (a tap under it names it); else for the last campaign whose message may
// have reached the person in the seven days before. What is put on the list by hand or from a file is counted for none.

import type { Database } from "better-sqlite3";
import type { OptOutCounts, OptOutWay } from "../../domain/receipts/engagement.ts";
import type { DispatchPlace, Name } from "../../domain/receipts/match.ts";
import type { Tallies } from "../campaigns/tallies.ts";
import type { Aliases } from "../people/aliases.ts";
import type { Persons, Reached } from "../people/persons.ts";

/** An opt-out later than this after the last message has another cause. */
const CAUSED_WITHIN_MS = 7 * 86_400_000;
/** Meta reports instants in whole seconds: an opt-out of the second of the claim may seem to be before it. */
const SECOND_MS = 1_000;

/** What is known of an opt-out. */
export interface OptedOut {
  names: readonly (Name | null)[];
  way: OptOutWay;
  /** Instant. */
  at: number;
  /** The dispatch whose message it answers. */
  answers?: DispatchPlace | undefined;
  /** A dispatch that cannot be the cause: its message was refused since the person had opted out. */
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
    "select way, count(*) as people from opt_out where campaign_id = ? group by way",
  );

  /** The dispatch whose message may have reached the person last. */
  function lastReached({ names, at, refused }: OptedOut): DispatchPlace | undefined {
    const to = at + SECOND_MS - 1;
    const span = { from: at - CAUSED_WITHIN_MS, to };
    let last: Reached | undefined;
    for (const name of aliases.namesOf(names)) {
      const reached = persons.lastReached(name, span, refused);
      if (reached === undefined) continue;
      if (last === undefined || reached.claimedAt > last.claimedAt) last = reached;
    }
    return last;
  }

  return {
    /** Counts an opt-out for the campaign that it followed, if there is one. */
    count(optedOut: OptedOut): void {
      const cause = optedOut.answers ?? lastReached(optedOut);
      if (cause === undefined) return;
      const { campaign, row } = cause;
      const { changes } = insert.run(campaign, row, optedOut.way, Math.round(optedOut.at));
      tallies.changed(campaign, changes);
    },

    /** How many recipients of a campaign opted out after its message, in all and by the way in which they did. */
    of(campaign: number): OptOutCounts {
      const byWay: OptOutCounts["byWay"] = {};
      for (const { way, people } of counts.all(campaign)) byWay[way] = people;
      const people = Object.values(byWay).reduce((sum, number) => sum + number, 0);
      return { people, byWay };
    },
  };
}

export type OptOuts = ReturnType<typeof makeOptOuts>;
