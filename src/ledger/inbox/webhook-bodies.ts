// Keeps webhook bodies as they came, and applies them later: each once, in order, all of a batch or
// nothing of it. What an event does to a message is the business of receipts.ts, what follows from
// what people do that of inbound.ts.

import type { Database } from "better-sqlite3";
import { withoutPerson } from "../../domain/ledger/erasure.ts";
import { accountNotice } from "../../domain/receipts/account-event.ts";
import type { Name, ParkedWatch, TimedReceipt } from "../../domain/receipts/match.ts";
import type {
  Applied,
  EventCounts,
  EventEffect,
  ReceiptTotals,
  WebhookBody,
} from "../../domain/receipts/processing.ts";
import type { WebhookEvent } from "../../domain/receipts/receipt.ts";
import { eventInstant } from "../../domain/receipts/receipt.ts";
import { readWebhookBody } from "../../domain/receipts/webhook.ts";
import type { Forgotten } from "../people/forgotten.ts";
import { namesIn, namesInId } from "../people/forgotten.ts";
import type { AccountEvents } from "./account-events.ts";
import type { InboundEvents, InboundRound } from "./inbound.ts";
import type { Receipts, Reception } from "./receipts.ts";

/** Bodies read into memory at a time; each may be 3 MB. */
const PAGE = 8;
/** Parked receipts that are tried again in one application. */
const RETRIED_MAX = 1_000;

/** `source` of what came by webhook; a file has its name. */
const LIVE = "webhook";

/** Effects after which a webhook body is needed no more. */
const SPENT: readonly EventEffect[] = ["applied", "repeated", "superseded", "parked"];

interface StoredBody {
  id: number;
  body: string;
  received_at: number;
  source: string;
}

interface Parked {
  id: number;
  webhook_body_id: number;
  receipt: string;
}

interface Totals {
  bodies: number;
  waiting: number;
  parked: number;
}

/** One processing of stored bodies, as it goes on. */
interface Round extends InboundRound {
  events: number;
  result: Applied;
  isAnyForgotten: boolean;
}

/**
 * The verbs of the contract that take webhooks, synchronous; those that write need a transaction
 * around them.
 */
