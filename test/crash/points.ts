// The places at which a run is struck, in the order in which a run passes them; points.mjs kills at
// them.

/** A kill at the n-th passing of a point, or at an instant after the start of the process. */
export type Strike = { at: string; nth: number } | { afterMs: number };

/**
 * What a campaign has besides its people. A long list is planned in several batches, a large one by
 * a thread of its own as well; long opt-outs are imported in several batches.
 */
export type Needs = "little" | "long_list" | "large_list" | "long_optouts";

export interface Point {
  name: string;
  /**
   * What the campaign needs so that the point is passed at all, and more than once where it can be.
   */
  needs: Needs;
  /** Strikes before the one at this point: some places are only passed after an unclean stop. */
  lead: Strike[];
  /**
   * The ladder (1st, 2nd, … passing) ends here at the latest; a run that is not struck ends it
   * before.
   */
  rungs: number;
}

const LEAD_CLAIMED: Strike[] = [{ at: "claim.after_commit", nth: 2 }];

/** Points that are passed again and again while a campaign sends. */
export const SENDING = [
  "claim.before_commit",
  "claim.after_commit",
  "request.before_write",
  "request.half_written",
  "request.after_write",
  "answer.arrived",
  "outcome.before_commit",
  "outcome.after_commit",
] as const;

/** Every point. */
export const POINTS: readonly Point[] = [
  ...[
    "open.before",
    "open.after",
    "migrate.before_commit",
    "migrate.after_commit",
    "lock.taken",
  ].map((name) => point(name, { rungs: 3 })),
  ...["import.before_commit", "import.after_commit"].map((name) =>
    point(name, { needs: "long_optouts", rungs: 4 }),
  ),
  ...["create.before_commit", "create.after_commit"].map((name) => point(name, { rungs: 2 })),
  ...["plan.before_commit", "plan.after_commit"].map((name) =>
    point(name, { needs: "large_list", rungs: 4 }),
  ),
  ...["plan_end.before_commit", "plan_end.after_commit", "fold.before", "fold.after"].map((name) =>
    point(name, { needs: "large_list", rungs: 2 }),
  ),
  ...["state.before_commit", "state.after_commit"].map((name) => point(name, { rungs: 3 })),
  ...["recover.before_commit", "recover.after_commit"].map((name) =>
    point(name, { lead: LEAD_CLAIMED, rungs: 2 }),
  ),
  ...SENDING.map((name) => point(name, { rungs: 60 })),
  ...["close.before", "close.after"].map((name) => point(name, { rungs: 2 })),
];

function point(name: string, more: Partial<Point>): Point {
  return { name, needs: "little", lead: [], rungs: 1, ...more };
}

/** A strike as a person reads it, and as CRASH_AT takes it. */
export function nameOf(strike: Strike): string {
  return "at" in strike ? `${strike.at}:${strike.nth}` : `after ${strike.afterMs} ms`;
}
