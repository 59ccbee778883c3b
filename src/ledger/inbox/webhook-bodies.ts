// Keeps webhook bodies as they came, and applies them later: each once, in order, all of a batch or
// nothing of it. What an event does to a message is the business of receipts.ts, what follows from
// what people do that of inbound.ts.

import { assert } from "../../domain/common/errors.ts";
import { accountNotice } from "../../domain/receipts/account-event.ts";
import type { DispatchPlace, ParkedWatch, TimedReceipt } from "../../domain/receipts/match.ts";
import { keyOf } from "../../domain/receipts/match.ts";
import type {
  Applied,
  EventCounts,
  EventEffect,
  ReceiptTotals,
  WebhookBody,
} from "../../domain/receipts/processing.ts";
import type { WebhookEvent, WebhookReading } from "../../domain/receipts/receipt.ts";
import { eventInstant } from "../../domain/receipts/receipt.ts";
import { readWebhookBody } from "../../domain/receipts/webhook.ts";
import type { Verb } from "../engine.ts";
import { ahead, setStatement, statement } from "../engine.ts";
import type { AccountEvents } from "./account-events.ts";
import type { ForgottenEvents, ForgottenOfRound } from "./forgotten-events.ts";
import type { InboundEvents, InboundRound } from "./inbound.ts";
import type { ReceiptMatches } from "./receipt-match.ts";
import type { ReceiptRound, Receipts, Reception } from "./receipts.ts";
import type { RoundDispatches } from "./round-dispatches.ts";

/** Bodies read into memory at a time: most have one receipt, and each may be 3 MB. */
const PAGE = 256;
/** Bytes of bodies after which a page is full. */
const PAGE_SIZE = 4_000_000;
/** Bytes that a delivery of one status hardly exceeds; in a batch a status has some 300. */
const EVENT_SIZE = 1_000;
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
  receipt: string;
}

interface Totals {
  bodies: number;
  waiting: number;
  parked: number;
}

/** One processing of stored bodies, as it goes on. */
interface Round extends InboundRound, ReceiptRound {
  events: number;
  result: Applied;
  /** Undefined when nobody was forgotten. */
  forgotten: ForgottenOfRound | undefined;
  /** What the end of the round writes, as the tuples of its statements. */
  toWrite: Record<"park" | "watch" | "unpark" | "applied" | "spent", unknown[][]>;
}

/**
 * The verbs of the contract that take webhooks; those that write need a transaction
 * around them.
 */
