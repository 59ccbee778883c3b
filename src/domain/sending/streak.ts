// How many times in a row the same code may come before it halts the campaign: what may be
// everybody's fault is found cheaply, and a block of people who have it in a sorted list is passed.
// Pure.

import { count } from "../common/numbers.ts";
import type { CodeRule } from "./error-codes.ts";
import { isKnownCode, isOfPerson } from "./error-codes.ts";

/**
 * A wrong request, or a code that is not known: so many in a row mean that the campaign is wrong,
 * not the recipients.
 */
const SAME_MAX = 10;
/**
 * By receipt. Meta checks a request before it answers, so what a receipt says is about the person
 * first.
 */
const SAME_BY_RECEIPT_MAX = 100;
/** Each run after such a halt bears so many times as many. */
const GROWTH = 10;

/** The same code, again and again. */
export interface Streak {
  code: string;
  count: number;
}

/**
 * The number of failures in a row with which a code halts.
 * @param halts how often the campaign halted for a streak of this code before
 * @returns Infinity for a code that never halts by its number
 */
export function streakMax(rule: CodeRule, by: "reply" | "receipt", halts: number): number {
  return baseOf(rule, by) * GROWTH ** halts;
}

function baseOf(rule: CodeRule, by: "reply" | "receipt"): number {
  if (isOfPerson(rule)) return Number.POSITIVE_INFINITY;
  if (rule.action === "fix") return SAME_MAX;
  if (!isKnownCode(rule.code)) return by === "reply" ? SAME_MAX : SAME_BY_RECEIPT_MAX;
  // In a reply these make a recipient unknown, which is counted for itself.
  if (rule.action === "ambiguous" && by === "receipt") return SAME_BY_RECEIPT_MAX;
  return Number.POSITIVE_INFINITY;
}

/**
 * Adds a failure to a streak.
 * @returns the same streak for a code about the person: it says nothing about the request
 */
export function lengthened(streak: Streak | undefined, rule: CodeRule): Streak | undefined {
  if (isOfPerson(rule)) return streak;
  const code = String(rule.code);
  return { code, count: streak?.code === code ? streak.count + 1 : 1 };
}

/** What a person reads about the next run when a streak has halted this one. */
export function passSentence(rule: CodeRule, by: "reply" | "receipt", halts: number): string {
  const next = count(streakMax(rule, by, halts + 1));
  return `If only some rows have it, run the same command again: it goes on until ${next} come in a row.`;
}
