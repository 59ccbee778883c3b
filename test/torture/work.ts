// What the torture consists of: ladders over every point, several points in one campaign, random
// instants, cuts of power.

import type { Point, Strike } from "../crash/points.ts";
import { POINTS, SENDING } from "../crash/points.ts";
import { attemptReceipts, RECEIPT_POINTS } from "../crash/receipts.ts";
import type { Ground, Judgement, Power, TrialOptions } from "../crash/trial.ts";
import { attempt } from "../crash/trial.ts";
import type { Chance } from "../support/chance.ts";
import { makeChance } from "../support/chance.ts";
import type { Witness } from "./witness.ts";

/** The lines of the table, in their order: every point, and then what is not a ladder. */
export const LABELS: readonly string[] = [
  ...POINTS.map((point) => point.name),
  ...RECEIPT_POINTS.map((point) => point.name),
  "several points, one campaign",
  "several points, one import",
  "random instants",
  "power cut at a point",
  "power cut at an instant",
  "power cut before a sync",
  "power cut before a write",
];

/** One trial, and the line of the table that it counts for. */
export interface Work {
  label: string;
  /** How a person repeats it: seed and strikes. */
  strikes: Strike[];
  go(): Promise<Judgement>;
}

interface Making {
  ground: Ground;
  seed: number;
  made: number;
}

const PACE = { people: 30, rate: 200, inFlight: 8 };
/** Strikes on one campaign, when several are struck at it. */
const STORM = 5;
const STORM_PEOPLE = 90;
/** Random instants: more people, so that sending lasts longer than starting. */
const RANDOM_PEOPLE = 150;
const RANDOM_MS_MAX = 2_600;
/** Of what a cut of power may leave unwritten, this part is there. */
const PARTS_KEPT = [0, 0.5, 0.9] as const;
/** Syncs and writes of the ledger's files that a run of such a campaign makes, about. */
const SYNCS = 30;
const WRITES = 300;

function trial(
  making: Making,
  label: string,
  more: Partial<TrialOptions> & { strikes: Strike[] },
): Work {
  making.made += 1;
  const chance = makeChance(making.seed * 100_003 + making.made);
  const options: TrialOptions = {
    ground: making.ground,
    chance,
    needs: "little",
    ...PACE,
    ...more,
  };
  return { label, strikes: more.strikes, go: () => attempt(options) };
}

/**
 * The 1st, 2nd, … passing of every point, each in a campaign of its own. `over` tells that a run
 * was not struck any more, and that the ladder of that point ends.
 */
export function* ladders(making: Making, over: (point: Point) => boolean): Generator<Work> {
  const highest = Math.max(...[...POINTS, ...RECEIPT_POINTS].map((point) => point.rungs));
  for (let nth = 1; nth <= highest; nth += 1) {
    for (const point of POINTS) {
      if (nth > point.rungs || over(point)) continue;
      const strikes = [...point.lead, { at: point.name, nth }];
      yield trial(making, point.name, { needs: point.needs, strikes });
    }
    for (const point of RECEIPT_POINTS) {
      if (nth > point.rungs || over(point)) continue;
      yield receiptTrial(making, point.name, [{ at: point.name, nth }]);
    }
  }
}

function receiptTrial(making: Making, label: string, strikes: Strike[]): Work {
  making.made += 1;
  const chance = makeChance(making.seed * 100_003 + making.made);
  return { label, strikes, go: () => attemptReceipts({ chance, strikes }) };
}

/** One import of receipts struck several times, without end. */
export function* importStorms(making: Making, chance: Chance): Generator<Work> {
  for (;;) {
    const strikes = Array.from({ length: STORM }, () => ({
      at: chance.oneOf(RECEIPT_POINTS).name,
      nth: chance.whole(1, 4),
    }));
    yield receiptTrial(making, "several points, one import", strikes);
  }
}

/** One campaign struck several times at points of the sending, without end. */
export function* storms(making: Making, chance: Chance): Generator<Work> {
  for (;;) {
    const strikes = Array.from({ length: STORM }, () => ({
      at: chance.oneOf(SENDING),
      nth: chance.whole(1, 6),
    }));
    yield trial(making, "several points, one campaign", { people: STORM_PEOPLE, strikes });
  }
}

/** Kills at random instants, without end. */
export function* instants(making: Making, chance: Chance): Generator<Work> {
  for (;;) {
    const strikes = Array.from({ length: STORM }, () => ({
      afterMs: chance.whole(150, RANDOM_MS_MAX),
    }));
    yield trial(making, "random instants", { people: RANDOM_PEOPLE, rate: 150, strikes });
  }
}

/**
 * Cuts of power, without end: at points, and where a witness is at hand before any sync or write of
 * the files.
 */
export function* cuts(
  making: Making,
  chance: Chance,
  witness: Witness | undefined,
): Generator<Work> {
  const atCommits = [
    ...SENDING,
    "plan_end.after_commit",
    "state.after_commit",
    "import.after_commit",
  ];
  for (;;) {
    const kept = chance.oneOf(PARTS_KEPT);
    const power: Power = { kept };
    const points = Array.from({ length: 3 }, () => ({
      at: chance.oneOf(SENDING),
      nth: chance.whole(1, 8),
    }));
    yield trial(making, "power cut at a point", {
      strikes: [{ at: chance.oneOf(atCommits), nth: chance.whole(1, 2) }, ...points],
      people: STORM_PEOPLE,
      power,
    });
    if (witness === undefined) continue;
    for (const at of ["disk.sync", "disk.write"] as const) {
      const nth = () => chance.whole(1, at === "disk.sync" ? SYNCS : WRITES);
      yield trial(making, `power cut before a ${at.slice(5)}`, {
        strikes: Array.from({ length: 3 }, () => ({ at, nth: nth() })),
        people: STORM_PEOPLE,
        power: { kept, witness },
      });
    }
    yield trial(making, "power cut at an instant", {
      strikes: Array.from({ length: 3 }, () => ({ afterMs: chance.whole(300, RANDOM_MS_MAX) })),
      people: STORM_PEOPLE,
      power: { kept, witness },
    });
  }
}

/**
 * What must fail, or the torture could not see anything: commits that do not wait for the disk, and
 * a cut of power.
 */
export function* controls(making: Making, witness: Witness | undefined): Generator<Work> {
  const strikes = [{ at: "outcome.after_commit", nth: 5 }];
  yield trial(making, "control: no waiting", { strikes, power: { kept: 0, weak: true } });
  if (witness === undefined) return;
  const power: Power = { kept: 0, weak: true, witness };
  yield trial(making, "control: no waiting, witnessed", { strikes, power });
}