export function makeWebhookBodies(parts: {
  /** What is the ledger's own of a key. */
  ledgerId: string;
  dispatchesOf(now: number): RoundDispatches;
  matches: ReceiptMatches;
  receipts: Receipts;
  inbound: InboundEvents;
  forgottenEvents: ForgottenEvents;
  accountEvents: AccountEvents;
}) {
  const { ledgerId, dispatchesOf, matches, receipts, inbound, forgottenEvents, accountEvents } =
    parts;
  const sql = prepare();

  function count(round: Round, event: string, effect: EventEffect, change = 1): void {
    const ofEvent = round.result.counts[event] ?? {};
    round.result.counts[event] = ofEvent;
    ofEvent[effect] = (ofEvent[effect] ?? 0) + change;
  }

  function* applyStatus(round: Round, receipt: TimedReceipt, bodyId: number): Verb<EventEffect> {
    const refused = yield* inbound.refusal(round, receipt);
    const reception = yield* receipts.receive(receipt, round);
    if (reception.kind === "parked") {
      const watched = watchColumns(reception.watches);
      round.toWrite.park.push([bodyId, JSON.stringify(receipt), ...watched, round.now]);
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

  /** The dispatches that the receipts name by our key: nearly all that they are about. */
  function placesOf(events: readonly WebhookEvent[]): DispatchPlace[] {
    return events.flatMap((event) => {
      const key = event.kind === "status" ? keyOf(event, ledgerId) : undefined;
      return key === undefined ? [] : [key];
    });
  }

  /** Tries what was parked and waits no longer for the same. */
  function* retryParked(round: Round): Verb<void> {
    const all = (yield* sql.parked.all(RETRIED_MAX)).map(({ id, receipt }) => ({
      id,
      receipt: JSON.parse(receipt) as TimedReceipt,
    }));
    yield* round.dispatches.lookUp(placesOf(all.map(({ receipt }) => receipt)));
    for (const { id, receipt } of all) {
      const reception = yield* receipts.receive(receipt, round);
      round.events += 1;
      if (reception.kind === "parked") {
        round.toWrite.watch.push([...watchColumns(reception.watches), id]);
        continue;
      }
      round.toWrite.unpark.push([id]);
      note(round, reception);
      count(round, receipt.status, "parked", -1);
      count(round, receipt.status, reception.effect);
    }
  }

  function* applyEvent(round: Round, event: WebhookEvent, stored: StoredBody): Verb<EventEffect> {
    if (round.forgotten !== undefined && (yield* round.forgotten.isOf(event))) return "repeated";
    const at = eventInstant(event.at, stored.received_at);
    switch (event.kind) {
      case "status":
        return yield* applyStatus(round, { ...event, at }, stored.id);
      case "preference":
        return yield* inbound.preference(round, { ...event, at });
      case "message":
        return yield* inbound.message(round, { ...event, at });
      case "click":
        return yield* inbound.click(round, { ...event, at });
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

  function* withoutForgotten({ forgotten }: Round, body: string): Verb<string | null> {
    return forgotten === undefined ? body : yield* forgotten.without(body);
  }

  function* processWebhookBody(
    round: Round,
    stored: StoredBody,
    reading: WebhookReading,
  ): Verb<void> {
    const events = eventsOf(reading);
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
    const kept = isSpent ? null : yield* withoutForgotten(round, stored.body);
    if (kept !== null && kept !== stored.body) yield* sql.replace.run(kept, stored.id);
    const end = kept === null ? round.toWrite.spent : round.toWrite.applied;
    end.push([round.now, number, stored.id]);
    round.events += number;
    round.result.bodies += 1;
  }

  /** Applies what waits, in order, until that is all or enough. */
  function* applyWaiting(round: Round, limit: number): Verb<void> {
    for (let after = 0; round.events < limit; ) {
      const left = Math.ceil(limit - round.events);
      const size = Math.min(PAGE_SIZE, left * EVENT_SIZE);
      const page = yield* sql.waiting.all({ after, most: Math.min(PAGE, left), size });
      const bodies = readUntil(page, left);
      const last = bodies.at(-1);
      if (last === undefined) return;
      after = last.stored.id;
      const events = bodies.flatMap(({ reading }) => eventsOf(reading));
      yield* round.dispatches.lookUp(placesOf(events));
      if (round.forgotten !== undefined) yield* round.forgotten.lookUp(events);
      for (const { stored, reading } of bodies) yield* processWebhookBody(round, stored, reading);
    }
  }

  function* writeRound({ dispatches, toWrite, result }: Round): Verb<void> {
    yield* dispatches.flush();
    const { park, watch, unpark, applied, spent } = toWrite;
    yield* ahead(sql.park.insertEach(park));
    yield* ahead(sql.watch.changeEach(watch));
    yield* ahead(sql.unpark.changeEach(unpark));
    yield* ahead(sql.applied.changeEach(applied));
    yield* ahead(sql.spent.changeEach(spent));
    const counts = Object.entries(result.counts).flatMap(([event, effects]) =>
      Object.entries(effects).map(([effect, number]): Counted => [event, effect, number]),
    );
    const more = counts.filter(([, , number]) => number > 0);
    const less = counts.filter(([, , number]) => number < 0);
    yield* ahead(sql.count.insertEach(more));
    for (const [event, effect, number] of less) {
      yield* ahead(sql.uncount.run(number, event, effect));
    }
  }

  return {
    *storeWebhookBodies(bodies: readonly WebhookBody[]): Verb<void> {
      yield* sql.keep.insertEach(
        bodies.map(({ source, receivedAt, body }) => [source, Math.round(receivedAt), body]),
      );
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
      const forgotten = yield* forgottenEvents.open();
      const now = Math.round(options.now);
      const dispatches = dispatchesOf(now);
      const match = matches.of(dispatches);
      const toWrite = { park: [], watch: [], unpark: [], applied: [], spent: [] };
      const round: Round = {
        ...{ now, dispatches, match, events: 0, result, testOf, forgotten, toWrite },
        streakHalts: new Map(),
      };
      yield* retryParked(round);
      yield* applyWaiting(round, limit);
      yield* writeRound(round);
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

/** Reads bodies until they have enough events: what is beyond waits for another round unread. */
function readUntil(
  page: readonly StoredBody[],
  enough: number,
): { stored: StoredBody; reading: WebhookReading }[] {
  const bodies: { stored: StoredBody; reading: WebhookReading }[] = [];
  let events = 0;
  for (const stored of page) {
    if (events >= enough) break;
    const reading = readWebhookBody(stored.body);
    bodies.push({ stored, reading });
    events += Math.max(1, eventsOf(reading).length);
  }
  return bodies;
}

function eventsOf(reading: WebhookReading): readonly WebhookEvent[] {
  return "events" in reading ? reading.events : [];
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

function watchColumns([first, second]: readonly ParkedWatch[]): unknown[] {
  assert(first !== undefined, "what is parked waits for a dispatch");
  const other = second ?? { campaign: null, row: null, status: null };
  return [
    second === undefined ? "claimed" : "several",
    ...[first.campaign, first.row, first.status, other.campaign, other.row, other.status],
  ];
}

/** A row of the counts of what became of events. */
type Counted = [event: string, effect: string, number: number];

function prepare() {
  return {
    keep: setStatement<[source: string, receivedAt: number, body: string]>(
      "insert into webhook_body (source, received_at, body) values (?, ?, ?)",
      "text bigint text",
    ),
    waiting: statement<[{ after: number; most: number; size: number }], StoredBody>(`
      select w.id, w.body, w.received_at, w.source from (
        select id, sum(size) over (order by id) - size as ahead from (
          select id, octet_length(body) as size from webhook_body indexed by webhook_body_waiting
          where applied_at is null and id > @after order by id limit @most
        ) as sized
      ) as placed cross join webhook_body w on w.id = placed.id
      where placed.ahead < @size order by w.id
    `),
    anyWaiting: statement(`
        select exists (
          select 1 from webhook_body indexed by webhook_body_waiting where applied_at is null
        )
      `).pluck(),
    applied: setStatement(
      "update webhook_body set applied_at = ?, events = ? where id = ?",
      "bigint bigint bigint",
    ),
    spent: setStatement(
      "update webhook_body set applied_at = ?, events = ?, body = null where id = ?",
      "bigint bigint bigint",
    ),
    replace: statement("update webhook_body set body = ? where id = ?"),
    count: setStatement<Counted>(
      `insert into receipt_count (event, effect, number) values (?, ?, ?)
      on conflict (event, effect) do update set number = receipt_count.number + excluded.number`,
      "text text bigint",
    ),
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
    park: setStatement(
      `insert into parked_receipt (
        webhook_body_id, receipt, reason, campaign_id, row_number, status,
        other_campaign_id, other_row_number, other_status, parked_at
      ) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      "bigint text text bigint bigint text bigint bigint text bigint",
    ),
    watch: setStatement(
      `update parked_receipt set reason = ?, campaign_id = ?, row_number = ?, status = ?,
        other_campaign_id = ?, other_row_number = ?, other_status = ?
      where id = ?`,
      "text bigint bigint text bigint bigint text bigint",
    ),
    parked: statement<[number], Parked>(`
      select p.id, p.receipt from parked_receipt p
      left join dispatch d on d.campaign_id = p.campaign_id and d.row_number = p.row_number
      left join dispatch o
        on o.campaign_id = p.other_campaign_id and o.row_number = p.other_row_number
      where d.status is distinct from p.status or o.status is distinct from p.other_status
      order by p.id limit ?
    `),
    unpark: setStatement("delete from parked_receipt where id = ?", "bigint"),
  };
}
