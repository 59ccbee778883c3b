// Metrics as text: names, labels, and the signs that must be escaped.

import { describe, expect, it } from "vitest";

import { receiverMetrics, startCounts } from "../../../src/web/webhooks/figures.ts";
import { metricsText } from "../../../src/web/webhooks/metrics.ts";

describe("metrics", () => {
  it("are written as Prometheus reads them", () => {
    const text = metricsText([
      {
        name: "a_total",
        help: "One line\nand a \\.",
        type: "counter",
        samples: [{ value: 1 }, { labels: { x: 'a "b"\n\\', y: "2" }, value: 0.5 }],
      },
      { name: "b", help: "None.", type: "gauge", samples: [] },
      {
        name: "c",
        help: "Odd.",
        type: "gauge",
        samples: [{ value: Infinity }, { value: Number.NaN }],
      },
    ]);
    expect(text).toBe(
      [
        "# HELP a_total One line\\nand a \\\\.",
        "# TYPE a_total counter",
        "a_total 1",
        'a_total{x="a \\"b\\"\\n\\\\",y="2"} 0.5',
        "# HELP b None.",
        "# TYPE b gauge",
        "# HELP c Odd.",
        "# TYPE c gauge",
        "c +Inf",
        "c NaN",
        "",
      ].join("\n"),
    );
  });

  it("have a histogram whose buckets count what smaller ones do", () => {
    const counting = startCounts();
    for (const seconds of [0.001, 0.005, 0.2, 30]) counting.answered("kept", seconds);
    const text = metricsText(receiverMetrics(counting.figures));
    const bucket = (le: string) => `campaign_webhook_answer_seconds_bucket{le="${le}"}`;
    for (const [le, count] of [
      ["0.005", 2],
      ["0.1", 2],
      ["0.25", 3],
      ["5", 3],
      ["+Inf", 4],
    ] as const) {
      expect(text.split("\n")).toContain(`${bucket(le)} ${count}`);
    }
    expect(text).toMatch(/^campaign_webhook_answer_seconds_sum 30\.206/m);
  });
});
