// What the receiver counts of itself: how each delivery was answered, how long that took, what is
// in flight. Knows no body.

import type { Metric } from "./metrics.ts";

/** What a POST to /webhooks was answered, and the status it was answered with. */
export const ANSWERS = {
  /** Signed, and durable. */
  kept: 200,
  /** Signed, and there is nothing in it. */
  empty: 400,
  /** Without X-Hub-Signature-256. */
  unsigned: 401,
  /** With a signature that none of our secrets makes. */
  forged: 403,
  /** Not all of the body came in time, or the connection broke. */
  cut: 408,
  /** The body came too slowly. */
  slow: 408,
  /** Larger than any delivery of Meta's. */
  too_large: 413,
  /** A bug of ours. */
  error: 500,
  /** The ledger could not keep it. */
  not_kept: 503,
  /** More is in flight than we have room for. */
  no_room: 503,
  /** The body made room for one that began later. */
  displaced: 503,
} as const;

export type ReceiverAnswer = keyof typeof ANSWERS;

/** Upper bounds of the histogram's buckets, in seconds; Meta asks for a median of 0.25 at most. */
const BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] as const;

/** Since the receiver was started. */
export interface ReceiverFigures {
  answers: Record<ReceiverAnswer, number>;
  /** Bytes of the bodies that were kept. */
  keptBytes: number;
  /** Deliveries that are being read or kept now, and the bytes of them that are in memory. */
  inFlight: number;
  inFlightBytes: number;
  /** Connections that were closed or refused since there were too many. */
  refusedConnections: number;
  secondsToAnswer: { sum: number; count: number; buckets: { atMost: number; count: number }[] };
}

export interface ReceiverCounts {
  figures: ReceiverFigures;
  answered(answer: ReceiverAnswer, seconds: number): void;
}

/** The receiver's counters, all at 0. */
export function startCounts(): ReceiverCounts {
  const answers = Object.fromEntries(Object.keys(ANSWERS).map((answer) => [answer, 0]));
  const figures: ReceiverFigures = {
    answers: answers as Record<ReceiverAnswer, number>,
    keptBytes: 0,
    inFlight: 0,
    inFlightBytes: 0,
    refusedConnections: 0,
    secondsToAnswer: {
      sum: 0,
      count: 0,
      buckets: BUCKETS_S.map((atMost) => ({ atMost, count: 0 })),
    },
  };
  return {
    figures,
    answered(answer, seconds) {
      figures.answers[answer] += 1;
      const { secondsToAnswer } = figures;
      secondsToAnswer.sum += seconds;
      secondsToAnswer.count += 1;
      // Each bucket counts what the smaller ones do, as Prometheus wants it.
      for (const bucket of secondsToAnswer.buckets) if (seconds <= bucket.atMost) bucket.count += 1;
    },
  };
}

/** The figures as metrics. */
export function receiverMetrics(figures: ReceiverFigures): Metric[] {
  const { answers, secondsToAnswer } = figures;
  const metric = (
    name: string,
    type: "counter" | "gauge",
    help: string,
    value: number,
  ): Metric => ({
    name,
    help,
    type,
    samples: [{ value }],
  });
  return [
    {
      name: "campaign_webhook_answers_total",
      help: "Deliveries by what they were answered.",
      type: "counter",
      samples: Object.entries(ANSWERS).map(([answer, code]) => ({
        labels: { answer, code: String(code) },
        value: answers[answer as ReceiverAnswer],
      })),
    },
    metric(
      "campaign_webhook_kept_bytes_total",
      "counter",
      "Bytes of the bodies that were kept.",
      figures.keptBytes,
    ),
    metric(
      "campaign_webhook_in_flight",
      "gauge",
      "Deliveries that are being read or kept.",
      figures.inFlight,
    ),
    metric(
      "campaign_webhook_in_flight_bytes",
      "gauge",
      "Bytes of them in memory.",
      figures.inFlightBytes,
    ),
    metric(
      "campaign_webhook_refused_connections_total",
      "counter",
      "Connections closed or refused since there were too many.",
      figures.refusedConnections,
    ),
    {
      name: "campaign_webhook_answer_seconds",
      help: "From the first byte of a delivery's headers to its answer.",
      type: "histogram",
      samples: [
        ...secondsToAnswer.buckets.map(({ atMost, count }) => ({
          suffix: "_bucket",
          labels: { le: String(atMost) },
          value: count,
        })),
        { suffix: "_bucket", labels: { le: "+Inf" }, value: secondsToAnswer.count },
        { suffix: "_sum", value: secondsToAnswer.sum },
        { suffix: "_count", value: secondsToAnswer.count },
      ],
    },
  ];
}
