// Sends a small campaign through the real pieces (loop, ledger on disk, pacer, client) to any
// address, and reads from the ledger what became of every dispatch. It knows nothing of the
// servers.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import Database from "better-sqlite3";
import { systemClock } from "../../src/clock/clock.ts";
import { makePacer } from "../../src/clock/pacer.ts";
import type { Status } from "../../src/domain/campaign/dispatch.ts";
import { callbackKey } from "../../src/domain/campaign/dispatch.ts";
import type { PlannedRow } from "../../src/domain/campaign/row.ts";
import type { Ledger } from "../../src/domain/ledger/ledger.ts";
import { buildBody, compileMessage } from "../../src/domain/message/body.ts";
import { personOf } from "../../src/domain/recipient/person.ts";
import type { Exchange } from "../../src/domain/sending/outcome.ts";
import type { Clock } from "../../src/domain/sending/pace.ts";
import { run } from "../../src/domain/sending/run.ts";
import type { RunEnd } from "../../src/domain/sending/run-ports.ts";
import { startRunProgress } from "../../src/domain/sending/run-ports.ts";
import { openGraph } from "../../src/graph/client.ts";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";
import { numberOf } from "../support/harness.ts";

/** Plain data, so that a child process can be asked for the same. */
export interface Sending {
  baseUrl: string;
  rows: number;
  answerMs?: number;
  /** 1 when left out: requests come in the order of the rows. */
  inFlight?: number;
  /** Messages a second; no limit when left out. */
  rate?: number;
  /**
   * Spaces put at the end of every body, for a request that does not fit into the buffers of a
   * socket.
   */
  padding?: number;
  /** Interrupts the run when so many attempts have ended. */
  stopAfter?: number;
  /** Ends what is still in flight when `stopAfter` is reached, as a second signal does. */
  abandon?: boolean;
  /** The clock of loop and pacer runs so many times as fast; the network does not. */
  haste?: number;
}

/** One attempt as the ledger has it. */
export interface SentAttempt {
  row: number;
  attempt: number;
  /** Null when it never began to be written. */
  startedAt: number | null;
  endedAt: number;
  next: Status;
  httpStatus: number | null;
  code: number | null;
  detail: string | null;
}

export interface Sent {
  end: RunEnd;
  attempts: SentAttempt[];
  /** Status of each row, the first at 0. */
  statuses: Status[];
  /** Every post from when it was asked for to when it was over; instants of performance.now(). */
  posts: { fromMs: number; toMs: number; kind: Exchange["kind"] }[];
  /** What the pacer allowed, asked after every attempt. */
  rates: number[];
  messageIds: { row: number; messageId: string }[];
  /** Invariants of the ledger that do not hold. */
  violations: string[];
}

/** Longer than a busy machine takes for an answer, where the fault is another one. */
const PATIENT_MS = 60_000;
const PHONE_NUMBER_ID = "106540352242922";
const MESSAGE = compileMessage({
  template: { name: "offer", language: "pt_BR", body: ["{{ first_name }}"] },
  delivery: { product_policy: "STRICT" },
});

