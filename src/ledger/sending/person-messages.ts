// Looks up what campaigns have of a person, by every name of theirs: one piece of SQL for
// `suppress.campaigns` and for the frequency cap.

import { anySql } from "../looks.ts";

/** SQL expressions of whom is asked for, and of which campaigns. */
export interface PersonAsked {
  /** The person's number. */
  person: string;
  /** Null: neither the person nor a campaign has one. */
  userId: string | null;
  /** A query that gives the ids of campaigns as `id`. */
  campaigns: string;
}

/**
 * SQL: where the dispatches `d` of a person are, each query from `from` on. Each name is one look
 * into an index for each campaign. A dispatch may be in two of them.
 * @param fits what else a dispatch has to be, of `d`
 */
export function personDispatches(
  { person, userId, campaigns }: PersonAsked,
  fits: string,
): string[] {
  const phones = `select ${person} as name union select other from alias where person = ${person}`;
  const behindId = "select person from alias_user indexed by alias_user_by_user where user_id =";
  const numbers = userId === null ? phones : `${phones} union ${behindId} ${userId}`;
  const userIds = `
    select ${userId} as name
    union select user_id from (${numbers}) as numbers
    cross join alias_user on alias_user.person = numbers.name
  `;
  const dispatches = `cross join (${campaigns}) as others on true
    cross join dispatch d on d.campaign_id = others.id and d.value_list is not null`;
  const byUserId = `from (${userIds}) as user_ids ${dispatches}
    and d.row_user_id = user_ids.name where ${fits}`;
  return [
    `from (${numbers}) as numbers ${dispatches} and d.person = numbers.name where ${fits}`,
    ...(userId === null ? [] : [byUserId]),
    // A row that was skipped after an attempt stands in another index.
    `from (${numbers}) as numbers
    cross join dispatch d indexed by dispatch_skipped_person
      on d.person = numbers.name and d.value_list is null
    where d.campaign_id in (${campaigns}) and ${fits}`,
  ];
}

/**
 * SQL: the message of the dispatch `d` counts for the frequency cap: it reached its person, or may
 * have. Not one that failed or expired, unless an answer was lost that nothing has settled since.
 */
export const COUNTS_FOR_CAP = `(
  d.status in ('claimed', 'accepted', 'sent', 'delivered', 'read', 'unknown')
  or ${anySql(`from attempt a
    where a.campaign_id = d.campaign_id and a.row_number = d.row_number and a.outcome = 'unknown'
      and (
        a.attempt < d.attempts or d.status not in ('failed', 'expired') or d.error_code = 'given_up'
      )`)}
)`;
