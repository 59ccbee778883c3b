// The numbers of turns: how far a ledger has come on each lane, to be compared with what was seen
// of it elsewhere. Turns themselves count in dispatches.ts.

import type { Database } from "better-sqlite3";

/** Its functions run inside the caller's transaction. */
export function makeTurnNumbers(db: Database) {
  const all = db.prepare<[], { lane: string; turn: number }>(
    "select lane, turn from lane where turn > 0 order by lane",
  );
  const raise = db.prepare(`
    insert into lane (lane, turn) values (?, ?)
    on conflict (lane) do update set turn = max(lane.turn, excluded.turn)
  `);

  return {
    turnNumbers: (): Record<string, number> =>
      Object.fromEntries(all.all().map(({ lane, turn }) => [lane, turn])),

    raiseTurnNumbers(numbers: Readonly<Record<string, number>>): void {
      for (const [lane, turn] of Object.entries(numbers)) raise.run(lane, turn);
    },
  };
}
