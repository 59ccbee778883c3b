// One row of a campaign on a person's page: how it ended, and everything that happened, in order.

import type { Html } from "../../domain/common/html.ts";
import { html, NOTHING, said } from "../../domain/common/html.ts";
import { sentenceCase } from "../../domain/common/text.ts";
import { timeline } from "../../domain/page/parts.ts";
import type { StateShape } from "../../domain/page/shapes.ts";
import { stateMark } from "../../domain/page/shapes.ts";
import type { DispatchHistory } from "../../domain/result/history.ts";
import { STATUS_WORDS, wordsFor } from "../../domain/result/labels.ts";
import type { Moment } from "../../domain/result/moments.ts";
import { momentsOf } from "../../domain/result/moments.ts";
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

/** Everything that happened to a dispatch, in the order in which it happened. */
function events(dispatch: DispatchHistory, { calendar }: Times): Html {
  const moments = momentsOf(dispatch);
  if (moments.length === 0) return NOTHING;
  return timeline(
    moments.map((moment) => ({
      day: calendar.day(moment.at),
      time: calendar.second(moment.at),
      at: new Date(moment.at).toISOString(),
      kind: moment.kind,
      what: momentWords(moment),
    })),
  );
}

function momentWords({ what, quoted, refusal, next, answer, fbtraceId }: Moment): Html {
  const small =
    (answer !== "" || fbtraceId !== null) &&
    html`
<small>${said(answer)}${fbtraceId !== null && html` fbtrace_id ${said(fbtraceId)}`}</small>`;
  return html`${what}${quoted !== null && html` "${said(quoted)}"`}${refusal !== null && html`: ${refusal.meaning} <span class="id">${refusal.code}</span>`}${next !== null && html`, now ${next}`}${small}`;
}
