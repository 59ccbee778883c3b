// Looks up the dispatches that a receipt can be about; domain/receipts/match.ts decides which of
// them it is. Changes nothing.

import type {
  Candidate,
  Candidates,
  DispatchPlace,
  MatchResult,
  Name,
  TimedReceipt,
} from "../../domain/receipts/match.ts";
import { matchMessage, matchReceipt } from "../../domain/receipts/match.ts";
import type { ReceiptState } from "../../domain/receipts/receipt-policy.ts";
import type { Op, Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import type { Aliases } from "../people/aliases.ts";
import { IS_GIVEN_AWAY } from "../people/given-away.ts";
import type { Persons } from "../people/persons.ts";
import type { PersonOfWaId } from "../sending/attempts.ts";

/** What application needs to know of a dispatch. */
export interface MatchedDispatch extends ReceiptState, Candidate {
  phone: number | null;
  region: string | null;
  waId: number | null;
  userId: string | null;
  state: string;
  /** The purge of its campaign has begun. */
  purgedAt: number | null;
  receiptsSince: number | null;
  checkedAt: number | null;
  /** Tries that Meta's limit per person may cost; null: the default. */
  cappedTries: number | null;
}

/** Finds the dispatches of receipts; its functions run inside the caller's transaction. */
export function makeReceiptMatch(parts: {
  ledgerId: string;
  aliases: Aliases;
  persons: Persons;
  personOfWaId: PersonOfWaId;
}) {
  const { ledgerId, aliases, persons, personOfWaId } = parts;
  const sql = prepare();
  const candidates: Candidates<MatchedDispatch, Op<unknown>> = {
    ...{ ledgerId, ...persons },
    *dispatch({ campaign, row }) {
      return yield* sql.dispatch.get(campaign, row);
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
  };

  return {
    find: (receipt: TimedReceipt): Verb<MatchResult<MatchedDispatch>> =>
      matchReceipt(receipt, candidates),

    dispatch: candidates.dispatch,

    /** The dispatch that has, or had, a message; of several that of the person with these names. */
    placeOf: (messageId: string, who: readonly (Name | null)[]): Verb<DispatchPlace | undefined> =>
      matchMessage(messageId, () => aliases.namesOf(who), candidates),
  };
}

export type ReceiptMatch = ReturnType<typeof makeReceiptMatch>;

function prepare() {
  return {
    dispatch: statement<[number, number], MatchedDispatch>(`
      select d.campaign_id as campaign, c.lane, d.row_number as row, d.attempts, d.phone, d.person,
        d.row_user_id as "rowUserId", d.region, d.wa_id as "waId", d.user_id as "userId",
        d.status, d.reason, d.holds, d.capped, c.capped_tries as "cappedTries",
        d.held_until as "heldUntil", d.message_id as "messageId", d.accepted_at as "acceptedAt",
        d.sent_at as "sentAt", d.delivered_at as "deliveredAt", d.read_at as "readAt",
        d.failed_at as "failedAt", d.error_code as "errorCode", d.error_message as "errorMessage",
        d.path, d.pricing_type as "pricingType", d.pricing_category as "pricingCategory", c.state,
        c.receipts_since as "receiptsSince", c.checked_at as "checkedAt",
        d.erased_at as "erasedAt", c.erased_at as "purgedAt"
      from dispatch d join campaign c on c.id = d.campaign_id
      where d.campaign_id = ? and d.row_number = ?
    `),
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