export function makeWebhookBodies(
  db: Database,
  parts: {
    receipts: Receipts;
    inbound: InboundEvents;
    forgotten: Forgotten;
    accountEvents: AccountEvents;
  },
) {
  const { receipts, inbound, forgotten, accountEvents } = parts;
  const sql = prepare(db);

  function count(round: Round, event: string, effect: EventEffect, change = 1): void {
    const ofEvent = round.result.counts[event] ?? {};
    round.result.counts[event] = ofEvent;
    ofEvent[effect] = (ofEvent[effect] ?? 0) + change;
  }

  function applyStatus(round: Round, receipt: TimedReceipt, bodyId: number): EventEffect {
    const refused = inbound.refusal(round, receipt);
    const reception = receipts.receive(receipt, round.now);
    if (reception.kind === "parked") {
      park(round, receipt, bodyId, reception.watches);
      return "parked";
    }
    note(round, reception);
    return refused ? "applied" : reception.effect;
  }

  function note(round: Round, reception: Extract<Reception, { kind: "done" }>): void {
    const { settled, isLost, failure } = reception;
    if (settled) round.result.settled += 1;
    if (isLost) round.result.lost += 1;
    if (failure?.status !== "failed" && failure?.status !== "held") return;
    const sums = round.result[failure.status];
    const code = failure.errorCode ?? "";
    sums[code] = (sums[code] ?? 0) + 1;
  }

  function park(
    round: Round,
    receipt: TimedReceipt,
    bodyId: number,
    watches: readonly ParkedWatch[],
  ): void {
    const [first, second] = watches as [ParkedWatch, ParkedWatch | undefined];
    sql.park.run({
      bodyId,
      receipt: JSON.stringify(receipt),
      now: round.now,
      ...watchColumns(first, second),
    });
  }

  /** Tries what was parked and waits no longer for the same. */
  function retryParked(round: Round): void {
    if (sql.anyParked.get() === 0) return;
    for (const parked of sql.parked.all(RETRIED_MAX)) {
      const receipt = JSON.parse(parked.receipt) as TimedReceipt;
      const reception = receipts.receive(receipt, round.now);
      round.events += 1;
      if (reception.kind === "parked") {
        const [first, second] = reception.watches;
        sql.watch.run({ id: parked.id, ...watchColumns(first, second) });
        continue;
      }
      sql.unpark.run(parked.id);
      note(round, reception);
      count(round, receipt.status, "parked", -1);
      count(round, receipt.status, reception.effect);
    }
  }

  /**
   * Of a person who was forgotten nothing is heard any more: they are on the suppression list for
   * good.
   */
  function isForgotten(event: WebhookEvent): boolean {
    if (!("waId" in event)) return false;
    return forgotten.entryOf([...inbound.namesOf(event), ...namesInIdsOf(event)]) !== undefined;
  }

  /** A body that is kept is kept without them. */
  function withoutForgotten(body: string): string | null {
    return withoutPerson(body, (text) => forgotten.entryOf(namesIn(text)) !== undefined);
  }

  function applyEvent(round: Round, event: WebhookEvent, stored: StoredBody): EventEffect {
    if (round.isAnyForgotten && isForgotten(event)) return "repeated";
    const at = eventInstant(event.at, stored.received_at);
    switch (event.kind) {
      case "status":
        return applyStatus(round, { ...event, at }, stored.id);
      case "preference":
        return inbound.preference(round, { ...event, at });
      case "message":
        return inbound.message(round, { ...event, at });
      case "click":
        return inbound.click({ ...event, at });
      case "identity":
        return inbound.identity(round, event);
      case "template":
      case "account":
      case "limit":
      case "error":
        return accountEvents.keep(accountNotice(event), {
          bodyId: stored.id,
          receivedAt: stored.received_at,
          isLive: stored.source === LIVE,
          now: round.now,
        });
      case "other":
        return "noted";
    }
  }

  function processWebhookBody(round: Round, stored: StoredBody): void {
    const reading = readWebhookBody(stored.body);
    const events = "events" in reading ? reading.events : [];
    let isSpent = "events" in reading;
    for (const event of events) {
      const effect = applyEvent(round, event, stored);
      count(round, nameOf(event), effect);
      if (!SPENT.includes(effect)) isSpent = false;
    }
    if ("fault" in reading) count(round, "unreadable", "noted");
    // A body without any event is one that says nothing.
    else if (events.length === 0) count(round, "other", "noted");
    const number = Math.max(1, events.length);
    const kept = round.isAnyForgotten && !isSpent ? withoutForgotten(stored.body) : stored.body;
    sql.applied.run(round.now, number, isSpent ? null : kept, stored.id);
    round.events += number;
    round.result.bodies += 1;
  }

  return {
    storeWebhookBodies(bodies: readonly WebhookBody[]): void {
      for (const { source, receivedAt, body } of bodies) {
        sql.keep.run(source, Math.round(receivedAt), body);
      }
    },

    processWebhookBodies(options: {
      limit: number;
      now: number;
      stopWords?: readonly string[];
    }): Applied {
      const { limit, stopWords } = options;
      const none = { bodies: 0, settled: 0, lost: 0, optOuts: 0, lifted: 0 };
      const result: Applied = { ...none, counts: {}, failed: {}, held: {}, more: false };
      const testOf = inbound.testsOf(stopWords ?? []);
      const isAnyForgotten = forgotten.isAny();
      const round: Round = {
        now: Math.round(options.now),
        events: 0,
        result,
        testOf,
        isAnyForgotten,
      };
      retryParked(round);
      for (let isAny = true; isAny && round.events < limit; ) {
        const page = sql.waiting.all(PAGE);
        for (const stored of page) {
          if (round.events >= limit) break;
          processWebhookBody(round, stored);
        }
        isAny = page.length === PAGE;
      }
      for (const [event, effects] of Object.entries(round.result.counts)) {
        for (const [effect, number] of Object.entries(effects)) {
          if (number > 0) sql.count.run(event, effect, number);
          else if (number < 0) sql.uncount.run(number, event, effect);
        }
      }
      result.more = sql.anyWaiting.get() === 1;
      return result;
    },

    receiptTotals(): ReceiptTotals {
      const counts: EventCounts = {};
      for (const { event, effect, number } of sql.counts.all()) {
        counts[event] = { ...counts[event], [effect]: number };
      }
      return { ...(sql.totals.get() as Totals), counts };
    },
  };
}

