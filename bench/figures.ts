// What the bench finds out, as data: figures with the bounds they are held to, kept by part with
// date and machine.

import { cpus, platform, totalmem } from "node:os";

/** One number and the bound it is held to; exactly one of `atLeast` and `atMost`. */
export interface Bound {
  value: number;
  atLeast?: number;
  atMost?: number;
}

export interface Figure {
  work: string;
  /** What was measured, for people. */
  measured: string;
  /** What it is measured beside, in the same run. */
  limit: string;
  /** What it is held to, for people. */
  reach: string;
  /** The first is the one that is drawn; all of them must hold. */
  bounds: [Bound, ...Bound[]];
}

/** Where and when numbers were taken; a number without it says nothing. */
export interface Taken {
  /** ISO 8601, UTC. */
  at: string;
  node: string;
  system: string;
  cpu: string;
  cores: number;
  memoryGb: number;
  /** A smaller look; not the figures that count. */
  quick: boolean;
}

/** What was measured together; `samples` is all that the figures were made of. */
export interface Part {
  taken: Taken;
  figures: Figure[];
  samples: unknown;
}

/** The document of `--json`; parts by the name that `--only` takes. */
export type Results = Record<string, Part>;

export function takenNow(quick: boolean): Taken {
  return {
    at: new Date().toISOString(),
    node: process.version,
    system: platform(),
    cpu: cpus()[0]?.model ?? "",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    quick,
  };
}

/** The part of its bound that a value is: at 1 it is just reached. */
export function shareOf({ value, atLeast, atMost }: Bound): number {
  return value / (atLeast ?? atMost ?? 1);
}

export function isReached({ bounds }: Figure): boolean {
  return bounds.every(
    ({ value, atLeast, atMost }) =>
      value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity),
  );
}

/** A figure as one line of text. */
export function lineOf(figure: Figure): string {
  const columns = [
    isReached(figure) ? "ok  " : "MISS",
    figure.work.padEnd(40),
    figure.measured.padEnd(15),
    figure.limit.padEnd(30),
    figure.reach,
  ];
  return columns.join(" ");
}

/** The document as JSON, with every list of numbers on one line. */
export function printResults(results: Results): string {
  const text = JSON.stringify(results, null, 2);
  const lists = text.replace(/\[\s+(?:-?[\d.e+-]+,?\s+)+\]/g, (list) => list.replace(/\s+/g, " "));
  return `${lists}\n`;
}
