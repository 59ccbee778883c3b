// How far the people of a campaign got, step by step: the same in the report and on the live page.

import type { Html } from "../common/html.ts";
import { NOTHING } from "../common/html.ts";
import { count, plural } from "../common/numbers.ts";
import type { CampaignStanding } from "../result/campaign-standing.ts";
import { isAtWork } from "../result/campaign-standing.ts";
import type { ReachTally } from "../result/counts.ts";
import type { Counted } from "../result/figures.ts";
import { figuresOf } from "../result/figures.ts";
import type { FunnelStep, NamedPart } from "./bars.ts";
import { funnel } from "./bars.ts";
import type { PartKind } from "./shapes.ts";

/** What the steps follow from: a tally has it, and a report. */
interface FunnelCounts extends Counted {
  reached: Counted["reached"] & Pick<ReachTally, "toSend" | "accepted">;
}

interface FunnelContext {
  standing: Pick<CampaignStanding, "kind">;
  /** Without any receipt nothing is known of delivery. */
  hasReceipts: boolean;
  /** On links, also by people who are not known; 0 where they are not counted. */
  clicks: number;
}

/** The funnel, and the line under its heading. */
export interface FunnelView {
  /** Names what the shares are of. */
  base: string;
  steps: Html;
}

/**
 * Shares of the list, or of the people sent to while a run is at work; null when there is no step
 * to show.
 */
export function funnelView(counted: FunnelCounts, context: FunnelContext): FunnelView | null {
  const { rows, counts, reached } = counted;
  const isOfSent = isAtWork(context.standing) && reached.sentTo > 0;
  const of = isOfSent ? reached.sentTo : rows;
  const steps = funnel(stepsOf(counted, context), of);
  if (steps === NOTHING) return null;
  const base = `Share of the ${plural(of, "person", "people")} ${isOfSent ? "sent to" : "on the list"}.`;
  const skipped = counts.skipped ?? 0;
  const rest = isOfSent && skipped > 0 ? ` ${plural(skipped, "was", "were")} skipped.` : "";
  return { base: `${base}${rest}`, steps };
}

function stepsOf(counted: FunnelCounts, context: FunnelContext): FunnelStep[] {
  const { counts, reached } = counted;
  const { standing, hasReceipts, clicks } = context;
  const of = (status: keyof typeof counts): number => counts[status] ?? 0;
  const { toSend, sentTo, accepted, delivered, read, clicked } = reached;
  const noReceipt = figuresOf(counted).no_receipt.number;
  // What is claimed while a run is at work is being sent; afterwards its answer was lost.
  const inFlight = isAtWork(standing) ? of("claimed") : 0;
  const inDoubt = of("unknown") + of("claimed") - inFlight;
  const open = of("held") + inDoubt + inFlight;
  const sent: FunnelStep = {
    name: "Sent",
    reached: sentTo,
    lost: [
      part("skipped", of("skipped"), "skipped"),
      part("failed", toSend - sentTo - of("pending") - of("cancelled"), "ended unsent"),
      part("skipped", of("cancelled"), "cancelled"),
      part("waiting", of("pending"), "waiting"),
    ],
  };
  const waiting = [
    { kind: "held", number: of("held") + inDoubt, words: heldWords(of("held"), inDoubt) } as const,
    part("waiting", inFlight, "in flight"),
  ];
  if (!hasReceipts) {
    const lost = [part("failed", sentTo - accepted - open, "failed"), ...waiting];
    return [sent, { name: "Accepted", reached: accepted, lost }];
  }
  const all: FunnelStep[] = [
    sent,
    {
      name: "Delivered",
      reached: delivered,
      lost: [
        part("no_receipt", noReceipt, "without a receipt"),
        part("no_receipt", of("expired"), "expired"),
        ...waiting,
        part("failed", sentTo - delivered - noReceipt - open - of("expired"), "failed"),
      ],
    },
    {
      name: "Read",
      reached: read,
      lost: [part("delivered", delivered - read, "not read, or read receipts off")],
    },
  ];
  if (clicked === 0) return all;
  const more = clicks > 0 ? `; ${plural(clicks, "click")} on links` : "";
  const note = `people who opened a link or tapped a button${more}`;
  return [...all, { name: "Clicked", reached: clicked, lost: [], note }];
}

function part(kind: PartKind, number: number, words: string): NamedPart {
  return { kind, number, words: `${count(number)} ${words}` };
}

function heldWords(held: number, inDoubt: number): string {
  const words = [
    ...(held > 0 ? [`${count(held)} held`] : []),
    ...(inDoubt > 0 ? [`${count(inDoubt)} unknown`] : []),
  ];
  return words.join(", ");
}
