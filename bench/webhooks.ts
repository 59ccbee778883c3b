// Webhook deliveries at Meta's pace, 3 × 1,000 a second, while a campaign is sending from the same
// ledger; and a flood of the largest batches. The receiver, the campaign and the server that it
// posts to are processes of their own.

import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { Pool } from "undici";
import type { AttemptRecord, Claim } from "../src/domain/campaign/attempt.ts";
import { callbackKey } from "../src/domain/campaign/dispatch.ts";
import type { Ledger } from "../src/domain/ledger/ledger.ts";
import type { Planned } from "./campaign.ts";
import { PHONE_NUMBER_ID, planCampaign } from "./campaign.ts";
import { startPeer } from "./peer.ts";
import { digitsOf } from "./people.ts";

const RECEIVER = fileURLToPath(new URL("./receiver.js", import.meta.url));
const RUNNER = fileURLToPath(new URL("./runner.js", import.meta.url));
export const SECRET = "bench-app-secret";
const SOCKETS = 128;
/** Deliveries are posted in bundles, in milliseconds. */
const BUNDLE_MS = 5;
const CLAIMED_AT_ONCE = 2_000;
const APPLIED_MS_MAX = 60_000;
const BEGIN_MS = 2_000;
/** A delivery that was refused comes again after this, in milliseconds. */
const AGAIN_MS = 50;

export interface WebhooksResult {
  seconds: number;
  /** Deliveries posted, and how many were answered otherwise than 200. */
  deliveries: number;
  refused: number;
  /** Of the deliveries that were due in the time. */
  perSecond: number;
  medianMs: number;
  p99Ms: number;
  maxMs: number;
  /** From the last answer to the last application. */
  appliedAfterMs: number;
  /** Messages whose receipts were all applied. */
  read: number;
  messages: number;
  /** Arrivals of the campaign's requests beside it. */
  sentPerSecond: number;
  maxRssMb: number;
  /** Of the receiver: taking, keeping and applying. */
  cpuMicrosecondsEach: number;
}

/** What a process took. */
interface Took {
  /** Largest resident memory. */
  maxRssMb: number;
  /** Processor time of all its threads. */
  cpuMs: number;
}

interface Receiver {
  url: string;
  end(): Promise<Took>;
}

/** Starts a receiver of webhooks on a ledger. */
export async function startReceiver(ledger: string): Promise<Receiver> {
  const env = { ...process.env, WHATSAPP_APP_SECRET: SECRET, WHATSAPP_VERIFY_TOKEN: "bench-token" };
  const child: ChildProcess = fork(RECEIVER, [ledger], {
    env,
    stdio: ["ignore", "pipe", 2, "ipc"],
  });
  const first = once(child.stdout as NodeJS.ReadableStream, "data") as Promise<[Buffer]>;
  const [line] = await Promise.race([first, ended(child)]);
  const { url } = JSON.parse(line.toString()) as { url: string };
  return {
    url,
    async end() {
      const reported = once(child, "message") as Promise<[Took]>;
      child.kill("SIGTERM");
      const [took] = await reported;
      return took;
    },
  };
}

async function ended(child: ChildProcess): Promise<never> {
  await once(child, "exit");
  throw new Error("the receiver ended");
}

interface Post {
  body: string;
  signature: string;
}

function signed(body: string): Post {
  return { body, signature: `sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}` };
}

/** Posts a delivery; the status it was answered with. */
async function post(pool: Pool, { body, signature }: Post): Promise<number> {
  const headers = { "content-type": "application/json", "x-hub-signature-256": signature };
  const answer = await pool.request({ path: "/webhooks", method: "POST", headers, body });
  await answer.body.dump();
  return answer.statusCode;
}

/** A planned campaign whose first `messages` are accepted; the others are left to be sent. */
async function acceptedCampaign(messages: number, toSend: number): Promise<Planned> {
  const planned = await planCampaign(messages + toSend);
  const { ledger, campaign } = planned;
  let record: AttemptRecord[] = [];
  for (let left = messages; ; ) {
    const claim = Math.min(left, CLAIMED_AT_ONCE);
    const turn = { campaign: campaign.id, now: Date.now(), record, release: [], claim };
    const { claimed } = await ledger.turn(turn);
    if (claimed.length === 0) return planned;
    left -= claimed.length;
    record = claimed.map(acceptance);
  }
}