/** Who is in the ids of an event's messages: it may name them by nothing else. */
function namesInIdsOf(event: WebhookEvent): Name[] {
  const ids = [
    "messageId" in event ? event.messageId : null,
    "contextId" in event ? event.contextId : null,
    "clickId" in event ? event.clickId : null,
  ];
  return ids.flatMap((id) => (id === null ? [] : namesInId(id)));
}

/** The word under which an event is counted. */
function nameOf(event: WebhookEvent): string {
  if (event.kind === "status") return event.status;
  if (event.kind === "preference") return event.value;
  if (event.kind === "message") return event.tap === null ? "message" : "tap";
  if (event.kind === "click" && event.action !== "link_click") {
    return event.action === "other" ? "action" : event.action;
  }
  return event.kind;
}

function watchColumns(first: ParkedWatch, second: ParkedWatch | undefined) {
  return {
    reason: second === undefined ? "claimed" : "several",
    campaign: first.campaign,
    row: first.row,
    status: first.status,
    otherCampaign: second?.campaign ?? null,
    otherRow: second?.row ?? null,
    otherStatus: second?.status ?? null,
  };
}

function prepare(db: Database) {
  return {
    keep: db.prepare("insert into webhook_body (source, received_at, body) values (?, ?, ?)"),
    waiting: db.prepare<[number], StoredBody>(`
      select id, body, received_at, source from webhook_body indexed by webhook_body_waiting
      where applied_at is null order by id limit ?
    `),
    anyWaiting: db
      .prepare(`
        select exists (
          select 1 from webhook_body indexed by webhook_body_waiting where applied_at is null
        )
      `)
      .pluck(),
    applied: db.prepare(
      "update webhook_body set applied_at = ?, events = ?, body = ? where id = ?",
    ),
    count: db.prepare(`
      insert into receipt_count (event, effect, number) values (?, ?, ?)
      on conflict (event, effect) do update set number = receipt_count.number + excluded.number
    `),
    // Not by the statement above: a row that is about to be added is checked before it is seen to
    // be there.
    uncount: db.prepare(
      "update receipt_count set number = number + ? where event = ? and effect = ?",
    ),
    counts: db.prepare<[], { event: string; effect: EventEffect; number: number }>(
      "select event, effect, number from receipt_count where number > 0 order by event, effect",
    ),
    // What was ever kept is not counted but read off the ids, since no body is ever deleted: it is
    // asked for every few seconds, beside millions.
    totals: db.prepare(`
      select coalesce((select max(id) from webhook_body), 0) as bodies,
        (select count(*) from webhook_body indexed by webhook_body_waiting where applied_at is null)
          as waiting,
        (select count(*) from parked_receipt) as parked
    `),
    park: db.prepare(`
      insert into parked_receipt (
        webhook_body_id, receipt, reason, campaign_id, row_number, status,
        other_campaign_id, other_row_number, other_status, parked_at
      ) values (
        @bodyId, @receipt, @reason, @campaign, @row, @status,
        @otherCampaign, @otherRow, @otherStatus, @now
      )
    `),
    watch: db.prepare(`
      update parked_receipt set reason = @reason, campaign_id = @campaign, row_number = @row,
        status = @status, other_campaign_id = @otherCampaign, other_row_number = @otherRow,
        other_status = @otherStatus
      where id = @id
    `),
    anyParked: db.prepare("select exists (select 1 from parked_receipt)").pluck(),
    parked: db.prepare<[number], Parked>(`
      select p.id, p.webhook_body_id, p.receipt from parked_receipt p
      left join dispatch d on d.campaign_id = p.campaign_id and d.row_number = p.row_number
      left join dispatch o
        on o.campaign_id = p.other_campaign_id and o.row_number = p.other_row_number
      where d.status is distinct from p.status or o.status is distinct from p.other_status
      order by p.id limit ?
    `),
    unpark: db.prepare("delete from parked_receipt where id = ?"),
  };
}
