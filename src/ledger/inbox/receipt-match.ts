// Looks up the dispatches that a receipt can be about; domain/receipts/match.ts decides which of
// them it is.

import type {
  Candidates,
  DispatchPlace,
  MatchResult,
  Name,
  TimedReceipt,
} from "../../domain/receipts/match.ts";
import { matchMessage, matchReceipt } from "../../domain/receipts/match.ts";
import type { Asked, Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import type { Aliases } from "../people/aliases.ts";
import { IS_GIVEN_AWAY } from "../people/given-away.ts";
import type { Persons } from "../people/persons.ts";
import type { PersonOfWaId } from "../sending/attempts.ts";
import type { MatchedDispatch, RoundDispatches } from "./round-dispatches.ts";

/** Finds the dispatches of receipts; its functions run inside the caller's transaction. */
export function makeReceiptMatches(parts: {
  ledgerId: string;
  aliases: Aliases;
  persons: Persons;
  personOfWaId: PersonOfWaId;
}) {
  const { ledgerId, aliases, persons, personOfWaId } = parts;
  const sql = prepare();
  const { byMessage, isOurNumber } = persons;

  const candidatesOf = (dispatches: RoundDispatches): Candidates<MatchedDispatch, Asked> => ({
    ...{ ledgerId, byMessage, isOurNumber },
    dispatch: dispatches.of,
    *inDoubt(name, number) {
      yield* dispatches.flush();
      return yield* persons.inDoubt(name, number);
    },
    *firstInDoubt({ campaign, row }) {
      return (yield* sql.firstInDoubt.get(campaign, row)) ?? null;
    },
    *isGivenAway({ campaign, row }, attempt) {
      return (yield* sql.isGivenAway.get(campaign, row, attempt)) === 1;
    },
    *namesOf({ waId, userId, parentUserId }) {
      return yield* aliases.namesOf([
        waId === null ? null : personOfWaId(waId),
        userId,
        parentUserId,
      ]);
    },
    *hasNumber(id) {
      return (yield* aliases.namesOf([id])).some((name) => typeof name === "number");
    },
  });

  return {
    /** The match of one round, as its dispatches are by then. */
    of: (dispatches: RoundDispatches): ReceiptMatch => {
      const candidates = candidatesOf(dispatches);
      return {
        find: (receipt) => matchReceipt(receipt, candidates),
        placeOf: (messageId, who) =>
          matchMessage(messageId, () => aliases.namesOf(who), candidates),
      };
    },
  };
}

export type ReceiptMatches = ReturnType<typeof makeReceiptMatches>;

/** Finds dispatches within one round. */
export interface ReceiptMatch {
  /** What a receipt is about. */
  find(receipt: TimedReceipt): Verb<MatchResult<MatchedDispatch>>;
  /** The dispatch that has, or had, a message; of several that of the person with these names. */
  placeOf(messageId: string, who: readonly (Name | null)[]): Verb<DispatchPlace | undefined>;
}

function prepare() {
  return {
    firstInDoubt: statement<[number, number], number | null>(`
        select min(attempt) from attempt
        where campaign_id = ? and row_number = ? and outcome = 'unknown' and stale = 0
          and message_id is null and not ${IS_GIVEN_AWAY}
      `).pluck(),
    isGivenAway: statement<[number, number, number], number>(`
        select exists (
          select 1 from attempt
          where campaign_id = ? and row_number = ? and attempt = ? and ${IS_GIVEN_AWAY}
        )
      `).pluck(),
  };
}
