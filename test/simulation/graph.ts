// Graph, simulated: takes or refuses a message, and keeps its own log of what it took. Knows
// nothing of the program.

import type { Chance } from "../support/chance.ts";
import type { CodeFault, Person } from "./scenario.ts";

/** A request that arrived. */
export interface Letter {
  row: number;
  attempt: number;
  phone: string;
  /** Our key, echoed in receipts. */
  key: string;
  /** The number that it came from. */
  lane: string;
}

/** A message that Graph took. */
export interface Taken extends Letter {
  messageId: string;
  /** Virtual milliseconds. */
  at: number;
  /** The code with which its receipts report it as failed; null: they do not. */
  failure: number | null;
  /** The program knows of that … */
  isReported: boolean;
  /** … in a way that lets it send again. */
  isProven: boolean;
}

/** A complete answer. */
export interface Reply {
  httpStatus: number;
  body: string;
  /** Asked for in a header. */
  waitMs: number | null;
}

const UNREPORTED = { isReported: false, isProven: false };

/**
 * Codes of receipts after which the policy sends again: the message did not arrive, and the person
 * is not to blame.
 */
export const SENT_AGAIN: readonly number[] = [131_042, 131_049, 130_429];

/** What others want to know of Graph. */
export interface GraphWatch {
  /** It took a message. */
  taken(message: Taken): void;
  /** The nature of a person shows. */
  shows(how: "refused" | "fails later", code: number): void;
}

/** The account that a campaign sends from, as Graph has it. */
export class SimulatedGraph {
  /** Append-only. */
  readonly log: Taken[] = [];
  private readonly people: ReadonlyMap<string, Person>;
  private readonly chance: Chance;
  /** Phone → how often its nature has shown. */
  private readonly shown = new Map<string, number>();
  private readonly watch: GraphWatch;

  constructor(people: readonly Person[], chance: Chance, watch: GraphWatch) {
    this.people = new Map(people.map((person) => [person.phone, person]));
    this.chance = chance;
    this.watch = watch;
  }

  /**
   * Judges a request at its arrival.
   * @param code what everybody is answered with now; null: nothing is the matter
   */
  receive(letter: Letter, code: CodeFault | null, now: number): Reply {
    if (code !== null) return this.refuse(code);
    const nature = this.people.get(letter.phone)?.nature;
    const shown = this.shown.get(letter.phone) ?? 0;
    const isShown = nature !== undefined && nature.kind !== "fine" && shown < nature.times;
    if (isShown) {
      this.shown.set(letter.phone, shown + 1);
      this.watch.shows(nature.kind === "refused" ? "refused" : "fails later", nature.code);
    }
    if (isShown && nature.kind === "refused") return this.refuse(nature.code);
    const messageId = `wamid.${letter.key}.${this.log.length}`;
    const failure = isShown ? nature.code : null;
    const message: Taken = { ...letter, messageId, at: now, failure, ...UNREPORTED };
    this.log.push(message);
    this.watch.taken(message);
    const contacts = [{ input: letter.phone, wa_id: letter.phone.slice(1) }];
    const messages = [{ id: messageId, message_status: "accepted" }];
    return { httpStatus: 200, body: JSON.stringify({ contacts, messages }), waitMs: null };
  }

  private refuse(code: number): Reply {
    const error = { code, message: `(#${code}) Refused`, fbtrace_id: "A1b2C3" };
    const isSpeed = code === 4 || code === 130_429;
    const httpStatus = isSpeed && this.chance.share(0.5) ? 429 : code === 190 ? 401 : 400;
    const waitMs = isSpeed && this.chance.share(0.2) ? this.chance.whole(1, 20) * 1000 : null;
    return { httpStatus, body: JSON.stringify({ error }), waitMs };
  }
}