/** Plans `rows` people, runs the campaign to its end, and tells what the ledger says. */
export async function send(sending: Sending): Promise<Sent> {
  const folder = await mkdtemp(join(tmpdir(), "campaign-network-"));
  const ledger = await openSqliteLedger(join(folder, "ledger.sqlite"));
  try {
    return await sendFrom(ledger, join(folder, "ledger.sqlite"), sending);
  } finally {
    await ledger.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function sendFrom(ledger: Ledger, file: string, sending: Sending): Promise<Sent> {
  const campaign = await plan(ledger, sending.rows);
  const clock = clockOf(sending.haste ?? 1);
  const stop = new AbortController();
  const inFlight = sending.inFlight ?? 1;
  const graph = openGraph({
    baseUrl: sending.baseUrl,
    version: "v25.0",
    phoneNumberId: PHONE_NUMBER_ID,
    accessToken: "secret",
    connections: inFlight,
    answerMs: sending.answerMs ?? PATIENT_MS,
  });
  const pacer = makePacer({
    lane: PHONE_NUMBER_ID,
    messagesPerSecond: sending.rate ?? null,
    maxInFlight: inFlight,
    before: undefined,
    clock,
  });
  const rates: Sent["rates"] = [];
  const posts: Sent["posts"] = [];
  let ended = 0;
  const progress = startRunProgress(sending.rows);
  try {
    const end = await run(
      { campaign, limit: null, dailyLimit: null, acceptedBefore: false, cappedTries: 3, progress },
      {
        ledger,
        clock,
        pacer,
        endpointOf: () => graph.endpoint,
        abandon: graph.destroy,
        opening: () => ({ kind: "open", until: Number.POSITIVE_INFINITY }),
        stop: stop.signal,
        bodyOf: (claim) =>
          buildBody(MESSAGE, {
            to: claim.phone as string,
            values: claim.values,
            callbackKey: callbackKey({
              ledger: ledger.id,
              campaign: campaign.id,
              row: claim.row,
              attempt: claim.attempt,
            }),
          }) + " ".repeat(sending.padding ?? 0),
        post: async (body, begins) => {
          const fromMs = performance.now();
          const exchange = await graph.post(body, begins);
          posts.push({ fromMs, toMs: performance.now(), kind: exchange.kind });
          return exchange;
        },
        notice: (notice) => {
          if (notice.kind !== "attempt") return;
          rates.push(pacer.rate());
          ended += 1;
          if (ended !== sending.stopAfter) return;
          stop.abort();
          if (sending.abandon === true) void graph.destroy();
        },
      },
    );
    return { end, posts, rates, ...(await read(ledger, file, campaign.id)) };
  } finally {
    await pacer.close();
    await graph.destroy();
  }
}

async function plan(ledger: Ledger, rows: number) {
  const now = Date.now();
  const campaign = await ledger.createCampaign({
    name: "network",
    lane: PHONE_NUMBER_ID,
    frozen: {},
    columns: ["phone", "first_name"],
    now,
  });
  const planned = Array.from({ length: rows }, (_, index): PlannedRow => {
    const row = index + 1;
    const phone = numberOf(row);
    return {
      row,
      line: row + 1,
      hash: row,
      phone,
      person: personOf(phone),
      userId: null,
      recipientId: null,
      region: "BR",
      verdict: { kind: "send", values: `["Ana ${row}"]` },
      cells: "[]",
    };
  });
  await ledger.plan(campaign.id, planned, now);
  await ledger.finishPlanning(campaign.id, {
    frozen: {},
    recipients: { size: 1, modifiedMs: 1, sha256: "" },
    columns: ["phone", "first_name"],
    rows,
    now,
  });
  const found = await ledger.findCampaign("network");
  if (found === undefined) throw new Error("the campaign was just planned");
  return found;
}

async function read(ledger: Ledger, file: string, campaign: number) {
  const db = new Database(file, { readonly: true });
  const attempts = db
    .prepare(
      `select row_number as row, attempt, started_at as startedAt, ended_at as endedAt,
        next_status as next, http_status as httpStatus, code, coalesce(next_detail, '') as detail
      from attempt order by ended_at, row_number`,
    )
    .all() as SentAttempt[];
  db.close();
  const { rows: outcomes } = await ledger.outcomes(campaign, 0, 1_000_000);
  const statuses = outcomes.map((outcome) => outcome.status);
  const violations = (await ledger.violations()).map((violation) => JSON.stringify(violation));
  const messageIds = outcomes.flatMap(({ row_number: row, message_id: messageId }) =>
    messageId === null || row === null ? [] : [{ row, messageId }],
  );
  return { attempts, statuses, messageIds, violations };
}

function clockOf(haste: number): Clock {
  if (haste === 1) return systemClock;
  const from = Date.now();
  return {
    now: () => from + (Date.now() - from) * haste,
    monotonic: () => performance.now() * haste,
    sleep: (delayMs, signal) => systemClock.sleep(delayMs / haste, signal),
    timer: (delayMs, wake) => systemClock.timer(delayMs / haste, wake),
  };
}
