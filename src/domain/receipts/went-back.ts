// What receipts of attempts that a ledger never made mean: the ledger is an older copy, and does
// not know who was messaged since. No I/O.

import type { Stop } from "../campaign/campaign.ts";
import { stamp } from "../common/calendar.ts";
import { plural } from "../common/numbers.ts";

/** The code of the halt, and the id of the finding. */
export const LEDGER_WENT_BACK = "ledger_went_back";

/** Receipts that prove it. */
export interface WentBack {
  /** Instant at which the first of them was applied. */
  since: number;
  receipts: number;
}

/** What a person does about it, in the order in which to try. */
export const WENT_BACK_TODO =
  "Put back the newest copy of the ledger with its -wal file. Without one: import the webhook bodies of that time " +
  "(`campaign receipts import`), which settles whom they name; `campaign cancel <manifest>` ends the campaign without a second " +
  "message to anybody. --despite ledger_went_back sends to everybody who is still pending: people who were messaged since the copy " +
  "was made, and have no receipt yet, get the message again.";

/** One sentence: what the receipts prove. */
export function wentBackSentence({ since, receipts }: WentBack): string {
  const first = stamp(since);
  return `Since ${first} ${plural(receipts, "receipt")} reported messages of attempts that this ledger never made: it is an older copy, and does not know who was messaged since.`;
}

/** The stop of every campaign of such a ledger. */
export function wentBackStop(proof: WentBack): Stop {
  const sentence = `${wentBackSentence(proof)} ${WENT_BACK_TODO}`;
  return { kind: "halted", code: LEDGER_WENT_BACK, sentence, at: proof.since };
}

/** One sentence for the person who applied such receipts just now. */
export function lostSentence(receipts: number): string {
  return `${plural(receipts, "receipt")} reported messages of attempts that this ledger never made: it is an older copy. Its campaigns are halted; \`campaign check <manifest>\` says what to do.`;
}