function acceptance({ row, attempt, phone }: Claim): AttemptRecord {
  return {
    row,
    attempt,
    phone,
    startedAt: Date.now(),
    endedAt: Date.now(),
    endpoint: "marketing_messages",
    outcome: "accepted",
    answer: {
      httpStatus: 200,
      code: null,
      subcode: null,
      message: null,
      details: null,
      fbtraceId: null,
    },
    next: {
      to: "accepted",
      messageId: `wamid.accepted${row}`,
      messageStatus: "accepted",
      waId: null,
      userId: null,
    },
  };
}

/** One status of a message, as Meta tells it. */
function statusOf({ ledger, campaign }: Planned, row: number, status: string): object {
  const pricing = {
    billable: true,
    pricing_model: "PMP",
    type: "regular",
    category: "marketing_lite",
  };
  return {
    id: `wamid.accepted${row}`,
    status,
    timestamp: String(Math.floor(Date.now() / 1_000)),
    recipient_id: digitsOf(row),
    biz_opaque_callback_data: callbackKey({
      ledger: ledger.id,
      campaign: campaign.id,
      row,
      attempt: 1,
    }),
    ...(status === "read" ? {} : { pricing }),
  };
}

function bodyWith(statuses: object[], more: object = {}): string {
  const metadata = { display_phone_number: "15550100", phone_number_id: PHONE_NUMBER_ID };
  const value = { messaging_product: "whatsapp", metadata, ...more, statuses };
  const entry = [{ id: "102290129340398", changes: [{ field: "messages", value }] }];
  return JSON.stringify({ object: "whatsapp_business_account", entry });
}

/**
 * Statuses in the order of a campaign at a rate: each message's next one a second after the one
 * before.
 */
function deliveriesOf(planned: Planned, messages: number, perSecond: number): Post[] {
  const posts: { at: number; post: Post }[] = [];
  for (let row = 1; row <= messages; row += 1) {
    ["sent", "delivered", "read"].forEach((status, after) => {
      const body = bodyWith([statusOf(planned, row, status)]);
      posts.push({ at: row + after * perSecond, post: signed(body) });
    });
  }
  return posts.sort((one, other) => one.at - other.at).map(({ post }) => post);
}

interface Answered {
  latenciesMs: number[];
  refused: number;
  tookMs: number;
}

/**
 * Posts at a rate whatever the answers do, and measures each from the instant at which it was due.
 */
async function postAtRate(
  pool: Pool,
  posts: readonly Post[],
  perSecond: number,
): Promise<Answered> {
  const latenciesMs: number[] = [];
  let refused = 0;
  const answers: Promise<void>[] = [];
  const from = performance.now();
  for (let next = 0; next < posts.length; ) {
    const due = Math.floor(((performance.now() - from) / 1_000) * perSecond);
    for (; next < Math.min(due, posts.length); next += 1) {
      const dueAt = from + (next / perSecond) * 1_000;
      answers.push(
        post(pool, posts[next] as Post).then((status) => {
          latenciesMs.push(performance.now() - dueAt);
          if (status !== 200) refused += 1;
        }),
      );
    }
    await sleep(BUNDLE_MS);
  }
  const tookMs = performance.now() - from;
  await Promise.all(answers);
  return { latenciesMs: latenciesMs.sort((one, other) => one - other), refused, tookMs };
}

/** Waits until every delivery is applied; gives how long that took, in milliseconds. */
export async function appliedAll(
  ledger: Pick<Ledger, "receiptTotals">,
  maxMs = APPLIED_MS_MAX,
): Promise<number> {
  const from = performance.now();
  while ((await ledger.receiptTotals()).waiting > 0) {
    if (performance.now() - from > maxMs) throw new Error("deliveries wait to be applied");
    await sleep(10);
  }
  return performance.now() - from;
}

