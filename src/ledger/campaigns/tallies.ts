// Remembers what a campaign's rows add up to, for as long as none of them changes.
//
// Code that changes a row says so, once for all the rows of a transaction. A trigger would be
// honest by itself, but it runs for every claim and every answer: a tenth of what a message costs
// the ledger.

import type { LedgerTally } from "../../domain/result/counts.ts";
import type { Verb } from "../engine.ts";
import { ahead, statement } from "../engine.ts";

/** Goes up whenever a tally of the same rows would be another one. */
const TALLY_VERSION = 7;

interface KeptTally {
  version: number;
  tally: LedgerTally;
}

/** The memory of tallies. */
export function makeTallies() {
  const kept = statement<[number], string | null>(
    "select tally from campaign where id = ?",
  ).pluck();
  const forget = statement("update campaign set tally = null where id = ? and tally is not null");
  const mark = statement(`
    update campaign set tally = ?
    where id = ? and state not in ('planning', 'running') and recipients_size is not null
  `);
  const keep = statement("update campaign set tally = ? where id = ? and tally = ?");

  return {
    /** What was kept; undefined when the rows have to be counted. */
    *kept(campaign: number): Verb<LedgerTally | undefined> {
      const text = (yield* kept.get(campaign)) ?? null;
      if (text === null || !text.startsWith("{")) return undefined;
      const { version, tally } = JSON.parse(text) as KeptTally;
      return version === TALLY_VERSION ? tally : undefined;
    },

    /**
     * Marks the campaign as being counted. Returns whether it was: of a campaign at work every turn
     * would throw the count away again.
     * @param counting a mark that no other count has
     */
    *begin(campaign: number, counting: string): Verb<boolean> {
      return (yield* mark.run(counting, campaign)).changes > 0;
    },

    /** Keeps a count where no row changed meanwhile: then the mark is still there. */
    *keep(campaign: number, counting: string, tally: LedgerTally): Verb<void> {
      const text = JSON.stringify({ version: TALLY_VERSION, tally } satisfies KeptTally);
      yield* keep.run(text, campaign, counting);
    },

    /**
     * So many rows of the campaign are added, removed or changed by this transaction; returned as
     * they came.
     */
    *changed(campaign: number, rows: number): Verb<number> {
      if (rows > 0) yield* ahead(forget.run(campaign));
      return rows;
    },
  };
}

export type Tallies = ReturnType<typeof makeTallies>;
