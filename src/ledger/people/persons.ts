// Finds dispatches across campaigns: those of a person, by what a webhook calls them, and those of
// a message. Changes nothing.

import type { DispatchPlace, InDoubt, MessagePlace, Name } from "../../domain/receipts/match.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import { MESSAGE_BUCKET_BITS } from "../file/schema.ts";
import { laneSql } from "../lanes.ts";
import { IS_GIVEN_AWAY } from "./given-away.ts";

/** More than two dispatches in doubt are as good as two: neither is the only one. */
const IN_DOUBT_MAX = 8;
/** Simulators give one id to several messages; of more than so many none can be known. */
const SAME_MESSAGE_MAX = 64;

/**
 * Every dispatch of the person `@who` that is not skipped, newest campaign first, one look into the
 * unique index of persons for each campaign; with `@number`, of campaigns that send from it. A
 * sandbox has whatever number its scenario gives it.
 */
const DISPATCHES_OF_PERSON = `
  campaign c cross join dispatch d
  on d.campaign_id = c.id and d.person = @who and d.value_list is not null
`;
/** The same of the user id `@who`, as rows gave it, by the unique index of those. */
const DISPATCHES_OF_USER = `
  campaign c cross join dispatch d
  on d.campaign_id = c.id and d.row_user_id = @who and d.value_list is not null
`;
const OF_ANY_NUMBER = "(cast(@number as text) is null or c.lane = 'sandbox')";

/** Looks dispatches up; its functions run inside the caller's transaction. */
export function makePersons() {
  const ofPerson = prepareLookups(DISPATCHES_OF_PERSON);
  const ofUser = prepareLookups(DISPATCHES_OF_USER);
  const by = (name: Name) => (typeof name === "number" ? ofPerson : ofUser);
  const known = statement<[{ number: string }], number>(
    `select exists (select 1 from campaign c where ${OF_ANY_NUMBER} or c.lane = @number)
      or exists (select 1 from campaign_lane where lane = @number)`,
  ).pluck();
  // A look into each bucket of the index (see schema.ts), of the newest campaign first.
  const ofMessage = statement<[{ messageId: string }], MessagePlace>(`
    with recursive bucket (campaign, number) as (
      select id, rows >> ${MESSAGE_BUCKET_BITS} from campaign
      union all
      select campaign, number - 1 from bucket where number > 0
    )
    select attempt.campaign_id as campaign, attempt.row_number as row, attempt.attempt,
      ${IS_GIVEN_AWAY} as "isGivenAway"
    from bucket cross join attempt indexed by attempt_message
      on attempt.campaign_id = bucket.campaign
      and (attempt.row_number >> ${MESSAGE_BUCKET_BITS}) = bucket.number
      and attempt.message_id = @messageId
    order by bucket.campaign desc, bucket.number desc, attempt.row_number, attempt.attempt
    limit ${SAME_MESSAGE_MAX}
  `);

  return {
    /** The attempts that had this message. */
    *byMessage(messageId: string): Verb<MessagePlace[]> {
      const found = new Map<string, MessagePlace>();
      for (const place of yield* ofMessage.all({ messageId })) {
        const key = `${place.campaign}/${place.row}`;
        const known = found.get(key);
        if (known === undefined || known.attempt < place.attempt) found.set(key, place);
      }
      return [...found.values()];
    },

    /** Dispatches of a person that may be waiting for a message id. */
    *inDoubt(who: Name, number: string | null): Verb<InDoubt[]> {
      return yield* by(who).inDoubt.all({ who, number });
    },

    /**
     * The dispatch of a person whose message may have reached them last in a span of time, of two
     * instants.
     */
    *lastReached(
      who: Name,
      span: { from: number; to: number },
      except: DispatchPlace | undefined,
    ): Verb<Reached | undefined> {
      return yield* by(who).lastReached.get({
        ...{ who, ...span },
        ...{ exceptCampaign: except?.campaign ?? null, exceptRow: except?.row ?? null },
      });
    },

    /** Tells whether any campaign of the ledger sends from the number with this id. */
    *isOurNumber(number: string): Verb<boolean> {
      return (yield* known.get({ number })) === 1;
    },
  };
}

/** A dispatch whose message may have reached its person. */
export interface Reached extends DispatchPlace {
  claimedAt: number;
}

interface ReachedQuestion {
  who: Name;
  from: number;
  to: number;
  exceptCampaign: number | null;
  exceptRow: number | null;
}

function prepareLookups(dispatches: string) {
  return {
    inDoubt: statement<[{ who: Name; number: string | null }], InDoubt>(`
      select c.id as campaign, d.row_number as row, d.status as status, d.claimed_at as "claimedAt"
      from ${dispatches}
      where d.status in ('claimed', 'unknown') and (${OF_ANY_NUMBER} or ${laneSql("d", "c")} = @number)
      order by c.id desc limit ${IN_DOUBT_MAX}
    `),
    lastReached: statement<[ReachedQuestion], Reached>(`
      select c.id as campaign, d.row_number as row, d.claimed_at as "claimedAt"
      from ${dispatches}
      where d.status in ('claimed', 'accepted', 'sent', 'delivered', 'read', 'unknown')
        and d.claimed_at between @from and @to
        and not (c.id is not distinct from @exceptCampaign
          and d.row_number is not distinct from @exceptRow)
      order by d.claimed_at desc, c.id desc limit 1
    `),
  };
}

export type Persons = ReturnType<typeof makePersons>;
