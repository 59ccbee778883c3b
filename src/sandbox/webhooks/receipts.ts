// What Meta would tell a webhook about an accepted message, and when it would tell it. Never tells
// anything itself.

import { costOfBid } from "../messages/bids.ts";
import { detailsOf, titleOf } from "../messages/graph-errors.ts";
import { chance } from "../scenario/chance.ts";
import type { Fate } from "../scenario/fates.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { specialNumberOf } from "../scenario/special-numbers.ts";
import type { ReceiptEvent } from "../server/log-events.ts";
import type { Act, Button } from "./people.ts";
import type { Update } from "./updates.ts";
import { aboutNumber, contactsOf, deliveryOf } from "./updates.ts";

/** A held message is released after this many delays. */
const HELD_DELAYS = 10;
/** A receipt out of order comes this many delays later: after the next one. */
const DISORDER_DELAYS = 1.5;

const HREF = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/";

/** What receipts contain of an accepted message. */
export interface AcceptedMessage {
  id: string;
  /** The number that sent it. */
  phoneNumberId: string;
  waId: string | undefined;
  userId: string | undefined;
  key: string | undefined;
  path: "marketing_lite" | "marketing";
  fate: Fate;
  /** Its last quick reply. */
  button?: Button | undefined;
  /** Of a template with a max price: in the smallest units, for 1,000 deliveries. */
  bid?: number | undefined;
}

type ReceiptStatus = ReceiptEvent["status"];

/** Something that is to be reported of a message. */
export interface PlannedReport {
  what: ReceiptStatus | Act;
  /** When it happens, in milliseconds. */
  atMs: number;
  /** When it is reported. */
  dueMs: number;
}

/**
 * Everything that is reported of a message that was accepted at `acceptedMs`: the receipts of its
 * fate, then what the person does. The same every time it is asked. Who is late, lost or out of
 * order depends on the seed and the person alone; special numbers never are.
 */
export function plannedOf(
  message: AcceptedMessage,
  scenario: Scenario,
  acceptedMs: number,
): PlannedReport[] {
  const { receipt_delay_ms: delayMs, seed, webhooks } = scenario;
  const { fate } = message;
  if (delayMs === null || fate.receiptPattern === "silent") return [];
  const person = message.waId ?? message.userId ?? "";
  const isPlain = fate.receiptPattern !== undefined;
  const meets = (question: "lost" | "disorder" | "late", what: string): boolean =>
    !isPlain &&
    webhooks[question] > 0 &&
    chance(seed, question, `${person} ${what}`) < webhooks[question];

  const startMs = acceptedMs + (fate.isHeld ? HELD_DELAYS * delayMs : 0);
  const statuses = statusesOf(fate);
  const first = fate.receiptPattern === "early" ? 0 : 1;
  const planned: PlannedReport[] = [];
  for (const [index, what] of [...statuses, ...actsOf(message)].entries()) {
    const atMs = startMs + (first + index) * delayMs;
    let dueMs = atMs;
    if (index < statuses.length) {
      if (meets("lost", what)) continue;
      if (meets("disorder", what)) dueMs += DISORDER_DELAYS * delayMs;
      if (meets("late", what)) dueMs += webhooks.late_ms;
      // The last is reported when it happens, and those before it one by one after it.
      if (fate.receiptPattern === "reversed") dueMs += 2 * (statuses.length - 1 - index) * delayMs;
    }
    planned.push({ what, atMs, dueMs });
  }
  return planned;
}

/** A message without a quick reply is tapped by a special number only. */
function actsOf({ fate, button, waId = "" }: AcceptedMessage): readonly Act[] {
  const { acts = [] } = fate;
  const isTappable = button !== undefined || specialNumberOf(waId) !== undefined;
  return isTappable ? acts : acts.filter((act) => act !== "tap");
}

/** The statuses that are reported of a message, in order. */
export function statusesOf(fate: Fate): ReceiptStatus[] {
  if (fate.failsWith !== null) return ["failed"];
  return fate.isRead ? ["sent", "delivered", "read"] : ["sent", "delivered"];
}

/** The body of a webhook that reports one status, reached at `atMs`. */
export function webhookBody(
  message: AcceptedMessage,
  status: ReceiptStatus,
  account: Scenario,
  atMs: number,
): Record<string, unknown> {
  return { ...deliveryOf([statusUpdate(message, status, account, atMs)], account) };
}

/**
 * The update of one status (Meta, status webhook reference, 2026-09, as of v24.0: without
 * `conversation`). `pricing` comes with `sent` and with one of `delivered` and `read`; of a
 * message with a max price with both, and with its cost (Meta, max-price page, 2026-06).
 * `contacts` comes not with `failed`.
 */
export function statusUpdate(
  message: AcceptedMessage,
  status: ReceiptStatus,
  account: Scenario,
  atMs: number,
): Update {
  const { id, waId, userId, key, path, fate } = message;
  const isDelivered = status === "delivered" || status === "read";
  const cost = isDelivered ? costOfBid(message.bid, waId ?? "", account) : undefined;
  const pricing = {
    ...{ billable: true, pricing_model: "PMP", type: "regular", category: path },
    ...(cost && { cost }),
  };
  const isPriced = status === "sent" || status === "delivered" || cost !== undefined;
  const value = {
    ...aboutNumber(account),
    ...(status !== "failed" && { contacts: contactsOf({ waId, userId }) }),
    statuses: [
      {
        id,
        status,
        timestamp: String(Math.floor(atMs / 1_000)),
        ...(waId && { recipient_id: waId }),
        ...(userId && { recipient_user_id: userId }),
        ...(key !== undefined && { biz_opaque_callback_data: key }),
        ...(isPriced && { pricing }),
        ...(status === "failed" && { errors: [errorOf(fate.failsWith ?? 131000)] }),
      },
    ],
  };
  return { field: "messages", value };
}

function errorOf(code: number): Record<string, unknown> {
  const title = titleOf(code);
  return { code, title, message: title, error_data: { details: detailsOf(code) }, href: HREF };
}
