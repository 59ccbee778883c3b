// Tells what Meta would tell a webhook, when it is due: writes it down first, then hands it to
// the deliverer. Decides nothing about what is reported.

import { waIdOf } from "../scenario/numbering.ts";
import { playedBy } from "../scenario/own-numbers.ts";
import type { Scenario, ScenarioInbound } from "../scenario/scenario.ts";
import type { SandboxLog } from "../server/log.ts";
import type { LogEntry } from "../server/log-events.ts";
import type { DeliverOptions, Handshake } from "./deliver.ts";
import { makeDeliverer } from "./deliver.ts";
import type { Act } from "./people.ts";
import { ACTS, actUpdate, inboundUpdate } from "./people.ts";
import { recall } from "./recall.ts";
import type { AcceptedMessage, PlannedReport } from "./receipts.ts";
import { plannedOf, statusUpdate } from "./receipts.ts";
import type { Update } from "./updates.ts";
import { deliveryOf } from "./updates.ts";

/** Updates are reported at most this much later than they are due, in milliseconds. */
const TICK_MS = 20;
/** Most updates that wait; a sandbox that is further behind drops the rest. */
const MAX_WAITING = 1_000_000;
/** Most updates reported in one go, so that requests are not kept waiting. */
const MAX_PER_TICK = 2_000;

/** Takes the body of one webhook, JSON text, exactly as it would be posted; must not throw. */
export type DeliverReceipt = (body: string) => void;

export interface WebhookScheduler {
  /** Plans what is reported of a message that was accepted at `nowMs`. */
  plan(message: AcceptedMessage, nowMs: number): void;
  /** Tells what is about no message, at once. */
  report(updates: readonly Update[]): void;
  /** Plans people who write by themselves, from `nowMs` on. */
  expect(inbound: readonly ScenarioInbound[], nowMs: number): void;
  /**
   * Goes on where the sandbox that wrote this log ended: what was accepted and not reported, and
   * what was not answered with 200. Nothing where there is no webhook.
   */
  recall(file: string): void;
  /** The scenario has changed. */
  changed(): void;
  /** Receipts reported, and deliveries that were answered with 200, so far. */
  counts(): { receipts: number; deliveries: number };
  /**
   * Updates that are due within so many milliseconds, or are reported and not answered with 200
   * yet.
   */
  pending(withinMs: number): number;
  close(): void;
}

export interface WebhookSchedulerOptions {
  log: SandboxLog;
  /** Milliseconds since the epoch, never going back. */
  now: () => number;
  /** The account as it is when something is reported. */
  scenario: () => Scenario;
  deliver?: DeliverReceipt;
  onHandshake?: (handshake: Handshake) => void;
}

/** Something that waits to be reported. */
type ScheduledUpdate =
  | { message: AcceptedMessage; planned: PlannedReport }
  | { inbound: ScenarioInbound; number: number }
  | { update: Update };

