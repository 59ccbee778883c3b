// Numbers that were not read, counted by why, with a few examples of each: what `check` shows of
// them. No I/O.

import type { UnreadableCause } from "./phone-text.ts";

/** Examples that are kept of each cause. */
const EXAMPLES_MAX = 3;

/** Cells that were not read for one cause. */
export interface UnreadCells {
  cause: UnreadableCause;
  /** Plain meaning, one clause. */
  meaning: string;
  rows: number;
  /** The first of them. `detail` has no more digits of a number than its masked form. */
  examples: { row: number; line: number; detail: string }[];
}

const MEANINGS: Readonly<Record<UnreadableCause, string>> = {
  empty: "the cell is empty",
  several_numbers: "the cell has more than one number",
  extension: "the number has an extension",
  scientific: "a spreadsheet wrote the number with an exponent",
  rounded: "a spreadsheet rounded the number",
  not_a_number: "the cell is not a number",
  too_short: "too few digits",
  too_long: "too many digits",
  no_country_code: "no country code, and nothing says which country is meant",
  unknown_region: "no country code, and the country beside it is not known",
  not_in_plan: "no numbering plan has the number",
  other_country: "it would be another country's number with its plus lost",
  two_readings: "it can be read as two numbers",
  foreign_habit: "it is written as numbers of another country are",
};

/** Counts cells that were not read. */
export class UnreadTally {
  readonly #found = new Map<UnreadableCause, UnreadCells>();

  add(cause: UnreadableCause, example: UnreadCells["examples"][number]): void {
    const known = this.#found.get(cause);
    const counted = known ?? { cause, meaning: MEANINGS[cause], rows: 0, examples: [] };
    if (known === undefined) this.#found.set(cause, counted);
    counted.rows += 1;
    if (counted.examples.length < EXAMPLES_MAX) counted.examples.push(example);
  }

  /** By cause, the most frequent first. */
  all(): UnreadCells[] {
    return [...this.#found.values()].sort((a, b) => b.rows - a.rows);
  }
}
