// One receiver for several workspaces: each delivery goes to the ledger that it is for.

import { appendFileSync, closeSync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Senders } from "../../domain/campaign/campaign-ports.ts";
import { LedgerError } from "../../domain/campaign/fault.ts";
import { plural } from "../../domain/common/numbers.ts";
import type { WebhookBody } from "../../domain/receipts/processing.ts";
import type { OwnersOf } from "../../domain/receipts/route-body.ts";
import { routeBody } from "../../domain/receipts/route-body.ts";
import type { Metric } from "../../web/webhooks/metrics.ts";
import type { ReceiverOptions, RoutedBody } from "../../web/webhooks/options.ts";
import { startReceiver } from "../../web/webhooks/receiver.ts";
import { usePort } from "../campaign/wiring.ts";
import type { Log } from "../print/log.ts";
import { withoutSecrets } from "../print/redact.ts";
import { writeNotice } from "./receiving.ts";
import type { OpenWorkspace } from "./workspaces.ts";

/** Where bodies are kept of which nobody is known; in the folder in which the server runs. */
const UNROUTED_FILE = "data/unrouted-webhooks.jsonl";
/** The place of these; no workspace has this name. */
const UNROUTED = "?";

/** Bodies that no workspace is known for. */
export interface Unrouted {
  file: string;
  /** Since the server began. */
  bodies(): number;
}

export interface WorkspaceReceiving {
  url: string;
  unrouted: Unrouted;
  close(): Promise<void>;
}

/**
 * Starts the receiver. A delivery is for the workspaces whose app secret signed it; where several
 * have that secret, for those whose numbers and accounts it names.
 * @throws OperatorError when the port cannot be used
 */
export async function startWorkspaceReceiving(
  workspaces: readonly OpenWorkspace[],
  options: Pick<ReceiverOptions, "host" | "port" | "register" | "allowHosts"> & {
    log: Log;
    /** Made before, since pages show it too. */
    unrouted: Unrouted & { store(bodies: readonly WebhookBody[]): void };
  },
): Promise<WorkspaceReceiving> {
  const { log, unrouted, ...where } = options;
  const byName = new Map(workspaces.map((one) => [one.name, one]));
  const receiver = await usePort(where.port, () =>
    startReceiver({
      ...where,
      appSecrets: [...new Set(workspaces.flatMap(({ secrets }) => secrets.appSecrets))],
      verifyTokens: [
        ...new Set(workspaces.flatMap(({ secrets: { verifyToken: one } }) => (one ? [one] : []))),
      ],
      route: (delivery, isSignedBy) => route(workspaces, delivery, isSignedBy),
      async store(bodies, to) {
        const workspace = byName.get(to);
        if (workspace !== undefined) return workspace.store(bodies);
        unrouted.store(bodies);
        log.warn({ bodies: bodies.length, file: unrouted.file }, "for no workspace that is known");
      },
      onStored: (to) => byName.get(to)?.wake(),
      health: () => healthOf(workspaces),
      metrics: () => metricsOf(workspaces, unrouted),
      notice: (notice) => writeNotice(log, notice),
    }),
  );
  return {
    url: receiver.url,
    unrouted,
    async close() {
      await receiver.close();
      log.info({ answers: receiver.figures().answers }, "closed");
    },
  };
}

/** Keeps bodies of which nobody is known in a file, for `receipts import`. */
export function makeUnrouted(): Unrouted & { store(bodies: readonly WebhookBody[]): void } {
  const file = resolve(UNROUTED_FILE);
  let count = 0;
  return {
    file,
    bodies: () => count,
    store(bodies) {
      const lines = bodies.map((one) => {
        const { body, receivedAt } = withoutSecrets(one);
        const at = new Date(receivedAt).toISOString();
        return `${JSON.stringify({ received_at: at, body })}\n`;
      });
      try {
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
        const handle = openSync(file, "a", 0o600);
        try {
          appendFileSync(handle, lines.join(""));
          fsyncSync(handle);
        } finally {
          closeSync(handle);
        }
      } catch (error) {
        // Answered 503, so that Meta sends it again.
        throw new LedgerError("io", `${file} cannot be written`, { cause: error });
      }
      count += bodies.length;
    },
  };
}

