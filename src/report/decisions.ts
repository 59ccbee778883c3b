// The report's folded part on what people did to the campaign by hand.

import { actorWords } from "../domain/campaign/audit.ts";
import type { Html } from "../domain/common/html.ts";
import { html, NOTHING, said } from "../domain/common/html.ts";
import { sentenceCase } from "../domain/common/text.ts";
import { actionWords, decisionDetail } from "../domain/page/decisions.ts";
import type { TimelineEntry } from "../domain/page/parts.ts";
import { fold, timeline } from "../domain/page/parts.ts";
import type { ReportView } from "./view.ts";

const KINDS: Readonly<Record<string, TimelineEntry["kind"]>> = { pause: "waited", cancel: "bad" };

/** Pauses, retries and other decisions in order; nothing when none was made. */
export function decisionsFold({ data: { decisions }, calendar, when }: ReportView): Html {
  const last = decisions.at(-1);
  if (last === undefined) return NOTHING;
  const entries = decisions.map((decision) => ({
    day: calendar.day(decision.at),
    time: calendar.second(decision.at),
    at: new Date(decision.at).toISOString(),
    kind: KINDS[decision.action] ?? "done",
    what: html`<b>${said(sentenceCase(actionWords(decision)))}</b> ${said(actorWords(decision.actor))} <span class="cap">${decisionDetail(decision)}</span>`,
  }));
  return fold({
    name: "Done by hand",
    answer: said(`${actionWords(last)} ${actorWords(last.actor)}, ${when(last.at)}`),
    inside: timeline(entries),
  });
}
