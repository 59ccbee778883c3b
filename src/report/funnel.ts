// The report's section on how far the people of the list got, step by step.

import { type Html, html, NOTHING } from "../domain/common/html.ts";
import { count, plural } from "../domain/common/numbers.ts";
import type { FunnelStep, NamedPart } from "../domain/page/bars.ts";
import { funnel } from "../domain/page/bars.ts";
import type { PartKind } from "../domain/page/shapes.ts";
import type { ReportView } from "./view.ts";

/** How far they got: shares of the list, or of the people sent to while a run is at work. */
export function funnelSection(view: ReportView): Html {
  const { data, standing } = view;
  const isAtWork = standing.kind === "sending" || standing.kind === "pausing";
  const { rows, sentTo } = data.funnel;
  const of = isAtWork && sentTo > 0 ? sentTo : rows;
  const whose = of === rows && !isAtWork ? "on the list" : "sent to";
  const drawn = funnel(stepsOf(view), of);
  if (drawn === NOTHING) return NOTHING;
  return html`<section><h2>How far it got</h2><p class="sub">Share of the ${plural(of, "person", "people")} ${whose}.</p>${drawn}</section>`;
}

function stepsOf({ data, figures, hasReceipts }: ReportView): FunnelStep[] {
  const { counts, funnel: steps, clicks } = data;
  const of = (status: keyof typeof counts): number => counts[status] ?? 0;
  const { toSend, sentTo, accepted, delivered, read, clicked } = steps;
  const inDoubt = of("unknown") + of("claimed");
  const failed =
    sentTo - delivered - figures.no_receipt.number - of("held") - inDoubt - of("expired");
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
  const waiting = part("held", of("held") + inDoubt, heldWords(of("held"), inDoubt));
  if (!hasReceipts) {
    const lost = [part("failed", sentTo - accepted - of("held") - inDoubt, "failed"), waiting];
    return [sent, { name: "Accepted", reached: accepted, lost }];
  }
  const all: FunnelStep[] = [
    sent,
    {
      name: "Delivered",
      reached: delivered,
      lost: [
        part("no_receipt", figures.no_receipt.number, "without a receipt"),
        part("no_receipt", of("expired"), "expired"),
        waiting,
        part("failed", failed, "failed"),
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
  return { kind, number, words: /^\d/.test(words) ? words : `${count(number)} ${words}` };
}

function heldWords(held: number, inDoubt: number): string {
  const words = [
    ...(held > 0 ? [`${count(held)} held`] : []),
    ...(inDoubt > 0 ? [`${count(inDoubt)} unknown`] : []),
  ];
  return words.join(", ");
}
