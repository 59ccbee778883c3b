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
 * Every dispatch of the person `@who` that is not skipped, newest campaign first, one look into the unique index of persons for
 * each campaign; with `@number`, of campaigns that send from it. A sandbox has whatever number its scenario gives it.
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
const OF_NUMBER = "(@number is null or c.lane = @number or c.lane = 'sandbox')";

/** How dispatches can be asked for: a person as digits, or a user id. */
export type Name = number | string;

/** Looks people up; its functions run inside the caller's transaction. */
export function makePersons(db: Database) {
  const ofPerson = prepareLookups(db, DISPATCHES_OF_PERSON);
  const ofUser = prepareLookups(db, DISPATCHES_OF_USER);
  const others = db.prepare<[number], number>("select other from alias where person = ?").pluck();
  const personsOf = db
    .prepare<[string], number>("select person from alias_user where user_id = ?")
    .pluck();
  const userIdsOf = db
    .prepare<[number], string>("select user_id from alias_user where person = ?")
    .pluck();
  const known = db
    .prepare<[{ number: string }], number>(
      `select exists (select 1 from campaign c where ${OF_NUMBER})`,
    )
    .pluck();
  const by = (name: Name) => (typeof name === "number" ? ofPerson : ofUser);

  return {
    /**
     * Every name of whom WhatsApp's id (as a person) or a user id may stand for: numbers first, the one of the id before the others,
     * then user ids, the one that was told before the others.
     */
    names(person: number | null, userId: string | null): Name[] {
      const persons = new Set<number>();
      if (person !== null) {
        persons.add(person);
        for (const other of others.all(person) as number[]) persons.add(other);
      }
      const userIds = new Set<string>();
      if (userId !== null) {
        userIds.add(userId);
        for (const one of personsOf.all(userId) as number[]) persons.add(one);
      }
      for (const one of persons) {
        for (const other of userIdsOf.all(one) as string[]) userIds.add(other);
      }
      return [...persons, ...userIds];
    },

    /** The dispatch that has, or once had, this message; `attempt` is null when it is the message that it has now. */
    byMessage(who: Name, messageId: string): (Place & { attempt: number | null }) | undefined {
      const now = by(who).withMessage.get({ who, messageId });
      if (now !== undefined) return { ...now, attempt: null };
      return by(who).withAttempt.get({ who, messageId });
    },

    /** Dispatches of somebody that may be waiting for a message id. */
    inDoubt: (who: Name, number: string | null): InDoubt[] => by(who).inDoubt.all({ who, number }),

    /** Tells whether any campaign of the ledger sends from the number with this id. */
    isOurNumber: (number: string): boolean => known.get({ number }) === 1,
  };
}

function prepareLookups(db: Database, dispatches: string) {
  return {
    withMessage: db.prepare<[{ who: Name; messageId: string }], Place>(`
      select c.id as campaign, d.row_number as row from ${dispatches}
      where d.message_id = @messageId order by c.id desc limit 1
    `),
    withAttempt: db.prepare<[{ who: Name; messageId: string }], Place & { attempt: number }>(`
      select c.id as campaign, d.row_number as row, a.attempt as attempt
      from ${dispatches}
      cross join attempt a on a.campaign_id = c.id and a.row_number = d.row_number
      where a.message_id = @messageId order by c.id desc limit 1
    `),
    inDoubt: db.prepare<[{ who: Name; number: string | null }], InDoubt>(`
      select c.id as campaign, d.row_number as row, d.status as status, d.claimed_at as claimedAt
      from ${dispatches}
      where d.status in ('claimed', 'unknown') and ${OF_NUMBER}
      order by c.id desc limit ${IN_DOUBT_MAX}
    `),
  };
}

export type Persons = ReturnType<typeof makePersons>;
