// Searches the suppression list for people, newest entries first. It goes through the list, as any
// search for a part of a text must.

import type { SuppressionRecord } from "../../domain/campaign/suppression.ts";
import type { Verb } from "../engine.ts";
import { statement } from "../engine.ts";
import type { SuppressionRow } from "./suppression-rows.ts";
import { SUPPRESSION_COLUMNS, suppressionRecord } from "./suppression-rows.ts";

interface Pattern {
  /** Part of the digits of a number; null when the text holds anything else. */
  digits: string | null;
  /** Part of a user id, a reason or a source, in small letters; null to find everything. */
  words: string | null;
}

/** A number as people write it, or a part of one. */
const DIGITS = /^\+?[\d\s().-]*\d[\d\s().-]*$/;

const MATCHES = `(
  cast(@words as text) is null
  or lower(reason) like @words escape '\\' or lower(source) like @words escape '\\'
  or lower(user_id) like @words escape '\\'
  or instr(cast(phone as text), @digits) > 0 or instr(cast(person as text), @digits) > 0
)`;

/** The searching verbs of the contract. */
export function makeSuppressionSearch() {
  const page = statement<[Pattern & { before: number | null; limit: number }], SuppressionRow>(`
    select ${SUPPRESSION_COLUMNS} from suppression where (cast(@before as bigint) is null or id < @before) and ${MATCHES}
    order by id desc limit @limit
  `);
  const number = statement<[Pattern], number>(
    `select count(*) from suppression where ${MATCHES}`,
  ).pluck();

  return {
    *searchSuppressions(
      text: string,
      before: number | null,
      limit: number,
    ): Verb<SuppressionRecord[]> {
      return (yield* page.all({ ...patternOf(text), before, limit })).map(suppressionRecord);
    },

    *countSuppressions(text: string): Verb<number> {
      return (yield* number.get(patternOf(text))) ?? 0;
    },
  };
}

function patternOf(text: string): Pattern {
  const wanted = text.trim();
  if (wanted === "") return { digits: null, words: null };
  const words = `%${asciiLower(wanted).replace(/[\\%_]/g, "\\$&")}%`;
  return { digits: DIGITS.test(wanted) ? wanted.replace(/\D/g, "") : null, words };
}

/** As SQL's `lower` makes it: letters outside ASCII stay as they are. */
function asciiLower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
