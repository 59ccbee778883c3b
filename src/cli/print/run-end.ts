// How a run ended, in words: the summary and a sentence, or the one line of a run that had nothing
// to do.

import type { StopReason } from "../../domain/campaign/campaign.ts";
import { STATUSES } from "../../domain/campaign/dispatch.ts";
import { count, plural } from "../../domain/common/numbers.ts";
import { clause } from "../../domain/preflight/finding.ts";
import { retryableNotes } from "../../domain/result/campaign-notes.ts";
import { doneWords, unknownSentence } from "../../domain/result/campaign-standing.ts";
import type { Summary } from "../../domain/result/summary.ts";
import type { RunEnd } from "../../domain/sending/run-ports.ts";
import type { CampaignView } from "../campaign/campaign-summary.ts";
import { isLogged, mustBeQuiet, say, takeBack, timed } from "./print.ts";
import { printSummaryAtEnd } from "./summary.ts";
import type { Times } from "./times.ts";

/** Reasons to stop of a run that found nothing to do yet. */
const IDLE: readonly StopReason[] = [
  "held",
  "daily_limit",
  "hours",
  "paused",
  "ramp",
  "ramp_held",
  "test",
  "numbers_left",
];
/** Reasons to stop that are as they should be. */
const EXPECTED: readonly StopReason[] = [...IDLE, "limit", "budget", "interrupted"];

const TONES = { finished: "good", halted: "bad", stopped: "doubt" } as const;

interface About {
  campaign: string;
  /** The manifest, as the operator named it. */
  manifest: string;
  /** Undefined where the ledger can say nothing of the campaign any more. */
  view: CampaignView | undefined;
  times: Times;
  /** The ledger. */
  file: string;
  /** Nothing was done. */
  isIdle: boolean;
  /** The rest stands in the JSON document. */
  isJson: boolean;
}

/** Prints how a run ended. */
export function printRunEnd(end: RunEnd, about: About): void {
  const { view, times, isJson } = about;
  if (view !== undefined && !isJson) {
    if (isLogged() && hadNothing(end, about)) {
      takeBack();
      say(timed(idleLine(end, view.summary, about)));
      return;
    }
    printSummaryAtEnd(view, times);
  }
  const sentence = endSentence(end, about);
  if (!mustBeQuiet()) say(sentence, TONES[end.kind]);
  else if (needsPerson(end, about)) say(`${about.campaign}: ${sentence}`, "bad");
}

/** Prints how a campaign ended that a worker ran: one line, with its figures. */
export function printWorkEnd(end: RunEnd, about: About): void {
  const counts = about.view?.summary.counts ?? {};
  const figures = STATUSES.filter((status) => (counts[status] ?? 0) > 0)
    .map((status) => `${count(counts[status] ?? 0)} ${status}`)
    .join(", ");
  const sentence = endSentence(end, about, BY_WORKER);
  const line = figures === "" ? sentence : `${sentence} ${figures}.`;
  if (!mustBeQuiet()) say(line, TONES[end.kind]);
  else if (needsPerson(end, about)) say(line, "bad");
}

function hadNothing(end: RunEnd, { isIdle }: About): boolean {
  return isIdle && (end.kind === "finished" || (end.kind === "stopped" && IDLE.includes(end.why)));
}

/** What is said all the same where only what is bad is. */
function needsPerson(end: RunEnd, { view, isIdle }: About): boolean {
  if (end.kind === "stopped") return !EXPECTED.includes(end.why);
  return end.kind === "halted" || (!isIdle && (view?.summary.counts.unknown ?? 0) > 0);
}

/**
 * `spring-2026: nothing to do; 24 held; next try 29 Nov 2026, 14:40 (Europe/Berlin); ledger
 * /data/ledger.sqlite`
 */
function idleLine(end: RunEnd, { campaign, counts }: Summary, { times, file }: About): string {
  const parts = [`${campaign}: nothing to do`];
  if (end.kind === "stopped") {
    if (end.why === "held") parts.push(`${count(counts.held ?? 0)} held`);
    else parts.push(clause(end.sentence.replace(/^Stopped: /, "")));
    if (end.goOnAt !== null) parts.push(`next try ${times.named(end.goOnAt)}`);
  }
  if (counts.unknown) parts.push(`${plural(counts.unknown, "recipient")} unknown`);
  return [...parts, `ledger ${file}`].join("; ");
}

/** Who goes on with a campaign that stopped. */
const BY_COMMAND = {
  stopped: "The same command goes on where this stopped.",
  paused: "then run the same command again",
  halted: "",
};
const BY_WORKER = {
  stopped: "A worker goes on where this stopped.",
  paused: "then a worker goes on",
  halted: " Workers leave it: a person runs it again once that is settled.",
};

function endSentence(
  end: RunEnd,
  { view, times, manifest }: About,
  goesOn: typeof BY_COMMAND = BY_COMMAND,
): string {
  const unknown = view?.standing.unknown ?? 0;
  const doubt =
    unknown === 0 ? "" : ` ${unknownSentence(unknown)} \`campaign resolve\` decides on them.`;
  switch (end.kind) {
    case "finished": {
      const again = retryableNotes(view?.summary.failures ?? {}).map((note) => ` ${note}`);
      return `${view === undefined ? "Finished." : doneWords(view.standing)}${again.join("")}${doubt}`;
    }
    case "halted":
      return `Halted. ${end.halt.sentence}${goesOn.halted}${doubt}`;
    case "stopped": {
      if (end.why === "paused") {
        return `Paused: nothing is sent until the pause is lifted, campaign unpause ${manifest}; ${goesOn.paused}.${doubt}`;
      }
      const when = end.goOnAt === null ? "" : ` Next try: ${times.named(end.goOnAt)}.`;
      return `${end.sentence} ${goesOn.stopped}${when}${doubt}`;
    }
  }
}
