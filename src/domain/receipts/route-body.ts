// Which of several ledgers a webhook body is for. A body may have news of several accounts and
// numbers; each ledger gets its own, and none what is another's.

import type { JsonObject } from "./webhook-fields.ts";
import { fields, id, list } from "./webhook-fields.ts";

/** Who is concerned by a change; empty when nobody is known for it. */
export type OwnersOf = (named: {
  /** Ids at Meta; null where the change names none. */
  phoneNumber: string | null;
  waba: string | null;
}) => readonly string[];

/** A part of a body. */
interface BodyPart {
  /** Null: nobody is known for it. */
  owner: string | null;
  body: string;
}

interface Change {
  owners: readonly (string | null)[];
  entry: JsonObject;
  /** Undefined: the entry has no changes, and goes as it is. */
  change: unknown;
}

/**
 * Parts a body by whom it is for. One of which an owner gets everything stays as it is, to the
 * byte; so does what cannot be read, for which nobody is known.
 *
 * Meta, "Webhooks: messages", 2026-09: `entry[].id` is the id of the WhatsApp Business Account,
 * `entry[].changes[].value.metadata.phone_number_id` that of the number.
 */
export function routeBody(body: string, ownersOf: OwnersOf): BodyPart[] {
  const read = parsed(body);
  const changes = list(read?.entry).flatMap((entry) => changesOf(entry, ownersOf));
  if (read === null || changes.length === 0) return [{ owner: null, body }];
  const owners = [...new Set(changes.flatMap((one) => one.owners))];
  return owners.map((owner) => {
    const own = changes.filter((one) => one.owners.includes(owner));
    if (own.length === changes.length) return { owner, body };
    return { owner, body: JSON.stringify({ ...read, entry: entriesOf(own) }) };
  });
}

function parsed(body: string): JsonObject | null {
  try {
    return fields(JSON.parse(body));
  } catch {
    return null;
  }
}

function changesOf(given: unknown, ownersOf: OwnersOf): Change[] {
  const entry = fields(given);
  if (entry === null) return [];
  const waba = id(entry.id);
  const ownersOr = (phoneNumber: string | null) => {
    const owners = ownersOf({ phoneNumber, waba });
    return owners.length === 0 ? [null] : owners;
  };
  const changes = list(entry.changes);
  if (changes.length === 0) return [{ owners: ownersOr(null), entry, change: undefined }];
  return changes.map((change) => {
    const metadata = fields(fields(fields(change)?.value)?.metadata);
    return { owners: ownersOr(id(metadata?.phone_number_id)), entry, change };
  });
}

/** The entries again, each with those of its changes. */
function entriesOf(changes: readonly Change[]): unknown[] {
  const entries = new Map<JsonObject, unknown[]>();
  for (const { entry, change } of changes) {
    const kept = entries.get(entry) ?? [];
    if (change !== undefined) kept.push(change);
    entries.set(entry, kept);
  }
  return [...entries].map(([entry, kept]) =>
    kept.length === 0 ? entry : { ...entry, changes: kept },
  );
}
