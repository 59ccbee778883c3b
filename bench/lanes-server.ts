// The server of a campaign over several numbers, in a process of its own: answers like Graph, keeps
// when each number's requests arrived, and reports every message as sent, delivered and read to the
// receiver, in batches as Meta sends them. Argument: what signs the deliveries.

import { createHmac } from "node:crypto";
import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";

import { Pool } from "undici";

import type { BareRequest } from "./http.ts";
import { answerJson, readRequests } from "./http.ts";

/** What the bench asks of the server … */
export type ToLanesServer = { webhooks: string } | "log" | "end";
/** … and hears from it. */
export type FromLanesServer = { port: number } | { log: LanesLog };

export interface LanesLog {
  /** Number's id → instants of arrival, milliseconds since the epoch with fraction. */
  arrivals: Record<string, number[]>;
  /** From the post of each delivery to its answer. */
  latenciesMs: number[];
  statuses: number;
  /** Deliveries that were answered otherwise than 200; each came again. */
  refused: number;
}

const [secret = ""] = process.argv.slice(2);
/** Statuses are gathered for so long. */
const GATHER_MS = 50;
/** A delivery that was refused comes again after this, in milliseconds. */
const AGAIN_MS = 50;
/** Of one delivery; Meta's largest batches have 1,000 (webhooks overview page, 2026-09). */
const BATCH = 1_000;
const PRICING = '"pricing":{"billable":true,"pricing_model":"PMP","category":"marketing_lite"}';

const log: LanesLog = { arrivals: {}, latenciesMs: [], statuses: 0, refused: 0 };
const gathered = new Map<string, string[]>();
let webhooks: Pool | undefined;
let next = 0;
/** Deliveries that were not answered with 200 yet. */
let outstanding = 0;
let isAsked = false;

/** Gives the log that was asked for, once everything in it is delivered. */
function tellWhenDelivered(): void {
  if (isAsked && outstanding + gathered.size === 0) tell({ log });
}

/** The value of a text in flat JSON, which has it without escapes. */
function textOf(json: string, key: string): string {
  const from = json.indexOf(`"${key}":"`) + key.length + 4;
  return json.slice(from, json.indexOf('"', from));
}

// Texts instead of objects, since this server shares the cores with what is measured.
function reply(socket: Socket, lane: string, body: string): void {
  next += 1;
  const to = textOf(body, "to");
  const digits = to.slice(1);
  const id = `wamid.bench${next}`;
  answerJson(
    socket,
    `{"messaging_product":"whatsapp","contacts":[{"input":"${to}","wa_id":"${digits}"}],"messages":[{"id":"${id}","message_status":"accepted"}]}`,
  );
  if (webhooks === undefined) return;
  const key = textOf(body, "biz_opaque_callback_data");
  const timestamp = Math.floor(Date.now() / 1_000);
  const one = `{"id":"${id}","timestamp":"${timestamp}","recipient_id":"${digits}","biz_opaque_callback_data":"${key}"`;
  const statuses = gathered.get(lane) ?? [];
  gathered.set(lane, statuses);
  statuses.push(`${one},"status":"sent",${PRICING}}`, `${one},"status":"delivered",${PRICING}}`);
  statuses.push(`${one},"status":"read"}`);
}

setInterval(() => {
  for (const [lane, statuses] of gathered) {
    for (let from = 0; from < statuses.length; from += BATCH) {
      void deliver(lane, statuses.slice(from, from + BATCH));
    }
  }
  gathered.clear();
  tellWhenDelivered();
}, GATHER_MS);

async function deliver(lane: string, statuses: readonly string[]): Promise<void> {
  const metadata = `{"display_phone_number":"15550100","phone_number_id":"${lane}"}`;
  const value = `{"messaging_product":"whatsapp","metadata":${metadata},"statuses":[${statuses.join(",")}]}`;
  const body = `{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"field":"messages","value":${value}}]}]}`;
  const signature = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
  const headers = { "content-type": "application/json", "x-hub-signature-256": signature };
  log.statuses += statuses.length;
  outstanding += 1;
  for (;;) {
    const from = performance.now();
    const answer = await webhooks?.request({ path: "/webhooks", method: "POST", headers, body });
    await answer?.body.dump();
    log.latenciesMs.push(performance.now() - from);
    if (answer?.statusCode === 200) break;
    log.refused += 1;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
  outstanding -= 1;
  tellWhenDelivered();
}

function take(socket: Socket, { head, body }: BareRequest): void {
  if (!head.startsWith("POST ")) {
    // The account cannot be asked: the run goes on unchecked.
    socket.write("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
    return;
  }
  const lane = head.split("/", 3)[2] ?? "";
  const arrivals = log.arrivals[lane] ?? [];
  log.arrivals[lane] = arrivals;
  arrivals.push(performance.timeOrigin + performance.now());
  reply(socket, lane, body);
}

const server = createServer((socket) => readRequests(socket, (request) => take(socket, request)));
const tell = (message: FromLanesServer) => process.send?.(message);
server.listen(0, "127.0.0.1", () => tell({ port: (server.address() as AddressInfo).port }));
process.on("message", (asked: ToLanesServer) => {
  if (asked === "log") {
    isAsked = true;
    tellWhenDelivered();
  } else if (asked === "end") process.exit(0);
  else webhooks = new Pool(asked.webhooks, { connections: 16, pipelining: 1 });
});
// Nobody is left to ask: the bench ended without a word.
process.on("disconnect", () => process.exit(0));
