// Reads who is meant in a webhook: by the event's own fields and by the entry of `contacts` that belongs to it; and which names turn
// out to be one person's.
//
// Shapes: Meta, business-scoped user ids page (2026-06) and system messages reference (2025-10; `user_changed_user_id` of the changelog
// of 2026-08-11). `user_id_update` is no field of Meta's; a gateway's item is read all the same.

import { personOf } from "../recipient/person.ts";
import { isParentUserId, isUserId } from "../recipient/user-id.ts";
import type { IdentityChange, Named, Reported } from "./receipt.ts";
import type { Fields } from "./webhook-fields.ts";
import { digits, fields, items, listOrOne, text } from "./webhook-fields.ts";

const NOBODY: Named = { waId: null, userId: null, parentUserId: null };

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
export function contactsOf(value: Fields): Named[] {
  return items(value.contacts).flatMap((one) => {
    const named = namesIn(fields(one) ?? {}, "contact");
    return isNobody(named) ? [] : [named];
  });
}

/**
 * Who an event is about: its own names, and those of its contact, which is the one with the same id, or the only one where that names no
 * other person.
 */
export function whoIs(one: Fields, kind: keyof typeof KEYS, contacts: readonly Named[]): Named {
  const own = namesIn(one, kind);
  const same = contacts.find((contact) => isSame(own, contact));
  const [only] = contacts;
  const contact =
    same ?? (contacts.length === 1 && !contradicts(own, only as Named) ? only : NOBODY);
  const { waId, userId, parentUserId } = contact as Named;
  return {
    waId: own.waId ?? waId,
    userId: own.userId ?? userId,
    parentUserId: own.parentUserId ?? parentUserId,
  };
}

/** A system message, or an item of `user_id_update`, that reports another name of a person; undefined when it has fewer than two names. */
export function readIdentity(
  raw: Fields,
  contacts: readonly Named[],
  reported: Reported,
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
export function identityItems(value: Fields): Fields[] {
  return listOrOne(value.user_id_update).flatMap((one): Fields[] => {
    const item = fields(one);
    return item === null ? [] : [item];
  });
}

/** "User Ana changed from BR.777 to BR.888" */
function changedIn(body: string | null): string[] {
  const match = / changed from (\+?[\w.]+) to (\+?[\w.]+?)\.?$/.exec(body?.trim() ?? "");
  return match === null ? [] : [match[1] as string, match[2] as string];
}

function namesIn(one: Fields, kind: keyof typeof KEYS): Named {
  const { waId, userIds } = KEYS[kind];
  const ids = userIds.map((key) => one[key]).filter(isAnyUserId);
  return {
    waId: waId.map((key) => digits(one[key])).find((value) => value !== null) ?? null,
    // A parent's id has been seen in the field of the other one.
    userId: ids.find((value) => !isParentUserId(value)) ?? null,
    parentUserId: ids.find(isParentUserId) ?? null,
  };
}

function isAnyUserId(value: unknown): value is string {
  return typeof value === "string" && (isUserId(value) || isParentUserId(value));
}

function isNobody({ waId, userId, parentUserId }: Named): boolean {
  return waId === null && userId === null && parentUserId === null;
}

function isSame(one: Named, other: Named): boolean {
  const isSameId = one.waId !== null && other.waId !== null && isSameNumber(one.waId, other.waId);
  const isSameUser =
    (one.userId !== null && one.userId === other.userId) ||
    (one.parentUserId !== null && one.parentUserId === other.parentUserId);
  return isSameId || isSameUser;
}

function contradicts(one: Named, other: Named): boolean {
  const differ = (a: string | null, b: string | null) => a !== null && b !== null && a !== b;
  const isOtherNumber =
    one.waId !== null && other.waId !== null && !isSameNumber(one.waId, other.waId);
  return (
    isOtherNumber ||
    differ(one.userId, other.userId) ||
    differ(one.parentUserId, other.parentUserId)
  );
}

function isSameNumber(one: string, other: string): boolean {
  return personOf(one) === personOf(other);
}
