// Everything that happened to a dispatch, in the order in which it happened: for the live page and
// for `campaign history`.

import type { AttemptHistory, DispatchHistory } from "./history.ts";
import { wordsFor } from "./labels.ts";

/** One thing that happened. */
export interface Moment {
  /** Milliseconds since the epoch. */
  at: number;
  kind: "done" | "reached" | "bad" | "waited";
  /** `Delivered`, `Refused (attempt 2)`. */
  what: string;
  /** What people said or Meta reported with it, which is untrusted: a button's text, a link. */
  quoted: string | null;
  /** Of an attempt with an error code: what it means, the code, and what the dispatch became. */
  refusal: { meaning: string; code: string } | null;
  /** What an attempt that was not accepted led to. */
  next: string | null;
  /** Meta's own words, empty where there are none. */
  answer: string;
  fbtraceId: string | null;
}

const ATTEMPT_WORDS: Readonly<Record<AttemptHistory["outcome"], string>> = {
  accepted: "Accepted",
  refused: "Refused",
  not_sent: "Not sent: the request was never written",
  unknown: "The answer was lost",
};

/** The moments of a dispatch. Meta's instants are whole seconds: within one, the usual order. */
export function momentsOf(dispatch: DispatchHistory): Moment[] {
  const ranked: { rank: number; moment: Moment }[] = dispatch.attempts.map((attempt) => ({
    rank: 0,
    moment: attemptMoment(attempt),
  }));
  const reported: [number | null, Moment["kind"], string][] = [
    [dispatch.sentAt, "done", "Sent"],
    [dispatch.deliveredAt, "done", "Delivered"],
    [dispatch.readAt, "reached", "Read"],
    [dispatch.status === "failed" ? dispatch.failedAt : null, "bad", "Failed"],
    [dispatch.heldUntil, "waited", "Next try"],
  ];
  reported.forEach(([at, kind, what], index) => {
    if (at !== null) ranked.push({ rank: 1 + index, moment: plainMoment({ at, kind, what }) });
  });
  const rank = reported.length + 1;
  for (const { label, tappedAt: at } of dispatch.taps) {
    const what = label === null ? "Tapped a button" : "Tapped";
    ranked.push({
      rank,
      moment: { ...plainMoment({ at, kind: "reached", what }), quoted: label },
    });
  }
  for (const { component, clickedAt: at } of dispatch.clicks) {
    const moment = plainMoment({ at, kind: "reached", what: "Followed a link" });
    ranked.push({ rank, moment: { ...moment, quoted: component } });
  }
  const second = (at: number) => Math.floor(at / 1000);
  ranked.sort((a, b) => second(a.moment.at) - second(b.moment.at) || a.rank - b.rank);
  return ranked.map(({ moment }) => moment);
}

function plainMoment(moment: Pick<Moment, "at" | "kind" | "what">): Moment {
  return { ...moment, quoted: null, refusal: null, next: null, answer: "", fbtraceId: null };
}

function attemptMoment(attempt: AttemptHistory): Moment {
  const { code, outcome, next, message, details, fbtraceId } = attempt;
  const isAccepted = outcome === "accepted";
  return {
    at: attempt.startedAt ?? attempt.endedAt,
    kind: isAccepted ? "done" : "waited",
    what: `${ATTEMPT_WORDS[outcome]} (attempt ${attempt.attempt})`,
    quoted: null,
    refusal: code === null ? null : { meaning: wordsFor(String(code)).meaning, code: String(code) },
    next: isAccepted ? null : next,
    answer: [message, details].filter((text) => text !== null && text !== "").join(" · "),
    fbtraceId,
  };
}
