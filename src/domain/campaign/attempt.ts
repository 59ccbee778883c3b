// A claim, the answer to its attempt, and what follows for the dispatch. Shapes only.

/** A dispatch that the runner now owns: its intent is on disk. */
export interface Claim {
  row: number;
  /** 1 for the first. */
  attempt: number;
  /** E.164 with `+`; null when it is sent to the user id. */
  phone: string | null;
  /** Business-scoped user id; null when there is a phone. */
  userId: string | null;
  region: string | null;
  /** The zone of the person's clocks; left out where all people go by the campaign's. */
  zone?: number;
  /** The arm of the campaign's test whose message it gets, from 1; left out: there is no test. */
  arm?: number;
  /** JSON array of the rendered values. */
  values: string;
  /** How often this dispatch was refused for the pair limit or the like before; drives back-off. */
  holds: number;
  /** How often it was refused for Meta's limit per person (131049) before. */
  capped: number;
}

/** Meta's answer, as far as it is worth keeping; every field null when there was none. */
export interface MetaAnswer {
  httpStatus: number | null;
  code: number | null;
  subcode: number | null;
  /** Meta's `error.message`. */
  message: string | null;
  /** Meta's `error.error_data.details`. */
  details: string | null;
  fbtraceId: string | null;
}

/** Where a claimed dispatch goes next; built by retry.ts only. */
export type Next =
  | {
      to: "accepted";
      messageId: string;
      /** `accepted`, `held_for_quality_assessment`, `paused`; Meta does not always send it. */
      messageStatus: string | null;
      /**
       * WhatsApp's own id of the number, digits; may differ from what was posted (Brazil, Mexico).
       */
      waId: string | null;
      userId: string | null;
    }
  | { to: "pending" }
  /** `counts`: which count of the dispatch goes up; `holds` when left out, none when null. */
  | { to: "held"; until: number; reason: string; counts?: "holds" | "capped" | null }
  | { to: "failed"; code: string; message: string }
  | { to: "unknown"; message: string };

/** One attempt with its end; the ledger keeps every one of them. */
export interface AttemptRecord {
  row: number;
  attempt: number;
  /** The number that was posted to, as in the claim; null when it was a user id. */
  phone: string | null;
  /** When the request began to be written; null when it never was. */
  startedAt: number | null;
  endedAt: number;
  endpoint: string;
  outcome: "accepted" | "refused" | "not_sent" | "unknown";
  answer: MetaAnswer;
  next: Next;
  /** Set when the answer says that this person wants no marketing (131050). */
  suppress?: { reason: string };
  /**
   * Set when the answer refuses a whole country (130497): its region, null where that is not known.
   */
  refusesRegion?: string | null;
}
