// What a cell of the table is: a fault at a moment, what the dispatch becomes, and how it is
// brought about.

import type { ScriptedServer } from "./scripted.ts";
import type { Sent } from "./sending.ts";

export type Becomes = "pending again" | "failed" | "held" | "unknown" | "accepted";

/** What happened when a fault was brought about. */
export interface Met {
  sent: Sent;
  /** Absent where nothing could have listened. */
  server?: ScriptedServer;
  /** Row whose first attempt met the fault. */
  struck: number;
}

export interface Cell {
  fault: string;
  /** What the struck dispatch may become; more than one where the network decides. */
  becomes: readonly Becomes[];
  /** What the run does then. */
  run: RunThen;
  /**
   * How often the server received the struck dispatch's request whole, over the whole run: least
   * and most.
   */
  arrives: readonly [number, number];
  /** Brings it about; `kept` on a socket that has carried an answer before. */
  meet: Scene;
  /** What else must be true. */
  check?: (met: Met) => void;
  /** The ids of the answers are not those that the server gave to these requests. */
  strangeIds?: true;
}

export type RunThen =
  | "goes on"
  | "goes on, holds this one"
  | "waits, one try at a time"
  | "slows down, recovers"
  | `halts: ${string}`;

export interface Scene {
  /** The fault needs a connection that is still empty: there is no second way. */
  onlyNew: boolean;
  /** Takes seconds, in which it mostly waits; many such may be played together. */
  slow?: boolean;
  /** Many dispatches are struck; the cell's own check looks at them. */
  cuts?: true;
  play(kept: boolean): Promise<Met>;
}

/** Cells that strike at the same moment. */
export interface Section {
  moment: string;
  cells: Cell[];
}

/**
 * One cell in one line.
 * @param becomes alternatives are separated by " or "
 * @param arrives a number, or "1-2"
 */
export function cell(
  fault: string,
  becomes: string,
  run: RunThen,
  arrives: number | string,
  meet: Scene,
  more: Pick<Cell, "check" | "strangeIds"> = {},
): Cell {
  const [least, most] = String(arrives).split("-").map(Number);
  return {
    fault,
    becomes: becomes.split(" or ") as Becomes[],
    run,
    arrives: [least as number, most ?? (least as number)],
    meet,
    ...more,
  };
}
