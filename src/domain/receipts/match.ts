// Which dispatch a receipt is about: the decisions, on what the ledger looked up.

import type { Status } from "../campaign/dispatch.ts";
import type { OptOutTest } from "../recipient/stop-words.ts";
import type { Inbound } from "./receipt.ts";

/** Meta's clock and ours may differ by this much; receipts have whole seconds. */
const CLOCKS_DIFFER_MS = 120_000;
/** Longest life of a marketing message (Meta, time-to-live page, 2026-09): 30 days, and a day for the webhook. */
export const MESSAGE_LIFE_MS = 31 * 86_400_000;
/** Price categories of marketing messages (Meta, pricing page, 2025-11). */
const MARKETING = ["marketing_lite", "marketing"];
/** Statuses in which planning may give the row to another person. */
const MAY_WAIT: readonly Status[] = ["pending", "held", "skipped"];

/** A name as the ledger keeps it: the digits of a number as an integer, or a user id. */
export type Name = number | string;

/** The people whom a row names. */
export interface RowOfPerson {
  person: number | null;
  rowUserId: string | null;
}

/** Whether a receipt can be about a marketing message; null: Meta reported no price. */
export function mayBeMarketing(category: string | null): boolean {
  return category === null || MARKETING.includes(category);
}

/** Whether a receipt of the instant `at` can be about a message claimed at `claimedAt`; both in ms. */
export function fitsInTime(claimedAt: number, at: number): boolean {
  return at >= claimedAt - CLOCKS_DIFFER_MS && at <= claimedAt + MESSAGE_LIFE_MS;
}

/** Whether one of these names is the row's own. */
export function isNamed(row: RowOfPerson | undefined, names: readonly Name[]): boolean {
  return names.some((name) => name === row?.person || name === row?.rowUserId);
}

/**
 * Whether the receipt of an attempt is of the person who has the row now. Planning may have given the row to another person since:
 * then the attempt is marked, or it is from before attempts were. The person who got the last attempt has the row still, unless it
 * waits.
 * @param lookup asked only where the answer depends on it
 */
export function isForPersonOfRow(
  receipt: { waId: string | null; userId: string | null },
  row: RowOfPerson & { status: Status; attempts: number },
  attempt: number,
  lookup: {
    /** Whether the attempt is marked as given away. */
    isGivenAway(): boolean;
    /** Every known name of the receipt's person. */
    names(): readonly Name[];
    /** Whether a number is known behind a user id. */
    hasNumber(userId: string): boolean;
  },
): boolean {
  const { status, person, rowUserId } = row;
  const isGivenAway = lookup.isGivenAway();
  if (!isGivenAway && !MAY_WAIT.includes(status) && attempt === row.attempts) return true;
  const { waId, userId } = receipt;
  if (waId === null && (userId === null || person !== null) && !isGivenAway) return true;
  const names = lookup.names();
  if (person !== null && names.includes(person)) return true;
  if (rowUserId === null) return false;
  if (names.includes(rowUserId)) return true;
  if (isGivenAway) return false;
  // A message to a user id, reported by a number alone: another person's only when another number is known behind that id.
  return person === null && userId === null && !lookup.hasNumber(rowUserId);
}

/** The text, the button or the payload of a message by which a person opts out; undefined: none. */
export function optOutOf({ text, tap }: Inbound, test: OptOutTest): string | undefined {
  if (text !== null && test.isText(text)) return text;
  const labels = [tap?.text, tap?.payload];
  return labels.find((label) => label != null && test.isTap(label)) ?? undefined;
}
