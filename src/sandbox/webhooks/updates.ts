// The outer shape of what Meta posts to a webhook: updates, and deliveries made of them. Knows
// nothing of what is reported.

import type { Scenario } from "../scenario/scenario.ts";

/** One thing that is posted to a webhook: a change of one field. */
export interface Update {
  /** `messages`, `user_preferences`, `account_update`, … */
  field: string;
  value: Record<string, unknown>;
  /** Seconds since the epoch, where it stands beside the value: with events about the account. */
  time?: number;
}

/** Digits of WhatsApp's id, a business-scoped user id, or both. */
export interface ContactNames {
  waId: string | undefined;
  userId: string | undefined;
}

/** A delivery of updates about one account, in their order. */
export function deliveryOf(
  updates: readonly Update[],
  account: Scenario,
): { object: string; entry: Record<string, unknown>[] } {
  const entry: { id: string; changes: unknown[]; time?: number }[] = [];
  for (const { field, value, time } of updates) {
    const last = entry.at(-1);
    // An entry has one time; the messages of a minute stand in one without any.
    if (last !== undefined && last.time === time) last.changes.push({ value, field });
    else {
      const changes = [{ value, field }];
      entry.push({ id: account.waba_id, changes, ...(time !== undefined && { time }) });
    }
  }
  return { object: "whatsapp_business_account", entry };
}

/**
 * What every value about a message or a person begins with; `account` is the scenario that the
 * sending number plays.
 */
export function aboutNumber(account: Scenario): Record<string, unknown> {
  return {
    messaging_product: "whatsapp",
    metadata: {
      display_phone_number: account.display_phone_number.replace(/\D/g, ""),
      phone_number_id: account.phone_number_id,
    },
  };
}

/** `contacts` of one person. */
export function contactsOf({ waId, userId }: ContactNames): Record<string, unknown>[] {
  const person = { ...(waId && { wa_id: waId }), ...(userId && { user_id: userId }) };
  return [{ profile: { name: "Sandbox" }, ...person }];
}

/** The update of a log's line, or of any delivery that holds one; undefined where it holds none. */
export function updateOf(body: unknown): Update | undefined {
  const [entry] = (body as { entry?: { changes?: Update[]; time?: number }[] } | null)?.entry ?? [];
  const [change] = entry?.changes ?? [];
  if (change === undefined) return undefined;
  const { field, value } = change;
  return { field, value, ...(entry?.time !== undefined && { time: entry.time }) };
}

/**
 * JSON text as Meta posts it: whatever is not ASCII is escaped (Meta, webhooks page, 2025-12), so
 * that a receiver that signs what it parsed and wrote again finds another signature.
 */
export function postedText(body: unknown): string {
  return JSON.stringify(body).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
