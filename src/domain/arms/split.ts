// Who is in which arm of a test, and who is kept out: a hash of the person against the shares. The
// same person has the same arm on every run, number and machine, and a person who is added moves
// nobody.

import { stableChance } from "../common/stable-chance.ts";

/** What the arm of a test may be measured by, as far as the ledger has it. */
export const TEST_METRICS = ["delivered", "read", "clicked", "replied", "converted"] as const;

export type TestMetric = (typeof TEST_METRICS)[number];

/** The split of a test: a name that says who is where, and the arms' shares in their order. */
export interface Split {
  name: string;
  /** Of all people who are sent to, each above 0; together at most 1. */
  shares: readonly number[];
}

/** People who are kept out: which ones, and how many of all. */
export interface HoldOut {
  salt: string;
  /** 0 < share < 1. */
  share: number;
  /** Why, as one sentence for the ledger. */
  detail: string;
}

/** Sums of shares are not whole in binary: 0.1 + 0.2. */
const ROUNDING = 1e-9;

/** Whether shares are at most everybody. */
export function fitTogether(shares: readonly number[]): boolean {
  return shares.reduce((sum, share) => sum + share, 0) <= 1 + ROUNDING;
}

/**
 * The arm of a person: 1 for the first; 0 for the rest, who are in none.
 * @param person what stands for the person: digits, or a user id
 */
export function armOf({ name, shares }: Split, person: string): number {
  const chance = stableChance(`arm/${name}/${person}`);
  let upTo = 0;
  for (const [at, share] of shares.entries()) {
    upTo += share;
    if (chance < upTo) return at + 1;
  }
  return isWhole(upTo) ? shares.length : 0;
}

/** The arms are everybody, whatever their sum is in binary. */
const isWhole = (sum: number): boolean => sum >= 1 - ROUNDING;

/** The first of the hold-outs that keeps a person out; undefined for none. */
export function holdOutOf(holdOuts: readonly HoldOut[], person: string): HoldOut | undefined {
  return holdOuts.find(({ salt, share }) => stableChance(`hold_out/${salt}/${person}`) < share);
}

const QUARTER_MONTHS = 3;

/** The quarter of an instant, in UTC: `2026-Q4`. */
export function quarterOf(at: number): string {
  const date = new Date(at);
  return `${date.getUTCFullYear()}-Q${1 + Math.floor(date.getUTCMonth() / QUARTER_MONTHS)}`;
}
