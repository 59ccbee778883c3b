// The numbers of turns: how far a ledger has come on each lane, to be compared with what was seen
// of it elsewhere.

import type { PaceRecord, Turn } from "../../domain/sending/turn.ts";
import type { Ahead, Verb } from "../engine.ts";
import { ahead, statement } from "../engine.ts";

/** Its functions run inside the caller's transaction. */
export function makeTurnNumbers() {
  const all = statement<[], { lane: string; turn: number }>(
    "select lane, turn from lane where turn > 0 order by lane",
  );
  const raise = statement(`
    insert into lane (lane, turn) values (?, ?)
    on conflict (lane) do update set turn = max(lane.turn, excluded.turn)
  `);

  const setPace = statement<[PaceRecord]>(`
    insert into lane (lane, used_until, factor) values (@lane, @usedUntil, @factor)
    on conflict (lane) do update set used_until = excluded.used_until, factor = excluded.factor
  `);
  const countPaced = statement<[PaceRecord], number>(`
    insert into lane (lane, used_until, factor, turn) values (@lane, @usedUntil, @factor, 1)
    on conflict (lane) do update set used_until = excluded.used_until,
      factor = excluded.factor, turn = lane.turn + 1
    returning turn
  `).pluck();
  const count = statement<[string], number>(`
    insert into lane (lane, turn) values (?, 1)
    on conflict (lane) do update set turn = lane.turn + 1 returning turn
  `).pluck();

  return {
    /** Writes the pace down, and counts the turn when it claimed. Returns its number then. */
    *note(
      lane: string,
      { pace }: Turn,
      hasClaimed: boolean,
    ): Verb<Ahead<number | undefined> | null> {
      if (hasClaimed && pace?.lane === lane) return yield* ahead(countPaced.get(pace));
      if (pace !== undefined) yield* ahead(setPace.run(pace));
      return hasClaimed ? yield* ahead(count.get(lane)) : null;
    },

    *turnNumbers(): Verb<Record<string, number>> {
      return Object.fromEntries((yield* all.all()).map(({ lane, turn }) => [lane, turn]));
    },

    *raiseTurnNumbers(numbers: Readonly<Record<string, number>>): Verb<void> {
      for (const [lane, turn] of Object.entries(numbers)) yield* raise.run(lane, turn);
    },
  };
}

export type TurnNumbers = ReturnType<typeof makeTurnNumbers>;