async function route(
  workspaces: readonly OpenWorkspace[],
  delivery: WebhookBody,
  isSignedBy: (secrets: readonly string[]) => boolean,
): Promise<RoutedBody[]> {
  const able = workspaces.filter(({ secrets }) => isSignedBy(secrets.appSecrets));
  const [only] = able;
  if (able.length === 1 && only !== undefined) return [{ to: only.name, delivery }];
  const parts = await routedBy(able, delivery, false);
  // A campaign that was just planned is not known yet.
  const again = parts.some(({ owner }) => owner === null);
  return (again ? await routedBy(able, delivery, true) : parts).map(({ owner, body }) => ({
    to: owner ?? UNROUTED,
    delivery: { ...delivery, body },
  }));
}

async function routedBy(
  able: readonly OpenWorkspace[],
  { body }: WebhookBody,
  isFresh: boolean,
): Promise<ReturnType<typeof routeBody>> {
  const senders = new Map<string, Senders>();
  let isUnsure = false;
  for (const one of able) {
    const known = await one.senders(isFresh);
    if (known === null) isUnsure = true;
    else senders.set(one.name, known);
  }
  const parts = routeBody(body, ownersIn(senders));
  if (isUnsure && parts.some(({ owner }) => owner === null)) {
    // It may be for the ledger that cannot be asked: Meta sends it again.
    throw new LedgerError("unreachable", "a workspace's ledger does not say what its numbers are");
  }
  return parts;
}

/** The number counts, and the account where no workspace has the number. */
function ownersIn(senders: ReadonlyMap<string, Senders>): OwnersOf {
  const having = (key: keyof Senders, id: string | null): string[] =>
    id === null
      ? []
      : [...senders].filter(([, known]) => known[key].includes(id)).map(([name]) => name);
  return ({ phoneNumber, waba }) => {
    const byNumber = having("phoneNumbers", phoneNumber);
    return byNumber.length > 0 ? byNumber : having("wabas", waba);
  };
}

async function healthOf(workspaces: readonly OpenWorkspace[]): Promise<string[]> {
  const all = await Promise.all(
    workspaces.map(async (one) => {
      const work = one.work();
      if (work === undefined) return [`${one.name}: the ledger cannot be opened`];
      const found = await work.health().catch(() => ["the ledger does not answer"]);
      return found.map((problem) => `${one.name}: ${problem}`);
    }),
  );
  return all.flat();
}

async function metricsOf(
  workspaces: readonly OpenWorkspace[],
  unrouted: Unrouted,
): Promise<Metric[]> {
  const merged = new Map<string, Metric>();
  const up: Metric["samples"][number][] = [];
  for (const { name, work } of workspaces) {
    const labels = { workspace: name };
    const metrics = await (work()?.metrics() ?? Promise.resolve(null)).catch(() => null);
    up.push({ labels, value: metrics === null ? 0 : 1 });
    for (const metric of metrics ?? []) {
      const samples = metric.samples.map((one) => ({
        ...one,
        labels: { ...labels, ...one.labels },
      }));
      const before = merged.get(metric.name)?.samples ?? [];
      merged.set(metric.name, { ...metric, samples: [...before, ...samples] });
    }
  }
  return [
    {
      name: "campaign_workspace_up",
      help: "Whether the ledger of the workspace answered this time.",
      type: "gauge",
      samples: up,
    },
    {
      name: "campaign_unrouted_deliveries_total",
      help: "Deliveries for no workspace that is known, kept in a file, since this process began.",
      type: "counter",
      samples: [{ value: unrouted.bodies() }],
    },
    ...merged.values(),
  ];
}

/** What a page says of bodies that nobody is known for; null for none. */
export function unroutedSentence({ file, bodies }: Unrouted): string | null {
  if (bodies() === 0) return null;
  return `${plural(bodies(), "webhook body names", "webhook bodies name")} no number of a workspace. Once it is clear whose they are, import them there: campaign receipts import ${file}`;
}
