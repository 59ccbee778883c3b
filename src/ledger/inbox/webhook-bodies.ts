// Keeps webhook bodies as they came, and applies them later: each once, in order, all of a batch or
// nothing of it. What an event does to a message is the business of receipts.ts, what follows from
// what people do that of inbound.ts.

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
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
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
 * The verbs of the contract that take webhooks; those that write need a transaction
 * around them.
 */
export function makeWebhookBodies(parts: {
  receipts: Receipts;
  inbound: InboundEvents;
  forgotten: Forgotten;
  accountEvents: AccountEvents;
}) {
  const { receipts, inbound, forgotten, accountEvents } = parts;
  const sql = prepare();

  function count(round: Round, event: string, effect: EventEffect, change = 1): void {
    const ofEvent = round.result.counts[event] ?? {};
    round.result.counts[event] = ofEvent;
    ofEvent[effect] = (ofEvent[effect] ?? 0) + change;
  }

  function* applyStatus(round: Round, receipt: TimedReceipt, bodyId: number): Verb<EventEffect> {
    const refused = yield* inbound.refusal(round, receipt);
    const reception = yield* receipts.receive(receipt, round.now);
    if (reception.kind === "parked") {
      yield* park(round, receipt, bodyId, reception.watches);
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

  function* park(
    round: Round,
    receipt: TimedReceipt,
    bodyId: number,
    watches: readonly ParkedWatch[],
  ): Verb<void> {
    const [first, second] = watches as [ParkedWatch, ParkedWatch | undefined];
    yield* sql.park.run({
      bodyId,
      receipt: JSON.stringify(receipt),
      now: round.now,
      ...watchColumns(first, second),
    });
  }

  /** Tries what was parked and waits no longer for the same. */
  function* retryParked(round: Round): Verb<void> {
    if ((yield* sql.anyParked.get()) === 0) return;
    for (const parked of yield* sql.parked.all(RETRIED_MAX)) {
      const receipt = JSON.parse(parked.receipt) as TimedReceipt;
      const reception = yield* receipts.receive(receipt, round.now);
      round.events += 1;
      if (reception.kind === "parked") {
        const [first, second] = reception.watches;
        yield* sql.watch.run({ id: parked.id, ...watchColumns(first, second) });
        continue;
      }
      yield* sql.unpark.run(parked.id);
      note(round, reception);
      count(round, receipt.status, "parked", -1);
      count(round, receipt.status, reception.effect);
    }
  }

  /**
   * Of a person who was forgotten nothing is heard any more: they are on the suppression list for
   * good.
   */
  function* isForgotten(event: WebhookEvent): Verb<boolean> {
    if (!("waId" in event)) return false;
    return (
      (yield* forgotten.entryOf([...inbound.namesOf(event), ...namesInIdsOf(event)])) !== undefined
    );
  }

  /** A body that is kept is kept without them. */
  function* withoutForgotten(body: string): Verb<string | null> {
    // Every text of it is looked at first, since the look-up cannot wait for an answer.
    const texts = new Set<string>();
    withoutPerson(body, (text) => {
      texts.add(text);
      return false;
    });
    const theirs = new Set<string>();
    for (const text of texts) {
      if ((yield* forgotten.entryOf(namesIn(text))) !== undefined) theirs.add(text);
    }
    return theirs.size === 0 ? body : withoutPerson(body, (text) => theirs.has(text));
  }

  function* applyEvent(round: Round, event: WebhookEvent, stored: StoredBody): Verb<EventEffect> {
    if (round.isAnyForgotten && (yield* isForgotten(event))) return "repeated";
    const at = eventInstant(event.at, stored.received_at);
    switch (event.kind) {
      case "status":
        return yield* applyStatus(round, { ...event, at }, stored.id);
      case "preference":
        return yield* inbound.preference(round, { ...event, at });
      case "message":
        return yield* inbound.message(round, { ...event, at });
      case "click":
        return yield* inbound.click({ ...event, at });
      case "identity":
        return yield* inbound.identity(round, event);
      case "template":
      case "account":
      case "limit":
      case "error":
        return yield* accountEvents.keep(accountNotice(event), {
          bodyId: stored.id,
          receivedAt: stored.received_at,
          isLive: stored.source === LIVE,
          now: round.now,
        });
      case "other":
        return "noted";
    }
  }

  function* processWebhookBody(round: Round, stored: StoredBody): Verb<void> {
    const reading = readWebhookBody(stored.body);
    const events = "events" in reading ? reading.events : [];
    let isSpent = "events" in reading;
    for (const event of events) {
      const effect = yield* applyEvent(round, event, stored);
      count(round, nameOf(event), effect);
      if (!SPENT.includes(effect)) isSpent = false;
    }
    if ("fault" in reading) count(round, "unreadable", "noted");
    // A body without any event is one that says nothing.
    else if (events.length === 0) count(round, "other", "noted");
    const number = Math.max(1, events.length);
    const kept =
      round.isAnyForgotten && !isSpent ? yield* withoutForgotten(stored.body) : stored.body;
    yield* sql.applied.run(round.now, number, isSpent ? null : kept, stored.id);
    round.events += number;
    round.result.bodies += 1;
  }

  return {
    *storeWebhookBodies(bodies: readonly WebhookBody[]): Verb<void> {
      for (const { source, receivedAt, body } of bodies) {
        yield* sql.keep.run(source, Math.round(receivedAt), body);
      }
    },

    *processWebhookBodies(options: {
      limit: number;
      now: number;
      stopWords?: readonly string[];
    }): Verb<Applied> {
      const { limit, stopWords } = options;
      const none = { bodies: 0, settled: 0, lost: 0, optOuts: 0, lifted: 0 };
      const result: Applied = { ...none, counts: {}, failed: {}, held: {}, more: false };
      const testOf = yield* inbound.testsOf(stopWords ?? []);
      const isAnyForgotten = yield* forgotten.isAny();
      const round: Round = {
        now: Math.round(options.now),
        events: 0,
        result,
        testOf,
        isAnyForgotten,
      };
      yield* retryParked(round);
      for (let isAny = true; isAny && round.events < limit; ) {
        const page = yield* sql.waiting.all(PAGE);
        for (const stored of page) {
          if (round.events >= limit) break;
          yield* processWebhookBody(round, stored);
        }
        isAny = page.length === PAGE;
      }
      for (const [event, effects] of Object.entries(round.result.counts)) {
        for (const [effect, number] of Object.entries(effects)) {
          if (number > 0) yield* sql.count.run(event, effect, number);
          else if (number < 0) yield* sql.uncount.run(number, event, effect);
        }
      }
      result.more = (yield* sql.anyWaiting.get()) === 1;
      return result;
    },

    *receiptTotals(): Verb<ReceiptTotals> {
      const counts: EventCounts = {};
      for (const { event, effect, number } of yield* sql.counts.all()) {
        counts[event] = { ...counts[event], [effect]: number };
      }
      return { ...((yield* sql.totals.get()) as Totals), counts };
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

function prepare() {
  return {
    keep: statement("insert into webhook_body (source, received_at, body) values (?, ?, ?)"),
    waiting: statement<[number], StoredBody>(`
      select id, body, received_at, source from webhook_body indexed by webhook_body_waiting
      where applied_at is null order by id limit ?
    `),
    anyWaiting: statement(`
        select exists (
          select 1 from webhook_body indexed by webhook_body_waiting where applied_at is null
        )
      `).pluck(),
    applied: statement("update webhook_body set applied_at = ?, events = ?, body = ? where id = ?"),
    count: statement(`
      insert into receipt_count (event, effect, number) values (?, ?, ?)
      on conflict (event, effect) do update set number = receipt_count.number + excluded.number
    `),
    // Not by the statement above: a row that is about to be added is checked before it is seen to
    // be there.
    uncount: statement(
      "update receipt_count set number = number + ? where event = ? and effect = ?",
    ),
    counts: statement<[], { event: string; effect: EventEffect; number: number }>(
      "select event, effect, number from receipt_count where number > 0 order by event, effect",
    ),
    // What was ever kept is not counted but read off the ids, since no body is ever deleted: it is
    // asked for every few seconds, beside millions.
    totals: statement(`
      select coalesce((select max(id) from webhook_body), 0) as bodies,
        (select count(*) from webhook_body indexed by webhook_body_waiting where applied_at is null)
          as waiting,
        (select count(*) from parked_receipt) as parked
    `),
    park: statement(`
      insert into parked_receipt (
        webhook_body_id, receipt, reason, campaign_id, row_number, status,
        other_campaign_id, other_row_number, other_status, parked_at
      ) values (
        @bodyId, @receipt, @reason, @campaign, @row, @status,
        @otherCampaign, @otherRow, @otherStatus, @now
      )
    `),
    watch: statement(`
      update parked_receipt set reason = @reason, campaign_id = @campaign, row_number = @row,
        status = @status, other_campaign_id = @otherCampaign, other_row_number = @otherRow,
        other_status = @otherStatus
      where id = @id
    `),
    anyParked: statement("select exists (select 1 from parked_receipt)").pluck(),
    parked: statement<[number], Parked>(`
      select p.id, p.webhook_body_id, p.receipt from parked_receipt p
      left join dispatch d on d.campaign_id = p.campaign_id and d.row_number = p.row_number
      left join dispatch o
        on o.campaign_id = p.other_campaign_id and o.row_number = p.other_row_number
      where d.status is distinct from p.status or o.status is distinct from p.other_status
      order by p.id limit ?
    `),
    unpark: statement("delete from parked_receipt where id = ?"),
  };
}
