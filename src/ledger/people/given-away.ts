// Which dispatches count as given to a person, as a condition in SQL.

/** SQL: the attempt was made for a person who has the row no more. */
export const IS_GIVEN_AWAY = "next_detail ->> '$.given_away' = 1";
