// The numbers of turns: how far a ledger has come on each lane, to be compared with what was seen
// of it elsewhere. Turns themselves count in dispatches.ts.

import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";

/** Its functions run inside the caller's transaction. */
export function makeTurnNumbers() {
  const all = statement<[], { lane: string; turn: number }>(
    "select lane, turn from lane where turn > 0 order by lane",
  );
  const raise = statement(`
    insert into lane (lane, turn) values (?, ?)
    on conflict (lane) do update set turn = max(lane.turn, excluded.turn)
  `);

  return {
    *turnNumbers(): Verb<Record<string, number>> {
      return Object.fromEntries((yield* all.all()).map(({ lane, turn }) => [lane, turn]));
    },

    *raiseTurnNumbers(numbers: Readonly<Record<string, number>>): Verb<void> {
      for (const [lane, turn] of Object.entries(numbers)) yield* raise.run(lane, turn);
    },
  };
}