/** Deliveries at a rate for a while, beside a campaign that sends at another rate. */
export async function benchWebhooks(
  deliveriesPerSecond: number,
  messagesPerSecond: number,
  seconds: number,
): Promise<WebhooksResult> {
  const messages = Math.round((deliveriesPerSecond / 3) * seconds);
  const planned = await acceptedCampaign(messages, messagesPerSecond * seconds * 3);
  const posts = deliveriesOf(planned, messages, deliveriesPerSecond / 3);
  const peer = await startPeer(100, 200);
  const receiver = await startReceiver(planned.ledger.place);
  const runner = fork(RUNNER, [planned.folder, "bench", peer.url, String(messagesPerSecond)]);
  await once(runner, "message");
  runner.send("go");
  await once(runner, "message");
  const pool = new Pool(receiver.url, { connections: SOCKETS, pipelining: 1 });
  // A campaign begins with a single request; what it does beside deliveries is counted from its
  // full pace on.
  await sleep(BEGIN_MS);
  const from = performance.timeOrigin + performance.now();
  const { latenciesMs, refused, tookMs } = await postAtRate(pool, posts, deliveriesPerSecond);
  const arrivals = (await peer.arrivals()).filter((at) => at >= from && at <= from + tookMs);
  const appliedAfterMs = await appliedAll(planned.ledger);
  runner.kill("SIGKILL");
  const { maxRssMb, cpuMs } = await receiver.end();
  await pool.close();
  await peer.end();
  const { counts } = await planned.ledger.tally(planned.campaign.id);
  await planned.remove();
  const at = (part: number) => partOf(latenciesMs, part);
  return {
    seconds,
    deliveries: posts.length,
    refused,
    perSecond: (posts.length / tookMs) * 1_000,
    medianMs: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
    appliedAfterMs,
    read: counts.read ?? 0,
    messages,
    sentPerSecond: (arrivals.length / tookMs) * 1_000,
    maxRssMb,
    cpuMicrosecondsEach: (cpuMs / posts.length) * 1_000,
  };
}

/** Of values in order the one that so large a part of them does not exceed. */
export function partOf(ordered: readonly number[], part: number): number {
  return ordered[Math.floor((ordered.length - 1) * part)] as number;
}

export interface FloodResult {
  batches: number;
  updates: number;
  megabytes: number;
  /** Answers other than 200; each of these came again until it was 200. */
  refused: number;
  tookMs: number;
  appliedAfterMs: number;
  delivered: number;
  maxRssMb: number;
}

/**
 * Batches of 1,000 updates and 3 MB, as many at once as there are sockets, each posted again until
 * it is 200.
 */
export async function benchFlood(batches: number): Promise<FloodResult> {
  const perBatch = 1_000;
  const planned = await acceptedCampaign(batches * perBatch, 0);
  const receiver = await startReceiver(planned.ledger.place);
  const pool = new Pool(receiver.url, { connections: SOCKETS, pipelining: 1 });
  let refused = 0;
  let bytes = 0;
  let next = 0;
  const from = performance.now();
  await Promise.all(
    Array.from({ length: SOCKETS }, async () => {
      while (next < batches) {
        const batch = next;
        next += 1;
        const one = largest(planned, batch * perBatch + 1, perBatch);
        bytes += one.body.length;
        while ((await post(pool, one).catch(() => 0)) !== 200) {
          refused += 1;
          await sleep(AGAIN_MS);
        }
      }
    }),
  );
  const tookMs = performance.now() - from;
  const appliedAfterMs = await appliedAll(planned.ledger);
  const { maxRssMb } = await receiver.end();
  await pool.close();
  const { counts } = await planned.ledger.tally(planned.campaign.id);
  await planned.remove();
  return {
    batches,
    updates: batches * perBatch,
    megabytes: bytes / 1e6,
    refused,
    tookMs,
    appliedAfterMs,
    delivered: counts.delivered ?? 0,
    maxRssMb,
  };
}

/** Statuses of so many rows, each with as long a profile as makes 3 MB of them. */
function largest(planned: Planned, firstRow: number, updates: number): Post {
  const rows = Array.from({ length: updates }, (_, at) => firstRow + at);
  const statuses = rows.map((row) => statusOf(planned, row, "delivered"));
  const contacts = rows.map((row) => ({
    wa_id: digitsOf(row),
    profile: { name: "x".repeat(2_500) },
  }));
  return signed(bodyWith(statuses, { contacts }));
}
