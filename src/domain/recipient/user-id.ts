// Reads a business-scoped user id: what WhatsApp calls a person by who shows no number. Knows
// nothing of who is behind it.

/**
 * Country, dot, up to 128 letters and digits; one per person and business portfolio, and another
 * one once the person changes the number (Meta, business-scoped user ids page, 2026-03).
 */
const USER_ID = /^[A-Z]{2}\.[A-Za-z0-9]{1,128}$/;

/** The id of a person for all businesses of one parent: another name of the same person. */
const PARENT_USER_ID = /^[A-Z]{2}\.ENT\.[A-Za-z0-9]{1,128}$/;

export type UserIdReading =
  | {
      kind: "user_id";
      id: string;
      /** The country in front of it, ISO 3166-1 alpha-2. */
      region: string;
    }
  | {
      kind: "unreadable";
      /** Half a sentence for the person who fixes the file; nothing of the id is in it. */
      detail: string;
    };

/** Tells whether a text is a user id that can be sent to, without anything around it. */
export function isUserId(text: string): boolean {
  return USER_ID.test(text);
}

/**
 * Tells whether a text is a parent's user id: people opt out and are reported by it, and nothing is
 * sent to it here.
 */
export function isParentUserId(text: string): boolean {
  return PARENT_USER_ID.test(text);
}

/** Reads one cell; white space around it is cut off, and nothing else is fixed. */
export function readUserId(text: string): UserIdReading {
  const id = text.trim();
  if (isUserId(id)) return { kind: "user_id", id, region: id.slice(0, 2) };
  return { kind: "unreadable", detail: whyNot(id) };
}

function whyNot(text: string): string {
  if (text === "") return "it is empty";
  const form =
    "two capital letters, a dot, and up to 128 letters and digits, such as BR.1349873120";
  if (isUserId(text.toUpperCase())) return "the country in front of it is not in capital letters";
  if (/^[A-Z]{2}\.ENT\./.test(text)) return `it is a parent user id (ENT); it must be ${form}`;
  if (/^\d+$/.test(text)) return `the country in front of it is missing; it must be ${form}`;
  if (/^\d(\.\d+)?E\+\d+$/i.test(text)) return "a spreadsheet made a number of it";
  return `it must be ${form}`;
}
