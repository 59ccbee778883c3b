// The witness: what this machine remembers, outside of any ledger, of the ledgers that a number was
// sent from. It shows when a number is about to be sent to from another ledger, or from an older
// copy of the same one. No I/O.

import { stamp } from "../common/calendar.ts";
import { isLoopbackName } from "../common/hosts.ts";
/** One ledger of one number, as it was last seen. */
export interface Sighting {
  /** The ledger's id. */
  ledger: string;
  /** Absolute path, or the URL of a server without its password. */
  path: string;
  /** The highest turn number of the number's lane that was seen committed; it never goes down. */
  turn: number;
  /** Instant of that. */
  at: number;
}

/** Number → the ledgers that it was sent from; the last one first. */
export type Witness = ReadonlyMap<string, readonly Sighting[]>;

/** Ledgers of a number that are remembered besides the last one. */
const OTHERS_MAX = 50;
const VERSION = 1;
const ABOUT =
  "Which ledger each sending number was last sent from, and how far it had come. campaign reads it before it sends; docs/ledger.md.";

/** A simulator on this machine is not the number at Meta whose id it has. */
const ON_THIS_MACHINE = "@localhost";

/**
 * What a number is remembered under.
 * @param lane the number's id at Meta
 * @param baseUrl where it is sent to
 */
export function witnessKey(lane: string, baseUrl: string): string {
  const isHere = URL.canParse(baseUrl) && isLoopbackName(new URL(baseUrl).hostname);
  return isHere ? lane + ON_THIS_MACHINE : lane;
}

/** The lane of a key. */
export function laneOfKey(key: string): string {
  return key.endsWith(ON_THIS_MACHINE) ? key.slice(0, -ON_THIS_MACHINE.length) : key;
}

/** Adds what was seen; of a ledger that is known already the higher turn stays. */
export function withSighting(witness: Witness, key: string, sighting: Sighting): Witness {
  const before = witness.get(key) ?? [];
  const known = before.find(({ ledger }) => ledger === sighting.ledger);
  const isBehind = known !== undefined && known.turn > sighting.turn;
  const merged = isBehind ? { ...sighting, turn: known.turn, at: known.at } : sighting;
  const others = before.filter((other) => other !== known).slice(0, OTHERS_MAX);
  return new Map([...witness, [key, [merged, ...others]]]);
}

/** Notes a ledger's new place; which ledger a number was last sent from stays as it is. */
export function withPlace(witness: Witness, ledger: string, path: string): Witness {
  const moved = (seen: Sighting) => (seen.ledger === ledger ? { ...seen, path } : seen);
  return new Map([...witness].map(([key, sightings]) => [key, sightings.map(moved)]));
}

/** A ledger as it stands now. */
export interface LedgerNow {
  id: string;
  /** Lane → number of its last turn. */
  turns: Readonly<Record<string, number>>;
}

/** A number of which a ledger lacks turns that were seen of it. */
export interface Behind {
  key: string;
  lane: string;
  seen: Sighting;
  /** The ledger's own number. */
  turn: number;
}

/** The numbers of which the ledger lacks turns: it is an older copy, or a part of it was lost. */
export function behindOf(witness: Witness, { id, turns }: LedgerNow): Behind[] {
  return [...witness].flatMap(([key, sightings]) => {
    const lane = laneOfKey(key);
    const turn = turns[lane] ?? 0;
    const seen = sightings.find(({ ledger }) => ledger === id);
    return seen !== undefined && seen.turn > turn ? [{ key, lane, seen, turn }] : [];
  });
}

/** The ledger that the number was last sent from, when it is not this one. */
export function otherLedgerOf(
  witness: Witness,
  key: string,
  id: string | undefined,
): Sighting | undefined {
  const [last] = witness.get(key) ?? [];
  return last?.ledger === id ? undefined : last;
}

/** One sentence: what a ledger lacks. */
export function behindSentence({ lane, seen, turn }: Behind): string {
  const at = stamp(seen.at);
  return (
    `Number ${lane}: this machine saw turn ${seen.turn} of this ledger committed on ${at}, and the ledger ends with turn ${turn}. ` +
    "It is an older copy, or its -wal file is missing, and it does not know who was messaged since."
  );
}

/**
 * Reads the file's text.
 * @throws Error with a clause that says what is wrong with it
 */
export function parseWitness(text: string): Witness {
  const { version, numbers } = record(parseJson(text), "it");
  if (typeof version === "number" && version > VERSION) {
    throw new Error(`a newer version of this program wrote it (${version})`);
  }
  const entries = Object.entries(record(numbers, '"numbers"'));
  return new Map(entries.map(([key, list]) => [key, readSightings(key, list)]));
}

/** Writes it as the file's text. */
export function witnessText(witness: Witness): string {
  const numbers = Object.fromEntries(
    [...witness].map(([key, [last, ...others]]) => [
      key,
      { ...(last === undefined ? {} : shown(last)), others: others.map(shown) },
    ]),
  );
  return `${JSON.stringify({ about: ABOUT, version: VERSION, numbers }, null, 2)}\n`;
}

function shown({ at, ...seen }: Sighting): Record<string, unknown> {
  return { ...seen, at: new Date(at).toISOString() };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(text.trim() === "" ? "it is empty" : "it is not JSON");
  }
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new Error(`${what} is not an object`);
}

function readSightings(key: string, value: unknown): Sighting[] {
  const { others = [], ...last } = record(value, key);
  if (!Array.isArray(others)) throw new Error(`"others" of ${key} is not a list`);
  return [last, ...others].map((sighting) => readSighting(key, sighting));
}

function readSighting(key: string, value: unknown): Sighting {
  const { ledger, path, turn, at } = record(value, key);
  const instant = typeof at === "string" ? Date.parse(at) : Number.NaN;
  const isWhole =
    typeof ledger === "string" &&
    /^[0-9a-z]{1,32}$/.test(ledger) &&
    typeof path === "string" &&
    typeof turn === "number" &&
    Number.isSafeInteger(turn) &&
    turn >= 0 &&
    Number.isFinite(instant);
  if (!isWhole) throw new Error(`what it says of ${key} cannot be read`);
  return { ledger, path, turn, at: instant };
}
