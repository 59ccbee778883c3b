// The routes that are for the operator of the receiver, and not for the outside: health and
// metrics.

import type { FastifyInstance } from "fastify";
import { isAddress, isOwnHost } from "../../domain/common/hosts.ts";
import { plural } from "../../domain/common/numbers.ts";
import { receiverMetrics } from "./figures.ts";
import type { Metric } from "./metrics.ts";
import { METRICS_CONTENT_TYPE, metricsText } from "./metrics.ts";
import type { ReceiverContext } from "./receiver-context.ts";
import { plain } from "./receiver-context.ts";

/**
 * GET /health: 200 while deliveries are kept and applied, else 503 with the reasons. GET /metrics:
 * text for Prometheus. Both only by an address or a name of ours: a page in a browser could read
 * them by a name of its own that leads here.
 */
export function addHealthRoutes(scope: FastifyInstance, context: ReceiverContext): void {
  const { allowHosts = [] } = context.options;
  scope.addHook("onRequest", async (request, reply) => {
    const { host } = request.headers;
    if (isOwnHost(host, allowHosts) || isAddress(host)) return;
    return plain(reply, 421).send(
      "This server is not reached by this name. If it should be, start it with --allow-host.\n",
    );
  });
  scope.get("/health", { exposeHeadRoute: true }, async (_request, reply) => {
    const problems = await problemsOf(context);
    const warnings = warningsOf(context);
    const reported = {
      ok: problems.length === 0,
      problems,
      ...(warnings.length > 0 && { warnings }),
    };
    return plain(reply, problems.length === 0 ? 200 : 503)
      .header("content-type", "application/json; charset=utf-8")
      .send(`${JSON.stringify(reported)}\n`);
  });
  scope.get("/metrics", async (_request, reply) => {
    const metrics = [...receiverMetrics(context.counts.figures), ...(await moreMetrics(context))];
    return plain(reply, 200)
      .header("content-type", METRICS_CONTENT_TYPE)
      .send(metricsText(metrics));
  });
}

async function problemsOf({ options, failing, refusals }: ReceiverContext): Promise<string[]> {
  const own = failing().map(
    ({ to, since }) =>
      `${to === "" ? "" : `${to}: `}no delivery could be kept since ${instant(since)}; they are answered 503`,
  );
  const full = refusals.recent("no_room", Date.now());
  if (full !== null) {
    const many = plural(full.count, "delivery", "deliveries");
    own.push(
      `${many} answered 503 since ${instant(full.since)}: more came at once than there is room for`,
    );
  }
  try {
    return [...own, ...((await options.health?.()) ?? [])];
  } catch {
    // What went wrong may name files; the log has it.
    return [...own, "the ledger does not answer"];
  }
}

/** What a stranger may have done, and kept no delivery from being answered. */
function warningsOf({ refusals }: ReceiverContext): string[] {
  const now = Date.now();
  const slow = refusals.recent("slow", now);
  const connections = refusals.recent("connections", now);
  return [
    ...(slow === null
      ? []
      : [`${plural(slow.count, "body", "bodies")} cut off since ${instant(slow.since)}: too slow`]),
    ...(connections === null
      ? []
      : [
          `${plural(connections.count, "connection")} closed since ${instant(connections.since)}: too many at once`,
        ]),
  ];
}

function instant(at: number): string {
  return new Date(at).toISOString();
}

async function moreMetrics({ options, notice }: ReceiverContext): Promise<Metric[]> {
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
