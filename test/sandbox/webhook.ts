// A webhook for tests: a real server that checks signatures with code of its own and keeps every
// body that it was posted.

import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import type { Loose } from "./posting.ts";

export const SECRET = "an app secret of nobody's";

export interface Posted {
  /** Whether the signature is that of the raw bytes. */
  isSigned: boolean;
  raw: string;
  json: Loose;
  at: number;
  answered: number;
}

export interface Webhook {
  url: string;
  posted: Posted[];
  /** Most requests that were open at the same time. */
  mostOpen(): number;
  /** `value`s of everything that was answered with 200, in order. */
  values(): Loose[];
  /** `[message id, status]` of every receipt that was answered with 200, in order. */
  statuses(): [string, string][];
  /** Resolves once `test` holds; looked at after every request. */
  until(test: () => boolean): Promise<void>;
  /** Ends the server; connections are cut. */
  close(): Promise<void>;
}

/**
 * Starts a webhook. `answer` gives the status for the n-th request, counted from 1, or nothing for
 * no answer at all.
 */
export async function startWebhook(
  answer: (nth: number) => number | undefined = () => 200,
  options: { verifyToken?: string; holdMs?: number; port?: number } = {},
): Promise<Webhook> {
  const posted: Posted[] = [];
  const waiters = new Set<() => void>();
  let open = 0;
  let most = 0;
  let nth = 0;
  const server = createServer((req, res) => {
    const query = new URL(req.url ?? "/", "http://localhost").searchParams;
    if (req.method === "GET") {
      nth += 1;
      const isRight = query.get("hub.verify_token") === options.verifyToken;
      res.statusCode = isRight ? (answer(nth) ?? 500) : 403;
      res.end(res.statusCode === 200 ? query.get("hub.challenge") : "no");
      return;
    }
    open += 1;
    most = Math.max(most, open);
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("error", () => {});
    req.on("end", () => {
      const bytes = Buffer.concat(chunks);
      const hex = createHmac("sha256", SECRET).update(bytes).digest("hex");
      nth += 1;
      const status = answer(nth);
      const raw = bytes.toString("utf8");
      posted.push({
        isSigned: req.headers["x-hub-signature-256"] === `sha256=${hex}`,
        raw,
        json: JSON.parse(raw),
        at: performance.now(),
        answered: status ?? 0,
      });
      setTimeout(() => {
        open -= 1;
        if (status === undefined) res.socket?.destroy();
        else res.writeHead(status).end();
        for (const look of waiters) look();
      }, options.holdMs ?? 0);
    });
  });
  await new Promise<void>((resolve) =>
    server.listen(options.port ?? 0, "127.0.0.1", () => resolve()),
  );
  const values = (): Loose[] =>
    posted
      .filter(({ answered }) => answered === 200)
      .flatMap(({ json }) => json.entry)
      .flatMap((entry: Loose) => entry.changes)
      .map((change: Loose) => change.value);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`,
    posted,
    mostOpen: () => most,
    values,
    statuses: () =>
      values().flatMap((value) =>
        (value.statuses ?? []).map((one: Loose): [string, string] => [one.id, one.status]),
      ),
    until: (test) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!test()) return;
          waiters.delete(look);
          resolve();
        };
        waiters.add(look);
        look();
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
