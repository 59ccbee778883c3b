// The figures of a campaign, each with its one base: the same on the terminal, in JSON, in a
// comparison and on the pages. No words.

import type { Status } from "../campaign/dispatch.ts";
import type { Share } from "../common/proportion.ts";
import type { OptOutCounts } from "../receipts/engagement.ts";

/** What a share is a part of. */
export type Base = "rows" | "sent_to" | "delivered";

/** The base of each figure. */
export const BASES = {
  sent_to: "rows",
  delivered: "sent_to",
  read: "delivered",
  clicked: "delivered",
  opted_out: "delivered",
  failed: "rows",
  skipped: "rows",
  held: "rows",
  settled: "sent_to",
  no_receipt: "sent_to",
} as const satisfies Record<string, Base>;

export type FigureName = keyof typeof BASES;

/** Every figure as a share of its base. */
export type Figures = Record<FigureName, Share>;

/** What the figures follow from: a tally has it, and a report. */
export interface Counted {
  rows: number;
  counts: Partial<Record<Status, number>>;
  reached: { sentTo: number; delivered: number; read: number; clicked: number };
  optOuts: Pick<OptOutCounts, "people">;
}

/**
 * Counts each figure.
 *
 * Sent to: a request was made, or perhaps made, and the recipient does not wait for another first
 * one. Settled: delivered or failed after that. No receipt: accepted or sent on by Meta, with
 * neither a delivery nor a failure reported.
 */
export function figuresOf({ rows, counts, reached, optOuts }: Counted): Figures {
  const of = (status: Status): number => counts[status] ?? 0;
  const { sentTo, delivered, read, clicked } = reached;
  const unsettled = ["accepted", "sent", "expired", "held", "unknown", "claimed"] as const;
  const numbers: Record<FigureName, number> = {
    sent_to: sentTo,
    delivered,
    read,
    clicked,
    opted_out: optOuts.people,
    failed: of("failed"),
    skipped: of("skipped"),
    held: of("held"),
    settled: sentTo - unsettled.reduce((sum, status) => sum + of(status), 0),
    no_receipt: of("accepted") + of("sent"),
  };
  const bases: Record<Base, number> = { rows, sent_to: sentTo, delivered };
  const shares = Object.entries(BASES).map(([name, base]) => [
    name,
    { number: numbers[name as FigureName], of: bases[base] },
  ]);
  return Object.fromEntries(shares) as Figures;
}

/** A share as `--json` has it. */
export interface ShareRecord extends Share {
  /** To a thousandth; null of nobody. */
  percent: number | null;
}

/** Adds the per cent to a share. */
export function shareRecord({ number, of }: Share): ShareRecord {
  return { number, of, percent: of === 0 ? null : thousandths((100 * number) / of) };
}

/** More than a thousandth of a point would be noise. */
export function thousandths(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
