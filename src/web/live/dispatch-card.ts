// One row of a campaign on a person's page: how it ended, and everything that happened, in order.

import type { Content, Html } from "../../domain/common/html.ts";
import { html, NOTHING, said } from "../../domain/common/html.ts";
import { sentenceCase } from "../../domain/common/text.ts";
import type { TimelineEntry } from "../../domain/page/parts.ts";
import { timeline } from "../../domain/page/parts.ts";
import type { StateShape } from "../../domain/page/shapes.ts";
import { stateMark } from "../../domain/page/shapes.ts";
import type { AttemptHistory, DispatchHistory } from "../../domain/result/history.ts";
import { STATUS_WORDS } from "../../domain/result/labels.ts";
import { wordsFor } from "../../domain/result/reason-labels.ts";
import { campaignLink, pathOf } from "./campaign-parts.ts";
import type { Times } from "./format.ts";

const SHAPES: Readonly<Record<DispatchHistory["status"], StateShape>> = {
  skipped: "cancelled",
  pending: "waiting",
  claimed: "sending",
  held: "waiting",
  accepted: "finished",
  sent: "finished",
  delivered: "finished",
  read: "finished",
  failed: "halted",
  unknown: "waiting",
  expired: "halted",
  cancelled: "cancelled",
};

/** The card. */
export function dispatchCard(dispatch: DispatchHistory, times: Times): Html {
  const { campaign, row, line, status } = dispatch;
  const reason = dispatch.reason ?? dispatch.errorCode;
  const { meaning } = wordsFor(reason ?? "");
  const why =
    reason !== null &&
    html`<p class="sub">${meaning} <span class="id">${said(reason)}</span>${dispatch.detail !== null && html`: ${said(dispatch.detail)}`}${dispatch.errorMessage !== null && html` <span class="cap">${said(dispatch.errorMessage)}</span>`}</p>`;
  const where =
    row === null
      ? "no longer in the file"
      : html`row ${row}, line ${line} · <a href="${pathOf(campaign)}/message?row=${row}">message</a>`;
  const by = dispatch.path === null ? "" : ` · by ${dispatch.path}`;
  return html`<section class="card dispatch"><div class="msgh"><h2>${campaignLink(campaign)}</h2>${stateMark(SHAPES[status], sentenceCase(status))}<span class="cap">${where}</span></div>
${status !== "read" && status !== "delivered" && html`<p class="sub">${STATUS_WORDS[status]}${by}</p>`}${why}
${events(dispatch, times)}</section>`;
}

interface Moment {
  at: number;
  kind: TimelineEntry["kind"];
  what: Content;
  /** Of what happened in one second: Meta's instants are whole seconds, and ours are not. */
  rank: number;
}

/** Everything that happened to a dispatch, in the order in which it happened. */
function events(dispatch: DispatchHistory, { calendar }: Times): Html {
  const moments: Moment[] = dispatch.attempts.map((attempt) => ({
    at: attempt.startedAt ?? attempt.endedAt,
    kind: attempt.outcome === "accepted" ? "done" : "waited",
    what: attemptWords(attempt),
    rank: 0,
  }));
  const reported: [number | null, TimelineEntry["kind"], string][] = [
    [dispatch.sentAt, "done", "Sent"],
    [dispatch.deliveredAt, "done", "Delivered"],
    [dispatch.readAt, "reached", "Read"],
    [dispatch.status === "failed" ? dispatch.failedAt : null, "bad", "Failed"],
    [dispatch.heldUntil, "waited", "Next try"],
  ];
  reported.forEach(([at, kind, what], index) => {
    if (at !== null) moments.push({ at, kind, what, rank: 1 + index });
  });
  const rank = reported.length + 1;
  for (const { label, tappedAt } of dispatch.taps) {
    const what = html`Tapped ${label === null ? "a button" : html`"${said(label)}"`}`;
    moments.push({ at: tappedAt, kind: "reached", what, rank });
  }
  for (const { component, clickedAt } of dispatch.clicks) {
    const where = component !== null && html` (${said(component)})`;
    moments.push({ at: clickedAt, kind: "reached", what: html`Followed a link${where}`, rank });
  }
  if (moments.length === 0) return NOTHING;
  const second = ({ at }: Moment) => Math.floor(at / 1000);
  moments.sort((a, b) => second(a) - second(b) || a.rank - b.rank);
  return timeline(
    moments.map(({ at, kind, what }) => ({
      ...{ day: calendar.day(at), time: calendar.second(at), at: new Date(at).toISOString() },
      ...{ kind, what },
    })),
  );
}

function attemptWords(attempt: AttemptHistory): Html {
  const { code, outcome, next, message, details, fbtraceId } = attempt;
  const answer = [message, details].filter((text) => text !== null && text !== "").join(" · ");
  const words = {
    accepted: "Accepted",
    refused: "Refused",
    not_sent: "Not sent: the request was never written",
    unknown: "The answer was lost",
  }[outcome];
  const meaning = code === null ? "" : wordsFor(String(code)).meaning;
  return html`${words} (attempt ${attempt.attempt})${code !== null && html`: ${meaning} <span class="id">${code}</span>`}${outcome !== "accepted" && html`, now ${next}`}
${(answer !== "" || fbtraceId !== null) && html`<small>${said(answer)}${fbtraceId !== null && html` fbtrace_id ${said(fbtraceId)}`}</small>`}`;
}
