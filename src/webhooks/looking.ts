// The routes that are for whoever watches over the receiver, and not for the outside: health and metrics.

import type { FastifyInstance } from "fastify";

import type { Desk } from "./desk.ts";
import { plain } from "./desk.ts";
import { receiverMetrics } from "./figures.ts";
import type { Metric } from "./metrics.ts";
import { METRICS_CONTENT_TYPE, metricsText } from "./metrics.ts";

/** GET /health: 200 while deliveries are kept and applied, else 503 with the reasons. GET /metrics: text for Prometheus. */
export function addLooking(scope: FastifyInstance, desk: Desk): void {
  scope.get("/health", { exposeHeadRoute: true }, async (_request, reply) => {
    const problems = await problemsOf(desk);
    return plain(reply, problems.length === 0 ? 200 : 503)
      .header("content-type", "application/json; charset=utf-8")
      .send(`${JSON.stringify({ ok: problems.length === 0, problems })}\n`);
  });
  scope.get("/metrics", async (_request, reply) => {
    const metrics = [...receiverMetrics(desk.counting.figures), ...(await moreMetrics(desk))];
    return plain(reply, 200)
      .header("content-type", METRICS_CONTENT_TYPE)
      .send(metricsText(metrics));
  });
}

async function problemsOf({ options, keeping }: Desk): Promise<string[]> {
  const since = keeping.failingSince();
  const own =
    since === null
      ? []
      : [`no delivery could be kept since ${new Date(since).toISOString()}; they are answered 503`];
  try {
    return [...own, ...((await options.health?.()) ?? [])];
  } catch {
    // What went wrong may name files; the log has it.
    return [...own, "the ledger does not answer"];
  }
}

async function moreMetrics({ options, notice }: Desk): Promise<Metric[]> {
  if (options.metrics === undefined) return [];
  const up = (value: number): Metric => ({
    name: "campaign_ledger_up",
    help: "Whether the ledger answered this time.",
    type: "gauge",
    samples: [{ value }],
  });
  try {
    return [up(1), ...(await options.metrics())];
  } catch (error) {
    notice({ kind: "error", error });
    return [up(0)];
  }
}
