// Reads who is meant in a webhook: by the event's own fields and by the entry of `contacts` that
// belongs to it; and which names turn out to be one person's.
//
// Shapes: Meta, business-scoped user ids page (2026-06) and system messages reference (2025-10;
// `user_changed_user_id` of the changelog of 2026-08-11). `user_id_update` is no field of Meta's; a
// gateway's item is read all the same.

import { personOf } from "../recipient/person.ts";
import { isParentUserId, isUserId } from "../recipient/user-id.ts";
import type { EventSource, IdentityChange, PersonNames } from "./receipt.ts";
import type { JsonObject } from "./webhook-fields.ts";
import { digits, fields, items, listOrOne, text } from "./webhook-fields.ts";

const NOBODY: PersonNames = { waId: null, userId: null, parentUserId: null };

/** Names of the keys under which each kind of event names its person. */
const KEYS = {
  status: {
    waId: ["recipient_id"],
    userIds: ["recipient_user_id", "parent_recipient_user_id", "recipient_parent_user_id"],
  },
  preference: { waId: ["wa_id"], userIds: ["user_id", "parent_user_id"] },
  message: {
    waId: ["from"],
    userIds: ["from_user_id", "from_parent_user_id", "parent_from_user_id"],
  },
  action: { waId: ["wa_id"], userIds: ["user_id", "parent_user_id"] },
  contact: { waId: ["wa_id"], userIds: ["user_id", "parent_user_id"] },
} as const;

/** Where a system message has names, old and new (Meta's reference, and older versions of it). */
const SYSTEM_NAMES = [
  ...["wa_id", "new_wa_id", "previous_wa_id", "customer", "user"],
  ...["user_id", "previous_user_id", "parent_user_id", "previous_parent_user_id"],
] as const;

/** The people of `value.contacts`. */
export function contactsOf(value: JsonObject): PersonNames[] {
  return items(value.contacts).flatMap((contact) => {
    const named = namesIn(fields(contact) ?? {}, "contact");
    return isNobody(named) ? [] : [named];
  });
}

/**
 * Who an event is about: its own names, and those of its contact, which is the one with the same
 * id, or the only one where that names no other person.
 */
export function whoIs(
  event: JsonObject,
  kind: keyof typeof KEYS,
  contacts: readonly PersonNames[],
): PersonNames {
  const own = namesIn(event, kind);
  const same = contacts.find((contact) => isSame(own, contact));
  const [only] = contacts;
  const contact =
    same ?? (contacts.length === 1 && !contradicts(own, only as PersonNames) ? only : NOBODY);
  const { waId, userId, parentUserId } = contact as PersonNames;
  return {
    waId: own.waId ?? waId,
    userId: own.userId ?? userId,
    parentUserId: own.parentUserId ?? parentUserId,
  };
}

/**
 * A system message, or an item of `user_id_update`, that reports another name of a person;
 * undefined when it has fewer than two names.
 */
export function readIdentity(
  raw: JsonObject,
  contacts: readonly PersonNames[],
  reported: EventSource,
): IdentityChange | undefined {
  const waIds = new Set<string>();
  const userIds = new Set<string>();
  const take = (value: unknown): void => {
    const waId = digits(value);
    if (waId !== null) waIds.add(waId);
    if (isAnyUserId(value)) userIds.add(value);
  };
  const { from, from_user_id, from_parent_user_id, wa_id, user_id, parent_user_id } = raw;
  for (const value of [from, from_user_id, from_parent_user_id, wa_id, user_id, parent_user_id]) {
    const change = fields(value);
    for (const part of change === null ? [value] : [change.previous, change.current]) take(part);
  }
  const system = fields(raw.system);
  for (const key of SYSTEM_NAMES) take(system?.[key]);
  for (const value of changedIn(text(system?.body) ?? text(raw.detail))) take(value);
  // The contact beside it is who the new names belong to, where it has one of them.
  for (const contact of contacts) {
    const isOne =
      (contact.waId !== null &&
        [...waIds].some((waId) => isSameNumber(waId, contact.waId as string))) ||
      [contact.userId, contact.parentUserId].some(
        (userId) => userId !== null && userIds.has(userId),
      ) ||
      contacts.length === 1;
    if (isOne) for (const value of Object.values(contact)) take(value);
  }
  if (waIds.size + userIds.size < 2) return undefined;
  return { kind: "identity", waIds: [...waIds], userIds: [...userIds], ...reported };
}

/** The items of `user_id_update`. */
export function identityItems(value: JsonObject): JsonObject[] {
  return listOrOne(value.user_id_update).flatMap((raw): JsonObject[] => {
    const item = fields(raw);
    return item === null ? [] : [item];
  });
}

/** "User Ana changed from BR.777 to BR.888" */
function changedIn(body: string | null): string[] {
  const match = / changed from (\+?[\w.]+) to (\+?[\w.]+?)\.?$/.exec(body?.trim() ?? "");
  return match === null ? [] : [match[1] as string, match[2] as string];
}

function namesIn(event: JsonObject, kind: keyof typeof KEYS): PersonNames {
  const { waId, userIds } = KEYS[kind];
  const ids = userIds.map((key) => event[key]).filter(isAnyUserId);
  return {
    waId: waId.map((key) => digits(event[key])).find((value) => value !== null) ?? null,
    // A parent's id has been seen in the field of the other one.
    userId: ids.find((value) => !isParentUserId(value)) ?? null,
    parentUserId: ids.find(isParentUserId) ?? null,
  };
}

function isAnyUserId(value: unknown): value is string {
  return typeof value === "string" && (isUserId(value) || isParentUserId(value));
}

function isNobody({ waId, userId, parentUserId }: PersonNames): boolean {
  return waId === null && userId === null && parentUserId === null;
}

function isSame(left: PersonNames, right: PersonNames): boolean {
  const isSameId = left.waId !== null && right.waId !== null && isSameNumber(left.waId, right.waId);
  const isSameUser =
    (left.userId !== null && left.userId === right.userId) ||
    (left.parentUserId !== null && left.parentUserId === right.parentUserId);
  return isSameId || isSameUser;
}

function contradicts(left: PersonNames, right: PersonNames): boolean {
  const differ = (a: string | null, b: string | null) => a !== null && b !== null && a !== b;
  const isOtherNumber =
    left.waId !== null && right.waId !== null && !isSameNumber(left.waId, right.waId);
  return (
    isOtherNumber ||
    differ(left.userId, right.userId) ||
    differ(left.parentUserId, right.parentUserId)
  );
}

function isSameNumber(left: string, right: string): boolean {
  return personOf(left) === personOf(right);
}
