// Adds up what came of many trials, and prints it as a table.

import type { Judgement } from "../crash/trial.ts";

export interface Line {
  kills: number;
  runs: number;
  twice: number;
  lost: number;
  unknownMax: number;
  /** Of the trial with the most unknown. */
  bound: number;
}

/** Adds a trial to its line. */
export function add(lines: Map<string, Line>, label: string, judgement: Judgement): void {
  const line = lines.get(label) ?? {
    kills: 0,
    runs: 0,
    twice: 0,
    lost: 0,
    unknownMax: 0,
    bound: 0,
  };
  line.kills += judgement.kills;
  line.runs += judgement.runs;
  line.twice += judgement.twice;
  line.lost += judgement.lost;
  if (judgement.unknown >= line.unknownMax) {
    line.unknownMax = judgement.unknown;
    line.bound = Math.max(line.bound, judgement.bound);
  }
  lines.set(label, line);
}

/**
 * The table as text, its lines in the order of `labels` and then as they came, with a line of sums.
 */
export function print(lines: ReadonlyMap<string, Line>, labels: readonly string[]): string {
  const sum: Line = { kills: 0, runs: 0, twice: 0, lost: 0, unknownMax: 0, bound: 0 };
  const order = new Set([...labels, ...lines.keys()]);
  const body = [...order].flatMap((label) => {
    const line = lines.get(label);
    if (line === undefined) return [];
    for (const key of ["kills", "runs", "twice", "lost"] as const) sum[key] += line[key];
    return [row(label, line, `${line.unknownMax} of ≤ ${line.bound}`)];
  });
  const head = cells("struck at", "kills", "runs", "posted twice", "lost", "unknown, most");
  const rule = "-".repeat(head.length);
  return [head, rule, ...body, rule, row("in all", sum, "")].join("\n");
}

function row(label: string, line: Line, unknown: string): string {
  const { kills, runs, twice, lost } = line;
  return cells(label, String(kills), String(runs), String(twice), String(lost), unknown);
}

function cells(label: string, ...rest: string[]): string {
  const widths = [7, 7, 13, 6, 15];
  return label.padEnd(32) + rest.map((cell, at) => cell.padStart(widths[at] as number)).join("");
}
