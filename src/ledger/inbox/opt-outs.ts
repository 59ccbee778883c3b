// Counts the opt-outs that followed a campaign's message: once for each recipient, and for good,
// whatever becomes of the person's data or of their place on the opt-out list. Its functions run
// inside the caller's transaction.

import { causeOf, causeSpan } from "../../domain/receipts/consent.ts";
import type { OptOutCounts, OptOutWay } from "../../domain/receipts/engagement.ts";
import type { DispatchPlace, Name } from "../../domain/receipts/match.ts";
import type { Tallies } from "../campaigns/tallies.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import type { Aliases } from "../people/aliases.ts";
import type { Persons, Reached } from "../people/persons.ts";

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
export function makeOptOuts({
  aliases,
  persons,
  tallies,
}: {
  aliases: Aliases;
  persons: Persons;
  tallies: Tallies;
}) {
  const insert = statement(`
    insert into opt_out (campaign_id, row_number, way, opted_out_at) values (?, ?, ?, ?)
    on conflict do nothing
  `);
  const counts = statement<[number], { way: OptOutWay; people: number }>(
    "select way, count(*) as people from opt_out where campaign_id = ? group by way order by way",
  );

  /** For each name of the person the last dispatch that may have reached them. */
  function* reachedBefore({ names, refused, at }: OptedOut): Verb<Reached[]> {
    const span = causeSpan(at);
    const found: Reached[] = [];
    for (const name of yield* aliases.namesOf(names)) {
      const last = yield* persons.lastReached(name, span, refused);
      if (last !== undefined) found.push(last);
    }
    return found;
  }

  return {
    /** Counts an opt-out for the campaign that it followed, if there is one. */
    *count(optedOut: OptedOut): Verb<void> {
      const cause = optedOut.answers ?? causeOf(yield* reachedBefore(optedOut));
      if (cause === undefined) return;
      const { campaign, row } = cause;
      const { changes } = yield* insert.run(campaign, row, optedOut.way, Math.round(optedOut.at));
      yield* tallies.changed(campaign, changes);
    },

    /**
     * How many recipients of a campaign opted out after its message, in all and by the way in which
     * they did.
     */
    *of(campaign: number): Verb<OptOutCounts> {
      const byWay: OptOutCounts["byWay"] = {};
      for (const { way, people } of yield* counts.all(campaign)) byWay[way] = people;
      const people = Object.values(byWay).reduce((sum, number) => sum + number, 0);
      return { people, byWay };
    },
  };
}

export type OptOuts = ReturnType<typeof makeOptOuts>;
