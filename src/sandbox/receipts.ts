// What Meta would tell a webhook about an accepted message, when it would tell it. Never sends
// anything itself: it writes the receipts down and hands them to whoever delivers them.

import type { Fate } from "./fates.ts";
import { detailsOf, titleOf } from "./graph-errors.ts";
import type { LogEntry, ReceiptEvent, SandboxLog } from "./log.ts";
import type { Scenario } from "./scenario.ts";

/** Receipts are told at most this much later than they are due, in milliseconds. */
const TICK_MS = 20;
/** A held message is released after this many delays. */
const HELD_DELAYS = 10;
/** Most receipts kept waiting; a sandbox that is further behind than this tells no more of them. */
const MAX_WAITING = 1_000_000;
/** Most receipts told in one go, so that requests are not kept waiting. */
const MAX_PER_TICK = 2_000;

const HREF = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/";

/** An accepted message, as far as its receipts tell of it. */
export interface AcceptedMessage {
  id: string;
  waId: string | undefined;
  userId: string | undefined;
  key: string | undefined;
  path: "marketing_lite" | "marketing";
  fate: Fate;
}

type ReceiptStatus = ReceiptEvent["status"];

interface Waiting {
  message: AcceptedMessage;
  status: ReceiptStatus;
}

/** Takes the body of one webhook, JSON text, exactly as it would be posted; must not throw. */
export type DeliverReceipt = (body: string) => void;

export interface Receipts {
  /** Plans the receipts of a message that was accepted at `nowMs`. */
  plan(message: AcceptedMessage, scenario: Scenario, nowMs: number): void;
  /** Receipts told so far. */
  told(): number;
  close(): void;
}

export interface ReceiptOptions {
  log: SandboxLog;
  /** Milliseconds since the epoch, never going back. */
  now: () => number;
  /** The account as it is when a receipt is told. */
  scenario: () => Scenario;
  deliver?: DeliverReceipt;
}

/** Tells receipts when they are due; its timer never keeps the process alive. */
export function makeReceipts(options: ReceiptOptions): Receipts {
  const { log, now, scenario, deliver } = options;
  // Receipts by the tick in which they are due: one timer for all, however many messages there are.
  const due = new Map<number, Waiting[]>();
  let waiting = 0;
  let told = 0;
  let timer: NodeJS.Timeout | undefined;

  function add(dueMs: number, one: Waiting): void {
    if (waiting >= MAX_WAITING) return;
    const tick = Math.ceil(dueMs / TICK_MS);
    const others = due.get(tick);
    if (others === undefined) due.set(tick, [one]);
    else others.push(one);
    waiting += 1;
    timer ??= setInterval(tellDue, TICK_MS).unref();
  }

  function tellDue(): void {
    const nowTick = Math.floor(now() / TICK_MS);
    const ready: Waiting[] = [];
    // After a sleep there may be a million empty ticks; the map knows which are not.
    const ticks = [...due.keys()].filter((tick) => tick <= nowTick).sort((a, b) => a - b);
    for (const tick of ticks) {
      if (ready.length >= MAX_PER_TICK) break;
      ready.push(...(due.get(tick) ?? []));
      due.delete(tick);
    }
    waiting -= ready.length;
    if (ready.length > 0) tell(ready);
    if (waiting > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  function tell(ready: Waiting[]): void {
    const at = now();
    const account = scenario();
    const entries = ready.map((one) => ({
      entry: entryOf(one, at),
      body: JSON.stringify(webhookBody(one.message, one.status, account, at)),
    }));
    try {
      log.write(entries);
    } catch {
      // The disk is full. What could not be written down is not told; the requests' own lines fail
      // loudly.
      return;
    }
    told += entries.length;
    if (deliver !== undefined) for (const { body } of entries) deliver(body);
  }

  return {
    plan(message, { receipt_delay_ms: delayMs }, nowMs) {
      if (delayMs === null) return;
      const startMs = nowMs + (message.fate.isHeld ? HELD_DELAYS * delayMs : 0);
      for (const [index, status] of statusesOf(message.fate).entries()) {
        add(startMs + (index + 1) * delayMs, { message, status });
      }
    },
    told: () => told,
    close() {
      clearInterval(timer);
      timer = undefined;
      due.clear();
      waiting = 0;
    },
  };
}

/** The statuses that are told of a message, in order. */
export function statusesOf(fate: Fate): ReceiptStatus[] {
  if (fate.failsWith !== null) return ["failed"];
  return fate.isRead ? ["sent", "delivered", "read"] : ["sent", "delivered"];
}

/**
 * The body of a status webhook (Meta, status webhook reference, 2026-09, as of v24.0: without
 * `conversation`). `pricing` comes with `sent` and with one of `delivered` and `read`; `contacts`
 * not with `failed`.
 */
export function webhookBody(
  message: AcceptedMessage,
  status: ReceiptStatus,
  account: Scenario,
  atMs: number,
): Record<string, unknown> {
  const { id, waId, userId, key, path, fate } = message;
  const person = { ...(waId && { wa_id: waId }), ...(userId && { user_id: userId }) };
  const pricing = { billable: true, pricing_model: "PMP", type: "regular", category: path };
  const value = {
    messaging_product: "whatsapp",
    metadata: {
      display_phone_number: account.display_phone_number.replace(/\D/g, ""),
      phone_number_id: account.phone_number_id,
    },
    ...(status !== "failed" && { contacts: [{ profile: { name: "Sandbox" }, ...person }] }),
    statuses: [
      {
        id,
        status,
        timestamp: String(Math.floor(atMs / 1_000)),
        ...(waId && { recipient_id: waId }),
        ...(userId && { recipient_user_id: userId }),
        ...(key !== undefined && { biz_opaque_callback_data: key }),
        ...((status === "sent" || status === "delivered") && { pricing }),
        ...(status === "failed" && { errors: [errorOf(fate.failsWith ?? 131000)] }),
      },
    ],
  };
  return {
    object: "whatsapp_business_account",
    entry: [{ id: account.waba_id, changes: [{ value, field: "messages" }] }],
  };
}

function errorOf(code: number): Record<string, unknown> {
  const title = titleOf(code);
  return { code, title, message: title, error_data: { details: detailsOf(code) }, href: HREF };
}

function entryOf({ message, status }: Waiting, at: number): LogEntry {
  const code = status === "failed" ? message.fate.failsWith : null;
  return { event: "receipt", at, id: message.id, status, code };
}
