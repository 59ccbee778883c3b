// Which dispatches count as given to a person, as a condition in SQL.

/** What `next_detail` of an attempt is then. */
export const GIVEN_AWAY = '{"given_away":true}';

/** SQL: the attempt was made for a person who has the row no more; never null. */
export const IS_GIVEN_AWAY = `(next_detail is not distinct from '${GIVEN_AWAY}')`;
