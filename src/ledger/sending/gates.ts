// What may leave no room for the next of those who wait: the daily limit of people, and what a
// campaign sets itself. Looked at in the claim's own transaction.

import type { Full } from "../../domain/sending/turn.ts";
import type { Verb } from "../engine.ts";
import type { Candidate } from "./candidates.ts";
import { WHO } from "./candidates.ts";
import type { LimitWindow } from "./reach.ts";

/** One of them, in one turn. */
export interface Gate {
  /** Lets the first of these through, as many as there is room for. Changes nothing. */
  room(candidates: readonly Candidate[]): Verb<number>;
  /** These are claimed. */
  take(candidates: readonly Candidate[]): Verb<void>;
  /** What stops the turn where there is no room. */
  full(): Verb<Full>;
}

/** All gates of a turn. */
export interface Gates {
  /**
   * Takes the first of these candidates, as many as every gate has room for. Returns their number;
   * from the first time that some are left over, `full` tells why.
   */
  admit(candidates: readonly Candidate[]): Verb<number>;
  /** True when the next one is one too many. */
  isFull(): boolean;
  full(): Verb<Full | null>;
}

/**
 * Puts the gates of a turn in a row.
 * @param window the people of the last 24 hours; undefined when nobody wants to know. It counts
 *   whom it lets through, so it comes last
 */
export function makeGates(gates: readonly Gate[], window: LimitWindow | undefined): Gates {
  let by: Pick<Gate, "full"> | undefined;
  return {
    *admit(candidates) {
      let admitted = candidates;
      for (const gate of gates) {
        const room = yield* gate.room(admitted);
        if (room === admitted.length) continue;
        by = gate;
        admitted = admitted.slice(0, room);
      }
      if (window !== undefined) {
        const room = yield* window.admit(admitted.map((candidate) => candidate[WHO]));
        if (room < admitted.length) by = window;
        admitted = admitted.slice(0, room);
      }
      for (const gate of gates) yield* gate.take(admitted);
      return admitted.length;
    },
    isFull: () => by !== undefined,
    *full() {
      return by === undefined ? null : yield* by.full();
    },
  };
}
