// The report's section on how far the rows of the CSV got, step by step.

import type { Html } from "../domain/common/html.ts";
import { html } from "../domain/common/html.ts";
import { count, percent, plural } from "../domain/common/numbers.ts";
import { optOutWays } from "../domain/result/labels.ts";
import type { Funnel, ReportData } from "../domain/result/report-data.ts";
import { shareOf } from "./result.ts";
import { type TableRow, table } from "./table.ts";

/** How far the rows of the CSV got, step by step. */
export function funnelOf(data: ReportData): Html {
  const { funnel, receiptsSince } = data;
  const rows = stepsOf(data).map(
    ({ name, note, number, of, colour }): TableRow => ({
      name,
      note,
      bar: { share: funnel.rows === 0 ? 0 : number / funnel.rows, colour },
      values: [
        count(number),
        of === null
          ? ""
          : colour === "plain" || name === POSTED
            ? percent(number, of)
            : shareOf(number, of),
      ],
    }),
  );
  const below = [clickedRow(data), optedOutRow(data)].filter((row) => row !== null);
  const words =
    receiptsSince === null && funnel.accepted > 0
      ? html`<p>No receipt came, so the funnel ends where Meta accepted. <b>Accepted is not delivered:</b> it says that Meta took the message, and no more.</p>`
      : html`<p><b>Accepted is not delivered:</b> it says that Meta took the message. Delivery and reading are reported by receipts, and people who have switched read receipts off read unseen.</p>`;
  return html`<section><h2>How far it got</h2>${words}${table(
    "How far the rows of the CSV got",
    ["Step", { name: "Rows", kind: "number" }, { name: "Of the above", kind: "number" }],
    [...rows, ...below],
  )}</section>`;
}

/** Whether a recipient is posted to is no matter of chance, and has no interval. */
const POSTED = "Posted to Meta";

interface Step {
  name: string;
  /** What became of those who are in the step above and not in this one. */
  note: string;
  number: number;
  /** The step above; null for the first. */
  of: number | null;
  colour: "plain" | "accepted" | "delivered" | "read";
}

function stepsOf(data: ReportData): Step[] {
  const { rows, toSend, posted, accepted, sent, delivered, read }: Funnel = data.funnel;
  const all: Step[] = [
    { name: "Rows of the CSV", note: "", number: rows, of: null, colour: "plain" },
    {
      name: "To be sent to",
      note: lost(rows - toSend, "left out"),
      number: toSend,
      of: rows,
      colour: "plain",
    },
    {
      name: POSTED,
      note: lost(toSend - posted, "not posted yet, or cancelled"),
      number: posted,
      of: toSend,
      colour: "accepted",
    },
    {
      name: "Accepted by Meta",
      note: notAccepted(data),
      number: accepted,
      of: posted,
      colour: "accepted",
    },
    {
      name: "Sent on by Meta",
      note: lost(accepted - sent, "failed before that, or without a receipt of it"),
      number: sent,
      of: accepted,
      colour: "accepted",
    },
    {
      name: "Delivered to the phone",
      note: lost(sent - delivered, "on their way, failed or expired"),
      number: delivered,
      of: sent,
      colour: "delivered",
    },
    {
      name: "Read",
      note: lost(delivered - read, "not read, or read unseen"),
      number: read,
      of: delivered,
      colour: "read",
    },
  ];
  return data.receiptsSince === null ? all.slice(0, 4) : all;
}

function lost(number: number, words: string): string {
  return number <= 0 ? "" : `${count(number)} ${words}`;
}

function notAccepted({ funnel, failed, counts }: ReportData): string {
  const refused = failed.reduce((sum, one) => sum + one.number - one.afterAcceptance, 0);
  const held = counts.held ?? 0;
  const unknown = counts.unknown ?? 0;
  const others = funnel.posted - funnel.accepted - refused - held - unknown;
  return [
    lost(refused, "refused"),
    lost(held, "held for later"),
    lost(unknown, "unknown"),
    lost(others, "tried, and waiting or on their way"),
  ]
    .filter((words) => words !== "")
    .join(" · ");
}

/** Clicks are no part of the readers: they stand below the funnel with a share of their own. */
function clickedRow(data: ReportData): TableRow | null {
  const { funnel, taps, opened, clicks, landingPageViews, receiptsSince } = data;
  const { clicked, delivered, rows } = funnel;
  const views = landingPageViews > 0 ? [`${plural(landingPageViews, "page")} reached`] : [];
  if (receiptsSince === null || (clicked === 0 && clicks === 0 && views.length === 0)) return null;
  if (clicked === 0) {
    const whose = "Meta did not report whose they are; one person may have clicked several times";
    const note = [whose, ...views].join(" · ");
    return { name: "Clicks on links", note, values: [count(clicks), ""] };
  }
  const kinds = taps.map(({ label, number }) => `"${label ?? "another button"}" ${count(number)}`);
  if (opened > 0) kinds.unshift(`link opened ${count(opened)}`);
  if (clicks > 0) kinds.push(`${plural(clicks, "click")} on links, those of nobody known included`);
  return {
    name: "Clicked or tapped",
    note: ["share of the delivered", ...kinds, ...views].join(" · "),
    bar: { share: rows === 0 ? 0 : clicked / rows, colour: "read" },
    values: [count(clicked), shareOf(clicked, delivered)],
  };
}

/** Opt-outs stand below the funnel, too: what the campaign cost in people who can be reached. */
function optedOutRow({ funnel, optOuts }: ReportData): TableRow | null {
  const { people, byWay } = optOuts;
  const { delivered, rows } = funnel;
  if (people === 0) return null;
  return {
    name: "Opted out after the message",
    note: ["share of the delivered", optOutWays(byWay)].join(" · "),
    bar: { share: rows === 0 ? 0 : people / rows, colour: "plain" },
    values: [count(people), shareOf(people, delivered)],
  };
}
