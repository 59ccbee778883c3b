// What it means to erase people: which campaigns may be purged, what is left of a webhook's body
// without a person, how an age is written. Erases nothing itself.

/** Where a campaign stands when old data is purged. */
export interface Purgeable {
  campaign: number;
  name: string;
  rows: number;
  /** Rows that are erased already, by a purge that was interrupted. */
  erasedRows: number;
  /** Last claim or change of state. */
  quietSince: number;
  obstacle: PurgeObstacle | null;
}

/** What stands against purging a campaign. */
export type PurgeObstacle =
  /** It may go on: it is neither finished nor cancelled, or dispatches of it are open. */
  | { kind: "open" }
  /** Receipts may still change what became of its messages. */
  | { kind: "receipts"; until: number };

/** How far a purge of what belongs to no campaign got. */
export interface PurgePlace {
  stage: number;
  /** Key of the last thing looked at in this stage. */
  after: string | number;
}

/**
 * One person, by what was asked for: digits that stand for a person (see person.ts), or a user id.
 */
export type PersonKey = { person: string } | { userId: string };

/** What the ledger has of a person. */
export interface Traces {
  /** Names of the campaigns that have a row of theirs. */
  campaigns: string[];
  dispatches: number;
  /** Of these, how many still wait to be sent. */
  waiting: number;
  isSuppressed: boolean;
  /** On the suppression list as a person whose number is not kept. */
  isForgotten: boolean;
}

/**
 * Everybody who was forgotten, as far as it can be known: the key, and of each person the hashes of
 * their names.
 */
export interface ForgottenPeople {
  /** Hex. */
  key: string;
  people: number[][];
}

/** One step of forgetting a person. */
export interface Forgetting {
  /**
   * Campaigns that are sending to them at this moment; then nothing was done, and the step is to be
   * tried again.
   */
  busy: string[];
  /** Dispatches that were erased, and how many of them will not be sent now. */
  dispatches: number;
  skipped: number;
  /** Webhook bodies out of which they were taken. */
  bodies: number;
  /** Eight hex digits of the keyed hash, for the audit table. */
  tag: string;
  /** Where to go on; null when nothing of them is left. */
  next: number | null;
}

const DAY_MS = 86_400_000;
const UNITS: Readonly<Record<string, number>> = { d: DAY_MS, w: 7 * DAY_MS };
/** About a hundred years: longer is a slip of the keyboard. */
const AGE_MAX_MS = 36_500 * DAY_MS;

/** `90d`, `12w` → milliseconds; undefined when the text is no age, or none from a day on. */
export function parseAge(text: string): number | undefined {
  const match = /^\s*(\d{1,6})\s*([dw])\s*$/i.exec(text);
  if (match === null) return undefined;
  const unit = UNITS[(match[2] as string).toLowerCase()] as number;
  const age = Number(match[1]) * unit;
  return age >= DAY_MS && age <= AGE_MAX_MS ? age : undefined;
}

/** Deeper than this nothing of Meta's is nested; what is deeper is dropped with the person. */
const DEPTH_MAX = 24;

/**
 * Takes whatever names a person out of a webhook's body: of every list the members in which
 * `isTheirs` knows a number, a text, or the id of a message.
 * @returns the body without them, null when nothing that tells anything is left or it cannot be
 * taken apart, and the same body when they are not in it
 */
export function withoutPerson(body: string, isTheirs: (text: string) => boolean): string | null {
  let whole: unknown;
  try {
    whole = JSON.parse(body);
  } catch {
    // What cannot be read is searched for words and runs of digits.
    const parts = body.match(/[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]+|\d+/g) ?? [];
    return isTheirs(body) || parts.some(isTheirs) ? null : body;
  }
  const isNamedIn = (value: unknown): boolean => names(value, isTheirs, 0);
  if (!isNamedIn(whole)) return body;
  const rest = prune(whole, isNamedIn, 0);
  if (rest === undefined || isNamedIn(rest) || !hasEvents(rest)) return null;
  return JSON.stringify(rest);
}

function names(value: unknown, isTheirs: (text: string) => boolean, depth: number): boolean {
  if (depth > DEPTH_MAX) return true;
  if (typeof value === "string") {
    if (isTheirs(value)) return true;
    // In the middle of a text, such as one that a person wrote.
    const parts = value.match(/[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]+|\+?\d[\d\s().-]{5,}\d/g) ?? [];
    return parts.some(isTheirs);
  }
  if (typeof value === "number") return isTheirs(String(value));
  if (Array.isArray(value)) return value.some((item) => names(item, isTheirs, depth + 1));
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(
    ([key, member]) => isTheirs(key) || names(member, isTheirs, depth + 1),
  );
}

/**
 * The value without the smallest members of lists that name the person; undefined when it names
 * them outside of any list.
 */
function prune(value: unknown, isNamedIn: (value: unknown) => boolean, depth: number): unknown {
  if (depth > DEPTH_MAX) return undefined;
  if (!isNamedIn(value)) return value;
  if (Array.isArray(value)) {
    return value.flatMap((item) => {
      const rest = prune(item, isNamedIn, depth + 1);
      return rest === undefined ? [] : [rest];
    });
  }
  if (typeof value !== "object" || value === null) return undefined;
  const entries: [string, unknown][] = [];
  for (const [key, member] of Object.entries(value)) {
    const rest = prune(member, isNamedIn, depth + 1);
    if (rest === undefined) return undefined;
    entries.push([key, rest]);
  }
  return Object.fromEntries(entries);
}

/**
 * Tells whether a body without a person still has anything to tell: a list with a member, below the
 * lists that every body has.
 */
function hasEvents(body: unknown): boolean {
  const entries = (body as { entry?: unknown }).entry;
  if (!Array.isArray(entries)) return Array.isArray(body) && body.length > 0;
  const changes = entries.flatMap((entry: { changes?: unknown } | null) =>
    Array.isArray(entry?.changes) ? (entry.changes as ({ value?: unknown } | null)[]) : [],
  );
  return changes.some((change) => {
    const value = change?.value;
    if (typeof value !== "object" || value === null) return false;
    return Object.entries(value).some(
      ([key, member]) => key !== "contacts" && Array.isArray(member) && member.length > 0,
    );
  });
}