/** Tells what is due; its timer never keeps the process alive. */
export function makeWebhookScheduler(options: WebhookSchedulerOptions): WebhookScheduler {
  const { log, now, scenario } = options;
  const delivering: DeliverOptions = { log, now, scenario };
  if (options.onHandshake !== undefined) delivering.onHandshake = options.onHandshake;
  const deliverer = makeDeliverer(delivering);
  // What waits, by the tick in which it is due: one timer for all, however many messages there are.
  const due = new Map<number, ScheduledUpdate[]>();
  const byMessages: { inbound: ScenarioInbound; at: number }[] = [];
  let waiting = 0;
  let receipts = 0;
  let accepted = 0;
  let expected = 0;
  let timer: NodeJS.Timeout | undefined;

  function add(dueMs: number, update: ScheduledUpdate): void {
    if (waiting >= MAX_WAITING) return;
    const tick = Math.ceil(dueMs / TICK_MS);
    const others = due.get(tick);
    if (others === undefined) due.set(tick, [update]);
    else others.push(update);
    waiting += 1;
    timer ??= setInterval(reportDue, TICK_MS).unref();
  }

  function reportDue(): void {
    const nowTick = Math.floor(now() / TICK_MS);
    const ready: ScheduledUpdate[] = [];
    // After a sleep there may be a million empty ticks; the map knows which are not.
    const ticks = [...due.keys()].filter((tick) => tick <= nowTick).sort((a, b) => a - b);
    for (const tick of ticks) {
      if (ready.length >= MAX_PER_TICK) break;
      ready.push(...(due.get(tick) ?? []));
      due.delete(tick);
    }
    waiting -= ready.length;
    if (ready.length > 0) report(ready);
    if (waiting > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  function report(ready: readonly ScheduledUpdate[]): void {
    const at = now();
    const account = scenario();
    const reported = ready.map((scheduled) => loggedUpdate(scheduled, account, at));
    const lines = reported.map(({ entry, update }) => ({
      entry,
      body: JSON.stringify(deliveryOf([update], account)),
    }));
    let seqs: number[];
    try {
      seqs = log.write(lines);
    } catch {
      // The disk is full. What could not be written down is not reported; the requests' own lines
      // fail loudly.
      return;
    }
    receipts += reported.filter(({ entry }) => entry.event === "receipt").length;
    if (options.deliver !== undefined) for (const { body } of lines) options.deliver(body);
    deliverer.take(
      reported.map(({ update, isDoubled }, index) => ({
        seq: seqs[index] as number,
        update,
        isDoubled,
      })),
    );
  }

  function countInbound(): void {
    accepted += 1;
    while ((byMessages[0]?.at ?? Number.POSITIVE_INFINITY) <= accepted) {
      const next = byMessages.shift();
      if (next !== undefined) add(now(), { inbound: next.inbound, number: ++expected });
    }
  }

  return {
    plan(message, nowMs) {
      for (const planned of plannedOf(message, scenario(), nowMs)) {
        add(planned.dueMs, { message, planned });
      }
      countInbound();
    },
    report: (updates) => {
      if (updates.length > 0) report(updates.map((update) => ({ update })));
    },
    expect(inbound, nowMs) {
      for (const message of inbound) {
        if (message.after_messages !== undefined) {
          byMessages.push({ inbound: message, at: accepted + message.after_messages });
        } else add(nowMs + (message.after_ms ?? 0), { inbound: message, number: ++expected });
      }
      byMessages.sort((a, b) => a.at - b.at);
    },
    recall(file) {
      if (log.isReportedAll || scenario().webhooks.url === null) return;
      const { unanswered, pending } = recall(file, scenario(), now());
      deliverer.take(unanswered);
      for (const { message, planned } of pending) add(planned.dueMs, { message, planned });
    },
    changed: deliverer.wake,
    counts: () => ({ receipts, deliveries: deliverer.delivered() }),
    pending(withinMs) {
      const last = Math.ceil((now() + withinMs) / TICK_MS);
      let soon = deliverer.waiting();
      for (const [tick, list] of due) if (tick <= last) soon += list.length;
      return soon;
    },
    close() {
      clearInterval(timer);
      timer = undefined;
      const pending = waiting + deliverer.waiting();
      deliverer.close();
      due.clear();
      waiting = 0;
      if (scenario().webhooks.url === null) return;
      try {
        log.write([{ event: "ended", at: now(), pending }]);
      } catch {
        // The next start reads the log, and finds out for itself.
      }
    },
  };
}

function loggedUpdate(
  scheduled: ScheduledUpdate,
  account: Scenario,
  at: number,
): { entry: LogEntry; update: Update; isDoubled: boolean } {
  if ("message" in scheduled) {
    const { message, planned } = scheduled;
    const { what, atMs } = planned;
    const sender = playedBy(account, message.phoneNumberId);
    const isDoubled = message.fate.receiptPattern === "doubled";
    if (isAct(what)) {
      const update = actUpdate(what, message, sender, atMs);
      const { field } = update;
      return {
        entry: { event: "notice", at, field, act: what, id: message.id },
        update,
        isDoubled,
      };
    }
    const code = what === "failed" ? message.fate.failsWith : null;
    return {
      entry: { event: "receipt", at, id: message.id, status: what, code },
      update: statusUpdate(message, what, sender, atMs),
      isDoubled,
    };
  }
  const update = "update" in scheduled ? scheduled.update : writtenBy(scheduled, account, at);
  const entry = { event: "notice", at, field: update.field, act: null, id: null } as const;
  return { entry, update, isDoubled: false };
}

function writtenBy(
  { inbound, number }: { inbound: ScenarioInbound; number: number },
  account: Scenario,
  atMs: number,
): Update {
  const { from } = inbound;
  const isPhone = from.startsWith("+");
  const { seed, brazil_short_ids: brazilShortIds } = account;
  const waId = isPhone ? waIdOf(from.slice(1), { seed, brazilShortIds }) : undefined;
  const person = { waId, userId: isPhone ? undefined : from };
  const id = `wamid.inbound.${Math.round(atMs)}.${number}`;
  const written = playedBy(account, inbound.phone_number_id);
  return inboundUpdate(inbound, { person, id, account: written, atMs });
}

const ACT_NAMES: ReadonlySet<string> = new Set(ACTS);

function isAct(what: PlannedReport["what"]): what is Act {
  return ACT_NAMES.has(what);
}
