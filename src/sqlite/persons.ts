// Finds the dispatches of a person, by what a webhook calls them. The only place that looks a person up across campaigns, so that
// sending needs no index of its own for receipts. Changes nothing.

import type { Database } from "better-sqlite3";

export interface Place {
  campaign: number;
  row: number;
}

/** A dispatch whose message id is not known yet. */
export interface InDoubt extends Place {
  status: "claimed" | "unknown";
  claimedAt: number;
}

/** More than two dispatches in doubt are as good as two: neither is the only one. */
const IN_DOUBT_MAX = 8;

/**
 * Every dispatch of the person `@person` that is not skipped, newest campaign first, one look into the unique index of persons for
 * each campaign; with `@number`, of campaigns that send from it. A sandbox has whatever number its scenario gives it.
 */
const DISPATCHES_OF_PERSON = `
  campaign c cross join dispatch d
  on d.campaign_id = c.id and d.person = @person and d.value_list is not null
`;
const OF_NUMBER = "(@number is null or c.lane = @number or c.lane = 'sandbox')";

/** Looks people up; its functions run inside the caller's transaction. */
export function makePersons(db: Database) {
  const withMessage = db.prepare<[{ person: number; messageId: string }], Place>(`
    select c.id as campaign, d.row_number as row from ${DISPATCHES_OF_PERSON}
    where d.message_id = @messageId order by c.id desc limit 1
  `);
  const withAttempt = db.prepare<
    [{ person: number; messageId: string }],
    Place & { attempt: number }
  >(`
    select c.id as campaign, d.row_number as row, a.attempt as attempt
    from ${DISPATCHES_OF_PERSON}
    cross join attempt a on a.campaign_id = c.id and a.row_number = d.row_number
    where a.message_id = @messageId order by c.id desc limit 1
  `);
  const inDoubt = db.prepare<[{ person: number; number: string | null }], InDoubt>(`
    select c.id as campaign, d.row_number as row, d.status as status, d.claimed_at as claimedAt
    from ${DISPATCHES_OF_PERSON}
    where d.status in ('claimed', 'unknown') and ${OF_NUMBER}
    order by c.id desc limit ${IN_DOUBT_MAX}
  `);
  const others = db.prepare<[number], number>("select other from alias where person = ?").pluck();
  const ofUserId = db
    .prepare<[string], number>("select person from alias_user where user_id = ?")
    .pluck();
  const known = db
    .prepare<[{ number: string }], number>(
      `select exists (select 1 from campaign c where ${OF_NUMBER})`,
    )
    .pluck();

  return {
    /** Everybody whom WhatsApp's id (as a person) or a user id may stand for; the person of the id first. */
    persons(person: number | null, userId: string | null): number[] {
      const found = new Set<number>();
      if (person !== null) {
        found.add(person);
        for (const other of others.all(person) as number[]) found.add(other);
      }
      if (userId !== null) for (const one of ofUserId.all(userId) as number[]) found.add(one);
      return [...found];
    },

    /** The dispatch that has, or once had, this message; `attempt` is null when it is the message that it has now. */
    byMessage(person: number, messageId: string): (Place & { attempt: number | null }) | undefined {
      const now = withMessage.get({ person, messageId });
      if (now !== undefined) return { ...now, attempt: null };
      return withAttempt.get({ person, messageId });
    },

    /** Dispatches of the person that may be waiting for a message id. */
    inDoubt: (person: number, number: string | null): InDoubt[] => inDoubt.all({ person, number }),

    /** Tells whether any campaign of the ledger sends from the number with this id. */
    isOurNumber: (number: string): boolean => known.get({ number }) === 1,
  };
}

export type Persons = ReturnType<typeof makePersons>;
