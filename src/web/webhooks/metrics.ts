// Metrics as Prometheus reads them. By hand: prom-client takes 10 MB and 55 ms of CPU at the start
// of `serve`, for 27 lines; and the ledger's counters are read from SQL, which its counters cannot
// be set to.
//
// Prometheus, "Exposition formats", text format 0.0.4, 2026-09.

export const METRICS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

interface Sample {
  /** Put behind the metric's name: `_bucket`, `_sum`, `_count` of a histogram. */
  suffix?: string;
  labels?: Readonly<Record<string, string>>;
  value: number;
}

export interface Metric {
  /**
   * Letters, digits and underscores; of a counter it ends in `_total`, and a unit is written out:
   * `_seconds`, `_bytes`.
   */
  name: string;
  /** One sentence. */
  help: string;
  type: "counter" | "gauge" | "histogram";
  samples: readonly Sample[];
}

/** Writes metrics down; of those without a sample only what they are. */
export function metricsText(metrics: readonly Metric[]): string {
  return metrics.map(textOf).join("");
}

function textOf({ name, help, type, samples }: Metric): string {
  const lines = [`# HELP ${name} ${escaped(help)}`, `# TYPE ${name} ${type}`];
  for (const { suffix = "", labels, value } of samples) {
    lines.push(`${name}${suffix}${labelsText(labels)} ${numberText(value)}`);
  }
  return `${lines.join("\n")}\n`;
}

function labelsText(labels: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`,
  );
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}
